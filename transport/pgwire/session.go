package pgwire

import (
	"context"
	"errors"
	"math"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/jackc/puddle/v2"

	"github.com/llm-dev-ops/redshift/transport"
)

// session is the lease of a connection.
type session struct {
	t       *Transport
	res     *puddle.Resource[*conn]
	c       *conn
	active  *run   // the exchange under way
	batch   *batch // the batch under way
	held    map[*prepared]struct{}
	running atomic.Bool // active is not nil, for others to see
	over    atomic.Bool // the lease has ended
}

var _ transport.Session = (*session)(nil)

var (
	errZero      = errors.New("the statement holds a zero byte, which Redshift's text cannot")
	errTooLong   = errors.New("the statement is longer than 16 MB, Redshift's limit")
	errTooMany   = errors.New("the statement has more than 32,767 parameters, Redshift's limit")
	errNoTx      = errors.New("rows in pieces (FetchSize) need a transaction, with which their portal ends")
	errNoColumns = errors.New("more result formats than Redshift allows columns")
)

// check refuses what cannot be sent.
func check(sql string, params int, formats int) error {
	switch {
	case strings.IndexByte(sql, 0) >= 0:
		return errZero
	case len(sql) > caps.MaxStatement:
		return errTooLong
	case params > caps.MaxParams:
		return errTooMany
	case formats > 32767:
		return errNoColumns
	}
	return nil
}

// usable says why nothing can be sent now.
func (s *session) usable(ctx context.Context) error {
	switch {
	case s.over.Load():
		return transport.ErrClosed
	case s.active != nil || s.batch != nil:
		return transport.ErrBusy
	case ctx.Err() != nil:
		return ctx.Err()
	case s.c.broken != nil:
		return &transport.LostError{Err: s.c.broken}
	}
	return nil
}

// Start implements transport.Session.
func (s *session) Start(ctx context.Context, stmt transport.Statement) (transport.Run, error) {
	if err := s.usable(ctx); err != nil {
		return nil, err
	}
	if err := check(stmt.SQL, len(stmt.Params), len(stmt.Formats)); err != nil {
		return nil, err
	}
	r := s.newRun(stmt.SQL)
	r.want = s.c.wanted(&s.t.cfg, stmt.QueryGroup, stmt.Timeout)
	r.leads, r.set = s.c.lead(s.c.set, r.want, false)
	if stmt.FetchSize > 0 {
		if s.c.tx != 'T' {
			return nil, errNoTx
		}
		// A row limit of 1 was seen to leave a portal that refuses all else.
		s.c.names++
		r.portal = portal{"c" + strconv.Itoa(s.c.names), min(max(stmt.FetchSize, 2), math.MaxInt32)}
	}
	s.c.sendStatement("", stmt.SQL, stmt.Params, stmt.Formats, r.portal)
	if r.wantID = stmt.WantID; r.wantID && r.portal.name == "" {
		r.idAsked = true
		s.c.sendIDQuery()
	}
	if err := s.submit(ctx, r); err != nil {
		return nil, err
	}
	return r, nil
}

func (s *session) newRun(sql string) *run {
	return &run{c: s.c, s: s, sql: sql, inTx: s.c.tx != 'I'}
}

// submit writes the run's requests and makes it the one under way.
func (s *session) submit(ctx context.Context, r *run) error {
	if err := s.c.encodeErr; err != nil { // nothing was written
		s.c.encodeErr, s.c.out = nil, s.c.out[:0]
		return err
	}
	s.active = r
	s.running.Store(true)
	n, err := s.c.flushFor(ctx)
	r.sent = err == nil || n > 0
	if err != nil {
		// Whatever was written, the server waits for its end.
		return r.lose(err)
	}
	return nil
}

// exchange runs an exchange of our own to its end. When ctx ends before, it is
// cancelled.
func (s *session) exchange(ctx context.Context, r *run) error {
	r.own = true
	if err := s.submit(ctx, r); err != nil {
		return err
	}
	err := r.Wait(ctx)
	if !r.finished.Load() {
		r.abandon(ctx)
	}
	return err
}

// State implements transport.Session.
func (s *session) State() transport.SessionState {
	switch {
	case s.over.Load() || s.c.broken != nil:
		return transport.StateBroken
	case s.active != nil || s.batch != nil:
		return transport.StateBusy
	case s.c.tx == 'T':
		return transport.StateInTx
	case s.c.tx == 'E':
		return transport.StateFailedTx
	default:
		return transport.StateIdle
	}
}

// Info implements transport.Session.
func (s *session) Info() transport.SessionInfo {
	if s.over.Load() {
		return transport.SessionInfo{}
	}
	return s.c.info()
}

// Close implements transport.Session. A statement under way is cancelled. A
// connection that is in a transaction, or in which something was set that the
// transport has not set itself, is closed and not reused: Redshift has no
// DISCARD ALL.
func (s *session) Close(ctx context.Context, reuse transport.Reuse) error {
	if s.over.Load() {
		return nil
	}
	keep := reuse == transport.Keep && s.batch == nil
	r := s.active
	if r == nil && s.batch != nil && len(s.batch.queue) > 0 {
		r = s.batch.queue[0]
	}
	if r != nil && s.c.broken == nil {
		if keep {
			r.abandon(ctx)
		} else {
			_ = r.Cancel(context.WithoutCancel(ctx))
		}
	}
	if !s.over.CompareAndSwap(false, true) {
		return nil // the transport's Close was faster
	}
	for p := range s.held {
		s.c.letGo(p.n, s.t.cfg.PreparedStatements)
	}
	s.c.end()
	s.t.release(s, keep && s.c.reusable())
	return nil
}
