package session

import (
	"context"
	"encoding/hex"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/llm-dev-ops/redshift/emulator/internal/bind"
	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/engine"
	"github.com/llm-dev-ops/redshift/emulator/internal/event"
	"github.com/llm-dev-ops/redshift/emulator/internal/faults"
	"github.com/llm-dev-ops/redshift/emulator/internal/iam"
	"github.com/llm-dev-ops/redshift/emulator/internal/load"
	"github.com/llm-dev-ops/redshift/emulator/internal/lock"
	"github.com/llm-dev-ops/redshift/emulator/internal/login"
	"github.com/llm-dev-ops/redshift/emulator/internal/objstore"
)

// Config is what sessions stand on. The owner of a Core closes these after it.
type Config struct {
	DB      *engine.DB
	Catalog *catalog.Catalog
	Log     *event.Log
	Store   *objstore.Store
	// Faults are the rules for COPY's and UNLOAD's calls of S3; nil is none.
	Faults *faults.Set
	// Staging is DB's StagingDir.
	Staging string
	// Tables are those that COPY reads from DynamoDB; nil is none.
	Tables load.Tables
	// Directory knows what roles and keys may do; nil is one that is open.
	Directory *iam.Directory
	// DefaultRole is what IAM_ROLE default stands for.
	DefaultRole string
	Region      string
	// Account is the AWS account; defaults to "123456789012".
	Account    string
	Serverless bool
	// SingleNode: one FETCH takes 1,000 rows at most.
	SingleNode bool
	// IdleTransaction and IdleSession are how long a client may be silent inside and
	// outside of a transaction block. Zero is the documented 6 hours, and 4 hours or 1
	// for serverless; negative is for ever.
	IdleTransaction, IdleSession time.Duration
	// Slices is how many slices COPY and UNLOAD tell of.
	Slices int
	// Version is the text of version() behind "Redshift ".
	Version string
	// Limits are how many objects there may be. Defaults to the documented quotas.
	Limits bind.Limits
}

// Core opens sessions and holds what they share. It is safe for concurrent use.
type Core struct {
	cfg   Config
	locks lock.Table
	graph lock.Graph // of the serializable databases' transactions
	fresh freshness

	// gate is held for reading while a transaction takes its two snapshots
	// (DuckDB's, the catalog's), and for writing while one that changed the
	// catalog commits to both, so that nobody sees the one without the other.
	gate sync.RWMutex

	mu       sync.Mutex
	sessions map[int32]*backend
	runs     map[int32]event.Handle[event.SessionRun]
	nextPID  int32
	closed   bool
	open     sync.WaitGroup
}

// New makes a Core.
func New(cfg Config) *Core {
	if cfg.Slices <= 0 {
		cfg.Slices = 2
	}
	if cfg.Account == "" {
		cfg.Account = "123456789012"
	}
	cfg = cfg.withIdle()
	return &Core{cfg: cfg, sessions: map[int32]*backend{}, runs: map[int32]event.Handle[event.SessionRun]{}, nextPID: firstPID}
}

// firstPID is the first session's process id; a cluster's look like that.
const firstPID = 1073741824 >> 16

// Password is what a user's password is checked by; ok is false for a user that is not
// there or may not log in with one.
func (c *Core) Password(user string) (p login.Password, ok bool) {
	u, ok := c.cfg.Catalog.Committed().User(user)
	if !ok || u.MD5 == "" && u.SHA256 == "" || expired(u, time.Now()) {
		return p, false
	}
	p.MD5 = u.MD5
	if p.SHA256, _ = hex.DecodeString(u.SHA256); len(p.SHA256) > 0 {
		p.Salt, _ = hex.DecodeString(u.Salt)
	}
	return p, true
}

// Open begins a session for a user that has been authenticated. The error is an
// *Error.
func (c *Core) Open(ctx context.Context, s Startup) (Session, error) {
	snapshot := c.cfg.Catalog.Committed()
	user, ok := loginUser(snapshot, s.User)
	if !ok {
		return nil, &Error{Severity: "FATAL", State: "28000", Message: fmt.Sprintf("password authentication failed for user %q", s.User)}
	}
	database := strings.ToLower(s.Database)
	if database == "" {
		database = strings.ToLower(s.User)
	}
	if _, ok := snapshot.Database(database); !ok {
		return nil, &Error{Severity: "FATAL", State: "3D000", Message: fmt.Sprintf("database %q does not exist", database)}
	}
	conn, err := c.cfg.DB.Conn(ctx)
	if err != nil {
		return nil, &Error{Severity: "FATAL", State: "XX000", Message: err.Error(), Cause: err}
	}
	b := &backend{core: c, startup: s, user: user, database: database, conn: conn, opened: time.Now()}
	b.settings.values = map[string]string{}
	if err := b.applyStartup(ctx); err != nil {
		_ = conn.Close()
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		_ = conn.Close()
		return nil, &Error{Severity: "FATAL", State: "57P03", Message: "the database system is shutting down"}
	}
	if err := c.roomFor(user); err != nil {
		_ = conn.Close()
		return nil, err
	}
	c.nextPID++
	b.pid = c.nextPID
	c.sessions[b.pid] = b
	c.runs[b.pid] = c.cfg.Log.BeginSession(event.SessionRun{Session: b.who(), Start: b.opened, Timeout: b.user.SessionTimeout})
	c.open.Add(1)
	return b, nil
}

func (c *Core) forget(b *backend) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.sessions[b.pid]; ok {
		delete(c.sessions, b.pid)
		now := c.cfg.Log.Now()
		c.runs[b.pid].Change(func(r *event.SessionRun) { r.End = now })
		delete(c.runs, b.pid)
		c.open.Done()
	}
}

func (c *Core) session(pid int32) (*backend, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	b, ok := c.sessions[pid]
	return b, ok
}

// Shutdown refuses new sessions, cancels what runs and waits until the doors
// have closed every session, or ctx ends.
func (c *Core) Shutdown(ctx context.Context) error {
	c.mu.Lock()
	c.closed = true
	for _, b := range c.sessions {
		b.stop(errTerminated)
	}
	c.mu.Unlock()
	done := make(chan struct{})
	go func() {
		c.open.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
