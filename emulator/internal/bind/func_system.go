package bind

import (
	"slices"
	"strconv"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
)

var systemFunctions []overload

var systemSpecials = map[string]special{
	"grouping grouping_id":                   grouping,
	"pg_cancel_backend pg_terminate_backend": sessionForm("i", rstype.Int4),
	"current_setting":                        sessionForm("t", rstype.Varchar),
	"set_config":                             sessionForm("ttb", rstype.Varchar),
	"has_table_privilege has_schema_privilege has_database_privilege":                        hasPrivilege,
	"user_is_member_of role_is_member_of":                                                    isMember,
	"current_user user session_user current_database current_schema version current_user_id": about,
	"current_schemas": currentSchemas,
	"pg_backend_pid pg_last_copy_id pg_last_copy_count pg_last_query_id pg_last_unload_id pg_last_unload_count last_user_query_id": numbersOf,
}

// versionText stands before the build in what version() answers; clients look for
// "Redshift" in it.
const versionText = "PostgreSQL 8.0.2 on i686-pc-linux-gnu, compiled by GCC gcc (GCC) 3.4.2 20041017 (Red Hat 3.4.2-6.fc3), Redshift "

// leaderOnly notes a function that the leader node alone has.
func (b *binder) leaderOnly(c *call, spelled string) {
	if b.shared.leader == "" {
		b.shared.leader, b.shared.leaderAt = spelled, c.e.Pos()
	}
}

// about answers what the session is.
func about(b *binder, c *call) (node, error) {
	if err := c.want(0, 0); err != nil {
		return node{}, err
	}
	v := ""
	switch c.name {
	case "current_user", "user", "session_user":
		v = b.env.User
	case "current_database":
		v = b.env.Database
	case "version":
		v = versionText + b.env.Version
	case "current_user_id":
		return node{sql: strconv.Itoa(int(b.env.UserID)), typ: typed(rstype.Int4), exact: true}, nil
	case "current_schema":
		b.leaderOnly(c, "current_schema()")
		schemas := b.schemas()
		if len(schemas) == 0 {
			return node{sql: "CAST(NULL AS VARCHAR)", typ: rstype.Type{Kind: rstype.Varchar, Len: 128}, exact: true}, nil
		}
		v = schemas[0]
	}
	return node{sql: text(v), typ: rstype.Type{Kind: rstype.Varchar, Len: int32(max(len(v), 128))}, exact: true}, nil
}

// schemas are the search path's schemas that exist.
func (b *binder) schemas() []string {
	var out []string
	for _, s := range b.env.SearchPath {
		if b.env.Catalog == nil {
			return b.env.SearchPath
		}
		if _, ok := b.env.Catalog.Schema(b.env.Database, s); ok {
			out = append(out, s)
		}
	}
	return out
}

// currentSchemas answers an array's text, as PostgreSQL prints one.
func currentSchemas(b *binder, c *call) (node, error) {
	if err := c.want(1, 1); err != nil {
		return node{}, err
	}
	b.leaderOnly(c, "current_schemas()")
	list := b.schemas()
	if c.args[0].sql == "TRUE" {
		list = append([]string{"pg_catalog"}, list...)
	}
	return node{sql: text("{" + strings.Join(list, ",") + "}"), typ: typed(rstype.Varchar), exact: true, col: &column{array: true}}, nil
}

// SessionFunction is the engine's name of the function that asks of the session, or
// changes it, while a statement runs: SessionFunction(PID, name, arguments …).
const SessionFunction = "rs_session"

// sessionForm is a function that SessionFunction answers.
func sessionForm(args string, kind rstype.Kind) special {
	return func(b *binder, c *call) (node, error) {
		letters := args
		switch {
		case c.name == "current_setting" && len(c.args) == 2:
			letters = "tb"
		case c.name == "set_config" && len(c.args) == 3 && c.args[2].typ.Kind == rstype.Int4:
			letters = "tti" // r_SET_CONFIG.md: true | 1
		}
		form := overload{name: c.name, args: letters}
		if form.fit(c.args) < 0 {
			return node{}, c.mismatch()
		}
		list := []string{text(strconv.Itoa(int(b.env.PID))), text(c.name)}
		for i, letter := range []byte(letters) {
			n, err := b.fitted(c.args[i], letter, c.offset(i))
			if err != nil {
				return n, err
			}
			if letter == 'i' && kind == rstype.Varchar {
				n.sql = "CAST(" + n.sql + " AS BOOLEAN)"
			}
			list = append(list, "CAST("+n.sql+" AS VARCHAR)")
		}
		sql := SessionFunction + "(" + strings.Join(list, ", ") + ")"
		if kind == rstype.Int4 {
			return node{sql: "CAST(" + sql + " AS INTEGER)", typ: typed(kind), exact: true}, nil
		}
		return node{sql: sql, typ: rstype.Type{Kind: rstype.Varchar, Len: rstype.MaxVarchar}, exact: true}, nil
	}
}

// numbersOf answers ids and counts of the session.
func numbersOf(b *binder, c *call) (node, error) {
	if err := c.want(0, 0); err != nil {
		return node{}, err
	}
	var v int64
	t := rstype.Int4
	switch c.name {
	case "pg_backend_pid":
		v = int64(b.env.PID)
	case "pg_last_copy_id":
		v = b.env.LastCopyID
	case "pg_last_copy_count":
		v, t = b.env.LastCopyCount, rstype.Int8
	case "pg_last_query_id", "last_user_query_id":
		v = b.env.LastQueryID
	case "pg_last_unload_id":
		v = b.env.LastUnloadID
	case "pg_last_unload_count":
		v, t = b.env.LastUnloadCount, rstype.Int8
	}
	return node{sql: "CAST(" + strconv.FormatInt(v, 10) + " AS " + typed(t).DuckDB() + ")", typ: typed(t), exact: true}, nil
}

// grouping tells which of its arguments, expressions of GROUP BY, a row's
// grouping set leaves out (r_GROUP_BY_aggregation-extensions.md).
func grouping(b *binder, c *call) (node, error) {
	if len(c.args) == 0 {
		return node{}, c.mismatch()
	}
	for i, a := range c.args {
		if !slices.Contains(c.s.groups, a.sql) {
			return node{}, errorAt(c.offset(i), "42803", "arguments to GROUPING must be grouping expressions of the associated query level")
		}
	}
	c.s.aggs++
	return node{sql: "grouping(" + joined(c.args) + ")", typ: typed(rstype.Int4)}, nil
}
