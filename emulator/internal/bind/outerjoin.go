package bind

import (
	"regexp"
	"slices"
	"strings"

	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

// outerMark finds (+), and what looks like it inside of strings.
var outerMark = regexp.MustCompile(`\(\s*\+\s*\)`)

func (b *binder) marked(n ast.Node) bool {
	return n.Pos() >= 0 && n.End() <= len(b.env.Text) && n.Pos() <= n.End() && outerMark.MatchString(b.env.Text[n.Pos():n.End()])
}

// conjuncts are the conditions that must all hold.
func conjuncts(e ast.Expr) []ast.Expr {
	if a, ok := e.(*ast.Binary); ok && a.Op == ast.OpAnd {
		return append(conjuncts(a.L), conjuncts(a.R)...)
	}
	return []ast.Expr{e}
}

// outerItem is an item of FROM in a query with (+).
type outerItem struct {
	*fromItem
	// on are the conditions that make it optional, beside the items with the numbers
	// in to.
	on   []string
	to   []int
	done bool
}

// outerFrom binds the FROM and WHERE of a query that may have outer joins written
// with (+) (r_WHERE_oracle_outer.md): the conditions with a mark on a table's columns
// are those of its join, and the others stay behind.
func (b *binder) outerFrom(q *ast.Select, s *scope) (where string, from *fromItem, err error) {
	items := make([]*outerItem, len(q.From))
	from = &fromItem{}
	for i, t := range q.From {
		switch t.(type) {
		case *ast.TableName, *ast.TableQuery:
		default:
			return "", nil, errorAt(t.Pos(), "0A000", "Outer join operator (+) cannot be specified with FROM clause join syntax") // assumed
		}
		item, err := b.tableExpr(t, s, nil)
		if err != nil {
			return "", nil, err
		}
		if err := distinctNames(from.sources, item.sources, t.Pos()); err != nil {
			return "", nil, err
		}
		items[i] = &outerItem{fromItem: item}
		from.sources = append(from.sources, item.sources...)
	}
	s.sources = from.sources
	var rest []string
	for _, e := range conjuncts(q.Where) {
		cond, err := b.outerCondition(e, s, items)
		if err != nil {
			return "", nil, err
		}
		if cond != "" {
			rest = append(rest, "("+cond+")")
		}
	}
	for _, it := range items {
		if len(it.to) == 0 { // marks that join nothing are ignored
			rest = append(rest, it.on...)
		}
	}
	if from.sql, err = joinOuter(q, items); err != nil {
		return "", nil, err
	}
	return strings.Join(rest, " AND "), from, nil
}

// outerCondition binds one condition, and hands it to the item that it makes
// optional.
func (b *binder) outerCondition(e ast.Expr, s *scope, items []*outerItem) (string, error) {
	if b.marked(e) && b.markedOr(e) {
		return "", errorAt(e.Pos(), "0A000", "Outer join operator (+) not allowed in operand of OR or IN.")
	}
	s.clause, s.seen, s.marks = whereClause, make(map[*column]bool), make(map[*column]bool)
	defer func() { s.seen, s.marks = nil, nil }()
	cond, err := b.boolean(e, s, "WHERE")
	if err != nil || len(s.marks) == 0 {
		return cond, err
	}
	target := -1
	var others []int
	for i, item := range items {
		for _, src := range item.sources {
			for j := range src.cols {
				switch c := &src.cols[j]; {
				case s.marks[c] && target >= 0 && target != i:
					return "", errorAt(e.Pos(), "0A000", "A table may be outer joined to at most one other table.")
				case s.marks[c]:
					target = i
				case s.seen[c] && !slices.Contains(others, i):
					others = append(others, i)
				}
			}
		}
	}
	others = slices.DeleteFunc(others, func(i int) bool { return i == target })
	it := items[target]
	for _, i := range others {
		if !slices.Contains(it.to, i) {
			it.to = append(it.to, i)
		}
	}
	if len(it.to) > 1 {
		return "", errorAt(e.Pos(), "0A000", "A table may be outer joined to at most one other table.")
	}
	it.on = append(it.on, "("+cond+")")
	return "", nil
}

// markedOr tells whether a mark stands inside of OR or IN.
func (b *binder) markedOr(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.In:
		return b.marked(e)
	case *ast.Binary:
		if e.Op == ast.OpOr {
			return b.marked(e)
		}
		return e.Op == ast.OpAnd && (b.markedOr(e.L) || b.markedOr(e.R))
	case *ast.Unary:
		return e.Op == ast.OpNot && b.markedOr(e.X)
	}
	return false
}

// joinOuter writes the FROM clause: what is not optional first, and each of the
// others behind the one that it depends on.
func joinOuter(q *ast.Select, items []*outerItem) (string, error) {
	var sql strings.Builder
	left := 0
	for _, it := range items {
		if len(it.to) > 0 {
			left++
			continue
		}
		if sql.Len() > 0 {
			sql.WriteString(" CROSS JOIN ")
		}
		sql.WriteString(it.sql)
		it.done = true
	}
	for left > 0 {
		before := left
		for _, it := range items {
			if it.done || !items[it.to[0]].done {
				continue
			}
			sql.WriteString(" LEFT JOIN " + it.sql + " ON " + strings.Join(it.on, " AND "))
			it.done = true
			left--
		}
		if left == before {
			return "", errorAt(q.Where.Pos(), "0A000", "Two tables cannot be outer joined to each other.") // assumed
		}
	}
	return sql.String(), nil
}
