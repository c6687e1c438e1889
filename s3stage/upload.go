package s3stage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"
)

// File is a file to be uploaded.
type File struct {
	// URI is where it goes.
	URI string
	// Path is where it is, if Open is nil.
	Path string
	// Open opens it. Upload closes what it returns.
	Open func() (io.ReadCloser, error)
	// Size is in bytes and serves the progress alone. With Path it defaults to the
	// file's size.
	Size int64
}

// Progress is the state of an Upload.
type Progress struct {
	// Sent is the number of bytes that S3 has, of all files together.
	Sent int64
	// Total is the sum of the files' sizes, as far as they are known.
	Total int64
	// FilesDone and Files count the files.
	FilesDone, Files int
}

// Upload sends files, several at the same time, and describes them in the order
// given. The first failure ends the others; what is already there stays until
// CleanUp. progress is called after each part and each file, one call at a time;
// nil is none.
func (s *Stage) Upload(ctx context.Context, files []File, progress func(Progress)) ([]Object, error) {
	files = slices.Clone(files)
	state := Progress{Files: len(files)}
	uris := make([]URI, len(files))
	for i, f := range files {
		u, err := parseObject(f.URI)
		if err != nil {
			return nil, err
		}
		uris[i] = u
		if f.Open == nil && f.Size == 0 {
			st, err := os.Stat(f.Path)
			if err != nil {
				return nil, fmt.Errorf("s3stage: upload to %s: %w", u, err)
			}
			if st.IsDir() {
				return nil, fmt.Errorf("s3stage: upload to %s: %s is a directory", u, f.Path)
			}
			f.Size = st.Size()
			files[i].Size = f.Size
		}
		state.Total += f.Size
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)

	var mu sync.Mutex // guards state and the order of the calls
	report := func(sent int64, done int) {
		if progress == nil {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		state.Sent += sent
		state.FilesDone += done
		progress(state)
	}
	objects := make([]Object, len(files))
	var wg sync.WaitGroup
	work := make(chan int)
	for range min(s.files, len(files)) {
		wg.Go(func() {
			for i := range work {
				o, err := s.upload(ctx, uris[i], files[i], report)
				if err != nil {
					cancel(err)
					continue
				}
				objects[i] = o
				report(0, 1)
			}
		})
	}
	for i := range files {
		select {
		case work <- i:
			continue
		case <-ctx.Done():
		}
		break
	}
	close(work)
	wg.Wait()
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	return objects, nil
}

// upload sends one file and reports what is new since the last report.
func (s *Stage) upload(ctx context.Context, u URI, f File, report func(int64, int)) (o Object, err error) {
	if err := ctx.Err(); err != nil {
		return Object{}, err
	}
	open := f.Open
	if open == nil {
		open = func() (io.ReadCloser, error) { return os.Open(f.Path) }
	}
	r, err := open()
	if err != nil {
		return Object{}, fmt.Errorf("s3stage: upload to %s: %w", u, err)
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	var mu sync.Mutex // parts report from their own goroutines
	var last int64
	return s.put(ctx, u, r, f.Size, func(total int64) {
		mu.Lock()
		defer mu.Unlock()
		if total > last {
			report(total-last, 0)
			last = total
		}
	})
}
