package redshift

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
	"github.com/llm-dev-ops/redshift/transport"
)

// ExecuteInTx runs statements that are all known beforehand as one transaction and
// reads their results whole, in order, within the bounds of Execute. It is InTx with
// fewer round trips: over the wire the statements are sent one behind the other
// between BEGIN and COMMIT, over the Data API they go in one call that the service
// makes a transaction of, for which no session is needed (Caps.BatchTx). There, with
// TxOptions.ReadOnly, it is InTx.
//
// All of the statements take effect or none: the error of one that fails names its
// number, from 1, and there are no results then. After a serialization failure all
// are run anew, at most Config.MaxRetries times. The time limit is the sum of the
// statements'. If the outcome cannot be learnt, the error is ErrOutcomeUnknown; if
// the transaction was committed and rows cannot be read, it is ErrCommitted beside
// the cause, with the results of the statements before.
//
// The queries' WantID, FetchSize and Keep are not heeded. The Data API takes 40
// statements at most, all of one query group and Timeout; BEGIN, COMMIT and ROLLBACK
// are refused.
func (c *Client) ExecuteInTx(ctx context.Context, opts TxOptions, queries ...Query) ([]*Result, error) {
	caps := c.t.Caps()
	if !caps.Transactions && !caps.BatchTx {
		return nil, wrap(&transport.UnsupportedError{Transport: caps.Name, Capability: "Transactions"})
	}
	t, err := c.knownTx(queries)
	if err != nil || len(queries) == 0 {
		return nil, err
	}
	var results []*Result
	err = c.again(ctx, func() (err error) {
		if caps.BatchTx && !opts.ReadOnly {
			results, err = t.inOneCall(ctx)
		} else {
			results, err = t.inSession(ctx, opts)
		}
		return err
	})
	return results, err
}

// knownTx is a transaction whose statements are known.
type knownTx struct {
	c       *Client
	queries []Query
	stmts   []transport.Statement
	timeout time.Duration // of all together
}

func (c *Client) knownTx(queries []Query) (*knownTx, error) {
	t := &knownTx{c: c, queries: queries}
	for i, q := range queries {
		q.WantID, q.FetchSize = false, 0
		stmt, timeout, err := c.statement(q)
		if err != nil {
			return nil, t.failure(i, err)
		}
		if endsTx(q.SQL) {
			return nil, t.failure(i, usage("BEGIN, COMMIT and ROLLBACK are ExecuteInTx's own"))
		}
		t.stmts = append(t.stmts, stmt)
		t.timeout += timeout
	}
	return t, nil
}

func (t *knownTx) failure(at int, err error) error {
	return fmt.Errorf("statement %d of %d: %w", at+1, len(t.queries), err)
}

// inOneCall is for transports with Caps.BatchTx.
func (t *knownTx) inOneCall(ctx context.Context) ([]*Result, error) {
	for attempt := 0; ; attempt++ {
		e := newExecution(ctx, t.timeout, true)
		l, err := t.c.lease(e.ctx, false)
		if err != nil {
			return nil, e.fail(err)
		}
		e.s, e.release = l.s, l.release
		results, err := t.call(e)
		if err == nil || attempt >= t.c.cfg.MaxRetries || !unsent(err) || ctx.Err() != nil {
			return results, err
		}
	}
}

func (t *knownTx) call(e *execution) ([]*Result, error) {
	tx, ok := e.s.(transport.TxBatcher)
	if !ok {
		return nil, e.end(&transport.UnsupportedError{Transport: t.c.t.Caps().Name, Capability: "BatchTx"}, transport.Keep)
	}
	b, err := tx.BatchTx(e.ctx, t.stmts)
	if err != nil {
		return nil, e.end(err, reuse(e.s, err))
	}
	results, known, err := t.read(e, b)
	end := b.Close()
	if !known { // Close has cancelled it, or tells that this was too late
		err = errors.Join(err, end)
	}
	var server *transport.ServerError
	if err == nil || !known || errors.As(err, &server) {
		if err != nil {
			results = nil
		}
		return results, e.end(err, reuse(e.s, err))
	}
	committed := &Error{Kind: ErrCommitted, Message: err.Error(), Hint: "read the rows by statements that change nothing"}
	if !errors.Is(err, ErrOutcomeUnknown) { // which is of the rows
		committed.cause = err
	}
	return results, e.end(committed, reuse(e.s, end))
}

// inSession is BEGIN, the statements in one exchange where the transport has that,
// and COMMIT.
func (t *knownTx) inSession(ctx context.Context, opts TxOptions) ([]*Result, error) {
	tx, err := t.c.Begin(ctx, opts)
	if err != nil {
		return nil, err
	}
	defer func() { _ = tx.Rollback(ctx) }()
	var results []*Result
	if t.c.t.Caps().Batch {
		results, err = t.batch(ctx, tx)
	} else {
		results, err = t.oneByOne(ctx, tx)
	}
	if err != nil {
		return nil, err
	}
	if err := tx.Commit(ctx); err != nil {
		return nil, err
	}
	return results, nil
}

func (t *knownTx) batch(ctx context.Context, tx *Tx) ([]*Result, error) {
	e := newExecution(ctx, t.timeout, true)
	e.s = tx.l.s
	b, err := e.s.Batch(e.ctx, t.stmts)
	if err != nil {
		return nil, e.fail(err)
	}
	results, _, err := t.read(e, b)
	if end := b.Close(); err == nil {
		err = end
	}
	return results, e.fail(err)
}

func (t *knownTx) oneByOne(ctx context.Context, tx *Tx) ([]*Result, error) {
	var results []*Result
	for i, q := range t.queries {
		q.WantID, q.FetchSize = false, 0
		res, err := tx.Execute(ctx, q)
		if err != nil {
			return nil, t.failure(i, err)
		}
		results = append(results, res)
	}
	return results, nil
}

// read reads the results up to the first failure; known says that there was one to
// read.
func (t *knownTx) read(e *execution, b transport.Batch) (results []*Result, known bool, err error) {
	for i := range t.stmts {
		if !b.Next(e.ctx) {
			if err = b.Err(); err == nil {
				err = fmt.Errorf("the transport has told of %d of %d statements", i, len(t.stmts))
			}
			return results, known, err
		}
		known = true
		one := newExecution(e.ctx, t.timeout, true)
		one.s, one.shift = e.s, idShift(t.queries[i].ID)
		rows := &Rows{e: one, res: b.Result(), cols: b.Result().Columns(), waiting: true}
		if rows.peeked = rows.res.Next(); !rows.peeked && rows.res.Err() != nil {
			return results, known, t.failure(i, rows.Close())
		}
		res, err := t.c.materialise(rows)
		if err != nil {
			return results, known, t.failure(i, err)
		}
		results = append(results, res)
	}
	return results, known, nil
}

// endsTx reports a statement that begins or ends a transaction.
func endsTx(sql string) bool {
	switch lex.FirstKeyword(sql) {
	case "begin", "start", "commit", "end", "rollback", "abort":
		return true
	}
	return false
}
