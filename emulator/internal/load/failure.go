package load

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/s3client"
)

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

// fault is a failure that stands for the whole load: XX000, as Redshift's own.
func fault(format string, args ...any) *Error {
	return &Error{State: "XX000", Message: fmt.Sprintf(format, args...)}
}

// Codes in the DETAIL of a failure. 8001 is documented (MANIFEST requires full path
// of an S3 object); 15001 is what Spectrum scans report.
const (
	codeSource   = 8001
	codeSpectrum = 15001
)

// detail is the DETAIL that Redshift's internal errors come with, but for the source
// line and process.
func detail(message string, code int, context string, query int64) string {
	const rule = "  -----------------------------------------------\n"
	return fmt.Sprintf("\n%s  error:  %s\n  code:      %d\n  context:   %s\n  query:     %d\n%s", rule, message, code, context, query, strings.TrimSuffix(rule, "\n"))
}

func (l *loader) detailed(e *Error, code int, context string) *Error {
	e.Detail = detail(e.Message, code, context, l.Query)
	return e
}

// storeFailure is what S3 would answer, in the words of s3serviceexception-error.
func (l *loader) storeFailure(err error, object string) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	text, ok := s3client.Text(err)
	if !ok {
		text = "S3ServiceException:" + err.Error() + ",Status 500,Error InternalError"
	}
	e := l.detailed(fault("%s", text), codeSource, object)
	e.Cause = err
	return e
}
