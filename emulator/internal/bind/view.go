package bind

import (
	"slices"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/lock"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/parse"
)

// createView is CREATE VIEW (r_CREATE_VIEW.md). The text of its query is kept,
// with the search path that it was written under.
func (c *change) createView(s *ast.CreateView) error {
	c.tag("CREATE VIEW", "DDL")
	if s.Materialized {
		return c.createMaterialized(s)
	}
	schema, err := c.place(s.Name, false)
	if err != nil {
		return err
	}
	if err := c.mayCreate(schema, schema.Name == c.env.TempSchema, "create or replace view", s.Name.Pos()); err != nil {
		return err
	}
	name := c.newName(s.Name.Object())
	c.nameLock(schema.Name, name)
	old, exists := c.env.Catalog.Relation(c.env.Database, schema.Name, name)
	switch {
	case !exists:
	case !s.OrReplace:
		return errorAt(s.Name.Pos(), "42P07", "relation %q already exists", name)
	case old.Stored():
		return errorAt(s.Name.Pos(), "42809", "%q is not a view", name)
	default:
		if err := c.mayChangeAs(old, 0, "create or replace view", s.Name.Pos()); err != nil {
			return err
		}
		c.lock(old.ID, lock.AccessExclusive)
	}
	v := &catalog.Relation{
		Database: c.env.Database, Schema: schema.Name, Name: name, Kind: catalog.View, Owner: c.env.UserID,
		Definition: c.env.Text[s.Query.Pos():s.Query.End()], SearchPath: slices.Clone(c.env.SearchPath), DefDatabase: c.env.Database,
	}
	if err := noParams(v.Definition, s.Query.Pos()); err != nil {
		return err
	}
	if s.NoSchemaBinding {
		v.Kind = catalog.LateBinding
		err = c.lateBinding(v, s)
	} else {
		_, err = c.viewColumns(v, s)
	}
	if err != nil {
		return err
	}
	if exists {
		if err := replaceable(old, v, s.Name.Pos()); err != nil {
			return err
		}
		if c.uses(v, old.ID) {
			return errorAt(s.Name.Pos(), "42P17", "infinite recursion detected in rules for relation %q", name)
		}
		v.ID, v.Owner, v.Comment, v.ACL = old.ID, old.Owner, old.Comment, old.ACL
		keepColumnACLs(v, old)
	} else {
		if v.ID, err = c.newID(); err != nil {
			return err
		}
		v.ACL = c.initialACL(v)
	}
	c.apply(catalog.Change{Relation: v})
	return nil
}

// viewColumns binds the query: what its columns are and what it uses.
func (c *change) viewColumns(v *catalog.Relation, s *ast.CreateView) (*bound, error) {
	if intoOf(s.Query) != nil {
		return nil, errorAt(s.Query.Pos(), "42601", "views cannot be defined by SELECT INTO") // assumed text
	}
	// What a new binder locks is what the view uses.
	b := newBinder(c.env)
	q, err := b.query(s.Query, nil)
	if err != nil {
		return nil, err
	}
	for _, l := range b.shared.locks {
		c.lock(int32(l.Table), l.Mode)
	}
	if len(s.Columns) > len(q.cols) {
		return nil, errorAt(s.Columns[len(q.cols)].Pos(), "42601", "CREATE VIEW specifies more column names than columns")
	}
	t := &table{Relation: v, offset: s.Name.Pos()}
	for i, col := range q.cols {
		id := ast.Ident{Span: s.Query.Span, Name: col.Name, Quoted: true}
		if i < len(s.Columns) {
			id = s.Columns[i]
		}
		name, err := c.newColumn(t, id)
		if err != nil {
			return nil, err
		}
		v.Columns = append(v.Columns, catalog.Column{Name: name, Type: col.Type})
	}
	if len(v.Columns) > maxColumns {
		return nil, errorAt(s.Name.Pos(), "54011", "views can have at most %d columns", maxColumns)
	}
	for _, name := range tableNames(s.Query) {
		r, err := c.lookup(name)
		if err != nil || r == nil || slices.Contains(v.Uses, r.ID) ||
			!slices.ContainsFunc(b.shared.locks, func(l Lock) bool { return l.Table == int64(r.ID) }) {
			continue // the name of a WITH, a path or a system view
		}
		switch {
		case r.Temp:
			return nil, unsupported(name.Pos(), "views of temporary tables")
		case r.Database != c.env.Database:
			// cross-database_usage.md: only late-binding views may.
			return nil, errorAt(name.Pos(), "0A000", "cross-database references are supported in views WITH NO SCHEMA BINDING only") // assumed text
		}
		v.Uses = append(v.Uses, r.ID)
	}
	slices.Sort(v.Uses)
	return q, nil
}

// lateBinding checks what can be said of a query that is not bound: its tables
// have schemas (r_CREATE_VIEW.md), and column names can be renamed only of a
// query that is known.
func (c *change) lateBinding(v *catalog.Relation, s *ast.CreateView) error {
	if s.Columns != nil {
		return unsupported(s.Columns[0].Pos(), "column names of a view WITH NO SCHEMA BINDING")
	}
	with := withNames(s.Query)
	for _, name := range tableNames(s.Query) {
		if len(name.Parts) == 1 && !slices.Contains(with, name.Parts[0].Name) {
			return errorAt(name.Pos(), "0A000", "All the relation names inside should be qualified when creating views with no schema binding.") // state is assumed
		}
	}
	return nil
}

// uses tells whether a view uses a relation, itself or through other views.
func (c *change) uses(v *catalog.Relation, id int32) bool {
	seen := make(map[int32]bool)
	var walk func(*catalog.Relation) bool
	walk = func(v *catalog.Relation) bool {
		for _, used := range v.Uses {
			if used == id {
				return true
			}
			if seen[used] {
				continue
			}
			seen[used] = true
			if r, ok := c.env.Catalog.RelationByID(used); ok && walk(r) {
				return true
			}
		}
		return false
	}
	return walk(v)
}

// keepColumnACLs: privileges are preserved when a view is replaced.
func keepColumnACLs(v, old *catalog.Relation) {
	for i := range v.Columns {
		if j, ok := old.Column(v.Columns[i].Name); ok {
			v.Columns[i].ACL = old.Columns[j].ACL
		}
	}
}

// replaceable: OR REPLACE keeps names and types of the columns.
func replaceable(old, v *catalog.Relation, offset int) error {
	if old.Kind == catalog.LateBinding || v.Kind == catalog.LateBinding {
		return nil
	}
	if len(old.Columns) != len(v.Columns) {
		return errorAt(offset, "42P16", "cannot change number of columns in view")
	}
	for i, col := range v.Columns {
		switch was := old.Columns[i]; {
		case was.Name != col.Name:
			return errorAt(offset, "42P16", "cannot change name of view column %q", was.Name)
		case was.Type != col.Type:
			return errorAt(offset, "42P16", "cannot change data type of view column %q", was.Name)
		}
	}
	return nil
}

// rebound is a view whose query is bound anew.
type rebound uint8

const (
	gone    rebound = iota // no longer binds, or not to its columns
	same                   // binds to its columns
	shifted                // binds to them and to others, or in another order
)

// rebind binds a view's query in the catalog as it is now and compares what
// comes of it with what came of it before.
func (c *change) rebind(v *catalog.Relation, before *catalog.Snapshot) (rebound, []Column) {
	was, ok := c.columnsOf(v, before)
	if !ok || len(was) != len(v.Columns) {
		return gone, nil
	}
	is, ok := c.columnsOf(v, c.env.Catalog)
	if !ok {
		return gone, nil
	}
	equal := func(a, b Column) bool { return a.Name == b.Name && a.Type == b.Type }
	if slices.EqualFunc(was, is, equal) {
		return same, was
	}
	for _, col := range was {
		n := 0
		for _, other := range is {
			if col.Name == other.Name {
				n++
			}
		}
		if n != 1 || !slices.ContainsFunc(is, func(other Column) bool { return equal(col, other) }) {
			return gone, nil
		}
	}
	return shifted, was
}

func (c *change) columnsOf(v *catalog.Relation, snapshot *catalog.Snapshot) ([]Column, bool) {
	stmt, err := parse.Statement(v.Definition)
	if err != nil {
		return nil, false
	}
	q, ok := stmt.(*ast.Query)
	if !ok {
		return nil, false
	}
	env := c.env
	env.Catalog, env.Text, env.SearchPath, env.TempSchema, env.Params = snapshot, v.Definition, v.SearchPath, "", nil
	if v.DefDatabase != "" {
		env.Database = v.DefDatabase
	}
	b := newBinder(env)
	b.actor.super = true // whose view it is does not change what it is
	bound, err := b.query(q, nil)
	if err != nil {
		return nil, false
	}
	return bound.cols, true
}

// pinned is the view with its columns written out, where a * in its query would
// give others by now: PostgreSQL expands it when the view is made.
func pinned(v *catalog.Relation, cols []Column) *catalog.Relation {
	n := v.Clone()
	names := make([]string, len(cols))
	for i, col := range cols {
		names[i] = quote(col.Name)
	}
	n.Definition = "SELECT " + strings.Join(names, ", ") + " FROM (" + v.Definition + "\n) AS " + quote(v.Name)
	return n
}

// tableNames are the names of tables in a query, those of its WITH among them.
func tableNames(q *ast.Query) (names []ast.Name) {
	ast.Inspect(q, func(n ast.Node) bool {
		if t, ok := n.(*ast.TableName); ok {
			names = append(names, t.Name)
		}
		return true
	})
	return names
}

// withNames are the names that the query's WITH clauses make.
func withNames(q *ast.Query) (names []string) {
	ast.Inspect(q, func(n ast.Node) bool {
		if w, ok := n.(*ast.With); ok {
			for _, cte := range w.CTEs {
				names = append(names, cte.Name.Name)
			}
		}
		return true
	})
	return names
}
