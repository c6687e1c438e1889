package bulk

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/llm-dev-ops/redshift"
)

// Files is the source of local files, one after another, and of those of a
// folder in the order of their names. The name's end says what is in them:
// .csv, or .jsonl, .ndjson and .json for JSON objects, each also with .gz or
// .zst behind it. opts are for CSV; with a header, every file must have the same.
func Files(opts CSVOptions, paths ...string) BatchSource {
	return &fileSource{opts: opts, paths: paths}
}

type fileSource struct {
	opts  CSVOptions
	paths []string
	files []string // of the load under way
}

func (s *fileSource) expand() ([]string, error) {
	var out []string
	for _, p := range s.paths {
		info, err := os.Stat(p)
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			out = append(out, p)
			continue
		}
		entries, err := os.ReadDir(p)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			if e.Type()&fs.ModeDir == 0 && !strings.HasPrefix(e.Name(), ".") {
				out = append(out, filepath.Join(p, e.Name()))
			}
		}
	}
	if len(out) == 0 {
		return nil, usage("bulk: no files are named, or the folder is empty")
	}
	return out, nil
}

// Columns implements BatchSource.
func (s *fileSource) Columns(table []redshift.Column) (given []string, err error) {
	if s.files, err = s.expand(); err != nil {
		return nil, err
	}
	for i, p := range s.files {
		err := s.each(p, func(src BatchSource) error {
			have, err := src.Columns(table)
			if err != nil {
				return err
			}
			if have == nil {
				have = names(table)
			}
			if i > 0 && !slices.Equal(have, given) {
				return usage("bulk: %s has other columns than %s", p, s.files[0])
			}
			given = have
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return given, nil
}

// Feed implements BatchSource.
func (s *fileSource) Feed(ctx context.Context, b *Batch) error {
	table := make([]redshift.Column, b.Len())
	for i := range table {
		table[i] = b.Column(i).Info()
	}
	for _, p := range s.files {
		err := s.each(p, func(src BatchSource) error {
			if _, err := src.Columns(table); err != nil { // past the header
				return err
			}
			return src.Feed(ctx, b)
		})
		if err != nil {
			return fmt.Errorf("%s: %w", p, err)
		}
	}
	return nil
}

// each opens a file for do.
func (s *fileSource) each(path string, do func(BatchSource) error) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	name, in := strings.ToLower(path), io.Reader(f)
	switch filepath.Ext(name) {
	case ".gz":
		z, err := gzip.NewReader(f)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		defer z.Close()
		name, in = strings.TrimSuffix(name, ".gz"), z
	case ".zst":
		z, err := zstd.NewReader(f, zstd.WithDecoderConcurrency(1))
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		defer z.Close()
		name, in = strings.TrimSuffix(name, ".zst"), z
	}
	switch filepath.Ext(name) {
	case ".csv":
		return do(CSV(in, s.opts))
	case ".jsonl", ".ndjson", ".json":
		return do(JSONLines(in))
	}
	return usage("bulk: what is in %s cannot be told from its name", path)
}
