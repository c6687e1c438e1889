package e2e

import (
	"context"
	"errors"
	"strconv"
	"testing"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/emulator"
)

const thousand = "select a.n + b.n * 10 + c.n * 100 as n from (" + digits + ") a, (" + digits + ") b, (" + digits + ") c where a.n >= $1 order by 1"

// TestFetchSize: rows in pieces are the same rows, wherever the reading ends.
func TestFetchSize(t *testing.T) {
	t.Parallel()
	s := start(t, emulator.Config{})
	c := connect(t, s)
	read := func(q redshift.Querier, size, most int) (n int, err error) {
		rows, err := q.Query(t.Context(), redshift.Query{SQL: thousand, Args: []any{0}, FetchSize: size, WantID: true})
		if err != nil {
			return 0, err
		}
		for n < most && rows.Next() {
			var v int
			if err := rows.Scan(&v); err != nil || v != n {
				t.Fatalf("row %d is %d: %v", n, v, err)
			}
			n++
		}
		if err := rows.Close(); err != nil {
			return n, err
		}
		if rows.RowsAffected() != int64(n) || rows.Elapsed() <= 0 {
			t.Errorf("%d rows affected of %d, in %v", rows.RowsAffected(), n, rows.Elapsed())
		}
		if n == 1000 && rows.QueryID() == 0 {
			t.Error("no query id")
		}
		return n, nil
	}
	for _, size := range []int{1, 7, 500, 999, 1000, 1001, 5000} {
		if n, err := read(c, size, 2000); err != nil || n != 1000 {
			t.Errorf("in pieces of %d: %d rows, %v", size, n, err)
		}
	}
	for _, most := range []int{0, 1, 99, 100, 101, 999, 1000} {
		if n, err := read(c, 100, most); err != nil || n != most {
			t.Errorf("up to %d: %d rows, %v", most, n, err)
		}
	}
	if st := c.PoolStats(); st.InUse != 0 || st.Created > 2 {
		t.Errorf("%+v", st)
	}
	tx, err := c.Begin(t.Context(), redshift.TxOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, most := range []int{1000, 150, 100} {
		if n, err := read(tx, 100, most); err != nil || n != most {
			t.Errorf("in a transaction, up to %d: %d rows, %v", most, n, err)
		}
	}
	if _, err := tx.Execute(t.Context(), redshift.SQL("create table made (n int)")); err != nil {
		t.Error(err)
	}
	if err := tx.Commit(t.Context()); err != nil {
		t.Error(err)
	}
	// The end of a context is one of the statement, whichever piece it meets.
	for _, at := range []int{0, 50, 100, 101} {
		ctx, cancel := context.WithCancel(t.Context())
		rows, err := c.Query(ctx, redshift.Query{SQL: thousand, Args: []any{0}, FetchSize: 100})
		if err != nil {
			t.Fatal(err)
		}
		for range at {
			rows.Next()
		}
		cancel()
		for rows.Next() {
		}
		if err := rows.Close(); !errors.Is(err, redshift.ErrQueryCancelled) {
			t.Errorf("cancelled at %d: %v", at, err)
		}
	}
	exec1(t, c, "drop table made") // nobody has a lock on it, or a transaction open
	for name, q := range map[string]redshift.Query{
		"a change":        {SQL: "delete from made", FetchSize: 10},
		"a negative size": {SQL: "select 1", FetchSize: -1},
	} {
		if _, err := c.Query(t.Context(), q); !errors.Is(err, redshift.ErrUsage) {
			t.Errorf("%s: %v", name, err)
		}
	}
	conn, err := c.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	if _, err := conn.Query(t.Context(), redshift.Query{SQL: "select 1", FetchSize: 10}); !errors.Is(err, redshift.ErrUsage) {
		t.Errorf("without a transaction: %v", err)
	}
	if _, err := c.Query(t.Context(), redshift.Query{SQL: "select 1/0", FetchSize: 10}); !errors.Is(err, redshift.ErrData) {
		t.Errorf("a failure: %v", err)
	}
}

// TestWantID: the number is that of the statement, and there whatever the statement.
func TestWantID(t *testing.T) {
	t.Parallel()
	s := start(t, emulator.Config{})
	c := connect(t, s)
	exec1(t, c, "create table t (n int)")
	last := int64(0)
	for _, sql := range []string{"insert into t values (1)", "select * from t", "select count(*) from t where n > 5", "delete from t"} {
		res, err := c.Execute(t.Context(), redshift.Query{SQL: sql, WantID: true})
		if err != nil {
			t.Fatal(err)
		}
		if res.QueryID <= last {
			t.Errorf("%s: %d, after %d", sql, res.QueryID, last)
		}
		last = res.QueryID
		if text := value[string](t, c, "select trim(querytxt)::varchar from stl_query where query = "+strconv.FormatInt(last, 10)); text != sql {
			t.Errorf("%d is %q, not %q", last, text, sql)
		}
	}
	if _, err := c.Execute(t.Context(), redshift.Query{SQL: "select 1/0", WantID: true}); !errors.Is(err, redshift.ErrData) {
		t.Error(err)
	}
	tx, err := c.Begin(t.Context(), redshift.TxOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Execute(t.Context(), redshift.Query{SQL: "select 1/0", WantID: true}); !errors.Is(err, redshift.ErrData) {
		t.Error(err)
	}
	if err := tx.Commit(t.Context()); !errors.Is(err, redshift.ErrTransaction) {
		t.Errorf("a failed transaction: %v", err)
	}
}
