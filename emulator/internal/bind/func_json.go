package bind

import (
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

func jsonIs(list string) string {
	return "coalesce(json_type($1) IN (" + list + "), FALSE)"
}

const integral = "coalesce(json_type($1) IN ('BIGINT', 'UBIGINT') AND TRY_CAST($1 AS BIGINT) BETWEEN "

// jsonArray tells whether a text is an array. What is no JSON must not get as far
// as json_type, which raises an error, and AND would let it.
const jsonArray = "CASE WHEN json_valid($1) THEN json_type($1) = 'ARRAY' ELSE false END"

// JSON in texts and SUPER values (JSON_functions.md, Type_Info_Functions.md). A
// SUPER is kept as JSON text.
var jsonFunctions = []overload{
	{"can_json_parse", "t", "b", "json_valid($1)"},
	{"can_json_parse", "v", "b", "json_valid(decode($1))"},
	{"json_serialize", "u", "t", "$1"},
	{"json_typeof", "u", "t", "(CASE WHEN $1 IS NULL THEN NULL ELSE CASE json_type($1) WHEN 'OBJECT' THEN 'object' WHEN 'ARRAY' THEN 'array' WHEN 'VARCHAR' THEN 'string' WHEN 'BOOLEAN' THEN 'boolean' WHEN 'NULL' THEN 'null' ELSE 'number' END END)"},
	{"json_size", "u", "i", "strlen($1)"},
	{"is_valid_json", "t", "b", "(json_valid($1) AND left(ltrim($1), 1) = '{')"},
	{"is_valid_json_array", "t", "b", "(json_valid($1) AND left(ltrim($1), 1) = '[')"},
	{"json_array_length", "t", "i", "(CASE WHEN $1 IS NULL THEN NULL WHEN " + jsonArray + " THEN json_array_length($1) ELSE error('22023: invalid json array object ' || $1) END)"},
	{"json_array_length", "tb", "i", "(CASE WHEN " + jsonArray + " THEN json_array_length($1) WHEN $2 THEN NULL ELSE error('22023: invalid json array object ' || $1) END)"},
	{"get_array_length", "u", "l", "CASE WHEN json_type($1) = 'ARRAY' THEN json_array_length($1) END"},
	{"is_array", "u", "b", jsonIs("'ARRAY'")},
	{"is_object", "u", "b", jsonIs("'OBJECT'")},
	{"is_scalar", "u", "b", jsonIs("'VARCHAR', 'BOOLEAN', 'BIGINT', 'UBIGINT', 'DOUBLE'")},
	{"is_boolean", "u", "b", jsonIs("'BOOLEAN'")},
	{"is_varchar", "u", "b", jsonIs("'VARCHAR'")},
	{"is_char", "u", "b", "coalesce(json_type($1) = 'VARCHAR' AND strlen($1) = length($1), FALSE)"},
	{"is_smallint", "u", "b", integral + "-32768 AND 32767, FALSE)"},
	{"is_integer", "u", "b", integral + "-2147483648 AND 2147483647, FALSE)"},
	{"is_bigint", "u", "b", "coalesce(json_type($1) IN ('BIGINT', 'UBIGINT') AND TRY_CAST($1 AS BIGINT) IS NOT NULL, FALSE)"},
	{"split_to_array", "t", "u", "CAST(to_json(string_split($1, ',')) AS VARCHAR)"},
	{"split_to_array", "tt", "u", "CAST(to_json(string_split($1, $2)) AS VARCHAR)"},
	{"array_concat", "uu", "u", "CAST(to_json(list_concat(CAST(json_extract($1, '$[*]') AS JSON[]), CAST(json_extract($2, '$[*]') AS JSON[]))) AS VARCHAR)"},
	{"subarray", "uii", "u", rsCall("subarray", "$1", "CAST($2 AS VARCHAR)", "CAST($3 AS VARCHAR)")},
}

var jsonSpecials = map[string]special{
	"json_extract_path_text":          jsonPathText,
	"json_extract_array_element_text": jsonElementText,
	"json_parse":                      jsonParse,
	"array":                           superArray,
	"is_decimal is_float":             isDecimal,
	"object":                          superObject,
}

// jsonParse is JSON_PARSE. What is no JSON is an error, or NULL with
// parse_super_null_on_error.
func jsonParse(b *binder, c *call) (node, error) {
	for _, form := range []overload{{c.name, "t", "u", "$1"}, {c.name, "v", "u", "decode($1)"}} {
		if form.fit(c.args) < 0 {
			continue
		}
		bad := `error('22P02: invalid input syntax for JSON: "' || ` + form.sql + ` || '"')`
		if b.env.Super.NullParse {
			bad = "NULL"
		}
		form.sql = "(CASE WHEN $1 IS NULL THEN NULL WHEN json_valid(" + form.sql + ") THEN CAST(json(" + form.sql + ") AS VARCHAR) ELSE " + bad + " END)"
		return b.apply(c, &form)
	}
	return node{}, c.mismatch()
}

// isDecimal is IS_DECIMAL and IS_FLOAT, of which each number is one. A stored number
// is a float when its text has an exponent: JSON does not tell which others were.
func isDecimal(b *binder, c *call) (node, error) {
	form := overload{c.name, "u", "b", "coalesce(json_type($1) IN ('BIGINT', 'UBIGINT') OR json_type($1) = 'DOUBLE' AND NOT regexp_matches($1, '[eE]'), FALSE)"}
	if c.name == "is_float" {
		form.sql = "coalesce(json_type($1) = 'DOUBLE' AND regexp_matches($1, '[eE]'), FALSE)"
	}
	if len(c.args) == 1 && (c.args[0].typ.Kind == rstype.Float8 || c.args[0].typ.Kind == rstype.Float4) {
		form.args, form.sql = "f", "($1 IS NOT NULL)"
		if c.name == "is_decimal" {
			form.sql = "($1 IS NULL AND FALSE)"
		}
	}
	if form.fit(c.args) < 0 {
		return node{}, c.mismatch()
	}
	return b.apply(c, &form)
}

// nullIfInvalid takes the last argument, a boolean, off the call.
func (b *binder) nullIfInvalid(c *call, least int) (bool, error) {
	last := len(c.args) - 1
	if last < least {
		return false, nil
	}
	a := c.args[last]
	if a.typ.Kind == rstype.Bool {
		c.args = c.args[:last]
		return a.sql == "TRUE", nil
	}
	return false, nil
}

// jsonPathText is JSON_EXTRACT_PATH_TEXT: what is missing is NULL (2026's text of
// the guide; the older one says ”).
func jsonPathText(b *binder, c *call) (node, error) {
	lenient, err := b.nullIfInvalid(c, 2)
	if err != nil {
		return node{}, err
	}
	if len(c.args) < 2 || len(c.args) > 6 {
		return node{}, c.mismatch()
	}
	x, err := b.asText(c.args[0], c.offset(0))
	if err != nil {
		return x, err
	}
	// A JSON pointer: its steps are keys of objects and numbers of arrays alike.
	var path strings.Builder
	path.WriteString("'")
	for i := 1; i < len(c.args); i++ {
		path.WriteByte('/')
		if key, ok := c.constText(i); ok {
			key = strings.NewReplacer("~", "~0", "/", "~1", "'", "''").Replace(key)
			path.WriteString(key)
			continue
		}
		n, err := b.asText(c.args[i], c.offset(i))
		if err != nil {
			return n, err
		}
		path.WriteString("' || replace(replace(" + n.sql + ", '~', '~0'), '/', '~1') || '")
	}
	path.WriteString("'")
	sql := once(x.sql, func(v string) string {
		return jsonGuard(v, "json_extract_string("+v+", "+path.String()+")", lenient)
	})
	return node{sql: sql, typ: typed(rstype.Varchar), exact: true}, nil
}

// jsonGuard refuses a text that is no JSON.
func jsonGuard(v, get string, lenient bool) string {
	bad := "error('22023: invalid json object ' || " + v + ")"
	if lenient {
		bad = "NULL"
	}
	return "CASE WHEN " + v + " IS NULL THEN NULL WHEN json_valid(" + v + ") THEN " + get + " ELSE " + bad + " END"
}

func jsonElementText(b *binder, c *call) (node, error) {
	lenient, err := b.nullIfInvalid(c, 2)
	if err != nil {
		return node{}, err
	}
	if err := c.want(2, 2); err != nil {
		return node{}, err
	}
	x, err := b.asText(c.args[0], c.offset(0))
	if err != nil {
		return x, err
	}
	i, err := b.fitted(c.args[1], 'i', c.offset(1))
	if err != nil {
		return i, err
	}
	sql := once(x.sql, func(v string) string {
		return jsonGuard(v, "CASE WHEN "+i.sql+" >= 0 THEN json_extract_string("+v+", '$[' || CAST("+i.sql+" AS VARCHAR) || ']') END", lenient)
	})
	return node{sql: sql, typ: typed(rstype.Varchar), exact: true}, nil
}

// asSuper makes a SUPER of any value that has a place in one.
func (b *binder) asSuper(n node, offset int) (node, error) {
	if n.lit != nil && n.lit.Kind == ast.NullLiteral {
		return node{sql: "'null'", typ: typed(rstype.Super), exact: true}, nil
	}
	n, err := b.settle(n, offset)
	if err != nil || n.typ.Kind == rstype.Super {
		return n, err
	}
	return b.convert(n, typed(rstype.Super), explicitCast, offset)
}

func superArray(b *binder, c *call) (node, error) {
	items := make([]string, len(c.args))
	for i, a := range c.args {
		n, err := b.asSuper(a, c.offset(i))
		if err != nil {
			return n, err
		}
		items[i] = "coalesce(" + n.sql + ", 'null')"
	}
	if len(items) == 0 {
		return node{sql: "'[]'", typ: typed(rstype.Super), exact: true}, nil
	}
	return node{sql: "('[' || " + strings.Join(items, " || ',' || ") + " || ']')", typ: typed(rstype.Super)}, nil
}

func superObject(b *binder, c *call) (node, error) {
	if len(c.args)%2 != 0 {
		return node{}, c.mismatch()
	}
	if len(c.args) == 0 {
		return node{sql: "'{}'", typ: typed(rstype.Super), exact: true}, nil
	}
	items := make([]string, 0, len(c.args)/2)
	for i := 0; i < len(c.args); i += 2 {
		k, err := b.asText(c.args[i], c.offset(i))
		if err != nil {
			return k, err
		}
		v, err := b.asSuper(c.args[i+1], c.offset(i+1))
		if err != nil {
			return v, err
		}
		items = append(items, "CAST(to_json("+k.sql+") AS VARCHAR) || ':' || coalesce("+v.sql+", 'null')")
	}
	return node{sql: "('{' || " + strings.Join(items, " || ',' || ") + " || '}')", typ: typed(rstype.Super)}, nil
}
