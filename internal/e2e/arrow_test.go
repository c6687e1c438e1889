package e2e

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/extensions"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/bulk"
	"github.com/llm-dev-ops/redshift/redshiftarrow"
)

// TestArrowRoundTrip: a table of every type, read as Arrow over the wire and through
// UNLOAD, in text and in binary, is loaded from that and is the same again.
func TestArrowRoundTrip(t *testing.T) {
	t.Parallel()
	s, c := both(t)
	st := stage(t, s)
	const names = "b, i2, i4, i8, f4, f8, n1, n2, d, t, tz, ts, tstz, ym, ds, c, v, s, vb"
	exec1(t, c, everyColumn)
	for _, row := range everyRow {
		exec1(t, c, "INSERT INTO every_column ("+names+") VALUES ("+row+")")
	}
	const query = "SELECT " + names + " FROM every_column ORDER BY id"
	p, err := c.Prepare(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	want := exec1(t, c, query+" ")
	for i, read := range []func() (*redshift.Rows, error){
		func() (*redshift.Rows, error) { return c.Query(t.Context(), redshift.SQL(query)) },
		func() (*redshift.Rows, error) { return p.Query(t.Context()) },
		func() (*redshift.Rows, error) {
			return bulk.Read(t.Context(), c, bulk.ReadPlan{Query: redshift.SQL(query), Via: bulk.ViaWire})
		},
		func() (*redshift.Rows, error) {
			return bulk.Read(t.Context(), c, bulk.ReadPlan{Query: redshift.SQL(query), Via: bulk.ViaUnload, Ordered: true, Stage: st, Prefix: "s3://emulator/bulk"})
		},
	} {
		for j, cfg := range []redshiftarrow.Config{{}, {BatchRows: 1}, {Plain: true, SuperAsString: true}} {
			rows, err := read()
			if err != nil {
				t.Fatal(err)
			}
			r, err := redshiftarrow.Reader(rows, cfg)
			if err != nil {
				t.Fatal(err)
			}
			table := fmt.Sprintf("again_%d_%d", i, j)
			exec1(t, c, "CREATE TABLE "+table+" (LIKE every_column INCLUDING DEFAULTS)")
			exec1(t, c, "ALTER TABLE "+table+" DROP COLUMN id")
			res, err := bulk.Load(t.Context(), c, bulk.LoadPlan{
				Table: redshift.TableRef{Name: table}, Source: redshiftarrow.Source(r), Stage: st, Prefix: "s3://emulator/bulk",
			})
			r.Release()
			if err != nil {
				t.Fatalf("%s: %v", table, err)
			}
			if res.Inserted != int64(len(everyRow)) {
				t.Errorf("%s: %+v", table, res)
			}
			// The least integer of the rows tells them apart.
			got := exec1(t, c, "SELECT "+names+" FROM "+table+" ORDER BY i4 DESC")
			order := []int{0, 2, 1}
			// An empty VARBYTE is NULL to COPY from CSV, as all but texts are.
			empty := len(want.Columns) - 1
			for n, row := range got.Rows {
				g, _ := row.Values()
				w, _ := want.Rows[order[n]].Values()
				for k := range w {
					if k == empty && fmt.Sprint(w[k]) == "[]" {
						w[k] = nil
					}
					if fmt.Sprintf("%T %v", g[k], g[k]) != fmt.Sprintf("%T %v", w[k], w[k]) {
						t.Errorf("%s: %s is %T %v, want %T %v", table, want.Columns[k].Name, g[k], g[k], w[k], w[k])
					}
				}
			}
		}
	}
	if err := p.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if n := staged(t, st); n != 0 {
		t.Errorf("%d objects are left", n)
	}
	if n := c.PoolStats().InUse; n > 0 {
		t.Errorf("%d sessions are in use", n)
	}
}

// foreign is a field as other programs make it, its values as Arrow's JSON, and what
// the column of a type is then.
var foreign = []struct {
	kind   arrow.DataType
	values string
	column string
	want   string // of the values, NULLs aside
}{
	{arrow.Null, `[null, null]`, "int", ""},
	{arrow.PrimitiveTypes.Int8, `[-128, null]`, "smallint", "-128"},
	{arrow.PrimitiveTypes.Uint8, `[255]`, "numeric(5,2)", "255.00"},
	{arrow.PrimitiveTypes.Uint16, `[65535]`, "int", "65535"},
	{arrow.PrimitiveTypes.Uint32, `[4294967295]`, "bigint", "4294967295"},
	{arrow.PrimitiveTypes.Uint64, `[18446744073709551615, 1]`, "numeric(20,0)", "18446744073709551615 1"},
	{arrow.FixedWidthTypes.Float16, `[1.5]`, "real", "1.5"},
	{arrow.PrimitiveTypes.Float32, `[0.1]`, "numeric(5,2)", "0.10"},
	{arrow.PrimitiveTypes.Int64, `[7]`, "float", "7"},
	{arrow.BinaryTypes.LargeString, `["Ü", null, ""]`, "varchar(9)", "Ü "},
	{arrow.BinaryTypes.StringView, `["a string that is not inline"]`, "varchar(40)", "a string that is not inline"},
	{arrow.BinaryTypes.String, `["{\"a\":1}"]`, "super", `"{\"a\":1}"`},
	{arrow.BinaryTypes.LargeBinary, `["AP8="]`, "varbyte(9)", "[0 255]"},
	{arrow.BinaryTypes.BinaryView, `["AP8="]`, "varbyte(9)", "[0 255]"},
	{&arrow.FixedSizeBinaryType{ByteWidth: 2}, `["AP8=", null]`, "varbyte(2)", "[0 255]"},
	{arrow.FixedWidthTypes.Date32, `["1969-12-31"]`, "timestamp", "1969-12-31 00:00:00"},
	{arrow.FixedWidthTypes.Date64, `["2024-02-29"]`, "date", "2024-02-29"},
	{arrow.FixedWidthTypes.Time32s, `["01:02:03"]`, "time", "01:02:03"},
	{arrow.FixedWidthTypes.Time64ns, `["01:02:03.000004"]`, "time", "01:02:03.000004"},
	{&arrow.TimestampType{Unit: arrow.Second}, `["2024-02-29 01:02:03"]`, "timestamptz", "2024-02-29 01:02:03+00"},
	{&arrow.TimestampType{Unit: arrow.Millisecond, TimeZone: "Asia/Tokyo"}, `["2024-02-29 01:02:03.004Z"]`, "timestamp", "2024-02-29 10:02:03.004"},
	{&arrow.TimestampType{Unit: arrow.Nanosecond, TimeZone: "+02:00"}, `["2024-02-29 01:02:03.004Z"]`, "timestamptz", "2024-02-29 01:02:03.004+00"},
	{&arrow.Decimal32Type{Precision: 5, Scale: 2}, `["-1.23"]`, "numeric(9,3)", "-1.230"},
	{&arrow.Decimal64Type{Precision: 9, Scale: -2}, `["1200"]`, "bigint", "1200"},
	{&arrow.Decimal128Type{Precision: 38, Scale: 38}, `["0.5"]`, "numeric(38,1)", "0.5"},
	{&arrow.Decimal256Type{Precision: 76, Scale: 10}, `["-1234567890123456789012345678.0123456789"]`, "numeric(38,10)", "-1234567890123456789012345678.0123456789"},
	{&arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int8, ValueType: arrow.BinaryTypes.String}, `["x", null, "y", "x"]`, "varchar(9)", "x y x"},
	{arrow.FixedWidthTypes.DayTimeInterval, `[{"days": 1, "milliseconds": 2}]`, "interval day to second", "1 days 0 hours 0 mins 0.002 secs"},
	{extensions.NewUUIDType(), `["f81d4fae-7dec-11d0-a765-00a0c91e6bf6"]`, "varchar(36)", "f81d4fae-7dec-11d0-a765-00a0c91e6bf6"},
	{extensions.NewUUIDType(), `["f81d4fae-7dec-11d0-a765-00a0c91e6bf6"]`, "varbyte(16)", "[248 29 79 174 125 236 17 208 167 101 0 160 201 30 107 246]"},
	{arrow.ListOf(arrow.PrimitiveTypes.Int32), `[[1, null], [], null]`, "super", "[1,null] []"},
	{arrow.StructOf(arrow.Field{Name: "a", Type: arrow.BinaryTypes.String, Nullable: true}), `[{"a": "x"}, {"a": null}]`, "super", `{"a":"x"} {"a":null}`},
	{arrow.MapOf(arrow.BinaryTypes.String, arrow.PrimitiveTypes.Int64), `[[{"key": "k", "value": 1}]]`, "super", `[{"key":"k","value":1}]`},
}

// one is a reader of one field.
func one(t *testing.T, kind arrow.DataType, values string) array.RecordReader {
	t.Helper()
	a, _, err := array.FromJSON(memory.DefaultAllocator, kind, strings.NewReader(values))
	if err != nil {
		t.Fatalf("%s: %v", kind, err)
	}
	return reader(t, a)
}

func reader(t *testing.T, a arrow.Array) array.RecordReader {
	t.Helper()
	schema := arrow.NewSchema([]arrow.Field{{Name: "V", Type: a.DataType(), Nullable: true}}, nil)
	r, err := array.NewRecordReader(schema, []arrow.RecordBatch{array.NewRecordBatch(schema, []arrow.Array{a}, int64(a.Len()))})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestArrowLoadForeign(t *testing.T) {
	t.Parallel()
	s, c := both(t)
	st := stage(t, s)
	for i, f := range foreign {
		table := fmt.Sprintf("f%d", i)
		exec1(t, c, "CREATE TABLE "+table+" (id int identity(1,1), v "+f.column+")")
		if _, err := bulk.Load(t.Context(), c, bulk.LoadPlan{
			Table: redshift.TableRef{Name: table}, Source: redshiftarrow.Source(one(t, f.kind, f.values)), Stage: st, Prefix: "s3://emulator/bulk",
		}); err != nil {
			t.Errorf("%s to %s: %v", f.kind, f.column, err)
			continue
		}
		var got []string
		for _, row := range exec1(t, c, "SELECT v FROM "+table+" ORDER BY id").Rows {
			v, err := row.Values()
			if err != nil {
				t.Fatal(err)
			}
			if v[0] != nil {
				got = append(got, fmt.Sprint(v[0]))
			}
		}
		if strings.Join(got, " ") != f.want {
			t.Errorf("%s to %s: %q, want %q", f.kind, f.column, got, f.want)
		}
	}
}

func TestArrowLoadRefused(t *testing.T) {
	t.Parallel()
	s, c := both(t)
	st := stage(t, s)
	exec1(t, c, "CREATE TABLE no (i int, n numeric(5,2), t time, ts timestamp, v varchar(3), d varchar(60))")
	ends := array.NewTimestampBuilder(memory.DefaultAllocator, &arrow.TimestampType{Unit: arrow.Microsecond})
	ends.Append(arrow.Timestamp(math.MaxInt64))
	wide := array.NewDecimal128Builder(memory.DefaultAllocator, &arrow.Decimal128Type{Precision: 38, Scale: 3})
	wide.Append(decimal128.FromI64(1001))
	source := func(column string, r array.RecordReader) bulk.LoadPlan {
		return bulk.LoadPlan{
			Table: redshift.TableRef{Name: "no"}, Columns: []string{column}, Stage: st, Prefix: "s3://emulator/bulk",
			Source: redshiftarrow.Source(renamed{r, column}),
		}
	}
	months := arrow.FixedWidthTypes.MonthDayNanoInterval
	for name, f := range map[string]struct {
		plan  bulk.LoadPlan
		kind  error
		words string
	}{
		"an integer that is too large": {source("i", one(t, arrow.PrimitiveTypes.Int64, `[1, 2147483648]`)), redshift.ErrData, `row 2, column "i"`},
		"a decimal with more digits":   {source("n", reader(t, wide.NewArray())), redshift.ErrData, "digits"},
		"a time of nanoseconds":        {source("t", one(t, arrow.FixedWidthTypes.Time64ns, `["01:02:03.000000004"]`)), redshift.ErrData, `row 1, column "t": is finer`},
		"an infinite timestamp":        {source("ts", reader(t, ends.NewArray())), redshift.ErrData, `column "ts": is infinite`},
		"a text that is too long":      {source("v", one(t, arrow.BinaryTypes.String, `["abcd"]`)), redshift.ErrData, "does not fit"},
		"a list":                       {source("v", one(t, arrow.ListOf(arrow.PrimitiveTypes.Int8), `[[1]]`)), redshift.ErrUsage, "varchar"},
		"an interval of months and ns": {source("d", one(t, months, `[{"months": 1, "days": 1, "nanoseconds": 1}]`)), redshift.ErrUsage, "month_day_nano"},
		"no reader":                    {bulk.LoadPlan{Table: redshift.TableRef{Name: "no"}, Stage: st, Prefix: "s3://emulator/bulk", Source: redshiftarrow.Source(nil)}, redshift.ErrUsage, "no reader"},
	} {
		if _, err := bulk.Load(t.Context(), c, f.plan); !errors.Is(err, f.kind) || !strings.Contains(err.Error(), f.words) {
			t.Errorf("%s: %v", name, err)
		}
	}
	plan := source("i", one(t, arrow.PrimitiveTypes.Int8, `[1]`))
	if _, err := bulk.Load(t.Context(), c, plan); err != nil {
		t.Error(err)
	}
	if _, err := bulk.Load(t.Context(), c, plan); !errors.Is(err, redshift.ErrUsage) {
		t.Errorf("a reader is loaded twice: %v", err)
	}
	if n := value[int64](t, c, "SELECT count(*) FROM no"); n != 1 {
		t.Errorf("%d rows", n)
	}
}

// renamed is a reader of one field, which has another name.
type renamed struct {
	array.RecordReader
	name string
}

func (r renamed) Schema() *arrow.Schema {
	f := r.RecordReader.Schema().Field(0)
	f.Name = r.name
	return arrow.NewSchema([]arrow.Field{f}, nil)
}
