package bind

import (
	"slices"
	"strconv"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/lock"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

// columnConstraints are those that a column's definition says. All are
// informational (c_unsupported-postgresql-features.md).
func (c *change) columnConstraints(r *catalog.Relation, d *ast.ColumnDef) error {
	columns := []ast.Ident{d.Name}
	if d.PrimaryKey {
		if err := c.addConstraint(r, &ast.TableConstraint{Span: d.Span, Kind: ast.PrimaryKeyConstraint, Columns: columns}, true); err != nil {
			return err
		}
	}
	if d.Unique {
		if err := c.addConstraint(r, &ast.TableConstraint{Span: d.Span, Kind: ast.UniqueConstraint, Columns: columns}, true); err != nil {
			return err
		}
	}
	if d.References != nil {
		return c.addConstraint(r, &ast.TableConstraint{Span: d.Span, Kind: ast.ForeignKeyConstraint, Columns: columns, References: d.References}, true)
	}
	return nil
}

// addConstraint adds a constraint to a relation that is no longer shared. A
// primary key makes its columns NOT NULL in a new table, and wants them so in
// one that is there (r_ALTER_TABLE.md).
func (c *change) addConstraint(r *catalog.Relation, d *ast.TableConstraint, fresh bool) error {
	k := catalog.Constraint{Kind: map[ast.ConstraintKind]string{ast.PrimaryKeyConstraint: "p", ast.UniqueConstraint: "u", ast.ForeignKeyConstraint: "f"}[d.Kind]}
	kind := map[string]string{"p": "primary key", "u": "unique", "f": "foreign key"}[k.Kind]
	for _, id := range d.Columns {
		i, err := c.keyColumn(r, id)
		if err != nil {
			return err
		}
		col := &r.Columns[i]
		if slices.Contains(k.Columns, col.Name) {
			return errorAt(id.Pos(), "42701", "column %q appears twice in %s constraint", col.Name, kind)
		}
		k.Columns = append(k.Columns, col.Name)
		if k.Kind == "p" {
			if !fresh && !col.NotNull {
				return errorAt(id.Pos(), "42P16", "column %q must be NOT NULL to be a primary key", col.Name) // assumed text
			}
			col.NotNull = true
		}
	}
	for _, other := range r.Constraints {
		if k.Kind == "p" && other.Kind == "p" {
			return errorAt(d.Pos(), "42P16", "multiple primary keys for table %q are not allowed", r.Name)
		}
	}
	if k.Kind == "f" {
		if err := c.references(r, &k, d.References); err != nil {
			return err
		}
	}
	taken := func(name string) bool {
		return slices.ContainsFunc(r.Constraints, func(o catalog.Constraint) bool { return o.Name == name })
	}
	switch {
	case d.Name != nil:
		k.Name = c.newName(*d.Name)
		if taken(k.Name) {
			return errorAt(d.Name.Pos(), "42710", "constraint %q for relation %q already exists", k.Name, r.Name)
		}
	default:
		parts := []string{r.Name, strings.Join(k.Columns, "_"), map[string]string{"p": "pkey", "u": "key", "f": "fkey"}[k.Kind]}
		if k.Kind == "p" {
			parts = []string{r.Name, "pkey"}
		}
		base := cut(strings.Join(parts, "_"), maxName-4)
		k.Name = base
		for n := 1; taken(k.Name); n++ {
			k.Name = base + strconv.Itoa(n)
		}
	}
	r.Constraints = append(r.Constraints, k)
	return nil
}

// references resolves the other side of a foreign key, which must be a key
// there (r_CREATE_TABLE_NEW.md: "columns of a unique or primary key constraint").
func (c *change) references(r *catalog.Relation, k *catalog.Constraint, ref *ast.References) error {
	parent := r
	if name := ref.Table; len(name.Parts) > 2 || c.ident(name.Object()) != r.Name || len(name.Parts) == 2 && c.ident(name.Parts[0]) != r.Schema {
		var err error
		if parent, err = c.target(name, false); err != nil {
			return err
		}
		c.lock(parent.ID, lock.AccessShare)
		if err := c.need(parent, catalog.References, name.Pos()); err != nil {
			return err
		}
	}
	k.RefTable = parent.ID
	for _, id := range ref.Columns {
		name := c.newName(id)
		if _, ok := parent.Column(name); !ok {
			return errorAt(id.Pos(), "42703", "column %q referenced in foreign key constraint does not exist", name)
		}
		k.RefColumns = append(k.RefColumns, name)
	}
	keys := parent.Constraints
	if ref.Columns == nil {
		for _, o := range keys {
			if o.Kind == "p" {
				k.RefColumns = o.Columns
			}
		}
		if k.RefColumns == nil {
			return errorAt(ref.Pos(), "42704", "there is no primary key for referenced table %q", parent.Name)
		}
	}
	if len(k.RefColumns) != len(k.Columns) {
		return errorAt(ref.Pos(), "42830", "number of referencing and referenced columns for foreign key disagree")
	}
	want := slices.Sorted(slices.Values(k.RefColumns))
	for _, o := range keys {
		if o.Kind != "f" && slices.Equal(want, slices.Sorted(slices.Values(o.Columns))) {
			return nil
		}
	}
	return errorAt(ref.Pos(), "42830", "there is no unique constraint matching given keys for referenced table %q", parent.Name)
}
