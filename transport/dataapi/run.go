package dataapi

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata/types"

	"github.com/llm-dev-ops/redshift/transport"
)

// run is a statement that the service has accepted. Its methods may be called
// by several goroutines.
type run struct {
	s      *service
	x      *session // nil for an attached one
	id     string
	sql    string // "" for an attached one, until it is described
	keep   bool   // it outlives its session
	own    bool   // it is the transport's own
	moved  bool   // what was sent has other positions than what was given
	csv    bool   // its rows come as CSV
	leaves bool   // it may leave state in its session
	batch  bool   // it is several statements
	mode   string // of a batch that is over, as the service said
	closed atomic.Bool
	undone atomic.Bool // a COMMIT of a failed transaction, which rolls it back

	mu    sync.Mutex                            // taken before the session's
	final *redshiftdata.DescribeStatementOutput // once it is over
	read  bool                                  // Result was called
}

// ID implements transport.Run: the service's id of the statement.
func (r *run) ID() string { return r.id }

// over reports whether the outcome is known.
func (r *run) over() bool { return r.outcome() != nil }

func (r *run) outcome() *redshiftdata.DescribeStatementOutput {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.final
}

// describe asks the service once, which is to answer at once or, with wait, when
// the statement has ended, if it does that; an outcome is remembered.
func (r *run) describe(ctx context.Context, wait bool) (*redshiftdata.DescribeStatementOutput, error) {
	if out := r.outcome(); out != nil {
		return out, nil
	}
	op, mode := operation[*redshiftdata.DescribeStatementInput, *redshiftdata.DescribeStatementOutput](r.s.api.DescribeStatement), ""
	if r.batch {
		op = with(op, answered("ExecutionMode", &mode))
	}
	in, asked := &redshiftdata.DescribeStatementInput{Id: &r.id}, op
	if seconds := r.s.longPoll(); wait && seconds > 0 {
		asked = with(op, member("WaitTimeSeconds", seconds))
		defer r.s.longPolls.Add(-1)
		r.s.longPolls.Add(1)
	}
	out, err := retrying(ctx, r.s, asked, in)
	if code(err) == waitersExceeded {
		r.s.noLongPolls()
		out, err = retrying(ctx, r.s, op, in)
	}
	if err != nil {
		return nil, err
	}
	switch out.Status {
	case types.StatusStringFinished, types.StatusStringFailed, types.StatusStringAborted:
	default:
		return out, nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.final != nil:
	case r.x == nil:
		r.sql, r.csv = aws.ToString(out.QueryString), out.ResultFormat == types.ResultFormatStringCsv
	default: // under the lock, so that whoever sees the outcome sees its effect
		r.x.ended(r, out.RedshiftPid, out.Status == types.StatusStringFinished)
	}
	if r.final == nil {
		r.s.crowd.leave(r)
	}
	r.final, r.mode = out, mode
	return out, nil
}

// failure is the error of a statement that is over, nil for one that succeeded.
func (r *run) failure(out *redshiftdata.DescribeStatementOutput) error {
	e := serverError(aws.ToString(out.Error))
	switch out.Status {
	case types.StatusStringFailed:
		if r.moved {
			e.Position = 0
		}
		return e
	case types.StatusStringAborted:
		// The service says it with a status; 57014 is that status's SQLSTATE.
		e.SQLState = "57014"
		if e.Message == "" {
			e.Message = "the statement was cancelled"
		}
		return e
	}
	return nil
}

var phases = map[types.StatusString]transport.Phase{
	types.StatusStringSubmitted: transport.PhaseSubmitted,
	types.StatusStringPicked:    transport.PhaseQueued,
	types.StatusStringStarted:   transport.PhaseRunning,
	types.StatusStringFinished:  transport.PhaseCompleted,
	types.StatusStringFailed:    transport.PhaseFailed,
	types.StatusStringAborted:   transport.PhaseCancelled,
}

// Status implements transport.Run.
func (r *run) Status(ctx context.Context) (transport.Status, error) {
	out, err := r.describe(ctx, false)
	if err != nil {
		return transport.Status{}, err
	}
	st := transport.Status{Phase: phases[out.Status], Progress: -1, Rows: -1, QueryID: max(out.RedshiftQueryId, 0)}
	if out.Status == types.StatusStringFinished {
		st.Progress, st.Rows = 100, out.ResultRows
	}
	st.Err = r.failure(out)
	return st, nil
}

// Wait implements transport.Run. That a question was not answered says nothing
// about the statement: Wait may be called again.
func (r *run) Wait(ctx context.Context) error {
	if r.closed.Load() {
		return transport.ErrClosed
	}
	return r.await(ctx)
}

func (r *run) await(ctx context.Context) error {
	for delay := r.s.cfg.PollMin; ; delay = min(delay*3/2, r.s.cfg.PollMax) {
		began := time.Now()
		out, err := r.describe(ctx, true)
		switch {
		case err != nil && ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			return &transport.LostError{Sent: true, Err: fmt.Errorf("the outcome of statement %s is not known: %w", r.id, err)}
		}
		if r.over() {
			return r.failure(out)
		}
		if time.Since(began) > longPollMin {
			delay = r.s.cfg.PollMin // it has waited, and may wait again
			continue
		}
		if !pause(ctx, jittered(delay)) {
			return ctx.Err()
		}
	}
}

// Cancel implements transport.Run. A statement that is over is left alone. One
// that has not begun cannot be cancelled yet ("must be running"), so it is
// asked again until ctx ends.
func (r *run) Cancel(ctx context.Context) error {
	for delay := r.s.cfg.PollMin; !r.over(); delay = min(delay*3/2, r.s.cfg.PollMax) {
		out, err := retrying(ctx, r.s, r.s.api.CancelStatement, &redshiftdata.CancelStatementInput{Id: &r.id})
		if err == nil && aws.ToBool(out.Status) {
			return nil
		}
		if err != nil && code(err) != "ValidationException" && code(err) != "ResourceNotFoundException" {
			return err
		}
		if _, derr := r.describe(ctx, false); derr != nil {
			if err != nil {
				return err
			}
			return derr
		}
		if !r.over() && !pause(ctx, jittered(delay)) {
			return ctx.Err()
		}
	}
	return nil
}

// Result implements transport.Run. The result of a kept or attached statement
// can be read more than once.
func (r *run) Result(ctx context.Context) (transport.Result, error) {
	if err := r.Wait(ctx); err != nil {
		return nil, err
	}
	r.mu.Lock()
	again := r.read
	r.read = true
	r.mu.Unlock()
	if again && !r.keep {
		return nil, transport.ErrClosed
	}
	out := r.outcome()
	res := &rows{ctx: ctx, s: r.s, run: r, id: r.id, csv: r.csv, tag: commandTag(r.sql, aws.ToBool(out.HasResultSet), out.ResultRows)}
	if r.undone.Load() {
		res.tag = "ROLLBACK"
	}
	if aws.ToBool(out.HasResultSet) {
		if err := res.page(); err != nil {
			// The outcome stands; only the reading may be tried again.
			r.mu.Lock()
			r.read = false
			r.mu.Unlock()
			return nil, err
		}
	}
	return res, nil
}
