package bind

import (
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

// merge is MERGE (r_MERGE.md): one statement of DuckDB over the source's rows beside
// the target's rows that they match, so that a row's values are made once and only
// where they are used.
func (c *change) merge(s *ast.Merge) error {
	// The query_type and the count behind the tag are assumed.
	c.tag("MERGE", "OTHER")
	c.plan.CountTag = true
	item, err := c.binder.from([]ast.TableExpr{s.Source}, &scope{})
	if err != nil {
		return err
	}
	read := make(map[int64]bool)
	for _, l := range c.shared.locks {
		read[l.Table] = true
	}
	r, err := c.dmlTarget(s.Table)
	if err != nil {
		return err
	}
	if read[int64(r.ID)] {
		if t, ok := s.Source.(*ast.TableName); ok {
			if same, err := c.relation(t.Name); err == nil && same.ID == r.ID { // the text is assumed
				return errorAt(t.Pos(), "0A000", "Source table and target table in Merge statement cannot be the same.")
			}
		}
		return errorAt(s.Source.Pos(), "0A000", "Source view/subquery in Merge statement cannot reference target table.")
	}
	if err := c.need(r, catalog.Select|catalog.Insert, s.Table.Pos()); err != nil {
		return err
	}
	name := r.Name
	if s.Alias != nil {
		name = c.ident(s.Alias.Name)
	}
	m := &merging{change: c, table: r, row: c.alias("t"), source: &scope{sources: item.sources, merged: item.merged}}
	target := relationSource(r, name, m.row, s.Alias == nil)
	if err := distinctNames([]*source{target}, item.sources, s.Source.Pos()); err != nil {
		return err
	}
	m.both = &scope{sources: append([]*source{target}, item.sources...), merged: item.merged}
	c.whole = true
	defer func() { c.whole = false }()
	on, err := m.on(s.On)
	if err != nil {
		return err
	}
	if s.RemoveDuplicates {
		err = m.removeDuplicates(s, item)
	} else {
		err = m.whens(s)
	}
	if err != nil {
		return err
	}
	to, from, matched := c.alias("t"), c.alias("q"), m.row+".rowid"
	// SQLSTATE is assumed.
	m.items = append(m.items, "CASE WHEN "+matched+" IS NOT NULL AND count(*) OVER (PARTITION BY "+matched+") > 1 "+
		"THEN CAST(error('21000: Found multiple matches to update the same tuple.') AS BIGINT) ELSE "+matched+" END AS r")
	c.run("MERGE INTO " + store(r) + " AS " + to + " USING (SELECT " + strings.Join(m.items, ", ") +
		" FROM " + item.sql + " LEFT JOIN " + store(r) + " AS " + m.row + " ON " + on + ") AS " + from +
		" ON " + to + ".rowid = " + from + ".r" + m.actions.String())
	return nil
}

// merging is the writing of one MERGE.
type merging struct {
	*change
	table *catalog.Relation
	// row is DuckDB's name of the target beside the source.
	row string
	// source sees the source alone, both sees the target too.
	source, both *scope
	// items are the values that actions, the WHEN clauses, use.
	items   []string
	actions strings.Builder
}

// on is the condition, which compares columns of both tables for equality.
func (m *merging) on(e ast.Expr) (string, error) {
	if !hasEquality(e) {
		return "", errorAt(e.Pos(), "0A000", "Target table must be part of an equijoin predicate")
	}
	m.both.clause, m.both.outerJoin = onClause, true
	queries := m.shared.queries
	on, err := m.boolean(e, m.both, "JOIN/ON")
	if err == nil && m.shared.queries > queries {
		return "", unsupported(e.Pos(), "a subquery in the ON of MERGE")
	}
	m.both.clause, m.both.outerJoin = plainClause, false
	return on, err
}

// hasEquality tells whether one of the conditions that must all hold is an equality.
func hasEquality(e ast.Expr) bool {
	b, ok := e.(*ast.Binary)
	return ok && (b.Op == ast.OpEq || b.Op == ast.OpAnd && (hasEquality(b.L) || hasEquality(b.R)))
}

// item adds a value, which is made when the condition holds, and names it.
func (m *merging) item(when, sql string) string {
	name := "v" + itoa(len(m.items)+1)
	if when != "" {
		sql = "CASE WHEN " + m.row + ".rowid " + when + " THEN " + sql + " END"
	}
	m.items = append(m.items, sql+" AS "+name)
	return name
}

// whens are the two WHEN clauses, both of which must be there, in this order.
func (m *merging) whens(s *ast.Merge) error {
	if len(s.Whens) != 2 || !s.Whens[0].Matched || s.Whens[1].Matched {
		w := s.Whens[len(s.Whens)-1]
		if len(s.Whens) == 1 && w.Matched {
			return errorAt(s.End(), "42601", "syntax error at end of input")
		}
		return errorAt(w.Pos(), "42601", "syntax error at or near \"when\"")
	}
	m.actions.WriteString(" WHEN MATCHED THEN ")
	if s.Whens[0].Action == ast.MergeDelete {
		if err := m.need(m.table, catalog.Delete, s.Table.Pos()); err != nil {
			return err
		}
		m.actions.WriteString("DELETE")
	} else {
		seen := make(map[int]bool, len(s.Whens[0].Set))
		for n, a := range s.Whens[0].Set {
			i, err := m.setColumn(m.table, a.Column, seen)
			if err != nil {
				return err
			}
			if !m.holds(m.table, catalog.Update) && m.who().Holds(m.table.Columns[i].ACL, catalog.Update) == 0 {
				return deniedRelation(m.table, s.Table.Pos())
			}
			value, err := m.setValue(&m.table.Columns[i], a.Value, m.both)
			if err != nil {
				return err
			}
			m.set(n, i, m.item("IS NOT NULL", value))
		}
	}
	return m.insertion(&s.Whens[1])
}

// set writes one assignment of UPDATE SET.
func (m *merging) set(n, column int, value string) {
	word := ", "
	if n == 0 {
		word = "UPDATE SET "
	}
	m.actions.WriteString(word + quote(m.table.Columns[column].Name) + " = " + value)
}

// insertion is WHEN NOT MATCHED, whose values see the source alone.
func (m *merging) insertion(w *ast.MergeWhen) error {
	columns, err := m.columnList(m.table, w.Columns)
	if err != nil {
		return err
	}
	in := &insertion{change: m.change, table: m.table, columns: columns, explicit: w.Columns != nil, values: make([]string, len(m.table.Columns))}
	if err := in.fits(len(w.Values), w.Values[min(len(columns), len(w.Values)-1)].Pos()); err != nil {
		return err
	}
	values := make([]string, len(m.table.Columns))
	for n, e := range w.Values {
		sql, err := in.valueIn(columns[n], e, m.source)
		if err != nil {
			return err
		}
		values[columns[n]] = m.item("IS NULL", sql)
	}
	for i := range values {
		if values[i] == "" {
			if values[i], err = in.missing(i); err != nil {
				return err
			}
		}
	}
	m.insert(values)
	return nil
}

func (m *merging) insert(values []string) {
	names := make([]string, len(m.table.Columns))
	for i := range names {
		names[i] = quote(m.table.Columns[i].Name)
	}
	m.actions.WriteString(" WHEN NOT MATCHED THEN INSERT (" + strings.Join(names, ", ") + ") VALUES (" + strings.Join(values, ", ") + ")")
}

// removeDuplicates is the simplified mode: of the target's rows that a source row
// matches one gets its values, and the others go.
func (m *merging) removeDuplicates(s *ast.Merge, item *fromItem) error {
	alias := item.alias()
	if alias == "" {
		return unsupported(s.Source.Pos(), "this source of MERGE")
	}
	columns, err := m.star(&ast.Star{Span: ast.Span{From: s.Source.Pos(), To: s.Source.End()}}, m.source)
	if err != nil {
		return err
	}
	if len(columns) != len(m.table.Columns) { // the text is assumed
		return errorAt(s.Source.Pos(), "42601", "MERGE with REMOVE DUPLICATES needs a source with as many columns as the target")
	}
	// It updates one row and deletes others.
	if err := m.need(m.table, catalog.Update|catalog.Delete, s.Table.Pos()); err != nil {
		return err
	}
	values := make([]string, len(columns))
	m.actions.WriteString(" WHEN MATCHED AND first = 1 THEN ")
	for i, col := range columns {
		to := &m.table.Columns[i]
		if err := settable(to, s.Source.Pos()); err != nil {
			return err
		}
		sql, err := m.assign(node{sql: col.sql, typ: col.typ, exact: true, trimmed: col.trimmed}, to.Type, to.Name, s.Source.Pos())
		if err != nil {
			return err
		}
		values[i] = m.item("", notNull(sql, to))
		m.set(i, i, values[i])
	}
	m.actions.WriteString(" WHEN MATCHED THEN DELETE")
	m.insert(values)
	const row = `"merge row"`
	item.sql = "(SELECT *, row_number() OVER () AS " + row + " FROM " + item.sql + ") AS " + alias
	m.items = append(m.items, "row_number() OVER (PARTITION BY "+alias+"."+row+" ORDER BY "+m.row+".rowid) AS first")
	return nil
}
