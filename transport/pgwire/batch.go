package pgwire

import (
	"context"

	"github.com/llm-dev-ops/redshift/transport"
)

// ahead is how many bytes of a batch may be written and unanswered. A server
// that cannot write its answers stops reading, and both would wait for ever if
// the requests did not fit the buffers between them.
const ahead = 32 << 10

// batch is several statements in one stream, each with a Sync of its own: each
// is a transaction of its own unless one is open, and a failure is of its
// statement alone.
type batch struct {
	s      *session
	ctx    context.Context // of Batch; it bounds Close, which has none
	rest   []transport.Statement
	queue  []*run // written, in order
	sizes  []int
	flying int // the sum of sizes
	set    settings
	moved  bool // a statement before has changed the settings
	cur    *result
	err    error
	closed bool
}

var _ transport.Batch = (*batch)(nil)

// Batch implements transport.Session. The statements are written as far ahead
// as the connection's buffers surely hold, and all run, whatever is read of
// their results and whichever of them fails.
func (s *session) Batch(ctx context.Context, stmts []transport.Statement) (transport.Batch, error) {
	if err := s.usable(ctx); err != nil {
		return nil, err
	}
	for _, stmt := range stmts {
		if err := check(stmt.SQL, len(stmt.Params), len(stmt.Formats)); err != nil {
			return nil, err
		}
		if p, ok := stmt.Prepared.(*prepared); ok && (p.closed || p.s != s) {
			return nil, transport.ErrClosed
		}
	}
	b := &batch{s: s, ctx: ctx, rest: stmts, set: s.c.set}
	if len(stmts) == 0 {
		return b, nil
	}
	s.batch = b
	s.running.Store(true)
	if err := b.fill(ctx); err != nil {
		return nil, err
	}
	return b, nil
}

// fill writes what may be written.
func (b *batch) fill(ctx context.Context) error {
	c := b.s.c
	var fresh []*run
	for len(b.rest) > 0 && (b.flying < ahead || len(b.queue) == 0) {
		stmt := b.rest[0]
		size := requestSize(stmt)
		if len(b.queue) > 0 && b.flying+size > ahead {
			break
		}
		r := b.s.newRun(stmt.SQL)
		r.partOf = b
		r.want = c.wanted(&b.s.t.cfg, stmt.QueryGroup, stmt.Timeout)
		// What a ROLLBACK among the statements undoes is not foreseen: after
		// the first change every statement says all that it wants.
		r.leads, r.set = c.lead(b.set, r.want, b.moved)
		b.moved = b.moved || r.set
		if p, ok := stmt.Prepared.(*prepared); ok {
			b.s.sendPrepared(r, p.n, stmt.Params)
		} else {
			c.sendStatement("", stmt.SQL, stmt.Params, stmt.Formats, portal{})
		}
		b.rest = b.rest[1:]
		b.queue, b.sizes = append(b.queue, r), append(b.sizes, size)
		b.flying += size
		fresh = append(fresh, r)
	}
	if len(fresh) == 0 {
		return nil
	}
	n, err := c.flushFor(ctx)
	for _, r := range fresh {
		r.sent = err == nil || n > 0
	}
	if err != nil {
		b.err = b.queue[0].lose(err)
		b.end()
	}
	return b.err
}

// requestSize is about how long a statement's messages are.
func requestSize(stmt transport.Statement) int {
	n := len(stmt.SQL) + 2*len(stmt.QueryGroup) + 300
	for _, p := range stmt.Params {
		n += len(p.Value) + 10
	}
	return n
}

// Next implements transport.Batch.
func (b *batch) Next(ctx context.Context) bool {
	if b.closed || b.err != nil {
		return false
	}
	if !b.pass() {
		return false
	}
	if len(b.queue) == 0 {
		b.end()
		return false
	}
	r := b.queue[0]
	b.s.active = r
	err := r.wait(ctx)
	switch {
	case !r.finished.Load() && err != nil: // ctx has ended
		b.err = err
		b.s.c.end()
		return false
	case b.s.c.broken != nil:
		b.err = r.err
		b.end()
		return false
	}
	if !r.finished.Load() && b.s.c.watch.stop == nil {
		b.s.c.begin(ctx)
	}
	b.cur = &result{r: r, ctx: ctx}
	if r.finished.Load() && r.err != nil {
		b.cur.err = r.err
	}
	return true
}

// pass ends the current result and writes more.
func (b *batch) pass() bool {
	if b.cur == nil {
		return true
	}
	_ = b.cur.Close()
	b.shift()
	if b.s.c.broken != nil {
		b.err = b.cur.r.err
		b.end()
	}
	b.cur = nil
	return b.err == nil && b.fill(b.ctx) == nil
}

func (b *batch) shift() {
	b.flying -= b.sizes[0]
	b.queue, b.sizes = b.queue[1:], b.sizes[1:]
}

// end frees the session.
func (b *batch) end() {
	if b.s.batch == b {
		b.s.batch, b.s.active = nil, nil
		b.s.running.Store(false)
	}
}

// Result implements transport.Batch.
func (b *batch) Result() transport.Result { return b.cur }

// Err implements transport.Batch.
func (b *batch) Err() error { return b.err }

// Close implements transport.Batch. It reads what is left until Batch's
// context ends, and cancels it then.
func (b *batch) Close() error {
	if b.closed {
		return b.err
	}
	if b.s.over.Load() {
		b.closed = true
		return b.err
	}
	if b.err != nil && b.s.batch == b && len(b.queue) > 0 {
		b.err = nil // a wait that gave up: the statements go on
		if b.cur == nil {
			b.cur = &result{r: b.queue[0], ctx: b.ctx}
		}
	}
	for b.Next(b.ctx) { // Next closes what it passes
	}
	err := b.err
	for len(b.queue) > 0 && b.s.c.broken == nil { // Batch's context has ended
		b.s.active = b.queue[0]
		b.queue[0].abandon(b.ctx)
		b.shift()
	}
	b.closed = true
	b.end()
	return err
}
