package bind

import (
	"slices"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

// systemPrivileges are what a role may be given beside privileges on objects.
// Those for what the emulator does not have are kept and shown.
var systemPrivileges = catalog.SystemPrivileges()

// changeable refuses to change the roles that every cluster has: assumed.
func changeable(r *catalog.Role, offset int) error {
	if strings.HasPrefix(r.Name, "sys:") {
		return errorAt(offset, "42501", "system-defined role %q cannot be changed", r.Name) // assumed text
	}
	return nil
}

// role finds a role by name.
func (c *change) role(id ast.Ident) (*catalog.Role, error) {
	name := c.newName(id)
	if r, ok := c.env.Catalog.Role(name); ok {
		return r, nil
	}
	return nil, errorAt(id.Pos(), "42704", "role %q does not exist", name)
}

// roleName checks the name of a new role, which no user has (r_CREATE_ROLE.md).
func (c *change) roleName(id ast.Ident) (string, error) {
	name := c.newName(id)
	if name == "public" || strings.HasPrefix(name, "sys:") || strings.HasPrefix(name, "ds:") {
		return "", errorAt(id.Pos(), "42939", "role name %q is reserved", name) // assumed text
	}
	c.lockName("role", name)
	if _, ok := c.env.Catalog.Role(name); ok {
		return "", errorAt(id.Pos(), "42710", "role %q already exists", name)
	}
	if _, ok := c.env.Catalog.User(name); ok {
		return "", errorAt(id.Pos(), "42710", "a user with the name %q already exists", name) // assumed text
	}
	return name, nil
}

// createRole is CREATE ROLE (r_CREATE_ROLE.md).
func (c *change) createRole(s *ast.CreateRole) error {
	c.tag("CREATE ROLE", "UTILITY")
	if !c.system("create role") {
		return errorAt(s.Pos(), "42501", "permission denied to create role")
	}
	name, err := c.roleName(s.Name)
	if err != nil {
		return err
	}
	if len(c.env.Catalog.Roles()) >= maxRoles {
		return errorAt(s.Name.Pos(), "54000", "there can be at most %d roles", maxRoles) // assumed text
	}
	r := &catalog.Role{Name: name, Owner: c.env.UserID, ExternalID: s.ExternalID}
	if r.ID, err = c.newID(); err != nil {
		return err
	}
	c.apply(catalog.Change{Role: r})
	return nil
}

// maxRoles is a cluster's quota (amazon-redshift-limits.md).
const maxRoles = 1000

// alterRole is ALTER ROLE (r_ALTER_ROLE.md).
func (c *change) alterRole(s *ast.AlterRole) error {
	c.tag("ALTER ROLE", "UTILITY")
	r, err := c.role(s.Name)
	if err != nil {
		return err
	}
	if !c.owns(r.Owner) {
		return errorAt(s.Name.Pos(), "42501", "must be owner of role %s", r.Name)
	}
	if err := changeable(r, s.Name.Pos()); err != nil {
		return err
	}
	c.lockName("role", r.Name)
	changed := *r
	if s.RenameTo != nil {
		if changed.Name, err = c.roleName(*s.RenameTo); err != nil {
			return err
		}
	}
	if s.Owner != nil {
		u, err := c.user(*s.Owner)
		if err != nil {
			return err
		}
		changed.Owner = u.ID
	}
	if s.ExternalID != "" {
		changed.ExternalID = s.ExternalID
	}
	c.apply(catalog.Change{Role: &changed})
	return nil
}

// administers tells whether the user may grant and drop a role: its owner, who
// has it WITH ADMIN OPTION, and security administrators.
func (c *change) administers(r *catalog.Role) bool {
	if admin, ok := c.env.Catalog.Role(catalog.SecurityAdmin); ok && c.who().Is(catalog.Grantee{Kind: catalog.ToRole, ID: admin.ID}) {
		return true
	}
	return c.owns(r.Owner) || slices.ContainsFunc(r.Members, func(m catalog.Membership) bool {
		return m.Admin && m.Member == catalog.UserGrantee(c.env.UserID)
	})
}

// dropRoles is DROP ROLE (r_DROP_ROLE.md). FORCE takes the role from all that
// have it.
func (c *change) dropRoles(s *ast.Drop) error {
	c.tag("DROP ROLE", "UTILITY")
	for _, n := range s.Names {
		id := n.Object()
		if _, ok := c.env.Catalog.Role(c.newName(id)); !ok && s.IfExists {
			c.skipped("Role", c.newName(id))
			continue
		}
		r, err := c.role(id)
		if err != nil {
			return err
		}
		if !c.administers(r) {
			return errorAt(id.Pos(), "42501", "must be owner of role %s", r.Name)
		}
		if err := changeable(r, id.Pos()); err != nil {
			return err
		}
		c.lockName("role", r.Name)
		self := catalog.Grantee{Kind: catalog.ToRole, ID: r.ID}
		if what := c.privilegesOf(self); what != nil {
			return dependent("role", r.Name, what, id.Pos())
		}
		for _, m := range r.Members {
			if !s.Force {
				return errorAt(id.Pos(), "2BP01", "cannot drop this role since it has been granted on a %s", m.Member.Kind)
			}
		}
		for _, other := range c.env.Catalog.Roles() {
			left := slices.DeleteFunc(slices.Clone(other.Members), func(m catalog.Membership) bool { return m.Member == self })
			if len(left) == len(other.Members) {
				continue
			}
			if !s.Force {
				return errorAt(id.Pos(), "2BP01", "cannot drop this role since it depends on another role")
			}
			changed := *other
			changed.Members = left
			c.apply(catalog.Change{Role: &changed})
		}
		c.apply(catalog.Change{DropRole: r})
	}
	return nil
}

// roles is GRANT ROLE and REVOKE ROLE.
func (g *granting) roles(names []ast.Ident) error {
	for _, id := range names {
		r, err := g.role(id)
		if err != nil {
			return err
		}
		if !g.administers(r) {
			return errorAt(id.Pos(), "42501", "permission denied to %s role %q", g.verb(), r.Name) // assumed text
		}
		g.lockName("role", r.Name)
		changed := *r
		changed.Members = slices.Clone(r.Members)
		for _, to := range g.receivers {
			if err := g.member(&changed, to); err != nil {
				return err
			}
		}
		g.change.apply(catalog.Change{Role: &changed})
	}
	return nil
}

func (g *granting) verb() string {
	if g.revoke {
		return "revoke"
	}
	return "grant"
}

// member gives a role to somebody, or takes it away.
func (g *granting) member(r *catalog.Role, to receiver) error {
	switch {
	case to.Kind != catalog.ToUser && to.Kind != catalog.ToRole:
		return errorAt(to.offset, "0LP01", "roles can only be granted to users and roles") // assumed text
	case to.option && to.Kind == catalog.ToRole || g.optionFor && to.Kind == catalog.ToRole:
		return errorAt(to.offset, "0LP01", "admin options can only be granted to individual users") // assumed text
	}
	i := slices.IndexFunc(r.Members, func(m catalog.Membership) bool { return m.Member == to.Grantee })
	switch {
	case g.revoke && i < 0:
		return nil // as REVOKE of any privilege that is not held
	case g.revoke && g.optionFor:
		r.Members[i].Admin = false
	case g.revoke:
		r.Members = slices.Delete(r.Members, i, i+1)
	case to.Kind == catalog.ToRole && g.env.Catalog.RoleWho(r.ID).Is(to.Grantee):
		return errorAt(to.offset, "0LP01", "role %q is a member of role %q", r.Name, to.name)
	case i >= 0:
		r.Members[i].Admin = r.Members[i].Admin || to.option
	default:
		r.Members = append(r.Members, catalog.Membership{Member: to.Grantee, Grantor: g.env.UserID, Admin: to.option})
	}
	return nil
}

// system is GRANT of system privileges, which roles alone can have, or of roles
// without the word.
func (g *granting) system(offset int) error {
	var names []string
	var roles []ast.Ident
	for _, p := range g.Privileges {
		switch {
		case slices.Contains(systemPrivileges, p.Name):
			names = append(names, p.Name)
		case !strings.Contains(p.Name, " ") && p.Columns == nil:
			roles = append(roles, ast.Ident{Span: p.Span, Name: p.Name})
		default:
			return errorAt(p.Pos(), "42601", "syntax error at or near %q", p.Name)
		}
	}
	if roles != nil {
		if names != nil {
			return errorAt(roles[0].Pos(), "42601", "syntax error at or near %q", roles[0].Name)
		}
		return g.roles(roles)
	}
	if g.All {
		names = systemPrivileges
	}
	if !g.env.Superuser {
		return errorAt(offset, "42501", "must be superuser to %s system privileges", g.verb()) // assumed text
	}
	for _, to := range g.receivers {
		if to.Kind != catalog.ToRole {
			return errorAt(to.offset, "0LP01", "system privileges can only be granted to roles") // assumed text
		}
		r, ok := g.env.Catalog.RoleByID(to.ID)
		if !ok {
			continue
		}
		if err := changeable(r, to.offset); err != nil {
			return err
		}
		g.lockName("role", r.Name)
		changed := *r
		changed.System = slices.DeleteFunc(slices.Clone(r.System), func(s string) bool { return slices.Contains(names, s) })
		if !g.revoke {
			changed.System = append(changed.System, names...)
		}
		g.change.apply(catalog.Change{Role: &changed})
	}
	return nil
}
