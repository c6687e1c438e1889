package ast

// LiteralKind says what a Literal is.
type LiteralKind uint8

// The kinds of literals.
const (
	NullLiteral    LiteralKind = iota // NULL
	BoolLiteral                       // TRUE, FALSE
	IntLiteral                        // 42
	DecimalLiteral                    // 4.2
	FloatLiteral                      // 4e2
	StringLiteral                     // 'text', $$text$$
)

// Literal is a constant. Text is the decoded value of a string ('it”s' is
// it's), the digits of a number, "true" or "false", and "" for NULL.
type Literal struct {
	Span
	Kind LiteralKind
	Text string
}

// TypedLiteral is a type followed by a string: date '2024-01-31'.
type TypedLiteral struct {
	Span
	Type  TypeName
	Value string
}

// IntervalLiteral is interval '3 days' or interval '1 02:00' day to hour.
type IntervalLiteral struct {
	Span
	Value  string
	Fields IntervalFields
}

// ColumnRef is a name of one to four parts: column, table.column,
// schema.table.column, database.schema.table.column. Because SUPER is
// navigated with dots too, later parts may turn out to be attributes:
// t.c.a.b; what follows the fourth part is a Field.
type ColumnRef struct {
	Span
	Parts []Ident
}

// Star is * or t.* in a target list or as a function's argument.
type Star struct {
	Span
	Qualifier []Ident
}

// Param is $1; N counts from 1.
type Param struct {
	Span
	N int
}

// Default is the word DEFAULT as a value in INSERT and UPDATE.
type Default struct{ Span }

// Unary is a prefix operator.
type Unary struct {
	Span
	Op Op
	X  Expr
}

// Binary is an infix operator; OpPos is the operator's own offset, where
// Redshift's "operator does not exist" points.
type Binary struct {
	Span
	Op    Op
	OpPos int
	L, R  Expr
}

// CastForm says how a Cast was written.
type CastForm uint8

// The forms of a cast.
const (
	CastFunc    CastForm = iota // CAST(x AS t)
	CastColon                   // x::t
	CastTry                     // TRY_CAST(x AS t)
	CastConvert                 // CONVERT(t, x)
)

// Cast converts X to Type.
type Cast struct {
	Span
	Form CastForm
	X    Expr
	Type TypeName
}

// LikeKind says which pattern language a Like uses.
type LikeKind uint8

// The pattern conditions.
const (
	LikePlain   LikeKind = iota // LIKE
	LikeFold                    // ILIKE
	LikeSimilar                 // SIMILAR TO
)

// Like is X [NOT] LIKE Pattern [ESCAPE Escape]; Escape may be nil.
type Like struct {
	Span
	Kind       LikeKind
	Not        bool
	OpPos      int
	X, Pattern Expr
	Escape     Expr
}

// Between is X [NOT] BETWEEN Lo AND Hi.
type Between struct {
	Span
	Not       bool
	X, Lo, Hi Expr
}

// In is X [NOT] IN (list) or (query): exactly one of List and Query is set.
type In struct {
	Span
	Not   bool
	X     Expr
	List  []Expr
	Query *Query
}

// IsKind says what an Is tests for.
type IsKind uint8

// The tests of an Is.
const (
	IsNull    IsKind = iota // IS NULL, ISNULL
	IsTrue                  // IS TRUE
	IsFalse                 // IS FALSE
	IsUnknown               // IS UNKNOWN
)

// Is is X IS [NOT] NULL, TRUE, FALSE or UNKNOWN.
type Is struct {
	Span
	Kind IsKind
	Not  bool
	X    Expr
}

// IsDistinct is L IS [NOT] DISTINCT FROM R, which Redshift does not support;
// it is parsed so that it can be refused well.
type IsDistinct struct {
	Span
	Not  bool
	L, R Expr
}

// AtTimeZone is X AT TIME ZONE Zone.
type AtTimeZone struct {
	Span
	X, Zone Expr
}

// Collate is X COLLATE name, of which the last part is kept.
// (COLLATE(x, 'ci') is a FuncCall.)
type Collate struct {
	Span
	X         Expr
	Collation Ident
}

// OuterMark is the (+) behind a column in a WHERE clause.
type OuterMark struct {
	Span
	X Expr
}

// CallSyntax says how a FuncCall was written when it was not f(a, b).
type CallSyntax uint8

// The ways to write a call.
const (
	CallPlain CallSyntax = iota
	CallBare             // without parentheses: CURRENT_DATE, SYSDATE, USER
	CallWords            // words between the arguments: SUBSTRING(a FROM b FOR c), POSITION(a IN b), OVERLAY(a PLACING b FROM c)
)

// NullTreatment is IGNORE NULLS or RESPECT NULLS of a window function.
type NullTreatment uint8

// The treatments.
const (
	NullsUnsaid NullTreatment = iota
	IgnoreNulls
	RespectNulls
)

// FuncCall is a call of a function, an aggregate or a window function.
// SUBSTRING(a FROM b FOR c) has the arguments a, b, c; SUBSTRING(a FOR c) has
// a, 1, c; POSITION(a IN b) has a, b; OVERLAY(a PLACING b FROM c FOR d) has
// a, b, c, d.
type FuncCall struct {
	Span
	Name        Name
	Syntax      CallSyntax
	Args        []Expr
	Star        bool // count(*)
	Distinct    bool
	All         bool
	Approximate bool       // APPROXIMATE count(distinct x), APPROXIMATE percentile_disc
	OrderBy     []SortItem // inside the parentheses: PostgreSQL's, the binder refuses it
	WithinGroup []SortItem // WITHIN GROUP (ORDER BY …)
	Filter      Expr       // FILTER (WHERE …): PostgreSQL's, the binder refuses it
	Nulls       NullTreatment
	Over        *Window // nil for a call without OVER
}

// DatePart is a bare unit as first argument of DATEADD, DATEDIFF, DATE_PART
// and their aliases. Part is in lower case and not checked. A quoted unit is a
// string Literal.
type DatePart struct {
	Span
	Part string
}

// Extract is EXTRACT(field FROM X). Field is in lower case and not checked.
type Extract struct {
	Span
	Field    string
	FieldPos int
	X        Expr
}

// TrimSide says which end TRIM works on.
type TrimSide uint8

// The sides of TRIM.
const (
	TrimBoth TrimSide = iota
	TrimLeading
	TrimTrailing
)

// Trim is TRIM([side] [chars] FROM x), or TRIM(x); Chars may be nil.
// TRIM(x, chars) is a FuncCall.
type Trim struct {
	Span
	Side  TrimSide
	Chars Expr
	X     Expr
}

// When is one arm of a Case.
type When struct {
	Span
	Cond, Then Expr
}

// Case is CASE [operand] WHEN … THEN … [ELSE …] END. Operand and Else may be nil.
type Case struct {
	Span
	Operand Expr
	Whens   []When
	Else    Expr
}

// Exists is EXISTS (query).
type Exists struct {
	Span
	Query *Query
}

// Subquery is a query in parentheses as a value.
type Subquery struct {
	Span
	Query *Query
}

// Quantified is X op ANY|SOME|ALL (query or expression): exactly one of Query
// and Set is not nil.
type Quantified struct {
	Span
	Op    Op
	OpPos int
	All   bool // ALL, else ANY or SOME
	X     Expr
	Query *Query
	Set   Expr
}

// Row is (a, b) or ROW(a, b).
type Row struct {
	Span
	Explicit bool // with the word ROW
	Items    []Expr
}

// Index is X[I], SUPER navigation into an array, 0-based.
type Index struct {
	Span
	X, I Expr
}

// Field is X.name, SUPER navigation into an object, where X is not a plain name.
type Field struct {
	Span
	X    Expr
	Name Ident
}

// Array is ARRAY[…], which Redshift does not have; the binder refuses it.
// (ARRAY(a, b) is a FuncCall and makes a SUPER.)
type Array struct {
	Span
	Items []Expr
}

// ObjectTransform is OBJECT_TRANSFORM(x KEEP paths SET path, value, …).
type ObjectTransform struct {
	Span
	X    Expr
	Keep []Expr
	Set  []Expr // path, value, path, value …
}

func (*Literal) expr()         {}
func (*TypedLiteral) expr()    {}
func (*IntervalLiteral) expr() {}
func (*ColumnRef) expr()       {}
func (*Star) expr()            {}
func (*Param) expr()           {}
func (*Default) expr()         {}
func (*Unary) expr()           {}
func (*Binary) expr()          {}
func (*Cast) expr()            {}
func (*Like) expr()            {}
func (*Between) expr()         {}
func (*In) expr()              {}
func (*Is) expr()              {}
func (*IsDistinct) expr()      {}
func (*AtTimeZone) expr()      {}
func (*Collate) expr()         {}
func (*OuterMark) expr()       {}
func (*FuncCall) expr()        {}
func (*DatePart) expr()        {}
func (*Extract) expr()         {}
func (*Trim) expr()            {}
func (*Case) expr()            {}
func (*Exists) expr()          {}
func (*Subquery) expr()        {}
func (*Quantified) expr()      {}
func (*Row) expr()             {}
func (*Index) expr()           {}
func (*Field) expr()           {}
func (*Array) expr()           {}
func (*ObjectTransform) expr() {}
