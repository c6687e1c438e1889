// Package wire is the door through which clients of the Redshift wire protocol reach the emulator.
package wire

import "context"

// Startup is what a client says before it logs in.
type Startup struct {
	User, Database string
	Parameters     map[string]string // every startup parameter as sent
	RemoteAddr     string
}

// Backend serves logins and sessions. It is safe for concurrent use.
type Backend interface {
	// Login names the way to log in; an unknown user gets an Authenticator that always fails.
	Login(ctx context.Context, s Startup) (Authenticator, error)
	// Open makes the session of a login that was verified.
	Open(ctx context.Context, s Startup) (Session, error)
}

// Authenticator verifies one login in constant time.
type Authenticator interface {
	MD5() bool // ask for an MD5 response instead of a cleartext password
	Verify(response string, salt [4]byte) bool
}

// Session is one client's session, used by one goroutine at a time.
type Session interface {
	// Prepare makes a statement of one SQL statement.
	Prepare(ctx context.Context, sql string, paramOIDs []uint32) (Statement, error)
	TxStatus() byte // 'I', 'T' or 'E'
	// Changes takes the parameters that changed since the last call.
	Changes() map[string]string
	// Notices takes the notices raised since the last call.
	Notices() []*Error
	Close() error
}

// Statement is a prepared statement.
type Statement interface {
	ParamOIDs() []uint32
	Columns() []Column // nil when it returns no rows
	Execute(ctx context.Context, params []Param, resultFormats []int16) (Result, error)
	Close() error
}

// Param is one bound parameter; a nil Value is NULL.
type Param struct {
	Format int16
	Value  []byte
}

// Column describes one column of a result.
type Column struct {
	Name     string
	TableOID uint32
	Attr     uint16
	OID      uint32
	Size     int16
	Modifier int32
	Format   int16
}

// Result is a running statement's result.
type Result interface {
	Columns() []Column
	// AppendRows appends complete DataRow messages to dst; more is false after the last.
	AppendRows(dst []byte) (out []byte, more bool, err error)
	Tag() string // legal after the last row
	Close() error
}

// Error is an error or a notice as the protocol carries it.
type Error struct {
	Severity, SQLState, Message, Detail, Hint string
	Position                                  int // 1-based, in characters; 0 is none
}

// Error implements error.
func (e *Error) Error() string {
	return e.Severity + ": " + e.Message + " (SQLSTATE " + e.SQLState + ")"
}
