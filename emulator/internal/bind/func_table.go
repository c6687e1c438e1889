package bind

import (
	"maps"
	"slices"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
)

// rowFunction is a function of rows. In FROM it has a list of columns with their
// types, and in a select list each row is a record's text.
type rowFunction struct {
	types []rstype.Type
	args  int
	// names: FROM needs no list of columns.
	names []string
	// rows gives the cells' texts; or query is DuckDB's, with columns c1, c2 ….
	rows  func(b *binder, args []string, at int) ([][]string, error)
	query string
}

var nameType = rstype.Type{Kind: rstype.Name}

// columnTypes are schema, relation, column, its type and number.
var columnTypes = []rstype.Type{nameType, nameType, nameType, {Kind: rstype.Varchar}, {Kind: rstype.Int4}}

// rowFunctions are PG_GET_COLS and its kin; a function of package scalar tells of a
// zone as it is now.
var rowFunctions map[string]*rowFunction

func init() {
	texts := []rstype.Type{{Kind: rstype.Varchar}, {Kind: rstype.Varchar}, {Kind: rstype.Varchar}}
	zones := []rstype.Type{{Kind: rstype.Varchar}, {Kind: rstype.Varchar}, {Kind: rstype.IntervalDS}, {Kind: rstype.Bool}}
	rowFunctions = map[string]*rowFunction{
		"pg_get_late_binding_view_cols": {types: columnTypes, rows: lateBindingRows},
		"pg_get_cols":                   {types: columnTypes, args: 1, rows: relationColumns},
		// The emulator knows no groups of identity providers, and no grants of ASSUMEROLE.
		"pg_get_session_roles":       {types: []rstype.Type{nameType, {Kind: rstype.Int4}}, rows: func(*binder, []string, int) ([][]string, error) { return nil, nil }},
		"pg_get_grantee_by_iam_role": {types: texts, args: 1, rows: iamGrantees},
		"pg_get_iam_role_by_user":    {types: texts, args: 1, rows: userIAMRoles},
		"pg_timezone_names": {
			types: zones, names: []string{"name", "abbrev", "utc_offset", "is_dst"},
			query: "SELECT name AS c1, split_part(z, '|', 1) AS c2, CAST(split_part(z, '|', 2) AS INTERVAL) AS c3, split_part(z, '|', 3) = 't' AS c4 FROM (SELECT name, " +
				rsCall("time_zone", "name") + " AS z FROM pg_timezone_names()) WHERE z IS NOT NULL ORDER BY name",
		},
		"pg_timezone_abbrevs": {types: []rstype.Type{zones[0], zones[2], zones[3]}, names: []string{"abbrev", "utc_offset", "is_dst"}, rows: zoneRows},
	}
	for name, f := range rowFunctions {
		specials[name] = f.inList
	}
}

// tableFunc is a function in FROM other than UNNEST.
func (b *binder) tableFunc(t *ast.TableFunc) (*fromItem, error) {
	name := t.Call.Name.Object().Name
	f := rowFunctions[name]
	if len(t.Call.Name.Parts) > 1 && b.ident(t.Call.Name.Parts[0]) != "pg_catalog" || f == nil {
		if hint, ok := instead[name]; ok {
			e := errorAt(t.Pos(), "42883", "function %s does not exist", t.Call.Name)
			e.Hint = hint
			return nil, e
		}
		return nil, unsupported(t.Pos(), "the table function %s", t.Call.Name)
	}
	var args []string
	for _, a := range t.Call.Args {
		l, ok := a.(*ast.Literal)
		if !ok || l.Kind != ast.StringLiteral {
			return nil, unsupported(a.Pos(), "%s of what is not a text constant", name)
		}
		args = append(args, l.Text)
	}
	if len(args) != f.args {
		return nil, errorAt(t.Pos(), "42883", "function %s with %d arguments does not exist", name, len(args))
	}
	switch {
	case t.Alias != nil && len(t.Types) == len(f.types):
	case f.names != nil && len(t.Types) == 0 && (t.Alias == nil || len(t.Alias.Columns) <= len(f.types)):
	default:
		// PostgreSQL's words for a function of records.
		return nil, errorAt(t.Pos(), "42601", "a column definition list is required for functions returning \"record\"")
	}
	if b.shared.listing {
		return nil, unsupported(t.Pos(), "%s in a late-binding view", name)
	}
	if b.shared.leader == "" {
		b.shared.leader, b.shared.leaderAt = name+"()", t.Pos()
	}
	sql, err := f.sql(b, args, t.Pos())
	if err != nil {
		return nil, err
	}
	duck := b.alias("t")
	src := &source{name: name, cols: make([]column, len(f.types))}
	names := f.names
	if t.Alias != nil {
		src.name = b.ident(t.Alias.Name)
		names = slices.Clone(names)
		for i, c := range t.Alias.Columns {
			names = append(names[:i], append([]string{b.ident(c)}, names[min(i+1, len(names)):]...)...)
		}
	}
	for i, typ := range f.types {
		src.cols[i] = column{name: names[i], typ: typ, sql: duck + ".c" + itoa(i+1)}
	}
	return &fromItem{sql: "(" + sql + ") AS " + duck, sources: []*source{src}}, nil
}

// inList is a function of rows in a select list.
func (f *rowFunction) inList(b *binder, c *call) (node, error) {
	if c.s.clause != targetClause || c.s.inAgg > 0 || c.s.inWindow > 0 || len(c.s.groups) > 0 {
		return node{}, errorAt(c.e.Pos(), "0A000", "set-valued function called in context that cannot accept a set")
	}
	if err := c.want(f.args, f.args); err != nil {
		return node{}, err
	}
	var args []string
	for i := range c.args {
		v, ok := c.constText(i)
		if !ok {
			return node{}, unsupported(c.offset(i), "%s of what is not a text constant", c.name)
		}
		args = append(args, v)
	}
	b.leaderOnly(c, c.name+"()")
	sql, err := f.sql(b, args, c.e.Pos())
	if err != nil {
		return node{}, err
	}
	cells := make([]string, len(f.types))
	for i, t := range f.types {
		cells[i] = "c" + itoa(i+1)
		switch t.Kind {
		case rstype.Bool:
			cells[i] = "CASE WHEN " + cells[i] + " THEN 't' ELSE 'f' END"
		case rstype.Int4, rstype.IntervalDS:
			cells[i] = "CAST(" + cells[i] + " AS VARCHAR)"
		default: // PostgreSQL's text of a record
			cells[i] = "CASE WHEN regexp_matches(" + cells[i] + ", '^$|[\"(),\\\\\\s]') THEN '\"' || replace(replace(" + cells[i] + ", '\\', '\\\\'), '\"', '\"\"') || '\"' ELSE " + cells[i] + " END"
		}
	}
	record := "'(' || " + strings.Join(cells, " || ',' || ") + " || ')'"
	return node{
		sql: "unnest(coalesce((SELECT list(" + record + ") FROM (" + sql + ")), CAST([] AS VARCHAR[])))",
		typ: rstype.Type{Kind: rstype.Varchar, Len: rstype.MaxVarchar},
	}, nil
}

// sql is a query for the rows, whose columns are c1, c2 ….
func (f *rowFunction) sql(b *binder, args []string, at int) (string, error) {
	if f.rows == nil {
		return f.query, nil
	}
	rows, err := f.rows(b, args, at)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	where := ""
	if len(rows) == 0 {
		empty := make([]string, len(f.types))
		for i := range empty {
			empty[i] = "0"
		}
		rows, where = append(rows, empty), " WHERE FALSE"
	}
	out.WriteString("SELECT * FROM (VALUES ")
	for r, cells := range rows {
		if r > 0 {
			out.WriteString(", ")
		}
		for i, cell := range cells {
			out.WriteString(map[bool]string{true: "(", false: ", "}[i == 0])
			if k := f.types[i].Kind; k == rstype.Name || k == rstype.Varchar {
				out.WriteString(text(cell))
			} else {
				out.WriteString("CAST(" + text(cell) + " AS " + f.types[i].DuckDB() + ")")
			}
		}
		out.WriteByte(')')
	}
	out.WriteString(") AS v(")
	for i := range f.types {
		if i > 0 {
			out.WriteString(", ")
		}
		out.WriteString("c" + itoa(i+1))
	}
	return out.String() + ")" + where, nil
}

// lateBindingRows binds every late-binding view of the database now; one that
// cannot be bound has no columns (PG_GET_LATE_BINDING_VIEW_COLS.md).
func lateBindingRows(b *binder, _ []string, _ int) (rows [][]string, err error) {
	for _, r := range b.ownRelations() {
		if r.Kind == catalog.LateBinding {
			rows = append(rows, b.lateColumns(r)...)
		}
	}
	return rows, nil
}

func (b *binder) lateColumns(r *catalog.Relation) (rows [][]string) {
	inner := newBinder(b.env)
	inner.shared.listing = true
	item, err := inner.fromView(r, &ast.TableName{})
	if err != nil {
		return nil
	}
	for i, c := range item.sources[0].cols {
		rows = append(rows, []string{r.Schema, r.Name, c.name, c.typ.String(), itoa(i + 1)})
	}
	return rows
}

// relationColumns are the columns of a table or view (PG_GET_COLS.md).
func relationColumns(b *binder, args []string, at int) (rows [][]string, err error) {
	name := ast.Name{Span: ast.Span{From: at, To: at}}
	for part := range strings.SplitSeq(args[0], ".") {
		part = strings.TrimSpace(part)
		quoted := len(part) > 1 && part[0] == '"' && part[len(part)-1] == '"'
		id := ast.Ident{Span: name.Span, Name: lex.Fold(part), Quoted: quoted}
		if quoted {
			id.Name = part[1 : len(part)-1]
		}
		name.Parts = append(name.Parts, id)
	}
	if len(name.Parts) > 3 {
		return nil, errorAt(at, "42601", "improper relation name (too many dotted names): %s", args[0])
	}
	r, err := b.relation(name)
	if err != nil {
		return nil, err
	}
	if r.Kind == catalog.LateBinding {
		return b.lateColumns(r), nil
	}
	for i, c := range r.Columns {
		rows = append(rows, []string{r.Schema, r.Name, c.Name, c.Type.String(), itoa(i + 1)})
	}
	return rows, nil
}

func (b *binder) superuserOnly(at int, name string) error {
	if b.env.Superuser {
		return nil
	}
	return errorAt(at, "42501", "must be superuser to call %s", name) // assumed text
}

// iamGrantees: nobody was granted a role of its own (PG_GET_GRANTEE_BY_IAMROLE.md).
func iamGrantees(b *binder, args []string, at int) ([][]string, error) {
	if err := b.superuserOnly(at, "pg_get_grantee_by_iam_role"); err != nil {
		return nil, err
	}
	if args[0] == "default" { // everybody may use any role until ASSUMEROLE is revoked
		return [][]string{{"public", "p", "ALL"}}, nil
	}
	return nil, nil
}

// userIAMRoles: `default` is any role (PG_GET_IAM_ROLE_BY_USER.md).
func userIAMRoles(b *binder, args []string, at int) ([][]string, error) {
	if err := b.superuserOnly(at, "pg_get_iam_role_by_user"); err != nil {
		return nil, err
	}
	if _, err := b.userSubject(args[0], at); err != nil {
		return nil, err
	}
	return [][]string{{lex.Fold(args[0]), "default", "ALL"}}, nil
}

// zoneRows are the abbreviations that texts may have.
func zoneRows(*binder, []string, int) (rows [][]string, err error) {
	for _, name := range slices.Sorted(maps.Keys(zoneAbbreviations)) {
		dst := "f"
		if len(name) > 2 && strings.HasSuffix(name, "DT") || name == "CEST" {
			dst = "t"
		}
		rows = append(rows, []string{name, strings.TrimPrefix(zoneAbbreviations[name], "+") + ":00:00", dst})
	}
	return rows, nil
}
