package deparse

import (
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

func (w *writer) inParens(q *ast.Query) {
	w.put("(")
	w.query(q)
	w.put(")")
}

func (w *writer) query(q *ast.Query) {
	w.with(q.With)
	w.body(q.Body)
	w.orderBy(q.OrderBy)
	if q.Limit != nil {
		w.put(" limit ")
		w.expr(q.Limit)
	}
	w.when(q.LimitAll, " limit all")
	if q.Offset != nil {
		w.put(" offset ")
		w.expr(q.Offset)
	}
}

func (w *writer) with(with *ast.With) {
	if with == nil {
		return
	}
	w.put("with ")
	w.when(with.Recursive, "recursive ")
	for i, c := range with.CTEs {
		w.when(i > 0, ", ")
		w.ident(c.Name)
		w.columns(c.Columns)
		w.put(" as ")
		w.inParens(c.Query)
	}
	w.put(" ")
}

var setOps = [...]string{ast.Union: " union ", ast.Intersect: " intersect ", ast.Except: " except "}

func (w *writer) body(b ast.QueryBody) {
	switch b := b.(type) {
	case *ast.Select:
		w.sel(b)
	case *ast.SetOp:
		// What binds less tightly, or stands on the right, was in parentheses.
		l, ok := b.L.(*ast.SetOp)
		w.member(b.L, ok && l.Kind != b.Kind)
		w.put(setOps[b.Kind])
		w.when(b.All, "all ")
		_, ok = b.R.(*ast.SetOp)
		w.member(b.R, ok)
	case *ast.Values:
		w.put("values ")
		for i, row := range b.Rows {
			w.when(i > 0, ", ")
			w.put("(")
			w.exprs(row)
			w.put(")")
		}
	case *ast.Query:
		w.inParens(b)
	}
}

func (w *writer) member(b ast.QueryBody, parens bool) {
	w.when(parens, "(")
	w.body(b)
	w.when(parens, ")")
}

func (w *writer) sel(s *ast.Select) {
	w.put("select ")
	if s.Top != nil {
		w.put("top ")
		w.operand(s.Top)
		w.put(" ")
	}
	w.when(s.All, "all ")
	if s.Distinct {
		w.put("distinct ")
		if s.DistinctOn != nil {
			w.put("on (")
			w.exprs(s.DistinctOn)
			w.put(") ")
		}
	}
	w.targets(s.Targets)
	if s.Exclude != nil {
		w.put(" exclude")
		w.columns(s.Exclude)
	}
	if s.Into != nil {
		w.put(" into ")
		w.when(s.Into.Temp, "temp ")
		w.put("table ")
		w.name(s.Into.Name)
	}
	w.from(" from ", s.From)
	w.clause(" where ", s.Where)
	w.clause(" start with ", s.StartWith)
	if s.ConnectBy != nil {
		w.put(" connect by ")
		w.when(s.NoCycle, "nocycle ")
		w.expr(s.ConnectBy)
	}
	if g := s.GroupBy; g != nil {
		w.put(" group by ")
		w.when(g.All, "all")
		w.groupItems(g.Items)
	}
	w.clause(" having ", s.Having)
	w.clause(" qualify ", s.Qualify)
	for i, n := range s.Windows {
		if i == 0 {
			w.put(" window ")
		} else {
			w.put(", ")
		}
		w.ident(n.Name)
		w.put(" as ")
		w.window(n.Window)
	}
}

func (w *writer) clause(word string, e ast.Expr) {
	if e != nil {
		w.put(word)
		w.expr(e)
	}
}

func (w *writer) targets(list []ast.Target) {
	for i, t := range list {
		w.when(i > 0, ", ")
		w.expr(t.Expr)
		w.optional(" as ", t.Alias)
	}
}

func (w *writer) groupItems(items []ast.GroupItem) {
	for i, g := range items {
		w.when(i > 0, ", ")
		switch g.Kind {
		case ast.GroupExpr:
			w.expr(g.Exprs[0])
		case ast.GroupTuple:
			w.put("(")
			w.exprs(g.Exprs)
			w.put(")")
		default:
			w.put([...]string{ast.GroupRollup: "rollup", ast.GroupCube: "cube", ast.GroupSets: "grouping sets"}[g.Kind], " (")
			w.groupItems(g.Sets)
			w.put(")")
		}
	}
}

func (w *writer) from(word string, list []ast.TableExpr) {
	for i, t := range list {
		if i == 0 {
			w.put(word)
		} else {
			w.put(", ")
		}
		w.table(t)
	}
}

func (w *writer) alias(a *ast.Alias) {
	if a != nil {
		w.put(" as ")
		w.ident(a.Name)
		w.columns(a.Columns)
	}
}

func (w *writer) table(t ast.TableExpr) {
	switch t := t.(type) {
	case *ast.TableName:
		w.name(t.Name)
		w.alias(t.Alias)
	case *ast.TablePath:
		w.expr(t.Path)
		w.alias(t.Alias)
		w.optional(" at ", t.At)
	case *ast.TableUnpivotObject:
		w.put("unpivot ")
		w.operand(t.Object)
		w.optional(" as ", t.Value)
		w.optional(" at ", t.Key)
	case *ast.TableFunc:
		w.call(t.Call)
		w.tableFuncAlias(t)
		w.optional(" at ", t.At)
	case *ast.TableQuery:
		w.inParens(t.Query)
		w.alias(t.Alias)
	case *ast.Join:
		w.join(t)
	case *ast.TablePivot:
		w.table(t.Source)
		w.put(" pivot (")
		w.targets(t.Aggs)
		w.put(" for ")
		w.expr(t.For)
		w.put(" in (")
		w.targets(t.In)
		w.put("))")
		w.alias(t.Alias)
	case *ast.TableUnpivot:
		w.unpivot(t)
	}
}

func (w *writer) tableFuncAlias(t *ast.TableFunc) {
	if t.Alias == nil || t.Types == nil {
		w.alias(t.Alias)
		return
	}
	w.put(" as ")
	w.ident(t.Alias.Name)
	w.put("(")
	for i, c := range t.Alias.Columns {
		w.when(i > 0, ", ")
		w.ident(c)
		w.put(" ")
		w.typ(t.Types[i])
	}
	w.put(")")
}

func (w *writer) unpivot(t *ast.TableUnpivot) {
	w.table(t.Source)
	w.put(" unpivot ")
	w.when(t.IncludeNulls, "include nulls ")
	w.put("(")
	w.ident(t.Value)
	w.put(" for ")
	w.ident(t.For)
	w.put(" in (")
	for i, c := range t.In {
		w.when(i > 0, ", ")
		w.expr(c.Expr)
		if t.InAliases[i] != nil {
			w.put(" as ")
			w.expr(t.InAliases[i])
		}
	}
	w.put("))")
	w.alias(t.Alias)
}

func (w *writer) join(t *ast.Join) {
	w.when(t.Alias != nil, "(")
	w.table(t.L)
	w.put(" ")
	w.when(t.Natural, "natural ")
	w.put(t.Kind.String(), " join ")
	if j, ok := t.R.(*ast.Join); ok && j.Alias == nil {
		w.put("(")
		w.join(j)
		w.put(")")
	} else {
		w.table(t.R)
	}
	w.clause(" on ", t.On)
	if t.Using != nil {
		w.put(" using")
		w.columns(t.Using)
	}
	if t.Alias != nil {
		w.put(")")
		w.alias(t.Alias)
	}
}
