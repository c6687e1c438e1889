//go:build cgo

package engine

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
)

func openDB(t testing.TB) *DB {
	t.Helper()
	db, err := Open(context.Background(), Config{StagingDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func connect(t testing.TB, db *DB) *Conn {
	t.Helper()
	c, err := db.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func register(t testing.TB, db *DB, name string, params int, f ViewFunc) {
	t.Helper()
	if err := db.RegisterView(name, params, f); err != nil {
		t.Fatal(err)
	}
}

// rows reads a whole result as text, NULL as itself.
func rows(ctx context.Context, c *Conn, sql string) ([]string, error) {
	r, err := c.Query(ctx, sql, nil)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var all []string
	for {
		chunk, err := r.Next(ctx)
		if err != nil || chunk == nil {
			return all, err
		}
		for row := range chunk.Len() {
			var line []string
			for col := range r.Columns() {
				if chunk.IsNull(col, row) {
					line = append(line, "NULL")
				} else {
					line = append(line, string(chunk.AppendText(nil, col, row)))
				}
			}
			all = append(all, strings.Join(line, "|"))
		}
	}
}

func ints(n int) ViewFunc {
	return func([]string) (View, error) {
		return View{
			Columns:  []ViewColumn{{"n", rstype.Type{Kind: rstype.Int8}}, {"s", rstype.Type{Kind: rstype.Varchar}}},
			Estimate: int64(n),
			Rows: func(columns []int) iter.Seq[[]any] {
				return func(yield func([]any) bool) {
					row := make([]any, len(columns))
					for i := 0; n < 0 || i < n; i++ {
						for at, c := range columns {
							row[at] = int64(i)
							if c == 1 {
								row[at] = strings.Repeat("ä", i%9) + strconv.Itoa(i)
							}
						}
						if !yield(row) {
							return
						}
					}
				}
			},
		}, nil
	}
}

func TestViewValues(t *testing.T) {
	t.Parallel()
	at := time.Date(1969, 12, 31, 23, 59, 58, 500_000_000, time.FixedZone("x", 3600))
	columns := []struct {
		name  string
		typ   rstype.Type
		value any
		want  string
	}{
		{"b", rstype.Type{Kind: rstype.Bool}, true, "t"},
		{"i2", rstype.Type{Kind: rstype.Int2}, int64(-32768), "-32768"},
		{"i4", rstype.Type{Kind: rstype.Int4}, int64(1<<31 - 1), "2147483647"},
		{"i8", rstype.Type{Kind: rstype.Int8}, int64(-1 << 63), "-9223372036854775808"},
		{"oid", rstype.Type{Kind: rstype.OID}, int64(1<<32 - 1), "4294967295"},
		{"f4", rstype.Type{Kind: rstype.Float4}, 0.5, "0.5"},
		{"f8", rstype.Type{Kind: rstype.Float8}, int64(3), "3"},
		{"n4", rstype.Type{Kind: rstype.Numeric, Precision: 4, Scale: 2}, -1.256, "-1.26"},
		{"n18", rstype.Type{Kind: rstype.Numeric, Precision: 18}, int64(7), "7"},
		{"n38", rstype.Type{Kind: rstype.Numeric, Precision: 38, Scale: 19}, int64(-1 << 62), "-4611686018427387904.0000000000000000000"},
		{"c", rstype.Type{Kind: rstype.Char, Len: 3}, "ab", "ab"},
		{"short", rstype.Type{Kind: rstype.Varchar}, "zwölf bytes", "zwölf bytes"},
		{"long", rstype.Type{Kind: rstype.Varchar}, "thirteen byte" + strings.Repeat("ß", 1000), "thirteen byte" + strings.Repeat("ß", 1000)},
		{"bad", rstype.Type{Kind: rstype.Name}, "a\xffb\x00c", "a\uFFFDb\x00c"},
		{"empty", rstype.Type{Kind: rstype.Super}, "", ""},
		{"d", rstype.Type{Kind: rstype.Date}, at, "1969-12-31"},
		{"t", rstype.Type{Kind: rstype.Time}, at, "22:59:58.5"},
		{"ts", rstype.Type{Kind: rstype.Timestamp}, at, "1969-12-31 22:59:58.5"},
		{"tz", rstype.Type{Kind: rstype.TimestampTZ}, at, "1969-12-31 22:59:58.5+00"},
	}
	db := openDB(t)
	register(t, db, "v", 2, func(args []string) (View, error) {
		if !slices.Equal(args, []string{"it's", "ü"}) {
			return View{}, fmt.Errorf("arguments %q", args)
		}
		v := View{Rows: func(asked []int) iter.Seq[[]any] {
			row, nulls := make([]any, len(asked)), make([]any, len(asked))
			for i, n := range asked {
				row[i] = columns[n].value
			}
			return func(yield func([]any) bool) { _ = yield(row) && yield(nulls) && yield(row) }
		}}
		for _, c := range columns {
			v.Columns = append(v.Columns, ViewColumn{c.name, c.typ})
		}
		return v, nil
	})
	c := connect(t, db)
	for _, k := range columns {
		got, err := rows(t.Context(), c, "SELECT "+k.name+" FROM v('it''s', 'ü')")
		if want := []string{k.want, "NULL", k.want}; err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q %v, want %q", k.name, got, err, want)
		}
	}
	got, err := rows(t.Context(), c, "SELECT * FROM v('it''s', 'ü')")
	if err != nil || len(got) != 3 || strings.Count(got[1], "NULL") != len(columns) || got[0] != got[2] {
		t.Errorf("all columns: %q %v", got, err)
	}
}

func TestViewProjection(t *testing.T) {
	t.Parallel()
	db := openDB(t)
	var mu sync.Mutex
	var seen [][]int
	register(t, db, "v", 0, func([]string) (View, error) {
		v := View{Rows: func(asked []int) iter.Seq[[]any] {
			mu.Lock()
			defer mu.Unlock()
			seen = append(seen, slices.Clone(asked))
			return func(yield func([]any) bool) {
				for i := range 5000 {
					row := make([]any, len(asked))
					for at, n := range asked {
						row[at] = int64(i * (n + 1))
					}
					if !yield(row) {
						return
					}
				}
			}
		}}
		for i := range 5 {
			v.Columns = append(v.Columns, ViewColumn{fmt.Sprint("c", i), rstype.Type{Kind: rstype.Int8}})
		}
		return v, nil
	})
	c := connect(t, db)
	for _, k := range []struct {
		sql  string
		want string
		seen [][]int
	}{
		{"SELECT count(*) FROM v()", "5000", [][]int{{0}}},
		{"SELECT sum(c3) FROM v()", "49990000", [][]int{{3}}},
		{"SELECT sum(c4) FROM v() WHERE c1 = 8", "20", [][]int{{1, 4}}},
		{"SELECT max(a.c0 + b.c2) FROM v() a JOIN v() b USING (c1)", "19996", [][]int{{0, 1}, {1, 2}}},
	} {
		seen = nil
		got, err := rows(t.Context(), c, k.sql)
		if err != nil || !slices.Equal(got, []string{k.want}) {
			t.Errorf("%s: %q %v", k.sql, got, err)
		}
		for _, s := range seen {
			slices.Sort(s)
		}
		slices.SortFunc(seen, slices.Compare[[]int])
		if !slices.EqualFunc(seen, k.seen, slices.Equal[[]int]) {
			t.Errorf("%s: asked for %v, want %v", k.sql, seen, k.seen)
		}
	}
}

func TestViewFailures(t *testing.T) {
	t.Parallel()
	db := openDB(t)
	one := func(k rstype.Kind, give func(yield func([]any) bool)) View {
		return View{
			Columns: []ViewColumn{{"x", rstype.Type{Kind: k, Precision: 4, Scale: 2}}},
			Rows:    func([]int) iter.Seq[[]any] { return give },
		}
	}
	value := func(k rstype.Kind, v any) View {
		return one(k, func(yield func([]any) bool) { yield([]any{v}) })
	}
	views := map[string]View{
		"kind":     value(rstype.Int4, "x"),
		"range":    value(rstype.Int2, int64(40000)),
		"numeric":  value(rstype.Numeric, int64(100)),
		"float":    value(rstype.Numeric, 1e300),
		"huge":     value(rstype.Numeric, int64(-1<<63)),
		"odd":      value(rstype.Varchar, []byte("x")),
		"panic":    one(rstype.Int4, func(func([]any) bool) { panic("no luck") }),
		"short":    one(rstype.Int4, func(yield func([]any) bool) { yield(nil) }),
		"interval": value(rstype.IntervalDS, nil),
		"none":     {},
	}
	register(t, db, "v", 1, func(args []string) (View, error) {
		switch v, ok := views[args[0]]; {
		case ok:
			return v, nil
		case args[0] == "error":
			return View{}, errors.New("relation does not exist")
		}
		panic("bound badly")
	})
	c := connect(t, db)
	for name, want := range map[string]string{
		"'kind'": `column "x" cannot hold string x`, "'range'": "cannot hold int64 40000",
		"'numeric'": "cannot hold int64 100", "'float'": "cannot hold float64", "'huge'": "cannot hold int64",
		"'odd'": "cannot hold []uint8", "'panic'": "panic: no luck", "'short'": "a row has 0 values for 1 columns",
		"'interval'": "has type interval day to second", "'none'": "a view without columns",
		"'error'": "relation does not exist", "'other'": "panic: bound badly", "NULL": "argument 1 is NULL",
	} {
		_, err := rows(t.Context(), c, "SELECT x FROM v("+name+")")
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got, err := rows(t.Context(), c, "SELECT 1"); err != nil || len(got) != 1 {
		t.Errorf("the connection is of no use any more: %v %v", got, err)
	}
	if db.RegisterView("v", 1, ints(1)) == nil || db.RegisterView("", 0, ints(1)) == nil {
		t.Error("a bad registration was accepted")
	}
}

// TestViewEarlyEnd: LIMIT, a result that is closed half read and a cancelled statement
// end the sequence before Close returns.
func TestViewEarlyEnd(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	db := openDB(t)
	defer db.Close()
	var begun, ended atomic.Int32
	register(t, db, "v", 0, func([]string) (View, error) {
		v, err := ints(-1)(nil)
		all := v.Rows
		v.Rows = func(columns []int) iter.Seq[[]any] {
			return func(yield func([]any) bool) {
				begun.Add(1)
				defer ended.Add(1)
				all(columns)(yield)
			}
		}
		return v, err
	})
	c := connect(t, db)
	defer c.Close()
	check := func(what string) {
		t.Helper()
		if b, e := begun.Load(), ended.Load(); b != e || b == 0 {
			t.Errorf("%s: %d sequences begun, %d ended", what, b, e)
		}
	}
	if got, err := rows(t.Context(), c, "SELECT s FROM v() LIMIT 3"); err != nil || len(got) != 3 {
		t.Fatal(got, err)
	}
	check("LIMIT")
	r, err := c.Query(t.Context(), "SELECT n, s FROM v()", nil)
	if err != nil {
		t.Fatal(err)
	}
	if chunk, err := r.Next(t.Context()); err != nil || chunk.Len() == 0 {
		t.Fatal(chunk, err)
	}
	_ = r.Close()
	check("Close")
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond)
	defer cancel()
	if _, err := rows(ctx, c, "SELECT sum(n) FROM v()"); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	check("cancel")
	if _, err := rows(t.Context(), c, "SELECT n FROM v() LIMIT 0"); err != nil {
		t.Fatal(err)
	}
	check("LIMIT 0")
}

func TestViewConcurrent(t *testing.T) {
	t.Parallel()
	db := openDB(t)
	register(t, db, "v", 1, func(args []string) (View, error) {
		n, err := strconv.Atoi(args[0])
		if err != nil {
			return View{}, err
		}
		return ints(n)(nil)
	})
	var wg sync.WaitGroup
	for g := range 6 {
		c := connect(t, db)
		wg.Go(func() {
			for i := range 5 {
				n := 3000 * (g + i + 1)
				got, err := rows(t.Context(), c, fmt.Sprintf("SELECT count(*), sum(n), sum(strlen(s)) FROM (SELECT * FROM v('%d') UNION ALL SELECT * FROM v('%d'))", n, n))
				bytes := 0
				for k := range n {
					bytes += 2*(k%9) + len(strconv.Itoa(k))
				}
				if want := fmt.Sprintf("%d|%d|%d", 2*n, n*(n-1), 2*bytes); err != nil || got[0] != want {
					t.Errorf("%v %v, want %s", got, err, want)
				}
			}
		})
	}
	wg.Wait()
}

func TestViewStored(t *testing.T) {
	t.Parallel()
	db := openDB(t)
	register(t, db, "v", 0, ints(5000))
	c := connect(t, db)
	for _, sql := range []string{"CREATE TABLE t (n bigint, s varchar)", "INSERT INTO t SELECT * FROM v()"} {
		if _, err := c.Exec(t.Context(), sql, nil); err != nil {
			t.Fatal(err)
		}
	}
	got, err := rows(t.Context(), c, "SELECT count(*) FROM t JOIN v() v ON t.n = v.n AND t.s = v.s")
	if err != nil || got[0] != "5000" {
		t.Error(got, err)
	}
	got, err = rows(t.Context(), c, "SELECT s FROM v() ORDER BY n DESC LIMIT 2")
	if err != nil || !slices.Equal(got, []string{"ääää4999", "äää4998"}) {
		t.Error(got, err)
	}
}

func BenchmarkView(b *testing.B) {
	db := openDB(b)
	row := []any{int64(7), "a text of more than twelve bytes", time.Unix(1, 0)}
	register(b, db, "v", 0, func([]string) (View, error) {
		return View{
			Columns: []ViewColumn{{"n", rstype.Type{Kind: rstype.Int8}}, {"s", rstype.Type{Kind: rstype.Varchar}}, {"t", rstype.Type{Kind: rstype.Timestamp}}},
			Rows: func(asked []int) iter.Seq[[]any] {
				return func(yield func([]any) bool) {
					out := make([]any, len(asked))
					for range 100_000 {
						for i, n := range asked {
							out[i] = row[n]
						}
						if !yield(out) {
							return
						}
					}
				}
			},
		}, nil
	})
	c := connect(b, db)
	for _, k := range [][2]string{{"n", "sum(n)"}, {"s", "max(s)"}, {"all", "sum(n), max(s), max(t)"}, {"none", "count(*)"}} {
		b.Run(k[0], func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := rows(context.Background(), c, "SELECT "+k[1]+" FROM v()"); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
