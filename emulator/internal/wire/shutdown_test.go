package wire_test

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/llm-dev-ops/redshift/emulator/internal/session"
	"github.com/llm-dev-ops/redshift/emulator/internal/wire"
)

func TestShutdown(t *testing.T) {
	t.Parallel()
	b := start(t, nil)
	idle := connect(t, b, nil)
	idleSession := b.session()
	running := connect(t, b, nil)
	f := b.session()
	// Somebody who has not logged in.
	stranger, err := net.Dial("tcp", b.address)
	if err != nil {
		t.Fatal(err)
	}
	defer stranger.Close()

	done := make(chan error, 1)
	go func() {
		_, err := running.Exec(context.Background(), "wait").ReadAll()
		done <- err
	}()
	await(t, f.waiting)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	down := make(chan error, 1)
	go func() { down <- b.srv.Shutdown(ctx) }()

	// The idle connection and the stranger go at once.
	_ = stranger.SetReadDeadline(time.Now().Add(patience))
	if _, err := io.ReadAll(stranger); errors.Is(err, os.ErrDeadlineExceeded) { // it may be reset
		t.Errorf("the stranger: %v", err)
	}
	if _, err := idle.ReceiveMessage(context.Background()); state(err) != "FATAL 57P01 terminating connection due to administrator command" {
		t.Errorf("the idle connection ended with %v", err)
	}
	select {
	case err := <-done:
		t.Fatalf("the running statement ended with %v", err)
	case err := <-down:
		t.Fatalf("Shutdown came back with %v", err)
	default:
	}
	if _, err := net.Dial("tcp", b.address); err == nil {
		t.Error("the server still listens")
	}

	// The running statement may end by itself; then its connection goes too.
	f.Cancel()
	if got := state(await(t, done)); !strings.HasPrefix(got, "ERROR 57014 ") && !strings.HasPrefix(got, "FATAL 57P01 ") {
		t.Errorf("the running statement ended with %s", got)
	}
	if err := await(t, down); err != nil {
		t.Errorf("Shutdown: %v", err)
	}
	if !f.closed || !idleSession.closed {
		t.Error("a session has not been closed")
	}
	if err := b.srv.Shutdown(context.Background()); err != nil {
		t.Errorf("a second Shutdown: %v", err)
	}
}

func TestShutdownOutOfPatience(t *testing.T) {
	t.Parallel()
	b := start(t, nil)
	pc := connect(t, b, nil)
	f := b.session()
	// One that waits in the middle of a pipeline is not idle.
	nc := dialIn(t, b)
	defer nc.Close()
	half, _, err := compile("Parse - - insert 1\nBind - -\nExecute - 0\nFlush\n")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := nc.Write(half); err != nil {
		t.Fatal(err)
	}
	fe := pgproto3.NewFrontend(nc, nc)
	for {
		m, err := fe.Receive()
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := m.(*pgproto3.CommandComplete); ok {
			break
		}
	}
	done := make(chan error, 1)
	go func() {
		_, err := pc.Exec(context.Background(), "wait").ReadAll()
		done <- err
	}()
	await(t, f.waiting)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := b.srv.Shutdown(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Shutdown: %v", err)
	}
	if got := state(await(t, done)); got != "FATAL 57P01 terminating connection due to administrator command" {
		t.Errorf("the running statement ended with %s", got)
	}
	if m, err := fe.Receive(); err != nil || show(m) != "ErrorResponse FATAL 57P01 terminating connection due to administrator command" {
		t.Errorf("the pipeline ended with %v, %v", m, err)
	}
}

// dialIn logs in by hand. The server must have MD5, which is skipped here, so it
// works with pgconn and takes its connection.
func dialIn(t testing.TB, b *bed) net.Conn {
	t.Helper()
	pc := connect(t, b, nil)
	h, err := pc.Hijack()
	if err != nil {
		t.Fatal(err)
	}
	b.session()
	_ = h.Conn.SetDeadline(time.Now().Add(patience))
	return h.Conn
}

// TestShutdownOfAReaderWhoDoesNot: the client has stopped reading, the server is
// blocked in a write.
func TestShutdownOfAReaderWhoDoesNot(t *testing.T) {
	t.Parallel()
	b := start(t, nil)
	nc := dialIn(t, b)
	defer nc.Close()
	if _, err := nc.Write(encode(&pgproto3.Query{String: "rows 10000000"})); err != nil {
		t.Fatal(err)
	}
	if _, err := nc.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := b.srv.Shutdown(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Shutdown: %v", err)
	}
}

// TestVanished: a client that goes away while its statement runs ends it.
func TestVanished(t *testing.T) {
	t.Parallel()
	server, client := certificate(t)
	b := start(t, func(c *wire.Config) {
		c.TLS = server
		c.Watch = time.Millisecond
	})
	for _, secure := range []bool{false, true} {
		for _, more := range []string{"", "Query insert 1\n", "Terminate\n"} {
			cfg := config(t, b, "awsuser", password, "dev")
			if secure {
				cfg.TLSConfig = client
			}
			h, err := connect(t, b, cfg).Hijack()
			if err != nil {
				t.Fatal(err)
			}
			f := b.session()
			in, _, err := compile("Query wait\n" + more)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := h.Conn.Write(in); err != nil {
				t.Fatal(err)
			}
			await(t, f.waiting)
			_ = h.Conn.Close()
			if err := await(t, f.stopped); !errors.Is(err, context.Canceled) {
				t.Errorf("the statement ended with %v", err)
			}
		}
	}
}

// TestWatched: a watched connection goes on as if nothing had been.
func TestWatched(t *testing.T) {
	t.Parallel()
	server, client := certificate(t)
	b := start(t, func(c *wire.Config) {
		c.TLS = server
		c.Watch = time.Nanosecond
	})
	for _, tlsConfig := range []bool{false, true} {
		cfg := config(t, b, "awsuser", password, "dev")
		if tlsConfig {
			cfg.TLSConfig = client
		}
		pc := connect(t, b, cfg)
		var batch pgconn.Batch
		for range 300 {
			batch.ExecParams("rows 30", nil, nil, nil, nil)
		}
		for range 10 {
			results, err := pc.ExecBatch(context.Background(), &batch).ReadAll()
			if err != nil || len(results) != 300 {
				t.Fatalf("%d results, %v", len(results), err)
			}
			if r := pc.ExecParams(context.Background(), "rows 3000", nil, nil, nil, nil).Read(); r.Err != nil || len(r.Rows) != 3000 {
				t.Fatalf("%d rows, %v", len(r.Rows), r.Err)
			}
		}
	}
}

func TestMaxConns(t *testing.T) {
	t.Parallel()
	b := start(t, func(c *wire.Config) { c.MaxConns = 1 })
	pc := connect(t, b, nil)
	first := b.session()
	_, err := pgconn.ConnectConfig(context.Background(), config(t, b, "awsuser", password, "dev"))
	if want := `FATAL 53300 connection limit "1" exceeded for non-bootstrap users`; state(err) != want {
		t.Errorf("the second client got %s, want %s", state(err), want)
	}
	// A cancel request needs no place.
	done := make(chan error, 1)
	go func() {
		_, err := pc.Exec(context.Background(), "wait").ReadAll()
		done <- err
	}()
	await(t, first.waiting)
	if err := pc.CancelRequest(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := await(t, done); err == nil {
		t.Error("the statement was not cancelled")
	}
}

func TestLoginTimeout(t *testing.T) {
	t.Parallel()
	b := start(t, func(c *wire.Config) { c.LoginTimeout = time.Millisecond })
	nc, err := net.Dial("tcp", b.address)
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	_ = nc.SetDeadline(time.Now().Add(patience))
	if b, err := io.ReadAll(nc); err != nil || len(b) > 0 {
		t.Errorf("a silent client got %q, %v", b, err)
	}
}

func TestPanicIsOneConnections(t *testing.T) {
	t.Parallel()
	b := start(t, nil)
	other, pc := connect(t, b, nil), connect(t, b, nil)
	_, err := pc.Exec(context.Background(), "panic").ReadAll()
	if state(err) != "FATAL XX000 internal error" {
		t.Errorf("the panic was told as %s", state(err))
	}
	if _, err := other.Exec(context.Background(), "insert 1").ReadAll(); err != nil {
		t.Errorf("another connection: %v", err)
	}
}

func TestOpenPanics(t *testing.T) {
	t.Parallel()
	b := start(t, func(c *wire.Config) {
		c.Open = func(context.Context, session.Startup) (session.Session, error) { panic("no") }
	})
	_, err := pgconn.ConnectConfig(context.Background(), config(t, b, "awsuser", password, "dev"))
	if state(err) != "FATAL XX000 internal error" {
		t.Errorf("the panic was told as %s", state(err))
	}
}

func TestEvents(t *testing.T) {
	t.Parallel()
	b := start(t, nil)
	cfg := config(t, b, "awsuser", password, "dev")
	cfg.RuntimeParams = map[string]string{"application_name": "app", "os_version": "os", "driver_version": "driver", "plugin_name": "none", "client_protocol_version": "1"}
	pc := connect(t, b, cfg)
	hangUp(pc)
	await(t, b.left)
	_, _ = pgconn.ConnectConfig(context.Background(), config(t, b, "awsuser", "wrong", "dev"))
	_, _ = pgconn.ConnectConfig(context.Background(), config(t, b, "awsuser", password, "nowhere"))
	if err := b.srv.Shutdown(context.Background()); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range b.recorded() {
		if e.User != "awsuser" || e.Host != "127.0.0.1" || e.Port == "" || e.At.IsZero() || e.AuthMethod != "md5" || e.TLSVersion != "" {
			t.Errorf("event %+v", e)
		}
		if (e.Kind == wire.Disconnecting) != (e.Duration > 0) {
			t.Errorf("duration of %+v", e)
		}
		pid := ""
		if e.PID > 0 {
			pid = " pid"
		}
		got = append(got, strings.TrimSpace(e.Kind.String()+" "+e.Database+pid+" "+e.Application+" "+e.OSVersion+e.DriverVersion+e.PluginName))
	}
	want := []string{
		"initiating session dev app osdrivernone", "authenticated dev pid app osdrivernone", "disconnecting session dev pid app osdrivernone",
		"initiating session dev a test", "authentication failure dev a test",
		"initiating session nowhere a test", "authenticated nowhere a test", "disconnecting session nowhere a test",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("events\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestConfig(t *testing.T) {
	t.Parallel()
	good := wire.Config{Open: (&bed{}).open, Lookup: lookup}
	for _, c := range []struct {
		change func(*wire.Config)
		want   string
	}{
		{func(*wire.Config) {}, ""},
		{func(c *wire.Config) { c.Open = nil }, "wire: Open is missing"},
		{func(c *wire.Config) { c.Lookup = nil }, "wire: Lookup is missing"},
		{func(c *wire.Config) { c.Auth = "trust" }, `wire: Auth is "trust", none of "md5", "digest" and "cleartext"`},
		{func(c *wire.Config) { c.RequireTLS = true }, "wire: RequireTLS is set without TLS"},
		{func(c *wire.Config) { c.MaxConns = -1 }, "wire: MaxConns is -1"},
	} {
		cfg := good
		c.change(&cfg)
		got := ""
		if err := cfg.Validate(); err != nil {
			got = err.Error()
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			if err := wire.New(cfg).Serve(l); err == nil || err.Error() != got {
				t.Errorf("Serve: %v, want %s", err, got)
			}
		}
		if got != c.want {
			t.Errorf("Validate: %q, want %q", got, c.want)
		}
	}
}
