package pgcatalog

import (
	"slices"

	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
)

// here tells whether a database is the session's.
func (r *record) here(database string) bool { return database == r.facts.Database }

func noRows(*record, func() bool) {}

func users(r *record, yield func() bool) {
	for _, r.user = range r.snapshot.Users() {
		if !yield() {
			return
		}
	}
}

func databases(r *record, yield func() bool) {
	for _, r.database = range r.snapshot.Databases() {
		if !yield() {
			return
		}
	}
}

// schemas are those of the session's database, allSchemas those of all.
func schemas(r *record, yield func() bool) {
	allSchemas(r, func() bool { return !r.here(r.schema.Database) || yield() })
}

func allSchemas(r *record, yield func() bool) {
	for _, r.schema = range r.snapshot.Schemas() {
		if !yield() {
			return
		}
	}
}

// relations are those of the session's database, allRelations those of all.
func relations(r *record, yield func() bool) {
	allRelations(r, func() bool { return !r.here(r.relation.Database) || yield() })
}

func allRelations(r *record, yield func() bool) {
	for _, r.relation = range r.snapshot.Relations() {
		r.schema, _ = r.snapshot.Schema(r.relation.Database, r.relation.Schema)
		if r.schema == nil {
			r.schema = &catalog.Schema{Database: r.relation.Database, Name: r.relation.Schema}
		}
		if !yield() {
			return
		}
	}
}

// classes are the relations and the indexes of their keys.
func classes(r *record, yield func() bool) {
	r.index = false
	withSystem(relations)(r, func() bool {
		if !yield() {
			return false
		}
		return keyIndexes(r, yield)
	})
}

func indexes(r *record, yield func() bool) {
	relations(r, func() bool { return keyIndexes(r, yield) })
}

// keyIndexes are the indexes of a relation's primary key and unique constraints.
func keyIndexes(r *record, yield func() bool) bool {
	r.index = true
	defer func() { r.index = false }()
	for i := range r.relation.Constraints {
		r.constraint, r.number = &r.relation.Constraints[i], i+1
		r.key = r.number
		if r.constraint.Kind != "f" && !yield() {
			return false
		}
	}
	return true
}

// attributes are the columns of relations and of indexes.
func attributes(r *record, yield func() bool) {
	classes(r, func() bool {
		for i := range r.width() {
			if !r.index {
				r.column, r.number = &r.relation.Columns[i], i+1
			} else if n, ok := r.relation.Column(r.constraint.Columns[i]); ok {
				c := &r.relation.Columns[n]
				r.column, r.number = &catalog.Column{Name: c.Name, Type: c.Type, Encode: "raw"}, i+1
			} else {
				continue
			}
			if !yield() {
				return false
			}
		}
		return true
	})
}

// classID, className and width are a relation's, or an index's.
func (r *record) classID() int32 {
	if r.index {
		return ConstraintID(r.relation, r.key)
	}
	return r.relation.ID
}

func (r *record) className() string {
	if r.index {
		return r.constraint.Name
	}
	return r.relation.Name
}

func (r *record) width() int {
	if r.index {
		return len(r.constraint.Columns)
	}
	return len(r.relation.Columns)
}

func baseTables(r *record, yield func() bool) {
	relations(r, func() bool { return r.relation.Kind != catalog.Table || yield() })
}

func viewsOnly(r *record, yield func() bool) {
	relations(r, func() bool { return r.relation.Kind == catalog.Table || yield() })
}

// columns are those of relations, allColumns those of allRelations.
func columns(r *record, yield func() bool) { each(r, relations, yield) }

func allColumns(r *record, yield func() bool) { each(r, allRelations, yield) }

func each(r *record, of source, yield func() bool) {
	of(r, func() bool {
		for i := range r.relation.Columns {
			r.column, r.number = &r.relation.Columns[i], i+1
			if !yield() {
				return false
			}
		}
		return true
	})
}

// pathColumns are the columns of tables in the search path: PG_TABLE_DEF shows
// no others (r_PG_TABLE_DEF.md).
func pathColumns(r *record, yield func() bool) {
	each(r, withSystem(baseTables), func() bool {
		if r.relation.Kind != catalog.Table {
			return true
		}
		name := r.relation.Schema
		if name != r.facts.TempSchema && name != "pg_catalog" && !slices.Contains(r.facts.SearchPath, name) {
			return true
		}
		return yield()
	})
}

func defaults(r *record, yield func() bool) {
	columns(r, func() bool { return columnDefault(r) == nil || yield() })
}

func constraints(r *record, yield func() bool) { constraintsOf(r, relations, yield) }

func constraintsOf(r *record, of source, yield func() bool) {
	of(r, func() bool {
		for i := range r.relation.Constraints {
			r.constraint, r.number = &r.relation.Constraints[i], i+1
			if !yield() {
				return false
			}
		}
		return true
	})
}

// keyColumns are the columns of constraints, number their place in it.
func keyColumns(r *record, yield func() bool) { keyColumnsOf(r, relations, yield) }

func keyColumnsOf(r *record, of source, yield func() bool) {
	constraintsOf(r, of, func() bool {
		for i, name := range r.constraint.Columns {
			n, ok := r.relation.Column(name)
			if !ok {
				continue
			}
			r.column, r.number = &r.relation.Columns[n], i+1
			if !yield() {
				return false
			}
		}
		return true
	})
}

// comments are those of relations (number 0), columns and databases.
func comments(r *record, yield func() bool) {
	relations(r, func() bool {
		r.column, r.number = nil, 0
		if r.relation.Comment != "" && !yield() {
			return false
		}
		for i := range r.relation.Columns {
			r.column, r.number = &r.relation.Columns[i], i+1
			if r.column.Comment != "" && !yield() {
				return false
			}
		}
		return true
	})
}

func types(r *record, yield func() bool) {
	for k := rstype.Unknown; k <= rstype.Void; k++ {
		r.typ = rstype.Type{Kind: k}
		if !yield() {
			return
		}
	}
}

// superuserOnly shows nothing to others.
func superuserOnly(of source) source {
	return func(r *record, yield func() bool) {
		if r.facts.Superuser {
			of(r, yield)
		}
	}
}

// ownUser is the session's user alone, and for a superuser everybody.
func ownUser(r *record, yield func() bool) {
	users(r, func() bool { return !r.facts.Superuser && r.user.ID != r.facts.UserID || yield() })
}

// dependencies are what views are made of; number is what is depended on.
func dependencies(r *record, yield func() bool) {
	viewsOnly(r, func() bool {
		r.number = int(r.relation.ID)
		if !yield() {
			return false
		}
		for _, on := range r.relation.Uses {
			r.number = int(on)
			if !yield() {
				return false
			}
		}
		return true
	})
}

// ConstraintID is the id of a table's constraint, the number'th from 1, and of the
// index of a key. The ids of relations stay far below it.
func ConstraintID(rel *catalog.Relation, number int) int32 { return 1<<30 + rel.ID<<6 + int32(number) }

func foreignKeys(r *record, yield func() bool) {
	constraints(r, func() bool { return r.constraint.Kind != "f" || yield() })
}

// usedColumns are the columns that constraints are about: a foreign key's are
// those that it refers to, in another table.
func usedColumns(r *record, yield func() bool) {
	constraints(r, func() bool {
		own, names := r.relation, r.constraint.Columns
		if r.constraint.Kind == "f" {
			to, ok := r.snapshot.RelationByID(r.constraint.RefTable)
			if !ok {
				return true
			}
			r.relation, names = to, r.constraint.RefColumns
		}
		defer func() { r.relation = own }()
		for _, name := range names {
			n, ok := r.relation.Column(name)
			if !ok {
				continue
			}
			if r.column = &r.relation.Columns[n]; !yield() {
				return false
			}
		}
		return true
	})
}
