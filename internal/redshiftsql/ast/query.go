package ast

// Query is a whole query: WITH, a body, ORDER BY and LIMIT.
type Query struct {
	Span
	With     *With
	Body     QueryBody
	OrderBy  []SortItem
	Limit    Expr // nil when absent or ALL
	LimitAll bool // LIMIT ALL
	Offset   Expr
}

// With is a WITH clause.
type With struct {
	Span
	Recursive bool
	CTEs      []CTE
}

// CTE is one named query of a With.
type CTE struct {
	Span
	Name    Ident
	Columns []Ident
	Query   *Query
}

// Select is one SELECT … FROM … block.
type Select struct {
	Span
	Distinct   bool
	DistinctOn []Expr // PostgreSQL's DISTINCT ON, the binder refuses it
	All        bool   // SELECT ALL
	Top        Expr   // TOP n; the binder refuses it beside LIMIT
	Targets    []Target
	Exclude    []Ident // EXCLUDE (a, b) behind the target list
	Into       *Into
	From       []TableExpr
	Where      Expr
	StartWith  Expr
	ConnectBy  Expr
	NoCycle    bool
	GroupBy    *GroupBy
	Having     Expr
	Qualify    Expr
	Windows    []NamedWindow
}

// Target is one item of a target list. Alias is nil when there is none.
type Target struct {
	Span
	Expr  Expr // *Star for * and t.*
	Alias *Ident
}

// Into is SELECT … INTO [TEMP] [TABLE] name.
type Into struct {
	Span
	Temp bool
	Name Name
}

// SetOpKind is the kind of a SetOp.
type SetOpKind uint8

// The set operations. MINUS is EXCEPT.
const (
	Union SetOpKind = iota
	Intersect
	Except
)

// SetOp combines two queries. OpPos is the operator's offset.
type SetOp struct {
	Span
	Kind  SetOpKind
	All   bool
	OpPos int
	L, R  QueryBody
}

// Values is VALUES (…), (…). Redshift has it in INSERT alone; the binder
// refuses it elsewhere.
type Values struct {
	Span
	Rows [][]Expr
}

// GroupBy is a GROUP BY clause; All is GROUP BY ALL, and Items is empty then.
type GroupBy struct {
	Span
	All   bool
	Items []GroupItem
}

// GroupKind is the kind of a GroupItem.
type GroupKind uint8

// The kinds of grouping items.
const (
	GroupExpr   GroupKind = iota // an expression: Exprs[0]
	GroupTuple                   // (a, b) inside a ROLLUP, CUBE or GROUPING SETS; () has no Exprs
	GroupRollup                  // ROLLUP (Sets)
	GroupCube                    // CUBE (Sets)
	GroupSets                    // GROUPING SETS (Sets)
)

// GroupItem is one item of a GROUP BY clause.
type GroupItem struct {
	Span
	Kind  GroupKind
	Exprs []Expr
	Sets  []GroupItem
}

// NullsOrder is NULLS FIRST or NULLS LAST.
type NullsOrder uint8

// Where NULLs go. Redshift's default is last for ASC and first for DESC.
const (
	NullsDefault NullsOrder = iota
	NullsFirst
	NullsLast
)

// SortItem is one item of an ORDER BY.
type SortItem struct {
	Span
	Expr  Expr
	Desc  bool
	Nulls NullsOrder
}

// Window is what stands behind OVER, or in a WINDOW clause. OVER w is a Window
// with Ref and nothing else, and Bare set; OVER (w ORDER BY …) has Ref too.
type Window struct {
	Span
	Bare        bool
	Ref         *Ident
	PartitionBy []Expr
	OrderBy     []SortItem
	Frame       *Frame
}

// NamedWindow is one definition of a WINDOW clause.
type NamedWindow struct {
	Span
	Name   Ident
	Window *Window
}

// Frame is the frame of a window.
type Frame struct {
	Span
	Range bool       // RANGE, else ROWS
	Start FrameBound // of BETWEEN … AND …, or the only bound
	Stop  *FrameBound
}

// BoundKind is the kind of a FrameBound.
type BoundKind uint8

// The bounds of a frame.
const (
	UnboundedPreceding BoundKind = iota
	Preceding
	CurrentRow
	Following
	UnboundedFollowing
)

// FrameBound is one bound of a frame; Offset belongs to Preceding and Following.
type FrameBound struct {
	Span
	Kind   BoundKind
	Offset Expr
}

// Alias is [AS] name [(columns)] behind a FROM item.
type Alias struct {
	Span
	Name    Ident
	Columns []Ident
}

// TableName is a dotted name in FROM. In FROM t, t.arr AS x the second one is
// a path into t and not a table of a schema t: only the binder, which knows the
// aliases to the left, can tell, and an alias wins (query-super). With AT or an
// index it can only be a path and is a TablePath.
type TableName struct {
	Span
	Name  Name
	Alias *Alias
}

// TablePath is a SUPER path that FROM unnests: t.a[0].b AS x AT i. Expr is a
// *ColumnRef, *Index or *Field. At is the index variable or nil.
type TablePath struct {
	Span
	Path  Expr
	Alias *Alias
	At    *Ident
}

// TableUnpivotObject is UNPIVOT expr AS value AT key: one row per attribute of
// a SUPER object.
type TableUnpivotObject struct {
	Span
	Object Expr
	Value  *Ident
	Key    *Ident
}

// TableFunc is a function in FROM, UNNEST among them. At is the name of the
// index: AT i. Types are those of the alias's columns, if they have any, as in
// f() AS t(a int, b text).
type TableFunc struct {
	Span
	Call  *FuncCall
	Alias *Alias
	Types []TypeName
	At    *Ident
}

// TableQuery is a query in FROM. Alias may be nil.
type TableQuery struct {
	Span
	Query *Query
	Alias *Alias
}

// JoinKind is the kind of a Join.
type JoinKind uint8

// The joins.
const (
	InnerJoin JoinKind = iota
	LeftJoin
	RightJoin
	FullJoin
	CrossJoin
)

// String is the join's keyword in lower case.
func (k JoinKind) String() string {
	return [...]string{"inner", "left", "right", "full", "cross"}[k]
}

// Join joins two tables. On and Using are both empty for CROSS and NATURAL.
type Join struct {
	Span
	Kind    JoinKind
	Natural bool
	L, R    TableExpr
	On      Expr
	Using   []Ident
	Alias   *Alias // of (a JOIN b ON …) AS x
}

// TablePivot is source PIVOT (aggregates FOR column IN (values)).
type TablePivot struct {
	Span
	Source TableExpr
	Aggs   []Target // each Expr is a *FuncCall
	For    *ColumnRef
	In     []Target
	Alias  *Alias
}

// TableUnpivot is source UNPIVOT (value FOR name IN (columns)).
type TableUnpivot struct {
	Span
	Source       TableExpr
	IncludeNulls bool // the default is to leave NULLs out
	Value        Ident
	For          Ident
	In           []Target // each Expr is a *ColumnRef
	InAliases    []Expr   // the literal behind AS of each In, nil where there is none
	Alias        *Alias
}

func (*Query) stmt() {}

func (*Query) queryBody()  {}
func (*Select) queryBody() {}
func (*SetOp) queryBody()  {}
func (*Values) queryBody() {}

func (*TableName) tableExpr()          {}
func (*TablePath) tableExpr()          {}
func (*TableUnpivotObject) tableExpr() {}
func (*TableFunc) tableExpr()          {}
func (*TableQuery) tableExpr()         {}
func (*Join) tableExpr()               {}
func (*TablePivot) tableExpr()         {}
func (*TableUnpivot) tableExpr()       {}
