package e2e

import (
	"context"
	"fmt"
	"math/rand/v2"
	neturl "net/url"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/llm-dev-ops/redshift"
)

// The test program itself is the process that is killed: with these variables it
// loads once and ends.
const (
	onceHelperURL = "REDSHIFT_E2E_ONCE_URL"
	onceHelperID  = "REDSHIFT_E2E_ONCE_ID"
)

func onceHelper(url, id string) (code int) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cfg, err := redshift.ParseURL(url)
	if err == nil {
		cfg.MinConnections, cfg.DefaultCopyIAMRole = -1, "default"
		var c *redshift.Client
		if c, err = redshift.Open(ctx, cfg); err == nil {
			defer func() { _ = c.Close(ctx) }()
			_, err = c.Copy(ctx, onceCommand(id))
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// TestCopyOnceKilled kills the process that loads at a random message of the
// exchange, instead of passing that on. Another one, with the same id, completes
// the load or finds it done.
func TestCopyOnceKilled(t *testing.T) {
	t.Parallel()
	seed := *onceSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	rnd := rand.New(rand.NewPCG(seed, 1))
	r := newOnceRoom(t)
	url := fmt.Sprintf("redshift://%s@127.0.0.1:%d/dev?sslmode=disable", onceLogin(t, r.s.URL()), r.p.port())
	run := func(id string, at int) int {
		p := exec.Command(os.Args[0])
		p.Env = append(os.Environ(), onceHelperURL+"="+url, onceHelperID+"="+id)
		p.Stderr = os.Stderr
		started := make(chan struct{})
		r.p.arm(func(n int) bool {
			if n != at {
				return false
			}
			<-started
			_ = p.Process.Kill()
			return true
		})
		if err := p.Start(); err != nil {
			t.Fatal(err)
		}
		close(started)
		err := p.Wait()
		messages, cuts := r.p.arm(func(int) bool { return false })
		if err != nil && cuts == 0 { // a process may also end by itself, with its last messages
			t.Errorf("seed %d, %s: %v", seed, id, err)
		}
		return messages
	}
	messages := run("whole", 0)
	r.rows += onceRows
	before, after := 0, 0
	for n := range *onceKills {
		id := "kill-" + strconv.Itoa(n)
		at := 1 + rnd.IntN(messages)
		if n == 0 {
			at = messages - 1 // the answer to COMMIT, or what comes after
		}
		run(id, at)
		res, err := r.direct.Copy(t.Context(), onceCommand(id))
		if err != nil || res.RowsLoaded != onceRows {
			t.Fatalf("seed %d, killed at message %d: %+v, %v", seed, at, res, err)
		}
		if res.Repeated {
			after++
		} else {
			before++
		}
		r.rows += onceRows
		if got := value[int64](t, r.direct, "SELECT count(*) FROM once"); got != r.rows {
			t.Fatalf("seed %d, killed at message %d: the table has %d rows, want %d", seed, at, got, r.rows)
		}
	}
	if before == 0 || after == 0 {
		t.Errorf("seed %d: of %d messages %d were before the COMMIT, %d behind", seed, messages, before, after)
	}
	t.Logf("of %d messages %d were before the COMMIT, %d behind", messages, before, after)
}

// onceLogin is user:password of an emulator's URL.
func onceLogin(t *testing.T, raw string) string {
	t.Helper()
	u, err := neturl.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return u.User.String()
}
