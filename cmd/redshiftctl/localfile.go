package main

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/llm-dev-ops/redshift/s3stage"
)

// localFile is a file to be loaded.
type localFile struct {
	path        string // "-" for stdin
	stdin       io.Reader
	size        int64 // as far as known; that of the file where it is converted
	compression string
	// lines: one JSON array, or any JSON file beside one, is uploaded as lines
	// in gzip.
	lines bool
}

// extensions are those that tell a format.
var extensions = map[string]string{
	".csv": "csv", ".tsv": "tsv", ".json": "json", ".jsonl": "json", ".ndjson": "json",
	".parquet": "parquet", ".orc": "orc", ".avro": "avro",
}

// suffixes are those that tell a compression.
var suffixes = map[string]string{".gz": "gzip", ".bz2": "bzip2", ".zst": "zstd", ".lzo": "lzop"}

// guess reads format and compression from a name.
func guess(path string) (format, compression string) {
	name := strings.ToLower(filepath.Base(path))
	if c, ok := suffixes[filepath.Ext(name)]; ok {
		compression = c
		name = strings.TrimSuffix(name, filepath.Ext(name))
	}
	return extensions[filepath.Ext(name)], compression
}

// localFiles looks at the files, and completes the flags with what is guessed.
func (p program) localFiles(paths []string, f *copyFlags) ([]localFile, error) {
	var files []localFile
	format, packed := f.format, f.compression
	for _, path := range paths {
		l := localFile{path: path, stdin: p.stdin}
		guessed, compression := guess(path)
		if path != "-" {
			info, err := os.Stat(path)
			if err != nil {
				return nil, usageError{err}
			}
			if !info.Mode().IsRegular() {
				return nil, usagef("%s is no file", path)
			}
			l.size = info.Size()
		} else if len(paths) > 1 {
			return nil, usagef(`"-" cannot be loaded together with files`)
		}
		if f.format == "" {
			if guessed == "" {
				return nil, hinted{usagef("the format of %s cannot be guessed from its name", path), "give --format"}
			}
			if format != "" && format != guessed {
				return nil, usagef("%s is %s and %s is %s: load them one after another", paths[0], format, path, guessed)
			}
			format = guessed
		}
		if f.compression == "" {
			l.compression = compression
			if len(files) > 0 && compression != packed {
				return nil, usagef("%s and %s are not compressed in the same way: load them one after another", paths[0], path)
			}
			packed = compression
		} else {
			l.compression = strings.ToLower(f.compression)
		}
		files = append(files, l)
	}
	f.format, f.compression = format, packed
	if strings.EqualFold(format, "json") || strings.EqualFold(format, "jsonl") {
		if f.jsonPaths == "" {
			f.jsonPaths = "auto ignorecase"
		}
		if err := findArrays(files, f); err != nil {
			return nil, err
		}
	}
	return files, nil
}

// findArrays looks for JSON files that are one array. COPY takes each array as
// a row and needs a jsonpaths file for it ("COPY from JSON format"); what people
// have in such a file is an object for each row.
func findArrays(files []localFile, f *copyFlags) error {
	if strings.HasPrefix(f.jsonPaths, "s3://") || files[0].path == "-" {
		return nil
	}
	found := false
	for _, l := range files {
		if l.compression == "lzop" {
			continue // nothing here reads it
		}
		is, err := l.isArray()
		if err != nil {
			return fmt.Errorf("%s: %w", l.path, err)
		}
		found = found || is
	}
	if !found {
		return nil
	}
	for i := range files {
		if files[i].compression == "lzop" {
			return usagef("a JSON array cannot be loaded together with LZOP files")
		}
		files[i].lines = true
	}
	f.compression = "gzip"
	return nil
}

func (l localFile) isArray() (bool, error) {
	r, err := l.open()
	if err != nil {
		return false, err
	}
	defer func() { _ = r.Close() }()
	c, err := firstOf(bufio.NewReader(r))
	return c == '[', err
}

// firstOf looks at the first byte that is no whitespace, 0 for none.
func firstOf(r *bufio.Reader) (byte, error) {
	if bom, _ := r.Peek(3); bytes.Equal(bom, []byte("\xef\xbb\xbf")) {
		_, _ = r.Discard(3)
	}
	for {
		c, err := r.ReadByte()
		if errors.Is(err, io.EOF) {
			return 0, nil
		}
		if err != nil {
			return 0, err
		}
		if c != ' ' && c != '\t' && c != '\r' && c != '\n' {
			return c, r.UnreadByte()
		}
	}
}

// open reads the file without its compression.
func (l localFile) open() (io.ReadCloser, error) {
	f, err := os.Open(l.path)
	if err != nil {
		return nil, err
	}
	var r io.Reader
	switch l.compression {
	case "gzip":
		r, err = gzip.NewReader(f)
	case "bzip2":
		r = bzip2.NewReader(f)
	case "zstd":
		var z *zstd.Decoder
		if z, err = zstd.NewReader(f, zstd.WithDecoderConcurrency(1)); err == nil {
			return closing{z, func() error { z.Close(); return f.Close() }}, nil
		}
	default:
		return f, nil
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return closing{r, f.Close}, nil
}

// closing is a reader with another's Close.
type closing struct {
	io.Reader
	close func() error
}

func (c closing) Close() error { return c.close() }

// staged is the file as it is uploaded below prefix, the i-th of all.
func (l localFile) staged(prefix string, i int) s3stage.File {
	name := "stdin"
	if l.path != "-" {
		name = plainKey(filepath.Base(l.path))
	}
	f := s3stage.File{URI: fmt.Sprintf("%s%05d-%s", prefix, i, name), Path: l.path, Size: l.size}
	switch {
	case l.path == "-":
		f.Path, f.Open = "", func() (io.ReadCloser, error) { return io.NopCloser(l.stdin), nil }
	case l.lines:
		f.URI += ".lines.gz"
		f.Path, f.Open = "", l.openLines
	}
	return f
}

// plainKey keeps of a name what needs no thought in a URL.
func plainKey(name string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x80 && (r == '.' || r == '-' || r == '_' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z') {
			return r
		}
		return '_'
	}, name)
}

// openLines reads the file as JSON lines in gzip.
func (l localFile) openLines() (io.ReadCloser, error) {
	in, err := l.open()
	if err != nil {
		return nil, err
	}
	pr, pw := io.Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() { _ = in.Close() }()
		z, _ := gzip.NewWriterLevel(pw, gzip.BestSpeed) // a known level cannot fail
		err := writeLines(z, in)
		if err == nil {
			err = z.Close()
		}
		if err != nil {
			err = fmt.Errorf("%s: %w", l.path, err)
		}
		_ = pw.CloseWithError(err)
	}()
	return closing{pr, func() error {
		err := pr.Close() // ends the goroutine's writing
		<-done
		return err
	}}, nil
}

// writeLines writes the elements of an array, or the objects of a stream, one a
// line. It holds one of them at a time.
func writeLines(w io.Writer, r io.Reader) error {
	in := bufio.NewReaderSize(r, 64<<10)
	first, err := firstOf(in)
	if err != nil {
		return err
	}
	dec := json.NewDecoder(in)
	if first == '[' {
		if _, err := dec.Token(); err != nil {
			return err
		}
	}
	var line bytes.Buffer
	for n := 1; dec.More(); n++ {
		var row json.RawMessage
		if err := dec.Decode(&row); err != nil {
			return fmt.Errorf("element %d of the JSON: %w", n, err)
		}
		if row[0] != '{' {
			return fmt.Errorf("element %d of the JSON is no object", n)
		}
		line.Reset()
		if err := json.Compact(&line, row); err != nil {
			return err
		}
		line.WriteByte('\n')
		if _, err := w.Write(line.Bytes()); err != nil {
			return err
		}
	}
	if first == '[' {
		if _, err := dec.Token(); err != nil {
			return fmt.Errorf("the JSON array has no end: %w", err)
		}
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there is more behind the JSON array")
	}
	return nil
}
