package bind

import (
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/lock"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

// receiver is a grantee of a GRANT or REVOKE.
type receiver struct {
	catalog.Grantee
	name   string
	option bool
	offset int
}

// granting is one GRANT or REVOKE.
type granting struct {
	*change
	*ast.Grants
	revoke    bool
	optionFor bool
	cascade   bool
	receivers []receiver
}

// grant is GRANT (r_GRANT.md).
func (c *change) grant(s *ast.Grant) error {
	c.tag("GRANT", "UTILITY")
	return (&granting{change: c, Grants: &s.Grants}).run(s.Pos())
}

// revoke is REVOKE (r_REVOKE.md).
func (c *change) revoke(s *ast.Revoke) error {
	c.tag("REVOKE", "UTILITY")
	return (&granting{change: c, Grants: &s.Grants, revoke: true, optionFor: s.OptionFor, cascade: s.Behavior == ast.Cascade}).run(s.Pos())
}

func (g *granting) run(offset int) error {
	if err := g.resolve(); err != nil {
		return err
	}
	switch {
	case g.Roles != nil:
		return g.roles(g.Roles)
	case g.System:
		return g.system(offset)
	}
	switch g.Kind {
	case ast.KindTable:
		return g.tables()
	case ast.KindAllTables:
		return g.allTables()
	case ast.KindSchema:
		return g.schemas()
	case ast.KindDatabase:
		return g.databases()
	case ast.KindFunction, ast.KindProcedure:
		return g.routines()
	case ast.KindAllFunctions, ast.KindAllProcedures:
		return g.allRoutines()
	case ast.KindLanguage:
		return g.languages()
	}
	return unsupported(offset, "privileges on a %s", strings.TrimPrefix(g.Kind.String(), "all "))
}

// resolve finds the grantees. Only users are given grant options.
func (g *granting) resolve() error {
	for _, e := range g.Grantees {
		r, err := g.receiver(e)
		if err != nil {
			return err
		}
		if (e.GrantOption || g.optionFor) && r.Kind != catalog.ToUser && g.Roles == nil {
			return errorAt(e.Pos(), "0LP01", "grant options can only be granted to individual users")
		}
		g.receivers = append(g.receivers, r)
	}
	return nil
}

func (c *change) receiver(e ast.Grantee) (receiver, error) {
	r := receiver{option: e.GrantOption, offset: e.Pos()}
	switch e.Kind {
	case ast.GranteePublic:
		r.Grantee, r.name = catalog.Public, "public"
	case ast.GranteeGroup:
		group, err := c.group(e.Name)
		if err != nil {
			return r, err
		}
		r.Grantee, r.name = catalog.Grantee{Kind: catalog.ToGroup, ID: group.ID}, group.Name
	case ast.GranteeRole:
		role, err := c.role(e.Name)
		if err != nil {
			return r, err
		}
		r.Grantee, r.name = catalog.Grantee{Kind: catalog.ToRole, ID: role.ID}, role.Name
	default:
		user, err := c.user(e.Name)
		if err != nil {
			return r, err
		}
		r.Grantee, r.name = catalog.UserGrantee(user.ID), user.Name
	}
	return r, nil
}

// securable is an object whose list a statement changes.
type securable struct {
	kind, name string // for messages
	owner      int32
	acl        catalog.ACL
	all        catalog.Privileges // what ALL means, and what there is
	offset     int
}

// privileges gives those that the statement names for a kind of object. A
// privilege on columns is not among them.
func (g *granting) privileges(kind string, all catalog.Privileges) (catalog.Privileges, error) {
	if g.All {
		return all, nil
	}
	var set catalog.Privileges
	for _, p := range g.Privileges {
		one := catalog.ParsePrivilege(strings.ToUpper(p.Name))
		switch {
		case one == 0 && p.Name != "all":
			return 0, errorAt(p.Pos(), "42601", "syntax error at or near %q", p.Name)
		case one&all != one:
			return 0, errorAt(p.Pos(), "0LP01", "invalid privilege type %s for %s", strings.ToUpper(p.Name), kind)
		case p.Columns == nil:
			set |= one
		case kind != "relation":
			return 0, errorAt(p.Pos(), "0LP01", "column privileges are only valid for relations")
		}
	}
	return set, nil
}

// apply gives an object's list after the statement. Owners and superusers give
// as the owner; others what they have the grant option for.
func (g *granting) apply(o securable, p catalog.Privileges) (catalog.ACL, error) {
	who := g.who()
	may := who.Options(o.owner, o.acl, p)
	if may != p && !g.owns(o.owner) {
		if may == 0 && who.Holds(o.acl, o.all) == 0 {
			return nil, errorAt(o.offset, "42501", "permission denied for %s %s", o.kind, o.name)
		}
		state, verb := "01007", "granted"
		if g.revoke {
			state, verb = "01006", "could be revoked"
		} else {
			verb = "were " + verb
		}
		switch {
		case may == 0:
			g.notice("WARNING", state, "no privileges "+verb+" for \""+o.name+"\"")
			return o.acl, nil
		case !g.All:
			g.notice("WARNING", state, "not all privileges "+verb+" for \""+o.name+"\"")
		}
	}
	grantor := who.User
	if g.owns(o.owner) {
		grantor = o.owner
	}
	acl := o.acl
	for _, r := range g.receivers {
		one := catalog.Grant{Grantee: r.Grantee, Grantor: grantor, Privileges: may}
		if g.revoke {
			var err error
			if acl, err = g.take(acl, one, o, g.optionFor); err != nil {
				return nil, err
			}
			continue
		}
		if r.option && r.Grantee != catalog.UserGrantee(o.owner) {
			one.Options = may
			if loops(acl, grantor, r.ID, may) {
				return nil, errorAt(r.offset, "0LP01", "grant options cannot be granted back to your own grantor")
			}
		}
		acl = acl.With(one)
	}
	return acl, nil
}

// loops tells whether a user has the option to give something from somebody who
// would have it from that user.
func loops(acl catalog.ACL, grantor, to int32, p catalog.Privileges) bool {
	seen := map[int32]bool{}
	for todo := []int32{grantor}; len(todo) > 0; todo = todo[1:] {
		for _, x := range acl {
			if x.Grantee != catalog.UserGrantee(todo[0]) || x.Options&p == 0 || seen[x.Grantor] || x.Grantor == todo[0] {
				continue
			}
			if x.Grantor == to {
				return true
			}
			seen[x.Grantor] = true
			todo = append(todo, x.Grantor)
		}
	}
	return false
}

// take revokes, and with CASCADE what the grantee has given by an option that
// is lost.
func (g *granting) take(acl catalog.ACL, one catalog.Grant, o securable, optionsOnly bool) (catalog.ACL, error) {
	acl, lost := acl.Without(one, optionsOnly)
	if one.Grantee.Kind != catalog.ToUser || lost == 0 || one.Grantee.ID == o.owner {
		return acl, nil
	}
	orphans := acl.Orphans(one.Grantee.ID, lost)
	if len(orphans) > 0 && !g.cascade {
		e := errorAt(o.offset, "2BP01", "dependent privileges exist")
		e.Hint = "Use CASCADE to revoke them too."
		return nil, e
	}
	for _, x := range orphans {
		var err error
		if acl, err = g.take(acl, x, o, false); err != nil {
			return nil, err
		}
	}
	return acl, nil
}

// tables is GRANT ON [TABLE], of privileges on tables and views and on their
// columns.
func (g *granting) tables() error {
	for _, name := range g.Objects {
		r, err := g.lookup(name)
		switch {
		case err != nil:
			return err
		case r == nil:
			if _, ok := g.systemView(name); ok {
				return unsupported(name.Pos(), "privileges on system views")
			}
			if _, ok := g.catalogView(name); ok {
				return unsupported(name.Pos(), "privileges on catalog tables")
			}
			return g.noRelation(name)
		case r.Database != g.env.Database:
			return errorAt(name.Pos(), "0A000", "cross-database reference to database %q is not supported", r.Database)
		}
		if err := g.relation(r, name.Pos()); err != nil {
			return err
		}
	}
	return nil
}

// allTables is GRANT ON ALL TABLES IN SCHEMA: of those that are there now.
func (g *granting) allTables() error {
	for _, name := range g.Objects {
		s, err := g.schemaOf(name)
		if err != nil {
			return err
		}
		for _, r := range g.env.Catalog.Relations() {
			if r.Database != s.Database || r.Schema != s.Name {
				continue
			}
			if err := g.relation(r, name.Pos()); err != nil {
				return err
			}
		}
	}
	return nil
}

func (g *granting) relation(r *catalog.Relation, offset int) error {
	p, err := g.privileges("relation", catalog.TableAll)
	if err != nil {
		return err
	}
	// It waits for who alters the relation, and not for its readers and writers.
	g.lock(r.ID, lock.AccessShare)
	g.lockName("grants", r.Database, r.Schema, r.Name)
	n := r.Clone()
	o := securable{"relation", r.Name, r.Owner, r.Grants(), catalog.TableAll, offset}
	if p != 0 {
		if err := g.columnsHeld(n, p, offset); err != nil {
			return err
		}
		if n.ACL, err = g.apply(o, p); err != nil {
			return err
		}
	}
	for i := range g.Privileges {
		if g.Privileges[i].Columns != nil {
			if err := g.columns(n, &g.Privileges[i], o); err != nil {
				return err
			}
		}
	}
	g.change.apply(catalog.Change{Relation: n})
	return nil
}

// columnsHeld: nobody has a privilege on a table and on its columns
// (r_GRANT-usage-notes.md). A REVOKE takes both.
func (g *granting) columnsHeld(r *catalog.Relation, p catalog.Privileges, offset int) error {
	for i := range r.Columns {
		acl := r.Columns[i].ACL
		for _, to := range g.receivers {
			held := acl.Of(to.Grantee) & p
			if held == 0 {
				continue
			}
			if !g.revoke {
				return errorAt(offset, "0LP01", "cannot grant %s on %q to a holder of column-level privileges, revoke them first", strings.Join(held.Names(), ", "), r.Name) // assumed text
			}
			if g.owns(r.Owner) && !g.optionFor {
				acl, _ = acl.Without(catalog.Grant{Grantee: to.Grantee, Grantor: r.Owner, Privileges: p}, false)
			}
		}
		if len(acl) == 0 {
			acl = nil
		}
		r.Columns[i].ACL = acl
	}
	return nil
}

// columns is a privilege on columns, which the owner or a superuser gives, and
// without an option to pass it on.
func (g *granting) columns(r *catalog.Relation, p *ast.Privilege, o securable) error {
	set := catalog.ParsePrivilege(strings.ToUpper(p.Name))
	if p.Name == "all" {
		set = catalog.ColumnAll
		if r.Kind != catalog.Table {
			set = catalog.Select
		}
	}
	switch {
	case r.Kind == catalog.LateBinding:
		return errorAt(p.Pos(), "0LP01", "column privileges are not supported on late-binding views") // assumed text
	case set&catalog.ColumnAll != set, r.Kind != catalog.Table && set != catalog.Select:
		return errorAt(p.Pos(), "0LP01", "invalid privilege type %s for column", strings.ToUpper(p.Name))
	case !g.owns(r.Owner):
		return errorAt(o.offset, "42501", "must be owner of relation %s", r.Name)
	case g.optionFor:
		return errorAt(p.Pos(), "0LP01", "grant options are not supported for column privileges") // assumed text
	}
	numbers, err := g.columnList(r, p.Columns)
	if err != nil {
		return err
	}
	for _, to := range g.receivers {
		if to.option {
			return errorAt(to.offset, "0LP01", "grant options are not supported for column privileges") // assumed text
		}
		one := catalog.Grant{Grantee: to.Grantee, Grantor: r.Owner, Privileges: set}
		if whole := r.Grants().Of(to.Grantee) & set; whole != 0 {
			if g.revoke {
				return errorAt(p.Pos(), "0LP01", "cannot revoke %s on columns of %q, it was granted on the table", strings.Join(whole.Names(), ", "), r.Name) // assumed text
			}
			if one.Privileges &^= whole; one.Privileges == 0 {
				continue // r_GRANT-usage-notes.md: it has no effect
			}
		}
		for _, i := range numbers {
			acl := r.Columns[i].ACL
			if g.revoke {
				acl, _ = acl.Without(one, false)
			} else {
				acl = acl.With(one)
			}
			if len(acl) == 0 {
				acl = nil
			}
			r.Columns[i].ACL = acl
		}
	}
	return nil
}

// schemaOf finds a schema that a GRANT names.
func (g *granting) schemaOf(name ast.Name) (*catalog.Schema, error) {
	database := g.env.Database
	if len(name.Parts) == 2 {
		database = g.ident(name.Parts[0])
	}
	schema := g.ident(name.Object())
	s, ok := g.env.Catalog.Schema(database, schema)
	switch {
	case len(name.Parts) > 2 || !ok:
		return nil, errorAt(name.Pos(), "3F000", "schema %q does not exist", schema)
	case database != g.env.Database:
		return nil, errorAt(name.Pos(), "0A000", "cross-database reference to database %q is not supported", database)
	}
	return s, nil
}

func (g *granting) schemas() error {
	p, err := g.privileges("schema", catalog.SchemaAll)
	if err != nil {
		return err
	}
	for _, name := range g.Objects {
		s, err := g.schemaOf(name)
		if err != nil {
			return err
		}
		g.lock(s.ID, lock.AccessShare)
		g.lockName("grants", s.Database, s.Name)
		n := *s
		if n.ACL, err = g.apply(securable{"schema", s.Name, s.Owner, s.Grants(), catalog.SchemaAll, name.Pos()}, p); err != nil {
			return err
		}
		g.change.apply(catalog.Change{Schema: &n})
	}
	return nil
}

func (g *granting) databases() error {
	p, err := g.privileges("database", catalog.DatabaseAll)
	if err != nil {
		return err
	}
	for _, name := range g.Objects {
		id := name.Object()
		d, ok := g.env.Catalog.Database(g.ident(id))
		if !ok || len(name.Parts) > 1 {
			return errorAt(name.Pos(), "3D000", "database %q does not exist", g.ident(id))
		}
		g.lockName("grants", d.Name)
		n := *d
		if n.ACL, err = g.apply(securable{"database", d.Name, d.Owner, d.Grants(), catalog.DatabaseAll, name.Pos()}, p); err != nil {
			return err
		}
		g.change.apply(catalog.Change{Database: &n})
	}
	return nil
}
