package explain

import (
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

// pathRows is how many elements an array of a SUPER is thought to have: assumed.
const pathRows = 10

// source is an item of FROM that is neither a table nor a query. The operators are
// assumed: AWS shows no plans of them.
func (p *planner) source(t ast.TableExpr, s *scope, units map[ast.TableExpr]*unit) (*unit, error) {
	switch t := t.(type) {
	case *ast.TablePath:
		return p.unnested(t.Path, t.Alias, t.At), nil
	case *ast.TableUnpivotObject:
		var alias *ast.Alias
		if t.Value != nil {
			alias = &ast.Alias{Name: *t.Value}
		}
		return p.unnested(t.Object, alias, t.Key), nil
	case *ast.TableFunc:
		if len(t.Call.Args) == 1 && t.Call.Name.Object().Name == "unnest" {
			return p.unnested(t.Call.Args[0], t.Alias, t.At), nil
		}
		name := p.ident(t.Call.Name.Object())
		alias := name
		if t.Alias != nil {
			alias = p.ident(t.Alias.Name)
		}
		u := scanUnit(&relation{alias: alias, open: true}, name+named(alias, name), systemRows, true)
		u.node.op, u.spread = "Function Scan", spreadLeader
		return u, nil
	case *ast.TablePivot:
		u, err := p.inner(t.Source, s)
		if err != nil {
			return nil, err
		}
		groups := clamp(min(distinctValues, u.node.rows))
		return p.reshaped(aggregate("HashAggregate", u.node, 1, len(t.Aggs)*max(1, len(t.In)), groups), t.Alias), nil
	case *ast.TableUnpivot:
		u, err := p.inner(t.Source, s)
		if err != nil {
			return nil, err
		}
		n := over("Append", u.node)
		n.rows *= float64(max(1, len(t.In)))
		n.total += tupleCost * n.rows
		return p.reshaped(n, t.Alias), nil
	}
	return nil, p.unsupported(t.Pos(), "EXPLAIN of this FROM item")
}

func named(alias, name string) string {
	if alias == name {
		return ""
	}
	return " " + alias
}

// unnested is an array or an object whose elements are rows.
func (p *planner) unnested(path ast.Expr, alias *ast.Alias, at *ast.Ident) *unit {
	name := p.text(path)
	called := name
	if alias != nil {
		called = p.ident(alias.Name)
	}
	r := &relation{alias: called, cols: nil, open: true}
	if at != nil {
		r.cols = append(r.cols, &column{rel: r, name: p.ident(*at), width: 8})
	}
	u := scanUnit(r, name+named(called, name), pathRows, false)
	u.node.op, u.spread = "Function Scan", spreadAll // it is where its object is
	return u
}

// inner plans what PIVOT and UNPIVOT stand behind.
func (p *planner) inner(t ast.TableExpr, s *scope) (*unit, error) {
	in := &scope{outer: s.outer}
	made := map[ast.TableExpr]*unit{}
	if err := p.table(t, in, made); err != nil {
		return nil, err
	}
	for _, r := range in.rels {
		for _, c := range r.cols {
			c.top = true
		}
	}
	return p.joined(&ast.Select{From: []ast.TableExpr{t}}, in, made)
}

// reshaped is a unit of a node whose columns are not known.
func (p *planner) reshaped(n *node, alias *ast.Alias) *unit {
	name := p.derivedName()
	if alias != nil {
		name = p.ident(alias.Name)
	}
	top := over("Subquery Scan", n)
	top.on = name
	top.total += tupleCost * n.rows
	return &unit{node: top, rels: []*relation{{alias: name, open: true}}, whole: n.rows}
}
