package redshift

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/llm-dev-ops/redshift/transport"
)

// answer is what the scripted transport gives to a statement.
type answer struct {
	cols  []Column
	rows  [][]string // "\x00" is NULL
	raw   [][][]byte // rows as they are, instead
	tag   string
	says  string // a notice
	err   error  // of Start
	fail  error  // of Wait
	mid   error  // after the rows
	hang  bool   // Wait lasts until it is cancelled
	late  bool   // it succeeds although it was cancelled
	state transport.SessionState
}

// scripted is a transport whose statements are answered by a function.
type scripted struct {
	answer func(s *scriptedSession, stmt transport.Statement) answer
	caps   transport.Caps

	mu        sync.Mutex
	open      int
	opened    int
	log       []string
	params    [][]transport.Param
	cancelled int
	discarded int
	closed    bool
}

func newScripted(f func(s *scriptedSession, stmt transport.Statement) answer) *scripted {
	return &scripted{answer: f, caps: transport.Caps{Name: "scripted", Session: true, Transactions: true, Prepare: true, MaxParams: 10, MaxStatement: 1000}}
}

func (t *scripted) Open(ctx context.Context, _ transport.OpenOptions) (transport.Session, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return nil, transport.ErrClosed
	}
	t.open++
	t.opened++
	return &scriptedSession{t: t, pid: t.opened}, ctx.Err()
}

func (t *scripted) Attach(context.Context, string) (transport.Run, error) {
	return nil, transport.ErrUnsupported
}
func (t *scripted) Caps() transport.Caps { return t.caps }
func (t *scripted) Stats() transport.Stats {
	t.mu.Lock()
	defer t.mu.Unlock()
	return transport.Stats{InUse: t.open}
}
func (t *scripted) Close(context.Context) error { t.closed = true; return nil }

type scriptedSession struct {
	t      *scripted
	pid    int
	state  transport.SessionState
	closed bool
}

func (s *scriptedSession) Start(_ context.Context, stmt transport.Statement) (transport.Run, error) {
	if s.state == transport.StateBusy {
		return nil, transport.ErrBusy
	}
	s.t.mu.Lock()
	s.t.log = append(s.t.log, stmt.SQL)
	s.t.params = append(s.t.params, stmt.Params)
	s.t.mu.Unlock()
	a := s.t.answer(s, stmt)
	if a.err != nil {
		return nil, a.err
	}
	s.state = transport.StateBusy
	return &scriptedRun{s: s, a: a, stop: make(chan struct{})}, nil
}

func (s *scriptedSession) Prepare(_ context.Context, sql string, types []transport.OID) (transport.Prepared, error) {
	return &scriptedPrepared{s, sql, types}, nil
}

func (s *scriptedSession) Batch(context.Context, []transport.Statement) (transport.Batch, error) {
	return nil, transport.ErrUnsupported
}
func (s *scriptedSession) State() transport.SessionState { return s.state }
func (s *scriptedSession) Info() transport.SessionInfo   { return transport.SessionInfo{PID: s.pid} }

func (s *scriptedSession) Close(_ context.Context, r transport.Reuse) error {
	s.t.mu.Lock()
	defer s.t.mu.Unlock()
	if !s.closed {
		s.closed = true
		s.t.open--
		if r == transport.Discard {
			s.t.discarded++
		}
	}
	return nil
}

type scriptedPrepared struct {
	s     *scriptedSession
	sql   string
	types []transport.OID
}

func (p *scriptedPrepared) Params() []transport.OID { return p.types }
func (p *scriptedPrepared) Columns() []Column       { return nil }
func (p *scriptedPrepared) Start(ctx context.Context, ps []transport.Param) (transport.Run, error) {
	return p.s.Start(ctx, transport.Statement{SQL: p.sql, Params: ps})
}
func (p *scriptedPrepared) Close(context.Context) error { return nil }

type scriptedRun struct {
	s    *scriptedSession
	a    answer
	stop chan struct{}
	once sync.Once
}

func (r *scriptedRun) ID() string { return "" }
func (r *scriptedRun) Status(context.Context) (transport.Status, error) {
	return transport.Status{}, nil
}

func (r *scriptedRun) Wait(ctx context.Context) error {
	if r.a.hang {
		select {
		case <-r.stop:
			r.s.state = r.a.state
			if r.a.late {
				return nil
			}
			return &transport.ServerError{SQLState: "57014", Message: "cancelled on user's request"}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if r.a.fail != nil {
		r.s.state = r.a.state
	}
	return r.a.fail
}

func (r *scriptedRun) Result(ctx context.Context) (transport.Result, error) {
	if err := r.Wait(ctx); err != nil {
		return nil, err
	}
	return &scriptedResult{run: r, ctx: ctx, at: -1}, nil
}

func (r *scriptedRun) Cancel(context.Context) error {
	r.once.Do(func() {
		r.s.t.mu.Lock()
		r.s.t.cancelled++
		r.s.t.mu.Unlock()
		close(r.stop)
	})
	return nil
}

type scriptedResult struct {
	run *scriptedRun
	ctx context.Context
	at  int
	err error
}

func (r *scriptedResult) Columns() []Column { return r.run.a.cols }
func (r *scriptedResult) Next() bool {
	if r.err = r.ctx.Err(); r.err != nil {
		_ = r.run.Cancel(r.ctx)
		return false
	}
	if r.at+1 < max(len(r.run.a.rows), len(r.run.a.raw)) {
		r.at++
		return true
	}
	r.err = r.run.a.mid
	return false
}

func (r *scriptedResult) Raw() [][]byte {
	if r.run.a.raw != nil {
		return r.run.a.raw[r.at]
	}
	raw := make([][]byte, len(r.run.a.cols))
	for i, v := range r.run.a.rows[r.at] {
		if v != "\x00" {
			raw[i] = []byte(v)
		}
	}
	return raw
}
func (r *scriptedResult) Format(col int) transport.Format { return r.run.a.cols[col].Format }
func (r *scriptedResult) Tag() string                     { return r.run.a.tag }
func (r *scriptedResult) Notices() []Notice {
	var ns []Notice
	for text := range strings.Lines(r.run.a.says) {
		ns = append(ns, Notice{Severity: "INFO", Message: strings.TrimSpace(text)})
	}
	return ns
}
func (r *scriptedResult) Err() error { return r.err }
func (r *scriptedResult) Close() error {
	r.run.s.state = r.run.a.state
	return r.err
}

func newClient(t *testing.T, cfg Config, f func(s *scriptedSession, stmt transport.Statement) answer) (*Client, *scripted) {
	t.Helper()
	tr := newScripted(f)
	c, err := New(tr, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if n := c.PoolStats().InUse; n != 0 {
			t.Errorf("%d sessions are still in use", n)
		}
		_ = c.Close(context.Background())
	})
	return c, tr
}

var two = answer{
	cols: []Column{{Name: "id", Type: TypeBigInt}, {Name: "full_name", Type: TypeVarchar}},
	rows: [][]string{{"1", "Ann"}, {"2", "\x00"}}, tag: "SELECT",
}
