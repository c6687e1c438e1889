package e2e

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/llm-dev-ops/redshift/emulator"
)

// TestCursors has a client of another's, in its own mode and in text, read by cursors
// and run what it has prepared by SQL.
func TestCursors(t *testing.T) {
	t.Parallel()
	s := start(t, emulator.Config{})
	for _, mode := range []pgx.QueryExecMode{pgx.QueryExecModeCacheStatement, pgx.QueryExecModeExec} {
		c := dial(t, s, mode)
		ctx := t.Context()
		run := func(sql string, args ...any) []int32 {
			t.Helper()
			rows, err := c.Query(ctx, sql, args...)
			if err != nil {
				t.Fatal(err)
			}
			got, err := pgx.CollectRows(rows, pgx.RowTo[int32])
			if err != nil {
				t.Fatalf("%v: %s: %v", mode, sql, err)
			}
			return got
		}
		exec := func(sql string) {
			t.Helper()
			if _, err := c.Exec(ctx, sql); err != nil {
				t.Fatalf("%v: %s: %v", mode, sql, err)
			}
		}
		exec("CREATE TEMP TABLE n (n INT)")
		exec("INSERT INTO n VALUES (1), (2), (3), (4), (5)")
		exec("BEGIN")
		exec("DECLARE c CURSOR FOR SELECT n FROM n ORDER BY n")
		if got := run("FETCH 2 FROM c"); !slices.Equal(got, []int32{1, 2}) {
			t.Fatal(mode, got)
		}
		exec("DELETE FROM n WHERE n = 5")
		if got := run("FETCH 1 FROM c"); !slices.Equal(got, []int32{3}) {
			t.Fatal(mode, got)
		}
		if got := run("FETCH ALL FROM c"); !slices.Equal(got, []int32{4, 5}) {
			t.Fatal(mode, got)
		}
		exec("COMMIT")
		exec("PREPARE p (int) AS SELECT n FROM n WHERE n > $1 ORDER BY n")
		if got := run("EXECUTE p (2)"); !slices.Equal(got, []int32{3, 4}) {
			t.Fatal(mode, got)
		}
		exec("DEALLOCATE p")
	}
}

// TestIdleTransaction has the emulator end a session that is silent in a transaction.
func TestIdleTransaction(t *testing.T) {
	t.Parallel()
	s := start(t, emulator.Config{IdleTransaction: time.Millisecond})
	c, other := dial(t, s, pgx.QueryExecModeExec), dial(t, s, pgx.QueryExecModeExec)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if _, err := other.Exec(ctx, "CREATE TABLE t (a INT)"); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Exec(ctx, "BEGIN; LOCK t"); err != nil {
		t.Fatal(err)
	}
	// It waits for the lock, which the end of the other's session gives up.
	if _, err := other.Exec(ctx, "INSERT INTO t VALUES (1)"); err != nil {
		t.Fatal(err)
	}
	_, err := c.Exec(ctx, "SELECT 1")
	var e *pgconn.PgError
	if err == nil || errors.As(err, &e) && e.Code != "25P03" {
		t.Fatal(err)
	}
}

// dial is a connection of pgx.
func dial(t *testing.T, s *emulator.Server, mode pgx.QueryExecMode) *pgx.Conn {
	t.Helper()
	cfg, err := pgx.ParseConfig(strings.Replace(s.URL(), "redshift://", "postgres://", 1))
	if err != nil {
		t.Fatal(err)
	}
	cfg.DefaultQueryExecMode = mode
	c, err := pgx.ConnectConfig(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close(context.WithoutCancel(t.Context())) })
	return c
}
