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
			cctx, cancel := closingContext(context.Background())
			defer cancel()
			_ = s.Close(cctx, r)
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
