package transporttest

import (
	"context"
	"sync"
	"time"

	"github.com/llm-dev-ops/redshift/transport"
)

// fakeAnswer is an Answer and the state of the transaction after it.
type fakeAnswer struct {
	Answer
	tx transport.SessionState
}

type fakeRun struct {
	s     *fakeSession
	a     fakeAnswer
	began time.Time
	once  sync.Once
	stop  chan struct{} // closed by cancel
	done  bool          // the outcome is known: err, or rows
	ended bool          // the session is free again
	err   error
}

func (r *fakeRun) ID() string { return "" }

func (r *fakeRun) Status(context.Context) (transport.Status, error) {
	st := transport.Status{Phase: transport.PhaseRunning, Progress: -1, Rows: -1, Err: r.err}
	if server, ok := r.err.(*transport.ServerError); ok && server.SQLState == cancelled {
		st.Phase = transport.PhaseCancelled
	} else if r.err != nil {
		st.Phase = transport.PhaseFailed
	} else if r.ended {
		st.Phase = transport.PhaseCompleted
	}
	return st, nil
}

func (r *fakeRun) Wait(ctx context.Context) error {
	if r.done {
		return r.err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if r.a.Delay > 0 {
		t := time.NewTimer(r.a.Delay - time.Since(r.began))
		defer t.Stop()
		select {
		case <-t.C:
		case <-r.stop:
			r.a.Err = &transport.ServerError{Severity: "ERROR", SQLState: cancelled, Message: "query cancelled on user's request"}
		case <-r.s.f.force:
			r.a.Err = &transport.LostError{Sent: true, Err: transport.ErrClosed}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	r.done = true
	if r.a.Err != nil {
		r.fail(r.a.Err)
	}
	return r.err
}

// fail ends the run with a failure, which a transaction does not survive.
func (r *fakeRun) fail(err error) {
	r.err = err
	if r.a.tx == transport.StateInTx {
		r.a.tx = transport.StateFailedTx
	}
	r.end()
}

func (r *fakeRun) end() {
	if !r.ended && r.s.run == r {
		r.s.run, r.s.tx, r.s.last = nil, r.a.tx, time.Now()
	}
	r.ended = true
}

func (r *fakeRun) Result(ctx context.Context) (transport.Result, error) {
	if err := r.Wait(ctx); err != nil {
		return nil, err
	}
	return &fakeResult{r: r, ctx: ctx}, nil
}

func (r *fakeRun) Cancel(context.Context) error {
	if !r.s.f.caps.Cancel {
		return r.s.f.unsupported("Cancel")
	}
	r.cancel()
	return nil
}

func (r *fakeRun) cancel() { r.once.Do(func() { close(r.stop) }) }

type fakeResult struct {
	r      *fakeRun
	ctx    context.Context // bounds the reading, by the seam's contract
	next   int
	err    error
	closed bool
}

func (r *fakeResult) Columns() []transport.Column { return r.r.a.Columns }

func (r *fakeResult) Next() bool {
	if r.closed || r.err != nil {
		return false
	}
	if err := r.ctx.Err(); err != nil {
		r.err = err
		r.r.cancel()
		return false
	}
	if r.next < len(r.r.a.Rows) {
		r.next++
		return true
	}
	if r.r.ended {
		return false
	}
	if r.r.a.Late != nil {
		r.err = r.r.a.Late
		r.r.fail(r.err)
		return false
	}
	r.r.end()
	return false
}

func (r *fakeResult) Raw() [][]byte                   { return r.r.a.Rows[r.next-1] }
func (r *fakeResult) Format(col int) transport.Format { return r.r.a.Columns[col].Format }
func (r *fakeResult) Tag() string                     { return r.r.a.Tag }
func (r *fakeResult) Notices() []transport.Notice     { return r.r.a.Notices }
func (r *fakeResult) Err() error                      { return r.err }

func (r *fakeResult) Close() error {
	if !r.closed {
		r.closed = true
		r.r.end()
	}
	return r.err
}
