package faults

import (
	"context"
	"encoding/json"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"regexp"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Set holds the rules that are in force. It is safe for concurrent use.
type Set struct {
	some     atomic.Bool // there are rules
	released context.Context
	release  context.CancelFunc

	mu    sync.Mutex
	seed  uint64
	rules []*active
}

// active is a rule at work.
type active struct {
	rule
	operation, resource *regexp.Regexp
	random              *rand.Rand
	matched, fired      int
}

// Decision is what becomes of one call: it waits for Delay and then goes on, or
// what Action says happens.
type Decision struct {
	Delay  time.Duration
	Action Action // "" goes on
	// Silence is how long a Timeout lasts; 0 is until the client goes.
	Silence time.Duration
	// Code, Message and Status are those of Error; Message and Status may be empty.
	Code, Message string
	Status        int
}

// New makes a Set without rules.
func New() *Set {
	s := &Set{}
	s.released, s.release = context.WithCancel(context.Background())
	return s
}

// Release ends what waits because of a rule, and lets nothing wait any more.
func (s *Set) Release() { s.release() }

// Replace puts the rules of a JSON document (docs/emulator.md) in the place of all
// others. After an error those stand.
func (s *Set) Replace(document []byte) error {
	f, err := parse(document)
	if err != nil {
		return err
	}
	rules := make([]*active, len(f.Rules))
	for i, r := range f.Rules {
		rules[i] = &active{rule: r, operation: glob(r.Operation), resource: glob(r.Resource), random: rand.New(rand.NewPCG(f.Seed, uint64(i)))}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seed, s.rules = f.Seed, rules
	s.some.Store(len(rules) > 0)
	return nil
}

// Any tells whether there are rules; without, nobody needs to ask what a call is.
func (s *Set) Any() bool { return s.some.Load() }

// Decide says what becomes of a call. resources are the names of what it is about;
// a rule matches when one of them does, or when it names none.
func (s *Set) Decide(service, operation string, resources ...string) (d Decision) {
	if !s.Any() {
		return d
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.rules {
		if d.Action != "" || !r.matches(service, operation, resources) || !r.fires() {
			continue
		}
		switch r.Action {
		case Latency:
			d.Delay += time.Duration(r.Delay)
		default:
			d.Action, d.Silence, d.Code, d.Message, d.Status = r.Action, time.Duration(r.Delay), r.Code, r.Message, r.Status
		}
	}
	return d
}

func (r *active) matches(service, operation string, resources []string) bool {
	if r.Service != service && (r.Service != "*" || service == Wire) || !r.operation.MatchString(operation) {
		return false
	}
	return r.Resource == "" || slices.ContainsFunc(resources, r.resource.MatchString)
}

// fires counts a call that matches. What it says depends on the number of those
// before alone.
func (r *active) fires() bool {
	r.matched++
	n := r.matched - r.After
	if n <= 0 || r.Every > 1 && n%r.Every != 0 {
		return false
	}
	if r.Probability != nil && r.random.Float64() >= *r.Probability {
		return false
	}
	if r.Count > 0 && r.fired >= r.Count {
		return false
	}
	r.fired++
	return true
}

// Wait waits for d, for the context's end, whose error it gives, or for Release.
func (s *Set) Wait(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-s.released.Done():
	case <-ctx.Done():
	}
	return ctx.Err()
}

// Silence waits as a Timeout does: for d, or without end when it is 0.
func (s *Set) Silence(ctx context.Context, d time.Duration) {
	if d == 0 {
		d = math.MaxInt64
	}
	_ = s.Wait(ctx, d) // it ends in any case
}

// report is a rule with what came of it.
type report struct {
	rule
	Matched int `json:"matched"`
	Fired   int `json:"fired"`
}

type listing struct {
	Seed  uint64   `json:"seed"`
	Rules []report `json:"rules"`
}

func (s *Set) list() listing {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := listing{Seed: s.seed, Rules: []report{}}
	for _, r := range s.rules {
		out.Rules = append(out.Rules, report{r.rule, r.matched, r.fired})
	}
	return out
}

// maxDocument bounds a document of rules in bytes.
const maxDocument = 1 << 20

// ServeHTTP lists the rules (GET), replaces them (POST) and clears them (DELETE).
// Each answer is the list.
func (s *Set) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	status, document := http.StatusOK, any(nil)
	switch r.Method {
	case http.MethodGet:
	case http.MethodDelete:
		_ = s.Replace([]byte("{}")) // is none that could be wrong
	case http.MethodPost:
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxDocument))
		if err == nil {
			err = s.Replace(body)
		}
		if err != nil {
			status, document = http.StatusBadRequest, map[string]string{"error": err.Error()}
		}
	default:
		w.Header().Set("Allow", "GET, POST, DELETE")
		status, document = http.StatusMethodNotAllowed, map[string]string{"error": "fault rules take GET, POST and DELETE"}
	}
	if document == nil {
		document = s.list()
	}
	body, err := json.Marshal(document)
	if err != nil {
		status, body = http.StatusInternalServerError, []byte(`{"error":"internal error"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n')) // the client is gone otherwise
}
