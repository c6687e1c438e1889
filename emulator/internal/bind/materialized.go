package bind

import (
	"slices"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/lock"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/parse"
)

// Refresh is the filling of one materialized view with the rows of its query. The
// session leaves it out where the view is up to date.
type Refresh struct {
	View *catalog.Relation
	// SQL empties the view and fills it anew; none for one that cannot be refreshed.
	SQL []string
}

// createMaterialized is CREATE MATERIALIZED VIEW
// (materialized-view-create-sql-command.md). What is kept of the query is its text,
// with the search path that it was written under.
func (c *change) createMaterialized(s *ast.CreateView) error {
	c.tag("CREATE MATERIALIZED VIEW", "DDL")
	if s.OrReplace {
		e := errorAt(s.Pos(), "42601", "syntax error at or near \"MATERIALIZED\"")
		e.Hint = "There is no CREATE OR REPLACE MATERIALIZED VIEW: drop the view first."
		return e
	}
	if strings.HasPrefix(s.Name.Object().Name, "#") {
		return errorAt(s.Name.Pos(), "0A000", "materialized views cannot be temporary") // assumed text
	}
	t, err := c.begin(s.Name, false, s.IfNotExists)
	if t == nil || err != nil {
		return err
	}
	if t.Temp {
		return errorAt(s.Name.Pos(), "0A000", "materialized views cannot be temporary") // assumed text
	}
	t.Kind, t.DistStyle, t.SortKind = catalog.Materialized, "even", ""
	t.Definition, t.SearchPath, t.DefDatabase = c.env.Text[s.Query.Pos():s.Query.End()], slices.Clone(c.env.SearchPath), c.env.Database
	t.AutoRefresh = s.AutoRefresh == ast.Yes
	if err := noParams(t.Definition, s.Query.Pos()); err != nil {
		return err
	}
	if err := c.materializable(s.Query); err != nil {
		return err
	}
	if f := c.ownFunction(s.Query); f != nil {
		return errorAt(f.Pos(), "0A000", "user-defined function %q cannot be used in a materialized view", f.Name.String())
	}
	bound, err := c.viewColumns(t.Relation, s)
	if err != nil {
		return err
	}
	for i := range t.Columns {
		col := &t.Columns[i]
		col.Type = stored(col.Type)
		if err := c.storable(t, col.Name, col.Type, s.Query.Pos()); err != nil {
			return err
		}
	}
	if err := c.attributes(t, &s.Attrs); err != nil {
		return err
	}
	t.Incremental = incremental(s.Query)
	if err := c.create(t); err != nil {
		return err
	}
	c.plan.Refresh = []Refresh{{View: t.Relation, SQL: []string{"INSERT INTO " + store(t.Relation) + " " + bound.sql}}}
	return nil
}

// materializable refuses what a materialized view's query may not have
// (materialized-view-create-sql-command.md, "Limitations"); the texts are assumed.
func (c *change) materializable(q *ast.Query) error {
	switch {
	case len(q.OrderBy) > 0:
		return errorAt(q.OrderBy[0].Pos(), "0A000", "ORDER BY is not supported in the definition of a materialized view")
	case q.Limit != nil || q.LimitAll:
		return errorAt(q.Pos(), "0A000", "LIMIT is not supported in the definition of a materialized view")
	case q.Offset != nil:
		return errorAt(q.Offset.Pos(), "0A000", "OFFSET is not supported in the definition of a materialized view")
	}
	with := withNames(q)
	for _, name := range tableNames(q) {
		if len(name.Parts) == 1 && slices.Contains(with, c.ident(name.Parts[0])) {
			continue
		}
		r, err := c.lookup(name)
		if err != nil {
			return err
		}
		if r == nil {
			_, sys := c.systemView(name)
			if _, cat := c.catalogView(name); sys || cat {
				return errorAt(name.Pos(), "0A000", "system table or view %q cannot be used in a materialized view", c.ident(name.Object()))
			}
			continue // a path, or nothing, which binding tells
		}
		switch {
		case r.Temp:
			return errorAt(name.Pos(), "0A000", "temporary table %q cannot be used in a materialized view", r.Name)
		case !r.Stored():
			return errorAt(name.Pos(), "0A000", "view %q cannot be used in a materialized view", r.Name)
		}
	}
	return nil
}

// incremental tells whether a refresh may go by what has changed
// (materialized-view-refresh-sql-command.md): inner joins, WHERE, GROUP BY and
// HAVING, with SUM, MIN, MAX, AVG and COUNT.
func incremental(q *ast.Query) bool {
	sel, ok := q.Body.(*ast.Select)
	if !ok || q.With != nil || sel.Distinct || sel.Top != nil || sel.ConnectBy != nil || sel.Qualify != nil {
		return false
	}
	if sel.GroupBy != nil && slices.ContainsFunc(sel.GroupBy.Items, func(i ast.GroupItem) bool { return i.Kind != ast.GroupExpr }) {
		return false
	}
	yes := true
	ast.Inspect(q, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Query:
			yes = yes && n == q
		case *ast.Join:
			yes = yes && (n.Kind == ast.InnerJoin || n.Kind == ast.CrossJoin)
		case *ast.OuterMark:
			yes = false
		case *ast.FuncCall:
			if n.Over != nil || n.Distinct || n.Approximate || n.WithinGroup != nil || recomputed[n.Name.Object().Name] {
				yes = false
			}
		}
		return yes
	})
	return yes
}

// recomputed are the functions that a view cannot be refreshed incrementally with:
// aggregates beside the five, and what does not always give the same.
var recomputed = set("median", "listagg", "stddev", "stddev_samp", "stddev_pop", "variance", "var_samp", "var_pop", "any_value",
	"percentile_cont", "percentile_disc", "bit_and", "bit_or", "bool_and", "bool_or", "hll", "hll_create_sketch", "hll_combine",
	"random", "getdate", "sysdate", "now", "current_date", "current_time", "current_timestamp", "localtime", "localtimestamp", "timeofday", "statement_timestamp", "setseed")

// refresh is REFRESH MATERIALIZED VIEW (materialized-view-refresh-sql-command.md).
// CASCADE refreshes first those that the view is made of.
func (c *change) refresh(s *ast.RefreshMaterializedView) error {
	c.tag("REFRESH", "REFRESH")
	r, err := c.materialized(s.Name)
	if err != nil {
		return err
	}
	if err := c.mayChangeAs(r, 0, "refresh materialized view", s.Name.Pos()); err != nil {
		return err
	}
	order := []*catalog.Relation{r}
	if s.Behavior == ast.Cascade {
		order = c.sources(r)
	}
	for _, v := range order {
		if v.Unrefreshable != 0 {
			// The session says so, and records it.
			c.plan.Refresh = append(c.plan.Refresh, Refresh{View: v})
			continue
		}
		c.lock(v.ID, lock.RowExclusive)
		sql, err := c.definition(v, s.Name.Pos())
		if err != nil {
			return err
		}
		c.plan.Refresh = append(c.plan.Refresh, Refresh{
			View: v, SQL: []string{"DELETE FROM " + store(v), "INSERT INTO " + store(v) + " " + sql},
		})
	}
	return nil
}

// The states of STV_MV_INFO of what can no longer be refreshed.
const (
	droppedColumn int16 = 101 + iota
	changedType
	renamedTable
	renamedColumn
	renamedSchema
)

// sources are the materialized views that one is made of, before itself.
func (c *change) sources(r *catalog.Relation) (order []*catalog.Relation) {
	for _, id := range r.Uses {
		if v, ok := c.env.Catalog.RelationByID(id); ok && v.Kind == catalog.Materialized {
			for _, s := range c.sources(v) {
				if !slices.Contains(order, s) {
					order = append(order, s)
				}
			}
		}
	}
	return append(order, r)
}

// definition binds the query of a materialized view where it was made, as its
// owner.
func (c *change) definition(v *catalog.Relation, offset int) (string, error) {
	stmt, err := parse.Statement(v.Definition)
	if err != nil {
		return "", errorAt(offset, "XX000", "materialized view %q: %s", v.Name, err)
	}
	q, ok := stmt.(*ast.Query)
	if !ok {
		return "", errorAt(offset, "XX000", "materialized view %q is not a query", v.Name)
	}
	inner := &binder{env: c.env, shared: c.shared, actor: c.viewActor(v)}
	inner.actor.bound = true
	inner.env.Text, inner.env.SearchPath, inner.env.TempSchema, inner.env.Database = v.Definition, v.SearchPath, "", v.DefDatabase
	bound, err := inner.query(q, &scope{})
	if e, ok := err.(*Error); ok {
		moved := *e
		moved.Offset = offset
		return "", &moved
	}
	if err != nil {
		return "", err
	}
	return bound.sql, nil
}

// alterMaterialized is ALTER MATERIALIZED VIEW … AUTO REFRESH.
func (c *change) alterMaterialized(s *ast.AlterMaterializedView) error {
	c.tag("ALTER MATERIALIZED VIEW", "DDL")
	r, err := c.materialized(s.Name)
	if err != nil {
		return err
	}
	c.lock(r.ID, lock.AccessExclusive)
	if err := c.mayChangeAs(r, 0, "alter materialized view", s.Name.Pos()); err != nil {
		return err
	}
	n := r.Clone()
	n.AutoRefresh = s.AutoRefresh == ast.Yes
	c.apply(catalog.Change{Relation: n})
	return nil
}

// materialized finds a materialized view of the session's database.
func (c *change) materialized(name ast.Name) (*catalog.Relation, error) {
	r, err := c.target(name, true)
	if err != nil {
		return nil, err
	}
	if r.Kind != catalog.Materialized {
		return nil, errorAt(name.Pos(), "42809", "%q is not a materialized view", r.Name)
	}
	return r, nil
}

// objectKind is what DROP and COMMENT call a relation.
func objectKind(r *catalog.Relation) ast.ObjectKind {
	switch r.Kind {
	case catalog.Table:
		return ast.KindTable
	case catalog.Materialized:
		return ast.KindMaterializedView
	}
	return ast.KindView
}
