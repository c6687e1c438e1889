package main

import (
	"testing"

	"github.com/llm-dev-ops/redshift/bench/internal/sample"
)

func TestMedians(t *testing.T) {
	t.Parallel()
	e := medians("x", []sample.Sample{{Rows: 10, Seconds: 1, RSS: 3}, {Rows: 10, Seconds: 5, RSS: 1}, {Rows: 10, Seconds: 2, RSS: 2}})
	if e.RowsPerSec != 5 || e.PeakRSS != 2 {
		t.Errorf("%+v", e)
	}
}

func TestRatio(t *testing.T) {
	t.Parallel()
	r := report{Lines: []entry{{Client: "a", RowsPerSec: 10}, {Client: "b", RowsPerSec: 3}}}
	if got := r.ratio("a", "b"); got != 3.33 {
		t.Errorf("a to b is %v", got)
	}
	if got := r.ratio("a", "c"); got != 0 {
		t.Errorf("a to nobody is %v", got)
	}
}
