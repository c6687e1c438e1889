package redshift

import (
	"context"
	"errors"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

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

// LedgerEntry is a load that a ledger keeps. Source is what the load is from, by
// which a repetition with another one is refused.
type LedgerEntry struct {
	// Ledger is the table, which CreateLedger makes.
	Ledger TableRef
	// ID names the load, as CopyOptions.ID.
	ID string
	// Table is where rows go, and Source where they are from, in at most 2,048
	// bytes.
	Table  TableRef
	Source string
}

// ledgered is one load with a ledger (decision 0009).
type ledgered struct {
	c      *Client
	do     func(context.Context, *Tx) (*CopyResult, error)
	ledger string // quoted
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
	if o.NoLoad {
		return nil, usage("NOLOAD loads nothing that a ledger could keep")
	}
	stmt, err := cmd.statement()
	if err != nil {
		return nil, invalid("COPY", err)
	}
	entry := LedgerEntry{Ledger: o.Ledger, ID: o.ID, Table: cmd.Table, Source: stmt.From.URI}
	if list, ok := cmd.Source.(written); ok {
		entry.Source = list.name
	}
	o.Ledger = TableRef{}
	if _, err := c.copyQuery(cmd); err != nil {
		return nil, err
	}
	return c.LoadOnce(ctx, entry, func(ctx context.Context, tx *Tx) (*CopyResult, error) { return tx.Copy(ctx, cmd) })
}

// ledgered checks an entry.
func (c *Client) ledgered(e LedgerEntry) (*ledgered, error) {
	if e.Ledger.Name == "" {
		return nil, usage("a LedgerEntry has no Ledger")
	}
	if len(e.Source) > maxLedgerSource {
		return nil, usage("the source of a LedgerEntry has %d bytes, more than %d", len(e.Source), maxLedgerSource)
	}
	if strings.ContainsRune(e.Source, 0) || !utf8.ValidString(e.Source) {
		return nil, usage("the source of a LedgerEntry is no text")
	}
	if err := checkID(e.ID); err != nil {
		return nil, err
	}
	l := &ledgered{c: c, id: e.ID, source: e.Source}
	var err error
	if l.ledger, err = e.Ledger.quoted(); err != nil {
		return nil, err
	}
	if l.table, err = e.Table.quoted(); err != nil {
		return nil, err
	}
	return l, nil
}

// maxLedgerSource is the width of the ledger's column.
const maxLedgerSource = 2048

// LedgerResult is the result that a ledger has of a load, nil if it has none. It
// waits for nobody: a load under way is not in it.
func (c *Client) LedgerResult(ctx context.Context, entry LedgerEntry) (*CopyResult, error) {
	l, err := c.ledgered(entry)
	if err != nil {
		return nil, err
	}
	res, err := l.find(ctx, c.Execute)
	return res, l.missing(err)
}

// LoadOnce runs do in a transaction that adds the row of entry to its ledger, so
// that what do changes happens once for an ID, as a Copy with
// CopyOptions.Ledger does. Where the ID is there already, do is not called and the
// first result is returned, with Repeated. do may be called several times: after
// each failure of a connection or of serialization its transaction is rolled
// back and begun anew. It must not end the transaction, and gives what the ledger
// is to keep; its errors are returned as they are.
func (c *Client) LoadOnce(ctx context.Context, entry LedgerEntry, do func(ctx context.Context, tx *Tx) (*CopyResult, error)) (*CopyResult, error) {
	l, err := c.ledgered(entry)
	if err != nil {
		return nil, err
	}
	l.do = do
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
	if res, err = l.do(ctx, tx); err != nil {
		return nil, err
	}
	if res == nil {
		return nil, usage("a load of LoadOnce has no result")
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
		return nil, l.missing(err)
	}
	res, err := l.find(ctx, tx.Execute)
	if err == nil {
		l.pending = nil // all that was sent before has ended, one way or the other
	}
	return res, err
}

// missing says what to do where there is no ledger.
func (l *ledgered) missing(err error) error {
	if errors.Is(err, ErrTableNotFound) {
		return &Error{Kind: ErrTableNotFound, Message: "the ledger " + l.ledger + " does not exist", Hint: "make it with Client.CreateLedger", cause: err}
	}
	return err
}

// find reads the row of the id, nil if there is none.
func (l *ledgered) find(ctx context.Context, run execute) (*CopyResult, error) {
	found, err := run(ctx, SQL("SELECT table_name, source, rows_loaded, rows_rejected, files_scanned, bytes_scanned, duration_us FROM "+
		l.ledger+" WHERE id = "+quotedText(l.id)))
	if err != nil {
		return nil, err
	}
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
