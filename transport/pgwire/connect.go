package pgwire

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/llm-dev-ops/redshift/credentials"
	"github.com/llm-dev-ops/redshift/transport"
)

// connect makes a connection for the pool. A refused login is tried once more
// if the provider can fetch other credentials.
func (t *Transport) connect(ctx context.Context) (*conn, error) {
	for again := true; ; again = false {
		c, err := t.attempt(ctx)
		if err == nil {
			t.created.Add(1)
			return c, nil
		}
		inv, can := t.cfg.Credentials.(credentials.Invalidator)
		var server *transport.ServerError
		if again && can && errors.As(err, &server) && strings.HasPrefix(server.SQLState, "28") {
			inv.Invalidate()
			continue
		}
		t.failedLogins.Add(1)
		return nil, err
	}
}

// attempt fetches credentials and logs in with them.
func (t *Transport) attempt(ctx context.Context) (*conn, error) {
	cred, err := t.retrieve(ctx)
	if err != nil {
		return nil, t.connectError(stageCredentials, t.cfg.addr(), err)
	}
	ctx, cancel := context.WithTimeout(ctx, t.cfg.ConnectTimeout)
	defer cancel()
	for retry := 0; ; retry++ {
		c, addr, err := t.reach(ctx, cred)
		if err == nil {
			return c, nil
		}
		if retry >= t.cfg.ConnectRetries || !passing(err) || !pause(ctx, t.cfg.RetryPause<<min(retry, 10)) {
			return nil, t.connectError(stageLogin, addr, err)
		}
	}
}

// reach tries the addresses in order. An answer to the login counts: what one
// refuses all do. addr is where the error is from.
func (t *Transport) reach(ctx context.Context, cred credentials.Credentials) (c *conn, addr string, err error) {
	all := t.cfg.addresses()
	for i, a := range all {
		one, cancel := context.WithCancel(ctx)
		if end, ok := ctx.Deadline(); ok {
			cancel()
			// The others shall have their share of the time.
			one, cancel = context.WithTimeout(ctx, time.Until(end)/time.Duration(len(all)-i))
		}
		var s *stageError
		addr = a
		c, err = t.logIn(one, a, t.tls, cred)
		if err != nil && t.cfg.TLS.Mode == transport.TLSPrefer && errors.As(err, &s) && s.stage == stageTLS && one.Err() == nil {
			c, err = t.logIn(one, a, nil, cred)
		}
		cancel()
		var server *transport.ServerError
		if err == nil || errors.As(err, &server) || ctx.Err() != nil {
			break
		}
	}
	return c, addr, err
}

// passing reports a failure that may be over in a moment: a connection that was
// made and torn down, which is how a serverless workgroup answers that has been
// idle, and a server that says that it is starting.
func passing(err error) bool {
	var server *transport.ServerError
	if errors.As(err, &server) {
		return server.SQLState == "57P03" // cannot_connect_now
	}
	var s *stageError
	if errors.As(err, &s) && s.stage == stageDial {
		return false // nobody listens, or nobody is there
	}
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}

// pause waits for about d, between half and one and a half of it. It is false
// when ctx ends before that, or would.
func pause(ctx context.Context, d time.Duration) bool {
	d = d/2 + rand.N(d)
	if end, ok := ctx.Deadline(); ok && time.Until(end) <= d {
		return false
	}
	wait := time.NewTimer(d)
	defer wait.Stop()
	select {
	case <-wait.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// retrieve gives the provider a deadline of its own: asking AWS must not eat
// up the time for the connection.
func (t *Transport) retrieve(ctx context.Context) (credentials.Credentials, error) {
	ctx, cancel := context.WithTimeout(ctx, t.cfg.ConnectTimeout)
	defer cancel()
	cred, err := t.cfg.Credentials.Retrieve(ctx)
	if err == nil {
		err = checkCredentials(t.cfg, cred)
	}
	return cred, err
}

// logIn makes one connection.
func (t *Transport) logIn(ctx context.Context, addr string, cfg *tls.Config, cred credentials.Credentials) (*conn, error) {
	nc, err := dial(ctx, t.dialer, addr, cfg)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	c := &conn{
		nc: nc, in: newFrames(nc), dialer: t.dialer, cancelTLS: cfg, patient: t.cfg.CancelTimeout, pause: t.pause,
		id: strconv.FormatInt(t.number.Add(1), 10), created: now, last: now,
		// Connections that were made together shall not end together.
		expires: now.Add(t.cfg.MaxLifetime*9/10 + rand.N(t.cfg.MaxLifetime/5+1)),
		idleFor: t.cfg.IdleTimeout*9/10 + rand.N(t.cfg.IdleTimeout/5+1),
		params:  map[string]string{},
	}
	if t.cfg.PlainCancel {
		c.cancelTLS = nil
	}
	if t.cfg.Compression != "" {
		c.in = newFrames(newUnpacker(nc))
	}
	if err := c.login(ctx, t.cfg, cred, cfg != nil || local(nc)); err != nil {
		_ = nc.Close()
		return nil, &stageError{stageLogin, err}
	}
	if err := c.setUp(ctx, t.cfg.SessionParameters); err != nil {
		_ = nc.Close()
		return nil, &stageError{stageSetUp, err}
	}
	return c, nil
}

// local reports a connection that does not leave the machine.
func local(nc net.Conn) bool {
	a, ok := nc.RemoteAddr().(*net.TCPAddr)
	return ok && a.IP.IsLoopback()
}
