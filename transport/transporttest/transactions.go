package transporttest

import (
	"github.com/llm-dev-ops/redshift/transport"
)

// failedTx is the SQLSTATE of a statement in a failed transaction
// (in_failed_sql_transaction).
const failedTx = "25P02"

// inTx gives a session, or asserts that transactions are refused.
func (e *env) inTx() (transport.Session, bool) {
	e.Helper()
	s := e.session()
	if !e.caps.Transactions {
		run, err := s.Start(e.ctx, transport.Statement{SQL: "BEGIN"})
		if err == nil {
			err = run.Wait(e.ctx)
		}
		e.wantUnsupported("Transactions", err)
	}
	return s, e.caps.Transactions
}

var transactions = []test{
	{"the session knows that it is in one", func(e *env) {
		s, ok := e.inTx()
		if !ok {
			return
		}
		for _, end := range []string{"COMMIT", "ROLLBACK"} {
			e.query(s, "BEGIN")
			e.wantSession(s, transport.StateInTx)
			e.usable(s)
			e.wantSession(s, transport.StateInTx)
			if _, tag := e.query(s, end); tag != end {
				e.Errorf("tag %q, want %q", tag, end)
			}
			e.wantSession(s, transport.StateIdle)
		}
	}},
	{"a failed one refuses until it is rolled back", func(e *env) {
		s, ok := e.inTx()
		if !ok {
			return
		}
		e.query(s, "BEGIN")
		e.fail(s, SelectDivision, "22012")
		e.wantSession(s, transport.StateFailedTx)
		e.fail(s, SelectOne, failedTx)
		e.wantSession(s, transport.StateFailedTx)
		e.query(s, "ROLLBACK")
		e.wantSession(s, transport.StateIdle)
		e.usable(s)
	}},
	{"COMMIT of a failed one says ROLLBACK", func(e *env) {
		s, ok := e.inTx()
		if !ok {
			return
		}
		e.query(s, "BEGIN")
		e.fail(s, SelectDivision, "22012")
		if _, tag := e.query(s, "COMMIT"); tag != "ROLLBACK" {
			e.Errorf("tag %q, want ROLLBACK", tag)
		}
		e.wantSession(s, transport.StateIdle)
	}},
	{"ROLLBACK undoes and COMMIT does not", func(e *env) {
		s, ok := e.inTx()
		if !ok {
			return
		}
		e.query(s, CreateTable)
		e.query(s, "BEGIN")
		e.query(s, InsertTwo)
		e.query(s, "ROLLBACK")
		e.expect(s, CountRows, "0")
		e.query(s, "BEGIN")
		e.query(s, InsertTwo)
		e.query(s, "COMMIT")
		e.expect(s, CountRows, "2")
	}},
	{"rows closed early do not fail it", func(e *env) {
		s, ok := e.inTx()
		if !ok {
			return
		}
		e.query(s, "BEGIN")
		res := e.result(s, e.opts.Rows(SomeRows))
		if !res.Next() {
			e.Fatal(res.Err())
		}
		if err := res.Close(); err != nil {
			e.Error(err)
		}
		e.wantSession(s, transport.StateInTx)
		if _, tag := e.query(s, "COMMIT"); tag != "COMMIT" {
			e.Errorf("tag %q, want COMMIT", tag)
		}
	}},
	{"a session that is given back in one is clean for the next", func(e *env) {
		s, ok := e.inTx()
		if !ok {
			return
		}
		e.query(s, "BEGIN")
		if err := s.Close(e.ctx, transport.Keep); err != nil {
			e.Error(err)
		}
		next := e.session()
		e.wantSession(next, transport.StateIdle)
		e.usable(next)
	}},
}
