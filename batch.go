package redshift

import (
	"fmt"
	"iter"
)

const (
	batchRows = 1024
	// A batch ends behind the row with which its encoded values are this long, so
	// that its memory is bounded where rows are wide (a SUPER may have 16 MB).
	batchBytes = 16 << 20
)

// Batch is some rows of a result, column by column. It is used by one goroutine
// and valid until the loop's next turn, which uses its memory again; Clone and
// Take give batches that stay.
type Batch struct {
	cols    []Column
	vectors []Vector
	rows    int
	first   int64
}

// Len is the number of rows.
func (b *Batch) Len() int { return b.rows }

// First is the number of rows that were in the batches before.
func (b *Batch) First() int64 { return b.first }

// Columns are the result's columns; not to be changed.
func (b *Batch) Columns() []Column { return b.cols }

// Vector is the values of a column, counted from 0; valid as long as the batch.
func (b *Batch) Vector(col int) *Vector { return &b.vectors[col] }

// Clone is a copy of the batch that stays valid and may be used by any number of
// goroutines.
func (b *Batch) Clone() *Batch {
	c := &Batch{b.cols, make([]Vector, len(b.vectors)), b.rows, b.first}
	for i := range b.vectors {
		c.vectors[i] = b.vectors[i].clone()
	}
	return c
}

// Take is the batch itself, whose memory is now the caller's: what hands buffers
// on needs no copy. It leaves b empty, and the loop's next turn allocates.
func (b *Batch) Take() *Batch { return b.Exchange(nil) }

// Exchange is Take, but the loop's next turn uses the memory of spare, a batch of the
// same result that was taken before and that nobody reads any longer; nil is none. What
// is not to be used again, as it was handed on, may be set to nil in spare's vectors.
func (b *Batch) Exchange(spare *Batch) *Batch {
	c := &Batch{b.cols, b.vectors, b.rows, b.first}
	b.rows = 0
	if spare == nil {
		b.vectors = make([]Vector, len(c.vectors))
		for i := range b.vectors {
			b.vectors[i] = c.vectors[i].fresh(&Vector{})
		}
		return c
	}
	b.vectors, spare.vectors, spare.rows = spare.vectors, nil, 0
	for i := range b.vectors {
		b.vectors[i] = c.vectors[i].fresh(&b.vectors[i])
	}
	return c
}

// Batches gives the rows in batches of at most size rows (1024 where it is not
// positive), column by column, which is the fastest way to read a result: no
// value is allocated. A batch of rows that are very wide, 16 MB together, is
// shorter.
//
// Each batch is valid until the next. The rows are closed at the end, at an error
// and when the loop is left. An error comes last, without a batch, after one of the
// rows before it; it names the column and the row, counted from 1, of a value that is
// not of the column's type.
func (r *Rows) Batches(size int) iter.Seq2[*Batch, error] {
	if size < 1 {
		size = batchRows
	}
	return func(yield func(*Batch, error) bool) {
		defer func() { _ = r.Close() }()
		b := &Batch{cols: r.cols, vectors: make([]Vector, len(r.cols))}
		if len(r.cols) > 0 && !r.closed {
			for i, f := range r.encodings() {
				b.vectors[i] = newVector(&r.cols[i], f)
			}
		}
		for more := true; more; {
			var err error
			b.reset()
			more, err = b.fill(r, size)
			rows := int64(b.rows)
			if rows > 0 && !yield(b, nil) {
				return
			}
			if err != nil {
				_ = r.Close()
				yield(nil, err)
				return
			}
			b.first += rows
		}
		if err := r.Close(); err != nil {
			yield(nil, err)
		}
	}
}

func (b *Batch) reset() {
	b.rows = 0
	for i := range b.vectors {
		b.vectors[i].reset()
	}
}

// fill reads rows until the batch is full; false is the end of the rows.
func (b *Batch) fill(r *Rows, size int) (more bool, err error) {
	for bytes := 0; b.rows < size && bytes < batchBytes; b.rows++ {
		if more = r.Next(); !more {
			break
		}
		n, err := b.add(r.res.Raw())
		if err != nil {
			b.finish()
			return false, err
		}
		bytes += n
	}
	b.finish()
	return more, nil
}

// add appends a row and tells how long it was. At an error some vectors have a
// value more than b.rows.
func (b *Batch) add(row [][]byte) (bytes int, err error) {
	if len(row) != len(b.vectors) {
		return 0, b.failure(nil, errWidth)
	}
	for i, raw := range row {
		v := &b.vectors[i]
		if raw == nil {
			v.null(b.rows)
			continue
		}
		bytes += len(raw)
		if err := v.decode(v, raw); err != nil {
			return 0, b.failure(v, err)
		}
	}
	return bytes, nil
}

func (b *Batch) finish() {
	for i := range b.vectors {
		b.vectors[i].finish(b.rows)
	}
}

// failure is an error of the row that is added. It never shows a value.
func (b *Batch) failure(v *Vector, err error) error {
	at := fmt.Sprintf("row %d", b.first+int64(b.rows)+1)
	if v != nil {
		at = fmt.Sprintf("column %q (%s), %s", v.col.Name, typeWords(v.col.Type), at)
	}
	return &Error{Kind: ErrData, Message: fmt.Sprintf("%s: %v", at, err), cause: err}
}
