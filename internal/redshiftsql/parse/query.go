package parse

import (
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
)

// isQuery says whether a query begins here, not counting parentheses.
func (p *parser) isQuery() bool { return p.word == "select" || p.word == "with" }

// isQueryTail says whether the next token goes on with a query whose first
// part was in parentheses.
func (p *parser) isQueryTail() bool {
	switch p.word {
	case "union", "intersect", "except", "minus", "order", "limit", "offset":
		return true
	}
	return false
}

// query reads a whole query.
func (p *parser) query() *ast.Query {
	p.enter()
	q := &ast.Query{}
	from := p.tok.Pos
	if p.word == "with" {
		q.With = p.with()
	}
	q.Body = p.setOps(p.queryTerm(), from)
	p.queryEnd(q)
	q.Span = p.span(from)
	p.leave()
	return q
}

// queryFrom reads the rest of a query that began with a subquery in
// parentheses, and is that subquery's own query when there is no rest.
func (p *parser) queryFrom(s *ast.Subquery) *ast.Query {
	if !p.isQueryTail() {
		return s.Query
	}
	q := &ast.Query{}
	body := p.intersects(unwrap(s.Query), s.From)
	q.Body = p.setOps(body, s.From)
	p.queryEnd(q)
	q.Span = p.span(s.From)
	return q
}

// unwrap drops a Query that has nothing but a body.
func unwrap(q *ast.Query) ast.QueryBody {
	if q.With == nil && q.OrderBy == nil && q.Limit == nil && !q.LimitAll && q.Offset == nil {
		return q.Body
	}
	return q
}

// queryEnd reads ORDER BY, LIMIT and OFFSET.
func (p *parser) queryEnd(q *ast.Query) {
	if p.word == "order" {
		q.OrderBy = p.orderBy()
	}
	for {
		switch {
		case p.word == "limit" && q.Limit == nil && !q.LimitAll:
			p.next()
			if p.accept("all") {
				q.LimitAll = true
				continue
			}
			q.Limit = p.expr()
			if p.tok.Kind == lex.Comma {
				p.failHint("Redshift writes LIMIT n OFFSET m.")
			}
		case p.word == "offset" && q.Offset == nil:
			p.next()
			q.Offset = p.expr()
			if p.word == "row" || p.word == "rows" {
				p.next()
			}
		default:
			return
		}
	}
}

// setOps reads UNION, EXCEPT and MINUS from left to right; INTERSECT binds
// tighter.
func (p *parser) setOps(left ast.QueryBody, from int) ast.QueryBody {
	for {
		kind := ast.Except
		switch p.word {
		case "union":
			kind = ast.Union
		case "except", "minus":
		default:
			return left
		}
		op := &ast.SetOp{Kind: kind, OpPos: p.tok.Pos, L: left}
		p.setAll(op)
		op.R = p.queryTerm()
		op.Span = p.span(from)
		left = op
		p.link()
	}
}

// queryTerm reads the operand of a UNION.
func (p *parser) queryTerm() ast.QueryBody {
	from := p.tok.Pos
	return p.intersects(p.queryPrimary(), from)
}

func (p *parser) intersects(left ast.QueryBody, from int) ast.QueryBody {
	for p.word == "intersect" {
		op := &ast.SetOp{Kind: ast.Intersect, OpPos: p.tok.Pos, L: left}
		p.setAll(op)
		op.R = p.queryPrimary()
		op.Span = p.span(from)
		left = op
		p.link()
	}
	return left
}

func (p *parser) setAll(op *ast.SetOp) {
	p.next()
	if p.accept("all") {
		op.All = true
	} else {
		p.accept("distinct")
	}
}

func (p *parser) queryPrimary() ast.QueryBody {
	switch {
	case p.tok.Kind == lex.LParen:
		p.next()
		q := p.query()
		p.expectKind(lex.RParen)
		return unwrap(q)
	case p.word == "select":
		return p.selectBlock()
	case p.word == "values" && p.peekKind(lex.LParen):
		return p.values()
	}
	p.fail()
	return nil
}

func (p *parser) values() *ast.Values {
	v := &ast.Values{}
	from := p.tok.Pos
	p.next()
	for {
		p.expectKind(lex.LParen)
		row := make([]ast.Expr, 0, 4)
		for {
			row = append(row, p.exprOrDefault())
			if !p.acceptKind(lex.Comma) {
				break
			}
		}
		p.expectKind(lex.RParen)
		v.Rows = append(v.Rows, row)
		if !p.acceptKind(lex.Comma) {
			break
		}
	}
	v.Span = p.span(from)
	return v
}

func (p *parser) exprOrDefault() ast.Expr {
	if p.word == "default" {
		d := &ast.Default{Span: ast.Span{From: p.tok.Pos, To: p.tok.End}}
		p.next()
		return d
	}
	if p.depth <= 1 { // a VALUES list of its own statement: each value counts for itself
		p.chain = 0
	}
	return p.expr()
}

func (p *parser) with() *ast.With {
	w := &ast.With{}
	from := p.tok.Pos
	p.next()
	if p.word == "recursive" {
		if t, word := p.peek(); t.Kind == lex.Ident && word != "as" || t.Kind == lex.QuotedIdent {
			p.next()
			w.Recursive = true
		}
	}
	for {
		c := ast.CTE{}
		start := p.tok.Pos
		c.Name = p.ident()
		if p.tok.Kind == lex.LParen {
			c.Columns = p.columns()
		}
		p.expect("as")
		if p.word == "materialized" || p.word == "not" {
			p.failHint("Redshift has no WITH … AS MATERIALIZED.")
		}
		p.expectKind(lex.LParen)
		c.Query = p.query()
		p.expectKind(lex.RParen)
		c.Span = p.span(start)
		w.CTEs = append(w.CTEs, c)
		if !p.acceptKind(lex.Comma) {
			break
		}
	}
	w.Span = p.span(from)
	return w
}

func (p *parser) selectBlock() *ast.Select {
	s := &ast.Select{}
	from := p.tok.Pos
	p.next()
	p.selectHead(s)
	s.Targets = p.targets()
	if p.word == "exclude" {
		s.Exclude = p.exclude()
	}
	if p.word == "into" {
		s.Into = p.into()
	}
	if p.accept("from") {
		s.From = p.tableExprs()
	}
	if p.accept("where") {
		s.Where = p.expr()
	}
	p.hierarchy(s)
	if p.word == "group" {
		s.GroupBy = p.groupBy()
	}
	if p.accept("having") {
		s.Having = p.expr()
	}
	if p.accept("qualify") {
		s.Qualify = p.expr()
	}
	if p.word == "window" {
		s.Windows = p.windows()
	}
	s.Span = p.span(from)
	return s
}

func (p *parser) selectHead(s *ast.Select) {
	for {
		switch {
		case p.word == "top" && s.Top == nil:
			p.next()
			s.Top = p.primary()
		case p.word == "all" && !s.All && !s.Distinct:
			p.next()
			s.All = true
		case p.word == "distinct" && !s.All && !s.Distinct:
			p.next()
			s.Distinct = true
			if p.word == "on" && p.peekKind(lex.LParen) {
				p.next()
				p.next()
				s.DistinctOn = p.exprs()
				p.expectKind(lex.RParen)
			}
		default:
			return
		}
	}
}

func (p *parser) targets() []ast.Target {
	var list []ast.Target
	for {
		list = append(list, p.target())
		if !p.acceptKind(lex.Comma) {
			return list
		}
	}
}

func (p *parser) target() ast.Target {
	t := ast.Target{}
	from := p.tok.Pos
	if p.tok.Kind == lex.Star {
		p.next()
		t.Expr = &ast.Star{Span: p.span(from)}
		t.Span = p.span(from)
		return t
	}
	t.Expr = p.exprOrStar()
	if _, ok := t.Expr.(*ast.Star); !ok {
		switch {
		case p.accept("as"):
			id := p.label()
			t.Alias = &id
		case p.isIdent() && !p.isTargetEnd():
			t.Alias = p.identPtr()
		}
	}
	t.Span = p.span(from)
	return t
}

// isTargetEnd says whether the next word, which is not reserved, begins a
// clause and is not an alias.
func (p *parser) isTargetEnd() bool {
	switch p.word {
	case "exclude":
		return p.peekKind(lex.LParen)
	case "over", "filter":
		return p.peekKind(lex.LParen)
	case "within":
		return p.peekIs("group")
	case "returning":
		return true
	}
	return false
}

func (p *parser) exclude() []ast.Ident {
	p.next()
	if p.tok.Kind == lex.LParen {
		return p.columns()
	}
	return p.idents()
}

func (p *parser) into() *ast.Into {
	i := &ast.Into{}
	from := p.tok.Pos
	p.next()
	p.accept("local")
	if p.word == "temp" || p.word == "temporary" {
		i.Temp = true
		p.next()
	}
	p.accept("table")
	i.Name = p.name()
	i.Temp = i.Temp || isTempName(i.Name)
	i.Span = p.span(from)
	return i
}

// isTempName says whether a table's name begins with #, which makes the table a
// temporary one (r_CREATE_TABLE_NEW).
func isTempName(n ast.Name) bool {
	o := n.Object()
	return len(n.Parts) == 1 && len(o.Name) > 0 && o.Name[0] == '#'
}

func (p *parser) hierarchy(s *ast.Select) {
	saved := p.connectBy
	for {
		switch {
		case s.StartWith == nil && p.isSeq("start", "with"):
			p.next()
			p.next()
			s.StartWith = p.expr()
		case s.ConnectBy == nil && p.isSeq("connect", "by"):
			p.next()
			p.next()
			s.NoCycle = p.accept("nocycle")
			p.connectBy = true
			s.ConnectBy = p.expr()
			p.connectBy = saved
		default:
			return
		}
	}
}

func (p *parser) groupBy() *ast.GroupBy {
	g := &ast.GroupBy{}
	from := p.tok.Pos
	p.next()
	p.expect("by")
	if p.accept("all") {
		g.All = true
	} else {
		for {
			g.Items = append(g.Items, p.groupItem(false))
			if !p.acceptKind(lex.Comma) {
				break
			}
		}
	}
	g.Span = p.span(from)
	return g
}

// groupItem reads one item of a GROUP BY; inside says that it is within a
// ROLLUP, CUBE or GROUPING SETS, where parentheses make a set.
func (p *parser) groupItem(inside bool) ast.GroupItem {
	p.enter()
	g := ast.GroupItem{}
	from := p.tok.Pos
	switch {
	case p.word == "rollup" && p.peekKind(lex.LParen):
		p.next()
		g.Kind = ast.GroupRollup
		g.Sets = p.groupSets()
	case p.word == "cube" && p.peekKind(lex.LParen):
		p.next()
		g.Kind = ast.GroupCube
		g.Sets = p.groupSets()
	case p.word == "grouping" && p.peekIs("sets"):
		p.next()
		p.next()
		g.Kind = ast.GroupSets
		g.Sets = p.groupSets()
	case p.tok.Kind == lex.LParen && p.peekKind(lex.RParen):
		p.next()
		p.next()
		g.Kind = ast.GroupTuple
	default:
		x := p.expr()
		if r, ok := x.(*ast.Row); ok && !r.Explicit {
			g.Kind = ast.GroupTuple
			g.Exprs = r.Items
		} else {
			if inside && p.src[from] == '(' {
				g.Kind = ast.GroupTuple
			}
			g.Exprs = []ast.Expr{x}
		}
	}
	g.Span = p.span(from)
	p.leave()
	return g
}

func (p *parser) groupSets() []ast.GroupItem {
	var sets []ast.GroupItem
	p.expectKind(lex.LParen)
	for {
		sets = append(sets, p.groupItem(true))
		if !p.acceptKind(lex.Comma) {
			break
		}
	}
	p.expectKind(lex.RParen)
	return sets
}

func (p *parser) windows() []ast.NamedWindow {
	var list []ast.NamedWindow
	p.next()
	for {
		w := ast.NamedWindow{}
		from := p.tok.Pos
		w.Name = p.ident()
		p.expect("as")
		w.Window = p.window()
		w.Span = p.span(from)
		list = append(list, w)
		if !p.acceptKind(lex.Comma) {
			return list
		}
	}
}

func (p *parser) orderBy() []ast.SortItem {
	var list []ast.SortItem
	p.expect("order", "by")
	for {
		s := ast.SortItem{}
		from := p.tok.Pos
		s.Expr = p.expr()
		switch p.word {
		case "asc":
			p.next()
		case "desc":
			s.Desc = true
			p.next()
		}
		if p.accept("nulls") {
			switch p.word {
			case "first":
				s.Nulls = ast.NullsFirst
			case "last":
				s.Nulls = ast.NullsLast
			default:
				p.fail()
			}
			p.next()
		}
		s.Span = p.span(from)
		list = append(list, s)
		if !p.acceptKind(lex.Comma) {
			return list
		}
	}
}
