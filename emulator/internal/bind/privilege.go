package bind

import (
	"slices"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
)

// actor is whom a binder checks: the session's user, or inside a view its owner
// (r_CREATE_VIEW.md: who reads a view needs no privileges on its tables).
type actor struct {
	user int32
	// super: nothing is checked.
	super bool
	// bound: inside a view that is bound to its tables, whose names were looked
	// up when it was made, so that the schemas are not asked again.
	bound bool
	// known are the identities, once somebody asked.
	known *catalog.Who
}

// who gives the identities that privileges may come from.
func (b *binder) who() *catalog.Who {
	if b.actor.known == nil {
		b.actor.known = b.snapshot().Who(b.actor.user)
		b.actor.known.Superuser = b.actor.super
	}
	return b.actor.known
}

// system tells whether the user has a system privilege through a role.
func (b *binder) system(name string) bool { return b.actor.super || b.who().System(name) }

// viewActor is whom the query of a view is checked as: the view's owner.
func (b *binder) viewActor(v *catalog.Relation) actor {
	a := b.actor
	if a.user != v.Owner {
		u, ok := b.env.Catalog.UserByID(v.Owner)
		a = actor{user: v.Owner, super: ok && u.Superuser}
	}
	a.bound = v.Kind == catalog.View
	return a
}

func deniedRelation(r *catalog.Relation, offset int) *Error {
	return errorAt(offset, "42501", "permission denied for relation %s", r.Name)
}

// holds tells whether the user has all of these privileges on a relation.
func (b *binder) holds(r *catalog.Relation, p catalog.Privileges) bool {
	return b.actor.super || b.who().Holds(r.Grants(), p) == p
}

// need refuses what takes privileges on a relation that the user does not have.
func (b *binder) need(r *catalog.Relation, p catalog.Privileges, offset int) error {
	if b.holds(r, p) {
		return nil
	}
	return deniedRelation(r, offset)
}

// entered tells whether the user may use what is in a schema. The session's
// temporary schema is its own, whoever it is by now.
func (b *binder) entered(database, schema string) bool {
	if b.actor.super || b.actor.bound || schema == b.env.TempSchema && schema != "" {
		return true
	}
	s, ok := b.env.Catalog.Schema(database, schema)
	return !ok || b.who().Holds(s.Grants(), catalog.Usage) != 0
}

// readable tells which columns of a relation the user may not read, nil for
// none. Who may read no column may not read the relation; without its columns
// (count(*)) any of them does.
func (b *binder) readable(r *catalog.Relation, offset int) ([]bool, error) {
	if b.holds(r, catalog.Select) {
		return nil, nil
	}
	denied, any := b.unreadable(r)
	if !any {
		return nil, deniedRelation(r, offset)
	}
	return denied, nil
}

// unreadable tells which columns have no SELECT of their own, and whether any has.
func (b *binder) unreadable(r *catalog.Relation) (denied []bool, any bool) {
	denied = make([]bool, len(r.Columns))
	for i, c := range r.Columns {
		denied[i] = b.who().Holds(c.ACL, catalog.Select) == 0
		any = any || !denied[i]
	}
	return denied, any
}

// deny marks the columns that are refused when they are used.
func (s *source) deny(denied []bool) {
	for i := range denied {
		if i < len(s.cols) {
			s.cols[i].denied = denied[i]
		}
	}
}

// allowed refuses a column that the user may not read.
func (b *binder) allowed(c *column, offset int) error {
	if !c.denied {
		return nil
	}
	name := c.name
	if r, ok := b.env.Catalog.RelationByID(c.table); ok {
		name = r.Name
	}
	return errorAt(offset, "42501", "permission denied for relation %s", name)
}

// mayChangeAs refuses DDL on a relation to all but its owner, who has one of the
// privileges, or a system privilege (r_roles-system-privileges.md).
func (c *change) mayChangeAs(r *catalog.Relation, p catalog.Privileges, system string, offset int) error {
	if c.owns(r.Owner) || p != 0 && c.who().Holds(r.Grants(), p) != 0 || system != "" && c.system(system) {
		return nil
	}
	return errorAt(offset, "42501", "must be owner of relation %s", r.Name)
}

// mayCreate refuses to make something in a schema without CREATE on it.
func (c *change) mayCreate(s *catalog.Schema, temp bool, system string, offset int) error {
	if c.actor.super {
		return nil
	}
	if temp {
		d, ok := c.env.Catalog.Database(c.env.Database)
		if !ok || c.who().Holds(d.Grants(), catalog.Temp) != 0 {
			return nil
		}
		return errorAt(offset, "42501", "permission denied to create temporary tables in database %q", d.Name)
	}
	if c.who().Holds(s.Grants(), catalog.Create) != 0 || c.system(system) {
		return nil
	}
	return errorAt(offset, "42501", "permission denied for schema %s", s.Name)
}

// initialACL is that of a new relation: nil, unless the user has set default
// privileges for it (r_ALTER_DEFAULT_PRIVILEGES.md).
func (c *change) initialACL(r *catalog.Relation) catalog.ACL {
	all := c.env.Catalog.DefaultACLs()
	if len(all) == 0 || r.Temp {
		return nil
	}
	s, ok := c.env.Catalog.Schema(r.Database, r.Schema)
	if !ok {
		return nil
	}
	var acl catalog.ACL
	for _, d := range all {
		if d.User != r.Owner || d.Database != r.Database || d.Kind != "r" || d.Schema != 0 && d.Schema != s.ID {
			continue
		}
		if acl == nil {
			acl = r.Grants()
		}
		for _, g := range d.ACL {
			g.Grantor = r.Owner
			acl = acl.With(g)
		}
	}
	return acl
}

// privilegesOf lists what a grantee holds anywhere, or has granted: what keeps
// it from being dropped.
func (c *change) privilegesOf(g catalog.Grantee) (what []string) {
	note := func(acl catalog.ACL, text string) {
		if acl.Has(g) {
			what = append(what, "privileges on "+text)
		}
	}
	for _, d := range c.env.Catalog.Databases() {
		note(d.ACL, "database "+d.Name)
	}
	for _, s := range c.env.Catalog.Schemas() {
		note(s.ACL, "schema "+s.Name)
	}
	for _, r := range c.env.Catalog.Relations() {
		name := kindName(r) + " " + c.displayName(r)
		note(r.ACL, name)
		for _, col := range r.Columns {
			note(col.ACL, "column "+col.Name+" of "+name)
		}
	}
	for _, r := range c.env.Catalog.Routines() {
		note(r.ACL, "function "+r.Signature())
	}
	for _, l := range c.env.Catalog.Languages() {
		note(l.ACL, "language "+l.Name)
	}
	for _, d := range c.env.Catalog.DefaultACLs() {
		if d.ACL.Has(g) || g == catalog.UserGrantee(d.User) {
			what = append(what, "default privileges on new objects of "+c.env.Catalog.GranteeName(catalog.UserGrantee(d.User)))
		}
	}
	return what
}

// dependent is the error of a user, group or role that holds privileges.
func dependent(kind, name string, what []string, offset int) error {
	e := errorAt(offset, "55006", "%s %q cannot be dropped because the %s has a privilege on some object", kind, name, kind)
	e.Detail = strings.Join(slices.Compact(what), "\n")
	return e
}
