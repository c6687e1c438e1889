package main

import (
	"compress/gzip"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/bench/internal/sample"
	"github.com/llm-dev-ops/redshift/bulk"
)

// watch measures a job; reset begins anew behind what is only made ready.
type watch struct {
	before runtime.MemStats
	cpu    time.Duration
	began  time.Time
}

func (w *watch) reset() {
	runtime.GC()
	runtime.ReadMemStats(&w.before)
	w.cpu, w.began = sample.CPUTime(), time.Now()
}

func (w *watch) seconds() float64 { return time.Since(w.began).Seconds() }

func (w *watch) processor() float64 { return (sample.CPUTime() - w.cpu).Seconds() }

// fileJobs are what a child process does; each gives the number of rows.
var fileJobs = map[string]func(context.Context, int, *watch) (int, error){
	"load parquet":     func(ctx context.Context, n int, w *watch) (int, error) { return load(ctx, n, bulk.Parquet) },
	"load csv.zst":     func(ctx context.Context, n int, w *watch) (int, error) { return load(ctx, n, bulk.CSVZstd) },
	"arrow-go parquet": arrowParquet,
	"naive csv.gz":     func(_ context.Context, n int, _ *watch) (int, error) { return naiveCSV(io.Discard, n, "") },
	"rows alone": func(_ context.Context, n int, _ *watch) (int, error) {
		seen := 0
		for range calls(n) {
			seen++
		}
		return seen, nil
	},
	"read parquet":       func(ctx context.Context, n int, w *watch) (int, error) { return read(ctx, n, bulk.Parquet, w) },
	"read csv.zst":       func(ctx context.Context, n int, w *watch) (int, error) { return read(ctx, n, bulk.CSVZstd, w) },
	"read csv.gz":        func(ctx context.Context, n int, w *watch) (int, error) { return read(ctx, n, bulk.CSVGzip, w) },
	"parquet-go structs": readParquetGo,
	"read naive csv.gz":  readNaive,
}

// fileJob runs one.
func fileJob(ctx context.Context, name string, rows int) (sample.Sample, error) {
	job, ok := fileJobs[name]
	if !ok {
		return sample.Sample{}, fmt.Errorf("no job %q", name)
	}
	var w watch
	w.reset()
	n, err := job(ctx, rows, &w)
	s := sample.Sample{Rows: n, Seconds: w.seconds(), CPU: w.processor(), RSS: sample.PeakRSS()}
	var after runtime.MemStats
	runtime.ReadMemStats(&after)
	s.Allocs = float64(after.Mallocs-w.before.Mallocs) / float64(max(n, 1))
	return s, err
}

// load is bulk.Load to files that nobody keeps.
func load(ctx context.Context, rows int, format bulk.Format) (int, error) {
	c, err := newTables()
	if err != nil {
		return 0, err
	}
	res, err := bulk.Load(ctx, c, bulk.LoadPlan{
		Table: redshift.TableRef{Name: "calls"}, Source: bulk.Structs(calls(rows)), Stage: folder{}, Prefix: "s3://bench", Format: format, IAMRole: "default",
	})
	if err != nil {
		return 0, err
	}
	return int(res.Rows), nil
}

// naiveCSV is what people write: encoding/csv into compress/gzip.
func naiveCSV(out io.Writer, rows int, null string) (n int, err error) {
	z := gzip.NewWriter(out)
	w := csv.NewWriter(z)
	for c := range calls(rows) {
		region := null
		if c.Region != nil {
			region = *c.Region
		}
		err := w.Write([]string{
			strconv.FormatInt(c.ID, 10), strconv.Itoa(int(c.ModelID)), c.StartedAt.Format("2006-01-02 15:04:05.999999"), strconv.Itoa(int(c.DurationMS)),
			strconv.FormatInt(c.Tokens, 10), strconv.FormatFloat(c.Cost, 'g', -1, 64), strconv.FormatBool(c.Cached), c.Status, region, c.Prompt,
		})
		if err != nil {
			return n, err
		}
		n++
	}
	w.Flush()
	if err := w.Error(); err != nil {
		return n, err
	}
	return n, z.Close()
}

// arrowParquet is arrow-go's builders and Parquet writer as they come, with Snappy.
func arrowParquet(_ context.Context, rows int, _ *watch) (n int, err error) {
	schema := arrow.NewSchema([]arrow.Field{
		{Name: "id", Type: arrow.PrimitiveTypes.Int64},
		{Name: "model_id", Type: arrow.PrimitiveTypes.Int32},
		{Name: "started_at", Type: &arrow.TimestampType{Unit: arrow.Microsecond}},
		{Name: "duration_ms", Type: arrow.PrimitiveTypes.Int32},
		{Name: "tokens", Type: arrow.PrimitiveTypes.Int64},
		{Name: "cost", Type: arrow.PrimitiveTypes.Float64},
		{Name: "cached", Type: arrow.FixedWidthTypes.Boolean},
		{Name: "status", Type: arrow.BinaryTypes.String},
		{Name: "region", Type: arrow.BinaryTypes.String, Nullable: true},
		{Name: "prompt", Type: arrow.BinaryTypes.String},
	}, nil)
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer b.Release()
	w, err := pqarrow.NewFileWriter(schema, io.Discard, parquet.NewWriterProperties(parquet.WithCompression(compress.Codecs.Snappy)), pqarrow.DefaultWriterProps())
	if err != nil {
		return 0, err
	}
	flush := func() error {
		r := b.NewRecordBatch()
		defer r.Release()
		return w.WriteBuffered(r)
	}
	for c := range calls(rows) {
		b.Field(0).(*array.Int64Builder).Append(c.ID)
		b.Field(1).(*array.Int32Builder).Append(c.ModelID)
		b.Field(2).(*array.TimestampBuilder).Append(arrow.Timestamp(c.StartedAt.UnixMicro()))
		b.Field(3).(*array.Int32Builder).Append(c.DurationMS)
		b.Field(4).(*array.Int64Builder).Append(c.Tokens)
		b.Field(5).(*array.Float64Builder).Append(c.Cost)
		b.Field(6).(*array.BooleanBuilder).Append(c.Cached)
		b.Field(7).(*array.StringBuilder).Append(c.Status)
		if region := b.Field(8).(*array.StringBuilder); c.Region == nil {
			region.AppendNull()
		} else {
			region.Append(*c.Region)
		}
		b.Field(9).(*array.StringBuilder).Append(c.Prompt)
		if n++; n%4096 == 0 {
			if err := flush(); err != nil {
				return n, err
			}
		}
	}
	if err := flush(); err != nil {
		return n, err
	}
	return n, w.Close()
}

// scratch is a folder for a job.
func scratch() (dir string, remove func(), err error) {
	dir, err = os.MkdirTemp("", "bench")
	return dir, func() { _ = os.RemoveAll(dir) }, err
}
