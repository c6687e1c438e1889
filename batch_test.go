package redshift

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/llm-dev-ops/redshift/transport"
)

// batchTexts are values of types as text, of which the last are none.
var batchTexts = map[Type][]string{
	TypeBoolean:          {"t", "f", "true", "false"},
	TypeSmallInt:         {"0", "-32768", "32767", "+7", "-0", "007"},
	TypeInteger:          {"0", "-2147483648", "2147483647", "42"},
	TypeBigInt:           {"0", "-9223372036854775808", "9223372036854775807", "-1"},
	transport.OIDOID:     {"0", "4294967295", "26"},
	TypeReal:             {"0", "-0", "1.1", "3.4028235e+38", "1e-45", "NaN", "Infinity", "-Infinity"},
	TypeDouble:           {"0.1", "-0", "1.7976931348623157e+308", "5e-324", "NaN", "inf", "-inf", "0.12345678901234566"},
	TypeNumeric:          {"0", "0.00", "-0.01", "12.34", "-99999999999999999999.99", "5", "1.500", ".5", "7."},
	TypeChar:             {"a  ", "", "ä"},
	TypeVarchar:          {"", "x", "Ünïcode 漢字 😀", strings.Repeat("long ", 200), "\\x00"},
	transport.OIDText:    {"text", ""},
	TypeDate:             {"2024-02-29", "0044-03-15 BC", "294276-12-31", "1970-01-01", "4713-01-01 BC", "1969-12-31", "0001-01-01"},
	TypeTime:             {"00:00:00", "24:00:00", "23:59:59.999999", "12:30:00.5"},
	TypeTimeTZ:           {"00:00:00+00", "01:02:03.4-05:30", "12:00:00+01:02:03"},
	TypeTimestamp:        {"2024-01-02 03:04:05.678", "infinity", "-infinity", "0100-01-02 03:04:05 BC", "12024-01-02 03:04:05", "1969-12-31 23:59:59.999999", "294247-01-10 04:00:53"},
	TypeTimestampTZ:      {"2024-01-02 03:04:05.678+02", "infinity", "-infinity", "1970-01-01 00:00:00-05:30", "0001-01-01 00:00:00+01", "0044-03-15 00:00:00+00 BC"},
	TypeIntervalYM:       {"1 years 2 mons", "-1 years 0 mons", "1-2", "178956970 years 7 mons"},
	TypeIntervalDS:       {"1 days 2 hours 3 mins 4.5 secs", "1 day 02:03:04.5", "-1 days 0 hours 0 mins 0.000001 secs"},
	TypeSuper:            {`{"a":[1,null]}`, "null", `"x"`, "1.50"},
	TypeVarbyte:          {"", "00ff", "DEADBEEF", `\x01`},
	TypeGeometry:         {"0101000000", ""},
	TypeGeography:        {"0102"},
	TypeHLLSketch:        {`{"logm":15}`},
	transport.OIDBytea:   {"", "00fe"},
	transport.OIDRegproc: {"now"},
	99999:                {"whatever", ""},
}

// batchBinary is a random value of a type in binary, nil where there is no form.
func batchBinary(r *rand.Rand, t Type) []byte {
	long := func(n int64) []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)) }
	switch t {
	case TypeBoolean:
		return []byte{byte(r.UintN(3))}
	case TypeSmallInt, TypeInteger, TypeBigInt, TypeDouble, TypeReal, transport.OIDOID, TypeIntervalYM, TypeIntervalDS, transport.OIDRegproc:
		size := map[Type]int{TypeSmallInt: 2, TypeBigInt: 8, TypeDouble: 8, TypeIntervalDS: 8}[t]
		if size == 0 {
			size = 4
		}
		n := long(int64(r.Uint64()) >> r.UintN(64))
		return n[8-size:]
	case TypeNumeric:
		n := int64(r.Uint64()) >> r.UintN(64)
		if r.UintN(2) == 0 {
			return long(n)
		}
		return append(long(n>>8), long(int64(r.Uint64()))...) // often 38 digits and more
	case TypeDate:
		return long(firstDay - 2 + r.Int64N(endDay-firstDay+4))[4:]
	case TypeTime:
		return long(r.Int64N(dayMicros + 3))
	case TypeTimeTZ:
		return append(long(r.Int64N(dayMicros+3)), long(r.Int64N(18*7400) - 18*3700)[4:]...)
	case TypeTimestamp, TypeTimestampTZ:
		switch r.UintN(8) {
		case 0:
			return long(math.MaxInt64)
		case 1:
			return long(math.MinInt64)
		}
		return long(firstDay*dayMicros + r.Int64N(math.MaxInt64-1e15) - r.Int64N(10))
	case TypeGeography, transport.OIDBytea:
		b := make([]byte, r.UintN(5))
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		return b
	case TypeChar, TypeVarchar, transport.OIDText, TypeSuper, TypeVarbyte, TypeGeometry, TypeHLLSketch:
		texts := batchTexts[t]
		return []byte(texts[r.IntN(len(texts))])
	}
	return nil
}

// agree compares what a batch and Row.Values make of a value.
func agree(got, want any) bool {
	switch w := want.(type) {
	case Numeric:
		g, ok := got.(Numeric)
		return ok && g.Cmp(w) == 0
	case float64:
		g, ok := got.(float64)
		return ok && math.Float64bits(g) == math.Float64bits(w) || ok && g != g && w != w
	case float32:
		g, ok := got.(float32)
		return ok && math.Float32bits(g) == math.Float32bits(w) || ok && g != g && w != w
	case Timestamp:
		g, ok := got.(Timestamp)
		return ok && g.Inf == w.Inf && g.Time.Equal(w.Time)
	case TimestampTZ:
		g, ok := got.(TimestampTZ)
		return ok && g.Inf == w.Inf && g.Time.Equal(w.Time)
	case Varbyte:
		g, ok := got.(Varbyte)
		return ok && bytes.Equal(g, w)
	case Geometry:
		g, ok := got.(Geometry)
		return ok && bytes.Equal(g, w)
	case Geography:
		g, ok := got.(Geography)
		return ok && bytes.Equal(g, w)
	}
	return reflect.DeepEqual(got, want)
}

func query(t *testing.T, c *Client) *Rows {
	t.Helper()
	rows, err := c.Query(t.Context(), SQL("select"))
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// TestBatchesAreTheRows: batches of any size hold what Values gives, of all types
// in both formats.
func TestBatchesAreTheRows(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	for round := range 60 {
		a := answer{tag: "SELECT"}
		var types []Type
		for typ := range batchTexts {
			types = append(types, typ)
		}
		r.Shuffle(len(types), func(i, k int) { types[i], types[k] = types[k], types[i] })
		for i, typ := range types {
			c := Column{Name: fmt.Sprint("c", i), Type: typ, TypeMod: -1}
			if typ == TypeNumeric && r.IntN(2) == 0 {
				c.TypeMod = 38<<16 | int32(r.IntN(5)) + 4
			}
			if round%2 == 1 && batchBinary(r, typ) != nil && (typ != TypeNumeric || c.TypeMod > 0) {
				c.Format = transport.Binary
			}
			a.cols = append(a.cols, c)
		}
		count, nulls := r.IntN(70), r.IntN(4)
		for range count {
			row := make([][]byte, len(a.cols))
			for i := range row {
				for nulls == 0 || r.IntN(nulls+1) > 0 {
					texts := batchTexts[a.cols[i].Type]
					raw := []byte(texts[r.IntN(len(texts))])
					if a.cols[i].Format == transport.Binary {
						raw = batchBinary(r, a.cols[i].Type)
					}
					var v any
					if store(&a.cols[i], a.cols[i].Format, raw, &v, new(arena)) == nil {
						row[i] = raw
						break
					}
				}
			}
			a.raw = append(a.raw, row)
		}
		c, _ := newClient(t, Config{}, func(*scriptedSession, transport.Statement) answer { return a })
		var want [][]any
		for row, err := range query(t, c).All() {
			if err != nil {
				t.Fatal(err)
			}
			values, err := row.Values()
			if err != nil {
				t.Fatal(err)
			}
			want = append(want, values)
		}
		size, at := 1+r.IntN(20), 0
		var kept []*Batch
		for b, err := range query(t, c).Batches(size) {
			if err != nil {
				t.Fatalf("round %d: %v", round, err)
			}
			if b.First() != int64(at) || b.Len() > size {
				t.Fatalf("%d rows at %d, want at most %d at %d", b.Len(), b.First(), size, at)
			}
			compareBatch(t, b, want)
			at += b.Len()
			switch r.IntN(4) {
			case 0:
				kept = append(kept, b.Clone())
			case 2:
				var spare *Batch
				if n := len(kept); n > 0 { // nobody reads the last one any longer
					spare, kept = kept[n-1], kept[:n-1]
					spare.Vector(r.IntN(len(a.cols))).Data = nil
				}
				if kept = append(kept, b.Exchange(spare)); b.Len() != 0 || spare != nil && spare.Len() != 0 {
					t.Fatal("a batch that was exchanged has rows")
				}
			case 1:
				if kept = append(kept, b.Take()); b.Len() != 0 {
					t.Fatal("a batch that was taken has rows")
				}
			}
		}
		if at != count {
			t.Fatalf("%d rows of %d", at, count)
		}
		for _, b := range kept {
			compareBatch(t, b, want)
		}
		_ = c.Close(t.Context())
	}
}

func compareBatch(t *testing.T, b *Batch, want [][]any) {
	t.Helper()
	for i := range b.Columns() {
		v, nulls := b.Vector(i), 0
		if len(v.Validity) != (b.Len()+7)/8 {
			t.Fatalf("%d bytes of validity for %d rows", len(v.Validity), b.Len())
		}
		for row := range b.Len() {
			if v.Null(row) {
				nulls++
			}
			if got, want := v.Value(row), want[b.First()+int64(row)][i]; !agree(got, want) {
				t.Fatalf("column %s, row %d: %#v, want %#v", TypeName(b.Columns()[i].Type), row, got, want)
			}
		}
		if v.Nulls != nulls {
			t.Fatalf("column %d: %d NULLs, not %d", i, v.Nulls, nulls)
		}
		for tail := b.Len(); tail < 8*len(v.Validity); tail++ {
			if !v.Null(tail) {
				t.Fatal("a bit behind the last row is set")
			}
		}
	}
}

// FuzzVector: a vector has what a scan into any gives, an error where it does.
func FuzzVector(f *testing.F) {
	for i, s := range []string{"t", "-1", "7", "9", "1", "1.5", "NaN", "-1.50", "c", "v", "0044-03-15 BC", "24:00:00", "01:02:03.4+05:30", "2024-01-02 03:04:05", "infinity", "1 years -2 mons", "1 days 02:03:04.5", `{"a":1}`, "00ff", "01", "02", "h", "00", "?"} {
		f.Add(uint8(i), false, int32(-1), []byte(s))
		f.Add(uint8(i), true, int32(10<<16|2+4), []byte("\x00\x00\x00\x00\x00\x00\x00\x07"))
	}
	f.Fuzz(func(t *testing.T, typ uint8, bin bool, mod int32, raw []byte) {
		c := &Column{Name: "c", Type: scanTypes[int(typ)%len(scanTypes)], TypeMod: mod}
		if bin {
			c.Format = transport.Binary
		}
		v := newVector(c, c.Format)
		v.reset()
		got := v.decode(&v, raw)
		if got != nil {
			v.finish(0)
		} else {
			v.finish(1)
		}
		var want any
		err := store(c, c.Format, raw, &want, new(arena))
		switch {
		case errors.Is(got, errFarFuture) || errors.Is(got, errScale) || errors.Is(err, errJSON):
		case (got == nil) != (err == nil):
			t.Fatalf("%s %q: %v, but %v", typeWords(c.Type), raw, got, err)
		case got == nil && !agree(v.Value(0), want):
			t.Fatalf("%s %q: %#v, but %#v", typeWords(c.Type), raw, v.Value(0), want)
		}
	})
}

// A value that is not of its type ends the batches, after the rows before it.
func TestBatchesErrors(t *testing.T) {
	t.Parallel()
	for typ, bad := range map[Type][2]string{
		TypeBoolean: {"secret", ""}, TypeSmallInt: {"32768", "1"}, TypeInteger: {"secret", "12345"}, TypeBigInt: {"secret", "1"},
		transport.OIDOID: {"-1", ""}, TypeReal: {"secret", ""}, TypeDouble: {"0x1p0", "123"}, TypeNumeric: {"secret", "123"},
		TypeDate: {"2023-02-29", "\x7f\xff\xff\xff"}, TypeTime: {"25:00:00", "\xff2345678"}, TypeTimeTZ: {"secret", "1234"},
		TypeTimestamp: {"294247-01-10 04:00:54", "\x7f\xff\xff\xff\xff\xff\xff\xfe"}, TypeTimestampTZ: {"secret", "1"}, TypeIntervalYM: {"secret", "1"},
		TypeIntervalDS: {"secret", "1"}, TypeVarbyte: {"secret", "0"}, TypeGeometry: {"0", "0"}, TypeGeography: {"0", ""}, 99999: {"", "unknown"},
	} {
		for format, raw := range bad {
			if raw == "" {
				continue
			}
			a := answer{cols: []Column{{Name: "n", Type: TypeVarchar}, {Name: "c", Type: typ, TypeMod: -1, Format: transport.Format(format)}, {Name: "z", Type: TypeVarchar}}}
			for range 12 {
				a.raw = append(a.raw, [][]byte{[]byte("ok"), nil, []byte("ok")})
			}
			a.raw[10] = [][]byte{nil, []byte(raw), nil}
			c, tr := newClient(t, Config{}, func(*scriptedSession, transport.Statement) answer { return a })
			n := 0
			var failed error
			for b, err := range query(t, c).Batches(4) {
				if failed = err; err != nil {
					if b != nil {
						t.Error("a batch with the error")
					}
					continue
				}
				for row := range b.Len() {
					if v := b.Vector(0); v.Text(row) != "ok" || v.Nulls != 0 || len(v.Offsets) != b.Len()+1 || b.Vector(1).Nulls != b.Len() || b.Vector(2).Nulls != 0 {
						t.Errorf("row %d of %d: %+v", row, b.Len(), v)
					}
				}
				n += b.Len()
			}
			var e *Error
			if n != 10 || !errors.As(failed, &e) || e.Kind != ErrData || !strings.Contains(e.Error(), `column "c"`) || !strings.Contains(e.Error(), "row 11") || strings.Contains(e.Error(), raw) && len(raw) > 2 {
				t.Errorf("%s %q: %d rows, %v", typeWords(typ), raw, n, failed)
			}
			if tr.open != 0 {
				t.Error("the session was not given back")
			}
		}
	}
}

func TestBatchesEnd(t *testing.T) {
	t.Parallel()
	a := two
	c, tr := newClient(t, Config{}, func(*scriptedSession, transport.Statement) answer { return a })
	for b, err := range query(t, c).Batches(1) {
		if err != nil || b.Len() != 1 {
			t.Fatal(err)
		}
		break
	}
	if tr.open != 0 || c.PoolStats().InUse != 0 {
		t.Error("the session was not given back")
	}
	// The rest of rows that were begun one by one.
	rows := query(t, c)
	rows.Next()
	n := 0
	for b, err := range rows.Batches(0) {
		if n++; err != nil || b.Len() != 1 || b.Vector(0).Int64s[0] != 2 || !b.Vector(1).Null(0) {
			t.Errorf("%+v, %v", b, err)
		}
	}
	for range rows.Batches(0) { // which are closed
		n++
	}
	if n != 1 {
		t.Errorf("%d batches", n)
	}
	// What fails behind some rows.
	a.mid = &transport.ServerError{SQLState: "57014", Message: "cancelled"}
	n = 0
	var failed error
	for b, err := range query(t, c).Batches(0) {
		if failed = err; err == nil {
			n += b.Len()
		}
	}
	if n != 2 || !errors.Is(failed, ErrQueryCancelled) {
		t.Errorf("%d rows, %v", n, failed)
	}
	// Nothing, and a row of another width.
	a = answer{tag: "CREATE TABLE"}
	for b, err := range query(t, c).Batches(0) {
		t.Error(b, err)
	}
	a = answer{cols: two.cols, raw: [][][]byte{{[]byte("1")}}}
	for b, err := range query(t, c).Batches(0) {
		if b != nil || !errors.Is(err, ErrData) || !strings.Contains(err.Error(), "row 1") {
			t.Error(b, err)
		}
	}
}

// Rows that are very wide make short batches.
func TestBatchesOfWideRows(t *testing.T) {
	t.Parallel()
	wide := bytes.Repeat([]byte("w"), batchBytes/2-1)
	a := answer{cols: []Column{{Name: "s", Type: TypeSuper}}, raw: [][][]byte{{wide}, {wide}, {wide}, {wide}}}
	c, _ := newClient(t, Config{}, func(*scriptedSession, transport.Statement) answer { return a })
	var lens []int
	for b, err := range query(t, c).Batches(0) {
		if err != nil {
			t.Fatal(err)
		}
		lens = append(lens, b.Len())
	}
	if fmt.Sprint(lens) != "[3 1]" {
		t.Error(lens)
	}
}

// Numbers of an undeclared scale get the greatest of the scales.
func TestVectorScale(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("9", 37)
	for _, test := range []struct {
		mod   int32
		in    []string
		scale int
		fails bool
	}{
		{-1, []string{"1", "2"}, 0, false},
		{-1, []string{"1.50", "2.5", "-3"}, 2, false},
		{-1, []string{"-1", "2.5", "0.12345678901234567890"}, 20, false},
		{10<<16 | 2 + 4, []string{"1", "2.5"}, 2, false},
		{10<<16 | 2 + 4, []string{"1", "2.125"}, 3, false},
		{-1, []string{long, "0.1"}, 1, false},
		{-1, []string{long, "0.01"}, 0, true},
		{-1, []string{"0.01", "-" + long}, 2, true},
	} {
		c := &Column{Type: TypeNumeric, TypeMod: test.mod}
		v := newVector(c, transport.Text)
		var err error
		n := 0
		for _, s := range test.in {
			if err = v.decode(&v, []byte(s)); err == nil {
				n++
			}
		}
		v.finish(n)
		if (err != nil) != test.fails || v.Scale != test.scale {
			t.Errorf("%v: scale %d, %v", test.in, v.Scale, err)
		}
		for i := range n {
			if want, _ := ParseNumeric(test.in[i]); v.Numeric(i).Cmp(want) != 0 || v.Numeric(i).Scale() != v.Scale {
				t.Errorf("%v: %v", test.in, v.Numeric(i))
			}
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 5000 {
		n := numericOf(r.IntN(2) == 0, r.Uint64()>>(2+r.UintN(62)), r.Uint64(), 0)
		if high, low := n.amount(); !has38(high, low) {
			continue
		}
		by := r.IntN(39)
		want, err := NewNumericBig(new(big.Int).Mul(n.Unscaled(), pow10(by)), by)
		if got, ok := raise(n, by); ok != (err == nil) || ok && got != want {
			t.Fatalf("%v by %d: %v, %v; want %v, %v", n, by, got, ok, want, err)
		}
	}
}

func benchBatches(b *testing.B, cols []Column, rows [2][][]byte) {
	var vectors []Vector
	for i := range cols {
		vectors = append(vectors, newVector(&cols[i], cols[i].Format))
	}
	batch := &Batch{cols: cols, vectors: vectors}
	batch.reset()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if batch.rows == batchRows {
			batch.finish()
			batch.reset()
		}
		if _, err := batch.add(rows[i%2]); err != nil {
			b.Fatal(err)
		}
		batch.rows++
	}
}

// BenchmarkBatch decodes a row.
func BenchmarkBatch(b *testing.B) {
	cols, rows := items()
	benchBatches(b, cols, rows)
}

// BenchmarkBatchBinary decodes a row in binary.
func BenchmarkBatchBinary(b *testing.B) {
	cols, rows := binaryItems(b)
	for i := range cols {
		cols[i].Format = transport.Binary
	}
	benchBatches(b, cols, rows)
}
