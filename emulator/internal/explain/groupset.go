package explain

import (
	"slices"
	"strings"

	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

// maxSets is how many grouping sets a plan shows.
const maxSets = 64

// groupExprs are the expressions of an item of GROUP BY.
func groupExprs(item ast.GroupItem) []ast.Expr {
	out := item.Exprs
	for _, s := range item.Sets {
		out = append(slices.Clip(out), groupExprs(s)...)
	}
	return out
}

// groupingSets are the sets of a GROUP BY with ROLLUP, CUBE or GROUPING SETS, at most
// maxSets+1; nil for one without.
func groupingSets(g *ast.GroupBy) [][]ast.Expr {
	if g == nil || !slices.ContainsFunc(g.Items, func(i ast.GroupItem) bool { return i.Kind != ast.GroupExpr }) {
		return nil
	}
	sets := [][]ast.Expr{nil}
	for _, item := range g.Items {
		var next [][]ast.Expr
		for _, before := range sets {
			for _, s := range setsOf(item) {
				if len(next) > maxSets {
					break
				}
				next = append(next, append(slices.Clip(before), s...))
			}
		}
		sets = next
	}
	return sets
}

func setsOf(item ast.GroupItem) (sets [][]ast.Expr) {
	switch item.Kind {
	case ast.GroupRollup:
		for n := len(item.Sets); n >= 0 && len(sets) <= maxSets; n-- {
			sets = append(sets, membersOf(item.Sets[:n]))
		}
	case ast.GroupCube:
		for bits := 1<<min(len(item.Sets), 20) - 1; bits >= 0 && len(sets) <= maxSets; bits-- {
			var members []ast.GroupItem
			for i, s := range item.Sets {
				if bits>>(len(item.Sets)-1-i)&1 != 0 {
					members = append(members, s)
				}
			}
			sets = append(sets, membersOf(members))
		}
	case ast.GroupSets:
		for _, s := range item.Sets {
			sets = append(sets, setsOf(s)...)
		}
	default:
		sets = [][]ast.Expr{item.Exprs}
	}
	return sets
}

func membersOf(items []ast.GroupItem) []ast.Expr {
	var out []ast.Expr
	for _, i := range items {
		out = append(out, groupExprs(i)...)
	}
	return out
}

// showSets writes the grouping sets below an aggregate. Redshift's own form of them
// is not documented: assumed to be PostgreSQL's.
func (n *node) showSets(sets [][]ast.Expr, w writer) {
	for i, set := range sets {
		if i == maxSets {
			n.detail("Group Key: ...")
			return
		}
		keys := make([]string, len(set))
		for j, e := range set {
			keys[j] = w.expr(e)
		}
		if len(keys) == 0 {
			keys = []string{"()"}
		}
		n.detail("Group Key: %s", strings.Join(keys, ", "))
	}
}
