package pgcatalog

import (
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
)

// Setting is a row of pg_settings.
type Setting struct {
	Name, Value, Default string
	// Fixed: it cannot be set.
	Fixed bool
}

// serverTables are the catalog's tables about the server as a whole, and those of
// PostgreSQL that psql 15 asks for: roles, which are users, groups and Redshift's
// own roles here.
var serverTables = []definition{
	{pgCatalog, "pg_tablespace", "spcname:name spcowner:int4 spclocation:text spcacl:array oid:oid!", tablespaces, map[string]cell{
		"spcname": func(r *record) any { return []string{"pg_default", "pg_global"}[r.number] }, "spcowner": constant(int64(1)), "spclocation": constant(""),
		"oid": func(r *record) any { return int64(1663 + r.number) },
	}},
	{pgCatalog, "pg_settings", "name:text setting:text category:text short_desc:text extra_desc:text context:text vartype:text source:text min_val:text max_val:text", settings, map[string]cell{
		"name": func(r *record) any { return r.setting.Name }, "setting": func(r *record) any { return r.setting.Value },
		"context": func(r *record) any {
			if r.setting.Fixed {
				return "internal"
			}
			return "user"
		}, "vartype": settingType, "source": func(r *record) any {
			if r.setting.Value == r.setting.Default {
				return "default"
			}
			return "session"
		},
	}},
	{pgCatalog, "pg_roles", "rolname:name rolsuper:bool rolinherit:bool rolcreaterole:bool rolcreatedb:bool rolcatupdate:bool rolcanlogin:bool rolreplication:bool rolconnlimit:int4 rolpassword:text rolvaliduntil:text rolconfig:array oid:oid", principals, map[string]cell{
		"rolname": func(r *record) any {
			switch {
			case r.user != nil:
				return r.user.Name
			case r.group != nil:
				return r.group.Name
			}
			return r.role.Name
		},
		"rolsuper": ofUser("usesuper", false), "rolinherit": constant(true), "rolcreaterole": ofUser("usesuper", false), "rolcreatedb": ofUser("usecreatedb", false),
		"rolcatupdate": ofUser("usecatupd", false), "rolcanlogin": func(r *record) any { return r.user != nil }, "rolreplication": constant(false),
		"rolconnlimit": func(r *record) any {
			if r.user == nil || r.user.ConnectionLimit == nil {
				return int64(-1)
			}
			return int64(*r.user.ConnectionLimit)
		},
		"rolpassword": constant("********"), "rolvaliduntil": ofUser("valuntil", nil), "rolconfig": ofUser("useconfig", nil), "oid": principalID,
	}},
	{pgCatalog, "pg_auth_members", "roleid:oid member:oid grantor:oid admin_option:bool", groupMembers, map[string]cell{
		"roleid": func(r *record) any {
			if r.group != nil {
				return id(r.group.ID)
			}
			return id(r.role.ID)
		},
		"member":  func(r *record) any { return id(r.member.Member.ID) },
		"grantor": func(r *record) any { return id(r.member.Grantor) }, "admin_option": func(r *record) any { return r.member.Admin },
	}},
	{pgCatalog, "pg_am", "amname:name amowner:int4 oid:oid!", accessMethods, map[string]cell{"amname": constant("btree"), "amowner": constant(int64(1)), "oid": constant(int64(btree))}},
	{pgCatalog, "pg_enum", "enumtypid:oid enumlabel:name enumsortorder:float4 oid:oid!", noRows, nil},
	{pgCatalog, "pg_collation", "collname:name collnamespace:oid collowner:oid oid:oid!", noRows, nil},
	{pgCatalog, "pg_foreign_table", "ftrelid:oid ftserver:oid ftoptions:array", noRows, nil},
	{pgCatalog, "pg_foreign_server", "srvname:name srvowner:oid srvfdw:oid srvtype:text srvversion:text srvacl:array srvoptions:array oid:oid!", noRows, nil},
	{pgCatalog, "pg_sequences", "schemaname:name sequencename:name sequenceowner:name", noRows, nil},
	{pgCatalog, "pg_rules", "schemaname:name tablename:name rulename:name definition:text", viewsOnly, map[string]cell{
		"tablename": func(r *record) any { return r.relation.Name }, "rulename": constant("_RETURN"),
		"definition": func(r *record) any {
			return RuleDefinition(r.relation)
		},
	}},
	{pgCatalog, "pg_indexes", "schemaname:name tablename:name indexname:name tablespace:name indexdef:text", indexes, map[string]cell{
		"indexname": func(r *record) any { return r.constraint.Name }, "indexdef": func(r *record) any { return IndexDefinition(r.relation, r.constraint) },
	}},
}

func tablespaces(r *record, yield func() bool) {
	for r.number = range 2 {
		if !yield() {
			return
		}
	}
}

func accessMethods(_ *record, yield func() bool) { yield() }

func settings(r *record, yield func() bool) {
	if r.facts.Settings == nil {
		return
	}
	for _, r.setting = range r.facts.Settings() {
		if !yield() {
			return
		}
	}
}

// settingType guesses from the default, as the guide's pages give no types.
func settingType(r *record) any {
	switch d := r.setting.Default; {
	case d == "on" || d == "off" || d == "true" || d == "false":
		return "bool"
	case d != "" && strings.Trim(d, "-0123456789") == "":
		return "integer"
	}
	return "string"
}

// principals are users, groups and roles; the fields of the other two are nil.
func principals(r *record, yield func() bool) {
	more := true
	on := func() bool { more = yield(); return more }
	r.group, r.role = nil, nil
	if users(r, on); !more {
		return
	}
	r.user = nil
	if groups(r, on); !more {
		return
	}
	r.group = nil
	roles(r, on)
}

func principalID(r *record) any {
	switch {
	case r.user != nil:
		return id(r.user.ID)
	case r.group != nil:
		return id(r.group.ID)
	}
	return id(r.role.ID)
}

// ofUser is a user's cell, or what it is for groups and roles.
func ofUser(name string, otherwise any) cell {
	return func(r *record) any {
		if r.user == nil {
			return otherwise
		}
		return userCells[name](r)
	}
}

// groupMembers are who is in groups and who has roles.
func groupMembers(r *record, yield func() bool) {
	more := true
	r.role = nil
	groups(r, func() bool {
		for _, user := range r.group.Users {
			r.member = catalog.Membership{Member: catalog.Grantee{Kind: catalog.ToUser, ID: user}}
			if more = yield(); !more {
				return false
			}
		}
		return true
	})
	if !more {
		return
	}
	r.group = nil
	roles(r, func() bool {
		for _, r.member = range r.role.Members {
			if !yield() {
				return false
			}
		}
		return true
	})
}
