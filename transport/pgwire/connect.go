package pgwire

import (
	"context"
	"crypto/tls"
	"errors"
	"math/rand/v2"
	"strconv"
	"strings"
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
		return nil, t.connectError(stageCredentials, err)
	}
	ctx, cancel := context.WithTimeout(ctx, t.cfg.ConnectTimeout)
	defer cancel()
	c, err := t.logIn(ctx, t.tls, cred)
	var s *stageError
	if err != nil && t.cfg.TLS.Mode == transport.TLSPrefer && errors.As(err, &s) && s.stage == stageTLS && ctx.Err() == nil {
		c, err = t.logIn(ctx, nil, cred)
	}
	if err != nil {
		return nil, t.connectError(stageLogin, err)
	}
	return c, nil
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
func (t *Transport) logIn(ctx context.Context, cfg *tls.Config, cred credentials.Credentials) (*conn, error) {
	nc, err := dial(ctx, t.cfg.addr(), cfg)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	c := &conn{
		nc: nc, in: newFrames(nc), tls: cfg, patient: t.cfg.CancelTimeout, pause: t.pause,
		id: strconv.FormatInt(t.number.Add(1), 10), created: now, last: now,
		// Connections that were made together shall not end together.
		expires: now.Add(t.cfg.MaxLifetime*9/10 + rand.N(t.cfg.MaxLifetime/5+1)),
		params:  map[string]string{},
	}
	if err := c.login(ctx, t.cfg, cred, cfg != nil || loopback(t.cfg.Host)); err != nil {
		_ = nc.Close()
		return nil, &stageError{stageLogin, err}
	}
	return c, nil
}
