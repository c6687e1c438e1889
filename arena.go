package redshift

import (
	"time"
	"unsafe"
)

// The pieces that an arena allocates double from what is asked for first up to
// these bounds. Who keeps one string of a result keeps its piece, so that they
// are small; what is longer than an eighth of a piece has memory of its own.
const (
	mostText   = 2048 // bytes
	mostValues = 16
)

// arena is memory for the strings and the values behind pointers of one
// goroutine's rows. Nothing in it is used twice: what it gave stays as it is.
type arena struct {
	text     []byte // not given yet
	size     int    // of text's piece
	strings  slab[string]
	bools    slab[bool]
	shorts   slab[int16]
	ints     slab[int32]
	longs    slab[int64]
	words    slab[int]
	reals    slab[float32]
	doubles  slab[float64]
	numerics slab[Numeric]
	dates    slab[Date]
	times    slab[time.Time]
	stamps   slab[Timestamp]
	instants slab[TimestampTZ]
}

// string is a copy of b.
func (a *arena) string(b []byte) string {
	// The runtime has the strings of one byte.
	if len(b) <= 1 || len(b) > mostText/8 {
		return string(b)
	}
	if len(b) > len(a.text) {
		a.size = min(max(2*a.size, len(b)), mostText)
		a.text = make([]byte, a.size)
	}
	n := copy(a.text, b)
	s := unsafe.String(&a.text[0], n)
	a.text = a.text[n:]
	return s
}

// setString stores a copy of b, unless d is the same already, as it often is
// from the row before.
func (a *arena) setString(d *string, b []byte) error {
	if d == nil {
		return errKind
	}
	if *d != string(b) {
		*d = a.string(b)
	}
	return nil
}

// slab is memory for values behind pointers.
type slab[T any] struct {
	free []T
	size int
}

// point makes *d a pointer to a new v.
func (s *slab[T]) point(d **T, v T) error {
	if d == nil {
		return errKind
	}
	if len(s.free) == 0 {
		s.size = min(max(2*s.size, 1), mostValues)
		s.free = make([]T, s.size)
	}
	p := &s.free[0]
	s.free = s.free[1:]
	*p = v
	*d = p
	return nil
}
