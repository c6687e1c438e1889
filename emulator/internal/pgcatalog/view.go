// Package pgcatalog gives the rows of the system catalog tables and of those
// views that show the catalog (pg_class, information_schema.tables, svv_tables
// and their kin) from a catalog.Snapshot.
//
// The columns are those of PostgreSQL 8.0, with Redshift's own, and for the
// views of the Database Developer Guide those of package sysview. The catalog's
// own tables are not among the rows: assumed.
package pgcatalog

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/emulator/internal/sysview"
)

// Column is a column of a catalog table.
type Column struct {
	Name string
	Type rstype.Type
	// Hidden: known by its name, but not part of *, as oid is.
	Hidden bool
	// Array: a list of texts or numbers in PostgreSQL's way, {a,b}, or of
	// numbers with blanks between them.
	Array bool

	cell cell
}

// View is one catalog table or view. Views are shared and never change.
type View struct {
	// Schema is pg_catalog or information_schema.
	Schema string
	// Name is in lower case.
	Name    string
	Columns []Column
	// Counted names the column with a table's id, for a view that tells how many
	// rows tables have: its reader counts them and fills the columns in, see
	// RowWidth.
	Counted string
	rows    source
}

// Facts are what the rows depend on beside the catalog.
type Facts struct {
	// Database is the session's.
	Database string
	// SearchPath holds the schemas of the session's search path; TempSchema is
	// its temporary schema, empty for none.
	SearchPath []string
	TempSchema string
	// UserID and Superuser are the session's.
	UserID    int32
	Superuser bool
	// Serverless: STV views hold no data there.
	Serverless bool
	// Slices is how many slices the cluster has.
	Slices int
	// Settings gives the session's parameters; nil is none.
	Settings func() []Setting
	// Stale are the materialized views that are not up to date, by id.
	Stale map[int32]bool
}

// record is what one row is about; the fields that a view's rows do not have
// are nil.
type record struct {
	snapshot   *catalog.Snapshot
	facts      *Facts
	user       *catalog.User
	database   *catalog.Database
	schema     *catalog.Schema
	relation   *catalog.Relation
	column     *catalog.Column
	number     int // of the column, from 1
	slice      int
	constraint *catalog.Constraint
	// index: the row is about the index of constraint and not about relation.
	index    bool
	key      int // the constraint's number, from 1
	typ      rstype.Type
	routine  *catalog.Routine
	language *catalog.Language
	setting  Setting
	privilegeRecord
}

// cell is a value of a row: nil, bool, int64, float64 or string.
type cell func(*record) any

// source calls yield for every row and stops when it answers false.
type source func(r *record, yield func() bool)

type viewKey struct{ schema, name string }

var views = define()

// Lookup finds a view; an empty schema is pg_catalog.
func Lookup(schema, name string) (*View, bool) {
	if schema == "" {
		schema = "pg_catalog"
	}
	v, ok := views[viewKey{schema, name}]
	return v, ok
}

// All gives all views by schema and name.
func All() []*View {
	all := make([]*View, 0, len(views))
	for _, v := range views {
		all = append(all, v)
	}
	slices.SortFunc(all, func(a, b *View) int { return strings.Compare(a.Schema+"."+a.Name, b.Schema+"."+b.Name) })
	return all
}

// Rows gives the rows as a session sees them in its snapshot, with the columns
// of these numbers in that order. A value is nil, bool, int64, float64 or
// string. The slice is valid until the next row.
func (v *View) Rows(s *catalog.Snapshot, f Facts, columns []int) iter.Seq[[]any] {
	return func(yield func([]any) bool) {
		r := &record{snapshot: s, facts: &f}
		row := make([]any, len(columns))
		v.rows(r, func() bool {
			for i, n := range columns {
				row[i] = nil
				if c := v.Columns[n].cell; c != nil {
					row[i] = fit(c(r), v.Columns[n].Type)
				}
			}
			return yield(row)
		})
	}
}

// fit cuts a text to its column.
func fit(v any, t rstype.Type) any {
	s, ok := v.(string)
	if !ok || t.Len == 0 || len(s) <= int(t.Len) {
		return v
	}
	return strings.ToValidUTF8(s[:t.Len], "")
}

// definition is a view as the tables in this package write it.
type definition struct {
	schema, name string
	// columns are name:type, with ! behind a hidden one; empty takes them from
	// package sysview.
	columns string
	rows    source
	// cells are the view's own values, before the common ones.
	cells map[string]cell
}

// define makes the views of their definitions, which the tests have proved.
func define() map[viewKey]*View {
	m := make(map[viewKey]*View)
	for _, list := range [][]definition{tables, informationSchema, systemViews, privilegeViews, grantViews, serverTables} {
		for _, d := range list {
			m[viewKey{d.schema, d.name}] = d.view()
		}
	}
	return m
}

func (d definition) view() *View {
	v := &View{Schema: d.schema, Name: d.name, Counted: counted[d.name], rows: d.rows}
	if d.columns == "" {
		documented, ok := sysview.Lookup(d.name)
		if !ok {
			panic("pgcatalog: " + d.name + " has no columns")
		}
		for _, c := range documented.Columns {
			v.Columns = append(v.Columns, Column{Name: c.Name, Type: c.SQLType()})
		}
	}
	for _, field := range strings.Fields(d.columns) {
		c, err := parseColumn(field)
		if err != nil {
			panic(err)
		}
		v.Columns = append(v.Columns, c)
	}
	for i := range v.Columns {
		c := &v.Columns[i]
		var ok bool
		if c.cell, ok = d.cells[c.Name]; !ok {
			c.cell = common[c.Name]
		}
	}
	return v
}

func parseColumn(field string) (Column, error) {
	name, typ, ok := strings.Cut(field, ":")
	if !ok {
		return Column{}, fmt.Errorf("pgcatalog: column %q has no type", field)
	}
	typ, hidden := strings.CutSuffix(typ, "!")
	c := Column{Name: name, Hidden: hidden}
	switch typ {
	case "char":
		// PostgreSQL's "char", one byte.
		c.Type = rstype.Type{Kind: rstype.Char, Len: 1}
	case "text":
		c.Type = rstype.Type{Kind: rstype.Varchar}
	case "array":
		c.Type, c.Array = rstype.Type{Kind: rstype.Varchar}, true
	case "varchar":
		c.Type = rstype.Type{Kind: rstype.Varchar, Len: 128}
	default:
		var err error
		if c.Type, err = rstype.ParseName(typ, nil); err != nil {
			return c, fmt.Errorf("pgcatalog: column %q: %w", field, err)
		}
	}
	return c, nil
}
