package bind

import (
	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

// showGrants is SHOW GRANTS and SHOW COLUMN GRANTS (r_SHOW_GRANTS.md,
// r_SHOW_COLUMN_GRANTS.md): the privileges that somebody was given, as far as the
// user may see them.
func (c *change) showGrants(s *ast.ShowObjects) error {
	k := c.clauseOf(s)
	what, keep, err := c.grantsOn(s, k)
	if err != nil {
		return err
	}
	if what == "grants to" || k.accept("for") {
		whom, err := c.grantee(k, what == "grants to")
		if err != nil {
			return err
		}
		keep = append(keep, whom...)
	}
	if err := k.end(); err != nil {
		return err
	}
	return c.show(s, what, "", keep...)
}

// grantsOn reads what the privileges are on; "grants to" is anything.
func (c *change) grantsOn(s *ast.ShowObjects, k *objectClause) (what string, keep []where, err error) {
	if s.What == "grants" && k.accept("for") {
		return "grants to", nil, nil
	}
	if !k.accept("on") {
		return "", nil, k.wrong()
	}
	switch {
	case s.What == "column grants":
		if !k.accept("table") {
			return "", nil, k.wrong()
		}
		rel, err := c.grantTable(k)
		if err != nil {
			return "", nil, err
		}
		return "column grants", ofTable("", rel), nil
	case k.accept("database"):
		n, err := k.name()
		if err != nil {
			return "", nil, err
		}
		name := c.ident(n.Object())
		if _, ok := c.env.Catalog.Database(name); !ok {
			return "", nil, errorAt(n.Pos(), "3D000", "database %q does not exist", name)
		}
		return "database grants", []where{{"database_name", name}}, nil
	case k.accept("schema"):
		n, err := k.name()
		if err != nil {
			return "", nil, err
		}
		database, schema, err := c.shownSchema(n)
		return "schema grants", []where{{"database_name", database}, {"schema_name", schema}}, err
	case k.accept("function"), k.accept("procedure"):
		return "", nil, c.noRoutine(k)
	}
	k.accept("table")
	rel, err := c.grantTable(k)
	if err != nil {
		return "", nil, err
	}
	return "table grants", []where{{"database_name", rel.Database}, {"schema_name", rel.Schema}, {"object_name", rel.Name}}, nil
}

func (c *change) grantTable(k *objectClause) (*catalog.Relation, error) {
	n, err := k.name()
	if err != nil {
		return nil, err
	}
	return c.relation(n)
}

// grantee reads a user or ROLE and a role, or PUBLIC where an object was named.
func (c *change) grantee(k *objectClause, whom bool) ([]where, error) {
	if !whom && k.accept("public") {
		return []where{{"identity_type", "public"}}, nil
	}
	kind := "user"
	if k.accept("role") {
		kind = "role"
	}
	n, err := k.name()
	if err != nil {
		return nil, err
	}
	name := c.ident(n.Object())
	ok := false
	if kind == "role" {
		_, ok = c.env.Catalog.Role(name)
	} else {
		_, ok = c.env.Catalog.User(name)
	}
	if !ok {
		return nil, errorAt(n.Pos(), "42704", "%s %q does not exist", kind, name)
	}
	return []where{{"identity_type", kind}, {"identity_name", name}}, nil
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
