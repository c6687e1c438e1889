package plpgsql

import (
	"strings"

	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
)

// stmts reads statements up to a word that ends them.
func (p *parser) stmts() []Stmt {
	list := []Stmt{}
	for {
		switch p.word {
		case "end", "exception", "else", "elsif", "elseif", "when":
			return list
		}
		if p.tok.Kind == lex.EOF {
			p.fail()
		}
		list = append(list, p.stmt())
	}
}

func (p *parser) stmt() Stmt {
	p.enter()
	defer p.leave()
	at := At(p.tok.Pos)
	label := p.label()
	switch p.word {
	case "declare", "begin":
		b := p.block(label)
		p.expectKind(lex.Semicolon)
		return b
	case "loop", "while", "for":
		return p.loop(at, label)
	}
	if label != "" {
		p.fail()
	}
	s := p.simple(at)
	p.expectKind(lex.Semicolon)
	return s
}

// simple reads a statement that has no label, without its semicolon.
func (p *parser) simple(at At) Stmt {
	if next := p.peek().Kind; next == lex.Assign || next == lex.Eq || next == lex.Dot || p.tok.Kind == lex.Param || p.tok.Kind == lex.QuotedIdent {
		if a := p.assign(at); a != nil {
			return a
		}
	}
	switch p.word {
	case "if":
		return p.ifStmt(at)
	case "case":
		return p.caseStmt(at)
	case "exit", "continue":
		return p.exit(at)
	case "return":
		p.next()
		if p.tok.Kind != lex.Semicolon {
			p.failWith(p.tok.Pos, "42804", "RETURN cannot have a parameter in a procedure; use an OUT argument")
		}
		return &Return{at}
	case "null":
		p.next()
		return &Null{at}
	case "raise":
		return p.raise(at)
	case "perform":
		p.next()
		q := p.sqlUntil()
		q.Text = "SELECT " + q.Text
		return &Query{At: at, SQL: q, Perform: true}
	case "execute":
		return p.execute(at)
	case "get":
		return p.diagnostics(at)
	case "open":
		return p.open(at)
	case "fetch":
		p.next()
		if p.word == "next" || p.word == "forward" {
			p.next()
		}
		p.accept("from")
		f := &Fetch{At: at, Cursor: p.ref()}
		p.expect("into")
		f.Into = p.refs()
		return f
	case "close":
		p.next()
		return &Close{at, p.ref()}
	case "move":
		p.failWith(p.tok.Pos, "0A000", "MOVE is not documented for Redshift's procedures; use FETCH")
	case "select", "with":
		return p.query(at)
	}
	if p.tok.Kind != lex.Ident {
		p.fail()
	}
	return &Query{At: at, SQL: p.sqlUntil()}
}

// assign reads target := expression; it is nil, with nothing read, where there is
// no such thing.
func (p *parser) assign(at At) Stmt {
	saved := *p
	if p.tok.Kind == lex.Ident && lex.IsReserved(p.word) {
		return nil
	}
	a := &Assign{At: at, Target: p.ref()}
	if p.tok.Kind != lex.Assign && p.tok.Kind != lex.Eq {
		*p = saved
		return nil
	}
	p.next()
	a.Value = p.sqlUntil()
	return a
}

func (p *parser) ifStmt(at At) Stmt {
	s := &If{At: at}
	for {
		p.next() // IF, ELSIF
		when := p.sqlUntil("then")
		p.expect("then")
		s.Branches = append(s.Branches, Branch{[]SQL{when}, p.stmts()})
		if p.word != "elsif" && p.word != "elseif" {
			break
		}
	}
	if p.accept("else") {
		s.Else = p.stmts()
	}
	p.expect("end", "if")
	return s
}

func (p *parser) caseStmt(at At) Stmt {
	s := &Case{At: at}
	p.next()
	if p.word != "when" {
		x := p.sqlUntil("when")
		s.Operand = &x
	}
	for p.accept("when") {
		b := Branch{}
		if s.Operand != nil {
			b.When = p.sqlList("then")
		} else {
			b.When = []SQL{p.sqlUntil("then")}
		}
		p.expect("then")
		b.Body = p.stmts()
		s.Branches = append(s.Branches, b)
	}
	if len(s.Branches) == 0 {
		p.fail()
	}
	if p.accept("else") {
		s.Else, s.HasElse = p.stmts(), true
	}
	p.expect("end", "case")
	return s
}

func (p *parser) exit(at At) Stmt {
	e := &Exit{At: at, Continue: p.word == "continue"}
	p.next()
	if p.tok.Kind != lex.Semicolon && p.word != "when" {
		e.Label = p.name()
	}
	if p.accept("when") {
		w := p.sqlUntil()
		e.When = &w
	}
	return e
}

func (p *parser) raise(at At) Stmt {
	r := &Raise{At: at}
	p.next()
	if p.tok.Kind == lex.Semicolon {
		return r
	}
	switch p.word {
	case "log", "info", "notice", "warning", "exception":
		r.Level = strings.ToUpper(p.word)
		p.next()
	default:
		p.fail()
	}
	if p.tok.Kind != lex.String && p.tok.Kind != lex.DollarString {
		p.fail()
	}
	from := p.tok.Pos
	r.Format = lex.StringValue(p.tok.Text(p.src))
	p.next()
	if p.tok.Kind == lex.Comma {
		p.next()
		r.Args = p.sqlList()
	}
	if n := holes(r.Format); n != len(r.Args) {
		state := "too few parameters specified for RAISE"
		if n < len(r.Args) {
			state = "too many parameters specified for RAISE"
		}
		p.failWith(from, "42601", state)
	}
	return r
}

// holes counts the % of a format, of which %% is one character.
func holes(format string) int {
	return strings.Count(strings.ReplaceAll(format, "%%", ""), "%")
}

func (p *parser) execute(at At) Stmt {
	p.next()
	e := &Execute{At: at, Command: p.sqlUntil("into", "using")}
	if p.accept("into") {
		e.Into = p.refs()
	}
	if p.word == "using" {
		p.failWith(p.tok.Pos, "42601", "syntax error at or near \"USING\": Redshift's EXECUTE has none; put values into the text with quote_literal")
	}
	return e
}

func (p *parser) diagnostics(at At) Stmt {
	p.next()
	p.expect("diagnostics")
	g := &GetDiagnostics{At: at, Target: p.ref()}
	if p.tok.Kind != lex.Assign && p.tok.Kind != lex.Eq {
		p.fail()
	}
	p.next()
	p.expect("row_count")
	return g
}

func (p *parser) open(at At) Stmt {
	p.next()
	o := &Open{At: at, Cursor: p.ref()}
	switch {
	case p.tok.Kind == lex.LParen:
		p.next()
		o.Args = p.sqlList()
		p.expectKind(lex.RParen)
	case p.accept("for"):
		if p.accept("execute") {
			s := p.sqlUntil()
			o.Dynamic = &s
			break
		}
		s := p.sqlUntil()
		o.Query = &s
	}
	return o
}

// query reads SELECT, whose INTO names variables.
func (p *parser) query(at At) Stmt {
	q := &Query{At: at}
	from, end := p.tok.Pos, p.tok.Pos
	cut, resume := -1, -1
	var n nest
	for p.tok.Kind != lex.Semicolon {
		if p.tok.Kind == lex.EOF {
			p.fail()
		}
		if n.top() && p.word == "into" && cut < 0 {
			cut = p.tok.Pos
			p.next()
			q.Into = p.refs()
			resume = p.tok.Pos
			continue
		}
		n.see(p.tok, p.word)
		end = p.tok.End
		p.next()
	}
	q.SQL = SQL{Text: p.src[from:max(end, from)], Pos: from}
	if cut >= 0 {
		// Blanks in place of INTO keep the places of what is behind it.
		tail := ""
		if resume < end {
			tail = strings.Repeat(" ", resume-cut) + p.src[resume:end]
		}
		q.SQL.Text = p.src[from:cut] + tail
	}
	return q
}

// loop reads LOOP, WHILE and FOR.
func (p *parser) loop(at At, label string) Stmt {
	switch p.word {
	case "loop":
		return &Loop{At: at, Label: label, Body: p.loopBody(label)}
	case "while":
		p.next()
		w := p.sqlUntil("loop")
		return &Loop{At: at, Label: label, While: &w, Body: p.loopBody(label)}
	}
	p.next()
	targets := p.refs()
	p.expect("in")
	if p.accept("execute") {
		s := p.sqlUntil("loop")
		return &ForRows{At: at, Label: label, Targets: targets, Dynamic: &s, Body: p.loopBody(label)}
	}
	if p.word == "select" || p.word == "with" {
		s := p.sqlUntil("loop")
		return &ForRows{At: at, Label: label, Targets: targets, Query: &s, Body: p.loopBody(label)}
	}
	reverse := p.accept("reverse")
	from := p.tok.Pos
	s := p.sqlUntil("loop")
	if i := rangeAt(s.Text); i >= 0 {
		if len(targets) != 1 || len(targets[0].Parts) != 1 {
			p.failWith(from, "42601", "integer FOR loop must have just one target variable")
		}
		f := &ForRange{At: at, Label: label, Name: targets[0].Parts[0], Reverse: reverse}
		f.Lower, f.Upper = SQL{s.Text[:i], from}, SQL{s.Text[i+2:], from + i + 2}
		if strings.TrimSpace(f.Lower.Text) == "" || strings.TrimSpace(f.Upper.Text) == "" {
			p.failWith(from, "42601", "syntax error at or near \"..\"")
		}
		f.Body = p.loopBody(label)
		return f
	}
	if reverse {
		p.failWith(from, "42601", "cannot specify REVERSE in query FOR loop")
	}
	if strings.HasPrefix(s.Text, "(") {
		return &ForRows{At: at, Label: label, Targets: targets, Query: &s, Body: p.loopBody(label)}
	}
	f := &ForRows{At: at, Label: label, Targets: targets}
	f.Cursor, f.Args = p.cursorOf(s)
	f.Body = p.loopBody(label)
	return f
}

// rangeAt is the place of .. in an expression outside of parentheses, -1 for none.
func rangeAt(text string) int {
	l := lex.New(text)
	depth := 0
	for t := l.Next(); t.Kind != lex.EOF; t = l.Next() {
		switch t.Kind {
		case lex.LParen:
			depth++
		case lex.RParen:
			depth--
		case lex.Dot, lex.Decimal: // "1." and ".10" are numbers
			if i := strings.Index(text[t.Pos:min(t.End+1, len(text))], ".."); i >= 0 && depth == 0 {
				return t.Pos + i
			}
		}
	}
	return -1
}

// cursorOf reads cursor or cursor(arguments) from a piece of text.
func (p *parser) cursorOf(s SQL) (*Ref, []SQL) {
	inner := &parser{src: p.src, lx: lex.At(p.src, s.Pos)}
	inner.next()
	r := inner.ref()
	var args []SQL
	if inner.tok.Kind == lex.LParen {
		inner.next()
		args = inner.sqlList()
		inner.expectKind(lex.RParen)
	}
	if inner.word != "loop" {
		inner.fail()
	}
	return &r, args
}

// loopBody reads LOOP … END LOOP [label];
func (p *parser) loopBody(label string) []Stmt {
	p.expect("loop")
	body := p.stmts()
	p.expect("end", "loop")
	p.endLabel(label)
	p.expectKind(lex.Semicolon)
	return body
}
