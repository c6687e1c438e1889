package session

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/llm-dev-ops/redshift/emulator/internal/bind"
	"github.com/llm-dev-ops/redshift/emulator/internal/engine"
	"github.com/llm-dev-ops/redshift/emulator/internal/load"
	"github.com/llm-dev-ops/redshift/emulator/internal/lock"
	"github.com/llm-dev-ops/redshift/emulator/internal/unload"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/parse"
)

// errCancelled and errTimeout are the causes of a statement's context.
var (
	errCancelled  = errors.New("cancelled on user's request")
	errTimeout    = errors.New("statement_timeout")
	errTerminated = errors.New("terminated")
)

var errFailedTransaction = &Error{
	State:   "25P02",
	Message: "current transaction is aborted, commands ignored until end of transaction block",
}

// position is the 1-based character of a byte offset, 0 for none.
func position(text string, offset int) int {
	if offset < 0 || offset > len(text) {
		return 0
	}
	return utf8.RuneCountInString(text[:offset]) + 1
}

// asError is err as the client is told it. query is the number that a
// cancelled statement is named by.
func asError(ctx context.Context, err error, text string, query int64) *Error {
	if err == nil {
		return nil
	}
	var (
		own        *Error
		syntax     *parse.Error
		bound      *bind.Error
		loaded     *load.Error
		unloaded   *unload.Error
		fromEngine *engine.Error
	)
	switch {
	case errors.As(err, &own):
		return own
	case errors.As(err, &syntax):
		return &Error{State: syntax.SQLState, Message: syntax.Message, Hint: syntax.Hint, Position: syntax.Position, Cause: err}
	case errors.As(err, &bound):
		return &Error{State: bound.State, Message: bound.Message, Detail: bound.Detail, Hint: bound.Hint, Position: position(text, bound.Offset), Cause: err}
	case errors.As(err, &loaded):
		return &Error{State: loaded.State, Message: loaded.Message, Detail: loaded.Detail, Hint: loaded.Hint, Cause: err}
	case errors.As(err, &unloaded):
		return &Error{State: unloaded.State, Message: unloaded.Message, Detail: unloaded.Detail, Hint: unloaded.Hint, Cause: err}
	case errors.Is(err, lock.ErrDeadlock):
		return &Error{State: "40P01", Message: "deadlock detected", Hint: "Take the locks in the same order everywhere, and try the transaction again.", Cause: err}
	}
	if cause := context.Cause(ctx); cause != nil {
		return cancelled(cause, query)
	}
	if errors.As(err, &fromEngine) {
		return engineError(fromEngine, query)
	}
	return &Error{State: "XX000", Message: err.Error(), Cause: err}
}

// cancelled is what a statement's end by its context is called. The texts are
// those of r_CANCEL.md and r_statement_timeout.md, which spell them so.
func cancelled(cause error, query int64) *Error {
	switch {
	case errors.Is(cause, errTimeout):
		return &Error{State: "57014", Message: fmt.Sprintf("Query (%d) canceled on user's request", query), Detail: "statement_timeout has passed", Cause: cause}
	case errors.Is(cause, errTerminated):
		return &Error{Severity: "FATAL", State: "57P01", Message: "terminating connection due to administrator command", Cause: cause}
	default:
		return &Error{State: "57014", Message: fmt.Sprintf("Query (%d) cancelled on user's request", query), Cause: cause}
	}
}

// engineError translates what DuckDB said. The binder's own checks come as
// "SSSSS: message".
func engineError(e *engine.Error, query int64) *Error {
	if state, message, ok := raised(e.Message); ok {
		return &Error{State: state, Message: message, Cause: e}
	}
	if state, message, ok := bind.Reason(e.Message); ok {
		return &Error{State: state, Message: message, Cause: e}
	}
	switch e.Kind {
	case engine.ErrorInterrupt:
		return cancelled(errCancelled, query)
	case engine.ErrorConversion:
		return &Error{State: "22P02", Message: firstLine(e.Message), Cause: e}
	case engine.ErrorOutOfRange:
		return &Error{State: "22003", Message: firstLine(e.Message), Cause: e}
	case engine.ErrorConstraint:
		if column, ok := strings.CutPrefix(e.Message, "NOT NULL constraint failed: "); ok {
			column = column[strings.LastIndexByte(column, '.')+1:]
			return &Error{State: "23502", Message: "Cannot insert a NULL value into column " + column, Cause: e}
		}
		return &Error{State: "23000", Message: e.Message, Cause: e}
	case engine.ErrorConflict:
		return serialization(e)
	case engine.ErrorOutOfMemory:
		return &Error{State: "53200", Message: "out of memory", Detail: e.Message, Hint: "Give the emulator more memory, or ask for fewer rows at once.", Cause: e}
	case engine.ErrorNotImplemented:
		return &Error{State: "0A000", Message: "not supported by the emulator: " + e.Message, Cause: e}
	}
	if strings.Contains(e.Message, "Failed to commit") || strings.Contains(e.Message, "onflict") && strings.Contains(e.Message, "ransaction") {
		return serialization(e)
	}
	return &Error{State: "XX000", Message: e.Message, Cause: e}
}

// violation is error 1023's detail where the table is not known.
const violation = "Serializable isolation violation on table in Redshift"

// serialization is error 1023, whose number stands in the message
// (wire-protocol.md 2.8; c_serial_isolation-serializable-isolation-troubleshooting.md).
func serialization(e error) *Error {
	return &Error{
		State:   "XX000",
		Message: "1023",
		Detail:  violation,
		Hint:    "Try the transaction again.",
		Cause:   e,
	}
}

// raised splits a message that begins with a SQLSTATE.
func raised(message string) (state, text string, ok bool) {
	if len(message) < 7 || message[5] != ':' || message[6] != ' ' {
		return "", "", false
	}
	for _, c := range []byte(message[:5]) {
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') {
			return "", "", false
		}
	}
	return message[:5], message[7:], true
}

// firstLine leaves out what DuckDB shows of its own SQL.
func firstLine(message string) string {
	if i := strings.IndexByte(message, '\n'); i > 0 {
		message = message[:i]
	}
	return message
}
