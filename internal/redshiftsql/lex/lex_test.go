package lex

import (
	"fmt"
	"strings"
	"testing"
)

func tokens(src string) string {
	var b strings.Builder
	l := New(src)
	for {
		t := l.Next()
		if t.Kind == EOF {
			return strings.TrimSpace(b.String())
		}
		if t.Kind == Invalid {
			fmt.Fprintf(&b, "!%s@%d:%d ", l.Message(), t.Pos, t.End)
			continue
		}
		switch t.Kind {
		case Ident, QuotedIdent:
			name, quoted := IdentValue(t.Text(src))
			fmt.Fprintf(&b, "%s@%d", name, t.Pos)
			if quoted {
				b.WriteString("q")
			}
		case String, DollarString, EString:
			fmt.Fprintf(&b, "%q@%d", StringValue(t.Text(src)), t.Pos)
		case Int, Decimal, Float, Param, BitString:
			fmt.Fprintf(&b, "%s(%s)", t.Kind, t.Text(src))
		default:
			b.WriteString(t.Kind.String())
		}
		b.WriteByte(' ')
	}
}

func TestTokens(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ src, want string }{
		{"", ""},
		{"\ufeffselect 1", "select@3 integer(1)"},
		{"SELECT Foo, \"Foo\", größe, _a$1", `select@0 foo@7 , Foo@12q , größe@19 , _a$1@28`},
		{"ÄB", "Äb@0"}, // only ASCII folds
		{`"a""b"`, `a"b@0q`},
		{`'it''s' 'a\'b' '\\' '\n\t\101\7x\q'`, `"it's"@0 "a'b"@8 "\\"@15 "\n\tA\axq"@20`},
		{"$$a'b$$ $x$ $$ $x$ $x$$x$", `"a'b"@0 " $$ "@8 ""@19`},
		{"E'a\\nb' e'x' b'01' X'1F' n'x'", `"a\nb"@0 "x"@8 bit string(b'01') bit string(X'1F') n@25 "x"@26`},
		{"1 1.5 .5 1. 1e9 1.5E-3 1e 1e+ 1.e5 1..2", "integer(1) decimal(1.5) decimal(.5) decimal(1.) float(1e9) float(1.5E-3) integer(1) e@24 integer(1) e@27 + float(1.e5) decimal(1.) decimal(.2)"},
		{"1abc a1", "integer(1) abc@1 a1@5"},
		{"$1 $23 $ $a", "parameter($1) parameter($23) !unexpected character@7:8 !unexpected character@9:10 a@10"},
		{"a.b.c t.* 1.a", "a@0 . b@2 . c@4 t@6 . * decimal(1.) a@12"},
		{"a<b<=c<>d!=e>=f>g=h", "a@0 < b@2 <= c@5 <> d@8 <> e@11 >= f@14 > g@16 = h@18"},
		{"|| | |/ ||/ & # ~ << >> ^ % @ :: : :=", "|| | |/ ||/ & # ~ << >> ^ % @ :: : :="},
		{"~ ~* !~ !~* ~~ ~~* !~~ !~~* !", "~ ~* !~ !~* ~~ ~~* !~~ !~~* !unexpected character@28:29"},
		{"a=-1 b*-2 c<-1", "a@0 = - integer(1) b@5 * - integer(2) c@10 < - integer(1)"},
		{"a::int[0]", "a@0 :: int@3 [ integer(0) ]"},
		{"#tmp from#t a#b a # b 5#3 (#x) 'a'#b", "#tmp@0 from@5 # t@10 a@12 # b@14 a@16 # b@20 integer(5) # integer(3) ( #x@27 ) \"a\"@31 # b@35"},
		{"a -- b ' \" $$\nc --", "a@0 c@14"},
		{"a /* b /* ' */ ; */ c /**/ d", "a@0 c@20 d@27"},
		{"a /* b", "a@0 !unterminated /* comment@2:6"},
		{"a /* /* */", "a@0 !unterminated /* comment@2:10"},
		{"'a", "!unterminated quoted string@0:2"},
		{`'a\'`, "!unterminated quoted string@0:4"},
		{`"a`, "!unterminated quoted identifier@0:2"},
		{`"" a`, `!zero-length delimited identifier@0:2 a@3`},
		{"$$a $", "!unterminated dollar-quoted string@0:5"},
		{"$a$ $b$", "!unterminated dollar-quoted string@0:7"},
		{"'a\x00b' c", "!zero byte in SQL text@0:7"},
		{"a ? b \x01", "a@0 !unexpected character@2:3 b@4 !unexpected character@6:7"},
		{"{fn x}", "!unexpected character@0:1 fn@1 x@4 !unexpected character@5:6"},
	} {
		if got := tokens(tc.src); got != tc.want {
			t.Errorf("%q:\n got %s\nwant %s", tc.src, got, tc.want)
		}
	}
}

func TestNoAllocation(t *testing.T) {
	src := `select "A", 'x', $1, a::int from s.t where b >= .5 -- x`
	if n := testing.AllocsPerRun(100, func() {
		l := New(src)
		for l.Next().Kind != EOF {
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
	if n := testing.AllocsPerRun(100, func() { Fold("SELECT"); Fold("customer_id"); IdentValue(`"Ab"`) }); n != 0 {
		t.Errorf("folding: %v allocations", n)
	}
}

func TestReserved(t *testing.T) {
	t.Parallel()
	if n := len(Reserved()); n != 156 {
		t.Errorf("%d reserved words, documented are 156", n)
	}
	for word, want := range map[string]bool{
		"select": true, "SELECT": true, "Tag": true, "sysdate": true, "aes128": true,
		"date": false, "start": false, "connect": false, "language": false, "values": false, "customers": false, "": false,
	} {
		if IsReserved(word) != want {
			t.Errorf("IsReserved(%q) = %v", word, !want)
		}
	}
	for _, w := range append(Reserved(), Common()...) {
		if len(w) > maxKeyword || Fold(w) != w {
			t.Errorf("%q is too long or not folded", w)
		}
	}
}

func TestFirstKeyword(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]string{
		"SELECT 1":                     "select",
		" -- x\n/* y */ ((Select 1))":  "select",
		";; commit":                    "commit",
		"":                             "",
		"-- nothing":                   "",
		"'x'":                          "",
		`"select"`:                     "",
		"with a as (select 1) select":  "with",
		"/* unterminated":              "",
		"\ufeff begin":                 "begin",
		"Créate":                       "créate",
		"copy t from 's3://x' iam_rol": "copy",
	} {
		if got := FirstKeyword(src); got != want {
			t.Errorf("%q: %q, want %q", src, got, want)
		}
	}
}

func TestSplit(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		src  string
		want []string
		err  string
	}{
		{"", nil, ""},
		{" ; ;; -- x\n", nil, ""},
		{"select 1", []string{"select 1"}, ""},
		{"select 1; ; select 2 ;", []string{"select 1", "select 2"}, ""},
		{"select ';' as \";\"; /* ; */ select 2 -- ;\n; x", []string{"select ';' as \";\"", "/* ; */ select 2", "x"}, ""},
		{"-- label\nselect 1; -- tail\n", []string{"-- label\nselect 1"}, ""},
		{"create procedure p() as $$ begin x; end; $$ language plpgsql; call p()", []string{
			"create procedure p() as $$ begin x; end; $$ language plpgsql", "call p()",
		}, ""},
		{"create function f() as 'a; b' language sql;c", []string{"create function f() as 'a; b' language sql", "c"}, ""},
		{`select '\';'; b`, []string{`select '\';'`, "b"}, ""},
		{"\ufeffselect 1", []string{"select 1"}, ""},
		{"a; select 'x; b", []string{"a", "select 'x; b"}, "unterminated quoted string at byte 10"},
		{"a; /* b", []string{"a", "/* b"}, "unterminated /* comment at byte 3"},
	} {
		var got []string
		var failed string
		for s, err := range Split(tc.src) {
			if tc.src[s.Start:s.End] != s.Text {
				t.Errorf("%q: %+v", tc.src, s)
			}
			got = append(got, s.Text)
			if err != nil {
				failed = err.Error()
			}
		}
		if fmt.Sprintf("%q", got) != fmt.Sprintf("%q", tc.want) || failed != tc.err {
			t.Errorf("%q:\n got %q %s\nwant %q %s", tc.src, got, failed, tc.want, tc.err)
		}
	}
	for range Split("a; b") { // an early end
		break
	}
}

func TestQuote(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"": `''`, "a": `'a'`, "it's": `'it''s'`, `a\`: `'a\\'`, `\'`: `'\\'''`, "ü\n": "'ü\n'",
	} {
		if got, err := QuoteLiteral(value); got != want || err != nil {
			t.Errorf("%q: %s %v", value, got, err)
		}
	}
	for name, want := range map[string]string{"a": `"a"`, `a"b`: `"a""b"`, "select": `"select"`, `\`: `"\"`, " ": `" "`} {
		if got, err := QuoteIdent(name); got != want || err != nil {
			t.Errorf("%q: %s %v", name, got, err)
		}
	}
	if _, err := QuoteLiteral("a\x00"); err != ErrNUL {
		t.Error(err)
	}
	if _, err := QuoteIdent("a\x00"); err != ErrNUL {
		t.Error(err)
	}
	if _, err := QuoteIdent(""); err != ErrEmptyIdent {
		t.Error(err)
	}
	if got := string(AppendLiteral(nil, "a\x00b")); got != "'a\ufffdb'" {
		t.Error(got)
	}
}

func BenchmarkLexer(b *testing.B) {
	src := "SELECT id, name, price * 1.1 AS gross FROM sales.items i WHERE i.price > 10 AND name LIKE 'a%' ORDER BY id LIMIT 10"
	b.ReportAllocs()
	b.SetBytes(int64(len(src)))
	for b.Loop() {
		l := New(src)
		for l.Next().Kind != EOF {
		}
	}
}
