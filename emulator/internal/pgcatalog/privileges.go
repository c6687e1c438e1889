package pgcatalog

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
)

// privilegeRecord is what a row of a view of groups, roles and privileges is
// about.
type privilegeRecord struct {
	group    *catalog.Group
	role     *catalog.Role
	member   catalog.Membership
	defaults *catalog.DefaultACL
	// grantee holds a privilege, and may pass it on with option.
	grantee   catalog.Grantee
	privilege string
	option    bool
	grantor   int32
	// name is that of a system privilege.
	name string
}

// privilegeViews are the views of groups, roles and privileges, with the columns
// of the Database Developer Guide's pages SVV_… as of 2026.
var privilegeViews = []definition{
	{pgCatalog, "pg_group", "groname:name grosysid:int4 grolist:array", groups, map[string]cell{
		"groname": func(r *record) any { return r.group.Name }, "grosysid": func(r *record) any { return id(r.group.ID) },
		"grolist": func(r *record) any {
			ids := make([]string, len(r.group.Users))
			for i, u := range r.group.Users {
				ids[i] = strconv.Itoa(int(u))
			}
			return "{" + strings.Join(ids, ",") + "}"
		},
	}},
	{pgCatalog, "pg_default_acl", "defacluser:int4 defaclnamespace:oid defaclobjtype:char defaclacl:array defaclrole:oid! oid:oid!", ownDefaults, map[string]cell{
		"defaclrole": func(r *record) any { return id(r.defaults.User) }, "oid": func(r *record) any { return id(r.defaults.ID) },
		"defacluser": func(r *record) any { return id(r.defaults.User) }, "defaclnamespace": func(r *record) any { return id(r.defaults.Schema) },
		"defaclobjtype": func(r *record) any { return r.defaults.Kind }, "defaclacl": func(r *record) any { return r.snapshot.Text(r.defaults.ACL) },
	}},
	{pgCatalog, "svv_roles", "role_id:int4 role_name:text role_owner:text external_id:text", roles, roleCells},
	{pgCatalog, "svv_user_grants", "user_id:int4 user_name:text role_id:int4 role_name:text admin_option:bool", members(catalog.ToUser), map[string]cell{
		"user_id": func(r *record) any { return id(r.member.Member.ID) }, "user_name": func(r *record) any { return r.snapshot.GranteeName(r.member.Member) },
		"role_id": roleCells["role_id"], "role_name": roleCells["role_name"], "admin_option": func(r *record) any { return r.member.Admin },
	}},
	{pgCatalog, "svv_role_grants", "role_id:int4 role_name:text granted_role_id:int4 granted_role_name:text", members(catalog.ToRole), map[string]cell{
		"role_id": func(r *record) any { return id(r.member.Member.ID) }, "role_name": func(r *record) any { return r.snapshot.GranteeName(r.member.Member) },
		"granted_role_id": roleCells["role_id"], "granted_role_name": roleCells["role_name"],
	}},
	{pgCatalog, "svv_system_privileges", "system_privilege:text identity_id:int4 identity_name:text identity_type:text", systemPrivileges, map[string]cell{
		"system_privilege": func(r *record) any { return r.name },
		"identity_id":      roleCells["role_id"], "identity_name": roleCells["role_name"], "identity_type": constant("role"),
	}},
	{pgCatalog, "svv_relation_privileges", "namespace_name:text relation_name:text privilege_type:text " + identityColumns + " admin_option:bool", relationPrivileges, grantCells},
	{pgCatalog, "svv_column_privileges", "namespace_name:text relation_name:text column_name:text privilege_type:text " + identityColumns, columnPrivileges, grantCells},
	{pgCatalog, "svv_schema_privileges", "namespace_name:text privilege_type:text " + identityColumns + " admin_option:bool privilege_scope:text", schemaPrivileges, with(grantCells, map[string]cell{
		"namespace_name": func(r *record) any { return r.schema.Name }, "privilege_scope": constant("SCHEMA"),
	})},
	{pgCatalog, "svv_database_privileges", "database_name:text privilege_type:text " + identityColumns + " admin_option:bool privilege_scope:text", databasePrivileges, with(grantCells, map[string]cell{
		"database_name": func(r *record) any { return r.database.Name }, "privilege_scope": constant("DATABASE"),
	})},
	{pgCatalog, "svv_function_privileges", "namespace_name:text function_name:text argument_types:text privilege_type:text " + identityColumns + " admin_option:bool", routinePrivileges, with(grantCells, map[string]cell{
		"namespace_name": func(r *record) any { return r.schema.Name }, "function_name": func(r *record) any { return r.routine.Name },
		"argument_types": func(r *record) any { return argumentList(r.routine) },
	})},
	{pgCatalog, "svv_language_privileges", "language_name:text privilege_type:text " + identityColumns + " admin_option:bool", languagePrivileges, with(grantCells, map[string]cell{
		"language_name": func(r *record) any { return r.language.Name },
	})},
	{pgCatalog, "svv_default_privileges", "schema_name:text object_type:text owner_id:int4 owner_name:text owner_type:text privilege_type:text grantee_id:int4 grantee_name:text grantee_type:text admin_option:bool", defaultPrivileges, with(grantCells, map[string]cell{
		"schema_name": func(r *record) any {
			for _, s := range r.snapshot.Schemas() {
				if s.ID == r.defaults.Schema {
					return s.Name
				}
			}
			return nil
		},
		"object_type": func(r *record) any {
			return map[string]string{"r": "RELATION", "f": "FUNCTION", "p": "PROCEDURE"}[r.defaults.Kind]
		}, "owner_id": func(r *record) any { return id(r.defaults.User) },
		"owner_name": func(r *record) any { return r.userName(r.defaults.User) }, "owner_type": constant("user"),
		"grantee_id": grantCells["identity_id"], "grantee_name": grantCells["identity_name"], "grantee_type": grantCells["identity_type"],
	})},
}

// grantViews are those of the SQL standard.
var grantViews = []definition{
	{infoSchema, "table_privileges", "grantor:varchar grantee:varchar table_catalog:varchar table_schema:varchar table_name:varchar privilege_type:varchar is_grantable:varchar with_hierarchy:varchar", tableGrants, map[string]cell{
		"grantor": func(r *record) any { return r.userName(r.grantor) }, "privilege_type": grantCells["privilege_type"],
		"grantee": func(r *record) any {
			if r.grantee == catalog.Public {
				return "PUBLIC"
			}
			return r.snapshot.GranteeName(r.grantee)
		},
		"is_grantable": func(r *record) any { return yesNo(r.option) }, "with_hierarchy": constant("NO"),
	}},
}

const identityColumns = "identity_id:int4 identity_name:text identity_type:text"

var roleCells = map[string]cell{
	"role_id": func(r *record) any { return id(r.role.ID) }, "role_name": func(r *record) any { return r.role.Name },
	"role_owner": func(r *record) any { return r.userName(r.role.Owner) }, "external_id": func(r *record) any { return nonEmpty(r.role.ExternalID) },
}

var grantCells = map[string]cell{
	"namespace_name": func(r *record) any { return r.relation.Schema }, "relation_name": func(r *record) any { return r.relation.Name },
	"column_name":    func(r *record) any { return r.column.Name },
	"privilege_type": func(r *record) any { return r.privilege },
	"identity_id":    func(r *record) any { return id(r.grantee.ID) }, "identity_name": func(r *record) any { return r.snapshot.GranteeName(r.grantee) },
	"identity_type": func(r *record) any { return string(r.grantee.Kind) }, "admin_option": func(r *record) any { return r.option },
}

// with is a view's cells beside those that it shares.
func with(shared, own map[string]cell) map[string]cell {
	m := make(map[string]cell, len(shared)+len(own))
	for name, c := range shared {
		m[name] = c
	}
	for name, c := range own {
		m[name] = c
	}
	return m
}

// all tells whether the session sees the privileges of everybody: a superuser,
// and who has SYSLOG ACCESS UNRESTRICTED or ACCESS SYSTEM TABLE.
func (r *record) all(who *catalog.Who) bool {
	u, ok := r.snapshot.UserByID(r.facts.UserID)
	return r.facts.Superuser || ok && u.SyslogUnrestricted || who.System("access system table")
}

func groups(r *record, yield func() bool) {
	for _, r.group = range r.snapshot.Groups() {
		if !yield() {
			return
		}
	}
}

func roles(r *record, yield func() bool) {
	for _, r.role = range r.snapshot.Roles() {
		if !yield() {
			return
		}
	}
}

// ownDefaults are the session's user's, for a superuser all; those of its
// database.
func ownDefaults(r *record, yield func() bool) {
	for _, r.defaults = range r.snapshot.DefaultACLs() {
		if r.here(r.defaults.Database) && (r.facts.Superuser || r.defaults.User == r.facts.UserID) && !yield() {
			return
		}
	}
}

// members are the roles' grants to users or to roles; a user sees the own.
func members(kind catalog.GranteeKind) source {
	return func(r *record, yield func() bool) {
		who := r.snapshot.Who(r.facts.UserID)
		all := r.all(who)
		roles(r, func() bool {
			for _, r.member = range r.role.Members {
				if r.member.Member.Kind == kind && (all || who.Is(r.member.Member)) && !yield() {
					return false
				}
			}
			return true
		})
	}
}

func systemPrivileges(r *record, yield func() bool) {
	who := r.snapshot.Who(r.facts.UserID)
	all := r.all(who)
	roles(r, func() bool {
		if !all && r.role.Owner != r.facts.UserID && !who.Is(catalog.Grantee{Kind: catalog.ToRole, ID: r.role.ID}) {
			return true
		}
		for _, name := range r.role.System {
			if r.name = strings.ToUpper(name); !yield() {
				return false
			}
		}
		return true
	})
}

// grants goes through the privileges in an object's list, each grantee's once.
// The owner's own are not explicitly granted: assumed. PostgreSQL's RULE and
// TRIGGER, which ALL brings with it, are among none of the guide's values.
func (r *record) grants(acl catalog.ACL, owner int32, visible func(catalog.Grantee) bool, yield func() bool) bool {
	for i, g := range acl {
		if acl[:i].Of(g.Grantee) != 0 || g.Grantee == catalog.UserGrantee(owner) || !visible(g.Grantee) {
			continue
		}
		r.grantee = g.Grantee
		var options catalog.Privileges
		for _, other := range acl {
			if other.Grantee == g.Grantee {
				options |= other.Options
			}
		}
		for _, r.privilege = range (acl.Of(g.Grantee) &^ (catalog.Rule | catalog.Trigger)).Names() {
			r.option = options&catalog.ParsePrivilege(r.privilege) != 0
			if !yield() {
				return false
			}
		}
	}
	return true
}

// visible tells whose privileges the session sees: those of identities that it
// has. (The guide adds the identities that one owns.)
func (r *record) visible() func(catalog.Grantee) bool {
	who := r.snapshot.Who(r.facts.UserID)
	all := r.all(who)
	return func(g catalog.Grantee) bool {
		if all || who.Is(g) {
			return true
		}
		role, ok := r.snapshot.RoleByID(g.ID)
		return g.Kind == catalog.ToRole && ok && role.Owner == r.facts.UserID
	}
}

func relationPrivileges(r *record, yield func() bool) {
	visible := r.visible()
	relations(r, func() bool { return r.grants(r.relation.ACL, r.relation.Owner, visible, yield) })
}

// tableGrants are the grants on relations that have any, each grantor's its own,
// that the session's user gave or holds: a superuser's are all (assumed).
func tableGrants(r *record, yield func() bool) {
	who := r.snapshot.Who(r.facts.UserID)
	relations(r, func() bool {
		for _, g := range r.relation.ACL {
			if !r.facts.Superuser && g.Grantor != r.facts.UserID && !who.Is(g.Grantee) {
				continue
			}
			r.grantee, r.grantor = g.Grantee, g.Grantor
			for _, r.privilege = range g.Privileges.Names() {
				p := catalog.ParsePrivilege(r.privilege)
				r.option = g.Options&p != 0 || g.Grantee == catalog.UserGrantee(r.relation.Owner)
				if !yield() {
					return false
				}
			}
		}
		return true
	})
}

func columnPrivileges(r *record, yield func() bool) {
	visible := r.visible()
	columns(r, func() bool { return r.grants(r.column.ACL, r.relation.Owner, visible, yield) })
}

func schemaPrivileges(r *record, yield func() bool) {
	visible := r.visible()
	schemas(r, func() bool { return r.grants(r.schema.Grants(), r.schema.Owner, visible, yield) })
}

func databasePrivileges(r *record, yield func() bool) {
	visible := r.visible()
	databases(r, func() bool { return r.grants(r.database.Grants(), r.database.Owner, visible, yield) })
}

func defaultPrivileges(r *record, yield func() bool) {
	visible := r.visible()
	for _, r.defaults = range r.snapshot.DefaultACLs() {
		if r.here(r.defaults.Database) && !r.grants(r.defaults.ACL, r.defaults.User, visible, yield) {
			return
		}
	}
}

// aclText is a list as the catalog tables show it, NULL for one that is not
// written out.
func aclText(r *record, acl catalog.ACL) any {
	if acl == nil {
		return nil
	}
	return r.snapshot.Text(acl)
}

// schemaACL: those of the schemas that every database has are written out from
// the beginning.
func schemaACL(r *record) any {
	switch r.schema.Name {
	case "public", "pg_catalog", "information_schema":
		return aclText(r, r.schema.Grants())
	}
	return aclText(r, r.schema.ACL)
}

func relationACL(r *record) any {
	if r.index {
		return nil
	}
	return aclText(r, r.relation.ACL)
}

func columnACL(r *record) any { return aclText(r, r.column.ACL) }

func databaseACL(r *record) any { return aclText(r, r.database.ACL) }

func validUntil(r *record) any {
	at, err := time.Parse(time.RFC3339, r.user.ValidUntil)
	if err != nil {
		return nil
	}
	return at.UTC().Format("2006-01-02 15:04:05") + "+00"
}

func connectionLimit(r *record) any {
	if r.user.ConnectionLimit == nil {
		return "UNLIMITED"
	}
	return strconv.Itoa(int(*r.user.ConnectionLimit))
}

// userConfig are the settings of a user, as an array's text.
func userConfig(r *record) any {
	if len(r.user.Settings) == 0 {
		return nil
	}
	var items []string
	for _, name := range slices.Sorted(maps.Keys(r.user.Settings)) {
		item := name + "=" + r.user.Settings[name]
		if strings.ContainsAny(item, ` ,"{}\`) {
			item = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(item) + `"`
		}
		items = append(items, item)
	}
	return "{" + strings.Join(items, ",") + "}"
}

func syslogAccess(r *record) any {
	if r.user.Superuser || r.user.SyslogUnrestricted {
		return "UNRESTRICTED"
	}
	return "RESTRICTED"
}
