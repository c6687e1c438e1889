package wire

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"runtime/debug"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/llm-dev-ops/redshift/emulator/internal/session"
)

// phase says what a connection is at, for Shutdown.
type phase uint8

const (
	starting phase = iota // up to the end of the login
	ready                 // waits for a message, nothing is unfinished
	midway                // waits for a message, and Sync has not come
	busy                  // works
)

// farewell is how long a client that does not read may hold up the end of its
// connection.
const farewell = 250 * time.Millisecond

// conn is one connection. Its goroutine alone uses it, but for what mu guards.
type conn struct {
	srv     *Server
	log     *slog.Logger
	nc      net.Conn // as accepted, below TLS
	in      *input
	out     *output
	backend *pgproto3.Backend
	cancel  context.CancelFunc

	who session.Startup
	// method is how the client logs in; federated: with a token.
	method    string
	federated bool
	began     time.Time
	pid       int32
	secret    [4]byte
	sess      session.Session

	statements map[string]*prepared
	portals    map[string]*portal
	suspended  *portal // it was, by the last Execute, and nothing has ended that
	skipping   bool    // after an error, until Sync
	followed   bool    // Sync has come behind the current message
	inPipeline bool    // a message of the extended protocol has come since Sync

	mu     sync.Mutex
	phase  phase
	drains bool  // no new work
	killed bool  // no old work either
	open   bool  // sess may be cancelled
	ended  error // what the client is told when another session has ended this one
}

func newConn(s *Server, nc net.Conn, cancel context.CancelFunc) *conn {
	return &conn{
		srv: s, log: s.cfg.Logger, nc: nc, cancel: cancel, began: time.Now(), method: s.cfg.Auth,
		in: newInput(nc, s.cfg.Watch, cancel), out: &output{w: nc},
		statements: make(map[string]*prepared), portals: make(map[string]*portal),
	}
}

// serve is the connection's whole life.
func (c *conn) serve(ctx context.Context) {
	defer func() { _ = c.in.nc.Close() }()
	defer c.in.disarm()
	defer c.recovered(ctx)
	if !c.begin() {
		return
	}
	if !c.startup(ctx) {
		return
	}
	defer c.srv.dismiss()
	c.tell(Initiating)
	c.logIn(ctx)
}

// recovered turns a panic into the end of this connection alone.
func (c *conn) recovered(ctx context.Context) {
	p := recover()
	if p == nil {
		return
	}
	c.log.LogAttrs(ctx, slog.LevelError, "a session panicked", slog.Any("panic", p), slog.String("stack", string(debug.Stack())))
	if c.out.lent {
		c.out.giveBack(c.out.buf)
	}
	c.out.failure(fatal("XX000", "internal error").told)
	_ = c.nc.SetWriteDeadline(time.Now().Add(farewell))
	_ = c.out.flush()
}

// work serves messages until the client leaves.
func (c *conn) work(ctx context.Context) {
	for {
		msg, err := c.receive(ctx)
		if err == nil && msg != nil && c.srv.cfg.Intercept != nil {
			msg, err = c.intercept(ctx, msg)
		}
		if err == nil && msg != nil {
			err = c.handle(ctx, msg)
		}
		if err == nil {
			err = c.out.relieve()
		}
		if err != nil {
			return
		}
	}
}

// receive waits for a message. nil is one that has been answered already.
func (c *conn) receive(ctx context.Context) (pgproto3.FrontendMessage, error) {
	c.in.disarm()
	p := ready
	if c.inPipeline {
		p = midway
	}
	if ctx.Err() != nil || !c.enter(p) {
		return nil, c.end()
	}
	if err := c.over(); err != nil {
		return nil, c.fail(ctx, err)
	}
	idle := c.await()
	typ, body, err := c.in.header()
	if err != nil {
		if over := c.over(); over != nil && errors.Is(err, os.ErrDeadlineExceeded) {
			return nil, c.fail(ctx, over)
		}
		if idle != nil && errors.Is(err, os.ErrDeadlineExceeded) && !c.draining() && ctx.Err() == nil {
			return nil, c.fail(ctx, idle)
		}
		return nil, c.end()
	}
	switch {
	case body < 0 || body > c.srv.cfg.MaxMessage:
		return nil, c.fail(ctx, fatal("08P01", "invalid message length"))
	case typ == 'p':
		return nil, c.fail(ctx, fatal("08P01", "unexpected message type 'p'"))
	case bytes.IndexByte([]byte("BCDEFHPQSXcdf"), typ) < 0:
		return nil, c.fail(ctx, fatal("08P01", "invalid frontend message type %d", typ))
	}
	msg, err := c.backend.Receive()
	c.enter(busy)
	if idle != nil {
		_ = c.nc.SetReadDeadline(time.Time{})
	}
	if err != nil {
		if c.in.left > 0 {
			return nil, c.end()
		}
		return nil, c.malformed(ctx, typ)
	}
	c.followed = c.in.follows('S')
	c.in.arm()
	return msg, nil
}

// await gives the client the time that its session has for the next message, and
// what it is told when that is over; nil when there is nothing to wait for.
func (c *conn) await() error {
	s, ok := c.sess.(session.Idler)
	if !ok || c.in.waiting() {
		return nil
	}
	d, e := s.Idle()
	if d <= 0 {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.killed || c.drains || c.ended != nil { // they have the deadline
		return nil
	}
	_ = c.nc.SetReadDeadline(time.Now().Add(d))
	return e
}

// malformed answers a message that is whole and whose inside is not.
func (c *conn) malformed(ctx context.Context, typ byte) error {
	const state, text = "08P01", "invalid message format"
	switch {
	case bytes.IndexByte([]byte("HSX"), typ) >= 0:
		return c.fail(ctx, fatal(state, text))
	case c.skipping:
		return nil
	case bytes.IndexByte([]byte("FQ"), typ) >= 0:
		return c.unsynced(ctx, refused(state, text))
	}
	c.inPipeline, c.skipping = true, true
	return c.fail(ctx, refused(state, text))
}

// unsynced answers a message that is its own Sync with an error.
func (c *conn) unsynced(ctx context.Context, err error) error {
	if err := c.fail(ctx, err); err != nil {
		return err
	}
	return c.sync(ctx)
}

// handle serves a message. An error ends the connection.
func (c *conn) handle(ctx context.Context, msg pgproto3.FrontendMessage) error {
	switch msg.(type) {
	case *pgproto3.Terminate:
		return errOver
	case *pgproto3.Sync:
		return c.sync(ctx)
	}
	if c.skipping {
		return nil
	}
	var err error
	switch m := msg.(type) {
	case *pgproto3.Query:
		return c.query(ctx, m.String)
	case *pgproto3.FunctionCall:
		return c.unsynced(ctx, unsupported("function call messages"))
	case *pgproto3.Flush:
		return c.out.flush()
	case *pgproto3.Parse:
		err = c.parse(ctx, m)
	case *pgproto3.Bind:
		err = c.bind(m)
	case *pgproto3.Describe:
		err = c.describe(m)
	case *pgproto3.Execute:
		err = c.execute(ctx, m)
	case *pgproto3.Close:
		err = c.close(m)
	default:
		// CopyData and its kin. The session has refused the statement that would
		// ask for them; the client may have sent them before it read so. An error
		// of their own would have no place in the answers.
		return nil
	}
	c.inPipeline = true
	if err == nil {
		return nil
	}
	c.skipping = true
	return c.fail(ctx, err)
}

// begin gives the client a time to log in.
func (c *conn) begin() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.drains {
		return false
	}
	return c.nc.SetDeadline(time.Now().Add(c.srv.cfg.LoginTimeout)) == nil
}

// enter goes to another phase. It says no when the server's end forbids it.
func (c *conn) enter(p phase) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.killed || p == ready && c.drains {
		return false
	}
	if c.phase == starting && p != starting {
		_ = c.nc.SetDeadline(time.Time{})
	}
	c.phase = p
	return true
}

func (c *conn) draining() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.drains
}

// drain ends the connection when it has nothing unfinished.
func (c *conn) drain() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.drains = true
	if c.phase == starting || c.phase == ready {
		_ = c.nc.SetReadDeadline(longAgo)
	}
}

// kill ends the connection.
func (c *conn) kill() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.killed = true
	_ = c.nc.SetWriteDeadline(time.Now().Add(farewell))
	if c.phase != busy {
		_ = c.nc.SetReadDeadline(longAgo)
	}
	c.cancel()
	if c.open {
		c.sess.Cancel()
	}
}

// terminate ends the connection for another session: at once when it waits for a
// message, otherwise its statement fails.
func (c *conn) terminate(e *session.Error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended = e
	if c.phase == ready || c.phase == midway {
		_ = c.nc.SetReadDeadline(longAgo)
	}
}

func (c *conn) over() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ended
}

// cancelStatement stops what the session is at, if it is still there.
func (c *conn) cancelStatement() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.open {
		c.sess.Cancel()
	}
}

// tell records what has happened.
func (c *conn) tell(kind EventKind) {
	now := time.Now()
	e := ConnectionEvent{
		Kind: kind, At: now, PID: c.pid, User: c.who.User, Database: c.who.Database, Host: c.who.Host, Port: c.who.Port,
		TLSVersion: c.who.TLSVersion, TLSCipher: c.who.TLSCipher, AuthMethod: c.method,
		Application: c.who.Options["application_name"], OSVersion: c.who.Options["os_version"],
		DriverVersion: c.who.Options["driver_version"], PluginName: c.who.Options["plugin_name"],
		ProtocolVersion: c.who.ProtocolVersion,
	}
	if kind == Disconnecting {
		e.Duration = now.Sub(c.began)
	}
	c.srv.cfg.OnConnection(e)
}
