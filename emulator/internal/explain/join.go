package explain

import (
	"fmt"
	"slices"
	"strings"

	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

// spread is how the rows of a unit lie on the slices.
type spread uint8

const (
	spreadEven spread = iota
	spreadKey         // by the columns in keys, which are equal
	spreadAll         // every node has them all
	spreadLeader
)

// unit is a relation, or some that have been joined.
type unit struct {
	node *node
	rels []*relation
	// whole is how many rows it would have without conditions.
	whole  float64
	spread spread
	keys   []*column
	// scan: the node is a scan, which takes conditions.
	scan bool
	// filters are the conditions that the node checks.
	filters []string
	// by names the columns in a condition of a join; nil for what is no join.
	by namer
}

func (u *unit) holds(r *relation) bool { return slices.Contains(u.rels, r) }

func (u *unit) holdsAll(rels []*relation) bool {
	for _, r := range rels {
		if !u.holds(r) {
			return false
		}
	}
	return true
}

// side is one side of an equality.
type side struct {
	col  *column // when it is nothing else
	rels []*relation
	text func(namer) string
}

// qual is one condition of a WHERE or ON.
type qual struct {
	text  func(namer) string
	rels  []*relation
	share float64
	ops   int
	// equal are the sides of an equality of columns of different relations.
	equal   *[2]side
	plans   []subplan
	applied bool
}

// apply makes conditions filters of a unit.
func (u *unit) apply(quals []*qual) {
	before := len(u.filters)
	n, by := u.node, u.by
	if by == nil {
		by = bare
	}
	for _, q := range quals {
		q.applied = true
		if u.scan {
			n.total += operatorCost * float64(q.ops) * u.whole
		}
		n.rows *= q.share
		n.plans = append(n.plans, q.plans...)
		u.filters = append(u.filters, q.text(by))
	}
	if len(u.filters) > before {
		n.rows = clamp(n.rows)
		if before > 0 { // the condition of a query in FROM
			n.details = n.details[:len(n.details)-1]
		}
		n.detail("Filter: %s", conjunction(u.filters))
	}
	n.width = u.width()
}

func conjunction(texts []string) string {
	if len(texts) == 1 {
		return texts[0]
	}
	return "(" + strings.Join(texts, " AND ") + ")"
}

// width is that of the columns which are still needed above.
func (u *unit) width() int {
	n := 0
	for _, r := range u.rels {
		for _, c := range r.cols {
			if c.top || slices.ContainsFunc(c.quals, func(q *qual) bool { return !q.applied }) {
				n += c.width
			}
		}
	}
	return n
}

// joinAll joins units with the conditions among them, which are marked as applied.
func joinAll(units []*unit, quals []*qual) *unit {
	rest := slices.Clone(units)
	for _, u := range rest {
		u.apply(take(quals, u))
	}
	// The largest one streams, the others are built beside it, small ones first.
	at := 0
	for i, u := range rest {
		if u.node.rows > rest[at].node.rows {
			at = i
		}
	}
	out := rest[at]
	rest = slices.Delete(rest, at, at+1)
	for len(rest) > 0 {
		best := -1
		for i, u := range rest {
			linked := connected(quals, out, u)
			if best < 0 || linked != connected(quals, out, rest[best]) && linked || linked == connected(quals, out, rest[best]) && u.node.rows < rest[best].node.rows {
				best = i
			}
		}
		next := rest[best]
		rest = slices.Delete(rest, best, best+1)
		both := &unit{rels: append(slices.Clone(out.rels), next.rels...)}
		out = join(out, next, "", take(quals, both))
	}
	return out
}

// take gives the conditions that a unit can check and that are not applied.
func take(quals []*qual, u *unit) []*qual {
	var out []*qual
	for _, q := range quals {
		if !q.applied && u.holdsAll(q.rels) {
			out = append(out, q)
		}
	}
	return out
}

// connected tells whether an equality joins two units.
func connected(quals []*qual, a, b *unit) bool {
	return slices.ContainsFunc(quals, func(q *qual) bool {
		if q.applied || q.equal == nil {
			return false
		}
		_, _, ok := q.between(a, b)
		return ok
	})
}

// between gives the sides of an equality that are a's and b's.
func (q *qual) between(a, b *unit) (left, right side, ok bool) {
	if q.equal == nil {
		return side{}, side{}, false
	}
	l, r := q.equal[0], q.equal[1]
	switch {
	case a.holdsAll(l.rels) && b.holdsAll(r.rels):
		return l, r, true
	case a.holdsAll(r.rels) && b.holdsAll(l.rels):
		return r, l, true
	}
	return side{}, side{}, false
}

// join joins two units. kind is "", "Left ", "Full ", "IN " or "NOT IN "; for all but
// the first a is the outer one.
func join(a, b *unit, kind string, quals []*qual) *unit {
	if kind == "" && b.node.rows > a.node.rows {
		a, b = b, a
	}
	by := func(c *column) string {
		if b.holds(c.rel) {
			return `"inner"`
		}
		return `"outer"`
	}
	var equal, filters []string
	var outer, inner []side
	matches := 1.0
	var plans []subplan
	for _, q := range quals {
		q.applied = true
		plans = append(plans, q.plans...)
		if l, r, ok := q.between(a, b); ok {
			equal = append(equal, "("+l.text(by)+" = "+r.text(by)+")")
			outer, inner = append(outer, l), append(inner, r)
			continue
		}
		filters = append(filters, q.text(by))
		matches *= q.share
	}
	u := &unit{rels: append(slices.Clone(a.rels), b.rels...), whole: max(a.whole, b.whole), by: by}
	if kind == "IN " || kind == "NOT IN " {
		u.rels = a.rels
	}
	rows := a.node.rows * b.node.rows
	if len(equal) > 0 {
		rows = equalRows(a, b, outer, inner)
	} else {
		u.whole = a.whole * b.whole
	}
	rows *= matches
	switch kind {
	case "Left ":
		rows = max(rows, a.node.rows)
	case "Full ":
		rows = max(rows, a.node.rows, b.node.rows)
	case "IN ":
		rows = min(rows, a.node.rows)
	case "NOT IN ":
		rows = otherShare * a.node.rows
	}
	attr, moved := u.distribute(a, b, kind, outer, inner)
	n := &node{attr: attr, rows: clamp(rows), plans: plans, leader: u.spread == spreadLeader}
	u.node = n
	o, i := a.node, b.node
	word := " Join"
	if kind != "" {
		word = " " + kind + "Join"
	}
	switch {
	case len(equal) > 0 && attr == "DS_DIST_NONE" && kind != "Full " && mergeable(a, b, outer, inner):
		n.op = "Merge" + word
		n.start = o.start + i.start
		n.total = o.total + i.total + operatorCost*(o.rows+i.rows) + tupleCost*n.rows
		n.kids = []*node{o, i}
		n.detail("Merge Cond: %s", conjunction(equal))
	case len(equal) > 0:
		n.op = "Hash" + word
		hash := over("Hash", i)
		hash.start = i.total
		n.start = i.total + operatorCost*i.rows*float64(len(equal))
		n.total = n.start + o.total + operatorCost*o.rows*float64(len(equal)) + tupleCost*o.rows + tupleCost*n.rows
		n.kids = []*node{o, hash}
		n.detail("Hash Cond: %s", conjunction(equal))
	default:
		n.op = "Nested Loop"
		if kind != "" {
			n.op += word
		}
		n.start = o.start + i.start
		n.total = o.total + i.total + o.rows*i.rows*(tupleCost+operatorCost*float64(len(filters)))
		n.kids = []*node{o, i}
	}
	n.total += moved
	if len(filters) > 0 {
		n.detail("Join Filter: %s", conjunction(filters))
	}
	n.width = u.width()
	return u
}

// equalRows is how many rows an equality joins: without statistics each row of the
// larger side has one partner, less those that conditions took away.
func equalRows(a, b *unit, outer, inner []side) float64 {
	left, right := a.node.rows/max(a.whole, 1), b.node.rows/max(b.whole, 1)
	for k := range outer {
		if c := inner[k].col; c != nil && c.unique {
			return a.node.rows * right
		}
		if c := outer[k].col; c != nil && c.unique {
			return b.node.rows * left
		}
	}
	return max(a.whole, b.whole) * left * right
}

// distribute says how a join brings its rows together (c_data_redistribution.md), what
// that costs, and how the rows lie then.
func (u *unit) distribute(a, b *unit, kind string, outer, inner []side) (attr string, cost float64) {
	on := func(of *unit, sides []side) int {
		if of.spread != spreadKey {
			return -1
		}
		return slices.IndexFunc(sides, func(s side) bool { return s.col != nil && slices.Contains(of.keys, s.col) })
	}
	u.spread, u.keys = a.spread, a.keys
	switch {
	case a.spread == spreadLeader || b.spread == spreadLeader:
		if a.spread != b.spread {
			u.spread = spreadEven
		}
		return "", 0
	case b.spread == spreadAll:
		return "DS_DIST_ALL_NONE", 0
	case a.spread == spreadAll:
		u.spread, u.keys = spreadEven, nil
		return "DS_DIST_ALL_INNER", moveCost * b.node.rows
	}
	ka, kb := on(a, outer), on(b, inner)
	whole := kind == "" || kind == "IN "
	if ka >= 0 && ka == kb {
		if whole {
			u.keys = append(slices.Clone(a.keys), b.keys...)
		}
		return "DS_DIST_NONE", 0
	}
	attr, cost = "DS_BCAST_INNER", copyCost*b.node.rows
	if kind == "Full " {
		attr, cost = "", 0
	}
	choose := func(name string, price float64, keys []*column) {
		if attr == "" || price < cost {
			attr, cost = name, price
			u.spread, u.keys = spreadKey, keys
		}
	}
	if len(outer) == 0 {
		if attr == "" {
			return "DS_BCAST_INNER", copyCost * b.node.rows
		}
		return attr, cost
	}
	switch {
	case ka >= 0:
		choose("DS_DIST_INNER", moveCost*b.node.rows, a.keys)
	case kb >= 0:
		keys := slices.Clone(b.keys)
		if outer[kb].col != nil {
			keys = append(keys, outer[kb].col)
		}
		choose("DS_DIST_OUTER", moveCost*a.node.rows, keys)
	default:
		var keys []*column
		for _, s := range []side{outer[0], inner[0]} {
			if s.col != nil {
				keys = append(keys, s.col)
			}
		}
		choose("DS_DIST_BOTH", moveCost*(a.node.rows+b.node.rows), keys)
	}
	return attr, cost
}

// mergeable: both are scans in the order of the columns that they are joined by.
func mergeable(a, b *unit, outer, inner []side) bool {
	if !a.scan || !b.scan {
		return false
	}
	for k := range outer {
		l, r := outer[k].col, inner[k].col
		if l != nil && r != nil && l.dist && r.dist && l.sort == 1 && r.sort == 1 {
			return true
		}
	}
	return false
}

// joinWord is the kind of a join that keeps rows without a partner.
func joinWord(k ast.JoinKind) string {
	switch k {
	case ast.LeftJoin, ast.RightJoin:
		return "Left "
	case ast.FullJoin:
		return "Full "
	}
	return ""
}

// scanUnit is the scan of a relation.
func scanUnit(r *relation, on string, rows float64, leader bool) *unit {
	return &unit{
		node: &node{op: "Seq Scan", on: fmt.Sprintf("on %s", on), total: tupleCost * rows, rows: rows, leader: leader},
		rels: []*relation{r}, whole: rows, scan: true,
	}
}
