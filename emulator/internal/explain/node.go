package explain

import (
	"fmt"
	"strings"
)

// node is one operator of a plan.
type node struct {
	op string
	// leader: the leader node runs it, and LD stands before it instead of XN.
	leader bool
	// attr is the distribution of a join, such as DS_DIST_NONE.
	attr string
	// on is what stands behind the operator: "on sales s".
	on           string
	start, total float64
	rows         float64
	width        int
	details      []string
	kids         []*node
	// plans are the queries inside its expressions.
	plans []subplan
}

// subplan is a query in an expression: "InitPlan" when it runs once, "SubPlan" when it
// runs for every row.
type subplan struct {
	label string
	node  *node
}

func result(rows, width int) *node {
	return &node{op: "Result", total: 0.01 * float64(rows), rows: float64(rows), width: width}
}

// over is a node above another, with its costs.
func over(op string, kid *node) *node {
	return &node{op: op, leader: kid.leader, start: kid.start, total: kid.total, rows: kid.rows, width: kid.width, kids: []*node{kid}}
}

func (n *node) detail(format string, args ...any) {
	n.details = append(n.details, fmt.Sprintf(format, args...))
}

func (n *node) has(op string) bool {
	if strings.HasPrefix(n.op, op) {
		return true
	}
	for _, k := range n.kids {
		if k.has(op) {
			return true
		}
	}
	for _, s := range n.plans {
		if s.node.has(op) {
			return true
		}
	}
	return false
}

// head is the operator's line.
func (n *node) head() string {
	var s strings.Builder
	s.WriteString("XN ")
	if n.leader {
		s.Reset()
		s.WriteString("LD ")
	}
	s.WriteString(n.op)
	if n.attr != "" {
		s.WriteString(" " + n.attr)
	}
	if n.on != "" {
		s.WriteString(" " + n.on)
	}
	fmt.Fprintf(&s, "  (cost=%.2f..%.2f rows=%.0f width=%d)", n.start, n.total, max(n.rows, 1), n.width)
	return s.String()
}

// lines appends the lines of a plan, whose children stand as PostgreSQL 8.0 has them.
func (n *node) lines(dst []string) []string { return n.below(append(dst, n.head()), 0) }

// below appends what belongs to a node whose line begins at a column.
func (n *node) below(dst []string, at int) []string {
	indent := strings.Repeat(" ", at+2)
	for _, d := range n.details {
		dst = append(dst, indent+d)
	}
	plans := func(label string) {
		for _, s := range n.plans {
			if s.label == label {
				dst = append(dst, indent+label, indent+"  ->  "+s.node.head())
				dst = s.node.below(dst, at+8)
			}
		}
	}
	plans("InitPlan")
	for _, k := range n.kids {
		dst = append(dst, indent+"->  "+k.head())
		dst = k.below(dst, at+6)
	}
	plans("SubPlan")
	return dst
}

// steps appends a node and those below it.
func (n *node) steps(dst []Step, parent int) []Step {
	me := len(dst) + 1
	dst = append(dst, Step{me, parent, n.head(), strings.Join(n.details, " ")})
	for _, s := range n.plans {
		dst = s.node.steps(dst, me)
	}
	for _, k := range n.kids {
		dst = k.steps(dst, me)
	}
	return dst
}

// dump is the tree of nodes that VERBOSE prints before the plan. Its fields are
// assumed: the guide does not show them.
func (n *node) dump(dst []string, id *int, parent, level int) []string {
	*id++
	me := *id
	indent := strings.Repeat(" ", 3*level)
	dst = append(dst,
		indent+"{ "+strings.ToUpper(strings.ReplaceAll(n.op, " ", "")),
		fmt.Sprintf("%s  :startup_cost %.2f", indent, n.start),
		fmt.Sprintf("%s  :total_cost %.2f", indent, n.total),
		fmt.Sprintf("%s  :plan_rows %.0f", indent, max(n.rows, 1)),
		fmt.Sprintf("%s  :node_id %d", indent, me),
		fmt.Sprintf("%s  :parent_id %d", indent, parent),
		fmt.Sprintf("%s  :plan_width %d", indent, n.width),
	)
	if n.attr != "" {
		dst = append(dst, indent+"  :dist_info "+n.attr)
	}
	for _, d := range n.details {
		dst = append(dst, indent+"  :info "+d)
	}
	for _, s := range n.plans {
		dst = s.node.dump(dst, id, me, level+1)
	}
	for _, k := range n.kids {
		dst = k.dump(dst, id, me, level+1)
	}
	return append(dst, indent+"}")
}
