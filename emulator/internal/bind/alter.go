package bind

import (
	"slices"
	"strconv"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/lock"
	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

// alterTable is ALTER TABLE (r_ALTER_TABLE.md). Several actions stand together
// for ENCODE alone.
func (c *change) alterTable(s *ast.AlterTable) error {
	c.tag("ALTER TABLE", "DDL")
	for i, a := range s.Actions {
		if _, ok := a.(*ast.AlterColumnEncode); !ok && i > 0 {
			return errorAt(a.Pos(), "0A000", "ALTER TABLE takes several actions of ALTER COLUMN ... ENCODE only") // assumed text
		}
	}
	ofViews := false // ALTER TABLE renames views too, and gives them to others
	switch a := s.Actions[0].(type) {
	case *ast.RenameTo, *ast.OwnerTo:
		ofViews = true
	case *ast.AppendFrom:
		return c.appendFrom(s.Table, a)
	}
	r, err := c.target(s.Table, ofViews)
	if err != nil {
		return err
	}
	c.lock(r.ID, lock.AccessExclusive)
	if err := c.mayChangeAs(r, catalog.Alter, "alter table", s.Table.Pos()); err != nil {
		return err
	}
	if _, ok := s.Actions[0].(*ast.OwnerTo); !ok && r.Kind == catalog.Materialized {
		e := errorAt(s.Table.Pos(), "0A000", "ALTER TABLE of materialized view %q is not supported", r.Name) // assumed text
		e.Hint = "Drop the materialized view and create it again."
		return e
	}
	a := &alteration{change: c, old: r, before: c.env.Catalog, table: table{Relation: r.Clone(), offset: s.Table.Pos()}}
	for _, action := range s.Actions {
		if err := a.action(action); err != nil {
			return err
		}
	}
	if err := a.rebuild(); err != nil {
		return err
	}
	c.apply(catalog.Change{Relation: a.Relation})
	return a.views()
}

// rebuild fills a new DuckDB table when the columns are others: DuckDB's own
// ALTER TABLE makes the COMMIT fail of a transaction that has updated the table
// before.
func (a *alteration) rebuild() error {
	if a.values == nil {
		return nil
	}
	id, err := a.newID()
	if err != nil {
		return err
	}
	a.StoreName = storeName(id)
	columns := make([]string, len(a.Columns))
	for i, col := range a.Columns {
		columns[i] = quote(col.Name) + " " + col.Type.DuckDB()
	}
	a.run("CREATE TABLE "+store(a.Relation)+" ("+strings.Join(columns, ", ")+")",
		"INSERT INTO "+store(a.Relation)+" SELECT "+strings.Join(a.values, ", ")+" FROM "+store(a.old),
		"DROP TABLE "+store(a.old))
	return nil
}

// oldValues are the columns as they are; an action that changes the columns
// changes these.
func (a *alteration) oldValues() []string {
	values := make([]string, len(a.old.Columns))
	for i, col := range a.old.Columns {
		values[i] = quote(col.Name)
	}
	return values
}

// alteration is one ALTER TABLE; the embedded table is the new one.
type alteration struct {
	*change
	table
	old *catalog.Relation
	// before is the catalog that the statement found.
	before *catalog.Snapshot
	// values are what the new columns are filled with, nil where the columns
	// stay.
	values []string
	// dropped is the column that is dropped, behavior how.
	dropped  string
	behavior ast.Behavior
	// renamed is what an action renames, for messages.
	renamed string
	offset  int
}

func (a *alteration) action(action ast.AlterAction) error {
	a.offset = action.Pos()
	switch s := action.(type) {
	case *ast.AddColumn:
		return a.add(s.Column)
	case *ast.DropColumn:
		return a.drop(s)
	case *ast.RenameColumn:
		return a.renameColumn(s)
	case *ast.RenameTo:
		return a.rename(s)
	case *ast.OwnerTo:
		u, err := a.user(s.Owner)
		if err != nil {
			return err
		}
		if !a.env.Superuser {
			return errorAt(s.Pos(), "42501", "must be superuser to change owner")
		}
		a.Owner, a.ACL = u.ID, a.ACL.Reowned(a.Owner, u.ID)
		for i := range a.Columns {
			a.Columns[i].ACL = a.Columns[i].ACL.Reowned(a.old.Owner, u.ID)
		}
	case *ast.AddConstraint:
		return a.addConstraint(a.Relation, s.Constraint, false)
	case *ast.DropConstraint:
		i, err := a.constraint(a.Relation, s.Name)
		if err != nil {
			return err
		}
		a.Constraints = slices.Delete(a.Constraints, i, i+1)
	case *ast.AlterColumnType:
		return a.columnType(s)
	case *ast.AlterColumnEncode:
		i, err := a.column(s.Column)
		if err != nil {
			return err
		}
		a.Columns[i].Encode, err = a.encoding(a.Columns[i].Name, a.Columns[i].Type, s.Encode)
		return err
	case *ast.AlterEncodeAuto:
		for i := range a.Columns {
			a.Columns[i].Encode = ""
		}
	case *ast.AlterDistStyle:
		return a.distStyle(s)
	case *ast.AlterSortKey:
		if a.old.SortKind == "interleaved" && s.SortKey.Kind != ast.SortAuto && s.SortKey.Kind != ast.SortNone {
			return errorAt(s.Pos(), "0A000", "cannot alter the sort key of table %q with an interleaved sort key", a.Name) // assumed text
		}
		return a.sortKey(&a.table, s.SortKey)
	case *ast.SetSchema:
		return errorAt(s.Pos(), "0A000", "ALTER TABLE SET SCHEMA is not supported") // not in r_ALTER_TABLE.md
	default:
		return unsupported(action.Pos(), "this action of ALTER TABLE")
	}
	return nil
}

// column finds a column of the table that an action speaks of.
func (a *alteration) column(id ast.Ident) (int, error) {
	name := a.newName(id)
	if i, ok := a.Column(name); ok {
		return i, nil
	}
	return 0, errorAt(id.Pos(), "42703", "column %q of relation %q does not exist", name, a.Name)
}

// constraint finds a constraint by name.
func (c *change) constraint(r *catalog.Relation, id ast.Ident) (int, error) {
	name := c.newName(id)
	i := slices.IndexFunc(r.Constraints, func(k catalog.Constraint) bool { return k.Name == name })
	if i < 0 {
		return 0, errorAt(id.Pos(), "42704", "constraint %q of relation %q does not exist", name, r.Name)
	}
	return i, nil
}

// add is ADD COLUMN: one that is NOT NULL needs a default, and keys and
// identities cannot be added (r_ALTER_TABLE.md).
func (a *alteration) add(d *ast.ColumnDef) error {
	name := a.newName(d.Name)
	if _, ok := a.Column(name); ok {
		return errorAt(d.Name.Pos(), "42701", "column %q of relation %q already exists", name, a.Name)
	}
	for _, no := range []struct {
		said bool
		what string
	}{
		{d.Identity != nil, "IDENTITY"}, {d.DistKey, "DISTKEY"}, {d.SortKey, "SORTKEY"}, {d.PrimaryKey, "PRIMARY KEY"}, {d.Unique, "UNIQUE"}, {d.References != nil, "REFERENCES"},
	} {
		if no.said {
			return errorAt(d.Pos(), "0A000", "ALTER TABLE ADD COLUMN with %s is not supported", no.what) // assumed text
		}
	}
	if len(a.Columns) >= maxColumns {
		return errorAt(d.Pos(), "54011", "tables can have at most %d columns", maxColumns)
	}
	if err := a.addColumn(&a.table, d); err != nil {
		return err
	}
	col := &a.Columns[len(a.Columns)-1]
	if l, ok := d.Default.(*ast.Literal); col.NotNull && (d.Default == nil || ok && l.Kind == ast.NullLiteral) {
		return errorAt(d.Pos(), "42601", "ALTER TABLE ADD COLUMN defined as NOT NULL must have a non-null default expression")
	}
	value, err := a.defaultValue(col)
	if err != nil {
		return err
	}
	a.values = append(a.oldValues(), value)
	return nil
}

func (a *alteration) drop(s *ast.DropColumn) error {
	i, err := a.column(s.Name)
	if err != nil {
		return err
	}
	col := a.Columns[i]
	switch {
	case len(a.Columns) == 1:
		return errorAt(s.Name.Pos(), "0A000", "cannot drop the only column of table %q", a.Name) // assumed text
	case col.DistKey:
		return errorAt(s.Name.Pos(), "0A000", "cannot drop distkey column %q", col.Name) // assumed text
	case col.SortKey > 0:
		return errorAt(s.Name.Pos(), "0A000", "cannot drop sortkey column %q", col.Name) // assumed text
	}
	a.dropped, a.behavior = col.Name, s.Behavior
	a.Columns = slices.Delete(a.Columns, i, i+1)
	a.Constraints = slices.DeleteFunc(a.Constraints, func(k catalog.Constraint) bool { return slices.Contains(k.Columns, col.Name) })
	a.values = slices.Delete(a.oldValues(), i, i+1)
	if col.Identity != nil {
		a.run("DROP SEQUENCE " + col.Identity.Sequence)
	}
	return nil
}

func (a *alteration) renameColumn(s *ast.RenameColumn) error {
	i, err := a.column(s.Name)
	if err != nil {
		return err
	}
	from, to := a.Columns[i].Name, a.newName(s.NewName)
	if _, ok := a.Column(to); ok {
		return errorAt(s.NewName.Pos(), "42701", "column %q of relation %q already exists", to, a.Name)
	}
	a.Columns[i].Name = "" // it is not in its own way
	if _, err := a.newColumn(&a.table, s.NewName); err != nil {
		return err
	}
	a.Columns[i].Name = to
	for i := range a.Constraints {
		for j, name := range a.Constraints[i].Columns {
			if name == from {
				a.Constraints[i].Columns[j] = to
			}
		}
	}
	for _, other := range a.env.Catalog.Relations() {
		if other.ID == a.ID {
			continue
		}
		if n := referring(other, a.ID, from, to); n != nil {
			a.lock(other.ID, lock.AccessExclusive)
			a.apply(catalog.Change{Relation: n})
		}
	}
	a.renamed = "the column " + from
	a.values = a.oldValues()
	return nil
}

// referring is a copy of r whose foreign keys to a table know a column's new
// name, nil if there is none.
func referring(r *catalog.Relation, table int32, from, to string) *catalog.Relation {
	var n *catalog.Relation
	for i, k := range r.Constraints {
		if j := slices.Index(k.RefColumns, from); k.RefTable == table && j >= 0 {
			if n == nil {
				n = r.Clone()
			}
			n.Constraints[i].RefColumns[j] = to
		}
	}
	return n
}

func (a *alteration) rename(s *ast.RenameTo) error {
	name := a.newName(s.NewName)
	// r_GRANT.md: who renames an object owns it and has CREATE on the schema.
	if schema, ok := a.env.Catalog.Schema(a.Database, a.Schema); ok && !a.Temp {
		if err := a.mayCreate(schema, false, "alter table", s.Pos()); err != nil {
			return err
		}
	}
	a.nameLock(a.Schema, a.Name)
	a.nameLock(a.Schema, name)
	if _, ok := a.env.Catalog.Relation(a.Database, a.Schema, name); ok {
		return errorAt(s.NewName.Pos(), "42P07", "relation %q already exists", name)
	}
	a.Name, a.renamed = name, "the relation "+a.old.Name
	return nil
}

// columnType is ALTER COLUMN TYPE: of VARCHAR to another length, outside of a
// transaction (r_ALTER_TABLE.md).
func (a *alteration) columnType(s *ast.AlterColumnType) error {
	i, err := a.column(s.Column)
	if err != nil {
		return err
	}
	a.plan.NoTransaction = true
	col := &a.Columns[i]
	typ, err := a.change.columnType(&a.table, col.Name, s.Type)
	if err != nil {
		return err
	}
	no := func(why string) error {
		return errorAt(s.Pos(), "0A000", "cannot alter column %q of relation %q, %s", col.Name, a.Name, why) // assumed texts
	}
	switch {
	case col.Type.Kind != rstype.Varchar || typ.Kind != rstype.Varchar:
		return no("only the size of a VARCHAR column can be changed")
	case slices.Contains([]string{"bytedict", "runlength", "text255", "text32k"}, col.Encode):
		return no("its encoding is " + strings.ToUpper(col.Encode))
	case col.Default != "":
		return no("it has a default value")
	}
	for _, k := range a.Constraints {
		if slices.Contains(k.Columns, col.Name) {
			return no("it has a UNIQUE, PRIMARY KEY, or FOREIGN KEY constraint")
		}
	}
	if typ.Len < col.Type.Len {
		// Fails for a value that is too long, and deletes nothing.
		a.run("DELETE FROM " + store(a.Relation) + " WHERE CASE WHEN strlen(" + quote(col.Name) + ") > " + strconv.Itoa(int(typ.Len)) +
			" THEN CAST(error(" + text("0A000: cannot alter column \""+col.Name+"\" of relation \""+a.Name+"\", values are longer than "+strconv.Itoa(int(typ.Len))+" bytes") + ") AS BOOLEAN) ELSE FALSE END")
	}
	col.Type = typ
	return nil
}

func (a *alteration) distStyle(s *ast.AlterDistStyle) error {
	for i := range a.Columns {
		a.Columns[i].DistKey = false
	}
	a.DistStyle = s.Style.String()
	if s.Style != ast.DistKey {
		return nil
	}
	if s.Key == nil {
		return errorAt(s.Pos(), "42601", "DISTSTYLE KEY requires a DISTKEY column")
	}
	i, err := a.column(*s.Key)
	if err != nil {
		return err
	}
	a.DistStyle = "auto"
	return a.setDistKey(&a.Columns[i], s.Key.Pos())
}

// reason is why a materialized view cannot be refreshed any more.
func (a *alteration) reason() int16 {
	switch {
	case a.dropped != "":
		return droppedColumn
	case a.Name != a.old.Name:
		return renamedTable
	case a.renamed != "":
		return renamedColumn
	}
	return changedType
}

// views sees to the views that use the table: their text is bound anew. One that
// no longer stands depended on a column that is dropped, or else would have to
// be rewritten; a materialized one keeps its rows and is not refreshed any more.
func (a *alteration) views() error {
	d := &dropping{change: a.change}
	var detail []string
	for queue := a.env.Catalog.Dependents(a.ID); len(queue) > 0; queue = queue[1:] {
		v := queue[0]
		queue = append(queue, a.env.Catalog.Dependents(v.ID)...)
		if d.has(v.ID) {
			continue
		}
		how, cols := a.rebind(v, a.before)
		if how == shifted {
			a.lock(v.ID, lock.AccessExclusive)
			a.apply(catalog.Change{Relation: pinned(v, cols)})
		}
		if how != gone {
			continue
		}
		if v.Kind == catalog.Materialized {
			a.lock(v.ID, lock.AccessExclusive)
			n := v.Clone()
			n.Unrefreshable = a.reason()
			a.apply(catalog.Change{Relation: n})
			continue
		}
		if a.dropped == "" {
			what := a.renamed
			if what == "" {
				what = "the relation " + a.Name
			}
			return unsupported(a.offset, "changing %s, which the view %s uses", what, v.Name)
		}
		detail = append(detail, "view "+a.displayName(v)+" depends on table "+a.displayName(a.old)+" column "+a.dropped)
		d.add(v)
	}
	for _, t := range a.env.Catalog.Relations() {
		for _, k := range t.Constraints {
			if a.dropped != "" && k.RefTable == a.ID && slices.Contains(k.RefColumns, a.dropped) {
				return unsupported(a.offset, "dropping a column that constraint %s on table %s refers to", k.Name, t.Name)
			}
		}
	}
	if len(detail) == 0 {
		return nil
	}
	if a.behavior != ast.Cascade {
		e := errorAt(a.offset, "2BP01", "cannot drop table %s column %s because other objects depend on it", a.displayName(a.old), a.dropped)
		e.Detail = strings.Join(detail, "\n")
		e.Hint = "Use DROP ... CASCADE to drop the dependent objects too."
		return e
	}
	return d.run(&ast.Drop{Behavior: ast.Cascade})
}
