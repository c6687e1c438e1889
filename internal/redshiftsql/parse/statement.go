package parse

import (
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
)

// statement reads one statement up to its semicolon or the end.
func (p *parser) statement() ast.Stmt {
	if p.tok.Kind == lex.LParen {
		return p.query()
	}
	from := p.tok.Pos
	switch p.word {
	case "select":
		return p.query()
	case "with":
		return p.withStatement()
	case "insert":
		return p.insert()
	case "update":
		return p.update(nil, from)
	case "delete":
		return p.delete(nil, from)
	case "merge":
		return p.merge()
	case "copy":
		return p.copy()
	case "unload":
		return p.unload()
	case "truncate":
		p.next()
		p.accept("table")
		t := p.name()
		return &ast.Truncate{Span: p.span(from), Table: t}
	case "create":
		return p.create()
	case "drop":
		return p.drop()
	case "alter":
		return p.alter()
	case "refresh":
		return p.refresh()
	case "comment":
		return p.comment()
	case "grant":
		return p.grant()
	case "revoke":
		return p.revoke()
	case "call":
		p.next()
		at := p.tok.Pos
		name := p.name()
		c := p.call(name, at)
		return &ast.Call{Span: p.span(from), Call: c}
	}
	if s := p.sessionStatement(); s != nil {
		return s
	}
	if s := p.utility(); s != nil {
		return s
	}
	p.failStatement()
	return nil
}

// withStatement reads WITH and the query, UPDATE or DELETE behind it.
func (p *parser) withStatement() ast.Stmt {
	from := p.tok.Pos
	w := p.with()
	switch p.word {
	case "update":
		return p.update(w, from)
	case "delete":
		return p.delete(w, from)
	}
	q := &ast.Query{With: w}
	at := p.tok.Pos
	q.Body = p.setOps(p.queryTerm(), at)
	p.queryEnd(q)
	q.Span = p.span(from)
	return q
}

// utilities are the verbs of statements that are known and not parsed, longest
// first where one begins another.
var utilities = [...][]string{
	{"create", "or", "replace", "library"},
	{"create", "or", "replace", "template"},
	{"create", "external", "protected", "view"},
	{"create", "external", "model"},
	{"create", "external", "view"},
	{"create", "library"},
	{"create", "template"},
	{"create", "datashare"},
	{"create", "identity", "provider"},
	{"create", "masking", "policy"},
	{"create", "rls", "policy"},
	{"create", "model"},
	{"alter", "datashare"},
	{"alter", "external", "view"},
	{"alter", "identity", "provider"},
	{"alter", "masking", "policy"},
	{"alter", "rls", "policy"},
	{"alter", "system"},
	{"alter", "template"},
	{"alter", "model"},
	{"attach", "masking", "policy"},
	{"attach", "rls", "policy"},
	{"detach", "masking", "policy"},
	{"detach", "rls", "policy"},
	{"desc", "datashare"},
	{"desc", "identity", "provider"},
	{"drop", "datashare"},
	{"drop", "external", "view"},
	{"drop", "identity", "provider"},
	{"drop", "library"},
	{"drop", "masking", "policy"},
	{"drop", "model"},
	{"drop", "rls", "policy"},
	{"drop", "template"},
}

// utility reads a statement of a known verb that this grammar leaves alone. It
// is nil, with nothing read, for others.
func (p *parser) utility() ast.Stmt {
	for _, words := range utilities {
		if p.word == words[0] && p.isSeq(words...) {
			verb := make([]string, 0, len(words))
			for i, w := range words {
				if w == "or" || w == "replace" && i > 0 && words[i-1] == "or" {
					continue
				}
				verb = append(verb, w)
			}
			return p.utilityAs(verb...)
		}
	}
	return nil
}

// utilityAs reads the rest of the statement as a Utility of this verb.
func (p *parser) utilityAs(verb ...string) ast.Stmt {
	return p.utilityFrom(p.tok.Pos, verb...)
}

func (p *parser) utilityFrom(from int, verb ...string) ast.Stmt {
	p.skipRest()
	return &ast.Utility{Span: p.span(from), Verb: upper(verb)}
}

func upper(words []string) string {
	var b []byte
	for i, w := range words {
		if i > 0 {
			b = append(b, ' ')
		}
		for j := range len(w) {
			c := w[j]
			if c >= 'a' && c <= 'z' {
				c -= 'a' - 'A'
			}
			b = append(b, c)
		}
	}
	return string(b)
}
