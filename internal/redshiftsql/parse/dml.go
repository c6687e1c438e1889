package parse

import (
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
)

func (p *parser) insert() ast.Stmt {
	s := &ast.Insert{}
	from := p.tok.Pos
	p.next()
	p.expect("into")
	s.Table = p.name()
	if p.tok.Kind == lex.LParen && !p.isParenQuery() {
		s.Columns = p.columns()
	}
	switch {
	case p.word == "default":
		p.next()
		p.expect("values")
		s.DefaultValues = true
	case p.word == "values":
		p.enter()
		v := p.values()
		p.leave()
		s.Query = &ast.Query{Span: v.Span, Body: v}
	default:
		s.Query = p.query()
	}
	s.Span = p.span(from)
	return s
}

// isParenQuery says whether the parentheses that open here hold a query.
func (p *parser) isParenQuery() bool {
	l := p.ahead()
	for {
		t := l.Next()
		if t.Kind == lex.LParen {
			continue
		}
		if t.Kind != lex.Ident {
			return false
		}
		w := lex.Fold(t.Text(p.src))
		return w == "select" || w == "with"
	}
}

func (p *parser) assigns() []ast.Assign {
	var list []ast.Assign
	for {
		a := ast.Assign{}
		from := p.tok.Pos
		if p.tok.Kind == lex.LParen {
			p.failHint("Redshift has no SET (a, b) = (…).")
		}
		a.Column = p.ident()
		if p.tok.Kind == lex.Dot || p.tok.Kind == lex.LBracket {
			p.failHint("SET takes the name of a column alone; a part of a SUPER value cannot be set.")
		}
		p.expectKind(lex.Eq)
		a.Value = p.exprOrDefault()
		a.Span = p.span(from)
		list = append(list, a)
		if !p.acceptKind(lex.Comma) {
			return list
		}
	}
}

func (p *parser) update(with *ast.With, from int) ast.Stmt {
	s := &ast.Update{With: with}
	p.next()
	s.Table = p.name()
	s.Alias = p.alias()
	p.expect("set")
	s.Set = p.assigns()
	if p.accept("from") {
		s.From = p.tableExprs()
	}
	if p.accept("where") {
		s.Where = p.expr()
	}
	s.Span = p.span(from)
	return s
}

func (p *parser) delete(with *ast.With, from int) ast.Stmt {
	s := &ast.Delete{With: with}
	p.next()
	p.accept("from")
	s.Table = p.name()
	s.Alias = p.alias()
	if p.accept("using") {
		s.Using = p.tableExprs()
	}
	if p.accept("where") {
		s.Where = p.expr()
	}
	s.Span = p.span(from)
	return s
}

func (p *parser) merge() ast.Stmt {
	s := &ast.Merge{}
	from := p.tok.Pos
	p.next()
	p.expect("into")
	s.Table = p.name()
	s.Alias = p.alias()
	p.expect("using")
	s.Source = p.tablePrimary()
	p.expect("on")
	s.On = p.expr()
	if p.acceptSeq("remove", "duplicates") {
		s.RemoveDuplicates = true
	} else {
		if p.word != "when" {
			p.fail()
		}
		for p.word == "when" {
			s.Whens = append(s.Whens, p.mergeWhen())
		}
	}
	s.Span = p.span(from)
	return s
}

func (p *parser) mergeWhen() ast.MergeWhen {
	w := ast.MergeWhen{}
	from := p.tok.Pos
	p.next()
	w.Matched = !p.accept("not")
	p.expect("matched")
	if p.word == "and" {
		p.failHint("Redshift's MERGE has no condition behind MATCHED.")
	}
	p.expect("then")
	switch {
	case w.Matched && p.accept("update"):
		p.expect("set")
		w.Set = p.assigns()
	case w.Matched && p.accept("delete"):
		w.Action = ast.MergeDelete
	case !w.Matched && p.accept("insert"):
		w.Action = ast.MergeInsert
		if p.tok.Kind == lex.LParen {
			w.Columns = p.columns()
		}
		p.expect("values")
		p.expectKind(lex.LParen)
		for {
			w.Values = append(w.Values, p.exprOrDefault())
			if !p.acceptKind(lex.Comma) {
				break
			}
		}
		p.expectKind(lex.RParen)
	default:
		p.fail()
	}
	w.Span = p.span(from)
	return w
}

// copy reads COPY up to FROM; the options are copycmd's.
func (p *parser) copy() ast.Stmt {
	s := &ast.Copy{}
	from := p.tok.Pos
	p.next()
	if p.word == "job" && !p.peekIs("from") && !p.peekKind(lex.LParen) && !p.peekKind(lex.Dot) {
		s.Job = true
	} else {
		s.Table = p.name()
		if p.tok.Kind == lex.LParen {
			s.Columns = p.columns()
		}
		p.expect("from")
		if p.word == "stdin" {
			p.failHint("Redshift copies from S3, DynamoDB, EMR and SSH, and not from the client.")
		}
		if p.atEnd() {
			p.fail()
		}
	}
	p.skipRest()
	s.Span = p.span(from)
	return s
}

// unload reads UNLOAD up to TO; the options are copycmd's.
func (p *parser) unload() ast.Stmt {
	s := &ast.Unload{}
	from := p.tok.Pos
	p.next()
	p.expectKind(lex.LParen)
	s.QueryPos = p.tok.Pos
	if p.isQuery() {
		p.failHint("UNLOAD takes its query in a string: UNLOAD ('select …').")
	}
	s.Query = p.str()
	p.expectKind(lex.RParen)
	p.expect("to")
	if p.atEnd() {
		p.fail()
	}
	p.skipRest()
	s.Span = p.span(from)
	return s
}
