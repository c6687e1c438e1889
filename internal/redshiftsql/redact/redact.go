// Package redact hides the secrets of a statement before it is logged, traced
// or shown: passwords, access keys, tokens and encryption keys become ***.
package redact

import (
	"regexp"
	"strings"

	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
)

// mask stands for what was taken out.
const mask = "'***'"

// maxDepth bounds statements inside strings inside statements.
const maxDepth = 4

// words are those behind which a secret may stand. A text with none of them has
// none.
var words = []string{
	"password", "credentials", "access_key", "token", "symmetric_key", "client_secret", "parameters",
}

// pairs are secrets as CREDENTIALS writes them, wherever they stand: the last
// resort for text whose quotes do not match, and for comments.
var pairs = regexp.MustCompile(`(?i)(aws_access_key_id|aws_secret_access_key|aws_session_token|master_symmetric_key|;\s*token)(\s*=\s*)[^;'"\s]+`)

// SQL is the statement, or script, with its secrets masked. It never fails: of
// text that cannot be read to its end it keeps less. Text without a secret comes
// back as it is. The result is for people to read and need not parse.
func SQL(sql string) string { return redact(sql, 0) }

func redact(sql string, depth int) string {
	if !mentions(sql) {
		return sql
	}
	r := redactor{src: sql, lx: lex.New(sql), depth: depth}
	return pairs.ReplaceAllString(r.run(), "${1}${2}***")
}

// mentions says whether one of the words is in the text, in any case.
func mentions(s string) bool { return firstMention(s) >= 0 }

func firstMention(s string) int {
	first := -1
	for _, w := range words {
		if i := indexFold(s, w); i >= 0 && (first < 0 || i < first) {
			first = i
		}
	}
	return first
}

// indexFold finds a lower-case word without regard to case.
func indexFold(s, word string) int {
	for i := 0; i+len(word) <= len(s); i++ {
		if s[i]|0x20 == word[0]|0x20 && strings.EqualFold(s[i:i+len(word)], word) {
			return i
		}
	}
	return -1
}

type redactor struct {
	src   string
	lx    lex.Lexer
	depth int
	out   strings.Builder

	done  int // src[:done] is written
	n     int // tokens read of the current statement
	first string
	// user and provider say that it creates or alters such an object.
	user, provider bool
	// secret says that the next value is one; more, that the last one was and a
	// string behind it goes on with it.
	secret, more bool
	strEnd       int // offset behind the last token when that was a string
}

func (r *redactor) run() string {
	for {
		tok := r.lx.Next()
		r.gap(tok.Pos)
		if r.strEnd > 0 && tok.Pos == r.strEnd && sticks(tok.Kind) {
			// 'bob password 'S3cret': the quotes do not match, and what looks
			// like a string is not one.
			if r.cut(tok) {
				return r.out.String()
			}
		}
		r.strEnd = 0
		if r.more {
			r.secret = tok.Kind == lex.String || tok.Kind == lex.Invalid
			r.more = false
		}
		switch tok.Kind {
		case lex.EOF:
			r.copyTo(tok.Pos)
			return r.out.String()
		case lex.Invalid:
			if r.odd(tok) {
				break
			}
			if r.secret {
				r.copyTo(tok.Pos)
				r.out.WriteString("'***")
				return r.out.String()
			}
			if r.cut(tok) {
				return r.out.String()
			}
		case lex.Semicolon:
			r.copyTo(tok.End)
			r.n, r.first = 0, ""
			r.user, r.provider, r.secret = false, false, false
			continue
		case lex.String, lex.EString, lex.DollarString, lex.BitString:
			r.str(tok)
			r.strEnd = tok.End
		case lex.Ident:
			r.ident(tok)
		case lex.QuotedIdent:
			if r.secret && r.user {
				r.replace(tok, mask)
			}
			r.secret = false
		case lex.Eq, lex.Assign:
		default:
			if r.secret && r.user {
				r.replace(tok, mask) // PASSWORD 12345
			} else {
				r.secret = false
			}
		}
		r.n++
		r.copyTo(tok.End)
	}
}

func (r *redactor) copyTo(end int) {
	if end > r.done {
		r.out.WriteString(r.src[r.done:end])
		r.done = end
	}
}

func (r *redactor) replace(tok lex.Token, with string) {
	r.copyTo(tok.Pos)
	r.out.WriteString(with)
	r.done = tok.End
}

// gap writes the blanks and comments before a token. A comment may hold a
// statement that was put aside.
func (r *redactor) gap(to int) {
	if between := r.src[r.done:to]; mentions(between) {
		r.out.WriteString(" /* *** */ ")
		r.done = to
	}
}

func (r *redactor) ident(tok lex.Token) {
	word := lex.Fold(tok.Text(r.src))
	switch r.n {
	case 0:
		r.first = word
	case 1:
		if r.first == "create" || r.first == "alter" {
			r.user = word == "user"
			r.provider = word == "identity"
		}
	}
	switch word {
	case "password", "credentials", "access_key_id", "secret_access_key", "session_token", "master_symmetric_key",
		"aws_access_key_id", "aws_secret_access_key", "client_secret":
		r.secret = true
	case "token":
		r.secret = r.first == "copy" || r.first == "unload" || r.first == "create"
	case "parameters":
		r.secret = r.provider
	case "as", "to", "is":
	case "disable", "valid", "until":
		r.secret = false
	default:
		if r.secret && r.user {
			r.replace(tok, mask) // PASSWORD without quotes
		}
		r.secret = false
	}
}

func (r *redactor) str(tok lex.Token) {
	if r.secret {
		r.replace(tok, mask)
		r.secret, r.more = false, true
		return
	}
	text := tok.Text(r.src)
	if !mentions(text) {
		return
	}
	if r.depth >= maxDepth || pairs.MatchString(text) {
		r.replace(tok, mask)
		return
	}
	value := lex.StringValue(text)
	clean := redact(value, r.depth+1)
	if clean == value {
		return
	}
	if tok.Kind == lex.DollarString {
		tag := text[:strings.IndexByte(text[1:], '$')+2]
		r.replace(tok, tag+clean+tag)
		return
	}
	r.replace(tok, string(lex.AppendLiteral(nil, clean)))
}

// sticks says whether a token right behind a string's end shows that the quotes
// do not match.
func sticks(k lex.Kind) bool {
	switch k {
	case lex.Ident, lex.QuotedIdent, lex.Int, lex.Decimal, lex.Float, lex.EString, lex.BitString, lex.DollarString,
		lex.Param, lex.Invalid:
		return true
	}
	return false
}

// odd deals with a character that begins no token, and says whether it was one.
func (r *redactor) odd(tok lex.Token) bool {
	if r.lx.Message() != "unexpected character" {
		return false
	}
	if r.secret {
		r.replace(tok, mask)
		r.secret = r.user
	}
	return true
}

// cut writes what can be kept of text that is broken at a token, and says
// whether that was the end.
func (r *redactor) cut(tok lex.Token) bool {
	r.copyTo(tok.Pos)
	// The quotes before the break may not be where they were meant to be, so a
	// secret may be anywhere behind a word that announces one.
	all := r.out.String()
	if i := firstMention(all); i >= 0 {
		end := i
		for end < len(all) && isWord(all[end]) {
			end++
		}
		all = all[:end]
		r.out.Reset()
		r.out.WriteString(all)
		r.out.WriteString(" '***")
		return true
	}
	if i := firstMention(r.src[tok.Pos:]); i >= 0 {
		end := tok.Pos + i
		for end < len(r.src) && isWord(r.src[end]) {
			end++
		}
		r.copyTo(end)
		r.out.WriteString(" '***")
		return true
	}
	return false
}

func isWord(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}
