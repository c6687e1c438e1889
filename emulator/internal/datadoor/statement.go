package datadoor

import (
	"context"
	"time"
)

// The states of a statement (API reference, StatusString).
const (
	submittedState = "SUBMITTED"
	pickedState    = "PICKED"
	startedState   = "STARTED"
	finishedState  = "FINISHED"
	failedState    = "FAILED"
	abortedState   = "ABORTED"
	allStates      = "ALL"
)

func over(state string) bool {
	return state == finishedState || state == failedState || state == abortedState
}

// statement is one call of ExecuteStatement or BatchExecuteStatement. What is
// below the line is guarded by Door.mu.
type statement struct {
	id         string
	to         target
	as         login
	name       string
	batch      bool
	autoCommit bool
	csv        bool
	params     []parameter
	sessionID  string
	created    time.Time
	cancel     context.CancelCauseFunc
	done       chan struct{} // closed when it is over

	state     string
	updated   time.Time
	began     time.Time
	duration  time.Duration
	pid       int32
	err       string
	cancelled bool // somebody has asked to
	parts     []*part
}

// part is one text of a statement; a batch has several.
type part struct {
	id   string // with the suffix of a sub-statement
	sql  string
	text numbered
	done chan struct{}

	state            string
	created, updated time.Time
	duration         time.Duration
	err              string
	query            int64 // in the event record, -1 for none
	count            int64 // rows returned or changed, -1 for none
	size             int64 // bytes of the result, -1 for none
	hasRows          bool
	columns          []columnMetadata
	rows             *rowset // nil also when it was given up
}

func (s *statement) over() bool { return over(s.state) }

// find gives the statement, and the part if the id names one. d.mu is held.
func (d *Door) find(id string) (st *statement, p *part, err error) {
	if !idPattern.MatchString(id) {
		return nil, nil, invalid(textID)
	}
	parent := id[:36]
	st, ok := d.statements[parent]
	if !ok || !time.Now().Before(st.created.Add(d.cfg.Limits.Retention)) && st.over() {
		return nil, nil, notFound(textNoQuery, id)
	}
	if id == parent {
		return st, nil, nil
	}
	for _, p := range st.parts {
		if st.batch && p.id == id {
			return st, p, nil
		}
	}
	return nil, nil, notFound(textNoQuery, id)
}

// wait waits for a statement, as long as its client asks, the client is there
// and the door is open.
func (d *Door) wait(ctx context.Context, done <-chan struct{}, seconds *int) {
	if seconds == nil {
		return
	}
	timer := time.NewTimer(time.Duration(*seconds) * time.Second)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
	case <-ctx.Done():
	case <-d.closing:
	}
}

func epoch(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return float64(t.UnixMilli()) / 1000
}

type idInput struct {
	Id              string
	WaitTimeSeconds *int
}

// described is the output of DescribeStatement, and of a sub-statement.
type described struct {
	target
	Id              string
	Status          string
	CreatedAt       float64
	UpdatedAt       float64
	Duration        int64  // nanoseconds
	Error           string `json:",omitempty"`
	HasResultSet    bool
	QueryString     string           `json:",omitempty"`
	QueryParameters []parameter      `json:",omitempty"`
	ExecutionMode   string           `json:",omitempty"`
	RedshiftPid     int32            `json:",omitempty"`
	RedshiftQueryId int64            //
	ResultFormat    string           `json:",omitempty"`
	ResultRows      int64            //
	ResultSize      int64            //
	SessionId       string           `json:",omitempty"`
	SubStatements   []map[string]any `json:",omitempty"`
}

func (d *Door) describe(ctx context.Context, in *idInput) (*described, error) {
	if err := checkWait(in.WaitTimeSeconds); err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	st, p, err := d.find(in.Id)
	if err != nil {
		return nil, err
	}
	done := st.done
	if p != nil {
		done = p.done
	}
	d.mu.Unlock()
	d.wait(ctx, done, in.WaitTimeSeconds)
	d.mu.Lock()
	if p != nil {
		return describePart(st, p), nil
	}
	return describeWhole(st), nil
}

func describeWhole(st *statement) *described {
	out := &described{
		target: st.to, Id: st.id, Status: st.state, CreatedAt: epoch(st.created), UpdatedAt: epoch(st.updated),
		Duration: int64(st.duration), Error: st.err, QueryParameters: st.params, RedshiftPid: st.pid,
		ResultFormat: st.format(), SessionId: st.sessionID,
	}
	if !st.batch {
		p := st.parts[0]
		out.QueryString, out.HasResultSet = p.sql, p.hasRows
		out.RedshiftQueryId, out.ResultRows, out.ResultSize = p.query, p.count, p.size
		return out
	}
	// data-api.md shows these three so for a batch.
	out.RedshiftQueryId, out.ResultRows, out.ResultSize = 0, -1, -1
	out.ExecutionMode = modeTransaction
	if st.autoCommit {
		out.ExecutionMode = modeAutoCommit
	}
	for _, p := range st.parts {
		out.HasResultSet = out.HasResultSet || p.hasRows
		sub := map[string]any{
			"Id": p.id, "Status": p.state, "CreatedAt": epoch(p.created), "UpdatedAt": epoch(p.updated),
			"Duration": int64(p.duration), "QueryString": p.sql, "HasResultSet": p.hasRows,
			"RedshiftQueryId": p.query, "ResultRows": p.count, "ResultSize": p.size,
		}
		if p.err != "" {
			sub["Error"] = p.err
		}
		out.SubStatements = append(out.SubStatements, sub)
	}
	return out
}

func describePart(st *statement, p *part) *described {
	return &described{
		target: st.to, Id: p.id, Status: p.state, CreatedAt: epoch(p.created), UpdatedAt: epoch(p.updated),
		Duration: int64(p.duration), Error: p.err, QueryString: p.sql, QueryParameters: st.params,
		RedshiftPid: st.pid, HasResultSet: p.hasRows, RedshiftQueryId: p.query, ResultRows: p.count, ResultSize: p.size,
		ResultFormat: st.format(), SessionId: st.sessionID,
	}
}

func (s *statement) format() string {
	if s.csv {
		return formatCSV
	}
	return formatJSON
}

type cancelOutput struct{ Status bool }

// cancelStatement stops a statement that runs, and answers when it has
// stopped. One that came to its end before is not cancelled.
func (d *Door) cancelStatement(ctx context.Context, in *idInput) (*cancelOutput, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	st, p, err := d.find(in.Id)
	switch {
	case err != nil:
		return nil, err
	case p != nil:
		return nil, invalid("A sub-statement can't be cancelled: cancel the batch %s.", st.id)
	case st.state != startedState:
		// "To be canceled, a query must be running" (API reference).
		return nil, invalid(textNotRunning, st.state, st.id)
	}
	st.cancelled = true
	st.cancel(errCancelled)
	d.mu.Unlock()
	select {
	case <-st.done:
	case <-ctx.Done():
	}
	d.mu.Lock()
	if st.over() && st.state != abortedState {
		return nil, invalid(textNotRunning, st.state, st.id)
	}
	return &cancelOutput{Status: true}, nil
}
