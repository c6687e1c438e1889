package parse

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

// dump writes a tree with its positions: Type@from:to{Field: value …}. Zero
// fields are left out, a name is name@from, and what does not fit on a line is
// broken up.
func dump(n any) string { return dumpValue(reflect.ValueOf(n), "") }

const dumpWidth = 100

var literalNames = map[ast.LiteralKind]string{
	ast.NullLiteral: "null", ast.BoolLiteral: "bool", ast.IntLiteral: "int",
	ast.DecimalLiteral: "decimal", ast.FloatLiteral: "float", ast.StringLiteral: "string",
}

func dumpValue(v reflect.Value, indent string) string {
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer:
		if v.IsNil() {
			return "nil"
		}
		return dumpValue(v.Elem(), indent)
	case reflect.Slice:
		return dumpList(v, indent)
	case reflect.Struct:
		return dumpStruct(v, indent)
	case reflect.String:
		return fmt.Sprintf("%q", v.String())
	default:
		return fmt.Sprint(v.Interface())
	}
}

func dumpIdents(list []ast.Ident) string {
	var b strings.Builder
	for i, id := range list {
		if i > 0 {
			b.WriteByte('.')
		}
		b.WriteString(dumpIdent(id))
	}
	return b.String()
}

func dumpIdent(id ast.Ident) string {
	if id.Quoted {
		return fmt.Sprintf("%q@%d", id.Name, id.From)
	}
	return fmt.Sprintf("%s@%d", id.Name, id.From)
}

func dumpType(t ast.TypeName) string {
	var b strings.Builder
	if t.Schema != "" {
		b.WriteString(t.Schema + ".")
	}
	b.WriteString(t.Name)
	if t.Quoted {
		b.WriteString(" quoted")
	}
	for _, m := range t.Mods {
		if m.Max {
			b.WriteString(" max")
		} else {
			fmt.Fprintf(&b, " %d", m.Value)
		}
	}
	switch t.Zone {
	case ast.WithZone:
		b.WriteString(" with zone")
	case ast.WithoutZone:
		b.WriteString(" without zone")
	}
	b.WriteString(dumpFields(t.Interval))
	b.WriteString(strings.Repeat("[]", t.ArrayDims))
	return fmt.Sprintf("<%s>@%d:%d", b.String(), t.From, t.To)
}

func dumpFields(f ast.IntervalFields) string {
	if f.First == ast.FieldNone {
		return ""
	}
	s := " " + f.First.String()
	if f.To != ast.FieldNone {
		s += " to " + f.To.String()
	}
	if f.Precision >= 0 {
		s += fmt.Sprintf(" %d", f.Precision)
	}
	return s
}

func dumpStruct(v reflect.Value, indent string) string {
	switch n := v.Interface().(type) {
	case ast.Ident:
		return dumpIdent(n)
	case ast.Name:
		return dumpIdents(n.Parts)
	case ast.ColumnRef:
		return "Col(" + dumpIdents(n.Parts) + ")"
	case ast.Star:
		if n.Qualifier == nil {
			return fmt.Sprintf("*@%d", n.From)
		}
		return dumpIdents(n.Qualifier) + ".*"
	case ast.Literal:
		if n.Kind == ast.NullLiteral {
			return fmt.Sprintf("null@%d", n.From)
		}
		return fmt.Sprintf("%s(%q)@%d:%d", literalNames[n.Kind], n.Text, n.From, n.To)
	case ast.TypeName:
		return dumpType(n)
	case ast.IntervalFields:
		return "<" + strings.TrimSpace(dumpFields(n)) + ">"
	}
	t := v.Type()
	head := t.Name()
	if f := v.FieldByName("Span"); f.IsValid() {
		s := f.Interface().(ast.Span)
		head += fmt.Sprintf("@%d:%d", s.From, s.To)
	}
	deeper := indent + "  "
	var parts []string
	var walk func(v reflect.Value)
	walk = func(v reflect.Value) {
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if f.Name == "Span" || v.Field(i).IsZero() {
				continue
			}
			if f.Anonymous {
				walk(v.Field(i))
				continue
			}
			parts = append(parts, f.Name+": "+dumpValue(v.Field(i), deeper))
		}
	}
	walk(v)
	return wrap(head+"{", parts, "}", indent)
}

func dumpList(v reflect.Value, indent string) string {
	var parts []string
	for i := range v.Len() {
		parts = append(parts, dumpValue(v.Index(i), indent+"  "))
	}
	return wrap("[", parts, "]", indent)
}

func wrap(open string, parts []string, end, indent string) string {
	one := open + strings.Join(parts, ", ") + end
	if len(indent)+len(one) <= dumpWidth && !strings.Contains(one, "\n") {
		return one
	}
	return open + "\n" + indent + "  " + strings.Join(parts, "\n"+indent+"  ") + "\n" + indent + end
}

// sexpr writes an expression fully in parentheses, to show how it binds.
func sexpr(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Literal:
		if e.Kind == ast.StringLiteral {
			return "'" + e.Text + "'"
		}
		if e.Kind == ast.NullLiteral {
			return "null"
		}
		return e.Text
	case *ast.ColumnRef:
		var parts []string
		for _, p := range e.Parts {
			parts = append(parts, p.Name)
		}
		return strings.Join(parts, ".")
	case *ast.Param:
		return fmt.Sprintf("$%d", e.N)
	case *ast.Unary:
		return fmt.Sprintf("(%s %s)", e.Op, sexpr(e.X))
	case *ast.Binary:
		return fmt.Sprintf("(%s %s %s)", sexpr(e.L), e.Op, sexpr(e.R))
	case *ast.Is:
		what := [...]string{"null", "true", "false", "unknown"}[e.Kind]
		return fmt.Sprintf("(%s is %s%s)", sexpr(e.X), not(e.Not), what)
	case *ast.Like:
		what := [...]string{"like", "ilike", "similar to"}[e.Kind]
		s := fmt.Sprintf("(%s %s%s %s", sexpr(e.X), not(e.Not), what, sexpr(e.Pattern))
		if e.Escape != nil {
			s += " escape " + sexpr(e.Escape)
		}
		return s + ")"
	case *ast.Between:
		return fmt.Sprintf("(%s %sbetween %s and %s)", sexpr(e.X), not(e.Not), sexpr(e.Lo), sexpr(e.Hi))
	case *ast.In:
		var l []string
		for _, x := range e.List {
			l = append(l, sexpr(x))
		}
		if e.Query != nil {
			l = append(l, "query")
		}
		return fmt.Sprintf("(%s %sin [%s])", sexpr(e.X), not(e.Not), strings.Join(l, ", "))
	case *ast.Cast:
		return fmt.Sprintf("(%s :: %s)", sexpr(e.X), e.Type.Name)
	case *ast.AtTimeZone:
		return fmt.Sprintf("(%s at %s)", sexpr(e.X), sexpr(e.Zone))
	case *ast.Collate:
		return fmt.Sprintf("(%s collate %s)", sexpr(e.X), e.Collation.Name)
	case *ast.Index:
		return fmt.Sprintf("%s[%s]", sexpr(e.X), sexpr(e.I))
	case *ast.Field:
		return fmt.Sprintf("%s.%s", sexpr(e.X), e.Name.Name)
	case *ast.FuncCall:
		var l []string
		for _, x := range e.Args {
			l = append(l, sexpr(x))
		}
		return e.Name.String() + "(" + strings.Join(l, ", ") + ")"
	case *ast.Row:
		var l []string
		for _, x := range e.Items {
			l = append(l, sexpr(x))
		}
		return "row[" + strings.Join(l, ", ") + "]"
	case *ast.Quantified:
		return fmt.Sprintf("(%s %s all=%v %s)", sexpr(e.X), e.Op, e.All, sexpr(e.Set))
	case *ast.Subquery:
		return "(query)"
	}
	return fmt.Sprintf("%T", e)
}

func not(yes bool) string {
	if yes {
		return "not "
	}
	return ""
}
