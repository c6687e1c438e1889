package ast

// Insert is INSERT INTO. Query is nil for DEFAULT VALUES; VALUES (…) is a
// Query whose Body is *Values.
type Insert struct {
	Span
	Table         Name
	Columns       []Ident
	DefaultValues bool
	Query         *Query
}

// Assign is column = value; Value may be *Default.
type Assign struct {
	Span
	Column Ident
	Value  Expr
}

// Update is UPDATE … SET.
type Update struct {
	Span
	With  *With
	Table Name
	Alias *Alias
	Set   []Assign
	From  []TableExpr
	Where Expr
}

// Delete is DELETE FROM.
type Delete struct {
	Span
	With  *With
	Table Name
	Alias *Alias
	Using []TableExpr
	Where Expr
}

// MergeAction is what an arm of MERGE does.
type MergeAction uint8

// The actions of MERGE.
const (
	MergeUpdate MergeAction = iota
	MergeDelete
	MergeInsert
)

// MergeWhen is one WHEN [NOT] MATCHED THEN … of MERGE.
type MergeWhen struct {
	Span
	Matched bool
	Action  MergeAction
	Set     []Assign
	Columns []Ident
	Values  []Expr
}

// Merge is MERGE INTO. Source is a *TableName or *TableQuery.
type Merge struct {
	Span
	Table            Name
	Alias            *Alias
	Source           TableExpr
	On               Expr
	Whens            []MergeWhen
	RemoveDuplicates bool
}

// Copy is a COPY statement. Only its place is kept: copycmd reads the options
// from the source text between Pos and End.
type Copy struct {
	Span
	Table   Name    // empty for COPY JOB …
	Columns []Ident // nil without a column list
	Job     bool    // COPY JOB …
}

// Unload is an UNLOAD statement. Only its place and the inner query's text are
// kept: copycmd reads the options.
type Unload struct {
	Span
	Query    string // the decoded text of the string between the parentheses
	QueryPos int    // offset of that string's opening quote
}

// Truncate is TRUNCATE [TABLE].
type Truncate struct {
	Span
	Table Name
}

func (*Insert) stmt()   {}
func (*Update) stmt()   {}
func (*Delete) stmt()   {}
func (*Merge) stmt()    {}
func (*Copy) stmt()     {}
func (*Unload) stmt()   {}
func (*Truncate) stmt() {}
