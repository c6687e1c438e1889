package credentials

import (
	"context"
	"sync"
	"time"
)

// Cached keeps what a Provider gives until shortly before it expires, and asks
// once for all who wait. It is an Invalidator, and safe for concurrent use.
type Cached struct {
	source Provider
	early  time.Duration
	limit  time.Duration

	mu      sync.Mutex
	have    Credentials
	ok      bool
	pending *fetch
	epoch   int // counts Invalidate, so that an older answer is not kept
}

// fetch is one call of the source under way.
type fetch struct {
	done  chan struct{}
	got   Credentials
	err   error
	epoch int
}

// The defaults of NewCached: how long before their end credentials are renewed,
// and how long the source may take.
const (
	renewEarly = 2 * time.Minute
	fetchLimit = 30 * time.Second
)

// NewCached caches source. Credentials without an end are kept until
// Invalidate. The source is asked under a deadline of its own, 30 seconds, and
// not under a waiter's: who gives up does not spoil it for the others.
func NewCached(source Provider) *Cached {
	return &Cached{source: source, early: renewEarly, limit: fetchLimit}
}

// Retrieve implements Provider.
func (c *Cached) Retrieve(ctx context.Context) (Credentials, error) {
	c.mu.Lock()
	if c.ok && (c.have.Expires.IsZero() || time.Until(c.have.Expires) > c.early) {
		got := c.have
		c.mu.Unlock()
		return got, nil
	}
	f := c.pending
	if f == nil || f.epoch != c.epoch {
		f = &fetch{done: make(chan struct{}), epoch: c.epoch}
		c.pending = f
		go c.run(context.WithoutCancel(ctx), f)
	}
	c.mu.Unlock()
	select {
	case <-f.done:
		return f.got, f.err
	case <-ctx.Done():
		return Credentials{}, ctx.Err()
	}
}

func (c *Cached) run(ctx context.Context, f *fetch) {
	ctx, cancel := context.WithTimeout(ctx, c.limit)
	defer cancel()
	f.got, f.err = c.source.Retrieve(ctx)
	c.mu.Lock()
	if c.pending == f {
		c.pending = nil
	}
	if f.err == nil && f.epoch == c.epoch {
		c.have, c.ok = f.got, true
	}
	c.mu.Unlock()
	close(f.done)
}

// Invalidate implements Invalidator.
func (c *Cached) Invalidate() {
	c.mu.Lock()
	c.ok, c.have = false, Credentials{}
	c.epoch++
	c.mu.Unlock()
	if i, ok := c.source.(Invalidator); ok {
		i.Invalidate()
	}
}
