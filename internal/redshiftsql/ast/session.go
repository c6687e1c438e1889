package ast

// Begin is BEGIN or START TRANSACTION. Isolation is in lower case, "" when
// not given; Redshift maps all four names to serializable.
type Begin struct {
	Span
	Isolation string
	ReadOnly  Toggle
}

// Commit is COMMIT or END.
type Commit struct{ Span }

// Rollback is ROLLBACK or ABORT.
type Rollback struct{ Span }

// SetScope is SESSION, LOCAL or neither.
type SetScope uint8

// The scopes of SET.
const (
	ScopeUnsaid SetScope = iota
	ScopeSession
	ScopeLocal
)

// SetValue is one value of a SET: a word, a number or a string, decoded. A
// word is kept as written.
type SetValue struct {
	Span
	Text string
	Kind SetValueKind
}

// SetValueKind is the kind of a SetValue.
type SetValueKind uint8

// The kinds of values.
const (
	SetWord SetValueKind = iota
	SetNumber
	SetString
)

// Set is SET name {TO|=} value, …. Name is folded; a session context variable
// has a dot in it ("app.user"). SET TIME ZONE has the name "timezone", SET
// SEED "seed". No Values and Default set means TO DEFAULT.
type Set struct {
	Span
	Scope   SetScope
	Name    string
	NamePos int
	Values  []SetValue
	Default bool
}

// SetSessionAuthorization is SET SESSION AUTHORIZATION; User is nil for DEFAULT.
type SetSessionAuthorization struct {
	Span
	Local bool
	User  *Ident
}

// SetTransaction is SET TRANSACTION, or with Session SET SESSION
// CHARACTERISTICS AS TRANSACTION.
type SetTransaction struct {
	Span
	Session   bool
	Isolation string
	ReadOnly  Toggle
}

// Show is SHOW name, or SHOW ALL with the name "all".
type Show struct {
	Span
	Name    string
	NamePos int
}

// ShowObjects is SHOW TABLES FROM SCHEMA … and its kin. What is in lower case:
// "tables", "columns", "schemas", "databases", "functions", "procedures",
// "table", "view", "external table", "datashares", "grants", …. Rest is the
// source text behind it for the forms whose clauses have no field here.
type ShowObjects struct {
	Span
	What  string
	From  Name // empty when not given
	Like  *string
	Limit Expr
	Rest  string
}

// Reset is RESET name, or RESET ALL with the name "all".
type Reset struct {
	Span
	Name    string
	NamePos int
}

// ResetSessionAuthorization is RESET SESSION AUTHORIZATION.
type ResetSessionAuthorization struct{ Span }

// Use is USE database.
type Use struct {
	Span
	Database Ident
}

// Explain is EXPLAIN [VERBOSE] statement.
type Explain struct {
	Span
	Verbose bool
	Stmt    Stmt
}

// AnalyzeColumns says which columns ANALYZE looks at.
type AnalyzeColumns uint8

// The choices of ANALYZE.
const (
	AnalyzeUnsaid AnalyzeColumns = iota
	AnalyzePredicate
	AnalyzeAll
)

// Analyze is ANALYZE or ANALYZE COMPRESSION. Table is empty for all tables.
type Analyze struct {
	Span
	Verbose     bool
	Compression bool
	Table       Name
	Columns     []Ident
	Which       AnalyzeColumns
	CompRows    int64 // COMPROWS n; 0 when not given
}

// VacuumMode is what a VACUUM does.
type VacuumMode uint8

// The modes of VACUUM; FULL is the default.
const (
	VacuumUnsaid VacuumMode = iota
	VacuumFull
	VacuumSortOnly
	VacuumDeleteOnly
	VacuumReindex
	VacuumRecluster
)

// Vacuum is VACUUM. Table is empty for all tables. Percent is -1 without TO n PERCENT.
type Vacuum struct {
	Span
	Mode    VacuumMode
	Table   Name
	Percent int
	Boost   bool
}

// Lock is LOCK [TABLE] a, b. Mode is in lower case, "" when not given
// (access exclusive is the only one that Redshift has).
type Lock struct {
	Span
	Tables []Name
	Mode   string
}

// DeclareCursor is DECLARE name CURSOR FOR query.
type DeclareCursor struct {
	Span
	Name  Ident
	Query *Query
}

// FetchKind is how much a FETCH takes.
type FetchKind uint8

// The kinds of FETCH.
const (
	FetchNext    FetchKind = iota // NEXT or nothing
	FetchAll                      // ALL, FORWARD ALL
	FetchForward                  // FORWARD [n]; n is 1 when not given
)

// Fetch is FETCH … FROM cursor.
type Fetch struct {
	Span
	Kind   FetchKind
	Count  int64 // of FetchForward
	Cursor Ident
}

// CloseCursor is CLOSE cursor; Name is nil for CLOSE ALL.
type CloseCursor struct {
	Span
	Name *Ident
}

// Prepare is PREPARE name [(types)] AS statement.
type Prepare struct {
	Span
	Name  Ident
	Types []TypeName
	Stmt  Stmt
}

// Execute is EXECUTE name [(values)].
type Execute struct {
	Span
	Name Ident
	Args []Expr
}

// Deallocate is DEALLOCATE [PREPARE] name; Name is nil for ALL.
type Deallocate struct {
	Span
	Name *Ident
}

// Cancel is CANCEL pid ['message'].
type Cancel struct {
	Span
	PID     int64
	Message *string
}

// Call is CALL procedure(args).
type Call struct {
	Span
	Call *FuncCall
}

// Utility is a statement that is known but whose clauses are not parsed: the
// verbs of datashares, policies, models, procedures and the like. Verb is in
// upper case ("CREATE DATASHARE"); what follows it was only tokenized.
type Utility struct {
	Span
	Verb string
}

func (*Begin) stmt()                     {}
func (*Commit) stmt()                    {}
func (*Rollback) stmt()                  {}
func (*Set) stmt()                       {}
func (*SetSessionAuthorization) stmt()   {}
func (*SetTransaction) stmt()            {}
func (*Show) stmt()                      {}
func (*ShowObjects) stmt()               {}
func (*Reset) stmt()                     {}
func (*ResetSessionAuthorization) stmt() {}
func (*Use) stmt()                       {}
func (*Explain) stmt()                   {}
func (*Analyze) stmt()                   {}
func (*Vacuum) stmt()                    {}
func (*Lock) stmt()                      {}
func (*DeclareCursor) stmt()             {}
func (*Fetch) stmt()                     {}
func (*CloseCursor) stmt()               {}
func (*Prepare) stmt()                   {}
func (*Execute) stmt()                   {}
func (*Deallocate) stmt()                {}
func (*Cancel) stmt()                    {}
func (*Call) stmt()                      {}
func (*Utility) stmt()                   {}
