package bind

import (
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/emulator/internal/scalar"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

// rsCall is a call of a function of package scalar with texts.
func rsCall(name string, args ...string) string {
	return scalar.Name + "('" + name + "'" + strings.Join(append([]string{""}, args...), ", ") + ")"
}

const (
	number2 = "CAST($2 AS VARCHAR)"
	bool2   = "CAST($2 AS VARCHAR)"
	bool3   = "CAST($3 AS VARCHAR)"
)

func asBool(sql string) string { return "CAST(" + sql + " AS BOOLEAN)" }

// scalarFunctions are those that package scalar computes.
var scalarFunctions = []overload{
	{"soundex", "t", "t", rsCall("soundex", "$1")},
	{"difference", "tt", "i", rsCall("difference", "$1", "$2")},
	{"strtol", "ti", "l", rsCall("strtol", "$1", number2)},
	{"octetindex", "tt", "i", rsCall("octetindex", "$1", "$2")},
	{"crc32", "t", "t", rsCall("crc32", "$1")},
	{"getbit", "vi", "i", rsCall("getbit", "hex($1)", number2)},
	// Both ignore trailing blanks and compare bytes (r_BPCHARCMP.md).
	{"bpcharcmp bttext_pattern_cmp", "tt", "i", strings.NewReplacer("$1", "rtrim($1, ' ')", "$2", "rtrim($2, ' ')").Replace(cmp)},
	{"get_number_attributes", "u", "i", rsCall("get_number_attributes", "$1")},
	{"lower_attribute_names", "u", "u", rsCall("lower_attribute_names", "$1")},
	{"upper_attribute_names", "u", "u", rsCall("upper_attribute_names", "$1")},
	{"decimal_precision", "u", "i", rsCall("decimal_precision", "$1")},
	{"decimal_scale", "u", "i", rsCall("decimal_scale", "$1")},
	{"array_distinct", "u", "u", rsCall("array_distinct", "$1")},
	{"array_flatten", "u", "u", rsCall("array_flatten", "$1")},
	{"array_union", "uu", "u", rsCall("array_union", "$1", "$2")},
	{"arrays_overlap", "uu", "b", asBool(rsCall("arrays_overlap", "$1", "$2"))},
	{"array_except", "uu", "u", rsCall("array_except", "$1", "$2", "'false'")},
	{"array_except", "uub", "u", rsCall("array_except", "$1", "$2", bool3)},
	{"array_intersection", "uu", "u", rsCall("array_intersection", "$1", "$2", "'false'")},
	{"array_intersection", "uub", "u", rsCall("array_intersection", "$1", "$2", bool3)},
	// NULLs stand behind the others in ascending order, as ORDER BY has it: assumed.
	{"array_sort", "u", "u", rsCall("array_sort", "$1", "'true'", "'false'")},
	{"array_sort", "ub", "u", rsCall("array_sort", "$1", bool2, "CAST(NOT $2 AS VARCHAR)")},
	{"array_sort", "ubb", "u", rsCall("array_sort", "$1", bool2, bool3)},
	{"json_serialize_to_varbyte", "u", "v", "encode($1)"},
}

var scalarSpecials = map[string]special{
	"array_contains array_position array_positions": arraySearch,
	"fnv_hash murmur3_32_hash farmfingerprint64":    valueHash,
	"text_to_int_alt text_to_numeric_alt":           textToNumber,
	"interval_cmp":                                  intervalCompare,
	"collate":                                       collateCall,
	"db_collation": func(_ *binder, c *call) (node, error) {
		return node{sql: "'case_sensitive'", typ: rstype.Type{Kind: rstype.Varchar, Len: 128}, exact: true}, c.want(0, 0)
	},
	"slice_num": sliceNumber,
	// A bytea is a text here, as it is printed: assumed.
	"get_byte": leaderForm("ti", "i", rsCall("get_byte", "$1", number2)),
	"set_byte": leaderForm("tii", "t", rsCall("set_byte", "$1", number2, "CAST($3 AS VARCHAR)")),
	"set_bit":  leaderForm("tii", "t", rsCall("set_bit", "$1", number2, "CAST($3 AS VARCHAR)")),
	"isfinite": leaderForm("m", "b", "isfinite($1)"),
	"factorial": func(b *binder, c *call) (node, error) {
		n, err := leaderForm("i", "n", "factorial($1)")(b, c)
		n.typ, n.exact = rstype.Type{Kind: rstype.Numeric, Precision: rstype.MaxPrecision}, false
		return n, err
	},
}

// leaderForm is a function with one form that the leader node alone has.
func leaderForm(args, ret, sql string) special {
	return func(b *binder, c *call) (node, error) {
		form := overload{c.name, args, ret, sql}
		if form.fit(c.args) < 0 {
			return node{}, c.mismatch()
		}
		b.leaderOnly(c, c.name+"()")
		return b.apply(c, &form)
	}
}

// sliceNumber is SLICE_NUM: 10000 without a table; the emulator has one slice
// (r_SLICE_NUM.md).
func sliceNumber(b *binder, c *call) (node, error) {
	n := node{sql: "10000", typ: typed(rstype.Int4), exact: true}
	if b.shared.tables {
		n.sql = "0"
	}
	return n, c.want(0, 0)
}

// arraySearch looks for a value of any type in an array; NULLs are found unless the
// third argument says otherwise (array_contains.md).
func arraySearch(b *binder, c *call) (node, error) {
	if err := c.want(2, 3); err != nil {
		return node{}, err
	}
	list, err := b.fitted(c.args[0], 'u', c.offset(0))
	if err != nil {
		return list, err
	}
	value := node{sql: "CAST(NULL AS VARCHAR)"}
	if l := c.args[1].lit; l == nil || l.Kind != ast.NullLiteral {
		if value, err = b.asSuper(c.args[1], c.offset(1)); err != nil {
			return value, err
		}
	}
	nulls := "'true'"
	if len(c.args) == 3 {
		n, err := b.fitted(c.args[2], 'b', c.offset(2))
		if err != nil {
			return n, err
		}
		nulls = "CAST(" + n.sql + " AS VARCHAR)"
	}
	sql := rsCall(c.name, list.sql, value.sql, nulls)
	switch c.name {
	case "array_contains":
		return boolNode(asBool(sql)), nil
	case "array_position":
		return node{sql: sql, typ: typed(rstype.Int4)}, nil
	}
	return node{sql: sql, typ: typed(rstype.Super), exact: true}, nil
}

// valueHash is one of the hashes of values in their binary form, which package scalar
// makes from a letter for the type and the value's text.
func valueHash(b *binder, c *call) (node, error) {
	most := 2
	if c.name == "farmfingerprint64" {
		most = 1
	}
	if err := c.want(1, most); err != nil {
		return node{}, err
	}
	x, err := b.settle(c.args[0], c.offset(0))
	if err != nil {
		return x, err
	}
	form, ok := hashForm(c.name, x)
	if !ok {
		return x, unsupported(c.offset(0), "%s of %s", c.name, x.typ.Kind)
	}
	if most == 1 {
		return node{sql: rsCall(c.name, form), typ: typed(rstype.Int8)}, nil
	}
	seed, kind, letter := "''", rstype.Int8, byte('l')
	if c.name == "murmur3_32_hash" {
		seed, kind, letter = "'0'", rstype.Int4, 'i'
	}
	if len(c.args) == 2 {
		n, err := b.fitted(c.args[1], letter, c.offset(1))
		if err != nil {
			return n, err
		}
		seed = "CAST(" + n.sql + " AS VARCHAR)"
	}
	return node{sql: rsCall(c.name, form, seed), typ: typed(kind)}, nil
}

// hashForm is a value as the hashes take it. Iceberg's specification has forms for
// dates and decimals; those of FNV_HASH are not documented.
func hashForm(name string, x node) (string, bool) {
	as := func(letter, sql string) string { return "('" + letter + ":' || CAST(" + sql + " AS VARCHAR))" }
	switch x.typ.Kind {
	case rstype.Char: // the padding counts
		return as("t", "rpad("+x.sql+", "+itoa(int(max(x.typ.Len, 1)))+", ' ')"), true
	case rstype.Varchar, rstype.Name:
		return as("t", x.sql), true
	case rstype.Varbyte:
		return as("x", "hex("+x.sql+")"), true
	}
	if name == "farmfingerprint64" {
		return "", false
	}
	switch x.typ.Kind {
	case rstype.Int2:
		return as("2", x.sql), true
	case rstype.Int4:
		return as("4", x.sql), true
	case rstype.Int8:
		return as("8", x.sql), true
	case rstype.Float4:
		return as("f", x.sql), true
	case rstype.Float8:
		return as("d", x.sql), true
	case rstype.Bool:
		return as("b", x.sql), true
	}
	if name != "murmur3_32_hash" {
		return "", false
	}
	switch x.typ.Kind {
	case rstype.Numeric:
		return as("n", asType2(x)), true
	case rstype.Date:
		return as("8", "datediff('day', DATE '1970-01-01', "+x.sql+")"), true
	case rstype.Timestamp, rstype.TimestampTZ:
		return as("8", "epoch_us("+x.sql+")"), true
	case rstype.Time:
		return as("8", "epoch_us("+x.sql+")"), true
	}
	return "", false
}

// textToNumber is TEXT_TO_INT_ALT and TEXT_TO_NUMERIC_ALT without a format.
func textToNumber(b *binder, c *call) (node, error) {
	if len(c.args) == 0 || len(c.args) > 4 {
		return node{}, c.mismatch()
	}
	x, err := b.asText(c.args[0], c.offset(0))
	if err != nil {
		return x, err
	}
	if c.name == "text_to_int_alt" {
		if len(c.args) > 1 {
			return x, unsupported(c.offset(1), "%s with a format", c.name)
		}
		return node{sql: rsCall(c.name, x.sql), typ: typed(rstype.Int4)}, nil
	}
	t := rstype.Type{Kind: rstype.Numeric, Precision: rstype.MaxPrecision}
	for i, n := range c.args[1:] {
		v, ok := smallInt(n)
		switch {
		case !ok:
			return x, unsupported(c.offset(i+1), "%s with a format", c.name)
		case i == 0 && v >= 1 && v <= rstype.MaxPrecision:
			t.Precision = int16(v)
		case i == 1 && v >= 0 && v <= int64(t.Precision):
			t.Scale = int16(v)
		default:
			return x, errorAt(c.offset(i+1), "22023", "precision and scale must be between 0 and %d", rstype.MaxPrecision)
		}
	}
	return node{sql: rsCall(c.name, x.sql, text(itoa(int(t.Precision))), text(itoa(int(t.Scale)))), typ: t}, nil
}

// intervalCompare is INTERVAL_CMP (r_INTERVAL_CMP.md).
func intervalCompare(b *binder, c *call) (node, error) {
	if err := c.want(2, 2); err != nil {
		return node{}, err
	}
	for i, n := range c.args {
		if n.lit != nil && n.lit.Kind == ast.StringLiteral {
			v, err := intervalLiteral(&ast.IntervalLiteral{Span: n.lit.Span, Value: n.lit.Text})
			if err != nil {
				return v, err
			}
			c.args[i] = v
			continue
		}
		if n.unknown() || !isInterval(n.typ.Kind) {
			return node{}, c.mismatch()
		}
	}
	return node{sql: fill(cmp, c.args), typ: typed(rstype.Int4)}, nil
}

// foldings are the names of collations, and whether they leave the case alone.
var foldings = map[string]bool{
	"case_sensitive": false, "cs": false, "case_insensitive": true, "ci": true,
}

// collateCall is COLLATE(text, 'case_insensitive'), which changes how the text compares
// and not the text (r_COLLATE.md).
func collateCall(b *binder, c *call) (node, error) {
	if err := c.want(2, 2); err != nil {
		return node{}, err
	}
	name, _ := c.constText(1)
	return b.collated(c.args[0], name, c.offset(0), c.offset(1))
}

func (b *binder) collated(x node, collation string, offset, at int) (node, error) {
	fold, ok := foldings[strings.ToLower(collation)]
	if !ok {
		return x, errorAt(at, "42704", "collation %q does not exist", collation)
	}
	if !x.unknown() && !isText(x.typ.Kind) {
		return x, errorAt(offset, "42804", "collations are not supported by type %s", x.typ.Kind)
	}
	x, err := b.settle(x, offset)
	x.folded = fold
	return x, err
}

// caseless writes a text as it compares.
func caseless(sql string) string { return "lower(" + sql + ")" }

// objectTransform is OBJECT_TRANSFORM(x KEEP paths SET path, value …).
func (b *binder) objectTransform(e *ast.ObjectTransform, s *scope) (node, error) {
	x, err := b.expr(e.X, s)
	if err != nil {
		return x, err
	}
	if x, err = b.fitted(x, 'u', e.X.Pos()); err != nil {
		return x, err
	}
	args := []string{x.sql, text(itoa(len(e.Keep)))}
	path := func(p ast.Expr) error {
		l, ok := p.(*ast.Literal)
		if !ok || l.Kind != ast.StringLiteral {
			return errorAt(p.Pos(), "42601", "a path of OBJECT_TRANSFORM must be a string constant")
		}
		args = append(args, text(l.Text))
		return nil
	}
	for _, p := range e.Keep {
		if err := path(p); err != nil {
			return x, err
		}
	}
	for i := 0; i+1 < len(e.Set); i += 2 {
		if err := path(e.Set[i]); err != nil {
			return x, err
		}
		v, err := b.expr(e.Set[i+1], s)
		if err != nil {
			return v, err
		}
		if v, err = b.asSuper(v, e.Set[i+1].Pos()); err != nil {
			return v, err
		}
		args = append(args, v.sql)
	}
	if len(args) == 2 {
		return x, nil
	}
	return node{sql: rsCall("object_transform", args...), typ: typed(rstype.Super), exact: true}, nil
}
