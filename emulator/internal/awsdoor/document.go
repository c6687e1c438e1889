package awsdoor

import (
	"encoding/xml"
	"net/http"

	"github.com/llm-dev-ops/redshift/emulator/internal/awsjson"
)

// errorDocument is a failure in the query protocol.
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

func writeError(w http.ResponseWriter, namespace, code, message string, status int) {
	out := errorDocument{NS: namespace, RequestID: awsjson.RequestID()}
	out.Error.Type, out.Error.Code, out.Error.Message = "Sender", code, message
	if status >= http.StatusInternalServerError {
		out.Error.Type = "Receiver"
	}
	writeXML(w, status, out)
}

func writeXML(w http.ResponseWriter, status int, document any) {
	body, err := xml.Marshal(document)
	if err != nil {
		status, body = http.StatusInternalServerError, []byte("<ErrorResponse/>")
	}
	w.Header().Set("Content-Type", "text/xml")
	w.Header().Set("X-Amzn-Requestid", awsjson.RequestID())
	w.WriteHeader(status)
	_, _ = w.Write(append([]byte(xml.Header), body...)) // the client is gone otherwise
}
