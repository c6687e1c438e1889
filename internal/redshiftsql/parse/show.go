package parse

import (
	"strings"

	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
)

// showForms are the statements that show objects, with the words between them
// and the object's name.
var showForms = [...]struct {
	words []string // SHOW …
	from  []string // words between and the name; nil when nothing follows
	name  bool     // a name follows
}{
	{words: []string{"column", "grants"}},
	{words: []string{"columns"}, from: []string{"from", "table"}, name: true},
	{words: []string{"constraints"}},
	{words: []string{"databases"}},
	{words: []string{"datashares"}},
	{words: []string{"external", "table"}, name: true},
	{words: []string{"functions"}, from: []string{"from", "schema"}, name: true},
	{words: []string{"grants"}},
	{words: []string{"masking", "policies"}},
	{words: []string{"model"}},
	{words: []string{"parameters"}},
	{words: []string{"procedures"}, from: []string{"from", "schema"}, name: true},
	{words: []string{"rls", "policies"}},
	{words: []string{"schemas"}, from: []string{"from", "database"}, name: true},
	{words: []string{"table"}, name: true},
	{words: []string{"tables"}, from: []string{"from", "schema"}, name: true},
	{words: []string{"template"}, name: true},
	{words: []string{"templates"}, from: []string{"from", "schema"}, name: true},
	{words: []string{"view"}, name: true},
}

func (p *parser) show() ast.Stmt {
	from := p.tok.Pos
	p.next()
	if p.word == "procedure" && !p.isShowEnd(1, true) {
		return p.showRoutine(from)
	}
	for _, f := range showForms {
		// A parameter may have such a name too: SHOW tables is one.
		if p.word != f.words[0] || !p.isSeq(f.words...) || p.isShowEnd(len(f.words), f.name) {
			continue
		}
		s := &ast.ShowObjects{What: strings.Join(f.words, " ")}
		for range f.words {
			p.next()
		}
		p.expect(f.from...)
		if f.name {
			s.From = p.name()
		}
		p.showTail(s)
		s.Span = p.span(from)
		return s
	}
	s := &ast.Show{NamePos: p.tok.Pos}
	switch {
	case p.acceptSeq("time", "zone"):
		s.Name = "timezone"
	case p.acceptSeq("transaction", "isolation", "level"):
		s.Name = "transaction_isolation"
	case p.acceptSeq("session", "authorization"):
		s.Name = "session_authorization"
	default:
		s.Name = p.paramName()
	}
	s.Span = p.span(from)
	return s
}

// isShowEnd says whether a statement that needs a name ends behind its n words.
func (p *parser) isShowEnd(n int, needsName bool) bool {
	if !needsName {
		return false
	}
	l := p.ahead()
	for range n - 1 {
		l.Next()
	}
	k := l.Next().Kind
	return k == lex.EOF || k == lex.Semicolon
}

// showTail reads LIKE and LIMIT, and leaves other clauses as text.
func (p *parser) showTail(s *ast.ShowObjects) {
	start := p.tok.Pos
	for !p.atEnd() {
		switch {
		case p.word == "like" && p.peekKind(lex.String):
			p.next()
			text := p.str()
			s.Like = &text
		case p.word == "limit":
			p.next()
			s.Limit = p.expr()
		default:
			p.next()
			s.Rest = p.src[start:p.prevEnd]
		}
	}
}
