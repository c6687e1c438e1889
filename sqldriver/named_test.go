package sqldriver

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
)

func TestRename(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ in, out, names string }{
		{"select 1", "select 1", ""},
		{"select :a", "select $1", "a"},
		{"select :a, :b_2, :a", "select $1, $2, $1", "a b_2"},
		{"select :A, :a", "select $1, $2", "A a"},
		{"where d = :date and t<:to", "where d = $1 and t<$2", "date to"},
		{"select x::int, :a::int", "select x::int, $1::int", "a"},
		{"select ':a', \":a\", $$ :a $$ -- :a\n /* :a */", "select ':a', \":a\", $$ :a $$ -- :a\n /* :a */", ""},
		{"select '12:30:00', : a, :1", "select '12:30:00', : a, :1", ""},
		{"select v[:i].x", "select v[$1].x", "i"},
		{"x := 1", "x := 1", ""},
		{"select :a, 'open", "select $1, 'open", "a"},
	} {
		n, err := rename(test.in)
		if err != nil || n.sql != test.out || strings.Join(n.names, " ") != test.names {
			t.Errorf("%q became %q %v, %v", test.in, n.sql, n.names, err)
		}
	}
	if _, err := rename("select :a, $1"); !errors.Is(err, redshift.ErrUsage) {
		t.Errorf("got %v", err)
	}
}

func TestPositions(t *testing.T) {
	t.Parallel()
	const text = "sélect :first, b, :second, :first, c"
	n, err := rename(text)
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"sélect", "b", "c"} {
		at := len([]rune(n.sql[:strings.Index(n.sql, word)])) + 1
		err := n.moved(&redshift.Error{Position: at})
		var e *redshift.Error
		if want := len([]rune(text[:strings.Index(text, word)])) + 1; !errors.As(err, &e) || e.Position != want {
			t.Errorf("%s: position %d, want %d", word, e.Position, want)
		}
	}
	at := strings.Index(n.sql, "$2") // one character more than in runes is the next one
	var e *redshift.Error
	if err := n.moved(&redshift.Error{Position: at}); !errors.As(err, &e) || !strings.HasPrefix(string([]rune(text)[e.Position-1:]), ":second") {
		t.Errorf("position %d", e.Position)
	}
	same := errors.New("no position")
	if got := n.moved(same); got != same { // the very same
		t.Errorf("got %v", got)
	}
}

// FuzzRename checks that what is no :name stays, and that positions lead back.
func FuzzRename(f *testing.F) {
	for _, s := range []string{"select :a", "a :b c :b d", "':a' :é", "::x :=", ":a:b", "$$:x$$ /*", "\xff:a", "select * from t where d = :day -- :x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, err := rename(text)
		if err != nil {
			return
		}
		old, fresh := []rune(text), []rune(n.sql)
		for i, name := range n.names {
			if !strings.Contains(text, ":"+name) || !strings.Contains(n.sql, fmt.Sprintf("$%d", i+1)) {
				t.Fatalf("%q became %q with %q", text, n.sql, n.names)
			}
		}
		if len(n.names) == 0 && n.sql != text {
			t.Fatalf("%q became %q", text, n.sql)
		}
		inside := map[int]bool{}
		for _, e := range n.edits {
			for i := e.from; i < e.to; i++ {
				inside[i] = true
			}
		}
		for i := range fresh {
			err := n.moved(&redshift.Error{Position: i + 1})
			var e *redshift.Error
			if !errors.As(err, &e) || e.Position < 1 || e.Position > len(old) {
				t.Fatalf("%q: position %d leads to %d", text, i+1, e.Position)
			}
			if !inside[i] && old[e.Position-1] != fresh[i] {
				t.Fatalf("%q: position %d leads to %q, not %q", text, i+1, old[e.Position-1], fresh[i])
			}
		}
	})
}

// FuzzScript checks that a text of several statements is cut as the lexer cuts
// it, and that nothing is lost of one statement.
func FuzzScript(f *testing.F) {
	for _, s := range []string{"", "select 1", "select 1; select 2;", "select ';'; -- ;\n", "select 'x", "a; 'b", "create procedure p() as $$ begin; end $$"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := newScript(text, nil)
		if err != nil {
			if !errors.Is(err, redshift.ErrUsage) {
				t.Fatal(err)
			}
			return
		}
		n := 0
		for st := range lex.Split(text) {
			if n >= len(s.parts) || !strings.Contains(s.parts[n].sql, st.Text) || s.parts[n].start > st.Start {
				t.Fatalf("%q: statement %d is missing of %d", text, n+1, len(s.parts))
			}
			n++
		}
		if n != len(s.parts) {
			t.Fatalf("%q: %d statements, not %d", text, len(s.parts), n)
		}
		_, _ = newScript(text, []driver.NamedValue{{Ordinal: 1, Name: "a", Value: int64(1)}})
		_, _ = single(text)
	})
}
