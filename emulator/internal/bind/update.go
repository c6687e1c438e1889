package bind

import (
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

// modified is the target of UPDATE or DELETE, and what its expressions see.
type modified struct {
	*change
	table *catalog.Relation
	scope *scope
	// with stands before the statement, as is the table's alias in DuckDB, from
	// the list of FROM or USING.
	with, as, from string
}

// modify finds and locks the target. Its alias hides its name.
func (c *change) modify(with *ast.With, name ast.Name, alias *ast.Alias, from []ast.TableExpr) (*modified, error) {
	r, err := c.dmlTarget(name)
	if err != nil {
		return nil, err
	}
	m := &modified{change: c, table: r, as: c.alias("t")}
	outer := &scope{}
	if with != nil {
		if m.with, err = c.binder.with(with, outer); err != nil {
			return nil, err
		}
	}
	as := r.Name
	if alias != nil {
		if alias.Columns != nil {
			return nil, errorAt(alias.Pos(), "42601", "syntax error at or near \"(\"")
		}
		as = c.ident(alias.Name)
	}
	m.scope = &scope{outer: outer, sources: []*source{relationSource(r, as, m.as, alias == nil)}}
	if !c.holds(r, catalog.Select) {
		denied, _ := c.unreadable(r)
		m.scope.sources[0].deny(denied)
	}
	if len(from) == 0 {
		return m, nil
	}
	item, err := c.binder.from(from, &scope{outer: outer})
	if err != nil {
		return nil, err
	}
	if err := distinctNames(m.scope.sources, item.sources, from[0].Pos()); err != nil {
		return nil, err
	}
	m.from = item.sql
	m.scope.sources, m.scope.merged = append(m.scope.sources, item.sources...), item.merged
	return m, nil
}

// update is UPDATE (r_UPDATE.md).
func (c *change) update(s *ast.Update) error {
	c.tag("UPDATE", "UPDATE")
	c.plan.CountTag = true
	m, err := c.modify(s.With, s.Table, s.Alias, s.From)
	if err != nil {
		return err
	}
	whole := c.holds(m.table, catalog.Update)
	columns, values := make([]string, len(s.Set)), make([]string, len(s.Set))
	seen := make(map[int]bool, len(s.Set))
	for n, a := range s.Set {
		i, err := c.setColumn(m.table, a.Column, seen)
		if err != nil {
			return err
		}
		if !whole && c.who().Holds(m.table.Columns[i].ACL, catalog.Update) == 0 {
			return deniedRelation(m.table, s.Table.Pos())
		}
		columns[n] = quote(m.table.Columns[i].Name)
		if values[n], err = c.setValue(&m.table.Columns[i], a.Value, m.scope); err != nil {
			return err
		}
	}
	where, err := c.where(s.Where, m.scope)
	if err != nil {
		return err
	}
	if m.from == "" {
		for n := range columns {
			columns[n] += " = " + values[n]
		}
		c.run(m.with + "UPDATE " + store(m.table) + " AS " + m.as + " SET " + strings.Join(columns, ", ") + where)
		return nil
	}
	// A row that matches several is changed, and counted, once.
	to, from := c.alias("t"), c.alias("q")
	for n := range columns {
		name := "c" + itoa(n+1)
		columns[n] += " = " + from + "." + name
		values[n] += " AS " + name
	}
	c.run(m.with + "UPDATE " + store(m.table) + " AS " + to + " SET " + strings.Join(columns, ", ") +
		" FROM (SELECT DISTINCT ON (" + m.as + ".rowid) " + m.as + ".rowid AS r, " + strings.Join(values, ", ") +
		" FROM " + store(m.table) + " AS " + m.as + ", " + m.from + where + ") AS " + from + " WHERE " + to + ".rowid = " + from + ".r")
	return nil
}

// remove is DELETE (r_DELETE.md).
func (c *change) remove(s *ast.Delete) error {
	c.tag("DELETE", "DELETE")
	c.plan.CountTag = true
	m, err := c.modify(s.With, s.Table, s.Alias, s.Using)
	if err != nil {
		return err
	}
	if err := c.need(m.table, catalog.Delete, s.Table.Pos()); err != nil {
		return err
	}
	where, err := c.where(s.Where, m.scope)
	if err != nil {
		return err
	}
	sql := m.with + "DELETE FROM " + store(m.table) + " AS " + m.as
	if m.from != "" {
		sql += " USING " + m.from
	}
	c.run(sql + where)
	return nil
}

// setColumn finds the column of an assignment.
func (c *change) setColumn(r *catalog.Relation, id ast.Ident, seen map[int]bool) (int, error) {
	name := c.newName(id)
	i, ok := r.Column(name)
	if !ok {
		return 0, errorAt(id.Pos(), "42703", "column %q of relation %q does not exist", name, r.Name)
	}
	if seen[i] {
		return 0, errorAt(id.Pos(), "42601", "multiple assignments to same column %q", name)
	}
	seen[i] = true
	return i, settable(&r.Columns[i], id.Pos())
}

// setValue is an assignment's value as the column's type.
func (c *change) setValue(col *catalog.Column, e ast.Expr, s *scope) (string, error) {
	if _, ok := e.(*ast.Default); ok {
		v, err := c.defaultValue(col)
		return notNull(v, col), err
	}
	aggs, wins := s.aggs, s.wins
	n, err := c.expr(e, s)
	if err != nil {
		return "", err
	}
	switch {
	case s.aggs > aggs:
		return "", errorAt(e.Pos(), "42803", "cannot use aggregate function in UPDATE")
	case s.wins > wins:
		return "", errorAt(e.Pos(), "42803", "cannot use window function in UPDATE")
	}
	v, err := c.assign(n, col.Type, col.Name, e.Pos())
	return notNull(v, col), err
}

// where is the WHERE clause of UPDATE or DELETE.
func (c *change) where(e ast.Expr, s *scope) (string, error) {
	if e == nil {
		return "", nil
	}
	s.clause = whereClause
	cond, err := c.boolean(e, s, "WHERE")
	return " WHERE " + cond, err
}
