package main

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/llm-dev-ops/redshift/s3stage"
)

// TestBar: it ends whatever was sent, and is gone after a failure.
func TestBar(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		total int64
		sent  []int64
		done  bool
	}{
		{2048, []int64{1024, 2048}, true},
		{2048, []int64{512}, true}, // it became smaller than the file
		{0, []int64{4096}, true},   // the standard input
		{0, nil, true},
		{2048, []int64{1024}, false},
		{2048, []int64{2048}, false},
	} {
		var out bytes.Buffer
		m, err := (&progress{form: "bar"}).meter(&out, "upload")
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range c.sent {
			m.uploaded(s3stage.Progress{Sent: n, Total: c.total, FilesDone: 1, Files: 2})
		}
		m.finish(c.done)
		if got := out.String(); c.done && (!strings.Contains(got, "upload ") || len(c.sent) > 0 && !strings.Contains(got, "1/2 files")) {
			t.Errorf("%+v: printed %q", c, got)
		}
	}
}

// Lines of JSON come elsewhere: always the last one if they were asked for, none
// where the command is short, and none after a failure.
func TestProgressLines(t *testing.T) {
	t.Parallel()
	for form, want := range map[string]bool{"json": true, "auto": false, "none": false} {
		for _, done := range []bool{true, false} {
			var out bytes.Buffer
			m, err := (&progress{form: form}).meter(&out, "copy")
			if err != nil {
				t.Fatal(err)
			}
			m.update(func(s *transferred) { s.Rows, s.Bytes, s.TotalBytes = 7, 50, 100 })
			m.finish(done)
			if !want || !done {
				if out.Len() > 0 {
					t.Errorf("%s, %v: printed %q", form, done, out.String())
				}
				continue
			}
			var got transferred
			if err := json.Unmarshal(out.Bytes(), &got); err != nil || got.Phase != "copy" || got.Rows != 7 || got.Bytes != 50 || got.Files != -1 || !got.Done {
				t.Errorf("%s: %q, %v", form, out.String(), err)
			}
		}
	}
	if _, err := (&progress{form: "loud"}).meter(io.Discard, "copy"); err == nil {
		t.Error("--progress loud is taken")
	}
	m := &meter{began: time.Now().Add(-10 * time.Second), lines: true, w: new(bytes.Buffer)}
	m.update(func(s *transferred) { s.Bytes, s.TotalBytes = 50, 100 })
	if got := m.w.(*bytes.Buffer).String(); !strings.Contains(got, `"eta_seconds":1`) && !strings.Contains(got, `"eta_seconds":9.`) {
		t.Errorf("after ten seconds: %q", got)
	}
}

// draws counts how often a bar was drawn.
type draws struct{ n atomic.Int64 }

func (d *draws) Write(p []byte) (int, error) {
	d.n.Add(1)
	return len(p), nil
}

// A bar that is drawn while it is told of something waits for nobody.
func TestBarWhileDrawn(t *testing.T) {
	t.Parallel()
	var drawn draws
	m, err := (&progress{form: "bar"}).meter(&drawn, "read")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for drawn.n.Load() < 4 {
				m.update(func(s *transferred) { s.Bytes++ })
			}
		})
	}
	wg.Wait()
	m.finish(true)
}
