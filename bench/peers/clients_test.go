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
		for query, want := range map[string]int{largeQuery + "0": 0, largeQuery + "1": 1, largeQuery + "2500": 2500} {
			if n, err := c.read(t.Context(), strings.TrimSpace(line), query); err != nil || n != want {
				t.Errorf("%s: %s gave %d, %v", c.name, query, n, err)
			}
		}
	}
	for _, c := range callers {
		if n, err := c.call(t.Context(), strings.TrimSpace(line), 201); err != nil || n != 201 {
			t.Errorf("%s: %d, %v", c.name, n, err)
		}
	}
	_ = stop.Close()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
