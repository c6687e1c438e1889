package s3client

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/llm-dev-ops/redshift/emulator/internal/objstore"
)

// Error is a call that failed for good.
type Error struct {
	// Text is Redshift's, with the status and the code (s3serviceexception-error).
	Text string
	// passes tells that another try may help.
	passes bool
}

// Error is the text.
func (e *Error) Error() string { return e.Text }

// Failures without an answer; their texts are seen in public reports.
var (
	reset  = curl("Recv failure: Connection reset by peer", 56)
	silent = curl("Operation timed out", 28)
)

func curl(text string, number int) *Error {
	return &Error{Text: fmt.Sprintf("S3CurlException: %s, CurlError %d, multiCurlError 0, CanRetry 1, UserError 0", text, number), passes: true}
}

// closed is a body that ends before its length.
func closed(missing int64) *Error {
	return curl(fmt.Sprintf("transfer closed with %d bytes remaining to read", missing), 18)
}

// answers are S3's statuses and texts by code.
var answers = map[string]struct {
	status int
	text   string
}{
	"AccessDenied":       {http.StatusForbidden, "Access Denied"},
	"NoSuchBucket":       {http.StatusNotFound, "The specified bucket does not exist"},
	"NoSuchKey":          {http.StatusNotFound, "The specified key does not exist."},
	"PreconditionFailed": {http.StatusPreconditionFailed, "At least one of the pre-conditions you specified did not hold"},
	"InternalError":      {http.StatusInternalServerError, "We encountered an internal error. Please try again."},
	"ServiceUnavailable": {http.StatusServiceUnavailable, "Reduce your request rate."},
	"SlowDown":           {http.StatusServiceUnavailable, "Please reduce your request rate."},
	"RequestTimeout":     {http.StatusBadRequest, "Your socket connection to the server was not read from or written to within the timeout period."},
	"ExpiredToken":       {http.StatusBadRequest, "The provided token has expired."},
}

func answer(code, text string, status int) *Error {
	known := answers[code]
	if text == "" {
		text = known.text
	}
	if status == 0 {
		status = known.status
	}
	if status == 0 {
		status = http.StatusBadRequest
	}
	return &Error{
		Text:   fmt.Sprintf("S3ServiceException:%s,Status %d,Error %s", text, status, code),
		passes: status >= 500 || status == http.StatusTooManyRequests || code == "RequestTimeout",
	}
}

// Text is what Redshift tells of an error of a Client; ok is false for what is not
// S3's, such as the context's end.
func Text(err error) (text string, ok bool) {
	if e, is := errors.AsType[*Error](err); is {
		return e.Text, true
	}
	code := ""
	switch {
	case errors.Is(err, objstore.ErrNoSuchBucket):
		code = "NoSuchBucket"
	case errors.Is(err, objstore.ErrNoSuchKey):
		code = "NoSuchKey"
	default:
		return "", false
	}
	return answer(code, "", 0).Text, true
}
