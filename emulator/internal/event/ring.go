package event

import (
	"iter"
	"sync"
)

// block is how many records a reader copies at a time, so that a long scan
// does not hold up the writers.
const block = 256

// ring keeps the newest records of one kind, by sequence number from 0.
type ring[T any] struct {
	mu   sync.Mutex
	buf  []T
	next int64 // the sequence number of the record to come
	max  int
}

func newRing[T any](most int) *ring[T] { return &ring[T]{max: most} }

// add keeps a record, letting the oldest go if the ring is full, and gives its
// sequence number.
func (r *ring[T]) add(rec T) int64 { return r.addNumbered(rec, nil) }

// addNumbered is add for a record that holds its own number: no reader sees it
// without.
func (r *ring[T]) addNumbered(rec T, number func(rec *T, seq int64)) int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	seq := r.next
	r.next++
	if number != nil {
		number(&rec, seq)
	}
	if len(r.buf) < r.max {
		r.buf = append(r.buf, rec)
	} else {
		r.buf[seq%int64(r.max)] = rec
	}
	return seq
}

// change applies f to the record with that number, unless it has been let go.
func (r *ring[T]) change(seq int64, f func(*T)) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.holds(seq) {
		return false
	}
	f(&r.buf[seq%int64(r.max)])
	return true
}

func (r *ring[T]) holds(seq int64) bool {
	return seq >= 0 && seq < r.next && seq >= r.next-int64(len(r.buf))
}

// all gives copies of the records that are there when the iteration begins,
// oldest first, without those that are let go meanwhile.
func (r *ring[T]) all() iter.Seq[T] {
	return func(yield func(T) bool) {
		r.mu.Lock()
		seq, end := r.next-int64(len(r.buf)), r.next
		r.mu.Unlock()
		copied := make([]T, 0, block)
		for seq < end {
			copied = copied[:0]
			r.mu.Lock()
			seq = max(seq, r.next-int64(len(r.buf)))
			for ; seq < end && len(copied) < block; seq++ {
				copied = append(copied, r.buf[seq%int64(r.max)])
			}
			r.mu.Unlock()
			for _, rec := range copied {
				if !yield(rec) {
					return
				}
			}
		}
	}
}
