package bind

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/lock"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

// maxName is what a name is cut to (amazon-redshift-limits.md, r_CREATE_TABLE_AS.md).
const maxName = 127

// newName is the name that an identifier gives to something new.
func (c *change) newName(id ast.Ident) string { return c.ident(id) }

// cut shortens a text to so many bytes, at a character's end.
func cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit]
}

// place finds the schema that a new table or view is made in, and makes the
// session's temporary schema when it is the first to be there.
func (c *change) place(name ast.Name, temp bool) (*catalog.Schema, error) {
	schema := ""
	if len(name.Parts) > 1 {
		schema = c.ident(name.Parts[len(name.Parts)-2])
	}
	if len(name.Parts) > 2 {
		if database := c.ident(name.Parts[0]); database != c.env.Database {
			return nil, errorAt(name.Pos(), "0A000", "cross-database reference to database %q is not supported", database)
		}
	}
	switch {
	case schema == "pg_temp" || schema != "" && schema == c.env.TempSchema:
		temp = true
	case temp && schema != "":
		return nil, errorAt(name.Pos(), "42P16", "cannot create temporary relation in non-temporary schema")
	}
	var found *catalog.Schema
	switch {
	case temp:
		var err error
		if found, err = c.tempSchema(); err != nil {
			return nil, err
		}
	case schema != "":
		s, err := c.schema(schema, name.Pos())
		if err != nil {
			return nil, err
		}
		if s.External != nil {
			e := errorAt(name.Pos(), "0A000", "tables of external schema %q are made by CREATE EXTERNAL TABLE", schema) // assumed text
			return nil, e
		}
		if s.Store == "" {
			return nil, errorAt(name.Pos(), "42501", "permission denied to create \"%s.%s\"", schema, c.ident(name.Object()))
		}
		if strings.HasPrefix(schema, "pg_temp_") {
			return nil, errorAt(name.Pos(), "42P16", "cannot create relations in temporary schemas of other sessions")
		}
		found = s
	default:
		for _, schema := range c.env.SearchPath {
			if s, ok := c.env.Catalog.Schema(c.env.Database, schema); ok && s.Store != "" && c.entered(c.env.Database, schema) {
				found = s
				break
			}
		}
		if found == nil {
			return nil, errorAt(name.Pos(), "3F000", "no schema has been selected to create in")
		}
	}
	c.lock(found.ID, lock.AccessShare)
	return found, nil
}

// schema finds a schema of the session's database.
func (c *change) schema(name string, offset int) (*catalog.Schema, error) {
	if s, ok := c.env.Catalog.Schema(c.env.Database, name); ok {
		return s, nil
	}
	return nil, errorAt(offset, "3F000", "schema %q does not exist", name)
}

func (c *change) tempSchema() (*catalog.Schema, error) {
	name := c.env.TempSchema
	if name == "" {
		name = catalog.TempSchema(c.env.PID)
	}
	if s, ok := c.env.Catalog.Schema(c.env.Database, name); ok {
		return s, nil
	}
	s, err := c.newSchema(name, c.env.UserID)
	if err != nil {
		return nil, err
	}
	c.env.TempSchema = name
	return s, nil
}

// newSchema makes a schema, and its DuckDB schema under a name that is free:
// that of a renamed schema stays, and DuckDB's names have no case.
func (c *change) newSchema(name string, owner int32) (*catalog.Schema, error) {
	id, err := c.newID()
	if err != nil {
		return nil, err
	}
	s := &catalog.Schema{ID: id, Database: c.env.Database, Name: name, Owner: owner, Store: catalog.StoreSchema(c.env.Database, name)}
	for _, other := range c.env.Catalog.Schemas() {
		if strings.EqualFold(other.Store, s.Store) {
			s.Store += "/" + strconv.Itoa(int(id))
			break
		}
	}
	c.run("CREATE SCHEMA " + quote(s.Store))
	c.apply(catalog.Change{Schema: s})
	return s, nil
}

// owns tells whether the user may change what belongs to owner.
func (c *change) owns(owner int32) bool { return c.env.Superuser || owner == c.env.UserID }

// mayChange finds a table (or with views a view too) that a DDL statement
// changes, and locks it. Its owner may.
func (c *change) mayChange(name ast.Name, views bool) (*catalog.Relation, error) {
	r, err := c.target(name, views)
	if err != nil {
		return nil, err
	}
	c.lock(r.ID, lock.AccessExclusive)
	return r, c.mayChangeAs(r, 0, "", name.Pos())
}

// target finds a table of the session's database that a statement changes.
func (c *change) target(name ast.Name, views bool) (*catalog.Relation, error) {
	r, err := c.lookup(name)
	switch {
	case err != nil:
		return nil, err
	case r == nil:
		_, sys := c.systemView(name)
		if _, ok := c.catalogView(name); ok || sys || len(name.Parts) == 2 && systemSchema(c.ident(name.Parts[0])) {
			return nil, errorAt(name.Pos(), "42809", "%q is a system view and cannot be changed", c.ident(name.Object()))
		}
		return nil, c.noRelation(name)
	case r.Database != c.env.Database:
		return nil, errorAt(name.Pos(), "0A000", "cross-database reference to database %q is not supported", r.Database)
	case r.Kind != catalog.Table && !views:
		return nil, errorAt(name.Pos(), "42809", "%q is not a table", r.Name)
	}
	return r, nil
}

// store is a table's name in DuckDB.
func store(r *catalog.Relation) string { return quote(r.StoreSchema) + "." + quote(r.StoreName) }

// nameLock locks the name of a relation that is made, renamed or dropped.
func (c *change) nameLock(schema, name string) {
	c.lockName("relation", c.env.Database, schema, name)
}

// displayName is a relation's name with its schema where the name alone would
// not find it.
func (c *change) displayName(r *catalog.Relation) string {
	for _, schema := range append([]string{c.env.TempSchema}, c.env.SearchPath...) {
		if _, ok := c.env.Catalog.Relation(r.Database, schema, r.Name); ok {
			if schema == r.Schema {
				return r.Name
			}
			break
		}
	}
	return r.Schema + "." + r.Name
}
