package faults

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func newSet(t testing.TB, document string) *Set {
	t.Helper()
	s := New()
	if err := s.Replace([]byte(document)); err != nil {
		t.Fatal(err)
	}
	return s
}

// fired is the calls of n, from 1, that are refused.
func fired(s *Set, n int) string {
	var out []string
	for i := range n {
		if s.Decide("s3", "GetObject", "b", "b/k").Action == Throttle {
			out = append(out, fmt.Sprint(i+1))
		}
	}
	return strings.Join(out, " ")
}

func TestWhen(t *testing.T) {
	t.Parallel()
	for when, want := range map[string]string{
		``:                                "1 2 3 4 5 6 7 8 9 10",
		`,"count":2`:                      "1 2",
		`,"after":8`:                      "9 10",
		`,"every":4`:                      "4 8",
		`,"after":3,"every":2,"count":2`:  "5 7",
		`,"probability":0`:                "",
		`,"probability":1,"every":5`:      "5 10",
		`,"operation":"Get*"`:             "1 2 3 4 5 6 7 8 9 10",
		`,"operation":"get*"`:             "",
		`,"resource":"b/*","count":1`:     "1",
		`,"resource":"a","count":1`:       "",
		`,"operation":"G.tObject"`:        "",
		`,"operation":"*Obj*","every":10`: "10",
	} {
		s := newSet(t, `{"rules":[{"service":"*","action":"throttle"`+when+`}]}`)
		if got := fired(s, 10); got != want {
			t.Errorf("%s: %s", when, got)
		}
	}
}

// The seed decides, and a rule's luck does not hang on another's.
func TestSeed(t *testing.T) {
	t.Parallel()
	const a = `{"service":"s3","probability":0.3,"action":"throttle"}`
	const other = `{"service":"sts","probability":0.5,"action":"throttle"}`
	one := fired(newSet(t, `{"seed":1,"rules":[`+a+`]}`), 1000)
	if again := fired(newSet(t, `{"seed":1,"rules":[`+a+`]}`), 1000); again != one {
		t.Error("the same seed decides otherwise")
	}
	if two := fired(newSet(t, `{"seed":2,"rules":[`+a+`]}`), 1000); two == one {
		t.Error("another seed decides alike")
	}
	s := newSet(t, `{"seed":1,"rules":[`+a+`,`+other+`]}`)
	for range 10 {
		s.Decide("sts", "AssumeRole")
	}
	if got := fired(s, 1000); got != one {
		t.Error("another rule's draws change a rule's")
	}
	if n := len(strings.Fields(one)); n < 240 || n > 360 {
		t.Errorf("%d of 1000 with 0.3", n)
	}
}

func TestDecision(t *testing.T) {
	t.Parallel()
	s := newSet(t, `{"rules":[
		{"service":"s3","action":"latency","delay":"20ms"},
		{"service":"*","action":"latency","delay":"1s"},
		{"service":"s3","action":"error","code":"NoSuchKey","message":"gone","status":404,"after":1},
		{"service":"s3","action":"drop"},
		{"service":"wire","action":"timeout","delay":"3s","operation":"Login"}]}`)
	if d := s.Decide("s3", "GetObject"); d != (Decision{Delay: 1020 * time.Millisecond, Action: Drop}) {
		t.Error(d)
	}
	if d := s.Decide("s3", "GetObject"); d != (Decision{Delay: 1020 * time.Millisecond, Action: Error, Code: "NoSuchKey", Message: "gone", Status: 404}) {
		t.Error(d)
	}
	if d := s.Decide(Wire, "Query"); d != (Decision{}) {
		t.Error("* is AWS's services alone", d)
	}
	if d := s.Decide(Wire, "Login", "awsuser"); d != (Decision{Action: Timeout, Silence: 3 * time.Second}) {
		t.Error(d)
	}
}

func TestHTTP(t *testing.T) {
	t.Parallel()
	s := New()
	call := func(method, body string, status int, want string) {
		t.Helper()
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest(method, "/_emulator/faults", strings.NewReader(body)))
		if w.Code != status || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s %s: %d %s", method, body, w.Code, w.Body)
		}
	}
	call("GET", "", 200, `{"seed":0,"rules":[]}`)
	call("POST", `{"seed":5,"rules":[{"service":"s3","action":"latency","delay":"1500ms"}]}`, 200, `"delay":"1.5s","matched":0,"fired":0`)
	s.Decide("s3", "GetObject")
	for _, wrong := range []string{
		`{`, `[]`, `{} {}`, `{"rulez":[]}`, `{"rules":[{"service":"s3"}]}`, `{"rules":[{"service":"s4","action":"drop"}]}`, `{"rules":[{"service":"s3","action":"explode"}]}`,
		`{"rules":[{"service":"s3","action":"latency"}]}`, `{"rules":[{"service":"s3","action":"latency","delay":"-1s"}]}`, `{"rules":[{"service":"s3","action":"latency","delay":"soon"}]}`,
		`{"rules":[{"service":"s3","action":"error"}]}`, `{"rules":[{"service":"s3","action":"drop","delay":"1s"}]}`, `{"rules":[{"service":"s3","action":"drop","code":"x"}]}`,
		`{"rules":[{"service":"s3","action":"error","code":"x","status":200}]}`, `{"rules":[{"service":"wire","action":"error","code":"x"}]}`, `{"rules":[{"service":"wire","action":"throttle"}]}`,
		`{"rules":[{"service":"s3","action":"kill"}]}`, `{"rules":[{"service":"s3","action":"drop","probability":2}]}`, `{"rules":[{"service":"s3","action":"drop","after":-1}]}`,
		`{"rules":[` + strings.Repeat(`{"service":"s3","action":"drop"},`, maxRules) + `{"service":"s3","action":"drop"}]}`,
	} {
		call("POST", wrong, 400, `"error":"fault rules`)
	}
	call("GET", "", 200, `"matched":1,"fired":1`) // those before stand
	call("DELETE", "", 200, `"rules":[]`)
	call("PUT", "", 405, "GET, POST and DELETE")
	if s.Any() {
		t.Error("there are rules")
	}
}

func TestWait(t *testing.T) {
	t.Parallel()
	s := New()
	gone, leave := context.WithCancel(t.Context())
	leave()
	if err := s.Wait(gone, time.Hour); err == nil {
		t.Error("who waits is not told that the client is gone")
	}
	s.Silence(gone, 0)
	s.Release()
	if err := s.Wait(t.Context(), time.Hour); err != nil {
		t.Error(err)
	}
	s.Silence(t.Context(), 0)
}

func FuzzReplace(f *testing.F) {
	f.Add(`{"seed":1,"rules":[{"service":"*","operation":"*a*","every":2,"probability":0.5,"action":"drop"}]}`)
	f.Fuzz(func(t *testing.T, document string) {
		s := New()
		if s.Replace([]byte(document)) != nil {
			return
		}
		for range 5 {
			s.Decide("s3", "GetObject", "b")
		}
		s.list()
	})
}
