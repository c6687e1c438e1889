package bind

import (
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

// modified is the target of UPDATE or DELETE under its alias.
func (c *change) modified(name ast.Name, alias *ast.Alias) (r *catalog.Relation, as string, s *scope, err error) {
	if r, err = c.dmlTarget(name); err != nil {
		return nil, "", nil, err
	}
	given := ""
	if alias != nil {
		given = c.ident(alias.Name)
	}
	if as = given; as == "" {
		as = r.Name
	}
	return r, as, c.tableScope(r, given), nil
}

// update is UPDATE (r_UPDATE.md).
func (c *change) update(s *ast.Update) error {
	c.tag("UPDATE", "UPDATE")
	c.plan.CountTag = true
	r, as, scope, err := c.modified(s.Table, s.Alias)
	if err != nil {
		return err
	}
	if s.With != nil || s.From != nil {
		return unsupported(s.Pos(), "UPDATE with FROM or WITH")
	}
	sets := make([]string, 0, len(s.Set))
	seen := make(map[int]bool, len(s.Set))
	for _, a := range s.Set {
		i, err := c.setColumn(r, a.Column, seen)
		if err != nil {
			return err
		}
		value, err := c.setValue(&r.Columns[i], a.Value, scope)
		if err != nil {
			return err
		}
		sets = append(sets, quote(r.Columns[i].Name)+" = "+value)
	}
	sql := "UPDATE " + store(r) + " AS " + quote(as) + " SET " + strings.Join(sets, ", ")
	where, err := c.where(s.Where, scope)
	if err != nil {
		return err
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

// remove is DELETE (r_DELETE.md).
func (c *change) remove(s *ast.Delete) error {
	c.tag("DELETE", "DELETE")
	c.plan.CountTag = true
	r, as, scope, err := c.modified(s.Table, s.Alias)
	if err != nil {
		return err
	}
	if s.With != nil || s.Using != nil {
		return unsupported(s.Pos(), "DELETE with USING or WITH")
	}
	where, err := c.where(s.Where, scope)
	if err != nil {
		return err
	}
	c.run("DELETE FROM " + store(r) + " AS " + quote(as) + where)
	return nil
}
