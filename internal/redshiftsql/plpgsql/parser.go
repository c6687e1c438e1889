package plpgsql

import (
	"unicode/utf8"

	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/parse"
)

// maxDepth bounds blocks in blocks.
const maxDepth = 200

// Parse reads the body of a procedure. The error is a *parse.Error, whose places
// are in the body.
func Parse(body string) (block *Block, err error) {
	p := &parser{src: body, lx: lex.New(body)}
	defer func() {
		if r := recover(); r != nil {
			b, ok := r.(bailout)
			if !ok {
				panic(r)
			}
			block, err = nil, b.err
		}
	}()
	p.next()
	block = p.block(p.label())
	if p.tok.Kind == lex.Semicolon {
		p.next()
	}
	if p.tok.Kind != lex.EOF {
		p.fail()
	}
	return block, nil
}

type bailout struct{ err *parse.Error }

// parser is the state of one descent; it leaves by panic(bailout).
type parser struct {
	src   string
	lx    lex.Lexer
	tok   lex.Token
	word  string // tok folded when it is an unquoted word
	depth int
}

func (p *parser) next() {
	p.tok = p.lx.Next()
	p.word = ""
	switch p.tok.Kind {
	case lex.Ident:
		p.word = lex.Fold(p.tok.Text(p.src))
	case lex.Invalid:
		p.failWith(p.tok.Pos, "42601", p.lx.Message())
	}
}

// seek goes on at an offset.
func (p *parser) seek(offset int) {
	p.lx = lex.At(p.src, offset)
	p.next()
}

// peek is the token behind tok.
func (p *parser) peek() lex.Token {
	l := p.lx
	return l.Next()
}

func (p *parser) fail() {
	if p.tok.Kind == lex.EOF {
		p.failWith(p.tok.Pos, "42601", "syntax error at end of input")
	}
	text := p.tok.Text(p.src)
	if len(text) > 40 {
		end := 40
		for !utf8.RuneStart(text[end]) {
			end--
		}
		text = text[:end]
	}
	p.failWith(p.tok.Pos, "42601", "syntax error at or near \""+text+"\"")
}

func (p *parser) failWith(offset int, state, message string) {
	panic(bailout{&parse.Error{
		SQLState: state, Message: message, Offset: offset,
		Position: utf8.RuneCountInString(p.src[:offset]) + 1,
	}})
}

func (p *parser) accept(w string) bool {
	if p.word != w {
		return false
	}
	p.next()
	return true
}

func (p *parser) expect(words ...string) {
	for _, w := range words {
		if !p.accept(w) {
			p.fail()
		}
	}
}

func (p *parser) expectKind(k lex.Kind) {
	if p.tok.Kind != k {
		p.fail()
	}
	p.next()
}

// name reads a name.
func (p *parser) name() string {
	if p.tok.Kind != lex.QuotedIdent && (p.tok.Kind != lex.Ident || lex.IsReserved(p.word)) {
		p.fail()
	}
	return p.anyName()
}

func (p *parser) anyName() string {
	switch p.tok.Kind {
	case lex.Ident, lex.QuotedIdent:
	default:
		p.fail()
	}
	name, _ := lex.IdentValue(p.tok.Text(p.src))
	p.next()
	return lex.Fold(name)
}

// ref reads a name of up to three parts.
func (p *parser) ref() Ref {
	r := Ref{Pos: p.tok.Pos}
	if p.tok.Kind == lex.Param {
		r.Parts = []string{p.tok.Text(p.src)}
		p.next()
		return r
	}
	r.Parts = []string{p.name()}
	for p.tok.Kind == lex.Dot && len(r.Parts) < 3 {
		p.next()
		r.Parts = append(r.Parts, p.anyName())
	}
	return r
}

// refs reads names with commas between them.
func (p *parser) refs() []Ref {
	list := []Ref{p.ref()}
	for p.tok.Kind == lex.Comma {
		p.next()
		list = append(list, p.ref())
	}
	return list
}

// label reads <<label>>, or nothing.
func (p *parser) label() string {
	if p.tok.Kind != lex.Shl {
		return ""
	}
	p.next()
	l := p.name()
	p.expectKind(lex.Shr)
	return l
}

// nest walks the tokens of SQL and knows how deep in parentheses and in CASE they are.
type nest struct{ parens, cases int }

func (n *nest) see(t lex.Token, word string) {
	switch {
	case t.Kind == lex.LParen, t.Kind == lex.LBracket:
		n.parens++
	case t.Kind == lex.RParen, t.Kind == lex.RBracket:
		n.parens--
	case word == "case":
		n.cases++
	case word == "end" && n.cases > 0:
		n.cases--
	}
}

func (n *nest) top() bool { return n.parens <= 0 && n.cases == 0 }

// sqlUntil reads SQL up to a semicolon, or to one of the words outside of
// parentheses and CASE; what ends it is left to be read.
func (p *parser) sqlUntil(words ...string) SQL {
	s := SQL{Pos: p.tok.Pos}
	end := p.tok.Pos
	var n nest
	for {
		if p.tok.Kind == lex.EOF {
			p.fail()
		}
		if p.tok.Kind == lex.Semicolon {
			break
		}
		if n.top() && (p.tok.Kind == lex.Comma || p.tok.Kind == lex.RParen) && contains(words, ",") {
			break
		}
		if n.top() && p.word != "" && contains(words, p.word) {
			break
		}
		n.see(p.tok, p.word)
		end = p.tok.End
		p.next()
	}
	if end == s.Pos {
		p.fail()
	}
	s.Text = p.src[s.Pos:end]
	return s
}

func contains(words []string, w string) bool {
	for _, x := range words {
		if x == w {
			return true
		}
	}
	return false
}

// sqlList reads expressions with commas between them, up to a semicolon, a closing
// parenthesis or one of the words.
func (p *parser) sqlList(words ...string) []SQL {
	words = append(words, ",")
	list := []SQL{p.sqlUntil(words...)}
	for p.tok.Kind == lex.Comma {
		p.next()
		list = append(list, p.sqlUntil(words...))
	}
	return list
}

func (p *parser) enter() {
	if p.depth++; p.depth > maxDepth {
		p.failWith(p.tok.Pos, "54001", "procedure is too complex: it nests deeper than 200 levels")
	}
}

func (p *parser) leave() { p.depth-- }
