package pgwire

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/llm-dev-ops/redshift/transport"
	"github.com/llm-dev-ops/redshift/transport/transporttest"
)

// wantLog compares the statements that the server has parsed since the last
// call.
func wantLog(t *testing.T, s *server, want ...string) {
	t.Helper()
	s.mu.Lock()
	got := s.log
	s.log = nil
	s.mu.Unlock()
	if !slices.Equal(got, want) {
		t.Errorf("the server was sent\n%q\nwant\n%q", got, want)
	}
}

func TestSettingsGoAheadOfTheStatement(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	tr := open(t, s.config())
	ses := lease(t, tr)
	one := transport.Statement{SQL: transporttest.SelectOne}
	with := func(group string, d time.Duration) {
		t.Helper()
		stmt := one
		stmt.QueryGroup, stmt.Timeout = group, d
		if got, err := exec(t, ses, stmt); err != nil || got != "[1]" {
			t.Fatalf("got %s, %v", got, err)
		}
	}
	with("", 0)
	wantLog(t, s, one.SQL)
	with("it's", 1500*time.Microsecond) // rounded up: 0 would mean none
	wantLog(t, s, "SET query_group TO 'it''s'", "SET statement_timeout TO 2", one.SQL)
	with("it's", 2*time.Millisecond)
	wantLog(t, s, one.SQL)
	with("", 0) // the group stays, the timeout was of its statement
	wantLog(t, s, "RESET statement_timeout", one.SQL)
	with("", time.Nanosecond)
	wantLog(t, s, "SET statement_timeout TO 1", one.SQL)
	if err := ses.Close(t.Context(), transport.Keep); err != nil {
		t.Fatal(err)
	}
	// The next lease begins as the first did, on the same connection.
	ses = lease(t, tr)
	with("", 0)
	wantLog(t, s, "RESET query_group", "RESET statement_timeout", one.SQL)
	if n := tr.Stats().Created; n != 1 {
		t.Errorf("%d connections were made", n)
	}
}

func TestDefaultSettings(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	cfg := s.config()
	cfg.QueryGroup, cfg.StatementTimeout = "etl", time.Minute
	ses := lease(t, open(t, cfg))
	must(t, ses, transporttest.SelectOne, transporttest.SelectOne)
	wantLog(t, s, "SET query_group TO 'etl'", "SET statement_timeout TO 60000", transporttest.SelectOne, transporttest.SelectOne)
	p, err := ses.Prepare(t.Context(), transporttest.SelectOne, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := exec(t, ses, transport.Statement{SQL: transporttest.SelectNone, Timeout: time.Second}); err != nil {
		t.Fatal(err)
	}
	run, err := p.Start(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantLog(t, s, transporttest.SelectOne, "SET statement_timeout TO 1000", transporttest.SelectNone, "SET statement_timeout TO 60000")
}

func TestSettingsAndTransactions(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	ses := lease(t, open(t, s.config()))
	grouped := transport.Statement{SQL: transporttest.SelectOne, QueryGroup: "a"}
	run := func(stmt transport.Statement) {
		t.Helper()
		if _, err := exec(t, ses, stmt); err != nil {
			t.Fatal(err)
		}
	}
	// What was set within a transaction is undone by ROLLBACK and set again.
	must(t, ses, "BEGIN")
	run(grouped)
	must(t, ses, "ROLLBACK", transporttest.SelectOne)
	wantLog(t, s, "BEGIN", "SET query_group TO 'a'", grouped.SQL, "ROLLBACK", "SET query_group TO 'a'", grouped.SQL)
	// COMMIT keeps it.
	must(t, ses, "BEGIN")
	run(transport.Statement{SQL: grouped.SQL, QueryGroup: "b"})
	must(t, ses, "COMMIT", transporttest.SelectOne)
	wantLog(t, s, "BEGIN", "SET query_group TO 'b'", grouped.SQL, "COMMIT", grouped.SQL)
	// A failed transaction is sent no SET, which it would refuse.
	must(t, ses, "BEGIN")
	if _, err := exec(t, ses, transport.Statement{SQL: transporttest.SelectDivision}); err == nil {
		t.Fatal("no failure")
	}
	run(transport.Statement{SQL: "ROLLBACK", QueryGroup: "c", Timeout: time.Second})
	run(transport.Statement{SQL: grouped.SQL})
	wantLog(t, s, "BEGIN", transporttest.SelectDivision, "ROLLBACK", "SET query_group TO 'c'", grouped.SQL)
}

func TestRefusedSettingIsANotice(t *testing.T) {
	t.Parallel()
	s := newServer(t, func(s *server) {
		s.answer = func(_ *backend, sql string) any {
			if strings.HasPrefix(sql, "SET query_group") {
				return &reply{parseErr: failure("42501", "no")}
			}
			return nil
		}
	})
	ses := lease(t, open(t, s.config()))
	for range 2 {
		run, err := ses.Start(t.Context(), transport.Statement{SQL: transporttest.SelectOne, QueryGroup: "x"})
		if err != nil {
			t.Fatal(err)
		}
		res, err := run.Result(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if n := res.Notices(); len(n) != 1 || n[0].Severity != "WARNING" || !strings.Contains(n[0].Detail, "42501") {
			t.Errorf("notices %v", n)
		}
		if err := res.Close(); err != nil {
			t.Error(err)
		}
	}
	// In a transaction it is the failure, and names itself.
	must(t, ses, "BEGIN")
	_, err := exec(t, ses, transport.Statement{SQL: transporttest.SelectOne, QueryGroup: "x"})
	if err == nil || !strings.Contains(err.Error(), "42501") {
		t.Errorf("got %v", err)
	}
}

func TestOnlyCleanSessionsAreReused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		sql   string
		tag   string
		param string // a ParameterStatus that comes with it
		reuse bool
	}{
		{sql: "select 1", reuse: true},
		{sql: "select 'temp' into nothing", reuse: false}, // better a connection too many
		{sql: "SET search_path TO x", tag: "SET"},
		{sql: "set local search_path to x", tag: "SET", reuse: true},
		{sql: "RESET search_path", tag: "RESET"},
		{sql: "create temp table t (i int)", tag: "CREATE TABLE"},
		{sql: "create table #t (i int)", tag: "CREATE TABLE"},
		{sql: "create table t (i int)", tag: "CREATE TABLE", reuse: true},
		{sql: "create temporary table t as select 1", tag: "SELECT"},
		{sql: "select 1 into #t", tag: "SELECT"},
		{sql: "select temperature from t", reuse: true},
		{sql: "prepare p as select 1", tag: "PREPARE"},
		{sql: "use other", tag: "USE"},
		{sql: "select 1", param: "Europe/Berlin"},
		{sql: "select 1", param: "UTC", reuse: true},
		{sql: "BEGIN", tag: "BEGIN"},
	} {
		t.Run(c.sql+" "+c.param, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, func(s *server) {
				s.answer = func(b *backend, sql string) any {
					if sql != c.sql {
						return nil
					}
					r := &reply{cols: integers("n"), tag: c.tag}
					if c.param != "" {
						r.raw = status("DateStyle", c.param)
						if c.param == "UTC" {
							r.raw = append(r.raw, status("DateStyle", "ISO, MDY")...)
						}
					}
					return r
				}
			})
			tr := open(t, s.config())
			a := lease(t, tr)
			must(t, a, c.sql)
			if err := a.Close(t.Context(), transport.Keep); err != nil {
				t.Fatal(err)
			}
			b := lease(t, tr)
			must(t, b, transporttest.SelectOne)
			if reused := b.Info().PID == 1; reused != c.reuse {
				t.Errorf("reused: %v, want %v", reused, c.reuse)
			}
		})
	}
}

// status is a ParameterStatus.
func status(name, value string) []byte {
	body := name + "\x00" + value + "\x00"
	return append([]byte{'S', 0, 0, 0, byte(len(body) + 4)}, body...)
}

// What the caller sets himself is his for the lease.
func TestCallersSetStays(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	cfg := s.config()
	cfg.QueryGroup, cfg.StatementTimeout = "etl", time.Minute
	ses := lease(t, open(t, cfg))
	must(t, ses, transporttest.SelectOne, "SET statement_timeout TO 5", "SET query_group TO mine", transporttest.SelectOne)
	wantLog(t, s, "SET query_group TO 'etl'", "SET statement_timeout TO 60000", transporttest.SelectOne,
		"SET statement_timeout TO 5", "SET query_group TO mine", transporttest.SelectOne)
}

func TestStatementsLeftPreparedAreClosed(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	cfg := s.config()
	cfg.PreparedStatements = -1
	tr := open(t, cfg)
	a := lease(t, tr)
	if _, err := a.Prepare(t.Context(), transporttest.SelectOne, nil); err != nil {
		t.Fatal(err)
	}
	if err := a.Close(context.Background(), transport.Keep); err != nil {
		t.Fatal(err)
	}
	b := lease(t, tr)
	must(t, b, transporttest.SelectOne)
	s.mu.Lock()
	defer s.mu.Unlock()
	for name := range s.backends[1].stmts {
		if name != "" {
			t.Errorf("the statement %q is left", name)
		}
	}
}
