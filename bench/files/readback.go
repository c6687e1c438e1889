package main

import (
	"compress/gzip"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/bulk"
)

// unloading makes the files of an UNLOAD before its time is taken.
type unloading struct {
	tables
	dir    string
	rows   int
	format bulk.Format
	w      *watch
}

// Unload makes the files.
func (u unloading) Unload(ctx context.Context, cmd redshift.UnloadCommand) (*redshift.UnloadResult, error) {
	null := ""
	if cmd.Options.NullAs != nil {
		null = *cmd.Options.NullAs
	}
	if err := makeFiles(ctx, u.dir, u.rows, u.format, null); err != nil {
		return nil, err
	}
	u.w.reset()
	return &redshift.UnloadResult{RowsUnloaded: -1}, nil
}

// makeFiles writes calls as files part-….
func makeFiles(ctx context.Context, dir string, rows int, format bulk.Format, null string) error {
	if format == bulk.Parquet {
		c, err := newTables()
		if err != nil {
			return err
		}
		_, err = bulk.Load(ctx, c, bulk.LoadPlan{
			Table: redshift.TableRef{Name: "calls"}, Source: bulk.Structs(calls(rows)), Stage: folder{dir}, Prefix: "s3://bench", Format: format, IAMRole: "default",
		})
		return err
	}
	out, err := os.Create(filepath.Join(dir, "part-0"))
	if err != nil {
		return err
	}
	defer out.Close()
	if format == bulk.CSVGzip {
		_, err = naiveCSV(out, rows, null)
		return errors.Join(err, out.Close())
	}
	z, err := zstd.NewWriter(out)
	if err != nil {
		return err
	}
	r, w := io.Pipe()
	go func() {
		_, err := naiveCSV(w, rows, null)
		_ = w.CloseWithError(err)
	}()
	text, err := gzip.NewReader(r)
	if err != nil {
		return err
	}
	_, err = io.Copy(z, text)
	return errors.Join(err, z.Close(), out.Close())
}

// read is bulk.Read into structs.
func read(ctx context.Context, rows int, format bulk.Format, w *watch) (n int, err error) {
	dir, remove, err := scratch()
	if err != nil {
		return 0, err
	}
	defer remove()
	t, err := newTables()
	if err != nil {
		return 0, err
	}
	found, err := bulk.Read(ctx, unloading{t, dir, rows, format, w}, bulk.ReadPlan{
		Query: redshift.SQL("SELECT * FROM calls"), Via: bulk.ViaUnload, Stage: folder{dir}, Prefix: "s3://bench", IAMRole: "default", Format: format, Files: 1,
	})
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, found.Close()) }()
	var c call
	for found.Next() {
		err := found.Scan(&c.ID, &c.ModelID, &c.StartedAt, &c.DurationMS, &c.Tokens, &c.Cost, &c.Cached, &c.Status, &c.Region, &c.Prompt)
		if err != nil {
			return n, err
		}
		n++
	}
	return n, found.Err()
}

// readParquetGo is parquet-go's generic reader of the same files.
func readParquetGo(ctx context.Context, rows int, w *watch) (n int, err error) {
	dir, remove, err := scratch()
	if err != nil {
		return 0, err
	}
	defer remove()
	if err := makeFiles(ctx, dir, rows, bulk.Parquet, ""); err != nil {
		return 0, err
	}
	names, err := filepath.Glob(filepath.Join(dir, "part-*"))
	if err != nil {
		return 0, err
	}
	w.reset()
	structs := make([]call, 1024)
	for _, name := range names {
		f, err := os.Open(name)
		if err != nil {
			return n, err
		}
		r := parquet.NewGenericReader[call](f)
		for {
			got, err := r.Read(structs)
			n += got
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return n, err
			}
		}
		if err := errors.Join(r.Close(), f.Close()); err != nil {
			return n, err
		}
	}
	return n, nil
}

// readNaive is what people write: compress/gzip, encoding/csv and strconv.
func readNaive(ctx context.Context, rows int, w *watch) (n int, err error) {
	dir, remove, err := scratch()
	if err != nil {
		return 0, err
	}
	defer remove()
	if err := makeFiles(ctx, dir, rows, bulk.CSVGzip, "NULL!"); err != nil {
		return 0, err
	}
	f, err := os.Open(filepath.Join(dir, "part-0"))
	if err != nil {
		return 0, err
	}
	defer f.Close()
	w.reset()
	z, err := gzip.NewReader(f)
	if err != nil {
		return 0, err
	}
	in := csv.NewReader(z)
	in.ReuseRecord = true
	var c call
	for {
		record, err := in.Read()
		if errors.Is(err, io.EOF) {
			return n, nil
		}
		if err != nil {
			return n, err
		}
		if err := c.parse(record); err != nil {
			return n, err
		}
		n++
	}
}

func (c *call) parse(f []string) error {
	var errs [7]error
	var model, duration int64
	c.ID, errs[0] = strconv.ParseInt(f[0], 10, 64)
	model, errs[1] = strconv.ParseInt(f[1], 10, 32)
	c.StartedAt, errs[2] = time.Parse("2006-01-02 15:04:05.999999", f[2])
	duration, errs[3] = strconv.ParseInt(f[3], 10, 32)
	c.Tokens, errs[4] = strconv.ParseInt(f[4], 10, 64)
	c.Cost, errs[5] = strconv.ParseFloat(f[5], 64)
	c.Cached, errs[6] = strconv.ParseBool(f[6])
	c.ModelID, c.DurationMS, c.Status, c.Prompt, c.Region = int32(model), int32(duration), f[7], f[9], nil
	if f[8] != "NULL!" {
		region := f[8]
		c.Region = &region
	}
	return errors.Join(errs[:]...)
}
