package wire

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/llm-dev-ops/redshift/emulator/internal/session"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
)

// prepared is a statement that Parse made.
type prepared struct {
	name string
	stmt session.Statement
	// uses counts the portals over it and the name that it has; it is closed
	// with the last one.
	uses int
}

func (p *prepared) release() {
	if p.uses--; p.uses == 0 {
		p.stmt.Close()
	}
}

// portal is what Bind made.
type portal struct {
	name     string
	of       *prepared
	call     session.Call
	run      session.Portal // nil before the first Execute and after the end
	finished bool           // it has been executed to its end
	tag      string         // when it is finished
}

// parse serves Parse.
func (c *conn) parse(ctx context.Context, m *pgproto3.Parse) error {
	if c.suspended != nil {
		// node-pg-cursor#55 shows the message; the SQLSTATE is assumed. Sync,
		// Close, or the portal's end allow Parse again.
		return refused("08P01", "Invalid protocol sequence 'P' while in PortalSuspended state")
	}
	if m.Name == "" {
		c.dropStatement("")
	} else if c.statements[m.Name] != nil {
		return refused("42P05", `prepared statement "%s" already exists`, m.Name)
	}
	if several(m.Query) {
		return refused("42601", "cannot insert multiple commands into a prepared statement")
	}
	stmt, err := c.sess.Prepare(ctx, m.Query, m.ParameterOIDs)
	if err != nil {
		return err
	}
	c.statements[m.Name] = &prepared{name: m.Name, stmt: stmt, uses: 1}
	c.out.bare(parseComplete)
	return nil
}

// several says whether a text is more than one statement. What is wrong with its
// tokens is the session's to say.
func several(sql string) bool {
	if strings.IndexByte(sql, ';') < 0 {
		return false
	}
	n := 0
	for _, err := range lex.Split(sql) {
		if n++; n > 1 || err != nil {
			return n > 1 && err == nil
		}
	}
	return false
}

func (c *conn) statementOf(name string) (*prepared, error) {
	if p := c.statements[name]; p != nil {
		return p, nil
	}
	if name == "" {
		return nil, refused("26000", "unnamed prepared statement does not exist")
	}
	return nil, refused("26000", `prepared statement "%s" does not exist`, name)
}

func (c *conn) portalOf(name string) (*portal, error) {
	if p := c.portals[name]; p != nil {
		return p, nil
	}
	return nil, refused("34000", `portal "%s" does not exist`, name)
}

// bind serves Bind.
func (c *conn) bind(m *pgproto3.Bind) error {
	of, err := c.statementOf(m.PreparedStatement)
	if err != nil {
		return err
	}
	if n := len(m.ParameterFormatCodes); n > 1 && n != len(m.Parameters) {
		return refused("08P01", "bind message has %d parameter formats but %d parameters", n, len(m.Parameters))
	}
	if n := len(of.stmt.Params()); n != len(m.Parameters) {
		return refused("08P01", `bind message supplies %d parameters, but prepared statement "%s" requires %d`, len(m.Parameters), of.name, n)
	}
	if n, columns := len(m.ResultFormatCodes), len(of.stmt.Columns()); n > 1 && n != columns {
		return refused("08P01", "bind message has %d result formats but query has %d columns", n, columns)
	}
	for _, formats := range [][]int16{m.ParameterFormatCodes, m.ResultFormatCodes} {
		for _, f := range formats {
			if f != 0 && f != 1 {
				return refused("22023", "unsupported format code: %d", f)
			}
		}
	}
	if m.DestinationPortal == "" {
		c.dropPortal("")
	} else if c.portals[m.DestinationPortal] != nil {
		return refused("42P03", `cursor "%s" already exists`, m.DestinationPortal)
	}
	formats := m.ResultFormatCodes
	if f, ok := of.stmt.(session.Formatter); ok {
		formats = f.Formats(formats)
	}
	of.uses++
	c.portals[m.DestinationPortal] = &portal{
		name: m.DestinationPortal, of: of,
		call: session.Call{Args: arguments(m), Formats: formats},
	}
	c.out.bare(bindComplete)
	return nil
}

// arguments copies the values out of the message, which the next one overwrites.
func arguments(m *pgproto3.Bind) []session.Arg {
	if len(m.Parameters) == 0 {
		return nil
	}
	size := 0
	for _, p := range m.Parameters {
		size += len(p)
	}
	values := make([]byte, 0, size)
	args := make([]session.Arg, len(m.Parameters))
	for i, p := range m.Parameters {
		args[i].Format = formatOf(m.ParameterFormatCodes, i)
		if p != nil {
			start := len(values)
			values = append(values, p...)
			args[i].Value = values[start:len(values):len(values)]
		}
	}
	return args
}

// describe serves Describe.
func (c *conn) describe(m *pgproto3.Describe) error {
	switch m.ObjectType {
	case 'S':
		p, err := c.statementOf(m.Name)
		if err != nil {
			return err
		}
		c.out.parameterDescription(p.stmt.Params())
		c.out.rowDescription(p.stmt.Columns(), nil)
		return nil
	case 'P':
		p, err := c.portalOf(m.Name)
		if err != nil {
			return err
		}
		c.out.rowDescription(p.of.stmt.Columns(), p.call.Formats)
		return nil
	}
	return refused("08P01", "invalid DESCRIBE message subtype %d", m.ObjectType)
}

// execute serves Execute. Rows that stop at the limit leave the portal suspended
// even when there are no more, as in PostgreSQL: the next Execute tells.
func (c *conn) execute(ctx context.Context, m *pgproto3.Execute) error {
	p, err := c.portalOf(m.Portal)
	if err != nil {
		return err
	}
	c.suspended = nil
	stmt := p.of.stmt
	if stmt.Empty() {
		c.out.bare(emptyQuery)
		return nil
	}
	if p.finished {
		if stmt.Columns() == nil {
			return refused("55000", `portal "%s" cannot be run`, p.name)
		}
		c.out.commandComplete(p.tag)
		return nil
	}
	if p.run == nil {
		p.call.Last = c.followed
		if p.run, err = stmt.Start(ctx, p.call); err != nil {
			p.run, p.finished = nil, true
			return err
		}
	}
	limit := int(max(int32(m.MaxRows), 0)) // a negative number is no limit
	n, _, err := c.rows(ctx, p.run, limit)
	if err != nil {
		return err
	}
	if limit > 0 && n == limit {
		c.suspended = p
		c.out.bare(portalSuspended)
		return nil
	}
	run := p.run
	p.run, p.finished, p.tag = nil, true, clean(run.Tag())
	return c.complete(run)
}

// close serves Close. What is not there is closed.
func (c *conn) close(m *pgproto3.Close) error {
	switch m.ObjectType {
	case 'S':
		if p := c.statements[m.Name]; p != nil {
			for name, over := range c.portals {
				if over.of == p {
					c.dropPortal(name)
				}
			}
			c.dropStatement(m.Name)
		}
	case 'P':
		c.dropPortal(m.Name)
	default:
		return refused("08P01", "invalid CLOSE message subtype %d", m.ObjectType)
	}
	c.out.bare(closeComplete)
	return nil
}

func (c *conn) dropStatement(name string) {
	if p := c.statements[name]; p != nil {
		delete(c.statements, name)
		p.release()
	}
}

func (c *conn) dropPortal(name string) {
	p := c.portals[name]
	if p == nil {
		return
	}
	delete(c.portals, name)
	if c.suspended == p {
		c.suspended = nil
	}
	if p.run != nil {
		_ = p.run.Close() // it is not read to its end, so nobody waits for its outcome
	}
	p.of.release()
}

func (c *conn) closePortals() {
	for name := range c.portals {
		c.dropPortal(name)
	}
}
