package explain

import (
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

// rounds is how many times as many rows a recursion is thought to give as its first
// step, as in PostgreSQL.
const rounds = 10

// recursive plans a query of WITH RECURSIVE that reads itself. The operators are
// PostgreSQL's: assumed.
func (p *planner) recursive(name string, op *ast.SetOp, columns *ast.Alias, where *scope, alias string, names *ast.Alias) (*unit, error) {
	first, err := p.body(op.L, where, nil)
	if err != nil {
		return nil, err
	}
	called := &relation{}
	p.columnsOf(called, first.cols, columns)
	first.cols = called.cols
	work := &scope{outer: where, work: map[string]*body{name: first}, ctes: map[string]*ast.Query{}}
	step, err := p.body(op.R, work, nil)
	if err != nil {
		return nil, err
	}
	n := &node{op: "Recursive Union", kids: []*node{first.node, step.node}, leader: first.node.leader}
	n.rows = first.node.rows + rounds*step.node.rows
	n.start, n.total = first.node.start, first.node.total+rounds*step.node.total
	n.width = max(first.node.width, step.node.width)
	top := over("Subquery Scan", n)
	top.on = alias
	top.total += tupleCost * n.rows
	u := &unit{node: top, rels: []*relation{{alias: alias}}, whole: n.rows}
	p.columnsOf(u.rels[0], first.cols, names)
	return u, nil
}

// recursion is the UNION of a query of WITH, and the names of its columns if the WITH
// gives them (see with).
func recursion(q *ast.Query) (*ast.SetOp, *ast.Alias) {
	if op, ok := q.Body.(*ast.SetOp); ok {
		return op, nil
	}
	sel, ok := q.Body.(*ast.Select)
	if !ok || len(sel.From) != 1 {
		return nil, nil
	}
	t, ok := sel.From[0].(*ast.TableQuery)
	if !ok || t.Alias == nil || t.Alias.Columns == nil || t.Span != q.Span {
		return nil, nil
	}
	op, _ := t.Query.Body.(*ast.SetOp)
	return op, t.Alias
}

// workTable is the name of a recursive query inside of itself: the rows of the step
// before.
func (p *planner) workTable(first *body, object, alias string, names *ast.Alias) *unit {
	r := &relation{alias: alias}
	p.columnsOf(r, first.cols, names)
	u := scanUnit(r, object+named(alias, object), first.node.rows*rounds, first.node.leader)
	u.node.op = "WorkTable Scan"
	return u
}

// columnsOf gives a relation a query's columns.
func (p *planner) columnsOf(r *relation, cols []*column, names *ast.Alias) {
	for i, c := range cols {
		c = &column{rel: r, name: c.name, typ: c.typ, width: c.width, unique: c.unique}
		if names != nil && i < len(names.Columns) {
			c.name = p.ident(names.Columns[i])
		}
		r.cols = append(r.cols, c)
	}
}

// reads tells whether a query reads a table of this name.
func (p *planner) reads(q ast.Node, name string) (found bool) {
	ast.Inspect(q, func(n ast.Node) bool {
		if t, ok := n.(*ast.TableName); ok && len(t.Name.Parts) == 1 && p.ident(t.Name.Parts[0]) == name {
			found = true
		}
		return !found
	})
	return found
}

// hierarchy is CONNECT BY above the rows that it joins with themselves: assumed.
func (p *planner) hierarchy(sel *ast.Select, s *scope, u *unit) *unit {
	n := over("Connect By", u.node)
	n.rows = clamp(u.node.rows * rounds)
	n.total += tupleCost * n.rows * float64(1+operators(sel.ConnectBy))
	w := writer{p, s, bare}
	n.detail("Connect By Cond: %s", w.expr(sel.ConnectBy))
	if sel.StartWith != nil {
		n.detail("Start With Cond: %s", w.expr(sel.StartWith))
	}
	out := *u
	out.node, out.scan = n, false
	return &out
}
