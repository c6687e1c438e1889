package transporttest

import (
	"context"
	"time"

	"github.com/llm-dev-ops/redshift/transport"
)

// cancelled is the SQLSTATE of a statement that was cancelled
// (query_canceled).
const cancelled = "57014"

var cancels = []test{
	{"a statement under way is cancelled", func(e *env) {
		s := e.session()
		if !e.caps.Cancel {
			run := e.start(s, SelectOne)
			e.wantUnsupported("Cancel", run.Cancel(e.ctx))
			return
		}
		run := e.slow(s)
		if err := run.Cancel(e.ctx); err != nil {
			e.Fatal(err)
		}
		e.wantState(run.Wait(e.ctx), cancelled)
		if st, err := run.Status(e.ctx); err != nil || st.Phase != transport.PhaseCancelled {
			e.Errorf("status %+v, %v", st, err)
		}
		e.wantSession(s, transport.StateIdle)
		e.usable(s)
	}},
	{"a waiter sees the cancel of another goroutine", func(e *env) {
		if !e.caps.Cancel {
			return
		}
		s := e.session()
		run := e.start(s, e.opts.Slow)
		waited := make(chan error, 1)
		go func() { waited <- run.Wait(e.ctx) }()
		if err := run.Cancel(e.ctx); err != nil {
			e.Error(err)
		}
		e.wantState(<-waited, cancelled)
		e.usable(s)
	}},
	{"a wait that gave up leaves the statement running", func(e *env) {
		if !e.caps.Cancel {
			return
		}
		s := e.session()
		run := e.slow(s)
		ctx, cancel := context.WithTimeout(e.ctx, 5*time.Millisecond)
		defer cancel()
		_, err := run.Result(ctx)
		e.wantIs(err, context.DeadlineExceeded)
		e.wantSession(s, transport.StateBusy)
		if err := run.Cancel(e.ctx); err != nil {
			e.Error(err)
		}
		if _, err := run.Result(e.ctx); err == nil {
			e.Error("a cancelled statement has a result")
		}
		e.usable(s)
	}},
	{"cancelling a statement that has ended harms nobody", func(e *env) {
		if !e.caps.Cancel {
			return
		}
		s := e.session()
		run := e.start(s, SelectOne)
		res, err := run.Result(e.ctx)
		if err != nil {
			e.Fatal(err)
		}
		if _, _, err := read(res); err != nil {
			e.Fatal(err)
		}
		if err := run.Cancel(e.ctx); err != nil {
			e.Error(err)
		}
		for range 5 {
			e.usable(s)
		}
	}},
	{"a session that is given back while it works", func(e *env) {
		if !e.caps.Cancel {
			return
		}
		s := e.session()
		e.slow(s)
		if err := s.Close(e.ctx, transport.Discard); err != nil {
			e.Error(err)
		}
		e.usable(e.session())
	}},
}

// slow starts the slow statement and waits a moment, so that it runs.
func (e *env) slow(s transport.Session) transport.Run {
	e.Helper()
	if e.opts.Slow == "" {
		e.Fatal("Options.Slow is empty, and the transport can cancel")
	}
	run := e.start(s, e.opts.Slow)
	ctx, cancel := context.WithTimeout(e.ctx, 20*time.Millisecond)
	defer cancel()
	e.wantIs(run.Wait(ctx), context.DeadlineExceeded)
	return run
}
