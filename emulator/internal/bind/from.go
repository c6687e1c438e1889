package bind

import (
	"slices"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/lock"
	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/parse"
)

// fromItem is a bound part of a FROM clause.
type fromItem struct {
	sql     string
	sources []*source
	merged  []merged
	// array is the list that an unnested item takes apart, else empty.
	array string
}

// from binds a whole FROM clause.
func (b *binder) from(list []ast.TableExpr, s *scope) (*fromItem, error) {
	out := &fromItem{}
	var items []*fromItem
	for _, t := range list {
		item, err := b.tableExpr(t, s, out.sources)
		if err != nil {
			return nil, err
		}
		if err := distinctNames(out.sources, item.sources, t.Pos()); err != nil {
			return nil, err
		}
		out.sources = append(out.sources, item.sources...)
		out.merged = append(out.merged, item.merged...)
		if !item.unnestWithin(items) {
			items = append(items, item)
		}
	}
	for i, item := range items {
		if i > 0 {
			out.sql += ", "
		}
		out.sql += item.sql
	}
	return out, nil
}

// unnestWithin moves an unnested array into the item that it is a path of, as
// an unnest of that item's select list. DuckDB would join LATERAL on the value of
// the whole document, once for every element.
func (f *fromItem) unnestWithin(items []*fromItem) bool {
	if f.array == "" {
		return false
	}
	var owner *fromItem
	alias := ""
	for _, item := range items {
		name := item.alias()
		switch mine := strings.Contains(f.array, name+"."); {
		case name == "":
			return false // a join: its columns are not told apart here
		case mine && (owner != nil || strings.HasPrefix(item.sql, "LATERAL ")):
			return false
		case mine:
			owner, alias = item, name
		}
	}
	if owner == nil {
		return false
	}
	element, index := f.alias(), ""
	sql := "(SELECT " + alias + ".*, unnest(" + f.array + ") AS " + element
	f.sources[0].cols[0].sql = elementText(alias + "." + element)
	if len(f.sources) > 1 {
		index = element + "i"
		sql += ", unnest(range(len(" + f.array + "))) AS " + index
		f.sources[1].cols[0].sql = alias + "." + index
	}
	owner.sql = sql + " FROM " + owner.sql + ") AS " + alias
	return true
}

// alias is the DuckDB name of an item that has one and stands by itself.
func (f *fromItem) alias() string {
	i := strings.LastIndex(f.sql, " AS ")
	if i < 0 {
		return ""
	}
	name := f.sql[i+len(" AS "):]
	for _, c := range []byte(name) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return ""
		}
	}
	return name
}

// elementText is an array's element as SUPER.
func elementText(e string) string { return "CAST(nullif(" + e + ", 'null'::JSON) AS VARCHAR)" }

func distinctNames(l, r []*source, offset int) error {
	for _, x := range r {
		for _, y := range l {
			if x.name != "" && x.name == y.name && (x.schema == y.schema || x.schema == "" || y.schema == "") {
				return errorAt(offset, "42712", "table name %q specified more than once", x.name)
			}
		}
	}
	return nil
}

// tableExpr binds one item; left are those before it, into which a path may lead.
func (b *binder) tableExpr(t ast.TableExpr, s *scope, left []*source) (*fromItem, error) {
	b.depth++
	defer func() { b.depth-- }()
	if b.depth > maxDepth {
		return nil, errorAt(t.Pos(), "54001", "statement is too complex")
	}
	switch t := t.(type) {
	case *ast.TableName:
		return b.tableName(t, s, left)
	case *ast.TableQuery:
		q, err := b.query(t.Query, &scope{outer: s.outer})
		if err != nil {
			return nil, err
		}
		return b.derived(q.sql, q.cols, t.Alias)
	case *ast.Join:
		return b.join(t, s, left)
	case *ast.TablePath:
		return b.unnest(t.Path, t.Alias, t.At, s, left)
	case *ast.TableFunc:
		if schema := t.Call.Name.Schema(); (schema == "" || schema == "pg_catalog") && t.Call.Name.Object().Name == "unnest" && len(t.Call.Args) == 1 {
			return b.unnest(t.Call.Args[0], t.Alias, t.At, s, left)
		}
		return b.tableFunc(t)
	case *ast.TablePivot:
		return b.pivot(t, s)
	case *ast.TableUnpivot:
		return b.unpivot(t, s)
	case *ast.TableUnpivotObject:
		return b.unpivotObject(t, s, left)
	}
	return nil, unsupported(t.Pos(), "this FROM item")
}

func (b *binder) tableName(t *ast.TableName, s *scope, left []*source) (*fromItem, error) {
	parts := t.Name.Parts
	if len(parts) == 1 {
		if c := s.findCTE(b.ident(parts[0])); c != nil {
			return b.fromCTE(c, t.Alias)
		}
	} else if first := b.ident(parts[0]); slices.ContainsFunc(left, func(x *source) bool { return x.name == first }) {
		return b.unnest(&ast.ColumnRef{Span: t.Name.Span, Parts: parts}, t.Alias, nil, s, left)
	}
	r, err := b.lookup(t.Name)
	if err != nil {
		return nil, err
	}
	if r == nil {
		if v, ok := b.catalogView(t.Name); ok {
			return b.fromCatalogView(v, t)
		}
		if v, ok := b.systemView(t.Name); ok {
			return b.fromSystemView(v, t)
		}
		if systemName(b, t.Name) {
			return nil, unsupported(t.Pos(), "the system table %s", t.Name)
		}
		return nil, b.noRelation(t.Name)
	}
	b.lock(r.ID, lock.AccessShare)
	denied, err := b.readable(r, t.Pos())
	if err != nil {
		return nil, err
	}
	if !r.Stored() {
		item, err := b.fromView(r, t)
		if err == nil {
			item.sources[0].deny(denied)
		}
		return item, err
	}
	b.shared.tables = true
	duck := b.alias("t")
	name, qualified := r.Name, true
	if t.Alias != nil {
		name, qualified = b.ident(t.Alias.Name), false
	}
	src := relationSource(r, name, duck, qualified)
	src.deny(denied)
	if err := b.aliasColumns(src, t.Alias); err != nil {
		return nil, err
	}
	return &fromItem{sql: quote(r.StoreSchema) + "." + quote(r.StoreName) + " AS " + duck, sources: []*source{src}}, nil
}

// systemName tells whether a name is that of a catalog table or system view that
// the emulator does not have.
func systemName(b *binder, name ast.Name) bool {
	if len(name.Parts) == 2 && systemSchema(b.ident(name.Parts[0])) {
		return true
	}
	n := b.ident(name.Object())
	return len(name.Parts) == 1 && (strings.HasPrefix(n, "pg_") || strings.HasPrefix(n, "stl_") || strings.HasPrefix(n, "stv_") ||
		strings.HasPrefix(n, "svl_") || strings.HasPrefix(n, "svv_") || strings.HasPrefix(n, "svcs_") || strings.HasPrefix(n, "sys_"))
}

func (b *binder) aliasColumns(src *source, a *ast.Alias) error {
	if a == nil {
		return nil
	}
	if len(a.Columns) > len(src.cols) {
		return errorAt(a.Pos(), "42P10", "table %q has %d columns available but %d columns specified", src.name, len(src.cols), len(a.Columns))
	}
	for i, c := range a.Columns {
		src.cols[i].name = b.ident(c)
	}
	return nil
}

// derived is a query in FROM, with its columns c1, c2 ….
func (b *binder) derived(sql string, cols []Column, a *ast.Alias) (*fromItem, error) {
	duck := b.alias("t")
	src := derivedSource(duck, cols)
	if a != nil {
		src.name = b.ident(a.Name)
	}
	if err := b.aliasColumns(src, a); err != nil {
		return nil, err
	}
	return &fromItem{sql: "(" + sql + ") AS " + duck, sources: []*source{src}}, nil
}

func derivedSource(duck string, cols []Column) *source {
	src := &source{cols: make([]column, len(cols))}
	for i, c := range cols {
		src.cols[i] = column{
			name: c.Name, typ: c.Type, sql: duck + ".c" + itoa(i+1), table: c.TableID, number: c.Number,
			trimmed: c.Type.Kind == rstype.Char,
		}
	}
	return src
}

func (b *binder) fromCTE(c *cte, a *ast.Alias) (*fromItem, error) {
	duck := b.alias("t")
	src := derivedSource(duck, c.cols)
	src.name = c.name
	if a != nil {
		src.name = b.ident(a.Name)
	}
	if err := b.aliasColumns(src, a); err != nil {
		return nil, err
	}
	return &fromItem{sql: c.duck + " AS " + duck, sources: []*source{src}}, nil
}

// fromView binds a view's query where it was made: in its database and with the
// search path of its making.
func (b *binder) fromView(r *catalog.Relation, t *ast.TableName) (*fromItem, error) {
	if b.views >= maxViews {
		return nil, errorAt(t.Pos(), "42P17", "infinite recursion detected in rules for relation %q", r.Name)
	}
	stmt, err := parse.Statement(r.Definition)
	if err != nil {
		return nil, errorAt(t.Pos(), "XX000", "view %q: %s", r.Name, err)
	}
	q, ok := stmt.(*ast.Query)
	if !ok {
		return nil, errorAt(t.Pos(), "XX000", "view %q is not a query", r.Name)
	}
	inner := &binder{env: b.env, shared: b.shared, depth: b.depth, nested: b.nested, views: b.views + 1, actor: b.viewActor(r)}
	inner.env.Text, inner.env.SearchPath, inner.env.TempSchema = r.Definition, r.SearchPath, ""
	if r.DefDatabase != "" {
		inner.env.Database = r.DefDatabase
	}
	out, err := inner.query(q, &scope{})
	if err != nil {
		if e, ok := err.(*Error); ok {
			// The place in the view's text means nothing in the statement's.
			moved := *e
			moved.Offset = t.Pos()
			return nil, &moved
		}
		return nil, err
	}
	cols := slices.Clone(out.cols)
	for i := range cols {
		if i < len(r.Columns) {
			cols[i].Name = r.Columns[i].Name
		}
		cols[i].TableID, cols[i].Number = r.ID, int16(i+1)
	}
	alias := t.Alias
	item, err := b.derived(out.sql, cols, alias)
	if err == nil && alias == nil {
		item.sources[0].name, item.sources[0].schema, item.sources[0].database = r.Name, r.Schema, r.Database
	}
	return item, err
}

var joinWords = [...]string{
	ast.InnerJoin: " INNER JOIN ", ast.LeftJoin: " LEFT JOIN ", ast.RightJoin: " RIGHT JOIN ", ast.FullJoin: " FULL JOIN ", ast.CrossJoin: " CROSS JOIN ",
}

// join binds a join. Its condition sees the tables of both sides alone.
func (b *binder) join(t *ast.Join, s *scope, left []*source) (*fromItem, error) {
	l, err := b.tableExpr(t.L, s, left)
	if err != nil {
		return nil, err
	}
	r, err := b.tableExpr(t.R, s, append(slices.Clip(left), l.sources...))
	if err != nil {
		return nil, err
	}
	if err := distinctNames(l.sources, r.sources, t.R.Pos()); err != nil {
		return nil, err
	}
	out := &fromItem{sources: append(slices.Clip(l.sources), r.sources...)}
	on := ""
	names := make([]string, len(t.Using))
	for i, u := range t.Using {
		names[i] = b.ident(u)
	}
	if t.Natural {
		names = common(l, r)
	}
	switch {
	case len(names) > 0:
		if on, err = b.using(t, names, l, r, out); err != nil {
			return nil, err
		}
	default:
		out.merged = append(slices.Clip(l.merged), r.merged...)
	}
	switch {
	case t.On != nil:
		sc := &scope{
			outer: s.outer, sources: out.sources, merged: out.merged, clause: onClause,
			outerJoin: t.Kind == ast.LeftJoin || t.Kind == ast.RightJoin || t.Kind == ast.FullJoin,
		}
		queries := b.shared.queries
		if on, err = b.boolean(t.On, sc, "JOIN/ON"); err != nil {
			return nil, err
		}
		if sc.outerJoin && b.shared.queries > queries { // which DuckDB does not do
			return nil, unsupported(t.On.Pos(), "a subquery in the ON of an outer join")
		}
	case on == "" && t.Natural && t.Kind != ast.CrossJoin:
		on = "TRUE"
	}
	word := joinWords[t.Kind]
	out.sql = "(" + l.sql + word + r.sql
	if on != "" && t.Kind != ast.CrossJoin {
		out.sql += " ON " + on
	}
	out.sql += ")"
	if t.Alias == nil {
		return out, nil
	}
	// (a JOIN b …) AS x hides the names inside.
	inner := &scope{sources: out.sources, merged: out.merged}
	cols, err := b.star(&ast.Star{Span: t.Span}, inner)
	if err != nil {
		return nil, err
	}
	var sql strings.Builder
	sql.WriteString("SELECT ")
	described := make([]Column, len(cols))
	for i, c := range cols {
		if i > 0 {
			sql.WriteString(", ")
		}
		sql.WriteString(c.sql + " AS c" + itoa(i+1))
		described[i] = Column{Name: c.name, Type: c.typ, TableID: c.table, Number: c.number}
	}
	sql.WriteString(" FROM " + out.sql)
	return b.derived(sql.String(), described, t.Alias)
}

// common are the column names that both sides of a NATURAL join have.
func common(l, r *fromItem) []string {
	ls, rs := &scope{sources: l.sources, merged: l.merged}, &scope{sources: r.sources, merged: r.merged}
	var out []string
	visit := func(name string) {
		if slices.Contains(out, name) {
			return
		}
		if c, _ := rs.bare(name); c != nil {
			out = append(out, name)
		}
	}
	for i := range ls.merged {
		visit(ls.merged[i].col.name)
	}
	for _, src := range ls.sources {
		for i := range src.cols {
			if !src.cols[i].hidden {
				visit(src.cols[i].name)
			}
		}
	}
	return out
}

// using makes the condition of USING and the columns that stand for both sides'.
func (b *binder) using(t *ast.Join, names []string, l, r *fromItem, out *fromItem) (string, error) {
	ls, rs := &scope{sources: l.sources, merged: l.merged}, &scope{sources: r.sources, merged: r.merged}
	var conds []string
	for i, name := range names {
		offset := t.Pos()
		if i < len(t.Using) {
			offset = t.Using[i].Pos()
		}
		side := func(s *scope, which string) (*column, error) {
			c, n := s.bare(name)
			switch {
			case n == 0:
				return nil, errorAt(offset, "42703", "column %q specified in USING clause does not exist in %s table", name, which)
			case n > 1:
				return nil, errorAt(offset, "42702", "common column name %q appears more than once in %s table", name, which)
			}
			return c, b.allowed(c, offset)
		}
		lc, err := side(ls, "left")
		if err != nil {
			return "", err
		}
		rc, err := side(rs, "right")
		if err != nil {
			return "", err
		}
		ln := node{sql: lc.sql, typ: lc.typ, exact: true, trimmed: lc.trimmed, col: lc}
		rn := node{sql: rc.sql, typ: rc.typ, exact: true, trimmed: rc.trimmed, col: rc}
		cond, err := b.compare(ast.OpEq, offset, ln, rn, offset, offset)
		if err != nil {
			return "", err
		}
		conds = append(conds, cond)
		m := merged{col: *lc, of: []string{lc.sql, rc.sql}}
		switch t.Kind {
		case ast.RightJoin:
			m.col = *rc
		case ast.FullJoin:
			nodes := []node{ln, rn}
			typ, err := b.unify(nodes, []int{offset, offset}, "JOIN/USING")
			if err != nil {
				return "", err
			}
			m.col = column{name: name, typ: typ, sql: "coalesce(" + asColumn(nodes[0], typ) + ", " + asColumn(nodes[1], typ) + ")"}
		}
		for _, old := range append(slices.Clip(l.merged), r.merged...) {
			if old.col.name == name {
				m.of = append(m.of, old.of...)
			}
		}
		out.merged = append(out.merged, m)
	}
	for _, old := range append(slices.Clip(l.merged), r.merged...) {
		if !slices.Contains(names, old.col.name) {
			out.merged = append(out.merged, old)
		}
	}
	return strings.Join(conds, " AND "), nil
}

// unnest binds FROM t, t.arr AS x [AT i]: a row for each element of the array
// (query-super.md). What is no array gives no rows: assumed.
func (b *binder) unnest(path ast.Expr, a *ast.Alias, at *ast.Ident, s *scope, left []*source) (*fromItem, error) {
	n, err := b.expr(path, &scope{outer: s.outer, sources: left, clause: onClause})
	if err != nil {
		return nil, err
	}
	catalogArray := n.col != nil && n.col.array
	if n.typ.Kind != rstype.Super && !catalogArray {
		return nil, errorAt(path.Pos(), "42804", "cannot unnest type %s", n.typ.Kind)
	}
	name := "?column?"
	if a != nil {
		name = b.ident(a.Name)
		if len(a.Columns) > 0 {
			return nil, unsupported(a.Pos(), "a column list behind an unnested array")
		}
	} else {
		name = b.columnName(path)
	}
	duck := b.alias("u")
	if catalogArray {
		src := &source{name: name, cols: []column{{name: name, typ: typed(rstype.Varchar), sql: duck + ".c1"}}}
		return &fromItem{sql: "LATERAL (SELECT unnest(" + elements(n.sql) + ") AS c1) AS " + duck, sources: []*source{src}}, nil
	}
	elements := "json_extract(" + n.sql + ", '$[*]')"
	sql := "LATERAL (SELECT " + elementText("e") + " AS c1, i AS c2 FROM (SELECT unnest(" + elements + ") AS e, unnest(range(len(" + elements + "))) AS i)) AS " + duck
	src := &source{name: name, cols: []column{{name: name, typ: typed(rstype.Super), sql: duck + ".c1"}}}
	out := &fromItem{sql: sql, sources: []*source{src}, array: elements}
	if at != nil {
		index := b.ident(*at)
		out.sources = append(out.sources, &source{name: "", cols: []column{{name: index, typ: typed(rstype.Int8), sql: duck + ".c2"}}})
	}
	return out, nil
}
