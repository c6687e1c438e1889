package explain

import (
	"slices"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/bind"
	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/parse"
)

// systemRows is how many rows a system table is thought to have.
const systemRows = 1000

// allRows is up to how many rows a table with DISTSTYLE AUTO is on every node:
// assumed.
const allRows = 100_000

// table makes units of the items of FROM, and puts their relations in sight.
func (p *planner) table(t ast.TableExpr, s *scope, units map[ast.TableExpr]*unit) error {
	switch t := t.(type) {
	case *ast.Join:
		if err := p.table(t.L, s, units); err != nil {
			return err
		}
		return p.table(t.R, s, units)
	case *ast.TableName:
		u, err := p.named(t, s)
		if err != nil {
			return err
		}
		units[t] = u
		s.rels = append(s.rels, u.rels...)
		return nil
	case *ast.TableQuery:
		alias := ""
		if t.Alias != nil {
			alias = p.ident(t.Alias.Name)
		} else {
			alias = p.derivedName()
		}
		u, err := p.derivedTable(t.Query, s.outer, alias, t.Alias)
		if err != nil {
			return err
		}
		units[t] = u
		s.rels = append(s.rels, u.rels...)
		return nil
	}
	u, err := p.source(t, s, units)
	if err != nil {
		return err
	}
	units[t] = u
	s.rels = append(s.rels, u.rels...)
	return nil
}

// derivedName is what the planner calls a query without a name.
func (p *planner) derivedName() string {
	p.derived++
	return "volt_dt_" + string(appendInt(nil, p.derived-1))
}

func appendInt(dst []byte, n int) []byte {
	if n >= 10 {
		dst = appendInt(dst, n/10)
	}
	return append(dst, byte('0'+n%10))
}

// derivedTable is a query in FROM.
func (p *planner) derivedTable(q *ast.Query, outer *scope, alias string, names *ast.Alias) (*unit, error) {
	if sel, ok := simple(q); ok {
		leave, err := p.enter(q.Pos())
		if err != nil {
			return nil, err
		}
		defer leave()
		if p.nodes++; p.nodes > maxNodes {
			return nil, p.unsupported(q.Pos(), "EXPLAIN of so large a statement")
		}
		if u, err := p.flattened(sel, outer, alias, names); err != nil || u != nil {
			return u, err
		}
	}
	n, cols, err := p.query(q, outer)
	if err != nil {
		return nil, err
	}
	r := &relation{alias: alias}
	p.columnsOf(r, cols, names)
	top := over("Subquery Scan", n)
	top.on = alias
	top.total += tupleCost * n.rows
	return &unit{node: top, rels: []*relation{r}, whole: n.rows}, nil
}

// named is a table, a view, a name of WITH or a system table.
func (p *planner) named(t *ast.TableName, s *scope) (*unit, error) {
	object := p.ident(t.Name.Object())
	alias := object
	if t.Alias != nil {
		alias = p.ident(t.Alias.Name)
	}
	if len(t.Name.Parts) == 1 {
		if b := s.worked(object); b != nil {
			return p.workTable(b, object, alias, t.Alias), nil
		}
		if q, where := s.cte(object); q != nil {
			// A name does not see itself, nor what comes behind it.
			hidden := &scope{outer: where.outer, ctes: map[string]*ast.Query{}}
			for name, other := range where.ctes {
				if name != object && other.Pos() < q.Pos() {
					hidden.ctes[name] = other
				}
			}
			if op, columns := recursion(q); op != nil && p.reads(op.R, object) {
				return p.recursive(object, op, columns, hidden, alias, t.Alias)
			}
			return p.derivedTable(q, hidden, alias, t.Alias)
		}
	}
	r := p.relationOf(t.Name)
	if r == nil {
		if len(t.Name.Parts) > 1 {
			first := p.ident(t.Name.Parts[0])
			if slices.ContainsFunc(s.rels, func(r *relation) bool { return r.alias == first }) {
				return p.unnested(&ast.ColumnRef{Span: t.Name.Span, Parts: t.Name.Parts}, t.Alias, nil), nil
			}
		}
		return p.system(object, alias), nil
	}
	if !r.Stored() {
		return p.view(r, alias, t)
	}
	rows, err := p.tableRows(r)
	if err != nil {
		return nil, err
	}
	rel := &relation{alias: alias, schema: r.Schema}
	tableColumns(r, rel)
	if t.Alias != nil {
		for i, id := range t.Alias.Columns {
			if i < len(rel.cols) {
				rel.cols[i].name = p.ident(id)
			}
		}
	}
	on := r.Name
	if alias != r.Name {
		on += " " + alias
	}
	u := scanUnit(rel, on, rows, false)
	switch r.DistStyle {
	case "all":
		u.spread = spreadAll
	case "key":
		u.spread = spreadKey
		for _, c := range rel.cols {
			if c.dist {
				u.keys = append(u.keys, c)
			}
		}
	case "", "auto":
		if rows <= allRows {
			u.spread = spreadAll
		}
	}
	return u, nil
}

// system is a system table: the catalog's are the leader node's.
func (p *planner) system(name, alias string) *unit {
	on := name
	if alias != name {
		on += " " + alias
	}
	leader := strings.HasPrefix(name, "pg_") || strings.HasPrefix(name, "svv_")
	u := scanUnit(&relation{alias: alias, open: true}, on, systemRows, leader)
	if leader {
		u.spread = spreadLeader
	}
	return u
}

// view is the query of a view, bound where it was written.
func (p *planner) view(r *catalog.Relation, alias string, t *ast.TableName) (*unit, error) {
	leave, err := p.enter(t.Pos())
	if err != nil {
		return nil, err
	}
	defer leave()
	stmt, err := parse.Statement(r.Definition)
	q, ok := stmt.(*ast.Query)
	if err != nil || !ok {
		return nil, &bind.Error{State: "XX000", Message: "view \"" + r.Name + "\" is not a query", Offset: t.Pos()}
	}
	saved := p.env.Bind
	defer func() { p.env.Bind = saved }()
	p.env.Bind.Text, p.env.Bind.SearchPath, p.env.Bind.TempSchema = r.Definition, r.SearchPath, ""
	if r.DefDatabase != "" {
		p.env.Bind.Database = r.DefDatabase
	}
	u, err := p.derivedTable(q, nil, alias, t.Alias)
	if err != nil {
		return nil, err
	}
	for i, c := range r.Columns {
		if i < len(u.rels[0].cols) && (t.Alias == nil || i >= len(t.Alias.Columns)) {
			u.rels[0].cols[i].name = c.Name
		}
	}
	return u, nil
}

// conditions makes quals of the conjuncts of a condition.
func (p *planner) conditions(e ast.Expr, s *scope) ([]*qual, []*semi, error) {
	if e == nil {
		return nil, nil, nil
	}
	var quals []*qual
	var semis []*semi
	for _, c := range flatten(e, ast.OpAnd) {
		if in, ok := c.(*ast.In); ok && in.Query != nil {
			semis = append(semis, &semi{in: in})
			p.mark(in.X, s)
			p.mark(in.Query, s)
			continue
		}
		q, err := p.condition(c, s)
		if err != nil {
			return nil, nil, err
		}
		quals = append(quals, q)
	}
	return quals, semis, nil
}

// semi is x IN (query).
type semi struct{ in *ast.In }

func (p *planner) condition(e ast.Expr, s *scope) (*qual, error) {
	q := &qual{share: share(e), ops: operators(e), rels: p.relations(e, s)}
	q.text = func(by namer) string { return writer{p, s, by}.expr(e) }
	q.text = p.fixed(q.text)
	if b, ok := e.(*ast.Binary); ok && b.Op == ast.OpEq {
		l, r := p.side(b.L, s), p.side(b.R, s)
		if len(l.rels) > 0 && len(r.rels) > 0 && !overlap(l.rels, r.rels) {
			q.equal = &[2]side{l, r}
		}
	}
	for _, c := range p.columns(e, s) {
		c.quals = append(c.quals, q)
	}
	plans, err := p.subplans(e, s)
	q.plans = plans
	return q, err
}

// fixed keeps the source that positions in an expression count in, which is another
// one inside of a view.
func (p *planner) fixed(f func(namer) string) func(namer) string {
	source := p.env.Bind
	return func(by namer) string {
		saved := p.env.Bind
		p.env.Bind = source
		defer func() { p.env.Bind = saved }()
		return f(by)
	}
}

func (p *planner) side(e ast.Expr, s *scope) side {
	out := side{rels: p.relations(e, s)}
	if ref, ok := e.(*ast.ColumnRef); ok {
		out.col = p.column(s, ref)
	}
	out.text = p.fixed(func(by namer) string { return writer{p, s, by}.expr(e) })
	return out
}

func overlap(a, b []*relation) bool {
	return slices.ContainsFunc(a, func(r *relation) bool { return slices.Contains(b, r) })
}

// columns are the columns of a scope that something reads.
func (p *planner) columns(e any, s *scope) []*column {
	var out []*column
	ast.Inspect(e, func(n ast.Node) bool {
		if ref, ok := n.(*ast.ColumnRef); ok {
			if c := p.column(s, ref); c != nil && !slices.Contains(out, c) {
				out = append(out, c)
			}
		}
		return true
	})
	return out
}

func (p *planner) relations(e any, s *scope) []*relation {
	var out []*relation
	for _, c := range p.columns(e, s) {
		if !slices.Contains(out, c.rel) {
			out = append(out, c.rel)
		}
	}
	return out
}

// mark notes that what stands above the joins reads columns.
func (p *planner) mark(e any, s *scope) {
	for _, c := range p.columns(e, s) {
		c.top = true
	}
}

// using are the equalities of USING and NATURAL.
func (p *planner) using(t *ast.Join, left, right []*relation) []*qual {
	var names []string
	for _, id := range t.Using {
		names = append(names, p.ident(id))
	}
	if t.Natural {
		for _, l := range left {
			for _, c := range l.cols {
				if slices.ContainsFunc(right, func(r *relation) bool { return !r.open && r.find(c.name) != nil }) {
					names = append(names, c.name)
				}
			}
		}
	}
	find := func(rels []*relation, name string) *column {
		for _, r := range rels {
			if c := r.find(name); c != nil {
				return c
			}
		}
		return nil
	}
	var quals []*qual
	for _, name := range names {
		l, r := find(left, name), find(right, name)
		if l == nil || r == nil {
			continue
		}
		q := &qual{share: equalShare, ops: 1, rels: []*relation{l.rel, r.rel}}
		q.text = func(by namer) string { return "(" + l.named(by) + " = " + r.named(by) + ")" }
		q.equal = &[2]side{
			{col: l, rels: []*relation{l.rel}, text: l.named},
			{col: r, rels: []*relation{r.rel}, text: r.named},
		}
		l.quals, r.quals = append(l.quals, q), append(r.quals, q)
		quals = append(quals, q)
	}
	return quals
}

// gather flattens inner joins: it adds to units and quals, and builds outer joins.
func (p *planner) gather(t ast.TableExpr, s *scope, made map[ast.TableExpr]*unit, units []*unit, quals *[]*qual) ([]*unit, error) {
	j, ok := t.(*ast.Join)
	if !ok {
		return append(units, made[t]), nil
	}
	on, semis, err := p.conditions(j.On, s)
	if err != nil {
		return nil, err
	}
	if len(semis) > 0 {
		return nil, p.unsupported(j.On.Pos(), "EXPLAIN of IN with a query in a join's condition")
	}
	if j.Kind == ast.InnerJoin || j.Kind == ast.CrossJoin {
		left, err := p.gather(j.L, s, made, nil, quals)
		if err != nil {
			return nil, err
		}
		right, err := p.gather(j.R, s, made, nil, quals)
		if err != nil {
			return nil, err
		}
		on = append(on, p.using(j, relationsOf(left), relationsOf(right))...)
		*quals = append(*quals, on...)
		return append(append(units, left...), right...), nil
	}
	kept, other := j.L, j.R
	if j.Kind == ast.RightJoin {
		kept, other = j.R, j.L
	}
	// Conditions on the side whose rows are all kept may be checked below the join,
	// and those of ON on the other side.
	var below, beside []*qual
	if j.Kind != ast.FullJoin {
		below = take(*quals, &unit{rels: leaves(kept, made)})
	}
	a, err := p.gather(kept, s, made, nil, &below)
	if err != nil {
		return nil, err
	}
	b, err := p.gather(other, s, made, nil, &beside)
	if err != nil {
		return nil, err
	}
	on = append(on, p.using(j, relationsOf(a), relationsOf(b))...)
	if j.Kind != ast.FullJoin {
		all := &unit{rels: relationsOf(b)}
		beside = append(beside, take(on, all)...)
	}
	left, right := joinAll(a, below), joinAll(b, beside)
	var pending []*qual
	for _, q := range on {
		if !q.applied {
			pending = append(pending, q)
		}
	}
	return append(units, join(left, right, joinWord(j.Kind), pending)), nil
}

// leaves are the relations under an item of FROM.
func leaves(t ast.TableExpr, made map[ast.TableExpr]*unit) []*relation {
	if j, ok := t.(*ast.Join); ok {
		return append(slices.Clip(leaves(j.L, made)), leaves(j.R, made)...)
	}
	return made[t].rels
}

func relationsOf(units []*unit) []*relation {
	var out []*relation
	for _, u := range units {
		out = append(out, u.rels...)
	}
	return out
}
