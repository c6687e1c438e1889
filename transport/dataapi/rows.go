package dataapi

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata/types"

	"github.com/llm-dev-ops/redshift/transport"
)

// rows is a result, of pages of JSON or of CSV.
type rows struct {
	ctx  context.Context // bounds the reading, by the seam's contract
	s    *service
	run  *run // nil in a batch
	id   string
	cols []transport.Column
	tag  string

	csv  bool
	text string // CSV that was not read

	records [][]types.Field
	at      int // the next record
	next    *string
	begun   bool // a page was read

	raw    [][]byte
	ends   []int
	buf    []byte
	err    error
	closed bool
}

// page reads the next page.
func (r *rows) page() error {
	if r.csv {
		return r.pageCSV()
	}
	in := &redshiftdata.GetStatementResultInput{Id: &r.id, NextToken: r.next}
	out, err := retrying(r.ctx, r.s, r.s.api.GetStatementResult, in)
	if err != nil {
		return r.unreadable(err)
	}
	r.begin(out.ColumnMetadata, out.NextToken)
	r.records, r.at = out.Records, 0
	return nil
}

// unreadable is the failure of a call for rows.
func (r *rows) unreadable(err error) error {
	if r.ctx.Err() != nil {
		return r.ctx.Err()
	}
	return &transport.LostError{Sent: true, Err: fmt.Errorf("the result of statement %s cannot be read: %w", r.id, err)}
}

// begin notes what every page tells.
func (r *rows) begin(meta []types.ColumnMetadata, next *string) {
	if !r.begun {
		r.begun = true
		r.cols = columns(meta)
		r.raw, r.ends = make([][]byte, len(r.cols)), make([]int, 0, len(r.cols))
		r.buf = make([]byte, 0, 64) // never nil: an empty value is not NULL
	}
	if r.next = next; aws.ToString(next) == "" {
		r.next = nil
	}
}

// Columns implements transport.Result.
func (r *rows) Columns() []transport.Column { return r.cols }

// Next implements transport.Result.
func (r *rows) Next() bool {
	if r.closed || r.err != nil {
		return false
	}
	if r.err = r.ctx.Err(); r.err != nil {
		return false
	}
	if r.csv {
		return r.nextCSV()
	}
	for r.at == len(r.records) {
		if r.next == nil {
			r.records, r.at = nil, 0
			return false
		}
		if !r.more() {
			return false
		}
	}
	record := r.records[r.at]
	r.records[r.at] = nil
	r.at++
	r.err = r.render(record)
	return r.err == nil
}

// more reads another page, if the rows are still wanted.
func (r *rows) more() bool {
	if r.run != nil && r.run.closed.Load() {
		r.err = transport.ErrClosed
	} else {
		r.err = r.page()
	}
	return r.err == nil
}

// render writes a record as the wire's text format has it.
func (r *rows) render(record []types.Field) error {
	if len(record) != len(r.cols) {
		return r.width(len(record))
	}
	r.buf, r.ends = r.buf[:0], r.ends[:0]
	for i, f := range record {
		var null bool
		var err error
		if r.buf, null, err = appendField(r.buf, f, r.cols[i].Type); err != nil {
			return fmt.Errorf("column %d of statement %s: %w", i+1, r.id, err)
		}
		end := len(r.buf)
		if null {
			end = -1
		}
		r.ends = append(r.ends, end)
	}
	r.cut()
	return nil
}

func (r *rows) width(n int) error {
	return fmt.Errorf("a row of statement %s has %d values, the result has %d columns", r.id, n, len(r.cols))
}

// cut makes the row of what was rendered.
func (r *rows) cut() {
	begin := 0
	for i, end := range r.ends {
		if end < 0 {
			r.raw[i] = nil
			continue
		}
		r.raw[i] = r.buf[begin:end:end]
		begin = end
	}
}

// Raw implements transport.Result.
func (r *rows) Raw() [][]byte {
	if r.closed {
		return nil
	}
	return r.raw
}

// Format implements transport.Result: the service sends no binary.
func (r *rows) Format(int) transport.Format { return transport.Text }

// Tag implements transport.Result.
func (r *rows) Tag() string { return r.tag }

// Notices implements transport.Result: the service sends none.
func (r *rows) Notices() []transport.Notice { return nil }

// Err implements transport.Result.
func (r *rows) Err() error { return r.err }

// Close implements transport.Result. What was not read needs no draining.
func (r *rows) Close() error {
	if !r.closed {
		r.closed = true
		r.records, r.text = nil, ""
		if r.run != nil && r.run.x != nil {
			r.run.x.finish(r.run)
		}
	}
	return r.err
}
