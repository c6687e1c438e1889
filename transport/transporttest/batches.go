package transporttest

import (
	"fmt"
	"slices"

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
	{"more statements than one call takes", func(e *env) {
		if !e.caps.Batch {
			return
		}
		const n = 95
		s := e.session()
		b, _ := e.batch(s, slices.Repeat([]string{SelectOne}, n)...)
		for i := range n {
			if !b.Next(e.ctx) {
				e.Fatalf("the batch ended before %d: %v", i, b.Err())
			}
			if got, _, err := read(b.Result()); err != nil || fmt.Sprint(got) != "[[1]]" {
				e.Errorf("%d: %v, %v", i, got, err)
			}
		}
		e.endBatch(s, b)
	}},
	{"parameters of a batch are each statement's own", func(e *env) {
		if !e.caps.Batch {
			return
		}
		s := e.session()
		var stmts []transport.Statement
		values := []transport.Param{text(0, "x"), {}, text(0, ""), text(0, "y"), text(transport.OIDVarchar, "")}
		for _, p := range values {
			stmts = append(stmts, transport.Statement{SQL: SelectText, Params: []transport.Param{p}})
		}
		b, err := s.Batch(e.ctx, stmts)
		if err != nil {
			e.Fatal(err)
		}
		for _, want := range []string{"[[x]]", "[[" + null + "]]", "[[]]", "[[y]]", "[[]]"} {
			if !b.Next(e.ctx) {
				e.Fatalf("no result for %s: %v", want, b.Err())
			}
			if got, _, err := read(b.Result()); err != nil || fmt.Sprint(got) != want {
				e.Errorf("got %v, %v, want %s", got, err, want)
			}
		}
		e.endBatch(s, b)
	}},
	{"a batch in a transaction is a part of it", func(e *env) {
		if !e.caps.Batch || !e.caps.Transactions {
			return
		}
		s := e.session()
		e.query(s, "BEGIN")
		b, _ := e.batch(s, SelectOne, SelectDivision, SelectOne)
		for _, want := range []string{"", "22012", failedTx} {
			if !b.Next(e.ctx) {
				e.Fatalf("no result: %v", b.Err())
			}
			if _, _, err := read(b.Result()); want != "" {
				e.wantState(err, want)
			} else {
				e.wantIs(err, nil)
			}
		}
		e.wantIs(b.Close(), nil)
		e.wantSession(s, transport.StateFailedTx)
		e.query(s, "ROLLBACK")
		e.usable(s)
	}},
	{"a whole transaction in one call", func(e *env) {
		s := e.session()
		tx, ok := s.(transport.TxBatcher)
		if !e.caps.BatchTx {
			if ok {
				_, err := tx.BatchTx(e.ctx, []transport.Statement{{SQL: SelectOne}})
				e.wantUnsupported("BatchTx", err)
			}
			return
		}
		if !ok {
			e.Fatalf("Caps.BatchTx is true, and %T is no TxBatcher", s)
		}
		run := func(want []string, sqls ...string) {
			stmts := make([]transport.Statement, len(sqls))
			for i, sql := range sqls {
				stmts[i].SQL = sql
			}
			b, err := tx.BatchTx(e.ctx, stmts)
			if err != nil {
				e.Fatal(err)
			}
			for _, state := range want {
				if !b.Next(e.ctx) {
					e.Fatalf("no result: %v", b.Err())
				}
				if _, _, err := read(b.Result()); state == "" {
					e.wantIs(err, nil)
				} else {
					e.wantState(err, state)
				}
			}
			e.endBatch(s, b)
			e.wantSession(s, transport.StateIdle)
		}
		e.query(s, CreateTable)
		run([]string{"", "", ""}, InsertTwo, SelectOne, InsertThird)
		e.expect(s, CountRows, "3")
		run([]string{"", "22012", failedTx}, InsertTwo, SelectDivision, InsertThird)
		e.expect(s, CountRows, "3")
		if _, err := tx.BatchTx(e.ctx, []transport.Statement{{SQL: SelectOne}, {SQL: "COMMIT"}}); err == nil {
			e.Error("a COMMIT within was taken")
		} else {
			e.wantUnsupported("BatchTx", err)
		}
		e.usable(s)
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
