//go:build cgo

package engine

import (
	"context"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
)

func open(t testing.TB, c Config) *Conn {
	t.Helper()
	db, err := Open(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := db.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = conn.Close(), db.Close() })
	return conn
}

func one(t *testing.T, c *Conn, sql string, params ...Value) string {
	t.Helper()
	r, err := c.Query(context.Background(), sql, params)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	defer r.Close()
	chunk, err := r.Next(context.Background())
	if err != nil || chunk == nil {
		t.Fatalf("%s: %v %v", sql, chunk, err)
	}
	if chunk.IsNull(0, 0) {
		return "NULL"
	}
	return string(chunk.AppendText(nil, 0, 0))
}

func TestText(t *testing.T) {
	t.Parallel()
	c := open(t, Config{})
	for _, k := range [][2]string{
		{"true", "t"},
		{"NULL", "NULL"},
		{"(-32768)::smallint", "-32768"},
		{"1.50::decimal(4,2)", "1.50"},
		{"(-0.05)::decimal(18,2)", "-0.05"},
		{"0::decimal(9,3)", "0.000"},
		{"'-99999999999999999999999999999999999999'::decimal(38,0)", "-99999999999999999999999999999999999999"},
		{"0.1::double", "0.1"},
		{"'nan'::double", "NaN"},
		{"'-inf'::float", "-Infinity"},
		{"1e20::double", "1e+20"},
		{"0.1::float", "0.1"},
		{"date '2024-02-29'", "2024-02-29"},
		{"date '0044-03-15 (BC)'", "0044-03-15 BC"},
		{"date '12345-01-01'", "12345-01-01"},
		{"timestamp '1969-12-31 23:59:59.5'", "1969-12-31 23:59:59.5"},
		{"timestamptz '2024-01-02 03:04:05+00'", "2024-01-02 03:04:05+00"},
		{"time '04:05:06.000070'", "04:05:06.00007"},
		{"timetz '04:05:06+05:30'", "04:05:06+05:30"},
		{"interval '14 months'", "1 year 2 mons"},
		{"interval '3 days 4 hours 5 minutes 6.5 seconds'", "3 days 04:05:06.5"},
		{"'\\xAB'::blob", "ab"},
		{"'long enough not to be inlined'", "long enough not to be inlined"},
		{"170141183460469231731687303715884105727::hugeint", "170141183460469231731687303715884105727"},
	} {
		if got := one(t, c, "SELECT "+k[0]); got != k[1] {
			t.Errorf("%s = %q, want %q", k[0], got, k[1])
		}
	}
	if got := one(t, c, "SELECT $1::varchar || $2::varchar", Text("a\x00b"), Int64(7)); got != "a\x00b7" {
		t.Errorf("parameters: %q", got)
	}
}

func TestDataRow(t *testing.T) {
	t.Parallel()
	c := open(t, Config{})
	r, err := c.Query(context.Background(), "SELECT 7::integer, 'ab', NULL::varchar, timestamptz '2024-07-01 00:00:00+00'", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	zone := time.FixedZone("x", -5*3600)
	e, err := NewEncoder([]rstype.Type{{Kind: rstype.Int4}, {Kind: rstype.Char, Len: 4}, {Kind: rstype.Varchar}, {Kind: rstype.TimestampTZ}}, []int16{1, 0, 0, 0}, Session{TimeZone: zone})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Match(r.Columns()); err != nil {
		t.Fatal(err)
	}
	chunk, err := r.Next(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	want := "D\x00\x00\x00\x34\x00\x04\x00\x00\x00\x04\x00\x00\x00\x07\x00\x00\x00\x04ab  \xff\xff\xff\xff\x00\x00\x00\x162024-06-30 19:00:00-05"
	if got := string(e.AppendDataRow(nil, chunk, 0)); got != want {
		t.Errorf("%q\nwant %q", got, want)
	}
}

func TestSandbox(t *testing.T) {
	t.Parallel()
	dir, out := t.TempDir(), t.TempDir()
	secret := filepath.Join(out, "secret.csv")
	if err := os.WriteFile(secret, []byte("a\n1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := open(t, Config{StagingDir: dir})
	for _, sql := range []string{
		"SELECT * FROM read_csv(" + quote(secret) + ")", "ATTACH " + quote(filepath.Join(out, "x.db")),
		"INSTALL httpfs", "COPY (SELECT 1) TO " + quote(filepath.Join(out, "o.csv")),
		"SET enable_external_access=true", "SET memory_limit='1TB'", "SET allowed_directories=['/']",
	} {
		if _, err := c.Exec(context.Background(), sql, nil); err == nil {
			t.Errorf("allowed: %s", sql)
		}
	}
	for _, sql := range []string{"COPY (SELECT 1) TO " + quote(filepath.Join(dir, "o.csv")), "SET TimeZone='Europe/Berlin'"} {
		if _, err := c.Exec(context.Background(), sql, nil); err != nil {
			t.Errorf("%s: %v", sql, err)
		}
	}
}

func TestInterruptAndStream(t *testing.T) {
	t.Parallel()
	c := open(t, Config{MemoryLimit: "64MB"})
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if _, err := c.Exec(ctx, "SELECT sum(a.range * b.range) FROM range(100000000) a, range(1000000) b", nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("interrupt: %v", err)
	}
	r, err := c.Query(context.Background(), "SELECT range, repeat('x', 200) FROM range(1000000)", nil)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for {
		chunk, err := r.Next(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if chunk == nil {
			break
		}
		n += chunk.Len()
	}
	if n != 1000000 || r.Close() != nil || r.Close() != nil {
		t.Errorf("%d rows", n)
	}
	var e *Error
	if _, err := c.Exec(context.Background(), "SELECT 'x'::integer", nil); !errors.As(err, &e) || e.Kind != ErrorConversion {
		t.Errorf("conversion: %v", err)
	}
	if _, err := c.Exec(context.Background(), "SELEC", nil); !errors.As(err, &e) || e.Kind != ErrorParser {
		t.Errorf("parser: %v", err)
	}
}

func FuzzDecimalText(f *testing.F) {
	f.Add(uint64(1), int64(0), uint8(2))
	f.Add(^uint64(0), int64(-1), uint8(37))
	f.Add(uint64(0), int64(1), uint8(19))
	f.Fuzz(func(t *testing.T, low uint64, high int64, scale uint8) {
		s := int(scale % 38)
		n := new(big.Int).Lsh(big.NewInt(high), 64)
		n.Add(n, new(big.Int).SetUint64(low))
		want := new(big.Rat).SetFrac(n, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(s)), nil)).FloatString(s)
		if got := string(appendDecimal(nil, huge{low, high}, s)); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	})
}

func BenchmarkEncoder(b *testing.B) {
	c := open(b, Config{})
	cols := strings.Repeat("range, range::integer, (range/100)::decimal(18,2), range::double/8, 'some text', timestamp '2024-01-02 03:04:05.678' + to_seconds(range), ", 3)
	r, err := c.Query(context.Background(), "SELECT "+cols[:len(cols)-2]+" FROM range(2000)", nil)
	if err != nil {
		b.Fatal(err)
	}
	defer r.Close()
	chunk, err := r.Next(context.Background())
	if err != nil {
		b.Fatal(err)
	}
	types := make([]rstype.Type, 18)
	for i := range types {
		types[i].Kind = rstype.Varchar
	}
	e, err := NewEncoder(types, nil, Session{})
	if err != nil {
		b.Fatal(err)
	}
	var buf []byte
	for i := 0; b.Loop(); i++ {
		if i%1000 == 0 {
			buf = buf[:0]
		}
		buf = e.AppendDataRow(buf, chunk, i%chunk.Len())
	}
}

// TestLateFailure: a query that fails when megabytes of its rows have been read says
// why, or at the least is not taken for one that somebody cancelled.
func TestLateFailure(t *testing.T) {
	t.Parallel()
	c := open(t, Config{})
	for range 3 {
		_, err := rows(t.Context(), c, "SELECT CASE WHEN i = 300000 THEN error('late')::bigint ELSE i END, 'x' FROM range(400000) t(i)")
		var e *Error
		if !errors.As(err, &e) || e.Kind == ErrorInterrupt || e.Message != "late" && e.Message != "the query failed while its rows were read" {
			t.Errorf("%v", err)
		}
	}
	e := newError("Invalid Input Error: " + wrapped + "Conversion Error: bad")
	if e.Kind != ErrorConversion || e.Message != "bad" {
		t.Errorf("%+v", e)
	}
}

// TestHalfReadInTransaction: closing a result that was not read to its end leaves the
// transaction as it is.
func TestHalfReadInTransaction(t *testing.T) {
	t.Parallel()
	c := open(t, Config{})
	exec := func(sql string) {
		t.Helper()
		if _, err := c.Exec(t.Context(), sql, nil); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	exec("CREATE TABLE t (i integer)")
	exec("BEGIN")
	exec("INSERT INTO t VALUES (1)")
	r, err := c.Query(t.Context(), "SELECT * FROM range(1000000)", nil)
	if err != nil {
		t.Fatal(err)
	}
	if chunk, err := r.Next(t.Context()); err != nil || chunk == nil {
		t.Fatal(chunk, err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	exec("INSERT INTO t VALUES (2)")
	exec("COMMIT")
	if got := one(t, c, "SELECT sum(i) FROM t"); got != "3" {
		t.Error(got)
	}
}
