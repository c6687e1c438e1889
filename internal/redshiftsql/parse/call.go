package parse

import (
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
)

// takesDatePart says whether a function's first argument is a unit of time
// (r_DATEADD_function, r_DATEDIFF_function, r_DATE_PART_function).
func takesDatePart(n ast.Name) bool {
	switch n.Object().Name {
	case "dateadd", "date_add", "datediff", "date_diff", "date_part", "datepart", "pgdate_part":
		return true
	}
	return false
}

// call reads a call from its opening parenthesis on.
func (p *parser) call(name ast.Name, from int) *ast.FuncCall {
	p.enter()
	c := &ast.FuncCall{Name: name}
	p.expectKind(lex.LParen)
	switch {
	case p.tok.Kind == lex.RParen:
	case p.tok.Kind == lex.Star && p.peekKind(lex.RParen):
		c.Star = true
		p.next()
	default:
		switch {
		case p.word == "distinct":
			c.Distinct = true
			p.next()
		case p.word == "all":
			c.All = true
			p.next()
		}
		catalog := c.Name.Schema() == "pg_catalog"
		if catalog {
			p.inCatalog++
		}
		p.callArgs(c)
		if catalog {
			p.inCatalog--
		}
	}
	p.expectKind(lex.RParen)
	p.callTail(c)
	c.Span = p.span(from)
	p.leave()
	return c
}

func (p *parser) callArgs(c *ast.FuncCall) {
	if p.isQuery() && c.Name.Object().Name == "array" { // ARRAY(SELECT …), in queries of the catalog
		q := p.query()
		c.Args = []ast.Expr{&ast.Subquery{Span: q.Span, Query: q}}
		return
	}
	if takesDatePart(c.Name) && p.tok.Kind == lex.Ident && p.peekKind(lex.Comma) {
		c.Args = append(c.Args, &ast.DatePart{Span: ast.Span{From: p.tok.Pos, To: p.tok.End}, Part: p.word})
		p.next()
	} else {
		c.Args = append(c.Args, p.exprOrStar())
	}
	for p.acceptKind(lex.Comma) {
		c.Args = append(c.Args, p.exprOrStar())
	}
	if (p.word == "ignore" || p.word == "respect") && p.peekIs("nulls") {
		p.nulls(c) // lag(x ignore nulls), as the window pages have it too
	}
	if p.word == "order" {
		c.OrderBy = p.orderBy()
	}
}

func (p *parser) nulls(c *ast.FuncCall) {
	c.Nulls = ast.RespectNulls
	if p.word == "ignore" {
		c.Nulls = ast.IgnoreNulls
	}
	p.next()
	p.expect("nulls")
}

// callTail reads what may stand behind a call's parentheses.
func (p *parser) callTail(c *ast.FuncCall) {
	if p.tok.Kind != lex.Ident {
		return
	}
	if p.word == "within" && p.peekIs("group") {
		p.next()
		p.next()
		p.expectKind(lex.LParen)
		c.WithinGroup = p.orderBy()
		p.expectKind(lex.RParen)
	}
	if p.word == "filter" && p.peekKind(lex.LParen) {
		p.next()
		p.next()
		p.expect("where")
		c.Filter = p.expr()
		p.expectKind(lex.RParen)
	}
	if (p.word == "ignore" || p.word == "respect") && p.peekIs("nulls") {
		p.nulls(c)
	}
	if p.word != "over" {
		return
	}
	next, word := p.peek()
	switch {
	case next.Kind == lex.LParen:
		p.next()
		c.Over = p.window()
	case next.Kind == lex.QuotedIdent || next.Kind == lex.Ident && !lex.IsReserved(word):
		p.next()
		id := p.ident()
		c.Over = &ast.Window{Span: id.Span, Bare: true, Ref: &id}
	}
}

// window reads a window in parentheses.
func (p *parser) window() *ast.Window {
	w := &ast.Window{}
	from := p.tok.Pos
	p.expectKind(lex.LParen)
	if p.isIdent() && p.word != "rows" && p.word != "range" {
		w.Ref = p.identPtr()
	}
	if p.accept("partition") {
		p.expect("by")
		w.PartitionBy = p.exprs()
	}
	if p.word == "order" {
		w.OrderBy = p.orderBy()
	}
	if p.word == "rows" || p.word == "range" {
		w.Frame = p.frame()
	}
	p.expectKind(lex.RParen)
	w.Span = p.span(from)
	return w
}

func (p *parser) frame() *ast.Frame {
	f := &ast.Frame{Range: p.word == "range"}
	from := p.tok.Pos
	p.next()
	if p.accept("between") {
		f.Start = p.bound()
		p.expect("and")
		stop := p.bound()
		f.Stop = &stop
	} else {
		f.Start = p.bound()
	}
	f.Span = p.span(from)
	return f
}

func (p *parser) bound() ast.FrameBound {
	b := ast.FrameBound{}
	from := p.tok.Pos
	switch {
	case p.acceptSeq("current", "row"):
		b.Kind = ast.CurrentRow
	case p.acceptSeq("unbounded", "preceding"):
		b.Kind = ast.UnboundedPreceding
	case p.acceptSeq("unbounded", "following"):
		b.Kind = ast.UnboundedFollowing
	default:
		b.Offset = p.binary(precIn + 1)
		switch p.word {
		case "preceding":
			b.Kind = ast.Preceding
		case "following":
			b.Kind = ast.Following
		default:
			p.fail()
		}
		p.next()
	}
	b.Span = p.span(from)
	return b
}

// specialCall reads the functions that have a grammar of their own. It is nil,
// with nothing read, for all others. The next token is the function's name, and
// a parenthesis follows it.
func (p *parser) specialCall() ast.Expr {
	from := p.tok.Pos
	switch p.word {
	case "exists":
		p.next()
		p.next()
		var q *ast.Query
		if p.isQuery() {
			q = p.query()
		} else {
			s, ok := p.expr().(*ast.Subquery)
			if !ok {
				p.fail()
			}
			q = p.queryFrom(s)
		}
		p.expectKind(lex.RParen)
		return &ast.Exists{Span: p.span(from), Query: q}
	case "try_cast":
		p.next()
		return p.castTail(from, ast.CastTry)
	case "convert":
		p.next()
		p.next()
		t := p.typeName()
		p.expectKind(lex.Comma)
		x := p.expr()
		p.expectKind(lex.RParen)
		return &ast.Cast{Span: p.span(from), Form: ast.CastConvert, X: x, Type: t}
	case "extract":
		return p.extract()
	case "trim":
		return p.trim()
	case "row":
		p.next()
		p.next()
		r := &ast.Row{Explicit: true}
		if p.tok.Kind != lex.RParen {
			r.Items = p.exprs()
		}
		p.expectKind(lex.RParen)
		r.Span = p.span(from)
		return r
	case "substring", "position", "overlay":
		return p.wordCall()
	case "object_transform":
		return p.objectTransform()
	}
	return nil
}

func (p *parser) castTail(from int, form ast.CastForm) ast.Expr {
	p.expectKind(lex.LParen)
	x := p.expr()
	p.expect("as")
	t := p.typeName()
	p.expectKind(lex.RParen)
	return &ast.Cast{Span: p.span(from), Form: form, X: x, Type: t}
}

func (p *parser) extract() ast.Expr {
	from := p.tok.Pos
	p.next()
	p.next()
	e := &ast.Extract{FieldPos: p.tok.Pos}
	switch p.tok.Kind {
	case lex.Ident:
		e.Field = p.word
		p.next()
	case lex.String:
		e.Field = lex.Fold(p.str())
	default:
		p.fail()
	}
	p.expect("from")
	e.X = p.expr()
	p.expectKind(lex.RParen)
	e.Span = p.span(from)
	return e
}

func (p *parser) trim() ast.Expr {
	from := p.tok.Pos
	name := p.ident()
	p.next()
	t := &ast.Trim{}
	sided := true
	switch p.word {
	case "both":
	case "leading":
		t.Side = ast.TrimLeading
	case "trailing":
		t.Side = ast.TrimTrailing
	default:
		sided = false
	}
	if sided {
		p.next()
	}
	if !p.accept("from") {
		t.Chars = p.expr()
		switch {
		case p.accept("from"):
		case !sided && p.tok.Kind == lex.Comma: // trim(x, chars)
			c := &ast.FuncCall{Name: ast.Name{Span: name.Span, Parts: []ast.Ident{name}}, Args: []ast.Expr{t.Chars}}
			for p.acceptKind(lex.Comma) {
				c.Args = append(c.Args, p.expr())
			}
			p.expectKind(lex.RParen)
			c.Span = p.span(from)
			return c
		default:
			t.X, t.Chars = t.Chars, nil
		}
	}
	if t.X == nil {
		t.X = p.expr()
	}
	p.expectKind(lex.RParen)
	t.Span = p.span(from)
	return t
}

// wordCall reads SUBSTRING, POSITION and OVERLAY, with commas or with words.
func (p *parser) wordCall() ast.Expr {
	from := p.tok.Pos
	id := p.ident()
	c := &ast.FuncCall{Name: ast.Name{Span: id.Span, Parts: []ast.Ident{id}}}
	p.next()
	if p.tok.Kind == lex.RParen {
		p.next()
		c.Span = p.span(from)
		return c
	}
	first := p.binary(precIn + 1)
	c.Args = []ast.Expr{first}
	words := func(w string) bool {
		if !p.accept(w) {
			return false
		}
		c.Syntax = ast.CallWords
		c.Args = append(c.Args, p.expr())
		return true
	}
	switch id.Name {
	case "position":
		words("in")
	case "overlay":
		if words("placing") {
			if !words("from") {
				p.fail()
			}
			words("for")
		}
	case "substring":
		if p.word == "for" {
			c.Args = append(c.Args, &ast.Literal{Span: ast.Span{From: p.tok.Pos, To: p.tok.Pos}, Kind: ast.IntLiteral, Text: "1"})
			words("for")
		} else if words("from") {
			words("for")
		}
	}
	if c.Syntax == ast.CallPlain {
		for p.acceptKind(lex.Comma) {
			c.Args = append(c.Args, p.expr())
		}
	}
	p.expectKind(lex.RParen)
	c.Span = p.span(from)
	return c
}

func (p *parser) objectTransform() ast.Expr {
	from := p.tok.Pos
	p.next()
	p.next()
	o := &ast.ObjectTransform{X: p.expr()}
	if p.accept("keep") {
		o.Keep = p.exprs()
	}
	if p.accept("set") {
		o.Set = p.exprs()
		if len(o.Set)%2 != 0 {
			p.fail()
		}
	}
	p.expectKind(lex.RParen)
	o.Span = p.span(from)
	return o
}
