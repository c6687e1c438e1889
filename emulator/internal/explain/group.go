package explain

import (
	"slices"
	"strings"

	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

var aggregates = map[string]bool{}

func init() {
	for name := range strings.FieldsSeq("count sum avg min max stddev stddev_samp stddev_pop variance var_samp var_pop listagg median percentile_cont percentile_disc approximate_percentile_disc bool_and bool_or bit_and bit_or any_value hll hll_create_sketch hll_combine") {
		aggregates[name] = true
	}
}

// calls are the aggregates, or the window functions, of expressions.
func calls(window bool, exprs ...any) []*ast.FuncCall {
	var out []*ast.FuncCall
	for _, e := range exprs {
		ast.Inspect(e, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.Query:
				return false
			case *ast.FuncCall:
				if (n.Over != nil) == window && (window || aggregates[n.Name.Object().Name]) {
					out = append(out, n)
				}
			}
			return true
		})
	}
	return out
}

// groups is how many there may be of the values of targets.
func (p *planner) groups(targets []ast.Target, s *scope, u *unit) float64 {
	n := 1.0
	for _, t := range targets {
		n *= p.distinct(t.Expr, s, u)
	}
	return min(n, u.node.rows)
}

// distinct is how many values an expression has.
func (p *planner) distinct(e ast.Expr, s *scope, u *unit) float64 {
	switch e := e.(type) {
	case *ast.Literal:
		return 1
	case *ast.ColumnRef:
		if c := p.column(s, e); c != nil && c.unique {
			return u.node.rows
		}
	}
	return min(distinctValues, u.node.rows)
}

// grouped is GROUP BY, HAVING and the aggregates above a unit.
func (p *planner) grouped(sel *ast.Select, s *scope, u *unit, w writer) (*node, error) {
	found := calls(false, sel.Targets, sel.Having, sel.Qualify)
	if sel.GroupBy == nil && sel.Having == nil && len(found) == 0 {
		return u.node, nil
	}
	var keys []ast.Expr
	if sel.GroupBy != nil {
		for _, item := range sel.GroupBy.Items {
			for _, e := range groupExprs(item) {
				if t := p.target(sel, e, s); t != nil {
					if ref, ok := e.(*ast.ColumnRef); !ok || p.column(s, ref) == nil {
						e = t
					}
				}
				keys = append(keys, e)
			}
		}
		if sel.GroupBy.All {
			for _, t := range sel.Targets {
				if _, star := t.Expr.(*ast.Star); !star && len(calls(false, t.Expr)) == 0 {
					keys = append(keys, t.Expr)
				}
			}
		}
	}
	groups := 1.0
	for _, k := range keys {
		groups *= p.distinct(k, s, u)
	}
	groups = clamp(min(groups, u.node.rows))
	below := u.node
	if distinctOnly(found) {
		// DISTINCT inside of an aggregate is a grouping of its own.
		inner := aggregate("HashAggregate", below, len(keys)+1, 1, clamp(min(groups*distinctValues, below.rows)))
		below = over("Subquery Scan", inner)
		below.on = p.derivedName()
		below.total += tupleCost * inner.rows
	}
	sets := groupingSets(sel.GroupBy)
	op := "HashAggregate"
	switch {
	case len(keys) == 0:
		op = "Aggregate"
	case sets == nil && u.scan && below == u.node && p.inOrder(keys, s):
		op = "GroupAggregate"
	}
	n := aggregate(op, below, len(keys), len(found), groups)
	if op == "GroupAggregate" {
		n.start = below.start
	}
	n.rows *= float64(max(1, len(sets)))
	n.showSets(sets, writer{p, s, bare})
	n.width = 0
	for _, k := range keys {
		n.width += p.output(k, s).width
	}
	for _, f := range found {
		n.width += p.output(f, s).width
	}
	if sel.Having != nil {
		n.rows = clamp(n.rows * share(sel.Having))
		n.detail("Filter: %s", writer{p, s, bare}.expr(sel.Having))
		plans, err := p.subplans(sel.Having, s)
		if err != nil {
			return nil, err
		}
		n.plans = append(n.plans, plans...)
	}
	return n, nil
}

// distinctOnly: all aggregates are of DISTINCT values of the same expression.
func distinctOnly(found []*ast.FuncCall) bool {
	return len(found) == 1 && found[0].Distinct && !found[0].Approximate
}

func aggregate(op string, kid *node, keys, aggs int, groups float64) *node {
	n := over(op, kid)
	n.start = kid.total + operatorCost*kid.rows*float64(keys+aggs)
	n.total = n.start
	if keys > 0 {
		n.total += operatorCost * groups * float64(max(aggs, 1))
	}
	n.rows = groups
	return n
}

// inOrder: a table lies in the order of these columns, the first of its sort key.
func (p *planner) inOrder(keys []ast.Expr, s *scope) bool {
	var places []int
	for _, k := range keys {
		ref, ok := k.(*ast.ColumnRef)
		if !ok {
			return false
		}
		c := p.column(s, ref)
		if c == nil || c.sort == 0 {
			return false
		}
		places = append(places, c.sort)
	}
	slices.Sort(places)
	for i, n := range places {
		if n != i+1 {
			return false
		}
	}
	return true
}

// windows is one Window, with its sort, for each different OVER.
func (p *planner) windows(sel *ast.Select, s *scope, u *unit, n *node, w writer, order []ast.SortItem) (*node, error) {
	seen := map[string]bool{}
	for _, call := range calls(true, sel.Targets, sel.Qualify, order) {
		over1 := p.window(sel, call.Over)
		var sort []string
		partition := make([]string, len(over1.PartitionBy))
		for i, e := range over1.PartitionBy {
			partition[i] = w.expr(e)
		}
		for _, o := range over1.OrderBy {
			sort = append(sort, w.expr(o.Expr))
		}
		id := strings.Join(partition, ", ") + " / " + strings.Join(sort, ", ")
		if seen[id] {
			continue
		}
		seen[id] = true
		if keys := append(slices.Clone(partition), sort...); len(keys) > 0 {
			if !n.leader && !p.together(over1.PartitionBy, s, u, n) {
				net := over("Network", n)
				if len(partition) == 0 {
					net.detail("Send to slice 0")
				} else {
					net.detail("Distribute")
				}
				n = net
			}
			n = sorted(n, strings.Join(keys, ", "))
		}
		n = over("Window", n)
		n.total += operatorCost * n.rows * float64(len(partition)+len(sort)+1)
		n.width += 8
		if len(partition) > 0 {
			n.detail("Partition: %s", strings.Join(partition, ", "))
		}
		if len(sort) > 0 {
			n.detail("Order: %s", strings.Join(sort, ", "))
		}
	}
	if sel.Qualify != nil {
		n.rows = clamp(n.rows * share(sel.Qualify))
		n.detail("Filter: %s", w.expr(sel.Qualify))
	}
	return n, nil
}

// window is a window with the named one that it may be of.
func (p *planner) window(sel *ast.Select, win *ast.Window) *ast.Window {
	if win.Ref == nil {
		return win
	}
	for _, named := range sel.Windows {
		if p.ident(named.Name) == p.ident(*win.Ref) && named.Window != win {
			out := *named.Window
			if len(win.OrderBy) > 0 {
				out.OrderBy = win.OrderBy
			}
			return &out
		}
	}
	return win
}

// together: the rows of a partition are on one slice.
func (p *planner) together(partition []ast.Expr, s *scope, u *unit, n *node) bool {
	if n != u.node || u.spread != spreadKey {
		return false
	}
	return slices.ContainsFunc(partition, func(e ast.Expr) bool {
		ref, ok := e.(*ast.ColumnRef)
		return ok && slices.Contains(u.keys, p.column(s, ref))
	})
}
