package wire

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"unicode/utf8"

	"github.com/llm-dev-ops/redshift/emulator/internal/session"
)

const (
	severityError = "ERROR"
	severityFatal = "FATAL"
)

// errOver ends a connection whose client has been told why, or is gone.
var errOver = errors.New("wire: connection over")

// doorError is an error that the door has found and the session does not know of.
type doorError struct{ told *session.Error }

func (e *doorError) Error() string { return e.told.Error() }

func (e *doorError) Unwrap() error { return e.told }

// refused makes the door's own error.
func refused(state, format string, args ...any) *doorError {
	return &doorError{&session.Error{Severity: severityError, State: state, Message: fmt.Sprintf(format, args...)}}
}

// fatal makes the door's own error that ends the connection.
func fatal(state, format string, args ...any) *doorError {
	return &doorError{&session.Error{Severity: severityFatal, State: state, Message: fmt.Sprintf(format, args...)}}
}

// unsupported is what the emulator cannot do.
func unsupported(what string) *doorError {
	return refused("0A000", "not supported by the emulator: %s", what)
}

// told is what a client is told of an error: a *session.Error as it is, of any
// other only that there was one.
func told(err error) (e session.Error, internal bool) {
	var known *session.Error
	if errors.As(err, &known) && known != nil {
		e = *known
	} else {
		e, internal = session.Error{Message: "internal error"}, true
	}
	if e.Severity == "" {
		e.Severity = severityError
	}
	if e.State == "" {
		e.State = "XX000"
	}
	return e, internal
}

// positioned is an error of a statement that begins at a byte offset of a script
// as an error of the script.
func positioned(err error, script string, offset int) error {
	var known *session.Error
	if offset == 0 || !errors.As(err, &known) || known == nil || known.Position == 0 {
		return err
	}
	e := *known
	e.Position += utf8.RuneCountInString(script[:offset])
	return &e
}

// fail tells the client of an error, and the session if the door has found it.
// What it returns ends the connection.
func (c *conn) fail(ctx context.Context, err error) error {
	if c.out.err != nil || ctx.Err() != nil {
		return c.end()
	}
	if _, own := errors.AsType[*doorError](err); own {
		if f, ok := c.sess.(session.Failer); ok {
			f.Fail()
		}
	}
	e, internal := told(err)
	if internal {
		c.log.LogAttrs(ctx, slog.LevelError, "a statement failed with an unexpected error", slog.Any("error", err))
	}
	c.out.failure(&e)
	if e.Severity != severityFatal {
		return nil
	}
	_ = c.out.flush()
	return errOver
}

// end tells the client that the server shuts down, if it does.
func (c *conn) end() error {
	if c.draining() {
		c.out.failure(fatal("57P01", "terminating connection due to administrator command").told)
		_ = c.out.flush()
	}
	return errOver
}
