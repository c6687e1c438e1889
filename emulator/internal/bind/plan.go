// Package bind gives names and types to a parsed statement and writes the DuckDB
// SQL that does what Redshift would do. It runs nothing: what Parse and Describe
// are told comes from it alone.
package bind

import (
	"fmt"

	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/lock"
	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
)

// Env is what a statement's meaning depends on beside its text.
type Env struct {
	// Text is the source that the statement was parsed from.
	Text    string
	Catalog *catalog.Snapshot
	// Database is the session's. SearchPath holds schema names; the session's
	// temporary schema (TempSchema, empty while it has none) comes before them.
	Database   string
	SearchPath []string
	TempSchema string
	UserID     int32
	User       string
	Superuser  bool
	PID        int32
	// TimeZone is the session's, a name that DuckDB's icu knows; empty is UTC.
	TimeZone string
	// DateOrder is the order in which a date's numbers are read: MDY, DMY or YMD;
	// empty is MDY.
	DateOrder string
	// CaseSensitive is enable_case_sensitive_identifier.
	CaseSensitive bool
	// Super are the session's settings of SUPER.
	Super SuperMode
	// Account and Namespace are AWS's account and the namespace's GUID. DefaultRole is
	// what IAM_ROLE default stands for. SessionARN is empty for a local user.
	Account, Namespace, DefaultRole, SessionARN string
	// Facts is handed to system views as rs_view's second argument.
	Facts string
	// Version is the build that version() tells: "1.0.100000".
	Version string
	// Serverless: the STL, STV, SVL and SVCS views are refused or empty.
	Serverless bool
	// Params are the types that the client gave to its parameters; Unknown, or a
	// list that is too short, leaves them to the binder.
	Params []rstype.Type
	// Exact: Params are the types of variables, which count with their lengths and
	// digits; those of a client's parameters do not.
	Exact bool
	// LastCopyID, LastCopyCount, LastUnloadCount and LastQueryID are what
	// pg_last_copy_id() and its kin answer in this session.
	LastCopyID, LastCopyCount, LastUnloadID, LastUnloadCount, LastQueryID int64
	// Limits are how many objects there may be.
	Limits Limits
	// NewID gives an id that no object has or had (catalog.Catalog.NextID). A
	// statement that makes nothing needs none.
	NewID func() int32
	// Setting gives a session parameter's value in the form that is kept, or says
	// what is wrong with it; nil refuses the settings of users.
	Setting func(name, value string) (string, *Error)
}

// Plan is a bound statement.
type Plan struct {
	// Tag is the command tag without a count: "SELECT", "INSERT", "CREATE TABLE".
	// CountTag says that the number of rows changed goes behind it; INSERT's
	// form is "INSERT 0 n".
	Tag      string
	CountTag bool
	// Type is SYS_QUERY_HISTORY's query_type: SELECT, INSERT, DDL, …
	Type string
	// SQL are DuckDB statements to run in order. A statement with Columns, and
	// one with CountTag, has exactly one.
	SQL []string
	// Columns describe the rows; nil for a statement without rows.
	Columns []Column
	// Params are the parameters' types, none of them Unknown.
	Params []rstype.Type
	// Locks are taken in this order before SQL runs.
	Locks []Lock
	// Changes are what the statement does to the catalog. Their own SQL
	// (catalog.Change.SQL) is not part of Plan.SQL and runs after it.
	Changes []catalog.Change
	// Routine is what a CALL calls.
	Routine *catalog.Routine
	// CommitAfter: the statement ends the transaction (TRUNCATE).
	CommitAfter bool
	// NoTransaction: refused inside BEGIN (VACUUM, CREATE DATABASE …) with
	// 25001.
	NoTransaction bool
	// Unconnected names the database that no other session may be connected to.
	Unconnected string
	// Notices are told before the result ("relation t already exists and will
	// be skipped").
	Notices []Notice
	// Copy is set for COPY and names what goes where.
	Copy *CopyTarget
	// Refresh are the materialized views that the statement fills, in their order,
	// each where it is not up to date.
	Refresh []Refresh
	// UnloadColumns describe the rows of UNLOAD's query, which is the one
	// statement in SQL; its client gets none of them.
	UnloadColumns []Column
}

// Lock is a table lock that a statement needs. Table is a Relation's ID, or a
// Schema's, or above every int32 a name's that is being made or dropped, so that
// two transactions do not both make it.
type Lock struct {
	Table int64
	Mode  lock.Mode
	// Read: the table's rows are read.
	Read bool
}

// String names the table and the mode.
func (l Lock) String() string { return fmt.Sprintf("{%d %s}", l.Table, l.Mode) }

// Notice is a message beside the result.
type Notice struct{ Severity, State, Message string }

// Column describes a result column.
type Column struct {
	Name    string
	Type    rstype.Type
	TableID int32
	Number  int16
}

// CopyTarget is the table of a COPY.
type CopyTarget struct {
	Relation *catalog.Relation
	// Columns are the column numbers (from 0) of COPY's list, or nil.
	Columns []int
	// Defaults is one DuckDB query, one row, with a value for every column of
	// the relation: its default, or NULL.
	Defaults string
}

// Error says why a statement cannot be run.
type Error struct {
	State   string // SQLSTATE
	Message string
	Detail  string
	Hint    string
	// Offset is the 0-based byte offset in the text, -1 for none.
	Offset int
}

// Error is the message.
func (e *Error) Error() string { return e.Message }

func errorAt(offset int, state, format string, args ...any) *Error {
	return &Error{State: state, Message: fmt.Sprintf(format, args...), Offset: offset}
}

// refused is what Redshift does not have, with what it has in its place.
func refused(offset int, hint, format string, args ...any) *Error {
	e := errorAt(offset, "0A000", format, args...)
	e.Hint = hint
	return e
}

// unsupported is what the emulator cannot do although Redshift can.
func unsupported(offset int, format string, args ...any) *Error {
	return &Error{State: "0A000", Message: "not supported by the emulator: " + fmt.Sprintf(format, args...), Offset: offset}
}
