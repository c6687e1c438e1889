package sqldriver

import (
	"context"
	"database/sql/driver"
	"strings"

	"github.com/llm-dev-ops/redshift"
)

// Conn is a connection of database/sql: one session. sql.Conn's Raw gives it.
type Conn struct {
	s        *redshift.Conn
	shared   bool
	closeAll func() error // what Driver.Open has made beside it
}

var (
	_ driver.Conn               = (*Conn)(nil)
	_ driver.ConnBeginTx        = (*Conn)(nil)
	_ driver.ConnPrepareContext = (*Conn)(nil)
	_ driver.ExecerContext      = (*Conn)(nil)
	_ driver.QueryerContext     = (*Conn)(nil)
	_ driver.NamedValueChecker  = (*Conn)(nil)
	_ driver.Pinger             = (*Conn)(nil)
	_ driver.SessionResetter    = (*Conn)(nil)
	_ driver.Validator          = (*Conn)(nil)
)

// Session is the session below, for what database/sql has no word for. It must
// not be used while the sql.Conn is, or released.
func (c *Conn) Session() *redshift.Conn { return c.s }

// ExecContext implements driver.ExecerContext.
func (c *Conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	s, err := newScript(query, args)
	if err != nil {
		return nil, err
	}
	var total int64
	for i, p := range s.parts {
		n, err := affected(c.s.Query(ctx, redshift.SQL(p.sql, p.args...)))
		if err != nil {
			return nil, s.fail(i, err)
		}
		total += n
	}
	return result(total), nil
}

// QueryContext implements driver.QueryerContext.
func (c *Conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	s, err := newScript(query, args)
	if err != nil {
		return nil, err
	}
	r := &rows{conn: c, ctx: ctx, script: s, at: -1}
	if err := r.advance(); err != nil {
		return nil, err
	}
	return r, nil
}

// Prepare implements driver.Conn.
func (c *Conn) Prepare(query string) (driver.Stmt, error) {
	return c.PrepareContext(context.Background(), query)
}

// PrepareContext implements driver.ConnPrepareContext.
func (c *Conn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	sql, err := single(query)
	if err != nil {
		return nil, err
	}
	n, err := rename(sql)
	if err != nil {
		return nil, err
	}
	p, err := c.s.Prepare(ctx, n.sql)
	if err != nil {
		return nil, retryable(n.moved(err))
	}
	return &stmt{p: p, named: n}, nil
}

// Begin implements driver.Conn.
func (c *Conn) Begin() (driver.Tx, error) {
	return c.BeginTx(context.Background(), driver.TxOptions{})
}

// Ping implements driver.Pinger by a statement that does nothing, so that it
// may be repeated on another connection whenever this one has broken.
func (c *Conn) Ping(ctx context.Context) error {
	_, err := c.s.Execute(ctx, redshift.SQL("select 1"))
	if err != nil && c.s.Info().State == redshift.ConnFailed {
		return badConn{err}
	}
	return err
}

// ResetSession implements driver.SessionResetter: a session that is dead or
// too old is replaced. It does no I/O if the session was used a moment ago.
func (c *Conn) ResetSession(ctx context.Context) error { return retryable(c.s.Reset(ctx)) }

// IsValid implements driver.Validator: a session in which something was left is
// not given to the next user. It does no I/O.
func (c *Conn) IsValid() bool { return c.s.Reusable() }

// Close implements driver.Conn. The session goes back to the Client that it was
// taken from, or is closed if database/sql is the pool. It is idempotent.
func (c *Conn) Close() error {
	if c.shared {
		c.s.Release()
	} else {
		c.s.Discard()
	}
	if c.closeAll != nil {
		return c.closeAll()
	}
	return nil
}

// result is the number of rows affected.
type result int64

// LastInsertId is an error: Redshift does not tell the identities it gives.
func (result) LastInsertId() (int64, error) {
	return 0, usage("Redshift has no last insert id; give the identity another way, or query for it")
}

// RowsAffected is the number of rows that were changed or read.
func (r result) RowsAffected() (int64, error) { return int64(r), nil }

// affected reads rows to their end and counts what the statement has done: by
// its tag ("INSERT 0 3") or, as Redshift sends no count with SELECT, by its
// rows.
func affected(rows *redshift.Rows, err error) (n int64, _ error) {
	if err != nil {
		return 0, err
	}
	for rows.Next() {
		n++
	}
	if err := rows.Close(); err != nil {
		return 0, err
	}
	tag := rows.Tag()
	at := strings.LastIndexByte(tag, ' ') + 1
	if at == 0 || at == len(tag) || len(tag)-at > 18 {
		return n, nil
	}
	said := int64(0)
	for _, c := range tag[at:] {
		if c < '0' || c > '9' {
			return n, nil
		}
		said = said*10 + int64(c-'0')
	}
	return said, nil
}
