package unload

import (
	"context"
	"io"
	"time"

	"github.com/dsnet/compress/bzip2"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/llm-dev-ops/redshift/emulator/internal/objstore"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/copycmd"
)

const (
	// flushSize is what a file keeps before it gets a writer and a compressor, so that
	// thousands of small partitions cost no more than their rows.
	flushSize = 128 << 10
	// heldBack is what a compressor may keep of what it was given, at the most: gzip
	// and zstd work in blocks of 128 KiB or less, bzip2 in some of 900,000 bytes.
	heldBack = 1 << 20
)

// file is one object that is being written. It belongs to one goroutine and must be
// ended by commit or abort.
type file struct {
	key        string
	slice      int32
	rows       int64 // without the header
	lines      int64 // with it
	size       int64 // as stored; final after close
	start, end time.Time

	taken int64 // bytes that went to the writer, before compression
	buf   []byte
	w     *objstore.Writer
	z     compressor // nil for none
	// from and groups are row groups of a file in the staging directory instead of buf.
	from   *staged
	groups []int
}

// compressor is the writer of gzip, bzip2 or zstd.
type compressor interface {
	io.WriteCloser
	Reset(io.Writer)
}

// bzip2Writer has the Reset of the others; that of the library never fails.
type bzip2Writer struct{ *bzip2.Writer }

func (b bzip2Writer) Reset(w io.Writer) { _ = b.Writer.Reset(w) }

// compressorFor is a compressor into w. Those of files that are finished are used
// again, as each is a megabyte of tables.
func (s *sink) compressorFor(w io.Writer) (compressor, error) {
	if n := len(s.idle); n > 0 {
		z := s.idle[n-1]
		s.idle = s.idle[:n-1]
		z.Reset(w)
		return z, nil
	}
	switch s.compression {
	case copycmd.Gzip:
		return gzip.NewWriter(w), nil
	case copycmd.Bzip2:
		b, err := bzip2.NewWriter(w, &bzip2.WriterConfig{Level: bzip2.BestCompression})
		if err != nil {
			return nil, err
		}
		return bzip2Writer{b}, nil
	case copycmd.Zstd:
		return zstd.NewWriter(w, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(1<<20))
	}
	return nil, nil
}

// flush writes what is kept.
func (f *file) flush(ctx context.Context, s *sink) error {
	if err := f.open(ctx, s); err != nil || len(f.buf) == 0 {
		return err
	}
	var w io.Writer = f.w
	if f.z != nil {
		w = f.z
	}
	f.taken += int64(len(f.buf))
	_, err := w.Write(f.buf)
	f.buf = f.buf[:0]
	return err
}

func (f *file) open(ctx context.Context, s *sink) (err error) {
	if f.w != nil {
		return nil
	}
	if f.w, err = s.s3.Create(ctx, s.plan.bucket, f.key, s.plan.meta); err != nil {
		return err
	}
	f.z, err = s.compressorFor(f.w)
	return err
}

// close writes the rest; the object is there but for its commit.
func (f *file) close(ctx context.Context, s *sink) error {
	if f.from != nil {
		return f.copyGroups(ctx, s)
	}
	if err := f.flush(ctx, s); err != nil {
		return err
	}
	f.buf = nil
	if f.z != nil {
		if err := f.z.Close(); err != nil {
			return err
		}
		s.idle = append(s.idle, f.z)
		f.z = nil
	}
	f.size, f.end = f.w.Size(), time.Now()
	return nil
}

func (f *file) abort() {
	if f.z != nil {
		_ = f.z.Close() // into a writer that is dropped below
		f.z = nil
	}
	if f.w != nil {
		_ = f.w.Abort()
	}
	f.buf = nil
}

// full tells whether n more bytes might take the file beyond limit. What a compressor
// holds back counts as if it did not compress.
func (f *file) full(n int, limit int64) bool {
	if f.rows == 0 {
		return false // one row at least, however large
	}
	if f.z == nil {
		return f.taken+int64(len(f.buf)+n) > limit
	}
	return f.w.Size()+min(f.taken, heldBack)+int64(len(f.buf)+n) > limit
}
