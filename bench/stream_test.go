package main

import (
	"bufio"
	"io"
	"strings"
	"testing"
)

// TestClients: every client reads all rows, the ends of the block included.
func TestClients(t *testing.T) {
	t.Parallel()
	in, stop := io.Pipe()
	out, addr := io.Pipe()
	done := make(chan error, 1)
	go func() { done <- serve(in, addr) }()
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range clients {
		for query, want := range map[string]int{"rows 0": 0, "rows 1": 1, "rows 2500": 2500} {
			if n, err := c.read(t.Context(), strings.TrimSpace(line), query); err != nil || n != want {
				t.Errorf("%s: %s gave %d, %v", c.name, query, n, err)
			}
		}
	}
	_ = stop.Close()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestMedians(t *testing.T) {
	t.Parallel()
	e := medians("x", []sample{{Rows: 10, Seconds: 1, RSS: 3}, {Rows: 10, Seconds: 5, RSS: 1}, {Rows: 10, Seconds: 2, RSS: 2}})
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
