package redshift

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/llm-dev-ops/redshift/transport"
)

func always(a answer) func(*scriptedSession, transport.Statement) answer {
	return func(*scriptedSession, transport.Statement) answer { return a }
}

func TestExecute(t *testing.T) {
	t.Parallel()
	c, tr := newClient(t, Config{}, always(two))
	res, err := c.Execute(t.Context(), SQL("select $1", 7))
	if err != nil || len(res.Rows) != 2 || res.RowsAffected != 2 {
		t.Fatalf("got %+v, %v", res, err)
	}
	if p := tr.params[0][0]; p.OID != TypeBigInt || string(p.Value) != "7" {
		t.Errorf("sent %v", p)
	}
	vals, err := res.Rows[1].Values()
	if err != nil || vals[0] != int64(2) || vals[1] != nil {
		t.Errorf("got %v, %v", vals, err)
	}
}

func TestBounds(t *testing.T) {
	t.Parallel()
	for _, cfg := range []Config{{MaxResultRows: 1}, {MaxResultBytes: 2}} {
		c, _ := newClient(t, cfg, always(two))
		if _, err := c.Execute(t.Context(), SQL("select")); !errors.Is(err, ErrLimit) {
			t.Errorf("got %v", err)
		}
	}
	c, tr := newClient(t, Config{}, always(two))
	for _, q := range []Query{
		SQL(strings.Repeat("x", 1001)), SQL("s", make([]any, 11)...), SQL(""),
		{SQL: "s", Timeout: 25 * time.Hour},
		{SQL: "s", Timeout: -1},
		SQL("s", make(chan int)), SQL("s", "a\x00b"),
	} {
		if _, err := c.Execute(t.Context(), q); !errors.Is(err, ErrUsage) {
			t.Errorf("got %v", err)
		}
	}
	if len(tr.log) != 0 {
		t.Errorf("%d statements were sent", len(tr.log))
	}
}

type person struct {
	ID       int32
	FullName *string
	Skipped  chan int `redshift:"-"`
}

func TestStreams(t *testing.T) {
	t.Parallel()
	c, _ := newClient(t, Config{PoolSize: 1}, always(two))
	for range 3 { // leaving early gives the session back each time
		rows, err := c.Query(t.Context(), SQL("select"))
		if err != nil {
			t.Fatal(err)
		}
		for row, err := range rows.All() {
			var id int
			var name *string
			if err != nil || row.Scan(&id, &name) != nil || id != 1 || *name != "Ann" {
				t.Fatalf("got %d, %v", id, err)
			}
			break
		}
	}
	rows, _ := c.Query(t.Context(), SQL("select"))
	people, err := Collect(rows, ByName[person])
	if err != nil || len(people) != 2 || *people[0].FullName != "Ann" || people[1].FullName != nil {
		t.Errorf("got %v, %v", people, err)
	}
	rows, _ = c.Query(t.Context(), SQL("select"))
	if people, err = Collect(rows, ByPos[person]); err != nil || people[1].ID != 2 {
		t.Errorf("got %v, %v", people, err)
	}
	rows, _ = c.Query(t.Context(), SQL("select"))
	if _, err := Collect(rows, ByName[struct{ ID int }]); !errors.Is(err, ErrUsage) {
		t.Errorf("a column without a field: %v", err)
	}
	rows, _ = c.Query(t.Context(), SQL("select"))
	var id int
	var name string
	rows.Next()
	rows.Next()
	if err := rows.Scan(&id, &name); !errors.Is(err, ErrData) || !strings.Contains(err.Error(), "full_name") {
		t.Errorf("NULL into a string: %v", err)
	}
	if err := rows.Close(); err != nil || rows.Close() != nil || rows.Next() {
		t.Error("Close is not the end", err)
	}
	if _, err := c.QueryRow(t.Context(), SQL("select")); !errors.Is(err, ErrTooManyRows) {
		t.Errorf("got %v", err)
	}
}

func TestErrorOfAStream(t *testing.T) {
	t.Parallel()
	a := two
	a.mid = &transport.ServerError{SQLState: "22012", Message: "division by zero"}
	c, _ := newClient(t, Config{}, always(a))
	rows, err := c.Query(t.Context(), SQL("select"))
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
	}
	if err := rows.Err(); !errors.Is(err, ErrData) || !errors.Is(rows.Close(), State("22012")) {
		t.Errorf("got %v", err)
	}
	if _, err := c.Execute(t.Context(), SQL("select")); !errors.Is(err, ErrData) {
		t.Errorf("got %v", err)
	}
}

func TestTimeoutAndCancel(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, tr := newClient(t, Config{DefaultTimeout: time.Minute}, always(answer{hang: true}))
		_, err := c.Query(t.Context(), SQL("select"))
		if !errors.Is(err, ErrQueryTimeout) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		_, err = c.Execute(ctx, SQL("select"))
		if !errors.Is(err, ErrQueryCancelled) || !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		if tr.cancelled != 2 || tr.discarded != 0 {
			t.Errorf("%d cancelled, %d discarded", tr.cancelled, tr.discarded)
		}
	})
}

// TestCancelledTooLate: a statement that succeeds although it was cancelled is
// not one that may be repeated.
func TestCancelledTooLate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, _ := newClient(t, Config{}, always(answer{hang: true, late: true, tag: "INSERT 0 1"}))
		_, err := c.Execute(t.Context(), SQL("insert"))
		var e *Error
		if !errors.As(err, &e) || !errors.Is(err, ErrQueryTimeout) || !errors.Is(err, ErrOutcomeUnknown) || e.Retryable != No {
			t.Errorf("got %v", err)
		}
	})
}

func TestTimeoutEndsWithTheFirstRow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, _ := newClient(t, Config{DefaultTimeout: time.Minute}, always(two))
		rows, err := c.Query(t.Context(), SQL("select"))
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		if all, err := Collect(rows, ByName[person]); err != nil || len(all) != 2 {
			t.Errorf("got %v, %v", all, err)
		}
	})
}

func TestLostSessions(t *testing.T) {
	t.Parallel()
	n := 0
	c, tr := newClient(t, Config{}, func(*scriptedSession, transport.Statement) answer {
		if n++; n < 3 {
			return answer{err: &transport.LostError{Err: errors.New("reset")}}
		}
		return two
	})
	if _, err := c.Execute(t.Context(), SQL("select")); err != nil || tr.discarded != 2 {
		t.Errorf("got %v, %d discarded", err, tr.discarded)
	}
	c, tr = newClient(t, Config{}, always(answer{fail: &transport.LostError{Sent: true, Err: errors.New("reset")}}))
	_, err := c.Execute(t.Context(), SQL("insert"))
	if !errors.Is(err, ErrOutcomeUnknown) || !errors.Is(err, ErrConnectionFailed) || SafeToRetry(err) || len(tr.log) != 1 {
		t.Errorf("got %v", err)
	}
}

func TestWantID(t *testing.T) {
	t.Parallel()
	c, _ := newClient(t, Config{}, func(_ *scriptedSession, s transport.Statement) answer {
		if strings.Contains(s.SQL, "pg_last_query_id") {
			return answer{cols: []Column{{Type: TypeInteger}}, rows: [][]string{{"42"}}}
		}
		return answer{tag: "INSERT 0 13"}
	})
	res, err := c.Execute(t.Context(), Query{SQL: "insert", WantID: true})
	if err != nil || res.QueryID != 42 || res.RowsAffected != 13 {
		t.Errorf("got %+v, %v", res, err)
	}
}

func TestPrepared(t *testing.T) {
	t.Parallel()
	c, tr := newClient(t, Config{}, always(two))
	p, err := c.Prepare(t.Context(), "select $1", TypeInteger)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if res, err := p.Execute(t.Context(), 1); err != nil || len(res.Rows) != 2 {
			t.Error(err)
		}
	}
	if _, err := p.Execute(t.Context()); !errors.Is(err, ErrUsage) {
		t.Errorf("too few arguments: %v", err)
	}
	if err := p.Close(t.Context()); err != nil || p.Close(t.Context()) != nil || tr.open != 0 {
		t.Error("Close", err)
	}
	if _, err := p.Query(t.Context(), 1); !errors.Is(err, ErrUsage) {
		t.Errorf("after Close: %v", err)
	}
}
