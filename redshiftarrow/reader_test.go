package redshiftarrow_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/redshiftarrow"
	"github.com/llm-dev-ops/redshift/transport"
	"github.com/llm-dev-ops/redshift/transport/transporttest"
)

const numeric15 = 15<<16 | 2 + 4 // NUMERIC(15,2)

// forms are columns with texts of theirs, and what Arrow shows of each.
var forms = []struct {
	column      transport.Column
	kind        string
	text, shown []string
}{
	{transport.Column{Name: "b", Type: redshift.TypeBoolean}, "bool", []string{"t", "f"}, []string{"true", "false"}},
	{transport.Column{Name: "i2", Type: redshift.TypeSmallInt}, "int16", []string{"-32768", "7"}, nil},
	{transport.Column{Name: "i4", Type: redshift.TypeInteger}, "int32", []string{"-2147483648", "42"}, nil},
	{transport.Column{Name: "i8", Type: redshift.TypeBigInt}, "int64", []string{"9223372036854775807", "-1"}, nil},
	{transport.Column{Name: "o", Type: transport.OIDOID}, "int64", []string{"4294967295", "0"}, nil},
	{transport.Column{Name: "f4", Type: redshift.TypeReal}, "float32", []string{"1.5", "-0.25"}, nil},
	{transport.Column{Name: "f8", Type: redshift.TypeDouble}, "float64", []string{"0.1", "NaN"}, nil},
	{transport.Column{Name: "n", Type: redshift.TypeNumeric, TypeMod: numeric15}, "decimal(15, 2)", []string{"-0.01", "9999999999999.99"}, nil},
	{transport.Column{Name: "nn", Type: redshift.TypeNumeric, TypeMod: -1}, "utf8", []string{"-0.01", "12345678901234567890123456789012345.67"}, nil},
	{transport.Column{Name: "c", Type: redshift.TypeChar, TypeMod: 8}, "utf8", []string{"ab  ", "    "}, nil},
	{transport.Column{Name: "v", Type: redshift.TypeVarchar, TypeMod: 104}, "utf8", []string{"Ünïcode 漢字 😀", ""}, nil},
	{transport.Column{Name: "d", Type: redshift.TypeDate}, "date32", []string{"2024-02-29", "1969-12-31"}, nil},
	{transport.Column{Name: "ti", Type: redshift.TypeTime}, "time64[us]", []string{"23:59:59.999999", "12:00:00"}, []string{"23:59:59.999999", "12:00:00.000000"}},
	{transport.Column{Name: "tt", Type: redshift.TypeTimeTZ}, "struct<time: time64[us], offset_seconds: int32>", []string{"12:30:00+02", "01:02:03.4-05:30"}, []string{`{"offset_seconds":7200,"time":"12:30:00"}`, `{"offset_seconds":-19800,"time":"01:02:03.4"}`}},
	{transport.Column{Name: "ts", Type: redshift.TypeTimestamp}, "timestamp[us]", []string{"2024-01-02 03:04:05.678", "1969-12-31 23:59:59.999999"}, []string{"2024-01-02T03:04:05.678", "1969-12-31T23:59:59.999999"}},
	{transport.Column{Name: "tz", Type: redshift.TypeTimestampTZ}, "timestamp[us, tz=UTC]", []string{"2024-01-02 03:04:05.678+02", "1970-01-01 00:00:00-05:30"}, []string{"2024-01-02T01:04:05.678Z", "1970-01-01T05:30:00Z"}},
	{transport.Column{Name: "ym", Type: redshift.TypeIntervalYM}, "month_interval", []string{"1 years 2 mons", "-1 years 0 mons"}, []string{"14", "-12"}},
	{transport.Column{Name: "ds", Type: redshift.TypeIntervalDS}, "duration[us]", []string{"1 days 2 hours 3 mins 4.5 secs", "0 days 0 hours 0 mins -1 secs"}, []string{"93784500000us", "-1000000us"}},
	{transport.Column{Name: "s", Type: redshift.TypeSuper}, "extension<arrow.json[storage_type=utf8]>", []string{`{"a":[1,null]}`, "null"}, nil},
	{transport.Column{Name: "vb", Type: redshift.TypeVarbyte}, "binary", []string{"00ff", ""}, []string{"AP8=", ""}},
	{transport.Column{Name: "g", Type: redshift.TypeGeometry}, "binary", []string{"0101000000", "01"}, []string{"AQEAAAA=", "AQ=="}},
	{transport.Column{Name: "h", Type: redshift.TypeHLLSketch}, "utf8", []string{`{"logm":15}`, "{}"}, nil},
}

// client is a Client on a server that answers "q" once and more.
func client(t testing.TB, answer transporttest.Answer) (*redshift.Client, *transporttest.Fake) {
	t.Helper()
	f := transporttest.NewFake(1)
	f.On("q", answer)
	f.On("select 1", transporttest.Answer{Columns: []transport.Column{{Name: "n", Type: redshift.TypeInteger}}})
	c, err := redshift.New(f, redshift.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close(context.Background()) })
	return c, f
}

func query(t testing.TB, c *redshift.Client) *redshift.Rows {
	t.Helper()
	rows, err := c.Query(t.Context(), redshift.SQL("q"))
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// answer has every form's columns, and rows of both texts and of NULLs.
func answer() (a transporttest.Answer) {
	for range 3 {
		a.Rows = append(a.Rows, make([][]byte, len(forms)))
	}
	for i, f := range forms {
		a.Columns = append(a.Columns, f.column)
		for r, s := range f.text {
			a.Rows[2*r][i] = []byte(s) // the NULLs are between
		}
	}
	return a
}

func TestReaderTypes(t *testing.T) {
	t.Parallel()
	c, _ := client(t, answer())
	r, err := redshiftarrow.Reader(query(t, c), redshiftarrow.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Release()
	if !r.Next() || r.RecordBatch().NumRows() != 3 {
		t.Fatalf("no batch of 3 rows: %v", r.Err())
	}
	for i, f := range forms {
		a := r.RecordBatch().Column(i)
		if got := r.Schema().Field(i).Type.String(); got != f.kind && a.DataType().Name() != f.kind {
			t.Errorf("%s is %s", f.column.Name, got)
		}
		if want := f.shown; want == nil {
			f.shown = f.text
		}
		if !a.IsNull(1) || a.NullN() != 1 {
			t.Errorf("%s: %d NULLs in %v", f.column.Name, a.NullN(), a)
		}
		for n, want := range f.shown {
			if got := a.ValueStr(2 * n); got != want {
				t.Errorf("%s: %q is %q, want %q", f.column.Name, f.text[n], got, want)
			}
		}
	}
	if r.Next() || r.Err() != nil {
		t.Errorf("more than one batch, or %v", r.Err())
	}
}

// TestReaderPlain: what a reader of fewer types gets has the server's own text.
func TestReaderPlain(t *testing.T) {
	t.Parallel()
	c, _ := client(t, answer())
	r, err := redshiftarrow.Reader(query(t, c), redshiftarrow.Config{Plain: true, SuperAsString: true})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Release()
	r.Next()
	for i, f := range forms {
		switch f.column.Name {
		case "tt", "ym", "ds", "s":
			a, ok := r.RecordBatch().Column(i).(*array.String)
			if !ok {
				t.Errorf("%s is %s", f.column.Name, r.Schema().Field(i).Type)
				continue
			}
			if a.Value(0) != f.text[0] || !a.IsNull(1) {
				t.Errorf("%s: %q, want %q", f.column.Name, a.Value(0), f.text[0])
			}
		}
	}
}

func TestSchemaMetadata(t *testing.T) {
	t.Parallel()
	cols := []redshift.Column{
		{Name: "price", Type: redshift.TypeNumeric, TypeMod: numeric15, Nullable: transport.NotNull, Catalog: "dev", Schema: "public", Table: "sales", Origin: "p"},
		{Name: "name", Type: redshift.TypeVarchar, TypeMod: 104, Nullable: transport.Nullable},
		{Name: "x", Type: 99999, TypeMod: -1},
	}
	s := redshiftarrow.Schema(cols, redshiftarrow.Config{NotNull: true})
	for i, want := range []string{
		"price: type=decimal(15, 2) [redshift.type: numeric(15,2), redshift.nullable: no, redshift.catalog: dev, redshift.schema: public, redshift.table: sales, redshift.column: p]",
		"name: type=utf8, nullable [redshift.type: varchar(100), redshift.nullable: yes]",
		"x: type=utf8, nullable [redshift.type: 99999]",
	} {
		f := s.Field(i)
		got := f.Name + ": type=" + f.Type.String()
		if f.Nullable {
			got += ", nullable"
		}
		var pairs []string
		for k, key := range f.Metadata.Keys() {
			pairs = append(pairs, key+": "+f.Metadata.Values()[k])
		}
		if got += " [" + strings.Join(pairs, ", ") + "]"; got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	if f := redshiftarrow.Schema(cols, redshiftarrow.Config{}).Field(0); !f.Nullable {
		t.Error("without NotNull a field is not nullable")
	}
}

func TestReaderErrors(t *testing.T) {
	t.Parallel()
	ints := []transport.Column{{Name: "n", Type: redshift.TypeInteger, Nullable: transport.NotNull}}
	gone := errors.New("the connection broke")
	for name, c := range map[string]struct {
		answer  transporttest.Answer
		cfg     redshiftarrow.Config
		batches int
		kind    error
		words   string
	}{
		"a value of another type": {transporttest.Answer{Columns: ints, Rows: [][][]byte{{[]byte("1")}, {[]byte("2")}, {[]byte("x")}}}, redshiftarrow.Config{BatchRows: 1}, 2, redshift.ErrData, "row 3"},
		"the end of the server":   {transporttest.Answer{Columns: ints, Rows: [][][]byte{{[]byte("1")}}, Late: gone}, redshiftarrow.Config{BatchRows: 1}, 1, gone, "broke"},
		"a NULL of none":          {transporttest.Answer{Columns: ints, Rows: [][][]byte{{[]byte("1")}, {nil}}}, redshiftarrow.Config{BatchRows: 1, NotNull: true}, 1, redshift.ErrData, "NOT NULL"},
		"too many digits": {transporttest.Answer{
			Columns: []transport.Column{{Name: "n", Type: redshift.TypeNumeric, TypeMod: numeric15}},
			Rows:    [][][]byte{{[]byte("1.005")}},
		}, redshiftarrow.Config{}, 0, redshift.ErrData, "3 digits"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cl, _ := client(t, c.answer)
			r, err := redshiftarrow.Reader(query(t, cl), c.cfg)
			if err != nil {
				t.Fatal(err)
			}
			n := 0
			for r.Next() {
				n++
			}
			if n != c.batches || !errors.Is(r.Err(), c.kind) || !strings.Contains(r.Err().Error(), c.words) {
				t.Errorf("after %d batches %v", n, r.Err())
			}
			if r.Next() || r.RecordBatch() != nil {
				t.Error("there is a batch behind an error")
			}
			r.Release()
			if _, err := cl.Execute(t.Context(), redshift.SQL("select 1")); err != nil {
				t.Errorf("the session was not given back: %v", err)
			}
		})
	}
	cl, f := client(t, transporttest.Answer{Columns: ints})
	f.On("set x", transporttest.Answer{Tag: "SET"})
	rows, err := cl.Query(t.Context(), redshift.SQL("set x"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := redshiftarrow.Reader(rows, redshiftarrow.Config{}); !errors.Is(err, redshift.ErrUsage) {
		t.Errorf("of a statement without rows: %v", err)
	}
	if _, err := redshiftarrow.Reader(query(t, cl), redshiftarrow.Config{BatchRows: -1}); !errors.Is(err, redshift.ErrUsage) {
		t.Errorf("of batches of -1 rows: %v", err)
	}
}

// TestReaderRelease: a reader that is left gives the session back, read or not, and
// not before its last owner.
func TestReaderRelease(t *testing.T) {
	t.Parallel()
	for _, read := range []int{0, 1, 3} {
		c, _ := client(t, answer())
		r, err := redshiftarrow.Reader(query(t, c), redshiftarrow.Config{BatchRows: 1})
		if err != nil {
			t.Fatal(err)
		}
		for range read {
			if !r.Next() {
				t.Fatal(r.Err())
			}
		}
		r.Retain()
		r.Release()
		if read < 3 && !r.Next() {
			t.Fatalf("ended by the first of two Releases: %v", r.Err())
		}
		kept := r.RecordBatch()
		kept.Retain()
		want := kept.Column(10).ValueStr(0)
		r.Release()
		if got := kept.Column(10).ValueStr(0); got != want {
			t.Errorf("a retained batch changed from %q to %q", want, got)
		}
		kept.Release()
		if _, err := c.Execute(t.Context(), redshift.SQL("select 1")); err != nil {
			t.Errorf("after %d batches the session was not given back: %v", read, err)
		}
	}
}

// TestReaderSizes: any size of batches gives the rows that came.
func TestReaderSizes(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 0))
	a := answer()
	a.Rows = nil
	for range 150 {
		row := make([][]byte, len(forms))
		for i, f := range forms {
			if n := rnd.IntN(3); n < 2 {
				row[i] = []byte(f.text[n])
			}
		}
		a.Rows = append(a.Rows, row)
	}
	c, _ := client(t, a)
	var want []string
	for row, err := range query(t, c).All() {
		if err != nil {
			t.Fatal(err)
		}
		line := ""
		for i, raw := range row.Raw() {
			line += "|" + shown(i, raw)
		}
		want = append(want, line)
	}
	for _, size := range []int{1, 2, 7, 8, 9, 64, 150, 1000} {
		r, err := redshiftarrow.Reader(query(t, c), redshiftarrow.Config{BatchRows: size})
		if err != nil {
			t.Fatal(err)
		}
		var kept []arrow.RecordBatch // what is retained stays
		for r.Next() {
			r.RecordBatch().Retain()
			kept = append(kept, r.RecordBatch())
		}
		if r.Err() != nil {
			t.Fatal(r.Err())
		}
		r.Release()
		var got []string
		for _, b := range kept {
			for n := range int(b.NumRows()) {
				line := ""
				for i := range forms {
					line += "|" + b.Column(i).ValueStr(n)
				}
				got = append(got, line)
			}
			b.Release()
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			for i, line := range want {
				if i >= len(got) || got[i] != line {
					t.Fatalf("in batches of %d rows, of which %d came, differs from what came:\n%v\n%s", size, len(got), got[i:min(i+1, len(got))], line)
				}
			}
			t.Errorf("batches of %d rows: %d rows, want %d", size, len(got), len(want))
		}
	}
}

// shown is what Arrow shows of a form's text.
func shown(form int, text []byte) string {
	f := forms[form]
	if text == nil && f.column.Type == redshift.TypeSuper {
		return "null" // as of JSON's own
	}
	if text == nil {
		return array.NullValueStr
	}
	if n := slices.Index(f.text, string(text)); n >= 0 && f.shown != nil {
		return f.shown[n]
	}
	return string(text)
}
