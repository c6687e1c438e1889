package redshift

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/llm-dev-ops/redshift/transport"
)

func TestConnKeepsItsSession(t *testing.T) {
	t.Parallel()
	sessions := map[*scriptedSession]int{}
	c, tr := newClient(t, Config{}, func(s *scriptedSession, stmt transport.Statement) answer {
		sessions[s]++
		if stmt.SQL == "select pg_last_query_id()" {
			return answer{cols: []Column{{Name: "id", Type: TypeBigInt}}, rows: [][]string{{"42"}}}
		}
		return two
	})
	ctx := context.Background()
	conn, err := c.Acquire(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if res, err := conn.Execute(ctx, SQL("a")); err != nil || len(res.Rows) != 2 {
		t.Errorf("%v, %v", res, err)
	}
	rows, err := conn.Query(ctx, SQL("b"))
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() { // two rows
	}
	if err := rows.Close(); err != nil {
		t.Error(err)
	}
	if _, err := conn.QueryRow(ctx, SQL("c")); !errors.Is(err, ErrTooManyRows) {
		t.Errorf("got %v", err)
	}
	if id, err := conn.LastQueryID(ctx); err != nil || id != 42 {
		t.Errorf("%d, %v", id, err)
	}
	if len(sessions) != 1 {
		t.Errorf("%d sessions", len(sessions))
	}
	if i := conn.Info(); i.State != ConnInUse {
		t.Errorf("%+v", i)
	}
	conn.Release()
	conn.Release()
	if i := conn.Info(); i.State != ConnAvailable {
		t.Errorf("%+v", i)
	}
	if tr.discarded != 0 {
		t.Error("a healthy session was discarded")
	}
	_, err = conn.Execute(ctx, SQL("a"))
	if !errors.Is(err, ErrUsage) {
		t.Errorf("got %v", err)
	}
	if _, err := conn.LastQueryID(ctx); !errors.Is(err, ErrUsage) {
		t.Errorf("got %v", err)
	}
}

func TestFailedConn(t *testing.T) {
	t.Parallel()
	c, tr := newClient(t, Config{}, func(*scriptedSession, transport.Statement) answer {
		return answer{fail: &transport.LostError{Sent: true, Err: errors.New("gone")}, state: transport.StateBroken}
	})
	conn, err := c.Acquire(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Execute(context.Background(), SQL("a")); !errors.Is(err, ErrOutcomeUnknown) {
		t.Errorf("got %v", err)
	}
	if i := conn.Info(); i.State != ConnFailed {
		t.Errorf("%+v", i)
	}
	conn.Release()
	if tr.discarded != 1 {
		t.Error("a broken session was kept")
	}
}

func TestAcquireNeedsSessions(t *testing.T) {
	t.Parallel()
	c, tr := newClient(t, Config{}, nil)
	tr.caps.Session = false
	if _, err := c.Acquire(context.Background()); !errors.Is(err, transport.ErrUnsupported) || !errors.Is(err, ErrUsage) {
		t.Errorf("got %v", err)
	}
}

func TestHealth(t *testing.T) {
	t.Parallel()
	up := true
	c, _ := newClient(t, Config{MaxRetries: -1}, func(*scriptedSession, transport.Statement) answer {
		if !up {
			return answer{err: &transport.LostError{Err: errors.New("gone")}}
		}
		col := Column{Type: TypeVarchar}
		return answer{cols: []Column{col, col, col}, rows: [][]string{{"Redshift 1.0.100000", "dev", "ann"}}}
	})
	h, err := c.Health(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if h.Version != "Redshift 1.0.100000" || h.Database != "dev" || h.User != "ann" || h.Latency <= 0 {
		t.Errorf("%+v", h)
	}
	if s := h.String(); !strings.Contains(s, "database dev, user ann") {
		t.Error(s)
	}
	up = false
	if _, err := c.Health(context.Background()); !errors.Is(err, ErrConnectionFailed) {
		t.Errorf("got %v", err)
	}
}

// rechecked is a session that knows itself whether it can be passed on.
type rechecked struct {
	*scriptedSession
	err error
}

func (r *rechecked) Reusable() bool                { return r.err == nil }
func (r *rechecked) Recheck(context.Context) error { return r.err }

func TestConnIsPassedOn(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	c, tr := newClient(t, Config{}, func(_ *scriptedSession, stmt transport.Statement) answer {
		if stmt.SQL == "begin" {
			return answer{tag: "BEGIN", state: transport.StateInTx}
		}
		return two
	})
	conn, err := c.Acquire(ctx)
	if err != nil {
		t.Fatal(err)
	}
	p, err := conn.Prepare(ctx, "a", TypeInteger)
	if err != nil {
		t.Fatal(err)
	}
	if res, err := p.Execute(ctx, 1); err != nil || len(res.Rows) != 2 {
		t.Errorf("%v, %v", res, err)
	}
	if err := conn.Reset(ctx); err != nil || !conn.Reusable() {
		t.Errorf("%v, %v", conn.Reusable(), err)
	}
	if _, err := conn.Prepare(ctx, ""); !errors.Is(err, ErrUsage) {
		t.Errorf("got %v", err)
	}
	if _, err := conn.Execute(ctx, SQL("begin")); err != nil {
		t.Fatal(err)
	}
	if err := conn.Reset(ctx); conn.Reusable() || !errors.Is(err, ErrConnectionFailed) || !SafeToRetry(err) {
		t.Errorf("a transaction was passed on: %v", err)
	}
	conn.l.s = &rechecked{conn.l.s.(*scriptedSession), nil}
	if err := conn.Reset(ctx); err != nil || !conn.Reusable() {
		t.Errorf("%v, %v", conn.Reusable(), err)
	}
	conn.l.s = &rechecked{conn.l.s.(*rechecked).scriptedSession, &transport.LostError{Err: errors.New("dead")}}
	if err := conn.Reset(ctx); conn.Reusable() || !errors.Is(err, ErrConnectionFailed) || !SafeToRetry(err) {
		t.Errorf("got %v", err)
	}
	conn.Discard()
	conn.Discard()
	conn.Release()
	if tr.discarded != 1 || conn.Reusable() {
		t.Errorf("%d sessions were discarded", tr.discarded)
	}
	if err := conn.Reset(ctx); !errors.Is(err, ErrUsage) {
		t.Errorf("got %v", err)
	}
	if _, err := conn.Prepare(ctx, "a"); !errors.Is(err, ErrUsage) {
		t.Errorf("got %v", err)
	}
}
