package dataapi

import (
	"context"
	"sync"
	"time"
)

// crowd bounds the statements that the process has under way in a cluster, of which
// the service takes 500. A statement is in it until it is known to have ended; who
// finds no place asks about the oldest, as it may be that nobody else does.
type crowd struct {
	places chan struct{} // nil for no bound
	asking sync.Mutex    // one at a time asks for the others
	mu     sync.Mutex
	under  []*run // in the order of their submission
}

// crowdOf gives the crowd of a cluster or workgroup, whose bound is the first's.
func crowdOf(cfg Config) *crowd {
	if cfg.MaxActive < 0 {
		return &crowd{}
	}
	key := cluster{account{cfg.Account, cfg.Region, cfg.Endpoint}, cfg.Cluster, cfg.Workgroup}
	shared.Lock()
	defer shared.Unlock()
	if shared.crowds[key] == nil {
		shared.crowds[key] = &crowd{places: make(chan struct{}, cfg.MaxActive)}
	}
	return shared.crowds[key]
}

// enter waits for a place.
func (c *crowd) enter(ctx context.Context, s *service) error {
	if c.places == nil {
		return ctx.Err()
	}
	for delay := s.cfg.PollMin; ; delay = min(delay*3/2, s.cfg.PollMax) {
		select {
		case c.places <- struct{}{}:
			return nil
		default:
		}
		if c.asking.TryLock() {
			gone := c.ask(ctx)
			c.asking.Unlock()
			if gone {
				continue
			}
		}
		timer := time.NewTimer(jittered(delay))
		select {
		case c.places <- struct{}{}:
			timer.Stop()
			return nil
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
	}
}

// ask asks about the oldest statement and reports whether it has left.
func (c *crowd) ask(ctx context.Context) bool {
	c.mu.Lock()
	if len(c.under) == 0 {
		c.mu.Unlock()
		return false
	}
	r := c.under[0]
	c.under = append(c.under[1:], r) // another one next time
	c.mu.Unlock()
	_, err := r.describe(ctx, false)
	if code(err) == "ResourceNotFoundException" {
		c.leave(r) // forgotten
		return true
	}
	return r.over()
}

// add notes whose place it is.
func (c *crowd) add(r *run) {
	if c.places == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.under = append(c.under, r)
}

// giveUp frees the place of a statement that was not accepted.
func (c *crowd) giveUp() {
	if c.places != nil {
		<-c.places
	}
}

// leave frees the place of r, once.
func (c *crowd) leave(r *run) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, other := range c.under {
		if other == r {
			c.under = append(c.under[:i], c.under[i+1:]...)
			<-c.places
			return
		}
	}
}
