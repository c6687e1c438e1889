//go:build cgo

package engine

import (
	"context"
	"errors"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestBlobAppendAndEdges(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	c := open(t, Config{})
	if _, err := c.Exec(ctx, "CREATE TABLE b (v blob, s varchar)", nil); err != nil {
		t.Fatal(err)
	}
	a, err := c.Appender("main", "b")
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(a.AppendRow([]Value{Bytes([]byte{0xff, 0, 0xfe}), Text("")}), a.Close()); err != nil {
		t.Fatal(err)
	}
	if got := one(t, c, "SELECT v FROM b WHERE s = ''"); got != "ff00fe" {
		t.Error(got)
	}
	if _, err := c.Appender("main", "missing"); err == nil {
		t.Error("an appender to no table")
	}
}

func TestInterruptStream(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	c := open(t, Config{})
	r, err := c.Query(ctx, "SELECT range FROM range(100000000)", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Exec(ctx, "SELECT 1", nil); err == nil {
		t.Error("two statements at once")
	}
	late, cancel := context.WithCancel(ctx)
	if _, err := r.Next(late); err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := r.Next(late); !errors.Is(err, context.Canceled) {
		t.Errorf("after cancel: %v", err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	done, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				c.Interrupt()
			case <-done:
				return
			}
		}
	}()
	var e *Error
	if _, err := c.Exec(ctx, "SELECT sum(a.range * b.range) FROM range(10000000) a, range(10000000) b", nil); !errors.As(err, &e) || e.Kind != ErrorInterrupt {
		t.Errorf("interrupt: %v", err)
	}
	close(done)
	<-stopped
	if got := one(t, c, "SELECT 1"); got != "1" {
		t.Error(got)
	}
}

func TestConflictAndConstraint(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db, err := Open(ctx, Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var conns [2]*Conn
	for i := range conns {
		if conns[i], err = db.Conn(ctx); err != nil {
			t.Fatal(err)
		}
		defer conns[i].Close()
	}
	for i, sql := range []string{"CREATE TABLE t (i integer NOT NULL)", "INSERT INTO t VALUES (1)", "BEGIN", "UPDATE t SET i = 2"} {
		if n, err := conns[0].Exec(ctx, sql, nil); err != nil || i%2 == 1 && n != 1 {
			t.Fatalf("%s: %d %v", sql, n, err)
		}
	}
	var e *Error
	if _, err := conns[1].Exec(ctx, "UPDATE t SET i = 3", nil); !errors.As(err, &e) || e.Kind != ErrorConflict {
		t.Errorf("conflict: %v", err)
	}
	if _, err := conns[1].Exec(ctx, "INSERT INTO t VALUES (NULL)", nil); !errors.As(err, &e) || e.Kind != ErrorConstraint {
		t.Errorf("constraint: %v", err)
	}
	if _, err := conns[1].Exec(ctx, "SELECT $1::integer", nil); !errors.As(err, &e) || e.Kind != ErrorInvalidInput {
		t.Errorf("parameters: %v", err)
	}
}
