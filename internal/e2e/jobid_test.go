package e2e

import (
	"context"
	"errors"
	"testing"

	"github.com/llm-dev-ops/redshift"
)

// A statement is found again by its id, while it runs and afterwards, on both
// transports.
func TestStatementID(t *testing.T) {
	t.Parallel()
	s, wire := both(t)
	exec1(t, wire, "CREATE TABLE ids (n INT)")
	for name, c := range map[string]*redshift.Client{"wire": wire, "data-api": connectData(t, s)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			testStatementID(t, c, wire)
		})
	}
}

func testStatementID(t *testing.T, c, other *redshift.Client) {
	t.Helper()
	outcome := func(id string) redshift.Outcome {
		t.Helper()
		o, err := other.Outcome(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	id := redshift.NewID()
	if o := outcome(id); o.State != redshift.JobUnknown || o.ID != id {
		t.Errorf("before: %+v", o)
	}
	if _, err := c.Execute(t.Context(), redshift.Query{ID: id, SQL: "SELECT 1 UNION ALL SELECT $1", Args: []any{2}}); err != nil {
		t.Fatal(err)
	}
	if o := outcome(id); o.State != redshift.JobCompleted || o.Rows != 2 || o.PID == 0 || o.XID == 0 || o.QueryID == 0 || o.Ended.Before(o.Started) {
		t.Errorf("after: %+v", o)
	}
	id = redshift.NewID()
	var own *redshift.Error
	if _, err := c.Execute(t.Context(), redshift.Query{ID: id, SQL: "INSERT INTO ids VALUES (1 / 0)"}); !errors.As(err, &own) {
		t.Fatal(err)
	}
	if o := outcome(id); o.State != redshift.JobFailed || o.Message == "" {
		t.Errorf("a failure: %+v", o)
	}
	id = redshift.NewID()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		_, err := c.Execute(ctx, redshift.Query{ID: id, SQL: slow})
		ended <- err
	}()
	for o := outcome(id); o.State != redshift.JobRunning; o = outcome(id) {
		if o.State.Ended() {
			t.Fatalf("while it runs: %+v", o)
		}
	}
	cancel()
	if err := <-ended; !errors.Is(err, redshift.ErrQueryCancelled) {
		t.Error(err)
	}
	for o := outcome(id); o.State != redshift.JobCancelled; o = outcome(id) {
		if o.State.Ended() {
			t.Fatalf("after a cancel: %+v", o)
		}
	}
}

// Every view that is asked tells of its statements.
func TestStatementIDViews(t *testing.T) {
	t.Parallel()
	_, c := both(t)
	exec1(t, c, "CREATE TABLE ids (n INT)")
	id := redshift.NewID()
	if _, err := c.Execute(t.Context(), redshift.Query{ID: id, SQL: "INSERT INTO ids VALUES (1), (2)"}); err != nil {
		t.Fatal(err)
	}
	for view, column := range map[string]string{"sys_query_history": "query_text", "stl_query": "querytxt", "stv_recents": "query", "stl_querytext": "text"} {
		if n := value[int64](t, c, "SELECT count(*) FROM "+view+" WHERE left("+column+", 15) = '/* redshift-id='"); n != 1 {
			t.Errorf("%s has %d", view, n)
		}
	}
}
