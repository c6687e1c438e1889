package sqldriver

import (
	"database/sql/driver"
	"fmt"

	"github.com/llm-dev-ops/redshift"
)

// badConn is an error on which database/sql may try another connection. It
// keeps the cause, which is what the caller sees if there is none.
type badConn struct{ error }

// Is makes it driver.ErrBadConn.
func (badConn) Is(target error) bool { return target == driver.ErrBadConn }

// Unwrap gives the cause.
func (b badConn) Unwrap() error { return b.error }

// retryable marks an error of which the server has seen nothing.
func retryable(err error) error {
	if redshift.SafeToRetry(err) {
		return badConn{err}
	}
	return err
}

// usage is an error of the caller's; nothing was sent.
func usage(format string, args ...any) error {
	return &redshift.Error{Kind: redshift.ErrUsage, Message: fmt.Sprintf(format, args...)}
}
