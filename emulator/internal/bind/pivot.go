package bind

import (
	"slices"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
)

// pivotAggregates are those that PIVOT takes
// (r_FROM_clause-pivot-unpivot-examples.md).
var pivotAggregates = []string{"avg", "count", "max", "min", "sum"}

// pivotSource binds what PIVOT and UNPIVOT turn: a table, a view, a query or a
// common table expression, but no join and nothing that was turned before.
func (b *binder) pivotSource(t ast.TableExpr, s *scope, word string) (*fromItem, *scope, error) {
	switch t.(type) {
	case *ast.TableName, *ast.TableQuery:
	default:
		return nil, nil, errorAt(t.Pos(), "0A000", "%s is only supported on tables, subqueries and common table expressions", word)
	}
	item, err := b.tableExpr(t, s, nil)
	if err != nil {
		return nil, nil, err
	}
	return item, &scope{sources: item.sources, merged: item.merged, clause: targetClause, seen: make(map[*column]bool)}, nil
}

// pivotName is a name that a constant gives.
func (b *binder) pivotName(t *ast.Target) string {
	if t.Alias != nil {
		return b.ident(*t.Alias)
	}
	if l, ok := t.Expr.(*ast.Literal); ok {
		if l.Kind == ast.NullLiteral {
			return "null"
		}
		return b.ident(ast.Ident{Name: l.Text, Quoted: true})
	}
	return b.columnName(t.Expr)
}

// pivot is PIVOT: what its clause does not name groups the rows, and each aggregate
// is made for each value of the list.
func (b *binder) pivot(t *ast.TablePivot, s *scope) (*fromItem, error) {
	item, in, err := b.pivotSource(t.Source, s, "PIVOT")
	if err != nil {
		return nil, err
	}
	by, err := b.columnRef(t.For, in)
	if err != nil {
		return nil, err
	}
	var items []string
	var cols []Column
	for i := range t.In {
		v := &t.In[i]
		cond, err := b.pivotValue(by, t.For.Pos(), v.Expr)
		if err != nil {
			return nil, err
		}
		for j := range t.Aggs {
			a := &t.Aggs[j]
			n, err := b.pivotAggregate(a.Expr.(*ast.FuncCall), in, " FILTER (WHERE "+cond+")")
			if err != nil {
				return nil, err
			}
			name := b.pivotName(v)
			if a.Alias != nil {
				name += "_" + b.ident(*a.Alias)
			}
			cols = append(cols, Column{Name: name, Type: n.typ})
			items = append(items, asColumn(n, n.typ))
		}
	}
	keys, keyCols, err := b.implicit(in, t.Pos())
	if err != nil {
		return nil, err
	}
	group := ""
	if len(keys) > 0 {
		group = " GROUP BY " + strings.Join(keys, ", ")
	}
	return b.derived("SELECT "+named(append(keys, items...))+" FROM "+item.sql+group, append(keyCols, cols...), t.Alias)
}

// named gives expressions the names c1, c2 ….
func named(items []string) string {
	var s strings.Builder
	for i, item := range items {
		if i > 0 {
			s.WriteString(", ")
		}
		s.WriteString(item + " AS c" + itoa(i+1))
	}
	return s.String()
}

// implicit are the columns of a FROM item that were not used.
func (b *binder) implicit(s *scope, offset int) (sql []string, cols []Column, err error) {
	for _, src := range s.sources {
		for i := range src.cols {
			c := &src.cols[i]
			if !s.seen[c] && !c.hidden {
				if err := b.allowed(c, offset); err != nil {
					return nil, nil, err
				}
				sql = append(sql, c.sql)
				cols = append(cols, Column{Name: c.name, Type: c.typ, TableID: c.table, Number: c.number})
			}
		}
	}
	return sql, cols, nil
}

// pivotValue is the condition that a row belongs to a value of the list.
func (b *binder) pivotValue(by node, offset int, e ast.Expr) (string, error) {
	if _, ok := e.(*ast.Subquery); ok {
		return "", errorAt(e.Pos(), "0A000", "a subquery in the IN list of PIVOT is not supported")
	}
	n, err := b.expr(e, &scope{})
	if err != nil {
		return "", err
	}
	if n.lit != nil && n.lit.Kind == ast.NullLiteral {
		return by.sql + " IS NULL", nil
	}
	return b.compare(ast.OpEq, offset, by, n, offset, e.Pos())
}

func (b *binder) pivotAggregate(e *ast.FuncCall, s *scope, filter string) (node, error) {
	name := lex.Fold(e.Name.Object().Name)
	if !slices.Contains(pivotAggregates, name) || e.Over != nil || e.Filter != nil || len(e.OrderBy) > 0 {
		return node{}, errorAt(e.Pos(), "0A000", "PIVOT supports the aggregate functions COUNT, SUM, MIN, MAX and AVG only")
	}
	s.inAgg++
	defer func() { s.inAgg-- }()
	return b.aggregateBody(name, aggregates[name], e, s, filter)
}

// unpivot is UNPIVOT: a row for each column of the list.
func (b *binder) unpivot(t *ast.TableUnpivot, s *scope) (*fromItem, error) {
	item, in, err := b.pivotSource(t.Source, s, "UNPIVOT")
	if err != nil {
		return nil, err
	}
	nodes, offsets, names := make([]node, len(t.In)), make([]int, len(t.In)), make([]string, len(t.In))
	for i := range t.In {
		ref := t.In[i].Expr.(*ast.ColumnRef)
		if nodes[i], err = b.columnRef(ref, in); err != nil {
			return nil, err
		}
		offsets[i] = ref.Pos()
		names[i] = text(b.columnName(ref))
		switch a := t.InAliases[i].(type) {
		case *ast.Literal:
			names[i] = text(a.Text)
		case *ast.ColumnRef:
			names[i] = text(b.columnName(a))
		case nil:
		default:
			return nil, errorAt(a.Pos(), "42601", "syntax error at or near %q", b.env.Text[a.Pos():a.End()])
		}
	}
	typ, err := b.unify(nodes, offsets, "UNPIVOT")
	if err != nil {
		return nil, err
	}
	values := make([]string, len(nodes))
	for i, n := range nodes {
		values[i] = asColumn(n, typ)
	}
	keys, cols, err := b.implicit(in, t.Pos())
	if err != nil {
		return nil, err
	}
	n := len(keys)
	keys = append(keys, "unnest(["+strings.Join(names, ", ")+"])", "unnest(["+strings.Join(values, ", ")+"])")
	cols = append(cols, Column{Name: b.ident(t.For), Type: typed(rstype.Varchar)}, Column{Name: b.ident(t.Value), Type: typ})
	sql := "SELECT " + named(keys) + " FROM " + item.sql
	if !t.IncludeNulls {
		sql = "SELECT * FROM (" + sql + ") WHERE c" + itoa(n+2) + " IS NOT NULL"
	}
	return b.derived(sql, cols, t.Alias)
}

// unpivotObject is UNPIVOT of a SUPER: a row for each attribute of an object, none
// for what is no object (query-super.md).
func (b *binder) unpivotObject(t *ast.TableUnpivotObject, s *scope, left []*source) (*fromItem, error) {
	n, err := b.expr(t.Object, &scope{outer: s.outer, sources: left, clause: onClause})
	if err != nil {
		return nil, err
	}
	if n.typ.Kind != rstype.Super {
		return nil, errorAt(t.Object.Pos(), "42804", "cannot unpivot type %s", n.typ.Kind)
	}
	duck := b.alias("u")
	pointer := "'/' || replace(replace(k, '~', '~0'), '/', '~1')"
	sql := "LATERAL (SELECT " + elementText("json_extract(o, "+pointer+")") + " AS c1, k AS c2 FROM (SELECT o, unnest(CASE json_type(o) WHEN 'OBJECT' THEN json_keys(o) END) AS k FROM (SELECT " +
		n.sql + " AS o))) AS " + duck
	out := &fromItem{sql: sql}
	name := "?column?"
	if t.Value != nil {
		name = b.ident(*t.Value)
	}
	out.sources = append(out.sources, &source{name: name, cols: []column{{name: name, typ: typed(rstype.Super), sql: duck + ".c1"}}})
	if t.Key != nil {
		out.sources = append(out.sources, &source{cols: []column{{name: b.ident(*t.Key), typ: typed(rstype.Varchar), sql: duck + ".c2"}}})
	}
	return out, nil
}
