package awsjson

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
)

// Error is a failure as a client is told it.
type Error struct {
	// Code is the exception's name, such as "ValidationException".
	Code string
	// Message is for people.
	Message string
	// Status is the HTTP status. Defaults to 400.
	Status int
	// Fields are the exception's further members.
	Fields map[string]any
}

// Error says code and message.
func (e *Error) Error() string { return e.Code + ": " + e.Message }

// Errorf makes an error with the status 400.
func Errorf(code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Refuse answers a request with e in the form of a version of the protocol.
func (e *Error) Refuse(w http.ResponseWriter, version string) { e.write(w, version) }

func (e *Error) write(w http.ResponseWriter, version string) {
	// The models call the member Message, some clients look for message only.
	document := map[string]any{"__type": e.Code, "Message": e.Message, "message": e.Message}
	maps.Copy(document, e.Fields)
	body, err := json.Marshal(document)
	if err != nil {
		body = []byte(`{"__type":"InternalServerException"}`)
	}
	w.Header().Set("X-Amzn-Errortype", e.Code)
	status := e.Status
	if status == 0 {
		status = http.StatusBadRequest
	}
	answer(w, version, status, body)
}

func answer(w http.ResponseWriter, version string, status int, body []byte) {
	h := w.Header()
	h.Set("Content-Type", "application/x-amz-json-"+version)
	h.Set("X-Amzn-Requestid", RequestID())
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client is gone otherwise
}

// RequestID is a new id in the form of AWS's: a random UUID.
func RequestID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
