package bind

import (
	"slices"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
)

// overload is one form of a function.
//
// args has a letter for each argument: t text, i integer, l bigint, n any number,
// f double precision, d date, s timestamp, z timestamptz, m any of these three,
// b boolean, v varbyte, u super, g geometry, o geography, k hllsketch, a anything. ret is one of these letters, T for a
// text as long as the first argument, or 1 for the type of the first argument.
// sql is DuckDB's, with $1, $2 … for the arguments.
type overload struct {
	name, args, ret, sql string
}

// special is a function whose binding a table cannot say.
type special func(b *binder, c *call) (node, error)

// call is a call whose arguments are bound.
type call struct {
	e    *ast.FuncCall
	name string
	args []node
	s    *scope
}

func (c *call) offset(i int) int {
	if i < len(c.e.Args) {
		return c.e.Args[i].Pos()
	}
	return c.e.Pos()
}

// functions and specials are the closed set of what may be called.
var (
	functions = make(map[string][]overload)
	specials  = make(map[string]special)
	// qualifiedSpecials are found with pg_catalog. in front alone.
	qualifiedSpecials = make(map[string]special)
)

func init() {
	for _, list := range [][]overload{stringFunctions, mathFunctions, timeFunctions, jsonFunctions, systemFunctions, scalarFunctions, sketchFunctions, spatialFunctions()} {
		for _, o := range list {
			for name := range strings.FieldsSeq(o.name) {
				functions[name] = append(functions[name], o)
			}
		}
	}
	for _, group := range []map[string]special{conditionalSpecials, stringSpecials, mathSpecials, timeSpecials, jsonSpecials, systemSpecials, scalarSpecials, spatialSpecials} {
		for names, f := range group {
			for name := range strings.FieldsSeq(names) {
				specials[name] = f
			}
		}
	}
}

// call binds a call of a function, an aggregate or a window function.
func (b *binder) call(e *ast.FuncCall, s *scope) (node, error) {
	name := lex.Fold(e.Name.Object().Name)
	switch {
	case e.Filter != nil:
		return node{}, refused(e.Filter.Pos(), "CASE inside of the aggregate does the same: SUM(CASE WHEN … THEN x END).", "FILTER is not supported")
	case len(e.OrderBy) > 0:
		return node{}, errorAt(e.OrderBy[0].Pos(), "0A000", "ORDER BY inside an aggregate's parentheses is not supported")
	case e.Over != nil:
		return b.window(name, e, s)
	}
	qualified := len(e.Name.Parts) > 1 && e.Name.Schema() != "pg_catalog"
	if a, ok := aggregates[name]; ok && !qualified && !(a.kind == aggShapes && len(e.Args) == 2) {
		return b.aggregate(name, a, e, s)
	}
	if windowOnly[name] && !qualified {
		return node{}, errorAt(e.Pos(), "42809", "window function %s requires an OVER clause", name)
	}
	if e.Star || e.Distinct || len(e.WithinGroup) > 0 || e.Approximate {
		return node{}, errorAt(e.Pos(), "42809", "DISTINCT, * or WITHIN GROUP specified, but %s is not an aggregate function", name)
	}
	c := &call{e: e, name: name, s: s, args: make([]node, len(e.Args))}
	if name == "array" && len(e.Args) == 1 {
		if q, ok := e.Args[0].(*ast.Subquery); ok {
			return b.arrayOfQuery(c, q, s)
		}
	}
	for i, a := range e.Args {
		if p, ok := a.(*ast.DatePart); ok && i == 0 {
			c.args[i] = node{sql: text(p.Part), lit: &ast.Literal{Span: p.Span, Kind: ast.StringLiteral, Text: p.Part}, constant: true}
			continue
		}
		n, err := b.expr(a, s)
		if err != nil {
			return n, err
		}
		c.args[i] = n
	}
	if qualified {
		c.name = e.Name.String()
		if n, ok, err := b.userFunction(c); ok || err != nil {
			return n, err
		}
		return node{}, c.mismatch()
	}
	if f, ok := qualifiedSpecials[name]; ok && len(e.Name.Parts) > 1 {
		return f(b, c)
	}
	if f, ok := specials[name]; ok {
		return f(b, c)
	}
	list, ok := functions[name]
	if ok && onSpheroid[name] && slices.ContainsFunc(c.args, func(n node) bool { return n.typ.Kind == rstype.Geography }) {
		return node{}, unsupported(e.Pos(), "%s of GEOGRAPHY, which is measured on a spheroid", strings.ToUpper(name))
	}
	if !ok {
		if n, ok, err := b.userFunction(c); ok || err != nil {
			return n, err
		}
		return node{}, b.noFunction(c)
	}
	return b.overloaded(c, list)
}

// noFunction says that a function does not exist, or that the emulator lacks it.
func (b *binder) noFunction(c *call) error {
	if knownFunction(c.name) {
		return unsupported(c.e.Pos(), "the function %s", c.name)
	}
	return c.mismatch()
}

// mismatch is the error of arguments that no form of the function takes.
func (c *call) mismatch() error {
	e := errorAt(c.e.Pos(), "42883", "function %s does not exist", c.signature())
	e.Hint = "No function matches the given name and argument types. You may need to add explicit type casts."
	if hint, ok := instead[c.name]; ok {
		e.Hint = hint
	}
	return e
}

// overloaded picks the form whose arguments fit best.
func (b *binder) overloaded(c *call, list []overload) (node, error) {
	best, score := -1, -1
	for i := range list {
		if n := list[i].fit(c.args); n > score {
			best, score = i, n
		}
	}
	if best < 0 {
		if n, ok, err := b.userFunction(c); ok || err != nil {
			return n, err
		}
		return node{}, c.mismatch()
	}
	return b.apply(c, &list[best])
}

// fit counts how well arguments fit; -1 is not at all.
func (o *overload) fit(args []node) int {
	if len(args) != len(o.args) {
		return -1
	}
	score := 0
	for i := range args {
		k := args[i].typ.Kind
		switch want := o.args[i]; {
		case k == rstype.Unknown, want == 'a':
		case exactLetter(want, k):
			score += 2
		case k == rstype.Super && want != 'v' && want != 'd' && want != 's' && want != 'z' && want != 'm':
		case want == 'n':
			return -1
		case want == 'm':
			if !isText(k) { // texts become timestamps: assumed
				return -1
			}
		case !rstype.CanImplicit(args[i].typ, letterType(want)):
			if !(isText(k) && (want == 'd' || want == 's' || want == 'z')) {
				return -1
			}
		default:
			score++
		}
	}
	return score
}

func exactLetter(want byte, k rstype.Kind) bool {
	switch want {
	case 't':
		return isText(k)
	case 'n':
		return isNumber(k)
	case 'm':
		return isMoment(k)
	case 'i':
		return k == rstype.Int4 || k == rstype.Int2
	}
	return k == letterType(want).Kind
}

func letterType(c byte) rstype.Type {
	switch c {
	case 't', 'T':
		return typed(rstype.Varchar)
	case 'i':
		return typed(rstype.Int4)
	case 'l':
		return typed(rstype.Int8)
	case 'f', 'n':
		return typed(rstype.Float8)
	case 'd':
		return typed(rstype.Date)
	case 's', 'm':
		return typed(rstype.Timestamp)
	case 'z':
		return typed(rstype.TimestampTZ)
	case 'b':
		return typed(rstype.Bool)
	case 'v':
		return typed(rstype.Varbyte)
	case 'u':
		return typed(rstype.Super)
	case 'g':
		return typed(rstype.Geometry)
	case 'o':
		return typed(rstype.Geography)
	case 'k':
		return typed(rstype.HLLSketch)
	}
	return rstype.Type{}
}

// apply writes a call in one of its forms.
func (b *binder) apply(c *call, o *overload) (node, error) {
	constant := !strings.HasPrefix(o.sql, "random") && !strings.Contains(o.sql, "now()")
	for i := range c.args {
		n, err := b.fitted(c.args[i], o.args[i], c.offset(i))
		if err != nil {
			return n, err
		}
		c.args[i] = n
		constant = constant && n.constant
	}
	out := node{sql: fill(o.sql, c.args), constant: constant}
	switch o.ret {
	case "T":
		out.typ = rstype.Type{Kind: rstype.Varchar, Len: c.args[0].typ.Len}
		out.exact = true
	case "1":
		out.typ = c.args[0].typ
	default:
		out.typ = letterType(o.ret[0])
		out.exact = strings.Contains("tbugok", o.ret)
	}
	// DuckDB folds || with a NULL to a NULL of no type.
	out.exact = out.exact && !strings.Contains(o.sql, "||")
	for i := range c.args {
		out.exact = out.exact && !isNull(c.args[i])
	}
	return out, nil
}

// fitted brings one argument to what its letter asks for.
func (b *binder) fitted(n node, want byte, offset int) (node, error) {
	switch {
	case want == 'a':
		return b.settle(n, offset)
	case !n.unknown() && exactLetter(want, n.typ.Kind) && want != 'i':
		if want == 'f' || want == 'l' {
			n.sql, n.exact = asType(n, n.typ), true
		}
		return n, nil
	case want == 't':
		return b.asText(n, offset)
	case n.unknown():
		return b.coerce(n, letterType(want), offset)
	case n.typ.Kind == letterType(want).Kind:
		n.sql, n.exact = asType2(n), true
		return n, nil
	}
	return b.convert(n, letterType(want), implicitCast, offset)
}

// fill puts the arguments' SQL into a template.
func fill(template string, args []node) string {
	var s strings.Builder
	for i := 0; i < len(template); i++ {
		if c := template[i]; c == '$' && i+1 < len(template) && template[i+1] >= '1' && template[i+1] <= '9' {
			if n := int(template[i+1] - '1'); n < len(args) {
				s.WriteString(args[n].sql)
			}
			i++
			continue
		}
		s.WriteByte(template[i])
	}
	return s.String()
}

// want checks how many arguments there are.
func (c *call) want(lo, hi int) error {
	if len(c.args) < lo || len(c.args) > hi {
		return c.mismatch()
	}
	return nil
}

// constText is an argument that must be a text constant.
func (c *call) constText(i int) (string, bool) {
	if l := c.args[i].lit; l != nil && l.Kind == ast.StringLiteral {
		return l.Text, true
	}
	return "", false
}
