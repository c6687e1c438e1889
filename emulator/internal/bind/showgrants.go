package bind

import (
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/parse"
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
		return "", nil, unsupported(s.Pos(), "SHOW GRANTS ON FUNCTION and PROCEDURE")
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

// showParameters is SHOW PARAMETERS OF a function or procedure (r_SHOW_PARAMETERS.md);
// the columns are assumed.
func (c *change) showParameters(s *ast.ShowObjects) error {
	k := c.clauseOf(s)
	kind, column := ast.KindFunction, "function_name"
	switch {
	case k.accept("of", "function"):
	case k.accept("of", "procedure"):
		kind, column = ast.KindProcedure, "procedure_name"
	default:
		return k.wrong()
	}
	r, err := c.shownRoutine(k, kind)
	if err != nil {
		return err
	}
	schema, _ := c.env.Catalog.SchemaByID(r.SchemaID)
	var rows [][]any
	for i := range r.Args {
		a := &r.Args[i]
		t := a.Column.Type
		row := []any{r.Database, schema.Name, r.Name, a.Column.Name, int64(i + 1), strings.ToUpper(a.Mode), t.Kind.String(), nil, nil, nil}
		switch {
		case t.Kind == rstype.Numeric:
			row[8], row[9] = int64(t.Precision), int64(t.Scale)
		case t.Len > 0:
			row[7] = int64(t.Len)
		}
		rows = append(rows, row)
	}
	var columns []Column
	for _, name := range []string{"database_name", "schema_name", column, "parameter_name", "ordinal_position", "parameter_type", "data_type", "character_maximum_length", "numeric_precision", "numeric_scale"} {
		t := rstype.Type{Kind: rstype.Varchar}
		switch name {
		case "ordinal_position", "character_maximum_length", "numeric_precision", "numeric_scale":
			t = rstype.Type{Kind: rstype.Int4}
		}
		columns = append(columns, Column{Name: name, Type: t})
	}
	return c.answer(s, columns, rows)
}

// shownRoutine finds the routine of name(types).
func (c *change) shownRoutine(k *objectClause, kind ast.ObjectKind) (*catalog.Routine, error) {
	n, err := k.name()
	if err != nil {
		return nil, err
	}
	rest := strings.TrimSpace(k.text[n.End()-k.at:])
	if !strings.HasPrefix(rest, "(") || !strings.HasSuffix(rest, ")") {
		return nil, k.wrong()
	}
	var types []rstype.Type
	if strings.TrimSpace(rest[1:len(rest)-1]) != "" {
		// A list of types is what PREPARE has.
		p, err := parse.Statement("PREPARE p " + rest + " AS SELECT 1")
		prepare, ok := p.(*ast.Prepare)
		if err != nil || !ok {
			return nil, k.wrong()
		}
		for _, name := range prepare.Types {
			t, err := bindType(name)
			if err != nil {
				return nil, err
			}
			types = append(types, t)
		}
	}
	return c.routine(n, kind, types, true)
}
