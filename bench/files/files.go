package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/s3stage"
	"github.com/llm-dev-ops/redshift/transport/transporttest"
)

// folder is a stage of a folder, or one that keeps nothing if it has no path.
type folder struct{ path string }

func (f folder) file(uri string) string {
	return filepath.Join(f.path, filepath.Base(uri))
}

func (f folder) Put(_ context.Context, uri string, r io.Reader) (s3stage.Object, error) {
	if f.path == "" {
		n, err := io.Copy(io.Discard, r)
		return s3stage.Object{URI: uri, Size: n}, err
	}
	out, err := os.Create(f.file(uri))
	if err != nil {
		return s3stage.Object{}, err
	}
	n, err := io.Copy(out, r)
	return s3stage.Object{URI: uri, Size: n}, errors.Join(err, out.Close())
}

func (f folder) PutManifest(ctx context.Context, uri string, m s3stage.Manifest) (s3stage.Object, error) {
	text, err := json.Marshal(m)
	if err != nil {
		return s3stage.Object{}, err
	}
	return f.Put(ctx, uri, strings.NewReader(string(text)))
}

func (f folder) ReadManifest(context.Context, string) (s3stage.Manifest, error) {
	var m s3stage.Manifest
	names, err := filepath.Glob(filepath.Join(f.path, "part-*"))
	for _, n := range names {
		m.Entries = append(m.Entries, s3stage.Entry{URL: "s3://bench/" + filepath.Base(n)})
	}
	return m, err
}

func (f folder) Open(_ context.Context, uri string) (io.ReadCloser, s3stage.Object, error) {
	in, err := os.Open(f.file(uri))
	return in, s3stage.Object{URI: uri}, err
}

func (folder) CleanUp(context.Context, string) error { return nil }

// tables is a client that knows a table of calls, and whose COPY moves
// nothing: what is measured is all around them.
type tables struct{ *redshift.Client }

func newTables() (tables, error) {
	f := transporttest.NewFake(1)
	for _, sql := range []string{`SELECT * FROM "calls" LIMIT 0`, "SELECT * FROM (\nSELECT * FROM calls\n) bulk_rows LIMIT 0"} {
		f.On(sql, transporttest.Answer{Columns: callColumns, Tag: "SELECT"})
	}
	c, err := redshift.New(f, redshift.Config{MaxRetries: -1})
	return tables{c}, err
}

func (tables) Copy(context.Context, redshift.CopyCommand) (*redshift.CopyResult, error) {
	return &redshift.CopyResult{RowsLoaded: -1}, nil
}
