package dataapi

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
	"github.com/llm-dev-ops/redshift/transport"
)

// settings are what a statement asks of its session. The service has no place
// for them: they are SET in a session before the statement.
type settings struct {
	group   string
	timeout time.Duration
}

// settle makes the session's settings those that a statement wants. No group
// leaves the lease's alone, no time limit resets one that was set.
func (x *session) settle(ctx context.Context, want settings) error {
	x.mu.Lock()
	if want.group != "" {
		x.group = want.group
	}
	want.group = x.group
	if x.id == "" && (x.pinned || want != settings{}) {
		x.serverSession = x.s.takeIdle(want)
		x.reused = x.id != ""
	}
	have := x.set
	x.mu.Unlock()
	if want.group != have.group {
		sql := "RESET query_group"
		if want.group != "" {
			lit, err := lex.QuoteLiteral(want.group)
			if err != nil {
				return err
			}
			sql = "SET query_group TO " + lit
		}
		have.group = want.group
		if err := x.tell(ctx, sql, have); err != nil {
			return err
		}
	}
	if want.timeout == have.timeout {
		return nil
	}
	sql := "RESET statement_timeout"
	if want.timeout > 0 {
		// In milliseconds (r_statement_timeout); 0 would mean none.
		sql = "SET statement_timeout TO " + strconv.FormatInt(max(want.timeout.Milliseconds(), 1), 10)
	}
	return x.tell(ctx, sql, want)
}

// tell runs a SET and waits for it. When it fails half way, nobody knows what
// the session's settings are, so it is not used again.
func (x *session) tell(ctx context.Context, sql string, next settings) error {
	x.mu.Lock()
	before := x.set
	x.set = next // makes the session one that keeps state
	x.mu.Unlock()
	r, err := x.submit(ctx, transport.Statement{SQL: sql}, sql, nil, true)
	if err == nil {
		err = r.await(ctx)
	}
	if err == nil {
		return nil
	}
	var lost *transport.LostError
	unknown := errors.As(err, &lost) && lost.Sent || r != nil && !r.over()
	x.mu.Lock()
	x.set = before
	x.broken = x.broken || unknown && x.id != ""
	x.mu.Unlock()
	return err
}

// after is the state of a transaction after a statement. In a failed one
// nothing but its end succeeds.
func after(tx transport.SessionState, sql string, ok bool) transport.SessionState {
	switch lex.FirstKeyword(sql) {
	case "begin", "start":
		if ok {
			return transport.StateInTx
		}
	case "commit", "end", "rollback", "abort":
		return transport.StateIdle // a COMMIT that fails has ended it too
	}
	if !ok && tx == transport.StateInTx {
		return transport.StateFailedTx
	}
	return tx
}

func rollsBack(sql string) bool {
	w := lex.FirstKeyword(sql)
	return w == "rollback" || w == "abort"
}
