package s3stage

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
)

// Manifest lists the files of a COPY, or those that an UNLOAD wrote ("Using a
// manifest to specify data files" and "UNLOAD", MANIFEST). Both commands' forms are
// one, so that COPY can read what UNLOAD wrote.
type Manifest struct {
	// Entries are the files; the same file twice is loaded twice.
	Entries []Entry `json:"entries"`
	// Schema is the columns of an UNLOAD with MANIFEST VERBOSE, as it came: the
	// documentation does not say how it is made up.
	Schema json.RawMessage `json:"schema,omitempty"`
	// Meta is the sum over the files of an UNLOAD with MANIFEST VERBOSE.
	Meta *Meta `json:"meta,omitempty"`
	// Author is who wrote the manifest, in an UNLOAD with MANIFEST VERBOSE.
	Author *Author `json:"author,omitempty"`
}

// Entry is one file of a manifest.
type Entry struct {
	// URL is the whole s3://bucket/key of the file, not a prefix.
	URL string `json:"url"`
	// Mandatory makes COPY fail when the file is not there.
	Mandatory bool `json:"mandatory,omitempty"`
	// Meta is required by COPY from Parquet and ORC.
	Meta *Meta `json:"meta,omitempty"`
}

// Meta says how much there is.
type Meta struct {
	// ContentLength is in bytes.
	ContentLength int64 `json:"content_length"`
	// RecordCount is the number of rows, header lines included; nil is unknown.
	RecordCount *int64 `json:"record_count,omitempty"`
}

// Author names a program.
type Author struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// maxManifest is the largest manifest that ReadManifest takes, in bytes: a million
// entries.
const maxManifest = 256 << 20

// NewManifest makes the manifest of a COPY from objects, all mandatory and with
// their lengths.
func NewManifest(objects []Object) Manifest {
	m := Manifest{Entries: make([]Entry, 0, len(objects))}
	for _, o := range objects {
		e := Entry{URL: o.URI, Mandatory: true}
		if o.Size >= 0 {
			e.Meta = &Meta{ContentLength: o.Size}
		}
		m.Entries = append(m.Entries, e)
	}
	return m
}

// Validate says what COPY would refuse: no entries, or a URL that is not an
// object's.
func (m Manifest) Validate() error {
	if len(m.Entries) == 0 {
		return fmt.Errorf("s3stage: %w: it has no entries", ErrManifest)
	}
	for i, e := range m.Entries {
		if _, err := parseObject(e.URL); err != nil {
			return fmt.Errorf("s3stage: %w: entry %d: %w", ErrManifest, i+1, err)
		}
		if e.Meta != nil && e.Meta.ContentLength < 0 {
			return fmt.Errorf("s3stage: %w: entry %d: content_length is negative", ErrManifest, i+1)
		}
	}
	return nil
}

// ParseManifest parses a manifest of either command. Unknown keys are ignored, as
// COPY does; anything behind the document is not.
func ParseManifest(data []byte) (Manifest, error) {
	var m Manifest
	d := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))))
	if err := d.Decode(&m); err != nil {
		return Manifest{}, fmt.Errorf("s3stage: %w: %w", ErrManifest, err)
	}
	if _, err := d.Token(); err != io.EOF {
		return Manifest{}, fmt.Errorf("s3stage: %w: something stands behind the document", ErrManifest)
	}
	if err := m.Validate(); err != nil {
		return Manifest{}, err
	}
	return m, nil
}

// PutManifest writes a manifest.
func (s *Stage) PutManifest(ctx context.Context, uri string, m Manifest) (Object, error) {
	if err := m.Validate(); err != nil {
		return Object{}, err
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(m); err != nil {
		return Object{}, fmt.Errorf("s3stage: %w: %w", ErrManifest, err)
	}
	return s.Put(ctx, uri, &b)
}

// ReadManifest reads a manifest of either command.
func (s *Stage) ReadManifest(ctx context.Context, uri string) (m Manifest, err error) {
	r, _, err := s.Open(ctx, uri)
	if err != nil {
		return Manifest{}, err
	}
	defer r.Close()
	data, err := io.ReadAll(io.LimitReader(r, maxManifest+1))
	if err != nil {
		return Manifest{}, err
	}
	if len(data) > maxManifest {
		return Manifest{}, fmt.Errorf("s3stage: %s: %w: it has more than %d bytes", uri, ErrManifest, maxManifest)
	}
	m, err = ParseManifest(data)
	if err != nil {
		return Manifest{}, fmt.Errorf("%s: %w", uri, err)
	}
	return m, nil
}
