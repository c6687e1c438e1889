package bind

import (
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

// windowOnly are the functions that need OVER.
var windowOnly = map[string]bool{
	"row_number": true, "rank": true, "dense_rank": true, "percent_rank": true, "cume_dist": true, "ntile": true,
	"lag": true, "lead": true, "first_value": true, "last_value": true, "nth_value": true, "ratio_to_report": true,
}

// window binds a call with OVER (c_Window_functions.md).
func (b *binder) window(name string, e *ast.FuncCall, s *scope) (node, error) {
	a, isAgg := aggregates[name]
	if !isAgg && !windowOnly[name] {
		return node{}, errorAt(e.Pos(), "42809", "OVER specified, but %s is not a window function nor an aggregate function", name)
	}
	switch {
	case s.inWindow > 0:
		return node{}, errorAt(e.Pos(), "42P20", "window function calls may not be nested")
	case s.inAgg > 0:
		return node{}, errorAt(e.Pos(), "42803", "aggregate function calls may not contain window function calls")
	case s.clause != targetClause && s.clause != qualifyClause && s.clause != orderClause:
		what := "this context"
		switch s.clause {
		case havingClause:
			what = "HAVING"
		case whereClause, onClause, groupClause, limitClause, valuesClause:
			what = clauseNames[s.clause]
		}
		return node{}, errorAt(e.Pos(), "42P20", "window functions are not allowed in %s", what)
	case isAgg && e.Distinct && name != "listagg":
		return node{}, errorAt(e.Pos(), "0A000", "DISTINCT is not supported in window aggregates")
	}
	s.wins++
	s.inWindow++
	defer func() { s.inWindow-- }()
	spec, err := b.windowSpec(e.Over, s)
	if err != nil {
		return node{}, err
	}
	if err := windowRules(name, isAgg, e, spec); err != nil {
		return node{}, err
	}
	over := " OVER (" + spec.sql + ")"
	if isAgg {
		return b.aggregateBody(name, a, e, s, over)
	}
	return b.windowCall(name, e, s, spec, over)
}

// windowSpec is what stands behind OVER.
type windowSpec struct {
	sql       string
	partition string
	ordered   bool
	framed    bool
}

func windowRules(name string, isAgg bool, e *ast.FuncCall, spec *windowSpec) error {
	switch name {
	case "first_value", "last_value", "nth_value":
		isAgg = true
	case "listagg", "median", "percentile_cont", "percentile_disc", "ratio_to_report":
		if spec.ordered || spec.framed {
			return errorAt(e.Over.Pos(), "0A000", "%s takes only PARTITION BY in its window", strings.ToUpper(name))
		}
		return nil
	case "lag", "lead":
		if !spec.ordered {
			return errorAt(e.Over.Pos(), "42601", "window function %s requires an ORDER BY clause", name)
		}
	}
	switch {
	case isAgg && spec.ordered && !spec.framed:
		return errorAt(e.Over.Pos(), "42601", "Aggregate window functions with an ORDER BY clause require a frame clause")
	case !isAgg && spec.framed:
		return errorAt(e.Over.Frame.Pos(), "42601", "window function %s does not take a frame clause", name)
	}
	return nil
}

func (b *binder) windowSpec(w *ast.Window, s *scope) (*windowSpec, error) {
	spec := &windowSpec{}
	var parts []string
	if w.Ref != nil {
		name := b.ident(*w.Ref)
		found := false
		for i := range s.windows {
			if b.ident(s.windows[i].Name) != name {
				continue
			}
			base := s.windows[i].Window
			if base.Ref != nil && b.ident(*base.Ref) == name || base == w {
				break
			}
			found = true
			b.depth++
			if b.depth > maxDepth {
				return nil, errorAt(w.Pos(), "54001", "statement is too complex")
			}
			of, err := b.windowSpec(base, s)
			b.depth--
			if err != nil {
				return nil, err
			}
			if w.Bare {
				return of, nil
			}
			if len(w.PartitionBy) > 0 || of.framed {
				return nil, errorAt(w.Pos(), "42P20", "cannot override the window %q", name)
			}
			*spec = *of
			if of.sql != "" {
				parts = append(parts, of.sql)
			}
			break
		}
		if !found {
			return nil, errorAt(w.Ref.Pos(), "42704", "window %q does not exist", name)
		}
	}
	if len(w.PartitionBy) > 0 {
		list := make([]string, len(w.PartitionBy))
		for i, e := range w.PartitionBy {
			n, err := b.windowKey(e, s, "PARTITION BY")
			if err != nil {
				return nil, err
			}
			list[i] = n.sql
		}
		spec.partition = "PARTITION BY " + strings.Join(list, ", ")
		parts = append(parts, spec.partition)
	}
	if len(w.OrderBy) > 0 {
		if spec.ordered {
			return nil, errorAt(w.Pos(), "42P20", "cannot override ORDER BY clause of a window")
		}
		list := make([]string, len(w.OrderBy))
		for i := range w.OrderBy {
			n, err := b.windowKey(w.OrderBy[i].Expr, s, "ORDER BY")
			if err != nil {
				return nil, err
			}
			list[i] = n.sql + direction(&w.OrderBy[i])
		}
		spec.ordered = true
		parts = append(parts, "ORDER BY "+strings.Join(list, ", "))
	}
	if w.Frame != nil {
		frame, err := b.frame(w.Frame, s)
		if err != nil {
			return nil, err
		}
		spec.framed = true
		parts = append(parts, frame)
	}
	spec.sql = strings.Join(parts, " ")
	return spec, nil
}

// windowKey binds an expression of a window, which must not be a constant.
func (b *binder) windowKey(e ast.Expr, s *scope, what string) (node, error) {
	n, err := b.expr(e, s)
	if err != nil {
		return n, err
	}
	if _, ok := e.(*ast.Literal); ok {
		return n, errorAt(e.Pos(), "0A000", "constant expressions are not supported in a window's %s clause", what)
	}
	if n, err = b.settle(n, e.Pos()); n.folded {
		n.sql = caseless(n.sql)
	}
	if err == nil {
		err = orderable(n.typ, e.Pos())
	}
	return n, err
}

func (b *binder) frame(f *ast.Frame, s *scope) (string, error) {
	if f.Range {
		return "", errorAt(f.Pos(), "0A000", "RANGE is not supported in window frames")
	}
	bound := func(x *ast.FrameBound) (string, error) {
		switch x.Kind {
		case ast.UnboundedPreceding:
			return "UNBOUNDED PRECEDING", nil
		case ast.UnboundedFollowing:
			return "UNBOUNDED FOLLOWING", nil
		case ast.CurrentRow:
			return "CURRENT ROW", nil
		}
		n, err := b.expr(x.Offset, s)
		if err != nil {
			return "", err
		}
		if n, err = b.coerce(n, typed(rstype.Int8), x.Offset.Pos()); err != nil {
			return "", err
		}
		if x.Kind == ast.Preceding {
			return n.sql + " PRECEDING", nil
		}
		return n.sql + " FOLLOWING", nil
	}
	start, err := bound(&f.Start)
	if err != nil {
		return "", err
	}
	if f.Stop == nil {
		return "ROWS " + start, nil
	}
	if f.Stop.Kind < f.Start.Kind || f.Start.Kind == ast.UnboundedFollowing || f.Stop.Kind == ast.UnboundedPreceding {
		return "", errorAt(f.Pos(), "42P20", "frame start cannot be behind its end")
	}
	stop, err := bound(f.Stop)
	if err != nil {
		return "", err
	}
	return "ROWS BETWEEN " + start + " AND " + stop, nil
}

func (b *binder) windowCall(name string, e *ast.FuncCall, s *scope, spec *windowSpec, over string) (node, error) {
	c := &call{e: e, name: name, s: s}
	for _, x := range e.Args {
		n, err := b.expr(x, s)
		if err != nil {
			return n, err
		}
		if n, err = b.settle(n, x.Pos()); err != nil {
			return n, err
		}
		c.args = append(c.args, n)
	}
	nulls := ""
	switch e.Nulls {
	case ast.IgnoreNulls:
		nulls = " IGNORE NULLS"
	case ast.RespectNulls:
		nulls = " RESPECT NULLS"
	}
	takesNulls := false
	count := func(lo, hi int) error { return c.want(lo, hi) }
	var out node
	var err error
	switch name {
	case "row_number", "rank", "dense_rank", "percent_rank", "cume_dist":
		err = count(0, 0)
		out = node{sql: name + "()" + over, typ: typed(rstype.Int8), exact: true}
		switch name {
		case "percent_rank", "cume_dist":
			out.typ = typed(rstype.Float8)
		case "rank", "dense_rank":
			out.typ, out.exact = typed(rstype.Int4), false // r_WF_RANK.md
		}
	case "ntile":
		if err = count(1, 1); err == nil {
			n, err := b.coerce(c.args[0], typed(rstype.Int8), c.offset(0))
			if err != nil {
				return n, err
			}
			out = node{sql: "ntile(" + n.sql + ")" + over, typ: typed(rstype.Int8), exact: true}
		}
	case "lag", "lead":
		takesNulls = true
		if err = count(1, 2); err == nil {
			args := asType2(c.args[0])
			if len(c.args) == 2 {
				n, err := b.coerce(c.args[1], typed(rstype.Int8), c.offset(1))
				if err != nil {
					return n, err
				}
				args += ", " + n.sql
			}
			out = node{sql: name + "(" + args + nulls + ")" + over, typ: c.args[0].typ, exact: true}
		}
	case "first_value", "last_value":
		takesNulls = true
		if err = count(1, 1); err == nil {
			out = node{sql: name + "(" + asType2(c.args[0]) + nulls + ")" + over, typ: c.args[0].typ, exact: true}
		}
	case "nth_value":
		takesNulls = true
		if err = count(2, 2); err == nil {
			n, err := b.coerce(c.args[1], typed(rstype.Int8), c.offset(1))
			if err != nil {
				return n, err
			}
			out = node{sql: "nth_value(" + asType2(c.args[0]) + ", " + n.sql + nulls + ")" + over, typ: c.args[0].typ, exact: true}
		}
	case "ratio_to_report":
		if err = count(1, 1); err == nil {
			if !isNumber(c.args[0].typ.Kind) {
				return node{}, c.mismatch()
			}
			x := "CAST(" + c.args[0].sql + " AS DOUBLE)"
			out = node{sql: "(" + x + " / nullif(sum(" + x + ") OVER (" + spec.partition + "), 0))", typ: typed(rstype.Float8), exact: true}
		}
	}
	if err != nil {
		return node{}, err
	}
	if nulls != "" && !takesNulls {
		return node{}, errorAt(e.Pos(), "42601", "IGNORE NULLS is not allowed for %s", name)
	}
	out.trimmed = out.typ.Kind == rstype.Char
	return out, nil
}
