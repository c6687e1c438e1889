package redshift

import (
	"context"

	"github.com/llm-dev-ops/redshift/transport"
)

// Prepared is a statement that the server has parsed. It holds a session until
// Close and is used by one goroutine; Rows must be closed before the next use.
type Prepared struct {
	c     *Client
	sql   string
	l     lease
	p     transport.Prepared
	owned bool // the session is ours to give back
	done  bool
}

// Prepare parses a statement on a session that the Prepared keeps. types are
// the types of the parameters; those not given, or 0, are the server's to find. The
// Data API has no statements of its own: there Prepare asks the server nothing,
// a text that it cannot parse fails when it is run, and arguments are sent by name,
// as those of Execute (transport.Caps.Describe).
func (c *Client) Prepare(ctx context.Context, sql string, types ...Type) (*Prepared, error) {
	if err := c.canPrepare(sql); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, c.cfg.DefaultTimeout)
	defer cancel()
	l, err := c.lease(ctx, true)
	if err != nil {
		return nil, wrap(err)
	}
	p, err := l.s.Prepare(ctx, sql, types)
	if err != nil {
		l.release(reuse(l.s, err))
		return nil, wrap(err)
	}
	return &Prepared{c: c, sql: sql, l: l, p: p, owned: true}, nil
}

// Prepare is Client.Prepare on the transaction's session.
func (tx *Tx) Prepare(ctx context.Context, sql string, types ...Type) (*Prepared, error) {
	if err := tx.active(); err != nil {
		return nil, err
	}
	if err := tx.c.canPrepare(sql); err != nil {
		return nil, err
	}
	p, err := tx.l.s.Prepare(ctx, sql, types)
	if err != nil {
		return nil, wrap(err)
	}
	return &Prepared{c: tx.c, sql: sql, l: tx.l, p: p}, nil
}

func (c *Client) canPrepare(sql string) error {
	if caps := c.t.Caps(); !caps.Prepare {
		return wrap(&transport.UnsupportedError{Transport: caps.Name, Capability: "Prepare", Hint: "use Execute with arguments"})
	}
	_, _, err := c.statement(Query{SQL: sql})
	return err
}

// Params are the types of the parameters, as the server described them; over the
// Data API those that were given to Prepare, and 0 for the others.
func (p *Prepared) Params() []Type { return p.p.Params() }

// Columns are the result's columns, nil for a statement without rows and over the
// Data API.
func (p *Prepared) Columns() []Column { return p.p.Columns() }

// Execute runs the statement and reads its whole result; see Client.Execute.
func (p *Prepared) Execute(ctx context.Context, args ...any) (*Result, error) {
	rows, err := p.open(ctx, args, true)
	if err != nil {
		return nil, err
	}
	return p.c.materialise(rows)
}

// Query runs the statement and streams its rows; see Client.Query.
func (p *Prepared) Query(ctx context.Context, args ...any) (*Rows, error) {
	return p.open(ctx, args, false)
}

func (p *Prepared) open(ctx context.Context, args []any, whole bool) (*Rows, error) {
	if p.done {
		return nil, usage("the prepared statement is closed")
	}
	ps, err := p.arguments(args)
	if err != nil {
		return nil, err
	}
	e := newExecution(ctx, p.c.cfg.DefaultTimeout, whole)
	e.s = p.l.s
	return e.start(func(ctx context.Context) (transport.Run, error) { return p.p.Start(ctx, ps) })
}

// arguments encodes one set of arguments.
func (p *Prepared) arguments(args []any) ([]transport.Param, error) {
	if want := len(p.p.Params()); len(args) != want {
		return nil, usage("the prepared statement has %d parameters, %d arguments were given", want, len(args))
	}
	ps, err := p.c.arguments(args)
	if err != nil {
		return nil, err
	}
	for i, t := range p.p.Params() {
		// Bytes go as hexadecimal text, which a text would keep as it is.
		if ps[i].OID == TypeVarbyte && ps[i].Value != nil && (t == TypeVarchar || t == TypeChar || t == TypeSuper) {
			return nil, usage("argument %d holds bytes, which are a VARBYTE, and the parameter is a %s: give a string", i+1, TypeName(t))
		}
	}
	return ps, nil
}

// Close gives the statement up, which its session may keep for who prepares the same
// text again (Config.PreparedStatements), and gives its session back. It is
// idempotent.
func (p *Prepared) Close(ctx context.Context) error {
	if p.done {
		return nil
	}
	p.done = true
	cctx, cancel := closingContext(ctx)
	defer cancel()
	err := p.p.Close(cctx)
	if p.owned {
		p.l.release(reuse(p.l.s, err))
	}
	return wrap(err)
}
