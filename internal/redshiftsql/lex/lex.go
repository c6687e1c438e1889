// Package lex cuts the text of Redshift's SQL into tokens, splits scripts at
// their semicolons, and quotes names and values.
//
// A Lexer works on a string, allocates nothing and never fails outright: what
// cannot be a token is a token of the kind Error, and the next call goes on
// behind it or, where the text is unterminated, at its end.
package lex

import (
	"fmt"
	"strings"
)

// backslashEscapes says whether a backslash inside '…' escapes the character
// behind it. Redshift descends from PostgreSQL 8.0, which knows nothing of
// standard_conforming_strings, and COPY's documentation writes '\\N' for \N in
// places: assumed to be on. This is the only switch.
const backslashEscapes = true

// Token is a piece of the source: src[Pos:End].
type Token struct {
	Kind Kind
	Pos  int // offset of the first byte
	End  int // offset behind the last byte
}

// Text is the token's text in src, which must be what the Lexer was made of.
func (t Token) Text(src string) string { return src[t.Pos:t.End] }

// Error is a lexical error.
type Error struct {
	Message string // "unterminated quoted string"
	Pos     int    // byte offset at which the bad token begins
}

// Error implements error.
func (e *Error) Error() string { return fmt.Sprintf("%s at byte %d", e.Message, e.Pos) }

// Lexer reads tokens from a string. It is a value: a copy is a place to come
// back to. It is not safe for concurrent use.
type Lexer struct {
	src string
	pos int
	msg string
}

// bom is a byte order mark. It is a blank wherever a token may begin, as
// scripts that were joined have it in their middle.
const bom = "\ufeff"

// New makes a Lexer at the start of src.
func New(src string) Lexer { return Lexer{src: src} }

// At makes a Lexer at a byte offset of src, which must not be inside a token.
func At(src string, offset int) Lexer { return Lexer{src: src, pos: offset} }

// Message says what is wrong with the last token of kind Error.
func (l *Lexer) Message() string { return l.msg }

const (
	clsOther = iota
	clsSpace
	clsIdent // letter, underscore, or a byte of a character outside ASCII
	clsDigit
)

var class [256]uint8

func init() {
	for c := range 256 {
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v':
			class[c] = clsSpace
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c >= 0x80:
			class[c] = clsIdent
		case c >= '0' && c <= '9':
			class[c] = clsDigit
		}
	}
}

func (l *Lexer) at(i int) byte {
	if i < len(l.src) {
		return l.src[i]
	}
	return 0
}

func (l *Lexer) tok(k Kind, end int) Token {
	t := Token{Kind: k, Pos: l.pos, End: end}
	l.pos = end
	return t
}

func (l *Lexer) fail(msg string, end int) Token {
	l.msg = msg
	return l.tok(Invalid, end)
}

// Next is the next token. At the end of the source it is EOF, for ever.
func (l *Lexer) Next() Token {
	src := l.src
	if bad := l.skip(); bad >= 0 {
		l.pos = bad
		return l.fail("unterminated /* comment", len(src))
	}
	if l.pos >= len(src) {
		return Token{Kind: EOF, Pos: len(src), End: len(src)}
	}
	c := src[l.pos]
	switch class[c] {
	case clsIdent:
		return l.word()
	case clsDigit:
		return l.number()
	}
	n := func(i int) byte { return l.at(l.pos + i) }
	switch c {
	case '\'':
		return l.str(String, l.pos+1, backslashEscapes)
	case '"':
		return l.quoted()
	case '$':
		return l.dollar()
	case ',':
		return l.tok(Comma, l.pos+1)
	case '(':
		return l.tok(LParen, l.pos+1)
	case ')':
		return l.tok(RParen, l.pos+1)
	case '.':
		if class[n(1)] == clsDigit {
			return l.number()
		}
		return l.tok(Dot, l.pos+1)
	case ';':
		return l.tok(Semicolon, l.pos+1)
	case '#':
		if class[n(1)] == clsIdent && !l.sticks() {
			return l.word()
		}
		return l.tok(Hash, l.pos+1)
	}
	return l.operator(c, n)
}

// sticks says whether the next byte stands right behind an operand. There #
// is the operator and elsewhere, before a letter, the beginning of a temporary
// table's name: a#b and a # b are exclusive or, from #b is a table (assumed).
func (l *Lexer) sticks() bool {
	if l.pos == 0 {
		return false
	}
	switch c := l.src[l.pos-1]; c {
	case ')', ']', '"', '\'', '$':
		return true
	default:
		return class[c] == clsIdent || class[c] == clsDigit
	}
}

func (l *Lexer) operator(c byte, n func(int) byte) Token {
	p := l.pos
	switch c {
	case '[':
		return l.tok(LBracket, p+1)
	case ']':
		return l.tok(RBracket, p+1)
	case '=':
		return l.tok(Eq, p+1)
	case '+':
		return l.tok(Plus, p+1)
	case '-':
		return l.tok(Minus, p+1)
	case '*':
		return l.tok(Star, p+1)
	case '/':
		return l.tok(Slash, p+1)
	case '%':
		return l.tok(Percent, p+1)
	case '^':
		return l.tok(Caret, p+1)
	case '&':
		return l.tok(Amp, p+1)
	case '@':
		return l.tok(AtSign, p+1)
	case ':':
		switch n(1) {
		case ':':
			return l.tok(ColonColon, p+2)
		case '=':
			return l.tok(Assign, p+2)
		}
		return l.tok(Colon, p+1)
	case '<':
		switch n(1) {
		case '=':
			return l.tok(Le, p+2)
		case '>':
			return l.tok(Ne, p+2)
		case '<':
			return l.tok(Shl, p+2)
		}
		return l.tok(Lt, p+1)
	case '>':
		switch n(1) {
		case '=':
			return l.tok(Ge, p+2)
		case '>':
			return l.tok(Shr, p+2)
		}
		return l.tok(Gt, p+1)
	case '|':
		switch {
		case n(1) == '|' && n(2) == '/':
			return l.tok(Cbrt, p+3)
		case n(1) == '|':
			return l.tok(Concat, p+2)
		case n(1) == '/':
			return l.tok(Sqrt, p+2)
		}
		return l.tok(Pipe, p+1)
	case '~':
		switch {
		case n(1) == '~' && n(2) == '*':
			return l.tok(ILikeOp, p+3)
		case n(1) == '~':
			return l.tok(LikeOp, p+2)
		case n(1) == '*':
			return l.tok(MatchI, p+2)
		}
		return l.tok(Tilde, p+1)
	case '!':
		switch {
		case n(1) == '=':
			return l.tok(Ne, p+2)
		case n(1) == '~' && n(2) == '~' && n(3) == '*':
			return l.tok(NotILikeOp, p+4)
		case n(1) == '~' && n(2) == '~':
			return l.tok(NotLikeOp, p+3)
		case n(1) == '~' && n(2) == '*':
			return l.tok(NotMatchI, p+3)
		case n(1) == '~':
			return l.tok(NotMatch, p+2)
		}
	}
	return l.fail("unexpected character", p+1)
}

// skip passes blanks and comments. It returns the offset of an unterminated
// comment, or -1.
func (l *Lexer) skip() int {
	src, i := l.src, l.pos
	for i < len(src) {
		c := src[i]
		switch {
		case class[c] == clsSpace:
			i++
		case c == '-' && l.at(i+1) == '-':
			nl := strings.IndexByte(src[i:], '\n')
			if nl < 0 {
				l.pos = len(src)
				return -1
			}
			i += nl + 1
		case c == '/' && l.at(i+1) == '*':
			end := commentEnd(src, i)
			if end < 0 {
				return i
			}
			i = end
		case c == bom[0] && strings.HasPrefix(src[i:], bom):
			i += len(bom)
		default:
			l.pos = i
			return -1
		}
	}
	l.pos = i
	return -1
}

// commentEnd is the offset behind the comment that begins at i, or -1.
func commentEnd(src string, i int) int {
	depth := 0
	for i < len(src)-1 {
		switch {
		case src[i] == '/' && src[i+1] == '*':
			depth++
			i += 2
		case src[i] == '*' && src[i+1] == '/':
			depth--
			i += 2
			if depth == 0 {
				return i
			}
		default:
			i++
		}
	}
	return -1
}

func (l *Lexer) word() Token {
	i := l.pos + 1
	for i < len(l.src) {
		c := l.src[i]
		if k := class[c]; k != clsIdent && k != clsDigit && c != '$' {
			break
		}
		i++
	}
	// E'…', B'…', X'…', N'…': PostgreSQL's prefixes. Kept as one token so that
	// they are refused as what they are.
	if i == l.pos+1 && i < len(l.src) && l.src[i] == '\'' {
		switch l.src[l.pos] {
		case 'e', 'E':
			return l.str(EString, i+1, true)
		case 'b', 'B', 'x', 'X':
			return l.str(BitString, i+1, false)
		}
	}
	return l.tok(Ident, i)
}

func (l *Lexer) number() Token {
	i, kind := l.pos, Int
	digits := func() {
		for i < len(l.src) && class[l.src[i]] == clsDigit {
			i++
		}
	}
	digits()
	if l.at(i) == '.' {
		kind = Decimal
		i++
		digits()
	}
	if c := l.at(i); c == 'e' || c == 'E' {
		j := i + 1
		if s := l.at(j); s == '+' || s == '-' {
			j++
		}
		if class[l.at(j)] == clsDigit {
			kind = Float
			i = j
			digits()
		}
	}
	return l.tok(kind, i)
}

func (l *Lexer) str(kind Kind, i int, escapes bool) Token {
	src := l.src
	for i < len(src) {
		switch src[i] {
		case '\'':
			if l.at(i+1) != '\'' {
				return l.tok(kind, i+1)
			}
			i += 2
		case '\\':
			if escapes {
				i++
			}
			i++
		case 0:
			return l.nul()
		default:
			i++
		}
	}
	return l.fail("unterminated quoted string", len(src))
}

// nul refuses a zero byte inside quotes: the protocol ends a text there.
func (l *Lexer) nul() Token { return l.fail("zero byte in SQL text", len(l.src)) }

func (l *Lexer) quoted() Token {
	src, start := l.src, l.pos+1
	for i := start; i < len(src); i++ {
		switch src[i] {
		case '"':
			if l.at(i+1) == '"' {
				i++
				continue
			}
			if i == start {
				return l.fail("zero-length delimited identifier", i+1)
			}
			return l.tok(QuotedIdent, i+1)
		case 0:
			return l.nul()
		}
	}
	return l.fail("unterminated quoted identifier", len(src))
}

func (l *Lexer) dollar() Token {
	src, i := l.src, l.pos+1
	if class[l.at(i)] == clsDigit {
		for i < len(src) && class[src[i]] == clsDigit {
			i++
		}
		return l.tok(Param, i)
	}
	for i < len(src) && (class[src[i]] == clsIdent || class[src[i]] == clsDigit) {
		i++
	}
	if l.at(i) != '$' {
		return l.fail("unexpected character", l.pos+1)
	}
	tag := src[l.pos : i+1]
	end := strings.Index(src[i+1:], tag)
	if end < 0 {
		return l.fail("unterminated dollar-quoted string", len(src))
	}
	if strings.IndexByte(src[i+1:i+1+end], 0) >= 0 {
		return l.nul()
	}
	return l.tok(DollarString, i+1+end+len(tag))
}
