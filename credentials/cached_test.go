package credentials

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// slowSource takes a second and gives credentials of ten minutes.
type slowSource struct {
	mu    sync.Mutex
	calls int
	err   error
}

func (s *slowSource) Retrieve(ctx context.Context) (Credentials, error) {
	s.mu.Lock()
	s.calls++
	err := s.err
	s.mu.Unlock()
	select {
	case <-time.After(time.Second):
	case <-ctx.Done():
		return Credentials{}, ctx.Err()
	}
	return Credentials{User: "u", Password: NewSecret("p"), Expires: time.Now().Add(10 * time.Minute)}, err
}

func (s *slowSource) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls
}

func TestCached(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source := &slowSource{}
		c := NewCached(source)
		var wait sync.WaitGroup
		for range 20 {
			wait.Go(func() {
				if got, err := c.Retrieve(t.Context()); err != nil || got.User != "u" {
					t.Error(got, err)
				}
			})
		}
		// One gives up; the others get their answer.
		short, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if _, err := c.Retrieve(short); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		wait.Wait()
		if n := source.count(); n != 1 {
			t.Errorf("asked %d times", n)
		}
		time.Sleep(7 * time.Minute)
		if _, err := c.Retrieve(t.Context()); err != nil || source.count() != 1 {
			t.Error(err, source.count())
		}
		time.Sleep(90 * time.Second) // less than two minutes are left
		if _, err := c.Retrieve(t.Context()); err != nil || source.count() != 2 {
			t.Error(err, source.count())
		}
		c.Invalidate()
		if _, err := c.Retrieve(t.Context()); err != nil || source.count() != 3 {
			t.Error(err, source.count())
		}
		// A failure is not kept.
		c.Invalidate()
		source.err = errors.New("down")
		if _, err := c.Retrieve(t.Context()); err == nil {
			t.Error("no error")
		}
		source.err = nil
		if _, err := c.Retrieve(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// What was asked for before Invalidate is not kept after it.
func TestCachedInvalidateMeanwhile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source := &slowSource{}
		c := NewCached(source)
		go func() {
			time.Sleep(time.Millisecond)
			c.Invalidate()
		}()
		if _, err := c.Retrieve(t.Context()); err != nil {
			t.Error(err)
		}
		if _, err := c.Retrieve(t.Context()); err != nil || source.count() != 2 {
			t.Error(err, source.count())
		}
	})
}
