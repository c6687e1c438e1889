package pgcatalog

import (
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
)

const (
	pgCatalog  = "pg_catalog"
	infoSchema = "information_schema"
)

// The ids of catalog tables, as in PostgreSQL.
const (
	pgClassID     = 1259
	pgRewriteID   = 2618
	pgCatalogID   = 11
	utf8Encoding  = 6
	btree         = 403
	lastSystemOID = 16383
)

func id(v int32) any { return int64(v) }

// isByVal tells whether a type's values fit into a machine word.
func isByVal(t rstype.Type) bool { return t.Size() > 0 && t.Size() <= 8 && t.Kind != rstype.Name }

// newerClassColumns are those that psql asks for in its forms for version 9.2, the
// oldest that psql 15 knows. They are known by their names alone, as all the newer
// columns of these tables are.
const newerClassColumns = " relhastriggers:bool! reloftype:oid! relrowsecurity:bool! relispartition:bool! relpersistence:char! reloptions:array! tableoid:oid!"

const (
	classColumns    = "relname:name relnamespace:oid reltype:oid relowner:int4 relam:oid relfilenode:oid reltablespace:oid relpages:int4 reltuples:float4 reltoastrelid:oid reltoastidxid:oid relhasindex:bool relisshared:bool relkind:char relnatts:int2 relexternid:oid relisreplicated:bool relispinned:bool reldiststyle:int2 relprojbaseid:oid relchecks:int2 reltriggers:int2 relukeys:int2 relfkeys:int2 relrefs:int2 relhasoids:bool relhaspkey:bool relhasrules:bool relhassubclass:bool relacl:array"
	databaseColumns = "datname:name datdba:int4 encoding:int4 datistemplate:bool datallowconn:bool datlastsysoid:oid datvacuumxid:int8 datfrozenxid:int8 dattablespace:oid datconfig:array datacl:array"
)

var classCells = map[string]cell{
	"relname": func(r *record) any { return r.className() }, "relnamespace": func(r *record) any { return id(r.schema.ID) },
	"reltype": constant(int64(0)), "relowner": func(r *record) any { return id(r.relation.Owner) }, "relam": func(r *record) any {
		if r.index {
			return int64(btree)
		}
		return int64(0)
	},
	"relfilenode": func(r *record) any { return id(r.classID()) }, "reltablespace": constant(int64(0)), "relpages": constant(int64(0)), "reltuples": constant(0.001),
	"reltoastrelid": constant(int64(0)), "reltoastidxid": constant(int64(0)), "relhasindex": func(r *record) any { return !r.index && (has(r.relation, "p") || has(r.relation, "u")) }, "relisshared": constant(false),
	"relkind": relKind, "relnatts": func(r *record) any { return int64(r.width()) },
	"relexternid": constant(int64(0)), "relisreplicated": constant(false), "relispinned": constant(false), "reldiststyle": distStyle, "relprojbaseid": constant(int64(0)),
	"relchecks": constant(int64(0)), "reltriggers": constant(int64(0)), "relukeys": constant(int64(0)), "relfkeys": constant(int64(0)), "relrefs": constant(int64(0)),
	"relhasoids": constant(false), "relhaspkey": func(r *record) any { return !r.index && has(r.relation, "p") }, "relhasrules": func(r *record) any { return r.relation.Kind != catalog.Table },
	// PostgreSQL keeps foreign keys by triggers, and psql asks for those of a table that
	// has some.
	"relhastriggers": func(r *record) any { return !r.index && (has(r.relation, "f") || isReferred(r)) }, "reloftype": constant(int64(0)), "relrowsecurity": constant(false), "relispartition": constant(false), "tableoid": constant(int64(pgClassID)),
	"relpersistence": func(r *record) any {
		if r.relation.Temp {
			return "t"
		}
		return "p"
	},
	"relhassubclass": constant(false), "oid": func(r *record) any { return id(r.classID()) }, "reloid": func(r *record) any { return id(r.classID()) }, "releffectivediststyle": effectiveDistStyle, "relacl": relationACL,
}

var pgDatabaseCells = map[string]cell{
	"datname": func(r *record) any { return r.database.Name }, "datdba": func(r *record) any { return id(r.database.Owner) }, "encoding": constant(int64(utf8Encoding)),
	"datistemplate": constant(false), "datallowconn": constant(true), "datlastsysoid": constant(int64(lastSystemOID)), "datvacuumxid": constant(int64(0)), "datfrozenxid": constant(int64(0)),
	"dattablespace": constant(int64(1663)), "oid": func(r *record) any { return id(r.database.ID) }, "datid": func(r *record) any { return id(r.database.ID) },
	// Serializable (facts: Transactions).
	"datconfig": func(r *record) any {
		if r.database.Serializable {
			return "{concurrency_model=2}"
		}
		return "{concurrency_model=1}"
	}, "datcollate": constant("C"), "datctype": constant("C"), "datconnlimit": constant("-1"), "datacl": databaseACL,
}

// tables are the catalog tables of PostgreSQL 8.0 with Redshift's columns.
var tables = []definition{
	{
		pgCatalog, "pg_namespace", "nspname:name nspowner:int4 nspacl:array oid:oid!", schemas,
		map[string]cell{
			"nspname": func(r *record) any { return r.schema.Name }, "nspowner": func(r *record) any { return id(r.schema.Owner) },
			"oid": func(r *record) any { return id(r.schema.ID) }, "nspacl": schemaACL,
		},
	},
	{
		pgCatalog, "pg_class", classColumns + newerClassColumns + " oid:oid!", classes, classCells,
	},
	{
		pgCatalog, "pg_attribute", "attrelid:oid attname:name atttypid:oid attstattarget:int4 attlen:int2 attnum:int2 attndims:int4 attcacheoff:int4 atttypmod:int4 attbyval:bool attstorage:char attalign:char attnotnull:bool atthasdef:bool attisdropped:bool attislocal:bool attinhcount:int4 attisdistkey:bool attispreloaded:bool attsortkeyord:int4 attencodingtype:int2 attencrypttype:int2 attacl:array! attcollation:oid! attidentity:char! attgenerated:char!", attributes,
		map[string]cell{
			"attrelid": func(r *record) any { return id(r.classID()) }, "attname": func(r *record) any { return r.column.Name },
			"atttypid": func(r *record) any { return int64(r.column.Type.OID()) }, "attstattarget": constant(int64(-1)),
			"attlen": func(r *record) any { return int64(r.column.Type.Size()) }, "attnum": func(r *record) any { return int64(r.number) },
			"attndims": constant(int64(0)), "attcacheoff": constant(int64(-1)), "atttypmod": func(r *record) any { return int64(r.column.Type.Typmod()) },
			"attbyval": func(r *record) any { return isByVal(r.column.Type) }, "attstorage": func(r *record) any { return storage(r.column.Type) },
			"attalign":   func(r *record) any { return align(r.column.Type) },
			"attnotnull": func(r *record) any { return r.column.NotNull }, "atthasdef": func(r *record) any { return columnDefault(r) != nil },
			"attisdropped": constant(false), "attislocal": constant(true), "attinhcount": constant(int64(0)),
			"attisdistkey": func(r *record) any { return r.column.DistKey }, "attispreloaded": constant(false), "attsortkeyord": sortKey,
			"attacl": columnACL, "attcollation": constant(int64(0)), "attidentity": constant(""), "attgenerated": constant(""),
			"attencodingtype": encodingCode, "attencrypttype": constant(int64(0)),
		},
	},
	{
		pgCatalog, "pg_attrdef", "adrelid:oid adnum:int2 adbin:text adsrc:text", defaults,
		map[string]cell{
			"adrelid": func(r *record) any { return id(r.relation.ID) }, "adnum": func(r *record) any { return int64(r.number) },
			"adbin": columnDefault, "adsrc": columnDefault,
		},
	},
	{
		pgCatalog, "pg_type", "typname:name typnamespace:oid typowner:int4 typlen:int2 typbyval:bool typtype:char typisdefined:bool typdelim:char typrelid:oid typelem:oid typinput:text typoutput:text typreceive:text typsend:text typanalyze:text typalign:char typstorage:char typnotnull:bool typbasetype:oid typtypmod:int4 typndims:int4 typdefaultbin:text typdefault:text typcollation:oid! typarray:oid! typacl:array! typcategory:char! oid:oid!", types,
		map[string]cell{
			"typname": func(r *record) any { return typeName(r.typ.Kind) }, "typnamespace": constant(int64(pgCatalogID)), "typowner": constant(int64(1)),
			"typlen": func(r *record) any { return int64(r.typ.Size()) }, "typbyval": func(r *record) any { return isByVal(r.typ) },
			"typtype": typType, "typisdefined": constant(true), "typdelim": constant(","), "typrelid": constant(int64(0)), "typelem": constant(int64(0)),
			"typinput": func(r *record) any { return typeName(r.typ.Kind) + "in" }, "typoutput": func(r *record) any { return typeName(r.typ.Kind) + "out" },
			"typreceive": func(r *record) any { return typeName(r.typ.Kind) + "recv" }, "typsend": func(r *record) any { return typeName(r.typ.Kind) + "send" },
			"typanalyze": constant("-"), "typalign": func(r *record) any { return align(r.typ) }, "typstorage": func(r *record) any { return storage(r.typ) },
			"typarray": constant(int64(0)), "typcollation": constant(int64(0)), "typcategory": typCategory,
			"typnotnull": constant(false), "typbasetype": constant(int64(0)), "typtypmod": constant(int64(-1)), "typndims": constant(int64(0)),
			"oid": func(r *record) any { return int64(r.typ.OID()) },
		},
	},
	{
		pgCatalog, "pg_constraint", "conname:name connamespace:oid contype:char condeferrable:bool condeferred:bool conrelid:oid contypid:oid confrelid:oid confupdtype:char confdeltype:char confmatchtype:char conkey:array confkey:array conbin:text consrc:text conindid:oid! conislocal:bool! convalidated:bool! conparentid:oid! oid:oid!", constraints,
		map[string]cell{
			"oid": func(r *record) any { return int64(ConstraintID(r.relation, r.number)) },
			"conindid": func(r *record) any {
				if r.constraint.Kind == "f" {
					return int64(0)
				}
				return int64(ConstraintID(r.relation, r.number))
			},
			"conislocal": constant(true), "convalidated": constant(true), "conparentid": constant(int64(0)),
			"conname": func(r *record) any { return r.constraint.Name }, "connamespace": func(r *record) any { return id(r.schema.ID) },
			"contype": func(r *record) any { return r.constraint.Kind }, "condeferrable": constant(false), "condeferred": constant(false),
			"conrelid": func(r *record) any { return id(r.relation.ID) }, "contypid": constant(int64(0)), "confrelid": func(r *record) any { return id(r.constraint.RefTable) },
			"confupdtype": func(r *record) any { return ifForeign(r, "a") }, "confdeltype": func(r *record) any { return ifForeign(r, "a") }, "confmatchtype": func(r *record) any { return ifForeign(r, "u") },
			"conkey": func(r *record) any { return columnNumbers(r.relation, r.constraint.Columns) }, "confkey": foreignNumbers,
		},
	},
	{
		// Redshift keeps an index that it does not use for every primary key and
		// unique constraint: assumed of the latter.
		pgCatalog, "pg_index", "indexrelid:oid indrelid:oid indkey:array indclass:array indnatts:int2 indisunique:bool indisprimary:bool indisclustered:bool indexprs:text indpred:text indisvalid:bool! indisreplident:bool! indimmediate:bool! indoption:array!", indexes,
		map[string]cell{
			"indexrelid": func(r *record) any { return id(r.classID()) }, "indrelid": func(r *record) any { return id(r.relation.ID) },
			"indkey": func(r *record) any {
				return strings.NewReplacer("{", "", "}", "", ",", " ").Replace(columnNumbers(r.relation, r.constraint.Columns).(string))
			},
			"indisvalid": constant(true), "indisreplident": constant(false), "indimmediate": constant(true),
			"indnatts": func(r *record) any { return int64(len(r.constraint.Columns)) }, "indisunique": constant(true),
			"indisprimary": func(r *record) any { return r.constraint.Kind == "p" }, "indisclustered": constant(false),
		},
	},
	{pgCatalog, "pg_class_info", "reloid:oid " + classColumns + " relcreationtime:timestamp releffectivediststyle:int4", classes, classCells},
	{pgCatalog, "pg_database_info", "datid:oid " + databaseColumns + " datconnlimit:text", databases, pgDatabaseCells},
	{
		pgCatalog, "pg_depend", "classid:oid objid:oid objsubid:int4 refclassid:oid refobjid:oid refobjsubid:int4 deptype:char", dependencies,
		map[string]cell{
			// A view's rule depends on the view, and on what its query reads.
			"classid": constant(int64(pgRewriteID)), "objid": func(r *record) any { return id(r.relation.ID) }, "objsubid": constant(int64(0)),
			"refclassid": constant(int64(pgClassID)), "refobjid": func(r *record) any { return int64(r.number) }, "refobjsubid": constant(int64(0)),
			"deptype": func(r *record) any {
				if r.number == int(r.relation.ID) {
					return "i"
				}
				return "n"
			},
		},
	},
	{
		pgCatalog, "pg_rewrite", "rulename:name ev_class:oid ev_attr:int2 ev_type:char is_instead:bool ev_qual:text ev_action:text oid:oid!", viewsOnly,
		map[string]cell{
			"rulename": constant("_RETURN"), "ev_class": func(r *record) any { return id(r.relation.ID) }, "ev_attr": constant(int64(-1)), "ev_type": constant("1"),
			"is_instead": constant(true), "oid": func(r *record) any { return id(r.relation.ID) },
		},
	},
	{pgCatalog, "pg_trigger", "tgrelid:oid tgname:name tgfoid:oid tgtype:int2 tgenabled:char tgisconstraint:bool tgconstrname:name tgconstrrelid:oid tgdeferrable:bool tginitdeferred:bool tgnargs:int2 tgattr:text tgargs:text tgisinternal:bool! oid:oid!", noRows, nil},
	{pgCatalog, "pg_proc", procColumns + " proiswindow:bool! prokind:char! oid:oid!", routines, procCells},
	{pgCatalog, "pg_proc_info", "prooid:oid " + procColumns + " prokind:char proargmodes:array proallargtypes:array", routines, procCells},
	{pgCatalog, "pg_language", "lanname:name lanispl:bool lanpltrusted:bool lanplcallfoid:oid lanvalidator:oid lanacl:array oid:oid!", languages, languageCells},
	{pgCatalog, "pg_inherits", "inhrelid:oid inhparent:oid inhseqno:int4", noRows, nil},
	{
		pgCatalog, "pg_description", "objoid:oid classoid:oid objsubid:int4 description:text", comments,
		map[string]cell{
			"objoid": func(r *record) any { return id(r.relation.ID) }, "classoid": constant(int64(pgClassID)), "objsubid": func(r *record) any { return int64(r.number) },
			"description": common["remarks"],
		},
	},
	{
		pgCatalog, "pg_database", databaseColumns + " datcollate:name! datctype:name! oid:oid!", databases, pgDatabaseCells,
	},
	{pgCatalog, "pg_user", "usename:name usesysid:int4 usecreatedb:bool usesuper:bool usecatupd:bool passwd:text valuntil:text useconfig:array", users, userCells},
	{pgCatalog, "pg_shadow", "usename:name usesysid:int4 usecreatedb:bool usesuper:bool usecatupd:bool passwd:text valuntil:text useconfig:array", superuserOnly(users), userCells},
	{pgCatalog, "pg_user_info", "usename:name usesysid:int4 usecreatedb:bool usesuper:bool usecatupd:bool passwd:text valuntil:text useconfig:array useconnlimit:text", users, userCells},
	{
		pgCatalog, "pg_tables", "schemaname:name tablename:name tableowner:name tablespace:name hasindexes:bool hasrules:bool hastriggers:bool", systemKind(baseTables, true),
		map[string]cell{"hasindexes": constant(false), "hasrules": constant(false), "hastriggers": constant(false)},
	},
	{pgCatalog, "pg_views", "schemaname:name viewname:name viewowner:name definition:text", systemKind(viewsOnly, false), map[string]cell{
		// Tools tell materialized views by what their text begins with.
		"definition": func(r *record) any {
			if r.relation.Kind == catalog.Materialized {
				return MaterializedDefinition(r.relation)
			}
			return nonEmpty(r.relation.Definition)
		},
	}},
}

var userCells = map[string]cell{
	"usename": func(r *record) any { return r.user.Name }, "usesysid": func(r *record) any { return id(r.user.ID) },
	"usecreatedb": func(r *record) any { return r.user.CreateDB || r.user.Superuser }, "usesuper": func(r *record) any { return r.user.Superuser },
	"usecatupd": func(r *record) any { return r.user.Superuser },
	// Nobody is shown a password, nor its digest.
	"passwd": constant("********"), "useconnlimit": connectionLimit, "valuntil": validUntil, "useconfig": userConfig,
}

func relKind(r *record) any {
	if r.index {
		return "i"
	}
	if r.relation.Kind == catalog.Table {
		return "r"
	}
	return "v"
}

// effectiveDistStyle is pg_class_info.releffectivediststyle (r_PG_CLASS_INFO.md):
// what AUTO has come to is ALL.
func effectiveDistStyle(r *record) any {
	if n := distStyle(r); n != int64(9) {
		return n
	}
	return int64(10)
}

func has(rel *catalog.Relation, kind string) bool {
	for _, k := range rel.Constraints {
		if k.Kind == kind {
			return true
		}
	}
	return false
}

func isReferred(r *record) bool {
	for _, other := range r.snapshot.Relations() {
		for _, k := range other.Constraints {
			if k.RefTable == r.relation.ID {
				return true
			}
		}
	}
	return false
}

func ifForeign(r *record, v string) any {
	if r.constraint.Kind != "f" {
		return " "
	}
	return v
}

func foreignNumbers(r *record) any {
	rel, _ := r.snapshot.RelationByID(r.constraint.RefTable)
	return columnNumbers(rel, r.constraint.RefColumns)
}

func typType(r *record) any {
	if r.typ.Kind == rstype.Unknown || r.typ.Kind == rstype.Void {
		return "p"
	}
	return "b"
}

// typCategory is PostgreSQL's letter for a kind of types.
func typCategory(r *record) any {
	switch k := r.typ.Kind; k {
	case rstype.Bool:
		return "B"
	case rstype.Int2, rstype.Int4, rstype.Int8, rstype.Float4, rstype.Float8, rstype.Numeric, rstype.OID:
		return "N"
	case rstype.Char, rstype.Varchar, rstype.Name:
		return "S"
	case rstype.Date, rstype.Time, rstype.TimeTZ, rstype.Timestamp, rstype.TimestampTZ:
		return "D"
	case rstype.IntervalYM, rstype.IntervalDS:
		return "T"
	case rstype.Unknown:
		return "X"
	case rstype.Void:
		return "P"
	}
	return "U"
}

// align and storage are PostgreSQL's letters for a type.
func align(t rstype.Type) string {
	switch t.Size() {
	case 1, -2:
		return "c"
	case 2:
		return "s"
	case 8, 12:
		return "d"
	}
	return "i"
}

func storage(t rstype.Type) string {
	switch {
	case t.Size() != -1:
		return "p"
	case t.Kind == rstype.Numeric:
		return "m"
	}
	return "x"
}
