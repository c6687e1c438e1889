package pgwire

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/llm-dev-ops/redshift/transport"
)

// prepared is a session's hold of a named statement.
type prepared struct {
	s      *session
	n      *named
	closed bool
}

var _ transport.Prepared = (*prepared)(nil)

// Prepare implements transport.Session. A text that the connection has prepared
// before, with the same types, is not prepared again.
func (s *session) Prepare(ctx context.Context, sql string, types []transport.OID) (transport.Prepared, error) {
	if err := s.usable(ctx); err != nil {
		return nil, err
	}
	if err := check(sql, len(types), 0); err != nil {
		return nil, err
	}
	n := s.c.statements.find(sql, types)
	if n == nil {
		// Each statement has a name of its own: after a failed Parse nobody knows
		// whether its name is taken.
		s.c.names++
		n = &named{name: "p" + strconv.Itoa(s.c.names), sql: sql, types: slices.Clone(types), generation: unparsed}
	}
	if !n.current(s.c) {
		if err := s.describe(ctx, n); err != nil {
			return nil, err
		}
	}
	n.holders++
	s.c.keep(n, s.t.cfg.PreparedStatements)
	p := &prepared{s: s, n: n}
	if s.held == nil {
		s.held = map[*prepared]struct{}{}
	}
	s.held[p] = struct{}{}
	return p, nil
}

// describe parses a statement on the server and learns what it is.
func (s *session) describe(ctx context.Context, n *named) error {
	r := s.newRun(n.sql)
	r.leads, _ = s.c.lead(s.c.set, s.c.set, false)
	s.c.parse(n)
	s.c.send(&pgproto3.Describe{ObjectType: 'S', Name: n.name})
	s.c.send(msgSync)
	if err := s.exchange(ctx, r); err != nil {
		n.generation = unparsed
		var server *transport.ServerError
		if !errors.As(err, &server) {
			s.c.closes = append(s.c.closes, closing{'S', n.name})
		}
		return err
	}
	n.params, n.cols = r.types, r.cols
	n.formats = resultFormats(n.cols, s.c.version)
	return nil
}

// Params implements transport.Prepared.
func (p *prepared) Params() []transport.OID { return p.n.params }

// Columns implements transport.Prepared.
func (p *prepared) Columns() []transport.Column { return p.n.cols }

// Start implements transport.Prepared. A statement that the server may have
// forgotten is prepared again in the same exchange.
func (p *prepared) Start(ctx context.Context, params []transport.Param) (transport.Run, error) {
	s := p.s
	if p.closed {
		return nil, transport.ErrClosed
	}
	if err := s.usable(ctx); err != nil {
		return nil, err
	}
	if err := check("", len(params), 0); err != nil {
		return nil, err
	}
	r := s.newRun(p.n.sql)
	r.want = s.c.wanted(&s.t.cfg, "", 0)
	r.leads, r.set = s.c.lead(s.c.set, r.want, false)
	s.sendPrepared(r, p.n, params)
	r.repeat = func() { s.sendPrepared(r, p.n, params) }
	if err := s.submit(ctx, r); err != nil {
		return nil, err
	}
	return r, nil
}

// sendPrepared appends the exchange of a prepared statement.
func (s *session) sendPrepared(r *run, n *named, params []transport.Param) {
	if !n.current(s.c) {
		s.c.parse(n)
		n.formats = nil // its columns may be others by now
	}
	s.c.keep(n, s.t.cfg.PreparedStatements)
	r.learns = n
	s.c.sendStatement(n.name, "", params, n.formats, portal{})
}

// Close implements transport.Prepared. The connection may keep the statement for
// who prepares the same text next; otherwise it is closed with the next exchange.
func (p *prepared) Close(context.Context) error {
	if p.closed {
		return nil
	}
	p.closed = true
	if p.s.over.Load() || p.s.c.broken != nil {
		return nil // the session has let go of it, or it has gone
	}
	delete(p.s.held, p)
	p.s.c.letGo(p.n, p.s.t.cfg.PreparedStatements)
	return nil
}
