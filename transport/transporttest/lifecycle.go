package transporttest

import (
	"context"

	"github.com/llm-dev-ops/redshift/transport"
)

var lifecycle = []test{
	{"a transport has a name and limits", func(e *env) {
		if e.caps.Name == "" || e.caps.MaxStatement <= 0 || e.caps.MaxParams <= 0 {
			e.Errorf("Caps %+v lack a name or a limit", e.caps)
		}
	}},
	{"stats count leases", func(e *env) {
		s := e.session()
		e.usable(s)
		if got := e.tr.Stats(); got.InUse != 1 || got.Leases != 1 {
			e.Errorf("one lease: in use %d, leases %d", got.InUse, got.Leases)
		}
		if err := s.Close(e.ctx, transport.Keep); err != nil {
			e.Error(err)
		}
		if got := e.tr.Stats(); got.InUse != 0 || got.Leases != 1 {
			e.Errorf("no lease: in use %d, leases %d", got.InUse, got.Leases)
		}
	}},
	{"closing a session twice is harmless", func(e *env) {
		s := e.session()
		for range 2 {
			if err := s.Close(e.ctx, transport.Discard); err != nil {
				e.Error(err)
			}
		}
		if got := e.tr.Stats().InUse; got != 0 {
			e.Errorf("%d sessions are in use", got)
		}
	}},
	{"a closed session refuses", func(e *env) {
		s := e.session()
		_ = s.Close(e.ctx, transport.Keep)
		_, err := s.Start(e.ctx, transport.Statement{SQL: SelectOne})
		e.wantIs(err, transport.ErrClosed)
		if e.caps.Prepare {
			_, err = s.Prepare(e.ctx, SelectOne, nil)
			e.wantIs(err, transport.ErrClosed)
		}
		if e.caps.Batch {
			_, err = s.Batch(e.ctx, []transport.Statement{{SQL: SelectOne}})
			e.wantIs(err, transport.ErrClosed)
		}
	}},
	{"a closed transport refuses", func(e *env) {
		for range 2 {
			if err := e.tr.Close(e.ctx); err != nil {
				e.Error(err)
			}
		}
		_, err := e.tr.Open(e.ctx, transport.OpenOptions{})
		e.wantIs(err, transport.ErrClosed)
	}},
	{"a lease ends before Close does", func(e *env) {
		s, err := e.tr.Open(e.ctx, transport.OpenOptions{})
		if err != nil {
			e.Fatal(err)
		}
		closed := make(chan error, 1)
		go func() { closed <- e.tr.Close(e.ctx) }()
		// Whatever Close has done by now, the leased session works.
		e.usable(s)
		select {
		case <-closed:
			e.Error("Close returned while a session was leased")
		default:
		}
		if err := s.Close(e.ctx, transport.Keep); err != nil {
			e.Error(err)
		}
		if err := <-closed; err != nil {
			e.Error(err)
		}
	}},
	{"Close does not wait for ever", func(e *env) {
		s, err := e.tr.Open(e.ctx, transport.OpenOptions{})
		if err != nil {
			e.Fatal(err)
		}
		ctx, cancel := context.WithCancel(e.ctx)
		cancel()
		e.wantIs(e.tr.Close(ctx), context.Canceled)
		if _, err := s.Start(e.ctx, transport.Statement{SQL: SelectOne}); err == nil {
			e.Error("a session works after its transport was closed by force")
		}
		_ = s.Close(e.ctx, transport.Keep)
		if err := e.tr.Close(e.ctx); err != nil {
			e.Errorf("the second Close: %v", err)
		}
	}},
	{"a statement is revived, or that is refused", func(e *env) {
		if !e.caps.Attach {
			_, err := e.tr.Attach(e.ctx, "x")
			e.wantUnsupported("Attach", err)
			return
		}
		s := e.session()
		run := e.start(s, SelectOne)
		if err := run.Wait(e.ctx); err != nil {
			e.Fatal(err)
		}
		again, err := e.tr.Attach(e.ctx, run.ID())
		if err != nil {
			e.Fatal(err)
		}
		res, err := again.Result(e.ctx)
		if err != nil {
			e.Fatal(err)
		}
		if rows, _, err := read(res); err != nil || len(rows) != 1 {
			e.Errorf("got %q, %v", rows, err)
		}
	}},
}
