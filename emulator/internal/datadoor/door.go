package datadoor

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/llm-dev-ops/redshift/emulator/internal/awsjson"
)

// Door is the Data API as an http.Handler. It is safe for concurrent use and
// must be closed.
type Door struct {
	cfg     Config
	service awsjson.Service
	rates   limiter

	work    context.Context // of everything that runs
	kill    context.CancelCauseFunc
	running sync.WaitGroup
	closing chan struct{} // closed when the door takes no more

	mu         sync.Mutex
	closed     bool
	statements map[string]*statement
	order      []*statement // by creation
	tokens     map[string]submitted
	sessions   map[string]*kept
	live       int // sessions that are not closed
	active     int
	kept       int64 // bytes of results
	timer      *time.Timer
	due        time.Time // of timer, zero for none
}

// New makes a Door.
func New(cfg Config) *Door {
	cfg = cfg.withDefaults()
	d := &Door{
		cfg: cfg, rates: limiter{rates: cfg.Limits.Rates},
		closing: make(chan struct{}), statements: map[string]*statement{},
		tokens: map[string]submitted{}, sessions: map[string]*kept{},
	}
	d.work, d.kill = context.WithCancelCause(context.Background())
	d.service = awsjson.Service{
		Name: "redshift-data", Target: "RedshiftData", Logger: cfg.Logger,
		Admit: func(_ *http.Request, operation string) error { return d.rates.admit(operation, time.Now()) },
		Operations: map[string]awsjson.Operation{
			"ExecuteStatement":      awsjson.Do(d.execute),
			"BatchExecuteStatement": awsjson.Do(d.batch),
			"DescribeStatement":     awsjson.Do(d.describe),
			"CancelStatement":       awsjson.Do(d.cancelStatement),
			"GetStatementResult":    awsjson.Do(d.getResult),
			"GetStatementResultV2":  awsjson.Do(d.getResultV2),
			"ListStatements":        awsjson.Do(d.listStatements),
			"ListSessions":          awsjson.Do(d.listSessions),
			"ListDatabases":         awsjson.Do(d.listDatabases),
			"ListSchemas":           awsjson.Do(d.listSchemas),
			"ListTables":            awsjson.Do(d.listTables),
			"DescribeTable":         awsjson.Do(d.describeTable),
		},
	}
	return d
}

// ServeHTTP answers one call.
func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) { d.service.ServeHTTP(w, r) }

// Close takes no more statements, ends the sessions that are idle, waits for
// what runs, and cancels it when ctx ends. It returns when all has ended. Calls
// that only ask are answered after it, too.
func (d *Door) Close(ctx context.Context) error {
	d.mu.Lock()
	if !d.closed {
		d.closed = true
		close(d.closing)
		if d.timer != nil {
			d.timer.Stop()
		}
		for _, k := range d.sessions {
			d.endSession(k)
		}
	}
	d.mu.Unlock()
	done := make(chan struct{})
	go func() {
		d.running.Wait()
		close(done)
	}()
	select {
	case <-done:
		d.kill(nil)
		return nil
	case <-ctx.Done():
		d.kill(errShutdown)
		<-done
		return nil
	}
}

var errDown = &awsjson.Error{Code: "ServiceUnavailable", Status: http.StatusServiceUnavailable, Message: "the emulator is shutting down"}

// wake sees that sweep runs at t or before. d.mu is held.
func (d *Door) wake(t time.Time) {
	if d.closed || !d.due.IsZero() && !t.Before(d.due) {
		return
	}
	d.due = t
	wait := max(time.Until(t), 0)
	if d.timer == nil {
		d.timer = time.AfterFunc(wait, d.sweep)
		return
	}
	d.timer.Reset(wait)
}

// sweep ends sessions and forgets statements whose time has come.
func (d *Door) sweep() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return
	}
	now := time.Now()
	d.due = time.Time{}
	for id, k := range d.sessions {
		old := !now.Before(k.created.Add(d.cfg.Limits.SessionLife))
		switch {
		case old && k.closed:
			delete(d.sessions, id)
		case old && k.busy != nil:
			// "After 24 hours, the session is forced closed and the query is terminated."
			k.doomed = true
			k.busy.cancel(errExpired)
		case old, !k.closed && k.busy == nil && !now.Before(k.expires):
			d.endSession(k)
		}
		if !old {
			d.wake(k.next(d.cfg.Limits.SessionLife))
		}
	}
	d.forget(now)
	if len(d.order) > 0 {
		d.wake(later(d.order[0].created.Add(d.cfg.Limits.Retention), now))
	}
}

// later is t, or soon if t is over: what is due is still busy.
func later(t, now time.Time) time.Time {
	if t.After(now) {
		return t
	}
	return now.Add(time.Second)
}

// forget drops the statements and tokens that are too old, and ends what has
// run too long. d.mu is held.
func (d *Door) forget(now time.Time) {
	for _, st := range d.order {
		if now.Before(st.created.Add(d.cfg.Limits.Retention)) {
			break
		}
		if !st.over() {
			st.cancel(errExpired) // "The maximum duration of a query is 24 hours."
		}
	}
	n := 0
	for n < len(d.order) && d.order[n].over() && !now.Before(d.order[n].created.Add(d.cfg.Limits.Retention)) {
		d.drop(d.order[n])
		delete(d.statements, d.order[n].id)
		n++
	}
	if n > 0 {
		d.order = append(d.order[:0:0], d.order[n:]...) // lets go of what is behind
	}
	for token, s := range d.tokens {
		if !now.Before(s.at.Add(d.cfg.Limits.TokenRetention)) {
			delete(d.tokens, token)
		}
	}
}

// drop gives up the results of a statement. d.mu is held.
func (d *Door) drop(st *statement) {
	for _, s := range st.parts {
		if s.rows != nil {
			d.kept -= s.rows.size
			s.rows = nil
		}
	}
}
