package tpch

import (
	"bytes"
	"io"
	"strings"
	"testing"
)

// TestRules: the files have as many fields as the tables columns, fit them, and
// keep the rules between tables and columns on which the queries lean.
func TestRules(t *testing.T) {
	t.Parallel()
	d, err := New(Config{Scale: 0.002})
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]row{}
	for _, table := range Tables() {
		var b bytes.Buffer
		n, err := d.Write(table.Name, &b)
		if err != nil {
			t.Fatal(err)
		}
		columns := 0
		for line := range strings.SplitSeq(strings.TrimSpace(table.Columns), "\n") {
			if !strings.Contains(line, "PRIMARY KEY (") {
				columns++
			}
		}
		for line := range strings.Lines(b.String()) {
			r := row(strings.Split(strings.TrimSuffix(line, "\n"), "|"))
			if len(r) != columns {
				t.Fatalf("%s has %d columns: %q", table.Name, columns, r)
			}
			all[table.Name] = append(all[table.Name], r)
		}
		if int64(len(all[table.Name])) != n || n == 0 {
			t.Errorf("%s: %d rows said, %d written", table.Name, n, len(all[table.Name]))
		}
	}
	for name, want := range map[string]int{"region": 5, "nation": 25, "supplier": 20, "customer": 300, "part": 400, "partsupp": 1600, "orders": 3000} {
		if got := len(all[name]); got != want {
			t.Errorf("%s has %d rows, want %d", name, got, want)
		}
	}
	sells := map[string]bool{}
	for _, ps := range all["partsupp"] {
		sells[ps[0]+" "+ps[1]] = true
	}
	if len(sells) != len(all["partsupp"]) {
		t.Errorf("%d pairs of %d", len(sells), len(all["partsupp"]))
	}
	state := map[string]string{}
	for _, l := range all["lineitem"] {
		if !sells[l[1]+" "+l[2]] {
			t.Fatalf("supplier %s does not sell part %s", l[2], l[1])
		}
		if s, ok := state[l[0]]; ok && s != l[9] {
			state[l[0]] = "P"
		} else if !ok {
			state[l[0]] = l[9]
		}
		if l[10] >= l[12] || (l[8] == "N") != (l[12] > day(today)) {
			t.Fatalf("line %q", l)
		}
	}
	for _, o := range all["orders"] {
		if state[o[0]] != o[2] {
			t.Fatalf("order %q has lines %s", o, state[o[0]])
		}
	}
	for table, width := range map[string]int{"supplier": 101, "customer": 117, "part": 23, "partsupp": 199, "orders": 79, "lineitem": 44} {
		for _, r := range all[table] {
			if len(r[len(r)-1]) > width {
				t.Fatalf("%s: %q", table, r)
			}
		}
	}
}

func TestSameEveryRun(t *testing.T) {
	t.Parallel()
	file := func(cfg Config) string {
		d, err := New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		if _, err := d.Write("lineitem", &b); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	one := file(Config{Scale: 0.001})
	if file(Config{Scale: 0.001, Seed: 1}) != one {
		t.Error("the same seed gave another file")
	}
	if file(Config{Scale: 0.001, Seed: 2}) == one {
		t.Error("another seed gave the same file")
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	for _, scale := range []float64{-1, 0.0001, 11} {
		if _, err := New(Config{Scale: scale}); err == nil {
			t.Errorf("scale %v", scale)
		}
	}
	d, err := New(Config{Scale: 0.001})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Write("lineitems", io.Discard); err == nil {
		t.Error("a table that is not there")
	}
}

func BenchmarkLineitem(b *testing.B) {
	d, err := New(Config{})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := d.Write("lineitem", io.Discard); err != nil {
			b.Fatal(err)
		}
	}
}
