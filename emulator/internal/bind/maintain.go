package bind

import (
	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/lock"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

// truncate is TRUNCATE, which commits (r_TRUNCATE.md).
func (c *change) truncate(s *ast.Truncate) error {
	c.tag("TRUNCATE TABLE", "UTILITY")
	c.plan.CommitAfter = true
	r, err := c.target(s.Table, false)
	if err != nil {
		return err
	}
	c.lock(r.ID, lock.AccessExclusive)
	if err := c.mayChangeAs(r, catalog.Truncate, "truncate table", s.Table.Pos()); err != nil {
		return err
	}
	c.run("DELETE FROM " + store(r))
	return nil
}

// vacuum is VACUUM: there is nothing to reclaim or sort, but it is refused where
// Redshift refuses it (r_VACUUM_command.md).
func (c *change) vacuum(s *ast.Vacuum) error {
	c.tag("VACUUM", "UTILITY")
	c.plan.NoTransaction = true
	if len(s.Table.Parts) == 0 {
		return nil
	}
	r, err := c.target(s.Table, false)
	if err != nil {
		return err
	}
	if s.Mode == ast.VacuumReindex && r.SortKind != "interleaved" {
		return errorAt(s.Table.Pos(), "0A000", "VACUUM REINDEX: table %q has no interleaved sort key", r.Name) // assumed text
	}
	c.maintains(r, "vacuum")
	return nil
}

// maintains tells who has no say in it that VACUUM or ANALYZE passes a table
// over: it has no effect and is no error (r_VACUUM_command.md).
func (c *change) maintains(r *catalog.Relation, verb string) {
	d, ok := c.env.Catalog.Database(r.Database)
	if c.owns(r.Owner) || c.system(verb) || ok && c.owns(d.Owner) {
		return
	}
	c.notice("WARNING", "01000", "skipping \""+r.Name+"\" --- only table or database owner can "+verb+" it")
}

// analyze is ANALYZE: DuckDB keeps its own statistics.
func (c *change) analyze(s *ast.Analyze) error {
	if s.Compression {
		return unsupported(s.Pos(), "ANALYZE COMPRESSION")
	}
	c.tag("ANALYZE", "UTILITY")
	if len(s.Table.Parts) == 0 {
		return nil
	}
	r, err := c.target(s.Table, false)
	if err != nil {
		return err
	}
	c.lock(r.ID, lock.AccessShare)
	c.maintains(r, "analyze")
	_, err = c.columnList(r, s.Columns)
	return err
}

// lockTables is LOCK, which is always ACCESS EXCLUSIVE (r_LOCK.md).
func (c *change) lockTables(s *ast.Lock) error {
	c.tag("LOCK TABLE", "UTILITY")
	if s.Mode != "" && s.Mode != "access exclusive" {
		return errorAt(s.Pos(), "0A000", "LOCK TABLE ... IN %s MODE is not supported", s.Mode) // assumed text
	}
	for _, name := range s.Tables {
		r, err := c.target(name, false)
		if err != nil {
			return err
		}
		if !c.owns(r.Owner) && c.who().Holds(r.Grants(), catalog.Update|catalog.Delete|catalog.Insert|catalog.Truncate) == 0 {
			return deniedRelation(r, name.Pos())
		}
		c.lock(r.ID, lock.AccessExclusive)
	}
	return nil
}

// comment is COMMENT ON (r_COMMENT.md).
func (c *change) comment(s *ast.Comment) error {
	c.tag("COMMENT", "UTILITY")
	text := ""
	if s.Text != nil {
		text = *s.Text
	}
	switch s.Kind {
	case ast.KindTable, ast.KindView, ast.KindMaterializedView:
		r, err := c.mayChange(s.Name, true)
		if err != nil {
			return err
		}
		if objectKind(r) != s.Kind {
			return errorAt(s.Name.Pos(), "42809", "%q is not a %s", r.Name, s.Kind)
		}
		n := r.Clone()
		n.Comment = text
		c.apply(catalog.Change{Relation: n})
	case ast.KindColumn:
		if len(s.Name.Parts) < 2 {
			return errorAt(s.Name.Pos(), "42601", "column name must be qualified")
		}
		table := s.Name
		table.Parts = table.Parts[:len(table.Parts)-1]
		r, err := c.mayChange(table, true)
		if err != nil {
			return err
		}
		id := s.Name.Object()
		i, ok := r.Column(c.newName(id))
		if !ok {
			return errorAt(id.Pos(), "42703", "column %q of relation %q does not exist", c.newName(id), r.Name)
		}
		n := r.Clone()
		n.Columns[i].Comment = text
		c.apply(catalog.Change{Relation: n})
	case ast.KindConstraint:
		if s.On == nil {
			return unsupported(s.Pos(), "COMMENT ON CONSTRAINT without a table")
		}
		r, err := c.mayChange(*s.On, false)
		if err != nil {
			return err
		}
		n := r.Clone()
		i, err := c.constraint(n, s.Name.Object())
		if err != nil {
			return err
		}
		n.Constraints[i].Comment = text
		c.apply(catalog.Change{Relation: n})
	case ast.KindDatabase:
		d, err := c.ownDatabase(s.Name.Object())
		if err != nil {
			return err
		}
		n := *d
		n.Comment = text
		c.apply(catalog.Change{Database: &n})
	default:
		return unsupported(s.Pos(), "COMMENT ON %s", s.Kind)
	}
	return nil
}
