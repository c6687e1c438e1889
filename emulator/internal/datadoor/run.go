package datadoor

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/llm-dev-ops/redshift/emulator/internal/session"
)

// Why a statement's context has ended.
var (
	errCancelled = errors.New("cancelled")
	errShutdown  = errors.New("the emulator is shutting down")
)

// run runs a statement to its end, in a kept session or in one of its own.
func (d *Door) run(ctx context.Context, st *statement, k *kept) {
	d.mu.Lock()
	st.state, st.updated = pickedState, time.Now()
	var s session.Session
	if k != nil {
		s, k.session = k.session, nil
	}
	d.mu.Unlock()
	var err error
	if s == nil {
		// The connection is made after the statement was accepted, so that its
		// failure is the statement's.
		if err = st.as.err; err == nil {
			s, err = d.cfg.Open(ctx, session.Startup{
				User: st.as.user, Database: st.to.Database, Options: map[string]string{"application_name": "Redshift Data API"},
				Terminated: func(*session.Error) { d.terminated(k) },
			})
		}
	}
	if err == nil {
		d.mu.Lock()
		now := time.Now()
		st.state, st.pid, st.updated, st.began = startedState, s.PID(), now, now
		d.mu.Unlock()
		err = d.runParts(ctx, st, s)
	}
	dead := err != nil && (s == nil || fatal(err))
	if s != nil && (k == nil || dead) {
		s.Close()
		s = nil
	}
	d.finish(ctx, st, k, s, err, dead)
}

// finish records the outcome of a statement and gives its session back.
func (d *Door) finish(ctx context.Context, st *statement, k *kept, s session.Session, err error, dead bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := time.Now()
	st.updated = now
	if !st.began.IsZero() {
		st.duration = now.Sub(st.began)
	}
	switch cause := context.Cause(ctx); {
	case err == nil:
		st.state = finishedState
	case cause != nil && st.cancelled:
		st.state, st.err = abortedState, told(err)
	case cause != nil:
		st.state, st.err = failedState, told(stoppedBy(ctx))
	default:
		st.state, st.err = failedState, told(err)
		if f, ok := errors.AsType[*partError](err); ok {
			st.err = fmt.Sprintf("Query #%d failed with %s", f.number, told(err))
		}
	}
	for _, p := range st.parts {
		if over(p.state) {
			continue
		}
		// What did not come to its turn: assumed.
		p.state, p.updated = st.state, now
		if st.batch && st.state == failedState {
			p.state = abortedState
		} else if !st.batch {
			p.err = st.err
		}
		close(p.done)
	}
	d.active--
	d.relieve()
	if k != nil {
		d.release(k, s, dead)
	}
	close(st.done)
}

// partError is the failure of one statement of a batch, which are counted
// from 1.
type partError struct {
	number int
	err    error
}

// Error is the failure's.
func (e *partError) Error() string { return e.err.Error() }

// Unwrap is the failure.
func (e *partError) Unwrap() error { return e.err }

// runParts runs the texts of a statement: each in a transaction of its own, or
// all in one.
func (d *Door) runParts(ctx context.Context, st *statement, s session.Session) error {
	var failed error
	for i, p := range st.parts {
		if ctx.Err() != nil {
			fail(s)
			_ = s.Sync(context.WithoutCancel(ctx)) // it rolls back
			if failed == nil {
				failed = stoppedBy(ctx)
			}
			break
		}
		last := i == len(st.parts)-1 || st.autoCommit
		err := d.runPart(ctx, st, p, s, last)
		if last || err != nil {
			// What began is brought to its end also when the statement is cancelled.
			if end := s.Sync(context.WithoutCancel(ctx)); err == nil {
				err = end
			}
		}
		d.partOver(ctx, st, p, err)
		if err == nil {
			continue
		}
		if st.batch {
			err = &partError{i + 1, err}
		}
		if failed == nil {
			failed = err
		}
		if !st.autoCommit || fatal(err) {
			break
		}
	}
	return failed
}

// stoppedBy is the error of what did not begin because ctx had ended.
func stoppedBy(ctx context.Context) error {
	if errors.Is(context.Cause(ctx), errCancelled) {
		return &session.Error{State: "57014", Message: "Query cancelled on user's request"}
	}
	return &session.Error{Severity: "FATAL", State: "57P01", Message: "terminating connection due to administrator command"}
}

func fail(s session.Session) {
	if f, ok := s.(session.Failer); ok {
		f.Fail()
	}
}

// runPart runs one text and keeps its rows.
func (d *Door) runPart(ctx context.Context, st *statement, p *part, s session.Session, last bool) error {
	d.mu.Lock()
	p.state, p.updated = startedState, time.Now()
	d.mu.Unlock()
	stmt, err := s.Prepare(ctx, p.text.text, nil)
	if err != nil {
		return p.placed(err)
	}
	defer stmt.Close()
	if stmt.Empty() {
		return nil
	}
	values := p.text.values(st.params)
	if p.text.foreign || len(stmt.Params()) > len(values) {
		fail(s)
		return &session.Error{State: "42P02", Message: "there is no parameter $1"}
	}
	call := session.Call{Last: last}
	for _, v := range values {
		call.Args = append(call.Args, session.Arg{Value: v})
	}
	portal, err := stmt.Start(ctx, call)
	if err != nil {
		return p.placed(err)
	}
	defer portal.Close() // the outcome is known by then
	columns := stmt.Columns()
	rows, err := collect(ctx, portal, d.cfg.Limits.Result)
	if err != nil {
		if errors.Is(err, errTooLarge) {
			_ = portal.Close()
			fail(s)
			err = &session.Error{State: "54000", Message: fmt.Sprintf("Query result exceeds the maximum size of %d MB.", d.cfg.Limits.Result>>20), Hint: "UNLOAD the result to Amazon S3."}
		}
		return p.placed(err)
	}
	tag := portal.Tag()
	query, count := outcome(s, tag)
	d.mu.Lock()
	defer d.mu.Unlock()
	p.query, p.count = query, count
	if columns != nil {
		p.hasRows, p.columns, p.rows = true, d.metadata(columns), rows
		p.count, p.size = rows.count, rows.bytes
		d.kept += rows.size
	}
	return nil
}

// placed is an error whose position is in the text as it was submitted.
func (p *part) placed(err error) error {
	e, ok := errors.AsType[*session.Error](err)
	if !ok || e.Position == 0 || len(p.text.cuts) == 0 {
		return err
	}
	moved := *e
	moved.Position = p.text.original(e.Position)
	return &moved
}

// partOver records the outcome of one text.
func (d *Door) partOver(ctx context.Context, st *statement, p *part, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := time.Now()
	p.duration, p.updated = now.Sub(p.updated), now
	switch {
	case err == nil:
		p.state = finishedState
	case st.cancelled && ctx.Err() != nil:
		p.state, p.err = abortedState, told(err)
	default:
		p.state, p.err = failedState, told(err)
	}
	if err != nil && p.rows != nil { // its transaction could not be committed
		d.kept -= p.rows.size
		p.rows, p.hasRows, p.count, p.size = nil, false, -1, -1
	}
	close(p.done)
}

// relieve gives up the oldest results while there are too many. d.mu is held.
func (d *Door) relieve() {
	for _, st := range d.order {
		if d.kept <= d.cfg.Limits.Kept {
			return
		}
		if st.over() {
			d.drop(st)
		}
	}
}
