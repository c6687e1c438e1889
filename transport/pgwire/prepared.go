package pgwire

import (
	"context"
	"errors"
	"strconv"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/llm-dev-ops/redshift/transport"
)

// prepared is a named statement of the session's connection.
type prepared struct {
	s          *session
	name, sql  string
	types      []transport.OID // as asked for
	params     []transport.OID // as described
	cols       []transport.Column
	formats    []transport.Format // that are asked for
	generation int                // the connection's when it was made
	closed     bool
}

var _ transport.Prepared = (*prepared)(nil)

// Prepare implements transport.Session. Each statement has a name of its own:
// after a failed Parse nobody knows whether its name is taken.
func (s *session) Prepare(ctx context.Context, sql string, types []transport.OID) (transport.Prepared, error) {
	if err := s.usable(ctx); err != nil {
		return nil, err
	}
	if err := check(sql, len(types), 0); err != nil {
		return nil, err
	}
	s.c.names++
	p := &prepared{s: s, name: "p" + strconv.Itoa(s.c.names), sql: sql, types: append([]transport.OID(nil), types...), generation: s.c.generation}
	r := s.newRun(sql)
	r.leads, _ = s.c.lead(s.c.set, s.c.set, false)
	p.sendParse()
	s.c.send(&pgproto3.Describe{ObjectType: 'S', Name: p.name})
	s.c.send(msgSync)
	if err := s.exchange(ctx, r); err != nil {
		var server *transport.ServerError
		if !errors.As(err, &server) {
			s.c.closes = append(s.c.closes, p.name)
		}
		return nil, err
	}
	p.params, p.cols = r.types, r.cols
	p.formats = resultFormats(p.cols, s.c.version)
	if s.names == nil {
		s.names = map[string]struct{}{}
	}
	s.names[p.name] = struct{}{}
	return p, nil
}

func (p *prepared) sendParse() {
	p.s.c.sendParse(p.name, p.sql, len(p.types), func(i int) transport.OID { return p.types[i] })
}

// Params implements transport.Prepared.
func (p *prepared) Params() []transport.OID { return p.params }

// Columns implements transport.Prepared.
func (p *prepared) Columns() []transport.Column { return p.cols }

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
	r := s.newRun(p.sql)
	r.want = s.c.wanted(&s.t.cfg, "", 0)
	r.leads, r.set = s.c.lead(s.c.set, r.want, false)
	if p.generation != s.c.generation {
		p.generation = s.c.generation
		s.c.send(&pgproto3.Close{ObjectType: 'S', Name: p.name})
		p.sendParse()
		p.formats = nil // its columns may be others by now
	}
	r.learns = p
	s.c.sendStatement(p.name, "", params, p.formats)
	if err := s.submit(ctx, r); err != nil {
		return nil, err
	}
	return r, nil
}

// Close implements transport.Prepared. While another statement is under way
// it is done with the next one.
func (p *prepared) Close(ctx context.Context) error {
	s := p.s
	if p.closed {
		return nil
	}
	p.closed = true
	if s.over.Load() || s.c.broken != nil {
		return nil // the statement has gone with its session
	}
	delete(s.names, p.name)
	s.c.closes = append(s.c.closes, p.name)
	if s.usable(ctx) != nil {
		return nil
	}
	r := s.newRun("")
	r.leads, _ = s.c.lead(s.c.set, s.c.set, false)
	r.leads-- // the answer to the closing is the exchange's own
	return s.exchange(ctx, r)
}
