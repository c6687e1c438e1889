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
// the session does, because it carries the key.
func (c *conn) requestCancel(ctx context.Context) error {
	if c.pid == 0 || len(c.key) == 0 {
		return errNoKey
	}
	ctx, cancel := context.WithTimeout(ctx, c.patient)
	defer cancel()
	nc, err := dial(ctx, c.nc.RemoteAddr().String(), c.tls)
	if err != nil {
		return fmt.Errorf("cancel: %w", err)
	}
	defer func() { _ = nc.Close() }()
	release := bound(ctx, nc)
	defer release()
	msg := binary.BigEndian.AppendUint32(nil, uint32(12+len(c.key)))
	msg = binary.BigEndian.AppendUint32(msg, codeCancel)
	msg = binary.BigEndian.AppendUint32(msg, c.pid)
	msg = append(msg, c.key...)
	if _, err := nc.Write(msg); err != nil {
		return fmt.Errorf("cancel: %w", ended(ctx, err))
	}
	var b [1]byte
	if _, err := nc.Read(b[:]); err != nil && ctx.Err() != nil {
		return fmt.Errorf("cancel: no answer: %w", ctx.Err())
	}
	return nil
}

// retryCancel is how long a cancel may have no effect before it is repeated: a
// request that overtakes its statement is forgotten by the server.
const retryCancel = time.Second

// errStuck ends a connection whose statement does not stop.
var errStuck = errors.New("the server did not stop a cancelled statement in time")

// abandon cancels the run and reads what is left of it, so that the session
// stays usable. It takes no longer than Config.CancelTimeout; then the
// connection is given up. The end of ctx does not matter to it.
func (r *run) abandon(ctx context.Context) {
	c := r.c
	c.end()
	if r.finished.Load() {
		return
	}
	deadline := time.Now().Add(c.patient)
	ctx, cancel := context.WithDeadline(context.WithoutCancel(ctx), deadline)
	defer cancel()
	_ = r.Cancel(ctx)
	again := time.Now().Add(retryCancel)
	for n := 0; !r.finished.Load(); n++ {
		if n%4096 == 0 { // a flood of rows lets no deadline pass
			now := time.Now()
			if now.After(deadline) {
				r.lose(errStuck)
				return
			}
			if now.After(again) {
				_ = r.Cancel(ctx)
				again = time.Now().Add(retryCancel)
			}
			_ = c.nc.SetReadDeadline(minTime(deadline, again))
		}
		if _, err := r.step(); err != nil && isTimeout(err) {
			n = -1
		}
	}
	if c.broken == nil {
		_ = c.nc.SetReadDeadline(time.Time{})
	}
}

func minTime(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
