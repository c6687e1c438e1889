package explain

import (
	"math"

	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

// The costs are PostgreSQL 8.0's without those of pages: the guide's plans follow
// them to the last digit.
const (
	tupleCost    = 0.01
	operatorCost = 0.0025
	// sortCost is added to every sort, so that the planner avoids them.
	sortCost = 1e12
	// moveCost is that of sending a row to its slice, and copyCost of sending it to
	// every node: the guide's plans have them on clusters of their time.
	moveCost = 20000.0 / 3
	copyCost = 320000.0
)

// Selectivities without statistics are PostgreSQL's too.
const (
	equalShare = 0.005
	rangeShare = 1.0 / 3
	otherShare = 0.5
	// distinctValues is how many values a column has at most.
	distinctValues = 200
)

// share is the part of the rows for which a condition holds.
func share(e ast.Expr) float64 {
	switch e := e.(type) {
	case *ast.Literal:
		if e.Kind == ast.BoolLiteral && e.Text == "true" {
			return 1
		}
		return 0
	case *ast.Unary:
		if e.Op == ast.OpNot {
			return 1 - share(e.X)
		}
	case *ast.Binary:
		switch e.Op {
		case ast.OpAnd:
			out := 1.0
			for _, c := range flatten(e, ast.OpAnd) {
				out *= share(c)
			}
			return out
		case ast.OpOr:
			out := 1.0
			for _, c := range flatten(e, ast.OpOr) {
				out *= 1 - share(c)
			}
			return 1 - out
		case ast.OpEq:
			return equalShare
		case ast.OpNe:
			return 1 - equalShare
		case ast.OpLt, ast.OpLe, ast.OpGt, ast.OpGe:
			return rangeShare
		}
	case *ast.Between:
		return negated(equalShare, e.Not)
	case *ast.In:
		if e.Query == nil {
			return negated(min(1, equalShare*float64(len(e.List))), e.Not)
		}
	case *ast.Like:
		return negated(equalShare, e.Not)
	case *ast.Is:
		if e.Kind == ast.IsNull {
			return negated(equalShare, e.Not)
		}
	}
	return otherShare
}

func negated(v float64, not bool) float64 {
	if not {
		return 1 - v
	}
	return v
}

// operators counts those of an expression that cost something for every row.
func operators(e ast.Expr) int {
	n := 0
	ast.Inspect(e, func(x ast.Node) bool {
		switch x := x.(type) {
		case *ast.Query:
			return false
		case *ast.Binary:
			if x.Op != ast.OpAnd && x.Op != ast.OpOr {
				n++
			}
		case *ast.Between:
			n += 2
		case *ast.In:
			n += max(len(x.List), 1)
		case *ast.Like, *ast.FuncCall:
			n++
		}
		return true
	})
	return n
}

func clamp(rows float64) float64 { return math.Max(1, math.Round(rows)) }

// sorted is a sort of a node's rows.
func sorted(kid *node, key string) *node {
	n := over("Sort", kid)
	rows := math.Max(kid.rows, 1)
	n.start = kid.total + 2*operatorCost*rows*math.Log2(math.Max(rows, 2))
	if n.start < sortCost {
		n.start += sortCost
	}
	n.total = n.start + operatorCost*rows
	n.detail("Sort Key: %s", key)
	return n
}

// limited is LIMIT and OFFSET; either may be -1.
func limited(kid *node, limit, offset float64) *node {
	n := over("Limit", kid)
	whole := math.Max(kid.rows, 1)
	skipped := math.Min(math.Max(offset, 0), whole)
	rows := whole - skipped
	if limit >= 0 {
		rows = math.Min(rows, limit)
	}
	run := kid.total - kid.start
	n.start = kid.start + run*skipped/whole
	n.total = n.start + run*rows/whole
	n.rows = clamp(rows)
	return n
}
