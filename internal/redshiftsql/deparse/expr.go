package deparse

import (
	"strconv"

	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

func (w *writer) exprs(list []ast.Expr) {
	for i, e := range list {
		w.when(i > 0, ", ")
		w.expr(e)
	}
}

// operand writes an expression beside an operator.
func (w *writer) operand(e ast.Expr) {
	switch e := e.(type) {
	case *ast.Literal:
		if len(e.Text) > 0 && e.Text[0] == '-' {
			break
		}
		w.expr(e)
		return
	case *ast.ColumnRef, *ast.Param, *ast.FuncCall, *ast.Subquery, *ast.Case, *ast.Row, *ast.Exists, *ast.Extract, *ast.Trim:
		if f, ok := e.(*ast.FuncCall); ok && (f.Approximate || f.Over != nil || f.WithinGroup != nil || f.Filter != nil) {
			break
		}
		w.expr(e)
		return
	case *ast.Cast:
		if e.Form != ast.CastColon {
			w.expr(e)
			return
		}
	}
	w.put("(")
	w.expr(e)
	w.put(")")
}

var likes = [...]string{ast.LikePlain: "like", ast.LikeFold: "ilike", ast.LikeSimilar: "similar to"}

var tests = [...]string{ast.IsNull: "null", ast.IsTrue: "true", ast.IsFalse: "false", ast.IsUnknown: "unknown"}

func not(yes bool) string {
	if yes {
		return "not "
	}
	return ""
}

func (w *writer) expr(e ast.Expr) {
	switch e := e.(type) {
	case *ast.Literal:
		w.literal(e)
	case *ast.TypedLiteral:
		w.typ(e.Type)
		w.put(" ")
		w.str(e.Value)
	case *ast.IntervalLiteral:
		w.put("interval ")
		w.str(e.Value)
		w.fields(e.Fields)
	case *ast.ColumnRef:
		w.idents(e.Parts, ".")
	case *ast.Star:
		w.idents(e.Qualifier, ".")
		w.when(e.Qualifier != nil, ".")
		w.put("*")
	case *ast.Param:
		w.put("$", strconv.Itoa(e.N))
	case *ast.Default:
		w.put("default")
	case *ast.Unary:
		w.put(e.Op.String(), " ")
		w.operand(e.X)
	case *ast.Binary:
		w.operand(e.L)
		w.put(" ", e.Op.String(), " ")
		w.operand(e.R)
	case *ast.Cast:
		w.cast(e)
	case *ast.Like:
		w.operand(e.X)
		w.put(" ", not(e.Not), likes[e.Kind], " ")
		w.operand(e.Pattern)
		if e.Escape != nil {
			w.put(" escape ")
			w.operand(e.Escape)
		}
	case *ast.Between:
		w.operand(e.X)
		w.put(" ", not(e.Not), "between ")
		w.operand(e.Lo)
		w.put(" and ")
		w.operand(e.Hi)
	case *ast.In:
		w.operand(e.X)
		w.put(" ", not(e.Not), "in (")
		if e.Query != nil {
			w.query(e.Query)
		} else {
			w.exprs(e.List)
		}
		w.put(")")
	case *ast.Is:
		w.operand(e.X)
		w.put(" is ", not(e.Not), tests[e.Kind])
	case *ast.IsDistinct:
		w.operand(e.L)
		w.put(" is ", not(e.Not), "distinct from ")
		w.operand(e.R)
	case *ast.AtTimeZone:
		w.operand(e.X)
		w.put(" at time zone ")
		w.operand(e.Zone)
	case *ast.Collate:
		w.operand(e.X)
		w.put(" collate ")
		w.ident(e.Collation)
	case *ast.OuterMark:
		w.expr(e.X)
		w.put("(+)")
	case *ast.FuncCall:
		w.call(e)
	case *ast.DatePart:
		w.put(e.Part)
	case *ast.Extract:
		w.put("extract(", e.Field, " from ")
		w.expr(e.X)
		w.put(")")
	case *ast.Trim:
		w.trim(e)
	case *ast.Case:
		w.caseOf(e)
	case *ast.Exists:
		w.put("exists ")
		w.inParens(e.Query)
	case *ast.Subquery:
		w.inParens(e.Query)
	case *ast.Quantified:
		w.operand(e.X)
		w.put(" ", e.Op.String(), " ")
		if e.All {
			w.put("all ")
		} else {
			w.put("any ")
		}
		if e.Query != nil {
			w.inParens(e.Query)
			return
		}
		w.put("(")
		w.expr(e.Set)
		w.put(")")
	case *ast.Row:
		w.when(e.Explicit, "row")
		w.put("(")
		w.exprs(e.Items)
		w.put(")")
	case *ast.Index:
		w.path(e.X)
		w.put("[")
		w.expr(e.I)
		w.put("]")
	case *ast.Field:
		if c, ok := e.X.(*ast.ColumnRef); ok && len(c.Parts) < 4 {
			w.put("(") // the name would be one of its parts
			w.expr(c)
			w.put(")")
		} else {
			w.path(e.X)
		}
		w.put(".")
		w.ident(e.Name)
	case *ast.Array:
		w.put("array[")
		w.exprs(e.Items)
		w.put("]")
	case *ast.ObjectTransform:
		w.objectTransform(e)
	}
}

// path writes what is navigated into.
func (w *writer) path(e ast.Expr) {
	switch e.(type) {
	case *ast.ColumnRef, *ast.Index, *ast.Field:
		w.expr(e)
		return
	}
	w.put("(")
	w.expr(e)
	w.put(")")
}

func (w *writer) literal(e *ast.Literal) {
	switch e.Kind {
	case ast.NullLiteral:
		w.put("null")
	case ast.StringLiteral:
		w.str(e.Text)
	default:
		w.put(e.Text)
	}
}

func (w *writer) cast(e *ast.Cast) {
	switch e.Form {
	case ast.CastColon:
		w.operand(e.X)
		w.put("::")
		w.typ(e.Type)
	case ast.CastConvert:
		w.put("convert(")
		w.typ(e.Type)
		w.put(", ")
		w.expr(e.X)
		w.put(")")
	default:
		w.when(e.Form == ast.CastTry, "try_")
		w.put("cast(")
		w.expr(e.X)
		w.put(" as ")
		w.typ(e.Type)
		w.put(")")
	}
}

func (w *writer) trim(e *ast.Trim) {
	w.put("trim(")
	w.put([...]string{ast.TrimBoth: "", ast.TrimLeading: "leading ", ast.TrimTrailing: "trailing "}[e.Side])
	if e.Chars != nil {
		w.when(e.Side == ast.TrimBoth, "both ")
		w.expr(e.Chars)
		w.put(" ")
	}
	w.when(e.Chars != nil || e.Side != ast.TrimBoth, "from ")
	w.expr(e.X)
	w.put(")")
}

func (w *writer) caseOf(e *ast.Case) {
	w.put("case")
	if e.Operand != nil {
		w.put(" ")
		w.operand(e.Operand)
	}
	for _, arm := range e.Whens {
		w.put(" when ")
		w.expr(arm.Cond)
		w.put(" then ")
		w.expr(arm.Then)
	}
	if e.Else != nil {
		w.put(" else ")
		w.expr(e.Else)
	}
	w.put(" end")
}

func (w *writer) objectTransform(e *ast.ObjectTransform) {
	w.put("object_transform(")
	w.expr(e.X)
	if e.Keep != nil {
		w.put(" keep ")
		w.exprs(e.Keep)
	}
	if e.Set != nil {
		w.put(" set ")
		w.exprs(e.Set)
	}
	w.put(")")
}

func (w *writer) call(e *ast.FuncCall) {
	w.when(e.Approximate, "approximate ")
	w.name(e.Name)
	if e.Syntax == ast.CallBare && e.Args == nil {
		return
	}
	w.put("(")
	w.when(e.Distinct, "distinct ")
	w.when(e.All, "all ")
	w.when(e.Star, "*")
	for i, a := range e.Args {
		if i > 0 {
			w.put(between(e, i))
		}
		if e.Syntax == ast.CallWords {
			w.operand(a)
		} else {
			w.expr(a)
		}
	}
	w.orderBy(e.OrderBy)
	w.put(")")
	if e.WithinGroup != nil {
		w.put(" within group (")
		w.sortItems(e.WithinGroup)
		w.put(")")
	}
	if e.Filter != nil {
		w.put(" filter (where ")
		w.expr(e.Filter)
		w.put(")")
	}
	switch e.Nulls {
	case ast.IgnoreNulls:
		w.put(" ignore nulls")
	case ast.RespectNulls:
		w.put(" respect nulls")
	}
	if e.Over != nil {
		w.put(" over ")
		w.window(e.Over)
	}
}

// between is what stands before the i-th argument.
func between(e *ast.FuncCall, i int) string {
	if e.Syntax != ast.CallWords {
		return ", "
	}
	switch name := e.Name.Object().Name; {
	case name == "position":
		return " in "
	case name == "overlay" && i == 1:
		return " placing "
	case name == "overlay" && i == 2, i == 1:
		return " from "
	}
	return " for "
}

func (w *writer) window(o *ast.Window) {
	if o.Bare {
		w.ident(*o.Ref)
		return
	}
	w.put("(")
	first := len(w.buf)
	w.optional("", o.Ref)
	if o.PartitionBy != nil {
		w.when(len(w.buf) > first, " ")
		w.put("partition by ")
		w.exprs(o.PartitionBy)
	}
	if o.OrderBy != nil {
		w.when(len(w.buf) > first, " ")
		w.sortItems(o.OrderBy)
	}
	if f := o.Frame; f != nil {
		w.when(len(w.buf) > first, " ")
		if f.Range {
			w.put("range ")
		} else {
			w.put("rows ")
		}
		w.when(f.Stop != nil, "between ")
		w.bound(f.Start)
		if f.Stop != nil {
			w.put(" and ")
			w.bound(*f.Stop)
		}
	}
	w.put(")")
}

func (w *writer) bound(b ast.FrameBound) {
	switch b.Kind {
	case ast.UnboundedPreceding:
		w.put("unbounded preceding")
	case ast.UnboundedFollowing:
		w.put("unbounded following")
	case ast.CurrentRow:
		w.put("current row")
	case ast.Preceding:
		w.operand(b.Offset)
		w.put(" preceding")
	case ast.Following:
		w.operand(b.Offset)
		w.put(" following")
	}
}

func (w *writer) orderBy(items []ast.SortItem) {
	if items != nil {
		w.put(" ")
		w.sortItems(items)
	}
}

func (w *writer) sortItems(items []ast.SortItem) {
	w.put("order by ")
	for i, s := range items {
		w.when(i > 0, ", ")
		w.expr(s.Expr)
		w.when(s.Desc, " desc")
		switch s.Nulls {
		case ast.NullsFirst:
			w.put(" nulls first")
		case ast.NullsLast:
			w.put(" nulls last")
		}
	}
}
