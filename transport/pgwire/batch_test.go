package pgwire

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/llm-dev-ops/redshift/transport"
	"github.com/llm-dev-ops/redshift/transport/transporttest"
)

// More requests and more answers than the buffers between client and server
// hold: written all at once they would block each other for ever.
func TestBatchOfMuchData(t *testing.T) {
	t.Parallel()
	big := bytes.Repeat([]byte("x"), 300<<10)
	s := newServer(t, func(s *server) {
		s.answer = func(b *backend, sql string) any {
			if strings.HasPrefix(sql, "big") {
				return &reply{cols: integers("n"), rows: func(yield func(...[]byte) bool) { yield(big) }}
			}
			return nil
		}
	})
	ses := lease(t, open(t, s.config()))
	stmts := make([]transport.Statement, 100)
	for i := range stmts {
		stmts[i].SQL = fmt.Sprintf("big %d %s", i, strings.Repeat("y", 10<<10))
	}
	stmts[50].SQL += strings.Repeat("z", 1<<20)
	b, err := ses.Batch(t.Context(), stmts)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for b.Next(t.Context()) {
		for b.Result().Next() {
			n += len(b.Result().Raw()[0])
		}
	}
	if err := b.Close(); err != nil || n != len(stmts)*len(big) {
		t.Errorf("%d bytes, %v", n, err)
	}
	must(t, ses, transporttest.SelectOne)
}

func TestBatchSettings(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	ses := lease(t, open(t, s.config()))
	one := transporttest.SelectOne
	b, err := ses.Batch(t.Context(), []transport.Statement{
		{SQL: one},
		{SQL: one, Timeout: time.Second},
		{SQL: "BEGIN"},
		{SQL: one, QueryGroup: "g"},
		{SQL: "ROLLBACK"},
		{SQL: one},
	})
	if err != nil {
		t.Fatal(err)
	}
	for b.Next(t.Context()) {
		if err := b.Result().Close(); err != nil {
			t.Error(err)
		}
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	wantLog(t, s, one,
		"SET statement_timeout TO 1000", one,
		"RESET query_group", "RESET statement_timeout", "BEGIN",
		"SET query_group TO 'g'", "RESET statement_timeout", one,
		"SET query_group TO 'g'", "RESET statement_timeout", "ROLLBACK",
		"SET query_group TO 'g'", "RESET statement_timeout", one)
	must(t, ses, one)
	wantLog(t, s, one)
}

func TestBatchEndsWithItsContext(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	ses := lease(t, open(t, s.config()))
	one := transport.Statement{SQL: transporttest.SelectOne}
	// Next's context: the batch can be closed all the same.
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	b, err := ses.Batch(ctx, []transport.Statement{one, {SQL: slowStatement}, one})
	if err != nil {
		t.Fatal(err)
	}
	if !b.Next(t.Context()) {
		t.Fatal(b.Err())
	}
	if b.Next(ctx) || !errors.Is(b.Err(), context.DeadlineExceeded) {
		t.Errorf("a result, or %v", b.Err())
	}
	if err := b.Close(); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	if ses.State() != transport.StateIdle {
		t.Errorf("the session is %v", ses.State())
	}
	must(t, ses, one.SQL)
}

func TestBatchOnALostConnection(t *testing.T) {
	t.Parallel()
	s := newServer(t, answers(map[string]*reply{"q": {hangUp: true}}))
	tr := open(t, s.config())
	ses := lease(t, tr)
	b, err := ses.Batch(t.Context(), []transport.Statement{{SQL: transporttest.SelectOne}, {SQL: "q"}, {SQL: transporttest.SelectOne}})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for b.Next(t.Context()) {
		n++
	}
	var lost *transport.LostError
	if n != 1 || !errors.As(b.Err(), &lost) || !lost.Sent {
		t.Errorf("%d results, %v", n, b.Err())
	}
	if err := b.Close(); !errors.As(err, &lost) {
		t.Errorf("got %v", err)
	}
	if ses.State() != transport.StateBroken {
		t.Errorf("the session is %v", ses.State())
	}
}

func TestSessionGivenBackWithABatchUnderWay(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	tr := open(t, s.config())
	ses := lease(t, tr)
	b, err := ses.Batch(t.Context(), []transport.Statement{{SQL: slowStatement}, {SQL: transporttest.SelectOne}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ses.Start(t.Context(), transport.Statement{SQL: "x"}); !errors.Is(err, transport.ErrBusy) {
		t.Errorf("got %v", err)
	}
	if err := ses.Close(t.Context(), transport.Keep); err != nil {
		t.Error(err)
	}
	if b.Next(t.Context()) {
		t.Error("a result after the session was given back")
	}
	_ = b.Close()
	must(t, lease(t, tr), transporttest.SelectOne)
	s.mu.Lock()
	for _, be := range s.backends {
		be.cancel()
	}
	s.mu.Unlock()
}
