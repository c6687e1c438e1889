package bind

import (
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/lock"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

// createSchema is CREATE SCHEMA (r_CREATE_SCHEMA.md).
func (c *change) createSchema(s *ast.CreateSchema) error {
	c.tag("CREATE SCHEMA", "DDL")
	switch {
	case s.External:
		return c.externalSchema(s)
	case s.Quota != nil && !s.Quota.Unlimited:
		return unsupported(s.Quota.Pos(), "schema quotas")
	}
	owner := c.env.UserID
	if s.Authorization != nil {
		u, err := c.user(*s.Authorization)
		if err != nil {
			return err
		}
		if !c.owns(u.ID) {
			return errorAt(s.Authorization.Pos(), "42501", "permission denied for user %s", u.Name) // assumed text
		}
		owner = u.ID
	}
	id := s.Name
	if id == nil {
		id = s.Authorization
	}
	name := c.newName(*id)
	if strings.HasPrefix(name, "pg_") {
		e := errorAt(id.Pos(), "42939", "unacceptable schema name %q", name)
		e.Detail = `The prefix "pg_" is reserved for system schemas.`
		return e
	}
	if d, ok := c.env.Catalog.Database(c.env.Database); ok && c.who().Holds(d.Grants(), catalog.Create) == 0 && !c.system("create schema") {
		return errorAt(s.Pos(), "42501", "permission denied for database %s", d.Name)
	}
	c.lockName("schema", c.env.Database, name)
	if _, ok := c.env.Catalog.Schema(c.env.Database, name); ok {
		if s.IfNotExists {
			c.notice("INFO", "42P06", "Schema \""+name+"\" already exists and will be skipped")
			return nil
		}
		return errorAt(id.Pos(), "42P06", "Schema %q already exists", name) // the capital is assumed
	}
	if err := c.roomForSchema(id.Pos()); err != nil {
		return err
	}
	if _, err := c.newSchema(name, owner); err != nil {
		return err
	}
	c.env.SearchPath = append([]string{name}, c.env.SearchPath...)
	for _, e := range s.Elements {
		if err := c.element(e); err != nil {
			return err
		}
	}
	c.tag("CREATE SCHEMA", "DDL")
	return nil
}

// element is a statement inside CREATE SCHEMA.
func (c *change) element(s ast.Stmt) error {
	switch s := s.(type) {
	case *ast.CreateTable:
		return c.createTable(s)
	case *ast.CreateView:
		return c.createView(s)
	case *ast.Grant:
		return c.grant(s)
	}
	return unsupported(s.Pos(), "this statement inside CREATE SCHEMA")
}

// ownSchema finds a schema that a statement changes, and locks it. Who has the
// system privilege may too.
func (c *change) ownSchema(id ast.Ident, system string) (*catalog.Schema, error) {
	s, err := c.schema(c.newName(id), id.Pos())
	if err != nil {
		return nil, err
	}
	if !c.owns(s.Owner) && (system == "" || !c.system(system)) || s.Store == "" && s.External == nil {
		return nil, errorAt(id.Pos(), "42501", "must be owner of schema %s", s.Name)
	}
	c.lock(s.ID, lock.AccessExclusive)
	c.lockName("schema", s.Database, s.Name)
	return s, nil
}

// alterSchema is ALTER SCHEMA (r_ALTER_SCHEMA.md).
func (c *change) alterSchema(a *ast.AlterSchema) error {
	c.tag("ALTER SCHEMA", "DDL")
	s, err := c.ownSchema(a.Name, "")
	if err != nil {
		return err
	}
	changed := *s
	switch {
	case a.RenameTo != nil:
		changed.Name, changed.ACL = c.newName(*a.RenameTo), s.Grants()
		if strings.HasPrefix(changed.Name, "pg_") {
			return errorAt(a.RenameTo.Pos(), "42939", "unacceptable schema name %q", changed.Name)
		}
		c.lockName("schema", s.Database, changed.Name)
		if _, ok := c.env.Catalog.Schema(s.Database, changed.Name); ok {
			return errorAt(a.RenameTo.Pos(), "42P06", "Schema %q already exists", changed.Name)
		}
		c.apply(catalog.Change{Schema: &changed})
		return c.moveRelations(s, changed.Name, a.RenameTo.Pos())
	case a.Owner != nil:
		u, err := c.user(*a.Owner)
		if err != nil {
			return err
		}
		changed.Owner, changed.ACL = u.ID, s.ACL.Reowned(s.Owner, u.ID)
	case a.Quota != nil && !a.Quota.Unlimited:
		return unsupported(a.Quota.Pos(), "schema quotas")
	}
	c.apply(catalog.Change{Schema: &changed})
	return nil
}

// moveRelations puts a renamed schema's relations under its new name.
func (c *change) moveRelations(s *catalog.Schema, name string, offset int) error {
	for _, r := range c.env.Catalog.Relations() {
		if r.Database != s.Database || r.Schema != s.Name {
			continue
		}
		c.lock(r.ID, lock.AccessExclusive)
		for _, v := range c.env.Catalog.Dependents(r.ID) {
			if v.Kind != catalog.Materialized {
				return unsupported(offset, "renaming the schema of %s, which the view %s uses", r.Name, v.Name)
			}
			c.lock(v.ID, lock.AccessExclusive)
			n := v.Clone()
			n.Unrefreshable = renamedSchema
			c.apply(catalog.Change{Relation: n})
		}
		if current, ok := c.env.Catalog.RelationByID(r.ID); ok {
			r = current // as it is now
		}
		moved := r.Clone()
		moved.Schema = name
		c.apply(catalog.Change{Relation: moved})
	}
	return nil
}
