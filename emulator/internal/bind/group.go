package bind

import (
	"slices"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

// group finds a group by name.
func (c *change) group(id ast.Ident) (*catalog.Group, error) {
	name := c.newName(id)
	if g, ok := c.env.Catalog.Group(name); ok {
		return g, nil
	}
	return nil, errorAt(id.Pos(), "42704", "group %q does not exist", name)
}

func (c *change) groupName(id ast.Ident) (string, error) {
	name := c.newName(id)
	if name == "public" || strings.HasPrefix(name, "__") {
		return "", errorAt(id.Pos(), "42939", "group name %q is reserved", name) // assumed text
	}
	c.lockName("group", name)
	if _, ok := c.env.Catalog.Group(name); ok {
		return "", errorAt(id.Pos(), "42710", "group %q already exists", name)
	}
	return name, nil
}

// createGroup is CREATE GROUP (r_CREATE_GROUP.md).
func (c *change) createGroup(s *ast.CreateGroup) error {
	c.tag("CREATE GROUP", "UTILITY")
	if !c.env.Superuser {
		return errorAt(s.Pos(), "42501", "must be superuser to create groups")
	}
	name, err := c.groupName(s.Name)
	if err != nil {
		return err
	}
	g := &catalog.Group{Name: name}
	if err := c.join(g, s.Users); err != nil {
		return err
	}
	if g.ID, err = c.newID(); err != nil {
		return err
	}
	c.apply(catalog.Change{Group: g})
	return nil
}

// join adds users to a group that nobody else sees yet.
func (c *change) join(g *catalog.Group, users []ast.Ident) error {
	for _, id := range users {
		u, err := c.user(id)
		if err != nil {
			return err
		}
		if !slices.Contains(g.Users, u.ID) {
			g.Users = append(slices.Clip(g.Users), u.ID)
		}
	}
	return nil
}

// alterGroup is ALTER GROUP (r_ALTER_GROUP.md).
func (c *change) alterGroup(s *ast.AlterGroup) error {
	c.tag("ALTER GROUP", "UTILITY")
	if !c.env.Superuser {
		return errorAt(s.Pos(), "42501", "must be superuser to alter groups")
	}
	g, err := c.group(s.Name)
	if err != nil {
		return err
	}
	c.lockName("group", g.Name)
	changed := *g
	if s.RenameTo != nil {
		if changed.Name, err = c.groupName(*s.RenameTo); err != nil {
			return err
		}
	}
	if err := c.join(&changed, s.AddUsers); err != nil {
		return err
	}
	for _, id := range s.DropUsers {
		u, err := c.user(id)
		if err != nil {
			return err
		}
		if !slices.Contains(changed.Users, u.ID) {
			c.notice("WARNING", "01000", "user \""+u.Name+"\" is not in group \""+changed.Name+"\"")
			continue
		}
		changed.Users = without(changed.Users, u.ID)
	}
	c.apply(catalog.Change{Group: &changed})
	return nil
}

func without(list []int32, id int32) []int32 {
	return slices.DeleteFunc(slices.Clone(list), func(x int32) bool { return x == id })
}

// dropGroups is DROP GROUP (r_DROP_GROUP.md): not of one with privileges.
func (c *change) dropGroups(s *ast.Drop) error {
	c.tag("DROP GROUP", "UTILITY")
	if !c.env.Superuser {
		return errorAt(s.Pos(), "42501", "must be superuser to drop groups")
	}
	for _, n := range s.Names {
		id := n.Object()
		if _, ok := c.env.Catalog.Group(c.newName(id)); !ok && s.IfExists {
			c.skipped("Group", c.newName(id))
			continue
		}
		g, err := c.group(id)
		if err != nil {
			return err
		}
		if what := c.privilegesOf(catalog.Grantee{Kind: catalog.ToGroup, ID: g.ID}); what != nil {
			return dependent("group", g.Name, what, id.Pos())
		}
		c.lockName("group", g.Name)
		c.apply(catalog.Change{DropGroup: g})
	}
	return nil
}
