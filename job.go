package redshift

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
	"github.com/llm-dev-ops/redshift/transport"
)

// Job is a statement that goes on without its caller, or a handle to one that
// another process has submitted. Status and Cancel may be called from any goroutine,
// the rest from one at a time.
type Job struct {
	// ID names the statement, for Client.Job in any process of the same user.
	ID string
	// SubmittedAt is when Submit was called; zero for a handle of Client.Job, where
	// JobStatus.Submitted tells.
	SubmittedAt time.Time

	c      *Client
	keeps  bool // the statement writes the table of its rows
	rows   bool // it gives rows on its session
	shift  int  // characters before the caller's text
	grace  time.Duration
	mu     sync.Mutex
	run    transport.Run // nil where the statement can only be asked for by its id
	l      lease         // of a statement on the wire, until it has ended
	leased bool
	since  time.Time // when the server took it
	last   JobStatus // an outcome
}

// JobStatus is how far a job is.
type JobStatus struct {
	ID    string
	State JobState
	// Progress is a percentage, -1 where the server does not tell.
	Progress int
	// Rows is the number of rows returned or changed, -1 where not known.
	Rows int64
	// QueryID is the server's number of the query, PID that of its session and XID
	// that of its transaction; 0 where not known.
	QueryID int64
	PID     int
	XID     int64
	// Err is the failure of a job that has failed or was cancelled, with its kind.
	Err error
	// Submitted and Ended are the server's times; zero where not known.
	Submitted, Ended time.Time
}

// Submit starts a statement and returns when it is sent, or taken by the service.
// Its id is q.ID, or a new one; who must find the job again although the process may
// die at any time makes the id with NewID, notes it down and then submits.
//
// A job whose id was submitted before is not run again, as far as that can be known:
// the Data API guarantees it for eight hours. Over the wire, a statement with the id
// that runs or has succeeded in the system views is taken for the job, but a view may
// be some seconds late. There a SELECT with q.Keep is run once in any case, because
// the table that it writes has the id for its name.
//
// Over the wire a job holds a session of the pool until Wait has seen its end, its
// rows are closed, or Release. The process's death ends the session; whether the server then finishes the statement,
// Status in another process tells. With q.Keep, a SELECT is sent as CREATE TABLE
// "redshift_job_…" AS in the schema where new tables go, with the rows numbered; its
// columns need distinct names, and Forget removes it.
//
// q.Timeout bounds the statement on the server; without it Config.MaxQueryTimeout
// bounds Wait alone.
func (c *Client) Submit(ctx context.Context, q Query) (*Job, error) {
	asked := q.ID != ""
	if !asked {
		q.ID = NewID()
	}
	if err := checkID(q.ID); err != nil {
		return nil, err
	}
	q.WantID, q.FetchSize = false, 0 // of streams
	caps := c.t.Caps()
	j := c.Job(q.ID)
	j.SubmittedAt, j.shift, j.rows = time.Now(), idShift(q.ID), givesRows[lex.FirstKeyword(q.SQL)]
	if asked && !caps.Token {
		o, err := c.Outcome(ctx, q.ID)
		if err != nil {
			return nil, err
		}
		if o.State == JobCompleted || o.State != JobUnknown && !o.State.Ended() {
			return j, nil
		}
	}
	if q.Keep && !caps.Keep && selects(q.SQL) {
		var before string
		before, q.SQL = keptSQL(q.ID, q.SQL)
		j.keeps, j.rows, j.shift = true, false, j.shift+len(before)
	}
	stmt, _, err := c.statement(q)
	if err != nil {
		return nil, err
	}
	stmt.Token, stmt.Keep, stmt.Large = q.ID, caps.Keep, j.rows
	if caps.Attach {
		stmt.Label = labelOf(q.ID, q.Label)
	}
	for attempt := 0; ; attempt++ {
		lctx, cancel := context.WithTimeout(ctx, c.cfg.DefaultTimeout)
		l, err := c.lease(lctx, false)
		if err == nil {
			j.run, err = l.s.Start(lctx, stmt)
			if err == nil && caps.Keep {
				l.release(transport.Keep)
			} else if err == nil {
				j.l, j.leased = l, true
			} else {
				l.release(reuse(l.s, err))
			}
		}
		cancel()
		if err == nil {
			return j, nil
		}
		if attempt >= c.cfg.MaxRetries || !unsent(err) || ctx.Err() != nil {
			return nil, wrap(err)
		}
	}
}

// Job is a handle to the job of an id, which this or another process has submitted.
// It does no I/O. The Data API's own id of a statement is an id, too.
func (c *Client) Job(id string) *Job { return &Job{ID: id, c: c, grace: jobGrace} }

// labelOf is the Label of a job: its id, by which a Finder finds it, and the caller's.
func labelOf(id, label string) string {
	if label != "" {
		label = " " + label
	}
	return "redshift-id=" + id + ";" + label
}

// givesRows are the statements that answer with rows.
var givesRows = map[string]bool{
	"select": true, "with": true, "values": true, "table": true, "show": true, "explain": true, "fetch": true, "call": true, "execute": true,
}

func selects(sql string) bool {
	w := lex.FirstKeyword(sql)
	return w == "select" || w == "with"
}

// jobGrace is how long a job may be missing from the views before it counts as one
// that does not exist: STL views are written some seconds late (assumed).
const jobGrace = 15 * time.Second

// Poll pauses of jobs that only the system views know.
const (
	jobPollMin = 100 * time.Millisecond
	jobPollMax = 5 * time.Second
)

// handle is the run of the job, if the transport can give one.
func (j *Job) handle(ctx context.Context) (transport.Run, error) {
	j.mu.Lock()
	run := j.run
	j.mu.Unlock()
	if run != nil || !j.c.t.Caps().Attach {
		return run, nil
	}
	if err := checkID(j.ID); err != nil {
		return nil, err
	}
	statement, submitted := j.ID, time.Time{}
	if f, ok := j.c.t.(transport.Finder); ok && !isUUID(j.ID) {
		found, err := f.Find(ctx, labelOf(j.ID, ""), 1)
		if err != nil {
			return nil, wrap(err)
		}
		if len(found) == 0 {
			return nil, j.notFound()
		}
		statement, submitted = found[0].ID, found[0].Created
	}
	run, err := j.c.t.Attach(ctx, statement)
	if err != nil {
		return nil, wrap(err)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.run = run
	j.since = submitted
	return run, nil
}

func (j *Job) notFound() error {
	return &Error{Kind: ErrJobNotFound, Message: "no statement has the id " + j.ID, Hint: "jobs are those of one user, and kept for 24 hours by the Data API, for seven days by the system views"}
}

// isUUID reports the form of the Data API's ids, "…:2" of a batch's among them.
func isUUID(id string) bool {
	id, _, _ = strings.Cut(id, ":")
	return len(id) == 36 && id[8] == '-' && id[13] == '-' && id[18] == '-' && id[23] == '-'
}

// Status asks how far the job is. A job that the server does not show is JobUnknown
// and no error; the failure of the job is in the status and no error either.
func (j *Job) Status(ctx context.Context) (JobStatus, error) {
	none := JobStatus{ID: j.ID, State: JobUnknown, Progress: -1, Rows: -1}
	if st, ok := j.ended(); ok {
		return st, nil
	}
	if !j.c.t.Caps().Status {
		return j.seen(ctx)
	}
	run, err := j.handle(ctx)
	if errors.Is(err, ErrJobNotFound) {
		return none, nil
	}
	if err != nil {
		return none, err
	}
	s, err := run.Status(ctx)
	if err != nil {
		return none, wrap(err)
	}
	st := JobStatus{ID: j.ID, State: phaseStates[s.Phase], Progress: s.Progress, Rows: s.Rows, QueryID: s.QueryID, Err: j.failure(s.Err)}
	return j.note(st), nil
}

var phaseStates = map[transport.Phase]JobState{
	transport.PhaseSubmitted: JobSubmitted, transport.PhaseQueued: JobQueued, transport.PhaseRunning: JobRunning,
	transport.PhaseCompleted: JobCompleted, transport.PhaseFailed: JobFailed, transport.PhaseCancelled: JobCancelled,
}

// seen is the status by the system views.
func (j *Job) seen(ctx context.Context) (JobStatus, error) {
	o, err := j.c.Outcome(ctx, j.ID)
	st := statusOf(o)
	if err != nil {
		return st, err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if st.State == JobUnknown && j.leased {
		st.State = JobSubmitted // it was sent
	}
	if st.State.Ended() && !j.leased { // else the session's answer says more
		j.last = st
	}
	return st, nil
}

func statusOf(o Outcome) JobStatus {
	st := JobStatus{
		ID: o.ID, State: o.State, Progress: -1, Rows: o.Rows, QueryID: o.QueryID, PID: o.PID, XID: o.XID,
		Submitted: o.Started, Ended: o.Ended,
	}
	switch o.State {
	case JobCompleted:
		st.Progress = 100
	case JobCancelled:
		st.Err = &Error{Kind: ErrQueryCancelled, Message: o.Message, QueryID: o.QueryID}
	case JobFailed:
		st.Err = viewError(o)
	}
	return st
}

// viewError is a failure of which a view has kept the text alone.
func viewError(o Outcome) error {
	e := &Error{Kind: ErrServer, Message: o.Message, QueryID: o.QueryID}
	if e.Message == "" {
		e.Message = "the statement was aborted; " + o.Source + " does not say why"
	}
	refine(e)
	text := strings.ToLower(e.Message)
	for _, k := range []struct {
		words string
		kind  *Kind
	}{
		{"permission denied", ErrPermissionDenied},
		{"divi", ErrData},
		{"invalid input syntax", ErrData},
		{"value too long", ErrData},
		{"syntax error", ErrInvalidSQL},
		{"relation \"", ErrTableNotFound},
		{"column \"", ErrColumnNotFound},
	} {
		if e.Kind == ErrServer && strings.HasPrefix(strings.TrimPrefix(text, "error: "), k.words) {
			if k.kind.parent != ErrInvalidSQL || strings.Contains(text, "does not exist") {
				e.Kind, e.Retryable = k.kind, k.kind.retry
			}
		}
	}
	return e
}

func (j *Job) ended() (JobStatus, bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.last, j.last.State.Ended()
}

// note remembers an outcome.
func (j *Job) note(st JobStatus) JobStatus {
	j.mu.Lock()
	defer j.mu.Unlock()
	if st.Submitted = j.since; st.Submitted.IsZero() {
		st.Submitted = j.SubmittedAt
	}
	if st.State.Ended() && !j.last.State.Ended() {
		j.last = st
	}
	return st
}

// failure gives an error its kind and the position in the caller's text.
func (j *Job) failure(err error) error {
	err = wrap(err)
	var own *Error
	if errors.As(err, &own) && own.Position > 0 {
		own.Position = max(own.Position-j.shift, 0)
	}
	return err
}

// Wait waits for the outcome and returns the failure of a job that has failed. When
// ctx ends, or Config.MaxQueryTimeout has passed, the job goes on, and Wait may be
// called again. A job of which the server shows nothing for 15 seconds is an
// ErrJobNotFound. A SELECT over the wire without Query.Keep is waited for up to its
// first row.
func (j *Job) Wait(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, j.c.cfg.MaxQueryTimeout)
	defer cancel()
	if st, ok := j.ended(); ok {
		return st.Err
	}
	run, err := j.handle(ctx)
	if err != nil {
		return err
	}
	if run == nil {
		return j.watch(ctx)
	}
	if err := run.Wait(ctx); err != nil {
		if ctx.Err() != nil {
			return wrap(err)
		}
		var lost *transport.LostError
		state := JobFailed
		err = j.failure(err)
		switch {
		case errors.As(err, &lost):
			if j.disown(); !j.c.t.Caps().Attach {
				return j.watch(ctx) // the session is lost, which says nothing of the statement
			}
			return err
		case j.keeps && errors.Is(err, State("42P07")): // the table is of the same job, submitted before
			j.Release()
			return j.watch(ctx)
		case errors.Is(err, ErrQueryCancelled):
			state = JobCancelled
		}
		j.note(JobStatus{ID: j.ID, State: state, Progress: -1, Rows: -1, Err: err, Ended: time.Now()})
		j.Release()
		return err
	}
	if j.c.t.Caps().Status {
		st, err := j.Status(ctx)
		if err != nil {
			return err
		}
		return st.Err
	}
	if j.rows {
		return nil // they are for Rows to read
	}
	return j.drain(ctx, run)
}

// drain reads the answer of a statement that gives no rows.
func (j *Job) drain(ctx context.Context, run transport.Run) error {
	res, err := run.Result(ctx)
	if err == nil {
		for res.Next() { // no rows are due
		}
		err = res.Close()
	}
	if err != nil {
		return j.failure(err)
	}
	rows := affected(res.Tag(), -1) // CREATE TABLE AS says SELECT, and no number
	j.note(JobStatus{ID: j.ID, State: JobCompleted, Progress: 100, Rows: rows, Ended: time.Now()})
	j.Release()
	return nil
}

// watch asks the system views until there is an outcome.
func (j *Job) watch(ctx context.Context) error {
	began := time.Now()
	for delay := jobPollMin; ; delay = min(delay*3/2, jobPollMax) {
		st, err := j.seen(ctx)
		switch {
		case err != nil:
			return err
		case st.State.Ended():
			return st.Err
		case st.State == JobUnknown && time.Since(began) > j.grace:
			return j.notFound()
		}
		t := time.NewTimer(delay*3/4 + rand.N(delay/2)) // apart from other waiters
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
			return wrap(context.Cause(ctx))
		}
	}
}

// disown gives a broken session up.
func (j *Job) disown() {
	j.mu.Lock()
	l, leased := j.l, j.leased
	j.run, j.leased = nil, false
	j.mu.Unlock()
	if leased {
		l.release(transport.Discard)
	}
}

// Release gives up what the handle holds: over the wire a session of the pool, whose
// statement is cancelled if it has not ended. Over the Data API it holds nothing. It
// is idempotent; the job can still be asked about.
func (j *Job) Release() {
	j.mu.Lock()
	l, leased := j.l, j.leased
	if leased {
		j.run, j.leased = nil, false
	}
	j.mu.Unlock()
	if leased {
		l.release(reuse(l.s, nil))
	}
}

// Cancel asks the server to stop the job, and returns when it was asked: Wait tells
// the outcome. A job that has ended is left alone. Over the wire another process's
// job is cancelled by its session's number, which the views tell; if the job ends in
// that moment, a statement that its session runs next may be hit.
func (j *Job) Cancel(ctx context.Context) error {
	if _, ok := j.ended(); ok {
		return nil
	}
	run, err := j.handle(ctx)
	if err != nil {
		return err
	}
	if run != nil {
		return wrap(run.Cancel(ctx))
	}
	o, err := j.c.Outcome(ctx, j.ID)
	switch {
	case err != nil:
		return err
	case o.State == JobUnknown:
		return j.notFound()
	case o.State.Ended() || o.PID == 0:
		return nil
	}
	_, err = j.c.Execute(ctx, SQL("select pg_cancel_backend($1)", int32(o.PID)))
	return err
}

// Cancel is Job.Cancel of the job of an id.
func (c *Client) Cancel(ctx context.Context, id string) error { return c.Job(id).Cancel(ctx) }

// JobFilter says which jobs are wanted. The zero value is the last hundred.
type JobFilter struct {
	// Since leaves out what was submitted before. Zero is no bound.
	Since time.Time
	// Limit is the most jobs to give. Defaults to 100.
	Limit int
}

// Jobs lists the user's statements that have an id, the last first: over the Data API
// those that Submit has started and the service still keeps, elsewhere all of the
// system views.
func (c *Client) Jobs(ctx context.Context, f JobFilter) ([]JobStatus, error) {
	if f.Limit < 0 {
		return nil, usage("JobFilter.Limit is negative")
	}
	if f.Limit == 0 {
		f.Limit = 100
	}
	finder, ok := c.t.(transport.Finder)
	if !ok {
		seen, err := sightings(ctx, c.Execute, idFilter{since: f.Since, limit: f.Limit})
		jobs := make([]JobStatus, len(seen))
		for i, o := range seen {
			jobs[i] = statusOf(o)
		}
		return jobs, err
	}
	found, err := finder.Find(ctx, "redshift-id=", f.Limit)
	if err != nil {
		return nil, wrap(err)
	}
	var jobs []JobStatus
	for _, s := range found {
		id, _, ok := strings.Cut(strings.TrimPrefix(s.Label, "redshift-id="), ";")
		if !ok || s.Created.Before(f.Since) {
			continue
		}
		st := JobStatus{ID: id, State: phaseStates[s.Phase], Progress: -1, Rows: -1, Submitted: s.Created}
		if st.State.Ended() {
			st.Ended = s.Updated
		}
		jobs = append(jobs, st)
	}
	return jobs, nil
}
