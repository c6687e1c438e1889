package bind

import (
	"slices"
	"strconv"
	"strings"

	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

func (b *binder) selectBody(q *ast.Select, outer *scope) (*body, error) {
	switch {
	case len(q.DistinctOn) > 0:
		return nil, refused(q.Pos(), "QUALIFY ROW_NUMBER() OVER (PARTITION BY … ORDER BY …) = 1 keeps one row of each.", "SELECT DISTINCT ON is not supported")
	case q.Into != nil:
		// The statement's own has been taken off (r_SELECT_INTO.md).
		return nil, errorAt(q.Into.Pos(), "42601", "SELECT INTO is not allowed here")
	case q.StartWith != nil && q.ConnectBy == nil:
		return nil, errorAt(q.StartWith.Pos(), "42601", "START WITH needs CONNECT BY")
	}
	s := &scope{outer: outer, windows: q.Windows, block: true}
	var tail strings.Builder
	if err := b.fromWhere(q, s, &tail); err != nil {
		return nil, err
	}
	if err := b.expand(q, s); err != nil {
		return nil, err
	}
	if q.GroupBy != nil {
		s.clause = groupClause
		group, err := b.groupBy(q.GroupBy, s)
		if err != nil {
			return nil, err
		}
		tail.WriteString(group)
	}
	out := &body{sc: s, sel: q, distinct: q.Distinct, head: "SELECT "}
	if q.Distinct {
		out.head = "SELECT DISTINCT "
	}
	s.clause, s.grouped = targetClause, true
	n := len(s.targets)
	if n > maxTargets {
		return nil, errorAt(q.Pos(), "54011", "target lists can have at most %d entries", maxTargets)
	}
	out.items, out.cols, out.offsets = make([]node, 0, n), make([]Column, 0, n), make([]int, 0, n)
	s.free = make([]freeColumn, 0, n)
	for i := range s.targets {
		s.limit = i
		n, err := b.target(&s.targets[i], s)
		if err != nil {
			return nil, err
		}
		if n.folded && q.Distinct {
			return nil, unsupported(s.targets[i].offset, "DISTINCT without regard to case")
		}
		if q.Distinct {
			if err := distinguishable(n.typ, s.targets[i].offset); err != nil {
				return nil, err
			}
		}
		c := Column{Name: s.targets[i].name, Type: n.typ}
		if _, ok := s.targets[i].expr.(*ast.AtTimeZone); ok && !s.targets[i].named { // r_AT_TIME_ZONE.md
			c.Name = kindColumn(n.typ.Kind)
		}
		if n.col != nil && n.sql == n.col.sql {
			c.TableID, c.Number = n.col.table, n.col.number
		}
		out.items = append(out.items, n)
		out.cols = append(out.cols, c)
		out.offsets = append(out.offsets, s.targets[i].offset)
	}
	s.limit = len(s.targets)
	if q.Having != nil {
		s.clause = havingClause
		cond, err := b.boolean(q.Having, s, "HAVING")
		if err != nil {
			return nil, err
		}
		tail.WriteString(" HAVING " + cond)
	}
	if q.Qualify != nil {
		s.clause = qualifyClause
		wins := s.wins
		cond, err := b.boolean(q.Qualify, s, "QUALIFY")
		if err != nil {
			return nil, err
		}
		if s.wins == wins && wins == 0 {
			return nil, errorAt(q.Qualify.Pos(), "42601", "QUALIFY clause must contain at least one window function")
		}
		tail.WriteString(" QUALIFY " + cond)
	}
	if err := checkGroups(q, s); err != nil {
		return nil, err
	}
	if s.correlated && s.wins > 0 && b.shared.tables {
		return nil, badCorrelation(q.Pos())
	}
	out.tail = tail.String()
	if q.Top != nil {
		n, err := b.rowCount(q.Top, "TOP")
		if err != nil {
			return nil, err
		}
		out.limit = " LIMIT " + n
	}
	return out, nil
}

// fromWhere binds FROM, CONNECT BY and WHERE, which come about in this order.
func (b *binder) fromWhere(q *ast.Select, s *scope, tail *strings.Builder) error {
	if q.Where != nil && q.ConnectBy == nil && len(q.From) > 1 && b.marked(q.Where) {
		where, item, err := b.outerFrom(q, s)
		if err != nil {
			return err
		}
		tail.WriteString(" FROM " + item.sql)
		if where != "" {
			tail.WriteString(" WHERE " + where)
		}
		return nil
	}
	item := &fromItem{}
	if len(q.From) > 0 {
		var err error
		if item, err = b.from(q.From, s); err != nil {
			return err
		}
	}
	if q.ConnectBy != nil {
		var err error
		if item, err = b.hierarchy(q, item); err != nil {
			return err
		}
	}
	s.sources, s.merged = item.sources, item.merged
	if item.sql != "" {
		tail.WriteString(" FROM " + item.sql)
	}
	if q.Where == nil {
		return nil
	}
	s.clause = whereClause
	cond, err := b.boolean(q.Where, s, "WHERE")
	tail.WriteString(" WHERE " + cond)
	return err
}

// checkGroups refuses columns outside of aggregates in a query with groups.
func checkGroups(q *ast.Select, s *scope) error {
	if q.GroupBy == nil && q.Having == nil && s.aggs == 0 || len(s.free) == 0 {
		return nil
	}
	f := s.free[0]
	if f.name == "" {
		f.name = f.col.name
		for _, src := range s.sources {
			if found, _ := src.find(f.col.name); found == f.col && src.name != "" {
				f.name = src.name + "." + f.col.name
			}
		}
	}
	return errorAt(f.offset, "42803", "column %q must appear in the GROUP BY clause or be used in an aggregate function", f.name)
}

func (b *binder) target(t *target, s *scope) (node, error) {
	if t.col != nil {
		return b.useColumn(t.col, s, "", t.offset), nil
	}
	return b.expr(t.expr, s)
}

// expand makes targets of the select list, each column of a star one.
func (b *binder) expand(q *ast.Select, s *scope) error {
	s.targets = make([]target, 0, len(q.Targets))
	exclude := make([]string, len(q.Exclude))
	for i, x := range q.Exclude {
		exclude[i] = b.ident(x)
	}
	for i := range q.Targets {
		t := &q.Targets[i]
		star, ok := t.Expr.(*ast.Star)
		if !ok {
			out := target{expr: t.Expr, offset: t.Expr.Pos()}
			if t.Alias != nil {
				out.name, out.named = b.ident(*t.Alias), true
			} else {
				out.name = b.columnName(t.Expr)
			}
			s.targets = append(s.targets, out)
			continue
		}
		cols, err := b.star(star, s)
		if err != nil {
			return err
		}
		for _, c := range cols {
			s.targets = append(s.targets, target{name: c.name, col: c, offset: star.Pos()})
		}
	}
	for i, x := range exclude {
		n := len(s.targets)
		s.targets = slices.DeleteFunc(s.targets, func(t target) bool { return t.name == x })
		if len(s.targets) == n {
			return errorAt(q.Exclude[i].Pos(), "42703", "column %q does not exist", x)
		}
	}
	if len(s.targets) == 0 {
		return errorAt(q.Pos(), "42601", "SELECT list is empty")
	}
	return nil
}

func (b *binder) star(e *ast.Star, s *scope) ([]*column, error) {
	var out []*column
	if len(e.Qualifier) > 0 {
		parts := make([]string, len(e.Qualifier))
		for i, p := range e.Qualifier {
			parts[i] = b.ident(p)
		}
		for _, src := range s.sources {
			n := len(parts)
			if src.name != parts[n-1] || n > 1 && src.schema != parts[n-2] || n > 2 && src.database != parts[n-3] {
				continue
			}
			for i := range src.cols {
				if c := &src.cols[i]; !c.hidden {
					if err := b.allowed(c, e.Pos()); err != nil {
						return nil, err
					}
					out = append(out, c)
				}
			}
			return out, nil
		}
		return nil, errorAt(e.Pos(), "42P01", "missing FROM-clause entry for table %q", parts[len(parts)-1])
	}
	if len(s.sources) == 0 {
		return nil, errorAt(e.Pos(), "42601", "SELECT * with no tables specified is not valid")
	}
	for i := range s.merged {
		out = append(out, &s.merged[i].col)
	}
	for _, src := range s.sources {
		for i := range src.cols {
			if c := &src.cols[i]; !c.hidden && !s.hides(c.sql) {
				if err := b.allowed(c, e.Pos()); err != nil {
					return nil, err
				}
				out = append(out, c)
			}
		}
	}
	return out, nil
}

// groupBy binds GROUP BY and notes the expressions for the select list.
func (b *binder) groupBy(g *ast.GroupBy, s *scope) (string, error) {
	var list []string
	if g.All {
		for i := range s.targets {
			aggs, wins := s.aggs, s.wins
			s.clause, s.limit = targetClause, i
			n, err := b.target(&s.targets[i], s)
			if err != nil {
				return "", err
			}
			if s.aggs == aggs && s.wins == wins && !n.constant {
				if err := distinguishable(n.typ, s.targets[i].offset); err != nil {
					return "", err
				}
				s.groups = append(s.groups, n.sql)
				list = append(list, n.sql)
			}
			s.aggs, s.wins = aggs, wins
		}
		if len(list) == 0 {
			return "", nil
		}
		return " GROUP BY " + strings.Join(list, ", "), nil
	}
	for i := range g.Items {
		sql, err := b.groupItem(&g.Items[i], s)
		if err != nil {
			return "", err
		}
		list = append(list, sql)
	}
	return " GROUP BY " + strings.Join(list, ", "), nil
}

func (b *binder) groupItem(g *ast.GroupItem, s *scope) (string, error) {
	word := ""
	switch g.Kind {
	case ast.GroupExpr, ast.GroupTuple:
		exprs := make([]string, len(g.Exprs))
		for i, e := range g.Exprs {
			sql, err := b.groupExpr(e, s)
			if err != nil {
				return "", err
			}
			exprs[i] = sql
		}
		if g.Kind == ast.GroupExpr {
			return exprs[0], nil
		}
		return "(" + strings.Join(exprs, ", ") + ")", nil
	case ast.GroupRollup:
		word = "ROLLUP"
	case ast.GroupCube:
		word = "CUBE"
	case ast.GroupSets:
		word = "GROUPING SETS"
	}
	sets := make([]string, len(g.Sets))
	for i := range g.Sets {
		if k := g.Sets[i].Kind; k > ast.GroupTuple {
			return "", errorAt(g.Sets[i].Pos(), "0A000", "nested GROUPING SETS, ROLLUP or CUBE are not supported")
		}
		sql, err := b.groupItem(&g.Sets[i], s)
		if err != nil {
			return "", err
		}
		sets[i] = sql
	}
	return word + " (" + strings.Join(sets, ", ") + ")", nil
}

// groupExpr binds one expression of GROUP BY: a position, a column, an alias of
// the select list, or anything else.
func (b *binder) groupExpr(e ast.Expr, s *scope) (string, error) {
	s.limit = len(s.targets)
	wins, inbound := s.wins, s.inbound
	n, err := b.groupNode(e, s)
	if err != nil {
		return "", err
	}
	if s.inbound > inbound && b.shared.tables {
		return "", badCorrelation(e.Pos())
	}
	if s.wins != wins {
		return "", errorAt(e.Pos(), "42P20", "window functions are not allowed in GROUP BY")
	}
	if n.folded {
		return "", unsupported(e.Pos(), "GROUP BY without regard to case")
	}
	if err := distinguishable(n.typ, e.Pos()); err != nil {
		return "", err
	}
	sql := n.sql
	if !slices.Contains(s.groups, sql) {
		s.groups = append(s.groups, sql)
	}
	if n.constant && n.col == nil {
		// DuckDB would take a number for a position.
		if n, err = b.settle(n, e.Pos()); err != nil {
			return "", err
		}
		return "CAST(" + n.sql + " AS " + n.typ.DuckDB() + ")", nil
	}
	return sql, nil
}

func (b *binder) groupNode(e ast.Expr, s *scope) (node, error) {
	if l, ok := e.(*ast.Literal); ok && l.Kind == ast.IntLiteral {
		i, err := strconv.Atoi(l.Text)
		if err != nil || i < 1 || i > len(s.targets) {
			return node{}, errorAt(e.Pos(), "42P10", "GROUP BY position %s is not in select list", l.Text)
		}
		s.limit = i - 1
		return b.target(&s.targets[i-1], s)
	}
	if c, ok := e.(*ast.ColumnRef); ok && len(c.Parts) == 1 {
		name := b.ident(c.Parts[0])
		if found, _ := s.bare(name); found == nil {
			for i := range s.targets {
				if t := &s.targets[i]; t.name == name && t.named {
					s.limit = i
					return b.target(t, s)
				}
			}
		}
	}
	return b.expr(e, s)
}

// orderBy binds ORDER BY: a position, a name of the select list, or an
// expression over the FROM clause.
func (b *binder) orderBy(q *ast.Query, out *body) (string, error) {
	if len(q.OrderBy) == 0 {
		return "", nil
	}
	var list []string
	for i := range q.OrderBy {
		item := &q.OrderBy[i]
		sql, err := b.orderItem(item.Expr, out)
		if err != nil {
			return "", err
		}
		list = append(list, sql+direction(item))
	}
	if out.sel != nil {
		if err := checkGroups(out.sel, out.sc); err != nil {
			return "", err
		}
	}
	return " ORDER BY " + strings.Join(list, ", "), nil
}

// direction writes where NULLs go: behind everything, and so first in descending
// order (r_ORDER_BY_clause.md).
func direction(item *ast.SortItem) string {
	dir, nulls := " ASC", " NULLS LAST"
	if item.Desc {
		dir, nulls = " DESC", " NULLS FIRST"
	}
	switch item.Nulls {
	case ast.NullsFirst:
		nulls = " NULLS FIRST"
	case ast.NullsLast:
		nulls = " NULLS LAST"
	}
	return dir + nulls
}

// place is an item of the select list in ORDER BY.
func (out *body) place(i, offset int) (string, error) {
	if out.items != nil && out.items[i].folded {
		return caseless(out.items[i].sql), nil
	}
	return itoa(i + 1), orderable(out.cols[i].Type, offset)
}

func (b *binder) orderItem(e ast.Expr, out *body) (string, error) {
	switch x := e.(type) {
	case *ast.Literal:
		if x.Kind != ast.IntLiteral {
			if x.Kind == ast.NullLiteral {
				return "NULL", nil
			}
			return "", errorAt(e.Pos(), "42601", "non-integer constant in ORDER BY")
		}
		i, err := strconv.Atoi(x.Text)
		if err != nil || i < 1 || i > len(out.cols) {
			return "", errorAt(e.Pos(), "42P10", "ORDER BY position %s is not in select list", x.Text)
		}
		return out.place(i-1, e.Pos())
	case *ast.ColumnRef:
		if len(x.Parts) > 1 {
			break
		}
		name, found := b.ident(x.Parts[0]), -1
		for i := range out.cols {
			if out.cols[i].Name != name {
				continue
			}
			if found >= 0 && (out.items == nil || out.items[i].sql != out.items[found].sql) {
				return "", errorAt(e.Pos(), "42702", "ORDER BY %q is ambiguous", name)
			}
			if found < 0 {
				found = i
			}
		}
		if found >= 0 {
			return out.place(found, e.Pos())
		}
	}
	if out.sel == nil {
		if c, ok := e.(*ast.ColumnRef); ok && len(c.Parts) == 1 {
			return "", errorAt(e.Pos(), "42703", "column %q does not exist", b.ident(c.Parts[0]))
		}
		return "", errorAt(e.Pos(), "0A000", "ORDER BY on a UNION/INTERSECT/EXCEPT result must be on one of the result columns")
	}
	s := out.sc
	s.clause, s.limit = orderClause, len(s.targets)
	n, err := b.expr(e, s)
	if err != nil {
		return "", err
	}
	for i := range out.items {
		if out.items[i].sql == n.sql && !n.folded {
			return itoa(i + 1), orderable(n.typ, e.Pos())
		}
	}
	if out.distinct {
		return "", errorAt(e.Pos(), "42P10", "for SELECT DISTINCT, ORDER BY expressions must appear in select list")
	}
	if n, err = b.settle(n, e.Pos()); err != nil {
		return "", err
	}
	if n.constant {
		return "CAST(" + n.sql + " AS " + n.typ.DuckDB() + ")", nil
	}
	if n.folded {
		return caseless(n.sql), nil
	}
	return n.sql, orderable(n.typ, e.Pos())
}
