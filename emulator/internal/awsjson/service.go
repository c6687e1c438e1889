// Package awsjson serves AWS's JSON protocols (1.0 and 1.1), in which most of
// AWS's services speak: a POST that names its operation in X-Amz-Target, a JSON
// document each way, errors with a "__type".
package awsjson

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
)

// MaxBody bounds a request's document in bytes.
const MaxBody = 16 << 20

// Service is one service of AWS as an http.Handler. It is safe for concurrent
// use when its operations are.
type Service struct {
	// Name is what errors call it, such as "redshift-data".
	Name string
	// Target is X-Amz-Target's part before the dot, such as "RedshiftData".
	Target string
	// Version is the protocol's, "1.0" or "1.1". Defaults to "1.1".
	Version string
	// Operations are those that are there, by name.
	Operations map[string]Operation
	// Known are the names of further operations that the service has and the
	// emulator has not; what is in neither is UnknownOperationException.
	Known []string
	// Admit is asked before an operation runs; its error is the answer. Defaults
	// to letting all pass.
	Admit func(r *http.Request, operation string) error
	// Logger gets a debug line per request and an error line per internal
	// failure. Defaults to discarding.
	Logger *slog.Logger
}

// Operation does one call: input is its document, the result is encoded as the
// answer's. The error is an *Error, or counts as an internal failure.
type Operation func(ctx context.Context, input []byte) (any, error)

// Do makes an Operation of a function over structs. Members that the input's
// struct does not have are ignored, as AWS's services do with newer clients.
func Do[I, O any](f func(context.Context, *I) (O, error)) Operation {
	return func(ctx context.Context, input []byte) (any, error) {
		in := new(I)
		if err := json.Unmarshal(input, in); err != nil {
			return nil, serialization(err)
		}
		return f(ctx, in)
	}
}

// serialization is the answer to a document that is not the operation's.
func serialization(err error) *Error {
	if own, ok := errors.AsType[*Error](err); ok {
		return own // of a member that reads itself
	}
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return &Error{Code: "SerializationException", Message: fmt.Sprintf("%s cannot be converted to %s", strings.ToUpper(wrong.Value), wrong.Field)}
	}
	return &Error{Code: "SerializationException", Message: "the request is not a JSON document"}
}

// ServeHTTP answers one call.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	out, operation, err := s.serve(r)
	if s.Logger != nil {
		s.Logger.Debug(s.Name, "operation", operation, "err", err)
	}
	version := s.Version
	if version == "" {
		version = "1.1"
	}
	if err != nil {
		e, ok := errors.AsType[*Error](err)
		if !ok {
			if s.Logger != nil {
				s.Logger.Error(s.Name, "operation", operation, "error", err)
			}
			e = &Error{Code: "InternalServerException", Status: http.StatusInternalServerError, Message: "internal error of the emulator; its log tells more"}
		}
		e.write(w, version)
		return
	}
	document, err := json.Marshal(out)
	if err != nil {
		(&Error{Code: "InternalServerException", Status: http.StatusInternalServerError, Message: "internal error of the emulator"}).write(w, version)
		return
	}
	answer(w, version, http.StatusOK, document)
}

func (s *Service) serve(r *http.Request) (out any, operation string, err error) {
	if r.Method != http.MethodPost {
		return nil, "", &Error{Code: "UnknownOperationException", Status: http.StatusNotFound, Message: "the service takes POST requests"}
	}
	target, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	if target != s.Target || operation == "" {
		return nil, operation, &Error{Code: "UnknownOperationException", Message: fmt.Sprintf("X-Amz-Target %q is not of the form %s.Operation", r.Header.Get("X-Amz-Target"), s.Target)}
	}
	do, ok := s.Operations[operation]
	if !ok {
		return nil, operation, s.missing(operation)
	}
	if s.Admit != nil {
		if err := s.Admit(r, operation); err != nil {
			return nil, operation, err
		}
	}
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, MaxBody))
	if err != nil {
		return nil, operation, &Error{Code: "SerializationException", Message: "the request could not be read"}
	}
	if len(body) == 0 {
		body = []byte("{}")
	}
	out, err = do(r.Context(), body)
	return out, operation, err
}

func (s *Service) missing(operation string) *Error {
	for _, known := range s.Known {
		if known == operation {
			return &Error{Code: "UnknownOperationException", Message: fmt.Sprintf("not supported by the emulator: %s %s", s.Name, operation)}
		}
	}
	return &Error{Code: "UnknownOperationException", Message: fmt.Sprintf("%s has no operation %s", s.Name, operation)}
}
