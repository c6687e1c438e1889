package transporttest

import (
	"fmt"

	"github.com/llm-dev-ops/redshift/transport"
)

func (e *env) batch(s transport.Session, sqls ...string) (transport.Batch, bool) {
	e.Helper()
	stmts := make([]transport.Statement, len(sqls))
	for i, sql := range sqls {
		stmts[i].SQL = sql
	}
	b, err := s.Batch(e.ctx, stmts)
	if !e.caps.Batch {
		e.wantUnsupported("Batch", err)
		return nil, false
	}
	if err != nil {
		e.Fatalf("Batch: %v", err)
	}
	return b, true
}

func (e *env) endBatch(s transport.Session, b transport.Batch) {
	e.Helper()
	if b.Next(e.ctx) {
		e.Error("one result too many")
	}
	e.wantIs(b.Err(), nil)
	for range 2 {
		if err := b.Close(); err != nil {
			e.Errorf("close of a batch: %v", err)
		}
	}
	e.usable(s)
}

var batches = []test{
	{"results come in order", func(e *env) {
		s := e.session()
		b, ok := e.batch(s, SelectOne, e.opts.Rows(FewRows), SelectNone)
		if !ok {
			return
		}
		for _, want := range []string{"[[1]]", "[[1] [2] [3] [4] [5]]", "[]"} {
			if !b.Next(e.ctx) {
				e.Fatalf("no result for %s: %v", want, b.Err())
			}
			if got, _, err := read(b.Result()); err != nil || fmt.Sprint(got) != want {
				e.Errorf("got %v, %v, want %s", got, err, want)
			}
		}
		e.endBatch(s, b)
	}},
	{"a failure is of its statement alone", func(e *env) {
		if !e.caps.Batch {
			return
		}
		s := e.session()
		b, _ := e.batch(s, SelectOne, SelectDivision, SelectOne)
		for i := range 3 {
			if !b.Next(e.ctx) {
				e.Fatalf("no result %d: %v", i, b.Err())
			}
			got, _, err := read(b.Result())
			if i == 1 {
				e.wantState(err, "22012")
			} else if err != nil || fmt.Sprint(got) != "[[1]]" {
				e.Errorf("result %d: %v, %v", i, got, err)
			}
		}
		e.endBatch(s, b)
	}},
	{"results may be left unread", func(e *env) {
		if !e.caps.Batch {
			return
		}
		s := e.session()
		b, _ := e.batch(s, e.opts.Rows(SomeRows), SelectOne, e.opts.Rows(SomeRows))
		for range 2 {
			if !b.Next(e.ctx) {
				e.Fatal(b.Err())
			}
		}
		if err := b.Close(); err != nil {
			e.Error(err)
		}
		e.wantSession(s, transport.StateIdle)
		e.usable(s)
	}},
	{"every statement runs, read or not", func(e *env) {
		if !e.caps.Batch || !e.caps.Session {
			return
		}
		s := e.session()
		e.query(s, CreateTable)
		b, _ := e.batch(s, InsertTwo, InsertThird)
		if err := b.Close(); err != nil {
			e.Error(err)
		}
		e.expect(s, CountRows, "3")
	}},
	{"an empty batch", func(e *env) {
		if !e.caps.Batch {
			return
		}
		s := e.session()
		b, _ := e.batch(s)
		e.endBatch(s, b)
	}},
}
