package pgwire

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/iotest"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/llm-dev-ops/redshift/transport"
)

// starting is what a server says that takes no connections yet.
func starting() []byte {
	out, _ := (&pgproto3.ErrorResponse{Severity: "FATAL", Code: "57P03", Message: "the database system is starting up"}).Encode(nil)
	return out
}

func TestColdStart(t *testing.T) {
	t.Parallel()
	for name, refusal := range map[string][]byte{"torn down": {}, "starting": starting()} {
		for _, c := range []struct{ refused, retries, want int }{{0, 2, 1}, {2, 2, 3}, {3, 2, 0}, {1, -1, 0}, {5, 9, 6}} {
			t.Run(fmt.Sprint(name, c), func(t *testing.T) {
				t.Parallel()
				s := newServer(t, func(s *server) {
					s.busy = func(n int) []byte {
						if n <= c.refused {
							return refusal
						}
						return nil
					}
				})
				cfg := s.config()
				cfg.ConnectRetries, cfg.MinSessions = c.retries, 1
				tr, err := Open(t.Context(), cfg)
				if err == nil {
					defer func() { _ = tr.Close(context.Background()) }()
				}
				if (err == nil) != (c.want > 0) {
					t.Errorf("got %v", err)
				}
				s.mu.Lock()
				defer s.mu.Unlock()
				want := c.want
				if want == 0 {
					want = max(c.retries, 0) + 1
				}
				if len(s.startups) != want {
					t.Errorf("%d attempts, want %d", len(s.startups), want)
				}
			})
		}
	}
}

// What does not pass by itself is not tried again, and nothing is tried for
// longer than the timeout.
func TestRetriesAreBounded(t *testing.T) {
	t.Parallel()
	s := newServer(t, func(s *server) { s.busy = func(int) []byte { return []byte{} } })
	cfg := s.config()
	cfg.ConnectRetries, cfg.MinSessions, cfg.RetryPause, cfg.ConnectTimeout = 1000, 1, time.Hour, time.Minute
	_, err := Open(t.Context(), cfg)
	checkConnect(t, err, cfg.addr(), stageLogin, "ConnectRetries")

	cfg.RetryPause = time.Minute / 2
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := Open(ctx, cfg); err == nil {
		t.Error("connected")
	}

	refused := newServer(t, func(s *server) { s.auth = "md5" })
	cfg = refused.config()
	cfg.ConnectRetries, cfg.MinSessions, cfg.Credentials = 5, 1, s.config().Credentials
	refused.password = "other"
	if _, err := Open(t.Context(), cfg); err == nil || len(refused.startups) != 1 {
		t.Errorf("%v after %d attempts", err, len(refused.startups))
	}
}

// closedPort is an address at which nobody listens.
func closedPort(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().String()
}

func TestSeveralAddresses(t *testing.T) {
	t.Parallel()
	cert, ca := certificate(t)
	s := newServer(t, func(s *server) { s.tls, s.cert = 'S', cert })
	dead := closedPort(t)
	cfg := s.config()
	good := cfg.addr()
	cfg.TLS = transport.TLS{Mode: transport.TLSVerifyFull, CACert: ca, ServerName: "127.0.0.1"}
	cfg.Host, cfg.Port = "cluster.example", 5439
	cfg.Addresses = []string{dead, good}
	ses := lease(t, open(t, cfg))
	must(t, ses, "generate 1")
	if got := ses.c.nc.RemoteAddr().String(); got != good {
		t.Errorf("connected to %s", got)
	}
	// A cancel goes where the session is.
	run, err := ses.Start(t.Context(), transport.Statement{SQL: slowStatement})
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Cancel(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := run.Wait(t.Context()); !hasState(err, cancelled) {
		t.Errorf("got %v", err)
	}

	cfg.MinSessions = 1
	cfg.Addresses = []string{good, dead}
	cfg.TLS.ServerName = "" // the certificate is not cluster.example's
	_, err = Open(t.Context(), cfg)
	checkConnect(t, err, dead, stageDial, "nothing listens")

	// A refused login is the answer, wherever it comes from.
	wrong := newServer(t, func(s *server) { s.busy = func(int) []byte { return starting() } })
	cfg = wrong.config()
	cfg.Addresses, cfg.MinSessions = []string{wrong.config().addr(), good}, 1
	_, err = Open(t.Context(), cfg)
	checkConnect(t, err, cfg.Addresses[0], stageLogin, "starting")
}

func TestSilentAddressLeavesTimeForTheNext(t *testing.T) {
	t.Parallel()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	s := newServer(t)
	cfg := s.config()
	cfg.Addresses = []string{ln.Addr().String(), cfg.addr()}
	cfg.ConnectTimeout = time.Second
	must(t, lease(t, open(t, cfg)), "generate 1")
}

func TestAddressesAndTLS(t *testing.T) {
	t.Parallel()
	cfg := Config{Host: "localhost", Addresses: []string{"10.0.0.1:5439"}}
	if m := cfg.withDefaults().TLS.Mode; m != transport.TLSVerifyFull {
		t.Errorf("an address elsewhere: %s", m)
	}
	cfg.Addresses = []string{"127.0.0.1:1", "[::1]:1"}
	if m := cfg.withDefaults().TLS.Mode; m != transport.TLSPrefer {
		t.Errorf("this machine: %s", m)
	}
	for _, a := range []string{"", "h", "h:", "h:0", "h:70000", ":1", "a,b:1", "h:x"} {
		if !noAddress(a) {
			t.Errorf("%q is taken for an address", a)
		}
	}
}

func TestSessionsAreResumed(t *testing.T) {
	t.Parallel()
	cert, ca := certificate(t)
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		for _, mode := range []transport.TLSMode{transport.TLSRequire, transport.TLSVerifyCA, transport.TLSVerifyFull} {
			s := newServer(t, func(s *server) {
				s.tls, s.cert = 'S', cert
				s.secure = &tls.Config{Certificates: []tls.Certificate{*cert}, MaxVersion: version}
			})
			cfg := s.config()
			cfg.TLS = transport.TLS{Mode: mode, CACert: ca}
			tr := open(t, cfg)
			for range 3 {
				ses := lease(t, tr)
				must(t, ses, "generate 1")
				_ = ses.Close(t.Context(), transport.Discard)
			}
			s.mu.Lock()
			if s.tlsCount != 3 || s.resumed != 2 {
				t.Errorf("%s %s: %d connections, %d resumed", tls.VersionName(version), mode, s.tlsCount, s.resumed)
			}
			s.mu.Unlock()
		}
	}
}

func TestOldTLSIsRefused(t *testing.T) {
	t.Parallel()
	cert, _ := certificate(t)
	for _, mode := range []transport.TLSMode{transport.TLSRequire, transport.TLSPrefer} {
		s := newServer(t, func(s *server) {
			s.tls, s.cert = 'S', cert
			s.secure = &tls.Config{Certificates: []tls.Certificate{*cert}, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11} // what is refused
		})
		cfg := s.config()
		cfg.TLS, cfg.MinSessions = transport.TLS{Mode: mode}, 1
		tr, err := Open(t.Context(), cfg)
		if mode == transport.TLSPrefer { // asked for by name: plaintext then
			if err != nil {
				t.Fatal(err)
			}
			_ = tr.Close(t.Context())
			continue
		}
		var e *transport.ConnectError
		if !errors.As(err, &e) || e.Stage != stageTLS || !strings.Contains(err.Error(), "version") {
			t.Errorf("got %v", err)
		}
	}
}

func TestCancelOverTLS(t *testing.T) {
	t.Parallel()
	cert, _ := certificate(t)
	for _, plain := range []bool{false, true} {
		s := newServer(t, func(s *server) { s.tls, s.cert = 'S', cert })
		cfg := s.config()
		cfg.TLS, cfg.PlainCancel = transport.TLS{Mode: transport.TLSRequire}, plain
		ses := lease(t, open(t, cfg))
		run, err := ses.Start(t.Context(), transport.Statement{SQL: slowStatement})
		if err != nil {
			t.Fatal(err)
		}
		if err := run.Cancel(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := run.Wait(t.Context()); !hasState(err, cancelled) {
			t.Errorf("got %v", err)
		}
		s.mu.Lock()
		if s.cancels < 1 || (s.secureCancels == 0) != plain || !plain && s.secureCancels != s.cancels {
			t.Errorf("plain %v: %d cancels, %d over TLS", plain, s.cancels, s.secureCancels)
		}
		s.mu.Unlock()
	}
}

// gone is a connection whose peer the system has given up.
type gone struct{ silent }

func (gone) Read([]byte) (int, error) {
	return 0, &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ETIMEDOUT)}
}

// The system's timeout is the end of the connection, not that of a wait.
func TestDeadPeerEndsTheStatement(t *testing.T) {
	t.Parallel()
	nc := &gone{}
	c := &conn{nc: nc, in: newFrames(nc), params: map[string]string{}, tx: 'I'}
	s := &session{t: &Transport{}, c: c}
	run := s.newRun("q")
	s.active, run.sent = run, true
	err := run.Wait(t.Context())
	var lost *transport.LostError
	if !errors.As(err, &lost) || !lost.Sent || !errors.Is(err, syscall.ETIMEDOUT) || s.State() != transport.StateBroken {
		t.Errorf("got %v, state %v", err, s.State())
	}
}

// answering is a connection that gives what is to be read, and takes everything.
type answering struct {
	silent
	io.Reader
}

func (a *answering) Read(p []byte) (int, error) { return a.Reader.Read(p) }

// FuzzTLSAnswer: whatever comes instead of TLS is an error, the same one however
// it comes.
func FuzzTLSAnswer(f *testing.F) {
	f.Add([]byte("N"))
	f.Add([]byte("S\x16\x03\x03\x00\x02\x02\x28"))
	f.Add(append([]byte{}, starting()...))
	f.Add([]byte("E\x00\x00\x00\x05\x00"))
	f.Fuzz(func(t *testing.T, in []byte) {
		cfg := &tls.Config{ServerName: "h", MinVersion: tls.VersionTLS12}
		_, err := startTLS(t.Context(), &answering{Reader: bytes.NewReader(in)}, cfg)
		_, cut := startTLS(t.Context(), &answering{Reader: iotest.OneByteReader(bytes.NewReader(in))}, cfg)
		if err == nil || cut == nil || err.Error() != cut.Error() {
			t.Fatalf("%v, byte by byte %v", err, cut)
		}
	})
}
