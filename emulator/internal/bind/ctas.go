package bind

import (
	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

// createTableAs is CREATE TABLE AS (r_CREATE_TABLE_AS.md). Its command tag is
// assumed to be SELECT without a count, as in PostgreSQL 8.0.
func (c *change) createTableAs(s *ast.CreateTableAs) error {
	c.tag("SELECT", "CTAS")
	t, err := c.begin(s.Name, s.Temp, false)
	if t == nil || err != nil {
		return err
	}
	return c.fill(t, s.Query, s.Columns, &s.Attrs)
}

// selectInto is SELECT … INTO (r_SELECT_INTO.md), the same as CREATE TABLE AS.
func (c *change) selectInto(q *ast.Query, into *ast.Into) error {
	c.tag("SELECT", "CTAS")
	t, err := c.begin(into.Name, into.Temp || len(into.Name.Object().Name) > 0 && into.Name.Object().Name[0] == '#', false)
	if err != nil {
		return err
	}
	return c.fill(t, withoutInto(q), nil, &ast.TableAttrs{})
}

// fill makes a table of a query's columns and rows.
func (c *change) fill(t *table, q *ast.Query, names []ast.Ident, attrs *ast.TableAttrs) error {
	if err := noParams(c.env.Text[q.Pos():q.End()], q.Pos()); err != nil {
		return err
	}
	c.shared.tables = true // the new one
	bound, err := c.query(q, nil)
	if err != nil {
		return err
	}
	if len(names) > len(bound.cols) {
		return errorAt(names[len(bound.cols)].Pos(), "42601", "CREATE TABLE AS specifies too many column names")
	}
	for i, col := range bound.cols {
		id := ast.Ident{Span: q.Span, Name: col.Name, Quoted: true}
		if i < len(names) {
			id = names[i]
		} else if c.env.CaseSensitive {
			id.Quoted = true
		}
		name, err := c.newColumn(t, id)
		if err != nil {
			return err
		}
		typ := stored(col.Type)
		if err := c.storable(t, name, typ, id.Pos()); err != nil {
			return err
		}
		t.Columns = append(t.Columns, catalog.Column{Name: name, Type: typ})
	}
	if err := c.attributes(t, attrs); err != nil {
		return err
	}
	if err := c.create(t); err != nil {
		return err
	}
	c.run("INSERT INTO " + store(t.Relation) + " " + bound.sql)
	return nil
}

// stored is the type of a column whose query does not tell its size: the widest
// that a column can have (assumed), the default precision.
func stored(t rstype.Type) rstype.Type {
	switch {
	case (t.Kind == rstype.Varchar || t.Kind == rstype.Char || t.Kind == rstype.Varbyte) && t.Len == 0:
		t.Len = map[rstype.Kind]int32{rstype.Varchar: rstype.MaxVarchar, rstype.Char: rstype.MaxChar, rstype.Varbyte: rstype.MaxVarbyte}[t.Kind]
	case t.Kind == rstype.Numeric && t.Precision == 0:
		t.Precision = 18
	}
	return t
}

// intoOf finds the INTO of a query, which its first SELECT has.
func intoOf(q *ast.Query) *ast.Into {
	body := q.Body
	for {
		switch b := body.(type) {
		case *ast.Select:
			return b.Into
		case *ast.SetOp:
			body = b.L
		case *ast.Query:
			body = b.Body
		default:
			return nil
		}
	}
}

// withoutInto is a copy of the query whose first SELECT has no INTO.
func withoutInto(q *ast.Query) *ast.Query {
	var strip func(ast.QueryBody) ast.QueryBody
	strip = func(body ast.QueryBody) ast.QueryBody {
		switch b := body.(type) {
		case *ast.Select:
			n := *b
			n.Into = nil
			return &n
		case *ast.SetOp:
			n := *b
			n.L = strip(b.L)
			return &n
		case *ast.Query:
			n := *b
			n.Body = strip(b.Body)
			return &n
		}
		return body
	}
	return strip(q).(*ast.Query)
}
