package redshift

import (
	"iter"
	"time"

	"github.com/llm-dev-ops/redshift/transport"
)

// Column describes a column of a result: its type, and where the server tells
// them (over the wire from protocol version 1 on) the table that it is from,
// whether it may be NULL, and the like.
type Column = transport.Column

// Rows is a stream of rows. It is used by one goroutine, holds a session and
// must be closed; All and Collect do that.
type Rows struct {
	e       *execution
	res     transport.Result
	cols    []Column
	formats []transport.Format
	scans   scans
	peeked  bool // the transport stands on a row that Next has not given
	waiting bool // Next has not been called
	on      bool // the current row is valid
	read    int  // rows that Next has given
	closed  bool
	err     error
	skipped int64 // those before, of a job that is read on
}

// Columns are the result's columns, nil for a statement without rows. They are
// not to be changed and are valid after Close.
func (r *Rows) Columns() []Column { return r.cols }

// Next moves to the next row; false is the end or an error, see Err.
func (r *Rows) Next() bool {
	if r.closed || r.err != nil {
		return false
	}
	if r.waiting {
		r.waiting, r.on = false, r.peeked
	} else {
		r.on = r.on && r.res.Next()
	}
	if r.on {
		r.read++
	}
	return r.on
}

// Row is the current row, valid until the next call of Next or Close, and used
// by the goroutine that uses the Rows.
func (r *Rows) Row() Row {
	if !r.on {
		return Row{}
	}
	return Row{r.cols, r.encodings(), r.res.Raw(), &r.scans}
}

// encodings are the formats of the columns' values.
func (r *Rows) encodings() []transport.Format {
	if r.formats == nil {
		r.formats = make([]transport.Format, len(r.cols))
		for i := range r.formats {
			r.formats[i] = r.res.Format(i)
		}
	}
	return r.formats
}

// Scan stores the current row; see Row.Scan. It may be called again.
func (r *Rows) Scan(dst ...any) error {
	if !r.on {
		return usage("Scan without a row: call Next before it")
	}
	return r.Row().Scan(dst...)
}

// Err is the error that ended the rows, nil at their regular end.
func (r *Rows) Err() error {
	if !r.closed && !r.on && !r.waiting && r.res.Err() != nil {
		return r.Close()
	}
	return r.err
}

// Close gives the session back; rows that were not read are cancelled on the
// server. It returns the error that ended the rows. It is idempotent.
func (r *Rows) Close() error {
	if r.closed {
		return r.err
	}
	r.closed, r.on = true, false
	err := r.res.Close()
	keep := reuse(r.e.s, err)
	if err == nil && r.e.wantID && r.e.ctx.Err() == nil {
		r.e.queryID = r.e.lastQueryID()
	}
	if r.e.finally != nil {
		err = r.e.finally(err)
	}
	r.err = r.e.end(err, keep)
	return r.err
}

// RowsAffected is the number of rows that the statement has returned or changed:
// complete after Close. Redshift does not count the rows of SELECT; they are those that
// were read.
func (r *Rows) RowsAffected() int64 { return affected(r.res.Tag(), r.read) }

// Elapsed is the time from the start of the statement to Close, or until now.
func (r *Rows) Elapsed() time.Duration {
	if r.closed {
		return r.e.elapsed
	}
	return time.Since(r.e.began)
}

// Tag is the server's command tag, complete when all rows were read.
func (r *Rows) Tag() string { return r.res.Tag() }

// Notices are the messages that came so far.
func (r *Rows) Notices() []Notice { return r.res.Notices() }

// QueryID is the server's number of the query; known after Close if the Query
// had WantID, else 0.
func (r *Rows) QueryID() int64 { return r.e.queryID }

// All gives the rows one by one, each valid until the next, and closes Rows at
// the end, at an error, which comes last, and when the loop is left.
func (r *Rows) All() iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		defer func() { _ = r.Close() }()
		for r.Next() {
			if !yield(r.Row(), nil) {
				return
			}
		}
		if err := r.Close(); err != nil {
			yield(Row{}, err)
		}
	}
}

// scans is what the scans of a result's rows share. A copy, which any goroutines
// may use, has none: what it needs is of one scan alone.
type scans struct {
	arena         arena
	plan          plan // of the first scan; it may not fit the next
	byName, byPos record
}

// Row is one row of a result. A copy that Clone made may be used by any number
// of goroutines at a time.
type Row struct {
	cols    []Column
	formats []transport.Format
	values  [][]byte
	scans   *scans // of the Rows; nil in a copy
}

// Columns are the row's columns; not to be changed.
func (r Row) Columns() []Column { return r.cols }

// Raw are the encoded values, nil for NULL; valid as long as the row.
func (r Row) Raw() [][]byte { return r.values }

// Clone is a copy of the row that stays valid.
func (r Row) Clone() Row {
	buf := make([]byte, 0, r.size())
	values := make([][]byte, len(r.values))
	for i, v := range r.values {
		if v != nil {
			at := len(buf)
			buf = append(buf, v...)
			values[i] = buf[at:len(buf):len(buf)]
		}
	}
	return Row{r.cols, r.formats, values, nil}
}

func (r Row) size() (n int64) {
	for _, v := range r.values {
		n += int64(len(v))
	}
	return n
}

// Scan stores the values in what the pointers point to, one per column; nil
// skips a column. Integers, floats, bool, string, []byte, time.Time,
// time.Duration, *big.Int, any and this package's types are understood, named
// types of these, and pointers to them, which NULL makes nil. NULL into
// anything else, what does not fit and what would lose digits are errors that
// name the column.
//
// What is stored is the caller's for good. Short strings and values behind
// pointers lie in shared pieces of up to 2 KB, which live as long as anything
// in them: strings.Clone is for who keeps a few strings of very many rows.
func (r Row) Scan(dst ...any) error {
	if len(dst) != len(r.values) || len(r.cols) != len(r.values) {
		return usage("Scan into %d values of a row of %d columns", len(dst), len(r.values))
	}
	if r.scans == nil {
		return r.scan(new(arena), dst)
	}
	s := r.scans
	if s.plan == nil {
		s.plan = newPlan(r.cols, r.formats, dst)
	}
	for i, raw := range r.values {
		err := errOther
		if scan := s.plan[i]; scan != nil && raw != nil {
			if err = scan(raw, dst[i], &s.arena); err == nil {
				continue
			}
		}
		if err == errOther { // the very error
			err = store(&r.cols[i], r.formats[i], raw, dst[i], &s.arena)
		}
		if err != nil {
			return scanError(&r.cols[i], dst[i], err)
		}
	}
	return nil
}

func (r Row) scan(a *arena, dst []any) error {
	for i, d := range dst {
		if err := store(&r.cols[i], r.formats[i], r.values[i], d, a); err != nil {
			return scanError(&r.cols[i], d, err)
		}
	}
	return nil
}

// Values are the decoded values, nil for NULL: bool, int16, int32, int64,
// float32, float64, string, or the types of this package.
func (r Row) Values() ([]any, error) {
	values, a := make([]any, len(r.values)), new(arena)
	if r.scans != nil {
		a = &r.scans.arena
	}
	for i := range values {
		if err := scanValue(&r.cols[i], r.formats[i], r.values[i], &values[i], a); err != nil {
			return nil, err
		}
	}
	return values, nil
}
