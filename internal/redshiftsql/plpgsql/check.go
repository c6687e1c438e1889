package plpgsql

import (
	"strconv"
	"strings"

	"github.com/llm-dev-ops/redshift/internal/redshiftsql/parse"
)

// special are the variables that every procedure has.
var special = []string{"found", "sqlerrm", "sqlstate"}

// Check finds names of variables and labels that nothing declares. args are the
// names of the procedure's arguments, in order; empty ones are known as $1, $2 …
// alone. The error is a *parse.Error, whose Position is 0.
func Check(b *Block, args []string) error {
	s := &scopes{known: []map[string]bool{{}}}
	for i, a := range args {
		s.add("$" + strconv.Itoa(i+1))
		if a != "" {
			s.add(a)
		}
	}
	for _, name := range special {
		s.add(name)
	}
	return s.block(b)
}

// scopes are the names in sight.
type scopes struct {
	known  []map[string]bool
	labels []string // of loops and blocks; those of loops begin with "loop "
}

func (s *scopes) add(name string) { s.known[len(s.known)-1][name] = true }

func (s *scopes) has(name string) bool {
	for _, m := range s.known {
		if m[name] {
			return true
		}
	}
	return false
}

func wrong(offset int, state, message string) error {
	return &parse.Error{SQLState: state, Message: message, Offset: offset}
}

func (s *scopes) refs(refs ...Ref) error {
	for _, r := range refs {
		if !s.has(r.Parts[0]) && !s.has("<<"+r.Parts[0]) {
			return wrong(r.Pos, "42601", "\""+strings.Join(r.Parts, ".")+"\" is not a known variable")
		}
	}
	return nil
}

func (s *scopes) block(b *Block) error {
	s.known = append(s.known, map[string]bool{})
	defer func() { s.known = s.known[:len(s.known)-1] }()
	if b.Label != "" {
		s.add("<<" + b.Label)
	}
	for _, d := range b.Decls {
		if s.known[len(s.known)-1][d.Name] {
			return wrong(d.Pos, "42601", "duplicate declaration of variable \""+d.Name+"\"")
		}
		if d.Alias != nil {
			if err := s.refs(*d.Alias); err != nil {
				return err
			}
		}
		if (d.Constant || d.NotNull) && d.Default == nil && d.Alias == nil {
			return wrong(d.Pos, "22004", "variable \""+d.Name+"\" must have a default value, since it's declared CONSTANT or NOT NULL")
		}
		s.add(d.Name)
	}
	s.labels = append(s.labels, b.Label)
	defer func() { s.labels = s.labels[:len(s.labels)-1] }()
	if err := s.list(b.Body); err != nil {
		return err
	}
	if b.Handler != nil {
		return s.list(b.Handler.Body)
	}
	return nil
}

func (s *scopes) loop(label string, body []Stmt) error {
	s.labels = append(s.labels, "loop "+label)
	defer func() { s.labels = s.labels[:len(s.labels)-1] }()
	return s.list(body)
}

func (s *scopes) list(list []Stmt) error {
	for _, stmt := range list {
		if err := s.stmt(stmt); err != nil {
			return err
		}
	}
	return nil
}

func (s *scopes) branches(branches []Branch, last []Stmt) error {
	for _, b := range branches {
		if err := s.list(b.Body); err != nil {
			return err
		}
	}
	return s.list(last)
}

func (s *scopes) stmt(stmt Stmt) error {
	switch x := stmt.(type) {
	case *Block:
		return s.block(x)
	case *Assign:
		return s.refs(x.Target)
	case *If:
		return s.branches(x.Branches, x.Else)
	case *Case:
		return s.branches(x.Branches, x.Else)
	case *Loop:
		return s.loop(x.Label, x.Body)
	case *ForRange:
		s.known = append(s.known, map[string]bool{x.Name: true})
		defer func() { s.known = s.known[:len(s.known)-1] }()
		return s.loop(x.Label, x.Body)
	case *ForRows:
		return s.forRows(x)
	case *Exit:
		return s.exit(x)
	case *Query:
		return s.refs(x.Into...)
	case *Execute:
		return s.refs(x.Into...)
	case *GetDiagnostics:
		return s.refs(x.Target)
	case *Open:
		return s.refs(x.Cursor)
	case *Fetch:
		return s.refs(append([]Ref{x.Cursor}, x.Into...)...)
	case *Close:
		return s.refs(x.Cursor)
	}
	return nil
}

// forRows: the record of a loop over a cursor is the loop's own.
func (s *scopes) forRows(x *ForRows) error {
	if x.Cursor != nil {
		if err := s.refs(*x.Cursor); err != nil {
			return err
		}
		s.known = append(s.known, map[string]bool{x.Targets[0].Parts[0]: true})
		defer func() { s.known = s.known[:len(s.known)-1] }()
		return s.loop(x.Label, x.Body)
	}
	if err := s.refs(x.Targets...); err != nil {
		return err
	}
	return s.loop(x.Label, x.Body)
}

func (s *scopes) exit(x *Exit) error {
	word := "EXIT"
	if x.Continue {
		word = "CONTINUE"
	}
	for _, l := range s.labels {
		loop, isLoop := strings.CutPrefix(l, "loop ")
		switch {
		case x.Label == "" && isLoop, x.Label != "" && (isLoop && loop == x.Label || l == x.Label && !x.Continue):
			return nil
		}
	}
	if x.Label != "" {
		return wrong(x.Offset(), "42601", "there is no label \""+x.Label+"\" around this "+word)
	}
	return wrong(x.Offset(), "42601", word+" cannot be used outside a loop")
}
