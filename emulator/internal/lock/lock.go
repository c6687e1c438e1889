// Package lock holds the table locks of the emulator's transactions, above the
// engine: DuckDB fails the second writer at once, where Redshift makes it wait
// for the first to commit (c_write_readwrite.md).
package lock

import (
	"context"
	"errors"
	"slices"
	"sync"
)

// Mode is a lock mode, with the names that SVV_TRANSACTIONS.lock_mode shows.
type Mode uint8

// The modes, from weak to strong. Writers of one table queue, so RowExclusive
// conflicts with itself (facts: Transactions), unlike PostgreSQL's.
const (
	// AccessShare is a reader's.
	AccessShare Mode = iota
	// RowExclusive is that of INSERT, UPDATE, DELETE and COPY.
	RowExclusive
	// AccessExclusive is that of DDL, TRUNCATE and LOCK.
	AccessExclusive
)

// String gives the view's name.
func (m Mode) String() string {
	switch m {
	case AccessShare:
		return "AccessShareLock"
	case RowExclusive:
		return "RowExclusiveLock"
	default:
		return "AccessExclusiveLock"
	}
}

// conflicts says that two transactions cannot hold both.
func conflicts(a, b Mode) bool {
	return a == AccessExclusive || b == AccessExclusive || a == RowExclusive && b == RowExclusive
}

// ErrDeadlock: granting would have to wait for itself. The caller's
// transaction is the victim (SQLSTATE 40P01).
var ErrDeadlock = errors.New("deadlock detected")

// Held is a lock that a transaction holds or waits for.
type Held struct {
	Table, Owner int64
	Mode         Mode
	Granted      bool
}

// Table is the lock table. Its zero value is ready, and it is safe for
// concurrent use; one owner's calls come one after another.
type Table struct {
	mu     sync.Mutex
	tables map[int64]*queue
}

// queue is the state of one table: the strongest mode of each holder, and who
// waits, in order.
type queue struct {
	holders map[int64]Mode
	waiting []*waiter
}

type waiter struct {
	owner   int64
	mode    Mode
	granted chan struct{} // closed when granted
}

// Acquire takes a lock for the transaction owner, which keeps it until Release,
// and waits until no other transaction's conflicts. A weaker mode than the one
// that is held changes nothing. It returns ErrDeadlock where waiting would never
// end, and the cause of ctx's end; what the owner held before it still holds.
func (t *Table) Acquire(ctx context.Context, owner, table int64, mode Mode) error {
	t.mu.Lock()
	if t.tables == nil {
		t.tables = make(map[int64]*queue)
	}
	q := t.tables[table]
	if q == nil {
		q = &queue{holders: make(map[int64]Mode)}
		t.tables[table] = q
	}
	held, holds := q.holders[owner]
	if holds && held >= mode {
		t.mu.Unlock()
		return nil
	}
	w := &waiter{owner: owner, mode: mode, granted: make(chan struct{})}
	// Who holds the table already goes before those who wait for it: they wait
	// for the holder anyway.
	at := len(q.waiting)
	if holds {
		at = 0
	}
	q.waiting = slices.Insert(q.waiting, at, w)
	q.grant()
	select {
	case <-w.granted:
		t.mu.Unlock()
		return nil
	default:
	}
	if t.waitsForItself(owner) {
		t.leave(table, q, w)
		t.mu.Unlock()
		return ErrDeadlock
	}
	t.mu.Unlock()

	select {
	case <-w.granted:
		return nil
	case <-ctx.Done():
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	select {
	case <-w.granted: // it came together with the end of ctx
		return nil
	default:
		t.leave(table, q, w)
		return context.Cause(ctx)
	}
}

// Release gives up all locks of a transaction.
func (t *Table) Release(owner int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for table, q := range t.tables {
		if _, holds := q.holders[owner]; holds {
			delete(q.holders, owner)
			t.settle(table, q)
		}
	}
}

// Snapshot gives the locks that are held and waited for, by table, the held
// ones first.
func (t *Table) Snapshot() []Held {
	t.mu.Lock()
	defer t.mu.Unlock()
	var all []Held
	for table, q := range t.tables {
		for owner, mode := range q.holders {
			all = append(all, Held{table, owner, mode, true})
		}
		for _, w := range q.waiting {
			all = append(all, Held{table, w.owner, w.mode, false})
		}
	}
	slices.SortStableFunc(all, func(a, b Held) int {
		switch {
		case a.Table != b.Table:
			return int(a.Table - b.Table)
		case a.Granted != b.Granted && a.Granted:
			return -1
		case a.Granted != b.Granted:
			return 1
		case a.Granted:
			return int(a.Owner - b.Owner)
		default:
			return 0 // those who wait are in order
		}
	})
	return all
}

// leave takes a waiter back.
func (t *Table) leave(table int64, q *queue, w *waiter) {
	q.waiting = slices.DeleteFunc(q.waiting, func(x *waiter) bool { return x == w })
	t.settle(table, q)
}

// settle grants what has become possible, and forgets a table without locks.
func (t *Table) settle(table int64, q *queue) {
	q.grant()
	if len(q.holders) == 0 && len(q.waiting) == 0 {
		delete(t.tables, table)
	}
}

// grant grants in order, and stops at the first that has to wait, so that a
// stream of readers cannot starve a writer.
func (q *queue) grant() {
	for len(q.waiting) > 0 {
		w := q.waiting[0]
		for owner, mode := range q.holders {
			if owner != w.owner && conflicts(mode, w.mode) {
				return
			}
		}
		q.holders[w.owner] = max(q.holders[w.owner], w.mode)
		q.waiting = q.waiting[1:]
		close(w.granted)
	}
}

// waitsForItself follows who waits for whom from owner: a waiter waits for the
// holders that conflict with it and for everybody in front of it.
func (t *Table) waitsForItself(owner int64) bool {
	seen := map[int64]bool{}
	stack := []int64{owner}
	for len(stack) > 0 {
		from := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		for _, to := range t.waitsFor(from) {
			if to == owner {
				return true
			}
			if !seen[to] {
				seen[to] = true
				stack = append(stack, to)
			}
		}
	}
	return false
}

func (t *Table) waitsFor(owner int64) (others []int64) {
	for _, q := range t.tables {
		at := slices.IndexFunc(q.waiting, func(w *waiter) bool { return w.owner == owner })
		if at < 0 {
			continue
		}
		for holder, mode := range q.holders {
			if holder != owner && conflicts(mode, q.waiting[at].mode) {
				others = append(others, holder)
			}
		}
		for _, w := range q.waiting[:at] {
			others = append(others, w.owner)
		}
	}
	return others
}
