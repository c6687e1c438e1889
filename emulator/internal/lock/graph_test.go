package lock

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestGraph: each script's steps are b1 (begin), r1x and w1x (transaction 1 reads or
// writes table x), c1, a1; the last step is a cycle's, written with ! and its members.
func TestGraph(t *testing.T) {
	t.Parallel()
	for _, script := range []string{
		"b1 b2 r1x w1y w2x r2y!2,1", // the guide's example
		"b1 b2 r1x r2x w1x c1 w2x!2,1",
		"b1 b2 w1x c1 w2x c2",                 // blind writes queue
		"b1 b2 r1x w2x c2 r1x c1",             // an old snapshot alone is no harm
		"b1 r1x w1x c1 b2 r2x w2x c2",         // one behind the other
		"b1 b2 r1x w1y w2x a1 r2y c2",         // who rolled back never was
		"b1 r1x b2 r2y w2x c2 b3 r3x w1y!1,2", // 3 is no part of it
		// The third only reads: it saw the second and not the first.
		"b1 r1x b2 w2x c2 b3 r3x r3y w1y!1,2,3",
		"b1 r1x b2 w2x c2 b3 r3x r3y c3 w1y!1,2,3",
		"b1 b2 b3 r1x r2y r3z w1y w2z w3x!3,2,1",
		"b1 b2 b3 r1x r2y r3z w1y w2z c2 w3x!3,2,1",
	} {
		g := &Graph{}
		for i, step := range strings.Fields(script) {
			step, want, _ := strings.Cut(step, "!")
			id, table := int64(step[1]-'0'), []int64{int64(step[len(step)-1])}
			var cycle *Cycle
			switch step[0] {
			case 'b':
				g.Begin(id)
			case 'r':
				cycle = g.Touch(id, table, nil)
			case 'w':
				cycle = g.Touch(id, nil, table)
			case 'c':
				g.Commit(id)
			case 'a':
				g.Rollback(id)
			}
			got := ""
			if cycle != nil {
				got = strings.Join(strings.Fields(strings.Trim(fmt.Sprint(cycle.Transactions), "[]")), ",")
				if !slices.Equal(table, []int64{cycle.Table}) {
					t.Errorf("%s: table %c", script, rune(cycle.Table))
				}
			}
			if got != want {
				t.Errorf("%s: step %d gave %q", script, i+1, got)
			}
		}
	}
}

// TestGraphForgets: what is over is not kept.
func TestGraphForgets(t *testing.T) {
	t.Parallel()
	g := &Graph{}
	g.Begin(1)
	for id := int64(2); id < 100; id++ {
		g.Begin(id)
		g.Touch(id, []int64{7}, []int64{7})
		g.Commit(id)
	}
	if len(g.nodes) > 99 {
		t.Errorf("%d nodes", len(g.nodes))
	}
	g.Begin(100)
	g.Commit(1)
	if len(g.nodes) != 2 { // it was concurrent with 100
		t.Errorf("%d nodes behind the oldest's end", len(g.nodes))
	}
	g.Rollback(100)
	if len(g.nodes) != 0 {
		t.Errorf("%d nodes behind everybody's end", len(g.nodes))
	}
}
