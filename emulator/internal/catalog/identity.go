package catalog

import (
	"slices"
	"strings"
)

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

// SecurityAdmin is the system-defined role that grants roles.
const SecurityAdmin = "sys:secadmin"

// systemRoles are the roles that every cluster has (r_roles-default.md); their
// ids are assumed.
func systemRoles() []*Role {
	monitor := []string{"access catalog", "access system table"}
	operator := append(slices.Clip(monitor), "analyze", "cancel", "vacuum")
	security := []string{"create user", "alter user", "drop user", "create role", "drop role", "explain masking", "explain rls", "ignore rls"}
	dba := []string{
		"create schema", "create table", "drop schema", "drop table", "truncate table", "create or replace procedure", "drop procedure",
		"create or replace function", "create or replace external function", "drop function", "create or replace view", "drop view",
	}
	roles := []*Role{
		{ID: 2, Name: "sys:monitor", System: monitor},
		{ID: 3, Name: "sys:operator", System: operator, Members: []Membership{{Member: Grantee{ToRole, 4}, Grantor: rdsdbID}}},
		{ID: 4, Name: "sys:dba", System: dba},
		{ID: 5, Name: "sys:superuser", System: SystemPrivileges()},
		{ID: 6, Name: SecurityAdmin, System: security},
	}
	for _, r := range roles {
		r.Owner = rdsdbID
	}
	return roles
}

// SystemPrivileges are what a role may be given beside privileges on objects, in
// lower case (r_roles-system-privileges.md).
func SystemPrivileges() []string {
	return []string{
		"create user", "drop user", "alter user", "create schema", "drop schema", "alter default privileges",
		"access catalog", "access system table", "create table", "drop table", "alter table",
		"create or replace function", "create or replace external function", "drop function",
		"create or replace procedure", "drop procedure", "create or replace view", "drop view",
		"create model", "drop model", "create datashare", "alter datashare", "drop datashare",
		"create library", "drop library", "create role", "drop role", "truncate table",
		"vacuum", "analyze", "cancel", "ignore rls", "explain rls", "explain masking",
	}
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
