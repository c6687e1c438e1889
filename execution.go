package redshift

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/llm-dev-ops/redshift/transport"
)

var errTimeout = errors.New("timeout")

// execution is one statement from its start until its rows are closed. It owns
// the context that the rows are bound by, through cancel.
type execution struct {
	ctx     context.Context // of the whole execution, which is a part of a call
	cancel  context.CancelCauseFunc
	timer   *time.Timer
	timeout time.Duration
	whole   bool // the timeout covers all rows, not only the first
	began   time.Time
	elapsed time.Duration
	s       transport.Session
	release func(transport.Reuse)
	wantID  bool
	tells   bool // the transport tells the number
	queryID int64
	shift   int           // characters before the caller's text, which positions leave out
	run     transport.Run // for the number, where it tells
	// finally ends what the rows were a part of, with their failure; nil for nothing.
	finally func(error) error
	// unsure: the statement was cancelled, but may have taken effect before.
	unsure bool
}

func newExecution(ctx context.Context, timeout time.Duration, whole bool) *execution {
	e := &execution{timeout: timeout, whole: whole, began: time.Now(), release: func(transport.Reuse) {}}
	e.ctx, e.cancel = context.WithCancelCause(ctx)
	e.timer = time.AfterFunc(timeout, func() { e.cancel(errTimeout) })
	return e
}

// start runs the statement up to its first row.
func (e *execution) start(start func(context.Context) (transport.Run, error)) (*Rows, error) {
	run, err := start(e.ctx)
	if err != nil {
		return nil, e.end(err, reuse(e.s, err))
	}
	res, err := run.Result(e.ctx) // which waits
	if err != nil {
		return nil, e.end(err, e.settle(run, err))
	}
	e.run = run
	r := &Rows{e: e, res: res, cols: res.Columns()}
	r.peeked = res.Next()
	if !r.peeked && res.Err() != nil {
		return nil, r.Close()
	}
	if !e.whole {
		e.timer.Stop()
	}
	r.waiting = true
	return r, nil
}

// settle makes a session usable again whose statement failed; when that failed
// because its context ended, the statement is cancelled on the server.
func (e *execution) settle(run transport.Run, err error) transport.Reuse {
	if e.ctx.Err() == nil {
		return reuse(e.s, err)
	}
	ctx, cancel := closingContext(e.ctx)
	defer cancel()
	_ = run.Cancel(ctx)
	res, err := run.Result(ctx)
	if err == nil {
		e.unsure = res.Close() == nil
	}
	if ctx.Err() != nil {
		e.unsure = true
		return transport.Discard
	}
	return reuse(e.s, err)
}

func reuse(s transport.Session, err error) transport.Reuse {
	if s != nil && s.State() == transport.StateBroken {
		return transport.Discard
	}
	if err == nil {
		return transport.Keep
	}
	var lost *transport.LostError
	if errors.As(err, &lost) {
		return transport.Discard
	}
	return transport.Keep
}

// end closes the execution and gives the error its kind.
func (e *execution) end(err error, r transport.Reuse) error {
	err = e.fail(err)
	e.release(r)
	return err
}

// fail ends the context and explains err by it.
func (e *execution) fail(err error) error {
	if err = e.explained(err); err == nil {
		return nil
	}
	var own *Error
	if e.shift > 0 && errors.As(err, &own) && own.Position > 0 {
		own.Position = max(own.Position-e.shift, 0)
		e.shift = 0 // once for each error, however often it is told
	}
	return err
}

func (e *execution) explained(err error) error {
	cause := context.Cause(e.ctx)
	e.timer.Stop()
	e.cancel(nil)
	e.elapsed = time.Since(e.began)
	if err == nil {
		return nil
	}
	var lost *transport.LostError
	var own *Error
	if cause == nil || errors.As(err, &own) {
		return wrap(err)
	}
	if errors.As(err, &lost) && lost.Sent {
		return wrap(errors.Join(err, cause))
	}
	retry := Yes
	if e.unsure {
		retry, err = No, errors.Join(err, ErrOutcomeUnknown)
	}
	if errors.Is(cause, errTimeout) {
		return &Error{
			Kind: ErrQueryTimeout, Retryable: retry, Message: fmt.Sprintf("no result within %v", e.timeout),
			Hint:  "raise Query.Timeout or Config.DefaultTimeout",
			cause: errors.Join(err, context.DeadlineExceeded),
		}
	}
	own = &Error{Kind: ErrQueryCancelled, Message: "the context ended", cause: errors.Join(cause, err)}
	if errors.Is(cause, context.DeadlineExceeded) {
		own.Kind, own.Retryable, own.Message = ErrQueryTimeout, retry, "the context's deadline passed"
	}
	return own
}

// lastQueryID is the number of the statement, which has ended: as the transport tells,
// or as the server does when it is asked.
func (e *execution) lastQueryID() int64 {
	if e.tells {
		st, err := e.run.Status(e.ctx)
		if err != nil {
			return 0
		}
		return st.QueryID
	}
	v, err := scalar(e.ctx, e.s, "select pg_last_query_id()")
	if err != nil {
		return 0
	}
	n, _ := strconv.ParseInt(v, 10, 64)
	return max(n, 0)
}

// scalar runs a statement of the client's own and gives its first value.
func scalar(ctx context.Context, s transport.Session, sql string) (string, error) {
	run, err := s.Start(ctx, transport.Statement{SQL: sql})
	if err != nil {
		return "", err
	}
	res, err := run.Result(ctx)
	if err != nil {
		return "", err
	}
	v := ""
	var odd error
	if res.Next() && len(res.Raw()) > 0 && res.Raw()[0] != nil {
		odd = scanValue(&res.Columns()[0], res.Format(0), res.Raw()[0], &v, new(arena))
	}
	if err := res.Close(); err != nil {
		return "", err
	}
	return v, odd
}
