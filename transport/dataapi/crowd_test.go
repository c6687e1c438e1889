package dataapi

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/llm-dev-ops/redshift/transport"
)

// Who finds the cluster full waits until a statement has ended, even if nobody asks
// for that one's outcome, and no longer than its context.
func TestCrowd(t *testing.T) {
	bubble(t, func(c *Config) { c.MaxActive = 3 }, func(t *testing.T, s *fakeAWS, tr transport.Transport) {
		s.polls = 2
		submit := func(ctx context.Context, sql string) (transport.Run, error) {
			x := lease(t, tr, false)
			defer closeSession(t, x)
			return x.Start(ctx, transport.Statement{SQL: sql, Keep: true})
		}
		for i := range 20 {
			if _, err := submit(t.Context(), one); err != nil {
				t.Fatal(i, err)
			}
			active := 0
			for _, st := range s.statements {
				if st.status != "FINISHED" {
					active++
				}
			}
			if active > 3 {
				t.Fatalf("%d statements are under way", active)
			}
		}
		var runs []transport.Run
		for range 3 {
			run, err := submit(t.Context(), slow)
			if err != nil {
				t.Fatal(err)
			}
			runs = append(runs, run)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		if _, err := submit(ctx, one); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a full cluster: %v", err)
		}
		for _, run := range runs {
			if err := run.Cancel(t.Context()); err != nil {
				t.Error(err)
			}
		}
		if _, err := submit(t.Context(), one); err != nil {
			t.Error(err)
		}
		if n := fmt.Sprint(len(s.done("ExecuteStatement"))); n != "24" {
			t.Errorf("%s statements were sent", n)
		}
	})
}
