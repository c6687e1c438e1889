package dataapi

import (
	"testing"
	"time"

	"github.com/llm-dev-ops/redshift/transport"
)

// A service that holds its answers back is asked once and again without a pause, one
// that does not is polled, and one that has too many who wait is left alone.
func TestLongPoll(t *testing.T) {
	for _, c := range []struct {
		name  string
		holds time.Duration
		full  bool
		calls int // of a statement that has ended when it was asked about so often
	}{
		{"held back", 7 * time.Second, false, 1},
		{"not known", 0, false, 4},
		{"too many wait", 7 * time.Second, true, 4 + 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, nil, func(t *testing.T, s *fakeAWS, tr transport.Transport) {
				s.polls, s.holds = 3, c.holds
				if c.full {
					s.fail("DescribeStatement", fault{code: waitersExceeded, message: "too many"})
				}
				x := lease(t, tr, false)
				defer closeSession(t, x)
				began := time.Now()
				query(t, x, transport.Statement{SQL: one})
				if n := len(s.done("DescribeStatement")); n != c.calls {
					t.Errorf("%d calls, want %d", n, c.calls)
				}
				if d := time.Since(began); c.holds > 0 && !c.full && (d < c.holds || d > c.holds+time.Second) || c.full && d > 2*time.Second {
					t.Errorf("it took %v", d)
				}
				waits := 0
				for _, in := range s.inputs {
					if in.op == "DescribeStatement" && in.WaitTimeSeconds == 10 {
						waits++
					}
				}
				if want := map[bool]int{true: 1, false: c.calls}[c.full]; waits != want {
					t.Errorf("%d calls may wait, want %d", waits, want)
				}
			})
		})
	}
}
