package bind

import (
	"slices"

	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
)

// column is a column of a FROM item.
type column struct {
	name string
	typ  rstype.Type
	sql  string
	// table and number are those of RowDescription.
	table  int32
	number int16
	// trimmed: the values never end in a blank.
	trimmed bool
	// hidden: known by its name, but not part of *.
	hidden bool
	// array: an array of the catalog, as its text.
	array bool
	// denied: the user may not read it.
	denied bool
}

// source is one FROM item with a name.
type source struct {
	// name is what qualifies its columns; schema and database only count for a
	// table without an alias.
	name, schema, database string
	cols                   []column
}

func (s *source) find(name string) (*column, int) {
	var found *column
	n := 0
	for i := range s.cols {
		if s.cols[i].name == name {
			if found == nil {
				found = &s.cols[i]
			}
			n++
		}
	}
	return found, n
}

// merged is a column that USING or NATURAL made of two.
type merged struct {
	col column
	// of are the columns' expressions that it hides when the name stands alone.
	of []string
}

// cte is a common table expression that is in sight.
type cte struct {
	name string
	duck string
	cols []Column
}

// freeColumn is a column outside of aggregates, in a query with groups.
type freeColumn struct {
	col    *column
	name   string
	offset int
}

// clause says what a scope's expressions may hold.
type clause uint8

const (
	plainClause clause = iota
	whereClause
	onClause
	groupClause
	targetClause
	havingClause
	qualifyClause
	orderClause
	limitClause
	valuesClause
)

var clauseNames = [...]string{
	whereClause: "WHERE", onClause: "JOIN conditions", groupClause: "GROUP BY", limitClause: "LIMIT", valuesClause: "VALUES",
}

// scope is where the names of one SELECT are looked up. Names that it does not
// know are looked up in outer.
type scope struct {
	outer   *scope
	sources []*source
	merged  []merged
	ctes    []cte

	clause clause
	// inAgg counts the aggregates, inWindow the window functions around.
	inAgg, inWindow int
	// aggs and wins count what was met, so that a caller sees what an
	// expression holds.
	aggs, wins int

	// grouped: the query has groups, and groups holds their expressions.
	grouped bool
	groups  []string
	free    []freeColumn

	// targets are the select list for lateral aliases, as far as they are in
	// sight: those before the number limit.
	targets []target
	limit   int
	// windows are the WINDOW clause.
	windows []ast.NamedWindow
	// order is the ORDER BY of the first WITHIN GROUP, all of which must agree.
	order string

	// seen, where it is not nil, gathers the columns that are used.
	seen map[*column]bool
	// marks, where it is not nil, gathers those that are marked with (+).
	marks map[*column]bool

	// prior is the row above, in CONNECT BY.
	prior *scope

	// block: this is a SELECT's own scope; subquery: that of a query inside an
	// expression; outerJoin: that of an outer join's ON.
	block, subquery, outerJoin bool
	// inbound counts the columns that subqueries take from here, correlated says
	// that this SELECT takes one from outside.
	inbound    int
	correlated bool
}

// target is an item of a select list, stars expanded.
type target struct {
	name   string
	named  bool // by an alias
	expr   ast.Expr
	col    *column // of a star
	busy   bool
	offset int
}

// tableScope is the scope in which a table's columns are known, for UPDATE,
// DELETE and defaults. In DuckDB the table has the alias's name, or its own.
func (b *binder) tableScope(r *catalog.Relation, alias string) *scope {
	s := &scope{}
	if r != nil {
		name := alias
		if name == "" {
			name = r.Name
		}
		s.sources = append(s.sources, relationSource(r, name, quote(name), alias == ""))
	}
	return s
}

func relationSource(r *catalog.Relation, name, duck string, qualified bool) *source {
	src := &source{name: name, cols: make([]column, len(r.Columns))}
	if qualified {
		src.schema, src.database = r.Schema, r.Database
	}
	// The names are cut from one string: a table has many columns of which a
	// query uses few.
	var buf [512]byte
	names := buf[:0]
	var ends [64]int
	cuts := ends[:0]
	for i := range r.Columns {
		names = append(append(names, duck...), '.')
		names = lex.AppendIdent(names, r.Columns[i].Name)
		cuts = append(cuts, len(names))
	}
	all, from := string(names), 0
	for i := range r.Columns {
		c := &r.Columns[i]
		src.cols[i] = column{
			name: c.Name, typ: c.Type, sql: all[from:cuts[i]],
			table: r.ID, number: int16(i + 1), trimmed: c.Type.Kind == rstype.Char,
		}
		from = cuts[i]
	}
	return src
}

// node is a bound expression.
type node struct {
	sql string
	typ rstype.Type
	// exact: DuckDB's type of sql is typ.DuckDB().
	exact bool
	// trimmed: a text that never ends in a blank.
	trimmed bool
	// folded: a text that compares without its case.
	folded bool
	// lit is a constant whose type the context may still choose.
	lit *ast.Literal
	// param is a parameter without a type yet.
	param int
	// constant: no column, no volatile function.
	constant bool
	col      *column
	// super is the way to a SUPER that is part of another.
	super *superPath
}

func (n node) unknown() bool { return n.typ.Kind == rstype.Unknown }

// hides says that a merged column stands for this one where the name is bare.
func (s *scope) hides(sql string) bool {
	for i := range s.merged {
		if slices.Contains(s.merged[i].of, sql) {
			return true
		}
	}
	return false
}

// bare finds a column by its name alone in this scope; n is how many there are.
func (s *scope) bare(name string) (found *column, n int) {
	for i := range s.merged {
		if s.merged[i].col.name == name {
			if found == nil {
				found = &s.merged[i].col
			}
			n++
		}
	}
	for _, src := range s.sources {
		for i := range src.cols {
			if c := &src.cols[i]; c.name == name && (len(s.merged) == 0 || !s.hides(c.sql)) {
				if found == nil {
					found = c
				}
				n++
			}
		}
	}
	return found, n
}

// source finds a FROM item by its name.
func (s *scope) source(name string) *source {
	for _, src := range s.sources {
		if src.name == name {
			return src
		}
	}
	return nil
}

func (s *scope) findCTE(name string) *cte {
	for ; s != nil; s = s.outer {
		for i := len(s.ctes) - 1; i >= 0; i-- {
			if s.ctes[i].name == name {
				return &s.ctes[i]
			}
		}
	}
	return nil
}
