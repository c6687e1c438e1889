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

// hint knows common ways to go wrong by the word at which the parser stopped.
func (p *parser) hint() string {
	if p.qualified {
		return "QUALIFY directly behind FROM is read as an alias: give the table one of its own (r_QUALIFY_clause)."
	}
	switch p.tok.Kind {
	case lex.EString:
		return "Redshift has no E'...' strings; a backslash escapes in an ordinary '...' string."
	case lex.BitString:
		return "Redshift has no bit strings; make a VARBYTE with to_varbyte('1f', 'hex')."
	case lex.Assign:
		return "Redshift assigns with = in UPDATE and SET."
	case lex.Ident:
	default:
		return ""
	}
	switch p.word {
	case "on":
		if p.peekIs("conflict") {
			return "ON CONFLICT is PostgreSQL's; Redshift merges with MERGE, or DELETE and INSERT in one transaction."
		}
	case "returning":
		return "RETURNING is PostgreSQL's; Redshift returns no rows from INSERT, UPDATE and DELETE."
	case "for":
		if !p.peekIs("update") && !p.peekIs("share") {
			return ""
		}
		return "Redshift has no row locks (FOR UPDATE, FOR SHARE); LOCK takes a whole table."
	case "fetch":
		return "Redshift limits with LIMIT n or SELECT TOP n."
	case "lateral":
		return "Redshift has no LATERAL; a SUPER array is unnested by FROM t, t.arr AS x."
	case "values":
		return "Redshift has VALUES in INSERT and MERGE alone; write SELECT … UNION ALL SELECT …."
	case "tablesample":
		return "Redshift has no TABLESAMPLE."
	case "only":
		return "Redshift has no table inheritance, and so no ONLY."
	}
	if lex.IsReserved(p.word) {
		switch p.word {
		case "tag", "user", "open", "oid", "system", "percent", "raw", "top", "new", "old", "snapshot",
			"timestamp", "offset", "partition", "identity", "language", "parallel", "delta", "resort", "recover":
			return `"` + p.word + `" is a reserved word; as a name it stands in double quotes.`
		}
	}
	return ""
}
