package e2e

import (
	"errors"
	"testing"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/emulator"
)

// TestScript: statements run one by one in one session, up to the first that fails,
// which is named.
func TestScript(t *testing.T) {
	t.Parallel()
	s := start(t, emulator.Config{})
	c := connect(t, s)
	results, err := c.ExecuteScript(t.Context(), `
		create temp table #passing (n int); -- of this session alone
		insert into #passing values (1), (2);
		select sum(n) from #passing;`)
	if err != nil || len(results) != 3 || results[1].RowsAffected != 2 {
		t.Fatal(results, err)
	}
	var sum int64
	if err := results[2].Rows[0].Scan(&sum); err != nil || sum != 3 {
		t.Error(sum, err)
	}
	results, err = c.ExecuteScript(t.Context(), "create table kept (n int);\nbegin;\ninsert into kept values (1);\nselect nothing from kept;\ncommit;")
	var bad *redshift.ScriptError
	if !errors.As(err, &bad) || bad.Number != 4 || bad.Line != 4 || bad.SQL != "select nothing from kept" || !errors.Is(err, redshift.ErrColumnNotFound) || len(results) != 3 {
		t.Fatal(results, err)
	}
	if n := value[int64](t, c, "select count(*) from kept"); n != 0 {
		t.Errorf("the open transaction was not rolled back: %d rows", n)
	}
	tx, err := c.Begin(t.Context(), redshift.TxOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.ExecuteScript(t.Context(), "insert into kept values (1); insert into kept values ('x')"); !errors.As(err, &bad) || bad.Number != 2 {
		t.Error(err)
	}
	if err := tx.Rollback(t.Context()); err != nil {
		t.Error(err)
	}
	if n := value[int64](t, c, "select count(*) from kept"); n != 0 {
		t.Errorf("%d rows of a transaction that was rolled back", n)
	}
}

// TestRenderedArguments: statements that take no parameters have them in their text,
// and the others as parameters.
func TestRenderedArguments(t *testing.T) {
	t.Parallel()
	s := start(t, emulator.Config{})
	c := connect(t, s)
	for _, q := range []redshift.Query{
		redshift.SQL("create schema $1", redshift.Identifier{"a schema"}),
		redshift.SQL("create table $1 (a varchar default $2, n bigint default $3)", redshift.Identifier{"a schema", "t"}, `it's \ $1; --`, -5),
		redshift.SQL(`insert into "a schema".t values ($1, $2), (default, default)`, "x", 1),
		redshift.SQL(`create view v as select * from "a schema".t where n - $1 < 0 and a <> $2`, -1, "'"),
		redshift.SQL("set query_group to $1", "it's"),
		redshift.SQL("comment on table $1 is $2", redshift.Identifier{"a schema", "t"}, "a 'comment'"),
	} {
		if _, err := c.Execute(t.Context(), q); err != nil {
			t.Fatalf("%s: %v", q.SQL, err)
		}
	}
	if got := value[string](t, c, "select a from v where n = -5"); got != `it's \ $1; --` {
		t.Errorf("%q", got)
	}
	_, err := c.Execute(t.Context(), redshift.SQL("select * from $1", redshift.Identifier{"v"}))
	if !errors.Is(err, redshift.ErrUsage) {
		t.Errorf("a name as a parameter: %v", err)
	}
}
