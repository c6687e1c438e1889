package pgwire

import (
	"context"
	"time"
)

// keep looks after idle connections until ctx ends.
func (t *Transport) keep(ctx context.Context) {
	pause := max(min(t.cfg.IdleTimeout/2, t.cfg.MaxLifetime/2, 30*time.Second), 10*time.Millisecond)
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for {
		t.tend(ctx, time.Now())
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// tend closes what is too old or has been idle for too long, and makes what is
// missing of Config.MinSessions.
func (t *Transport) tend(ctx context.Context, now time.Time) {
	idle := t.pool.AcquireAllIdle()
	total := int(t.pool.Stat().TotalResources())
	for _, res := range idle {
		c := res.Value()
		switch {
		case now.After(c.expires):
			t.goneAge.Add(1)
		case total > t.cfg.MinSessions && now.Sub(c.last) > c.idleFor:
			t.goneIdle.Add(1)
		default:
			res.ReleaseUnused()
			continue
		}
		total--
		res.Destroy()
	}
	for ; total < t.cfg.MinSessions && ctx.Err() == nil; total++ {
		// A failure is counted; the next lease meets its cause and reports it.
		if err := t.pool.CreateResource(ctx); err != nil {
			return
		}
	}
}
