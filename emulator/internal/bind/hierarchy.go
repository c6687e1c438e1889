package bind

import (
	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

// hierarchy is START WITH … CONNECT BY (r_CONNECT_BY_clause.md): it comes behind the
// joins of FROM and before WHERE, and gives the rows below the roots, with LEVEL. A
// row that is its own ancestor ends its branch with NOCYCLE, and is an error without
// (assumed).
func (b *binder) hierarchy(q *ast.Select, item *fromItem) (*fromItem, error) {
	if len(item.sources) == 0 {
		return nil, errorAt(q.ConnectBy.Pos(), "42601", "CONNECT BY needs a FROM clause")
	}
	rows, tree, out := b.alias("r"), b.alias("h"), b.alias("t")
	h := &levels{places: make(map[string]string)}
	h.gather(item)
	start, err := b.hierarchyCondition(q.StartWith, h.scope(item, rows, "1"), "START WITH")
	if err != nil {
		return nil, err
	}
	children := h.scope(item, rows, "("+tree+".l + 1)")
	children.prior = h.scope(item, tree, tree+".l")
	connect, err := b.hierarchyCondition(q.ConnectBy, children, "CONNECT BY")
	if err != nil {
		return nil, err
	}
	cycle := "list_contains(" + tree + ".p, " + rows + ".n)"
	if q.NoCycle {
		connect = "(" + connect + ") AND NOT " + cycle
	} else { // SQLSTATE and text are assumed
		connect = "(" + connect + ") AND CASE WHEN " + cycle + " THEN error('54001: CONNECT BY loop in user data') IS NULL ELSE TRUE END"
	}
	sql := "(WITH RECURSIVE " + rows + " AS MATERIALIZED (SELECT " + named(h.items) + ", row_number() OVER () AS n FROM " + item.sql + "), " +
		tree + " AS (SELECT *, CAST(1 AS INTEGER) AS l, [n] AS p FROM " + rows + " WHERE " + start +
		" UNION ALL SELECT " + rows + ".*, " + tree + ".l + 1, list_append(" + tree + ".p, " + rows + ".n) FROM " + tree + ", " + rows + " WHERE " + connect +
		") SELECT * FROM " + tree + ") AS " + out
	sc := h.scope(item, out, out+".l")
	return &fromItem{sql: sql, sources: sc.sources, merged: sc.merged}, nil
}

func (b *binder) hierarchyCondition(e ast.Expr, s *scope, clause string) (string, error) {
	if e == nil {
		return "TRUE", nil
	}
	s.clause = onClause
	queries := b.shared.queries
	cond, err := b.boolean(e, s, clause)
	if err == nil && clause == "CONNECT BY" && b.shared.queries > queries {
		return "", unsupported(e.Pos(), "a subquery in CONNECT BY")
	}
	return cond, err
}

// levels gives the columns of a FROM clause numbers, by which they are known in the
// levels of a hierarchy.
type levels struct {
	items  []string
	places map[string]string
}

func (h *levels) gather(item *fromItem) {
	add := func(c *column) {
		if _, ok := h.places[c.sql]; !ok {
			h.items = append(h.items, c.sql)
			h.places[c.sql] = "c" + itoa(len(h.items))
		}
	}
	for _, src := range item.sources {
		for i := range src.cols {
			add(&src.cols[i])
		}
	}
	for i := range item.merged {
		add(&item.merged[i].col)
	}
}

// scope is the FROM clause's scope as a level has it, with the pseudo column LEVEL
// unless a column has its name. LEVEL's type is assumed.
func (h *levels) scope(item *fromItem, duck, level string) *scope {
	s := &scope{}
	named := false
	for _, src := range item.sources {
		to := *src
		to.cols = make([]column, len(src.cols))
		for i, c := range src.cols {
			named = named || c.name == "level"
			c.sql = duck + "." + h.places[c.sql]
			to.cols[i] = c
		}
		s.sources = append(s.sources, &to)
	}
	for _, m := range item.merged {
		of := make([]string, len(m.of))
		for i, sql := range m.of {
			of[i] = duck + "." + h.places[sql]
		}
		m.col.sql, m.of = duck+"."+h.places[m.col.sql], of
		s.merged = append(s.merged, m)
	}
	if !named {
		s.sources = append(s.sources, &source{cols: []column{{name: "level", typ: typed(rstype.Int4), sql: level, hidden: true}}})
	}
	return s
}

// priorExpr is PRIOR x: x of the row above.
func (b *binder) priorExpr(e *ast.Unary, s *scope) (node, error) {
	if s.prior == nil {
		return node{}, errorAt(e.Pos(), "42601", "PRIOR is only allowed in CONNECT BY")
	}
	return b.expr(e.X, s.prior)
}
