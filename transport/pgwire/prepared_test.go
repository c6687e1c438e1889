package pgwire

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/llm-dev-ops/redshift/transport"
	"github.com/llm-dev-ops/redshift/transport/transporttest"
)

// wantOne runs a prepared statement that gives 1.
func wantOne(t *testing.T, p transport.Prepared) {
	t.Helper()
	if err := runPrepared(t, p); err != nil {
		t.Fatal(err)
	}
}

func runPrepared(t *testing.T, p transport.Prepared) error {
	t.Helper()
	r, err := p.Start(t.Context(), nil)
	if err != nil {
		return err
	}
	res, err := r.Result(t.Context())
	if err != nil {
		return err
	}
	if !res.Next() || string(res.Raw()[0]) != "1" {
		t.Errorf("no row, or %q", res.Raw())
	}
	return res.Close()
}

func prepareOne(t *testing.T, s transport.Session, sql string) transport.Prepared {
	t.Helper()
	p, err := s.Prepare(t.Context(), sql, nil)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// ones answers a few texts with a row of 1.
func ones(s *server) {
	s.answer = func(_ *backend, sql string) any {
		if len(sql) == 1 {
			return &reply{cols: []pgproto3.FieldDescription{field("v", 23)}, rows: oneRow([]byte("1")), tag: "SELECT"}
		}
		return nil
	}
}

// TestPreparedIsKept: what was closed is there for who prepares it again, in the next
// lease too, and with other types it is another statement.
func TestPreparedIsKept(t *testing.T) {
	t.Parallel()
	s := newServer(t, ones)
	tr := open(t, s.config())
	for range 2 {
		ses := lease(t, tr)
		for range 2 {
			p := prepareOne(t, ses, "a")
			wantOne(t, p)
			if err := p.Close(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if err := ses.Close(t.Context(), transport.Keep); err != nil {
			t.Fatal(err)
		}
	}
	wantLog(t, s, "a")
	ses := lease(t, tr)
	if _, err := ses.Prepare(t.Context(), "a", []transport.OID{23}); err != nil {
		t.Fatal(err)
	}
	wantLog(t, s, "a")
	// SET may change what names mean.
	must(t, ses, "SET search_path TO other")
	wantOne(t, prepareOne(t, ses, "a"))
	wantLog(t, s, "SET search_path TO other", "a")
}

// TestPreparedGivesWay: the server keeps so many, and those that gave way work.
func TestPreparedGivesWay(t *testing.T) {
	t.Parallel()
	s := newServer(t, ones)
	cfg := s.config()
	cfg.PreparedStatements = 3
	ses := lease(t, open(t, cfg))
	var held []transport.Prepared
	for i := range 8 {
		held = append(held, prepareOne(t, ses, fmt.Sprint(i)))
	}
	wantLog(t, s, "0", "1", "2", "3", "4", "5", "6", "7")
	wantOne(t, held[6])
	wantOne(t, held[7])
	wantLog(t, s)
	wantOne(t, held[0])
	wantOne(t, held[6])
	wantLog(t, s, "0")
	wantOne(t, held[5])
	wantLog(t, s, "5")
	must(t, ses, transporttest.SelectOne)
	s.mu.Lock()
	defer s.mu.Unlock()
	kept := 0
	for name := range s.backends[1].stmts {
		if name != "" {
			kept++
		}
	}
	if kept != 3 {
		t.Errorf("the server keeps %d", kept)
	}
}

// TestPreparedIsOutdated: a statement that fails because it was parsed before a change
// is parsed again, once, and not in a transaction, which has failed.
func TestPreparedIsOutdated(t *testing.T) {
	t.Parallel()
	for _, e := range []*pgproto3.ErrorResponse{
		failure("26000", `prepared statement "p1" does not exist`),
		failure("0A000", "cached plan must not change result type"),
		failure("XX000", "could not open relation with OID 12345"),
	} {
		var parses, broken atomic.Int32
		broken.Store(1)
		s := newServer(t, func(s *server) {
			s.answer = func(_ *backend, sql string) any {
				if sql != "a" {
					return nil
				}
				if parses.Add(1) <= broken.Load() {
					return &reply{cols: []pgproto3.FieldDescription{field("old", 23)}, err: e}
				}
				return &reply{cols: []pgproto3.FieldDescription{field("v", 25), field("new", 25)}, rows: oneRow([]byte("1"), nil), tag: "SELECT"}
			}
		})
		ses := lease(t, open(t, s.config()))
		p := prepareOne(t, ses, "a")
		wantOne(t, p)
		if parses.Load() != 2 {
			t.Errorf("%s: parsed %d times", e.Message, parses.Load())
		}
		wantOne(t, p)
		if parses.Load() != 2 {
			t.Errorf("%s: parsed %d times", e.Message, parses.Load())
		}
		// It stays outdated: the second failure is reported.
		parses.Store(0)
		broken.Store(100)
		must(t, ses, "SET x TO y")
		var server *transport.ServerError
		if err := runPrepared(t, p); !errors.As(err, &server) || server.SQLState != e.Code || parses.Load() != 2 {
			t.Errorf("%s: %v after %d parses", e.Message, err, parses.Load())
		}
		must(t, ses, "BEGIN")
		parses.Store(0)
		if err := runPrepared(t, p); !errors.As(err, &server) || parses.Load() != 1 {
			t.Errorf("%s: %v after %d parses", e.Message, err, parses.Load())
		}
		must(t, ses, "ROLLBACK")
		if err := ses.Close(context.Background(), transport.Keep); err != nil {
			t.Error(err)
		}
	}
}
