package pgwire

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/llm-dev-ops/redshift/transport"
	"github.com/llm-dev-ops/redshift/transport/transporttest"
)

// A cancel that comes when its statement has ended would hit the next one, as
// it does in PostgreSQL 8.0, of which Redshift was made.
func TestLateCancelIsAbsorbed(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	ses := lease(t, open(t, s.config()))
	for range 20 {
		run, err := ses.Start(t.Context(), transport.Statement{SQL: transporttest.SelectOne})
		if err != nil {
			t.Fatal(err)
		}
		// The server has answered when it is asked to cancel, or is about to.
		if err := run.Cancel(t.Context()); err != nil {
			t.Fatal(err)
		}
		if res, err := run.Result(t.Context()); err == nil {
			_ = res.Close()
		}
		if got, err := exec(t, ses, transport.Statement{SQL: transporttest.SelectOne}); err != nil || got != "[1]" {
			t.Fatalf("the next statement: %s, %v", got, err)
		}
	}
	if s.cancelCount() != 20 {
		t.Errorf("%d cancels", s.cancelCount())
	}
}

// A cancel that overtakes its statement has no effect, and is repeated by
// whoever reads.
func TestCancelThatOvertakes(t *testing.T) {
	t.Parallel()
	s := newServer(t, func(s *server) { s.ignored = 2 })
	tr := open(t, s.config())
	tr.pause = 5 * time.Millisecond
	ses := lease(t, tr)
	run, err := ses.Start(t.Context(), transport.Statement{SQL: slowStatement})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond)
	defer cancel()
	if err := run.Wait(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	if err := run.Cancel(t.Context()); err != nil {
		t.Fatal(err)
	}
	var server *transport.ServerError
	if err := run.Wait(t.Context()); !errors.As(err, &server) || server.SQLState != cancelled {
		t.Errorf("got %v", err)
	}
	if n := s.cancelCount(); n < 3 {
		t.Errorf("%d cancels", n)
	}
	must(t, ses, transporttest.SelectOne)
}

func TestCancelAfterTheEndSendsNothing(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	ses := lease(t, open(t, s.config()))
	run, err := ses.Start(t.Context(), transport.Statement{SQL: "SET x TO 1"})
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := run.Cancel(t.Context()); err != nil || s.cancelCount() != 0 {
		t.Errorf("%v, %d cancels", err, s.cancelCount())
	}
}

// Few rows are read and not cancelled, many are cancelled, and in a
// transaction, which a cancel would fail, none are.
func TestEarlyCloseCancelsIfItPays(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	ses := lease(t, open(t, s.config()))
	early := func(rows, cancels int) {
		t.Helper()
		run, err := ses.Start(t.Context(), transport.Statement{SQL: generate(rows)})
		if err != nil {
			t.Fatal(err)
		}
		res, err := run.Result(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := res.Close(); err != nil || s.cancelCount() != cancels {
			t.Errorf("%d rows: %v, %d cancels, want %d", rows, err, s.cancelCount(), cancels)
		}
	}
	early(100, 0)
	early(1_000_000, 1)
	must(t, ses, "BEGIN")
	early(50_000, 1)
	if ses.State() != transport.StateInTx {
		t.Errorf("the session is %v", ses.State())
	}
	must(t, ses, "COMMIT")
}

// Rows whose context has ended are cancelled once, not once more by Close.
func TestOneCancelIsEnough(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	tr := open(t, s.config())
	tr.pause = time.Hour
	ses := lease(t, tr)
	ctx, cancel := context.WithCancel(t.Context())
	run, err := ses.Start(t.Context(), transport.Statement{SQL: generate(10_000_000)})
	if err != nil {
		t.Fatal(err)
	}
	res, err := run.Result(ctx)
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	for res.Next() { // up to the end of the context
	}
	if err := res.Close(); !errors.Is(err, context.Canceled) || s.cancelCount() != 1 {
		t.Errorf("%v, %d cancels", err, s.cancelCount())
	}
	must(t, ses, transporttest.SelectOne)
}

// In a transaction too the context of the rows bounds the closing.
func TestEarlyCloseInATransactionEndsWithItsContext(t *testing.T) {
	t.Parallel()
	s := newServer(t, func(s *server) {
		s.answer = func(_ *backend, sql string) any {
			if sql == "endless" {
				return &reply{cols: integers("n"), rows: func(yield func(...[]byte) bool) {
					for yield([]byte("1")) {
					}
				}}
			}
			return nil
		}
	})
	ses := lease(t, open(t, s.config()))
	must(t, ses, "BEGIN")
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	run, err := ses.Start(t.Context(), transport.Statement{SQL: "endless"})
	if err != nil {
		t.Fatal(err)
	}
	res, err := run.Result(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := res.Close(); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	if ses.State() != transport.StateFailedTx {
		t.Errorf("the session is %v", ses.State())
	}
	must(t, ses, "ROLLBACK", transporttest.SelectOne)
}

// A server that does not act on a cancel costs its connection, and no more
// time than is allowed.
func TestDeafServer(t *testing.T) {
	t.Parallel()
	s := newServer(t, func(s *server) { s.deaf = true })
	cfg := s.config()
	cfg.CancelTimeout = 30 * time.Millisecond
	tr := open(t, cfg)
	ses := lease(t, tr)
	run, err := ses.Start(t.Context(), transport.Statement{SQL: slowStatement})
	if err != nil {
		t.Fatal(err)
	}
	if err := ses.Close(t.Context(), transport.Keep); err != nil {
		t.Error(err)
	}
	var lost *transport.LostError
	if err := run.Wait(t.Context()); !errors.Is(err, errStuck) || !errors.As(err, &lost) || !lost.Sent {
		t.Errorf("got %v", err)
	}
	must(t, lease(t, tr), transporttest.SelectOne)
	s.mu.Lock()
	for _, b := range s.backends {
		b.cancel() // or it would hang for ever
	}
	s.mu.Unlock()
}

// A cancel whose connection hangs does not hang with it.
func TestCancelIsNotAnswered(t *testing.T) {
	t.Parallel()
	s := newServer(t, func(s *server) { s.hold = true })
	cfg := s.config()
	cfg.CancelTimeout = 20 * time.Millisecond
	ses := lease(t, open(t, cfg))
	run, err := ses.Start(t.Context(), transport.Statement{SQL: slowStatement})
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Cancel(t.Context()); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	if err := run.Wait(t.Context()); !hasState(err, cancelled) {
		t.Errorf("got %v", err)
	}
}

// Redshift's SELECT has no count: the rows are counted here.
func TestStatusCountsRows(t *testing.T) {
	t.Parallel()
	ses := lease(t, open(t, newServer(t, answers(map[string]*reply{"insert": {tag: "INSERT 0 7"}})).config()))
	for sql, want := range map[string]int64{generate(3): 3, "insert": 7, transporttest.SelectNone: 0} {
		run, err := ses.Start(t.Context(), transport.Statement{SQL: sql})
		if err != nil {
			t.Fatal(err)
		}
		if st, _ := run.Status(t.Context()); st.Phase != transport.PhaseRunning || st.Rows != -1 {
			t.Errorf("%s: %+v", sql, st)
		}
		res, err := run.Result(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for res.Next() { // to the end
		}
		_ = res.Close()
		if st, _ := run.Status(t.Context()); st.Phase != transport.PhaseCompleted || st.Rows != want {
			t.Errorf("%s: %+v, want %d rows", sql, st, want)
		}
	}
}

func TestPrepareEndsWithItsContext(t *testing.T) {
	t.Parallel()
	hold := make(chan struct{})
	s := newServer(t, func(s *server) {
		s.answer = func(b *backend, sql string) any {
			if sql == "late" {
				select {
				case <-b.wake:
					return &reply{parseErr: failure("57014", "cancelled")}
				case <-hold:
				}
			}
			return nil
		}
	})
	t.Cleanup(func() { close(hold) })
	ses := lease(t, open(t, s.config()))
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := ses.Prepare(ctx, "late", nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	if ses.State() != transport.StateIdle {
		t.Errorf("the session is %v", ses.State())
	}
	must(t, ses, transporttest.SelectOne)
}

func TestStaleHandles(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	tr := open(t, s.config())
	ses := lease(t, tr)
	run, err := ses.Start(t.Context(), transport.Statement{SQL: slowStatement})
	if err != nil {
		t.Fatal(err)
	}
	if err := ses.Close(t.Context(), transport.Discard); err != nil {
		t.Error(err)
	}
	if err := run.Wait(t.Context()); !errors.Is(err, transport.ErrClosed) {
		t.Errorf("got %v", err)
	}
	if err := run.Cancel(t.Context()); err != nil {
		t.Error(err)
	}
	if ses.State() != transport.StateBroken || ses.Info().PID != 0 {
		t.Errorf("%v, %+v", ses.State(), ses.Info())
	}
	if s.cancelCount() != 1 {
		t.Errorf("%d cancels", s.cancelCount())
	}
}
