package redshift

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/llm-dev-ops/redshift/transport"
)

func TestKeptSQL(t *testing.T) {
	t.Parallel()
	before, all := keptSQL("A-1", "select 1 as a -- one ; \n;; ")
	want := `CREATE TABLE "redshift_job_a-1" AS SELECT q.*, ROW_NUMBER() OVER () AS redshift_job_row FROM (` + "\nselect 1 as a -- one ; \n\n) q"
	if all != want || !strings.HasPrefix(all, before) || all[len(before):len(before)+6] != "select" {
		t.Errorf("%q", all)
	}
	for token, want := range map[string]int64{"": 0, "row-0": 0, "row-12": 12, "row--1": -1, "row-": -1, "12": -1, "row-99999999999999999999": -1} {
		n, err := tokenRows(token)
		if err == nil && n != want || (want < 0) != errors.Is(err, ErrUsage) {
			t.Errorf("%q: %d, %v", token, n, err)
		}
	}
}

// The kind of a failure of which only the text is known.
func TestViewError(t *testing.T) {
	t.Parallel()
	for text, kind := range map[string]*Kind{
		`relation "x" does not exist`:              ErrTableNotFound,
		`ERROR: column "x" does not exist in x`:    ErrColumnNotFound,
		`relation "x" already exists`:              ErrServer,
		"permission denied for relation x":         ErrPermissionDenied,
		"division by zero":                         ErrData,
		`syntax error at or near "x"`:              ErrInvalidSQL,
		"":                                         ErrServer,
		"Value too long for character type (8001)": ErrData,
	} {
		if err := viewError(Outcome{Message: text}); !errors.Is(err, kind) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// A job of which the server shows nothing is given up after a while.
func TestJobNotFound(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, _ := newClient(t, Config{}, func(*scriptedSession, transport.Statement) answer {
			return answer{cols: sightingColumns()}
		})
		if err := c.Job("x").Wait(t.Context()); !errors.Is(err, ErrJobNotFound) {
			t.Error(err)
		}
		if err := c.Job("x y").Wait(t.Context()); !errors.Is(err, ErrUsage) {
			t.Error(err)
		}
	})
}

// The session of a job is given back however it ends, and a lost one says nothing of
// the statement.
func TestJobSession(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answer answer
		views  string
		want   error
	}{
		"done":       {answer{tag: "INSERT 0 3"}, "", nil},
		"failed":     {answer{fail: &transport.ServerError{SQLState: "42P01", Message: "no"}}, "", ErrTableNotFound},
		"lost, done": {answer{fail: &transport.LostError{Sent: true, Err: errors.New("reset")}}, "success", nil},
		"lost, gone": {answer{fail: &transport.LostError{Sent: true, Err: errors.New("reset")}}, "canceled", ErrQueryCancelled},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, tr := newClient(t, Config{}, func(_ *scriptedSession, stmt transport.Statement) answer {
				if !strings.HasPrefix(stmt.SQL, "select left(") {
					return test.answer
				}
				a := answer{cols: sightingColumns()}
				if test.views != "" {
					a.rows = [][]string{{idComment("x") + " insert", test.views, "1", "2", "3", "4", "", "2026-11-24 10:00:00", "2026-11-24 10:00:01"}}
				}
				return a
			})
			j, err := c.Submit(t.Context(), Query{SQL: "insert into t values (1)"})
			if err != nil {
				t.Fatal(err)
			}
			j.ID = "x"
			for range 2 {
				if err := j.Wait(t.Context()); !errors.Is(err, test.want) {
					t.Errorf("%v", err)
				}
			}
			if n := tr.Stats().InUse; n != 0 {
				t.Errorf("%d sessions in use", n)
			}
		})
	}
}

// A job that runs or has succeeded is not sent again.
func TestSubmitAgain(t *testing.T) {
	t.Parallel()
	for state, sent := range map[string]bool{"running": false, "success": false, "failed": true, "canceled": true, "": true} {
		t.Run(state, func(t *testing.T) {
			t.Parallel()
			c, tr := newClient(t, Config{}, func(_ *scriptedSession, stmt transport.Statement) answer {
				a := answer{cols: sightingColumns()}
				if state != "" && strings.Contains(stmt.SQL, "sys_query_history") {
					a.rows = [][]string{{idComment("x"), state, "1", "2", "3", "4", "", "2026-11-24 10:00:00", "2026-11-24 10:00:01"}}
				}
				return a
			})
			j, err := c.Submit(t.Context(), Query{ID: "x", SQL: "select 1 as n", Keep: true})
			if err != nil {
				t.Fatal(err)
			}
			j.Release()
			if got := strings.Contains(strings.Join(tr.log, "\n"), "CREATE TABLE"); got != sent {
				t.Errorf("sent %v", got)
			}
		})
	}
}
