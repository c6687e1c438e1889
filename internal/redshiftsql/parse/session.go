package parse

import (
	"strings"

	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
)

// sessionStatement reads transactions, parameters, cursors, prepared
// statements and maintenance. It is nil, with nothing read, for others.
func (p *parser) sessionStatement() ast.Stmt {
	from := p.tok.Pos
	switch p.word {
	case "begin":
		p.next()
		return p.begin(from)
	case "start":
		p.next()
		if p.word != "transaction" {
			p.fail()
		}
		return p.begin(from)
	case "commit", "end":
		p.next()
		p.work()
		return &ast.Commit{Span: p.span(from)}
	case "rollback", "abort":
		p.next()
		p.work()
		if p.word == "to" {
			p.failHint("Redshift has no savepoints.")
		}
		return &ast.Rollback{Span: p.span(from)}
	case "set":
		return p.set()
	case "show":
		return p.show()
	case "reset":
		return p.reset()
	case "use":
		p.next()
		id := p.ident()
		return &ast.Use{Span: p.span(from), Database: id}
	case "explain":
		return p.explain()
	case "analyze", "analyse":
		return p.analyze()
	case "vacuum":
		return p.vacuum()
	case "lock":
		return p.lock()
	case "declare":
		return p.declare()
	case "fetch":
		return p.fetch()
	case "close":
		p.next()
		c := &ast.CloseCursor{}
		if !p.accept("all") {
			c.Name = p.identPtr()
		}
		c.Span = p.span(from)
		return c
	case "prepare":
		return p.prepare()
	case "execute":
		p.next()
		e := &ast.Execute{Name: p.ident()}
		if p.acceptKind(lex.LParen) {
			if p.tok.Kind != lex.RParen {
				e.Args = p.exprs()
			}
			p.expectKind(lex.RParen)
		}
		e.Span = p.span(from)
		return e
	case "deallocate":
		p.next()
		if t, _ := p.peek(); t.Kind != lex.EOF && t.Kind != lex.Semicolon {
			p.accept("prepare")
		}
		d := &ast.Deallocate{}
		if !p.accept("all") {
			d.Name = p.identPtr()
		}
		d.Span = p.span(from)
		return d
	case "cancel":
		p.next()
		c := &ast.Cancel{PID: p.integer()}
		if p.tok.Kind == lex.String {
			msg := p.str()
			c.Message = &msg
		}
		c.Span = p.span(from)
		return c
	}
	return nil
}

func (p *parser) work() {
	if !p.accept("work") {
		p.accept("transaction")
	}
}

func (p *parser) begin(from int) ast.Stmt {
	b := &ast.Begin{}
	p.work()
	b.Isolation, b.ReadOnly = p.transactionModes()
	b.Span = p.span(from)
	return b
}

func (p *parser) transactionModes() (isolation string, readOnly ast.Toggle) {
	for {
		switch {
		case p.acceptSeq("isolation", "level"):
			switch {
			case p.accept("serializable"):
				isolation = "serializable"
			case p.accept("snapshot"):
				isolation = "snapshot"
			case p.acceptSeq("read", "committed"):
				isolation = "read committed"
			case p.acceptSeq("read", "uncommitted"):
				isolation = "read uncommitted"
			case p.acceptSeq("repeatable", "read"):
				isolation = "repeatable read"
			default:
				p.fail()
			}
		case p.acceptSeq("read", "only"):
			readOnly = ast.Yes
		case p.acceptSeq("read", "write"):
			readOnly = ast.No
		default:
			return isolation, readOnly
		}
		p.acceptKind(lex.Comma)
	}
}

func (p *parser) set() ast.Stmt {
	from := p.tok.Pos
	p.next()
	switch {
	case p.acceptSeq("session", "characteristics", "as", "transaction"):
		t := &ast.SetTransaction{Session: true}
		t.Isolation, t.ReadOnly = p.transactionModes()
		t.Span = p.span(from)
		return t
	case p.isSeq("session", "authorization"), p.isSeq("local", "session", "authorization"):
		a := &ast.SetSessionAuthorization{Local: p.accept("local")}
		p.next()
		p.next()
		switch {
		case p.accept("default"):
		case p.tok.Kind == lex.String:
			id := ast.Ident{Span: ast.Span{From: p.tok.Pos, To: p.tok.End}, Quoted: true}
			id.Name = p.str()
			a.User = &id
		default:
			a.User = p.identPtr()
		}
		a.Span = p.span(from)
		return a
	case p.word == "transaction" && !p.peekKind(lex.Eq) && !p.peekIs("to"):
		p.next()
		t := &ast.SetTransaction{}
		t.Isolation, t.ReadOnly = p.transactionModes()
		t.Span = p.span(from)
		return t
	}
	s := &ast.Set{}
	if p.word == "session" || p.word == "local" {
		if t, w := p.peek(); t.Kind != lex.Eq && w != "to" && t.Kind != lex.Dot {
			s.Scope = ast.ScopeSession
			if p.word == "local" {
				s.Scope = ast.ScopeLocal
			}
			p.next()
		}
	}
	p.setTail(s)
	s.Span = p.span(from)
	return s
}

// setTail reads a parameter with its value.
func (p *parser) setTail(s *ast.Set) {
	s.NamePos = p.tok.Pos
	if p.acceptSeq("time", "zone") {
		s.Name = "timezone"
		if p.word == "local" || p.word == "default" {
			p.next()
			s.Default = true
			return
		}
		if p.word == "interval" {
			x, ok := p.primary().(*ast.IntervalLiteral)
			if !ok {
				p.fail()
			}
			s.Values = []ast.SetValue{{Span: x.Span, Text: x.Value, Kind: ast.SetString}}
			return
		}
		p.setValues(s)
		return
	}
	s.Name = p.paramName()
	if !p.accept("to") {
		if p.tok.Kind != lex.Eq {
			p.fail()
		}
		p.next()
	}
	if p.word == "default" {
		p.next()
		s.Default = true
		return
	}
	p.setValues(s)
}

// paramName reads a parameter, or a session context variable with its dot.
func (p *parser) paramName() string {
	name := p.label().Name
	for p.acceptKind(lex.Dot) {
		name += "." + p.label().Name
	}
	return name
}

func (p *parser) setValues(s *ast.Set) {
	for {
		v := ast.SetValue{}
		from := p.tok.Pos
		switch p.tok.Kind {
		case lex.String, lex.DollarString:
			v.Kind, v.Text = ast.SetString, p.str()
		case lex.Int, lex.Decimal, lex.Float:
			v.Kind, v.Text = ast.SetNumber, p.tok.Text(p.src)
			p.next()
		case lex.Minus, lex.Plus:
			sign := p.tok.Text(p.src)
			p.next()
			switch p.tok.Kind {
			case lex.Int, lex.Decimal, lex.Float:
			default:
				p.fail()
			}
			v.Kind, v.Text = ast.SetNumber, strings.TrimPrefix(sign, "+")+p.tok.Text(p.src)
			p.next()
		case lex.QuotedIdent:
			v.Text = p.label().Name
		case lex.Ident:
			v.Text = p.tok.Text(p.src)
			p.next()
		default:
			p.fail()
		}
		v.Span = p.span(from)
		s.Values = append(s.Values, v)
		if !p.acceptKind(lex.Comma) {
			return
		}
	}
}

func (p *parser) reset() ast.Stmt {
	from := p.tok.Pos
	p.next()
	if p.acceptSeq("session", "authorization") {
		return &ast.ResetSessionAuthorization{Span: p.span(from)}
	}
	r := &ast.Reset{NamePos: p.tok.Pos}
	if p.acceptSeq("time", "zone") {
		r.Name = "timezone"
	} else {
		r.Name = p.paramName()
	}
	r.Span = p.span(from)
	return r
}

func (p *parser) explain() ast.Stmt {
	e := &ast.Explain{}
	from := p.tok.Pos
	p.next()
	if p.word == "analyze" || p.word == "analyse" {
		p.failHint("Redshift has no EXPLAIN ANALYZE; SVL_QUERY_SUMMARY and SYS_QUERY_DETAIL tell how a query ran.")
	}
	if p.tok.Kind == lex.LParen && !p.isParenQuery() {
		p.failHint("Redshift has EXPLAIN [VERBOSE] and no list of options.")
	}
	e.Verbose = p.accept("verbose")
	p.enter()
	e.Stmt = p.statement()
	p.leave()
	e.Span = p.span(from)
	return e
}

func (p *parser) analyze() ast.Stmt {
	a := &ast.Analyze{}
	from := p.tok.Pos
	p.next()
	a.Compression = p.word == "compression" && !p.peekKind(lex.Dot)
	if a.Compression {
		p.next()
	}
	a.Verbose = p.accept("verbose")
	if p.isIdent() && !p.isSeq("predicate", "columns") && p.word != "comprows" {
		a.Table = p.name()
		if p.tok.Kind == lex.LParen {
			a.Columns = p.columns()
		}
	}
	switch {
	case a.Compression && p.accept("comprows"):
		a.CompRows = p.integer()
	case !a.Compression && p.acceptSeq("predicate", "columns"):
		a.Which = ast.AnalyzePredicate
	case !a.Compression && p.acceptSeq("all", "columns"):
		a.Which = ast.AnalyzeAll
	}
	a.Span = p.span(from)
	return a
}

func (p *parser) vacuum() ast.Stmt {
	v := &ast.Vacuum{Percent: -1}
	from := p.tok.Pos
	p.next()
	switch {
	case p.accept("full"):
		v.Mode = ast.VacuumFull
	case p.acceptSeq("sort", "only"):
		v.Mode = ast.VacuumSortOnly
	case p.acceptSeq("delete", "only"):
		v.Mode = ast.VacuumDeleteOnly
	case p.word == "reindex" && !p.peekKind(lex.Dot):
		p.next()
		v.Mode = ast.VacuumReindex
	case p.word == "recluster" && !p.peekKind(lex.Dot):
		p.next()
		v.Mode = ast.VacuumRecluster
	}
	if p.isIdent() && p.word != "boost" {
		v.Table = p.name()
	}
	if p.accept("to") {
		at := p.tok.Pos
		n := p.integer()
		if n < 0 || n > 100 {
			p.failAt(at, "VACUUM takes 0 to 100 PERCENT", "")
		}
		v.Percent = int(n)
		p.expect("percent")
	}
	v.Boost = p.accept("boost")
	v.Span = p.span(from)
	return v
}

func (p *parser) lock() ast.Stmt {
	l := &ast.Lock{}
	from := p.tok.Pos
	p.next()
	p.accept("table")
	l.Tables = p.names()
	if p.accept("in") {
		var words []string
		for p.tok.Kind == lex.Ident && p.word != "mode" {
			words = append(words, p.word)
			p.next()
		}
		p.expect("mode")
		l.Mode = strings.Join(words, " ")
		if l.Mode == "" {
			p.fail()
		}
	}
	l.Span = p.span(from)
	return l
}

func (p *parser) declare() ast.Stmt {
	d := &ast.DeclareCursor{}
	from := p.tok.Pos
	p.next()
	d.Name = p.ident()
	switch p.word {
	case "binary", "insensitive", "scroll", "no":
		p.failHint("Redshift's cursors are forward only and have no options.")
	}
	p.expect("cursor")
	if p.word == "with" || p.word == "without" {
		p.failHint("Redshift's cursors live inside a transaction and have no HOLD.")
	}
	p.expect("for")
	d.Query = p.query()
	d.Span = p.span(from)
	return d
}

func (p *parser) fetch() ast.Stmt {
	f := &ast.Fetch{}
	from := p.tok.Pos
	p.next()
	switch p.word {
	case "next":
		p.next()
	case "all":
		f.Kind = ast.FetchAll
		p.next()
	case "forward":
		p.next()
		f.Kind, f.Count = ast.FetchForward, 1
		if p.accept("all") {
			f.Kind, f.Count = ast.FetchAll, 0
		} else if p.tok.Kind == lex.Int {
			f.Count = p.integer()
		}
	case "prior", "first", "last", "absolute", "relative", "backward":
		p.failHint("Redshift's cursors are forward only: FETCH NEXT, ALL or FORWARD n.")
	default:
		if p.tok.Kind == lex.Int { // FETCH 10 FROM c, which PostgreSQL has too
			f.Kind, f.Count = ast.FetchForward, p.integer()
		}
	}
	if !p.accept("from") {
		p.expect("in")
	}
	f.Cursor = p.ident()
	f.Span = p.span(from)
	return f
}

func (p *parser) prepare() ast.Stmt {
	s := &ast.Prepare{}
	from := p.tok.Pos
	p.next()
	s.Name = p.ident()
	if p.acceptKind(lex.LParen) {
		for {
			s.Types = append(s.Types, p.typeName())
			if !p.acceptKind(lex.Comma) {
				break
			}
		}
		p.expectKind(lex.RParen)
	}
	p.expect("as")
	switch p.word {
	case "select", "with", "insert", "update", "delete":
	default:
		if p.tok.Kind != lex.LParen {
			p.failHint("Redshift prepares SELECT, INSERT, UPDATE and DELETE.")
		}
	}
	s.Stmt = p.statement()
	s.Span = p.span(from)
	return s
}
