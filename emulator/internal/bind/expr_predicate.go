package bind

import (
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

// unify brings values to one type, that of CASE, COALESCE and VALUES.
func (b *binder) unify(nodes []node, offsets []int, what string) (rstype.Type, error) {
	var t rstype.Type
	for i, n := range nodes {
		c, ok := rstype.Common(t, n.typ)
		if !ok {
			// A text constant became text already; CASE types must match else.
			return t, errorAt(offsets[i], "42804", "%s types %s and %s cannot be matched", what, t.Kind, n.typ.Kind)
		}
		t = c
	}
	if t.Kind == rstype.Unknown {
		t = typed(rstype.Varchar)
		for _, n := range nodes {
			if n.lit != nil {
				t.Len = max(t.Len, int32(min(len(n.lit.Text), rstype.MaxVarchar)), 1)
			}
		}
	}
	for i := range nodes {
		to := t
		if nodes[i].unknown() && (isText(t.Kind) || t.Kind == rstype.Numeric) {
			to = typed(t.Kind)
		}
		n, err := b.coerce(nodes[i], to, offsets[i])
		if err != nil {
			return t, err
		}
		if isText(t.Kind) && isText(n.typ.Kind) && t.Len > 0 && n.typ.Len > t.Len {
			t.Len = n.typ.Len
		}
		if t.Kind == rstype.Numeric && n.typ.Kind == rstype.Numeric && n.typ != t {
			if c, ok := rstype.Common(t, n.typ); ok {
				t = c
			}
		}
		nodes[i] = n
	}
	return t, nil
}

func (b *binder) caseExpr(e *ast.Case, s *scope) (node, error) {
	var sql strings.Builder
	sql.WriteString("CASE")
	var operand node
	var err error
	if e.Operand != nil {
		if operand, err = b.expr(e.Operand, s); err != nil {
			return node{}, err
		}
	}
	results := make([]node, 0, len(e.Whens)+1)
	offsets := make([]int, 0, len(e.Whens)+1)
	conds := make([]string, 0, len(e.Whens))
	for _, w := range e.Whens {
		var cond string
		if e.Operand != nil {
			v, err := b.expr(w.Cond, s)
			if err != nil {
				return node{}, err
			}
			if cond, err = b.compare(ast.OpEq, w.Cond.Pos(), operand, v, e.Operand.Pos(), w.Cond.Pos()); err != nil {
				return node{}, err
			}
		} else if cond, err = b.boolean(w.Cond, s, "CASE/WHEN"); err != nil {
			return node{}, err
		}
		conds = append(conds, cond)
		r, err := b.expr(w.Then, s)
		if err != nil {
			return node{}, err
		}
		results, offsets = append(results, r), append(offsets, w.Then.Pos())
	}
	if e.Else != nil {
		r, err := b.expr(e.Else, s)
		if err != nil {
			return node{}, err
		}
		results, offsets = append(results, r), append(offsets, e.Else.Pos())
	}
	t, err := b.unify(results, offsets, "CASE")
	if err != nil {
		return node{}, err
	}
	for i, c := range conds {
		sql.WriteString(" WHEN " + c + " THEN " + results[i].sql)
	}
	if e.Else != nil {
		sql.WriteString(" ELSE " + results[len(results)-1].sql)
	}
	sql.WriteString(" END")
	return node{sql: "(" + sql.String() + ")", typ: t}, nil
}

func (b *binder) between(e *ast.Between, s *scope) (node, error) {
	x, err := b.expr(e.X, s)
	if err != nil {
		return x, err
	}
	lo, err := b.expr(e.Lo, s)
	if err != nil {
		return lo, err
	}
	hi, err := b.expr(e.Hi, s)
	if err != nil {
		return hi, err
	}
	low, err := b.compare(ast.OpGe, e.Pos(), x, lo, e.X.Pos(), e.Lo.Pos())
	if err != nil {
		return node{}, err
	}
	high, err := b.compare(ast.OpLe, e.Pos(), x, hi, e.X.Pos(), e.Hi.Pos())
	if err != nil {
		return node{}, err
	}
	sql := "(" + low + " AND " + high + ")"
	if e.Not {
		sql = "(NOT " + sql + ")"
	}
	return boolNode(sql), nil
}

// in binds X IN (list) as DuckDB's own IN where all values have one type, and as a
// chain of comparisons elsewhere.
func (b *binder) in(e *ast.In, s *scope) (node, error) {
	if row, ok := e.X.(*ast.Row); ok {
		return b.rowIn(e, row, s)
	}
	x, err := b.expr(e.X, s)
	if err != nil {
		return x, err
	}
	if e.Query != nil {
		op := ast.OpEq
		return b.anyQuery(e.Query, op, x, e.X.Pos(), e.Pos(), e.Not, false, s)
	}
	values := make([]node, len(e.List))
	uniform := true
	for i, v := range e.List {
		if values[i], err = b.expr(v, s); err != nil {
			return node{}, err
		}
	}
	if x.unknown() {
		for _, v := range values {
			if !v.unknown() {
				if x, err = b.coerce(x, loose(v.typ), e.X.Pos()); err != nil {
					return x, err
				}
				break
			}
		}
	}
	lefts := make([]node, len(values))
	for i := range values {
		l, r, err := b.match2("=", e.List[i].Pos(), x, values[i], e.X.Pos(), e.List[i].Pos())
		if err != nil {
			return node{}, err
		}
		if x.unknown() {
			x = l
		}
		l.folded = l.folded || r.folded
		r.folded = l.folded
		lefts[i], values[i] = l, r
		uniform = uniform && l.sql == lefts[0].sql && l.folded == lefts[0].folded
	}
	var sql strings.Builder
	word := " IN ("
	if e.Not {
		word = " NOT IN ("
	}
	if uniform {
		l := lefts[0].sql
		textual := isText(lefts[0].typ.Kind)
		if textual {
			l = rtrim(lefts[0])
		}
		sql.WriteString("(" + l + word)
		for i, v := range values {
			if i > 0 {
				sql.WriteString(", ")
			}
			if textual {
				sql.WriteString(rtrim(v))
			} else {
				sql.WriteString(v.sql)
			}
		}
		sql.WriteString("))")
		return boolNode(sql.String()), nil
	}
	sql.WriteByte('(')
	for i, v := range values {
		if i > 0 {
			sql.WriteString(" OR ")
		}
		if isText(v.typ.Kind) {
			sql.WriteString(compareText(ast.OpEq, lefts[i], v))
		} else {
			sql.WriteString("(" + lefts[i].sql + " = " + v.sql + ")")
		}
	}
	sql.WriteByte(')')
	if e.Not {
		return boolNode("(NOT " + sql.String() + ")"), nil
	}
	return boolNode(sql.String()), nil
}

// rowIn is (a, b) IN (…): comparisons of every row, or an EXISTS over the query.
func (b *binder) rowIn(e *ast.In, row *ast.Row, s *scope) (node, error) {
	left := make([]node, len(row.Items))
	for i, x := range row.Items {
		n, err := b.expr(x, s)
		if err != nil {
			return n, err
		}
		left[i] = n
	}
	if e.Query == nil {
		var rows []string
		for _, v := range e.List {
			r, ok := v.(*ast.Row)
			if !ok || len(r.Items) != len(left) {
				return node{}, errorAt(v.Pos(), "42601", "unequal number of entries in row expressions")
			}
			var conds []string
			for i, x := range r.Items {
				n, err := b.expr(x, s)
				if err != nil {
					return n, err
				}
				cond, err := b.compare(ast.OpEq, x.Pos(), left[i], n, row.Items[i].Pos(), x.Pos())
				if err != nil {
					return node{}, err
				}
				conds = append(conds, cond)
			}
			rows = append(rows, "("+strings.Join(conds, " AND ")+")")
		}
		sql := "(" + strings.Join(rows, " OR ") + ")"
		if e.Not {
			sql = "(NOT " + sql + ")"
		}
		return boolNode(sql), nil
	}
	sub, err := b.query(e.Query, s)
	if err != nil {
		return node{}, err
	}
	if len(sub.cols) != len(left) {
		return node{}, errorAt(e.Query.Pos(), "42601", "subquery has the wrong number of columns")
	}
	a := b.alias("s")
	var ls, rs []string
	for i := range left {
		inner := node{sql: a + ".c" + itoa(i+1), typ: sub.cols[i].Type, exact: true, trimmed: sub.cols[i].Type.Kind == rstype.Char}
		l, r, err := b.match2("=", e.Pos(), left[i], inner, row.Items[i].Pos(), e.Query.Pos())
		if err != nil {
			return node{}, err
		}
		if isText(l.typ.Kind) {
			l.sql, r.sql = rtrim(l), rtrim(r)
		}
		ls, rs = append(ls, l.sql), append(rs, r.sql)
	}
	word := " IN ("
	if e.Not {
		word = " NOT IN ("
	}
	return boolNode("((" + strings.Join(ls, ", ") + ")" + word + "SELECT " + strings.Join(rs, ", ") + " FROM (" + sub.sql + ") AS " + a + "))"), nil
}

// anyQuery is X op ANY|ALL (query), and IN.
func (b *binder) anyQuery(q *ast.Query, op ast.Op, x node, xo, opPos int, not, all bool, s *scope) (node, error) {
	inbound := s.inbound
	sub, err := b.query(q, s)
	if err != nil {
		return node{}, err
	}
	if len(sub.cols) != 1 {
		return node{}, errorAt(q.Pos(), "42601", "subquery has too many columns")
	}
	if s.inbound > inbound && op == ast.OpEq && !all && b.shared.tables && groupedTotal(q) {
		return node{}, badCorrelation(q.Pos())
	}
	a := b.alias("s")
	inner := node{sql: a + ".c1", typ: sub.cols[0].Type, exact: true, trimmed: sub.cols[0].Type.Kind == rstype.Char}
	l, r, err := b.match2(comparison[op], opPos, x, inner, xo, q.Pos())
	if err != nil {
		return node{}, err
	}
	ls, rs := l.sql, r.sql
	if isText(l.typ.Kind) {
		ls, rs = rtrim(l), rtrim(r)
	}
	body := sub.sql
	if rs != inner.sql {
		body = "SELECT " + rs + " FROM (" + sub.sql + ") AS " + a + "(c1)"
	}
	word := " IN ("
	switch {
	case op == ast.OpEq && !all:
		if not {
			word = " NOT IN ("
		}
	case op == ast.OpNe && all:
		word = " NOT IN ("
	case all:
		word = " " + comparison[op] + " ALL ("
	default:
		word = " " + comparison[op] + " ANY ("
	}
	return boolNode("(" + ls + word + body + "))"), nil
}

func (b *binder) quantified(e *ast.Quantified, s *scope) (node, error) {
	if e.Query == nil {
		return b.anyOfArray(e, s)
	}
	if _, ok := comparison[e.Op]; !ok {
		return node{}, unsupported(e.OpPos, "%s with ANY or ALL", e.Op)
	}
	x, err := b.expr(e.X, s)
	if err != nil {
		return x, err
	}
	return b.anyQuery(e.Query, e.Op, x, e.X.Pos(), e.OpPos, false, e.All, s)
}

func (b *binder) scalarQuery(e *ast.Subquery, s *scope) (node, error) {
	sub, err := b.query(e.Query, s)
	if err != nil {
		return node{}, err
	}
	if len(sub.cols) != 1 {
		return node{}, errorAt(e.Pos(), "42601", "subquery must return only one column")
	}
	return node{sql: "(" + sub.sql + ")", typ: sub.cols[0].Type, exact: true, trimmed: sub.cols[0].Type.Kind == rstype.Char}, nil
}

func (b *binder) is(e *ast.Is, s *scope) (node, error) {
	n, err := b.expr(e.X, s)
	if err != nil {
		return n, err
	}
	not := ""
	if e.Not {
		not = "NOT "
	}
	if e.Kind == ast.IsNull {
		if n, err = b.settle(n, e.X.Pos()); err != nil {
			return n, err
		}
		if n.typ.Kind == rstype.Super {
			// assumed: a SUPER null is a NULL, as navigation makes of it.
			return boolNode("(nullif(" + n.sql + ", 'null') IS " + not + "NULL)"), nil
		}
		return boolNode("(" + parens(n.sql) + " IS " + not + "NULL)"), nil
	}
	cond, err := b.truth(n, e.X.Pos(), "argument of IS")
	if err != nil {
		return node{}, err
	}
	switch e.Kind {
	case ast.IsTrue:
		cond = parens(cond) + " IS " + not + "TRUE"
	case ast.IsFalse:
		cond = parens(cond) + " IS " + not + "FALSE"
	default:
		cond = parens(cond) + " IS " + not + "NULL"
	}
	return boolNode("(" + cond + ")"), nil
}

func (b *binder) like(e *ast.Like, s *scope) (node, error) {
	x, err := b.expr(e.X, s)
	if err != nil {
		return x, err
	}
	p, err := b.expr(e.Pattern, s)
	if err != nil {
		return p, err
	}
	var escape *node
	if e.Escape != nil {
		n, err := b.expr(e.Escape, s)
		if err != nil {
			return n, err
		}
		if n.lit == nil || n.lit.Kind != ast.StringLiteral {
			return n, unsupported(e.Escape.Pos(), "ESCAPE with anything but a constant")
		}
		if len([]rune(n.lit.Text)) != 1 {
			return n, errorAt(e.Escape.Pos(), "22019", "invalid escape string")
		}
		escape = &n
	}
	if e.Kind != ast.LikeSimilar {
		return b.likeNodes(x, p, escape, e.Kind == ast.LikeFold, e.Not, e.OpPos, e.X.Pos(), e.Pattern.Pos())
	}
	if x, err = b.asText(x, e.X.Pos()); err != nil {
		return x, err
	}
	if p.lit == nil || p.lit.Kind != ast.StringLiteral {
		return p, unsupported(e.Pattern.Pos(), "SIMILAR TO with a pattern that is not a constant")
	}
	esc := '\\'
	if escape != nil {
		esc = []rune(escape.lit.Text)[0]
	}
	sql := "regexp_full_match(" + x.sql + ", " + text(similar(p.lit.Text, esc)) + ", 's')"
	if e.Not {
		sql = "(NOT " + sql + ")"
	}
	return boolNode(sql), nil
}

func (b *binder) likeNodes(x, p node, escape *node, fold, not bool, opPos, xo, po int) (node, error) {
	var err error
	if !x.unknown() && !isText(x.typ.Kind) && !isNumber(x.typ.Kind) && x.typ.Kind != rstype.Super && !isMoment(x.typ.Kind) {
		return x, noOperator("~~", x.typ, p.typ, opPos)
	}
	if x, err = b.asText(x, xo); err != nil {
		return x, err
	}
	if p, err = b.asText(p, po); err != nil {
		return p, err
	}
	op := " LIKE "
	if fold || x.folded || p.folded {
		op = " ILIKE "
	}
	if not {
		op = " NOT" + op
	}
	tail := " ESCAPE '\\'"
	switch {
	case escape != nil:
		tail = " ESCAPE " + text(escape.lit.Text)
	case p.lit != nil && !strings.Contains(p.lit.Text, "\\"):
		tail = "" // plain, so that DuckDB sees a prefix
	}
	return boolNode("(" + parens(x.sql) + op + parens(p.sql) + tail + ")"), nil
}

// match is the POSIX operators: a search, not a full match
// (pattern-matching-conditions-posix.md).
func (b *binder) match(e *ast.Binary, l, r node) (node, error) {
	var err error
	if !l.unknown() && !isText(l.typ.Kind) && l.typ.Kind != rstype.Super {
		return l, noOperator(e.Op.String(), l.typ, r.typ, e.OpPos)
	}
	if l, err = b.asText(l, e.L.Pos()); err != nil {
		return l, err
	}
	if r, err = b.asText(r, e.R.Pos()); err != nil {
		return r, err
	}
	options := "'s'"
	if e.Op == ast.OpMatchI || e.Op == ast.OpNotMatchI {
		options = "'si'"
	}
	sql := "regexp_matches(" + l.sql + ", " + r.sql + ", " + options + ")"
	if e.Op == ast.OpNotMatch || e.Op == ast.OpNotMatchI {
		sql = "(NOT " + sql + ")"
	}
	return boolNode(sql), nil
}

// similar turns a SIMILAR TO pattern into a regular expression.
func similar(pattern string, escape rune) string {
	var s strings.Builder
	class := false
	runes := []rune(pattern)
	for i := 0; i < len(runes); i++ {
		switch c := runes[i]; {
		case c == escape && i+1 < len(runes):
			i++
			if strings.ContainsRune(`\.+*?()|[]{}^$`, runes[i]) {
				s.WriteByte('\\')
			}
			s.WriteRune(runes[i])
		case class:
			if c == ']' {
				class = false
			}
			s.WriteRune(c)
		case c == '[':
			class = true
			s.WriteRune(c)
		case c == '%':
			s.WriteString(".*")
		case c == '_':
			s.WriteByte('.')
		case c == '.' || c == '^' || c == '$' || c == '\\':
			s.WriteByte('\\')
			s.WriteRune(c)
		default:
			s.WriteRune(c)
		}
	}
	return s.String()
}

func (b *binder) trim(e *ast.Trim, s *scope) (node, error) {
	x, err := b.expr(e.X, s)
	if err != nil {
		return x, err
	}
	if x, err = b.asText(x, e.X.Pos()); err != nil {
		return x, err
	}
	chars := "' '"
	if e.Chars != nil {
		c, err := b.expr(e.Chars, s)
		if err != nil {
			return c, err
		}
		if c, err = b.asText(c, e.Chars.Pos()); err != nil {
			return c, err
		}
		chars = c.sql
	}
	f := [...]string{ast.TrimBoth: "trim", ast.TrimLeading: "ltrim", ast.TrimTrailing: "rtrim"}[e.Side]
	return node{sql: f + "(" + x.sql + ", " + chars + ")", typ: rstype.Type{Kind: rstype.Varchar, Len: x.typ.Len}, exact: true}, nil
}

// groupedTotal tells whether a query is an aggregate other than MIN and MAX by
// groups, which Redshift does not decorrelate behind IN.
func groupedTotal(q *ast.Query) bool {
	sel, ok := q.Body.(*ast.Select)
	if !ok || sel.GroupBy == nil || len(sel.Targets) != 1 {
		return false
	}
	f, ok := sel.Targets[0].Expr.(*ast.FuncCall)
	if !ok {
		return false
	}
	name := f.Name.Object().Name
	_, aggregated := aggregates[name]
	return aggregated && name != "min" && name != "max"
}
