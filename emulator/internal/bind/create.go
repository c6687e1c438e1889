package bind

import (
	"strconv"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/lock"
	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

// Limits of a table (amazon-redshift-limits.md, r_CREATE_TABLE_NEW.md).
const (
	maxColumns     = 1600
	maxTargets     = 1664 // as in PostgreSQL: assumed
	maxCompound    = 400
	maxInterleaved = 8
)

// table is a table that is being made.
type table struct {
	*catalog.Relation
	offset int
	// like: attributes come from the parent and may not be said.
	like bool
	// columnKeys: a column said SORTKEY.
	columnKeys bool
}

// begin starts a new relation. It answers nil when there is one with that name
// and that is no error.
func (c *change) begin(name ast.Name, temp, ifNotExists bool) (*table, error) {
	schema, err := c.place(name, temp)
	if err != nil {
		return nil, err
	}
	if err := c.mayCreate(schema, schema.Name == c.env.TempSchema, "create table", name.Pos()); err != nil {
		return nil, err
	}
	object := c.newName(name.Object())
	c.nameLock(schema.Name, object)
	if _, ok := c.env.Catalog.Relation(c.env.Database, schema.Name, object); ok {
		if ifNotExists {
			c.notice("INFO", "42P07", "Relation "+strconv.Quote(object)+" already exists and will be skipped")
			return nil, nil
		}
		// The capital is Redshift's own (CheckTableNonExistence).
		return nil, errorAt(name.Pos(), "42P07", "Relation %q already exists", object)
	}
	if err := c.roomForTable(name.Pos()); err != nil {
		return nil, err
	}
	id, err := c.newID()
	if err != nil {
		return nil, err
	}
	return &table{Relation: &catalog.Relation{
		ID: id, Database: c.env.Database, Schema: schema.Name, Name: object, Kind: catalog.Table, Owner: c.env.UserID,
		Temp: schema.Name == c.env.TempSchema, DistStyle: "auto", SortKind: "auto", Backup: true,
		StoreSchema: schema.Store, StoreName: storeName(id),
	}, offset: name.Pos()}, nil
}

// storeName is the name of a table in DuckDB, which no other has or had.
func storeName(id int32) string { return "r" + strconv.Itoa(int(id)) }

// createTable is CREATE TABLE (r_CREATE_TABLE_NEW.md).
func (c *change) createTable(s *ast.CreateTable) error {
	c.tag("CREATE TABLE", "DDL")
	t, err := c.begin(s.Name, s.Temp, s.IfNotExists)
	if t == nil || err != nil {
		return err
	}
	for _, e := range s.Elements {
		switch e := e.(type) {
		case *ast.ColumnDef:
			err = c.addColumn(t, e)
		case *ast.LikeTable:
			err = c.like(t, e)
		}
		if err != nil {
			return err
		}
	}
	if len(t.Columns) == 0 {
		return errorAt(t.offset, "42601", "table %q must have at least one column", t.Name) // assumed
	}
	if err := c.attributes(t, &s.Attrs); err != nil {
		return err
	}
	for _, e := range s.Elements {
		switch e := e.(type) {
		case *ast.ColumnDef:
			err = c.columnConstraints(t.Relation, e)
		case *ast.TableConstraint:
			err = c.addConstraint(t.Relation, e, true)
		}
		if err != nil {
			return err
		}
	}
	return c.create(t)
}

// create puts the table into the plan.
func (c *change) create(t *table) error {
	if len(t.Columns) > maxColumns {
		return errorAt(t.offset, "54011", "tables can have at most %d columns", maxColumns)
	}
	var sql strings.Builder
	sql.WriteString("CREATE TABLE " + store(t.Relation) + " (")
	for i, col := range t.Columns {
		if i > 0 {
			sql.WriteString(", ")
		}
		sql.WriteString(quote(col.Name) + " " + col.Type.DuckDB())
		if id := col.Identity; id != nil {
			c.run("CREATE SEQUENCE " + id.Sequence + " START " + strconv.FormatInt(id.Seed, 10) + " INCREMENT " + strconv.FormatInt(id.Step, 10) +
				" MINVALUE -9223372036854775808 MAXVALUE 9223372036854775807")
		}
	}
	sql.WriteByte(')')
	c.run(sql.String())
	t.ACL = c.initialACL(t.Relation)
	c.apply(catalog.Change{Relation: t.Relation})
	return nil
}

// newColumn checks a column's name beside those that are there.
func (c *change) newColumn(t *table, id ast.Ident) (string, error) {
	name := c.newName(id)
	switch name {
	case "oid", "tableoid", "xmin", "cmin", "xmax", "cmax", "ctid":
		return "", errorAt(id.Pos(), "42701", "column name %q conflicts with a system column name", name)
	}
	for _, col := range t.Columns {
		switch {
		case col.Name == name:
			return "", errorAt(id.Pos(), "42701", "column %q duplicated", name)
		case strings.EqualFold(col.Name, name):
			return "", unsupported(id.Pos(), "columns whose names differ in case alone")
		}
	}
	return name, nil
}

// columnType is the type of a table's column.
func (c *change) columnType(t *table, name string, typ ast.TypeName) (rstype.Type, error) {
	if typ.Name == "interval" && typ.Interval.First == ast.FieldNone {
		return rstype.Type{}, badType(t, name, "interval", typ.Pos())
	}
	out, err := bindType(typ)
	if err == nil {
		return out, c.storable(t, name, out, typ.Pos())
	}
	if postgresTypes[typ.Name] || typ.ArrayDims > 0 {
		return out, badType(t, name, typ.Name+strings.Repeat("[]", typ.ArrayDims), typ.Pos())
	}
	return out, err
}

func badType(t *table, column, typ string, offset int) error {
	return refused(offset, insteadType(typ), "Column %q has unsupported type %q.", t.Name+"."+column, typ)
}

// storable refuses the types that no table's column can have.
func (c *change) storable(t *table, name string, typ rstype.Type, offset int) error {
	switch typ.Kind {
	case rstype.Name, rstype.OID, rstype.Void, rstype.Unknown:
		return badType(t, name, typ.String(), offset)
	}
	return nil
}

// postgresTypes are those that Redshift knows of and refuses in a table
// (c_unsupported-postgresql-datatypes.md).
var postgresTypes = set("bit", "bit varying", "varbit", "bytea", "box", "circle", "line", "lseg", "path", "point", "polygon",
	"hstore", "json", "jsonb", "cidr", "inet", "macaddr", "serial", "bigserial", "smallserial", "serial2", "serial4", "serial8",
	"money", "regproc", "regprocedure", "regoper", "regoperator", "regclass", "regtype", "regrole", "regnamespace", "regconfig", "regdictionary",
	"any", "anyelement", "anyarray", "anynonarray", "anyenum", "cstring", "internal", "language_handler", "record", "trigger", "opaque",
	"int4range", "int8range", "numrange", "tsrange", "tstzrange", "daterange", "tsvector", "tsquery", "uuid", "xml", "abstime", "reltime", "tinterval")

func set(words ...string) map[string]bool {
	m := make(map[string]bool, len(words))
	for _, w := range words {
		m[w] = true
	}
	return m
}

// addColumn appends a column as it is defined; keys and constraints that speak
// of the whole table come later.
func (c *change) addColumn(t *table, d *ast.ColumnDef) error {
	name, err := c.newColumn(t, d.Name)
	if err != nil {
		return err
	}
	typ, err := c.columnType(t, name, d.Type)
	if err != nil {
		return err
	}
	col := catalog.Column{Name: name, Type: typ, NotNull: d.NotNull || d.PrimaryKey}
	if d.Null && col.NotNull {
		return errorAt(d.Pos(), "42601", "conflicting NULL/NOT NULL declarations for column %q of table %q", name, t.Name)
	}
	if d.Collate != nil {
		switch collation := strings.ToLower(d.Collate.Name); collation {
		case "case_sensitive", "cs":
		case "case_insensitive", "ci":
			return unsupported(d.Collate.Pos(), "COLLATE CASE_INSENSITIVE")
		default:
			return errorAt(d.Collate.Pos(), "42704", "collation %q does not exist", collation)
		}
	}
	if d.Encode != nil {
		if col.Encode, err = c.encoding(name, typ, *d.Encode); err != nil {
			return err
		}
	}
	if d.Identity != nil {
		if err := c.identity(t, &col, d); err != nil {
			return err
		}
	}
	if d.Default != nil {
		if col.Default, err = c.defaultText(&col, d.Default); err != nil {
			return err
		}
	}
	if d.SortKey {
		t.columnKeys = true
		if err := sortable(&col, d.Pos()); err != nil {
			return err
		}
		t.SortKind = "compound"
		col.SortKey = 1 + t.sortKeys()
	}
	if d.DistKey {
		if err := t.setDistKey(&col, d.Pos()); err != nil {
			return err
		}
	}
	t.Columns = append(t.Columns, col)
	return nil
}

// identity is IDENTITY(seed, step): of INT or BIGINT, NOT NULL.
func (c *change) identity(t *table, col *catalog.Column, d *ast.ColumnDef) error {
	id := d.Identity
	switch {
	case col.Type.Kind != rstype.Int4 && col.Type.Kind != rstype.Int8:
		return errorAt(id.Pos(), "42804", "identity column %q must be of type INT or BIGINT", col.Name) // assumed
	case d.Default != nil:
		return errorAt(id.Pos(), "42601", "both default and identity specified for column %q of table %q", col.Name, t.Name)
	case id.Step == 0:
		return errorAt(id.Pos(), "22023", "identity step of column %q must not be zero", col.Name) // assumed
	}
	col.NotNull = true
	col.Identity = &catalog.Identity{
		ByDefault: id.ByDefault, Seed: id.Seed, Step: id.Step,
		Sequence: quote(t.StoreSchema) + "." + quote(t.StoreName+"_"+strconv.Itoa(len(t.Columns)+1)),
	}
	return nil
}

// like copies a parent's columns. Distribution, sort key, BACKUP and NOT NULL
// are inherited, keys are not (r_CREATE_TABLE_NEW.md).
func (c *change) like(t *table, l *ast.LikeTable) error {
	parent, err := c.relation(l.Table)
	if err != nil {
		return err
	}
	if parent.Kind == catalog.LateBinding {
		return unsupported(l.Table.Pos(), "LIKE a view with no schema binding")
	}
	c.lock(parent.ID, lock.AccessShare)
	if err := c.need(parent, catalog.Select, l.Table.Pos()); err != nil {
		return err
	}
	first := len(t.Columns)
	for _, col := range parent.Clone().Columns {
		if _, err := c.newColumn(t, ast.Ident{Span: l.Span, Name: col.Name, Quoted: true}); err != nil {
			return err
		}
		if l.Defaults != ast.Yes {
			col.Default = ""
		}
		// Assumed: the new table does not number its rows, and what is not
		// inherited elsewhere (comments) is not here.
		col.Identity, col.Comment, col.ACL = nil, "", nil
		t.Columns = append(t.Columns, col)
	}
	if first == 0 && parent.Kind == catalog.Table {
		t.like = true
		t.DistStyle, t.SortKind, t.Backup = parent.DistStyle, parent.SortKind, parent.Backup
	}
	return nil
}
