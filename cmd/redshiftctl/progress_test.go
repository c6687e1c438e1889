package main

import (
	"bytes"
	"strings"
	"testing"

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
		b := newBar(&out, c.total)
		for _, n := range c.sent {
			b.update(s3stage.Progress{Sent: n, Total: c.total})
		}
		b.finish(c.done)
		if c.done && !strings.Contains(out.String(), "uploading") {
			t.Errorf("%+v: printed %q", c, out.String())
		}
	}
}
