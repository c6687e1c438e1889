package bind

import (
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

// defaultPrivileges is ALTER DEFAULT PRIVILEGES (r_ALTER_DEFAULT_PRIVILEGES.md).
// The owner's own privileges are no part of it: assumed.
func (c *change) defaultPrivileges(s *ast.AlterDefaultPrivileges) error {
	c.tag("ALTER DEFAULT PRIVILEGES", "UTILITY")
	g := &granting{change: c}
	switch a := s.Action.(type) {
	case *ast.Grant:
		g.Grants = &a.Grants
	case *ast.Revoke:
		g.Grants, g.revoke, g.optionFor, g.cascade = &a.Grants, true, a.OptionFor, a.Behavior == ast.Cascade
	}
	if g.Grants == nil {
		return unsupported(s.Pos(), "this form of ALTER DEFAULT PRIVILEGES")
	}
	what, all := "relation", catalog.TableAll
	switch g.Kind {
	case ast.KindFunctions:
		what, all = "function", catalog.Execute
	case ast.KindProcedures:
		what, all = "procedure", catalog.Execute
	}
	if err := g.resolve(); err != nil {
		return err
	}
	p, err := g.privileges(what, all)
	if err != nil {
		return err
	}
	for _, one := range g.Privileges {
		if one.Columns != nil {
			return errorAt(one.Pos(), "0LP01", "default privileges cannot be set for columns")
		}
	}
	users, err := g.targets(s)
	if err != nil {
		return err
	}
	var schemas []*catalog.Schema
	for _, id := range s.Schemas {
		schema, err := c.schema(c.newName(id), id.Pos())
		if err != nil {
			return err
		}
		schemas = append(schemas, schema)
	}
	for _, u := range users {
		if schemas == nil {
			if err := g.defaults(u, 0, p); err != nil {
				return err
			}
		}
		for i, schema := range schemas {
			// The target must be able to create there.
			if c.env.Catalog.Who(u.ID).Holds(schema.Grants(), catalog.Create) == 0 {
				return errorAt(s.Schemas[i].Pos(), "42501", "permission denied for schema %s", schema.Name)
			}
			if err := g.defaults(u, schema.ID, p); err != nil {
				return err
			}
		}
	}
	return nil
}

// targets are the users whose new objects are spoken of.
func (g *granting) targets(s *ast.AlterDefaultPrivileges) (users []*catalog.User, err error) {
	if s.ForUsers == nil {
		u, ok := g.env.Catalog.User(g.env.User)
		if !ok {
			return nil, errorAt(s.Pos(), "42704", "user %q does not exist", g.env.User)
		}
		return []*catalog.User{u}, nil
	}
	for _, id := range s.ForUsers {
		u, err := g.user(id)
		if err != nil {
			return nil, err
		}
		if !g.owns(u.ID) && !g.change.system("alter default privileges") {
			return nil, errorAt(id.Pos(), "42501", "permission denied to alter default privileges of user %s", u.Name) // assumed text
		}
		users = append(users, u)
	}
	return users, nil
}

// defaults changes the entry of a user and a schema, or makes or drops it.
func (g *granting) defaults(u *catalog.User, schema int32, p catalog.Privileges) error {
	g.lockName("default privileges", g.env.Database, u.Name)
	d := &catalog.DefaultACL{User: u.ID, Database: g.env.Database, Schema: schema, Kind: map[ast.ObjectKind]string{ast.KindTables: "r", ast.KindFunctions: "f", ast.KindProcedures: "p"}[g.Kind]}
	for _, old := range g.env.Catalog.DefaultACLs() {
		if old.User == d.User && old.Database == d.Database && old.Schema == d.Schema && old.Kind == d.Kind {
			d = new(*old)
		}
	}
	for _, to := range g.receivers {
		one := catalog.Grant{Grantee: to.Grantee, Grantor: u.ID, Privileges: p}
		switch {
		case to.Grantee == catalog.UserGrantee(u.ID):
		case g.revoke:
			d.ACL, _ = d.ACL.Without(one, g.optionFor)
		default:
			if to.option {
				one.Options = p
			}
			d.ACL = d.ACL.With(one)
		}
	}
	switch {
	case len(d.ACL) > 0 && d.ID == 0:
		var err error
		if d.ID, err = g.newID(); err != nil {
			return err
		}
		fallthrough
	case len(d.ACL) > 0:
		g.change.apply(catalog.Change{DefaultACL: d})
	case d.ID != 0:
		g.change.apply(catalog.Change{DropDefaultACL: d})
	}
	return nil
}

// dropSchemaDefaults drops the default privileges of a schema that is dropped.
func (c *change) dropSchemaDefaults(schema int32) {
	for _, d := range c.env.Catalog.DefaultACLs() {
		if d.Schema == schema {
			c.apply(catalog.Change{DropDefaultACL: d})
		}
	}
}

// dropDatabaseDefaults drops those of a database.
func (c *change) dropDatabaseDefaults(database string) {
	for _, d := range c.env.Catalog.DefaultACLs() {
		if strings.EqualFold(d.Database, database) {
			c.apply(catalog.Change{DropDefaultACL: d})
		}
	}
}
