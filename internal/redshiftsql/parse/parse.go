// Package parse turns the text of Redshift's SQL into the nodes of package
// ast, by recursive descent, and reports errors as Redshift's server would.
//
// It is stricter than a formatter would like and more lenient than Redshift in
// one way only: what PostgreSQL has and Redshift refuses by meaning (FILTER,
// DISTINCT ON, IS DISTINCT FROM, array types) becomes a node, so that the
// binder can say what is wrong with it.
package parse

import (
	"iter"

	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
)

const (
	// maxDepth bounds how deep expressions and queries nest, so that neither
	// this parser nor a recursive reader of its trees runs out of stack.
	maxDepth = 500
	// maxChain bounds how many operators one expression chains, as a chain
	// of a thousand ORs is a tree a thousand levels deep.
	maxChain = 100_000
)

// Statement parses exactly one statement; a semicolon behind it is allowed.
// The error is an *Error, or ErrEmpty for a text of blanks and comments alone.
func Statement(src string) (stmt ast.Stmt, err error) {
	p := newParser(src)
	defer p.recover(&err)
	p.next()
	for p.tok.Kind == lex.Semicolon {
		p.next()
	}
	if p.tok.Kind == lex.EOF {
		return nil, ErrEmpty
	}
	s := p.statement()
	for p.tok.Kind == lex.Semicolon {
		p.next()
	}
	if p.tok.Kind != lex.EOF {
		p.fail()
	}
	return s, nil
}

// Script yields the statements of src one after the other, with positions
// counted from the start of src. It stops behind the first error, which comes
// with a nil statement. Empty statements are left out.
func Script(src string) iter.Seq2[ast.Stmt, error] {
	return func(yield func(ast.Stmt, error) bool) {
		p := newParser(src)
		if err := p.start(); err != nil {
			yield(nil, err)
			return
		}
		for {
			stmt, err := p.scriptNext()
			if stmt == nil && err == nil {
				return
			}
			if !yield(stmt, err) || err != nil {
				return
			}
		}
	}
}

func (p *parser) start() (err error) {
	defer p.recover(&err)
	p.next()
	return nil
}

func (p *parser) scriptNext() (stmt ast.Stmt, err error) {
	defer p.recover(&err)
	for p.tok.Kind == lex.Semicolon {
		p.next()
	}
	if p.tok.Kind == lex.EOF {
		return nil, nil
	}
	p.depth, p.chain, p.qualified = 0, 0, false
	s := p.statement()
	if p.tok.Kind != lex.Semicolon && p.tok.Kind != lex.EOF {
		p.fail()
	}
	return s, nil
}

// Expr parses one scalar expression, as in a DEFAULT clause. The error is an
// *Error.
func Expr(src string) (expr ast.Expr, err error) {
	p := newParser(src)
	defer p.recover(&err)
	p.next()
	e := p.expr()
	if p.tok.Kind != lex.EOF {
		p.fail()
	}
	return e, nil
}

// Type parses a type's name with its modifiers. The error is an *Error.
func Type(src string) (typ ast.TypeName, err error) {
	p := newParser(src)
	defer p.recover(&err)
	p.next()
	t := p.typeName()
	if p.tok.Kind != lex.EOF {
		p.fail()
	}
	return t, nil
}

// parser is the state of one descent. Its methods leave by panic(bailout) on a
// syntax error, which recover turns back into an error at the entry points.
type parser struct {
	src     string
	lx      lex.Lexer
	tok     lex.Token // the token to be read next
	word    string    // tok folded when it is an unquoted word, else ""
	prevEnd int       // offset behind the last token read

	peeked   bool // peekTok and peekWord hold what follows tok
	peekTok  lex.Token
	peekWord string

	depth     int
	chain     int
	allowStar bool // the expression about to be parsed may be t.*
	connectBy bool // PRIOR is an operator
	noCollate bool // COLLATE is none
	inCatalog int  // how many calls of pg_catalog's functions are open
	qualified bool // a table took the bare word qualify for its alias
}

func newParser(src string) *parser { return &parser{src: src, lx: lex.New(src)} }

type bailout struct{ err *Error }

func (p *parser) recover(err *error) {
	switch r := recover().(type) {
	case nil:
	case bailout:
		*err = r.err
	default:
		panic(r)
	}
}

func (p *parser) next() {
	p.prevEnd = p.tok.End
	if p.peeked {
		p.tok, p.word, p.peeked = p.peekTok, p.peekWord, false
	} else {
		p.tok = p.lx.Next()
		p.word = ""
		if p.tok.Kind == lex.Ident {
			p.word = lex.Fold(p.src[p.tok.Pos:p.tok.End])
		}
	}
	if p.tok.Kind == lex.Invalid {
		p.failLex()
	}
}

// peek is the token behind tok and its folded word.
func (p *parser) peek() (lex.Token, string) {
	if !p.peeked {
		p.peekTok = p.lx.Next()
		p.peekWord = ""
		if p.peekTok.Kind == lex.Ident {
			p.peekWord = lex.Fold(p.src[p.peekTok.Pos:p.peekTok.End])
		}
		p.peeked = true
	}
	return p.peekTok, p.peekWord
}

// peekIs says whether the word behind tok is w.
func (p *parser) peekIs(w string) bool {
	_, got := p.peek()
	return got == w
}

// peekKind says whether the token behind tok is of kind k.
func (p *parser) peekKind(k lex.Kind) bool {
	t, _ := p.peek()
	return t.Kind == k
}

// ahead makes a lexer that stands behind tok, to look further than peek does.
func (p *parser) ahead() lex.Lexer { return lex.At(p.src, p.tok.End) }

// isSeq says whether the next words are these.
func (p *parser) isSeq(words ...string) bool {
	if p.word != words[0] {
		return false
	}
	l := p.ahead()
	for _, w := range words[1:] {
		t := l.Next()
		if t.Kind != lex.Ident || lex.Fold(t.Text(p.src)) != w {
			return false
		}
	}
	return true
}

// acceptSeq reads these words if they come next, all or none.
func (p *parser) acceptSeq(words ...string) bool {
	if !p.isSeq(words...) {
		return false
	}
	for range words {
		p.next()
	}
	return true
}

func (p *parser) accept(w string) bool {
	if p.word != w {
		return false
	}
	p.next()
	return true
}

func (p *parser) acceptKind(k lex.Kind) bool {
	if p.tok.Kind != k {
		return false
	}
	p.next()
	return true
}

func (p *parser) expect(words ...string) {
	for _, w := range words {
		if p.word != w {
			p.fail()
		}
		p.next()
	}
}

func (p *parser) expectKind(k lex.Kind) lex.Token {
	if p.tok.Kind != k {
		p.fail()
	}
	t := p.tok
	p.next()
	return t
}

// span is the range from an offset to the end of what was read.
func (p *parser) span(from int) ast.Span { return ast.Span{From: from, To: p.prevEnd} }

func (p *parser) enter() {
	p.depth++
	if p.depth > maxDepth {
		p.failWith(p.tok.Pos, "54001", "statement is too complex: it nests deeper than 500 levels", "")
	}
}

func (p *parser) leave() { p.depth-- }

func (p *parser) link() {
	p.chain++
	if p.chain > maxChain {
		p.failWith(p.tok.Pos, "54001", "statement is too complex: an expression chains too many operators", "")
	}
}

// atEnd says whether the statement may end here.
func (p *parser) atEnd() bool { return p.tok.Kind == lex.EOF || p.tok.Kind == lex.Semicolon }

// skipRest reads the tokens up to the end of the statement.
func (p *parser) skipRest() {
	for !p.atEnd() {
		p.next()
	}
}
