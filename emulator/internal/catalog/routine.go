package catalog

import (
	"cmp"
	"maps"
	"slices"

	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
)

// Routine is a function or a stored procedure. Like all objects here it is stored
// as JSON, shared, and never changed.
type Routine struct {
	ID int32
	// SchemaID is the schema's, which keeps it when it is renamed.
	SchemaID  int32
	Database  string
	Name      string
	Procedure bool
	Owner     int32
	Args      []Argument
	// Returns is a function's type, as the column that Name and NotNull say nothing of.
	Returns    Column
	Volatility string
	Language   string
	Body       string
	// Definer: it runs with its owner's privileges.
	Definer   bool
	NonAtomic bool
	// Settings hold while it runs.
	Settings []RoutineSetting `json:",omitzero"`
	// Options are those of an external function, in their order.
	Options []RoutineSetting `json:",omitzero"`
	ACL     ACL              `json:",omitzero"`
}

// RoutineSetting is a name with a value.
type RoutineSetting struct{ Name, Value string }

// Argument is an argument of a routine.
type Argument struct {
	// Column is its name, which may be empty, and its type.
	Column Column
	// Mode is "in", "out" or "inout".
	Mode string
	// Cursor: it is a REFCURSOR, whose type is VARCHAR here.
	Cursor bool `json:",omitzero"`
}

// In tells whether a call gives the argument a value.
func (a *Argument) In() bool { return a.Mode != "out" }

// Out tells whether a call gives its value back.
func (a *Argument) Out() bool { return a.Mode != "in" }

// TypeName is the type as messages and catalog tables have it.
func (a *Argument) TypeName() string {
	if a.Cursor {
		return "refcursor"
	}
	return a.Column.Type.Kind.String()
}

// Inputs are the types of the arguments that a call gives: the signature.
func (r *Routine) Inputs() (types []rstype.Type) {
	for i := range r.Args {
		if r.Args[i].In() {
			types = append(types, r.Args[i].Column.Type)
		}
	}
	return types
}

// Outputs are the arguments that a call gives back.
func (r *Routine) Outputs() (out []Argument) {
	for i := range r.Args {
		if r.Args[i].Out() {
			out = append(out, r.Args[i])
		}
	}
	return out
}

// SameSignature tells whether no two routines of a name may have these inputs: the
// kinds of their types are the same.
func SameSignature(a, b []rstype.Type) bool {
	return slices.EqualFunc(a, b, func(x, y rstype.Type) bool { return x.Kind == y.Kind })
}

// Signature is name(types of the inputs), as messages have it.
func (r *Routine) Signature() string {
	s := r.Name + "("
	first := true
	for i := range r.Args {
		if !r.Args[i].In() {
			continue
		}
		if !first {
			s += ", "
		}
		s, first = s+r.Args[i].TypeName(), false
	}
	return s + ")"
}

// Grants gives a routine's ACL. Everybody may call a function, nobody but the owner
// a procedure (r_GRANT.md).
func (r *Routine) Grants() ACL {
	if r.ACL != nil {
		return r.ACL
	}
	a := ACL{own(r.Owner, Execute)}
	if !r.Procedure {
		a = append(a, Grant{Grantee: Public, Grantor: r.Owner, Privileges: Execute})
	}
	return a
}

// Language is a language of routines, with who may use it. There is a fixed set,
// which is stored as it is granted.
type Language struct {
	ID   int32
	Name string
	ACL  ACL `json:",omitzero"`
}

// The ids of the languages, sql's as in PostgreSQL; the others are assumed.
const (
	sqlLanguage    = 14
	pythonLanguage = 101
	plpgsqlID      = 102
	externalID     = 103
)

func languages() []*Language {
	return []*Language{{ID: sqlLanguage, Name: "sql"}, {ID: pythonLanguage, Name: "plpythonu"}, {ID: plpgsqlID, Name: "plpgsql"}, {ID: externalID, Name: "exfunc"}}
}

// Grants gives a language's ACL. USAGE of SQL and PL/pgSQL is everybody's, that of
// Python and of external functions is granted (r_GRANT.md).
func (l *Language) Grants() ACL {
	if l.ACL != nil {
		return l.ACL
	}
	a := ACL{own(rdsdbID, Usage)}
	if l.Name == "sql" || l.Name == "plpgsql" {
		a = append(a, Grant{Grantee: Public, Grantor: rdsdbID, Privileges: Usage})
	}
	return a
}

// OwnerOfLanguages is the user who owns the languages.
const OwnerOfLanguages = rdsdbID

// Language finds a language.
func (s *Snapshot) Language(name string) (*Language, bool) {
	for _, l := range s.Languages() {
		if l.Name == name {
			return l, true
		}
	}
	return nil, false
}

// Languages gives all languages, by id.
func (s *Snapshot) Languages() []*Language {
	all := languages()
	for i, l := range all {
		if stored, ok := s.languages[l.ID]; ok {
			all[i] = stored
		}
	}
	return all
}

// Routines gives all functions and procedures, by id.
func (s *Snapshot) Routines() []*Routine {
	return slices.SortedFunc(maps.Values(s.routines), func(a, b *Routine) int { return cmp.Compare(a.ID, b.ID) })
}

// RoutinesOf gives the functions or procedures of a name in a schema, by id.
func (s *Snapshot) RoutinesOf(schema int32, name string, procedure bool) (found []*Routine) {
	if len(s.routines) == 0 {
		return nil
	}
	for _, r := range s.routines {
		if r.SchemaID == schema && r.Name == name && r.Procedure == procedure {
			found = append(found, r)
		}
	}
	slices.SortFunc(found, func(a, b *Routine) int { return cmp.Compare(a.ID, b.ID) })
	return found
}

// SchemaByID finds a schema by its id.
func (s *Snapshot) SchemaByID(id int32) (*Schema, bool) {
	for _, v := range s.schemas {
		if v.ID == id {
			return v, true
		}
	}
	return nil, false
}
