package pgwire

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/llm-dev-ops/redshift/transport"
	"github.com/llm-dev-ops/redshift/transport/transporttest"
)

func TestMinSessionsAreMadeAndKept(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	cfg := s.config()
	cfg.MinSessions = 3
	tr := open(t, cfg)
	waitFor(t, func() bool { return tr.Stats().Idle == 3 })
	// All are idle for longer than is allowed, but none is above the minimum.
	tr.tend(t.Context(), time.Now().Add(tr.cfg.IdleTimeout*6/5+time.Second))
	if st := tr.Stats(); st.Idle != 3 || st.ClosedIdle != 0 {
		t.Errorf("stats %+v", st)
	}
	// All are too old: they are replaced.
	tr.tend(t.Context(), time.Now().Add(3*tr.cfg.MaxLifetime))
	waitFor(t, func() bool { st := tr.Stats(); return st.Idle == 3 && st.Closed == 3 })
	if st := tr.Stats(); st.ClosedAge != 3 || st.Created != 6 {
		t.Errorf("stats %+v", st)
	}
}

func TestIdleAndOldSessionsAreClosed(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	tr := open(t, s.config())
	a, b := lease(t, tr), lease(t, tr)
	for _, ses := range []*session{a, b} {
		must(t, ses, transporttest.SelectOne)
		if err := ses.Close(t.Context(), transport.Keep); err != nil {
			t.Fatal(err)
		}
	}
	if st := tr.Stats(); st.Idle != 2 || st.InUse != 0 || st.Open != 2 || st.Max != 10 {
		t.Errorf("stats %+v", st)
	}
	tr.tend(t.Context(), time.Now().Add(tr.cfg.IdleTimeout*6/5+time.Second))
	waitFor(t, func() bool { return tr.Stats().Closed == 2 })
	if st := tr.Stats(); st.ClosedIdle != 2 || st.Open != 0 {
		t.Errorf("stats %+v", st)
	}
	// One that is too old is not leased either.
	c := lease(t, tr)
	c.c.expires = time.Now().Add(-time.Second)
	if err := c.Close(t.Context(), transport.Keep); err != nil {
		t.Fatal(err)
	}
	must(t, lease(t, tr), transporttest.SelectOne)
	if st := tr.Stats(); st.ClosedAge != 1 || st.Created != 4 {
		t.Errorf("stats %+v", st)
	}
}

func TestLongIdleSessionsArePinged(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	cfg := s.config()
	cfg.PingAfter = time.Nanosecond
	tr := open(t, cfg)
	for range 3 {
		ses := lease(t, tr)
		must(t, ses, transporttest.SelectOne)
		if err := ses.Close(t.Context(), transport.Keep); err != nil {
			t.Fatal(err)
		}
	}
	if st := tr.Stats(); st.Created != 1 {
		t.Errorf("stats %+v", st)
	}
}

func TestWaitingForASession(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	cfg := s.config()
	cfg.MaxSessions = 1
	tr := open(t, cfg)
	ses := lease(t, tr)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := tr.Open(ctx, transport.OpenOptions{}); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "all 1 sessions are in use") {
		t.Errorf("got %v", err)
	}
	got := make(chan error, 1)
	go func() {
		next, err := tr.Open(t.Context(), transport.OpenOptions{})
		if err == nil {
			err = next.Close(t.Context(), transport.Keep)
		}
		got <- err
	}()
	waitFor(t, func() bool { return tr.Stats().Waiting == 1 })
	if err := ses.Close(t.Context(), transport.Keep); err != nil {
		t.Error(err)
	}
	if err := <-got; err != nil {
		t.Error(err)
	}
	if st := tr.Stats(); st.Waits == 0 || st.WaitTime == 0 {
		t.Errorf("stats %+v", st)
	}
}

// Close by force cancels what runs, and whoever waits for it learns of it.
func TestCloseByForce(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	tr := open(t, s.config())
	ses, idle := lease(t, tr), lease(t, tr)
	run, err := ses.Start(t.Context(), transport.Statement{SQL: slowStatement})
	if err != nil {
		t.Fatal(err)
	}
	waited := make(chan error, 1)
	go func() { waited <- run.Wait(t.Context()) }()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := tr.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	if err := <-waited; err == nil {
		t.Error("the statement has succeeded")
	}
	if _, err := idle.Start(t.Context(), transport.Statement{SQL: "x"}); !errors.Is(err, transport.ErrClosed) {
		t.Errorf("got %v", err)
	}
	if s.cancelCount() != 1 {
		t.Errorf("%d cancels", s.cancelCount())
	}
	if st := tr.Stats(); st.Open != 0 || st.InUse != 0 || st.Closed != 2 {
		t.Errorf("stats %+v", st)
	}
}

func TestCloseEndsWaiting(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	cfg := s.config()
	cfg.MaxSessions = 1
	tr := open(t, cfg)
	ses := lease(t, tr)
	got := make(chan error, 1)
	go func() {
		_, err := tr.Open(t.Context(), transport.OpenOptions{})
		got <- err
	}()
	waitFor(t, func() bool { return tr.Stats().Waiting == 1 })
	closed := make(chan error, 1)
	go func() { closed <- tr.Close(t.Context()) }()
	waitFor(t, func() bool { tr.mu.Lock(); defer tr.mu.Unlock(); return tr.closed })
	if err := ses.Close(t.Context(), transport.Keep); err != nil {
		t.Error(err)
	}
	if err := <-closed; err != nil {
		t.Error(err)
	}
	if err := <-got; !errors.Is(err, transport.ErrClosed) {
		t.Errorf("got %v", err)
	}
}

// Many goroutines share few connections; some give up, some close early.
func TestManyUsers(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	cfg := s.config()
	cfg.MaxSessions = 4
	tr := open(t, cfg)
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			for j := range 20 {
				ses, err := tr.Open(t.Context(), transport.OpenOptions{})
				if err != nil {
					t.Error(err)
					return
				}
				run, err := ses.Start(t.Context(), transport.Statement{SQL: generate(2000)})
				if err != nil {
					t.Error(err)
				} else if res, err := run.Result(t.Context()); err != nil {
					t.Error(err)
				} else {
					n := 0
					for res.Next() {
						if n++; n == 1+(i+j)%3*1000 && (i+j)%3 < 2 {
							break
						}
					}
					if err := res.Close(); err != nil {
						t.Error(err)
					}
				}
				if err := ses.Close(t.Context(), transport.Reuse((i+j)%7 != 0)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if st := tr.Stats(); st.InUse != 0 || st.Leases != 320 || st.Open > 4 {
		t.Errorf("stats %+v", st)
	}
}
