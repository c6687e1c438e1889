// Package explain writes the plan of a statement in the form of Redshift's EXPLAIN
// (r_EXPLAIN.md, c-the-query-plan.md): operators, distribution, conditions and costs
// are worked out from the statement and the catalog, as a cluster without statistics
// beyond the number of rows might choose them. It is not the plan by which the
// emulator runs the statement.
package explain

import (
	"fmt"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/bind"
	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

// Env is what a plan depends on beside the statement.
type Env struct {
	// Bind says what names stand for.
	Bind bind.Env
	// Rows tells how many rows a table has. It is called once for each mention.
	Rows func(*catalog.Relation) (int64, error)
}

// Plan is a statement's plan.
type Plan struct {
	root    *node
	verbose bool
	notes   []string
}

// maxNesting bounds queries in queries and views in views, maxNodes a plan.
const (
	maxNesting = 64
	maxNodes   = 10_000
)

// Explains tells whether EXPLAIN takes a statement: SELECT, SELECT INTO, CREATE TABLE
// AS, INSERT, UPDATE and DELETE.
func Explains(stmt ast.Stmt) bool {
	switch stmt.(type) {
	case *ast.Query, *ast.CreateTableAs, *ast.Insert, *ast.Update, *ast.Delete:
		return true
	}
	return false
}

// Statement plans a statement that bind.Statement has accepted. What cannot be
// explained is a *bind.Error; the others are those of Env.Rows.
func Statement(stmt ast.Stmt, verbose bool, env Env) (*Plan, error) {
	p := &planner{env: env, stores: map[*catalog.Relation]float64{}}
	var n *node
	var err error
	switch s := stmt.(type) {
	case *ast.Query:
		n, _, err = p.query(s, nil)
	case *ast.CreateTableAs:
		n, _, err = p.query(s.Query, nil)
	case *ast.Insert:
		n, err = p.insert(s)
	case *ast.Update:
		n, err = p.change(s.With, s.Table, s.Alias, s.From, s.Where, s.Set)
	case *ast.Delete:
		n, err = p.change(s.With, s.Table, s.Alias, s.Using, s.Where, nil)
	default:
		err = p.unsupported(stmt.Pos(), "EXPLAIN of this statement")
	}
	if err != nil {
		return nil, err
	}
	plan := &Plan{root: n, verbose: verbose}
	if n.has("Nested Loop") {
		plan.notes = append(plan.notes, "----- Nested Loop Join in the query plan - review the join predicates to avoid Cartesian products -----")
	}
	return plan, nil
}

// Lines are the rows of the column QUERY PLAN.
func (p *Plan) Lines() []string {
	var lines []string
	if p.verbose {
		lines = p.root.dump(nil, new(int), 0, 0)
		lines = append(lines, "")
	}
	lines = p.root.lines(lines)
	for _, note := range p.notes {
		lines = append(lines, " "+note)
	}
	return lines
}

// Step is one operator of a plan as STL_EXPLAIN shows it (r_STL_EXPLAIN.md).
type Step struct {
	// Node and Parent count from 1; the root's Parent is 0.
	Node, Parent int
	// Text is the operator's line, Info its conditions.
	Text, Info string
}

// Steps are the plan's operators, each before those below it.
func (p *Plan) Steps() []Step { return p.root.steps(nil, 0) }

// planner plans one statement.
type planner struct {
	env    Env
	nested int
	nodes  int
	// stores are the rows of the tables that were asked for.
	stores map[*catalog.Relation]float64
	// derived counts the queries that have no name of their own.
	derived int
}

func (p *planner) unsupported(offset int, what string) error {
	return &bind.Error{State: "0A000", Message: "not supported by the emulator: " + what, Offset: offset}
}

// enter bounds the nesting; what it returns leaves.
func (p *planner) enter(offset int) (func(), error) {
	if p.nested >= maxNesting {
		return nil, &bind.Error{State: "54001", Message: fmt.Sprintf("not supported by the emulator: EXPLAIN of more than %d queries in each other", maxNesting), Offset: offset}
	}
	p.nested++
	return func() { p.nested-- }, nil
}

// tableRows is how many rows a table has.
func (p *planner) tableRows(r *catalog.Relation) (float64, error) {
	if n, ok := p.stores[r]; ok {
		return n, nil
	}
	n, err := p.env.Rows(r)
	if err != nil {
		return 0, err
	}
	p.stores[r] = float64(max(n, 1))
	return p.stores[r], nil
}

func (p *planner) insert(s *ast.Insert) (*node, error) {
	if s.Query == nil {
		return result(1, 0), nil
	}
	if v, ok := s.Query.Body.(*ast.Values); ok {
		return result(len(v.Rows), 0), nil
	}
	n, _, err := p.query(s.Query, nil)
	return n, err
}

// change is UPDATE and DELETE: their scan and filter alone is shown, the table being
// joined to the others.
func (p *planner) change(with *ast.With, table ast.Name, alias *ast.Alias, from []ast.TableExpr, where ast.Expr, set []ast.Assign) (*node, error) {
	sel := &ast.Select{Where: where, From: append([]ast.TableExpr{&ast.TableName{Span: table.Span, Name: table, Alias: alias}}, from...)}
	for i := range set {
		if _, ok := set[i].Value.(*ast.Default); !ok {
			sel.Targets = append(sel.Targets, ast.Target{Expr: set[i].Value})
		}
	}
	s, err := p.with(with, nil)
	if err != nil {
		return nil, err
	}
	b, err := p.selectBody(sel, s, nil)
	if err != nil {
		return nil, err
	}
	b.node.width += 6 // the row's id
	return b.node, nil
}

// text is the source of a node.
func (p *planner) text(n ast.Node) string {
	t := p.env.Bind.Text
	if n.Pos() < 0 || n.End() > len(t) || n.Pos() > n.End() {
		return "?"
	}
	return strings.Join(strings.Fields(t[n.Pos():n.End()]), " ")
}
