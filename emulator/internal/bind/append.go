package bind

import (
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/lock"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

// appendFrom is ALTER TABLE APPEND (r_ALTER_TABLE_APPEND.md): the rows of a table
// go over into another, outside of a transaction. The texts of its refusals are
// assumed.
func (c *change) appendFrom(name ast.Name, s *ast.AppendFrom) error {
	c.tag("ALTER TABLE APPEND", "DDL")
	c.plan.NoTransaction = true
	if s.IgnoreExtra && s.FillTarget {
		return errorAt(s.Pos(), "42601", "IGNOREEXTRA and FILLTARGET cannot be used together")
	}
	to, err := c.appended(name, catalog.Alter)
	if err != nil {
		return err
	}
	from, err := c.appended(s.Source, catalog.Delete)
	switch {
	case err != nil:
		return err
	case from.ID == to.ID:
		return errorAt(s.Source.Pos(), "0A000", "cannot append table %q to itself", to.Name)
	}
	if why := unlike(to, from); why != "" {
		return errorAt(s.Source.Pos(), "0A000", "tables %q and %q cannot be appended: %s", to.Name, from.Name, why)
	}
	var columns, values []string
	for i := range to.Columns {
		col := &to.Columns[i]
		j, shared := from.Column(col.Name)
		switch {
		case shared && (unset(col) || unset(&from.Columns[j])):
			return errorAt(s.Source.Pos(), "0A000", "identity column %q cannot be appended", col.Name)
		case shared:
			if why := unlikeColumn(col, &from.Columns[j]); why != "" {
				return errorAt(s.Source.Pos(), "0A000", "column %q of tables %q and %q differs in its %s", col.Name, to.Name, from.Name, why)
			}
			columns, values = append(columns, quote(col.Name)), append(values, quote(col.Name))
		case !s.FillTarget:
			e := errorAt(s.Source.Pos(), "0A000", "column %q of the target table is not in table %q", col.Name, from.Name)
			e.Hint = "FILLTARGET fills it with its default."
			return e
		default:
			if col.NotNull && col.Identity == nil && col.Default == "" {
				return errorAt(s.Source.Pos(), "0A000", "column %q is NOT NULL and has no default to be filled with", col.Name)
			}
			v, err := c.defaultValue(col)
			if err != nil {
				return err
			}
			columns, values = append(columns, quote(col.Name)), append(values, v)
		}
	}
	for _, col := range from.Columns {
		if _, ok := to.Column(col.Name); !ok && !s.IgnoreExtra {
			e := errorAt(s.Source.Pos(), "0A000", "column %q of table %q is not in the target table", col.Name, from.Name)
			e.Hint = "IGNOREEXTRA leaves it out, and its values are lost."
			return e
		}
	}
	c.run("INSERT INTO "+store(to)+" ("+strings.Join(columns, ", ")+") SELECT "+strings.Join(values, ", ")+" FROM "+store(from),
		"DELETE FROM "+store(from))
	return nil
}

// appended finds and locks a table of ALTER TABLE APPEND.
func (c *change) appended(name ast.Name, p catalog.Privileges) (*catalog.Relation, error) {
	r, err := c.target(name, false)
	if err != nil {
		return nil, err
	}
	if r.Temp {
		return nil, errorAt(name.Pos(), "0A000", "ALTER TABLE APPEND takes no temporary table: %q", r.Name)
	}
	c.lock(r.ID, lock.AccessExclusive)
	return r, c.mayChangeAs(r, p, "alter table", name.Pos())
}

// unset: the column numbers the rows by itself.
func unset(col *catalog.Column) bool { return col.Identity != nil && !col.Identity.ByDefault }

// unlike says in what of their keys two tables differ that have to be the same.
func unlike(to, from *catalog.Relation) string {
	if to.DistStyle != from.DistStyle || keyNames(to, distKey) != keyNames(from, distKey) {
		return "their distribution styles or keys differ"
	}
	if to.SortKind != from.SortKind || keyNames(to, sortKey) != keyNames(from, sortKey) {
		return "their sort styles or keys differ"
	}
	return ""
}

func distKey(c *catalog.Column) int {
	if c.DistKey {
		return 1
	}
	return 0
}

func sortKey(c *catalog.Column) int { return c.SortKey }

// keyNames are the names of a key's columns in its order.
func keyNames(r *catalog.Relation, place func(*catalog.Column) int) string {
	names := make([]string, len(r.Columns)+1)
	for i := range r.Columns {
		names[place(&r.Columns[i])] = r.Columns[i].Name
	}
	return strings.TrimRight(strings.Join(names[1:], "\x00"), "\x00")
}

// unlikeColumn says in what two columns of a name differ that have to be the same.
func unlikeColumn(a, b *catalog.Column) string {
	switch {
	case a.Type != b.Type:
		return "type"
	case a.Encode != b.Encode:
		return "compression encoding"
	case a.NotNull != b.NotNull:
		return "NOT NULL"
	}
	return ""
}
