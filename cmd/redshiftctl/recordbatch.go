package main

import (
	"bufio"
	"fmt"
	"io"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/redshiftarrow"
)

// A row group of a Parquet file is held in memory until it has this many rows or
// encoded bytes.
const (
	groupRows  = 256 << 10
	groupBytes = 32 << 20
)

// batchFormats are the formats that are not text, and hold one result.
var batchFormats = []string{"arrow", "parquet"}

// batchWriter writes record batches.
type batchWriter interface {
	Write(arrow.RecordBatch) error
	Close() error
}

// groups is a Parquet file whose row groups are bounded.
type groups struct{ *pqarrow.FileWriter }

func (g groups) Write(b arrow.RecordBatch) error {
	if g.RowGroupTotalBytesWritten() >= groupBytes {
		g.NewBufferedRowGroup()
	}
	return g.WriteBuffered(b)
}

func newBatchWriter(format string, schema *arrow.Schema, out io.Writer) (batchWriter, error) {
	if format == "arrow" {
		return ipc.NewWriter(out, ipc.WithSchema(schema)), nil
	}
	w, err := pqarrow.NewFileWriter(schema, out,
		parquet.NewWriterProperties(parquet.WithCompression(compress.Codecs.Snappy), parquet.WithMaxRowGroupLength(groupRows)),
		pqarrow.NewArrowWriterProperties(pqarrow.WithStoreSchema()))
	return groups{w}, err
}

// writeBatches writes a whole result; out is not closed.
func writeBatches(rows *redshift.Rows, format string, out io.Writer) (err error) {
	plain := format == "parquet" // arrow-go writes arrow.json to it and cannot read it back
	r, err := redshiftarrow.Reader(rows, redshiftarrow.Config{Plain: plain, SuperAsString: plain})
	if err != nil {
		return err
	}
	defer r.Release()
	buffered := bufio.NewWriterSize(out, 1<<16) // which is no Closer either
	w, err := newBatchWriter(format, r.Schema(), buffered)
	if err != nil {
		return fmt.Errorf("%s: %w", format, err)
	}
	for r.Next() && err == nil {
		err = w.Write(r.RecordBatch())
	}
	if err == nil {
		err = r.Err()
	}
	if err != nil {
		return err // what was written has no end, and cannot be taken for the whole
	}
	if err = w.Close(); err != nil {
		return err
	}
	return buffered.Flush()
}
