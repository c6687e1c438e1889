package bind

import (
	"slices"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/lock"
	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/emulator/internal/sysview"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
)

// maxSQL bounds what one expression may grow to: lateral aliases and casts repeat
// their operands.
const maxSQL = 4 << 20

// maxNesting bounds queries in queries, maxDepth expressions in expressions; DuckDB
// itself stops at 1000.
const (
	maxNesting = 100
	maxDepth   = 900
)

// maxViews bounds views in views, which may come back to themselves when they are
// late-binding ones.
const maxViews = 32

// binder binds one statement. It is used by one goroutine.
type binder struct {
	env    Env
	shared *shared
	depth  int
	nested int
	views  int
	actor  actor
	// whole: a SUPER is only used as a whole, as MERGE has it.
	whole bool
	// inline are the values of $1, $2 … in a function's body, nil outside of one;
	// inlining counts the functions around.
	inline   []node
	inlining int
}

// shared is what a statement's binder and those of the views in it have in common.
type shared struct {
	params []rstype.Type
	locks  []Lock
	// serial numbers the DuckDB aliases, so that none hides another.
	serial int
	// leader is the first leader-node-only function, tables says that a user's
	// table or a system view is read: together they are refused.
	leader   string
	leaderAt int
	tables   bool
	// queries counts the queries that were bound.
	queries int
	// listing: a late-binding view is bound for its columns alone.
	listing bool
}

func newBinder(env Env) *binder {
	b := &binder{env: env, shared: &shared{params: slices.Clone(env.Params)}, actor: actor{user: env.UserID, super: env.Superuser}}
	for i, t := range b.shared.params {
		if t.Kind != rstype.Unknown && !env.Exact {
			b.shared.params[i] = paramType(t)
		}
	}
	return b
}

// alias is a DuckDB alias that nothing else in the statement has.
func (b *binder) alias(prefix string) string {
	b.shared.serial++
	var buf [16]byte
	out := append(buf[:0], prefix...)
	return string(appendInt(out, b.shared.serial))
}

func appendInt(dst []byte, n int) []byte {
	if n >= 10 {
		dst = appendInt(dst, n/10)
	}
	return append(dst, byte('0'+n%10))
}

// ident is the name that an identifier stands for: quotes keep the case only
// with enable_case_sensitive_identifier (r_names.md).
func (b *binder) ident(id ast.Ident) string {
	if id.Quoted && !b.env.CaseSensitive {
		return cut(lex.Fold(id.Name), maxName)
	}
	return cut(id.Name, maxName)
}

// relation finds a table or view by name: the temporary schema and the search
// path for a name of one part, a schema of the session's database for two.
func (b *binder) relation(name ast.Name) (*catalog.Relation, error) {
	r, err := b.lookup(name)
	if err != nil {
		return nil, err
	}
	if r == nil {
		return nil, b.noRelation(name)
	}
	return r, nil
}

func (b *binder) noRelation(name ast.Name) error {
	parts := make([]string, len(name.Parts))
	for i, p := range name.Parts {
		parts[i] = b.ident(p)
	}
	return errorAt(name.Pos(), "42P01", "relation %q does not exist", strings.Join(parts, "."))
}

// lookup is relation, but answers nil for a name that is not there.
func (b *binder) lookup(name ast.Name) (*catalog.Relation, error) {
	cat := b.env.Catalog
	if cat == nil || len(name.Parts) == 0 {
		return nil, nil
	}
	object := b.ident(name.Object())
	if len(name.Parts) == 1 {
		if b.env.TempSchema != "" {
			if r, ok := cat.Relation(b.env.Database, b.env.TempSchema, object); ok {
				return r, nil
			}
		}
		for _, schema := range b.env.SearchPath {
			// A schema without USAGE is passed over, as in PostgreSQL.
			if r, ok := cat.Relation(b.env.Database, schema, object); ok && b.entered(b.env.Database, schema) {
				return r, nil
			}
		}
		return nil, nil
	}
	database, schema := b.env.Database, b.ident(name.Parts[len(name.Parts)-2])
	if len(name.Parts) > 2 {
		database = b.ident(name.Parts[0])
		if _, ok := cat.Database(database); !ok {
			return nil, errorAt(name.Pos(), "3D000", "database %q does not exist", database)
		}
	}
	if schema == "pg_temp" && b.env.TempSchema != "" {
		schema = b.env.TempSchema
	}
	if !b.entered(database, schema) {
		return nil, errorAt(name.Pos(), "42501", "permission denied for schema %s", schema)
	}
	if r, ok := cat.Relation(database, schema, object); ok {
		return r, nil
	}
	switch s, ok := cat.Schema(database, schema); {
	case !ok && !systemSchema(schema):
		return nil, errorAt(name.Pos(), "3F000", "schema %q does not exist", schema)
	case ok && s.External != nil:
		return nil, b.noSpectrum(name)
	}
	return nil, nil
}

func systemSchema(name string) bool {
	return name == "pg_catalog" || name == "information_schema" || name == "pg_internal"
}

// lock notes a lock that the statement needs.
func (b *binder) lock(id int32, m lock.Mode) {
	for i := range b.shared.locks {
		if l := &b.shared.locks[i]; l.Table == int64(id) {
			l.Mode, l.Read = max(l.Mode, m), l.Read || m == lock.AccessShare
			return
		}
	}
	b.shared.locks = append(b.shared.locks, Lock{int64(id), m, m == lock.AccessShare})
}

// finish fills in what the whole statement gathered. Locks are in the order of
// their tables, so that two statements seldom wait for each other.
func (b *binder) finish(p *Plan) *Plan {
	p.Params = b.shared.params
	for i := range p.Params {
		if p.Params[i].Kind == rstype.Unknown {
			p.Params[i] = rstype.Type{Kind: rstype.Varchar}
		}
	}
	slices.SortFunc(b.shared.locks, func(x, y Lock) int { return int(x.Table - y.Table) })
	p.Locks = b.shared.locks
	return p
}

// systemView finds the system view that a name stands for.
func (b *binder) systemView(name ast.Name) (*sysview.View, bool) {
	switch len(name.Parts) {
	case 1:
	case 2:
		if b.ident(name.Parts[0]) != "pg_catalog" {
			return nil, false
		}
	default:
		return nil, false
	}
	return sysview.Lookup(b.ident(name.Object()))
}

// quote appends an identifier in DuckDB's quotes.
func quote(name string) string { return string(lex.AppendIdent(nil, name)) }

// text is a string constant of DuckDB, which knows no backslash escapes.
func text(value string) string {
	var s strings.Builder
	s.Grow(len(value) + 2)
	s.WriteByte('\'')
	for i := 0; i < len(value); i++ {
		switch c := value[i]; c {
		case '\'':
			s.WriteString("''")
		case 0: // no value holds it
			s.WriteString("\uFFFD")
		default:
			s.WriteByte(c)
		}
	}
	s.WriteByte('\'')
	return s.String()
}
