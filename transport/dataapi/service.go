package dataapi

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/redshiftdata"

	"github.com/llm-dev-ops/redshift/transport"
)

// service is the transport.
type service struct {
	cfg    Config
	api    *redshiftdata.Client
	quotas *quotas
	crowd  *crowd
	free   chan struct{} // one token per session that may be leased
	stop   chan struct{} // closed when no more leases are given

	longPolls atomic.Int64 // under way
	pollUntil atomic.Int64 // no long polls before that time, in Unix nanoseconds

	mu      sync.Mutex
	stopped bool
	leased  map[*session]struct{}
	drained chan struct{} // closed when stopped and nothing is leased
	idle    []serverSession
	opened  int64 // names sessions
	oneTx   bool  // BatchExecuteStatement has not heeded its ExecutionMode
	stats   transport.Stats
}

func newService(cfg Config, api *redshiftdata.Client) *service {
	s := &service{
		cfg: cfg, api: api, quotas: quotasOf(account{cfg.Account, cfg.Region, cfg.Endpoint}, cfg.Rates), crowd: crowdOf(cfg),
		free: make(chan struct{}, cfg.MaxSessions), stop: make(chan struct{}),
		leased: map[*session]struct{}{}, drained: make(chan struct{}),
	}
	for range cfg.MaxSessions {
		s.free <- struct{}{}
	}
	return s
}

// name is the transport's, for errors.
const name = "data-api"

// Caps implements transport.Transport. Rows come when the statement has
// finished, so there is no Stream; there are no statements on the server, so that
// Prepare asks it nothing and there is no Describe.
func (s *service) Caps() transport.Caps {
	return transport.Caps{
		Name:    name,
		Session: true, Transactions: true,
		Prepare: true, Batch: true, BatchTx: true,
		Cancel: true, QueryID: true, Attach: true, Status: true, Token: true, Keep: true, Find: true,
		MaxParams:    maxParams,
		MaxStatement: maxStatement,
	}
}

func unsupported(capability, hint string) error {
	return &transport.UnsupportedError{Transport: name, Capability: capability, Hint: hint}
}

// Open implements transport.Transport. No call is made: the service makes the
// database session with the first statement.
func (s *service) Open(ctx context.Context, opts transport.OpenOptions) (transport.Session, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	select {
	case <-s.stop:
		return nil, transport.ErrClosed
	default:
	}
	select {
	case <-s.free:
	default:
		if err := s.waitFree(ctx); err != nil {
			return nil, err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		s.free <- struct{}{}
		return nil, transport.ErrClosed
	}
	s.opened++
	s.stats.Leases++
	x := &session{s: s, pinned: opts.Pinned, name: name + "-" + strconv.FormatInt(s.opened, 10), began: time.Now()}
	s.leased[x] = struct{}{}
	return x, nil
}

func (s *service) waitFree(ctx context.Context) error {
	began := time.Now()
	s.mu.Lock()
	s.stats.Waiting++
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		s.stats.Waiting--
		s.stats.Waits++
		s.stats.WaitTime += time.Since(began)
		s.mu.Unlock()
	}()
	select {
	case <-s.free:
		return nil
	case <-s.stop:
		return transport.ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}

// release ends the lease of x; lost says that its server session is left to
// expire.
func (s *service) release(x *session, lost bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.leased[x]; !ok {
		return
	}
	delete(s.leased, x)
	if lost {
		s.stats.Closed++
	}
	s.free <- struct{}{}
	if s.stopped && len(s.leased) == 0 {
		close(s.drained)
	}
}

// Attach implements transport.Transport. The service keeps statements and
// results for 24 hours; a sub-statement of a batch has an id of its own.
func (s *service) Attach(ctx context.Context, id string) (transport.Run, error) {
	select {
	case <-s.stop:
		return nil, transport.ErrClosed
	default:
	}
	r := &run{s: s, id: id, keep: true}
	if _, err := r.describe(ctx, false); err != nil {
		switch code(err) {
		case "ResourceNotFoundException", "ValidationException":
			return nil, fmt.Errorf("no statement %q: the Data API keeps a statement for 24 hours: %w", id, err)
		}
		return nil, err
	}
	return r, nil
}

// Stats implements transport.Transport. Max bounds the leases; a session of the
// service's exists only for those that need one, and Created counts those.
func (s *service) Stats() transport.Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.stats
	st.Max, st.InUse, st.Idle = s.cfg.MaxSessions, len(s.leased), len(s.idle)
	st.Open = st.InUse + st.Idle
	return st
}

// Close implements transport.Transport. Its error is ctx's if sessions had to
// be closed by force.
func (s *service) Close(ctx context.Context) error {
	s.mu.Lock()
	if !s.stopped {
		s.stopped = true
		close(s.stop)
		s.stats.Closed += int64(len(s.idle))
		s.idle = nil // they expire
		if len(s.leased) == 0 {
			close(s.drained)
		}
	}
	s.mu.Unlock()
	select {
	case <-s.drained:
		return nil
	default:
	}
	select {
	case <-s.drained:
		return nil
	case <-ctx.Done():
	}
	s.mu.Lock()
	rest := make([]*session, 0, len(s.leased))
	for x := range s.leased {
		rest = append(rest, x)
	}
	s.mu.Unlock()
	var wg sync.WaitGroup
	errs := make([]error, len(rest))
	for i, x := range rest {
		wg.Go(func() { errs[i] = x.Close(ctx, transport.Discard) })
	}
	wg.Wait()
	return errors.Join(append(errs, ctx.Err())...)
}

// after is a context for what must still be done when ctx has ended.
func (s *service) after(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), s.cfg.CancelTime)
}
