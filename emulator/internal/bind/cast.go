package bind

import (
	"errors"
	"strconv"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

// castMode says who asked for a conversion, and so what it may do.
type castMode uint8

const (
	implicitCast castMode = iota
	explicitCast
	assignCast
	tryCast
)

// coerce converts a value to a type without a written cast, or says that it
// cannot be. Lengths of texts do not count.
func (b *binder) coerce(n node, to rstype.Type, offset int) (node, error) {
	if n.param > 0 && n.unknown() {
		return b.setParam(n.param, to), nil
	}
	if n.unknown() {
		if n.lit == nil || n.lit.Kind == ast.NullLiteral {
			return node{sql: "CAST(NULL AS " + to.DuckDB() + ")", typ: to, exact: true, constant: true}, nil
		}
		out, err := literalAs(n.lit.Text, to, b.env.DateOrder, offset)
		out.lit = n.lit
		return out, err
	}
	if n.typ.Kind == to.Kind && !isLimited(n.typ, to) {
		return n, nil
	}
	if isText(n.typ.Kind) && isText(to.Kind) {
		n.typ = rstype.Type{Kind: to.Kind, Len: n.typ.Len}
		return n, nil
	}
	if !rstype.CanImplicit(n.typ, to) && n.typ.Kind != rstype.Super {
		return n, errorAt(offset, "42804", "cannot cast type %s to %s", n.typ.Kind, to.Kind)
	}
	return b.convert(n, to, implicitCast, offset)
}

// isLimited: a NUMERIC whose digits have to change.
func isLimited(from, to rstype.Type) bool {
	return to.Kind == rstype.Numeric && to.Precision > 0 && (from.Precision != to.Precision || from.Scale != to.Scale)
}

// castable tells whether a written cast exists.
func castable(from, to rstype.Type) bool {
	f, t := from.Kind, to.Kind
	switch {
	case f == t, rstype.CanImplicit(from, to):
		return true
	case f == rstype.Super:
		return !isMoment(t) && t != rstype.Time && t != rstype.TimeTZ && t != rstype.Varbyte && t < rstype.HLLSketch
	case t == rstype.Super:
		return f == rstype.Bool || isNumber(f) || isText(f)
	case isText(f):
		return t != rstype.Void
	case f == rstype.Varbyte:
		return isText(t)
	case isInterval(f):
		return isText(t)
	case f == rstype.Time && isInterval(t):
		return true
	}
	return rstype.CanImplicit(to, from) && f != rstype.Numeric && !isFloat(f) && !isText(t)
}

// convert converts a value of a known type.
func (b *binder) convert(n node, to rstype.Type, mode castMode, offset int) (node, error) {
	if n.unknown() {
		if n.param > 0 && mode != tryCast {
			n = b.setParam(n.param, to)
		} else if n.param > 0 {
			n = b.setParam(n.param, typed(rstype.Varchar))
		} else if n.lit == nil || n.lit.Kind == ast.NullLiteral {
			return node{sql: "CAST(NULL AS " + to.DuckDB() + ")", typ: to, exact: true, constant: true}, nil
		} else {
			out, err := literalAs(n.lit.Text, to, b.env.DateOrder, offset)
			if err != nil && mode == tryCast {
				return node{sql: "CAST(NULL AS " + to.DuckDB() + ")", typ: to, exact: true, constant: true}, nil
			}
			return out, err
		}
	}
	if n.param > 0 && n.typ.Kind == rstype.Numeric && to.Kind == rstype.Numeric && to.Precision > 0 && mode != tryCast {
		// The value's text has all its digits; the parameter's own type may not.
		return node{sql: "CAST($" + strconv.Itoa(n.param) + " AS " + to.DuckDB() + ")", typ: to, exact: true, constant: true}, nil
	}
	if !castable(n.typ, to) {
		return n, errorAt(offset, "42846", "cannot cast type %s to %s", n.typ.Kind, to.Kind)
	}
	out := node{typ: to, exact: true, constant: n.constant}
	f, t := n.typ.Kind, to.Kind
	cast := "CAST("
	if mode == tryCast {
		cast = "TRY_CAST("
	}
	plain := func() string { return cast + n.sql + " AS " + to.DuckDB() + ")" }
	switch {
	case isText(t):
		sql, err := b.toText(n, offset)
		if err != nil {
			return n, err
		}
		out.sql, out.trimmed = sql, n.trimmed
		if to.Len > 0 && mode != implicitCast && (!isText(f) || n.typ.Len == 0 || n.typ.Len > to.Len || f != t) {
			out.sql = cutText(sql, to, n)
			out.trimmed = n.trimmed || t == rstype.Char
		} else if t == rstype.Char && !n.trimmed {
			out.sql, out.trimmed = "rtrim("+sql+", ' ')", true
		}
		if isText(f) && out.sql == n.sql {
			out.col = n.col
		}
		if mode == implicitCast && to.Len == 0 && isText(f) {
			out.typ.Len = n.typ.Len
		}
	case f == rstype.Super && t == f:
		return n, nil
	case f == rstype.Super:
		out.sql = b.superTo(n, to)
	case t == rstype.Super:
		out.sql = toSuper(n)
	case isText(f):
		sql, err := fromText(n, to, b.env.DateOrder, mode)
		if err != nil {
			err.Offset = offset
			return n, err
		}
		out.sql = sql
	case f == t && t == rstype.Numeric:
		if !isLimited(n.typ, to) {
			n.typ = to
			return n, nil
		}
		if n.typ.Scale > to.Scale && !n.constant && mode == explicitCast {
			// r_Numeric_types201: casts of table values truncate unless
			// enable_numeric_rounding is on.
			out.sql = cast + "trunc(" + n.sql + ", " + strconv.Itoa(int(to.Scale)) + ") AS " + to.DuckDB() + ")"
		} else {
			out.sql = plain()
		}
	case f == t:
		return n, nil
	case t == rstype.Numeric && to.Precision == 0:
		if d, ok := rstype.AsNumeric(n.typ); ok {
			to = d
		} else {
			to = rstype.Type{Kind: rstype.Numeric, Precision: 38, Scale: 10}
		}
		out.typ = to
		out.sql = plain()
	case f == rstype.Timestamp && t == rstype.Time, f == rstype.TimestampTZ && t == rstype.TimeTZ,
		isInterval(f) && isInterval(t):
		out.sql = plain()
	case f == rstype.Time && t == rstype.TimeTZ:
		out.sql = plain()
	case f == rstype.Geometry && t == rstype.Geography, f == rstype.Geography && t == rstype.Geometry:
		out.sql = rsCall(t.String(), n.sql)
	case f == rstype.Time && isInterval(t):
		out.sql = "(" + n.sql + " - TIME '00:00:00')"
	case t == rstype.Bool && isInt(f):
		out.sql = "(" + n.sql + " <> 0)"
	default:
		out.sql = plain()
	}
	return out, nil
}

// toText prints a value as Redshift does.
func (b *binder) toText(n node, offset int) (string, error) {
	switch f := n.typ.Kind; {
	case isText(f):
		return n.sql, nil
	case f == rstype.Super:
		return b.superTo(n, typed(rstype.Varchar)), nil
	case isFloat(f):
		return "replace(replace(regexp_replace(CAST(" + asType(n, n.typ) + " AS VARCHAR), '\\.0$', ''), 'nan', 'NaN'), 'inf', 'Infinity')", nil
	case f == rstype.Varbyte:
		return "decode(" + n.sql + ")", nil
	case isInterval(f):
		return "", unsupported(offset, "the text of an interval")
	case f == rstype.Numeric, isInt(f):
		return "CAST(" + asType2(n) + " AS VARCHAR)", nil
	}
	return "CAST(" + n.sql + " AS VARCHAR)", nil
}

// asType2 makes DuckDB's type the node's own.
func asType2(n node) string {
	if n.exact {
		return n.sql
	}
	return "CAST(" + n.sql + " AS " + n.typ.DuckDB() + ")"
}

// cutText cuts a text to a type's bytes, as a written cast does.
func cutText(sql string, to rstype.Type, n node) string {
	limit := strconv.Itoa(int(to.Len))
	var cut string
	if isText(n.typ.Kind) || n.typ.Kind == rstype.Super || n.typ.Kind == rstype.Varbyte {
		cut = once(sql, func(x string) string {
			return "CASE WHEN strlen(" + x + ") <= " + limit + " THEN " + x +
				" WHEN strlen(left(" + x + ", " + limit + ")) <= " + limit + " THEN left(" + x + ", " + limit + ")" +
				" ELSE left(" + x + ", list_max(list_filter(range(0, " + limit + "), lambda i: strlen(left(" + x + ", i)) <= " + limit + "))) END"
		})
	} else {
		cut = "left(" + sql + ", " + limit + ")"
	}
	if to.Kind == rstype.Char {
		return "rtrim(" + cut + ", ' ')"
	}
	return cut
}

// once writes an expression over a value that is needed several times, so that
// it is calculated once when it is more than a name.
func once(sql string, f func(x string) string) string {
	if simple(sql) && len(sql) < 80 {
		return "(" + f(sql) + ")"
	}
	return "list_transform([" + sql + "], lambda v: " + f("v") + ")[1]"
}

// fromText reads a text at run time.
func fromText(n node, to rstype.Type, order string, mode castMode) (string, *Error) {
	x := n.sql
	try := mode == tryCast
	cast := func(v string) string {
		if try {
			return "TRY_CAST(" + v + " AS " + to.DuckDB() + ")"
		}
		return "CAST(" + v + " AS " + to.DuckDB() + ")"
	}
	bad := func(v, what string) string {
		if try {
			return "NULL"
		}
		return "error('22P02: invalid input syntax for " + what + ": \"' || " + v + " || '\"')"
	}
	switch {
	case isInt(to.Kind):
		return once(x, func(v string) string {
			return "CASE WHEN regexp_full_match(" + v + ", '\\s*[+-]?[0-9]+\\s*') THEN " + cast(v) +
				" WHEN " + v + " IS NOT NULL THEN " + bad(v, "integer") + " END"
		}), nil
	case to.Kind == rstype.Numeric:
		if to.Precision == 0 {
			to.Precision, to.Scale = 38, 10
		}
		return cast(x), nil
	case to.Kind == rstype.Float4 || to.Kind == rstype.Float8:
		return cast(x), nil
	case to.Kind == rstype.Bool:
		return once(x, func(v string) string {
			return "CASE WHEN lower(trim(" + v + ")) IN ('t', 'true', 'y', 'yes', '1') THEN TRUE" +
				" WHEN lower(trim(" + v + ")) IN ('f', 'false', 'n', 'no', '0') THEN FALSE" +
				" WHEN " + v + " IS NOT NULL THEN " + bad(v, "type boolean") + " END"
		}), nil
	case isMoment(to.Kind):
		return once(x, func(v string) string {
			return "CASE WHEN " + v + " IS NOT NULL THEN coalesce(TRY_CAST(" + v + " AS " + to.DuckDB() + "), CAST(try_strptime(" + v + ", " + textDates[order] + ") AS " +
				to.DuckDB() + "), " + strings.Replace(bad(v, "type "+to.Kind.String()), "22P02", "22007", 1) + ") END"
		}), nil
	case to.Kind == rstype.Time, to.Kind == rstype.TimeTZ:
		return cast(x), nil
	case to.Kind == rstype.Varbyte:
		return "encode(" + x + ")", nil
	case to.Kind == rstype.Geometry, to.Kind == rstype.Geography, to.Kind == rstype.HLLSketch:
		if try {
			return "TRY(" + readDigits(x, to.Kind) + ")", nil
		}
		return readDigits(x, to.Kind), nil
	}
	return "", unsupported(-1, "a cast from text to %s at run time", to.Kind)
}

// textDates are forms of dates beside ISO's (Automatic recognition, COPY) that
// strptime can read, by the order of the session's DateStyle.
var textDates = map[string]string{
	"": strptimeForms("%m/%d/%Y", "%m-%d-%Y", "%m/%d/%y"), "MDY": strptimeForms("%m/%d/%Y", "%m-%d-%Y", "%m/%d/%y"),
	"DMY": strptimeForms("%d/%m/%Y", "%d-%m-%Y", "%d/%m/%y"), "YMD": strptimeForms("%y/%m/%d", "%y-%m-%d"),
}

func strptimeForms(ordered ...string) string {
	forms := append([]string{ordered[0] + " %H:%M:%S"}, ordered...)
	forms = append(forms, "%Y%m%d", "%Y%m%d %H%M%S", "%Y/%m/%d", "%Y.%m.%d", "%d.%m.%Y",
		"%b %d, %Y", "%b %d %Y", "%d %b %Y", "%B %d, %Y", "%B %d %Y", "%d %B %Y", "%d-%b-%Y")
	return "['" + strings.Join(forms, "', '") + "']"
}

// assign converts a value to a column's type as INSERT and UPDATE do, and checks
// lengths: what is too long is an error, blanks at the end excepted
// (r_Character_types.md).
func (b *binder) assign(n node, to rstype.Type, column string, offset int) (string, error) {
	from := n.typ
	tooLong := func() error {
		return errorAt(offset, "22001", "value too long for type %s", to)
	}
	switch {
	case n.unknown() && n.param == 0 && n.lit != nil && n.lit.Kind == ast.StringLiteral && isText(to.Kind):
		v := n.lit.Text
		if to.Kind == rstype.Char {
			v = strings.TrimRight(v, " ")
		}
		if to.Len > 0 && len(v) > int(to.Len) {
			if len(strings.TrimRight(v, " ")) > int(to.Len) {
				return "", tooLong()
			}
			v = v[:to.Len]
		}
		return text(v), nil
	case n.unknown():
		c, err := b.coerce(n, to, offset)
		if err != nil {
			return "", err
		}
		if n.param == 0 {
			return asType2(c), nil
		}
		n, from = c, c.typ
	}
	if from.Kind == rstype.Super && to.Kind != rstype.Super || !castable(from, to) ||
		!rstype.CanImplicit(from, to) && to.Kind != rstype.Super && !isText(from.Kind) && from.Kind != to.Kind {
		if from.Kind != rstype.Super {
			e := errorAt(offset, "42804", "column %q is of type %s but expression is of type %s", column, to.Kind, from.Kind)
			e.Hint = "You will need to rewrite or cast the expression."
			return "", e
		}
	}
	if isText(to.Kind) {
		sql, err := b.toText(n, offset)
		if err != nil {
			return "", err
		}
		if isText(from.Kind) && from.Len > 0 && to.Len >= from.Len {
			if to.Kind == rstype.Char && !n.trimmed {
				return "rtrim(" + sql + ", ' ')", nil
			}
			return sql, nil
		}
		if to.Len == 0 {
			return sql, nil
		}
		limit := strconv.Itoa(int(to.Len))
		check := func(v string) string {
			fits, cut := v, "left("+v+", "+limit+")" // of blanks, each one byte
			if to.Kind == rstype.Char {
				fits = "rtrim(" + v + ", ' ')"
				cut = fits
			}
			return "CASE WHEN strlen(" + v + ") <= " + limit + " THEN " + fits +
				" WHEN strlen(rtrim(" + v + ", ' ')) <= " + limit + " THEN " + cut +
				" WHEN " + v + " IS NOT NULL THEN error(" + text("22001: "+tooLong().Error()) + ") END"
		}
		return once(sql, check), nil
	}
	c, err := b.convert(n, to, assignCast, offset)
	if err != nil {
		return "", err
	}
	return asType2(c), nil
}

// bindType is the type that a type's name stands for.
func bindType(t ast.TypeName) (rstype.Type, error) {
	if t.ArrayDims > 0 {
		return rstype.Type{}, refused(t.Pos(), insteadType("[]"), "array types are not supported")
	}
	name := t.Name
	if t.Zone == ast.WithZone {
		switch name {
		case "time":
			name = "timetz"
		case "timestamp":
			name = "timestamptz"
		}
	}
	mods := make([]int, len(t.Mods))
	for i, m := range t.Mods {
		mods[i] = m.Value
		if m.Max {
			mods[i] = rstype.Max
		}
	}
	if name == "interval" {
		return intervalType(t.Interval), nil
	}
	typ, err := rstype.ParseName(name, mods)
	var bad *rstype.SyntaxError
	if errors.As(err, &bad) {
		e := errorAt(t.Pos(), bad.Code, "%s", bad.Message)
		e.Hint = insteadType(name)
		return typ, e
	}
	return typ, err
}

func intervalType(f ast.IntervalFields) rstype.Type {
	switch f.First {
	case ast.FieldYear, ast.FieldMonth:
		return rstype.Type{Kind: rstype.IntervalYM}
	}
	return rstype.Type{Kind: rstype.IntervalDS}
}

// castExpr binds a written cast.
func (b *binder) castExpr(e *ast.Cast, s *scope) (node, error) {
	if kind, ok := registered[e.Type.Name]; ok {
		return b.registeredCast(kind, e, s)
	}
	to, err := bindType(e.Type)
	if err != nil {
		return node{}, err
	}
	n, err := b.expr(e.X, s)
	if err != nil {
		return n, err
	}
	mode := explicitCast
	if e.Form == ast.CastTry {
		mode = tryCast
	}
	switch to.Kind {
	case rstype.Void, rstype.Unknown:
		return n, unsupported(e.Type.Pos(), "casts to %s", to.Kind)
	}
	out, err := b.convert(n, to, mode, e.X.Pos())
	out.lit = nil
	if err == nil && out.typ.Kind == rstype.Numeric && n.constant {
		out.typ = to
		if out.sql == n.sql {
			out.sql = "CAST(" + n.sql + " AS " + to.DuckDB() + ")"
		}
	}
	return out, err
}
