package redshift

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/llm-dev-ops/redshift/internal/redshiftsql/copycmd"
	"github.com/llm-dev-ops/redshift/transport"
)

// CopyResult is what a COPY has done.
type CopyResult struct {
	// ID is that of CopyOptions, or the one that was made for it.
	ID string
	// Repeated: a load of this ID had happened before, and this is its result, but
	// for LoadErrors and Notices, which the ledger does not keep.
	Repeated bool
	// RowsLoaded is the number of rows in the table that were not there before,
	// which is none with CopyOptions.NoLoad. -1 where the server did not say.
	RowsLoaded int64
	// RowsRejected is the number of rows that could not be loaded.
	RowsRejected int64
	// LoadErrors are the first hundred of these, as far as they could be asked
	// for.
	LoadErrors []LoadError
	// FilesScanned and BytesScanned are what was read, -1 where the server did
	// not say.
	FilesScanned, BytesScanned int64
	// Duration is the time from the start of the statement to its end.
	Duration time.Duration
	// Notices are the messages that came with it.
	Notices []Notice
}

// CopyError is a COPY that the server has refused or given up. It is an
// ErrCopy, beside being what the server's error is.
type CopyError struct {
	// Table is the one that was to be loaded.
	Table TableRef
	// LoadErrors are the rejected rows, at most a hundred and as far as they
	// could be asked for.
	LoadErrors []LoadError

	cause error
}

// Error gives the server's error and the first rejected row.
func (e *CopyError) Error() string {
	if len(e.LoadErrors) == 0 {
		return e.cause.Error()
	}
	return fmt.Sprintf("%v; the first rejected row: %v", e.cause, e.LoadErrors[0])
}

// Unwrap gives ErrCopy and the server's *Error.
func (e *CopyError) Unwrap() []error { return []error{ErrCopy, e.cause} }

// Copy loads data with COPY, bounded by ctx and Config.MaxQueryTimeout. What is
// wrong with the command is an ErrUsage and nothing is sent. What the server
// refuses is a *CopyError with the rejected rows. If the connection breaks or ctx
// ends meanwhile, the server is asked by the ID what became of the COPY: the
// result is the true one, a COPY that the server gave up is sent again, and only
// what cannot be found out is an ErrOutcomeUnknown. With a Ledger everything can.
// A result beside an error means that the data is loaded, and that the manifest of
// S3Objects could not be removed.
//
// The count of rows is from the server's message or, where that is missing,
// from PG_LAST_COPY_COUNT on the same session. The rest of the result is asked
// for afterwards within five seconds, and is missing where that fails: it never
// makes a COPY fail that has succeeded.
func (c *Client) Copy(ctx context.Context, cmd CopyCommand) (*CopyResult, error) {
	once := c.copyAlone
	if cmd.Options.Ledger != (TableRef{}) {
		once = c.copyOnce
	}
	return c.listed(ctx, cmd, once)
}

// Copy is Client.Copy within the transaction. After a failure the transaction
// can only be rolled back; the rejected rows are asked for on another session.
func (tx *Tx) Copy(ctx context.Context, cmd CopyCommand) (*CopyResult, error) {
	return tx.c.listed(ctx, cmd, tx.copy)
}

func (tx *Tx) copy(ctx context.Context, cmd CopyCommand) (*CopyResult, error) {
	q, err := tx.c.copyQuery(cmd)
	if err != nil {
		return nil, err
	}
	if err := tx.active(); err != nil {
		return nil, err
	}
	st, r, err := tx.c.seat(ctx, tx.l.s, q)
	return st.copied(ctx, cmd, q.ID, r, err)
}

// Copy is Client.Copy on this session; within a transaction as Tx.Copy.
func (conn *Conn) Copy(ctx context.Context, cmd CopyCommand) (*CopyResult, error) {
	return conn.c.listed(ctx, cmd, conn.copy)
}

func (conn *Conn) copy(ctx context.Context, cmd CopyCommand) (*CopyResult, error) {
	q, err := conn.c.copyQuery(cmd)
	if err != nil {
		return nil, err
	}
	if err := conn.usable(); err != nil {
		return nil, err
	}
	st, r, err := conn.c.seat(ctx, conn.l.s, q)
	return st.copied(ctx, cmd, q.ID, r, err)
}

// copyQuery is the statement of cmd with the Config's defaults. Nothing is sent.
func (c *Client) copyQuery(cmd CopyCommand) (Query, error) {
	o := &cmd.Options
	if o.IAMRole == "" && o.Keys.none() {
		o.IAMRole = c.cfg.DefaultCopyIAMRole
	}
	if o.Ledger != (TableRef{}) {
		return Query{}, usage("a ledger needs a transaction of its own: use Client.Copy")
	}
	if o.MaxErrors == 0 && !o.IgnoreAllErrors && !columnar(cmd.Format) {
		o.MaxErrors = c.cfg.MaxCopyErrors
	}
	stmt, err := cmd.statement()
	if err != nil {
		return Query{}, invalid("COPY", err)
	}
	if err := o.identity(); err != nil {
		return Query{}, err
	}
	q, err := commandQuery("COPY", stmt.AppendSQL, o.QueryGroup, o.Label)
	q.ID = cmp.Or(o.ID, NewID())
	return q, err
}

// identity checks the ID, which a ledger must have.
func (o CopyOptions) identity() error {
	if o.ID == "" && o.Ledger == (TableRef{}) {
		return nil
	}
	if o.Ledger.Schema != "" && o.Ledger.Name == "" {
		return usage("CopyOptions.Ledger has a schema and no name")
	}
	return checkID(o.ID)
}

func columnar(f DataFormat) bool {
	switch f.(type) {
	case Parquet, ORC:
		return true
	}
	return false
}

func commandQuery(command string, appendSQL func([]byte) ([]byte, error), group, label string) (Query, error) {
	sql, err := appendSQL(nil)
	if err != nil {
		e := invalid(command, err)
		var option *copycmd.OptionError
		var own *Error
		if errors.As(err, &option) && option.Option == "IAM_ROLE" && option.Other == "" && errors.As(e, &own) {
			own.Hint = "name a role in Options.IAMRole or in the Config"
		}
		return Query{}, e
	}
	return Query{SQL: string(sql), QueryGroup: group, Label: label}, nil
}

// seat is a session on which a command runs, and what is asked about it after.
type seat struct {
	c    *Client
	s    transport.Session
	tx   bool // the session has a transaction, which no question may break
	keep transport.Reuse
}

// seat runs q on a session that somebody holds.
func (c *Client) seat(ctx context.Context, s transport.Session, q Query) (*seat, *Result, error) {
	st := &seat{c: c, s: s}
	r, err := st.run(ctx, q, c.cfg.MaxQueryTimeout)
	switch s.State() {
	case transport.StateInTx, transport.StateFailedTx:
		st.tx = true
	}
	return st, r, err
}

// seated runs q on a session of its own and gives it, still leased, to then.
func (c *Client) seated(ctx context.Context, q Query, then func(*seat, *Result, error) error) error {
	for attempt := 0; ; attempt++ {
		lctx, cancel := context.WithTimeout(ctx, c.cfg.DefaultTimeout)
		l, err := c.lease(lctx, c.t.Caps().Session)
		cancel()
		if err != nil {
			return wrap(err)
		}
		st := &seat{c: c, s: l.s, keep: transport.Keep}
		r, err := st.run(ctx, q, c.cfg.MaxQueryTimeout)
		if err != nil && attempt < c.cfg.MaxRetries && unsent(err) && ctx.Err() == nil {
			l.release(st.keep)
			continue
		}
		defer func() { l.release(st.keep) }()
		return then(st, r, err)
	}
}

// run runs a statement on the session, which stays leased.
func (st *seat) run(ctx context.Context, q Query, timeout time.Duration) (*Result, error) {
	stmt, _, err := st.c.statement(q)
	if err != nil {
		return nil, err
	}
	e := newExecution(ctx, timeout, true)
	e.s, e.shift = st.s, idShift(q.ID)
	e.release = func(r transport.Reuse) { st.keep = st.keep && r }
	rows, err := e.start(func(ctx context.Context) (transport.Run, error) { return st.s.Start(ctx, stmt) })
	if err != nil {
		return nil, err
	}
	return st.c.materialise(rows)
}

// ask asks about what has run: on the session itself, or on another one where a
// failure would break a transaction.
func (st *seat) ask(ctx context.Context, q Query) (*Result, error) {
	if st.tx {
		return st.c.Execute(ctx, q)
	}
	return st.run(ctx, q, closing)
}

// pid is the number of the session on the server, 0 where it cannot be known.
func (st *seat) pid(ctx context.Context) int {
	if pid := st.s.Info().PID; pid != 0 || st.tx || !st.c.t.Caps().Session {
		return pid
	}
	n, _ := st.number(ctx, "select pg_backend_pid()")
	return int(n)
}

func (st *seat) number(ctx context.Context, sql string) (int64, bool) {
	r, err := st.run(ctx, SQL(sql), closing)
	var n int64
	if err != nil || len(r.Rows) != 1 || r.Rows[0].Scan(&n) != nil {
		return -1, false
	}
	return n, true
}

// copied makes the result, or the error, of a COPY that has run.
func (st *seat) copied(ctx context.Context, cmd CopyCommand, id string, r *Result, err error) (*CopyResult, error) {
	ctx, cancel := context.WithTimeout(ctx, closing)
	defer cancel()
	if err != nil {
		if !answered(err) {
			return nil, err
		}
		failed := &CopyError{Table: cmd.Table, cause: err}
		var own *Error
		if errors.As(err, &own) && own.Kind == ErrCopy { // the server says that there are some
			failed.LoadErrors = st.loadErrors(ctx)
		}
		return nil, failed
	}
	res := &CopyResult{ID: id, RowsLoaded: -1, FilesScanned: -1, BytesScanned: -1, Duration: r.Duration, Notices: r.Notices}
	for _, n := range r.Notices {
		if count, ok := records(n.Message, "loaded successfully"); ok {
			res.RowsLoaded = count
		}
		if count, ok := records(n.Message, "could not be loaded"); ok {
			res.RowsRejected = count
		}
	}
	if res.RowsLoaded < 0 && st.c.t.Caps().Session {
		res.RowsLoaded, _ = st.number(ctx, "select pg_last_copy_count()")
	}
	if res.RowsRejected > 0 {
		res.LoadErrors = st.loadErrors(ctx)
	}
	st.scanned(ctx, res)
	return res, nil
}

// answered reports that the server has refused or given up a statement, as
// against one that was cancelled or of which nothing is known.
func answered(err error) bool {
	var own *Error
	return errors.As(err, &own) && own.SQLState != "" &&
		!errors.Is(err, ErrQueryCancelled) && !errors.Is(err, ErrQueryTimeout) && !errors.Is(err, ErrConnectionFailed)
}

// records reads the count of "…, 12 record(s) loaded successfully."
func records(message, what string) (int64, bool) {
	before, _, ok := strings.Cut(message, " record(s) "+what)
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseInt(before[strings.LastIndexByte(before, ' ')+1:], 10, 64)
	return n, err == nil && n >= 0
}

// loadErrors are those of the session's last COPY that had any. It is asked
// when the server has said that there are some.
func (st *seat) loadErrors(ctx context.Context) []LoadError {
	pid := st.pid(ctx)
	if pid == 0 {
		return nil
	}
	found, err := loadErrors(ctx, st.ask, LoadErrorFilter{PID: pid})
	if err != nil {
		return nil
	}
	for i, e := range found {
		if e.QueryID != found[0].QueryID { // one of an earlier COPY
			return found[:i]
		}
	}
	return found
}

// scanned asks what was read. The history may be late: what it has belongs to
// this COPY only if the rows are the same.
func (st *seat) scanned(ctx context.Context, res *CopyResult) {
	pid := st.pid(ctx)
	if pid == 0 {
		return
	}
	r, err := st.ask(ctx, SQL("select loaded_rows, file_count_scanned, file_bytes_scanned from sys_load_history where session_id = "+
		strconv.Itoa(pid)+" order by query_id desc limit 1"))
	if err != nil || len(r.Rows) != 1 {
		return
	}
	var rows, files, bytes *int64
	if r.Rows[0].Scan(&rows, &files, &bytes) == nil && rows != nil && *rows == res.RowsLoaded && files != nil && bytes != nil {
		res.FilesScanned, res.BytesScanned = *files, *bytes
	}
}
