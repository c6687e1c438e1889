package plpgsql

import "github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"

// block reads a block behind its label.
func (p *parser) block(label string) *Block {
	p.enter()
	defer p.leave()
	b := &Block{At: At(p.tok.Pos), Label: label}
	for p.accept("declare") {
		for p.word != "begin" && p.word != "declare" {
			b.Decls = append(b.Decls, p.decl())
		}
	}
	p.expect("begin")
	b.Body = p.stmts()
	if p.accept("exception") {
		b.Handler = &Handler{}
		switch {
		case p.accept("continue_handler"):
			b.Handler.Kind = ContinueHandler
		case p.accept("exit_handler"):
			b.Handler.Kind = ExitHandler
		}
		p.expect("when")
		if p.word != "others" {
			p.failWith(p.tok.Pos, "42704", "unrecognized exception condition \""+p.tok.Text(p.src)+"\": OTHERS is the only one")
		}
		p.next()
		p.expect("then")
		b.Handler.Body = p.stmts()
	}
	p.expect("end")
	p.endLabel(label)
	return b
}

// endLabel reads the label behind END, which repeats the one before.
func (p *parser) endLabel(label string) {
	if p.tok.Kind != lex.Ident && p.tok.Kind != lex.QuotedIdent {
		return
	}
	at := p.tok.Pos
	if got := p.name(); got != label {
		p.failWith(at, "42601", "end label \""+got+"\" differs from block's label \""+label+"\"")
	}
}

// decl reads one declaration with its semicolon.
func (p *parser) decl() Decl {
	d := Decl{Pos: p.tok.Pos, Name: p.name()}
	if p.accept("alias") {
		p.expect("for")
		r := p.ref()
		d.Alias = &r
		p.expectKind(lex.Semicolon)
		return d
	}
	if p.word == "cursor" {
		p.cursorDecl(&d)
		p.expectKind(lex.Semicolon)
		return d
	}
	d.Constant = p.accept("constant")
	d.Type = p.typeRef("not", "default")
	if p.word == "not" {
		p.next()
		p.expect("null")
		d.NotNull = true
	}
	if p.tok.Kind == lex.Assign || p.tok.Kind == lex.Eq || p.word == "default" {
		p.next()
		s := p.sqlUntil()
		d.Default = &s
	}
	p.expectKind(lex.Semicolon)
	return d
}

// cursorDecl reads CURSOR [(name type, …)] FOR|IS query.
func (p *parser) cursorDecl(d *Decl) {
	p.next()
	d.Type.Kind = CursorType
	if p.tok.Kind == lex.LParen {
		p.next()
		for {
			a := Decl{Pos: p.tok.Pos, Name: p.name()}
			a.Type = p.typeRef()
			d.Args = append(d.Args, a)
			if p.tok.Kind != lex.Comma {
				break
			}
			p.next()
		}
		p.expectKind(lex.RParen)
	}
	if !p.accept("for") {
		p.expect("is")
	}
	q := p.sqlUntil()
	d.Query = &q
}

// typeRef reads a type up to what follows it: := = ; , ) or one of the words.
func (p *parser) typeRef(words ...string) TypeRef {
	switch p.word {
	case "record":
		p.next()
		return TypeRef{Kind: RecordType}
	case "refcursor":
		p.next()
		return TypeRef{Kind: CursorType}
	}
	from, end := p.tok.Pos, p.tok.Pos
	depth := 0
	for {
		switch p.tok.Kind {
		case lex.EOF:
			p.fail()
		case lex.LParen:
			depth++
		case lex.RParen:
			depth--
		case lex.Percent:
			return p.copiedType(from)
		}
		if depth < 0 || depth == 0 && (p.tok.Kind == lex.Assign || p.tok.Kind == lex.Eq || p.tok.Kind == lex.Semicolon || p.tok.Kind == lex.Comma || p.word != "" && contains(words, p.word)) {
			break
		}
		end = p.tok.End
		p.next()
	}
	if end == from {
		p.fail()
	}
	return TypeRef{Text: p.src[from:end]}
}

// copiedType reads name%TYPE or name%ROWTYPE again from its name.
func (p *parser) copiedType(from int) TypeRef {
	p.seek(from)
	t := TypeRef{Kind: CopyType, Of: p.ref()}
	p.expectKind(lex.Percent)
	if p.accept("rowtype") {
		t.Kind = RowType
	} else {
		p.expect("type")
	}
	return t
}
