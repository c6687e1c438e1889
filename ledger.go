package redshift

import (
	"context"
	"errors"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
)

// CreateLedger makes a table for CopyOptions.Ledger if there is none of that
// name. A row is a load that was committed: the id, table and source of the
// command, and what its CopyResult had. Rows may be deleted once nobody repeats
// their ids any more.
func (c *Client) CreateLedger(ctx context.Context, ledger TableRef) error {
	name, err := ledger.quoted()
	if err != nil {
		return err
	}
	_, err = c.Execute(ctx, SQL("CREATE TABLE IF NOT EXISTS "+name+" (id VARCHAR("+strconv.Itoa(maxIDLen)+") NOT NULL PRIMARY KEY, "+
		"table_name VARCHAR(260) NOT NULL, source VARCHAR(2048) NOT NULL, rows_loaded BIGINT NOT NULL, rows_rejected BIGINT NOT NULL, "+
		"files_scanned BIGINT NOT NULL, bytes_scanned BIGINT NOT NULL, duration_us BIGINT NOT NULL, pid INTEGER NOT NULL, loaded_at TIMESTAMPTZ NOT NULL)"))
	return err
}

func (t TableRef) quoted() (string, error) {
	if t.Schema == "" {
		return Ident(t.Name)
	}
	return Ident(t.Schema, t.Name)
}

// ledgered is one load with a ledger (decision 0009).
type ledgered struct {
	c      *Client
	cmd    CopyCommand // without the ledger
	ledger string      // quoted
	id     string
	table  string
	source string
	// pending is why the outcome of a COMMIT is not known, nil once it is.
	pending error
}

// copyOnce is Client.Copy with a ledger.
func (c *Client) copyOnce(ctx context.Context, cmd CopyCommand) (*CopyResult, error) {
	o := &cmd.Options
	if err := o.identity(); err != nil {
		return nil, err
	}
	l := &ledgered{c: c, id: o.ID}
	var err error
	if l.ledger, err = o.Ledger.quoted(); err != nil {
		return nil, err
	}
	if l.table, err = cmd.Table.quoted(); err != nil {
		return nil, err
	}
	if o.NoLoad {
		return nil, usage("NOLOAD loads nothing that a ledger could keep")
	}
	stmt, err := cmd.statement()
	if err != nil {
		return nil, invalid("COPY", err)
	}
	l.source = stmt.From.URI
	o.Ledger = TableRef{}
	l.cmd = cmd
	if _, err := c.copyQuery(cmd); err != nil {
		return nil, err
	}
	for attempt := 0; ; attempt++ {
		res, err := l.try(ctx)
		switch {
		case err == nil:
			return res, nil
		case ctx.Err() != nil:
			return l.settle(ctx, err)
		case l.pending == nil && !errors.Is(err, ErrConnectionFailed) && !errors.Is(err, ErrOutcomeUnknown) && !errors.Is(err, ErrSerializationFailure):
			return nil, err
		case attempt >= c.cfg.MaxRetries:
			return l.settle(ctx, err)
		}
		pause := c.cfg.RetryBackoff << min(attempt, 10)
		t := time.NewTimer(pause/2 + rand.N(pause))
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
			return l.settle(ctx, err)
		}
	}
}

// try loads, unless the ledger has the id. Whatever fails before COMMIT was sent
// leaves nothing: the server rolls back what a lost session has begun.
func (l *ledgered) try(ctx context.Context) (*CopyResult, error) {
	tx, err := l.c.Begin(ctx, TxOptions{})
	if err != nil {
		return nil, err
	}
	defer func() { _ = tx.Rollback(ctx) }()
	res, err := l.look(ctx, tx)
	if res != nil || err != nil {
		return res, err
	}
	if res, err = tx.Copy(ctx, l.cmd); err != nil {
		return nil, err
	}
	if err := l.enter(ctx, tx, res); err != nil {
		return nil, err
	}
	err = tx.Commit(ctx)
	if err != nil && tx.State() == TxFailed && !unsent(err) {
		l.pending = err
	}
	return res, err
}

// look waits for whoever loads with this ledger and then reads what it has of the
// id: nil if no load of that id has happened. LOCK comes before the SELECT, which
// takes the transaction's snapshot.
func (l *ledgered) look(ctx context.Context, tx *Tx) (*CopyResult, error) {
	if _, err := tx.Execute(ctx, Query{SQL: "LOCK " + l.ledger, Timeout: l.c.cfg.MaxQueryTimeout}); err != nil {
		if errors.Is(err, ErrTableNotFound) {
			return nil, &Error{Kind: ErrTableNotFound, Message: "the ledger " + l.ledger + " does not exist", Hint: "make it with Client.CreateLedger", cause: err}
		}
		return nil, err
	}
	found, err := tx.Execute(ctx, SQL("SELECT table_name, source, rows_loaded, rows_rejected, files_scanned, bytes_scanned, duration_us FROM "+
		l.ledger+" WHERE id = "+quotedText(l.id)))
	if err != nil {
		return nil, err
	}
	l.pending = nil // all that was sent before has ended, one way or the other
	if len(found.Rows) == 0 {
		return nil, nil
	}
	var table, source string
	var micros int64
	res := &CopyResult{ID: l.id, Repeated: true}
	if err := found.Rows[0].Scan(&table, &source, &res.RowsLoaded, &res.RowsRejected, &res.FilesScanned, &res.BytesScanned, &micros); err != nil {
		return nil, err
	}
	if table != l.table || source != l.source {
		return nil, usage("the ledger has the id %s for a load of %s from %s", l.id, table, source)
	}
	res.Duration = time.Duration(micros) * time.Microsecond
	return res, nil
}

// enter writes the row of the load.
func (l *ledgered) enter(ctx context.Context, tx *Tx, res *CopyResult) error {
	values := []string{quotedText(l.id), quotedText(l.table), quotedText(l.source)}
	for _, n := range []int64{res.RowsLoaded, res.RowsRejected, res.FilesScanned, res.BytesScanned, res.Duration.Microseconds(), int64(tx.l.s.Info().PID)} {
		values = append(values, strconv.FormatInt(n, 10))
	}
	_, err := tx.Execute(ctx, SQL("INSERT INTO "+l.ledger+" VALUES ("+strings.Join(values, ", ")+", getdate())"))
	return err
}

// quotedText quotes what was checked to have no zero byte.
func quotedText(s string) string { return string(lex.AppendLiteral(nil, s)) }

// settle ends a load that is not to be tried again, and says what became of it.
// Only where COMMIT was sent is there anything to ask, and then it is asked also
// for a caller whose context has ended, for a bounded time.
func (l *ledgered) settle(ctx context.Context, last error) (*CopyResult, error) {
	if l.pending == nil {
		return nil, l.nothing(ctx, last)
	}
	cctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), l.c.cfg.ConnectionTimeout+closing)
	defer cancel()
	var res *CopyResult
	tx, err := l.c.Begin(cctx, TxOptions{})
	if err == nil {
		res, err = l.look(cctx, tx)
		_ = tx.Rollback(cctx)
	}
	switch {
	case err == nil && res != nil:
		return res, nil
	case err == nil:
		return nil, l.nothing(ctx, last)
	}
	return nil, &Error{
		Kind: ErrOutcomeUnknown, Message: "COMMIT of the load " + l.id + " had no answer, and the ledger could not be asked",
		Hint:  "call Copy again with this id: it loads only if it has not happened",
		cause: errors.Join(l.pending, err),
	}
}

// nothing is the error of a load that has certainly not happened. The last error
// may say otherwise of its own statement, so it is told and not wrapped.
func (l *ledgered) nothing(ctx context.Context, last error) error {
	if !errors.Is(last, ErrOutcomeUnknown) && !errors.Is(last, ErrConnectionFailed) {
		return last
	}
	e := &Error{Kind: ErrConnectionFailed, Retryable: Yes, Message: "nothing was loaded: " + last.Error()}
	if cause := context.Cause(ctx); cause != nil {
		e.Kind, e.Retryable, e.cause = ErrQueryCancelled, No, cause
		if errors.Is(cause, context.DeadlineExceeded) {
			e.Kind = ErrQueryTimeout
		}
	}
	return e
}
