package pgwire

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/llm-dev-ops/redshift/transport"
	"github.com/llm-dev-ops/redshift/transport/transporttest"
)

func TestSessionParameters(t *testing.T) {
	t.Parallel()
	s := newServer(t, answers(map[string]*reply{"SET bad TO 'x'": {err: failure("42704", "unrecognized configuration parameter \"bad\"")}}))
	cfg := s.config()
	cfg.SessionParameters = map[string]string{"timezone": "it's", "search_path": `a, "B c", public`, "datestyle": "ISO"}
	tr := open(t, cfg)
	set := []string{"SET datestyle TO 'ISO'", `SET search_path TO a, "B c", public`, "SET timezone TO 'it''s'"}
	ses := lease(t, tr)
	must(t, ses, transporttest.SelectOne)
	wantLog(t, s, append(slices.Clone(set), transporttest.SelectOne)...)
	// A lease that sets something over them leaves nothing of it to the next one.
	must(t, ses, "SET timezone TO 'elsewhere'")
	if err := ses.Close(t.Context(), transport.Keep); err != nil {
		t.Fatal(err)
	}
	must(t, lease(t, tr), transporttest.SelectOne)
	wantLog(t, s, append(append([]string{"SET timezone TO 'elsewhere'"}, set...), transporttest.SelectOne)...)

	cfg.SessionParameters = map[string]string{"bad": "x"}
	var connect *transport.ConnectError
	if _, err := open(t, cfg).Open(t.Context(), transport.OpenOptions{}); !errors.As(err, &connect) || connect.Stage != stageSetUp || !strings.Contains(err.Error(), "SessionParameters") {
		t.Errorf("got %v", err)
	}
	for name, value := range map[string]string{
		"": "x", "a b": "x", "a;b": "x", "A": "x", "query_group": "x", "statement_timeout": "1", "x": "a\x00",
		"search_path": "a; drop table t", "search_path ": "a",
	} {
		cfg.SessionParameters = map[string]string{name: value}
		if err := cfg.Validate(); err == nil || !strings.Contains(err.Error(), "SessionParameters") {
			t.Errorf("%q = %q is taken: %v", name, value, err)
		}
	}
	for _, path := range []string{"", "a,", "a b", "(a)", "a, -- b"} {
		if knownParameter("search_path", path) {
			t.Errorf("search_path %q is taken", path)
		}
	}
}

// TestWarmUp: all sessions of the minimum are there when Open returns, or it says why not.
func TestWarmUp(t *testing.T) {
	t.Parallel()
	limit := func(s *server) {
		s.busy = func(n int) []byte {
			if n <= 2 {
				return nil
			}
			b, err := (&pgproto3.ErrorResponse{Severity: "FATAL", Code: "53300", Message: `connection limit "2" exceeded for non-bootstrap users`}).Encode(nil)
			if err != nil {
				t.Error(err)
			}
			return b
		}
	}
	s := newServer(t, limit)
	cfg := s.config()
	cfg.MinSessions = 2
	if st := open(t, cfg).Stats(); st.Idle != 2 {
		t.Errorf("%+v", st)
	}
	s = newServer(t, limit)
	cfg = s.config()
	cfg.MinSessions, cfg.MaxSessions = 4, 40
	_, err := Open(t.Context(), cfg)
	var connect *transport.ConnectError
	if !errors.As(err, &connect) || !strings.Contains(connect.Hint, "40 sessions (pool_size)") || !strings.Contains(connect.Hint, "takes 2 connections") {
		t.Errorf("got %v", err)
	}
	cfg.MaxSessions = 2001
	if err := cfg.Validate(); err == nil || !strings.Contains(err.Error(), "MaxSessions must be between 1 and 2000") {
		t.Errorf("got %v", err)
	}
}

// TestCancelElsewhere: where requests to cancel have no effect, CANCEL has one, and the
// connection stays.
func TestCancelElsewhere(t *testing.T) {
	t.Parallel()
	s := newServer(t, func(s *server) {
		s.deaf = true
		s.answer = func(b *backend, sql string) any {
			if sql != "CANCEL 1" {
				return nil
			}
			s.mu.Lock()
			defer s.mu.Unlock()
			s.backends[1].cancel()
			return &reply{tag: "CANCEL"}
		}
	})
	cfg := s.config()
	cfg.CancelTimeout = 10 * time.Second
	tr := open(t, cfg)
	tr.pause = 5 * time.Millisecond
	ses := lease(t, tr)
	ses.c.pause, ses.c.patient = 5*time.Millisecond, time.Second
	r, err := ses.Start(t.Context(), transport.Statement{SQL: slowStatement})
	if err != nil {
		t.Fatal(err)
	}
	r.(*run).abandon(t.Context())
	if err := r.Wait(t.Context()); !hasState(err, cancelled) {
		t.Errorf("got %v", err)
	}
	must(t, ses, transporttest.SelectOne)
	wantLog(t, s, slowStatement, "CANCEL 1", transporttest.SelectOne)
}

// TestTerminateElsewhere: the server does not go on with what nobody waits for.
func TestTerminateElsewhere(t *testing.T) {
	t.Parallel()
	s := newServer(t, func(s *server) {
		s.deaf = true
		s.answer = func(b *backend, sql string) any {
			if !strings.HasPrefix(sql, "SELECT pg_terminate_backend(1)") {
				return nil
			}
			s.mu.Lock()
			defer s.mu.Unlock()
			s.backends[1].cancel()
			return &reply{tag: "SELECT"}
		}
	})
	cfg := s.config()
	cfg.CancelTimeout = 200 * time.Millisecond
	ses := lease(t, open(t, cfg))
	run, err := ses.Start(t.Context(), transport.Statement{SQL: slowStatement})
	if err != nil {
		t.Fatal(err)
	}
	if err := ses.Close(t.Context(), transport.Keep); err != nil {
		t.Error(err)
	}
	if err := run.Wait(t.Context()); !errors.Is(err, errStuck) {
		t.Errorf("got %v", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Contains(s.log, "SELECT pg_terminate_backend(1)") {
		t.Errorf("the server was sent %q", s.log)
	}
}
