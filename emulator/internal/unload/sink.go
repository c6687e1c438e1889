package unload

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/llm-dev-ops/redshift/emulator/internal/engine"
	"github.com/llm-dev-ops/redshift/emulator/internal/objstore"
	"github.com/llm-dev-ops/redshift/emulator/internal/s3client"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/copycmd"
)

// sink takes rows and spreads them over files by partition and slice.
type sink struct {
	plan        *plan
	store       *objstore.Store // for what is not the cluster's doing
	s3          *s3client.Client
	encoder     encoder
	compression copycmd.Compression
	zone        *time.Location
	folders     map[string]*folder
	files       []*file      // all of them, in the order in which they were begun
	idle        []compressor // to be used again
	rows        int64
	path, value []byte // scratch
}

// folder is a partition, or the whole without PARTITION BY.
type folder struct {
	path   string
	slices []*file // the file that is being written, by slice
	parts  []int   // how many files a slice has begun
}

func (s *sink) folder(path []byte) *folder {
	if f := s.folders[string(path)]; f != nil {
		return f
	}
	f := &folder{path: string(path), slices: make([]*file, s.plan.slices), parts: make([]int, s.plan.slices)}
	s.folders[f.path] = f
	return f
}

// begin begins the next file of a slice.
func (s *sink) begin(d *folder, slice int) *file {
	f := &file{
		key:   s.plan.prefix + d.path + fileName(s.plan.serial, slice, d.parts[slice], s.plan.extension),
		slice: int32(slice), start: time.Now(),
	}
	d.parts[slice]++
	d.slices[slice] = f
	s.files = append(s.files, f)
	if s.encoder != nil {
		if f.buf = s.encoder.header(nil); len(f.buf) > 0 {
			f.lines++
		}
	}
	return f
}

// chunk writes rows. They go to the slices in turn, one by one.
func (s *sink) chunk(ctx context.Context, c *engine.Chunk) error {
	whole := s.folder(nil)
	for row := range c.Len() {
		d := whole
		if len(s.plan.keys) > 0 {
			s.path = s.path[:0]
			for _, k := range s.plan.keys {
				s.value = c.AppendTextIn(s.value[:0], k, row, s.zone)
				s.path = appendPartition(s.path, s.plan.columns[k].Name, s.value, c.IsNull(k, row))
			}
			d = s.folder(s.path)
		}
		slice := int(s.rows % int64(s.plan.slices))
		f := d.slices[slice]
		if f == nil {
			f = s.begin(d, slice)
		}
		start := len(f.buf)
		var err error
		if f.buf, err = s.encoder.row(f.buf, c, row); err != nil {
			return err
		}
		if n := len(f.buf) - start; f.rows > 0 && s.overflows(f, start, n) {
			next := s.begin(d, slice)
			next.buf = append(next.buf, f.buf[start:]...)
			f.buf = f.buf[:start]
			if err := f.close(ctx, s); err != nil {
				return s.plan.failed(f.key, err)
			}
			f = next
		}
		f.rows++
		f.lines++
		s.rows++
		if len(f.buf) >= flushSize {
			if err := f.flush(ctx, s); err != nil {
				return s.plan.failed(f.key, err)
			}
		}
	}
	return nil
}

// overflows tells whether a row of n bytes that was put at start of the buffer makes
// the file too large.
func (s *sink) overflows(f *file, start, n int) bool {
	f.buf = f.buf[:start]
	full := f.full(n, s.plan.limit)
	f.buf = f.buf[:start+n]
	return full
}

// finish gives every slice its file: "UNLOAD writes one or more files per slice". With
// partitions, and in JSON, files without rows are not written.
func (s *sink) finish(ctx context.Context, empty bool) error {
	if empty && len(s.plan.keys) == 0 {
		d := s.folder(nil)
		for slice := range d.slices {
			if d.slices[slice] == nil {
				s.begin(d, slice)
			}
		}
	}
	slices.SortStableFunc(s.files, func(a, b *file) int { return strings.Compare(a.key, b.key) })
	return ctx.Err()
}

// commit makes the objects visible, the manifest last. When one fails, what was
// committed is deleted again.
func (s *sink) commit(ctx context.Context, cond objstore.Precondition, manifest func() (string, []byte)) (err error) {
	var done []string
	defer func() {
		if err == nil {
			return
		}
		undo, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		for _, key := range done {
			if lost := s.store.Delete(undo, s.plan.bucket, key); lost != nil {
				err = errors.Join(err, lost)
			}
		}
	}()
	for _, f := range s.files {
		if err := ctx.Err(); err != nil {
			return err
		}
		if f.w == nil || f.end.IsZero() {
			if err := f.close(ctx, s); err != nil {
				return s.plan.failed(f.key, err)
			}
		}
		// What is there when no answer comes is undone, too.
		done = append(done, f.key)
		if err := s.s3.Commit(ctx, s.plan.bucket, f.key, f.w, cond); err != nil {
			if errors.Is(err, objstore.ErrPreconditionFailed) {
				done = done[:len(done)-1]
			}
			return s.plan.failed(f.key, err)
		}
	}
	if manifest == nil {
		return nil
	}
	key, body := manifest()
	w, err := s.s3.Create(ctx, s.plan.bucket, key, s.plan.meta)
	if err != nil {
		return s.plan.failed(key, err)
	}
	defer w.Abort()
	if _, err := w.Write(body); err != nil {
		return s.plan.failed(key, err)
	}
	if err := s.s3.Commit(ctx, s.plan.bucket, key, w, cond); err != nil {
		return s.plan.failed(key, err)
	}
	return nil
}

// abort drops what was not committed.
func (s *sink) abort() {
	for _, f := range s.files {
		f.abort()
	}
}
