package redshift

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/llm-dev-ops/redshift/transport"
)

// PoolStats is a snapshot of a client's sessions.
type PoolStats = transport.Stats

// Notice is a message that came with a result.
type Notice = transport.Notice

// Client runs statements on a pool of sessions. It is safe for concurrent use.
// After Close every statement fails.
type Client struct {
	t     transport.Transport
	cfg   Config
	slots chan struct{} // the workload's concurrency limit; nil for none
}

// New makes a Client on a transport, which it owns and closes. Host, Port,
// Database, Credentials, TLS and the pool's fields of cfg are not used: they
// are the transport's affair. It does no I/O.
func New(t transport.Transport, cfg Config) (*Client, error) {
	if t == nil {
		return nil, usage("the transport is nil")
	}
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	c := &Client{t: t, cfg: cfg.withDefaults()}
	if n := c.cfg.WorkloadConcurrencyLimit; n > 0 {
		c.slots = make(chan struct{}, n)
	}
	return c, nil
}

// Close refuses new work, lets running work finish until ctx ends, then cancels
// it, and closes all sessions. It is idempotent.
func (c *Client) Close(ctx context.Context) error { return wrap(c.t.Close(ctx)) }

// PoolStats is a snapshot of the pool. It does no I/O, and is legal after Close.
func (c *Client) PoolStats() PoolStats { return c.t.Stats() }

// closing bounds what must be done whatever became of the caller's context.
const closing = 5 * time.Second

func closingContext(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), closing)
}

// lateContext is a closing context whose timer is made when somebody waits for it: most
// sessions are given back without a word to the server, and a timer that is the next of
// the program to end wakes a thread. cancel ends it.
type lateContext struct {
	context.Context // that has no end
	until           time.Time
	once            sync.Once
	made            context.Context
	stop            context.CancelFunc
}

func newLateContext() *lateContext {
	return &lateContext{Context: context.Background(), until: time.Now().Add(closing)}
}

func (c *lateContext) make() context.Context {
	c.once.Do(func() { c.made, c.stop = context.WithDeadline(c.Context, c.until) })
	return c.made
}

// Deadline implements context.Context.
func (c *lateContext) Deadline() (time.Time, bool) { return c.until, true }

// Done implements context.Context.
func (c *lateContext) Done() <-chan struct{} { return c.make().Done() }

// Err implements context.Context.
func (c *lateContext) Err() error { return c.make().Err() }

func (c *lateContext) cancel() {
	c.once.Do(func() { c.made, c.stop = ended, func() {} })
	c.stop()
}

// ended is a context that has ended.
var ended = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()

// lease is a session in use. release ends it, once.
type lease struct {
	s       transport.Session
	release func(transport.Reuse)
}

// lease takes a session from the pool.
func (c *Client) lease(ctx context.Context, pinned bool) (lease, error) {
	if c.slots != nil {
		select {
		case c.slots <- struct{}{}:
		case <-ctx.Done():
			return lease{}, context.Cause(ctx)
		}
	}
	s, err := c.t.Open(ctx, transport.OpenOptions{Pinned: pinned})
	if err != nil {
		c.free()
		return lease{}, err
	}
	var once sync.Once
	return lease{s, func(r transport.Reuse) {
		once.Do(func() {
			ctx := newLateContext()
			defer ctx.cancel()
			_ = s.Close(ctx, r)
			c.free()
		})
	}}, nil
}

func (c *Client) free() {
	if c.slots != nil {
		<-c.slots
	}
}

// unsent reports a dead session on which nothing was sent: worth another one.
func unsent(err error) bool {
	var lost *transport.LostError
	return errors.As(err, &lost) && !lost.Sent
}
