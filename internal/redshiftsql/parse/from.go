package parse

import (
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
)

func (p *parser) tableExprs() []ast.TableExpr {
	var list []ast.TableExpr
	for {
		list = append(list, p.tableExpr())
		if !p.acceptKind(lex.Comma) {
			return list
		}
	}
}

// tableExpr reads one item of FROM with the joins behind it.
func (p *parser) tableExpr() ast.TableExpr {
	p.enter()
	from := p.tok.Pos
	t := p.tablePrimary()
	for p.isJoin() {
		t = p.join(t, from)
		p.link()
	}
	p.leave()
	return t
}

func (p *parser) isJoin() bool {
	switch p.word {
	case "join", "inner", "left", "right", "full", "cross", "natural":
		return true
	}
	return false
}

func (p *parser) join(left ast.TableExpr, from int) ast.TableExpr {
	p.enter()
	j := &ast.Join{L: left}
	j.Natural = p.accept("natural")
	switch p.word {
	case "inner":
		p.next()
	case "cross":
		if j.Natural {
			p.fail()
		}
		j.Kind = ast.CrossJoin
		p.next()
	case "left", "right", "full":
		switch p.word {
		case "left":
			j.Kind = ast.LeftJoin
		case "right":
			j.Kind = ast.RightJoin
		default:
			j.Kind = ast.FullJoin
		}
		p.next()
		p.accept("outer")
	}
	p.expect("join")
	start := p.tok.Pos
	j.R = p.tablePrimary()
	if !j.Natural && j.Kind != ast.CrossJoin {
		for p.isJoin() { // a JOIN b JOIN c ON … ON …
			j.R = p.join(j.R, start)
		}
		switch {
		case p.accept("on"):
			j.On = p.expr()
		case p.accept("using"):
			j.Using = p.columns()
		default:
			p.fail()
		}
	}
	j.Span = p.span(from)
	p.leave()
	return j
}

// tablePrimary reads a table, query or function with its alias, and PIVOT or
// UNPIVOT behind it.
func (p *parser) tablePrimary() ast.TableExpr {
	from := p.tok.Pos
	t := p.tableSource()
	for {
		switch {
		case p.word == "pivot":
			t = p.pivot(t, from)
		case p.word == "unpivot":
			t = p.unpivot(t, from)
		default:
			return t
		}
		p.link()
	}
}

func (p *parser) tableSource() ast.TableExpr {
	switch {
	case p.tok.Kind == lex.LParen:
		return p.tableParen()
	case p.word == "unpivot":
		return p.unpivotObject()
	case p.word == "unnest" && p.peekKind(lex.LParen):
		from := p.tok.Pos
		id := p.anyIdent()
		return p.tableFunc(ast.Name{Span: id.Span, Parts: []ast.Ident{id}}, from)
	case p.word == "lateral":
		if t, _ := p.peek(); t.Kind == lex.LParen || t.Kind == lex.Ident && !p.atAfter() {
			p.fail()
		}
	case p.word == "values" && p.peekKind(lex.LParen):
		p.fail()
	}
	return p.tableName()
}

// atAfter says whether the word behind the next one ends a table's name.
func (p *parser) atAfter() bool {
	l := p.ahead()
	l.Next()
	return l.Next().Kind != lex.LParen
}

func (p *parser) tableName() ast.TableExpr {
	from := p.tok.Pos
	parts := []ast.Ident{p.ident()}
	for p.tok.Kind == lex.Dot && len(parts) < 4 {
		p.next()
		parts = append(parts, p.label())
	}
	if p.tok.Kind == lex.LParen && len(parts) < 3 {
		return p.tableFunc(ast.Name{Span: p.span(from), Parts: parts}, from)
	}
	if len(parts) == 4 || p.tok.Kind == lex.LBracket {
		path := p.postfix(&ast.ColumnRef{Span: p.span(from), Parts: parts})
		t := &ast.TablePath{Path: path}
		t.Alias, t.At = p.aliasAt()
		t.Span = p.span(from)
		return t
	}
	name := ast.Name{Span: p.span(from), Parts: parts}
	alias, at := p.aliasAt()
	if at != nil {
		return &ast.TablePath{
			Span:  p.span(from),
			Path:  &ast.ColumnRef{Span: name.Span, Parts: parts},
			Alias: alias,
			At:    at,
		}
	}
	return &ast.TableName{Span: p.span(from), Name: name, Alias: alias}
}

func (p *parser) tableFunc(name ast.Name, from int) ast.TableExpr {
	f := &ast.TableFunc{Call: p.call(name, from)}
	if f.Alias = p.aliasName(); f.Alias != nil && p.tok.Kind == lex.LParen {
		p.definitions(f)
	}
	if p.word == "at" {
		p.next()
		f.At = p.identPtr()
	}
	if f.At == nil && p.isSeq("with", "offset") { // UNNEST(…) WITH OFFSET AS i
		p.next()
		p.next()
		p.accept("as")
		f.At = p.identPtr()
	}
	f.Span = p.span(from)
	return f
}

// tableParen reads ( query ) or ( joined tables ).
func (p *parser) tableParen() ast.TableExpr {
	from := p.tok.Pos
	p.enter()
	p.next()
	var q *ast.Query
	if p.isQuery() {
		q = p.query()
	} else {
		t := p.tableExpr()
		// ((select …) union (select …)): the inner parentheses were a query's.
		if tq, ok := t.(*ast.TableQuery); ok && tq.Alias == nil {
			q = p.queryFrom(&ast.Subquery{Span: tq.Span, Query: tq.Query})
		} else {
			p.expectKind(lex.RParen)
			p.leave()
			if j, ok := t.(*ast.Join); ok && j.Alias == nil {
				j.Alias = p.alias()
				j.Span = p.span(from)
			}
			return t
		}
	}
	p.expectKind(lex.RParen)
	p.leave()
	t := &ast.TableQuery{Query: q, Alias: p.alias()}
	t.Span = p.span(from)
	return t
}

// isAlias says whether the next token is an alias without AS. The words that
// begin a clause here and are not reserved are not: start and connect are
// documented to need AS, the others are this grammar's own care.
func (p *parser) isAlias() bool {
	if !p.isIdent() {
		return false
	}
	switch p.word {
	case "start", "connect", "set", "returning", "tablesample", "lateral":
		return false
	case "at":
		t, _ := p.peek()
		return t.Kind != lex.Ident && t.Kind != lex.QuotedIdent || lex.IsReserved(p.peekWord)
	case "window":
		t, _ := p.peek()
		return t.Kind != lex.Ident && t.Kind != lex.QuotedIdent || lex.IsReserved(p.peekWord)
	case "fetch":
		return !p.peekIs("first") && !p.peekIs("next")
	}
	return true
}

// definitions reads the columns behind a function's alias, of which each may have
// a type: f() AS t(a int, b text).
func (p *parser) definitions(f *ast.TableFunc) {
	p.next()
	for {
		f.Alias.Columns = append(f.Alias.Columns, p.ident())
		if p.tok.Kind != lex.Comma && p.tok.Kind != lex.RParen && len(f.Types) == len(f.Alias.Columns)-1 {
			f.Types = append(f.Types, p.typeName())
		}
		if !p.acceptKind(lex.Comma) {
			break
		}
	}
	if n := len(f.Types); n > 0 && n < len(f.Alias.Columns) {
		p.fail()
	}
	p.expectKind(lex.RParen)
	f.Alias.Span = p.span(f.Alias.From)
}

// alias reads [AS] name [(columns)].
func (p *parser) alias() *ast.Alias {
	a := p.aliasName()
	if a != nil && p.tok.Kind == lex.LParen {
		a.Columns = p.columns()
		a.Span = p.span(a.From)
	}
	return a
}

// aliasName reads [AS] name.
func (p *parser) aliasName() *ast.Alias {
	a := &ast.Alias{}
	from := p.tok.Pos
	switch {
	case p.accept("as"):
		a.Name = p.ident()
	case p.isAlias():
		p.qualified = p.qualified || p.word == "qualify"
		a.Name = p.ident()
	default:
		return nil
	}
	a.Span = p.span(from)
	return a
}

// aliasAt reads an alias and AT index behind it.
func (p *parser) aliasAt() (*ast.Alias, *ast.Ident) {
	a := p.alias()
	if p.word != "at" {
		return a, nil
	}
	p.next()
	return a, p.identPtr()
}

func (p *parser) unpivotObject() ast.TableExpr {
	u := &ast.TableUnpivotObject{}
	from := p.tok.Pos
	p.next()
	u.Object = p.postfix(p.primary())
	if p.accept("as") {
		u.Value = p.identPtr()
	} else if p.isAlias() {
		u.Value = p.identPtr()
	}
	if p.accept("at") {
		u.Key = p.identPtr()
	}
	u.Span = p.span(from)
	return u
}

func (p *parser) pivot(source ast.TableExpr, from int) ast.TableExpr {
	v := &ast.TablePivot{Source: source}
	p.next()
	p.expectKind(lex.LParen)
	for {
		t := p.target()
		if _, ok := t.Expr.(*ast.FuncCall); !ok {
			p.failAt(t.From, `syntax error at or near "`+shorten(p.src[t.From:t.To])+`"`, "PIVOT takes aggregates.")
		}
		v.Aggs = append(v.Aggs, t)
		if !p.acceptKind(lex.Comma) {
			break
		}
	}
	p.expect("for")
	start := p.tok.Pos
	name := p.nameOf(4)
	v.For = &ast.ColumnRef{Span: p.span(start), Parts: name.Parts}
	p.expect("in")
	p.expectKind(lex.LParen)
	v.In = p.targets()
	p.expectKind(lex.RParen)
	p.expectKind(lex.RParen)
	v.Alias = p.alias()
	v.Span = p.span(from)
	return v
}

func (p *parser) unpivot(source ast.TableExpr, from int) ast.TableExpr {
	u := &ast.TableUnpivot{Source: source}
	p.next()
	if p.word == "include" || p.word == "exclude" {
		u.IncludeNulls = p.word == "include"
		p.next()
		p.expect("nulls")
	}
	p.expectKind(lex.LParen)
	u.Value = p.ident()
	p.expect("for")
	u.For = p.ident()
	p.expect("in")
	p.expectKind(lex.LParen)
	for {
		start := p.tok.Pos
		name := p.nameOf(4)
		t := ast.Target{Expr: &ast.ColumnRef{Span: name.Span, Parts: name.Parts}}
		var alias ast.Expr
		if p.accept("as") {
			alias = p.primary()
		}
		t.Span = p.span(start)
		u.In = append(u.In, t)
		u.InAliases = append(u.InAliases, alias)
		if !p.acceptKind(lex.Comma) {
			break
		}
	}
	p.expectKind(lex.RParen)
	p.expectKind(lex.RParen)
	u.Alias = p.alias()
	u.Span = p.span(from)
	return u
}
