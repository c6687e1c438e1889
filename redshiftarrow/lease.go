package redshiftarrow

import (
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/llm-dev-ops/redshift"
)

// mostSpares is how many batches wait for their next use: who hands batches on to another
// goroutine has about so many under way.
const mostSpares = 2

// spares are batches that nobody reads any longer, for any goroutines. What is zero is
// ready for use.
type spares struct {
	texts   bool // are used again too
	mu      sync.Mutex
	batches []*redshift.Batch
}

func (s *spares) get() (b *redshift.Batch) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.batches); n > 0 {
		b, s.batches = s.batches[n-1], s.batches[:n-1]
	}
	return b
}

// put takes all but the texts, unless it is known that no string of theirs is kept longer
// than the batch, as every Go string may be.
func (s *spares) put(b *redshift.Batch) {
	for i := range b.Columns() {
		if !s.texts {
			b.Vector(i).Data = nil
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.batches) < mostSpares {
		s.batches = append(s.batches, b)
	}
}

// lease is the memory of a batch that buffers hold. It is their memory.Allocator, of which
// they use Free alone.
type lease struct {
	batch  *redshift.Batch
	spares *spares
	held   atomic.Int64
}

// Free implements memory.Allocator: a buffer is no longer used.
func (l *lease) Free([]byte) {
	if l.held.Add(-1) == 0 {
		l.spares.put(l.batch)
	}
}

// Allocate implements memory.Allocator.
func (l *lease) Allocate(size int) []byte { return memory.DefaultAllocator.Allocate(size) }

// Reallocate implements memory.Allocator.
func (l *lease) Reallocate(size int, b []byte) []byte {
	return memory.DefaultAllocator.Reallocate(size, b)
}

// lent is a buffer of a slice's own memory, which the lease holds until it is released.
func lent[T fixed](l *lease, s []T) *memory.Buffer {
	l.held.Add(1)
	return memory.NewBufferWithAllocator(bytesOf(s), l)
}

type fixed interface {
	int16 | int32 | int64 | float32 | float64 | byte | redshift.Int128
}

func bytesOf[T fixed](s []T) []byte {
	var size T
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(s))), len(s)*int(unsafe.Sizeof(size)))
}
