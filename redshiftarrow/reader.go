package redshiftarrow

import (
	"iter"
	"sync/atomic"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/llm-dev-ops/redshift"
)

// Reader gives the rows that were not read yet as record batches. It owns rows, which
// it closes at their end, at an error and when it is released for the last time; the
// context of the query ends it too. On an error rows are closed.
//
// A RecordReader is used by one goroutine. A batch is valid until the next call of
// Next, or as long as it is retained, and any number of goroutines may read it then.
// Memory is that of one batch and of those that are retained, and of two that were
// released, which the next are made in: slices of an array's values end with it. Strings
// and bytes of a released batch stay as they are, but for Config.ReuseText.
func Reader(rows *redshift.Rows, cfg Config) (array.RecordReader, error) {
	if err := cfg.Validate(); err != nil {
		_ = rows.Close()
		return nil, err
	}
	cfg = cfg.withDefaults()
	cols := rows.Columns()
	if cols == nil {
		if err := rows.Close(); err != nil {
			return nil, err
		}
		return nil, usage("redshiftarrow: the statement has no rows to read")
	}
	r := &reader{rows: rows, schema: Schema(cols, cfg)}
	r.refs.Store(1)
	r.spares.texts = cfg.ReuseText
	r.next, r.stop = iter.Pull2(rows.Batches(cfg.BatchRows))
	return r, nil
}

type reader struct {
	refs   atomic.Int64
	rows   *redshift.Rows
	schema *arrow.Schema
	next   func() (*redshift.Batch, error, bool)
	stop   func()
	batch  arrow.RecordBatch
	err    error
	spares spares
}

func (r *reader) Retain() { r.refs.Add(1) }

func (r *reader) Release() {
	if r.refs.Add(-1) == 0 {
		r.drop()
		r.close()
	}
}

// close gives the session back, also where nothing was read.
func (r *reader) close() {
	r.stop()
	_ = r.rows.Close()
}

func (r *reader) drop() {
	if r.batch != nil {
		r.batch.Release()
		r.batch = nil
	}
}

func (r *reader) Schema() *arrow.Schema { return r.schema }

func (r *reader) Next() bool {
	r.drop()
	if r.err != nil {
		return false
	}
	b, err, ok := r.next()
	if !ok {
		return false
	}
	if err == nil {
		b = b.Exchange(r.spares.get())
		r.batch, err = record(r.schema, b, &lease{batch: b, spares: &r.spares})
	}
	if r.err = err; err != nil {
		r.close()
		return false
	}
	return true
}

func (r *reader) RecordBatch() arrow.RecordBatch { return r.batch }

func (r *reader) Record() arrow.RecordBatch { return r.batch }

func (r *reader) Err() error { return r.err }
