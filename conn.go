package redshift

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/llm-dev-ops/redshift/transport"
)

// ConnState is what a Conn is good for.
type ConnState string

// The states of a Conn.
const (
	// ConnInUse: it is the caller's and works.
	ConnInUse ConnState = "in use"
	// ConnAvailable: it was released.
	ConnAvailable ConnState = "available"
	// ConnStale: it works, but is older than Config.MaxLifetime and will be
	// replaced when it is released.
	ConnStale ConnState = "stale"
	// ConnFailed: the connection is broken; only Release is left.
	ConnFailed ConnState = "failed"
)

// ConnInfo describes a Conn.
type ConnInfo struct {
	// ID tells the session from others of the Client.
	ID string
	// PID is the server's process id of the session, as in STV_SESSIONS; 0
	// where there is none.
	PID   int
	State ConnState
	// Created is when the session began, LastUsed when a statement last ended.
	Created, LastUsed time.Time
	// Parameters are the session parameters that the server reports.
	Parameters map[string]string
}

// Conn is a session of the caller's own: what SET, temporary tables and BEGIN
// make lasts from statement to statement. It is used by one goroutine and must
// be released; Rows must be closed before the next statement.
type Conn struct {
	c        *Client
	l        lease
	released bool
	last     ConnInfo // when it was released
}

var _ Querier = (*Conn)(nil)

// Acquire takes a session out of the pool. It waits for a free one until ctx
// ends. A transport whose sessions keep nothing answers ErrUsage.
func (c *Client) Acquire(ctx context.Context) (*Conn, error) {
	if caps := c.t.Caps(); !caps.Session {
		return nil, wrap(&transport.UnsupportedError{Transport: caps.Name, Capability: "Session"})
	}
	l, err := c.lease(ctx, true)
	if err != nil {
		return nil, wrap(err)
	}
	return &Conn{c: c, l: l}, nil
}

// Release gives the session back. What was left in it, an open transaction
// too, does not reach its next user. It is idempotent; after it every statement
// is an ErrUsage.
func (conn *Conn) Release() {
	if conn.released {
		return
	}
	conn.last = conn.Info()
	conn.last.State = ConnAvailable
	conn.released = true
	conn.l.release(reuse(conn.l.s, nil))
}

// Discard is Release of a session that is not wanted any more: it is closed.
func (conn *Conn) Discard() {
	if conn.released {
		return
	}
	conn.last = conn.Info()
	conn.released = true
	conn.l.release(transport.Discard)
}

// Reusable reports whether Release would keep the session for its next user: it
// works, is in no transaction, and nothing was left in it. It does no I/O.
func (conn *Conn) Reusable() bool {
	if conn.released {
		return false
	}
	if r, ok := conn.l.s.(transport.Rechecker); ok {
		return r.Reusable()
	}
	return conn.l.s.State() == transport.StateIdle
}

// Reset makes the session what Acquire gives, but for its prepared statements,
// which stay: for a pool above the Client that passes a Conn on without
// releasing it. Where that is not possible, because the session is dead, too
// old, or something was left in it, the error is an ErrConnectionFailed that is
// SafeToRetry, and Release or Discard is left.
func (conn *Conn) Reset(ctx context.Context) error {
	if err := conn.usable(); err != nil {
		return err
	}
	if r, ok := conn.l.s.(transport.Rechecker); ok {
		return wrap(r.Recheck(ctx))
	}
	if s := conn.l.s.State(); s != transport.StateIdle {
		return wrap(&transport.LostError{Err: errors.New("the session is " + s.String())})
	}
	return nil
}

// Info describes the session. It does no I/O, and is legal after Release.
func (conn *Conn) Info() ConnInfo {
	if conn.released {
		return conn.last
	}
	i := conn.l.s.Info()
	state := ConnInUse
	switch {
	case conn.l.s.State() == transport.StateBroken:
		state = ConnFailed
	case !i.Created.IsZero() && time.Since(i.Created) > conn.c.cfg.MaxLifetime:
		state = ConnStale
	}
	return ConnInfo{ID: i.ID, PID: i.PID, State: state, Created: i.Created, LastUsed: i.LastUsed, Parameters: i.Parameters}
}

// Execute is Client.Execute on this session.
func (conn *Conn) Execute(ctx context.Context, q Query) (*Result, error) {
	rows, err := conn.open(ctx, q, true)
	if err != nil {
		return nil, err
	}
	return conn.c.materialise(rows)
}

// Query is Client.Query on this session.
func (conn *Conn) Query(ctx context.Context, q Query) (*Rows, error) {
	return conn.open(ctx, q, false)
}

// QueryRow is Client.QueryRow on this session.
func (conn *Conn) QueryRow(ctx context.Context, q Query) (Row, error) {
	rows, err := conn.open(ctx, q, true)
	return one(rows, err)
}

// Prepare is Client.Prepare on this session. The Prepared does not outlive it.
func (conn *Conn) Prepare(ctx context.Context, sql string, types ...Type) (*Prepared, error) {
	if err := conn.usable(); err != nil {
		return nil, err
	}
	if err := conn.c.canPrepare(sql); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, conn.c.cfg.DefaultTimeout)
	defer cancel()
	p, err := conn.l.s.Prepare(ctx, sql, types)
	if err != nil {
		return nil, wrap(err)
	}
	return &Prepared{c: conn.c, sql: sql, l: conn.l, p: p}, nil
}

func (conn *Conn) open(ctx context.Context, q Query, whole bool) (*Rows, error) {
	if err := conn.usable(); err != nil {
		return nil, err
	}
	stmt, timeout, err := conn.c.statement(q)
	if err == nil {
		err = conn.fetches(q)
	}
	if err != nil {
		return nil, err
	}
	e := newExecution(ctx, timeout, whole)
	e.s, e.wantID, e.tells = conn.l.s, q.WantID, stmt.WantID
	e.shift = idShift(q.ID)
	return e.start(func(ctx context.Context) (transport.Run, error) { return conn.l.s.Start(ctx, stmt) })
}

// fetches refuses what needs a transaction and has none.
func (conn *Conn) fetches(q Query) error {
	if q.FetchSize > 0 && conn.c.t.Caps().FetchSize && conn.l.s.State() != transport.StateInTx {
		return usage("Query.FetchSize needs a transaction: BEGIN before it, or use a Tx or the Client")
	}
	return nil
}

func (conn *Conn) usable() error {
	if conn.released {
		return usage("the connection was released")
	}
	return nil
}

// LastQueryID asks for the server's number of the session's last query, with
// which the system views know it (pg_last_query_id). It is 0 if there was none.
func (conn *Conn) LastQueryID(ctx context.Context) (int64, error) {
	if err := conn.usable(); err != nil {
		return 0, err
	}
	row, err := conn.QueryRow(ctx, SQL("select pg_last_query_id()"))
	if err != nil {
		return 0, err
	}
	var id int64
	if err := row.Scan(&id); err != nil {
		return 0, err
	}
	return max(id, 0), nil
}

// Health is an answer of the server.
type Health struct {
	// Version is the server's, as version() gives it.
	Version string
	// Database and User are those of the sessions.
	Database, User string
	// Latency is the time from the request for a session to the answer.
	Latency time.Duration
	// Pool is the pool at that time.
	Pool PoolStats
}

// String is the health in a line.
func (h *Health) String() string {
	return h.Version + "; database " + h.Database + ", user " + h.User + "; " + h.Latency.String() + "; " +
		strconv.Itoa(h.Pool.InUse) + " of " + strconv.Itoa(h.Pool.Max) + " sessions in use"
}

// Health asks the server for its version, over a session of the pool, and
// waits no longer than Config.ConnectionTimeout. An error says that statements
// cannot be run now, and why.
func (c *Client) Health(ctx context.Context) (*Health, error) {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.ConnectionTimeout)
	defer cancel()
	began := time.Now()
	row, err := c.QueryRow(ctx, SQL("select version(), current_database(), current_user"))
	if err != nil {
		return nil, err
	}
	h := &Health{Latency: time.Since(began), Pool: c.PoolStats()}
	if err := row.Scan(&h.Version, &h.Database, &h.User); err != nil {
		return nil, err
	}
	return h, nil
}
