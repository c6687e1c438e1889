package e2e

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/emulator"
)

var soakTime = flag.Duration("soak", 2*time.Second, "how long the soak lasts")

// TestSoak: 64 goroutines on 10 connections, with cancels, timeouts and rows that are
// left half read, at random moments. Whatever becomes of a statement is its own: each
// one that ends well has its own answer, none is cancelled that nobody cancelled, and
// at the end no goroutine, connection or session of the server is left.
//
// It is not parallel, so that the goroutines are its own.
func TestSoak(t *testing.T) {
	before := goleak.IgnoreCurrent()
	s := start(t, emulator.Config{})
	cfg, err := redshift.ParseURL(s.URL())
	if err != nil {
		t.Fatal(err)
	}
	cfg.PoolSize, cfg.WorkloadConcurrencyLimit, cfg.ApplicationName, cfg.PreparedStatements = 10, -1, "soak", 4
	c, err := redshift.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	exec1(t, c, "create table soaked (who int, n int)")
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	end := time.Now().Add(*soakTime)
	var wg sync.WaitGroup
	var done, stopped atomic.Int64
	for who := range 64 {
		wg.Go(func() {
			w := soaker{t: t, c: c, who: who, rng: rand.New(rand.NewPCG(seed, uint64(who)))}
			for time.Now().Before(end) && !t.Failed() {
				w.step()
			}
			done.Add(w.done)
			stopped.Add(w.stopped)
		})
	}
	wg.Wait()
	stats := c.PoolStats()
	t.Logf("%d statements, %d stopped; %+v", done.Load(), stopped.Load(), stats)
	if done.Load() == 0 || stopped.Load() == 0 {
		t.Error("nothing was done, or nothing stopped")
	}
	if stats.InUse != 0 || stats.Waiting != 0 {
		t.Errorf("sessions are left in use: %+v", stats)
	}
	closeWithin(t, c)
	// Only the one that asks is there; the server notices an end a moment later.
	admin := connect(t, s)
	deadline := time.Now().Add(10 * time.Second)
	for {
		n := value[int64](t, admin, "select count(*) from stv_sessions where process <> pg_backend_pid()")
		if n <= 1 { // the admin's pool may have a second one
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d sessions of the server are left", n)
		}
	}
	closeWithin(t, admin)
	if err := s.Close(context.Background()); err != nil {
		t.Error(err)
	}
	if err := goleak.Find(before); err != nil {
		t.Error(err)
	}
}

func closeWithin(t *testing.T, c *redshift.Client) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := c.Close(ctx); err != nil {
		t.Error(err)
	}
}

// soaker is one goroutine of the soak.
type soaker struct {
	t             *testing.T
	c             *redshift.Client
	who           int
	rng           *rand.Rand
	n             int
	done, stopped int64
}

// some is a time between none and about d, mostly short.
func (w *soaker) some(d time.Duration) time.Duration {
	f := w.rng.Float64()
	return time.Duration(f * f * f * float64(d))
}

// context gives a context that may end early: by a deadline, by a cancel from another
// goroutine, or not at all.
func (w *soaker) context() (ctx context.Context, mayEnd bool, release func()) {
	ctx = context.Background()
	switch w.rng.IntN(3) {
	case 0:
		ctx, cancel := context.WithTimeout(ctx, w.some(400*time.Millisecond))
		return ctx, true, cancel
	case 1:
		ctx, cancel := context.WithCancel(ctx)
		timer := time.AfterFunc(w.some(400*time.Millisecond), cancel)
		return ctx, true, func() {
			timer.Stop()
			cancel()
		}
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	return ctx, false, cancel
}

// check takes in how a statement ended.
func (w *soaker) check(what string, err error, mayEnd bool) {
	w.done++
	switch {
	case err == nil:
	case mayEnd && (errors.Is(err, redshift.ErrQueryCancelled) || errors.Is(err, redshift.ErrQueryTimeout) ||
		errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)):
		w.stopped++
	default:
		w.t.Errorf("goroutine %d, statement %d, %s: %v", w.who, w.n, what, err)
	}
}

func (w *soaker) step() {
	w.n++
	ctx, mayEnd, release := w.context()
	defer release()
	switch w.rng.IntN(9) {
	case 0, 1:
		w.echo(ctx, mayEnd)
	case 2:
		w.slow()
	case 3, 4:
		w.stream(ctx, mayEnd)
	case 5:
		w.transaction(ctx, mayEnd)
	case 6:
		w.prepared(ctx, mayEnd)
	case 7:
		w.session(ctx, mayEnd)
	case 8:
		_, err := w.c.Execute(ctx, redshift.SQL("select 1 / $1::int", 0))
		if err == nil || !errors.Is(err, redshift.ErrData) {
			if err == nil {
				err = errors.New("1/0 has a result")
			}
			w.check("an error", err, mayEnd)
		}
	}
}

// echo asks for what no other statement asks for.
func (w *soaker) echo(ctx context.Context, mayEnd bool) {
	mine := fmt.Sprintf("%d-%d", w.who, w.n)
	row, err := w.c.QueryRow(ctx, redshift.Query{SQL: "select $1::varchar", Args: []any{mine}, WantID: w.rng.IntN(4) == 0})
	if err == nil {
		var got string
		if err = row.Scan(&got); err == nil && got != mine {
			err = fmt.Errorf("the answer is %q", got)
		}
	}
	w.check("echo", err, mayEnd)
}

// slow runs into its timeout, which is the client's and then the server's.
func (w *soaker) slow() {
	d := 5*time.Millisecond + w.some(40*time.Millisecond)
	_, err := w.c.Execute(context.Background(), redshift.Query{SQL: slow, Timeout: d})
	if err == nil {
		err = errors.New("it has ended")
	}
	w.check("slow", err, true)
}

// stream reads a part of many rows.
func (w *soaker) stream(ctx context.Context, mayEnd bool) {
	rows, err := w.c.Query(ctx, redshift.SQL("select $1::int as who, a.n + b.n * 10 + c.n * 100 + d.n * 1000 as n, 'some more text for it' as more from ("+
		digits+") a, ("+digits+") b, ("+digits+") c, ("+digits+") d, ("+digits+") e", w.who))
	if err != nil {
		w.check("stream", err, mayEnd)
		return
	}
	most := -1
	if w.rng.IntN(2) == 0 {
		most = w.rng.IntN(2000)
	}
	n := 0
	for row, rerr := range rows.All() {
		if err = rerr; err != nil || n == most {
			break
		}
		n++
		var who int
		if err = row.Scan(&who, nil, nil); err != nil {
			break
		}
		if who != w.who {
			err = fmt.Errorf("a row of %d", who)
			break
		}
	}
	if err == nil {
		if err = rows.Close(); err == nil && most < 0 && n != 100_000 {
			err = fmt.Errorf("%d rows", n)
		}
	}
	w.check("stream", err, mayEnd)
}

// transaction writes, and undoes it or not.
func (w *soaker) transaction(ctx context.Context, mayEnd bool) {
	tx, err := w.c.Begin(ctx, redshift.TxOptions{})
	if err != nil {
		w.check("begin", err, mayEnd)
		return
	}
	defer func() {
		if err := tx.Rollback(ctx); err != nil {
			w.check("rollback", err, mayEnd)
		}
	}()
	if _, err = tx.Execute(ctx, redshift.SQL("create temp table mine (n int)")); err == nil {
		_, err = tx.Execute(ctx, redshift.SQL("insert into mine values (1), (2)"))
	}
	if err == nil && w.rng.IntN(2) == 0 {
		if err = tx.Commit(ctx); errors.Is(err, redshift.ErrOutcomeUnknown) && mayEnd {
			err = nil // its context ended
		}
	}
	w.check("transaction", err, mayEnd)
}

// prepared runs a statement a few times, and a batch of it.
func (w *soaker) prepared(ctx context.Context, mayEnd bool) {
	p, err := w.c.Prepare(ctx, fmt.Sprintf("select $1::int + %d", w.rng.IntN(8)), redshift.TypeInteger)
	if err != nil {
		w.check("prepare", err, mayEnd)
		return
	}
	defer func() {
		if err := p.Close(context.Background()); err != nil {
			w.check("close", err, mayEnd)
		}
	}()
	for i := range 3 {
		if _, err = p.Execute(ctx, i); err != nil {
			w.check("prepared", err, mayEnd)
			return
		}
	}
	res, err := p.Batch(ctx, slices.Values([][]any{{1}, {2}, {3}, {4}, {5}}))
	if err == nil && res.RowsAffected != 5 {
		err = errors.Join(fmt.Errorf("%d rows", res.RowsAffected), res.Err())
	}
	w.check("batch", err, mayEnd)
}

// session changes one and gives it back as it is, in a transaction too.
func (w *soaker) session(ctx context.Context, mayEnd bool) {
	conn, err := w.c.Acquire(ctx)
	if err != nil {
		w.check("acquire", err, mayEnd)
		return
	}
	defer conn.Release()
	for _, sql := range []string{"set search_path to nowhere", "create temp table t (n int)", "begin", "insert into t values (1)"} {
		if _, err = conn.Execute(ctx, redshift.SQL(sql)); err != nil {
			break
		}
	}
	w.check("session", err, mayEnd)
}
