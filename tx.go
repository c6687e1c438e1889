package redshift

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/llm-dev-ops/redshift/transport"
)

// TxOptions configures a transaction.
type TxOptions struct {
	// ReadOnly refuses changes.
	ReadOnly bool
}

// TxState is what became of a transaction.
type TxState string

// The states of a transaction.
const (
	TxActive     TxState = "active"
	TxCommitted  TxState = "committed"
	TxRolledBack TxState = "rolled back"
	// TxFailed: a statement failed, only Rollback is left; or the outcome of
	// Commit is not known.
	TxFailed TxState = "failed"
)

// Tx is a transaction on a session of its own. It is used by one goroutine and
// ends with Commit or Rollback; Rows must be closed before the next statement.
type Tx struct {
	c     *Client
	l     lease
	began time.Time
	state TxState
}

// Begin starts a transaction.
func (c *Client) Begin(ctx context.Context, opts TxOptions) (*Tx, error) {
	if caps := c.t.Caps(); !caps.Transactions {
		return nil, wrap(&transport.UnsupportedError{Transport: caps.Name, Capability: "Transactions"})
	}
	sql := "BEGIN"
	if opts.ReadOnly {
		sql = "BEGIN READ ONLY"
	}
	for attempt := 0; ; attempt++ {
		e := newExecution(ctx, c.cfg.DefaultTimeout, true)
		l, err := c.lease(e.ctx, true)
		if err != nil {
			return nil, e.fail(err)
		}
		e.s = l.s
		rows, err := e.start(func(ctx context.Context) (transport.Run, error) {
			return l.s.Start(ctx, transport.Statement{SQL: sql, QueryGroup: c.cfg.DefaultQueryGroup})
		})
		if err == nil {
			err = rows.Close()
		}
		if err == nil {
			return &Tx{c: c, l: l, began: time.Now(), state: TxActive}, nil
		}
		l.release(transport.Discard)
		if attempt >= c.cfg.MaxRetries || !unsent(err) || ctx.Err() != nil {
			return nil, err
		}
	}
}

// State is what became of the transaction. It does no I/O.
func (tx *Tx) State() TxState {
	if tx.state == TxActive {
		switch tx.l.s.State() {
		case transport.StateFailedTx, transport.StateBroken:
			return TxFailed
		}
	}
	return tx.state
}

// StartedAt is when the transaction began.
func (tx *Tx) StartedAt() time.Time { return tx.began }

// Execute is Client.Execute within the transaction.
func (tx *Tx) Execute(ctx context.Context, q Query) (*Result, error) {
	rows, err := tx.open(ctx, q, true)
	if err != nil {
		return nil, err
	}
	return tx.c.materialise(rows)
}

// Query is Client.Query within the transaction.
func (tx *Tx) Query(ctx context.Context, q Query) (*Rows, error) { return tx.open(ctx, q, false) }

// QueryRow is Client.QueryRow within the transaction.
func (tx *Tx) QueryRow(ctx context.Context, q Query) (Row, error) {
	rows, err := tx.open(ctx, q, true)
	return one(rows, err)
}

func (tx *Tx) open(ctx context.Context, q Query, whole bool) (*Rows, error) {
	if err := tx.active(); err != nil {
		return nil, err
	}
	stmt, timeout, err := tx.c.statement(q)
	if err != nil {
		return nil, err
	}
	e := newExecution(ctx, timeout, whole)
	e.s, e.wantID, e.tells = tx.l.s, q.WantID, stmt.WantID
	e.shift = idShift(q.ID)
	return e.start(func(ctx context.Context) (transport.Run, error) { return tx.l.s.Start(ctx, stmt) })
}

func (tx *Tx) active() error {
	if tx.state != TxActive {
		return &Error{Kind: ErrTransaction, Message: "the transaction has ended: it is " + string(tx.state)}
	}
	return nil
}

// Commit ends the transaction. If the server answers with a rollback, as it does
// after a failed statement, that is an ErrTransaction. If the connection breaks,
// or ctx ends and no answer comes within five seconds more, it is an
// ErrOutcomeUnknown. The session is given back in any case.
func (tx *Tx) Commit(ctx context.Context) error {
	if err := tx.active(); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return wrap(err) // nothing was sent; Rollback is left
	}
	tag, err := tx.finish(ctx, "COMMIT")
	switch {
	case err != nil:
		tx.state = TxFailed
	case tag == "ROLLBACK":
		tx.state = TxRolledBack
		err = &Error{Kind: ErrTransaction, Message: "COMMIT was answered by a rollback", Hint: "a statement of the transaction failed before"}
	default:
		tx.state = TxCommitted
	}
	return err
}

// Rollback undoes the transaction and gives the session back, also when ctx has
// ended. After Commit or Rollback it does nothing.
func (tx *Tx) Rollback(ctx context.Context) error {
	if tx.state != TxActive {
		return nil
	}
	tx.state = TxRolledBack
	if tx.l.s.State() == transport.StateBroken {
		// The server rolls back what a lost session has left.
		tx.l.release(transport.Discard)
		return nil
	}
	cctx, cancel := closingContext(ctx)
	defer cancel()
	_, err := tx.finish(cctx, "ROLLBACK")
	if errors.Is(err, ErrConnectionFailed) {
		return nil
	}
	return err
}

// finish runs what ends the transaction, and is not cancelled with ctx: there
// is nothing to be gained by it, and an outcome to be lost.
func (tx *Tx) finish(ctx context.Context, sql string) (tag string, err error) {
	keep := transport.Discard
	defer func() { tx.l.release(keep) }()
	run, err := tx.l.s.Start(ctx, transport.Statement{SQL: sql})
	if err != nil {
		return "", wrap(err)
	}
	if err = run.Wait(ctx); err != nil && ctx.Err() == nil {
		if reuse(tx.l.s, err) == transport.Keep {
			keep = transport.Keep
		}
		return "", wrap(err)
	}
	cctx, cancel := closingContext(ctx)
	defer cancel()
	res, err := run.Result(cctx)
	if err == nil {
		for res.Next() { // no rows are due
		}
		err = res.Close()
		tag = res.Tag()
	}
	if cctx.Err() != nil {
		return "", &Error{Kind: ErrOutcomeUnknown, Message: "no answer to " + sql, cause: cctx.Err()}
	}
	if err == nil {
		keep = transport.Keep
	}
	return tag, wrap(err)
}

// InTx runs fn in a transaction, which it commits when fn returns nil and rolls
// back otherwise, also when fn panics. After a serialization failure, of fn or
// of the commit, it begins anew, at most Config.MaxRetries times; fn must
// therefore have no effect outside the transaction.
func (c *Client) InTx(ctx context.Context, opts TxOptions, fn func(*Tx) error) error {
	for attempt := 0; ; attempt++ {
		err := c.inTxOnce(ctx, opts, fn)
		if err == nil || !errors.Is(err, ErrSerializationFailure) || attempt >= c.cfg.MaxRetries {
			return err
		}
		pause := c.cfg.RetryBackoff << min(attempt, 10)
		t := time.NewTimer(pause/2 + rand.N(pause))
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
			return errors.Join(err, context.Cause(ctx))
		}
	}
}

func (c *Client) inTxOnce(ctx context.Context, opts TxOptions, fn func(*Tx) error) error {
	tx, err := c.Begin(ctx, opts)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback(ctx) }()
	if err := fn(tx); err != nil {
		return err
	}
	return tx.Commit(ctx)
}
