package transport

import (
	"errors"
	"fmt"
	"strings"
)

// Errors of the seam itself. Test with errors.Is.
var (
	// ErrClosed: the transport, session, statement or result is closed.
	ErrClosed = errors.New("closed")
	// ErrBusy: a statement of the session is not finished.
	ErrBusy = errors.New("the session is busy: close the rows of the statement before")
	// ErrUnsupported: the transport lacks the capability. See Unsupported.
	ErrUnsupported = errors.New("not supported by this transport")
)

// UnsupportedError says which capability is missing from which transport.
type UnsupportedError struct {
	Transport  string // Caps.Name
	Capability string // the field of Caps
	Hint       string // what to do instead
}

// Error implements error.
func (e *UnsupportedError) Error() string {
	s := fmt.Sprintf("the %s transport has no %s", e.Transport, e.Capability)
	if e.Hint != "" {
		s += "; " + e.Hint
	}
	return s
}

// Unwrap makes errors.Is(err, ErrUnsupported) true.
func (e *UnsupportedError) Unwrap() error { return ErrUnsupported }

// Notice is a message that the server sent beside a result (INFO, WARNING).
type Notice struct {
	Severity string
	SQLState string
	Message  string
	Detail   string
	Hint     string
}

// ServerError is an error that the server sent. It carries what the server
// said and nothing that was guessed.
type ServerError struct {
	Severity string // ERROR, FATAL
	SQLState string // five characters; XX000 for much of Redshift's own
	Code     int    // Redshift's error number where the message is or begins with one (1023), else 0
	Message  string
	Detail   string
	Hint     string
	Position int // 1-based, in characters of the statement; 0 where not said
	Where    string
	Schema   string
	Table    string
	Column   string
	File     string
	Line     int
	Routine  string
}

// Error implements error.
func (e *ServerError) Error() string {
	var b strings.Builder
	b.WriteString(strings.ToLower(e.Severity))
	if b.Len() == 0 {
		b.WriteString("error")
	}
	b.WriteString(": ")
	b.WriteString(e.Message)
	if e.SQLState != "" {
		fmt.Fprintf(&b, " (SQLSTATE %s)", e.SQLState)
	}
	return b.String()
}

// ConnectError is a session that could not be made. Nothing of any statement
// was sent.
type ConnectError struct {
	// Addr is host:port or the service's endpoint.
	Addr string
	// Stage is what was attempted: "credentials", "dial", "tls", "login", "set-up".
	Stage string
	// Hint says what to do.
	Hint string
	Err  error
}

// Error implements error.
func (e *ConnectError) Error() string {
	s := fmt.Sprintf("connect to %s: %s: %v", e.Addr, e.Stage, e.Err)
	if e.Hint != "" {
		s += " (" + e.Hint + ")"
	}
	return s
}

// Unwrap gives the cause; a ServerError for a refused login.
func (e *ConnectError) Unwrap() error { return e.Err }

// SafeToRetry is true: no statement was sent.
func (e *ConnectError) SafeToRetry() bool { return true }

// LostError is a session that broke while it was in use.
type LostError struct {
	// Sent says that (a part of) a statement may have reached the server.
	Sent bool
	Err  error
}

// Error implements error.
func (e *LostError) Error() string { return fmt.Sprintf("the connection was lost: %v", e.Err) }

// Unwrap gives the cause.
func (e *LostError) Unwrap() error { return e.Err }

// SafeToRetry is true only if nothing was sent.
func (e *LostError) SafeToRetry() bool { return !e.Sent }
