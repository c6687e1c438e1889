package pgcatalog

import (
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
)

// shows are the rows of the SHOW statements that list objects, by what is shown.
// Their columns are those of the guide's examples (r_SHOW_TABLES.md and its kin),
// their types those of the views that the guide points to.
var shows = []definition{
	{"", "databases", "database_name:varchar database_owner:int4 database_type:varchar database_acl:varchar parameters:varchar database_isolation_level:varchar", databases, databaseCells},
	{"", "schemas", "database_name:varchar schema_name:varchar schema_owner:int4 schema_type:varchar schema_acl:varchar source_database:varchar schema_option:varchar", usable, schemaCells},
	{"", "tables", "database_name:varchar schema_name:varchar table_name:varchar table_type:varchar table_acl:varchar remarks:text owner:varchar last_altered_time:timestamp last_modified_time:timestamp dist_style:varchar table_subtype:varchar", selectable, map[string]cell{
		"table_type": shortTableType, "owner": common["table_owner"], "dist_style": showDistStyle, "table_subtype": tableSubtype,
	}},
	{"", "columns", "database_name:varchar schema_name:varchar table_name:varchar column_name:varchar ordinal_position:int4 column_default:text is_nullable:varchar data_type:varchar character_maximum_length:int4 numeric_precision:int4 numeric_scale:int4 remarks:text sort_key_type:varchar sort_key:int4 dist_key:int4 encoding:varchar collation:varchar", selectableColumns, map[string]cell{
		"sort_key_type": sortKeyType, "sort_key": sortKey, "encoding": showEncoding,
		"dist_key": func(r *record) any {
			if r.column.DistKey {
				return int64(1)
			}
			return int64(0)
		},
	}},
	{"", "primary keys", "database_name:varchar schema_name:varchar table_name:varchar pk_name:varchar column_name:varchar key_seq:int4", keysOf("p"), map[string]cell{
		"pk_name": func(r *record) any { return r.constraint.Name }, "key_seq": func(r *record) any { return int64(r.number) },
	}},
	{"", "foreign keys", "pk_database_name:varchar pk_schema_name:varchar pk_table_name:varchar pk_column_name:varchar fk_database_name:varchar fk_schema_name:varchar fk_table_name:varchar fk_column_name:varchar key_seq:int4 fk_name:varchar pk_name:varchar update_rule:int4 delete_rule:int4 deferrability:int4", keysOf("f"), map[string]cell{
		"pk_database_name": referred(func(to *catalog.Relation) any { return to.Database }), "pk_schema_name": referred(func(to *catalog.Relation) any { return to.Schema }),
		"pk_table_name": referred(func(to *catalog.Relation) any { return to.Name }),
		"pk_column_name": func(r *record) any {
			if n := r.number - 1; n < len(r.constraint.RefColumns) {
				return r.constraint.RefColumns[n]
			}
			return nil
		},
		"fk_database_name": common["database_name"], "fk_schema_name": common["schema_name"], "fk_table_name": common["table_name"],
		"fk_column_name": common["column_name"], "key_seq": func(r *record) any { return int64(r.number) },
		"fk_name": func(r *record) any { return r.constraint.Name },
		"pk_name": referred(primaryKeyName),
	}},
	{"", "database grants", "database_name:varchar privilege_type:varchar identity_id:int4 identity_name:varchar identity_type:varchar admin_option:bool privilege_scope:varchar", databasePrivileges, scoped("DATABASE", nil)},
	{"", "schema grants", objectGrants, allSchemaPrivileges, scoped("SCHEMA", map[string]cell{
		"database_name": func(r *record) any { return r.schema.Database }, "schema_name": func(r *record) any { return r.schema.Name },
		"object_name": func(r *record) any { return r.schema.Name },
	})},
	{"", "table grants", objectGrants, allRelationPrivileges, scoped("TABLE", relationGrantCells)},
	{"", "column grants", "database_name:varchar schema_name:varchar table_name:varchar column_name:varchar object_type:varchar privilege_type:varchar identity_id:int4 identity_name:varchar identity_type:varchar admin_option:bool privilege_scope:varchar grantor_name:varchar", allColumnPrivileges, scoped("COLUMN", map[string]cell{
		"grantor_name": func(r *record) any {
			for _, g := range r.column.ACL {
				if g.Grantee == r.grantee && g.Privileges&catalog.ParsePrivilege(r.privilege) != 0 {
					return r.userName(g.Grantor)
				}
			}
			return nil
		},
	})},
	{"", "grants to", "database_name:varchar schema_name:varchar object_name:varchar object_type:varchar privilege_type:varchar identity_id:int4 identity_name:varchar identity_type:varchar privilege_scope:varchar", everyPrivilege, with(grantCells, map[string]cell{
		"database_name": func(r *record) any { return r.granted().database }, "schema_name": func(r *record) any { return nonEmpty(r.granted().schema) },
		"object_name": func(r *record) any { return nonEmpty(r.granted().name) }, "object_type": func(r *record) any { return r.granted().kind },
		"privilege_scope": func(r *record) any { return r.granted().scope },
	})},
	{"", "functions", "database_name:varchar schema_name:varchar function_name:varchar number_of_arguments:int4 argument_list:text return_type:varchar remarks:text", routinesOf(false), routineCells},
	{"", "procedures", "database_name:varchar schema_name:varchar procedure_name:varchar number_of_arguments:int4 argument_list:text return_type:text remarks:text", routinesOf(true), routineCells},
}

const objectGrants = "database_name:varchar! schema_name:varchar object_name:varchar object_type:varchar privilege_type:varchar identity_id:int4 identity_name:varchar identity_type:varchar admin_option:bool privilege_scope:varchar"

var shown = func() map[string]*View {
	m := make(map[string]*View)
	for _, d := range shows {
		m[d.name] = d.view()
	}
	return m
}()

// Show finds what a SHOW statement lists: "databases", "schemas", "tables",
// "columns", "primary keys", "foreign keys", "functions", "procedures", "database
// grants", "schema grants", "table grants", "column grants" or, by whom they are
// for, "grants to"; of all databases. Hidden columns are there to choose rows by.
// No query reads them by a name.
func Show(what string) (*View, bool) {
	v, ok := shown[what]
	return v, ok
}

var databaseCells = map[string]cell{
	"database_acl":  databaseACL,
	"database_name": func(r *record) any { return r.database.Name }, "database_owner": func(r *record) any { return id(r.database.Owner) },
	"database_type": constant("local"), "database_isolation_level": func(r *record) any {
		if r.database.Serializable {
			return "Serializable"
		}
		return "Snapshot Isolation"
	},
}

// keysOf are the columns of the constraints of a kind, in all databases.
func keysOf(kind string) source {
	return func(r *record, yield func() bool) {
		keyColumnsOf(r, allRelations, func() bool { return r.constraint.Kind != kind || yield() })
	}
}

// referred is about the table that a foreign key refers to.
func referred(f func(*catalog.Relation) any) cell {
	return func(r *record) any {
		if to, ok := r.snapshot.RelationByID(r.constraint.RefTable); ok {
			return f(to)
		}
		return nil
	}
}

func primaryKeyName(to *catalog.Relation) any {
	for _, k := range to.Constraints {
		if k.Kind == "p" {
			return k.Name
		}
	}
	return nil
}

// showDistStyle is as SHOW TABLES and SVV_TABLE_INFO tell it; what AUTO has come
// to is ALL for a small table (r_CREATE_TABLE_NEW.md), and here all are small.
func showDistStyle(r *record) any {
	rel := r.relation
	if rel.Kind != catalog.Table {
		return nil
	}
	switch rel.DistStyle {
	case "even", "all":
		return strings.ToUpper(rel.DistStyle)
	case "key":
		for _, c := range rel.Columns {
			if c.DistKey {
				return "KEY(" + c.Name + ")"
			}
		}
	}
	return "AUTO(ALL)"
}

func tableSubtype(r *record) any {
	switch r.relation.Kind {
	case catalog.Table:
		return "REGULAR TABLE"
	case catalog.LateBinding:
		return "LATE BINDING VIEW"
	case catalog.Materialized:
		return "MATERIALIZED VIEW"
	}
	return "REGULAR VIEW"
}

func sortKeyType(r *record) any {
	if r.column.SortKey == 0 {
		return nil
	}
	return strings.ToUpper(r.relation.SortKind)
}

// showEncoding is a column's encoding, with raw for none.
func showEncoding(r *record) any {
	if r.relation.Kind != catalog.Table {
		return nil
	}
	if e := encoding(r); e != "none" {
		return e
	}
	return "raw"
}
