// Package ast holds the nodes of a parsed Redshift statement, each with its
// place in the source. The nodes are plain data: parse makes them, and nothing
// here changes one. A tree may be shared by readers as long as nobody writes.
package ast

import "strings"

// Node is any part of a statement that has a place in the source.
type Node interface {
	// Pos is the 0-based byte offset of the node's first byte.
	Pos() int
	// End is the offset just behind the node's last byte.
	End() int
}

// Stmt is a whole statement. The set is closed.
type Stmt interface {
	Node
	stmt()
}

// Expr is a scalar expression. The set is closed.
type Expr interface {
	Node
	expr()
}

// TableExpr is an item of a FROM clause. The set is closed.
type TableExpr interface {
	Node
	tableExpr()
}

// QueryBody is what a Query's WITH, ORDER BY and LIMIT stand around: *Select,
// *SetOp, *Values, or another *Query that was written in parentheses.
type QueryBody interface {
	Node
	queryBody()
}

// AlterAction is one change of an ALTER TABLE. The set is closed.
type AlterAction interface {
	Node
	alterAction()
}

// TableElement is an item between the parentheses of CREATE TABLE:
// *ColumnDef, *TableConstraint or *LikeTable.
type TableElement interface {
	Node
	tableElement()
}

// Span is a half-open range of bytes of the source, embedded in every node.
type Span struct {
	From int // offset of the first byte
	To   int // offset behind the last byte
}

// Pos implements Node.
func (s Span) Pos() int { return s.From }

// End implements Node.
func (s Span) End() int { return s.To }

// Ident is one identifier. Redshift folds unquoted names to lower case, and
// Name is already folded; a quoted name is kept as written, without its quotes
// (enable_case_sensitive_identifier decides later whether its case counts).
type Ident struct {
	Span
	Name   string
	Quoted bool
}

// Name is a dotted name of one to three parts: database.schema.object.
type Name struct {
	Span
	Parts []Ident
}

// Object is the last part.
func (n Name) Object() Ident {
	if len(n.Parts) == 0 {
		return Ident{}
	}
	return n.Parts[len(n.Parts)-1]
}

// Schema is the part before the object, or "" when there is none.
func (n Name) Schema() string {
	if len(n.Parts) < 2 {
		return ""
	}
	return n.Parts[len(n.Parts)-2].Name
}

// Database is the first of three parts, or "" when there are fewer.
func (n Name) Database() string {
	if len(n.Parts) < 3 {
		return ""
	}
	return n.Parts[len(n.Parts)-3].Name
}

// String joins the folded parts with dots. It is for messages; use
// lex.QuoteIdent to make SQL.
func (n Name) String() string {
	if len(n.Parts) == 1 {
		return n.Parts[0].Name
	}
	var b strings.Builder
	for i, p := range n.Parts {
		if i > 0 {
			b.WriteByte('.')
		}
		b.WriteString(p.Name)
	}
	return b.String()
}

// TimeZone says what a TIME or TIMESTAMP type said about its zone.
type TimeZone uint8

// The ways in which a type speaks of its zone.
const (
	ZoneUnsaid  TimeZone = iota // just TIMESTAMP or TIME
	WithoutZone                 // WITHOUT TIME ZONE
	WithZone                    // WITH TIME ZONE
)

// IntervalField is a unit of an interval, coarse to fine. Zero means none.
type IntervalField uint8

// The fields of an interval.
const (
	FieldNone IntervalField = iota
	FieldYear
	FieldMonth
	FieldDay
	FieldHour
	FieldMinute
	FieldSecond
)

// String is the field's keyword in lower case, "" for FieldNone.
func (f IntervalField) String() string {
	return [...]string{"", "year", "month", "day", "hour", "minute", "second"}[f]
}

// IntervalFields is an interval's qualifier: DAY TO SECOND (3), or YEAR alone
// with To equal to FieldNone. Precision is -1 when it was not given.
type IntervalFields struct {
	First     IntervalField
	To        IntervalField
	Precision int
}

// TypeMod is one modifier between a type's parentheses: a number, or MAX.
type TypeMod struct {
	Span
	Value int
	Max   bool
}

// TypeName is a type as written. Name is in lower case with its words joined
// by one space ("character varying", "double precision", "timestamp"); aliases
// are not resolved. Quoted says that it was a "quoted" name such as "char".
type TypeName struct {
	Span
	Schema    string // pg_catalog.int4; "" in general
	Name      string
	Quoted    bool
	Mods      []TypeMod
	Zone      TimeZone
	Interval  IntervalFields // of INTERVAL only
	ArrayDims int            // int[] has one; Redshift has no array types, the binder refuses them
}
