package pgwire

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/llm-dev-ops/redshift/transport"
	"github.com/llm-dev-ops/redshift/transport/transporttest"
)

// A lease that is passed on is checked as one that begins.
func TestRecheck(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	cfg := s.config()
	cfg.QueryGroup = "normal"
	tr := open(t, cfg)
	ses := lease(t, tr)
	p, err := ses.Prepare(t.Context(), transporttest.SelectOne, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ses.Start(t.Context(), transport.Statement{SQL: transporttest.SelectOne, QueryGroup: "other"}); err != nil {
		t.Fatal(err)
	}
	if err := ses.Recheck(t.Context()); ses.Reusable() || !errors.Is(err, transport.ErrBusy) {
		t.Errorf("a busy session can be reused: %v", err)
	}
	ses.active.abandon(t.Context())
	if err := ses.Recheck(t.Context()); err != nil || !ses.Reusable() {
		t.Fatalf("%v, %v", ses.Reusable(), err)
	}
	if ses.c.group != "normal" {
		t.Errorf("the query group is still %q", ses.c.group)
	}
	run, err := p.Start(t.Context(), nil)
	if err == nil {
		err = run.Wait(t.Context())
	}
	if err != nil {
		t.Errorf("the prepared statement has gone: %v", err)
	}
	ses.active.abandon(t.Context())

	for _, test := range []struct {
		name  string
		spoil func(*session)
		want  error
	}{
		{"something left", func(s *session) { s.c.dirty = true }, errLeftOver},
		{"in a transaction", func(s *session) { s.c.tx = 'T' }, errLeftOver},
		{"too old", func(s *session) { s.c.expires = time.Now().Add(-time.Second) }, errTooOld},
		{"closed here", func(s *session) { _ = s.c.nc.Close() }, errDead},
	} {
		ses := lease(t, tr)
		must(t, ses, transporttest.SelectOne)
		test.spoil(ses)
		err := ses.Recheck(t.Context())
		var lost *transport.LostError
		if !errors.Is(err, test.want) || !errors.As(err, &lost) || lost.Sent {
			t.Errorf("%s: %v", test.name, err)
		}
		_ = ses.Close(t.Context(), transport.Discard)
	}

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := ses.Recheck(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	s.hangUp()
	waitFor(t, func() bool { return ses.Recheck(t.Context()) != nil })
	if ses.State() != transport.StateBroken || ses.Reusable() {
		t.Errorf("a dead session is %v", ses.State())
	}
	_ = ses.Close(t.Context(), transport.Keep)
	if err := ses.Recheck(t.Context()); ses.Reusable() || !errors.Is(err, transport.ErrClosed) {
		t.Errorf("got %v", err)
	}
}
