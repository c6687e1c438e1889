package bind

import (
	"slices"
	"strconv"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
)

// expr binds a scalar expression. What equals an expression of GROUP BY may hold
// columns that are not grouped by themselves.
func (b *binder) expr(e ast.Expr, s *scope) (node, error) {
	mark := len(s.free)
	b.depth++
	n, err := b.bind(e, s)
	b.depth--
	if err != nil {
		return n, err
	}
	if len(n.sql) > maxSQL {
		return n, errorAt(e.Pos(), "54001", "statement is too complex")
	}
	if len(s.free) > mark && slices.Contains(s.groups, n.sql) {
		s.free = s.free[:mark]
	}
	return n, nil
}

func (b *binder) bind(e ast.Expr, s *scope) (node, error) {
	if b.depth > maxDepth {
		return node{}, errorAt(e.Pos(), "54001", "statement is too complex")
	}
	switch e := e.(type) {
	case *ast.Literal:
		return literal(e)
	case *ast.ColumnRef:
		return b.columnRef(e, s)
	case *ast.Param:
		return b.param(e)
	case *ast.Binary:
		return b.binary(e, s)
	case *ast.Unary:
		return b.unary(e, s)
	case *ast.Cast:
		return b.castExpr(e, s)
	case *ast.FuncCall:
		return b.call(e, s)
	case *ast.Case:
		return b.caseExpr(e, s)
	case *ast.Between:
		return b.between(e, s)
	case *ast.In:
		return b.in(e, s)
	case *ast.Like:
		return b.like(e, s)
	case *ast.Is:
		return b.is(e, s)
	case *ast.Exists:
		q, err := b.query(e.Query, s)
		if err != nil {
			return node{}, err
		}
		return boolNode("EXISTS (" + q.sql + ")"), nil
	case *ast.Subquery:
		return b.scalarQuery(e, s)
	case *ast.Quantified:
		return b.quantified(e, s)
	case *ast.TypedLiteral:
		t, err := bindType(e.Type)
		if err != nil {
			return node{}, err
		}
		return literalAs(e.Value, t, b.env.DateOrder, e.Pos())
	case *ast.IntervalLiteral:
		return intervalLiteral(e)
	case *ast.Extract:
		x, err := b.expr(e.X, s)
		if err != nil {
			return node{}, err
		}
		return b.extract(e.Field, e.FieldPos, x, e.X.Pos(), true)
	case *ast.Trim:
		return b.trim(e, s)
	case *ast.AtTimeZone:
		return b.atTimeZone(e, s)
	case *ast.Index:
		x, err := b.expr(e.X, s)
		if err != nil {
			return node{}, err
		}
		i, err := b.expr(e.I, s)
		if err != nil {
			return node{}, err
		}
		if x.col != nil && x.col.array {
			return b.arrayElement(x, i, e.I.Pos())
		}
		return b.superIndex(x, i, e.I.Pos())
	case *ast.Field:
		x, err := b.expr(e.X, s)
		if err != nil {
			return node{}, err
		}
		return b.superField(x, e.Name)
	case *ast.Star:
		return node{}, errorAt(e.Pos(), "42601", "syntax error at or near \"*\"")
	case *ast.Default:
		return node{}, errorAt(e.Pos(), "42601", "DEFAULT is not allowed in this context")
	case *ast.DatePart:
		return node{}, errorAt(e.Pos(), "42703", "column %q does not exist", e.Part)
	case *ast.IsDistinct:
		return node{}, refused(e.Pos(), "DECODE(a, b, 0, 1) = 1 says whether a and b differ, and takes NULLs for equal.", "IS DISTINCT FROM is not supported")
	case *ast.Array:
		return node{}, refused(e.Pos(), "ARRAY(1, 2) makes an array of SUPER.", "array constructors are not supported")
	case *ast.OuterMark:
		n, err := b.expr(e.X, s)
		if s.marks != nil && n.col != nil {
			s.marks[n.col] = true
		}
		return n, err
	case *ast.Collate:
		x, err := b.expr(e.X, s)
		if err != nil {
			return x, err
		}
		return b.collated(x, e.Collation.Name, e.X.Pos(), e.Collation.Pos())
	case *ast.Row:
		return node{}, unsupported(e.Pos(), "row values")
	case *ast.ObjectTransform:
		return b.objectTransform(e, s)
	}
	return node{}, unsupported(e.Pos(), "this expression")
}

func typed(k rstype.Kind) rstype.Type { return rstype.Type{Kind: k} }

func boolNode(sql string) node { return node{sql: sql, typ: typed(rstype.Bool), exact: true} }

// literal binds a constant; strings and NULL wait for their context's type.
func literal(e *ast.Literal) (node, error) {
	switch e.Kind {
	case ast.BoolLiteral:
		n := boolNode("FALSE")
		if e.Text == "true" {
			n.sql = "TRUE"
		}
		n.constant = true
		return n, nil
	case ast.IntLiteral:
		n := node{sql: e.Text, constant: true}
		if v, err := strconv.ParseInt(e.Text, 10, 64); err == nil {
			if v == int64(int32(v)) {
				n.typ, n.exact = typed(rstype.Int4), true
			} else {
				n.typ, n.exact = typed(rstype.Int8), true
			}
			return n, nil
		}
		return decimalLiteral(e.Text)
	case ast.DecimalLiteral:
		return decimalLiteral(e.Text)
	case ast.FloatLiteral:
		f, err := strconv.ParseFloat(e.Text, 64)
		if err != nil {
			return node{}, errorAt(e.Pos(), "22003", "%q is out of range for type double precision", e.Text)
		}
		return node{sql: strconv.FormatFloat(f, 'e', -1, 64), typ: typed(rstype.Float8), exact: true, constant: true}, nil
	case ast.StringLiteral:
		return node{sql: text(e.Text), lit: e, constant: true}, nil
	}
	return node{sql: "NULL", lit: e, constant: true}, nil
}

// decimalLiteral is a NUMERIC of as many digits as are written.
func decimalLiteral(digits string) (node, error) {
	sign := ""
	if strings.HasPrefix(digits, "-") {
		sign, digits = "-", digits[1:]
	}
	whole, fraction, _ := strings.Cut(digits, ".")
	whole = strings.TrimLeft(whole, "0")
	if whole == "" {
		whole = "0"
	}
	p, scale := len(whole)+len(fraction), len(fraction)
	if whole == "0" && scale > 0 {
		p = scale
	}
	if p > rstype.MaxPrecision || scale > rstype.MaxScale {
		f, err := strconv.ParseFloat(sign+digits, 64)
		if err != nil {
			return node{}, errorAt(-1, "22003", "numeric value out of range")
		}
		return node{sql: strconv.FormatFloat(f, 'e', -1, 64), typ: typed(rstype.Float8), exact: true, constant: true}, nil
	}
	t := rstype.Type{Kind: rstype.Numeric, Precision: int16(p), Scale: int16(scale)}
	out := sign + whole
	if scale > 0 {
		out += "." + fraction
	} else {
		return node{sql: "CAST(" + out + " AS " + t.DuckDB() + ")", typ: t, exact: true, constant: true}, nil
	}
	if sign != "" {
		out = "(" + out + ")"
	}
	return node{sql: out, typ: t, constant: true}, nil
}

// columnRef resolves a name: columns before lateral aliases, the query's own
// before those of the queries around it, and SUPER paths last.
func (b *binder) columnRef(e *ast.ColumnRef, s *scope) (node, error) {
	var buf [4]string
	parts := buf[:0]
	for _, p := range e.Parts {
		parts = append(parts, b.ident(p))
	}
	for sc := s; sc != nil; sc = sc.outer {
		c, rest, err := sc.column(parts, e)
		if err != nil {
			return node{}, err
		}
		if c != nil {
			if err := b.allowed(c, e.Pos()); err != nil {
				return node{}, err
			}
			name := ""
			if len(parts)-rest > 1 && sc.grouped {
				name = strings.Join(parts[:len(parts)-rest], ".")
			}
			if sc != s {
				if err := b.correlate(s, sc, e.Pos()); err != nil {
					return node{}, err
				}
			}
			n := b.useColumn(c, sc, name, e.Pos())
			for _, p := range e.Parts[len(parts)-rest:] {
				if n, err = b.superField(n, p); err != nil {
					return n, err
				}
			}
			return n, nil
		}
		if n, ok, err := b.lateral(parts[0], sc, e); ok || err != nil {
			for _, p := range e.Parts[1:] {
				if err == nil {
					n, err = b.superField(n, p)
				}
			}
			return n, err
		}
	}
	if len(parts) > 1 {
		for sc := s; sc != nil; sc = sc.outer {
			for i := range parts[:len(parts)-1] {
				if sc.source(parts[i]) != nil && i == len(parts)-2 {
					return node{}, errorAt(e.Pos(), "42703", "column %s does not exist", strings.Join(parts[i:], "."))
				}
			}
		}
		return node{}, errorAt(e.Pos(), "42P01", "missing FROM-clause entry for table %q", parts[len(parts)-2])
	}
	if n, ok := b.identityColumn(parts[0]); ok {
		return n, nil
	}
	return node{}, errorAt(e.Pos(), "42703", "column %q does not exist", parts[0])
}

// badCorrelation refuses a subquery that Redshift cannot decorrelate.
func badCorrelation(offset int) error {
	return errorAt(offset, "0A000", "This type of correlated subquery pattern is not supported yet")
}

// correlate notes that a column of the scope to is used in from. References that
// skip a query block, and those from an outer join's ON, are refused
// (r_correlated_subqueries.md); the leader node's own tables are not meant.
func (b *binder) correlate(from, to *scope, offset int) error {
	hops := 0
	for x := from; x != to && x != nil; x = x.outer {
		if x.subquery {
			hops++
		}
		x.correlated = true
	}
	if hops == 0 {
		return nil
	}
	to.inbound++
	if (hops > 1 || to.outerJoin) && b.shared.tables {
		return badCorrelation(offset)
	}
	return nil
}

// column finds the column that the first parts name; rest is how many are left.
func (s *scope) column(parts []string, e *ast.ColumnRef) (c *column, rest int, err error) {
	ambiguous := func(name string) error {
		return errorAt(e.Pos(), "42702", "column reference %q is ambiguous", name)
	}
	for _, src := range s.sources {
		var names [3]string
		for skip := 0; skip < 3 && skip+1 < len(parts); skip++ {
			copy(names[:], parts[:skip+1])
			switch {
			case skip == 0 && src.name != parts[0],
				skip == 1 && (src.schema == "" || src.schema != parts[0] || src.name != parts[1]),
				skip == 2 && (src.schema == "" || src.database != parts[0] || src.schema != parts[1] || src.name != parts[2]):
				continue
			}
			found, n := src.find(parts[skip+1])
			if n > 1 {
				return nil, 0, ambiguous(parts[skip+1])
			}
			if found != nil && (len(parts) == skip+2 || found.typ.Kind == rstype.Super) {
				return found, len(parts) - skip - 2, nil
			}
		}
	}
	found, n := s.bare(parts[0])
	if found != nil && (len(parts) == 1 || found.typ.Kind == rstype.Super) {
		if n > 1 {
			return nil, 0, ambiguous(parts[0])
		}
		return found, len(parts) - 1, nil
	}
	return nil, 0, nil
}

// useColumn is a column's node. In a query with groups it is noted under the name
// that it was written with, "" for the column's own.
func (b *binder) useColumn(c *column, sc *scope, name string, offset int) node {
	if sc.seen != nil {
		sc.seen[c] = true
	}
	if sc.grouped && sc.inAgg == 0 && !slices.Contains(sc.groups, c.sql) {
		sc.free = append(sc.free, freeColumn{c, name, offset})
	}
	return node{sql: c.sql, typ: c.typ, exact: true, trimmed: c.trimmed, col: c}
}

// lateral resolves an alias of the select list to its left.
func (b *binder) lateral(name string, sc *scope, e *ast.ColumnRef) (node, bool, error) {
	for i := min(sc.limit, len(sc.targets)) - 1; i >= 0; i-- {
		t := &sc.targets[i]
		if !t.named || t.name != name || t.expr == nil {
			continue
		}
		if t.busy {
			return node{}, false, nil
		}
		limit := sc.limit
		t.busy, sc.limit = true, i
		n, err := b.expr(t.expr, sc)
		t.busy, sc.limit = false, limit
		n.sql = parens(n.sql)
		return n, true, err
	}
	return node{}, false, nil
}

// parens puts an operand in parentheses unless it plainly needs none.
func parens(sql string) string {
	if simple(sql) {
		return sql
	}
	return "(" + sql + ")"
}

// simple tells whether sql is a name, a number, a string or a call.
func simple(sql string) bool {
	depth, quoted := 0, byte(0)
	for i := 0; i < len(sql); i++ {
		c := sql[i]
		switch {
		case quoted != 0:
			if c == quoted {
				quoted = 0
			}
		case c == '\'' || c == '"':
			quoted = c
		case c == '(' || c == '[':
			depth++
		case c == ')' || c == ']':
			depth--
			if depth == 0 && i+1 < len(sql) {
				return false
			}
		case depth > 0:
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '_', c == '.', c == '$':
		default:
			return false
		}
	}
	return true
}

// param binds $n.
func (b *binder) param(e *ast.Param) (node, error) {
	if e.N < 1 || e.N > 32767 {
		return node{}, errorAt(e.Pos(), "42P02", "there is no parameter $%d", e.N)
	}
	if b.inline != nil {
		if e.N > len(b.inline) {
			return node{}, errorAt(e.Pos(), "42P02", "there is no parameter $%d", e.N)
		}
		return b.inline[e.N-1], nil
	}
	for len(b.shared.params) < e.N {
		b.shared.params = append(b.shared.params, rstype.Type{})
	}
	t := b.shared.params[e.N-1]
	if t.Kind == rstype.Unknown {
		return node{param: e.N}, nil
	}
	return paramNode(e.N, t), nil
}

// setParam gives a parameter its type.
func (b *binder) setParam(n int, t rstype.Type) node {
	t = paramType(t)
	b.shared.params[n-1] = t
	return paramNode(n, t)
}

// paramType is a type without the limits of the place where a parameter stands: its
// value says how long it is.
func paramType(t rstype.Type) rstype.Type {
	switch t.Kind {
	case rstype.Char, rstype.Varchar:
		return typed(rstype.Varchar)
	case rstype.Numeric:
		// Ten digits behind the point, unless the ones before it need the room.
		room := rstype.MaxPrecision - (t.Precision - t.Scale)
		return rstype.Type{Kind: rstype.Numeric, Precision: rstype.MaxPrecision, Scale: max(t.Scale, min(10, room))}
	}
	return t
}

// paramNode is a parameter of a type; its value arrives as text.
func paramNode(n int, t rstype.Type) node {
	name := "$" + strconv.Itoa(n)
	out := node{typ: t, exact: true, constant: true}
	switch t.Kind {
	case rstype.Varbyte:
		out.sql = "unhex(CAST(" + name + " AS VARCHAR))"
	case rstype.Super:
		out.sql = "CAST(json(CAST(" + name + " AS VARCHAR)) AS VARCHAR)"
	case rstype.Char:
		out.sql, out.trimmed = "rtrim(CAST("+name+" AS VARCHAR), ' ')", true
	case rstype.Geometry, rstype.Geography, rstype.HLLSketch:
		out.sql = readDigits("CAST("+name+" AS VARCHAR)", t.Kind)
	case rstype.Numeric:
		out.sql, out.param = "CAST("+name+" AS "+t.DuckDB()+")", n
	case rstype.Varchar, rstype.Unknown:
		out.sql = "CAST(" + name + " AS VARCHAR)"
	default:
		// A parameter of another type would have DuckDB plan again for every value.
		out.sql = "CAST(CAST(" + name + " AS VARCHAR) AS " + t.DuckDB() + ")"
	}
	return out
}

// settle gives a literal or parameter without a type the type text.
func (b *binder) settle(n node, offset int) (node, error) {
	if !n.unknown() {
		return n, nil
	}
	return b.coerce(n, typed(rstype.Varchar), offset)
}

// boolean binds a condition of WHERE, HAVING, ON or QUALIFY.
func (b *binder) boolean(e ast.Expr, s *scope, clause string) (string, error) {
	n, err := b.expr(e, s)
	if err != nil {
		return "", err
	}
	return b.truth(n, e.Pos(), "argument of "+clause)
}

// truth is a condition's SQL.
func (b *binder) truth(n node, offset int, what string) (string, error) {
	switch n.typ.Kind {
	case rstype.Bool:
		return n.sql, nil
	case rstype.Unknown, rstype.Int2, rstype.Int4, rstype.Int8, rstype.Super:
		c, err := b.coerce(n, typed(rstype.Bool), offset)
		return c.sql, err
	}
	return "", errorAt(offset, "42804", "%s must be type boolean, not type %s", what, n.typ.Kind)
}

// columnName is the name of a select item without an alias.
func (b *binder) columnName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.ColumnRef:
		name := b.ident(e.Parts[len(e.Parts)-1])
		if len(e.Parts) == 1 && name == "current_aws_account" {
			return "current_account" // r_CURRENT_AWS_ACCOUNT.md
		}
		return name
	case *ast.Field:
		return b.ident(e.Name)
	case *ast.Index:
		return b.columnName(e.X)
	case *ast.Cast:
		if n := b.columnName(e.X); n != "?column?" && e.Form != ast.CastTry {
			return n
		}
		return typeColumn(e.Type)
	case *ast.Collate:
		return b.columnName(e.X)
	case *ast.OuterMark:
		return b.columnName(e.X)
	case *ast.ObjectTransform:
		return "object_transform"
	case *ast.TypedLiteral:
		return typeColumn(e.Type)
	case *ast.IntervalLiteral:
		return "interval"
	case *ast.Case:
		if n := e.Else; n != nil {
			if name := b.columnName(n); name != "?column?" {
				return name
			}
		}
		return "case"
	case *ast.Extract:
		return "date_part"
	case *ast.Trim:
		switch e.Side {
		case ast.TrimLeading:
			return "ltrim"
		case ast.TrimTrailing:
			return "rtrim"
		}
		return "btrim"
	case *ast.AtTimeZone:
		return "timezone"
	case *ast.FuncCall:
		name := lex.Fold(e.Name.Object().Name)
		if name == "nullif" && len(e.Args) > 0 {
			if n := b.columnName(e.Args[0]); n != "?column?" {
				return n
			}
		}
		if n, ok := columnNames[name]; ok {
			return n
		}
		return name
	}
	return "?column?"
}

// columnNames are those of functions whose column has another name
// (functions.json, and r_NVL_function, r_DATEADD_function …).
var columnNames = map[string]string{
	"nvl": "coalesce", "decode": "case", "dateadd": "date_add", "datediff": "date_diff",
	"date_part": "pgdate_part", "sysdate": "timestamp", "current_date": "date",
	"user": "current_user", "log": "dlog10", "trim": "btrim",
	// Casts of "now", as CURRENT_DATE and SYSDATE: assumed.
	"current_timestamp": "timestamptz", "current_time": "timetz", "localtimestamp": "timestamp", "localtime": "time",
}

func typeColumn(t ast.TypeName) string {
	typ, err := bindType(t)
	if err != nil {
		return "?column?"
	}
	return kindColumn(typ.Kind)
}

// kindColumn is the name of a type inside of Redshift.
func kindColumn(k rstype.Kind) string {
	switch k {
	case rstype.Int2:
		return "int2"
	case rstype.Int4:
		return "int4"
	case rstype.Int8:
		return "int8"
	case rstype.Float4:
		return "float4"
	case rstype.Float8:
		return "float8"
	case rstype.Bool:
		return "bool"
	case rstype.Char:
		return "bpchar"
	case rstype.Varchar:
		return "varchar"
	case rstype.Timestamp:
		return "timestamp"
	case rstype.TimestampTZ:
		return "timestamptz"
	case rstype.Time:
		return "time"
	case rstype.TimeTZ:
		return "timetz"
	}
	return k.String()
}
