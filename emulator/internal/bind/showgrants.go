package bind

import (
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

// The columns of SHOW GRANTS by what is shown (r_SHOW_GRANTS.md,
// r_SHOW_COLUMN_GRANTS.md).
const (
	databaseGrants = "database_name privilege_type identity_id identity_name identity_type admin_option privilege_scope"
	objectGrants   = "schema_name object_name object_type privilege_type identity_id identity_name identity_type admin_option privilege_scope"
	identityGrants = "database_name schema_name object_name object_type privilege_type identity_id identity_name identity_type privilege_scope"
	columnGrants   = "database_name schema_name table_name column_name object_type privilege_type identity_id identity_name identity_type admin_option privilege_scope grantor_name"
)

// showGrants is SHOW GRANTS and SHOW COLUMN GRANTS. Nothing can be granted, so
// what is asked for is looked up and the list is empty.
func (c *change) showGrants(s *ast.ShowObjects) error {
	k := c.clauseOf(s)
	columns, err := c.grantsOf(s, k)
	if err == nil {
		err = k.end()
	}
	if err != nil {
		return err
	}
	return c.answer(s, grantColumns(columns), nil)
}

func (c *change) grantsOf(s *ast.ShowObjects, k *objectClause) (columns string, err error) {
	if s.Like != nil {
		return "", errorAt(s.Pos(), "42601", "SHOW GRANTS has no LIKE")
	}
	if s.What == "grants" && k.accept("for") {
		return identityGrants, c.grantee(k)
	}
	if !k.accept("on") {
		return "", k.wrong()
	}
	switch {
	case s.What == "column grants":
		if !k.accept("table") {
			return "", k.wrong()
		}
		columns, err = columnGrants, c.grantTable(k)
	case k.accept("database"):
		var n ast.Name
		if n, err = k.name(); err != nil {
			return "", err
		}
		if _, ok := c.env.Catalog.Database(c.ident(n.Object())); !ok {
			return "", errorAt(n.Pos(), "3D000", "database %q does not exist", c.ident(n.Object()))
		}
		columns = databaseGrants
	case k.accept("schema"):
		var n ast.Name
		if n, err = k.name(); err == nil {
			_, _, err = c.shownSchema(n)
		}
		columns = objectGrants
	case k.accept("function"), k.accept("procedure"):
		return "", c.noRoutine(k)
	default:
		k.accept("table")
		columns, err = objectGrants, c.grantTable(k)
	}
	if err == nil && k.accept("for") {
		err = c.grantee(k)
	}
	return columns, err
}

func (c *change) grantTable(k *objectClause) error {
	n, err := k.name()
	if err == nil {
		_, err = c.relation(n)
	}
	return err
}

// grantee is a user, a role or PUBLIC. There are no roles.
func (c *change) grantee(k *objectClause) error {
	if k.accept("public") {
		return nil
	}
	role := k.accept("role")
	n, err := k.name()
	if err != nil {
		return err
	}
	name := c.ident(n.Object())
	if role {
		return errorAt(n.Pos(), "42704", "role %q does not exist", name)
	}
	if _, ok := c.env.Catalog.User(name); !ok {
		return errorAt(n.Pos(), "42704", "user %q does not exist", name)
	}
	return nil
}

// showParameters is SHOW PARAMETERS OF a function or procedure.
func (c *change) showParameters(s *ast.ShowObjects) error {
	k := c.clauseOf(s)
	if !k.accept("of", "function") && !k.accept("of", "procedure") {
		return k.wrong()
	}
	return c.noRoutine(k)
}

// noRoutine reads name(types): there are no functions and procedures of users.
func (c *change) noRoutine(k *objectClause) error {
	n, err := k.name()
	if err != nil {
		return err
	}
	from := k.text[n.End()-k.at:]
	for t := range tokens(from) {
		if t.Text(from) == ")" {
			return errorAt(n.Pos(), "42883", "function %s%s does not exist", n, from[:t.End])
		}
	}
	return errorAt(n.Pos(), "42883", "function %s does not exist", n)
}

func grantColumns(names string) (columns []Column) {
	for name := range strings.FieldsSeq(names) {
		t := rstype.Type{Kind: rstype.Varchar, Len: 128}
		switch name {
		case "identity_id":
			t = typed(rstype.Int4)
		case "admin_option":
			t = typed(rstype.Bool)
		}
		columns = append(columns, Column{Name: name, Type: t})
	}
	return columns
}
