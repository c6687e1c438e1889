package pgwire

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/puddle/v2"

	"github.com/llm-dev-ops/redshift/transport"
)

// Transport is a pool of connections to one server.
type Transport struct {
	cfg    Config
	tls    *tls.Config // nil for plaintext
	dialer *net.Dialer
	pool   *puddle.Pool[*conn]
	// pause is firstPause; tests have another.
	pause time.Duration

	mu     sync.Mutex
	leased map[*session]struct{}
	closed bool // no new leases

	stop    context.CancelFunc // ends the keeper
	kept    chan struct{}      // closed when the keeper has ended
	drained chan struct{}      // closed when all connections are

	number                                         atomic.Int64
	waiting                                        atomic.Int64
	leases                                         atomic.Int64
	created, gone, goneIdle, goneAge, failedLogins atomic.Int64
}

var _ transport.Transport = (*Transport)(nil)

// Open makes a transport. With Config.MinSessions it makes so many connections
// within ctx, and fails with a *transport.ConnectError if one of them cannot be had.
func Open(ctx context.Context, cfg Config) (*Transport, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	t := &Transport{cfg: cfg.withDefaults(), pause: firstPause, leased: map[*session]struct{}{}, kept: make(chan struct{}), drained: make(chan struct{})}
	var err error
	if t.tls, err = tlsConfig(t.cfg.TLS); err != nil {
		return nil, err
	}
	t.dialer = t.cfg.dialer()
	t.pool, err = puddle.NewPool(&puddle.Config[*conn]{
		Constructor: t.connect,
		Destructor:  func(c *conn) { t.gone.Add(1); c.close() },
		MaxSize:     int32(t.cfg.MaxSessions),
	})
	if err != nil {
		return nil, err
	}
	if err := t.warmUp(ctx); err != nil {
		t.pool.Close()
		return nil, err
	}
	var keeper context.Context
	keeper, t.stop = context.WithCancel(context.WithoutCancel(ctx))
	go func() {
		defer close(t.kept)
		t.keep(keeper)
	}()
	return t, nil
}

// warmUp makes the first connections: one, of which it is seen whether address and
// login are right, and then the others at once.
func (t *Transport) warmUp(ctx context.Context) error {
	if t.cfg.MinSessions == 0 {
		return nil
	}
	if err := t.pool.CreateResource(ctx); err != nil {
		return err
	}
	errs := make([]error, t.cfg.MinSessions-1)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() { errs[i] = t.pool.CreateResource(ctx) })
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// Open implements transport.Transport. A connection that has died while it was
// idle is replaced.
func (t *Transport) Open(ctx context.Context, _ transport.OpenOptions) (transport.Session, error) {
	for {
		t.waiting.Add(1)
		res, err := t.pool.Acquire(ctx)
		t.waiting.Add(-1)
		if err != nil {
			return nil, t.acquireError(ctx, err)
		}
		c := res.Value()
		if c.leased {
			if time.Now().After(c.expires) {
				t.goneAge.Add(1)
				res.Destroy()
				continue
			}
			if !c.alive(ctx, t.cfg.PingAfter) {
				res.Destroy()
				continue
			}
		}
		c.leased = true
		c.group, c.ownTimeout = t.cfg.QueryGroup, false
		s := &session{t: t, res: res, c: c}
		t.mu.Lock()
		if t.closed {
			t.mu.Unlock()
			res.Destroy()
			return nil, transport.ErrClosed
		}
		t.leased[s] = struct{}{}
		t.mu.Unlock()
		t.leases.Add(1)
		return s, nil
	}
}

func (t *Transport) acquireError(ctx context.Context, err error) error {
	t.mu.Lock()
	closed := t.closed
	t.mu.Unlock()
	switch {
	case errors.Is(err, puddle.ErrClosedPool), closed && errors.Is(err, context.Canceled) && ctx.Err() == nil:
		return transport.ErrClosed
	case ctx.Err() != nil && t.pool.Stat().AcquiredResources() >= int32(t.cfg.MaxSessions):
		return fmt.Errorf("all %d sessions are in use: %w", t.cfg.MaxSessions, ctx.Err())
	}
	return err
}

// release ends a lease.
func (t *Transport) release(s *session, keep bool) {
	t.mu.Lock()
	delete(t.leased, s)
	t.mu.Unlock()
	s.running.Store(false)
	if keep {
		s.res.Release()
	} else {
		s.res.Destroy()
	}
}

// Attach implements transport.Transport. A statement of the wire dies with its
// session.
func (t *Transport) Attach(context.Context, string) (transport.Run, error) {
	return nil, &transport.UnsupportedError{Transport: caps.Name, Capability: "Attach", Hint: "use the Data API for statements that outlive the process"}
}

// Caps implements transport.Transport.
func (t *Transport) Caps() transport.Caps { return caps }

// Stats implements transport.Transport.
func (t *Transport) Stats() transport.Stats {
	p := t.pool.Stat()
	t.mu.Lock()
	inUse := len(t.leased)
	t.mu.Unlock()
	idle := int(p.IdleResources())
	return transport.Stats{
		Max: int(p.MaxResources()), Open: inUse + idle, Idle: idle, InUse: inUse,
		Opening: int(p.ConstructingResources()), Waiting: int(t.waiting.Load()),
		Leases: t.leases.Load(), Waits: p.EmptyAcquireCount(), WaitTime: p.EmptyAcquireWaitTime(),
		Created: t.created.Load(), Closed: t.gone.Load(), ClosedIdle: t.goneIdle.Load(), ClosedAge: t.goneAge.Load(),
		Failed: t.failedLogins.Load(),
	}
}

// Close implements transport.Transport.
func (t *Transport) Close(ctx context.Context) error {
	t.mu.Lock()
	first := !t.closed
	t.closed = true
	t.mu.Unlock()
	if first {
		t.stop()
		go func() {
			defer close(t.drained)
			<-t.kept
			t.pool.Close() // waits for the leased ones
		}()
	}
	select {
	case <-t.drained:
		return nil
	default:
	}
	select {
	case <-t.drained:
		return nil
	case <-ctx.Done():
	}
	t.force()
	patience := time.NewTimer(t.cfg.CancelTimeout)
	defer patience.Stop()
	select {
	case <-t.drained:
	case <-patience.C:
	}
	return ctx.Err()
}

// force takes the leased connections away: what runs is cancelled, everything
// is closed.
func (t *Transport) force() {
	t.mu.Lock()
	var taken []*session
	for s := range t.leased {
		if s.over.CompareAndSwap(false, true) {
			taken = append(taken, s)
		}
	}
	t.mu.Unlock()
	var wg sync.WaitGroup
	for _, s := range taken {
		wg.Go(func() {
			if s.running.Load() {
				_ = s.c.requestCancel(context.Background())
			}
			_ = s.c.nc.Close()
			t.release(s, false)
		})
	}
	wg.Wait()
}
