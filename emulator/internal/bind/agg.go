package bind

import (
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

// aggregateKind says how an aggregate's result type comes about.
type aggregateKind uint8

const (
	aggCount aggregateKind = iota
	aggSum
	aggAvg
	aggSame   // the argument's type
	aggFloat  // double precision, of a number
	aggBool   // boolean, of a boolean or an integer
	aggBits   // the argument's integer type
	aggList   // LISTAGG
	aggMedian // MEDIAN
	aggWithin // PERCENTILE_CONT, PERCENTILE_DISC
	aggShapes // ST_COLLECT
	aggSketch // HLL_CREATE_SKETCH
	aggUnion  // HLL_COMBINE
)

type aggregate struct {
	kind aggregateKind
	duck string
}

var aggregates = map[string]aggregate{
	"count": {aggCount, "count"}, "sum": {aggSum, "sum"}, "avg": {aggAvg, "avg"},
	// An exact number is one of those that a sketch may give (r_HLL_function.md).
	"hll": {aggCount, "count"},
	"min": {aggSame, "min"}, "max": {aggSame, "max"}, "any_value": {aggSame, "any_value"},
	"stddev": {aggFloat, "stddev_samp"}, "stddev_samp": {aggFloat, "stddev_samp"}, "stddev_pop": {aggFloat, "stddev_pop"},
	"variance": {aggFloat, "var_samp"}, "var_samp": {aggFloat, "var_samp"}, "var_pop": {aggFloat, "var_pop"},
	"bool_and": {aggBool, "bool_and"}, "bool_or": {aggBool, "bool_or"},
	"bit_and": {aggBits, "bit_and"}, "bit_or": {aggBits, "bit_or"},
	"listagg": {aggList, "string_agg"}, "median": {aggMedian, "quantile_cont"},
	"st_collect":        {aggShapes, "string_agg"},
	"hll_create_sketch": {aggSketch, "string_agg"}, "hll_combine": {aggUnion, "string_agg"},
	"percentile_cont": {aggWithin, "quantile_cont"}, "percentile_disc": {aggWithin, "quantile_disc"},
}

// aggregate binds a call of an aggregate without OVER.
func (b *binder) aggregate(name string, a aggregate, e *ast.FuncCall, s *scope) (node, error) {
	switch {
	case s.inAgg > 0:
		return node{}, errorAt(e.Pos(), "42803", "aggregate function calls may not be nested")
	case s.clause == whereClause:
		return node{}, errorAt(e.Pos(), "42803", "aggregates not allowed in WHERE clause")
	case s.clause == onClause:
		return node{}, errorAt(e.Pos(), "42803", "aggregates not allowed in JOIN conditions")
	case s.clause == groupClause:
		return node{}, errorAt(e.Pos(), "42803", "aggregates not allowed in GROUP BY clause")
	case s.clause == limitClause || s.clause == valuesClause || s.clause == plainClause:
		return node{}, errorAt(e.Pos(), "42803", "cannot use aggregate function in this context")
	case e.Nulls != ast.NullsUnsaid:
		return node{}, errorAt(e.Pos(), "42601", "IGNORE NULLS is not allowed for %s", name)
	case a.kind == aggWithin && name == "percentile_disc" && !e.Approximate:
		return node{}, errorAt(e.Pos(), "0A000", "PERCENTILE_DISC is a window function; as an aggregate it needs APPROXIMATE")
	}
	s.aggs++
	mark := len(s.free)
	s.inAgg++
	n, err := b.aggregateBody(name, a, e, s, "")
	s.inAgg--
	if len(s.free) > mark {
		s.free = s.free[:mark]
	}
	return n, err
}

// aggregateBody writes an aggregate's call; over is what stands behind it for a
// window.
func (b *binder) aggregateBody(name string, a aggregate, e *ast.FuncCall, s *scope, over string) (node, error) {
	if e.Approximate && !(name == "count" && e.Distinct) && name != "percentile_disc" {
		return node{}, errorAt(e.Pos(), "0A000", "APPROXIMATE is only supported for COUNT(DISTINCT) and PERCENTILE_DISC")
	}
	if len(e.WithinGroup) > 0 && a.kind != aggList && a.kind != aggWithin && a.kind != aggShapes {
		return node{}, errorAt(e.Pos(), "42809", "%s is not an ordered-set aggregate, so it cannot have WITHIN GROUP", name)
	}
	c := &call{e: e, name: name, s: s}
	if e.Star {
		if name != "count" || e.Distinct {
			return node{}, errorAt(e.Pos(), "42809", "%s(*) specified, but only count has this form", name)
		}
		return node{sql: "count(*)" + over, typ: typed(rstype.Int8), exact: true}, nil
	}
	for _, x := range e.Args {
		n, err := b.expr(x, s)
		if err != nil {
			return n, err
		}
		c.args = append(c.args, n)
	}
	if a.kind == aggList {
		return b.listagg(c, over)
	}
	if len(c.args) != 1 {
		return node{}, c.mismatch()
	}
	switch a.kind {
	case aggWithin:
		return b.percentile(c, a.duck, over)
	case aggShapes:
		return b.collect(c, over)
	case aggSketch:
		return b.createSketch(c, over)
	case aggUnion:
		return b.combineSketches(c, over)
	}
	x, err := b.aggregateArgument(c, a)
	if err != nil {
		return x, err
	}
	distinct := ""
	if e.Distinct || name == "hll" {
		distinct = "DISTINCT "
	}
	arg := x.sql
	switch a.kind {
	case aggCount:
		// HyperLogLog may be off by 2 %; the exact number is one of its answers.
		if name == "hll" && (x.typ.Kind == rstype.Varbyte || incomparable(x.typ.Kind) || over != "") {
			return x, c.mismatch()
		}
		if distinct != "" {
			if err := distinguishable(x.typ, c.offset(0)); err != nil {
				return x, err
			}
		}
		if isText(x.typ.Kind) && distinct != "" {
			arg = rtrim(x)
		}
		if strings.HasPrefix(over, " OVER") && distinct != "" {
			break
		}
		return node{sql: "count(" + distinct + arg + ")" + over, typ: typed(rstype.Int8), exact: true}, nil
	case aggSum, aggAvg:
		if isInterval(x.typ.Kind) {
			return x, unsupported(e.Pos(), "%s of intervals", strings.ToUpper(name))
		}
		return b.total(x, a, distinct, over), nil
	case aggSame:
		return node{sql: a.duck + "(" + x.sql + ")" + over, typ: x.typ, exact: x.exact, trimmed: x.trimmed}, nil
	case aggFloat:
		return node{sql: a.duck + "(" + distinct + "CAST(" + x.sql + " AS DOUBLE))" + over, typ: typed(rstype.Float8), exact: true}, nil
	case aggBool:
		return boolNode(a.duck + "(" + x.sql + ")" + over), nil
	case aggBits:
		return node{sql: a.duck + "(" + asType2(x) + ")" + over, typ: x.typ, exact: true}, nil
	}
	// MEDIAN: the percentile 0.5 of the values' own order.
	return b.quantile("quantile_cont", x, "0.5", over), nil
}

// aggregateArgument brings an aggregate's argument to a type that it takes.
func (b *binder) aggregateArgument(c *call, a aggregate) (node, error) {
	x := c.args[0]
	offset := c.offset(0)
	if x.unknown() {
		to := typed(rstype.Varchar)
		switch a.kind {
		case aggSum, aggAvg, aggFloat, aggMedian:
			to = typed(rstype.Float8)
		case aggBool:
			to = typed(rstype.Bool)
		case aggBits:
			to = typed(rstype.Int4)
		}
		return b.coerce(x, to, offset)
	}
	k := x.typ.Kind
	ok := true
	switch a.kind {
	case aggSum, aggAvg, aggFloat:
		if k == rstype.Super {
			return b.convert(x, typed(rstype.Float8), implicitCast, offset)
		}
		ok = isNumber(k) || isInterval(k) && a.kind != aggFloat
	case aggMedian:
		ok = isNumber(k) || isMoment(k)
	case aggBool:
		if isInt(k) {
			return b.convert(x, typed(rstype.Bool), implicitCast, offset)
		}
		ok = k == rstype.Bool
	case aggBits:
		ok = isInt(k)
	case aggSame:
		ok = a.duck == "any_value" || k != rstype.Bool && !incomparable(k)
	}
	if !ok {
		return x, c.mismatch()
	}
	return x, nil
}

// total is SUM and AVG: sums of integers are BIGINT and NUMERIC(38,0), averages of
// integers cut off their fraction, and a NUMERIC keeps its scale (r_SUM, r_AVG).
func (b *binder) total(x node, a aggregate, distinct, over string) node {
	call := func(f, arg string) string { return f + "(" + distinct + arg + ")" + over }
	k := x.typ.Kind
	var t rstype.Type
	switch {
	case isFloat(k):
		return node{sql: call(a.duck, "CAST("+x.sql+" AS DOUBLE)"), typ: typed(rstype.Float8), exact: true}
	case k == rstype.Numeric:
		t = rstype.Type{Kind: rstype.Numeric, Precision: 38, Scale: x.typ.Scale}
		if a.kind == aggAvg {
			// The sum as an integer, divided as an integer.
			n := node{sql: call("sum", asType2(x)), typ: t, exact: true}
			d := node{sql: call("count", x.sql), typ: typed(rstype.Int8), exact: true}
			return node{sql: "CASE WHEN " + d.sql + " > 0 THEN " + scaledQuotient(n, d, t, x.typ.Precision) + " END", typ: t, exact: true}
		}
		return node{sql: "CAST(" + call("sum", asType2(x)) + " AS " + t.DuckDB() + ")", typ: t, exact: true}
	case a.kind == aggAvg:
		return node{sql: "CAST(" + call("sum", asType2(x)) + " // " + call("count", x.sql) + " AS BIGINT)", typ: typed(rstype.Int8), exact: true}
	case k == rstype.Int8 || k == rstype.OID:
		t = rstype.Type{Kind: rstype.Numeric, Precision: 38}
	default:
		t = typed(rstype.Int8)
	}
	return node{sql: "CAST(" + call("sum", asType2(x)) + " AS " + t.DuckDB() + ")", typ: t, exact: true}
}

// scaledQuotient divides a NUMERIC sum by a count and keeps the scale; digits are
// those of the values that were summed.
func scaledQuotient(n, d node, t rstype.Type, digits int16) string {
	if t.Scale == 0 {
		return "CAST(CAST(" + n.sql + " AS HUGEINT) // " + d.sql + " AS " + t.DuckDB() + ")"
	}
	if digits+t.Scale+12 <= rstype.MaxPrecision {
		// Room for 10^12 values, and the average has no more digits than they.
		q := "CAST(" + n.sql + " * CAST(" + power10(int(t.Scale)) + " AS DECIMAL(" + itoa(38-int(t.Scale)) + ",0)) AS HUGEINT) // " + d.sql
		return "CAST(CAST(" + q + " AS DECIMAL(" + itoa(int(digits)) + ",0)) * " + fraction(t.Scale) + " AS " + t.DuckDB() + ")"
	}
	return "CAST(" + pointed("CAST(replace(CAST("+n.sql+" AS VARCHAR), '.', '') AS HUGEINT) // "+d.sql, t.Scale) + " AS " + t.DuckDB() + ")"
}

// within binds WITHIN GROUP (ORDER BY …): all of a query must agree (r_LISTAGG).
func (b *binder) within(c *call) (string, []node, error) {
	var list []string
	var nodes []node
	for i := range c.e.WithinGroup {
		item := &c.e.WithinGroup[i]
		n, err := b.expr(item.Expr, c.s)
		if err != nil {
			return "", nil, err
		}
		if n, err = b.settle(n, item.Expr.Pos()); err == nil {
			err = orderable(n.typ, item.Expr.Pos())
		}
		if err != nil {
			return "", nil, err
		}
		nodes = append(nodes, n)
		if !n.constant { // a constant orders nothing
			list = append(list, n.sql+direction(item))
		}
	}
	order := strings.Join(list, ", ")
	if order != "" {
		if c.s.order != "" && c.s.order != order {
			return "", nil, errorAt(c.e.Pos(), "0A000", "within group ORDER BY clauses for aggregate functions must be the same")
		}
		c.s.order = order
	}
	return order, nodes, nil
}

func (b *binder) listagg(c *call, over string) (node, error) {
	if err := c.want(1, 2); err != nil {
		return node{}, err
	}
	x, err := b.asText(c.args[0], c.offset(0))
	if err != nil {
		return x, err
	}
	sep := "''"
	if len(c.args) == 2 {
		d, err := b.asText(c.args[1], c.offset(1))
		if err != nil {
			return d, err
		}
		if !d.constant {
			return d, errorAt(c.offset(1), "42804", "LISTAGG delimiter must be a constant")
		}
		sep = d.sql
	}
	order, nodes, err := b.within(c)
	if err != nil {
		return node{}, err
	}
	if order != "" {
		order = " ORDER BY " + order
	}
	t := rstype.Type{Kind: rstype.Varchar, Len: rstype.MaxVarchar}
	if c.e.Distinct && order != "" {
		// The distinct values in their own order, and their texts then.
		if len(nodes) != 1 || nodes[0].sql != c.args[0].sql {
			return node{}, unsupported(c.e.Pos(), "LISTAGG(DISTINCT) in another order than that of its values")
		}
		v := nodes[0].sql
		return node{
			sql: "nullif(array_to_string(CAST(list(DISTINCT " + v + order + ") FILTER (WHERE nullif(" + x.sql + ", '') IS NOT NULL)" + over +
				" AS VARCHAR[]), " + sep + "), '')", typ: t, exact: true,
		}, nil
	}
	distinct := ""
	if c.e.Distinct {
		distinct = "DISTINCT "
	}
	// NULL and '' are left out (r_LISTAGG.md).
	return node{sql: "string_agg(" + distinct + "nullif(" + x.sql + ", ''), " + sep + order + ")" + over, typ: t, exact: true}, nil
}

func (b *binder) percentile(c *call, duck, over string) (node, error) {
	p := c.args[0]
	if !p.constant || !isNumber(p.typ.Kind) {
		return p, errorAt(c.offset(0), "42804", "%s requires a constant between 0 and 1", c.name)
	}
	if len(c.e.WithinGroup) != 1 {
		return p, errorAt(c.e.Pos(), "42809", "%s requires WITHIN GROUP (ORDER BY expression)", c.name)
	}
	_, nodes, err := b.within(c)
	if err != nil {
		return p, err
	}
	x := nodes[0]
	if !isNumber(x.typ.Kind) && !isMoment(x.typ.Kind) {
		return p, errorAt(c.e.Pos(), "42883", "function %s(%s) does not exist", c.name, x.typ.Kind)
	}
	fraction := "CAST(" + p.sql + " AS DOUBLE)"
	if c.e.WithinGroup[0].Desc {
		fraction = "(1 - " + fraction + ")"
	}
	return b.quantile(duck, x, fraction, over), nil
}

// quantile writes a percentile. An interpolated one of integers is a NUMERIC whose
// scale is assumed, that of dates a date (r_PERCENTILE_CONT.md, r_MEDIAN.md).
func (b *binder) quantile(duck string, x node, fraction, over string) node {
	if duck != "quantile_cont" {
		return node{sql: duck + "(" + asType2(x) + ", " + fraction + ")" + over, typ: x.typ}
	}
	t, as := x.typ, x.typ.DuckDB()
	switch {
	case isInt(t.Kind):
		t, as = rstype.Type{Kind: rstype.Numeric, Precision: rstype.MaxPrecision, Scale: 6}, "DOUBLE"
	case t.Kind == rstype.Date:
		as = "TIMESTAMP"
	}
	arg := x.sql
	if !x.exact || as != x.typ.DuckDB() {
		arg = "CAST(" + x.sql + " AS " + as + ")"
	}
	return node{sql: "CAST(" + duck + "(" + arg + ", " + fraction + ")" + over + " AS " + t.DuckDB() + ")", typ: t, exact: true}
}
