package redshift

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/llm-dev-ops/redshift/transport"
)

// State is a SQLSTATE, usable as a target of errors.Is.
type State string

// Error implements error.
func (s State) Error() string { return "SQLSTATE " + string(s) }

// ErrUnsupported: the transport cannot do that; the message names the capability. It
// is also an ErrUsage.
var ErrUnsupported = transport.ErrUnsupported

// Code is Redshift's own error number (1023), usable as a target of errors.Is.
type Code int

// Error implements error.
func (c Code) Error() string { return fmt.Sprintf("Redshift error %d", int(c)) }

// Error is a failure of a statement, a session or the client. It does not hold
// the text of the statement or its arguments; Message and Detail are what the
// server said, which may quote both names and values.
type Error struct {
	Kind      *Kind
	SQLState  State // empty where the server did not send the error
	Code      Code  // Redshift's number, 0 for none
	Message   string
	Detail    string
	Hint      string // the server's, or ours for common mistakes
	Position  int    // 1-based, in characters of the statement; 0 for none
	QueryID   int64  // 0 where unknown
	Retryable Retryable

	cause error
}

// Error gives kind, message, detail, codes, position and hint in one line.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("redshift: ")
	if e.Kind != nil {
		b.WriteString(e.Kind.name)
	}
	if e.Message != "" {
		b.WriteString(": " + e.Message)
	}
	if detail := oneLine(e.Detail, e.Message); detail != "" {
		b.WriteString(": " + detail)
	}
	if e.SQLState != "" {
		b.WriteString(" (SQLSTATE " + string(e.SQLState) + ")")
	}
	if e.Position > 0 {
		fmt.Fprintf(&b, " at character %d", e.Position)
	}
	if e.Hint != "" {
		b.WriteString("; hint: " + e.Hint)
	}
	return b.String()
}

// oneLine writes a detail on a line. Redshift's own errors have theirs as lines of
// names and values between dashes, the message once more among them.
func oneLine(detail, message string) string {
	detail = strings.TrimSpace(detail)
	if !strings.HasPrefix(detail, "-----") {
		return strings.Join(strings.Fields(detail), " ")
	}
	var parts []string
	for line := range strings.Lines(detail) {
		name, value, ok := strings.Cut(strings.TrimSpace(line), ":")
		value = strings.TrimSpace(value)
		if !ok || value == "" || name == "error" && value == message {
			continue
		}
		parts = append(parts, strings.TrimSpace(name)+" "+value)
	}
	return strings.Join(parts, ", ")
}

// Unwrap gives the kind, the state, the number and the cause.
func (e *Error) Unwrap() []error {
	var errs []error
	if e.Kind != nil {
		errs = append(errs, e.Kind)
	}
	if e.SQLState != "" {
		errs = append(errs, e.SQLState)
	}
	if e.Code != 0 {
		errs = append(errs, e.Code)
	}
	if e.cause != nil {
		errs = append(errs, e.cause)
	}
	return errs
}

// SafeToRetry reports that nothing reached the server, so that a repetition
// can do nothing twice.
func SafeToRetry(err error) bool {
	var r interface{ SafeToRetry() bool }
	return errors.As(err, &r) && r.SafeToRetry()
}

// usage is an error of the caller's.
func usage(format string, args ...any) *Error {
	return &Error{Kind: ErrUsage, Message: fmt.Sprintf(format, args...)}
}

// limit is a limit that would be exceeded.
func limit(hint, format string, args ...any) *Error {
	return &Error{Kind: ErrLimit, Message: fmt.Sprintf(format, args...), Hint: hint}
}

// wrap makes an *Error of what a transport returned. It passes nil and *Error.
func wrap(err error) error {
	if err == nil {
		return nil
	}
	var own *Error
	if errors.As(err, &own) {
		return err
	}
	var (
		server  *transport.ServerError
		connect *transport.ConnectError
		lost    *transport.LostError
	)
	e := &Error{cause: err}
	hasServer := errors.As(err, &server)
	if hasServer {
		e.Kind = kindOf(server.SQLState, server.Code)
		e.SQLState, e.Code = State(server.SQLState), Code(server.Code)
		e.Message, e.Detail, e.Hint, e.Position = server.Message, server.Detail, server.Hint, server.Position
		e.Retryable = e.Kind.retry
		refine(e)
		if e.Hint == "" {
			e.Hint = hintFor(e)
		}
	}
	switch {
	case errors.As(err, &connect):
		if !hasServer {
			e.Kind, e.Message, e.Retryable = ErrConnectionFailed, err.Error(), Yes
			if connect.Stage == "credentials" {
				e.Kind, e.Retryable = ErrAuthenticationFailed, No
			}
		} else if e.Hint == "" {
			e.Hint = connect.Hint
		}
	case errors.As(err, &lost):
		e.Message = err.Error()
		e.Kind, e.Retryable = ErrConnectionFailed, Yes
		if lost.Sent {
			e.Kind, e.Retryable = ErrOutcomeUnknown, No
			e.Hint = "the statement may have taken effect; look before repeating it"
		}
	case hasServer:
	case errors.Is(err, context.DeadlineExceeded):
		e.Kind, e.Message, e.Retryable = ErrQueryTimeout, err.Error(), Yes
	case errors.Is(err, context.Canceled):
		e.Kind, e.Message = ErrQueryCancelled, err.Error()
	case errors.Is(err, transport.ErrClosed), errors.Is(err, transport.ErrBusy), errors.Is(err, transport.ErrUnsupported):
		e.Kind, e.Message = ErrUsage, err.Error()
	default:
		e.Kind, e.Message = ErrServer, err.Error()
	}
	return e
}
