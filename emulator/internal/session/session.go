// Package session is the emulator's session core: what a statement means for
// transactions, locks, settings and the event record, whichever door it came
// through. The doors (wire protocol, Data API) know this package; it knows no
// door.
package session

import (
	"context"

	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
)

// Session is one database session. It is used by one goroutine at a time, but
// for Cancel, which any may call.
//
// Statements run in a transaction that begins by itself: without BEGIN it ends
// at Sync, so that the statements of one message, or of one pipeline, are one
// transaction, as in the protocol's own description.
type Session interface {
	// PID is the session's process id, unique among the server's sessions.
	PID() int32
	// Parameters are what the server reports after login (ParameterStatus).
	Parameters() []Parameter
	// Prepare parses and binds one statement without running anything. params
	// gives parameter types by OID; 0, or a list that is too short, leaves them
	// to the binder. Text without a statement in it gives an Empty one.
	Prepare(ctx context.Context, sql string, params []uint32) (Statement, error)
	// Sync ends what one message or pipeline began: it commits the transaction
	// that no BEGIN opened, or rolls it back if a statement failed.
	Sync(ctx context.Context) error
	// TxStatus is ReadyForQuery's letter: 'I', 'T' or 'E'.
	TxStatus() byte
	// Cancel stops the statement that is running, if one is.
	Cancel()
	// Close ends the session, rolls back and gives up its locks. It is
	// idempotent.
	Close()
}

// Failer is what a Session should be too.
type Failer interface {
	// Fail tells of an error that the door found, between statements: a portal
	// that does not exist, a parameter too few. The transaction has failed as by
	// a statement's error: Sync rolls back what no BEGIN opened, a block goes to
	// 'E'. Without a transaction it does nothing.
	Fail()
}

// Checker is what a Session may be too.
type Checker interface {
	// Check tells what is wrong with a statement's syntax, which fails the
	// transaction as an error of Prepare does. It runs and binds nothing. A message
	// of several statements is checked as a whole before its first one runs.
	Check(sql string) error
}

// Statement is a bound statement of a session.
type Statement interface {
	// Empty: there was no statement in the text. Start must not be called.
	Empty() bool
	// Params are the OIDs of its parameters.
	Params() []uint32
	// Columns describe its rows; nil for a statement without rows.
	Columns() []Column
	// Start runs it. ctx covers the portal's whole life. While rows of it are
	// left another statement may run: the session then keeps them in memory.
	Start(ctx context.Context, call Call) (Portal, error)
	// Close releases it. It is idempotent.
	Close()
}

// Call is one execution of a statement.
type Call struct {
	Args []Arg
	// Formats are the result formats by column: none is text for all, one is
	// that format for all.
	Formats []int16
	// Last: nothing follows before Sync, so the session may commit before it
	// tells that the statement is complete (the last one of a simple message).
	Last bool
}

// Arg is a parameter's value; a nil Value is NULL.
type Arg struct {
	Format int16
	Value  []byte
}

// Portal is an execution's rows and outcome.
type Portal interface {
	// AppendRows appends up to max rows to dst, as whole DataRow messages, and
	// says how many; max 0 lets the session choose a convenient number. done
	// means that there are no more and Tag is complete.
	AppendRows(ctx context.Context, dst []byte, max int) (out []byte, n int, done bool, err error)
	// Tag is the command tag, such as "INSERT 0 3".
	Tag() string
	// Close ends the execution. It is idempotent.
	Close() error
}

// Column describes a result column.
type Column struct {
	Name string
	Type rstype.Type
	// TableID and Number are of the table's column where it is one, else 0.
	TableID int32
	Number  int16
	// Origin names that column, for clients that speak version 1 of the protocol or
	// newer.
	Origin Origin
}

// Parameter is a session parameter that the server reports.
type Parameter struct{ Name, Value string }

// Notice is a message beside the result.
type Notice struct {
	Severity string // "INFO", "WARNING", "NOTICE"
	State    string // SQLSTATE
	Message  string
	Detail   string
	Hint     string
}

// Startup is who opens a session, and how.
type Startup struct {
	User, Database string
	// Options are the startup message's other parameters.
	Options map[string]string
	// Host and Port are the peer's.
	Host, Port string
	// TLSVersion and TLSCipher are empty for plaintext.
	TLSVersion, TLSCipher string
	// ProtocolVersion is the client_protocol_version that was agreed.
	ProtocolVersion int32
	// Notice and Report take what the session has to tell beside results: a
	// message, a parameter that has changed. They are called on the goroutine
	// that is using the session. Nil drops.
	Notice func(Notice)
	Report func(Parameter)
	// Terminated is called when another session ends this one (pg_terminate_backend)
	// with what the client is to be told. It is called on any goroutine, and returns
	// at once; the door then closes the session. Nil leaves it to the next statement,
	// which fails.
	Terminated func(*Error)
}

// Error is a failure as the client is told it.
type Error struct {
	// Severity is "ERROR", or "FATAL" when the session is over.
	Severity string
	State    string // SQLSTATE
	Message  string
	Detail   string
	Hint     string
	// Position is the 1-based character in the statement's text, 0 for none.
	Position int
	Cause    error
}

// Error is the message with its SQLSTATE.
func (e *Error) Error() string { return e.Message + " (" + e.State + ")" }

// Unwrap is the cause, if there is one.
func (e *Error) Unwrap() error { return e.Cause }
