package bind

import (
	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

// Numbers (Math_functions.md).
var mathFunctions = []overload{
	{"abs", "n", "1", "abs($1)"},
	{"ceil ceiling", "n", "1", "ceil($1)"},
	{"floor", "n", "1", "floor($1)"},
	{"power pow", "ff", "f", "pow($1, $2)"},
	{"sqrt", "f", "f", "sqrt($1)"},
	{"cbrt", "f", "f", "cbrt($1)"},
	{"exp dexp", "f", "f", "exp($1)"},
	{"ln dlog1", "f", "f", "ln($1)"},
	{"log dlog10", "f", "f", "log10($1)"},
	{"pi", "", "f", "pi()"},
	{"random", "", "f", "random()"},
	{"sin", "f", "f", "sin($1)"},
	{"cos", "f", "f", "cos($1)"},
	{"tan", "f", "f", "tan($1)"},
	{"asin", "f", "f", "asin($1)"},
	{"acos", "f", "f", "acos($1)"},
	{"atan", "f", "f", "atan($1)"},
	{"atan2", "ff", "f", "atan2($1, $2)"},
	{"cot", "f", "f", "cot($1)"},
	{"degrees", "f", "f", "degrees($1)"},
	{"radians", "f", "f", "radians($1)"},
}

var mathSpecials = map[string]special{
	"mod":   mod,
	"round": round,
	"trunc": trunc,
	"sign":  sign,
}

func mod(b *binder, c *call) (node, error) {
	if err := c.want(2, 2); err != nil {
		return node{}, err
	}
	e := &ast.Binary{Span: c.e.Span, Op: ast.OpMod, OpPos: c.e.Pos(), L: c.e.Args[0], R: c.e.Args[1]}
	return b.arith(e, c.args[0], c.args[1])
}

// scaled gives a NUMERIC the scale that the guide's examples of ROUND and TRUNC show
// (r_ROUND.md, r_TRUNC.md; their text has it that the type stays).
func scaled(n node, c *call) node {
	places, ok := int64(0), true
	if len(c.args) == 2 {
		places, ok = smallInt(c.args[1])
	}
	if ok && n.typ.Kind == rstype.Numeric && places < int64(n.typ.Scale) {
		n.typ.Scale = int16(max(places, 0))
		n.sql, n.exact = "CAST("+n.sql+" AS "+n.typ.DuckDB()+")", true
	}
	return n
}

// round keeps its argument's type, but for the scale.
func round(b *binder, c *call) (node, error) {
	if err := c.want(1, 2); err != nil {
		return node{}, err
	}
	form := overload{c.name, "ni"[:len(c.args)], "1", "round($1, $2)"}
	if form.fit(c.args) < 0 {
		return node{}, c.mismatch()
	}
	if len(c.args) == 1 {
		form.sql = "round($1)"
		if c.args[0].typ.Kind == rstype.Numeric && !c.args[0].exact {
			c.args[0].sql, c.args[0].exact = asType2(c.args[0]), true
		}
	}
	n, err := b.apply(c, &form)
	return scaled(n, c), err
}

// trunc cuts off digits, or the time of a timestamp (r_TRUNC.md, r_TRUNC_date.md).
func trunc(b *binder, c *call) (node, error) {
	if err := c.want(1, 2); err != nil {
		return node{}, err
	}
	if len(c.args) == 1 && isMoment(c.args[0].typ.Kind) {
		return b.apply(c, &overload{c.name, "m", "d", "CAST($1 AS DATE)"})
	}
	form := overload{c.name, "ni"[:len(c.args)], "1", "trunc($1, $2)"}
	if len(c.args) == 1 {
		form.sql = "trunc($1)"
	}
	if form.fit(c.args) < 0 {
		return node{}, c.mismatch()
	}
	n, err := b.apply(c, &form)
	return scaled(n, c), err
}

// sign is NUMERIC(1,0) of a NUMERIC and DOUBLE PRECISION of anything else
// (r_SIGN.md).
func sign(b *binder, c *call) (node, error) {
	if err := c.want(1, 1); err != nil {
		return node{}, err
	}
	t := typed(rstype.Float8)
	if c.args[0].typ.Kind == rstype.Numeric {
		t = rstype.Type{Kind: rstype.Numeric, Precision: 1}
	}
	n, err := b.apply1(c, "sign($1)")
	n.sql, n.typ, n.exact = "CAST("+n.sql+" AS "+t.DuckDB()+")", t, true
	return n, err
}

// apply1 applies a form with one number.
func (b *binder) apply1(c *call, sql string) (node, error) {
	form := overload{c.name, "n", "1", sql}
	if form.fit(c.args) < 0 {
		return node{}, c.mismatch()
	}
	return b.apply(c, &form)
}
