package redshift

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/llm-dev-ops/redshift/transport"
)

// TxOptions configures a transaction. The zero value is the server's defaults.
type TxOptions struct {
	// ReadOnly refuses changes.
	ReadOnly bool
	// Isolation is what the transaction has to run under; empty takes what the
	// database has. Isolation belongs to the database on Redshift (ALTER DATABASE …
	// ISOLATION LEVEL), so Begin asks, and refuses with ErrTransaction where it is
	// another.
	Isolation Isolation
	// QueryGroup routes those statements of the transaction that name none.
	QueryGroup string
	// Lock are tables that the transaction locks first, waiting until nobody else uses
	// them: the sure way past ErrSerializationFailure, at the price of waiting.
	Lock []Identifier
}

// Isolation is what concurrent transactions see of each other.
type Isolation string

// The isolation levels of Redshift's databases.
const (
	// Serializable: transactions give what they would give one after another; one that
	// cannot fails with ErrSerializationFailure.
	Serializable Isolation = "Serializable"
	// Snapshot: a transaction reads what was committed when it began, and only writers
	// of the same rows conflict.
	Snapshot Isolation = "Snapshot"
)

// begin is the statement that begins a transaction, and what locks its tables.
func (o TxOptions) begin() (statements []string, err error) {
	sql := "BEGIN"
	switch o.Isolation {
	case "", Snapshot:
	case Serializable:
		sql += " ISOLATION LEVEL SERIALIZABLE"
	default:
		return nil, usage("TxOptions.Isolation %q is neither Serializable nor Snapshot", o.Isolation)
	}
	if o.ReadOnly {
		sql += " READ ONLY"
	}
	if len(o.Lock) == 0 {
		return []string{sql}, nil
	}
	names := make([]string, len(o.Lock))
	for i, table := range o.Lock {
		if names[i], err = Ident(table...); err != nil {
			return nil, fmt.Errorf("TxOptions.Lock: %w", err)
		}
	}
	return []string{sql, "LOCK TABLE " + strings.Join(names, ", ")}, nil
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
	group string
}

// Begin starts a transaction.
func (c *Client) Begin(ctx context.Context, opts TxOptions) (*Tx, error) {
	if caps := c.t.Caps(); !caps.Transactions {
		return nil, wrap(&transport.UnsupportedError{Transport: caps.Name, Capability: "Transactions"})
	}
	statements, err := opts.begin()
	if err != nil {
		return nil, err
	}
	for attempt := 0; ; attempt++ {
		e := newExecution(ctx, c.cfg.DefaultTimeout, true)
		l, err := c.lease(e.ctx, true)
		if err = e.fail(err); err != nil {
			return nil, err
		}
		tx := &Tx{c: c, l: l, began: time.Now(), state: TxActive, group: cmp.Or(opts.QueryGroup, c.cfg.DefaultQueryGroup)}
		if err = tx.start(ctx, opts.Isolation, statements); err == nil {
			return tx, nil
		}
		l.release(transport.Discard)
		if attempt >= c.cfg.MaxRetries || !unsent(err) || ctx.Err() != nil {
			return nil, err
		}
	}
}

// start runs what a transaction begins with. LOCK waits for others, and is bounded as
// COPY is.
func (tx *Tx) start(ctx context.Context, isolation Isolation, statements []string) error {
	if isolation != "" {
		if err := tx.require(ctx, isolation); err != nil {
			return err
		}
	}
	timeout := tx.c.cfg.DefaultTimeout
	for _, sql := range statements {
		e := newExecution(ctx, timeout, true)
		e.s = tx.l.s
		rows, err := e.start(func(ctx context.Context) (transport.Run, error) {
			return tx.l.s.Start(ctx, transport.Statement{SQL: sql, QueryGroup: tx.group})
		})
		if err == nil {
			err = rows.Close()
		}
		if err != nil {
			return err
		}
		timeout = tx.c.cfg.MaxQueryTimeout
	}
	return nil
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
	if q.QueryGroup == "" {
		q.QueryGroup = tx.group
	}
	stmt, timeout, err := tx.c.statement(q)
	if err != nil {
		return nil, err
	}
	stmt.Large = !whole
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
	return c.again(ctx, func() error { return c.inTxOnce(ctx, opts, fn) })
}

// again repeats once after serialization failures, at most Config.MaxRetries times.
func (c *Client) again(ctx context.Context, once func() error) error {
	for attempt := 0; ; attempt++ {
		err := once()
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
