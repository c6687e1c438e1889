package bind

import (
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/lock"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

// createDatabase is CREATE DATABASE (r_CREATE_DATABASE.md).
func (c *change) createDatabase(s *ast.CreateDatabase) error {
	c.tag("CREATE DATABASE", "UTILITY")
	c.plan.NoTransaction = true
	if u, ok := c.env.Catalog.User(c.env.User); !c.env.Superuser && (!ok || !u.CreateDB) {
		return errorAt(s.Pos(), "42501", "permission denied to create database")
	}
	name := c.newName(s.Name)
	switch name {
	case "padb_harvest", "template0", "template1", "sys:internal":
		// amazon-redshift-limits.md, r_CREATE_DATABASE.md: reserved.
		return errorAt(s.Name.Pos(), "42939", "database name %q is reserved", name) // assumed text
	}
	c.lockName("database", name)
	if _, ok := c.env.Catalog.Database(name); ok {
		return errorAt(s.Name.Pos(), "42P04", "database %q already exists", name)
	}
	if err := c.roomForDatabase(s.Name.Pos()); err != nil {
		return err
	}
	d := &catalog.Database{Name: name, Owner: c.env.UserID}
	for _, o := range s.Options {
		if o.Name == "owner" {
			u, ok := c.env.Catalog.User(o.Value)
			if !ok {
				return errorAt(o.Pos(), "42704", "user %q does not exist", o.Value)
			}
			d.Owner = u.ID
			continue
		}
		if o.Name == "isolation level" {
			d.Serializable = strings.EqualFold(o.Value, "serializable")
			continue
		}
		if err := inertDatabase(o); err != nil {
			return err
		}
	}
	var err error
	if d.ID, err = c.newID(); err != nil {
		return err
	}
	schemas, sql := catalog.SchemasOf(name, c.env.NewID)
	c.run(sql...)
	c.apply(catalog.Change{Database: d})
	c.apply(schemas...)
	return nil
}

// inertDatabase lets those options pass that say what holds anyway.
func inertDatabase(o ast.Option) error {
	switch v := strings.ToLower(o.Value); o.Name {
	case "connection limit":
		if v == "unlimited" {
			return nil
		}
	case "collate":
		if v == "case_sensitive" || v == "cs" {
			return nil
		}
	}
	return unsupported(o.Pos(), "%s %s of databases", strings.ToUpper(o.Name), strings.ToUpper(o.Value))
}

// ownDatabase finds a database that a statement changes.
func (c *change) ownDatabase(id ast.Ident) (*catalog.Database, error) {
	name := c.newName(id)
	d, ok := c.env.Catalog.Database(name)
	switch {
	case !ok:
		return nil, errorAt(id.Pos(), "3D000", "database %q does not exist", name)
	case !c.owns(d.Owner):
		return nil, errorAt(id.Pos(), "42501", "must be owner of database %s", name)
	}
	c.lockName("database", name)
	return d, nil
}

// alterDatabase is ALTER DATABASE (r_ALTER_DATABASE.md).
func (c *change) alterDatabase(s *ast.AlterDatabase) error {
	c.tag("ALTER DATABASE", "UTILITY")
	d, err := c.ownDatabase(s.Name)
	if err != nil {
		return err
	}
	changed := *d
	switch {
	case s.RenameTo != nil:
		return unsupported(s.RenameTo.Pos(), "renaming a database")
	case s.Owner != nil:
		u, err := c.user(*s.Owner)
		if err != nil {
			return err
		}
		changed.Owner, changed.ACL = u.ID, d.ACL.Reowned(d.Owner, u.ID)
	}
	for _, o := range s.Options {
		if o.Name == "isolation level" {
			if d.Name == "dev" {
				return errorAt(o.Pos(), "0A000", "cannot alter the isolation level of database \"dev\"") // assumed text
			}
			c.plan.NoTransaction, c.plan.Unconnected = true, d.Name
			changed.Serializable = strings.EqualFold(o.Value, "serializable")
			continue
		}
		if err := inertDatabase(o); err != nil {
			return err
		}
	}
	c.apply(catalog.Change{Database: &changed})
	return nil
}

// dropDatabase is DROP DATABASE (r_DROP_DATABASE.md). That nobody is connected
// to it is for the session to see.
func (c *change) dropDatabase(s *ast.Drop) error {
	c.tag("DROP DATABASE", "UTILITY")
	c.plan.NoTransaction = true
	if len(s.Names) != 1 {
		return errorAt(s.Pos(), "42601", "DROP DATABASE takes one name")
	}
	d, err := c.ownDatabase(s.Names[0].Object())
	if err != nil {
		return err
	}
	if d.Name == c.env.Database {
		return errorAt(s.Names[0].Pos(), "55006", "cannot drop the currently open database")
	}
	c.plan.Unconnected = d.Name
	for _, r := range c.env.Catalog.Relations() {
		if r.Database == d.Name {
			c.lock(r.ID, lock.AccessExclusive)
			c.apply(catalog.Change{DropRelation: r})
		}
	}
	for _, r := range c.env.Catalog.Routines() {
		if r.Database == d.Name {
			c.apply(catalog.Change{DropRoutine: r})
		}
	}
	for _, schema := range c.env.Catalog.Schemas() {
		if schema.Database != d.Name {
			continue
		}
		c.lock(schema.ID, lock.AccessExclusive)
		if schema.Store != "" {
			c.run("DROP SCHEMA " + quote(schema.Store) + " CASCADE")
		}
		c.apply(catalog.Change{DropSchema: schema})
	}
	c.dropDatabaseDefaults(d.Name)
	c.apply(catalog.Change{DropDatabase: d})
	return nil
}
