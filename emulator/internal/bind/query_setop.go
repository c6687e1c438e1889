package bind

import (
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

var setOpNames = [...]string{ast.Union: "UNION", ast.Intersect: "INTERSECT", ast.Except: "EXCEPT"}

// setOp binds UNION, INTERSECT and EXCEPT. The columns have the names of the first
// part and types that all parts fit in. A chain of one operator, which programs
// write with thousands of parts, is bound as one.
func (b *binder) setOp(q *ast.SetOp, sc *scope) (*body, error) {
	if q.All && q.Kind != ast.Union {
		return nil, refused(q.OpPos, "UNION ALL is the only set operation that keeps duplicates.", "%s ALL is not supported", setOpNames[q.Kind])
	}
	b.nested++
	defer func() { b.nested-- }()
	if b.nested > maxNesting {
		return nil, errorAt(q.Pos(), "54001", "statement is too complex")
	}
	ops := []*ast.SetOp{q}
	left := q.L
	for {
		l, ok := left.(*ast.SetOp)
		if !ok || l.Kind != q.Kind || l.All != q.All {
			break
		}
		ops = append(ops, l)
		left = l.L
	}
	first, err := b.body(left, &scope{outer: sc})
	if err != nil {
		return nil, err
	}
	parts := []*body{first}
	offsets := []int{left.Pos()}
	for i := len(ops) - 1; i >= 0; i-- {
		r, err := b.body(ops[i].R, &scope{outer: sc})
		if err != nil {
			return nil, err
		}
		parts = append(parts, r)
		offsets = append(offsets, ops[i].R.Pos())
	}
	return b.combine(ops, parts, offsets)
}

// combine joins the parts of a chain of set operations; ops has the last operator
// first.
func (b *binder) combine(ops []*ast.SetOp, parts []*body, offsets []int) (*body, error) {
	op := ops[0]
	name := setOpNames[op.Kind]
	cols := make([]Column, len(parts[0].cols))
	for i := range cols {
		cols[i] = Column{Name: parts[0].cols[i].Name, Type: parts[0].cols[i].Type}
	}
	for k, p := range parts {
		at := ops[max(0, min(len(ops)-1, len(ops)-k))].OpPos
		if p.limit != "" {
			return nil, errorAt(at, "0A000", "LIMIT may not be used within input to set operations.")
		}
		if len(p.cols) != len(cols) {
			return nil, errorAt(offsets[k], "42601", "each %s query must have the same number of columns", name)
		}
		for i := range cols {
			t, ok := rstype.Common(cols[i].Type, p.cols[i].Type)
			if !ok {
				return nil, errorAt(itemOffset(p, i, offsets[k]), "42804", "%s types %s and %s cannot be matched", name, cols[i].Type.Kind, p.cols[i].Type.Kind)
			}
			cols[i].Type = t
		}
	}
	for i := range cols {
		if cols[i].Type.Kind == rstype.Unknown {
			cols[i].Type = typed(rstype.Varchar)
		}
		if !op.All {
			if err := distinguishable(cols[i].Type, itemOffset(parts[0], i, offsets[0])); err != nil {
				return nil, err
			}
		}
	}
	if op.All {
		name += " ALL"
	}
	var sql strings.Builder
	for k, p := range parts {
		s, err := b.side(p, cols, offsets[k])
		if err != nil {
			return nil, err
		}
		if k > 0 {
			sql.WriteString(" " + name + " ")
		}
		sql.WriteString("(" + s + ")")
	}
	return &body{whole: sql.String(), cols: cols}, nil
}

func itemOffset(s *body, i, fallback int) int {
	if i < len(s.offsets) {
		return s.offsets[i]
	}
	return fallback
}

// side writes one side of a set operation with the types that were agreed on.
func (b *binder) side(s *body, cols []Column, offset int) (string, error) {
	if s.whole == "" && s.rows == nil {
		for i := range s.items {
			n, err := b.coerce(s.items[i], wide(cols[i].Type, s.items[i]), itemOffset(s, i, offset))
			if err != nil {
				return "", err
			}
			if isText(cols[i].Type.Kind) && n.typ.Len > cols[i].Type.Len && cols[i].Type.Len > 0 {
				cols[i].Type.Len = n.typ.Len
			}
			s.items[i], s.cols[i].Type = n, cols[i].Type
		}
		return b.render(s)
	}
	sql, err := b.render(s)
	if err != nil {
		return "", err
	}
	same := true
	for i := range cols {
		same = same && s.cols[i].Type.DuckDB() == cols[i].Type.DuckDB()
	}
	if same {
		return sql, nil
	}
	var out strings.Builder
	a := b.alias("q")
	out.WriteString("SELECT ")
	for i := range cols {
		if i > 0 {
			out.WriteString(", ")
		}
		c := a + ".c" + itoa(i+1)
		n, err := b.convert(node{sql: c, typ: s.cols[i].Type, exact: true}, cols[i].Type, implicitCast, offset)
		if err != nil {
			return "", err
		}
		out.WriteString(asColumn(n, cols[i].Type) + " AS c" + itoa(i+1))
	}
	out.WriteString(" FROM (" + sql + ") AS " + a)
	return out.String(), nil
}

// wide is the type that an item of a set operation's side is coerced to: a text
// constant keeps its own length.
func wide(t rstype.Type, n node) rstype.Type {
	if n.unknown() && isText(t.Kind) {
		return typed(t.Kind)
	}
	return t
}

func itoa(n int) string {
	var buf [12]byte
	return string(appendInt(buf[:0], n))
}

// with binds the common table expressions and puts them in sight.
func (b *binder) with(w *ast.With, sc *scope) (string, error) {
	var s strings.Builder
	s.WriteString("WITH ")
	if w.Recursive {
		s.WriteString("RECURSIVE ")
	}
	for i := range w.CTEs {
		c := &w.CTEs[i]
		name := b.ident(c.Name)
		for _, other := range sc.ctes {
			if other.name == name {
				return "", errorAt(c.Name.Pos(), "42712", "WITH query name %q specified more than once", name)
			}
		}
		duck := b.alias("w")
		var cols []Column
		var sql string
		if rec, ok := recursive(b, c, w.Recursive); ok {
			var err error
			if sql, cols, err = b.recursiveCTE(c, rec, name, duck, sc); err != nil {
				return "", err
			}
		} else {
			q, err := b.query(c.Query, sc)
			if err != nil {
				return "", err
			}
			sql = q.sql
			if cols, err = b.rename(q.cols, c.Columns, name); err != nil {
				return "", err
			}
		}
		sc.ctes = append(sc.ctes, cte{name: name, duck: duck, cols: cols})
		if i > 0 {
			s.WriteString(", ")
		}
		s.WriteString(duck + "(")
		columnList(&s, len(cols))
		s.WriteString(") AS (" + sql + ")")
	}
	s.WriteByte(' ')
	return s.String(), nil
}

// rename gives columns the names of a column list.
func (b *binder) rename(cols []Column, names []ast.Ident, what string) ([]Column, error) {
	out := make([]Column, len(cols))
	copy(out, cols)
	if len(names) > len(cols) {
		return nil, errorAt(names[0].Pos(), "42P10", "table %q has %d columns available but %d columns specified", what, len(cols), len(names))
	}
	for i, n := range names {
		out[i].Name = b.ident(n)
	}
	return out, nil
}

// recursive tells whether a common table expression reads itself: its body is
// UNION ALL and its right side names it.
func recursive(b *binder, c *ast.CTE, allowed bool) (*ast.SetOp, bool) {
	op, ok := c.Query.Body.(*ast.SetOp)
	if !allowed || !ok || op.Kind != ast.Union || c.Query.With != nil {
		return nil, false
	}
	return op, mentions(b, op.R, b.ident(c.Name))
}

func mentions(b *binder, q ast.QueryBody, name string) bool {
	var from func(t ast.TableExpr) bool
	from = func(t ast.TableExpr) bool {
		switch t := t.(type) {
		case *ast.TableName:
			return len(t.Name.Parts) == 1 && b.ident(t.Name.Parts[0]) == name
		case *ast.Join:
			return from(t.L) || from(t.R)
		case *ast.TableQuery:
			return mentions(b, t.Query.Body, name)
		}
		return false
	}
	switch q := q.(type) {
	case *ast.Select:
		for _, t := range q.From {
			if from(t) {
				return true
			}
		}
	case *ast.SetOp:
		return mentions(b, q.L, name) || mentions(b, q.R, name)
	case *ast.Query:
		return mentions(b, q.Body, name)
	}
	return false
}

// recursiveCTE binds the first part, whose types the second part must take.
func (b *binder) recursiveCTE(c *ast.CTE, op *ast.SetOp, name, duck string, sc *scope) (string, []Column, error) {
	if len(c.Columns) == 0 {
		return "", nil, errorAt(c.Name.Pos(), "0A000", "recursive CTE %q must have a column list", name)
	}
	if !op.All {
		return "", nil, errorAt(op.OpPos, "0A000", "recursive CTE must be UNION ALL")
	}
	if len(c.Query.OrderBy) > 0 || c.Query.Limit != nil {
		return "", nil, errorAt(c.Query.Pos(), "0A000", "ORDER BY and LIMIT in a recursive query are not supported")
	}
	l, err := b.body(op.L, &scope{outer: sc})
	if err != nil {
		return "", nil, err
	}
	first, err := b.render(l)
	if err != nil {
		return "", nil, err
	}
	cols, err := b.rename(l.cols, c.Columns, name)
	if err != nil {
		return "", nil, err
	}
	inner := &scope{outer: sc, ctes: []cte{{name: name, duck: duck, cols: cols}}}
	r, err := b.body(op.R, inner)
	if err != nil {
		return "", nil, err
	}
	if len(r.cols) != len(cols) {
		return "", nil, errorAt(op.R.Pos(), "42601", "each UNION query must have the same number of columns")
	}
	types := make([]Column, len(cols))
	copy(types, cols)
	for i := range r.cols {
		if _, ok := rstype.Common(types[i].Type, r.cols[i].Type); !ok {
			return "", nil, errorAt(itemOffset(r, i, op.R.Pos()), "42804", "UNION types %s and %s cannot be matched", types[i].Type.Kind, r.cols[i].Type.Kind)
		}
	}
	second, err := b.side(r, types, op.R.Pos())
	if err != nil {
		return "", nil, err
	}
	return "(" + first + ") UNION ALL (" + second + ")", cols, nil
}
