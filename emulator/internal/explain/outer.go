package explain

import (
	"slices"

	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

// outerJoined is the SELECT with its joins written (+) as LEFT JOINs
// (r_WHERE_oracle_outer.md): the conditions with a mark are those of the join that
// makes their table optional.
func (p *planner) outerJoined(sel *ast.Select, s *scope, made map[ast.TableExpr]*unit) *ast.Select {
	if !outerMarked(sel.Where) {
		return sel
	}
	out := *sel
	out.From, out.Where = slices.Clone(sel.From), nil
	on := make(map[int]ast.Expr)
	to := make(map[int]int)
	for _, e := range flatten(sel.Where, ast.OpAnd) {
		optional, beside := p.joins(e, s, out.From, made)
		if optional < 0 {
			out.Where = and(out.Where, unmarked(e))
			continue
		}
		on[optional] = and(on[optional], unmarked(e))
		if beside >= 0 {
			to[optional] = beside
		}
	}
	for i := range sel.From {
		if _, ok := to[i]; !ok && on[i] != nil { // marks that join nothing are ignored
			out.Where, on[i] = and(out.Where, on[i]), nil
		}
	}
	joined := make(map[int]int) // where an item has gone to
	place := func(i int) int {
		for {
			next, ok := joined[i]
			if !ok {
				return i
			}
			i = next
		}
	}
	for i := range sel.From {
		if on[i] == nil || place(to[i]) == i {
			continue
		}
		at := place(to[i])
		l, r := out.From[at], out.From[i]
		out.From[at] = &ast.Join{Span: ast.Span{From: l.Pos(), To: r.End()}, Kind: ast.LeftJoin, L: l, R: r, On: on[i]}
		out.From[i], joined[i] = nil, at
	}
	out.From = slices.DeleteFunc(out.From, func(t ast.TableExpr) bool { return t == nil })
	return &out
}

// joins tells which item of FROM a condition makes optional, and beside which other
// one; -1 for none.
func (p *planner) joins(e ast.Expr, s *scope, from []ast.TableExpr, made map[ast.TableExpr]*unit) (optional, beside int) {
	optional, beside = -1, -1
	of := func(ref *ast.ColumnRef) int {
		c := p.column(s, ref)
		if c == nil {
			return -1
		}
		return slices.IndexFunc(from, func(t ast.TableExpr) bool { return t != nil && made[t] != nil && made[t].holds(c.rel) })
	}
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.OuterMark:
			if ref, ok := n.X.(*ast.ColumnRef); ok {
				optional = of(ref)
			}
			return false
		case *ast.ColumnRef:
			beside = of(n)
		case *ast.Query:
			return false
		}
		return true
	})
	return optional, beside
}

func and(l, r ast.Expr) ast.Expr {
	if l == nil {
		return r
	}
	return &ast.Binary{Span: ast.Span{From: l.Pos(), To: r.End()}, Op: ast.OpAnd, L: l, R: r}
}

// unmarked is a condition without the marks of its sides.
func unmarked(e ast.Expr) ast.Expr {
	switch e := e.(type) {
	case *ast.OuterMark:
		return e.X
	case *ast.Binary:
		n := *e
		n.L, n.R = unmarked(e.L), unmarked(e.R)
		return &n
	}
	return e
}
