package explain

import (
	"slices"

	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
)

// column is a column of a relation in FROM.
type column struct {
	rel    *relation
	name   string
	typ    rstype.Type
	width  int
	unique bool
	// dist and sort are the table's keys: sort counts from 1.
	dist bool
	sort int
	// top: what stands above the joins reads it. quals are the conditions that do.
	top   bool
	quals []*qual
}

// relation is an item of FROM.
type relation struct {
	alias, schema string
	cols          []*column
	// open: its columns are not known, and any name is one of them.
	open bool
}

func (r *relation) find(name string) *column {
	for _, c := range r.cols {
		if c.name == name {
			return c
		}
	}
	if r.open {
		c := &column{rel: r, name: name, width: 32}
		r.cols = append(r.cols, c)
		return c
	}
	return nil
}

// scope is where the names of one SELECT are looked up.
type scope struct {
	outer *scope
	rels  []*relation
	ctes  map[string]*ast.Query
	// work are the recursive queries that are being planned: what they begin with.
	work map[string]*body
}

// worked finds a recursive query that is being planned.
func (s *scope) worked(name string) *body {
	for ; s != nil; s = s.outer {
		if b := s.work[name]; b != nil {
			return b
		}
	}
	return nil
}

func (s *scope) cte(name string) (*ast.Query, *scope) {
	for ; s != nil; s = s.outer {
		if q := s.ctes[name]; q != nil {
			return q, s
		}
	}
	return nil, nil
}

// ident is the name that an identifier stands for.
func (p *planner) ident(id ast.Ident) string {
	if id.Quoted && !p.env.Bind.CaseSensitive {
		return lex.Fold(id.Name)
	}
	return id.Name
}

// column finds a column in one scope. What is behind the column's name are attributes
// of a SUPER.
func (p *planner) column(s *scope, ref *ast.ColumnRef) *column {
	if s == nil {
		return nil
	}
	names := make([]string, len(ref.Parts))
	for i, part := range ref.Parts {
		names[i] = p.ident(part)
	}
	for _, r := range s.rels {
		switch {
		case len(names) > 1 && names[0] == r.alias:
			return r.find(names[1])
		case len(names) > 2 && names[0] == r.schema && names[1] == r.alias:
			return r.find(names[2])
		}
	}
	for _, known := range []bool{true, false} {
		for _, r := range s.rels {
			if r.open == known {
				continue
			}
			if c := r.find(names[0]); c != nil {
				return c
			}
		}
	}
	return nil
}

// relationOf finds a table or view in the catalog.
func (p *planner) relationOf(name ast.Name) *catalog.Relation {
	env := &p.env.Bind
	if env.Catalog == nil || len(name.Parts) == 0 {
		return nil
	}
	object := p.ident(name.Object())
	database := env.Database
	var schemas []string
	switch len(name.Parts) {
	case 1:
		schemas = append([]string{env.TempSchema}, env.SearchPath...)
	default:
		if len(name.Parts) > 2 {
			database = p.ident(name.Parts[0])
		}
		schema := p.ident(name.Parts[len(name.Parts)-2])
		if schema == "pg_temp" {
			schema = env.TempSchema
		}
		schemas = []string{schema}
	}
	for _, schema := range schemas {
		if r, ok := env.Catalog.Relation(database, schema, object); ok && schema != "" {
			return r
		}
	}
	return nil
}

// tableColumns are the columns of a table.
func tableColumns(r *catalog.Relation, to *relation) {
	for _, c := range r.Columns {
		to.cols = append(to.cols, &column{
			rel: to, name: c.Name, typ: c.Type, width: width(c.Type), dist: c.DistKey && r.DistStyle == "key", sort: c.SortKey, unique: c.Identity != nil,
		})
	}
	if r.SortKind == "interleaved" {
		for _, c := range to.cols {
			c.sort = 0
		}
	}
	for _, c := range r.Constraints {
		if (c.Kind == "p" || c.Kind == "u") && len(c.Columns) == 1 {
			if i := slices.IndexFunc(to.cols, func(x *column) bool { return x.name == c.Columns[0] }); i >= 0 {
				to.cols[i].unique = true
			}
		}
	}
}

// width is how many bytes a value of a type takes. For varying ones it is what
// PostgreSQL assumes without statistics.
func width(t rstype.Type) int {
	switch t.Kind {
	case rstype.Bool:
		return 1
	case rstype.Int2:
		return 2
	case rstype.Int4, rstype.Float4, rstype.Date, rstype.OID:
		return 4
	case rstype.Numeric:
		if t.Precision > 18 {
			return 16
		}
		return 8
	case rstype.Char:
		return max(int(t.Len), 1)
	case rstype.Name:
		return 64
	case rstype.Varchar, rstype.Varbyte, rstype.Super:
		n := int(t.Len)
		switch {
		case n > 0 && n <= 32:
			return n
		case n > 0 && n < 1000:
			return 32 + (n-32)/2
		case n > 0:
			return 32 + (1000-32)/2
		}
		return 32
	}
	return 8
}
