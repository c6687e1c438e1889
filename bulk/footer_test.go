package bulk

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"

	"github.com/llm-dev-ops/redshift"
)

// every is a column of each kind that a footer may have.
type every struct {
	B   bool              `parquet:"b"`
	I8  int8              `parquet:"i8"`
	I16 int16             `parquet:"i16"`
	I32 int32             `parquet:"i32"`
	I64 int64             `parquet:"i64"`
	U32 uint32            `parquet:"u32"`
	U64 uint64            `parquet:"u64"`
	F32 float32           `parquet:"f32"`
	F64 float64           `parquet:"f64"`
	N   int64             `parquet:"n,decimal(2:15)"`
	D   int32             `parquet:"d,date"`
	TS  time.Time         `parquet:"ts,timestamp(microsecond)"`
	S   string            `parquet:"s"`
	O   *string           `parquet:"o,optional"`
	VB  []byte            `parquet:"vb"`
	L   []string          `parquet:"l,list"`
	G   struct{ A int32 } `parquet:"g"`
}

func everyFile(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	w := parquet.NewGenericWriter[every](&b)
	if _, err := w.Write(make([]every, 3)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestParquetColumns(t *testing.T) {
	t.Parallel()
	data := everyFile(t)
	columns, rows, err := ParquetColumns(bytes.NewReader(data), int64(len(data)))
	if err != nil || rows != 3 {
		t.Fatal(rows, err)
	}
	want := []struct {
		name, ddl string
		loads     redshift.Type
	}{
		{"b", "BOOLEAN", redshift.TypeBoolean},
		{"i8", "SMALLINT", redshift.TypeSmallInt},
		{"i16", "SMALLINT", redshift.TypeSmallInt},
		{"i32", "INTEGER", redshift.TypeInteger},
		{"i64", "BIGINT", redshift.TypeBigInt},
		{"u32", "BIGINT", redshift.TypeBigInt},
		{"u64", "SUPER", redshift.TypeSuper},
		{"f32", "REAL", redshift.TypeDouble},
		{"f64", "DOUBLE PRECISION", redshift.TypeDouble},
		{"n", "NUMERIC(15,2)", redshift.TypeNumeric},
		{"d", "DATE", redshift.TypeDate},
		{"ts", "TIMESTAMPTZ", redshift.TypeTimestamp},
		{"s", "VARCHAR(65535)", redshift.TypeVarchar},
		{"o", "VARCHAR(65535)", redshift.TypeChar},
		{"vb", "VARBYTE(65535)", redshift.TypeVarbyte},
		{"l", "SUPER", redshift.TypeSuper},
		{"g", "SUPER", redshift.TypeSuper},
	}
	if len(columns) != len(want) {
		t.Fatalf("%d columns", len(columns))
	}
	for i, c := range columns {
		if c.Name != want[i].name || c.DDL != want[i].ddl || !slices.Contains(c.Loads, want[i].loads) {
			t.Errorf("%+v, want %+v", c, want[i])
		}
	}
}

// A footer that is broken is an error, and nothing worse.
func FuzzParquetColumns(f *testing.F) {
	data := everyFile(f)
	f.Add(data)
	f.Add(data[:len(data)/2])
	f.Add([]byte("PAR1\x00\x00\x00\x00PAR1"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<16 {
			return
		}
		columns, _, err := ParquetColumns(bytes.NewReader(data), int64(len(data)))
		for _, c := range columns {
			if err == nil && c.DDL == "" {
				t.Errorf("%+v", c)
			}
		}
	})
}
