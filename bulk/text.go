package bulk

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/llm-dev-ops/redshift"
)

// CSVOptions says how CSV is read. The zero value is RFC 4180 without a header.
type CSVOptions struct {
	// Columns names the file's columns, in its order. Defaults to the header's, or
	// to all of the table.
	Columns []string
	// Header is that the first record names the columns. With Columns it is
	// skipped.
	Header bool
	// Comma is the delimiter. Defaults to a comma.
	Comma byte
	// Null is the field that means NULL. Defaults to the empty field. In quotes it
	// is a value to CHAR and VARCHAR, and NULL to all others.
	Null string
}

// CSV is the source of the records of r, which stays the caller's. Values are
// taken as Vector.Text does.
func CSV(r io.Reader, opts CSVOptions) BatchSource { return &csvSource{r: r, opts: opts} }

type csvSource struct {
	r      io.Reader
	opts   CSVOptions
	reader *records
}

// Columns implements BatchSource.
func (c *csvSource) Columns([]redshift.Column) ([]string, error) {
	if c.r == nil {
		return nil, errNoRows
	}
	comma := c.opts.Comma
	if comma == 0 {
		comma = ','
	}
	if comma == '"' || comma == '\n' || comma == '\r' {
		return nil, usage("bulk: CSVOptions.Comma %q cannot be one", comma)
	}
	c.reader = newRecords(c.r, comma)
	// A mark of UTF-8 at the head is no part of the first name.
	if head, _ := c.reader.in.Peek(3); string(head) == "\xef\xbb\xbf" {
		_, _ = c.reader.in.Discard(3)
	}
	if !c.opts.Header {
		return c.opts.Columns, nil
	}
	if err := c.reader.next(); err != nil {
		return nil, fmt.Errorf("bulk: the header: %w", err)
	}
	if c.opts.Columns != nil {
		return c.opts.Columns, nil
	}
	head := make([]string, len(c.reader.fields))
	for i := range head {
		head[i] = string(c.reader.field(i))
	}
	return head, nil
}

// Feed implements BatchSource.
func (c *csvSource) Feed(_ context.Context, b *Batch) error {
	for {
		err := c.reader.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return b.Fail(err)
		}
		if n := len(c.reader.fields); n != b.Len() {
			return b.Fail(fmt.Errorf("it has %d fields, there are %d columns", n, b.Len()))
		}
		for i, at := range c.reader.fields {
			v, field := b.Column(i), c.reader.field(i)
			switch {
			case string(field) == c.opts.Null && (!at.quoted || v.kind != kindString):
				err = v.Null()
			case v.kind == kindString:
				err = putString(v, field)
			default:
				err = v.Text(string(field))
			}
			if err != nil {
				return err
			}
		}
		if err := b.EndRow(); err != nil {
			return err
		}
	}
}

// JSONLines is the source of the objects of r, which stays the caller's: one
// after another, with or without lines between them. A key is a column's name;
// a key that is missing or null is NULL, and one without a column an error.
func JSONLines(r io.Reader) BatchSource { return &jsonSource{r} }

type jsonSource struct{ r io.Reader }

// Columns implements BatchSource.
func (j *jsonSource) Columns([]redshift.Column) ([]string, error) {
	if j.r == nil {
		return nil, errNoRows
	}
	return nil, nil
}

// Feed implements BatchSource.
func (j *jsonSource) Feed(_ context.Context, b *Batch) error {
	d := json.NewDecoder(bufio.NewReaderSize(j.r, 1<<16))
	at := make(map[string]int, b.Len())
	for i := range b.Len() {
		at[b.Column(i).Info().Name] = i
	}
	for {
		var object map[string]json.RawMessage
		switch err := d.Decode(&object); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return b.Fail(err)
		case object == nil:
			return b.Fail(errors.New("is no object"))
		}
		for key := range object {
			if _, ok := at[key]; !ok {
				return b.Fail(fmt.Errorf("the table has no column for the key %q", key))
			}
		}
		for i := range b.Len() {
			v := b.Column(i)
			if err := v.jsonValue(object[v.column.Name]); err != nil {
				return err
			}
		}
		if err := b.EndRow(); err != nil {
			return err
		}
	}
}

// jsonValue appends a value as it stands in a JSON text.
func (v *Vector) jsonValue(raw json.RawMessage) error {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || string(raw) == "null" {
		return v.Null()
	}
	switch {
	case v.column.Type == redshift.TypeSuper:
		return putString(v, []byte(raw))
	case raw[0] == '"':
		var s string
		if err := json.Unmarshal(raw, &s); err != nil {
			return v.fail(err)
		}
		return v.Text(s)
	case raw[0] == '{' || raw[0] == '[':
		if v.kind != kindString {
			return v.mismatch("an object or array")
		}
		return putString(v, []byte(raw))
	case bytes.ContainsAny(raw, "eE") && v.kind != kindString && v.kind != kindFloat && v.kind != kindBool:
		var f float64
		if err := json.Unmarshal(raw, &f); err != nil {
			return v.fail(err)
		}
		return v.Float64(f)
	}
	return v.Text(string(raw))
}
