package e2e

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
	"testing"
	"time"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/emulator"
)

var (
	onceCuts  = flag.Int("copyonce.cuts", 2000, "cuts of the random mass of TestCopyOnceCutAtRandom")
	onceKills = flag.Int("copyonce.kills", 12, "processes that TestCopyOnceKilled kills")
	onceSeed  = flag.Uint64("copyonce.seed", 0, "its seed, 0 for a new one")
)

// onceRoom is a table with its ledger, a client that reaches it through a cutter,
// and one that reaches it without.
type onceRoom struct {
	s      *emulator.Server
	direct *redshift.Client
	p      *cutter
	cfg    redshift.Config // through the cutter
	rows   int64           // that the table must have
	// resolved counts the calls that found out that their lost COMMIT had happened.
	resolved int
}

const onceRows = 3 // of the file

func newOnceRoom(t *testing.T) *onceRoom {
	t.Helper()
	s, c := both(t)
	put(t, stage(t, s), "s3://emulator/once", "1\n2\n3\n")
	exec1(t, c, "CREATE TABLE once (n INT)")
	if err := c.CreateLedger(t.Context(), redshift.TableRef{Name: "loads"}); err != nil {
		t.Fatal(err)
	}
	cfg, err := redshift.ParseURL(s.URL())
	if err != nil {
		t.Fatal(err)
	}
	p := newCutter(t, net.JoinHostPort(cfg.Host, strconv.Itoa(cfg.Port)))
	cfg.Port, cfg.TLS = p.port(), redshift.TLS{Mode: redshift.TLSDisable}
	cfg.DefaultCopyIAMRole = "default"
	cfg.MinConnections, cfg.ConnectRetries, cfg.RetryBackoff = -1, -1, time.Microsecond
	return &onceRoom{s: s, direct: c, p: p, cfg: cfg}
}

func onceCommand(id string) redshift.CopyCommand {
	return redshift.CopyCommand{
		Table: redshift.TableRef{Name: "once"}, Source: redshift.S3{Bucket: "emulator", Prefix: "once"},
		Options: redshift.CopyOptions{ID: id, Ledger: redshift.TableRef{Name: "loads"}},
	}
}

// load calls Copy through the cutter and then, as a caller who was told nothing
// would, again without it: what the first said must be true, and after the second
// the table has the rows once.
func (r *onceRoom) load(t *testing.T, c *redshift.Client, id, what string) {
	t.Helper()
	res, err := c.Copy(t.Context(), onceCommand(id))
	if err == nil && (res.ID != id || res.RowsLoaded != onceRows) {
		t.Errorf("%s: %+v", what, res)
	}
	if err != nil && !errors.Is(err, redshift.ErrConnectionFailed) && !errors.Is(err, redshift.ErrOutcomeUnknown) {
		t.Errorf("%s: %v", what, err)
	}
	if err == nil && res.Repeated {
		r.resolved++
	}
	again, againErr := r.direct.Copy(t.Context(), onceCommand(id))
	if againErr != nil || again.RowsLoaded != onceRows || again.ID != id {
		t.Fatalf("%s: again: %+v, %v", what, again, againErr)
	}
	switch known := !errors.Is(err, redshift.ErrOutcomeUnknown); {
	case err == nil && !again.Repeated:
		t.Errorf("%s: it was told to have loaded, and had not", what)
	case err != nil && known && again.Repeated:
		t.Errorf("%s: it was told that nothing was loaded, and it was: %v", what, err)
	}
	r.rows += onceRows
	if got := value[int64](t, r.direct, "SELECT count(*) FROM once"); got != r.rows {
		t.Fatalf("%s: the table has %d rows, want %d; the first call: %v", what, got, r.rows, err)
	}
}

// TestCopyOnceCutAtEveryMessage cuts the connection once at each message of a
// load with a ledger, from the login on, in either direction.
func TestCopyOnceCutAtEveryMessage(t *testing.T) {
	t.Parallel()
	r := newOnceRoom(t)
	for cut := 0; ; cut++ {
		r.p.arm(func(n int) bool { return n == cut })
		c := open(t, r.cfg)
		r.load(t, c, fmt.Sprintf("cut-%d", cut), fmt.Sprintf("cut at message %d", cut))
		if err := c.Close(t.Context()); err != nil {
			t.Error(err)
		}
		messages, cuts := r.p.arm(func(int) bool { return false })
		if cut > 0 && cuts == 0 {
			if messages < 40 || cut < 40 {
				t.Errorf("a load has %d messages", messages)
			}
			if r.resolved == 0 {
				t.Error("no COMMIT was lost and found")
			}
			t.Logf("%d messages were cut, %d answers to COMMIT lost and found", cut-1, r.resolved)
			return
		}
	}
}

// TestCopyCutAtEveryMessage is the same without a ledger: what Copy says is true,
// and only where the server has never had the COPY it may say that it does not
// know.
func TestCopyCutAtEveryMessage(t *testing.T) {
	t.Parallel()
	r := newOnceRoom(t)
	rows, unknown, resolved := int64(0), 0, 0
	for cut := 1; ; cut++ {
		r.p.arm(func(n int) bool { return n == cut })
		c := open(t, r.cfg)
		load := onceCommand(fmt.Sprintf("alone-%d", cut))
		load.Options.Ledger = redshift.TableRef{}
		res, err := c.Copy(t.Context(), load)
		_ = c.Close(t.Context())
		_, cuts := r.p.arm(func(int) bool { return false })
		had := value[int64](t, r.direct, "SELECT count(*) FROM once") - rows
		rows += had
		o, outcomeErr := r.direct.Outcome(t.Context(), load.Options.ID)
		switch {
		case err == nil:
			if had != onceRows || res.RowsLoaded != onceRows {
				t.Errorf("cut at message %d: %d rows, told %+v", cut, had, res)
			}
			if len(res.Notices) == 0 && cuts > 0 {
				resolved++
			}
		case errors.Is(err, redshift.ErrOutcomeUnknown):
			unknown++
			if outcomeErr != nil || o.State != redshift.JobUnknown || had != 0 {
				t.Errorf("cut at message %d: %d rows, the server has %+v, %v: %v", cut, had, o, outcomeErr, err)
			}
		case had != 0 || !errors.Is(err, redshift.ErrConnectionFailed):
			t.Errorf("cut at message %d: %d rows, %v", cut, had, err)
		}
		if cuts == 0 {
			if resolved == 0 || unknown == 0 {
				t.Errorf("of %d cuts %d were resolved, %d unknown", cut-1, resolved, unknown)
			}
			t.Logf("%d messages were cut, %d lost answers found, %d unknown", cut-1, resolved, unknown)
			return
		}
	}
}

// TestCopyOnceCutAtRandom cuts again and again at random, also where the load is
// being resolved, so that some calls give up.
func TestCopyOnceCutAtRandom(t *testing.T) {
	t.Parallel()
	seed := *onceSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	rnd := rand.New(rand.NewPCG(seed, 0))
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("-copyonce.seed=%d", seed)
		}
	})
	r := newOnceRoom(t)
	r.cfg.MaxRetries = 6
	c := open(t, r.cfg)
	total := 0
	for run := 0; total < *onceCuts; run++ {
		gap := []int{30, 90, 180}[run%3] // between cuts, at most
		next := 1 + rnd.IntN(gap)
		luck := rand.New(rand.NewPCG(seed, uint64(run)))
		r.p.arm(func(n int) bool {
			if n < next {
				return false
			}
			next = n + 1 + luck.IntN(gap)
			return true
		})
		r.load(t, c, fmt.Sprintf("random-%d", run), fmt.Sprintf("seed %d, run %d", seed, run))
		_, cuts := r.p.arm(func(int) bool { return false })
		total += cuts
	}
	t.Logf("%d rows after %d cuts, %d answers to COMMIT lost and found", r.rows, total, r.resolved)
}

// TestCopyOnceAtOnce: many callers with one id load once, and all have the result.
func TestCopyOnceAtOnce(t *testing.T) {
	t.Parallel()
	r := newOnceRoom(t)
	type outcome struct {
		res *redshift.CopyResult
		err error
	}
	done := make(chan outcome)
	for range 4 {
		go func() {
			res, err := r.direct.Copy(context.WithoutCancel(t.Context()), onceCommand("same"))
			done <- outcome{res, err}
		}()
	}
	first := 0
	for range 4 {
		o := <-done
		if o.err != nil || o.res.RowsLoaded != onceRows || o.res.FilesScanned != 1 || o.res.Duration <= 0 {
			t.Errorf("%+v, %v", o.res, o.err)
			continue
		}
		if !o.res.Repeated {
			first++
		}
	}
	if got := value[int64](t, r.direct, "SELECT count(*) FROM once"); first != 1 || got != onceRows {
		t.Errorf("%d have loaded, %d rows", first, got)
	}
	other := onceCommand("same")
	other.Source = redshift.S3{Bucket: "emulator", Prefix: "other"}
	if _, err := r.direct.Copy(t.Context(), other); !errors.Is(err, redshift.ErrUsage) {
		t.Errorf("the id for another source: %v", err)
	}
	bad := onceCommand("bad")
	bad.Table.Name = "missing"
	if _, err := r.direct.Copy(t.Context(), bad); !errors.Is(err, redshift.ErrCopy) || !errors.Is(err, redshift.ErrTableNotFound) {
		t.Errorf("a load that fails: %v", err)
	}
	bad.Options.Ledger.Name = "nowhere"
	if _, err := r.direct.Copy(t.Context(), bad); !errors.Is(err, redshift.ErrTableNotFound) {
		t.Errorf("without a ledger: %v", err)
	}
}

// TestCopyOnceContextEnds: a load whose context ends while it waits for a lock has
// certainly not happened, and says so.
func TestCopyOnceContextEnds(t *testing.T) {
	t.Parallel()
	r := newOnceRoom(t)
	for _, locked := range []string{"once", "loads"} {
		tx, err := r.direct.Begin(t.Context(), redshift.TxOptions{})
		if err != nil {
			t.Fatal(err)
		}
		exec1(t, tx, "LOCK "+locked)
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		_, err = r.direct.Copy(ctx, onceCommand("late-"+locked))
		cancel()
		if !errors.Is(err, redshift.ErrQueryTimeout) || errors.Is(err, redshift.ErrOutcomeUnknown) {
			t.Errorf("%s: %v", locked, err)
		}
		if err := tx.Rollback(t.Context()); err != nil {
			t.Fatal(err)
		}
		r.rows += onceRows
		res, err := r.direct.Copy(t.Context(), onceCommand("late-"+locked))
		if got := value[int64](t, r.direct, "SELECT count(*) FROM once"); err != nil || res.Repeated || got != r.rows {
			t.Errorf("%s: %+v, %v, %d rows", locked, res, err, got)
		}
	}
}
