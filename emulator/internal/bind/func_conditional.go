package bind

import (
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

var conditionalSpecials = map[string]special{
	"coalesce nvl":   coalesce,
	"nvl2":           nvl2,
	"decode":         decode,
	"nullif":         nullif,
	"greatest least": greatest,
}

// unified unifies arguments from the number from on.
func (b *binder) unified(c *call, from int) (rstype.Type, error) {
	offsets := make([]int, len(c.args)-from)
	for i := range offsets {
		offsets[i] = c.offset(from + i)
	}
	return b.unify(c.args[from:], offsets, strings.ToUpper(c.name))
}

func joined(args []node) string {
	list := make([]string, len(args))
	for i := range args {
		list[i] = args[i].sql
	}
	return strings.Join(list, ", ")
}

func coalesce(b *binder, c *call) (node, error) {
	if len(c.args) == 0 {
		return node{}, c.mismatch()
	}
	t, err := b.unified(c, 0)
	if err != nil {
		return node{}, err
	}
	return node{sql: "coalesce(" + joined(c.args) + ")", typ: t}, nil
}

func nvl2(b *binder, c *call) (node, error) {
	if err := c.want(3, 3); err != nil {
		return node{}, err
	}
	t, err := b.unified(c, 1)
	if err != nil {
		return node{}, err
	}
	x, err := b.settle(c.args[0], c.offset(0))
	if err != nil {
		return node{}, err
	}
	return node{sql: "(CASE WHEN " + parens(x.sql) + " IS NOT NULL THEN " + c.args[1].sql + " ELSE " + c.args[2].sql + " END)", typ: t}, nil
}

// decode is DECODE(x, search, result, …, default): NULL matches NULL
// (r_DECODE_expression.md).
func decode(b *binder, c *call) (node, error) {
	if len(c.args) < 3 {
		return node{}, c.mismatch()
	}
	x := c.args[0]
	var results []node
	var offsets []int
	var conds []string
	i := 1
	for ; i+1 < len(c.args); i += 2 {
		search := c.args[i]
		if search.lit != nil && search.lit.Kind == ast.NullLiteral {
			v, err := b.settle(x, c.offset(0))
			if err != nil {
				return node{}, err
			}
			conds = append(conds, parens(v.sql)+" IS NULL")
		} else {
			cond, err := b.compare(ast.OpEq, c.offset(i), x, search, c.offset(0), c.offset(i))
			if err != nil {
				return node{}, err
			}
			if !search.constant {
				cond = "(" + cond + " OR " + parens(x.sql) + " IS NULL AND " + parens(search.sql) + " IS NULL)"
			}
			conds = append(conds, cond)
		}
		results, offsets = append(results, c.args[i+1]), append(offsets, c.offset(i+1))
	}
	hasDefault := i < len(c.args)
	if hasDefault {
		results, offsets = append(results, c.args[i]), append(offsets, c.offset(i))
	}
	t, err := b.unify(results, offsets, "DECODE")
	if err != nil {
		return node{}, err
	}
	var s strings.Builder
	s.WriteString("(CASE")
	for j, cond := range conds {
		s.WriteString(" WHEN " + cond + " THEN " + results[j].sql)
	}
	if hasDefault {
		s.WriteString(" ELSE " + results[len(results)-1].sql)
	}
	s.WriteString(" END)")
	return node{sql: s.String(), typ: t}, nil
}

func nullif(b *binder, c *call) (node, error) {
	if err := c.want(2, 2); err != nil {
		return node{}, err
	}
	l, r, err := b.match2("=", c.e.Pos(), c.args[0], c.args[1], c.offset(0), c.offset(1))
	if err != nil {
		return node{}, err
	}
	x := c.args[0]
	if x.unknown() {
		x = l
	}
	if isText(l.typ.Kind) && (!l.trimmed || !r.trimmed || l.folded || r.folded) {
		return node{sql: "(CASE WHEN " + compareText(ast.OpEq, l, r) + " THEN NULL ELSE " + x.sql + " END)", typ: x.typ, exact: x.exact}, nil
	}
	if l.sql == x.sql {
		return node{sql: "nullif(" + x.sql + ", " + r.sql + ")", typ: x.typ}, nil
	}
	return node{sql: "(CASE WHEN (" + l.sql + " = " + r.sql + ") THEN NULL ELSE " + x.sql + " END)", typ: x.typ, exact: x.exact}, nil
}

func greatest(b *binder, c *call) (node, error) {
	if len(c.args) == 0 {
		return node{}, c.mismatch()
	}
	t, err := b.unified(c, 0)
	if err != nil {
		return node{}, err
	}
	return node{sql: c.name + "(" + joined(c.args) + ")", typ: t}, nil
}
