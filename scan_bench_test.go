package redshift

import (
	"testing"
	"time"

	"github.com/llm-dev-ops/redshift/transport"
)

// item is shaped like a row of TPC-H's lineitem.
type item struct {
	OrderKey, PartKey              int64
	LineNumber, SuppKey            int32
	Quantity, Price, Discount, Tax Numeric
	ReturnFlag, LineStatus         string
	ShipDate, CommitDate           Date
	Loaded                         time.Time
	ShipInstruct, ShipMode         string
	Comment                        *string
	Note                           string
	Score                          float64
}

func (v *item) fields() []any {
	return []any{
		&v.OrderKey, &v.PartKey, &v.LineNumber, &v.SuppKey, &v.Quantity, &v.Price, &v.Discount, &v.Tax,
		&v.ReturnFlag, &v.LineStatus, &v.ShipDate, &v.CommitDate, &v.Loaded, &v.ShipInstruct, &v.ShipMode, &v.Comment, &v.Note, &v.Score,
	}
}

// items are two rows of items, which take turns.
func items() (cols []Column, rows [2][][]byte) {
	for _, c := range []struct {
		name string
		t    Type
		a, b string
	}{
		{"orderkey", TypeBigInt, "1000001", "1000002"},
		{"partkey", TypeBigInt, "15518935", "6731026"},
		{"linenumber", TypeInteger, "1", "2"},
		{"suppkey", TypeInteger, "768951", "73092"},
		{"quantity", TypeNumeric, "17.00", "36.00"},
		{"price", TypeNumeric, "33078.94", "38306.16"},
		{"discount", TypeNumeric, "0.04", "0.09"},
		{"tax", TypeNumeric, "0.02", "0.06"},
		{"return_flag", TypeVarchar, "N", "R"},
		{"line_status", TypeVarchar, "O", "F"},
		{"ship_date", TypeDate, "1996-03-13", "1996-04-12"},
		{"commit_date", TypeDate, "1996-02-12", "1996-02-28"},
		{"loaded", TypeTimestamp, "1996-03-22 03:04:05.678", "1996-04-20 11:12:13.456"},
		{"ship_instruct", TypeVarchar, "DELIVER IN PERSON", "TAKE BACK RETURN"},
		{"ship_mode", TypeVarchar, "TRUCK", "MAIL"},
		{"comment", TypeVarchar, "egular courts above the", "ly final dependencies: slyly bold"},
		{"note", TypeVarchar, "furiously regular packages sleep slyly a", "carefully final deposits against quick r"},
		{"score", TypeDouble, "0.8437412341234567", "0.12345678901234566"},
	} {
		cols = append(cols, Column{Name: c.name, Type: c.t, TypeMod: -1})
		rows[0], rows[1] = append(rows[0], []byte(c.a)), append(rows[1], []byte(c.b))
	}
	return cols, rows
}

func benchRows(b *testing.B, read func(Row) error) {
	cols, rows := items()
	var s scans
	row := Row{cols, make([]transport.Format, len(cols)), nil, &s}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		row.values = rows[i%2]
		if err := read(row); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkScan(b *testing.B) {
	var v item
	dst := v.fields()
	benchRows(b, func(r Row) error { return r.Scan(dst...) })
}

// BenchmarkScanCopy scans rows that are on their own.
func BenchmarkScanCopy(b *testing.B) {
	var v item
	dst := v.fields()
	benchRows(b, func(r Row) error {
		r.scans = nil
		return r.Scan(dst...)
	})
}

func BenchmarkByName(b *testing.B) {
	benchRows(b, func(r Row) error { _, err := ByName[item](r); return err })
}

func BenchmarkByPos(b *testing.B) {
	benchRows(b, func(r Row) error { _, err := ByPos[item](r); return err })
}

func BenchmarkValues(b *testing.B) {
	benchRows(b, func(r Row) error { _, err := r.Values(); return err })
}
