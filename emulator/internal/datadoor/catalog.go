package datadoor

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/pgcatalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/sysview"
)

// catalogInput is the input of the operations that read the catalog.
type catalogInput struct {
	target
	ConnectedDatabase string
	SchemaPattern     string
	TablePattern      string
	Schema            string
	Table             string
	MaxResults        *int
	NextToken         string
}

// read is the catalog for a caller that can connect.
func (d *Door) read(in *catalogInput) (s *catalog.Snapshot, size int, err error) {
	if in.Database == "" {
		return nil, 0, constraint(nil, "database", "not be null")
	}
	connect := cmp.Or(in.ConnectedDatabase, in.Database)
	if err := d.reach(in.target, connect); err != nil {
		return nil, 0, err
	}
	if size, err = pageLength(in.MaxResults, 1000); err != nil {
		return nil, 0, err
	}
	as, err := d.login(in.target)
	if err != nil {
		return nil, 0, err
	}
	s = d.cfg.Catalog()
	if _, ok := s.User(as.user); !ok || as.err != nil {
		return nil, 0, unreachable(told(badPassword(as.user)))
	}
	for _, database := range []string{connect, in.Database} {
		if _, ok := s.Database(strings.ToLower(database)); !ok {
			return nil, 0, unreachable(fmt.Sprintf("FATAL: database %q does not exist", database))
		}
	}
	return s, size, nil
}

type listDatabasesOutput struct {
	Databases []string
	NextToken string `json:",omitempty"`
}

func (d *Door) listDatabases(_ context.Context, in *catalogInput) (*listDatabasesOutput, error) {
	s, size, err := d.read(in)
	if err != nil {
		return nil, err
	}
	names := []string{}
	for _, db := range s.Databases() {
		names = append(names, db.Name)
	}
	slices.Sort(names)
	page, next, err := paged(names, in.NextToken, "databases", size)
	return &listDatabasesOutput{page, next}, err
}

type listSchemasOutput struct {
	Schemas   []string
	NextToken string `json:",omitempty"`
}

func (d *Door) listSchemas(_ context.Context, in *catalogInput) (*listSchemasOutput, error) {
	s, size, err := d.read(in)
	if err != nil {
		return nil, err
	}
	names := []string{}
	for _, schema := range s.Schemas() {
		if schema.Database == strings.ToLower(in.Database) && like(in.SchemaPattern, schema.Name) && !strings.HasPrefix(schema.Name, "pg_temp_") {
			names = append(names, schema.Name)
		}
	}
	slices.Sort(names)
	page, next, err := paged(names, in.NextToken, "schemas", size)
	return &listSchemasOutput{page, next}, err
}

type tableMember struct {
	Name   string `json:"name"`
	Schema string `json:"schema"`
	Type   string `json:"type"`
}

type listTablesOutput struct {
	Tables    []tableMember
	NextToken string `json:",omitempty"`
}

func (d *Door) listTables(_ context.Context, in *catalogInput) (*listTablesOutput, error) {
	s, size, err := d.read(in)
	if err != nil {
		return nil, err
	}
	tables := []tableMember{}
	add := func(schema, name, kind string) {
		if like(in.SchemaPattern, schema) && like(in.TablePattern, name) {
			tables = append(tables, tableMember{Name: name, Schema: schema, Type: kind})
		}
	}
	for _, r := range relations(s, in.Database) {
		kind := "TABLE"
		if r.Kind != catalog.Table {
			kind = "VIEW"
		}
		add(r.Schema, r.Name, kind)
	}
	for _, v := range systemTables() {
		add(v.schema, v.name, v.kind)
	}
	slices.SortFunc(tables, func(a, b tableMember) int {
		return cmp.Or(cmp.Compare(a.Schema, b.Schema), cmp.Compare(a.Name, b.Name))
	})
	page, next, err := paged(tables, in.NextToken, "tables", size)
	return &listTablesOutput{page, next}, err
}

// systemTable is a table or view of the system's own.
type systemTable struct{ schema, name, kind string }

// systemTables are those of pg_catalog and information_schema. Which of them are
// tables is told by their names: assumed.
var systemTables = sync.OnceValue(func() []systemTable {
	var all []systemTable
	seen := map[string]bool{}
	add := func(schema, name string) {
		if seen[schema+"."+name] {
			return
		}
		seen[schema+"."+name] = true
		kind := "SYSTEM VIEW"
		if strings.HasPrefix(name, "pg_") || strings.HasPrefix(name, "stl_") || strings.HasPrefix(name, "stv_") {
			kind = "SYSTEM TABLE"
		}
		all = append(all, systemTable{schema, name, kind})
	}
	for _, v := range pgcatalog.All() {
		add(v.Schema, v.Name)
	}
	for _, name := range sysview.Names() {
		add("pg_catalog", strings.ToLower(name))
	}
	return all
})

type describeTableOutput struct {
	TableName  string `json:",omitempty"`
	ColumnList []columnMetadata
	NextToken  string `json:",omitempty"`
}

// describeTable gives the columns of a table, or of all tables that match. A
// table that is not there has none: assumed.
func (d *Door) describeTable(_ context.Context, in *catalogInput) (*describeTableOutput, error) {
	s, size, err := d.read(in)
	if err != nil {
		return nil, err
	}
	columns := []columnMetadata{}
	for _, r := range relations(s, in.Database) {
		if in.Schema != "" && in.Schema != r.Schema || in.Table != "" && in.Table != r.Name {
			continue
		}
		for _, col := range r.Columns {
			c := typed(col.Type)
			c.Name, c.Nullable, c.SchemaName, c.TableName, c.Length = col.Name, nullability(col), r.Schema, r.Name, c.Precision
			if col.Default != "" {
				c.ColumnDefault = &col.Default
			}
			columns = append(columns, c)
		}
	}
	page, next, err := paged(columns, in.NextToken, "columns", size)
	return &describeTableOutput{in.Table, page, next}, err
}

// relations are the tables and views of a database that are not temporary, by
// schema and name.
func relations(s *catalog.Snapshot, database string) []*catalog.Relation {
	var list []*catalog.Relation
	for _, r := range s.Relations() {
		if r.Database == strings.ToLower(database) && !r.Temp {
			list = append(list, r)
		}
	}
	slices.SortFunc(list, func(a, b *catalog.Relation) int {
		return cmp.Or(cmp.Compare(a.Schema, b.Schema), cmp.Compare(a.Name, b.Name))
	})
	return list
}

// like matches a pattern in which % is any text and _ any character; an empty
// one matches all. A backslash makes the next character a plain one: assumed.
func like(pattern, name string) bool {
	if pattern == "" {
		return true
	}
	// The last % and what it was matched with, to come back to.
	star, mark := -1, 0
	p, n := 0, 0
	for n < len(name) {
		if p < len(pattern) {
			c, size := utf8.DecodeRuneInString(pattern[p:])
			r, width := utf8.DecodeRuneInString(name[n:])
			escaped := c == '\\' && p+size < len(pattern)
			if escaped {
				var more int
				c, more = utf8.DecodeRuneInString(pattern[p+size:])
				size += more
			}
			switch {
			case c == '%' && !escaped:
				star, mark = p+size, n
				p += size
				continue
			case c == '_' && !escaped, c == r:
				p, n = p+size, n+width
				continue
			}
		}
		if star < 0 {
			return false
		}
		_, width := utf8.DecodeRuneInString(name[mark:])
		mark += width
		p, n = star, mark
	}
	return strings.Trim(pattern[p:], "%") == ""
}
