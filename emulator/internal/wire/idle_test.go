package wire_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/llm-dev-ops/redshift/emulator/internal/session"
	"github.com/llm-dev-ops/redshift/emulator/internal/wire"
)

// idler gives its client a moment inside of a transaction block and for ever outside.
type idler struct {
	*fake
	closed chan struct{}
}

func (i *idler) Idle() (time.Duration, *session.Error) {
	if i.TxStatus() == 'I' {
		return 0, nil
	}
	return time.Millisecond, &session.Error{Severity: "FATAL", State: "25P03", Message: "terminating connection due to idle-in-transaction timeout"}
}

func (i *idler) Close() {
	i.fake.Close()
	close(i.closed)
}

func TestIdle(t *testing.T) {
	t.Parallel()
	sess := &idler{closed: make(chan struct{})}
	b := start(t, func(c *wire.Config) {
		c.Open = func(_ context.Context, who session.Startup) (session.Session, error) {
			sess.fake = newFake(who)
			return sess, nil
		}
	})
	pc := connect(t, b, nil)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if _, err := pc.Exec(ctx, "rows 1").ReadAll(); err != nil {
		t.Fatal(err)
	}
	if _, err := pc.Exec(ctx, "begin").ReadAll(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-sess.closed:
	case <-ctx.Done():
		t.Fatal("the session is still there")
	}
	_, err := pc.Exec(ctx, "rows 1").ReadAll()
	var e *pgconn.PgError
	if err == nil || errors.As(err, &e) && e.Code != "25P03" {
		t.Fatalf("%v", err)
	}
}

// TestTerminated: a session that another one ends is told so at once while it waits.
func TestTerminated(t *testing.T) {
	t.Parallel()
	sess := &idler{closed: make(chan struct{})}
	end := make(chan func(*session.Error), 1)
	b := start(t, func(c *wire.Config) {
		c.Open = func(_ context.Context, who session.Startup) (session.Session, error) {
			sess.fake = newFake(who)
			end <- who.Terminated
			return sess, nil
		}
	})
	pc := connect(t, b, nil)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if _, err := pc.Exec(ctx, "rows 1").ReadAll(); err != nil {
		t.Fatal(err)
	}
	(<-end)(&session.Error{Severity: "FATAL", State: "57P01", Message: "terminating connection due to administrator command"})
	select {
	case <-sess.closed:
	case <-ctx.Done():
		t.Fatal("the session is still there")
	}
	_, err := pc.Exec(ctx, "rows 1").ReadAll()
	var e *pgconn.PgError
	if err == nil || errors.As(err, &e) && e.Code != "57P01" {
		t.Fatalf("%v", err)
	}
}
