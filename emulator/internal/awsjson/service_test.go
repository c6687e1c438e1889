package awsjson

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

type echo struct{ Text string }

func service() *Service {
	return &Service{
		Name: "echoes", Target: "Echo", Known: []string{"Later"},
		Operations: map[string]Operation{
			"Say": Do(func(_ context.Context, in *echo) (*echo, error) {
				switch in.Text {
				case "":
					return nil, &Error{Code: "ValidationException", Message: "Text is empty", Fields: map[string]any{"Id": "7"}}
				case "broken":
					return nil, errors.New("secret detail")
				}
				return in, nil
			}),
		},
	}
}

func call(t *testing.T, target, body string) (int, map[string]any) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("X-Amz-Target", target)
	w := httptest.NewRecorder()
	service().ServeHTTP(w, r)
	if got := w.Header().Get("Content-Type"); got != "application/x-amz-json-1.1" {
		t.Errorf("Content-Type is %q", got)
	}
	if len(w.Header().Get("X-Amzn-Requestid")) != 36 {
		t.Errorf("the request id is %q", w.Header().Get("X-Amzn-Requestid"))
	}
	var out map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
		t.Fatalf("%s: %v", w.Body, err)
	}
	return w.Code, out
}

func TestService(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		target, body string
		status       int
		member, want string
	}{
		{"Echo.Say", `{"Text":"a","Newer":1}`, 200, "Text", "a"},
		{"Echo.Say", `{}`, 400, "__type", "ValidationException"},
		{"Echo.Say", ``, 400, "Id", "7"},
		{"Echo.Say", `{"Text":1}`, 400, "__type", "SerializationException"},
		{"Echo.Say", `{`, 400, "__type", "SerializationException"},
		{"Echo.Say", `{"Text":"broken"}`, 500, "__type", "InternalServerException"},
		{"Echo.Later", `{}`, 400, "message", "not supported by the emulator: echoes Later"},
		{"Echo.Never", `{}`, 400, "Message", "echoes has no operation Never"},
		{"Other.Say", `{}`, 400, "__type", "UnknownOperationException"},
	} {
		status, out := call(t, c.target, c.body)
		if status != c.status || out[c.member] != c.want {
			t.Errorf("%s %s: %d %v", c.target, c.body, status, out)
		}
		if m, _ := out["message"].(string); strings.Contains(m, "secret") {
			t.Errorf("the client is told %q", m)
		}
	}
}
