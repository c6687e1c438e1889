package explain

import (
	"slices"
	"strconv"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

// body is a query without ORDER BY and LIMIT.
type body struct {
	node *node
	cols []*column
	// key writes an expression of ORDER BY.
	key   func(ast.Expr) string
	limit float64 // of TOP, -1 for none
}

// with puts the names of WITH in sight.
func (p *planner) with(w *ast.With, outer *scope) (*scope, error) {
	s := &scope{outer: outer, ctes: map[string]*ast.Query{}}
	if w == nil {
		return s, nil
	}
	for _, c := range w.CTEs {
		q := c.Query
		if len(c.Columns) > 0 {
			// The names are given by a query around it.
			q = &ast.Query{Span: q.Span, Body: &ast.Select{
				Span: q.Span, Targets: []ast.Target{{Expr: &ast.Star{}}},
				From: []ast.TableExpr{&ast.TableQuery{Span: q.Span, Query: q, Alias: &ast.Alias{Name: c.Name, Columns: c.Columns}}},
			}}
		}
		s.ctes[p.ident(c.Name)] = q
	}
	return s, nil
}

// query plans a query and gives its columns.
func (p *planner) query(q *ast.Query, outer *scope) (*node, []*column, error) {
	leave, err := p.enter(q.Pos())
	if err != nil {
		return nil, nil, err
	}
	defer leave()
	s, err := p.with(q.With, outer)
	if err != nil {
		return nil, nil, err
	}
	b, err := p.body(q.Body, s, q.OrderBy)
	if err != nil {
		return nil, nil, err
	}
	n := b.node
	if len(q.OrderBy) > 0 {
		keys := make([]string, len(q.OrderBy))
		for i, o := range q.OrderBy {
			keys[i] = b.key(o.Expr)
		}
		key := strings.Join(keys, ", ")
		n = sorted(n, key)
		if !n.leader {
			net := over("Network", n)
			net.detail("Send to leader")
			n = over("Merge", net)
			n.detail("Merge Key: %s", key)
		}
	}
	limit, offset := b.limit, -1.0
	if q.Limit != nil {
		limit = count(q.Limit)
	}
	if q.Offset != nil {
		offset = count(q.Offset)
	}
	if q.Limit != nil || q.Offset != nil || b.limit >= 0 {
		n = limited(n, limit, offset)
	}
	return n, b.cols, nil
}

// count is the number of a LIMIT; what is no constant is thought to be a tenth of
// nothing known.
func count(e ast.Expr) float64 {
	if l, ok := e.(*ast.Literal); ok {
		if f, err := strconv.ParseFloat(l.Text, 64); err == nil {
			return f
		}
	}
	return 10
}

func (p *planner) body(q ast.QueryBody, s *scope, order []ast.SortItem) (*body, error) {
	if p.nodes++; p.nodes > maxNodes {
		return nil, p.unsupported(q.Pos(), "EXPLAIN of so large a statement")
	}
	switch q := q.(type) {
	case *ast.Select:
		return p.selectBody(q, s, order)
	case *ast.SetOp:
		return p.setOp(q, s)
	case *ast.Query:
		n, cols, err := p.query(q, s)
		return p.plain(n, cols), err
	case *ast.Values:
		n := result(len(q.Rows), 8)
		return p.plain(n, nil), nil
	}
	return nil, p.unsupported(q.Pos(), "EXPLAIN of this query")
}

// plain is a body whose ORDER BY can only name its columns.
func (p *planner) plain(n *node, cols []*column) *body {
	return &body{node: n, cols: cols, limit: -1, key: func(e ast.Expr) string {
		if l, ok := e.(*ast.Literal); ok {
			if i, err := strconv.Atoi(l.Text); err == nil && i >= 1 && i <= len(cols) {
				return cols[i-1].name
			}
		}
		return writer{p, nil, bare}.expr(e)
	}}
}

// setOp is UNION, INTERSECT and EXCEPT.
func (p *planner) setOp(q *ast.SetOp, s *scope) (*body, error) {
	var arms []ast.QueryBody
	for _, side := range []ast.QueryBody{q.L, q.R} {
		arms = append(arms, p.arms(side, q)...)
	}
	all := &node{op: "Append"}
	var cols []*column
	for i, arm := range arms {
		b, err := p.body(arm, s, nil)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			cols = b.cols
		}
		scan := over("Subquery Scan", b.node)
		scan.on = `"*SELECT* ` + strconv.Itoa(i+1) + `"`
		scan.total += tupleCost * scan.rows
		all.kids = append(all.kids, scan)
		all.rows += scan.rows
		all.total += scan.total
		all.width = max(all.width, scan.width)
		all.leader = scan.leader
		if i == 0 {
			all.start = scan.start
		}
	}
	n := all
	first := all.kids[0].rows
	switch {
	case q.Kind == ast.Union && !q.All:
		n = over("Unique", all)
		n.total += operatorCost * all.rows * float64(max(len(cols), 1))
	case q.Kind == ast.Intersect:
		n = over("Hash Intersect", all)
		n.total += operatorCost * all.rows
		n.rows = clamp(first / 10)
	case q.Kind == ast.Except:
		n = over("SetOp Except", all)
		n.total += operatorCost * all.rows
		n.rows = clamp(first / 10)
	}
	return p.plain(n, cols), nil
}

// arms flattens UNION ALL of UNION ALL, and UNION of UNION.
func (p *planner) arms(q ast.QueryBody, of *ast.SetOp) []ast.QueryBody {
	if s, ok := q.(*ast.SetOp); ok && s.Kind == ast.Union && of.Kind == ast.Union && s.All == of.All {
		return append(p.arms(s.L, of), p.arms(s.R, of)...)
	}
	return []ast.QueryBody{q}
}

// selectBody plans one SELECT.
func (p *planner) selectBody(sel *ast.Select, s *scope, order []ast.SortItem) (*body, error) {
	s = &scope{outer: s}
	made := map[ast.TableExpr]*unit{}
	for _, t := range sel.From {
		if err := p.table(t, s, made); err != nil {
			return nil, err
		}
	}
	sel = p.outerJoined(sel, s, made)
	p.use(sel, s, order)
	u, err := p.joined(sel, s, made)
	if err != nil {
		return nil, err
	}
	if sel.ConnectBy != nil {
		u = p.hierarchy(sel, s, u)
	}
	b := &body{limit: -1}
	by := bare
	if len(s.rels) > 1 {
		by = byAlias
	}
	w := writer{p, s, by}
	b.key = p.keys(sel, w)
	n, err := p.grouped(sel, s, u, w)
	if err != nil {
		return nil, err
	}
	if n, err = p.windows(sel, s, u, n, w, order); err != nil {
		return nil, err
	}
	b.cols = p.outputs(sel, s)
	out := 0
	for _, c := range b.cols {
		out += c.width
	}
	if len(sel.From) == 0 {
		n.width = out
	}
	for _, t := range sel.Targets {
		plans, err := p.subplans(t.Expr, s)
		if err != nil {
			return nil, err
		}
		n.plans = append(n.plans, plans...)
	}
	if sel.Distinct {
		n = over("Unique", n)
		n.total += operatorCost * n.rows * float64(max(len(b.cols), 1))
		n.rows = clamp(min(n.rows, p.groups(sel.Targets, s, u)))
		n.width = out
	}
	if sel.Top != nil {
		b.limit = count(sel.Top)
	}
	b.node = n
	return b, nil
}

// use marks the columns that are read above the joins.
func (p *planner) use(sel *ast.Select, s *scope, order []ast.SortItem) {
	for _, t := range sel.Targets {
		star, ok := t.Expr.(*ast.Star)
		if !ok {
			p.mark(t.Expr, s)
			continue
		}
		for _, r := range s.rels {
			if len(star.Qualifier) > 0 && p.ident(star.Qualifier[len(star.Qualifier)-1]) != r.alias {
				continue
			}
			for _, c := range r.cols {
				c.top = true
			}
		}
	}
	p.mark(sel.ConnectBy, s)
	p.mark(sel.StartWith, s)
	p.mark(sel.GroupBy, s)
	p.mark(sel.Having, s)
	p.mark(sel.Qualify, s)
	p.mark(sel.Windows, s)
	p.mark(order, s)
}

// joined is the FROM and WHERE of a SELECT.
func (p *planner) joined(sel *ast.Select, s *scope, made map[ast.TableExpr]*unit) (*unit, error) {
	quals, semis, err := p.conditions(sel.Where, s)
	if err != nil {
		return nil, err
	}
	if len(sel.From) == 0 {
		u := &unit{node: result(1, 0), whole: 1}
		for _, q := range quals {
			u.node.detail("One-Time Filter: %s", q.text(bare))
		}
		return u, nil
	}
	var units []*unit
	for _, t := range sel.From {
		if units, err = p.gather(t, s, made, units, &quals); err != nil {
			return nil, err
		}
	}
	u := joinAll(units, quals)
	for _, x := range semis {
		if u, err = p.semiJoin(u, x, s); err != nil {
			return nil, err
		}
	}
	return u, nil
}

// semiJoin is x IN (query).
func (p *planner) semiJoin(u *unit, x *semi, s *scope) (*unit, error) {
	right, err := p.derivedTable(x.in.Query, s, "IN_subquery", nil)
	if err != nil {
		return nil, err
	}
	if right.node.op == "Subquery Scan" {
		right.node.on = `"IN_subquery"`
	}
	name := "?column?"
	if cols := right.rels[0].cols; len(cols) > 0 {
		name = cols[0].name
		cols[0].top = true
		right.node.width = cols[0].width
	}
	l := p.side(x.in.X, s)
	if len(l.rels) == 0 {
		l.rels = u.rels
	}
	q := &qual{share: otherShare, ops: 1, rels: right.rels, equal: &[2]side{l, {rels: right.rels, text: func(by namer) string { return (&column{rel: right.rels[0], name: name}).named(by) }}}}
	kind := "IN "
	if x.in.Not {
		kind = "NOT IN "
	}
	return join(u, right, kind, []*qual{q}), nil
}

// subplans are the queries inside an expression.
func (p *planner) subplans(e ast.Expr, s *scope) ([]subplan, error) {
	var queries []*ast.Query
	ast.Inspect(e, func(n ast.Node) bool {
		if q, ok := n.(*ast.Query); ok {
			queries = append(queries, q)
			return false
		}
		return true
	})
	var out []subplan
	for _, q := range queries {
		n, _, err := p.query(q, s)
		if err != nil {
			return nil, err
		}
		label := "InitPlan"
		if p.correlated(q, s) {
			label = "SubPlan"
		}
		out = append(out, subplan{label, n})
	}
	return out, nil
}

// correlated tells whether a query reads a column of the scope around it by a
// qualified name, or by one that its own tables do not have.
func (p *planner) correlated(q *ast.Query, s *scope) bool {
	inner := &scope{}
	ast.Inspect(q, func(n ast.Node) bool {
		if t, ok := n.(*ast.TableName); ok {
			if u, err := p.named(t, &scope{outer: s}); err == nil {
				inner.rels = append(inner.rels, u.rels...)
			}
		}
		return true
	})
	found := false
	ast.Inspect(q, func(n ast.Node) bool {
		if ref, ok := n.(*ast.ColumnRef); ok && p.column(inner, ref) == nil && p.column(s, ref) != nil {
			found = true
		}
		return !found
	})
	return found
}

// keys writes the expressions of ORDER BY: numbers and names of targets stand for them.
func (p *planner) keys(sel *ast.Select, w writer) func(ast.Expr) string {
	write := func(e ast.Expr) string { return p.fixed(func(namer) string { return w.expr(e) })(nil) }
	return func(e ast.Expr) string {
		if t := p.target(sel, e, w.s); t != nil {
			e = t
		}
		return write(e)
	}
}

// target is the expression that a number or an alias stands for.
func (p *planner) target(sel *ast.Select, e ast.Expr, s *scope) ast.Expr {
	switch e := e.(type) {
	case *ast.Literal:
		if i, err := strconv.Atoi(e.Text); err == nil && e.Kind == ast.IntLiteral && i >= 1 && i <= len(sel.Targets) {
			if _, star := sel.Targets[i-1].Expr.(*ast.Star); !star {
				return sel.Targets[i-1].Expr
			}
		}
	case *ast.ColumnRef:
		if len(e.Parts) != 1 {
			return nil
		}
		name := p.ident(e.Parts[0])
		for _, t := range sel.Targets {
			if t.Alias != nil && p.ident(*t.Alias) == name {
				return t.Expr
			}
		}
	}
	return nil
}

// outputs are the columns of a SELECT.
func (p *planner) outputs(sel *ast.Select, s *scope) []*column {
	var out []*column
	for _, t := range sel.Targets {
		if star, ok := t.Expr.(*ast.Star); ok {
			for _, r := range s.rels {
				if len(star.Qualifier) == 0 || p.ident(star.Qualifier[len(star.Qualifier)-1]) == r.alias {
					out = append(out, r.cols...)
				}
			}
			continue
		}
		c := p.output(t.Expr, s)
		if t.Alias != nil {
			c.name = p.ident(*t.Alias)
		}
		out = append(out, c)
	}
	return slices.Clip(out)
}

func (p *planner) output(e ast.Expr, s *scope) *column {
	c := &column{name: "?column?", width: 8}
	switch e := e.(type) {
	case *ast.ColumnRef:
		if found := p.column(s, e); found != nil {
			c.name, c.typ, c.width, c.unique = found.name, found.typ, found.width, found.unique && len(s.rels) == 1
		}
	case *ast.FuncCall:
		c.name = e.Name.Object().Name
		if c.name == "count" {
			c.typ = rstype.Type{Kind: rstype.Int8}
		}
		if (c.name == "min" || c.name == "max") && len(e.Args) == 1 {
			inner := p.output(e.Args[0], s)
			c.typ, c.width = inner.typ, inner.width
		}
	case *ast.Literal:
		c.width = 4
		if e.Kind == ast.StringLiteral {
			c.width = len(e.Text)
		}
	case *ast.Cast:
		mods := make([]int, len(e.Type.Mods))
		for i, m := range e.Type.Mods {
			mods[i] = m.Value
		}
		if t, err := rstype.ParseName(e.Type.Name, mods); err == nil {
			c.typ, c.width = t, width(t)
		}
		c.name = p.output(e.X, s).name
	}
	return c
}
