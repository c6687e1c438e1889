package bind

import (
	"strconv"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

func isText(k rstype.Kind) bool {
	return k == rstype.Varchar || k == rstype.Char || k == rstype.Name
}

func isInt(k rstype.Kind) bool {
	return k == rstype.Int2 || k == rstype.Int4 || k == rstype.Int8 || k == rstype.OID
}

func isFloat(k rstype.Kind) bool { return k == rstype.Float4 || k == rstype.Float8 }

func isNumber(k rstype.Kind) bool { return isInt(k) || isFloat(k) || k == rstype.Numeric }

func isMoment(k rstype.Kind) bool {
	return k == rstype.Date || k == rstype.Timestamp || k == rstype.TimestampTZ
}

func isInterval(k rstype.Kind) bool { return k == rstype.IntervalYM || k == rstype.IntervalDS }

func noOperator(op string, l, r rstype.Type, offset int) error {
	e := errorAt(offset, "42883", "operator does not exist: %s %s %s", l.Kind, op, r.Kind)
	e.Hint = "No operator matches the given name and argument type(s). You may need to add explicit type casts."
	return e
}

func (b *binder) binary(e *ast.Binary, s *scope) (node, error) {
	if e.Op == ast.OpAnd || e.Op == ast.OpOr {
		return b.logical(e, s)
	}
	if row, ok := e.L.(*ast.Row); ok && (e.Op == ast.OpEq || e.Op == ast.OpNe) {
		return b.rowIn(&ast.In{Span: e.Span, X: row, List: []ast.Expr{e.R}, Not: e.Op == ast.OpNe}, row, s)
	}
	l, err := b.expr(e.L, s)
	if err != nil {
		return l, err
	}
	r, err := b.expr(e.R, s)
	if err != nil {
		return r, err
	}
	lo, ro := e.L.Pos(), e.R.Pos()
	switch e.Op {
	case ast.OpEq, ast.OpNe, ast.OpLt, ast.OpLe, ast.OpGt, ast.OpGe:
		sql, err := b.compare(e.Op, e.OpPos, l, r, lo, ro)
		return boolNode(sql), err
	case ast.OpPlus, ast.OpMinus, ast.OpMul, ast.OpDiv, ast.OpMod:
		return b.arith(e, l, r)
	case ast.OpConcat:
		return b.concat(l, r, e.OpPos, lo, ro)
	case ast.OpPow:
		if l, err = b.coerceFor(l, typed(rstype.Float8), e, l.typ, r.typ, lo); err != nil {
			return l, err
		}
		if r, err = b.coerceFor(r, typed(rstype.Float8), e, l.typ, r.typ, ro); err != nil {
			return r, err
		}
		return node{sql: "pow(" + l.sql + ", " + r.sql + ")", typ: typed(rstype.Float8), exact: true}, nil
	case ast.OpBitAnd, ast.OpBitOr, ast.OpBitXor, ast.OpShl, ast.OpShr:
		return b.bits(e, l, r)
	case ast.OpMatch, ast.OpMatchI, ast.OpNotMatch, ast.OpNotMatchI:
		return b.match(e, l, r)
	case ast.OpLike, ast.OpILike, ast.OpNotLike, ast.OpNotILike:
		return b.likeNodes(l, r, nil, e.Op == ast.OpILike || e.Op == ast.OpNotILike,
			e.Op == ast.OpNotLike || e.Op == ast.OpNotILike, e.OpPos, lo, ro)
	}
	return node{}, unsupported(e.OpPos, "the operator %s", e.Op)
}

// coerceFor coerces an operand, or says that there is no such operator.
func (b *binder) coerceFor(n node, to rstype.Type, e *ast.Binary, l, r rstype.Type, offset int) (node, error) {
	if !n.unknown() && !isNumber(n.typ.Kind) {
		return n, noOperator(e.Op.String(), l, r, e.OpPos)
	}
	return b.coerce(n, to, offset)
}

// logical binds chains of AND and OR without recursion on their left side.
func (b *binder) logical(e *ast.Binary, s *scope) (node, error) {
	var chain []ast.Expr
	var left ast.Expr = e
	for {
		x, ok := left.(*ast.Binary)
		if !ok || x.Op != e.Op {
			break
		}
		chain = append(chain, x.R)
		left = x.L
	}
	word := " AND "
	if e.Op == ast.OpOr {
		word = " OR "
	}
	var sql strings.Builder
	sql.WriteByte('(')
	for i := len(chain); i >= 0; i-- {
		x := left
		if i < len(chain) {
			x = chain[i]
			sql.WriteString(word)
		}
		n, err := b.expr(x, s)
		if err != nil {
			return n, err
		}
		cond, err := b.truth(n, x.Pos(), "argument of "+strings.TrimSpace(word))
		if err != nil {
			return node{}, err
		}
		sql.WriteString(cond)
	}
	sql.WriteByte(')')
	return boolNode(sql.String()), nil
}

var comparison = map[ast.Op]string{
	ast.OpEq: "=", ast.OpNe: "<>", ast.OpLt: "<", ast.OpLe: "<=", ast.OpGt: ">", ast.OpGe: ">=",
}

// compare is `l op r`. Trailing blanks of texts do not count (r_Character_types.md).
func (b *binder) compare(op ast.Op, opPos int, l, r node, lo, ro int) (string, error) {
	l, r, err := b.match2(comparison[op], opPos, l, r, lo, ro)
	if err != nil {
		return "", err
	}
	if isText(l.typ.Kind) && isText(r.typ.Kind) {
		return compareText(op, l, r), nil
	}
	return "(" + l.sql + " " + comparison[op] + " " + r.sql + ")", nil
}

// compareText leaves a bare column to DuckDB's statistics where that is right: an
// equal text begins with the constant, so it lies in a range that they can tell.
func compareText(op ast.Op, l, r node) string {
	sign := comparison[op]
	if l.folded || r.folded {
		l.folded, r.folded = true, true
		return "(" + rtrim(l) + " " + sign + " " + rtrim(r) + ")"
	}
	if l.trimmed && r.trimmed {
		return "(" + l.sql + " " + sign + " " + r.sql + ")"
	}
	if op == ast.OpEq && l.col != nil && r.constant && r.lit != nil && r.trimmed {
		above := r.sql[:len(r.sql)-1] + "!'" // ! is what follows the blank
		return "(" + l.sql + " >= " + r.sql + " AND " + l.sql + " < " + above + " AND " + rtrim(l) + " = " + r.sql + ")"
	}
	return "(" + rtrim(l) + " " + sign + " " + rtrim(r) + ")"
}

// rtrim is a text as it compares.
func rtrim(n node) string {
	if n.folded {
		n.folded = false
		return caseless(rtrim(n))
	}
	if n.trimmed {
		return n.sql
	}
	return "rtrim(" + n.sql + ", ' ')"
}

// match2 brings two operands of a comparison to types that compare.
func (b *binder) match2(op string, opPos int, l, r node, lo, ro int) (node, node, error) {
	var err error
	lk, rk := l.typ.Kind, r.typ.Kind
	switch {
	case l.unknown() && r.unknown():
		if l, err = b.coerce(l, typed(rstype.Varchar), lo); err != nil {
			return l, r, err
		}
		r, err = b.coerce(r, typed(rstype.Varchar), ro)
	case l.unknown():
		l, err = b.coerce(l, loose(r.typ), lo)
	case r.unknown():
		r, err = b.coerce(r, loose(l.typ), ro)
	case lk == rk, isNumber(lk) && isNumber(rk), isText(lk) && isText(rk), isMoment(lk) && isMoment(rk),
		isInterval(lk) && isInterval(rk):
		if incomparable(lk) {
			err = noOperator(op, l.typ, r.typ, opPos)
		}
	case lk == rstype.Super:
		l, err = b.convert(l, loose(r.typ), implicitCast, lo)
	case rk == rstype.Super:
		r, err = b.convert(r, loose(l.typ), implicitCast, ro)
	case isText(lk) && isNumber(rk):
		// Decimal with text compares as decimal, other numbers as text
		// (r_comparison_condition).
		if rk == rstype.Numeric {
			l, err = b.convert(l, r.typ, implicitCast, lo)
		} else {
			r, err = b.convert(r, typed(rstype.Varchar), implicitCast, ro)
		}
	case isNumber(lk) && isText(rk):
		if lk == rstype.Numeric {
			r, err = b.convert(r, l.typ, implicitCast, ro)
		} else {
			l, err = b.convert(l, typed(rstype.Varchar), implicitCast, lo)
		}
	case isText(lk) && (isMoment(rk) || rk == rstype.Time || rk == rstype.TimeTZ): // assumed: the text becomes the date
		l, err = b.convert(l, r.typ, implicitCast, lo)
	case isText(rk) && (isMoment(lk) || lk == rstype.Time || lk == rstype.TimeTZ):
		r, err = b.convert(r, l.typ, implicitCast, ro)
	case lk == rstype.Bool && (isInt(rk) || isText(rk)):
		r, err = b.convert(r, l.typ, implicitCast, ro)
	case rk == rstype.Bool && (isInt(lk) || isText(lk)):
		l, err = b.convert(l, r.typ, implicitCast, lo)
	case lk == rstype.Time && rk == rstype.TimeTZ:
		l, err = b.convert(l, r.typ, implicitCast, lo)
	case lk == rstype.TimeTZ && rk == rstype.Time:
		r, err = b.convert(r, l.typ, implicitCast, ro)
	default:
		err = noOperator(op, l.typ, r.typ, opPos)
	}
	return l, r, err
}

// loose is a type without its limits, as a constant beside it gets.
func loose(t rstype.Type) rstype.Type {
	if t.Kind == rstype.Name {
		t.Kind = rstype.Varchar
	}
	return rstype.Type{Kind: t.Kind}
}

func (b *binder) arith(e *ast.Binary, l, r node) (node, error) {
	var err error
	lo, ro := e.L.Pos(), e.R.Pos()
	op := e.Op
	switch {
	case l.unknown() && r.unknown():
		if op == ast.OpPlus && l.lit != nil && r.lit != nil && l.lit.Kind == ast.StringLiteral && r.lit.Kind == ast.StringLiteral {
			return b.concat(l, r, e.OpPos, lo, ro)
		}
		if l.lit != nil && l.lit.Kind == ast.NullLiteral || r.lit != nil && r.lit.Kind == ast.NullLiteral || l.param > 0 || r.param > 0 {
			t := typed(rstype.Int4) // assumed
			if l, err = b.coerce(l, t, lo); err == nil {
				r, err = b.coerce(r, t, ro)
			}
			break
		}
		return node{}, errorAt(e.OpPos, "42725", "operator is not unique: unknown %s unknown", op)
	case l.unknown():
		l, err = b.coerce(l, partner(op, r.typ, true), lo)
	case r.unknown():
		r, err = b.coerce(r, partner(op, l.typ, false), ro)
	}
	if err != nil {
		return node{}, err
	}
	if l.typ.Kind == rstype.Super && (isNumber(r.typ.Kind) || r.typ.Kind == rstype.Super) || r.typ.Kind == rstype.Super && isNumber(l.typ.Kind) {
		return b.superArith(e, l, r)
	}
	if isNumber(l.typ.Kind) && isNumber(r.typ.Kind) {
		return b.numbers(e, l, r)
	}
	lk, rk := l.typ.Kind, r.typ.Kind
	plus, minus := op == ast.OpPlus, op == ast.OpMinus
	sql := "(" + l.sql + " " + op.String() + " " + r.sql + ")"
	result := func(k rstype.Kind, exact bool) (node, error) {
		return node{sql: sql, typ: typed(k), exact: exact, constant: l.constant && r.constant}, nil
	}
	switch {
	case plus && isText(lk) && isText(rk), plus && lk == rstype.Varbyte && rk == rstype.Varbyte:
		return b.concat(l, r, e.OpPos, lo, ro)
	case (plus || minus) && lk == rstype.Date && isInt(rk):
		sql = "(" + l.sql + " " + op.String() + " " + asInt4(r) + ")"
		return result(rstype.Date, true)
	case plus && isInt(lk) && rk == rstype.Date:
		sql = "(" + r.sql + " + " + asInt4(l) + ")"
		return result(rstype.Date, true)
	case minus && lk == rstype.Date && rk == rstype.Date:
		return result(rstype.Int8, true) // r_interval_data_types: a number of days
	case minus && isMoment(lk) && isMoment(rk):
		if lk == rstype.Date {
			l, err = b.convert(l, typed(rstype.Timestamp), implicitCast, lo)
		} else if rk == rstype.Date {
			r, err = b.convert(r, typed(rstype.Timestamp), implicitCast, ro)
		}
		sql = "(" + l.sql + " - " + r.sql + ")"
		if err != nil {
			return node{}, err
		}
		return result(rstype.IntervalDS, true)
	case plus && lk == rstype.Date && rk == rstype.Time, plus && lk == rstype.Time && rk == rstype.Date:
		return result(rstype.Timestamp, true)
	case plus && lk == rstype.Date && rk == rstype.TimeTZ, plus && lk == rstype.TimeTZ && rk == rstype.Date:
		return result(rstype.TimestampTZ, true)
	case (plus || minus) && isInterval(rk):
		switch lk {
		case rstype.Date:
			if rk == rstype.IntervalYM {
				sql = "CAST(" + sql + " AS DATE)"
				return result(rstype.Date, true)
			}
			return result(rstype.Timestamp, true)
		case rstype.Timestamp, rstype.TimestampTZ, rstype.Time, rstype.TimeTZ:
			return result(lk, true)
		}
		if isInterval(lk) {
			return result(max(lk, rk), true)
		}
	case plus && isInterval(lk) && (isMoment(rk) || rk == rstype.Time || rk == rstype.TimeTZ):
		sql = "(" + r.sql + " + " + l.sql + ")"
		if rk == rstype.Date {
			if lk == rstype.IntervalYM {
				sql = "CAST(" + sql + " AS DATE)"
				return result(rstype.Date, true)
			}
			return result(rstype.Timestamp, true)
		}
		return result(rk, true)
	case op == ast.OpMul && isInterval(lk) && isInt(rk):
		sql = "(" + l.sql + " * " + r.sql + ")"
		return result(lk, true)
	case op == ast.OpMul && isInt(lk) && isInterval(rk):
		sql = "(" + r.sql + " * " + l.sql + ")"
		return result(rk, true)
	case op == ast.OpDiv && isInterval(lk) && isInt(rk):
		sql = "(CASE " + r.sql + " WHEN 0 THEN " + divisionByZero + " ELSE " + l.sql + " / " + r.sql + " END)"
		return result(lk, true)
	}
	return node{}, noOperator(op.String(), l.typ, r.typ, e.OpPos)
}

// superArith calculates with numbers in SUPER values: what is no number gives
// NULL, and the result is a SUPER. It goes by floating point: assumed.
func (b *binder) superArith(e *ast.Binary, l, r node) (node, error) {
	var err error
	f := typed(rstype.Float8)
	if l, err = b.convert(l, f, implicitCast, e.L.Pos()); err != nil {
		return l, err
	}
	if r, err = b.convert(r, f, implicitCast, e.R.Pos()); err != nil {
		return r, err
	}
	n, err := b.numbers(e, l, r)
	if err != nil {
		return n, err
	}
	return b.convert(n, typed(rstype.Super), explicitCast, e.OpPos)
}

// partner is the type of an untyped operand beside one of a known type.
func partner(op ast.Op, t rstype.Type, left bool) rstype.Type {
	switch {
	case t.Kind == rstype.Date && !left && op == ast.OpMinus:
		return t
	case isMoment(t.Kind) && op == ast.OpMinus && (left || t.Kind != rstype.Date):
		return t
	case isMoment(t.Kind) || t.Kind == rstype.Time || t.Kind == rstype.TimeTZ:
		return typed(rstype.IntervalDS)
	case isInterval(t.Kind) && (op == ast.OpMul || op == ast.OpDiv):
		return typed(rstype.Int8)
	case t.Kind == rstype.Super:
		return typed(rstype.Float8)
	}
	return loose(t)
}

func asInt4(n node) string {
	if n.typ.Kind == rstype.Int4 && n.exact {
		return n.sql
	}
	return "CAST(" + n.sql + " AS INTEGER)"
}

const divisionByZero = "error('22012: division by zero')"

// numbers is arithmetic on two numbers.
func (b *binder) numbers(e *ast.Binary, l, r node) (node, error) {
	var op byte
	switch e.Op {
	case ast.OpPlus:
		op = '+'
	case ast.OpMinus:
		op = '-'
	case ast.OpMul:
		op = '*'
	case ast.OpDiv:
		op = '/'
	case ast.OpMod:
		op = '%'
	}
	t, ok := rstype.Arith(op, l.typ, r.typ)
	if !ok {
		return node{}, noOperator(e.Op.String(), l.typ, r.typ, e.OpPos)
	}
	if t.Kind == rstype.OID {
		t.Kind = rstype.Int8
	}
	out := node{typ: t, constant: l.constant && r.constant}
	ls, rs := l.sql, r.sql
	switch {
	case isInt(t.Kind):
		ls, rs = widen(l, r, t), widen(r, l, t)
		out.exact = true
	case isFloat(t.Kind):
		ls, rs = asType(l, t), asType(r, t)
		out.exact = true
	case t.Kind == rstype.Numeric:
		if op == '/' {
			return decimalQuotient(l, r, t), nil
		}
		if op == '*' && l.typ.Scale+r.typ.Scale > rstype.MaxPrecision {
			half := rstype.Type{Kind: rstype.Numeric, Precision: 38, Scale: t.Scale / 2}
			ls, rs = "CAST("+ls+" AS "+half.DuckDB()+")", "CAST("+rs+" AS "+half.DuckDB()+")"
		}
		// DuckDB's rule is the same but for its limit of 38 digits, and one of 18
		// where both operands have no more: there an operand is made wider.
		x, _ := rstype.AsNumeric(l.typ)
		y, _ := rstype.AsNumeric(r.typ)
		if op != '%' && t.Precision > 18 && max(x.Precision, y.Precision) <= 18 {
			ls = "CAST(" + ls + " AS " + rstype.Type{Kind: rstype.Numeric, Precision: 19, Scale: x.Scale}.DuckDB() + ")"
		}
		out.sql = "CAST((" + ls + " " + string(op) + " " + rs + ") AS " + t.DuckDB() + ")"
		out.exact = true
		if op != '%' {
			return out, nil
		}
	}
	sql := ls + " " + string(op) + " " + rs
	if op == '/' || op == '%' {
		if op == '/' && isInt(t.Kind) {
			sql = ls + " // " + rs
		}
		if t.Kind == rstype.Numeric {
			sql = "CAST(" + sql + " AS " + t.DuckDB() + ")"
		}
		// DuckDB divides for a remainder, too, and the least number by -1 is too large.
		least := ""
		if op == '%' && isInt(t.Kind) {
			least = " WHEN -1 THEN 0 * " + ls
		}
		if !nonZero(r) || least != "" && minusOne(r) {
			sql = "CASE " + rs + " WHEN 0 THEN " + divisionByZero + least + " ELSE " + sql + " END"
		}
	}
	out.sql = "(" + sql + ")"
	return out, nil
}

// nonZero tells whether a divisor is a constant other than zero.
func nonZero(n node) bool {
	if !n.constant {
		return false
	}
	f, err := strconv.ParseFloat(strings.Trim(n.sql, "()"), 64)
	return err == nil && f != 0
}

func minusOne(n node) bool {
	return strings.Trim(n.sql, "()") == "-1"
}

// widen casts an operand that DuckDB would calculate with in too few bits.
func widen(n, other node, t rstype.Type) string {
	if n.exact && n.typ.Kind == t.Kind && !(n.constant && other.typ.Kind != t.Kind) {
		return n.sql
	}
	if n.exact && n.constant && other.exact && other.typ.Kind == t.Kind {
		return n.sql // DuckDB fits a constant to the other side
	}
	return "CAST(" + n.sql + " AS " + t.DuckDB() + ")"
}

func asType(n node, t rstype.Type) string {
	if n.exact && n.typ.Kind == t.Kind {
		return n.sql
	}
	return "CAST(" + n.sql + " AS " + t.DuckDB() + ")"
}

// decimalQuotient divides exactly, in integers, and cuts off what is beyond the
// scale (assumed: as casts of table values do). DuckDB divides in floating point.
func decimalQuotient(l, r node, t rstype.Type) node {
	x, _ := rstype.AsNumeric(l.typ)
	y, _ := rstype.AsNumeric(r.typ)
	shift := int(t.Scale) - int(x.Scale) + int(y.Scale)
	num, den := unscaled(l, x), unscaled(r, y)
	if shift > 0 {
		num = "(" + num + " * CAST(" + power10(shift) + " AS HUGEINT))"
	} else if shift < 0 {
		den = "(" + den + " * CAST(" + power10(-shift) + " AS HUGEINT))"
	}
	quotient := num + " // " + den
	if t.Scale > 0 {
		// A whole number with the point put in: text is the one way that
		// keeps all 38 digits.
		if t.Precision < 38 {
			quotient = "CAST(" + quotient + " AS DECIMAL(38,0)) * " + fraction(t.Scale)
		} else {
			quotient = pointed(quotient, t.Scale)
		}
	}
	sql := "CAST(" + quotient + " AS " + t.DuckDB() + ")"
	if !nonZero(r) {
		sql = "CASE " + r.sql + " WHEN 0 THEN " + divisionByZero + " ELSE " + sql + " END"
	}
	return node{sql: "(" + sql + ")", typ: t, exact: true, constant: l.constant && r.constant}
}

func power10(n int) string { return "1" + strings.Repeat("0", n) }

// fraction is 10 to the power of -scale, as a DECIMAL.
func fraction(scale int16) string { return "0." + strings.Repeat("0", int(scale)-1) + "1" }

// pointed puts a decimal point into an integer's digits.
func pointed(sql string, scale int16) string {
	n := strconv.Itoa(int(scale))
	return "list_transform([" + sql + "], lambda q: CASE WHEN q < 0 THEN '-' ELSE '' END || " +
		"(abs(q) // " + power10(int(scale)) + "::HUGEINT)::VARCHAR || '.' || lpad((abs(q) % " + power10(int(scale)) + "::HUGEINT)::VARCHAR, " + n + ", '0'))[1]"
}

// unscaled is a number times ten to its scale, as a HUGEINT.
func unscaled(n node, t rstype.Type) string {
	if t.Scale == 0 {
		return "CAST(" + n.sql + " AS HUGEINT)"
	}
	if t.Precision+t.Scale <= rstype.MaxPrecision {
		return "CAST(" + n.sql + " * CAST(" + power10(int(t.Scale)) + " AS DECIMAL(" +
			strconv.Itoa(38-int(t.Scale)) + ",0)) AS HUGEINT)"
	}
	return "CAST(replace(CAST(CAST(" + n.sql + " AS " + t.DuckDB() + ") AS VARCHAR), '.', '') AS HUGEINT)"
}

// concat is ||.
func (b *binder) concat(l, r node, opPos, lo, ro int) (node, error) {
	if l.typ.Kind == rstype.Varbyte && r.typ.Kind == rstype.Varbyte {
		return node{sql: "(" + l.sql + " || " + r.sql + ")", typ: rstype.Type{Kind: rstype.Varbyte}}, nil
	}
	if l.typ.Kind == rstype.Super && r.typ.Kind == rstype.Super || l.typ.Kind == rstype.Varbyte || r.typ.Kind == rstype.Varbyte {
		return node{}, noOperator("||", l.typ, r.typ, opPos)
	}
	if l.col != nil && l.col.array && r.col != nil && r.col.array {
		return concatArrays(l, r), nil
	}
	var err error
	if l, err = b.asText(l, lo); err != nil {
		return l, err
	}
	if r, err = b.asText(r, ro); err != nil {
		return r, err
	}
	t := typed(rstype.Varchar)
	if l.typ.Len > 0 && r.typ.Len > 0 {
		t.Len = min(l.typ.Len+r.typ.Len, rstype.MaxVarchar)
	}
	// Not exact: DuckDB folds || with a NULL constant to a NULL of no type.
	return node{sql: "(" + l.sql + " || " + r.sql + ")", typ: t, constant: l.constant && r.constant}, nil
}

// isNull: a NULL constant, beside which DuckDB forgets types.
func isNull(n node) bool { return strings.HasPrefix(n.sql, "CAST(NULL") }

// asText converts anything to VARCHAR.
func (b *binder) asText(n node, offset int) (node, error) {
	if isText(n.typ.Kind) {
		return n, nil
	}
	if n.unknown() {
		return b.coerce(n, typed(rstype.Varchar), offset)
	}
	return b.convert(n, typed(rstype.Varchar), implicitCast, offset)
}

func (b *binder) bits(e *ast.Binary, l, r node) (node, error) {
	var err error
	switch {
	case l.unknown() && r.unknown():
		return node{}, errorAt(e.OpPos, "42725", "operator is not unique: unknown %s unknown", e.Op)
	case l.unknown():
		l, err = b.coerce(l, loose(r.typ), e.L.Pos())
	case r.unknown():
		r, err = b.coerce(r, loose(l.typ), e.R.Pos())
	}
	if err != nil {
		return node{}, err
	}
	if !isInt(l.typ.Kind) || !isInt(r.typ.Kind) {
		return node{}, noOperator(e.Op.String(), l.typ, r.typ, e.OpPos)
	}
	t, _ := rstype.Arith('+', l.typ, r.typ)
	if e.Op == ast.OpShl || e.Op == ast.OpShr {
		t = l.typ
	}
	sql := l.sql + " " + e.Op.String() + " " + r.sql
	switch e.Op {
	case ast.OpBitXor:
		sql = "xor(" + l.sql + ", " + r.sql + ")"
	case ast.OpShl:
		// DuckDB refuses a shift that loses bits: go through 128 bits.
		sql = "(" + l.sql + "::HUGEINT * (1::HUGEINT << " + r.sql + "))"
	}
	return node{sql: "CAST((" + sql + ") AS " + t.DuckDB() + ")", typ: t, exact: true}, nil
}

func (b *binder) unary(e *ast.Unary, s *scope) (node, error) {
	if e.Op == ast.OpPrior {
		return b.priorExpr(e, s)
	}
	if l, ok := e.X.(*ast.Literal); ok && e.Op == ast.OpMinus {
		switch l.Kind {
		case ast.IntLiteral:
			if v, err := strconv.ParseInt("-"+l.Text, 10, 64); err == nil {
				t := typed(rstype.Int8)
				if v == int64(int32(v)) {
					t = typed(rstype.Int4)
				}
				sql := "(" + strconv.FormatInt(v, 10) + ")"
				if v == -1<<63 || v == -1<<31 {
					sql = "CAST('" + strconv.FormatInt(v, 10) + "' AS " + t.DuckDB() + ")"
				}
				return node{sql: sql, typ: t, exact: true, constant: true}, nil
			}
			return decimalLiteral("-" + l.Text)
		case ast.DecimalLiteral:
			return decimalLiteral("-" + l.Text)
		}
	}
	n, err := b.expr(e.X, s)
	if err != nil {
		return n, err
	}
	if e.Op == ast.OpNot {
		cond, err := b.truth(n, e.X.Pos(), "argument of NOT")
		return boolNode("(NOT " + parens(cond) + ")"), err
	}
	if n.unknown() {
		t := typed(rstype.Float8)
		if n.param > 0 || n.lit.Kind == ast.NullLiteral {
			t = typed(rstype.Int4)
		}
		if n, err = b.coerce(n, t, e.X.Pos()); err != nil {
			return n, err
		}
	}
	if isInterval(n.typ.Kind) && (e.Op == ast.OpMinus || e.Op == ast.OpPlus) {
		if e.Op == ast.OpMinus {
			n.sql = "(" + n.sql + " * -1)"
		}
		n.col = nil
		return n, nil
	}
	if !isNumber(n.typ.Kind) {
		return n, errorAt(e.Pos(), "42883", "operator does not exist: %s %s", e.Op, n.typ.Kind)
	}
	n.col, n.lit = nil, nil
	switch e.Op {
	case ast.OpPlus:
		return n, nil
	case ast.OpMinus:
		if isInt(n.typ.Kind) {
			// A difference tells the type when it is too large.
			n.sql = "(CAST(0 AS " + n.typ.DuckDB() + ") - " + asType(n, n.typ) + ")"
			n.exact = true
			return n, nil
		}
		n.sql = "(-" + parens(n.sql) + ")"
		return n, nil
	case ast.OpAbs:
		n.sql = "abs(" + n.sql + ")"
		return n, nil
	case ast.OpSqrt, ast.OpCbrt:
		f := "sqrt("
		if e.Op == ast.OpCbrt {
			f = "cbrt("
		}
		return node{sql: f + "CAST(" + n.sql + " AS DOUBLE))", typ: typed(rstype.Float8), exact: true}, nil
	case ast.OpBitNot:
		if isInt(n.typ.Kind) {
			n.sql = "(~" + parens(n.sql) + ")"
			return n, nil
		}
	}
	return n, errorAt(e.Pos(), "42883", "operator does not exist: %s %s", e.Op, n.typ.Kind)
}
