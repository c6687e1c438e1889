// Package awsquery serves AWS's query protocol, in which its older services
// speak: parameters of a form with an Action, XML documents back.
package awsquery

import (
	"bytes"
	"encoding/xml"
	"io"
	"net/http"
	"net/url"

	"github.com/llm-dev-ops/redshift/emulator/internal/awsjson"
)

// MaxForm bounds a form in bytes.
const MaxForm = 1 << 20

// Parameters are those of a request, from the URL and the form. The body can
// still be read. w may be nil.
func Parameters(w http.ResponseWriter, r *http.Request) (url.Values, error) {
	form, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, err
	}
	if r.Method != http.MethodPost || r.Body == nil {
		return form, nil
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxForm))
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	posted, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, err
	}
	for name, values := range posted {
		form[name] = append(form[name], values...)
	}
	return form, nil
}

// Metadata stands at the end of every answer.
type Metadata struct {
	RequestID string `xml:"RequestId"`
}

// NewMetadata is the metadata of a new answer.
func NewMetadata() Metadata { return Metadata{RequestID: awsjson.RequestID()} }

// Error is a failure as a client is told it.
type Error struct {
	// Code is AWS's, such as "ClusterNotFound".
	Code string
	// Message is for people.
	Message string
	// Status is the HTTP status. Defaults to 400.
	Status int
}

// Error says code and message.
func (e *Error) Error() string { return e.Code + ": " + e.Message }

// errorDocument is a failure in XML.
type errorDocument struct {
	XMLName xml.Name `xml:"ErrorResponse"`
	NS      string   `xml:"xmlns,attr,omitempty"`
	Error   struct {
		Type    string
		Code    string
		Message string
	}
	RequestID string `xml:"RequestId"`
}

// Refuse answers a request with e. The namespace is the service's.
func (e *Error) Refuse(w http.ResponseWriter, namespace string) {
	status := e.Status
	if status == 0 {
		status = http.StatusBadRequest
	}
	out := errorDocument{NS: namespace, RequestID: awsjson.RequestID()}
	out.Error.Type, out.Error.Code, out.Error.Message = "Sender", e.Code, e.Message
	if status >= http.StatusInternalServerError {
		out.Error.Type = "Receiver"
	}
	Write(w, status, out)
}

// Write answers a request with a document.
func Write(w http.ResponseWriter, status int, document any) {
	body, err := xml.Marshal(document)
	if err != nil {
		status, body = http.StatusInternalServerError, []byte("<ErrorResponse/>")
	}
	w.Header().Set("Content-Type", "text/xml")
	w.Header().Set("X-Amzn-Requestid", awsjson.RequestID())
	w.WriteHeader(status)
	_, _ = w.Write(append([]byte(xml.Header), body...)) // the client is gone otherwise
}
