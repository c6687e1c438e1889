package lex

import (
	"iter"
	"strings"
)

// Statement is one statement of a script.
type Statement struct {
	// Text is src[Start:End]: from the first comment or token to the last
	// token, without the semicolon.
	Text  string
	Start int
	End   int
}

// Split yields the statements of src, cut at the semicolons that are in no
// string, name or comment. Statements without a token are left out. At text
// that cannot be a token (an unterminated string, say) it yields the statement
// from its start to the end of src with an *Error, and stops.
func Split(src string) iter.Seq2[Statement, error] {
	return func(yield func(Statement, error) bool) {
		l := New(src)
		for {
			start := skipBlanks(src, l.pos)
			end := -1
			for {
				t := l.Next()
				if t.Kind == Invalid {
					yield(Statement{Text: src[start:], Start: start, End: len(src)}, &Error{Message: l.msg, Pos: t.Pos})
					return
				}
				if t.Kind == Semicolon || t.Kind == EOF {
					if end >= 0 && !yield(Statement{Text: src[start:end], Start: start, End: end}, nil) {
						return
					}
					if t.Kind == EOF {
						return
					}
					break
				}
				end = t.End
			}
		}
	}
}

func skipBlanks(src string, i int) int {
	for i < len(src) {
		switch {
		case class[src[i]] == clsSpace:
			i++
		case strings.HasPrefix(src[i:], bom):
			i += len(bom)
		default:
			return i
		}
	}
	return i
}

// FirstKeyword is the first word of a statement in lower case, past comments,
// semicolons and opening parentheses: "select" for "(SELECT 1)". It is "" when
// the text begins with anything but a word.
func FirstKeyword(src string) string {
	l := New(src)
	for {
		switch t := l.Next(); t.Kind {
		case LParen, Semicolon:
		case Ident:
			return Fold(t.Text(src))
		default:
			return ""
		}
	}
}
