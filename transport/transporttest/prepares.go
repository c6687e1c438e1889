package transporttest

import (
	"fmt"

	"github.com/llm-dev-ops/redshift/transport"
)

// prepare makes a statement, or asserts that it is refused.
func (e *env) prepare(s transport.Session, sql string, types ...transport.OID) (transport.Prepared, bool) {
	e.Helper()
	p, err := s.Prepare(e.ctx, sql, types)
	if !e.caps.Prepare {
		e.wantUnsupported("Prepare", err)
		return nil, false
	}
	if err != nil {
		e.Fatalf("Prepare: %v", err)
	}
	return p, true
}

func (e *env) run(p transport.Prepared, want string, params ...transport.Param) {
	e.Helper()
	run, err := p.Start(e.ctx, params)
	if err != nil {
		e.Fatalf("Start of a prepared statement: %v", err)
	}
	res, err := run.Result(e.ctx)
	if err != nil {
		e.Fatalf("Result of a prepared statement: %v", err)
	}
	if got, _, err := read(res); err != nil || fmt.Sprint(got) != want {
		e.Errorf("got %v, %v, want %s", got, err, want)
	}
}

var prepares = []test{
	{"a statement runs again and again", func(e *env) {
		s := e.session()
		p, ok := e.prepare(s, SelectSum, transport.OIDInt4, transport.OIDInt4)
		if !ok {
			return
		}
		if n := len(p.Params()); n != 2 {
			e.Errorf("%d parameters, want 2", n)
		}
		if c := p.Columns(); e.caps.Describe && (len(c) != 1 || c[0].Name != "v") || !e.caps.Describe && c != nil {
			e.Errorf("columns %+v", c)
		}
		for i := range 3 {
			e.run(p, fmt.Sprintf("[[%d]]", i+1), text(transport.OIDInt4, fmt.Sprint(i)), text(transport.OIDInt4, "1"))
		}
		e.run(p, "[["+null+"]]", transport.Param{OID: transport.OIDInt4}, text(transport.OIDInt4, "1"))
		e.usable(s)
		for range 2 {
			if err := p.Close(e.ctx); err != nil {
				e.Error(err)
			}
		}
		_, err := p.Start(e.ctx, nil)
		e.wantIs(err, transport.ErrClosed)
		e.usable(s)
	}},
	{"two at once", func(e *env) {
		s := e.session()
		a, ok := e.prepare(s, SelectSum)
		if !ok {
			return
		}
		b, _ := e.prepare(s, SelectOne)
		e.run(b, "[[1]]")
		e.run(a, "[[5]]", text(0, "2"), text(0, "3"))
		e.run(b, "[[1]]")
		e.wantIs(a.Close(e.ctx), nil)
		e.run(b, "[[1]]")
		e.wantIs(b.Close(e.ctx), nil)
	}},
	{"a batch of one statement", func(e *env) {
		s := e.session()
		p, ok := e.prepare(s, SelectSum, transport.OIDInt4, transport.OIDInt4)
		if !ok || !e.caps.Batch {
			return
		}
		const n = 300
		var stmts []transport.Statement
		for i := range n {
			stmts = append(stmts, transport.Statement{
				SQL: SelectSum, Prepared: p,
				Params: []transport.Param{text(transport.OIDInt4, fmt.Sprint(i)), text(transport.OIDInt4, "1")},
			})
		}
		b, err := s.Batch(e.ctx, stmts)
		if err != nil {
			e.Fatalf("Batch: %v", err)
		}
		for i := range n {
			if !b.Next(e.ctx) {
				e.Fatalf("the batch ended before %d: %v", i, b.Err())
			}
			if got, _, err := read(b.Result()); err != nil || fmt.Sprint(got) != fmt.Sprintf("[[%d]]", i+1) {
				e.Errorf("%d: %v, %v", i, got, err)
			}
		}
		if b.Next(e.ctx) {
			e.Error("there is one result more")
		}
		e.wantIs(b.Close(), nil)
		e.run(p, "[[5]]", text(transport.OIDInt4, "2"), text(transport.OIDInt4, "3"))
		e.wantIs(p.Close(e.ctx), nil)
		e.usable(s)
	}},
	{"what cannot be parsed cannot be prepared", func(e *env) {
		s := e.session()
		if !e.caps.Prepare {
			return
		}
		if p, err := s.Prepare(e.ctx, SelectSyntax, nil); e.caps.Describe {
			e.wantState(err, "42601")
		} else if err != nil {
			e.Errorf("without Caps.Describe: %v", err)
		} else {
			run, err := p.Start(e.ctx, nil)
			if err == nil {
				err = run.Wait(e.ctx)
			}
			e.wantState(err, "42601")
		}
		e.usable(s)
		if p, ok := e.prepare(s, SelectOne); ok {
			e.run(p, "[[1]]")
			e.wantIs(p.Close(e.ctx), nil)
		}
	}},
	{"a statement outlives a transaction that is rolled back", func(e *env) {
		if !e.caps.Prepare || !e.caps.Transactions {
			return
		}
		s := e.session()
		p, _ := e.prepare(s, SelectOne)
		e.query(s, "BEGIN")
		e.run(p, "[[1]]")
		e.query(s, "ROLLBACK")
		e.run(p, "[[1]]")
		e.wantIs(p.Close(e.ctx), nil)
	}},
	{"a closed session has closed its statements", func(e *env) {
		if !e.caps.Prepare {
			return
		}
		s := e.session()
		p, _ := e.prepare(s, SelectOne)
		_ = s.Close(e.ctx, transport.Keep)
		_, err := p.Start(e.ctx, nil)
		e.wantIs(err, transport.ErrClosed)
		e.usable(e.session())
	}},
}
