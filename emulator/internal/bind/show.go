package bind

import (
	"slices"
	"strconv"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/pgcatalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
)

// maxShown is how many rows a SHOW statement may have; more are an error
// (r_SHOW_TABLES.md), whose text is assumed.
const maxShown = 10_000

// showObjects is SHOW TABLES and its kin. Their rows are written into the plan,
// which is made anew when the catalog has changed.
func (c *change) showObjects(s *ast.ShowObjects) error {
	c.tag("SHOW", "UTILITY")
	switch s.What {
	case "databases":
		if s.Rest != "" {
			return unsupported(s.Pos(), "SHOW DATABASES FROM DATA CATALOG")
		}
		return c.show(s, "databases", "database_name")
	case "schemas":
		if err := c.plainShow(s); err != nil {
			return err
		}
		name := c.ident(s.From.Object())
		if _, ok := c.env.Catalog.Database(name); !ok || len(s.From.Parts) > 1 {
			return errorAt(s.From.Pos(), "3D000", "database %q does not exist", name)
		}
		return c.show(s, "schemas", "schema_name", where{"database_name", name})
	case "tables", "functions", "procedures":
		if err := c.plainShow(s); err != nil {
			return err
		}
		database, schema, err := c.shownSchema(s.From)
		if err != nil {
			return err
		}
		name := strings.TrimSuffix(s.What, "s") + "_name"
		return c.show(s, s.What, name, where{"database_name", database}, where{"schema_name", schema})
	case "columns":
		if err := c.plainShow(s); err != nil {
			return err
		}
		rel, err := c.relation(s.From)
		if err != nil {
			return err
		}
		return c.show(s, "columns", "column_name", ofTable("", rel)...)
	case "constraints":
		return c.showConstraints(s)
	case "table", "view":
		return c.showDefinition(s)
	case "grants", "column grants":
		return c.showGrants(s)
	case "parameters":
		return c.showParameters(s)
	}
	return unsupported(s.Pos(), "SHOW %s", strings.ToUpper(s.What))
}

// plainShow refuses clauses that a form of SHOW does not have.
func (c *change) plainShow(s *ast.ShowObjects) error {
	if s.Rest == "" {
		return nil
	}
	word := s.Rest
	for t := range tokens(s.Rest) {
		word = t.Text(s.Rest)
		break
	}
	at := s.Pos() + max(0, strings.Index(c.env.Text[s.Pos():s.End()], s.Rest))
	return errorAt(at, "42601", "syntax error at or near %q", word)
}

// shownSchema is [database.]schema.
func (c *change) shownSchema(name ast.Name) (database, schema string, err error) {
	database, schema = c.env.Database, c.ident(name.Object())
	switch len(name.Parts) {
	case 1:
	case 2:
		database = c.ident(name.Parts[0])
		if _, ok := c.env.Catalog.Database(database); !ok {
			return "", "", errorAt(name.Pos(), "3D000", "database %q does not exist", database)
		}
	default:
		return "", "", errorAt(name.Pos(), "42601", "improper schema name (too many dotted names): %s", name)
	}
	if _, ok := c.env.Catalog.Schema(database, schema); !ok {
		return "", "", errorAt(name.Pos(), "3F000", "schema %q does not exist", schema)
	}
	return database, schema, nil
}

// where keeps the rows in which a column has a value.
type where struct{ column, value string }

// ofTable keeps the rows of one table.
func ofTable(prefix string, rel *catalog.Relation) []where {
	return []where{{prefix + "database_name", rel.Database}, {prefix + "schema_name", rel.Schema}, {prefix + "table_name", rel.Name}}
}

// show answers with the rows of a list of package pgcatalog, by name, that LIKE
// and LIMIT let through. LIKE is about the column named.
func (c *change) show(s *ast.ShowObjects, what, named string, keep ...where) error {
	v, ok := pgcatalog.Show(what)
	if !ok {
		return unsupported(s.Pos(), "SHOW %s", strings.ToUpper(s.What))
	}
	if named == "" && s.Like != nil {
		return errorAt(s.Pos(), "42601", "SHOW %s has no LIKE", strings.ToUpper(s.What))
	}
	var columns []Column
	var out []int // the numbers of those that are not hidden
	numbers := make([]int, len(v.Columns))
	place := make(map[string]int, len(v.Columns))
	for i, col := range v.Columns {
		numbers[i], place[col.Name] = i, i
		if !col.Hidden {
			columns, out = append(columns, Column{Name: col.Name, Type: col.Type}), append(out, i)
		}
	}
	facts := pgcatalog.Facts{
		Database: c.env.Database, SearchPath: c.env.SearchPath, TempSchema: c.env.TempSchema,
		UserID: c.env.UserID, Superuser: c.env.Superuser,
	}
	var rows [][]any
next:
	for row := range v.Rows(c.env.Catalog, facts, numbers) {
		for _, w := range keep {
			if row[place[w.column]] != w.value {
				continue next
			}
		}
		if named != "" && s.Like != nil {
			if name, _ := row[place[named]].(string); !matchLike(*s.Like, name) {
				continue
			}
		}
		shown := make([]any, len(out))
		for i, n := range out {
			shown[i] = row[n]
		}
		rows = append(rows, shown)
	}
	return c.answer(s, columns, rows)
}

// answer makes the plan of rows that are known.
func (c *change) answer(s *ast.ShowObjects, columns []Column, rows [][]any) error {
	limit, err := showLimit(s)
	if err != nil {
		return err
	}
	if limit < 0 && len(rows) > maxShown {
		return errorAt(s.Pos(), "54000", "SHOW %s has more than %d rows", strings.ToUpper(s.What), maxShown)
	}
	if limit >= 0 && len(rows) > limit {
		rows = rows[:limit]
	}
	var sql strings.Builder
	sql.WriteString("SELECT ")
	names := make([]string, len(columns))
	for i, col := range columns {
		names[i] = "c" + itoa(i+1)
		if i > 0 {
			sql.WriteString(", ")
		}
		sql.WriteString("CAST(" + names[i] + " AS " + col.Type.DuckDB() + ") AS " + names[i])
	}
	sql.WriteString(" FROM (VALUES ")
	none := ""
	if len(rows) == 0 {
		rows, none = [][]any{make([]any, len(columns))}, " WHERE FALSE"
	}
	for i, row := range rows {
		if i > 0 {
			sql.WriteString(", ")
		}
		sql.WriteString("(")
		for j, v := range row {
			if j > 0 {
				sql.WriteString(", ")
			}
			sql.WriteString(constantOf(v))
		}
		sql.WriteString(")")
	}
	sql.WriteString(") AS t(" + strings.Join(names, ", ") + ")" + none)
	c.plan.SQL, c.plan.Columns = []string{sql.String()}, columns
	return nil
}

// constantOf is a value of the catalog as DuckDB's SQL.
func constantOf(v any) string {
	switch v := v.(type) {
	case string:
		return text(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case bool:
		return strconv.FormatBool(v)
	}
	return "NULL"
}

// showLimit is LIMIT's number, -1 without: 0 to 10,000.
func showLimit(s *ast.ShowObjects) (int, error) {
	if s.Limit == nil {
		return -1, nil
	}
	l, ok := s.Limit.(*ast.Literal)
	if !ok || l.Kind != ast.IntLiteral {
		return 0, errorAt(s.Limit.Pos(), "42601", "LIMIT of SHOW must be an integer")
	}
	n, err := strconv.Atoi(l.Text)
	if err != nil || n > maxShown {
		return 0, errorAt(s.Limit.Pos(), "22023", "LIMIT of SHOW must be between 0 and %d", maxShown) // assumed
	}
	return n, nil
}

// matchLike is LIKE with % and _, and the backslash as escape.
func matchLike(pattern, s string) bool {
	const many, one = -1, -2
	var p []rune
	escaped := false
	for _, c := range pattern {
		switch {
		case escaped:
			p, escaped = append(p, c), false
		case c == '\\':
			escaped = true
		case c == '%':
			p = append(p, many)
		case c == '_':
			p = append(p, one)
		default:
			p = append(p, c)
		}
	}
	// The last % takes one more character whenever what follows does not fit.
	text := []rune(s)
	i, j, star, from := 0, 0, -1, 0
	for j < len(text) {
		switch {
		case i < len(p) && p[i] == many:
			star, from = i, j
			i++
		case i < len(p) && (p[i] == one || p[i] == text[j]):
			i, j = i+1, j+1
		case star >= 0:
			from++
			i, j = star+1, from
		default:
			return false
		}
	}
	for i < len(p) && p[i] == many {
		i++
	}
	return i == len(p)
}

// objectClause reads the words and names of a form that the grammar leaves as text.
type objectClause struct {
	text   string
	tokens []lex.Token
	at     int // the offset of text in the statement
}

func (c *change) clauseOf(s *ast.ShowObjects) *objectClause {
	return &objectClause{text: s.Rest, tokens: slices.Collect(tokens(s.Rest)), at: s.Pos() + max(0, strings.Index(c.env.Text[s.Pos():s.End()], s.Rest))}
}

// accept takes words, if all of them follow.
func (k *objectClause) accept(words ...string) bool {
	if len(words) > len(k.tokens) {
		return false
	}
	for i, w := range words {
		if k.tokens[i].Kind != lex.Ident || !strings.EqualFold(k.tokens[i].Text(k.text), w) {
			return false
		}
	}
	k.tokens = k.tokens[len(words):]
	return true
}

// name takes a dotted name.
func (k *objectClause) name() (ast.Name, error) {
	var n ast.Name
	for len(k.tokens) > 0 && len(n.Parts) < 3 {
		t := k.tokens[0]
		if t.Kind != lex.Ident && t.Kind != lex.QuotedIdent {
			break
		}
		name, quoted := lex.IdentValue(t.Text(k.text))
		span := ast.Span{From: k.at + t.Pos, To: k.at + t.End}
		n.Parts = append(n.Parts, ast.Ident{Span: span, Name: name, Quoted: quoted})
		if k.tokens = k.tokens[1:]; len(k.tokens) == 0 || k.tokens[0].Text(k.text) != "." {
			n.Span = ast.Span{From: n.Parts[0].Pos(), To: span.To}
			return n, nil
		}
		k.tokens = k.tokens[1:]
	}
	return n, k.wrong()
}

func (k *objectClause) wrong() error {
	if len(k.tokens) == 0 {
		return errorAt(k.at+len(k.text), "42601", "syntax error at end of input")
	}
	t := k.tokens[0]
	return errorAt(k.at+t.Pos, "42601", "syntax error at or near %q", t.Text(k.text))
}

// end refuses what is left.
func (k *objectClause) end() error {
	if len(k.tokens) > 0 {
		return k.wrong()
	}
	return nil
}

// showConstraints is SHOW CONSTRAINTS (r_SHOW_CONSTRAINTS.md).
func (c *change) showConstraints(s *ast.ShowObjects) error {
	k := c.clauseOf(s)
	what, prefix := "primary keys", ""
	switch {
	case k.accept("primary", "keys"):
	case k.accept("foreign", "keys", "exported"):
		what, prefix = "foreign keys", "pk_"
	case k.accept("foreign", "keys"):
		what, prefix = "foreign keys", "fk_"
	default:
		return k.wrong()
	}
	if !k.accept("from", "table") {
		return k.wrong()
	}
	name, err := k.name()
	if err == nil {
		err = k.end()
	}
	if err != nil {
		return err
	}
	rel, err := c.relation(name)
	if err != nil {
		return err
	}
	if !c.owns(rel.Owner) {
		if err := c.need(rel, catalog.Select, name.Pos()); err != nil {
			return err
		}
	}
	return c.show(s, what, "", ofTable(prefix, rel)...)
}

// showDefinition is SHOW TABLE and SHOW VIEW; the columns' names are assumed.
func (c *change) showDefinition(s *ast.ShowObjects) error {
	if err := c.plainShow(s); err != nil {
		return err
	}
	rel, err := c.relation(s.From)
	if err != nil {
		return err
	}
	if !c.owns(rel.Owner) {
		if err := c.need(rel, catalog.Select, s.From.Pos()); err != nil {
			return err
		}
	}
	header, definition := "Show Table DDL statement", ""
	switch isView := rel.Kind != catalog.Table; {
	case s.What == "view" && isView:
		header, definition = "Show View DDL statement", strings.TrimRight(rel.Definition, "; \n")+";"
		if rel.Kind == catalog.Materialized {
			definition = pgcatalog.MaterializedDefinition(rel)
		}
	case s.What == "table" && !isView:
		definition = pgcatalog.TableDefinition(c.env.Catalog, rel)
	default:
		return errorAt(s.From.Pos(), "42809", "%q is not a %s", rel.Name, s.What)
	}
	return c.answer(s, []Column{{Name: header, Type: rstype.Type{Kind: rstype.Varchar}}}, [][]any{{definition}})
}
