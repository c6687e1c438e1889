package catalog

import "slices"

// Privileges is a set of privileges on one object. The numbers are stored.
type Privileges uint32

// The privileges that GRANT names (r_GRANT.md); Rule and Trigger are
// PostgreSQL's, which Redshift knows and does nothing with.
const (
	Select Privileges = 1 << iota
	Insert
	Update
	Delete
	References
	Drop
	Alter
	Truncate
	Usage
	Create
	Temp
	Execute
	Rule
	Trigger

	// TableAll, SchemaAll, DatabaseAll and ColumnAll are what ALL means.
	TableAll    = Select | Insert | Update | Delete | References | Drop | Alter | Truncate | Rule | Trigger
	SchemaAll   = Usage | Create
	DatabaseAll = Create | Temp
	ColumnAll   = Select | Update
)

// privilegeNames has each privilege's name, its letter in an ACL of the catalog
// tables, and the place in which those list it. The letters of DROP, ALTER and
// TRUNCATE are assumed.
var privilegeNames = []struct {
	privilege Privileges
	letter    byte
	name      string
}{
	{Insert, 'a', "INSERT"},
	{Select, 'r', "SELECT"},
	{Update, 'w', "UPDATE"},
	{Delete, 'd', "DELETE"},
	{Rule, 'R', "RULE"},
	{References, 'x', "REFERENCES"},
	{Trigger, 't', "TRIGGER"},
	{Drop, 'D', "DROP"},
	{Alter, 'A', "ALTER"},
	{Truncate, 'P', "TRUNCATE"},
	{Execute, 'X', "EXECUTE"},
	{Usage, 'U', "USAGE"},
	{Create, 'C', "CREATE"},
	{Temp, 'T', "TEMP"},
}

// ParsePrivilege gives the privilege of a name in upper case, 0 for none.
func ParsePrivilege(name string) Privileges {
	if name == "TEMPORARY" {
		name = "TEMP"
	}
	for _, p := range privilegeNames {
		if p.name == name {
			return p.privilege
		}
	}
	return 0
}

// Names gives the names of the set's privileges, in upper case.
func (p Privileges) Names() (names []string) {
	for _, n := range privilegeNames {
		if p&n.privilege != 0 {
			names = append(names, n.name)
		}
	}
	return names
}

// GranteeKind is the kind of a Grantee.
type GranteeKind string

// The kinds of grantees.
const (
	ToUser   GranteeKind = "user"
	ToGroup  GranteeKind = "group"
	ToRole   GranteeKind = "role"
	ToPublic GranteeKind = "public"
)

// Grantee is who may hold a privilege; Public has no ID.
type Grantee struct {
	Kind GranteeKind
	ID   int32 `json:",omitzero"`
}

// Public is everybody.
var Public = Grantee{Kind: ToPublic}

// UserGrantee is a user as a Grantee.
func UserGrantee(id int32) Grantee { return Grantee{ToUser, id} }

// Grant is what one grantor gave to one grantee on an object. Options are those
// of Privileges that the grantee may give to others.
type Grant struct {
	Grantee    Grantee
	Grantor    int32
	Privileges Privileges
	Options    Privileges `json:",omitzero"`
}

// ACL is who may do what with an object. Where it is nil the object has the
// privileges that every object of its kind begins with; an owner's are among
// those that are written out, so that owners may revoke their own. A list is
// never changed, but replaced.
type ACL []Grant

// Of gives what a grantee holds by this list itself, from any grantor.
func (a ACL) Of(g Grantee) (held Privileges) {
	for _, x := range a {
		if x.Grantee == g {
			held |= x.Privileges
		}
	}
	return held
}

// With gives the list after a grant.
func (a ACL) With(g Grant) ACL {
	n := slices.Clone(a)
	for i := range n {
		if n[i].Grantee == g.Grantee && n[i].Grantor == g.Grantor {
			n[i].Privileges |= g.Privileges
			n[i].Options |= g.Options
			return n
		}
	}
	return append(n, g)
}

// Without gives the list after a revocation of what g.Grantor gave: of the
// options alone, or of privileges together with their options. Lost are the
// grantee's options that are gone from then on, for Orphans.
func (a ACL) Without(g Grant, optionsOnly bool) (n ACL, lost Privileges) {
	n = ACL{}
	var before, after Privileges
	for _, x := range a {
		if x.Grantee == g.Grantee {
			before |= x.Options
			if x.Grantor == g.Grantor {
				x.Options &^= g.Privileges
				if !optionsOnly {
					x.Privileges &^= g.Privileges
				}
			}
			after |= x.Options
		}
		if x.Privileges != 0 {
			n = append(n, x)
		}
	}
	return n, before &^ after
}

// Orphans gives the grants whose grantor has no option for them any more, since
// a user has lost options.
func (a ACL) Orphans(user int32, lost Privileges) (orphans []Grant) {
	for _, x := range a {
		if x.Grantor == user && x.Privileges&lost != 0 {
			orphans = append(orphans, Grant{Grantee: x.Grantee, Grantor: user, Privileges: x.Privileges & lost})
		}
	}
	return orphans
}

// Reowned gives the list of an object that another user owns from now on: what
// the old owner held and gave is the new owner's.
func (a ACL) Reowned(from, to int32) ACL {
	if a == nil || from == to {
		return a
	}
	n := ACL{}
	for _, x := range a {
		if x.Grantee == UserGrantee(from) {
			x.Grantee.ID = to
		}
		if x.Grantor == from {
			x.Grantor = to
		}
		if x.Grantee == UserGrantee(to) {
			x.Options = 0 // an owner has them anyway
		}
		n = n.With(x)
	}
	return n
}

// Has tells whether a grantee is in the list, as the one or the other side.
func (a ACL) Has(g Grantee) bool {
	return slices.ContainsFunc(a, func(x Grant) bool { return x.Grantee == g || g == UserGrantee(x.Grantor) })
}

// own is what an owner begins with.
func own(owner int32, p Privileges) Grant {
	return Grant{Grantee: UserGrantee(owner), Grantor: owner, Privileges: p}
}

// Grants gives a relation's ACL, that of every relation where it has none.
func (r *Relation) Grants() ACL {
	if r.ACL != nil {
		return r.ACL
	}
	return ACL{own(r.Owner, TableAll)}
}

// Grants gives a schema's ACL. Everybody has CREATE and USAGE on the schema
// public (r_GRANT.md), and USAGE on the system's.
func (s *Schema) Grants() ACL {
	if s.ACL != nil {
		return s.ACL
	}
	a := ACL{own(s.Owner, SchemaAll)}
	switch s.Name {
	case "public":
		a = append(a, Grant{Grantee: Public, Grantor: s.Owner, Privileges: SchemaAll})
	case "pg_catalog", "information_schema":
		a = append(a, Grant{Grantee: Public, Grantor: s.Owner, Privileges: Usage})
	}
	return a
}

// Grants gives a database's ACL. Everybody may create temporary tables
// (r_GRANT.md).
func (d *Database) Grants() ACL {
	if d.ACL != nil {
		return d.ACL
	}
	return ACL{own(d.Owner, DatabaseAll), {Grantee: Public, Grantor: d.Owner, Privileges: Temp}}
}

// Who is what a user may do as: the user, PUBLIC, the groups and the roles that
// the user is in, and the system privileges of the roles. It belongs to one
// snapshot and never changes.
type Who struct {
	User      int32
	Superuser bool
	as        []Grantee
	system    []string
}

// Who gives the identities of a user; one that is not there has none but PUBLIC.
func (s *Snapshot) Who(user int32) *Who {
	w := &Who{User: user, as: []Grantee{UserGrantee(user), Public}}
	if u, ok := s.UserByID(user); ok {
		w.Superuser = u.Superuser
	}
	for _, g := range s.groups {
		if slices.Contains(g.Users, user) {
			w.as = append(w.as, Grantee{ToGroup, g.ID})
		}
	}
	w.addRoles(s, UserGrantee(user))
	return w
}

// RoleWho gives the identities of a role: itself and the roles granted to it.
func (s *Snapshot) RoleWho(role int32) *Who {
	g := Grantee{ToRole, role}
	w := &Who{User: -1, as: []Grantee{g}}
	if r, ok := s.RoleByID(role); ok {
		w.system = slices.Clone(r.System)
	}
	w.addRoles(s, g)
	return w
}

// addRoles adds the roles that are granted to a member, and to those roles.
func (w *Who) addRoles(s *Snapshot, member Grantee) {
	for todo := []Grantee{member}; len(todo) > 0; todo = todo[1:] {
		for _, r := range s.roles {
			g := Grantee{ToRole, r.ID}
			if slices.Contains(w.as, g) || !slices.ContainsFunc(r.Members, func(m Membership) bool { return m.Member == todo[0] }) {
				continue
			}
			w.as = append(w.as, g)
			w.system = append(w.system, r.System...)
			todo = append(todo, g)
		}
	}
}

// Is tells whether somebody acts as a grantee too.
func (w *Who) Is(g Grantee) bool { return slices.Contains(w.as, g) }

// System tells whether somebody has a system privilege ("create table"). A
// superuser has them all.
func (w *Who) System(name string) bool { return w.Superuser || slices.Contains(w.system, name) }

// Holds gives those of the privileges that a list gives to somebody.
func (w *Who) Holds(a ACL, p Privileges) (held Privileges) {
	if w.Superuser {
		return p
	}
	for _, x := range a {
		if x.Privileges&p != 0 && w.Is(x.Grantee) {
			held |= x.Privileges & p
		}
	}
	return held
}

// Options gives those of the privileges that somebody may give to others; an
// owner may all.
func (w *Who) Options(owner int32, a ACL, p Privileges) (held Privileges) {
	if w.Superuser || w.User == owner {
		return p
	}
	for _, x := range a {
		if w.Is(x.Grantee) {
			held |= x.Options & p
		}
	}
	return held
}
