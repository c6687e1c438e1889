package redshift

import (
	"context"
	"fmt"
	"time"

	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
	"github.com/llm-dev-ops/redshift/transport"
)

// Query is one statement with its arguments. The zero values of the other
// fields are right for most.
type Query struct {
	// SQL is one statement; placeholders are $1, $2, ….
	SQL string
	// Args are the values of the placeholders. A time.Time is sent as a
	// TIMESTAMPTZ, a string without a type, []byte as a VARBYTE; nil is an
	// untyped NULL and Null one with a type. They are sent beside the statement;
	// but in statements that take no parameters on Redshift (CREATE, ALTER, DROP,
	// COPY, UNLOAD, GRANT, SET and their like, by their first word) they are
	// written into it as literals of their types, into UNLOAD's query too, and an
	// Identifier as a quoted name. The positions of errors are then those of the
	// text with the values in it.
	Args []any
	// Timeout bounds the statement, on the server too; for Query and streams
	// the client's own bound ends with the first row. Defaults to
	// Config.DefaultTimeout, which the client alone enforces.
	Timeout time.Duration
	// QueryGroup routes the statement. Defaults to Config.DefaultQueryGroup.
	QueryGroup string
	// ID names the statement for programs: it goes before the text as a comment, by
	// which Client.Outcome finds it on the server, also from another process. NewID
	// makes one; letters, digits and - . _ up to 64 are allowed. An id is to be used
	// once. Defaults to none.
	ID string
	// Label names the statement for people, where the transport has a place.
	Label string
	// Keep makes Submit keep the rows of a SELECT, so that Job.Rows gives them after
	// it has ended, also in another process. The Data API keeps every result for 24
	// hours; over the wire the rows go into a table, see Submit.
	Keep bool
	// WantID asks for the server's number of the query. Over the wire the question
	// is sent together with the statement.
	WantID bool
	// FetchSize, where positive, has the server send so many rows at a time, and more
	// when they have been read: for who takes long over the rows, or may not want all
	// of them, because a statement that streams keeps the server waiting meanwhile. It
	// is for queries (SELECT, WITH), which run in a transaction for it: of the
	// Client's own, which Rows.Close commits, or the Tx's. It costs a round trip for
	// each piece, and Redshift ends such a query of the leader node's tables after its
	// first piece. Transports that read in pages by themselves pay no heed to it.
	// Defaults to 0: rows are streamed, in bounded memory too.
	FetchSize int
}

// SQL is a Query of a text and arguments.
func SQL(sql string, args ...any) Query { return Query{SQL: sql, Args: args} }

// Querier is what runs statements: a Client or a Tx.
type Querier interface {
	Execute(ctx context.Context, q Query) (*Result, error)
	Query(ctx context.Context, q Query) (*Rows, error)
}

var (
	_ Querier = (*Client)(nil)
	_ Querier = (*Tx)(nil)
)

// Execute runs a statement and reads its whole result, which must be within
// Config.MaxResultRows and MaxResultBytes; a larger one is an ErrLimit and is
// cancelled on the server.
func (c *Client) Execute(ctx context.Context, q Query) (*Result, error) {
	rows, err := c.open(ctx, q, true)
	if err != nil {
		return nil, err
	}
	return c.materialise(rows)
}

// Query runs a statement and streams its rows. It returns when the first row
// has come, the statement has ended without one, or has failed. The Rows must
// be closed; they hold a session until then, and ctx bounds them until then.
func (c *Client) Query(ctx context.Context, q Query) (*Rows, error) { return c.open(ctx, q, false) }

// QueryRow runs a statement that gives one row. No row is ErrNoRows, more than
// one ErrTooManyRows. The Row is the caller's.
func (c *Client) QueryRow(ctx context.Context, q Query) (Row, error) {
	rows, err := c.open(ctx, q, true)
	return one(rows, err)
}

func one(rows *Rows, err error) (Row, error) {
	if err != nil {
		return Row{}, err
	}
	defer func() { _ = rows.Close() }()
	if !rows.Next() {
		if err := rows.Close(); err != nil {
			return Row{}, err
		}
		return Row{}, &Error{Kind: ErrNoRows}
	}
	row := rows.Row().Clone()
	if rows.Next() {
		return Row{}, &Error{Kind: ErrTooManyRows, Hint: "add LIMIT 1, or use Query"}
	}
	return row, rows.Close()
}

// open runs q on a session of its own.
func (c *Client) open(ctx context.Context, q Query, whole bool) (*Rows, error) {
	stmt, timeout, err := c.statement(q)
	if err != nil {
		return nil, err
	}
	if stmt.FetchSize > 0 {
		return c.openFetched(ctx, q, whole)
	}
	stmt.Large = !whole
	for attempt := 0; ; attempt++ {
		e := newExecution(ctx, timeout, whole)
		l, err := c.lease(e.ctx, false)
		if err != nil {
			return nil, e.fail(err)
		}
		e.release, e.s, e.wantID, e.tells = l.release, l.s, q.WantID, stmt.WantID
		e.shift = idShift(q.ID)
		rows, err := e.start(func(ctx context.Context) (transport.Run, error) { return l.s.Start(ctx, stmt) })
		if err == nil || attempt >= c.cfg.MaxRetries || !unsent(err) || ctx.Err() != nil {
			return rows, err
		}
	}
}

// statement checks q against the limits and encodes it. Nothing is sent.
func (c *Client) statement(q Query) (transport.Statement, time.Duration, error) {
	caps := c.t.Caps()
	if q.SQL == "" {
		return transport.Statement{}, 0, usage("Query.SQL is empty")
	}
	if q.ID != "" {
		if err := checkID(q.ID); err != nil {
			return transport.Statement{}, 0, err
		}
		q.SQL = identified(q.ID, q.SQL)
	}
	if caps.MaxStatement > 0 && len(q.SQL) > caps.MaxStatement {
		return transport.Statement{}, 0, limit("load data with COPY (Client.Copy, bulk.Load) instead of long statements", "the statement has %d bytes, the limit is %d", len(q.SQL), caps.MaxStatement)
	}
	var ps []transport.Param
	var err error
	if len(q.Args) > 0 && !takesParameters(q.SQL) {
		if q.SQL, err = render(q.SQL, q.Args); err == nil && caps.MaxStatement > 0 && len(q.SQL) > caps.MaxStatement {
			err = limit("give shorter arguments", "the statement has %d bytes with its arguments, the limit is %d", len(q.SQL), caps.MaxStatement)
		}
	} else {
		ps, err = c.arguments(q.Args)
	}
	if err != nil {
		return transport.Statement{}, 0, err
	}
	timeout, err := c.timeout(q.Timeout)
	if err != nil {
		return transport.Statement{}, 0, err
	}
	group := q.QueryGroup
	if group == "" {
		group = c.cfg.DefaultQueryGroup
	}
	stmt := transport.Statement{SQL: q.SQL, Params: ps, Label: q.Label, QueryGroup: group, Timeout: q.Timeout, WantID: q.WantID && caps.QueryID}
	switch {
	case q.FetchSize < 0:
		return stmt, 0, usage("Query.FetchSize is negative")
	case q.FetchSize > 0:
		if word := lex.FirstKeyword(q.SQL); word != "select" && word != "with" {
			return stmt, 0, usage("Query.FetchSize is for SELECT and WITH")
		}
		if caps.FetchSize {
			stmt.FetchSize = q.FetchSize
		}
	}
	return stmt, timeout, nil
}

// openFetched runs a query in a transaction of its own, which ends with its rows.
func (c *Client) openFetched(ctx context.Context, q Query, whole bool) (*Rows, error) {
	tx, err := c.Begin(ctx, TxOptions{})
	if err != nil {
		return nil, err
	}
	rows, err := tx.open(ctx, q, whole)
	if err != nil {
		_ = tx.Rollback(ctx)
		return nil, err
	}
	rows.e.finally = func(err error) error {
		if err == nil {
			cctx, cancel := closingContext(ctx)
			defer cancel()
			err = tx.Commit(cctx)
		}
		_ = tx.Rollback(ctx) // of what was not committed
		return err
	}
	return rows, nil
}

func (c *Client) arguments(args []any) ([]transport.Param, error) {
	if n := c.t.Caps().MaxParams; n > 0 && len(args) > n {
		return nil, limit("load many values with COPY", "the statement has %d arguments, the limit is %d", len(args), n)
	}
	return params(args)
}

func (c *Client) timeout(d time.Duration) (time.Duration, error) {
	switch {
	case d < 0:
		return 0, usage("Query.Timeout is negative")
	case d > c.cfg.MaxQueryTimeout:
		return 0, limit("raise Config.MaxQueryTimeout", "Query.Timeout is %v, the limit is %v", d, c.cfg.MaxQueryTimeout)
	case d == 0:
		d = c.cfg.DefaultTimeout
	}
	return d, nil
}

// materialise reads rows whole, within the bounds.
func (c *Client) materialise(rows *Rows) (*Result, error) {
	defer func() { _ = rows.Close() }()
	res := &Result{Columns: rows.Columns()}
	var size int64
	for rows.Next() {
		row := rows.Row().Clone()
		size += row.size()
		const hint = "stream the rows with Query, add a LIMIT, or raise the bound"
		if n := c.cfg.MaxResultRows; n >= 0 && int64(len(res.Rows)) >= n {
			return nil, limit(hint, "the result has more rows than Config.MaxResultRows = %d", n)
		}
		if n := c.cfg.MaxResultBytes; n >= 0 && size > n {
			return nil, limit(hint, "the result has more bytes than Config.MaxResultBytes = %d", n)
		}
		res.Rows = append(res.Rows, row)
	}
	if err := rows.Close(); err != nil {
		return nil, err
	}
	res.Tag, res.Notices, res.QueryID = rows.Tag(), rows.Notices(), rows.QueryID()
	res.Duration = rows.e.elapsed
	res.RowsAffected = affected(res.Tag, len(res.Rows))
	return res, nil
}

// Result is a result that was read whole. It is the caller's.
type Result struct {
	Columns []Column
	Rows    []Row
	// RowsAffected is the number of rows that the statement returned or changed.
	RowsAffected int64
	// Tag is the server's command tag ("INSERT 0 3").
	Tag     string
	Notices []Notice
	// QueryID is the server's number, 0 without Query.WantID.
	QueryID int64
	// Duration is the time from the start of the statement to the last row.
	Duration time.Duration
}

// affected reads the count that ends a tag; Redshift sends none with SELECT.
func affected(tag string, rows int) int64 {
	var n int64
	digit := false
	scale := int64(1)
	for i := len(tag) - 1; i >= 0 && tag[i] >= '0' && tag[i] <= '9' && scale < 1e18; i-- {
		n += int64(tag[i]-'0') * scale
		scale *= 10
		digit = true
	}
	if !digit {
		return int64(rows)
	}
	return n
}

// String is the statement's place holder in logs: never its text.
func (q Query) String() string {
	return fmt.Sprintf("statement of %d bytes with %d arguments", len(q.SQL), len(q.Args))
}
