package bind

import (
	"strconv"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/pgcatalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/parse"
)

// registered are PostgreSQL's types of objects that the catalog knows: 't'::regclass
// is the id of a table, and c.oid::regclass its name. No value has one of these
// types here: a cast gives the id of a written name, and the name of an id.
var registered = map[string]registry{
	"regclass": {"relation", "42P01", relationNames, (*binder).relationID},
	"regtype":  {"type", "42704", func(*binder) map[int64]string { return typeNames() }, (*binder).typeID},
	"regproc":  {"function", "42883", routineNames, (*binder).routineID},
}

type registry struct {
	what, state string
	names       func(*binder) map[int64]string
	id          func(b *binder, name string) (int64, bool)
}

// registeredCast is a cast to such a type.
func (b *binder) registeredCast(r registry, e *ast.Cast, s *scope) (node, error) {
	b.leaderOnly(&call{e: &ast.FuncCall{Span: e.Span}}, e.Type.Name)
	if l, ok := e.X.(*ast.Literal); ok && l.Kind == ast.StringLiteral {
		if n, err := strconv.ParseInt(l.Text, 10, 64); err == nil {
			return oidNode(n), nil
		}
		n, ok := r.id(b, l.Text)
		if !ok {
			return node{}, errorAt(l.Pos(), r.state, "%s \"%s\" does not exist", r.what, l.Text)
		}
		return oidNode(n), nil
	}
	x, err := b.expr(e.X, s)
	if err != nil {
		return x, err
	}
	if x.typ.Kind != rstype.OID {
		if x, err = b.coerce(x, typed(rstype.Int8), e.X.Pos()); err != nil {
			return x, err
		}
	}
	return textOf("CAST("+x.sql+" AS BIGINT)", rstype.Type{Kind: rstype.Varchar}, "CAST(%x AS VARCHAR)", r.names(b)), nil
}

func oidNode(n int64) node {
	return node{sql: "CAST(" + strconv.FormatInt(n, 10) + " AS " + typed(rstype.OID).DuckDB() + ")", typ: typed(rstype.OID), exact: true, constant: true}
}

// relationNames are the names of tables, views and indexes, with their schema where
// the search path does not find them.
func relationNames(b *binder) map[int64]string {
	m := make(map[int64]string)
	for _, r := range b.ownRelations() {
		name := r.Name
		if found, ok := b.visibleRelation(r.Name); !ok || found.ID != r.ID {
			name = r.Schema + "." + name
		}
		m[int64(r.ID)] = name
	}
	for _, r := range pgcatalog.SystemRelations(b.env.Database) {
		m[int64(r.ID)] = r.Name
		if r.Schema != "pg_catalog" {
			m[int64(r.ID)] = r.Schema + "." + r.Name
		}
	}
	return m
}

// path is a written name's parts, at most a schema and what is in it.
func (b *binder) path(name string) (schema, object string, ok bool) {
	e, err := parse.Expr(name)
	if err != nil {
		return "", "", false
	}
	ref, ok := e.(*ast.ColumnRef)
	if !ok || len(ref.Parts) > 2 {
		return "", "", false
	}
	parts := ref.Parts
	if len(parts) == 2 {
		schema = b.ident(parts[0])
	}
	return schema, b.ident(parts[len(parts)-1]), true
}

func (b *binder) relationID(name string) (int64, bool) {
	schema, object, ok := b.path(name)
	if !ok {
		return 0, false
	}
	r, found := b.visibleRelation(object)
	if schema != "" {
		r, found = b.snapshot().Relation(b.env.Database, schema, object)
	}
	if found {
		return int64(r.ID), true
	}
	for _, r := range pgcatalog.SystemRelations(b.env.Database) {
		if r.Name == object && (r.Schema == schema || schema == "" && r.Schema == "pg_catalog") {
			return int64(r.ID), true
		}
	}
	return 0, false
}

// visibleRelation is what a bare name finds.
func (b *binder) visibleRelation(name string) (*catalog.Relation, bool) {
	for _, schema := range append([]string{b.env.TempSchema}, b.env.SearchPath...) {
		if r, ok := b.snapshot().Relation(b.env.Database, schema, name); ok {
			return r, true
		}
	}
	return nil, false
}

// typeNames are the types' names, PostgreSQL's pseudo types among them.
func typeNames() map[int64]string {
	m := map[int64]string{25: "text", 1790: "refcursor", 2249: "record", 2275: "cstring", 2276: `"any"`, 2279: "trigger"}
	for k := rstype.Unknown; k <= rstype.Void; k++ {
		t := rstype.Type{Kind: k}
		m[int64(t.OID())] = k.String()
	}
	return m
}

func (b *binder) typeID(name string) (int64, bool) {
	name = strings.TrimPrefix(name, "pg_catalog.")
	for id, known := range typeNames() {
		if known == name {
			return id, true
		}
	}
	parsed, err := parse.Type(name)
	if err != nil {
		return 0, false
	}
	t, err := bindType(parsed)
	return int64(t.OID()), err == nil
}

func routineNames(b *binder) map[int64]string {
	m := make(map[int64]string)
	for _, r := range b.snapshot().Routines() {
		if r.Database == b.env.Database {
			m[int64(r.ID)] = r.Name
		}
	}
	return m
}

func (b *binder) routineID(name string) (int64, bool) {
	schema, object, ok := b.path(name)
	for _, r := range b.snapshot().Routines() {
		if !ok || r.Database != b.env.Database || r.Name != object {
			continue
		}
		if in, found := b.snapshot().SchemaByID(r.SchemaID); schema == "" || found && in.Name == schema {
			return int64(r.ID), true
		}
	}
	return 0, false
}

// routineTexts is a function that tells a text of a routine by its id.
func routineTexts(tell func(*catalog.Routine) string) special {
	return onOID(rstype.Type{Kind: rstype.Varchar}, "NULL", func(b *binder) map[int64]string {
		m := make(map[int64]string)
		for _, r := range b.snapshot().Routines() {
			if r.Database == b.env.Database {
				m[int64(r.ID)] = tell(r)
			}
		}
		return m
	})
}

// newerSpecials are functions on the catalog that PostgreSQL 8.0 has not, and psql 15
// calls whatever the server is: with pg_catalog. in front, as nobody else does.
var newerSpecials = map[string]special{
	"pg_get_function_result": routineTexts(func(r *catalog.Routine) string { return typeNames()[int64(pgcatalog.ResultOID(r))] }),
	"pg_get_function_arguments pg_get_function_identity_arguments": routineTexts(pgcatalog.Arguments),
	// What a table takes is known to SVV_TABLE_INFO alone.
	"pg_table_size pg_relation_size pg_total_relation_size": unknownSize,
	"pg_size_pretty": func(b *binder, c *call) (node, error) {
		if err := c.want(1, 1); err != nil {
			return node{}, err
		}
		b.leaderOnly(c, c.name+"()")
		n, err := b.coerce(c.args[0], typed(rstype.Int8), c.offset(0))
		if err != nil {
			return n, err
		}
		// In whole units, as PostgreSQL rounds them.
		sql := once(n.sql, func(x string) string {
			out := "CASE WHEN abs(" + x + ") < 10240 THEN CAST(" + x + " AS VARCHAR) || ' bytes'"
			for i, unit := range []string{"kB", "MB", "GB"} {
				shift := strconv.FormatInt(1<<(10*(i+1)), 10)
				out += " WHEN round(abs(" + x + ") / " + shift + ") < 10240 THEN CAST(CAST(round(" + x + " / " + shift + ") AS BIGINT) AS VARCHAR) || ' " + unit + "'"
			}
			return out + " ELSE CAST(CAST(round(" + x + " / 1099511627776) AS BIGINT) AS VARCHAR) || ' TB' END"
		})
		return node{sql: sql, typ: rstype.Type{Kind: rstype.Varchar}, exact: true}, nil
	},
	"pg_tablespace_location": onOID(rstype.Type{Kind: rstype.Varchar}, "''", func(*binder) map[int64]string { return nil }),
	"pg_get_ruledef": onOID(rstype.Type{Kind: rstype.Varchar}, "NULL", func(b *binder) map[int64]string {
		m := make(map[int64]string)
		for _, r := range b.ownRelations() {
			if r.Kind != catalog.Table {
				m[int64(r.ID)] = pgcatalog.RuleDefinition(r)
			}
		}
		return m
	}),
	// There are no triggers.
	"pg_get_triggerdef": onOID(rstype.Type{Kind: rstype.Varchar}, "NULL", func(*binder) map[int64]string { return nil }),
	"shobj_description": onOID(rstype.Type{Kind: rstype.Varchar}, "NULL", func(*binder) map[int64]string { return nil }),
}

func unknownSize(b *binder, c *call) (node, error) {
	_, err := b.oid(c, 1, 2)
	return node{sql: "CAST(NULL AS BIGINT)", typ: typed(rstype.Int8), exact: true}, err
}
