package bind

import (
	"strconv"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

// bound is a bound query: DuckDB SQL without parentheses around it, and what its
// columns are, none of them of an unknown type. In DuckDB the columns are c1, c2 …
type bound struct {
	sql  string
	cols []Column
}

// body is a bound SELECT, VALUES or set operation before its columns are written:
// a set operation still chooses the types of constants.
type body struct {
	// with and head come before the select list, tail behind it.
	head, tail string
	items      []node
	offsets    []int
	cols       []Column
	// whole is a body that is complete, with columns c1, c2 …; items and offsets
	// are those of its columns then.
	whole    string
	distinct bool
	sc       *scope
	sel      *ast.Select
	limit    string
	// closed: whole ends in ORDER BY or LIMIT, or begins with WITH.
	closed bool
	// rows are those of VALUES.
	rows [][]node
}

// query binds a query; outer is where the names are looked up that it does not
// know itself, nil for a query that stands alone.
func (b *binder) query(q *ast.Query, outer *scope) (*bound, error) {
	b.nested++
	defer func() { b.nested-- }()
	if b.nested > maxNesting {
		return nil, errorAt(q.Pos(), "54001", "statement is too complex")
	}
	b.shared.queries++
	// What a statement does beside this query, such as a default of a column, is
	// no part of it.
	leader, tables := b.shared.leader, b.shared.tables
	if outer == nil {
		b.shared.leader, b.shared.tables = "", false
	}
	out, err := b.queryBody(q, outer)
	if err != nil {
		return nil, err
	}
	sql, err := b.render(out)
	if err != nil {
		return nil, err
	}
	if outer == nil {
		if b.shared.leader != "" && b.shared.tables {
			e := errorAt(b.shared.leaderAt, "0A000", "Specified types or functions (one per INFO message) not supported on Amazon Redshift tables.")
			e.Detail = "Function \"" + b.shared.leader + "\" not supported."
			return nil, e
		}
		if leader != "" {
			b.shared.leader = leader
		}
		b.shared.tables = b.shared.tables || tables
	}
	return &bound{sql: sql, cols: out.cols}, nil
}

// queryBody binds a query with its WITH, ORDER BY and LIMIT. Without those it is
// the body alone, so that parentheses change nothing.
func (b *binder) queryBody(q *ast.Query, outer *scope) (*body, error) {
	sc := &scope{outer: outer, subquery: outer != nil && (outer.block || len(outer.sources) > 0)}
	with := ""
	if q.With != nil {
		var err error
		if with, err = b.with(q.With, sc); err != nil {
			return nil, err
		}
	}
	out, err := b.body(q.Body, sc)
	if err != nil {
		return nil, err
	}
	if len(q.OrderBy) == 0 && q.Limit == nil && q.Offset == nil && out.limit == "" && with == "" {
		return out, nil
	}
	if out.closed {
		b.wrap(out)
	}
	// A select list is final here; what waits becomes text.
	order, err := b.orderBy(q, out)
	if err != nil {
		return nil, err
	}
	limit := out.limit
	if q.Limit != nil {
		if limit != "" {
			return nil, errorAt(q.Limit.Pos(), "42601", "TOP and LIMIT cannot be used together")
		}
		n, err := b.rowCount(q.Limit, "LIMIT")
		if err != nil {
			return nil, err
		}
		limit = " LIMIT " + n
	}
	if q.Offset != nil {
		n, err := b.rowCount(q.Offset, "OFFSET")
		if err != nil {
			return nil, err
		}
		limit += " OFFSET " + n
	}
	sql, err := b.render(out)
	if err != nil {
		return nil, err
	}
	out.whole = with + sql + order + limit
	out.items, out.sc, out.sel, out.rows, out.closed = nil, nil, nil, nil, true
	out.limit = ""
	if limit != "" {
		out.limit = " " // a set operation refuses it
	}
	return out, nil
}

// wrap puts a finished body into parentheses, so that more can stand behind it.
func (b *binder) wrap(out *body) {
	a := b.alias("q")
	out.whole = "SELECT * FROM (" + out.whole + ") AS " + a
	out.limit, out.closed = "", false
}

// rowCount is the number of LIMIT and OFFSET.
func (b *binder) rowCount(e ast.Expr, clause string) (string, error) {
	n, err := b.expr(e, &scope{clause: limitClause})
	if err != nil {
		return "", err
	}
	if !n.unknown() && !isInt(n.typ.Kind) && n.typ.Kind != rstype.Numeric {
		return "", errorAt(e.Pos(), "42804", "argument of %s must be type bigint, not type %s", clause, n.typ.Kind)
	}
	if v, err := strconv.ParseInt(strings.Trim(n.sql, "()"), 10, 64); err == nil && n.constant {
		if v < 0 {
			return "", errorAt(e.Pos(), "2201W", "%s must not be negative", clause)
		}
		return n.sql, nil
	}
	n, err = b.coerce(n, typed(rstype.Int8), e.Pos())
	return n.sql, err
}

// body binds the inside of a query.
func (b *binder) body(q ast.QueryBody, sc *scope) (*body, error) {
	switch q := q.(type) {
	case *ast.Select:
		return b.selectBody(q, sc)
	case *ast.SetOp:
		return b.setOp(q, sc)
	case *ast.Values:
		return b.values(q, sc)
	case *ast.Query:
		b.nested++
		defer func() { b.nested-- }()
		if b.nested > maxNesting {
			return nil, errorAt(q.Pos(), "54001", "statement is too complex")
		}
		return b.queryBody(q, sc)
	}
	return nil, unsupported(q.Pos(), "this query")
}

// render writes a body's SQL with every column cast to its type and named c1, c2 …
func (b *binder) render(out *body) (string, error) {
	if out.whole != "" {
		return out.whole, nil
	}
	if out.rows != nil {
		return b.renderValues(out)
	}
	var s strings.Builder
	s.Grow(len(out.head) + len(out.tail) + 24*len(out.items))
	s.WriteString(out.head)
	for i := range out.items {
		n, err := b.settle(out.items[i], out.offsets[i])
		if err != nil {
			return "", err
		}
		out.items[i] = n
		if out.cols[i].Type.Kind == rstype.Unknown {
			out.cols[i].Type = n.typ
		}
		if i > 0 {
			s.WriteString(", ")
		}
		s.WriteString(asColumn(n, out.cols[i].Type))
		s.WriteString(" AS c")
		s.WriteString(strconv.Itoa(i + 1))
	}
	s.WriteString(out.tail)
	return s.String(), nil
}

// asColumn casts a value unless DuckDB's type is the column's already.
func asColumn(n node, t rstype.Type) string {
	if n.exact && n.typ.DuckDB() == t.DuckDB() {
		return n.sql
	}
	return "CAST(" + n.sql + " AS " + t.DuckDB() + ")"
}

// values binds VALUES, which INSERT alone may have.
func (b *binder) values(q *ast.Values, sc *scope) (*body, error) {
	if sc.clause != valuesClause {
		return nil, refused(q.Pos(), "Redshift has VALUES in INSERT and MERGE alone; write SELECT … UNION ALL SELECT ….", "VALUES is not supported as a constant table")
	}
	out := &body{}
	for _, row := range q.Rows {
		if len(out.rows) > 0 && len(row) != len(out.rows[0]) {
			return nil, errorAt(q.Pos(), "42601", "VALUES lists must all be the same length")
		}
		nodes := make([]node, len(row))
		for i, e := range row {
			n, err := b.expr(e, sc)
			if err != nil {
				return nil, err
			}
			nodes[i] = n
		}
		out.rows = append(out.rows, nodes)
	}
	for i := range out.rows[0] {
		nodes := make([]node, len(out.rows))
		offsets := make([]int, len(out.rows))
		for j := range out.rows {
			nodes[j], offsets[j] = out.rows[j][i], q.Rows[j][i].Pos()
		}
		t, err := b.unify(nodes, offsets, "VALUES")
		if err != nil {
			return nil, err
		}
		for j := range out.rows {
			out.rows[j][i] = nodes[j]
		}
		out.cols = append(out.cols, Column{Name: "column" + strconv.Itoa(i+1), Type: t})
	}
	return out, nil
}

func (b *binder) renderValues(out *body) (string, error) {
	var s strings.Builder
	s.WriteString("SELECT * FROM (VALUES ")
	for i, row := range out.rows {
		if i > 0 {
			s.WriteString(", ")
		}
		s.WriteByte('(')
		for j, n := range row {
			if j > 0 {
				s.WriteString(", ")
			}
			s.WriteString(asColumn(n, out.cols[j].Type))
		}
		s.WriteByte(')')
	}
	s.WriteString(") AS " + b.alias("v") + "(")
	columnList(&s, len(out.cols))
	s.WriteByte(')')
	return s.String(), nil
}

func columnList(s *strings.Builder, n int) {
	for i := range n {
		if i > 0 {
			s.WriteString(", ")
		}
		s.WriteByte('c')
		s.WriteString(strconv.Itoa(i + 1))
	}
}
