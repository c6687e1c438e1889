package bulk

import (
	"context"
	"fmt"

	"github.com/llm-dev-ops/redshift"
)

// BatchSource is where Load's rows are from. Sources of this package are
// [Structs], [Rows], [CSV], [JSONLines] and [Files], and redshiftarrow.Source is
// one of Arrow's record batches; any other type may implement it.
type BatchSource interface {
	// Columns says which of the table's columns the source gives, in its order.
	// nil means all of them as they stand.
	Columns(table []redshift.Column) ([]string, error)
	// Feed gives all rows: for each one value to every column of b, and then
	// b.EndRow. It ends with the first error, its own or b's, and returns it. It
	// closes what it has opened.
	Feed(ctx context.Context, b *Batch) error
}

// numberColumn is the row's number in the table of an Upsert's new rows.
const numberColumn = "bulk_row_number"

// batchRows is how many rows are held before they are encoded; bytes bound it
// where values are large.
const (
	batchRows  = 4096
	batchBytes = 4 << 20
	sortedRows = 4 << 20 // of a file that is sorted
)

// Batch takes the rows of a source, which it passes on in blocks. It is used by
// one goroutine, within Feed alone.
type Batch struct {
	vectors []Vector
	row     int64 // rows ended, of all blocks
	n       int   // rows ended, of this block
	data    int   // bytes of this block, about
	rows    int   // at which the block is passed on
	bytes   int   // likewise
	number  bool  // the last vector is the row's number, and ours
	flush   func(b *Batch) error
}

// newBatch makes a batch of these columns; keys may not be NULL.
func newBatch(cols []redshift.Column, keys map[string]bool, number bool) *Batch {
	b := &Batch{number: number, rows: batchRows, bytes: batchBytes}
	if number {
		cols = append(cols[:len(cols):len(cols)], redshift.Column{Name: numberColumn, Type: redshift.TypeBigInt})
	}
	b.vectors = make([]Vector, len(cols))
	for i, c := range cols {
		b.vectors[i] = newVector(b, c)
		b.vectors[i].key = keys[c.Name]
	}
	return b
}

// Len is the number of columns.
func (b *Batch) Len() int {
	if b.number {
		return len(b.vectors) - 1
	}
	return len(b.vectors)
}

// Column is the vector of a column, in the order of the source's Columns. It
// stays the same for all rows.
func (b *Batch) Column(i int) *Vector { return &b.vectors[i] }

// EndRow ends the row. It fails when a column got no value or more than one,
// when ctx has ended or what was staged could not be sent.
func (b *Batch) EndRow() error {
	want := b.n + 1
	for i := range b.Len() {
		if v := &b.vectors[i]; len(v.null) != want {
			return b.fail(v.column.Name, fmt.Errorf("it got %d values", len(v.null)-b.n))
		}
	}
	b.row++
	if b.number {
		b.vectors[len(b.vectors)-1].putInt(b.row)
	}
	b.n = want
	b.data += 8 * len(b.vectors)
	if b.n < b.rows && b.data < b.bytes {
		return nil
	}
	return b.pass()
}

// open reports that a row was begun.
func (b *Batch) open() bool {
	for i := range b.Len() {
		if len(b.vectors[i].null) != b.n {
			return true
		}
	}
	return false
}

// Fail is an error about the current row, for a source to return.
func (b *Batch) Fail(err error) error { return b.fail("", err) }

func (b *Batch) fail(column string, err error) error {
	return &RowError{Row: b.row + 1, Column: column, Err: err}
}

// pass hands the block on and empties it.
func (b *Batch) pass() error {
	if b.n > 0 {
		if err := b.flush(b); err != nil {
			return err
		}
	}
	b.n, b.data = 0, 0
	for i := range b.vectors {
		b.vectors[i].reset()
	}
	return nil
}
