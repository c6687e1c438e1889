package sqldriver

import (
	"database/sql/driver"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
)

// named is a statement in which :names have become $1, $2, ….
type named struct {
	sql   string
	names []string // of $1, $2, …; nil for a statement without :names
	edits []edit
}

// edit is one replacement, in characters: [from, to) of the new text was
// [oldFrom, oldTo).
type edit struct{ from, to, oldFrom, oldTo int }

// rename replaces the :names of a statement. A colon that sticks to a word has
// no other meaning in Redshift. What cannot be read is left to the server to
// refuse.
func rename(sql string) (named, error) {
	n := named{sql: sql}
	if !strings.Contains(sql, ":") {
		return n, nil
	}
	var (
		out        []byte
		copied     int // of sql, up to which it is in out
		chars, old int // of both texts, up to there
		numbers    bool
		l          = lex.New(sql)
	)
	for tok := l.Next(); tok.Kind != lex.EOF; tok = l.Next() {
		numbers = numbers || tok.Kind == lex.Param
		if tok.Kind != lex.Colon {
			continue
		}
		word := l
		name := word.Next()
		if name.Kind != lex.Ident || name.Pos != tok.End {
			continue
		}
		l = word
		text := name.Text(sql)
		i := slices.Index(n.names, text)
		if i < 0 {
			i = len(n.names)
			n.names = append(n.names, text)
		}
		out = append(out, sql[copied:tok.Pos]...)
		gap := utf8.RuneCountInString(sql[copied:tok.Pos])
		chars, old = chars+gap, old+gap
		e := edit{from: chars, oldFrom: old}
		at := len(out)
		out = appendPlaceholder(out, i+1)
		chars, old = chars+len(out)-at, old+utf8.RuneCountInString(sql[tok.Pos:name.End])
		e.to, e.oldTo = chars, old
		n.edits = append(n.edits, e)
		copied = name.End
	}
	if n.names == nil {
		return n, nil
	}
	if numbers {
		return named{}, usage("the statement has both :%s and $n; use one kind of parameters", n.names[0])
	}
	n.sql = string(append(out, sql[copied:]...))
	return n, nil
}

// arguments gives the values of $1, $2, …, and which of args they are.
func (n named) arguments(args []driver.NamedValue) (values []any, used []bool, err error) {
	used = make([]bool, len(args))
	if n.names == nil {
		for i, a := range args {
			used[i] = a.Name == ""
		}
		return inOrder(args), used, nil
	}
	values = make([]any, len(n.names))
	for p, name := range n.names {
		i := slices.IndexFunc(args, func(a driver.NamedValue) bool { return a.Name == name })
		if i < 0 {
			return nil, nil, usage("the parameter :%s has no argument; give sql.Named(%q, …)", name, name)
		}
		values[p], used[i] = args[i].Value, true
	}
	return values, used, nil
}

// inOrder are the values of arguments without names, as database/sql gives them.
func inOrder(args []driver.NamedValue) []any {
	values := make([]any, len(args))
	for i, a := range args {
		values[i] = a.Value
	}
	return values
}

// allUsed refuses arguments that no parameter wants, and names that come twice.
func allUsed(args []driver.NamedValue, used []bool) error {
	for i, a := range args {
		switch {
		case used[i]:
		case a.Name == "":
			return usage("argument %d has no name, but the statement's parameters have", i+1)
		case slices.ContainsFunc(args[:i], func(b driver.NamedValue) bool { return b.Name == a.Name }):
			return usage("there are two arguments of the name %q", a.Name)
		default:
			return usage("the statement has no parameter :%s", a.Name)
		}
	}
	return nil
}

// moved makes an error's position that of the caller's text.
func (n named) moved(err error) error { return n.movedBy(err, 0) }

// movedBy does so for a statement that begins behind so many characters.
func (n named) movedBy(err error, before int) error {
	e, ok := err.(*redshift.Error) // only the outermost is ours to change
	if !ok || e.Position <= 0 {
		return err
	}
	at := e.Position - 1
	for _, ed := range slices.Backward(n.edits) {
		if at >= ed.to {
			at += ed.oldTo - ed.to
			break
		}
		if at >= ed.from {
			at = ed.oldFrom
			break
		}
	}
	if at+1+before == e.Position {
		return err
	}
	there := *e
	there.Position = at + 1 + before
	return &there
}
