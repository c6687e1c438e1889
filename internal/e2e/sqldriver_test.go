package e2e

import (
	"context"
	"database/sql"
	"io"
	"maps"
	"net"
	"net/url"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/llm-dev-ops/redshift/emulator"
	"github.com/llm-dev-ops/redshift/internal/e2e/sqlsuite"
	"github.com/llm-dev-ops/redshift/sqldriver"
	"github.com/llm-dev-ops/redshift/transport/transporttest"
)

// relay stands before a server and can break what goes through it.
type relay struct {
	ln net.Listener
	to string
	wg sync.WaitGroup

	mu    sync.Mutex
	conns map[net.Conn]chan struct{} // closed when nothing goes through any more
}

func newRelay(t *testing.T, to string) *relay {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{ln: ln, to: to, conns: map[net.Conn]chan struct{}{}}
	r.wg.Go(func() {
		for {
			in, err := ln.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", to)
			if err != nil {
				_ = in.Close()
				continue
			}
			r.pipe(in, out)
			r.pipe(out, in)
		}
	})
	t.Cleanup(func() {
		_ = ln.Close()
		r.drop()
		r.wg.Wait()
	})
	return r
}

func (r *relay) pipe(from, to net.Conn) {
	over := make(chan struct{})
	r.mu.Lock()
	r.conns[from] = over
	r.mu.Unlock()
	r.wg.Go(func() {
		defer close(over)
		_, _ = io.Copy(to, from)
		_ = to.Close()
		_ = from.Close()
		r.mu.Lock()
		delete(r.conns, from)
		r.mu.Unlock()
	})
}

// drop breaks all connections, and returns when they are.
func (r *relay) drop() {
	r.mu.Lock()
	conns := maps.Clone(r.conns)
	r.mu.Unlock()
	for c := range conns {
		_ = c.Close()
	}
	for _, over := range conns {
		<-over
	}
}

// It leaves no goroutine behind, and is therefore not parallel.
func TestSQLDriver(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	t.Run("suite", func(t *testing.T) {
		s := start(t, emulator.Config{})
		r := newRelay(t, s.WireAddr())
		u, err := url.Parse(s.URL())
		if err != nil {
			t.Fatal(err)
		}
		u.Host = r.ln.Addr().String()
		sqlsuite.Exercise(t, sqlsuite.Options{
			Open: func(t *testing.T) *sql.DB {
				t.Helper()
				db, err := sql.Open(sqldriver.Name, u.String())
				if err != nil {
					t.Fatal(err)
				}
				return db
			},
			Slow: slow, Many: transporttest.GenerateRows(sqlsuite.ManyRows), Server: true, Drop: r.drop,
		})
	})
}

// A sql.DB beside a Client takes its sessions from the Client's pool and gives
// them back.
func TestSQLDriverBesideAClient(t *testing.T) {
	t.Parallel()
	_, c := both(t)
	db := sqldriver.OpenDB(c)
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	var pid, again int
	for _, dst := range []*int{&pid, &again} {
		if err := db.QueryRowContext(t.Context(), "select pg_backend_pid()").Scan(dst); err != nil {
			t.Fatal(err)
		}
	}
	if pid != again {
		t.Errorf("sessions %d and %d", pid, again)
	}
	if st := db.Stats(); st.OpenConnections != 0 || st.MaxOpenConnections != c.PoolStats().Max {
		t.Errorf("%+v", st)
	}
	if st := c.PoolStats(); st.InUse != 0 || st.Idle == 0 {
		t.Errorf("%+v", st)
	}
	tx, err := db.BeginTx(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if st := c.PoolStats(); st.InUse != 1 {
		t.Errorf("%+v", st)
	}
	if err := tx.Rollback(); err != nil {
		t.Error(err)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
	if _, err := c.Health(t.Context()); err != nil {
		t.Errorf("the client was closed: %v", err)
	}
}

// The example migrates once, however often and at how many places it runs.
func TestMigrate(t *testing.T) {
	t.Parallel()
	s, c := both(t)
	program := filepath.Join(t.TempDir(), "migrate")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, "../../examples/migrate").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var wg sync.WaitGroup
	applied := make([]int, 3)
	for i := range applied {
		wg.Go(func() {
			out, err := run(t, s, "", program)
			if err != nil {
				t.Errorf("%v: %s", err, out)
			}
			applied[i] = strings.Count(out, "applied 000")
		})
	}
	wg.Wait()
	if n := applied[0] + applied[1] + applied[2]; n != 3 {
		t.Errorf("%v migrations were applied", applied)
	}
	out, err := run(t, s, "", program)
	if err != nil || !strings.Contains(out, "0 of 3 migrations applied") {
		t.Errorf("%s, %v", out, err)
	}
	if n := value[int64](t, c, "SELECT COUNT(*) FROM schema_migrations"); n != 3 {
		t.Errorf("%d rows", n)
	}
	exec1(t, c, "INSERT INTO calls (day, name, cost, tokens) VALUES ('2026-01-02', 'chat', 1.5, 7)")
	if v := value[string](t, c, "SELECT note FROM models WHERE name = 'embed'"); v != "small; cheap" {
		t.Errorf("the note is %q", v)
	}
	exec1(t, c, "UPDATE schema_migrations SET sum = 'x' WHERE version = 2")
	if out, err := run(t, s, "", program); err == nil || !strings.Contains(out, "0002_models: the file was changed") {
		t.Errorf("%s, %v", out, err)
	}
}
