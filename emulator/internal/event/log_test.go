package event

import (
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func clock() func() time.Time {
	var mu sync.Mutex
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	return func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		at = at.Add(time.Millisecond)
		return at
	}
}

func TestStatementLife(t *testing.T) {
	t.Parallel()
	l := New(Config{Now: clock()})
	id, h := l.Begin(Statement{Text: "select 1", Family: Query})
	if id != firstID {
		t.Errorf("the first statement is %d, want %d", id, firstID)
	}
	before := slices.Collect(l.Statements())
	h.Change(func(s *Statement) { s.Status = Running })
	l.End(h, Success, func(s *Statement) { s.Rows = 1 })
	l.End(h, Failed, func(s *Statement) { s.Rows = 99 })

	if before[0].Status != Planning || !before[0].End.IsZero() {
		t.Errorf("what a reader holds has changed: %+v", before[0])
	}
	got := slices.Collect(l.Statements())[0]
	if got.ID != id || got.Status != Success || got.Rows != 1 || got.Elapsed(time.Time{}) != time.Millisecond {
		t.Errorf("got %+v", got)
	}
}

func TestOldRecordsAreLetGo(t *testing.T) {
	t.Parallel()
	l := New(Config{Statements: 2, Now: clock()})
	_, first := l.Begin(Statement{Text: "a"})
	l.Begin(Statement{Text: "b"})
	l.Begin(Statement{Text: "c"})
	first.Change(func(s *Statement) { s.Text = "must not land in another's place" })
	l.End(first, Failed, nil)
	var texts []string
	for s := range l.Statements() {
		texts = append(texts, s.Text)
		if s.Status != Planning {
			t.Errorf("%q has the outcome of another statement", s.Text)
		}
	}
	if !slices.Equal(texts, []string{"b", "c"}) {
		t.Errorf("kept %q", texts)
	}
}

// TestRing compares a ring with the tail of a slice.
func TestRing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		most := rapid.IntRange(1, 600).Draw(t, "max")
		n := rapid.IntRange(0, 1500).Draw(t, "n")
		r := newRing[int](most)
		var want []int
		for i := range n {
			if seq := r.add(i); seq != int64(i) {
				t.Fatalf("record %d got number %d", i, seq)
			}
			want = append(want, i)
		}
		want = want[max(0, n-most):]
		if got := slices.Collect(r.all()); !slices.Equal(got, want) {
			t.Fatalf("got %v, want %v", got, want)
		}
	})
}

// TestConcurrent has readers run beside writers: a reader sees records in
// order, each once.
func TestConcurrent(t *testing.T) {
	t.Parallel()
	l := New(Config{Statements: 300})
	var writers, readers sync.WaitGroup
	for range 4 {
		writers.Go(func() {
			for range 1000 {
				_, h := l.Begin(Statement{Text: "x"})
				l.End(h, Success, nil)
			}
		})
	}
	for range 2 {
		readers.Go(func() {
			for range 50 {
				last := int64(-1)
				for s := range l.Statements() {
					if s.ID <= last {
						t.Errorf("%d after %d", s.ID, last)
						return
					}
					last = s.ID
				}
			}
		})
	}
	writers.Wait()
	readers.Wait()
}

func TestTransactionsAreNumbered(t *testing.T) {
	t.Parallel()
	l := New(Config{Now: clock()})
	a, h := l.BeginTransaction(Transaction{Status: "in progress"})
	b, _ := l.BeginTransaction(Transaction{})
	if a == b {
		t.Errorf("two transactions have the number %d", a)
	}
	h.Change(func(t *Transaction) { t.Status = "committed" })
	for tx := range l.Transactions() {
		if tx.XID == a && tx.Status != "committed" {
			t.Errorf("got %+v", tx)
		}
	}
}
