package pgwire

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"time"

	"github.com/llm-dev-ops/redshift/transport"
)

const (
	stageCredentials = "credentials"
	stageDial        = "dial"
	stageTLS         = "tls"
	stageLogin       = "login"

	codeSSL    = 80877103
	codeCancel = 80877102
)

var errNoTLS = errors.New("the server does not offer TLS")

// stageError says how far a connection came.
type stageError struct {
	stage string
	err   error
}

func (e *stageError) Error() string { return e.err.Error() }
func (e *stageError) Unwrap() error { return e.err }

// dialer makes network connections that notice when their peer is gone.
// Firewalls in front of Redshift drop idle connections without a word (Redshift
// management guide, "Firewall timeout issue").
func (c Config) dialer() *net.Dialer {
	d := &net.Dialer{Control: giveUpAfter(c.DeadPeerTimeout), KeepAlive: -1}
	if c.KeepAlive > 0 {
		// So many questions that the last of them fails at the timeout.
		const questions = 4
		d.KeepAlive = 0
		d.KeepAliveConfig = net.KeepAliveConfig{
			Enable: true, Idle: c.KeepAlive, Count: questions,
			Interval: max(time.Second, (c.DeadPeerTimeout / questions).Round(time.Second)),
		}
	}
	return d
}

// dial makes a network connection, with TLS unless cfg is nil.
func dial(ctx context.Context, d *net.Dialer, addr string, cfg *tls.Config) (net.Conn, error) {
	nc, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, &stageError{stageDial, err}
	}
	if cfg == nil {
		return nc, nil
	}
	secure, err := startTLS(ctx, nc, cfg)
	if err != nil {
		_ = nc.Close()
		return nil, &stageError{stageTLS, ended(ctx, err)}
	}
	return secure, nil
}

// startTLS asks for TLS. The answer is one byte, and exactly one is read, so
// that nothing that came in plaintext is taken for the encrypted stream.
func startTLS(ctx context.Context, nc net.Conn, cfg *tls.Config) (net.Conn, error) {
	release := bound(ctx, nc)
	defer release()
	var msg [8]byte
	binary.BigEndian.PutUint32(msg[:], 8)
	binary.BigEndian.PutUint32(msg[4:], codeSSL)
	if _, err := nc.Write(msg[:]); err != nil {
		return nil, err
	}
	if _, err := io.ReadFull(nc, msg[:1]); err != nil {
		return nil, err
	}
	switch msg[0] {
	case 'S':
		secure := tls.Client(nc, cfg)
		if err := secure.HandshakeContext(ctx); err != nil {
			return nil, err
		}
		return secure, nil
	case 'N':
		return nil, errNoTLS
	case 'E':
		// An ErrorResponse with its body, as Redshift's JDBC driver expects it.
		f := newFrames(io.MultiReader(&oneByte{'E'}, nc))
		_, body, err := f.next()
		if err != nil {
			return nil, errNoTLS
		}
		e, err := serverError(body)
		if err != nil {
			return nil, errNoTLS
		}
		return nil, e
	default:
		return nil, &protocolError{"the answer to a request for TLS is no letter of it"}
	}
}

// oneByte reads its byte once.
type oneByte []byte

func (b *oneByte) Read(p []byte) (int, error) {
	if len(*b) == 0 {
		return 0, io.EOF
	}
	n := copy(p, *b)
	*b = (*b)[n:]
	return n, nil
}

// past is a deadline that has passed.
var past = time.Unix(1, 0)

// bound lets the end of ctx end the reads and writes of nc, until it is
// released.
func bound(ctx context.Context, nc net.Conn) (release func()) {
	if ctx.Done() == nil {
		return func() {}
	}
	done := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(done)
		_ = nc.SetDeadline(past)
	})
	return func() {
		if !stop() {
			<-done
		}
		_ = nc.SetDeadline(time.Time{})
	}
}

// ended replaces the timeout that the end of a context has caused.
func ended(ctx context.Context, err error) error {
	var n net.Error
	if cause := ctx.Err(); cause != nil && errors.As(err, &n) && n.Timeout() {
		return cause
	}
	return err
}

// connectError gives a failure its stage and its hint.
func (t *Transport) connectError(stage, addr string, err error) error {
	var s *stageError
	if errors.As(err, &s) {
		stage, err = s.stage, s.err
	}
	return &transport.ConnectError{Addr: addr, Stage: stage, Hint: hint(t.cfg, stage, err), Err: err}
}
