package bind

import (
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

// The catalog has arrays, as pg_constraint.conkey, which are served as their text:
// {1,2}, or "1 2". Redshift has no others.

// elements are the array's elements as a list of texts of DuckDB.
func elements(sql string) string {
	return once(sql, func(x string) string {
		braced := `list_transform(regexp_extract_all(` + x + `[2:-2], '"(?:[^"\\]|\\.)*"|[^,]+'), lambda v: CASE WHEN v[1] = '"' THEN regexp_replace(v[2:-2], '\\(.)', '\1', 'g') ELSE v END)`
		return "CASE WHEN " + x + "[1] = '{' THEN " + braced + " ELSE string_split(" + x + ", ' ') END"
	})
}

// anyOfArray is x = ANY(array), for an array of the catalog.
func (b *binder) anyOfArray(e *ast.Quantified, s *scope) (node, error) {
	set, err := b.expr(e.Set, s)
	if err != nil {
		return set, err
	}
	if set.col == nil || !set.col.array || e.Op != ast.OpEq || e.All {
		return node{}, refused(e.OpPos, "Write IN (…), or = ANY (SELECT …).", "op ANY/ALL (array) is not supported")
	}
	x, err := b.expr(e.X, s)
	if err != nil {
		return x, err
	}
	return boolNode("list_contains(" + elements(set.sql) + ", CAST(" + x.sql + " AS VARCHAR))"), nil
}

// arrayOfQuery is ARRAY(SELECT …), which makes the catalog's kind of array.
func (b *binder) arrayOfQuery(c *call, q *ast.Subquery, s *scope) (node, error) {
	b.leaderOnly(c, "array()")
	n, err := b.scalarQuery(q, s)
	if err != nil {
		return n, err
	}
	list := "list_transform(ARRAY" + n.sql + `, lambda v: CASE WHEN v = '' OR regexp_matches(v, '[\s",{}\\]') THEN '"' || replace(replace(v, '\', '\\'), '"', '\"') || '"' ELSE v END)`
	return node{
		sql: "('{' || array_to_string(" + list + ", ',') || '}')", typ: rstype.Type{Kind: rstype.Varchar}, exact: true,
		col: &column{typ: rstype.Type{Kind: rstype.Varchar}, array: true},
	}, nil
}

// arrayElement is array[i] of an array of the catalog, from 1.
func (b *binder) arrayElement(array, i node, offset int) (node, error) {
	n, err := b.coerce(i, typed(rstype.Int8), offset)
	if err != nil {
		return n, err
	}
	// Position 0 and less is nothing, which DuckDB counts from the end.
	sql := "CASE WHEN " + n.sql + " > 0 THEN (" + elements(array.sql) + ")[" + n.sql + "] END"
	return node{sql: sql, typ: typed(rstype.Varchar), exact: true}, nil
}

// concatArrays is || of two arrays; one that is NULL adds nothing.
func concatArrays(l, r node) node {
	inside := func(n node) string { return "nullif(trim(" + n.sql + ", '{}'), '')" }
	return node{
		sql: "('{' || concat_ws(',', " + inside(l) + ", " + inside(r) + ") || '}')", typ: typed(rstype.Varchar), exact: true, col: &column{array: true},
	}
}

// arrayToString is array_to_string(array, separator) of an array of the catalog.
func arrayToString(b *binder, c *call) (node, error) {
	if err := c.want(2, 2); err != nil {
		return node{}, err
	}
	b.leaderOnly(c, "array_to_string()")
	if c.args[0].col == nil || !c.args[0].col.array {
		return node{}, c.mismatch()
	}
	separator, err := b.coerce(c.args[1], rstype.Type{Kind: rstype.Varchar}, c.offset(1))
	if err != nil {
		return node{}, err
	}
	return node{sql: "array_to_string(" + elements(c.args[0].sql) + ", " + separator.sql + ")", typ: rstype.Type{Kind: rstype.Varchar}, exact: true}, nil
}

// oidVectorTypes is oidvectortypes(pg_proc.proargtypes): the types' names.
func oidVectorTypes(b *binder, c *call) (node, error) {
	if err := c.want(1, 1); err != nil {
		return node{}, err
	}
	b.leaderOnly(c, "oidvectortypes()")
	if c.args[0].col == nil || !c.args[0].col.array {
		return node{}, c.mismatch()
	}
	var s strings.Builder
	s.WriteString("CASE v")
	for k := rstype.Unknown; k <= rstype.Void; k++ {
		s.WriteString(" WHEN '" + itoa(int(rstype.Type{Kind: k}.OID())) + "' THEN " + text(k.String()))
	}
	s.WriteString(" WHEN '1790' THEN 'refcursor' WHEN '' THEN '' ELSE '???' END")
	return node{sql: "array_to_string(list_transform(" + elements(c.args[0].sql) + ", lambda v: " + s.String() + "), ', ')", typ: rstype.Type{Kind: rstype.Varchar}, exact: true}, nil
}
