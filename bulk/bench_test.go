package bulk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"testing"
	"time"

	"github.com/llm-dev-ops/redshift"
)

// call is a row of the demo's widest table: ten columns of the usual types.
type call struct {
	ID         int64
	ModelID    int32
	StartedAt  time.Time
	DurationMS int32
	Tokens     int64
	Cost       float64
	Cached     bool
	Status     string
	Region     *string
	Prompt     string
}

var callColumns = []redshift.Column{
	column("id", redshift.TypeBigInt, -1), column("model_id", redshift.TypeInteger, -1),
	column("started_at", redshift.TypeTimestamp, -1), column("duration_ms", redshift.TypeInteger, -1),
	column("tokens", redshift.TypeBigInt, -1), column("cost", redshift.TypeDouble, -1),
	column("cached", redshift.TypeBoolean, -1), column("status", redshift.TypeVarchar, 4+16),
	column("region", redshift.TypeVarchar, 4+16), column("prompt", redshift.TypeVarchar, 4+200),
}

func calls(n int) iter.Seq2[call, error] {
	made := make([]call, 100_000) // more than ZSTD looks back
	regions := []string{"eu-central-1", "us-east-1", "ap-south-1"}
	for i := range made {
		c := call{
			ID: int64(i), ModelID: int32(i % 17), StartedAt: time.Date(2026, 1, 1, 0, 0, i, i*1000, time.UTC),
			DurationMS: int32(i * 7919 % 30_000), Tokens: int64(i * 104729 % 8000), Cost: float64(i*31%100_000) / 997,
			Cached: i%3 == 0, Status: []string{"ok", "error", "timeout"}[i%7%3], Prompt: fmt.Sprintf("prompt %d of conversation %x", i, uint64(i)*0x9e3779b97f4a7c15),
		}
		if i%5 != 0 {
			c.Region = &regions[i%3]
		}
		made[i] = c
	}
	return func(yield func(call, error) bool) {
		for i := range n {
			if !yield(made[i%len(made)], nil) {
				return
			}
		}
	}
}

// BenchmarkEncode is what a row costs from the iterator to the file, on one
// core.
func BenchmarkEncode(b *testing.B) {
	for _, format := range []Format{Parquet, CSVZstd} {
		b.Run(string(format), func(b *testing.B) {
			src := Structs(calls(b.N))
			if _, err := src.Columns(callColumns); err != nil {
				b.Fatal(err)
			}
			batch := newBatch(callColumns, nil, false)
			var e encoder = newParquet(batch)
			if format == CSVZstd {
				e = newCSVEncoder(newMarker())
			}
			out, size := new(bytes.Buffer), 0
			b.ReportAllocs()
			b.ResetTimer()
			if err := e.begin(out, 16<<20); err != nil {
				b.Fatal(err)
			}
			batch.flush = func(x *Batch) error {
				if out.Len() > 16<<20 {
					size += out.Len()
					if err := e.end(); err != nil {
						return err
					}
					out.Reset()
					if err := e.begin(out, 16<<20); err != nil {
						return err
					}
				}
				return e.write(x)
			}
			if err := src.Feed(context.Background(), batch); err != nil {
				b.Fatal(err)
			}
			if err := batch.pass(); err != nil {
				b.Fatal(err)
			}
			if err := e.end(); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(b.N)/1e6/b.Elapsed().Seconds(), "Mrows/s")
			b.ReportMetric(float64(size+out.Len())/float64(b.N), "B/row")
		})
	}
}

// BenchmarkRead is what a row costs from the files of an UNLOAD to a struct; the
// files are read one after another.
func BenchmarkRead(b *testing.B) {
	for _, format := range []Format{Parquet, CSVZstd} {
		b.Run(string(format), func(b *testing.B) {
			m := newMemory()
			f := &files{columns: callColumns, stage: m, count: 1, cleanUp: func() error { return nil }}
			batch := newBatch(callColumns, nil, false)
			var e encoder = newParquet(batch)
			if format == CSVZstd {
				own := newCSVEncoder(newMarker())
				e, f.null = own, own.null
			}
			const rows = 500_000
			src, out := Structs(calls(rows)), new(bytes.Buffer)
			if _, err := src.Columns(callColumns); err != nil {
				b.Fatal(err)
			}
			if err := e.begin(out, 16<<20); err != nil {
				b.Fatal(err)
			}
			batch.flush = e.write
			if err := errors.Join(src.Feed(context.Background(), batch), batch.pass(), e.end()); err != nil {
				b.Fatal(err)
			}
			m.objects["s3://bucket/0"] = out.Bytes()
			for range (b.N + rows - 1) / rows {
				f.uris = append(f.uris, "s3://bucket/0")
			}
			b.ReportAllocs()
			b.ResetTimer()
			got, err := f.rows(context.Background())
			if err != nil {
				b.Fatal(err)
			}
			defer got.Close()
			var c call
			for n := 0; n < b.N && got.Next(); n++ {
				if err := got.Scan(&c.ID, &c.ModelID, &c.StartedAt, &c.DurationMS, &c.Tokens, &c.Cost, &c.Cached, &c.Status, &c.Region, &c.Prompt); err != nil {
					b.Fatal(err)
				}
			}
			if err := got.Err(); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(b.N)/1e6/b.Elapsed().Seconds(), "Mrows/s")
		})
	}
}
