package s3stage

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestURI(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]URI{
		"s3://bkt":                 {"bkt", ""},
		"s3://bkt/":                {"bkt", ""},
		"s3://bkt/k":               {"bkt", "k"},
		"s3://b.k-t//a/../%20 +é?": {"b.k-t", "/a/../%20 +é?"},
	} {
		if got, err := ParseURI(in); err != nil || got != want {
			t.Errorf("%s: %+v, %v", in, got, err)
		}
	}
	for in, want := range map[string]string{
		"": "begin with s3://", "bkt/k": "begin with s3://", "S3://bkt/k": "lower case", "http://x/y": "begin with s3://",
		"s3://": "bucket's name is missing", "s3:///k": "bucket's name is missing", "s3://ab/k": "3 to 63", "s3://a b/k": "letters",
		"s3://bkt?x/k": "letters", "s3://bkt/" + strings.Repeat("k", 1025): "1024 bytes", "s3://bkt/\xff": "UTF-8",
	} {
		_, err := ParseURI(in)
		if err == nil || !strings.Contains(err.Error(), want) || len(err.Error()) > 400 {
			t.Errorf("%.40q: %v", in, err)
		}
	}
}

func FuzzURI(f *testing.F) {
	for _, s := range []string{"s3://bkt/k", "s3://bkt", "s3:///", "S3://x", "s3://b\x00t/k"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		u, err := ParseURI(s)
		if err != nil {
			if len(err.Error()) > 1000 {
				t.Errorf("%d bytes of error", len(err.Error()))
			}
			return
		}
		if got := u.String(); got != s && got != s+"/" {
			t.Errorf("%q became %q", s, got)
		}
		if back, err := ParseURI(u.String()); err != nil || back != u {
			t.Errorf("%q: %+v, %v", s, back, err)
		}
		if p, err := UniquePrefix(s); err == nil {
			if pu, err := ParseURI(p); err != nil || !isUnique(pu) || !strings.HasPrefix(p, u.String()) {
				t.Errorf("%q: prefix %q, %v", s, p, err)
			}
		}
	})
}

// The first is COPY's page, the second UNLOAD's with MANIFEST VERBOSE.
const (
	copyManifest = `{
  "entries": [
    {"url":"s3://amzn-s3-demo-bucket1/custdata1","mandatory":true},
    {"url":"s3://amzn-s3-demo-bucket2/custdata1","mandatory":false, "meta":{"content_length":99}}
  ]
}`
	unloadManifest = `{"entries":[{"url":"s3://bkt/t0000_part_00","meta":{"content_length":6,"record_count":3}}],
"schema":{"elements":[{"name":"a","type":{"base":"integer"}}]},"meta":{"content_length":6,"record_count":3},
"author":{"name":"Amazon Redshift","version":"1.0.0"},"later":1}`
)

func TestManifest(t *testing.T) {
	t.Parallel()
	m, err := ParseManifest([]byte(copyManifest))
	want := Manifest{Entries: []Entry{
		{URL: "s3://amzn-s3-demo-bucket1/custdata1", Mandatory: true},
		{URL: "s3://amzn-s3-demo-bucket2/custdata1", Meta: &Meta{ContentLength: 99}},
	}}
	if d := cmp.Diff(want, m); err != nil || d != "" {
		t.Error(err, d)
	}
	m, err = ParseManifest([]byte(unloadManifest))
	if err != nil || *m.Entries[0].Meta.RecordCount != 3 || m.Author.Name != "Amazon Redshift" || m.Meta.ContentLength != 6 || len(m.Schema) == 0 {
		t.Errorf("%+v, %v", m, err)
	}
	s, _ := newFake(t, Config{})
	for _, m := range []Manifest{want, m, NewManifest([]Object{{URI: "s3://bkt/<&é>", Size: 0}, {URI: "s3://bkt/y", Size: -1}})} {
		if _, err := s.PutManifest(t.Context(), "s3://bkt/m", m); err != nil {
			t.Fatal(err)
		}
		back, err := s.ReadManifest(t.Context(), "s3://bkt/m")
		m.Schema, back.Schema = nil, nil // indented otherwise
		if d := cmp.Diff(m, back); err != nil || d != "" {
			t.Error(err, d)
		}
	}
	if _, err := s.ReadManifest(t.Context(), "s3://bkt/none"); !errors.Is(err, ErrNotFound) {
		t.Errorf("got %v", err)
	}
	if _, err := s.PutManifest(t.Context(), "s3://bkt/m", Manifest{}); !errors.Is(err, ErrManifest) {
		t.Errorf("got %v", err)
	}
	for _, bad := range []string{"", "x", "{}", `{"entries":[]}`, `{"entries":[{"url":"s3://bkt/"}]}`, `{"entries":[{"url":"bkt/k"}]}`, copyManifest + "x", `{"entries":[{"url":"s3://bkt/k","meta":{"content_length":-1}}]}`, `{"entries":[{"url":"s3://bkt/k","mandatory":"yes"}]}`} {
		if _, err := ParseManifest([]byte(bad)); !errors.Is(err, ErrManifest) {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

func FuzzManifest(f *testing.F) {
	f.Add([]byte(copyManifest))
	f.Add([]byte(unloadManifest))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := ParseManifest(data)
		if err != nil {
			if !errors.Is(err, ErrManifest) {
				t.Errorf("got %v", err)
			}
			return
		}
		if err := m.Validate(); err != nil {
			t.Error(err)
		}
	})
}
