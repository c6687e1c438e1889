// Package transport is the seam between the redshift client and whatever
// carries its statements: the Redshift wire protocol, the Data API, a scripted
// fake, a tape. It holds interfaces and plain data only, imports nothing but
// the standard library. Every implementation is to pass one conformance suite.
//
// The seam is asynchronous because the Data API is so by nature: [Session.Start]
// sends, [Run.Wait] waits for the outcome to begin, [Run.Result] streams. The
// wire plays the same part without a goroutine. A row is raw bytes per column
// and a format code; only the root package decodes.
//
// What a transport cannot do stands in its [Caps], never in a type switch.
package transport

import (
	"context"
	"time"
)

// Transport opens sessions. It is safe for concurrent use. After Close every
// method but Stats, Caps and Close returns an error that is [ErrClosed].
type Transport interface {
	// Open leases a session: for the wire a pooled connection, for the Data
	// API a session id or the right to make one. It waits for a free one until
	// ctx ends. The session is the caller's until its Close.
	Open(ctx context.Context, opts OpenOptions) (Session, error)
	// Attach revives the handle of a statement that was started elsewhere,
	// also by another process. It returns an error that is [ErrUnsupported]
	// where Caps().Attach is false.
	Attach(ctx context.Context, id string) (Run, error)
	// Caps says what this transport can do. It does no I/O.
	Caps() Caps
	// Stats is a snapshot of the pool. It does no I/O.
	Stats() Stats
	// Close stops new leases, lets leased sessions finish until ctx ends, then
	// cancels what still runs and closes everything. It is idempotent.
	Close(ctx context.Context) error
}

// OpenOptions says which session is wanted.
type OpenOptions struct {
	// Pinned asks for a session that keeps its state (SET, temporary tables,
	// transactions) between statements. Transports whose sessions always do
	// ignore it.
	Pinned bool
}

// Session is one server session, used by one goroutine at a time. Statements
// run one after another: a Run must be finished (its Result closed) before the
// next Start, Prepare or Batch, which otherwise return [ErrBusy].
type Session interface {
	// Start sends the statement and returns without waiting for its outcome.
	// ctx covers the sending alone.
	Start(ctx context.Context, stmt Statement) (Run, error)
	// Prepare makes a server-side statement. types gives the parameter types;
	// zero, or a list that is too short, leaves them to the server.
	Prepare(ctx context.Context, sql string, types []OID) (Prepared, error)
	// Batch sends all statements at once; their results come in order.
	Batch(ctx context.Context, stmts []Statement) (Batch, error)
	// State is what the transport knows of the session. It does no I/O.
	State() SessionState
	// Info describes the session. It does no I/O.
	Info() SessionInfo
	// Close ends the lease. Keep returns the session for reuse if its state
	// allows it, Discard closes it. It is idempotent.
	Close(ctx context.Context, reuse Reuse) error
}

// Prepared is a server-side statement of one session.
type Prepared interface {
	// Params gives the parameter types as the server described them; see
	// Caps.Describe.
	Params() []OID
	// Columns gives the result's columns, nil for a statement without rows.
	Columns() []Column
	// Start runs the statement. The same rules as for Session.Start hold. The
	// values must stay as they are until the outcome has been read.
	Start(ctx context.Context, params []Param) (Run, error)
	// Close gives the statement up, which the session's transport may keep for
	// whoever prepares the same text. It is idempotent.
	Close(ctx context.Context) error
}

// Run is a statement under way.
type Run interface {
	// ID identifies the statement for Attach, where Caps().Attach is true;
	// otherwise it may be empty.
	ID() string
	// Status asks how far the statement is. On a transport without
	// Caps().Status it tells what is known locally.
	Status(ctx context.Context) (Status, error)
	// Wait returns when the result can be read or the statement has failed,
	// and then returns its failure. When ctx ends first it returns ctx's error
	// and the statement goes on; Wait may be called again.
	Wait(ctx context.Context) error
	// Result waits if Wait has not, and gives the rows. Reading them is bound
	// by ctx: when it ends, Result.Next returns false and the statement is
	// cancelled on the server.
	Result(ctx context.Context) (Result, error)
	// Cancel asks the server to stop the statement and returns when it has
	// been asked; the outcome still comes through Wait or Result.
	Cancel(ctx context.Context) error
}

// Result is a stream of rows. It is used by one goroutine. Close must be
// called; it drains or cancels what is left, so that the session stays usable.
type Result interface {
	// Columns is nil for a statement without rows. The slice is shared and not
	// to be changed; it is valid after Close.
	Columns() []Column
	// Next moves to the next row. It returns false at the end and on an error.
	Next() bool
	// Raw gives the current row: one element per column, nil for NULL. The
	// outer and the inner slices are valid until the next call of Next or
	// Close.
	Raw() [][]byte
	// Format is the encoding of a column's bytes.
	Format(col int) Format
	// Tag is the command tag ("SELECT", "INSERT 0 3"), complete after Next
	// returned false. Redshift sends no row count with SELECT.
	Tag() string
	// Notices are the messages that came with the statement so far.
	Notices() []Notice
	// Err is the error that ended the rows, nil at their regular end.
	Err() error
	// Close ends reading. It returns Err's error, if any. It is idempotent.
	Close() error
}

// Batch is a sequence of results, one per statement of the batch.
type Batch interface {
	// Next moves to the next statement's result, closing the one before.
	// It returns false when there is none, or when the batch has ended early.
	Next(ctx context.Context) bool
	// Result is the current statement's result. A statement that failed has a
	// Result whose Next is false and whose Err is the failure.
	Result() Result
	// Err is the error of the batch as a whole (a lost connection), not of one
	// statement.
	Err() error
	// Close drains what is left. It is idempotent.
	Close() error
}

// Statement is what to run.
type Statement struct {
	// SQL is one statement; placeholders are $1, $2, ….
	SQL string
	// Prepared, where it is not nil, is the statement of the session that SQL is
	// the text of: a transport that can runs it and does not look at the text. It
	// is for Batch alone.
	Prepared Prepared
	// Params are the values of the placeholders, in order.
	Params []Param
	// Formats asks for these result formats, by column; nil means text, one
	// element means that format for all. The server may answer otherwise: see
	// Result.Format.
	Formats []Format
	// Label names the statement for people; it is sent where the transport has
	// a place for it (the Data API's StatementName).
	Label string
	// QueryGroup routes the statement to a WLM queue. The transport sets it
	// for the session if it differs from what is set. Empty leaves the
	// session's setting alone, which begins as the transport's default.
	QueryGroup string
	// Timeout bounds the statement on the server (statement_timeout), where
	// positive.
	Timeout time.Duration
	// WantID asks for the server's number of the query, which Status then tells,
	// where Caps().QueryID is true.
	WantID bool
	// FetchSize, where positive and Caps().FetchSize is true, lets the server send
	// so many rows at a time, and more when they are asked for. The session must be
	// in a transaction.
	FetchSize int
	// Large says that many rows may come, which a transport may send in another form.
	Large bool
	// Token makes a repeated Start of the same statement harmless, where
	// Caps().Token is true.
	Token string
	// Keep asks that the result outlive the session, where Caps().Keep is true.
	Keep bool
}

// Param is one parameter value. A nil Value is NULL, an empty one is not.
type Param struct {
	OID    OID
	Format Format
	Value  []byte
}

// Format is the encoding of a value.
type Format int16

// The formats of the wire protocol.
const (
	Text   Format = 0
	Binary Format = 1
)

// Reuse says what becomes of a session at the end of its lease.
type Reuse bool

// What becomes of a session.
const (
	Keep    Reuse = true
	Discard Reuse = false
)
