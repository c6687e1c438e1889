package engine

import (
	"fmt"
	"iter"
)

// scan runs a View's sequence on a goroutine and hands its rows over in batches.
// A pulled sequence (iter.Pull) would not do: DuckDB calls from changing threads.
type scan struct {
	rows func([]int) iter.Seq[[]any]
	want []int // the view's columns that are asked for, in order
	slot []int // the place of each of them in DuckDB's chunk
	none []int // places in the chunk that nobody reads
	made func() *batch

	begun       bool
	free, ready chan *batch // hold all batches, so that sending never waits
	done        chan struct{}
	err         error // of the sequence; to be read after ready was closed
}

func newScan(v View, columns []Column, precisions []uint8, asked []uint64) *scan {
	const batches = 2 // one is filled while the other is read
	s := &scan{rows: v.Rows, free: make(chan *batch, batches), ready: make(chan *batch, batches), done: make(chan struct{})}
	var picked []Column
	var digits []uint8
	for place, n := range asked {
		if n >= uint64(len(columns)) {
			s.none = append(s.none, place) // a row id, which stands for no column
			continue
		}
		s.want, s.slot = append(s.want, int(n)), append(s.slot, place)
		picked, digits = append(picked, columns[n]), append(digits, precisions[n])
	}
	left := batches
	s.made = func() *batch {
		if left == 0 {
			return nil
		}
		left--
		return newBatch(picked, digits)
	}
	return s
}

// next is the next batch, nil at the end; it goes back with release. The sequence
// begins with the first call.
func (s *scan) next() (*batch, error) {
	if !s.begun {
		s.begun = true
		go s.run()
	}
	if b := <-s.ready; b != nil {
		return b, nil
	}
	return nil, s.err
}

func (s *scan) release(b *batch) { s.free <- b }

// stop ends the sequence and waits for it.
func (s *scan) stop() {
	close(s.done)
	if !s.begun {
		return
	}
	for b := range s.ready {
		_ = b // nobody reads it any more
	}
}

func (s *scan) run() {
	defer close(s.ready)
	defer func() {
		if r := recover(); r != nil {
			s.err = fmt.Errorf("panic: %v", r)
		}
	}()
	b := s.empty()
	for row := range s.rows(s.want) {
		select {
		case <-s.done:
			return
		default:
		}
		if b == nil {
			if b = s.empty(); b == nil {
				return
			}
		}
		if s.err = b.add(row); s.err != nil {
			return
		}
		if b.full() {
			s.ready <- b
			b = nil
		}
	}
	if b != nil && b.rows > 0 {
		s.ready <- b
	}
}

// empty waits for a batch to fill; nil tells that the scan is over.
func (s *scan) empty() *batch {
	var b *batch
	select {
	case b = <-s.free:
	default:
		if b = s.made(); b == nil {
			select {
			case b = <-s.free:
			case <-s.done:
				return nil
			}
		}
	}
	b.reset()
	return b
}
