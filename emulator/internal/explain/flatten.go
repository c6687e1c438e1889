package explain

import (
	"slices"

	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

// simple gives the SELECT of a query whose rows are those of its FROM and WHERE: it
// is planned with the query around it.
func simple(q *ast.Query) (*ast.Select, bool) {
	sel, ok := q.Body.(*ast.Select)
	if !ok || q.With != nil || len(q.OrderBy) > 0 || q.Limit != nil || q.Offset != nil {
		return nil, false
	}
	if sel.Distinct || sel.Top != nil || sel.GroupBy != nil || sel.Having != nil || sel.Qualify != nil || sel.ConnectBy != nil || len(sel.From) == 0 || len(sel.Exclude) > 0 {
		return nil, false
	}
	for _, t := range sel.Targets {
		switch t.Expr.(type) {
		case *ast.Star, *ast.ColumnRef:
		default:
			return nil, false
		}
	}
	return sel, true
}

// flattened plans a simple query in FROM without a scan of its own; nil when its
// columns are not all those of its tables.
func (p *planner) flattened(sel *ast.Select, outer *scope, alias string, names *ast.Alias) (*unit, error) {
	s := &scope{outer: outer}
	made := map[ast.TableExpr]*unit{}
	for _, t := range sel.From {
		if err := p.table(t, s, made); err != nil {
			return nil, err
		}
	}
	var inside []*column
	var called []string
	for _, t := range sel.Targets {
		switch e := t.Expr.(type) {
		case *ast.ColumnRef:
			c := p.column(s, e)
			if c == nil || slices.Contains(inside, c) {
				return nil, nil
			}
			name := c.name
			if t.Alias != nil {
				name = p.ident(*t.Alias)
			}
			inside, called = append(inside, c), append(called, name)
		case *ast.Star:
			for _, r := range s.rels {
				if r.open {
					return nil, nil
				}
				if len(e.Qualifier) > 0 && p.ident(e.Qualifier[len(e.Qualifier)-1]) != r.alias {
					continue
				}
				for _, c := range r.cols {
					inside, called = append(inside, c), append(called, c.name)
				}
			}
		}
	}
	for _, c := range inside {
		c.top = true
	}
	sel = p.outerJoined(sel, s, made)
	u, err := p.joined(sel, s, made)
	if err != nil {
		return nil, err
	}
	r := &relation{alias: alias}
	out := &unit{node: u.node, rels: []*relation{r}, whole: u.whole, spread: u.spread, scan: u.scan, filters: u.filters}
	under := map[*column]*column{}
	for i, c := range inside {
		name := called[i]
		if names != nil && i < len(names.Columns) {
			name = p.ident(names.Columns[i])
		}
		to := &column{rel: r, name: name, typ: c.typ, width: c.width, dist: c.dist, sort: c.sort, unique: c.unique && len(s.rels) == 1}
		r.cols = append(r.cols, to)
		under[to] = c
		if slices.Contains(u.keys, c) {
			out.keys = append(out.keys, to)
		}
	}
	if u.by != nil {
		out.by = func(c *column) string {
			if c := under[c]; c != nil {
				return u.by(c)
			}
			return ""
		}
	}
	if u.spread == spreadKey && len(out.keys) == 0 {
		out.spread = spreadEven
	}
	return out, nil
}

// outerMarked tells whether a (+) stands in a WHERE clause of its own.
func outerMarked(where ast.Expr) (found bool) {
	ast.Inspect(where, func(n ast.Node) bool {
		_, query := n.(*ast.Query)
		if _, ok := n.(*ast.OuterMark); ok {
			found = true
		}
		return !query && !found
	})
	return found
}
