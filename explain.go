package redshift

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Plan is how the server would run a statement, as EXPLAIN tells (r_EXPLAIN,
// c-the-query-plan).
type Plan struct {
	// Root is the operator that gives the result.
	Root *PlanNode
	// Warnings are what the server says below the tree, such as "Tables missing
	// statistics: sales".
	Warnings []string
	// Text is EXPLAIN's own text.
	Text string
}

// PlanNode is one operator. Its numbers are estimates.
type PlanNode struct {
	// Operator is its name: "Seq Scan", "Hash Join", "Network".
	Operator string
	// Leader: it runs on the leader node and not on the compute nodes.
	Leader bool
	// Distribution is how a join moves rows between nodes, "DS_BCAST_INNER" and
	// so on; "" for what is no join.
	Distribution string
	// Relation and Alias are what a scan reads.
	Relation, Alias string
	// StartCost and Cost are relative, until the first and the last row.
	StartCost, Cost float64
	// Rows is their number, Width their mean size in bytes.
	Rows  int64
	Width int
	// Details are the lines below it, such as "Hash Cond" with its condition.
	Details []PlanDetail
	// Children give it their rows; the outer side of a join comes first.
	Children []*PlanNode
}

// PlanDetail is a line below an operator. A line without a name ("Send to
// leader") is a Value alone.
type PlanDetail struct{ Name, Value string }

// Advice is something in a plan that is worth a look.
type Advice struct {
	// Node is where; nil for the plan as a whole.
	Node *PlanNode
	// Message says what, and what to do.
	Message string
}

// Explain asks how the server would run a statement, without running it. SELECT,
// SELECT INTO, CREATE TABLE AS, INSERT, UPDATE and DELETE have plans.
func (c *Client) Explain(ctx context.Context, q Query) (*Plan, error) { return explain(ctx, c, q) }

// Explain is Client.Explain inside the transaction.
func (tx *Tx) Explain(ctx context.Context, q Query) (*Plan, error) { return explain(ctx, tx, q) }

// Explain is Client.Explain in the session.
func (c *Conn) Explain(ctx context.Context, q Query) (*Plan, error) { return explain(ctx, c, q) }

func explain(ctx context.Context, on Querier, q Query) (*Plan, error) {
	q.SQL = "EXPLAIN " + q.SQL
	rows, err := on.Query(ctx, q)
	if err != nil {
		return nil, err
	}
	lines, err := Collect(rows, ByPos[string])
	if err != nil {
		return nil, err
	}
	return ParsePlan(strings.Join(lines, "\n"))
}

// planLine is an operator's line behind its arrow. Two blanks stand before the
// estimates.
var planLine = regexp.MustCompile(`^(?:(XN|LD) )?(.+?) {1,2}\(cost=([0-9.]+)\.\.([0-9.]+) rows=([0-9]+) width=([0-9]+)\)$`)

// ParsePlan reads EXPLAIN's text. The error is an ErrUsage.
func ParsePlan(text string) (*Plan, error) {
	p := &Plan{Text: text}
	type open struct {
		node   *PlanNode
		indent int
	}
	var path []open
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, " \r\n")
		rest := strings.TrimLeft(line, " ")
		indent := len(line) - len(rest)
		body, arrow := strings.CutPrefix(rest, "->")
		body = strings.TrimLeft(body, " ")
		m := planLine.FindStringSubmatch(body)
		switch {
		case rest == "":
		case strings.HasPrefix(rest, "-----"):
			p.Warnings = append(p.Warnings, strings.Trim(rest, "- "))
		case m != nil:
			node, err := planNode(m)
			if err != nil {
				return nil, err
			}
			for len(path) > 0 && path[len(path)-1].indent >= indent {
				path = path[:len(path)-1]
			}
			switch {
			case len(path) > 0 && arrow:
				parent := path[len(path)-1].node
				parent.Children = append(parent.Children, node)
			case p.Root == nil:
				p.Root = node
			default:
				return nil, usage("the plan has two roots: %q", rest)
			}
			path = append(path, open{node, indent})
		case len(path) > 0:
			last := path[len(path)-1].node
			name, value, named := strings.Cut(rest, ": ")
			if !named {
				name, value = "", rest
			}
			last.Details = append(last.Details, PlanDetail{name, value})
		default:
			return nil, usage("the text is no plan: %q", rest)
		}
	}
	if p.Root == nil {
		return nil, usage("the plan is empty")
	}
	return p, nil
}

func planNode(m []string) (*PlanNode, error) {
	n := &PlanNode{Operator: m[2], Leader: m[1] == "LD"}
	var err [4]error
	n.StartCost, err[0] = strconv.ParseFloat(m[3], 64)
	n.Cost, err[1] = strconv.ParseFloat(m[4], 64)
	n.Rows, err[2] = strconv.ParseInt(m[5], 10, 64)
	n.Width, err[3] = strconv.Atoi(m[6])
	for _, e := range err {
		if e != nil {
			return nil, usage("the plan's estimates cannot be read: %v", e)
		}
	}
	if i := strings.Index(n.Operator, " DS_"); i >= 0 {
		n.Operator, n.Distribution = n.Operator[:i], n.Operator[i+1:]
	}
	if operator, of, ok := strings.Cut(n.Operator, " on "); ok {
		n.Operator = operator
		n.Relation, n.Alias, _ = strings.Cut(of, " ")
	} else if alias, ok := strings.CutPrefix(n.Operator, "Subquery Scan "); ok {
		n.Operator, n.Alias = "Subquery Scan", alias
	} else if of, ok := strings.CutPrefix(n.Operator, "S3 Seq Scan "); ok {
		n.Operator = "S3 Seq Scan"
		n.Relation, _, _ = strings.Cut(of, " ")
	}
	return n, nil
}

// All visits every operator, parents first.
func (p *Plan) All(yield func(*PlanNode) bool) { p.Root.all(yield) }

func (n *PlanNode) all(yield func(*PlanNode) bool) bool {
	if !yield(n) {
		return false
	}
	for _, c := range n.Children {
		if !c.all(yield) {
			return false
		}
	}
	return true
}

// String is EXPLAIN's own text.
func (p *Plan) String() string { return p.Text }

// manyRows is from how many rows on moving them is worth a word.
const manyRows = 100_000

// Advice tells what the documents warn of (c_data_redistribution,
// c-query-planning): rows that move between nodes, joins without a condition,
// missing statistics.
func (p *Plan) Advice() []Advice {
	var found []Advice
	for n := range p.All {
		inner := int64(0)
		if len(n.Children) > 1 {
			inner = n.Children[1].Rows
		}
		switch {
		case n.Operator == "Nested Loop" && n.Rows > manyRows:
			found = append(found, Advice{n, fmt.Sprintf("a nested loop of %d rows: look for a join condition that is missing", n.Rows)})
		case n.Distribution == "DS_BCAST_INNER" && inner > manyRows:
			found = append(found, Advice{n, fmt.Sprintf("%d rows of the inner table are sent to every node: distribute both tables by the join's key, or the smaller one to all nodes", inner)})
		case n.Distribution == "DS_DIST_BOTH":
			found = append(found, Advice{n, "both tables are redistributed: neither is distributed by the join's key"})
		case n.Distribution == "DS_DIST_ALL_INNER":
			found = append(found, Advice{n, "the whole inner table is sent to one slice, because the outer one is distributed to all nodes"})
		}
	}
	for _, w := range p.Warnings {
		if tables, ok := strings.CutPrefix(w, "Tables missing statistics: "); ok {
			found = append(found, Advice{nil, "ANALYZE " + strings.TrimSpace(tables) + ": without statistics the plan is a guess"})
		}
	}
	return found
}
