package pgwire

import (
	"context"
	"time"

	"github.com/llm-dev-ops/redshift/transport"
)

// Closing early first reads on, so much and so long: the end is often near,
// and a cancel costs a connection.
const (
	drainBytes = 1 << 20
	drainTime  = 5 * time.Millisecond
)

// result streams the rows of a run.
type result struct {
	r      *run
	ctx    context.Context // bounds the reading, by the seam's contract
	err    error
	closed bool
}

var _ transport.Result = (*result)(nil)

// Columns implements transport.Result.
func (q *result) Columns() []transport.Column { return q.r.cols }

// Next implements transport.Result. It allocates nothing for a row.
func (q *result) Next() bool {
	r := q.r
	if q.closed || q.err != nil {
		return false
	}
	for {
		if r.finished.Load() {
			if !r.row {
				q.err = r.err
				return false
			}
			if q.err = q.ctx.Err(); q.err != nil {
				return false
			}
		} else if r.c.watch.fired.Load() || q.ctx.Err() != nil {
			// The watch wakes a read that waits. It may come late, when many rows
			// lie in the buffer, so that every row asks: below 2 % of its time.
			return q.interrupt()
		}
		if r.row {
			r.row = false
			return true
		}
		ev, err := r.step()
		switch {
		case ev == gotRow:
			return true
		case ev == gotEnd:
			q.err = r.err
			return false
		case r.c.watch.fired.Load():
			return q.interrupt()
		case err != nil:
			r.again(q.ctx)
		}
	}
}

// interrupt ends the rows because their context has ended.
func (q *result) interrupt() bool {
	q.err = q.ctx.Err()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(q.ctx), q.r.c.patient)
	defer cancel()
	_ = q.r.Cancel(ctx)
	return false
}

// Raw implements transport.Result.
func (q *result) Raw() [][]byte { return q.r.values }

// Format implements transport.Result.
func (q *result) Format(col int) transport.Format { return q.r.cols[col].Format }

// Tag implements transport.Result.
func (q *result) Tag() string { return q.r.tag }

// Notices implements transport.Result.
func (q *result) Notices() []transport.Notice { return q.r.notices }

// Err implements transport.Result.
func (q *result) Err() error { return q.err }

// Close implements transport.Result. Rows that are left are read if they are
// few, and cancelled if they are many. In a transaction, which a cancel would
// fail, and in a batch all are read, until the result's context ends.
func (q *result) Close() error {
	if q.closed {
		return q.err
	}
	q.closed = true
	r := q.r
	r.row = false
	if r.finished.Load() {
		if q.err == nil {
			q.err = r.err
		}
		return q.err
	}
	if r.stale() {
		q.err = transport.ErrClosed
		return q.err
	}
	r.closing = true
	interrupted := q.err != nil
	if !interrupted {
		if r.inTx || r.partOf != nil {
			interrupted = q.readOn()
		} else {
			r.c.end()
			q.readALittle()
		}
	}
	r.abandon(q.ctx)
	q.settle(interrupted)
	return q.err
}

// readOn reads to the end, or until the context ends, which it reports.
func (q *result) readOn() (interrupted bool) {
	r := q.r
	if r.c.watch.stop == nil {
		r.c.begin(q.ctx)
	}
	for !r.finished.Load() {
		_, err := r.step()
		if r.finished.Load() {
			break
		}
		if r.c.watch.fired.Load() {
			q.err = q.ctx.Err()
			return true
		}
		if err != nil {
			r.again(q.ctx)
		}
	}
	return false
}

// readALittle reads what may be left of a small result.
func (q *result) readALittle() {
	r := q.r
	_ = r.c.nc.SetReadDeadline(time.Now().Add(drainTime))
	for n := 0; n < drainBytes && !r.finished.Load(); {
		ev, err := r.step()
		if err != nil {
			break
		}
		if ev == gotRow {
			n += 7 + 4*len(r.values) // the message around the values
			for _, v := range r.values {
				n += len(v)
			}
		}
	}
	r.c.readUntil(time.Time{})
}

// settle says with what the closing has ended: a failure, but not the
// cancelling that it has caused itself.
func (q *result) settle(interrupted bool) {
	err := q.r.err
	if interrupted || err == nil || q.r.asked.Load() && hasState(err, cancelled) {
		return
	}
	q.err = err
}
