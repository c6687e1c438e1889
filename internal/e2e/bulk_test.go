package e2e

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/bulk"
	"github.com/llm-dev-ops/redshift/s3stage"
)

// staged counts what a load has left behind.
func staged(t *testing.T, st *s3stage.Stage) (n int) {
	t.Helper()
	for o, err := range st.List(context.Background(), "s3://emulator/bulk") {
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("left: %s", o.URI)
		n++
	}
	return n
}

func each[T any](rows ...T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, r := range rows {
			if !yield(r, nil) {
				return
			}
		}
	}
}

func TestBulkLoadTypes(t *testing.T) {
	t.Parallel()
	s, c := both(t)
	st := stage(t, s)
	const sure = "i2 smallint, i4 integer, i8 bigint, n numeric(12,3), w numeric(38,5), f4 real, f8 float, b boolean, ch char(4), v varchar(100), d date, ti time, ts timestamp, tz timestamptz"
	at := time.Date(2026, 1, 2, 3, 4, 5, 678901000, time.UTC)
	num := func(s string) redshift.Numeric {
		n, err := redshift.ParseNumeric(s)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	rows := [][]any{
		{1, 2, 3, num("-12.340"), num("-123456789012345678901234567890123.00001"), float32(1.5), 2.25, true, "ab", "plain", redshift.DateOf(at), redshift.Time{Micros: 1}, at, at},
		{math.MinInt16, math.MinInt32, math.MinInt64, num("-999999999.999"), num("999999999999999999999999999999999.99999"), float32(-math.MaxFloat32), math.MaxFloat64, false, "", "", redshift.Date{Year: 1, Month: 1, Day: 1}, redshift.Time{Micros: 86399999999}, time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), at.Add(-300 * 24 * time.Hour)},
		{math.MaxInt16, math.MaxInt32, math.MaxInt64, "999999999.999", "0.00001", float32(0), 5e-324, nil, "x", "a\"b,c\n\r\\N|\t 🦆 '", redshift.Date{Year: 9999, Month: 12, Day: 31}, nil, time.Date(9999, 12, 31, 23, 59, 59, 999999000, time.UTC), at},
		{nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil},
		{0, 0, 0, 0, 0, 0, 0, true, "  y", "NULL", redshift.DateOf(at), redshift.Time{}, at, at},
	}
	for _, format := range []bulk.Format{bulk.Parquet, bulk.CSVZstd} {
		table := "t_" + strings.TrimSuffix(string(format), "+zstd")
		exec1(t, c, "CREATE TABLE "+table+" ("+sure+")")
		res, err := bulk.Load(t.Context(), c, bulk.LoadPlan{
			Table: redshift.TableRef{Name: table}, Source: bulk.Rows(nil, each(rows...)),
			Stage: st, Prefix: "s3://emulator/bulk", Format: format,
		})
		if err != nil {
			t.Fatalf("%s: %v", format, err)
		}
		if res.Rows != 5 || res.Inserted != 5 || res.Files != 1 || res.Format != format {
			t.Errorf("%s: %+v", format, res)
		}
	}
	want, got := exec1(t, c, "SELECT * FROM t_csv ORDER BY i8 NULLS FIRST"), exec1(t, c, "SELECT * FROM t_parquet ORDER BY i8 NULLS FIRST")
	for i := range want.Rows {
		a, _ := want.Rows[i].Values()
		b, _ := got.Rows[i].Values()
		if fmt.Sprint(a) != fmt.Sprint(b) {
			t.Errorf("row %d: by CSV\n%v, by Parquet\n%v", i, a, b)
		}
	}
	v, err := want.Rows[4].Values()
	if err != nil {
		t.Fatal(err)
	}
	for i, text := range []string{
		"32767", "2147483647", "9223372036854775807", "999999999.999", "0.00001", "0", "5e-324", "<nil>", "x   ",
		"a\"b,c\n\r\\N|\t 🦆 '", "9999-12-31", "<nil>", "9999-12-31 23:59:59.999999",
	} {
		if fmt.Sprint(v[i]) != text {
			t.Errorf("column %d is %v, not %s", i, v[i], text)
		}
	}
	if n := staged(t, st); n != 0 {
		t.Errorf("%d objects are left", n)
	}
}

func TestBulkLoadCSVTypes(t *testing.T) {
	t.Parallel()
	s, c := both(t)
	st := stage(t, s)
	exec1(t, c, "CREATE TABLE o (id int, doc super, vb varbyte(20), tt timetz, ym interval year to month, ds interval day to second)")
	res, err := bulk.Load(t.Context(), c, bulk.LoadPlan{
		Table: redshift.TableRef{Name: "o"}, Stage: st, Prefix: "s3://emulator/bulk",
		Source: bulk.Rows([]string{"doc", "id", "vb", "tt", "ym", "ds"}, each(
			[]any{map[string]any{"k": []int{1, 2}, "q": `a"b`}, 1, []byte{0, 255}, redshift.TimeTZ{Micros: 1e6, Offset: 3600}, redshift.IntervalYM{Months: 13}, 90 * time.Second},
			[]any{"text", 2, nil, nil, nil, nil},
			[]any{nil, 3, []byte{}, nil, nil, nil},
		)),
	})
	if err != nil {
		t.Fatal(err)
	}
	if res.Format != bulk.CSVZstd || res.Inserted != 3 {
		t.Errorf("%+v", res)
	}
	if got := value[string](t, c, "SELECT doc.k[1]::varchar || ',' || doc.q::varchar || ',' || to_hex(vb) FROM o WHERE id = 1"); got != `2,a"b,00ff` {
		t.Error(got)
	}
	if got := value[string](t, c, "SELECT doc::varchar FROM o WHERE id = 2"); got != "text" {
		t.Error(got)
	}
	if got := value[redshift.IntervalDS](t, c, "SELECT ds FROM o WHERE id = 1"); got.Micros != 90e6 {
		t.Error(got)
	}
}

type person struct {
	ID     int64
	Name   *string
	Weight float64
	Note   string `redshift:"-"`
}

func people(n int) iter.Seq2[person, error] {
	return func(yield func(person, error) bool) {
		for i := range n {
			name := fmt.Sprintf("name %d", i)
			if !yield(person{ID: int64(i), Name: &name, Weight: float64(i) / 2}, nil) {
				return
			}
		}
	}
}

func TestBulkLoadModes(t *testing.T) {
	t.Parallel()
	s, c := both(t)
	st := stage(t, s)
	exec1(t, c, "CREATE TABLE p (id bigint, name varchar(20), weight float)")
	plan := bulk.LoadPlan{
		Table: redshift.TableRef{Schema: "public", Name: "p"}, Source: bulk.Structs(people(20000)),
		Stage: st, Prefix: "s3://emulator/bulk/", PartSize: 1000,
	}
	var last bulk.LoadProgress
	plan.Progress = func(p bulk.LoadProgress) { last = p }
	res, err := bulk.Load(t.Context(), c, plan)
	if err != nil {
		t.Fatal(err)
	}
	if res.Rows != 20000 || res.Inserted != 20000 || last.Rows != 20000 || res.Files != last.Files || res.Bytes != last.Bytes {
		t.Errorf("%+v %+v", res, last)
	}
	count := func(want int64) {
		t.Helper()
		if n := value[int64](t, c, "SELECT count(*) FROM p"); n != want {
			t.Errorf("%d rows, want %d", n, want)
		}
	}
	count(20000)
	plan.Mode, plan.Source = bulk.Replace, bulk.Structs(people(100))
	if res, err = bulk.Load(t.Context(), c, plan); err != nil || res.Deleted != 20000 || res.Inserted != 100 {
		t.Fatalf("%+v %v", res, err)
	}
	count(100)
	plan.Mode, plan.Keys = bulk.Upsert, []string{"id"}
	plan.Source = bulk.Structs(each(person{ID: 5, Weight: 1}, person{ID: 1000, Weight: 2}, person{ID: 5, Weight: 3}))
	if res, err = bulk.Load(t.Context(), c, plan); err != nil || res.Deleted != 1 || res.Inserted != 2 || res.Rows != 3 {
		t.Fatalf("%+v %v", res, err)
	}
	count(101)
	if w := value[float64](t, c, "SELECT weight FROM p WHERE id = 5"); w != 3 {
		t.Errorf("the last row of a key does not count: %v", w)
	}
	// In the caller's own transaction.
	boom := errors.New("boom")
	err = c.InTx(t.Context(), redshift.TxOptions{}, func(tx *redshift.Tx) error {
		plan.Mode, plan.Keys, plan.Source = bulk.Replace, nil, bulk.Structs(people(0))
		if _, err := bulk.Load(t.Context(), tx, plan); err != nil {
			return err
		}
		if n := value[int64](t, tx, "SELECT count(*) FROM p"); n != 0 {
			t.Errorf("%d rows are left", n)
		}
		return boom
	})
	if !errors.Is(err, boom) {
		t.Fatal(err)
	}
	count(101)
	// Text sources.
	plan.Mode = bulk.Append
	plan.Source = bulk.CSV(strings.NewReader("name,id\n\"a,b\",7\n,8\n"), bulk.CSVOptions{Header: true})
	if res, err = bulk.Load(t.Context(), c, plan); err != nil || res.Inserted != 2 {
		t.Fatalf("%+v %v", res, err)
	}
	plan.Source = bulk.JSONLines(strings.NewReader(`{"id": 9, "name": "n\u00e9"} {"weight": 1.5e2, "id": null}`))
	if res, err = bulk.Load(t.Context(), c, plan); err != nil || res.Inserted != 2 {
		t.Fatalf("%+v %v", res, err)
	}
	if w := value[float64](t, c, "SELECT weight FROM p WHERE id IS NULL"); w != 150 {
		t.Error(w)
	}
	if n := staged(t, st); n != 0 {
		t.Errorf("%d objects are left", n)
	}
}

func TestBulkLoadFailures(t *testing.T) {
	t.Parallel()
	s, c := both(t)
	st := stage(t, s)
	exec1(t, c, "CREATE TABLE f (id int NOT NULL, name varchar(4))")
	plan := bulk.LoadPlan{Table: redshift.TableRef{Name: "f"}, Stage: st, Prefix: "s3://emulator/bulk", PartSize: 100}
	boom := errors.New("boom")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	many := func(n int, end func()) iter.Seq2[[]any, error] {
		return func(yield func([]any, error) bool) {
			for i := range n {
				if !yield([]any{i, "x"}, nil) {
					return
				}
			}
			end()
			for i := range 20000 {
				if !yield([]any{i, "x"}, nil) {
					return
				}
			}
			yield(nil, boom)
		}
	}
	for name, source := range map[string]struct {
		src  bulk.BatchSource
		want error
	}{
		"failing source": {bulk.Rows(nil, many(10000, func() {})), boom},
		"cancel":         {bulk.Rows(nil, many(10000, cancel)), context.Canceled},
		"too long":       {bulk.Rows(nil, each([]any{1, "x"}, []any{2, "toolong"})), redshift.ErrData},
		"out of range":   {bulk.Rows(nil, each([]any{1 << 40, "x"})), redshift.ErrData},
		"null":           {bulk.Rows(nil, each([]any{nil, "x"})), redshift.ErrCopy},
		"no column":      {bulk.Rows([]string{"nobody"}, each([]any{1})), redshift.ErrUsage},
	} {
		ctx := ctx
		if name != "cancel" {
			ctx = t.Context()
		}
		plan.Source = source.src
		_, err := bulk.Load(ctx, c, plan)
		if !errors.Is(err, source.want) {
			t.Errorf("%s: %v", name, err)
		}
		if n := staged(t, st); n != 0 {
			t.Errorf("%s: %d objects are left", name, n)
		}
	}
	var row *bulk.RowError
	plan.Source = bulk.Rows(nil, each([]any{1, "x"}, []any{2, "toolong"}))
	if _, err := bulk.Load(t.Context(), c, plan); !errors.As(err, &row) || row.Row != 2 || row.Column != "name" {
		t.Errorf("%v", err)
	}
	plan.Table.Name = "nowhere"
	if _, err := bulk.Load(t.Context(), c, plan); !errors.Is(err, redshift.ErrTableNotFound) {
		t.Errorf("%v", err)
	}
	if n := value[int64](t, c, "SELECT count(*) FROM f"); n != 0 {
		t.Errorf("%d rows", n)
	}
}
