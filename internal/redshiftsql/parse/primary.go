package parse

import (
	"strconv"

	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
)

// primary reads an expression without operators.
func (p *parser) primary() ast.Expr {
	from := p.tok.Pos
	switch p.tok.Kind {
	case lex.Int:
		return p.literal(ast.IntLiteral)
	case lex.Decimal:
		return p.literal(ast.DecimalLiteral)
	case lex.Float:
		return p.literal(ast.FloatLiteral)
	case lex.String, lex.DollarString:
		v := p.str()
		return &ast.Literal{Span: p.span(from), Kind: ast.StringLiteral, Text: v}
	case lex.EString:
		// Redshift has none; psql since version 9 writes them for pg_catalog's functions
		// whatever the server is.
		if p.inCatalog > 0 {
			l := &ast.Literal{Span: ast.Span{From: p.tok.Pos, To: p.tok.End}, Kind: ast.StringLiteral, Text: lex.StringValue(p.tok.Text(p.src))}
			p.next()
			return l
		}
	case lex.Param:
		n, err := strconv.ParseUint(p.src[p.tok.Pos+1:p.tok.End], 10, 16)
		if err != nil || n == 0 {
			p.failWith(p.tok.Pos, "42P02", "there is no parameter "+p.near(), "")
		}
		p.next()
		return &ast.Param{Span: p.span(from), N: int(n)}
	case lex.LParen:
		return p.paren()
	case lex.QuotedIdent:
		return p.nameOrCall()
	case lex.Ident:
		return p.word1()
	}
	p.fail()
	return nil
}

func (p *parser) literal(kind ast.LiteralKind) ast.Expr {
	l := &ast.Literal{Span: ast.Span{From: p.tok.Pos, To: p.tok.End}, Kind: kind, Text: p.tok.Text(p.src)}
	p.next()
	return l
}

func (p *parser) keyword(kind ast.LiteralKind, text string) ast.Expr {
	l := &ast.Literal{Span: ast.Span{From: p.tok.Pos, To: p.tok.End}, Kind: kind, Text: text}
	p.next()
	return l
}

// word1 reads an expression that begins with an unquoted word.
func (p *parser) word1() ast.Expr {
	if lex.IsReserved(p.word) {
		return p.reservedWord()
	}
	next, _ := p.peek()
	switch next.Kind {
	case lex.LParen:
		if e := p.specialCall(); e != nil {
			return e
		}
	case lex.String:
		switch p.word {
		case "n": // N'…' is a national string, and those are plain ones here
			p.next()
			return p.primary()
		}
		return p.typedLiteral()
	case lex.Ident:
		switch {
		case p.word == "time" && (p.peekWord == "with" || p.peekWord == "without") && p.isTypedTime():
			return p.typedLiteral()
		case p.word == "double" && p.peekWord == "precision":
			return p.typedLiteral()
		case p.word == "approximate" && !lex.IsReserved(p.peekWord):
			l := p.ahead()
			l.Next()
			if l.Next().Kind == lex.LParen {
				from := p.tok.Pos
				p.next()
				c := p.call(p.nameOf(2), from)
				c.Approximate = true
				return c
			}
		}
	}
	return p.nameOrCall()
}

// isTypedTime says whether TIME WITH TIME ZONE 'literal' follows.
func (p *parser) isTypedTime() bool {
	l := p.ahead()
	l.Next()
	l.Next()
	l.Next()
	return l.Next().Kind == lex.String
}

func (p *parser) typedLiteral() ast.Expr {
	from := p.tok.Pos
	t := p.typeName()
	v := p.str()
	return &ast.TypedLiteral{Span: p.span(from), Type: t, Value: v}
}

func (p *parser) reservedWord() ast.Expr {
	from := p.tok.Pos
	switch p.word {
	case "null":
		return p.keyword(ast.NullLiteral, "")
	case "true", "false":
		return p.keyword(ast.BoolLiteral, p.word)
	case "case":
		return p.caseExpr()
	case "cast":
		p.next()
		return p.castTail(from, ast.CastFunc)
	case "interval":
		p.next()
		if p.tok.Kind == lex.LParen { // interval(3) '…', PostgreSQL's
			p.failHint("Redshift writes INTERVAL '…' DAY TO SECOND (3).")
		}
		v := p.str()
		f := p.intervalFields()
		return &ast.IntervalLiteral{Span: p.span(from), Value: v, Fields: f}
	case "timestamp":
		return p.typedLiteral()
	case "current_date", "current_user", "current_user_id", "session_user", "user", "sysdate":
		return p.bareCall()
	case "current_time", "current_timestamp", "localtime", "localtimestamp":
		c := p.bareCall()
		if p.tok.Kind == lex.LParen {
			p.next()
			if p.tok.Kind != lex.RParen {
				c.Args = p.exprs()
			}
			p.expectKind(lex.RParen)
			c.Span = p.span(from)
		}
		return c
	case "array":
		p.next()
		if p.tok.Kind == lex.LBracket {
			p.next()
			a := &ast.Array{}
			if p.tok.Kind != lex.RBracket {
				a.Items = p.exprs()
			}
			p.expectKind(lex.RBracket)
			a.Span = p.span(from)
			return a
		}
		id := ast.Ident{Span: p.span(from), Name: "array"}
		return p.call(ast.Name{Span: id.Span, Parts: []ast.Ident{id}}, from)
	case "oid": // reserved as a name of one's own; the catalog's tables have it
		id := p.anyIdent()
		return &ast.ColumnRef{Span: id.Span, Parts: []ast.Ident{id}}
	case "left", "right", "collate", "identity", "unnest", "isnull", "tag":
		if p.peekKind(lex.LParen) {
			id := p.anyIdent()
			return p.call(ast.Name{Span: id.Span, Parts: []ast.Ident{id}}, from)
		}
	}
	p.fail()
	return nil
}

func (p *parser) bareCall() *ast.FuncCall {
	id := p.anyIdent()
	return &ast.FuncCall{
		Span:   id.Span,
		Name:   ast.Name{Span: id.Span, Parts: []ast.Ident{id}},
		Syntax: ast.CallBare,
	}
}

// nameOrCall reads a column, t.*, or the call of a function.
func (p *parser) nameOrCall() ast.Expr {
	from := p.tok.Pos
	var few [4]ast.Ident
	parts := append(few[:0], p.ident())
	for p.tok.Kind == lex.Dot && len(parts) < 4 {
		if p.peekKind(lex.Star) {
			p.next()
			p.next()
			return &ast.Star{Span: p.span(from), Qualifier: append([]ast.Ident(nil), parts...)}
		}
		p.next()
		parts = append(parts, p.label())
	}
	own := make([]ast.Ident, len(parts))
	copy(own, parts)
	if p.tok.Kind == lex.LParen && !p.isOuterMark() {
		return p.call(ast.Name{Span: p.span(from), Parts: own}, from)
	}
	return &ast.ColumnRef{Span: p.span(from), Parts: own}
}

// paren reads what stands in parentheses: an expression, a row or a query.
func (p *parser) paren() ast.Expr {
	from := p.tok.Pos
	p.enter()
	defer p.leave()
	p.next()
	if p.isQuery() {
		q := p.query()
		p.expectKind(lex.RParen)
		return &ast.Subquery{Span: p.span(from), Query: q}
	}
	x := p.expr()
	if s, ok := x.(*ast.Subquery); ok && p.isQueryTail() {
		q := p.queryFrom(s)
		p.expectKind(lex.RParen)
		return &ast.Subquery{Span: p.span(from), Query: q}
	}
	if p.tok.Kind == lex.Comma {
		items := []ast.Expr{x}
		for p.acceptKind(lex.Comma) {
			items = append(items, p.expr())
		}
		p.expectKind(lex.RParen)
		return &ast.Row{Span: p.span(from), Items: items}
	}
	p.expectKind(lex.RParen)
	return x
}

func (p *parser) caseExpr() ast.Expr {
	c := &ast.Case{}
	from := p.tok.Pos
	p.next()
	if p.word != "when" {
		c.Operand = p.expr()
	}
	for p.word == "when" {
		w := ast.When{}
		start := p.tok.Pos
		p.next()
		w.Cond = p.expr()
		p.expect("then")
		w.Then = p.expr()
		w.Span = p.span(start)
		c.Whens = append(c.Whens, w)
	}
	if c.Whens == nil {
		p.fail()
	}
	if p.accept("else") {
		c.Else = p.expr()
	}
	p.expect("end")
	c.Span = p.span(from)
	return c
}
