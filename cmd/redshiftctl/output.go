package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/llm-dev-ops/redshift"
)

// formats are those of query's output.
var formats = append([]string{"table", "csv", "json", "jsonl"}, batchFormats...)

// writer prints the results of statements, one after another.
type writer interface {
	// begin starts a result; cols is never empty.
	begin(cols []redshift.Column) error
	// row prints a row, whose values are valid until it returns; nil is NULL.
	row(values []*string) error
	// end ends the result.
	end() error
}

func newWriter(format string, w io.Writer, null string) writer {
	out := bufio.NewWriterSize(w, 64<<10)
	switch format {
	case "csv":
		return &csvWriter{w: out, null: null}
	case "json":
		return &jsonWriter{w: out, array: true}
	case "jsonl":
		return &jsonWriter{w: out}
	default:
		return &tableWriter{w: out, null: null}
	}
}

// csvWriter prints a line of names and then the rows. Results after the first
// have an empty line before them. An empty text is "", to tell it from a NULL.
type csvWriter struct {
	w    *bufio.Writer
	null string
	many bool
}

func (c *csvWriter) begin(cols []redshift.Column) error {
	if c.many {
		_ = c.w.WriteByte('\n')
	}
	c.many = true
	for i, col := range cols {
		c.field(i, col.Name)
	}
	return c.w.WriteByte('\n')
}

func (c *csvWriter) row(values []*string) error {
	for i, v := range values {
		if v == nil {
			if i > 0 {
				_ = c.w.WriteByte(',')
			}
			_, _ = c.w.WriteString(c.null)
			continue
		}
		c.field(i, *v)
	}
	return c.w.WriteByte('\n') // a bufio.Writer keeps its first error
}

func (c *csvWriter) field(i int, s string) {
	if i > 0 {
		_ = c.w.WriteByte(',')
	}
	if s != c.null && s != "" && !strings.ContainsAny(s, ",\"\r\n") && s[0] != ' ' && s[len(s)-1] != ' ' {
		_, _ = c.w.WriteString(s)
		return
	}
	_ = c.w.WriteByte('"')
	_, _ = c.w.WriteString(strings.ReplaceAll(s, `"`, `""`))
	_ = c.w.WriteByte('"')
}

func (c *csvWriter) end() error { return c.w.Flush() }

// jsonWriter prints an object for each row, in one array for each result or one
// a line. Numbers keep all their digits, SUPER is what it is, and what JSON has
// no type for is a string.
type jsonWriter struct {
	w     *bufio.Writer
	array bool
	rows  int
	names [][]byte // with quotes and the colon
	kinds []redshift.Type
	buf   bytes.Buffer
	enc   *json.Encoder
}

func (j *jsonWriter) begin(cols []redshift.Column) error {
	if j.enc == nil {
		j.enc = json.NewEncoder(&j.buf)
		j.enc.SetEscapeHTML(false)
	}
	j.rows, j.names, j.kinds = 0, nil, nil
	seen := map[string]bool{}
	for _, col := range cols {
		name := col.Name
		for n := 2; seen[name]; n++ { // an object has each key once
			name = col.Name + "_" + strconv.Itoa(n)
		}
		seen[name] = true
		j.names = append(j.names, append(slices.Clone(j.text(name)), ':'))
		j.kinds = append(j.kinds, col.Type)
	}
	return nil
}

// text is a JSON string, valid until the next call.
func (j *jsonWriter) text(s string) []byte {
	j.buf.Reset()
	_ = j.enc.Encode(s) // a string cannot fail
	return bytes.TrimSuffix(j.buf.Bytes(), []byte("\n"))
}

func (j *jsonWriter) row(values []*string) error {
	if j.array {
		_, _ = j.w.WriteString([]string{"[", ",\n "}[min(j.rows, 1)])
	}
	j.rows++
	for i, v := range values {
		_ = j.w.WriteByte("{,"[min(i, 1)])
		_, _ = j.w.Write(j.names[i])
		_, _ = j.w.Write(j.value(j.kinds[i], v))
	}
	_ = j.w.WriteByte('}')
	if j.array {
		return nil
	}
	return j.w.WriteByte('\n')
}

func (j *jsonWriter) value(kind redshift.Type, v *string) []byte {
	if v == nil {
		return []byte("null")
	}
	switch kind {
	case redshift.TypeBoolean:
		switch *v {
		case "t", "true":
			return []byte("true")
		case "f", "false":
			return []byte("false")
		}
	case redshift.TypeSmallInt, redshift.TypeInteger, redshift.TypeBigInt, redshift.TypeReal, redshift.TypeDouble,
		redshift.TypeNumeric, redshift.TypeSuper:
		if raw := []byte(*v); json.Valid(raw) { // NaN is not
			return bytes.TrimSpace(raw)
		}
	}
	return j.text(*v)
}

func (j *jsonWriter) end() error {
	if j.array {
		if j.rows == 0 {
			_ = j.w.WriteByte('[')
		}
		_, _ = j.w.WriteString("]\n")
	}
	return j.w.Flush()
}

// outputFile is a file that is there whole or not at all.
type outputFile struct {
	*os.File
	path string // "" if it is no regular file, and written as it is
}

func createOutput(path string) (*outputFile, error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return nil, err
		}
		return &outputFile{File: f}, nil
	}
	temp := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+"."+strconv.FormatUint(rand.Uint64(), 36))
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return nil, err
	}
	return &outputFile{f, path}, nil
}

// finish puts the file in its place, or removes it after a failure.
func (o *outputFile) finish(failed error) error {
	err := o.Close()
	if o.path == "" {
		return err
	}
	if failed == nil && err == nil {
		if err = os.Rename(o.Name(), o.path); err == nil {
			return nil
		}
	}
	_ = os.Remove(o.Name())
	return err
}
