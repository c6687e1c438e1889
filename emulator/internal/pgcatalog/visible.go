package pgcatalog

import "github.com/llm-dev-ops/redshift/emulator/internal/catalog"

// mayUse and maySelect tell what the session's user may see of all databases: a
// schema that it owns or may use; a relation that it owns, or of which it may read
// a column in a schema that it may use (r_SHOW_SCHEMAS.md, r_SHOW_TABLES.md). A
// superuser may see everything.
func (r *record) mayUse(who *catalog.Who) bool {
	return r.schema.Owner == r.facts.UserID || who.Holds(r.schema.Grants(), catalog.Usage) != 0 || r.schema.Name == r.facts.TempSchema
}

func (r *record) maySelect(who *catalog.Who) bool {
	if r.relation.Owner == r.facts.UserID {
		return true
	}
	if !r.mayUse(who) {
		return false
	}
	if who.Holds(r.relation.Grants(), catalog.Select) != 0 {
		return true
	}
	for _, c := range r.relation.Columns {
		if who.Holds(c.ACL, catalog.Select) != 0 {
			return true
		}
	}
	return false
}

func usable(r *record, yield func() bool) {
	who := r.snapshot.Who(r.facts.UserID)
	allSchemas(r, func() bool { return !r.facts.Superuser && !r.mayUse(who) || yield() })
}

func selectable(r *record, yield func() bool) {
	who := r.snapshot.Who(r.facts.UserID)
	allRelations(r, func() bool { return !r.facts.Superuser && !r.maySelect(who) || yield() })
}

// selectableColumns are those that may be read themselves.
func selectableColumns(r *record, yield func() bool) {
	who := r.snapshot.Who(r.facts.UserID)
	each(r, selectable, func() bool {
		if !r.facts.Superuser && r.relation.Owner != r.facts.UserID &&
			who.Holds(r.relation.Grants(), catalog.Select) == 0 && who.Holds(r.column.ACL, catalog.Select) == 0 {
			return true
		}
		return yield()
	})
}

// own are the rows of the session's database.
func own(of source) source {
	return func(r *record, yield func() bool) {
		of(r, func() bool { return !r.here(r.relation.Database) || yield() })
	}
}

func ownViews(r *record, yield func() bool) {
	own(selectable)(r, func() bool { return r.relation.Kind == catalog.Table || yield() })
}

// scoped are the cells of SHOW GRANTS on one kind of object.
func scoped(kind string, own map[string]cell) map[string]cell {
	return with(with(grantCells, map[string]cell{
		"database_name": func(r *record) any { return r.granted().database },
		"object_type":   constant(kind), "privilege_scope": constant(kind),
	}), own)
}

var relationGrantCells = map[string]cell{
	"object_name": func(r *record) any { return r.relation.Name },
	"object_type": shortTableType,
}

// grantedOn is what a privilege is on, in SHOW GRANTS FOR.
type grantedOn struct{ database, schema, name, kind, scope string }

// granted tells what the row's privilege is on: everyPrivilege sets what it is.
func (r *record) granted() grantedOn {
	switch {
	case r.relation != nil:
		return grantedOn{r.relation.Database, r.relation.Schema, r.relation.Name, shortTableType(r).(string), "TABLE"}
	case r.schema != nil:
		return grantedOn{r.schema.Database, r.schema.Name, "", "SCHEMA", "SCHEMA"}
	}
	return grantedOn{database: r.database.Name, kind: "DATABASE", scope: "DATABASE"}
}

func allSchemaPrivileges(r *record, yield func() bool) {
	visible := r.visible()
	allSchemas(r, func() bool { return r.grants(r.schema.Grants(), r.schema.Owner, visible, yield) })
}

func allRelationPrivileges(r *record, yield func() bool) {
	visible := r.visible()
	allRelations(r, func() bool { return r.grants(r.relation.ACL, r.relation.Owner, visible, yield) })
}

func allColumnPrivileges(r *record, yield func() bool) {
	visible := r.visible()
	allColumns(r, func() bool { return r.grants(r.column.ACL, r.relation.Owner, visible, yield) })
}

// everyPrivilege is on databases, on schemas and on relations.
func everyPrivilege(r *record, yield func() bool) {
	more := true
	on := func() bool {
		more = yield()
		return more
	}
	r.relation, r.schema = nil, nil
	if databasePrivileges(r, on); more {
		allSchemaPrivileges(r, on)
	}
	if more {
		allRelationPrivileges(r, on)
	}
}
