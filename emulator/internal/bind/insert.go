package bind

import (
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/lock"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

// dmlTarget finds and locks the table of INSERT, UPDATE, DELETE or COPY.
func (c *change) dmlTarget(name ast.Name) (*catalog.Relation, error) {
	r, err := c.target(name, false)
	if err != nil {
		return nil, err
	}
	c.lock(r.ID, lock.RowExclusive)
	c.shared.tables = true
	return r, nil
}

// columnList resolves the columns of INSERT or COPY; nil is all of them.
func (c *change) columnList(r *catalog.Relation, list []ast.Ident) ([]int, error) {
	if list == nil {
		all := make([]int, len(r.Columns))
		for i := range all {
			all[i] = i
		}
		return all, nil
	}
	seen := make(map[int]bool, len(list))
	out := make([]int, 0, len(list))
	for _, id := range list {
		name := c.newName(id)
		i, ok := r.Column(name)
		if !ok {
			return nil, errorAt(id.Pos(), "42703", "column %q of relation %q does not exist", name, r.Name)
		}
		if seen[i] {
			return nil, errorAt(id.Pos(), "42701", "column %q specified more than once", name)
		}
		seen[i] = true
		out = append(out, i)
	}
	return out, nil
}

// insert is INSERT (r_INSERT_30.md).
func (c *change) insert(s *ast.Insert) error {
	c.tag("INSERT", "INSERT")
	c.plan.CountTag = true
	r, err := c.dmlTarget(s.Table)
	if err != nil {
		return err
	}
	if err := c.need(r, catalog.Insert, s.Table.Pos()); err != nil {
		return err
	}
	columns, err := c.columnList(r, s.Columns)
	if err != nil {
		return err
	}
	in := &insertion{change: c, table: r, columns: columns, explicit: s.Columns != nil, values: make([]string, len(r.Columns))}
	in.sql.WriteString("INSERT INTO " + store(r) + " (")
	for i, col := range r.Columns {
		if i > 0 {
			in.sql.WriteString(", ")
		}
		in.sql.WriteString(quote(col.Name))
	}
	in.sql.WriteString(") ")
	switch {
	case s.DefaultValues:
		err = in.rows([][]ast.Expr{{}})
	default:
		if v, ok := plainValues(s.Query); ok {
			err = in.rows(v.Rows)
		} else {
			err = in.query(s.Query)
		}
	}
	c.run(in.sql.String())
	return err
}

// plainValues is the VALUES of a query that is nothing else.
func plainValues(q *ast.Query) (*ast.Values, bool) {
	v, ok := q.Body.(*ast.Values)
	return v, ok && q.With == nil && q.OrderBy == nil && q.Limit == nil && q.Offset == nil
}

// insertion is the writing of one INSERT.
type insertion struct {
	*change
	table    *catalog.Relation
	columns  []int
	explicit bool     // a column list was written
	values   []string // by the table's columns: what a row without a value for them gets
	sql      strings.Builder
}

// fits checks the number of values beside that of the columns. Without a list
// the values may be those of the first columns alone.
func (in *insertion) fits(n, offset int) error {
	switch {
	case n > len(in.columns):
		return errorAt(offset, "42601", "INSERT has more expressions than target columns")
	case n < len(in.columns) && in.explicit && n > 0:
		return errorAt(offset, "42601", "INSERT has more target columns than expressions")
	}
	return nil
}

// missing is the value of a column that is given none.
func (in *insertion) missing(i int) (string, error) {
	if in.values[i] == "" {
		v, err := in.defaultValue(&in.table.Columns[i])
		if err != nil {
			return "", err
		}
		if in.table.Columns[i].Identity == nil {
			v = notNull(v, &in.table.Columns[i])
		}
		in.values[i] = v
	}
	return in.values[i], nil
}

// settable refuses a value for a column that numbers the rows by itself.
func settable(col *catalog.Column, offset int) error {
	if col.Identity != nil && !col.Identity.ByDefault {
		return errorAt(offset, "0A000", "cannot set an identity column to a value") // state is assumed
	}
	return nil
}

func (in *insertion) rows(rows [][]ast.Expr) error {
	in.sql.WriteString("VALUES ")
	given := make([]int, len(in.table.Columns)) // 1 + the place of a column's value
	for i, row := range rows {
		if len(row) != len(rows[0]) {
			return errorAt(row[0].Pos(), "42601", "VALUES lists must all be the same length")
		}
		if len(row) > 0 {
			if err := in.fits(len(row), row[min(len(in.columns), len(row)-1)].Pos()); err != nil {
				return err
			}
		}
		if i == 0 {
			for n := range row {
				given[in.columns[n]] = n + 1
			}
		} else {
			in.sql.WriteString(", ")
		}
		in.sql.WriteByte('(')
		for n := range in.table.Columns {
			if n > 0 {
				in.sql.WriteString(", ")
			}
			var value string
			var err error
			if given[n] == 0 {
				value, err = in.missing(n)
			} else {
				value, err = in.value(n, row[given[n]-1])
			}
			if err != nil {
				return err
			}
			in.sql.WriteString(value)
		}
		in.sql.WriteByte(')')
	}
	return nil
}

// value is one expression of VALUES as the table's n-th column.
func (in *insertion) value(n int, e ast.Expr) (string, error) {
	return in.valueIn(n, e, &scope{clause: valuesClause})
}

// valueIn is value where more is in sight.
func (in *insertion) valueIn(n int, e ast.Expr, s *scope) (string, error) {
	col := &in.table.Columns[n]
	if _, ok := e.(*ast.Default); ok {
		return in.missing(n)
	}
	if err := settable(col, e.Pos()); err != nil {
		return "", err
	}
	aggs := s.aggs
	v, err := in.expr(e, s)
	if err != nil {
		return "", err
	}
	if s.aggs > aggs {
		return "", errorAt(e.Pos(), "42803", "cannot use aggregate function in VALUES")
	}
	sql, err := in.assign(v, col.Type, col.Name, e.Pos())
	if err != nil {
		return "", err
	}
	if l, ok := e.(*ast.Literal); ok && l.Kind != ast.NullLiteral {
		return sql, nil
	}
	return notNull(sql, col), nil
}

func (in *insertion) query(q *ast.Query) error {
	bound, err := in.change.query(q, nil)
	if err != nil {
		return err
	}
	if err := in.fits(len(bound.cols), q.Pos()); err != nil {
		return err
	}
	from, names := in.alias("q"), make([]string, len(bound.cols))
	items := make([]string, len(in.table.Columns))
	for i, col := range bound.cols {
		names[i] = in.alias("c")
		to := &in.table.Columns[in.columns[i]]
		if err := settable(to, q.Pos()); err != nil {
			return err
		}
		n := node{sql: from + "." + names[i], typ: col.Type, exact: true}
		sql, err := in.assign(n, to.Type, to.Name, q.Pos())
		if err != nil {
			return err
		}
		items[in.columns[i]] = notNull(sql, to)
	}
	for i := range items {
		if items[i] == "" {
			if items[i], err = in.missing(i); err != nil {
				return err
			}
		}
	}
	in.sql.WriteString("SELECT " + strings.Join(items, ", ") + " FROM (" + bound.sql + ") AS " + from + "(" + strings.Join(names, ", ") + ")")
	return nil
}
