package dataapi

import (
	"context"
	"slices"

	"github.com/llm-dev-ops/redshift/transport"
)

// prepared is a statement whose text was read once. The service has no statements
// of its own: parameters go with every call, by name.
type prepared struct {
	x      *session
	sql    string
	types  []transport.OID
	closed bool
}

// Prepare implements transport.Session. No call is made; see Caps.Describe.
func (x *session) Prepare(ctx context.Context, sql string, types []transport.OID) (transport.Prepared, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := x.begin(); err != nil {
		return nil, err
	}
	x.started(nil)
	n, err := placeholders(sql)
	if err != nil {
		return nil, err
	}
	p := &prepared{x: x, sql: sql, types: make([]transport.OID, n)}
	copy(p.types, types)
	return p, nil
}

// Params implements transport.Prepared: the types that were given.
func (p *prepared) Params() []transport.OID { return p.types }

// Columns implements transport.Prepared: nobody knows them yet.
func (p *prepared) Columns() []transport.Column { return nil }

// statement is one execution.
func (p *prepared) statement(params []transport.Param) transport.Statement {
	return transport.Statement{SQL: p.sql, Params: p.typed(params)}
}

// typed gives the parameters the types that were asked for. One that has a type of
// its own is of that, and the server casts it.
func (p *prepared) typed(params []transport.Param) []transport.Param {
	params = slices.Clone(params)
	for i := range params {
		if i < len(p.types) && p.types[i] != 0 && (params[i].OID == 0 || params[i].OID == transport.OIDUnknown) {
			params[i].OID = p.types[i]
		}
	}
	return params
}

// Start implements transport.Prepared.
func (p *prepared) Start(ctx context.Context, params []transport.Param) (transport.Run, error) {
	if p.closed {
		return nil, transport.ErrClosed
	}
	return p.x.Start(ctx, p.statement(params))
}

// Close implements transport.Prepared.
func (p *prepared) Close(context.Context) error {
	p.closed = true
	return nil
}
