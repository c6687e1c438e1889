// Package fingerprint tells statements apart by their shape, so that the same
// query with other values counts as the same.
package fingerprint

import (
	"hash/fnv"
	"strings"

	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
)

// Hash is a stable 64-bit hash (FNV-1a) of a statement's Shape. It is the same
// in every process and version as long as the shape is.
func Hash(sql string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(Shape(sql)))
	return h.Sum64()
}

// Shape is the statement with every literal and parameter as ?, words in lower
// case, one blank where one is needed, no comments and no semicolon at the end.
// A list of values behind IN is one ?, and of the rows behind VALUES that look
// alike one is kept. NULL, TRUE and FALSE stay. It never fails: what is
// unterminated is a ? up to the end. A shape's shape is itself.
func Shape(sql string) string {
	b := builder{src: sql, lx: lex.New(sql)}
	return b.run()
}

type builder struct {
	src string
	lx  lex.Lexer
	out []string // the tokens so far
	in  int      // index of the ( behind IN while only ? and commas follow, else 0
	row int      // index of the ( of the row behind VALUES that is being read, else 0
	// prevRow is where the last complete row of a VALUES begins, else 0.
	prevRow int
	nest    int // parentheses open within the row
}

func (b *builder) run() string {
	for {
		tok := b.lx.Next()
		text := ""
		switch tok.Kind {
		case lex.EOF:
			for len(b.out) > 0 && b.out[len(b.out)-1] == ";" {
				b.out = b.out[:len(b.out)-1]
			}
			return b.join()
		case lex.Invalid:
			text = "?"
		case lex.Int, lex.Decimal, lex.Float:
			b.sign()
			text = "?"
		case lex.String, lex.DollarString, lex.EString, lex.BitString, lex.Param:
			text = "?"
		case lex.Ident:
			text = lex.Fold(tok.Text(b.src))
		case lex.QuotedIdent:
			text = quoted(tok.Text(b.src))
		default:
			text = tok.Kind.String()
		}
		b.add(text)
	}
}

// quoted drops quotes that change nothing.
func quoted(text string) string {
	name, _ := lex.IdentValue(text)
	l := lex.New(name)
	t := l.Next()
	if t.Kind == lex.Ident && t.Pos == 0 && t.End == len(name) && lex.Fold(name) == name && !lex.IsReserved(name) {
		return name
	}
	return text
}

func (b *builder) last(n int) string {
	if len(b.out) < n {
		return ""
	}
	return b.out[len(b.out)-n]
}

// sign drops the sign of a number, which is not an operator where nothing
// stands to its left that could be its operand.
func (b *builder) sign() {
	for s := b.last(1); s == "-" || s == "+"; s = b.last(1) {
		switch left := b.last(2); left {
		case "", "(", ",", "[", "=", "<", "<=", ">", ">=", "<>", "+", "-", "*", "/", "%", "||", "::", ";":
		default:
			if !lex.IsReserved(left) {
				return
			}
			switch left {
			case "null", "true", "false", "end", "sysdate", "user", "current_date", "current_timestamp":
				return
			}
		}
		b.out = b.out[:len(b.out)-1]
	}
}

func (b *builder) add(text string) {
	prev := b.last(1)
	if text == ";" && (prev == ";" || prev == "") {
		return
	}
	b.out = append(b.out, text)
	at := len(b.out) - 1
	b.collapseIn(text, prev, at)
	b.collapseRows(text, prev, at)
}

func (b *builder) collapseIn(text, prev string, at int) {
	switch {
	case text == "(" && prev == "in":
		b.in = at
	case b.in == 0 || text == "?" || text == ",":
	case (text == "-" || text == "+") && (prev == "(" || prev == ","): // a sign
	case text == ")" && at > b.in+1:
		b.out = append(b.out[:b.in+1], "?", ")")
		b.in = 0
	default:
		b.in = 0
	}
}

func (b *builder) collapseRows(text, prev string, at int) {
	if b.row > 0 {
		at = len(b.out) - 1 // an IN list within may have shrunk
		switch text {
		case "(":
			b.nest++
		case ")":
			b.nest--
		}
		if b.nest > 0 {
			return
		}
		row := b.row
		b.row = 0
		if b.prevRow > 0 && same(b.out[b.prevRow:row-1], b.out[row:at+1]) {
			b.out = b.out[:row-1] // the comma goes too
			return
		}
		b.prevRow = row
		return
	}
	switch {
	case text == "(" && prev == "values":
		b.row, b.prevRow, b.nest = at, 0, 1
	case text == "(" && prev == "," && b.prevRow > 0:
		b.row, b.nest = at, 1
	case text == "," && prev == ")" && b.prevRow > 0:
	default:
		b.prevRow = 0
	}
}

func same(a, b []string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// join writes the tokens with blanks where they read better, whatever the
// source had.
func (b *builder) join() string {
	var s strings.Builder
	prev := ""
	for _, t := range b.out {
		if prev != "" && blank(prev, t) {
			s.WriteByte(' ')
		}
		s.WriteString(t)
		prev = t
	}
	return s.String()
}

func blank(prev, next string) bool {
	switch prev {
	case "(", ".", "[", "::":
		return false
	}
	switch next {
	case ")", ",", ".", "]", "[", "::", ";":
		return false
	case "(":
		c := prev[len(prev)-1]
		word := c == '_' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9'
		return !word || lex.IsReserved(prev) || prev == "values"
	}
	return true
}
