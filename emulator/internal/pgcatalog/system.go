package pgcatalog

import (
	"slices"
	"strings"
	"sync"

	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/sysview"
)

// SystemKind tells what an object of the system is, as a name of information_schema
// and pg_catalog is one: the tables of PostgreSQL's catalog and those that STL and STV
// views are called in the guide are tables, the others views (assumed).
func SystemKind(name string) catalog.Kind {
	for _, prefix := range []string{"stl_", "stv_"} {
		if strings.HasPrefix(name, prefix) {
			return catalog.Table
		}
	}
	if _, ok := fixedIDs[name]; ok {
		return catalog.Table
	}
	return catalog.View
}

// fixedIDs are PostgreSQL's ids of its catalog's tables. What has none of its own
// gets one behind firstSystemID in the order of names.
var fixedIDs = map[string]int32{
	"pg_type": 1247, "pg_attribute": 1249, "pg_proc": 1255, "pg_class": pgClassID, "pg_shadow": 1260, "pg_group": 1261, "pg_database": 1262,
	"pg_tablespace": 1213, "pg_attrdef": 2604, "pg_constraint": 2606, "pg_depend": 2608, "pg_description": 2609, "pg_index": 2610, "pg_inherits": 2611,
	"pg_language": 2612, "pg_namespace": 2615, "pg_am": 2601, "pg_rewrite": pgRewriteID, "pg_trigger": 2620, "pg_default_acl": 826,
}

const firstSystemID = 11100

// everyView is All. It is set when the views are there: their sources call it.
var everyView func() []*View

func init() { everyView = All }

// systemRelations are the tables and views of the system, in every database the
// same, by database.
var systemRelations sync.Map

// SystemRelations gives the tables and views of pg_catalog and information_schema
// as relations of a database. They are shared and never change.
func SystemRelations(database string) []*catalog.Relation {
	if v, ok := systemRelations.Load(database); ok {
		return v.([]*catalog.Relation)
	}
	var all []*catalog.Relation
	add := func(schema, name string, columns []catalog.Column) {
		if slices.ContainsFunc(all, func(r *catalog.Relation) bool { return r.Schema == schema && r.Name == name }) {
			return
		}
		all = append(all, &catalog.Relation{Database: database, Schema: schema, Name: name, Kind: SystemKind(name), Owner: 1, Columns: columns, DistStyle: "even", Backup: true})
	}
	for _, v := range everyView() {
		var columns []catalog.Column
		for _, c := range v.Columns {
			if !c.Hidden {
				columns = append(columns, catalog.Column{Name: c.Name, Type: c.Type})
			}
		}
		add(v.Schema, v.Name, columns)
	}
	for _, name := range sysview.Names() {
		v, _ := sysview.Lookup(name)
		columns := make([]catalog.Column, len(v.Columns))
		for i, c := range v.Columns {
			columns[i] = catalog.Column{Name: c.Name, Type: c.SQLType()}
		}
		add(pgCatalog, name, columns)
	}
	for i, r := range all {
		r.ID = firstSystemID + int32(i)
		if n, ok := fixedIDs[r.Name]; ok && r.Schema == pgCatalog {
			r.ID = n
		}
	}
	systemRelations.Store(database, all)
	return all
}

// withSystem is a source of relations and, behind them, those of the system.
func withSystem(of source) source {
	return func(r *record, yield func() bool) {
		more := true
		of(r, func() bool {
			more = yield()
			return more
		})
		if !more || r.facts.Database == "" {
			return
		}
		for _, r.relation = range SystemRelations(r.facts.Database) {
			r.schema, _ = r.snapshot.Schema(r.relation.Database, r.relation.Schema)
			if r.schema != nil && !yield() {
				return
			}
		}
	}
}

// systemKind is a source of tables, or of views, with the system's own.
func systemKind(of source, table bool) source {
	return func(r *record, yield func() bool) {
		withSystem(of)(r, func() bool { return (r.relation.Kind == catalog.Table) != table || yield() })
	}
}

// columnsOf is a source of columns and, behind them, those of the system's tables.
func columnsOf(of source) source {
	return func(r *record, yield func() bool) {
		more := true
		of(r, func() bool {
			more = yield()
			return more
		})
		if more {
			each(r, withSystem(noRows), yield)
		}
	}
}
