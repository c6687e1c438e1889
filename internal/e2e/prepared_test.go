package e2e

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/emulator"
)

// TestPreparedBatch: many sets in few exchanges; one that fails is passed over outside
// a transaction, and is the end of one.
func TestPreparedBatch(t *testing.T) {
	t.Parallel()
	eachTransport(t, func(t *testing.T, c, _ *redshift.Client) { testPreparedBatch(t, c) })
}

func testPreparedBatch(t *testing.T, c *redshift.Client) {
	exec1(t, c, "create table t (n int, name varchar(10))")
	const insert = "insert into t values ($1, $2)"
	sets := func(n int, bad ...int) func(func([]any) bool) {
		return func(yield func([]any) bool) {
			for i := range n {
				name := "name"
				if slices.Contains(bad, i) {
					name = "much too long for it"
				}
				if !yield([]any{i, name}) {
					return
				}
			}
		}
	}
	p, err := c.Prepare(t.Context(), insert)
	if err != nil {
		t.Fatal(err)
	}
	many := 1500
	if strings.Contains(t.Name(), "data-api") {
		many = 90 // of 40 in a call
	}
	res, err := p.Batch(t.Context(), sets(many))
	if err != nil || res.Err() != nil || len(res.Sets) != many || res.RowsAffected != int64(many) {
		t.Fatalf("%d sets, %d rows, %v, %v", len(res.Sets), res.RowsAffected, err, res.Err())
	}
	res, err = p.Batch(t.Context(), sets(30, 10, 20))
	if err != nil || res.Failed != 2 || res.RowsAffected != 28 || res.Sets[10].Err == nil || res.Sets[11].Err != nil {
		t.Errorf("%+v, %v", res, err)
	}
	if err := res.Err(); !errors.Is(err, redshift.ErrData) || !strings.HasPrefix(err.Error(), "set 11 of 30, the first of 2 that failed: ") {
		t.Error(err)
	}
	// Arguments that cannot be sent are the failure of their set.
	res, err = p.Batch(t.Context(), slices.Values([][]any{{1, "a"}, {1}, {struct{}{}, "b"}, {2, "c"}}))
	if err != nil || res.Failed != 2 || res.RowsAffected != 2 || !errors.Is(res.Sets[1].Err, redshift.ErrUsage) || res.Sets[3].Err != nil {
		t.Errorf("%+v, %v", res, err)
	}
	if n := value[int64](t, c, "select count(*) from t"); n != int64(many)+30 {
		t.Errorf("%d rows", n)
	}
	if err := p.Close(t.Context()); err != nil {
		t.Error(err)
	}

	tx, err := c.Begin(t.Context(), redshift.TxOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if p, err = tx.Prepare(t.Context(), insert); err != nil {
		t.Fatal(err)
	}
	res, err = p.Batch(t.Context(), sets(min(3*many, 5000), 7))
	if err != nil || res.Sets[6].Err != nil || !errors.Is(res.Sets[7].Err, redshift.ErrData) || !errors.Is(res.Sets[8].Err, redshift.State("25P02")) || len(res.Sets) > 1000 {
		t.Errorf("%d sets, %v, %v", len(res.Sets), err, res.Err())
	}
	if err := tx.Rollback(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestPreparedOutlivesChanges: of its own session, of its transaction and of others.
func TestPreparedOutlivesChanges(t *testing.T) {
	t.Parallel()
	s := start(t, emulator.Config{})
	c, other := connect(t, s), connect(t, s)
	conn, err := c.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	run := func(sql string) {
		t.Helper()
		if _, err := conn.Execute(t.Context(), redshift.SQL(sql)); err != nil {
			t.Fatal(err)
		}
	}
	run("create table t (n int)")
	run("insert into t values (1)")
	p, err := conn.Prepare(t.Context(), "select * from t")
	if err != nil {
		t.Fatal(err)
	}
	want := func(columns int) {
		t.Helper()
		res, err := p.Execute(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(res.Columns) != columns || len(res.Rows) != 1 {
			t.Errorf("%d columns, %d rows", len(res.Columns), len(res.Rows))
		}
	}
	want(1)
	run("begin")
	run("insert into t values (2)")
	run("rollback")
	want(1)
	run("alter table t add column more varchar(10)")
	want(2)
	exec1(t, other, "drop table t")
	exec1(t, other, "create table t as select 1::bigint as n, 'a' as name, 1.5::numeric(10,2) as amount")
	want(3)
	run("create schema s")
	run("create table s.t as select 7 as n")
	run("set search_path to s")
	want(1)
}
