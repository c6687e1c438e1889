package unload

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/llm-dev-ops/redshift/emulator/internal/engine"
	"github.com/llm-dev-ops/redshift/emulator/internal/event"
	"github.com/llm-dev-ops/redshift/emulator/internal/objstore"
	"github.com/llm-dev-ops/redshift/emulator/internal/s3client"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/copycmd"
)

// Run executes an UNLOAD and gives the texts of its INFO messages. The error is an
// *Error, the *engine.Error of the query, or the context's; then the store is as it
// was, but for objects that ALLOWOVERWRITE or CLEANPATH had replaced or deleted already
// when a later commit failed. The unload and its files are in the Log.
func Run(ctx context.Context, r Request) (Result, []string, error) {
	p, err := newPlan(&r)
	if err != nil {
		return Result{}, nil, err
	}
	u := r.Unload
	record := r.Log.AddUnload(event.Unload{
		Session: r.Session, Query: r.Query, XID: r.XID, Destination: u.To,
		Format: formatName(u.Format), Compression: compressionName(u),
		Status: event.Running, Start: time.Now(),
	})
	s := &sink{plan: p, store: r.Store, s3: s3client.New(r.Store, r.Faults), compression: u.Compression, zone: r.TimeZone, folders: make(map[string]*folder)}
	defer s.abort()
	err = s.run(ctx, &r)
	var res Result
	if err == nil {
		res = Result{Rows: s.rows, Files: len(s.files)}
		for _, f := range s.files {
			res.Bytes += f.size
			r.Log.AddUnloadFile(event.UnloadFile{
				Session: r.Session, Query: r.Query, XID: r.XID, Slice: f.slice,
				Path: "s3://" + p.bucket + "/" + f.key, Format: formatName(u.Format),
				Start: f.start, End: f.end, Rows: f.lines, Bytes: f.size,
			})
		}
	}
	record.Change(func(e *event.Unload) {
		e.End, e.Status = time.Now(), event.Success
		e.Rows, e.Files, e.Bytes = res.Rows, int64(res.Files), res.Bytes
		if err != nil {
			e.Status, e.Message = event.Failed, err.Error()
			if interrupted(err) {
				e.Status = event.Canceled
			}
		}
	})
	if err != nil {
		return Result{}, nil, err
	}
	return res, []string{fmt.Sprintf("UNLOAD completed, %d record(s) unloaded successfully.", res.Rows)}, nil
}

func interrupted(err error) bool {
	var e *engine.Error
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) ||
		errors.As(err, &e) && e.Kind == engine.ErrorInterrupt
}

// formatName is STL_UNLOAD_LOG.file_format ("TEXT, CSV, or PARQUET"; JSON is assumed).
func formatName(f copycmd.Format) string {
	switch f {
	case copycmd.FormatCSV, copycmd.FormatJSON, copycmd.FormatParquet:
		return f.String()
	}
	return "TEXT"
}

func compressionName(u *copycmd.Unload) string {
	if u.Format == copycmd.FormatParquet {
		return "SNAPPY"
	}
	return u.Compression.String()
}

func (s *sink) run(ctx context.Context, r *Request) error {
	u := r.Unload
	if err := s.destination(ctx, r); err != nil {
		return err
	}
	if u.Format == copycmd.FormatParquet {
		end, err := s.parquet(ctx, r)
		defer end()
		if err != nil {
			return err
		}
	} else if err := s.stream(ctx, r); err != nil {
		return err
	}
	empty := u.Format != copycmd.FormatParquet && u.Format != copycmd.FormatJSON
	if err := s.finish(ctx, empty); err != nil {
		return err
	}
	for _, f := range s.files {
		if f.w != nil && f.end.IsZero() {
			if err := f.close(ctx, s); err != nil {
				return s.plan.failed(f.key, err)
			}
		}
	}
	cond := objstore.Precondition{IfNoneMatch: "*"}
	if u.AllowOverwrite || u.CleanPath {
		cond = objstore.Precondition{}
	}
	if u.CleanPath {
		if err := s.clean(ctx); err != nil {
			return err
		}
	}
	var last func() (string, []byte)
	if u.Manifest {
		last = func() (string, []byte) { return s.plan.prefix + manifestName, manifest(u, s.plan, s.files) }
	}
	return s.commit(ctx, cond, last)
}

// destination checks the bucket and that nothing is overwritten by chance. Redshift
// looks for any object with the prefix, not for the files to be written alone (seen on
// a cluster; r_UNLOAD.md: "fails if it finds files that it would possibly overwrite").
func (s *sink) destination(ctx context.Context, r *Request) error {
	p, u := s.plan, r.Unload
	// Listing, for what is there, and one file stand for all; CLEANPATH needs
	// s3:DeleteObject (r_UNLOAD.md).
	actions := []string{"s3:ListBucket", "s3:PutObject"}
	if u.CleanPath {
		actions = append(actions, "s3:DeleteObject")
	}
	for _, action := range actions {
		if r.Allowed == nil {
			break
		}
		key := p.prefix
		if action == "s3:ListBucket" {
			key = ""
		}
		if err := r.Allowed(action, p.bucket, key); err != nil {
			return &Error{State: "XX000", Message: err.Error(), Cause: err}
		}
	}
	b, err := s.s3.HeadBucket(ctx, p.bucket)
	if err != nil {
		return p.failed(p.prefix, err)
	}
	if r.Region != "" {
		is, want := b.Region, u.Region
		if is == "" {
			is = r.Region
		}
		if want == "" {
			want = r.Region
		}
		if is != want {
			return p.s3Error(301, "PermanentRedirect", p.prefix, nil)
		}
	}
	if u.AllowOverwrite || u.CleanPath {
		return nil
	}
	found, _, err := s.s3.List(ctx, p.bucket, p.prefix, "", 1)
	if err != nil {
		return p.failed(p.prefix, err)
	}
	if len(found) > 0 {
		return errNotEmpty(nil)
	}
	return nil
}

// stream writes the rows of the query as they come.
func (s *sink) stream(ctx context.Context, r *Request) (err error) {
	s.encoder = newEncoder(r.Unload, s.plan, r.TimeZone)
	result, err := r.Conn.Query(ctx, r.SQL, r.Params)
	if err != nil {
		return err
	}
	defer func() {
		if failed := result.Close(); err == nil {
			err = failed
		}
	}()
	if n := len(result.Columns()); n != len(r.Columns) {
		return &Error{State: "XX000", Message: fmt.Sprintf("the query has %d columns and not %d", n, len(r.Columns))}
	}
	for {
		c, err := result.Next(ctx)
		if err != nil || c == nil {
			return err
		}
		if err := s.chunk(ctx, c); err != nil {
			return err
		}
	}
}

// clean deletes what lies under the path, with PARTITION BY under the folders that
// receive files alone. Unlike Redshift it does so only when all rows have been read.
func (s *sink) clean(ctx context.Context) error {
	paths := []string{s.plan.prefix}
	if len(s.plan.keys) > 0 {
		paths = paths[:0]
		for path, d := range s.folders {
			if slices.ContainsFunc(d.parts, func(n int) bool { return n > 0 }) {
				paths = append(paths, s.plan.prefix+path)
			}
		}
		slices.Sort(paths)
	}
	for _, path := range paths {
		for after, more := "", true; more; {
			var found []objstore.Object
			var err error
			if found, more, err = s.s3.List(ctx, s.plan.bucket, path, after, 1000); err != nil {
				return s.plan.failed(path, err)
			}
			for _, o := range found {
				if err := s.s3.Delete(ctx, s.plan.bucket, o.Key); err != nil {
					return s.plan.failed(o.Key, err)
				}
				after = o.Key
			}
		}
	}
	return nil
}
