package bind

import (
	"strconv"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
)

// Strings (String_functions_header.md). CHAR is kept without its padding, so that
// LENGTH does not count it.
var stringFunctions = []overload{
	{"len length char_length character_length textlen", "t", "i", "length($1)"},
	{"len length octet_length", "v", "i", "octet_length($1)"},
	{"octet_length", "t", "i", "strlen($1)"},
	{"upper", "t", "T", "upper($1)"},
	{"lower", "t", "T", "lower($1)"},
	{"left", "ti", "T", "left($1, $2)"},
	{"right", "ti", "T", "right($1, $2)"},
	{"ltrim", "t", "T", "ltrim($1, ' ')"},
	{"ltrim", "tt", "T", "ltrim($1, $2)"},
	{"rtrim", "t", "T", "rtrim($1, ' ')"},
	{"rtrim", "tt", "T", "rtrim($1, $2)"},
	{"btrim trim", "t", "T", "trim($1, ' ')"},
	{"btrim trim", "tt", "T", "trim($1, $2)"},
	{"lpad", "ti", "t", "lpad($1, " + atLeast("$2", "0") + ", ' ')"},
	{"lpad", "tit", "t", "(CASE WHEN strlen($3) = 0 THEN left($1, " + atLeast("$2", "0") + ") ELSE lpad($1, " + atLeast("$2", "0") + ", $3) END)"},
	{"rpad", "ti", "t", "rpad($1, " + atLeast("$2", "0") + ", ' ')"},
	{"rpad", "tit", "t", "(CASE WHEN strlen($3) = 0 THEN left($1, " + atLeast("$2", "0") + ") ELSE rpad($1, " + atLeast("$2", "0") + ", $3) END)"},
	{"replace", "ttt", "t", "replace($1, $2, $3)"},
	{"translate", "ttt", "T", "translate($1, $2, $3)"},
	{"position", "tt", "i", "instr($2, $1)"},
	{"charindex", "tt", "i", "instr($2, $1)"},
	{"strpos", "tt", "i", "instr($1, $2)"},
	{"repeat replicate", "ti", "t", "repeat($1, $2)"},
	{"reverse", "t", "T", "reverse($1)"},
	{"initcap", "t", "T", `array_to_string(list_transform(regexp_extract_all(lower($1), '[\p{L}\p{N}]+|[^\p{L}\p{N}]+'), lambda w: upper(left(w, 1)) || substring(w, 2)), '')`},
	{"ascii", "t", "i", "ascii($1)"},
	{"chr", "i", "t", "chr($1)"},
	{"quote_ident", "t", "t", `(CASE WHEN regexp_full_match($1, '[a-z_][a-z0-9_]*') THEN $1 ELSE '"' || replace($1, '"', '""') || '"' END)`},
	{"quote_literal", "t", "t", `('''' || replace(replace($1, '\', '\\'), '''', '''''') || '''')`},
	{"md5", "t", "t", "md5($1)"},
	{"sha sha1 func_sha1", "t", "t", "sha1($1)"},
	{"to_hex", "i", "t", "lower(to_hex(CAST($1 AS BIGINT) & 4294967295))"},
	{"to_hex", "l", "t", "lower(to_hex($1))"},
	{"to_hex", "v", "t", "lower(hex($1))"},
	{"from_hex", "t", "v", "unhex($1)"},
}

var stringSpecials = map[string]special{
	"substring substr": substring,
	"concat":           concatCall,
	"split_part":       splitPart,
	"sha2":             sha2,
	"to_varbyte":       toVarbyte,
	"from_varbyte":     fromVarbyte,
	"regexp_count regexp_substr regexp_replace regexp_instr": regexpCall,
}

// smallInt is a constant integer argument.
func smallInt(n node) (int64, bool) {
	if !n.constant || n.typ.Kind != rstype.Int4 {
		return 0, false
	}
	v, err := strconv.ParseInt(strings.Trim(n.sql, "()"), 10, 64)
	return v, err == nil
}

// atLeast is the larger of an expression and a number, and NULL for NULL, for which
// DuckDB's greatest gives the number.
func atLeast(x, least string) string {
	return "(CASE WHEN " + x + " < " + least + " THEN " + least + " ELSE " + x + " END)"
}

// substring counts from 1; places before the text count, but hold nothing.
// DuckDB would count a negative start from the end.
func substring(b *binder, c *call) (node, error) {
	if err := c.want(2, 3); err != nil {
		return node{}, err
	}
	if c.args[0].typ.Kind == rstype.Varbyte {
		return b.substringBytes(c)
	}
	form := overload{c.name, "tii"[:len(c.args)], "T", ""}
	if form.fit(c.args) < 0 {
		return node{}, c.mismatch()
	}
	start, plain := smallInt(c.args[1])
	plain = plain && start >= 1
	switch {
	case len(c.args) == 2 && plain:
		form.sql = "substring($1, $2)"
	case len(c.args) == 2:
		form.sql = "substring($1, " + atLeast("$2", "1") + ")"
	default:
		n, known := smallInt(c.args[2])
		if known && n < 0 {
			return node{}, errorAt(c.offset(2), "22011", "negative substring length not allowed")
		}
		if plain && known {
			form.sql = "substring($1, $2, $3)"
			break
		}
		form.sql = "(CASE WHEN $3 < 0 THEN error('22011: negative substring length not allowed') " +
			"ELSE substring($1, " + atLeast("$2", "1") + ", " + atLeast("$2 + $3 - "+atLeast("$2", "1"), "0") + ") END)"
	}
	return b.apply(c, &form)
}

// substringBytes is SUBSTRING of a VARBYTE, which counts bytes.
func (b *binder) substringBytes(c *call) (node, error) {
	form := overload{c.name, "vii"[:len(c.args)], "v", "unhex(substring(hex($1), 2 * " + atLeast("$2", "1") + " - 1))"}
	if form.fit(c.args) < 0 {
		return node{}, c.mismatch()
	}
	if len(c.args) == 3 {
		form.sql = "(CASE WHEN $3 < 0 THEN error('22011: negative substring length not allowed') " +
			"ELSE unhex(substring(hex($1), 2 * " + atLeast("$2", "1") + " - 1, 2 * " + atLeast("$2 + $3 - "+atLeast("$2", "1"), "0") + ")) END)"
	}
	return b.apply(c, &form)
}

// concatCall is CONCAT, of two arguments, with NULL for NULL (r_CONCAT.md).
func concatCall(b *binder, c *call) (node, error) {
	if err := c.want(2, 2); err != nil {
		return node{}, err
	}
	return b.concat(c.args[0], c.args[1], c.e.Pos(), c.offset(0), c.offset(1))
}

func splitPart(b *binder, c *call) (node, error) {
	form := overload{c.name, "tti", "T", "split_part($1, $2, $3)"}
	if form.fit(c.args) < 0 {
		return node{}, c.mismatch()
	}
	if n, ok := smallInt(c.args[2]); !ok || n < 1 {
		form.sql = "(CASE WHEN $3 < 1 THEN error('22023: field position must be greater than zero') ELSE split_part($1, $2, $3) END)"
	}
	return b.apply(c, &form)
}

func sha2(b *binder, c *call) (node, error) {
	if err := c.want(2, 2); err != nil {
		return node{}, err
	}
	if bits, ok := smallInt(c.args[1]); !ok || bits != 256 && bits != 0 {
		form := overload{c.name, "ti", "t", rsCall("sha2", "$1", number2)}
		if form.fit(c.args) < 0 {
			return node{}, c.mismatch()
		}
		return b.apply(c, &form)
	}
	c.args = c.args[:1]
	return b.apply(c, &overload{c.name, "t", "t", "sha256($1)"})
}

// toVarbyte is TO_VARBYTE(text, format) (r_TO_VARBYTE.md).
func toVarbyte(b *binder, c *call) (node, error) {
	if err := c.want(2, 2); err != nil {
		return node{}, err
	}
	format, ok := c.constText(1)
	c.args = c.args[:1]
	switch strings.ToLower(format) {
	case "hex":
		// An odd number of digits gets one more in front (r_TO_VARBYTE.md).
		return b.apply(c, &overload{c.name, "t", "v", "unhex(repeat('0', length($1) % 2) || $1)"})
	case "utf8", "utf-8":
		return b.apply(c, &overload{c.name, "t", "v", "encode($1)"})
	case "binary":
		return b.apply(c, &overload{c.name, "t", "v", "unhex(" + rsCall("bits_to_hex", "$1") + ")"})
	}
	if !ok {
		return node{}, unsupported(c.offset(1), "TO_VARBYTE with a format that is not a constant")
	}
	return node{}, unsupported(c.offset(1), "the format %q of TO_VARBYTE", format)
}

func fromVarbyte(b *binder, c *call) (node, error) {
	if err := c.want(2, 2); err != nil {
		return node{}, err
	}
	format, _ := c.constText(1)
	if c.args[0].typ.Kind != rstype.Varbyte {
		return node{}, c.mismatch()
	}
	c.args = c.args[:1]
	switch strings.ToLower(format) {
	case "hex":
		return b.apply(c, &overload{c.name, "v", "t", "lower(hex($1))"})
	case "utf8", "utf-8":
		return b.apply(c, &overload{c.name, "v", "t", "decode($1)"})
	case "binary":
		return b.apply(c, &overload{c.name, "v", "t", rsCall("hex_to_bits", "hex($1)")})
	}
	return node{}, unsupported(c.offset(1), "this format of FROM_VARBYTE")
}
