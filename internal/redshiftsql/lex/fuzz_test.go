package lex

import (
	"strings"
	"testing"
)

var seeds = []string{
	"", "select 1; select 'a;b' -- c\n; /* d */", `'\`, `"`, "$a$ x $a$", "a#b #c", "1.e5..2", "'a''b\\'c'", "\ufeff; \ufeffa\ufeffb",
	"/* /* */", "$1$2", "E'\\'' x'1' !~~* ||/", "\x00", "'\x00'", "é$ü$é",
}

// FuzzLexer: tokens go forward, lie within the source, and only blanks and
// comments stand between them.
func FuzzLexer(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		l := New(src)
		end := 0
		for n := 0; ; n++ {
			tok := l.Next()
			if tok.Pos < end || tok.End < tok.Pos || tok.End > len(src) {
				t.Fatalf("%q: %+v after %d", src, tok, end)
			}
			between := src[end:tok.Pos]
			if gap := New(between); between != "" && tok.Kind != Invalid && gap.Next().Kind != EOF {
				t.Fatalf("%q: skipped %q", src, between)
			}
			if tok.Kind == EOF {
				if again := l.Next(); again.Kind != EOF {
					t.Fatalf("%q: %+v after the end", src, again)
				}
				return
			}
			if tok.End == tok.Pos {
				t.Fatalf("%q: an empty token at %d", src, tok.Pos)
			}
			end = tok.End
			text := tok.Text(src)
			StringValue(text)
			IdentValue(text)
			if n > len(src) {
				t.Fatalf("%q: more tokens than bytes", src)
			}
		}
	})
}

// FuzzSplit: the pieces are in order, have no semicolon of their own, and
// splitting one again gives itself.
func FuzzSplit(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		end := 0
		for s, err := range Split(src) {
			if s.Start < end || s.End < s.Start || src[s.Start:s.End] != s.Text {
				t.Fatalf("%q: %+v", src, s)
			}
			if err != nil {
				return
			}
			end = s.End
			n := 0
			for again, err := range Split(s.Text) {
				n++
				if err != nil || again.Text != s.Text {
					t.Fatalf("%q: %q again: %q %v", src, s.Text, again.Text, err)
				}
			}
			if n != 1 {
				t.Fatalf("%q: %q splits into %d", src, s.Text, n)
			}
			if FirstKeyword(s.Text) != FirstKeyword(";"+s.Text) {
				t.Fatalf("%q: FirstKeyword", s.Text)
			}
		}
	})
}

// one fails unless quoted is exactly one token of this kind.
func one(t *testing.T, quoted string, kind Kind) {
	t.Helper()
	l := New(quoted)
	tok := l.Next()
	if tok.Kind != kind || tok.Pos != 0 || tok.End != len(quoted) || l.Next().Kind != EOF {
		t.Fatalf("%q is not one token: %+v", quoted, tok)
	}
}

// FuzzQuote: what is quoted comes back as one token with the same value, also
// for a server to which a backslash is nothing special.
func FuzzQuote(f *testing.F) {
	for _, s := range append(seeds, `'; drop table x; --`, `\'; drop table x; --`, `\`, `a\\'`, `"; --`) {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		lit, err := QuoteLiteral(s)
		if (err != nil) != strings.Contains(s, "\x00") {
			t.Fatalf("%q: %v", s, err)
		}
		if err == nil {
			one(t, lit, String)
			if got := StringValue(lit); got != s {
				t.Fatalf("%q came back as %q", s, got)
			}
			// By the standard's reading: after the quotes are paired off, none
			// is left inside.
			if inner := strings.ReplaceAll(lit[1:len(lit)-1], "''", ""); strings.Contains(inner, "'") {
				t.Fatalf("%q escapes from %s", s, lit)
			}
		}
		name, err := QuoteIdent(s)
		if (err != nil) != (s == "" || strings.Contains(s, "\x00")) {
			t.Fatalf("%q: %v", s, err)
		}
		if err == nil {
			one(t, name, QuotedIdent)
			if got, quoted := IdentValue(name); got != s || !quoted {
				t.Fatalf("%q came back as %q", s, got)
			}
		}
		one(t, string(AppendLiteral(nil, s)), String)
		if s != "" {
			one(t, string(AppendIdent(nil, s)), QuotedIdent)
		}
	})
}
