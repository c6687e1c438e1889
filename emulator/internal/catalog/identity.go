package catalog

import "strings"

// Group is a group of users.
type Group struct {
	ID   int32
	Name string
	// Users are their ids. The list is replaced, never changed.
	Users []int32
}

// Role is a role of Redshift: a bundle of privileges that users and other roles
// hold (r_CREATE_ROLE.md).
type Role struct {
	ID         int32
	Name       string
	Owner      int32
	ExternalID string `json:",omitzero"`
	// System are its system privileges in lower case: "create table".
	System []string
	// Members hold the role. The lists are replaced, never changed.
	Members []Membership
}

// Membership is a role's grant to a user or a role.
type Membership struct {
	Member  Grantee
	Grantor int32
	// Admin: WITH ADMIN OPTION.
	Admin bool
}

// DefaultACL is what ALTER DEFAULT PRIVILEGES says of the tables and views that
// a user creates: what they have beside the owner's privileges.
type DefaultACL struct {
	ID       int32
	User     int32
	Database string
	// Schema is a schema's id, 0 for the whole database.
	Schema int32
	// Kind is pg_default_acl's defaclobjtype: "r" for relations, "f" for
	// functions and "p" for procedures.
	Kind string
	ACL  ACL
}

// GranteeName is a grantee's name, "public" for everybody. One that is not
// there has its number.
func (s *Snapshot) GranteeName(g Grantee) string {
	switch g.Kind {
	case ToPublic:
		return "public"
	case ToGroup:
		for _, x := range s.groups {
			if x.ID == g.ID {
				return x.Name
			}
		}
	case ToRole:
		if r, ok := s.RoleByID(g.ID); ok {
			return r.Name
		}
	case ToUser:
		if u, ok := s.UserByID(g.ID); ok {
			return u.Name
		}
	}
	return "unknown (" + string(g.Kind) + " " + itoa(g.ID) + ")"
}

// Text is a list as PostgreSQL's catalog shows it: an array of
// grantee=privileges/grantor, a star behind what may be given to others
// (r_PG_DEFAULT_ACL.md).
func (s *Snapshot) Text(a ACL) string {
	var b strings.Builder
	b.WriteByte('{')
	for i, g := range a {
		if i > 0 {
			b.WriteByte(',')
		}
		var item strings.Builder
		switch g.Grantee.Kind {
		case ToGroup:
			item.WriteString("group ")
		case ToRole:
			item.WriteString("role ") // assumed
		}
		if g.Grantee.Kind != ToPublic {
			item.WriteString(s.GranteeName(g.Grantee))
		}
		item.WriteByte('=')
		for _, p := range privilegeNames {
			if g.Privileges&p.privilege != 0 {
				item.WriteByte(p.letter)
				if g.Options&p.privilege != 0 {
					item.WriteByte('*')
				}
			}
		}
		item.WriteString("/" + s.GranteeName(UserGrantee(g.Grantor)))
		if text := item.String(); strings.ContainsAny(text, ` ,"{}\`) {
			b.WriteString(`"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`)
		} else {
			b.WriteString(text)
		}
	}
	b.WriteByte('}')
	return b.String()
}
