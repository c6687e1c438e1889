package wire_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/llm-dev-ops/redshift/emulator/internal/wire"
)

// certificate makes a certificate for 127.0.0.1 and what trusts it.
func certificate(t testing.TB) (server, client *tls.Config) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MinVersion: tls.VersionTLS12},
		&tls.Config{RootCAs: pool, ServerName: "127.0.0.1"}
}

// config is a client's, free of the environment's PG variables.
func config(t testing.TB, b *bed, user, password, database string) *pgconn.Config {
	t.Helper()
	host, port, err := net.SplitHostPort(b.address)
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := pgconn.ParseConfig(fmt.Sprintf("host=%s port=%s user=%s password=%s dbname=%s sslmode=disable passfile=/dev/null servicefile=/dev/null", host, port, user, password, database))
	if err != nil {
		t.Fatal(err)
	}
	cfg.Fallbacks = nil
	cfg.RuntimeParams = map[string]string{"application_name": "a test"}
	return cfg
}

func connect(t testing.TB, b *bed, cfg *pgconn.Config) *pgconn.PgConn {
	t.Helper()
	if cfg == nil {
		cfg = config(t, b, "awsuser", password, "dev")
	}
	pc, err := pgconn.ConnectConfig(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { hangUp(pc) })
	return pc
}

func hangUp(pc *pgconn.PgConn) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	_ = pc.Close(ctx)
}

func state(err error) string {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Severity + " " + e.Code + " " + e.Message
	}
	return fmt.Sprint(err)
}

func TestLogin(t *testing.T) {
	t.Parallel()
	for _, auth := range []string{wire.MD5, wire.Cleartext} {
		t.Run(auth, func(t *testing.T) {
			t.Parallel()
			b := start(t, func(c *wire.Config) { c.Auth = auth })
			pc := connect(t, b, nil)
			if v := pc.ParameterStatus("padb_version"); v != "1.0.12345" {
				t.Errorf("padb_version is %q", v)
			}
			if pid := pc.PID(); pid != 42 {
				t.Errorf("pid is %d", pid)
			}
			if f := b.session(); f.who.User != "awsuser" || f.who.Database != "dev" || f.who.Host != "127.0.0.1" || f.who.Port == "" || f.who.Options["application_name"] != "a test" || len(f.who.Options) != 1 {
				t.Errorf("the session was opened for %+v", f.who)
			}
			for _, c := range []struct{ user, password, database, want string }{
				{"awsuser", "emulator1", "dev", `FATAL 28000 password authentication failed for user "awsuser"`},
				{"nobody", password, "dev", `FATAL 28000 password authentication failed for user "nobody"`},
				{"awsuser", password, "nowhere", `FATAL 3D000 database "nowhere" does not exist`},
			} {
				_, err := pgconn.ConnectConfig(context.Background(), config(t, b, c.user, c.password, c.database))
				if got := state(err); got != c.want {
					t.Errorf("%s/%s: %s, want %s", c.user, c.database, got, c.want)
				}
			}
		})
	}
}

func TestTLS(t *testing.T) {
	t.Parallel()
	server, client := certificate(t)
	b := start(t, func(c *wire.Config) {
		c.TLS, c.RequireTLS = server, true
		c.Auth = wire.Cleartext
	})
	cfg := config(t, b, "awsuser", password, "dev")
	_, err := pgconn.ConnectConfig(context.Background(), cfg)
	if want := `FATAL 28000 no pg_hba.conf entry for host "127.0.0.1", user "awsuser", database "dev", SSL off`; state(err) != want {
		t.Fatalf("without TLS: %s, want %s", state(err), want)
	}
	cfg.TLSConfig = client
	pc := connect(t, b, cfg)
	f := b.session()
	if f.who.TLSVersion != "TLSv1.3" || f.who.TLSCipher == "" {
		t.Errorf("the session was opened for %+v", f.who)
	}
	r := pc.ExecParams(context.Background(), "rows 100000", nil, nil, nil, nil).Read()
	if r.Err != nil || len(r.Rows) != 100000 {
		t.Fatalf("%d rows, %v", len(r.Rows), r.Err)
	}

	// The cancel request comes inside TLS too.
	done := make(chan error, 1)
	go func() {
		_, err := pc.Exec(context.Background(), "wait").ReadAll()
		done <- err
	}()
	await(t, f.waiting)
	if err := pc.CancelRequest(context.Background()); err != nil {
		t.Fatal(err)
	}
	if got := state(await(t, done)); got != "ERROR 57014 Query (7) cancelled on user's request" {
		t.Errorf("the statement ended with %s", got)
	}
	if _, err := pc.Exec(context.Background(), "insert 1").ReadAll(); err != nil {
		t.Errorf("after the cancel: %v", err)
	}
}

// TestPlaintextBeforeTLS: bytes behind SSLRequest must not be taken for what the
// client says inside TLS.
func TestPlaintextBeforeTLS(t *testing.T) {
	t.Parallel()
	server, _ := certificate(t)
	b := start(t, func(c *wire.Config) { c.TLS = server })
	in, _, err := compile("SSLRequest\nStartup 196608 user=awsuser database=dev\n")
	if err != nil {
		t.Fatal(err)
	}
	if got := messages(exchange(t, b.address, in)); got != "ErrorResponse FATAL 08P01 received unencrypted data after SSL request\n" {
		t.Errorf("the answer is %q", got)
	}
}

func TestCleartextIsForFriends(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b := &bed{t: t, opened: make(chan *fake, 1)}
	srv := wire.New(wire.Config{Open: b.open, Lookup: lookup, Auth: wire.Cleartext})
	served := make(chan error, 1)
	go func() { served <- srv.Serve(abroad{l}) }()
	answer := exchange(t, l.Addr().String(), greet("awsuser", password, "dev"))
	if got := messages(answer); got != "ErrorResponse FATAL 28000 cleartext authentication is refused without TLS\n" {
		t.Errorf("the answer is %q", got)
	}
	if err := srv.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
	if err := await(t, served); err != nil {
		t.Error(err)
	}
}

// abroad is a listener whose clients come from another machine.
type abroad struct{ net.Listener }

func (l abroad) Accept() (net.Conn, error) {
	nc, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return foreigner{nc}, nil
}

type foreigner struct{ net.Conn }

func (foreigner) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 5} }

func TestCancel(t *testing.T) {
	t.Parallel()
	b := start(t, nil)
	pc, other := connect(t, b, nil), connect(t, b, nil)
	f := b.session()
	done := make(chan error, 1)
	go func() {
		_, err := pc.Exec(context.Background(), "wait").ReadAll()
		done <- err
	}()
	await(t, f.waiting)
	// Another's secret, and none of the right length, cancel nothing.
	wrong := []byte{0, 0, 0, 16, 4, 0xd2, 0x16, 0x2e, 0, 0, 0, 42}
	for _, secret := range [][]byte{other.SecretKey(), make([]byte, 32)} {
		request := append(append([]byte(nil), wrong...), secret...)
		request[3] = byte(len(request))
		if answer := exchange(t, b.address, request); len(answer) > 0 {
			t.Errorf("a cancel request was answered with %q", answer)
		}
	}
	select {
	case err := <-done:
		t.Fatalf("a wrong secret cancelled: %v", err)
	default:
	}
	if err := pc.CancelRequest(context.Background()); err != nil {
		t.Fatal(err)
	}
	if got := state(await(t, done)); got != "ERROR 57014 Query (7) cancelled on user's request" {
		t.Errorf("the statement ended with %s", got)
	}
}

func TestPipelineOfPgconn(t *testing.T) {
	t.Parallel()
	b := start(t, nil)
	pc := connect(t, b, nil)
	ctx := context.Background()
	if _, err := pc.Prepare(ctx, "s", "echo $1 $2", []uint32{23}); err != nil {
		t.Fatal(err)
	}
	r := pc.ExecPrepared(ctx, "s", [][]byte{[]byte("1"), nil}, nil, []int16{1}).Read()
	if r.Err != nil || len(r.Rows) != 1 || string(r.Rows[0][0]) != "0:1" || r.Rows[0][1] != nil || r.FieldDescriptions[1].Format != 1 {
		t.Fatalf("%+v", r)
	}
	var batch pgconn.Batch
	for range 500 {
		batch.ExecPrepared("s", [][]byte{[]byte(strings.Repeat("x", 1000)), nil}, nil, nil)
	}
	results, err := pc.ExecBatch(ctx, &batch).ReadAll()
	if err != nil || len(results) != 500 {
		t.Fatalf("%d results, %v", len(results), err)
	}
	if err := pc.Deallocate(ctx, "s"); err != nil {
		t.Fatal(err)
	}
	if got := state(pc.ExecPrepared(ctx, "s", nil, nil, nil).Read().Err); !strings.HasPrefix(got, "ERROR 26000 ") {
		t.Errorf("a statement that is gone: %s", got)
	}
	if _, err := pc.CopyFrom(ctx, strings.NewReader("1|2\n"), "fail"); !strings.HasPrefix(state(err), "ERROR 42P01 ") {
		t.Errorf("COPY: %v", err)
	}
	if _, err := pc.Exec(ctx, "insert 1").ReadAll(); err != nil {
		t.Error(err)
	}
}

// TestOneByteAtATime cuts the stream where it hurts.
func TestOneByteAtATime(t *testing.T) {
	t.Parallel()
	b := start(t, func(c *wire.Config) { c.Auth = wire.Cleartext })
	in, _, err := compile("Parse - - echo $1\nBind - - args=abc\nExecute - 0\nSync\nQuery rows 1\nTerminate\n")
	if err != nil {
		t.Fatal(err)
	}
	nc, err := net.Dial("tcp", b.address)
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	_ = nc.SetDeadline(time.Now().Add(patience))
	for _, c := range append(greet("awsuser", password, "dev"), in...) {
		if _, err := nc.Write([]byte{c}); err != nil {
			t.Fatal(err)
		}
	}
	out, err := io.ReadAll(nc)
	if err != nil {
		t.Fatal(err)
	}
	if got := messages(out); !strings.Contains(got, "DataRow \"0:abc\"\nCommandComplete SELECT\nReadyForQuery I\nRowDescription") {
		t.Errorf("the answer is\n%s", got)
	}
}
