package pgwire

import (
	"context"
	"crypto/tls"
	"errors"
	"maps"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/llm-dev-ops/redshift/transport"
)

// conn is one connection. What a lease may change of the server session is
// kept here too, because the next lease must know it.
type conn struct {
	nc        net.Conn
	in        *frames
	out       []byte // requests not yet flushed
	encodeErr error
	watch     watch
	peek      peeker
	msg       struct { // for encoding, so that it allocates nothing
		parse pgproto3.Parse
		bind  pgproto3.Bind
	}

	dialer    *net.Dialer // for the requests to cancel
	cancelTLS *tls.Config // of these; nil for plaintext
	patient   time.Duration
	pause     time.Duration // before the first repetition of a cancel
	pid       uint32
	key       []byte
	id        string
	version   int // the server_protocol_version
	created   time.Time
	expires   time.Time
	idleFor   time.Duration // how long it may be idle
	last      time.Time
	leased    bool // at least once

	params, baseline map[string]string // now, and after the login
	touched          bool              // params may differ from baseline
	tx               byte              // of the last ReadyForQuery: I, T or E
	broken           error             // why the connection is of no use

	set, saved settings   // now, and at the begin of the transaction
	group      string     // the query group that the lease wants
	ownTimeout bool       // the lease has set statement_timeout itself
	dirty      bool       // the lease has left something that cannot be undone
	absorb     bool       // a cancel may still be on its way
	names      int        // prepared statements and portals made
	statements statements // that the server keeps
	generation int        // counts what makes the server forget its statements
	setLocal   bool       // something that counts for them is undone with the transaction
	closes     []closing  // prepared statements and portals to close
}

// closing is a statement ('S') or a portal ('P') to be closed.
type closing struct {
	kind byte
	name string
}

// watch lets the end of a context end the reading.
type watch struct {
	mu    sync.Mutex
	turn  int
	fired atomic.Bool
	stop  func() bool
}

func (c *conn) begin(ctx context.Context) {
	if ctx.Done() == nil {
		return
	}
	w := &c.watch
	w.mu.Lock()
	w.turn++
	turn := w.turn
	w.mu.Unlock()
	w.stop = context.AfterFunc(ctx, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.turn == turn {
			w.fired.Store(true)
			_ = c.nc.SetReadDeadline(past)
		}
	})
}

// end undoes begin. It is idempotent.
func (c *conn) end() {
	w := &c.watch
	if w.stop == nil {
		return
	}
	w.stop()
	w.stop = nil
	w.mu.Lock()
	defer w.mu.Unlock()
	w.turn++
	if w.fired.Swap(false) {
		_ = c.nc.SetReadDeadline(time.Time{})
	}
}

// readUntil sets the deadline of reads, none if t is zero, unless a context
// that has ended has set it.
func (c *conn) readUntil(t time.Time) {
	c.watch.mu.Lock()
	defer c.watch.mu.Unlock()
	if !c.watch.fired.Load() {
		_ = c.nc.SetReadDeadline(t)
	}
}

// flush writes what was sent. n is how many bytes have left.
func (c *conn) flush() (n int, err error) {
	if err := c.encodeErr; err != nil {
		c.encodeErr, c.out = nil, c.out[:0]
		return 0, err
	}
	n, err = c.nc.Write(c.out)
	if c.out = c.out[:0]; cap(c.out) > keepBuffer {
		c.out = nil
	}
	return n, err
}

// flushFor is flush within ctx. What fits the system's buffers is not worth
// watching for.
func (c *conn) flushFor(ctx context.Context) (int, error) {
	if len(c.out) <= readBuffer || ctx.Done() == nil {
		return c.flush()
	}
	done := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(done)
		_ = c.nc.SetWriteDeadline(past)
	})
	n, err := c.flush()
	if !stop() {
		<-done
		_ = c.nc.SetWriteDeadline(time.Time{})
	}
	return n, ended(ctx, err)
}

// parameter takes a ParameterStatus in.
func (c *conn) parameter(body []byte) error {
	var m pgproto3.ParameterStatus
	if err := m.Decode(body); err != nil {
		return err
	}
	c.params[m.Name] = m.Value
	c.touched = true
	if m.Name == serverVersion {
		return c.follow(m.Value)
	}
	return nil
}

// lose gives the connection up.
func (c *conn) lose(err error) {
	if c.broken == nil {
		c.broken = err
	}
	_ = c.nc.Close()
}

// reusable reports a session that the next lease may have: idle, and with
// nothing set that is not known how to undo.
func (c *conn) reusable() bool {
	if c.touched {
		if !maps.Equal(c.params, c.baseline) {
			return false
		}
		c.touched = false
	}
	return c.broken == nil && c.tx == 'I' && !c.dirty && len(c.closes) <= 64
}

// alive asks whether the connection can be leased. It does no I/O if it was
// used a moment ago and nothing has come since.
func (c *conn) alive(ctx context.Context, pingAfter time.Duration) bool {
	ok, quiet := c.peek.look(c.nc)
	if !ok {
		return false
	}
	if quiet && c.in.buffered() == 0 && time.Since(c.last) < pingAfter {
		return true
	}
	return c.ping(ctx) == nil
}

// ping makes an empty exchange.
func (c *conn) ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, c.patient)
	defer cancel()
	release := bound(ctx, c.nc)
	defer release()
	c.send(msgSync)
	if _, err := c.flush(); err != nil {
		return err
	}
	for {
		typ, body, err := c.in.next()
		if err != nil {
			return err
		}
		switch typ {
		case 'Z':
			if len(body) != 1 || body[0] != 'I' {
				return errors.New("an idle session is in a transaction")
			}
			c.last = time.Now()
			return nil
		case 'S':
			if err := c.parameter(body); err != nil {
				return err
			}
		case 'N', 'A':
		case 'E':
			e, err := serverError(body)
			if err != nil {
				return err
			}
			return e
		default:
			return &protocolError{"an answer to nothing"}
		}
	}
}

// close says goodbye and closes. It touches nothing that a lease uses.
func (c *conn) close() {
	_ = c.nc.SetWriteDeadline(time.Now().Add(time.Second))
	_, _ = c.nc.Write([]byte{'X', 0, 0, 0, 4})
	_ = c.nc.Close()
}

func (c *conn) info() transport.SessionInfo {
	return transport.SessionInfo{ID: c.id, PID: int(c.pid), Created: c.created, LastUsed: c.last, Parameters: maps.Clone(c.params)}
}
