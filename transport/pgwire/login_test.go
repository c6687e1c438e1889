package pgwire

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"net"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/llm-dev-ops/redshift/credentials"
	"github.com/llm-dev-ops/redshift/transport"
)

func TestLogins(t *testing.T) {
	t.Parallel()
	for _, auth := range []string{"", "cleartext", "md5", "digest"} {
		t.Run("auth "+auth, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, func(s *server) { s.auth = auth })
			must(t, lease(t, open(t, s.config())), "generate 2")
			if auth == "" {
				return
			}
			cfg := s.config()
			cfg.Credentials = credentials.Static("ann", "hunter2")
			cfg.MinSessions = 1
			_, err := Open(t.Context(), cfg)
			var server *transport.ServerError
			if !errors.As(err, &server) || server.SQLState != "28P01" {
				t.Errorf("a wrong password: %v", err)
			}
			checkConnect(t, err, cfg.addr(), stageLogin, "check user and password")
		})
	}
}

func checkConnect(t *testing.T, err error, addr, stage, hint string) {
	t.Helper()
	var e *transport.ConnectError
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want a ConnectError", err)
	}
	if e.Addr != addr || e.Stage != stage || !strings.Contains(e.Hint, hint) || hint == "" && e.Hint != "" {
		t.Errorf("got %q, stage %q, hint %q; want %q, %q, %q", e.Addr, e.Stage, e.Hint, addr, stage, hint)
	}
	if strings.Contains(err.Error(), "hunter2") {
		t.Errorf("the error shows the password: %v", err)
	}
	if !e.SafeToRetry() {
		t.Error("not safe to retry")
	}
}

func TestStartupParameters(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	must(t, lease(t, open(t, s.config())), "generate 1")
	want := map[string]string{
		"user": "ann", "database": "dev", "application_name": "redshift-go", "client_encoding": "UTF8",
		"DateStyle": "ISO", "extra_float_digits": "2", "client_protocol_version": "3",
		"driver_version": driverVersion(), "os_version": runtime.GOOS + " " + runtime.GOARCH,
	}
	if got := s.startups[0]; !maps.Equal(got, want) {
		t.Errorf("got %v", got)
	}
}

// The user's environment for PostgreSQL is not Redshift's. The values would
// make libpq's way fail or connect elsewhere.
func TestEnvironmentIsIgnored(t *testing.T) {
	for name, value := range map[string]string{
		"PGHOST": "elsewhere.invalid", "PGPORT": "1", "PGDATABASE": "other", "PGUSER": "eve", "PGPASSWORD": "wrong",
		"PGPASSFILE": "/nowhere", "PGAPPNAME": "spy", "PGCONNECT_TIMEOUT": "nonsense", "PGSSLMODE": "verify-full",
		"PGSSLKEY": "/nowhere", "PGSSLCERT": "/nowhere", "PGSSLCERTMODE": "require", "PGSSLSNI": "0", "PGSSLROOTCERT": "/nowhere",
		"PGSSLPASSWORD": "x", "PGSSLNEGOTIATION": "direct", "PGTARGETSESSIONATTRS": "standby", "PGSERVICE": "nope",
		"PGSERVICEFILE": "/nowhere", "PGTZ": "Mars/Olympus", "PGOPTIONS": "-c search_path=evil", "PGMINPROTOCOLVERSION": "9.9",
		"PGMAXPROTOCOLVERSION": "9.9", "PGCHANNELBINDING": "require", "PGREQUIREAUTH": "oauth", "PGCLIENTENCODING": "LATIN1", "PGDATESTYLE": "German",
	} {
		t.Setenv(name, value)
	}
	s := newServer(t, func(s *server) { s.auth = "md5" })
	cfg := s.config()
	cfg.TLS = transport.TLS{} // prefer
	must(t, lease(t, open(t, cfg)), "generate 1")
	for k, v := range s.startups[0] {
		if want := map[string]string{"user": "ann", "database": "dev", "application_name": "redshift-go"}[k]; want != "" && v != want {
			t.Errorf("%s is %q", k, v)
		}
		if k == "options" || k == "timezone" || k == "TimeZone" {
			t.Errorf("%s was sent", k)
		}
	}
}

func TestTLSModes(t *testing.T) {
	t.Parallel()
	cert, ca := certificate(t)
	other, otherCA := certificate(t)
	_ = other
	for _, c := range []struct {
		offer byte
		tls   transport.TLS
		stage string // of the failure, "" for success
		hint  string
		plain bool
	}{
		{offer: 'S', tls: transport.TLS{Mode: transport.TLSDisable}, plain: true},
		{offer: 'S', tls: transport.TLS{Mode: transport.TLSPrefer}},
		{offer: 'N', tls: transport.TLS{Mode: transport.TLSPrefer}, plain: true},
		{offer: 'E', tls: transport.TLS{Mode: transport.TLSPrefer}, plain: true},
		{offer: 0, tls: transport.TLS{Mode: transport.TLSPrefer}, plain: true},
		{offer: 'N', tls: transport.TLS{}, plain: true}, // loopback: prefer
		{offer: 'S', tls: transport.TLS{Mode: transport.TLSRequire}},
		{offer: 'N', tls: transport.TLS{Mode: transport.TLSRequire}, stage: stageTLS, hint: "refuses TLS"},
		{offer: 'E', tls: transport.TLS{Mode: transport.TLSRequire}, stage: stageTLS, hint: "check user"},
		{offer: 0, tls: transport.TLS{Mode: transport.TLSRequire}, stage: stageTLS},
		{offer: 'S', tls: transport.TLS{Mode: transport.TLSVerifyCA, CACert: ca, ServerName: "other.example"}},
		{offer: 'S', tls: transport.TLS{Mode: transport.TLSVerifyCA, CACert: otherCA}, stage: stageTLS, hint: "CACert"},
		{offer: 'S', tls: transport.TLS{Mode: transport.TLSVerifyCA}, stage: stageTLS, hint: "CACert"},
		{offer: 'S', tls: transport.TLS{Mode: transport.TLSVerifyFull, CACert: ca}},
		{offer: 'S', tls: transport.TLS{Mode: transport.TLSVerifyFull, CACert: ca, ServerName: "other.example"}, stage: stageTLS, hint: "ServerName"},
		{offer: 'S', tls: transport.TLS{Mode: transport.TLSVerifyFull}, stage: stageTLS, hint: "CACert"},
	} {
		t.Run(fmt.Sprintf("%c %s %s", max(c.offer, '0'), c.tls.Mode, c.hint), func(t *testing.T) {
			t.Parallel()
			s := newServer(t, func(s *server) { s.tls, s.cert = c.offer, cert })
			cfg := s.config()
			cfg.TLS = c.tls
			cfg.MinSessions = 1
			tr, err := Open(t.Context(), cfg)
			if c.stage != "" {
				if err == nil {
					_ = tr.Close(t.Context())
					t.Fatal("connected")
				}
				if c.hint == "" {
					c.hint = hint(cfg, c.stage, errors.Unwrap(err))
				}
				checkConnect(t, err, cfg.addr(), c.stage, c.hint)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = tr.Close(context.Background()) })
			must(t, lease(t, tr), "generate 1")
			if s.mu.Lock(); (s.tlsCount == 0) != c.plain {
				t.Errorf("%d connections had TLS", s.tlsCount)
			}
			s.mu.Unlock()
		})
	}
}

func TestDefaultMode(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]transport.TLSMode{
		"localhost": transport.TLSPrefer, "LOCALHOST.": transport.TLSPrefer, "127.0.0.1": transport.TLSPrefer, "::1": transport.TLSPrefer,
		"127.9.9.9": transport.TLSPrefer, "10.0.0.1": transport.TLSVerifyFull, "x.redshift.amazonaws.com": transport.TLSVerifyFull,
		"localhost.example": transport.TLSVerifyFull,
	} {
		if got := (Config{Host: host}).withDefaults().TLS.Mode; got != want {
			t.Errorf("%s: %q, want %q", host, got, want)
		}
	}
}

// A password is not sent in the clear where others may read it.
func TestCleartextPasswordIsRefused(t *testing.T) {
	t.Parallel()
	c := &conn{}
	_, err := c.authenticate([]byte{0, 0, 0, authCleartext}, credentials.Credentials{User: "u", Password: credentials.NewSecret("hunter2")}, false)
	if !errors.Is(err, errPlainPassword) || len(c.out) != 0 {
		t.Errorf("got %v, sent %q", err, c.out)
	}
	if h := hint(Config{}, stageLogin, err); !strings.Contains(h, "TLS.Mode") {
		t.Errorf("hint %q", h)
	}
}

func TestNobodyListens(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	cfg := s.config()
	cfg.MinSessions = 1
	_ = s.ln.Close()
	_, err := Open(t.Context(), cfg)
	checkConnect(t, err, cfg.addr(), stageDial, "nothing listens")
}

func TestUnknownLogins(t *testing.T) {
	t.Parallel()
	s := newServer(t, func(s *server) { s.auth = "idp" })
	cfg := s.config()
	cfg.MinSessions = 1
	_, err := Open(t.Context(), cfg)
	checkConnect(t, err, cfg.addr(), stageLogin, "Credentials.Token")
	for kind := range uint32(20) {
		switch kind {
		case authOK, authCleartext, authMD5, authDigest, authIdP:
			continue
		}
		// Neither SASL nor GSS: the drivers do not agree on their numbers.
		c := &conn{}
		if _, err := c.authenticate(binary.BigEndian.AppendUint32(nil, kind), credentials.Credentials{User: "u"}, true); err == nil || len(c.out) > 0 {
			t.Errorf("kind %d: %v, answered %q", kind, err, c.out)
		}
	}
}

// bearer is a provider of a token.
type bearer struct{ c credentials.Credentials }

func (b bearer) Retrieve(context.Context) (credentials.Credentials, error) { return b.c, nil }

func TestTokenLogin(t *testing.T) {
	t.Parallel()
	s := newServer(t, func(s *server) { s.auth = "idp" })
	good := credentials.Credentials{
		Token:    credentials.NewSecret(s.password),
		Identity: credentials.Identity{Type: "AwsIdc", Provider: "p", TokenType: "ACCESS_TOKEN", Namespace: "n", Client: "app", Plugin: "plug"},
	}
	cfg := s.config()
	cfg.Credentials, cfg.MinSessions = bearer{good}, 1
	must(t, lease(t, open(t, cfg)), "generate 1")
	got := s.startups[0]
	for name, want := range map[string]string{
		"idp_type": "AwsIdc", "provider_name": "p", "token_type": "ACCESS_TOKEN", "identity_namespace": "n",
		"idc_client_display_name": "app", "plugin_name": "plug",
	} {
		if got[name] != want {
			t.Errorf("%s is %q", name, got[name])
		}
	}
	if _, ok := got["user"]; ok {
		t.Error("an empty user was sent")
	}

	bad := good
	bad.Token, bad.User = credentials.NewSecret("hunter2"), "ann"
	cfg.Credentials = bearer{bad}
	_, err := Open(t.Context(), cfg)
	checkConnect(t, err, cfg.addr(), stageLogin, "check user and password")

	password := newServer(t, func(s *server) { s.auth = "md5" })
	cfg = password.config()
	cfg.Credentials, cfg.MinSessions = bearer{bad}, 1
	_, err = Open(t.Context(), cfg)
	checkConnect(t, err, cfg.addr(), stageLogin, "Credentials.Identity")

	// Others may read along.
	c := &conn{}
	if _, err := c.authenticate([]byte{0, 0, 0, authIdP}, bad, false); !errors.Is(err, errPlainPassword) || len(c.out) > 0 {
		t.Errorf("got %v, sent %q", err, c.out)
	}

	for _, wrong := range []credentials.Credentials{
		{Token: credentials.NewSecret("a\x00b")},
		{Token: credentials.NewSecret("t"), Identity: credentials.Identity{Provider: "\x00"}},
		{Token: credentials.NewSecret("t"), Identity: credentials.Identity{Client: strings.Repeat("x", maxStartup)}},
	} {
		cfg.Credentials = bearer{wrong}
		_, err := Open(t.Context(), cfg)
		checkConnect(t, err, cfg.addr(), stageCredentials, "credentials provider")
	}
}

// A server that says nothing does not hold anybody for longer than the
// timeout, nor does it outlive the caller's patience.
func TestSilentServer(t *testing.T) {
	t.Parallel()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	port := ln.Addr().(*net.TCPAddr).Port
	for _, mode := range []transport.TLSMode{transport.TLSDisable, transport.TLSPrefer, transport.TLSRequire} {
		cfg := Config{Host: "127.0.0.1", Port: port, Credentials: credentials.Static("u", "p"), TLS: transport.TLS{Mode: mode}, MinSessions: 1, ConnectTimeout: 20 * time.Millisecond}
		_, err := Open(t.Context(), cfg)
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v", mode, err)
		}
	}
}

// provider gives old credentials until it is told to forget them.
type provider struct {
	asked, forgot atomic.Int32
	fail          error
}

func (p *provider) Retrieve(context.Context) (credentials.Credentials, error) {
	p.asked.Add(1)
	password := "old"
	if p.forgot.Load() > 0 {
		password = "secret"
	}
	return credentials.Credentials{User: "ann", Password: credentials.NewSecret(password)}, p.fail
}

func (p *provider) Invalidate() { p.forgot.Add(1) }

func TestExpiredCredentialsAreFetchedAgain(t *testing.T) {
	t.Parallel()
	s := newServer(t, func(s *server) { s.auth = "md5" })
	p := &provider{}
	cfg := s.config()
	cfg.Credentials = p
	must(t, lease(t, open(t, cfg)), "generate 1")
	if p.asked.Load() != 2 || p.forgot.Load() != 1 {
		t.Errorf("asked %d times, invalidated %d times", p.asked.Load(), p.forgot.Load())
	}
}

func TestRefusedCredentialsAreFetchedOnceMore(t *testing.T) {
	t.Parallel()
	s := newServer(t, func(s *server) { s.auth, s.password = "md5", "neither" })
	p := &provider{}
	cfg := s.config()
	cfg.Credentials, cfg.MinSessions = p, 1
	_, err := Open(t.Context(), cfg)
	checkConnect(t, err, cfg.addr(), stageLogin, "expire")
	if p.asked.Load() != 2 || p.forgot.Load() != 1 {
		t.Errorf("asked %d times, invalidated %d times", p.asked.Load(), p.forgot.Load())
	}
}

func TestFailingProvider(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	broken := errors.New("no role")
	for want, p := range map[error]credentials.Provider{
		broken:                   &provider{fail: broken},
		context.DeadlineExceeded: waiting{},
	} {
		cfg := s.config()
		cfg.Credentials, cfg.MinSessions, cfg.ConnectTimeout = p, 1, 10*time.Millisecond
		_, err := Open(t.Context(), cfg)
		checkConnect(t, err, cfg.addr(), stageCredentials, "credentials provider")
		if !errors.Is(err, want) {
			t.Errorf("got %v, want %v", err, want)
		}
	}
	for _, cred := range [][2]string{{"", "p"}, {"a\x00b", "p"}, {"a", "p\x00"}} {
		cfg := s.config()
		cfg.Credentials, cfg.MinSessions = credentials.Static(cred[0], cred[1]), 1
		_, err := Open(t.Context(), cfg)
		checkConnect(t, err, cfg.addr(), stageCredentials, "credentials provider")
	}
}

// waiting is a provider that hangs.
type waiting struct{}

func (waiting) Retrieve(ctx context.Context) (credentials.Credentials, error) {
	<-ctx.Done()
	return credentials.Credentials{}, ctx.Err()
}

func TestValidate(t *testing.T) {
	t.Parallel()
	good := Config{Host: "h", Credentials: credentials.Static("u", "p")}
	if err := good.Validate(); err != nil {
		t.Error(err)
	}
	for field, change := range map[string]func(*Config){
		"Host":             func(c *Config) { c.Host = "a,b" },
		"Port":             func(c *Config) { c.Port = 70000 },
		"Credentials":      func(c *Config) { c.Credentials = nil },
		"TLS.Mode":         func(c *Config) { c.TLS.Mode = "allow" },
		"MaxSessions":      func(c *Config) { c.MaxSessions = -1 },
		"MinSessions":      func(c *Config) { c.MinSessions = 11 },
		"StatementTimeout": func(c *Config) { c.StatementTimeout = -1 },
		"QueryGroup":       func(c *Config) { c.QueryGroup = "\x00" },
	} {
		c := good
		change(&c)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), "Config."+field+" ") {
			t.Errorf("%s: got %v", field, err)
		}
		if _, err := Open(t.Context(), c); err == nil {
			t.Errorf("%s: Open accepts it", field)
		}
	}
}
