package unload

import (
	"time"

	"github.com/llm-dev-ops/redshift/emulator/internal/engine"
	"github.com/llm-dev-ops/redshift/emulator/internal/event"
	"github.com/llm-dev-ops/redshift/emulator/internal/faults"
	"github.com/llm-dev-ops/redshift/emulator/internal/objstore"
	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/copycmd"
)

// Column is a column of the query, as the binder types it.
type Column struct {
	Name string
	Type rstype.Type
}

// Request is an UNLOAD with all that it takes to run it. Run keeps nothing of it.
type Request struct {
	Unload *copycmd.Unload
	// SQL is the bound query in DuckDB's dialect, and Params are its parameters.
	SQL    string
	Params []engine.Value
	// Columns are the query's, in order.
	Columns []Column
	// Conn is used by nobody else meanwhile. The query runs in its transaction.
	Conn  *engine.Conn
	Store *objstore.Store
	// Faults are rules for what goes wrong when the store is written; nil is none.
	Faults *faults.Set
	// Staging is the engine's StagingDir; Parquet needs it.
	Staging string
	Log     *event.Log
	// Session, Query and XID are what the record says about the statement.
	Session    event.Session
	Query, XID int64
	// TimeZone is the session's, for TIMESTAMPTZ; nil is UTC.
	TimeZone *time.Location
	// Slices is how many files are written side by side. Defaults to 2.
	Slices int
	// Allowed tells whether the statement's credentials may do something, such as
	// s3:PutObject; the error is as the client is to read it. nil allows everything.
	Allowed func(action, bucket, key string) error
	// DefaultRole is the ARN that IAM_ROLE default stands for; "" is none.
	DefaultRole string
	// Region is the cluster's, and that of buckets which have none. With "" the
	// regions are not looked at.
	Region string
}

// Result is what an unload wrote, without the manifest.
type Result struct {
	Rows  int64
	Files int
	Bytes int64 // as stored
}

// Error is a failure as the client is told it.
type Error struct {
	State   string // SQLSTATE
	Message string
	Detail  string
	Hint    string
	Cause   error
}

// Error is the message.
func (e *Error) Error() string { return e.Message }

// Unwrap is the cause, if there is one.
func (e *Error) Unwrap() error { return e.Cause }

// notYet is the refusal of what the emulator does not do.
func notYet(what string) *Error {
	return &Error{State: "0A000", Message: "not supported by the emulator: " + what}
}
