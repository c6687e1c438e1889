package parse

import (
	"errors"
	"unicode/utf8"

	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
)

// ErrEmpty is what Statement returns for a text without a statement. The
// protocol answers it with EmptyQueryResponse.
var ErrEmpty = errors.New("empty statement")

// Error is a syntax error as PostgreSQL and Redshift report one.
type Error struct {
	// SQLState is 42601, or 54001 for a statement that is too complex.
	SQLState string
	// Message is the text: syntax error at or near "x".
	Message string
	// Position is 1-based, in characters and not bytes, from the start of the
	// source; as in the protocol's field P.
	Position int
	// Offset is the same place as a 0-based byte offset.
	Offset int
	// Hint says what to write instead; "" in general.
	Hint string
}

// Error implements error. The hint is a field of its own on the wire and not
// part of it.
func (e *Error) Error() string { return e.Message }

const syntaxError = "42601"

// fail leaves with a syntax error at the token to be read next.
func (p *parser) fail() { p.failHint(p.hint()) }

func (p *parser) failHint(hint string) {
	if p.tok.Kind == lex.EOF {
		p.failWith(p.tok.Pos, syntaxError, "syntax error at end of input", hint)
	}
	p.failWith(p.tok.Pos, syntaxError, `syntax error at or near "`+p.near()+`"`, hint)
}

// near is the text of the next token, shortened where it is a long string.
func (p *parser) near() string { return shorten(p.tok.Text(p.src)) }

func shorten(s string) string {
	const limit = 64
	if len(s) <= limit {
		return s
	}
	n := limit
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "..."
}

func (p *parser) failLex() {
	msg := p.lx.Message()
	if msg == "unexpected character" {
		msg = "syntax error"
	}
	p.failWith(p.tok.Pos, syntaxError, msg+` at or near "`+p.near()+`"`, "")
}

// failAt leaves with a message of its own about the place of a node.
func (p *parser) failAt(pos int, message, hint string) {
	p.failWith(pos, syntaxError, message, hint)
}

func (p *parser) failWith(pos int, state, message, hint string) {
	panic(bailout{&Error{
		SQLState: state,
		Message:  message,
		Position: utf8.RuneCountInString(p.src[:min(pos, len(p.src))]) + 1,
		Offset:   pos,
		Hint:     hint,
	}})
}
