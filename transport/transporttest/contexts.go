package transporttest

import (
	"context"
	"time"

	"github.com/llm-dev-ops/redshift/transport"
)

func ended(ctx context.Context) context.Context {
	ctx, cancel := context.WithCancel(ctx)
	cancel()
	return ctx
}

var contexts = []test{
	{"an ended context opens nothing", func(e *env) {
		_, err := e.tr.Open(ended(e.ctx), transport.OpenOptions{})
		e.wantIs(err, context.Canceled)
	}},
	{"an ended context starts nothing", func(e *env) {
		s := e.session()
		_, err := s.Start(ended(e.ctx), transport.Statement{SQL: SelectOne})
		e.wantIs(err, context.Canceled)
		e.wantSession(s, transport.StateIdle)
		e.usable(s)
	}},
	{"Start's context is of Start alone", func(e *env) {
		s := e.session()
		ctx, cancel := context.WithCancel(e.ctx)
		run, err := s.Start(ctx, transport.Statement{SQL: SelectOne})
		cancel()
		if err != nil {
			e.Fatal(err)
		}
		res, err := run.Result(e.ctx)
		if err != nil {
			e.Fatal(err)
		}
		if rows, _, err := read(res); err != nil || len(rows) != 1 {
			e.Errorf("got %q, %v", rows, err)
		}
	}},
	{"Wait's context ends the waiting alone", func(e *env) {
		s := e.session()
		run := e.start(s, SelectOne)
		e.wantIs(run.Wait(ended(e.ctx)), context.Canceled)
		if err := run.Wait(e.ctx); err != nil {
			e.Fatal(err)
		}
		res, err := run.Result(e.ctx)
		if err != nil {
			e.Fatal(err)
		}
		if rows, _, err := read(res); err != nil || len(rows) != 1 {
			e.Errorf("got %q, %v", rows, err)
		}
	}},
	{"rows end with their context", func(e *env) {
		s := e.session()
		ctx, cancel := context.WithCancel(e.ctx)
		defer cancel()
		res, err := e.start(s, e.opts.Rows(ManyRows)).Result(ctx)
		if err != nil {
			e.Fatal(err)
		}
		if !res.Next() {
			e.Fatal(res.Err())
		}
		cancel()
		n := 1
		for res.Next() {
			n++
		}
		if n == ManyRows {
			e.Error("all rows came after the context ended")
		}
		e.wantIs(res.Err(), context.Canceled)
		e.wantIs(res.Close(), context.Canceled)
		e.wantSession(s, transport.StateIdle)
		e.usable(s)
	}},
	{"a deadline ends waiting for a session", func(e *env) {
		var leased int
		for e.tr.Stats().InUse < e.tr.Stats().Max && leased < 50 {
			e.session()
			leased++
		}
		if e.tr.Stats().InUse < e.tr.Stats().Max {
			return // more sessions than a test should take
		}
		ctx, cancel := context.WithTimeout(e.ctx, 5*time.Millisecond)
		defer cancel()
		_, err := e.tr.Open(ctx, transport.OpenOptions{})
		e.wantIs(err, context.DeadlineExceeded)
	}},
}
