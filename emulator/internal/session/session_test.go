package session

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"
	"go.uber.org/goleak"

	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/engine"
	"github.com/llm-dev-ops/redshift/emulator/internal/event"
	"github.com/llm-dev-ops/redshift/emulator/internal/objstore"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

// newCore is a Core over an empty database in memory.
func newCore(t *testing.T) *Core {
	t.Helper()
	ctx := context.Background()
	staging, err := os.MkdirTemp("", "session-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(staging) })
	db, err := engine.Open(ctx, engine.Config{StagingDir: staging, Threads: 1})
	if errors.Is(err, engine.ErrNoCgo) {
		t.Skipf("needs DuckDB: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	store, err := objstore.Open(objstore.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if err := store.CreateBucket(ctx, "bucket"); err != nil {
		t.Fatal(err)
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	cat, err := catalog.Open(ctx, conn, catalog.Config{MD5: "x"})
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
	core := New(Config{DB: db, Catalog: cat, Log: event.New(event.Config{}), Store: store, Staging: staging, DefaultRole: "arn:aws:iam::123456789012:role/R", Region: "us-east-1", Version: "1.0"})
	if err := core.Register(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := core.Shutdown(ctx); err != nil {
			t.Error(err)
		}
		if err := errors.Join(db.Close(), store.Close()); err != nil {
			t.Error(err)
		}
	})
	return core
}

// client is a session with what it has been told.
type client struct {
	Session
	mu  sync.Mutex
	out strings.Builder
}

func (c *client) print(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	fmt.Fprintf(&c.out, format+"\n", args...)
}

func (c *client) taken() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.out.String()
	c.out.Reset()
	return s
}

func openClient(t *testing.T, core *Core) *client {
	t.Helper()
	c, err := openAs(core, "awsuser", "dev")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// openAs is openClient for another user.
func openAs(core *Core, user, database string) (*client, error) {
	c := &client{}
	s, err := core.Open(context.Background(), Startup{
		User: user, Database: database,
		Notice: func(n Notice) { c.print("%s: %s", n.Severity, n.Message) },
		Report: func(p Parameter) { c.print("parameter %s=%s", p.Name, p.Value) },
	})
	c.Session = s
	return c, err
}

// script runs a simple message, as the wire door does.
func (c *client) script(ctx context.Context, text string) {
	var statements []string
	for s, err := range lex.Split(text) {
		if err != nil {
			c.print("%v", err)
			return
		}
		statements = append(statements, s.Text)
	}
	if len(statements) > 1 {
		for _, sql := range statements {
			if err := c.Session.(Checker).Check(sql); err != nil {
				c.failure(err)
				statements = nil
				break
			}
		}
	}
	for i, sql := range statements {
		if err := c.one(ctx, sql, i == len(statements)-1); err != nil {
			break
		}
	}
	if err := c.Sync(ctx); err != nil {
		c.failure(err)
	}
}

func (c *client) failure(err error) {
	var e *Error
	if !errors.As(err, &e) {
		c.print("not an *Error: %v", err)
		return
	}
	at := ""
	if e.Position > 0 {
		at = fmt.Sprintf(" at %d", e.Position)
	}
	c.print("ERROR %s%s: %s", e.State, at, e.Message)
	if e.Detail != "" {
		c.print("DETAIL: %s", e.Detail)
	}
}

func (c *client) one(ctx context.Context, sql string, last bool) error {
	stmt, err := c.Prepare(ctx, sql, nil)
	if err != nil {
		c.failure(err)
		return err
	}
	defer stmt.Close()
	if stmt.Empty() {
		return nil
	}
	p, err := stmt.Start(ctx, Call{Last: last})
	if err != nil {
		c.failure(err)
		return err
	}
	defer p.Close() // its error came from AppendRows
	if stmt.Columns() != nil {
		names := make([]string, len(stmt.Columns()))
		for i, col := range stmt.Columns() {
			names[i] = col.Name + ":" + col.Type.String()
		}
		c.print("%s", strings.Join(names, " | "))
	}
	for done := false; !done; {
		var rows []byte
		if rows, _, done, err = p.AppendRows(ctx, nil, 0); err != nil {
			c.failure(err)
			return err
		}
		for _, row := range dataRows(rows) {
			c.print("%s", strings.Join(row, " | "))
		}
	}
	c.print("%s", p.Tag())
	return nil
}

func dataRows(b []byte) (rows [][]string) {
	for len(b) > 0 {
		size := int(binary.BigEndian.Uint32(b[1:]))
		body := b[7 : 1+size]
		var row []string
		for len(body) > 0 {
			n := int(int32(binary.BigEndian.Uint32(body)))
			body = body[4:]
			if n < 0 {
				row = append(row, "NULL")
				continue
			}
			row, body = append(row, string(body[:n])), body[n:]
		}
		rows, b = append(rows, row), b[1+size:]
	}
	return rows
}

// TestScripts runs testdata/*.txt: each command "run s" sends a message in
// session s; "refused s" sends lines that have to fail; "begin-wait s" sends one that has to wait and "end-wait s" tells
// what came of it; "close s" ends a session; "put key" makes an object;
// "single-node" makes it a cluster of one node.
func TestScripts(t *testing.T) {
	t.Parallel()
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		t.Parallel()
		core := newCore(t)
		clients := map[string]*client{}
		waiting := map[string]chan struct{}{}
		t.Cleanup(func() {
			for _, c := range clients {
				c.Close()
			}
		})
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		t.Cleanup(cancel)
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			name := "s"
			if len(d.CmdArgs) > 0 {
				name = d.CmdArgs[0].Key
			}
			if d.Cmd == "put" {
				if _, err := core.cfg.Store.Put(ctx, "bucket", name, objstore.Meta{}, strings.NewReader(d.Input+"\n")); err != nil {
					return err.Error()
				}
				return ""
			}
			if d.Cmd == "single-node" {
				core.cfg.SingleNode = true
				return ""
			}
			if clients[name] == nil {
				user, database := "awsuser", "dev"
				d.MaybeScanArgs(t, "user", &user)
				d.MaybeScanArgs(t, "database", &database)
				c, err := openAs(core, user, database)
				if err != nil {
					return err.Error()
				}
				clients[name] = c
			}
			c := clients[name]
			switch d.Cmd {
			case "refused":
				return c.refused(ctx, t, d.Input)
			case "run":
				c.script(ctx, d.Input)
				return c.taken() + fmt.Sprintf("(%c)", c.TxStatus())
			case "begin-wait":
				done := make(chan struct{})
				waiting[name] = done
				go func() {
					defer close(done)
					c.script(ctx, d.Input)
				}()
				awaitLock(ctx, t, core)
				return ""
			case "end-wait":
				<-waiting[name]
				return c.taken() + fmt.Sprintf("(%c)", c.TxStatus())
			case "cancel-wait":
				c.Cancel()
				<-waiting[name]
				return c.taken() + fmt.Sprintf("(%c)", c.TxStatus())
			case "close":
				c.Close()
				delete(clients, name)
				return ""
			}
			return "unknown command " + d.Cmd
		})
	})
}

// refused runs each line, a statement that has to fail, and tells how.
func (c *client) refused(ctx context.Context, t *testing.T, lines string) string {
	var out strings.Builder
	for line := range strings.SplitSeq(lines, "\n") {
		err := c.one(ctx, line, true)
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%s: %v", line, err)
		} else {
			fmt.Fprintf(&out, "%s\n  %s at %d: %s\n", line, e.State, e.Position, e.Message)
			if e.Detail != "" {
				fmt.Fprintf(&out, "  detail: %s\n", e.Detail)
			}
			if e.Hint != "" {
				fmt.Fprintf(&out, "  hint: %s\n", e.Hint)
			}
		}
		if err := c.Sync(ctx); err != nil {
			t.Fatal(err)
		}
	}
	c.taken()
	return out.String()
}

// awaitLock returns when somebody waits for a lock.
func awaitLock(ctx context.Context, t *testing.T, core *Core) {
	t.Helper()
	for ctx.Err() == nil {
		for _, h := range core.locks.Snapshot() {
			if !h.Granted {
				return
			}
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatal("nobody waits")
}
