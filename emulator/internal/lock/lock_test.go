package lock

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestModes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b Mode
		wait bool
	}{
		{AccessShare, AccessShare, false},
		{AccessShare, RowExclusive, false},
		{RowExclusive, AccessShare, false},
		{RowExclusive, RowExclusive, true},
		{AccessShare, AccessExclusive, true},
		{AccessExclusive, AccessShare, true},
		{AccessExclusive, AccessExclusive, true},
	} {
		synctest.Test(t, func(t *testing.T) {
			var l Table
			take(t, &l, 1, 7, c.a)
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			err := l.Acquire(ctx, 2, 7, c.b)
			if waited := errors.Is(err, context.DeadlineExceeded); waited != c.wait {
				t.Errorf("%v, then %v: %v", c.a, c.b, err)
			}
			l.Release(1)
			l.Release(2)
			if left := l.Snapshot(); len(left) != 0 || len(l.tables) != 0 {
				t.Errorf("left %v", left)
			}
		})
	}
}

func TestWritersQueueInOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var l Table
		take(t, &l, 1, 7, RowExclusive)
		var order []int64
		var wg sync.WaitGroup
		for _, owner := range []int64{2, 3, 4} {
			wg.Go(func() {
				if err := l.Acquire(t.Context(), owner, 7, RowExclusive); err != nil {
					t.Error(err)
				}
				order = append(order, owner) // the lock itself orders this
				l.Release(owner)
			})
			synctest.Wait()
		}
		want := []Held{{7, 1, RowExclusive, true}, {7, 2, RowExclusive, false}, {7, 3, RowExclusive, false}, {7, 4, RowExclusive, false}}
		if got := l.Snapshot(); !slices.Equal(got, want) {
			t.Errorf("got %v", got)
		}
		l.Release(1)
		wg.Wait()
		if !slices.Equal(order, []int64{2, 3, 4}) {
			t.Errorf("order %v", order)
		}
	})
}

func TestReadersDoNotStarveAWriter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var l Table
		take(t, &l, 1, 7, AccessShare)
		var wg sync.WaitGroup
		wg.Go(func() { take(t, &l, 2, 7, AccessExclusive); l.Release(2) })
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := l.Acquire(ctx, 3, 7, AccessShare); err == nil {
			t.Error("a later reader passed the writer that waits")
		}
		l.Release(1)
		wg.Wait()
	})
}

func TestUpgradeGoesFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var l Table
		take(t, &l, 1, 7, AccessShare)
		var wg sync.WaitGroup
		wg.Go(func() { take(t, &l, 2, 7, AccessExclusive); l.Release(2) })
		synctest.Wait()
		take(t, &l, 1, 7, RowExclusive)
		take(t, &l, 1, 7, AccessShare) // weaker: nothing changes
		if got := l.Snapshot()[0]; got != (Held{7, 1, RowExclusive, true}) {
			t.Errorf("got %v", got)
		}
		l.Release(1)
		wg.Wait()
	})
}

func TestDeadlock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var l Table
		take(t, &l, 1, 10, RowExclusive)
		take(t, &l, 2, 20, RowExclusive)
		take(t, &l, 3, 30, RowExclusive)
		var wg sync.WaitGroup
		wg.Go(func() { take(t, &l, 1, 20, RowExclusive); l.Release(1) })
		synctest.Wait()
		wg.Go(func() { take(t, &l, 2, 30, RowExclusive); l.Release(2) })
		synctest.Wait()
		if err := l.Acquire(t.Context(), 3, 10, AccessShare); err != nil {
			t.Errorf("a reader beside a writer: %v", err)
		}
		if err := l.Acquire(t.Context(), 3, 10, AccessExclusive); !errors.Is(err, ErrDeadlock) {
			t.Errorf("closing the circle: %v", err)
		}
		l.Release(3) // the victim rolls back, the others go on
		wg.Wait()
	})
}

// TestNeverTwoWriters has many transactions take random locks; whoever is a
// victim starts over. Writers of one table must never meet.
func TestNeverTwoWriters(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	const tables = 3
	var l Table
	var writers [tables]sync.Mutex
	var wg sync.WaitGroup
	for owner := range int64(8) {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(seed, uint64(owner)))
			for range 300 {
				var mine []int
				for range 1 + r.IntN(3) {
					table, mode := r.IntN(tables), Mode(r.IntN(3))
					err := l.Acquire(t.Context(), owner, int64(table), mode)
					if errors.Is(err, ErrDeadlock) {
						break
					}
					if err != nil {
						t.Error(err)
						break
					}
					if mode > AccessShare && !slices.Contains(mine, table) {
						if !writers[table].TryLock() {
							t.Errorf("two writers of table %d", table)
							return
						}
						mine = append(mine, table)
					}
				}
				for _, table := range mine {
					writers[table].Unlock()
				}
				l.Release(owner)
			}
		})
	}
	wg.Wait()
	if left := l.Snapshot(); len(left) != 0 {
		t.Errorf("left %v", left)
	}
}

func take(t *testing.T, l *Table, owner, table int64, mode Mode) {
	t.Helper()
	if err := l.Acquire(t.Context(), owner, table, mode); err != nil {
		t.Errorf("%d takes %v on %d: %v", owner, mode, table, err)
	}
}
