package parse

import (
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
)

// The binding powers, loose to tight. Between comparison and IS they are
// PostgreSQL 8.0's, where <= >= <> bind tighter than < > and =, and IS tighter
// than all of them; among the arithmetic ones they are Redshift's
// (r_compound_expressions). That Redshift kept the former is assumed.
const (
	precLowest = iota
	precOr
	precAnd
	precNot
	precEq       // right
	precLess     // < >, not associative
	precLike     // not associative
	precOverlaps // not associative
	precBetween  // not associative
	precIn       // not associative
	precOp       // <= >= <> ~ !~ and their kin
	precConcat
	precBit
	precIs
	precAdd
	precAbs // prefix @
	precMul
	precPow
	precZone
	precUnary
)

// expr reads an expression.
func (p *parser) expr() ast.Expr { return p.binary(precLowest) }

// exprOrStar reads an expression, or t.* where that may stand.
func (p *parser) exprOrStar() ast.Expr {
	p.allowStar = true
	return p.binary(precLowest)
}

// exprs reads expressions with commas between them.
func (p *parser) exprs() []ast.Expr {
	list := []ast.Expr{p.expr()}
	for p.acceptKind(lex.Comma) {
		list = append(list, p.expr())
	}
	return list
}

// binary reads an expression whose operators bind at least as tight as least.
func (p *parser) binary(least int) ast.Expr {
	p.enter()
	star := p.allowStar
	p.allowStar = false
	from := p.tok.Pos
	left := p.prefix()
	if s, ok := left.(*ast.Star); ok {
		if !star {
			p.failAt(s.To-1, `syntax error at or near "*"`, "")
		}
		p.leave()
		return left
	}
	closed := precUnary + 1 // the level of the last operator, when it does not associate
	for {
		op, prec := p.infix()
		if prec == precLowest || prec < least {
			break
		}
		if prec == closed {
			p.fail()
		}
		p.link()
		left = p.infixTail(left, from, op, prec)
		closed = precUnary + 1
		switch prec {
		case precLess, precLike, precOverlaps, precBetween, precIn:
			closed = prec
		}
	}
	p.leave()
	return left
}

// infix is the operator that the next token is, and its power; precLowest when
// it is none. Words that are no plain operator come with OpNone.
func (p *parser) infix() (ast.Op, int) {
	switch p.tok.Kind {
	case lex.Eq:
		return ast.OpEq, precEq
	case lex.Lt:
		return ast.OpLt, precLess
	case lex.Gt:
		return ast.OpGt, precLess
	case lex.Le:
		return ast.OpLe, precOp
	case lex.Ge:
		return ast.OpGe, precOp
	case lex.Ne:
		return ast.OpNe, precOp
	case lex.Tilde:
		return ast.OpMatch, precOp
	case lex.MatchI:
		return ast.OpMatchI, precOp
	case lex.NotMatch:
		return ast.OpNotMatch, precOp
	case lex.NotMatchI:
		return ast.OpNotMatchI, precOp
	case lex.LikeOp:
		return ast.OpLike, precOp
	case lex.ILikeOp:
		return ast.OpILike, precOp
	case lex.NotLikeOp:
		return ast.OpNotLike, precOp
	case lex.NotILikeOp:
		return ast.OpNotILike, precOp
	case lex.Concat:
		return ast.OpConcat, precConcat
	case lex.Amp:
		return ast.OpBitAnd, precBit
	case lex.Pipe:
		return ast.OpBitOr, precBit
	case lex.Hash:
		return ast.OpBitXor, precBit
	case lex.Shl:
		return ast.OpShl, precBit
	case lex.Shr:
		return ast.OpShr, precBit
	case lex.Plus:
		return ast.OpPlus, precAdd
	case lex.Minus:
		return ast.OpMinus, precAdd
	case lex.Star:
		return ast.OpMul, precMul
	case lex.Slash:
		return ast.OpDiv, precMul
	case lex.Percent:
		return ast.OpMod, precMul
	case lex.Caret:
		return ast.OpPow, precPow
	case lex.Ident:
		return p.infixWord()
	}
	return ast.OpNone, precLowest
}

func (p *parser) infixWord() (ast.Op, int) {
	word := p.word
	if word == "not" {
		_, word = p.peek()
		switch word {
		case "like", "ilike", "similar", "between", "in":
		default:
			return ast.OpNone, precLowest
		}
	}
	switch word {
	case "and":
		return ast.OpAnd, precAnd
	case "or":
		return ast.OpOr, precOr
	case "like", "ilike", "similar":
		return ast.OpNone, precLike
	case "overlaps":
		return ast.OpOverlaps, precOverlaps
	case "between":
		return ast.OpNone, precBetween
	case "in":
		return ast.OpNone, precIn
	case "is", "isnull", "notnull":
		return ast.OpNone, precIs
	case "at":
		if p.peekIs("time") {
			return ast.OpNone, precZone
		}
	case "collate":
		if !p.noCollate {
			return ast.OpNone, precZone
		}
	case "operator":
		if p.peekKind(lex.LParen) {
			return ast.OpNone, precOp
		}
	}
	return ast.OpNone, precLowest
}

// infixTail reads the operator and what stands to its right.
func (p *parser) infixTail(left ast.Expr, from int, op ast.Op, prec int) ast.Expr {
	if op == ast.OpNone {
		return p.wordTail(left, from)
	}
	opPos := p.tok.Pos
	p.next()
	if (p.word == "any" || p.word == "some" || p.word == "all") && p.peekKind(lex.LParen) {
		switch op {
		case ast.OpAnd, ast.OpOr, ast.OpOverlaps:
		default:
			return p.quantified(left, from, op, opPos)
		}
	}
	least := prec + 1
	if op == ast.OpEq {
		least = prec
	}
	right := p.binary(least)
	return &ast.Binary{Span: p.span(from), Op: op, OpPos: opPos, L: left, R: right}
}

func (p *parser) quantified(left ast.Expr, from int, op ast.Op, opPos int) ast.Expr {
	q := &ast.Quantified{Op: op, OpPos: opPos, X: left, All: p.word == "all"}
	p.next()
	p.next()
	if p.isQuery() {
		q.Query = p.query()
	} else {
		q.Set = p.expr()
		if s, ok := q.Set.(*ast.Subquery); ok {
			q.Query, q.Set = p.queryFrom(s), nil
		}
	}
	p.expectKind(lex.RParen)
	q.Span = p.span(from)
	return q
}

func (p *parser) wordTail(left ast.Expr, from int) ast.Expr {
	opPos := p.tok.Pos
	not := p.accept("not")
	word := p.word
	p.next()
	switch word {
	case "like", "ilike", "similar":
		l := &ast.Like{Not: not, OpPos: opPos, X: left}
		switch word {
		case "ilike":
			l.Kind = ast.LikeFold
		case "similar":
			l.Kind = ast.LikeSimilar
			p.expect("to")
		}
		l.Pattern = p.binary(precLike + 1)
		if p.accept("escape") {
			l.Escape = p.binary(precLike + 1)
		}
		l.Span = p.span(from)
		return l
	case "between":
		if p.word == "symmetric" || p.word == "asymmetric" {
			if t, _ := p.peek(); t.Kind != lex.Dot && p.peekWord != "and" {
				p.failHint("Redshift has no BETWEEN SYMMETRIC.")
			}
		}
		lo := p.binary(precIn + 1)
		p.expect("and")
		hi := p.binary(precIn + 1)
		return &ast.Between{Span: p.span(from), Not: not, X: left, Lo: lo, Hi: hi}
	case "in":
		return p.inTail(left, from, not)
	case "isnull":
		return &ast.Is{Span: p.span(from), Kind: ast.IsNull, X: left}
	case "notnull":
		return &ast.Is{Span: p.span(from), Kind: ast.IsNull, Not: true, X: left}
	case "is":
		return p.isTail(left, from)
	case "at":
		p.expect("time", "zone")
		zone := p.binary(precZone + 1)
		return &ast.AtTimeZone{Span: p.span(from), X: left, Zone: zone}
	case "collate":
		id := p.label()
		if p.acceptKind(lex.Dot) { // pg_catalog.default
			id = p.label()
		}
		return &ast.Collate{Span: p.span(from), X: left, Collation: id}
	case "operator":
		return p.namedOperator(left, from, opPos)
	}
	p.fail()
	return nil
}

// namedOperator reads OPERATOR(pg_catalog.~), which psql writes. Such an
// operator binds like any other whatever it is.
func (p *parser) namedOperator(left ast.Expr, from, opPos int) ast.Expr {
	p.expectKind(lex.LParen)
	if p.isIdent() {
		p.next()
		p.expectKind(lex.Dot)
	}
	op, prec := ast.OpNone, precLowest
	if p.tok.Kind != lex.Ident {
		op, prec = p.infix()
	}
	if prec == precLowest {
		p.fail()
	}
	p.next()
	p.expectKind(lex.RParen)
	right := p.binary(precOp + 1)
	return &ast.Binary{Span: p.span(from), Op: op, OpPos: opPos, L: left, R: right}
}

func (p *parser) isTail(left ast.Expr, from int) ast.Expr {
	not := p.accept("not")
	kind := ast.IsNull
	switch p.word {
	case "null":
	case "true":
		kind = ast.IsTrue
	case "false":
		kind = ast.IsFalse
	case "unknown":
		kind = ast.IsUnknown
	case "distinct":
		p.next()
		p.expect("from")
		right := p.binary(precIs + 1)
		return &ast.IsDistinct{Span: p.span(from), Not: not, L: left, R: right}
	default:
		p.fail()
	}
	p.next()
	return &ast.Is{Span: p.span(from), Kind: kind, Not: not, X: left}
}

func (p *parser) inTail(left ast.Expr, from int, not bool) ast.Expr {
	in := &ast.In{Not: not, X: left}
	p.expectKind(lex.LParen)
	if p.isQuery() {
		in.Query = p.query()
	} else {
		in.List = p.exprs()
		if len(in.List) == 1 {
			if s, ok := in.List[0].(*ast.Subquery); ok {
				in.Query, in.List = p.queryFrom(s), nil
			}
		}
	}
	p.expectKind(lex.RParen)
	in.Span = p.span(from)
	return in
}

// prefix reads what an expression begins with, prefix operators included.
func (p *parser) prefix() ast.Expr {
	from := p.tok.Pos
	op, least := ast.OpNone, 0
	switch p.tok.Kind {
	case lex.Minus:
		op, least = ast.OpMinus, precUnary
	case lex.Plus:
		op, least = ast.OpPlus, precUnary
	case lex.AtSign:
		op, least = ast.OpAbs, precMul
	case lex.Sqrt:
		op, least = ast.OpSqrt, precPow+1
	case lex.Cbrt:
		op, least = ast.OpCbrt, precPow+1
	case lex.Tilde:
		op, least = ast.OpBitNot, precAdd
	case lex.Ident:
		switch {
		case p.word == "not":
			op, least = ast.OpNot, precNot
		case p.word == "prior" && p.connectBy && !p.peekKind(lex.Dot):
			op, least = ast.OpPrior, precUnary
		}
	}
	if op == ast.OpNone {
		return p.postfix(p.primary())
	}
	p.next()
	x := p.binary(least)
	return &ast.Unary{Span: p.span(from), Op: op, X: x}
}

// postfix reads what binds tightest: [i], .name, ::type and (+).
func (p *parser) postfix(x ast.Expr) ast.Expr {
	if _, ok := x.(*ast.Star); ok {
		return x
	}
	for {
		from := x.Pos()
		switch p.tok.Kind {
		case lex.LBracket:
			p.next()
			i := p.expr()
			if p.tok.Kind == lex.Colon {
				p.failHint("Redshift has no array slices.")
			}
			p.expectKind(lex.RBracket)
			x = &ast.Index{Span: p.span(from), X: x, I: i}
		case lex.Dot:
			p.next()
			id := p.label()
			x = &ast.Field{Span: p.span(from), X: x, Name: id}
		case lex.ColonColon:
			p.next()
			t := p.typeName()
			x = &ast.Cast{Span: p.span(from), Form: ast.CastColon, X: x, Type: t}
		case lex.LParen:
			if _, ok := x.(*ast.ColumnRef); !ok || !p.isOuterMark() {
				return x
			}
			p.next()
			p.next()
			p.next()
			x = &ast.OuterMark{Span: p.span(from), X: x}
		default:
			return x
		}
		p.link()
	}
}

func (p *parser) isOuterMark() bool {
	l := p.ahead()
	return l.Next().Kind == lex.Plus && l.Next().Kind == lex.RParen
}
