package bind

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/pgcatalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
)

// catalogSpecials are PostgreSQL's functions on its catalog, which clients call
// when they describe tables. What they know of the catalog is written into the
// statement: a plan is made anew when the catalog has changed. They run on the
// leader node.
var catalogSpecials = map[string]special{
	"pg_get_userbyid":     onOID(typed(rstype.Name), "'unknown (UID=' || CAST(%x AS VARCHAR) || ')'", userNames),
	"pg_get_viewdef":      onOID(rstype.Type{Kind: rstype.Varchar}, "'Not a view'", viewDefinitions),
	"obj_description":     onOID(rstype.Type{Kind: rstype.Varchar}, "NULL", relationComments),
	"pg_encoding_to_char": onOID(typed(rstype.Name), "''", func(*binder) map[int64]string { return map[int64]string{6: "UNICODE", 7: "UNICODE"} }),
	"pg_table_is_visible": tableIsVisible,
	"pg_type_is_visible pg_function_is_visible": func(b *binder, c *call) (node, error) {
		x, err := b.oid(c, 1, 1)
		return boolNode("(" + x + " IS NOT NULL)"), err
	},
	"array_to_string": arrayToString,
	"oidvectortypes":  oidVectorTypes,
	"format_encoding": onOID(rstype.Type{Kind: rstype.Varchar}, "NULL", func(*binder) map[int64]string {
		m := make(map[int64]string)
		for i, name := range pgcatalog.Encodings() {
			m[int64(i)] = name
		}
		return m
	}),
	"pg_get_constraintdef": onOID(rstype.Type{Kind: rstype.Varchar}, "NULL", constraintDefinitions),
	"pg_get_indexdef": func(b *binder, c *call) (node, error) {
		if len(c.args) == 2 {
			return node{}, c.mismatch()
		}
		whole, err := onOID(rstype.Type{Kind: rstype.Varchar}, "NULL", indexDefinitions)(b, c)
		if err != nil || len(c.args) == 1 {
			return whole, err
		}
		n, err := b.number(c, 1)
		if err != nil {
			return node{}, err
		}
		// The second argument asks for one column of the index.
		whole.sql = "CASE WHEN " + n + " = 0 THEN " + whole.sql + " ELSE trim(split_part(split_part(split_part(" + whole.sql + ", 'USING btree (', 2), ')', 1), ',', CAST(" + n + " AS INTEGER))) END"
		return whole, nil
	},
	"format_type":     formatType,
	"col_description": columnComment,
	"pg_get_expr": func(b *binder, c *call) (node, error) {
		if err := c.want(2, 3); err != nil {
			return node{}, err
		}
		b.leaderOnly(c, c.name+"()")
		// The catalog keeps expressions as their text.
		return b.coerce(c.args[0], rstype.Type{Kind: rstype.Varchar}, c.offset(0))
	},
}

func init() {
	for names, f := range catalogSpecials {
		for name := range strings.FieldsSeq(names) {
			specials[name] = f
		}
	}
	for names, f := range newerSpecials {
		for name := range strings.FieldsSeq(names) {
			qualifiedSpecials[name] = f
		}
	}
}

// oid is the first argument as a BIGINT of DuckDB.
func (b *binder) oid(c *call, least, most int) (string, error) {
	if err := c.want(least, most); err != nil {
		return "", err
	}
	b.leaderOnly(c, c.name+"()")
	return b.number(c, 0)
}

func (b *binder) number(c *call, i int) (string, error) {
	n := c.args[i]
	if n.typ.Kind != rstype.OID {
		var err error
		if n, err = b.coerce(n, typed(rstype.Int8), c.offset(i)); err != nil {
			return "", err
		}
	}
	return "CAST(" + n.sql + " AS BIGINT)", nil
}

// onOID is a function that knows a text for some ids, and otherwise gives an
// expression in which %x is the id.
func onOID(t rstype.Type, otherwise string, known func(*binder) map[int64]string) special {
	return func(b *binder, c *call) (node, error) {
		x, err := b.oid(c, 1, 3)
		if err != nil {
			return node{}, err
		}
		return textOf(x, t, otherwise, known(b)), nil
	}
}

// textOf is the text of an id.
func textOf(x string, t rstype.Type, otherwise string, names map[int64]string) node {
	sql := once(x, func(x string) string {
		var s strings.Builder
		s.WriteString("CASE")
		for _, id := range slices.Sorted(maps.Keys(names)) {
			s.WriteString(" WHEN " + x + " = " + strconv.FormatInt(id, 10) + " THEN " + text(names[id]))
		}
		return s.String() + " WHEN " + x + " IS NOT NULL THEN " + strings.ReplaceAll(otherwise, "%x", x) + " END"
	})
	return node{sql: "CAST(" + sql + " AS VARCHAR)", typ: t, exact: true}
}

// snapshot is the catalog, an empty one where there is none.
func (b *binder) snapshot() *catalog.Snapshot {
	if b.env.Catalog == nil {
		return catalog.NewSnapshot()
	}
	return b.env.Catalog
}

func userNames(b *binder) map[int64]string {
	m := make(map[int64]string)
	for _, u := range b.snapshot().Users() {
		m[int64(u.ID)] = u.Name
	}
	return m
}

// ownRelations are those of the session's database.
func (b *binder) ownRelations() (all []*catalog.Relation) {
	for _, r := range b.snapshot().Relations() {
		if r.Database == b.env.Database {
			all = append(all, r)
		}
	}
	return all
}

func viewDefinitions(b *binder) map[int64]string {
	m := make(map[int64]string)
	for _, r := range b.ownRelations() {
		if r.Kind != catalog.Table {
			m[int64(r.ID)] = r.Definition
		}
	}
	return m
}

func constraintDefinitions(b *binder) map[int64]string {
	m := make(map[int64]string)
	for _, r := range b.ownRelations() {
		for i := range r.Constraints {
			m[int64(pgcatalog.ConstraintID(r, i+1))] = pgcatalog.ConstraintDefinition(b.snapshot(), &r.Constraints[i])
		}
	}
	return m
}

func indexDefinitions(b *binder) map[int64]string {
	m := make(map[int64]string)
	for _, r := range b.ownRelations() {
		for i, k := range r.Constraints {
			if k.Kind != "f" {
				m[int64(pgcatalog.ConstraintID(r, i+1))] = pgcatalog.IndexDefinition(r, &r.Constraints[i])
			}
		}
	}
	return m
}

func relationComments(b *binder) map[int64]string {
	m := make(map[int64]string)
	for _, r := range b.ownRelations() {
		if r.Comment != "" {
			m[int64(r.ID)] = r.Comment
		}
	}
	return m
}

// columnComment is col_description(table, number).
func columnComment(b *binder, c *call) (node, error) {
	x, err := b.oid(c, 2, 2)
	if err != nil {
		return node{}, err
	}
	n, err := b.number(c, 1)
	if err != nil {
		return node{}, err
	}
	var s strings.Builder
	s.WriteString("CASE WHEN FALSE THEN ''")
	for _, r := range b.ownRelations() {
		for i, col := range r.Columns {
			if col.Comment != "" {
				s.WriteString(" WHEN " + x + " = " + strconv.Itoa(int(r.ID)) + " AND " + n + " = " + strconv.Itoa(i+1) + " THEN " + text(col.Comment))
			}
		}
	}
	return node{sql: "CAST(" + s.String() + " END AS VARCHAR)", typ: rstype.Type{Kind: rstype.Varchar}, exact: true}, nil
}

// tableIsVisible: the table's name alone finds it.
func tableIsVisible(b *binder, c *call) (node, error) {
	x, err := b.oid(c, 1, 1)
	if err != nil {
		return node{}, err
	}
	path := append([]string{b.env.TempSchema}, b.env.SearchPath...)
	var ids []string
	for _, r := range b.ownRelations() {
		for _, schema := range path {
			if found, ok := b.env.Catalog.Relation(b.env.Database, schema, r.Name); ok {
				if found.ID == r.ID {
					ids = append(ids, strconv.Itoa(int(r.ID)))
					for i := range r.Constraints { // and the indexes of its keys
						ids = append(ids, strconv.Itoa(int(pgcatalog.ConstraintID(r, i+1))))
					}
				}
				break
			}
		}
	}
	for _, r := range pgcatalog.SystemRelations(b.env.Database) {
		if r.Schema == "pg_catalog" { // which is in every search path
			ids = append(ids, strconv.Itoa(int(r.ID)))
		}
	}
	return boolNode("(" + x + " IN (" + strings.Join(ids, ", ") + "))"), nil
}

// formatType is format_type(oid, typmod).
func formatType(b *binder, c *call) (node, error) {
	x, err := b.oid(c, 2, 2)
	if err != nil {
		return node{}, err
	}
	mod, err := b.number(c, 1)
	if err != nil {
		return node{}, err
	}
	var s strings.Builder
	s.WriteString("CASE")
	for k := rstype.Unknown; k <= rstype.Void; k++ {
		t := rstype.Type{Kind: k}
		s.WriteString(" WHEN " + x + " = " + strconv.FormatUint(uint64(t.OID()), 10) + " THEN " + text(k.String()))
		switch k {
		case rstype.Char, rstype.Varchar, rstype.Varbyte:
			s.WriteString(" || CASE WHEN " + mod + " > 4 THEN '(' || CAST(" + mod + " - 4 AS VARCHAR) || ')' ELSE '' END")
		case rstype.Numeric:
			s.WriteString(" || CASE WHEN " + mod + " > 4 THEN '(' || CAST((" + mod + " - 4) >> 16 AS VARCHAR) || ',' || CAST((" + mod + " - 4) & 65535 AS VARCHAR) || ')' ELSE '' END")
		}
	}
	s.WriteString(" WHEN " + x + " = 25 THEN 'text' WHEN " + x + " IS NOT NULL THEN '???' END")
	return node{sql: "CAST(" + s.String() + " AS VARCHAR)", typ: rstype.Type{Kind: rstype.Varchar}, exact: true}, nil
}
