package explain

import (
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

// namer says what stands before a column's name: "", an alias or a side of a join.
type namer func(*column) string

func bare(*column) string { return "" }

func byAlias(c *column) string { return c.rel.alias }

func (c *column) named(by namer) string {
	if q := by(c); q != "" {
		return q + "." + c.name
	}
	return c.name
}

// writer writes expressions as PostgreSQL shows them in a plan.
type writer struct {
	p  *planner
	s  *scope
	by namer
}

func (w writer) outer() *scope {
	if w.s == nil {
		return nil
	}
	return w.s.outer
}

func (w writer) list(exprs []ast.Expr) string {
	out := make([]string, len(exprs))
	for i, e := range exprs {
		out[i] = w.expr(e)
	}
	return strings.Join(out, ", ")
}

func (w writer) expr(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.ColumnRef:
		if c := w.p.column(w.s, e); c != nil {
			return c.named(w.by)
		}
		for s := w.outer(); s != nil; s = s.outer {
			if c := w.p.column(s, e); c != nil {
				return c.named(byAlias)
			}
		}
		return w.p.text(e)
	case *ast.Literal:
		return w.literal(e, "text")
	case *ast.TypedLiteral:
		return "'" + strings.ReplaceAll(e.Value, "'", "''") + "'::" + e.Type.Name
	case *ast.Unary:
		op := strings.ToUpper(e.Op.String())
		return "(" + op + " " + w.expr(e.X) + ")"
	case *ast.Binary:
		if e.Op == ast.OpAnd || e.Op == ast.OpOr {
			op := " " + strings.ToUpper(e.Op.String()) + " "
			var parts []string
			for _, c := range flatten(e, e.Op) {
				parts = append(parts, w.expr(c))
			}
			return "(" + strings.Join(parts, op) + ")"
		}
		l, r := w.pair(e.L, e.R)
		return "(" + l + " " + e.Op.String() + " " + r + ")"
	case *ast.Between:
		lo, x := w.pair(e.Lo, e.X)
		hi, _ := w.pair(e.Hi, e.X)
		if e.Not {
			return "((" + x + " < " + lo + ") OR (" + x + " > " + hi + "))"
		}
		return "((" + x + " >= " + lo + ") AND (" + x + " <= " + hi + "))"
	case *ast.In:
		return w.in(e)
	case *ast.Like:
		op := map[ast.LikeKind]string{ast.LikePlain: "~~", ast.LikeFold: "~~*", ast.LikeSimilar: "~"}[e.Kind]
		if e.Not {
			op = "!" + op
		}
		x, pattern := w.pair(e.X, e.Pattern)
		return "(" + x + " " + op + " " + pattern + ")"
	case *ast.Is:
		what := map[ast.IsKind]string{ast.IsNull: "NULL", ast.IsTrue: "TRUE", ast.IsFalse: "FALSE", ast.IsUnknown: "UNKNOWN"}[e.Kind]
		if e.Not {
			what = "NOT " + what
		}
		return "(" + w.expr(e.X) + " IS " + what + ")"
	case *ast.Cast:
		return "(" + w.expr(e.X) + ")::" + typeName(e.Type)
	case *ast.Case:
		var s strings.Builder
		s.WriteString("CASE")
		if e.Operand != nil {
			s.WriteString(" " + w.expr(e.Operand))
		}
		for _, when := range e.Whens {
			s.WriteString(" WHEN " + w.expr(when.Cond) + " THEN " + w.expr(when.Then))
		}
		if e.Else != nil {
			s.WriteString(" ELSE " + w.expr(e.Else))
		}
		return s.String() + " END"
	case *ast.FuncCall:
		return w.call(e)
	case *ast.OuterMark:
		return w.expr(e.X)
	case *ast.Exists, *ast.Subquery, *ast.Quantified:
		return "(subplan)"
	case *ast.Param:
		return w.p.text(e)
	}
	return "(" + w.p.text(e) + ")"
}

func (w writer) call(e *ast.FuncCall) string {
	args := w.list(e.Args)
	if e.Star {
		args = "*"
	}
	if e.Distinct {
		args = "DISTINCT " + args
	}
	if e.Syntax == ast.CallBare {
		return `"` + e.Name.Object().Name + `"()`
	}
	return e.Name.Object().Name + "(" + args + ")"
}

func (w writer) in(e *ast.In) string {
	if e.Query != nil {
		if e.Not {
			return "(NOT (subplan))"
		}
		return "(subplan)"
	}
	op, word := " = ", " OR "
	if e.Not {
		op, word = " <> ", " AND "
	}
	parts := make([]string, len(e.List))
	for i, v := range e.List {
		x, value := w.pair(e.X, v)
		parts[i] = "(" + x + op + value + ")"
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return "(" + strings.Join(parts, word) + ")"
}

func typeName(t ast.TypeName) string {
	mods := make([]int, len(t.Mods))
	for i, m := range t.Mods {
		mods[i] = m.Value
	}
	name := t.Name
	if t.Zone == ast.WithZone {
		name += " with time zone"
	}
	if r, err := rstype.ParseName(name, mods); err == nil {
		return r.String()
	}
	return t.Name
}

// pair writes two operands: a string has the type of what it stands beside, and a
// VARCHAR is compared as text.
func (w writer) pair(l, r ast.Expr) (left, right string) {
	return w.operand(l, r), w.operand(r, l)
}

func (w writer) operand(e, beside ast.Expr) string {
	if lit, ok := e.(*ast.Literal); ok && lit.Kind == ast.StringLiteral {
		return w.literal(lit, w.kind(beside))
	}
	out := w.expr(e)
	if lit, ok := beside.(*ast.Literal); ok && lit.Kind == ast.StringLiteral && w.column(e).Kind == rstype.Varchar {
		return "(" + out + ")::text"
	}
	return out
}

// column is the type of a column.
func (w writer) column(e ast.Expr) rstype.Type {
	if ref, ok := e.(*ast.ColumnRef); ok {
		for s := w.s; s != nil; s = s.outer {
			if c := w.p.column(s, ref); c != nil {
				return c.typ
			}
		}
	}
	return rstype.Type{}
}

// kind is the type that a string beside an expression has.
func (w writer) kind(e ast.Expr) string {
	switch t := w.column(e); t.Kind {
	case rstype.Unknown, rstype.Varchar, rstype.Super:
		return "text"
	case rstype.Char:
		return "bpchar"
	case rstype.Numeric:
		return "numeric"
	default:
		return t.String()
	}
}

func (w writer) literal(l *ast.Literal, kind string) string {
	switch l.Kind {
	case ast.NullLiteral:
		return "NULL"
	case ast.StringLiteral:
		switch kind {
		case "integer", "bigint", "smallint", "numeric", "double precision", "real":
			return l.Text
		}
		return "'" + strings.ReplaceAll(l.Text, "'", "''") + "'::" + kind
	}
	return l.Text
}

// flatten gives the operands of a chain of AND or OR.
func flatten(e ast.Expr, op ast.Op) []ast.Expr {
	var out []ast.Expr
	// A chain leans to the left and may be long.
	for {
		b, ok := e.(*ast.Binary)
		if !ok || b.Op != op {
			out = append(out, e)
			break
		}
		r := flattenRight(b.R, op)
		for i := len(r) - 1; i >= 0; i-- {
			out = append(out, r[i])
		}
		e = b.L
	}
	for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
		out[i], out[j] = out[j], out[i]
	}
	return out
}

func flattenRight(e ast.Expr, op ast.Op) []ast.Expr {
	if b, ok := e.(*ast.Binary); ok && b.Op == op {
		return flatten(e, op)
	}
	return []ast.Expr{e}
}
