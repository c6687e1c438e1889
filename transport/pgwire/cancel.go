package pgwire

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"
)

var errNoKey = errors.New("the server has given no key to cancel with")

// requestCancel asks the server, over a connection of its own, to stop what
// the session runs. It returns when the server has closed that connection,
// which it does when the session has been told. The request goes over TLS if
// the session does, because it carries the key, unless Config.PlainCancel says
// otherwise.
func (c *conn) requestCancel(ctx context.Context) error {
	if c.pid == 0 || len(c.key) == 0 {
		return errNoKey
	}
	ctx, cancel := context.WithTimeout(ctx, c.patient)
	defer cancel()
	nc, err := dial(ctx, c.dialer, c.nc.RemoteAddr().String(), c.cancelTLS)
	if err != nil {
		return fmt.Errorf("cancel: %w", err)
	}
	defer func() { _ = nc.Close() }()
	release := bound(ctx, nc)
	defer release()
	if _, err := nc.Write(c.cancelRequest()); err != nil {
		return fmt.Errorf("cancel: %w", ended(ctx, err))
	}
	var b [1]byte
	if _, err := nc.Read(b[:]); err != nil && ctx.Err() != nil {
		return fmt.Errorf("cancel: no answer: %w", ctx.Err())
	}
	return nil
}

func (c *conn) cancelRequest() []byte {
	msg := binary.BigEndian.AppendUint32(nil, uint32(12+len(c.key)))
	msg = binary.BigEndian.AppendUint32(msg, codeCancel)
	msg = binary.BigEndian.AppendUint32(msg, c.pid)
	return append(msg, c.key...)
}

// A cancel that overtakes its statement is forgotten by the server. One that
// has had no effect is therefore repeated, after a pause that doubles.
const (
	firstPause = 250 * time.Millisecond
	lastPause  = 10 * time.Second
)

// errStuck ends a connection whose statement does not stop.
var errStuck = errors.New("the server did not stop a cancelled statement in time")

// Cancel implements transport.Run. It is safe for concurrent use. Who waits
// for the run, now or later, repeats the request if it has no effect.
func (r *run) Cancel(ctx context.Context) error { return r.cancel(ctx, time.Time{}) }

// cancel lets the reading pause until the next attempt, or until latest if
// that is sooner.
func (r *run) cancel(ctx context.Context, latest time.Time) error {
	r.cancelMu.Lock()
	defer r.cancelMu.Unlock()
	if r.finished.Load() || r.s.over.Load() {
		return nil
	}
	r.asked.Store(true)
	err := r.c.requestCancel(ctx)
	r.pause = min(max(r.c.pause, 2*r.pause), lastPause)
	next := time.Now().Add(r.pause)
	if !latest.IsZero() {
		next = minTime(next, latest)
	}
	r.c.readUntil(next)
	return err
}

// again repeats a cancel without effect.
func (r *run) again(ctx context.Context) {
	if r.asked.Load() {
		_ = r.Cancel(ctx)
	} else {
		r.c.readUntil(time.Time{}) // a deadline that is nobody's
	}
}

// abandon cancels the run and reads what is left of it, so that the session
// stays usable. When half of Config.CancelTimeout has passed, it asks by another
// session; when all of it has, it ends the session on the server, for which it takes
// as long again at most, and gives the connection up. The end of ctx does not matter to it.
func (r *run) abandon(ctx context.Context) {
	r.c.end()
	if r.finished.Load() {
		return
	}
	deadline := time.Now().Add(r.c.patient)
	ctx, cancel := context.WithDeadline(context.WithoutCancel(ctx), deadline)
	defer cancel()
	half, elsewhere := time.Now().Add(r.c.patient/2), false
	for first := true; !r.finished.Load(); first = false {
		if !time.Now().Before(deadline) {
			// The server would go on with it when the connection is gone.
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.c.patient)
			defer cancel()
			_ = r.s.t.stopElsewhere(ctx, r.c.pid, true)
			_ = r.lose(errStuck)
			return
		}
		if !first && !elsewhere && time.Now().After(half) {
			elsewhere = true
			_ = r.s.t.stopElsewhere(ctx, r.c.pid, false)
			r.c.readUntil(minTime(time.Now().Add(r.c.pause), deadline))
		} else if first && r.asked.Load() { // it was cancelled a moment ago
			r.c.readUntil(minTime(time.Now().Add(r.c.pause), deadline))
		} else {
			_ = r.cancel(ctx, deadline)
		}
		for !r.finished.Load() {
			if _, err := r.step(); err != nil {
				break // a pause has passed; a lost connection has finished the run
			}
		}
	}
}

func minTime(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
