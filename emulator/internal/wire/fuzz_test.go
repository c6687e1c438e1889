package wire_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/llm-dev-ops/redshift/emulator/internal/wire"
)

// pipes is a listener of net.Pipe connections.
type pipes struct {
	conns chan net.Conn
	once  sync.Once
	done  chan struct{}
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), done: make(chan struct{})} }

func (l *pipes) Accept() (net.Conn, error) {
	select {
	case nc := <-l.conns:
		return nc, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *pipes) Close() error {
	l.once.Do(func() { close(l.done) })
	return nil
}

func (l *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "unix"} }

// closing says when its server has closed it.
type closing struct {
	net.Conn
	once   *sync.Once
	closed chan struct{}
}

func (c closing) Close() error {
	c.once.Do(func() { close(c.closed) })
	return c.Conn.Close()
}

// feed gives a connection the bytes in pieces, hangs up, waits for the server to
// do the same, and gives what it said.
func feed(t *testing.T, l *pipes, in []byte, piece int) []byte {
	t.Helper()
	client, server := net.Pipe()
	closed := make(chan struct{})
	l.conns <- closing{server, new(sync.Once), closed}
	said := make(chan []byte, 1)
	go func() {
		b, _ := io.ReadAll(client)
		said <- b
	}()
	_ = client.SetWriteDeadline(time.Now().Add(patience))
	for len(in) > 0 {
		n, err := client.Write(in[:min(piece, len(in))])
		if err != nil {
			break
		}
		in = in[n:]
	}
	_ = client.Close()
	select {
	case <-closed:
	case <-time.After(patience):
		t.Fatal("the server hangs on")
	}
	return <-said
}

func serve(f *testing.F, auth string) *pipes {
	f.Helper()
	b := &bed{t: f, opened: make(chan *fake)}
	srv := wire.New(wire.Config{
		Open: b.open, Lookup: lookup, Auth: auth, Watch: time.Millisecond, MaxMessage: 1 << 16,
		Token: func(token string) (string, error) { return token, nil },
	})
	l := newPipes()
	served := make(chan error, 1)
	go func() { served <- srv.Serve(l) }()
	f.Cleanup(func() {
		if err := srv.Shutdown(f.Context()); err != nil && f.Context().Err() == nil {
			f.Error(err)
		}
		<-served
	})
	return l
}

// FuzzStartup: whatever comes first, the server neither hangs nor panics.
func FuzzStartup(f *testing.F) {
	l := serve(f, wire.Cleartext)
	for _, script := range []string{
		"SSLRequest\nGSSEncRequest\nStartup 196608 user=awsuser database=dev a=b\nPassword Emulator1\nQuery rows 1\n",
		"Startup 196610 user=awsuser _pq_.x=1\nPassword x\n",
		"Cancel\n",
	} {
		in, _, err := compile(script)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(in, byte(200))
		f.Add(in, byte(1))
	}
	f.Fuzz(func(t *testing.T, in []byte, piece byte) {
		feed(t, l, in, int(piece)+1)
	})
}

// FuzzProof: whatever answers a request for a digest or for a token, the server neither
// hangs nor panics, and nobody is let in by a digest.
func FuzzProof(f *testing.F) {
	l := serve(f, wire.Digest)
	f.Add("awsuser", "", []byte("d\x00\x00\x00\x0e\x00\x00\x00\x01a\x00\x00\x00\x01b"))
	f.Add("nobody", "", []byte("d\x00\x00\x00\x0c\xff\xff\xff\xff\x00\x00\x00\x00"))
	f.Add("strong", "", []byte("d\x00\x00\x00\x08\x00\x00\x00\x00"))
	f.Add("", "AwsIdc", []byte("i\x00\x00\x00\x0cawsuser\x00"))
	f.Add("x", "Okta", []byte("i\x00\x00\x00\x05\x00"))
	f.Fuzz(func(t *testing.T, user, idp string, answer []byte) {
		if strings.Contains(user+idp, "\x00") || len(user)+len(idp) > 1000 {
			return
		}
		hello := encode(&pgproto3.StartupMessage{ProtocolVersion: pgproto3.ProtocolVersion30, Parameters: map[string]string{"user": user, "database": "dev", "idp_type": idp}})
		said := feed(t, l, append(hello, answer...), 100)
		if idp == "" && bytes.Contains(said, []byte("R\x00\x00\x00\x08\x00\x00\x00\x00")) {
			t.Fatalf("%q is let in by %q", user, answer)
		}
	})
}

// FuzzMessages: whatever comes after the login, the server neither hangs nor
// panics, and what it says is well-formed.
func FuzzMessages(f *testing.F) {
	l := serve(f, wire.Cleartext)
	for _, script := range []string{
		"Parse s 25,0 echo $1 $2\nDescribe S s\nBind p s args=a,NULL formats=1 results=0\nDescribe P p\nExecute p 1\nExecute p 0\nClose P p\nClose S s\nFlush\nSync\nTerminate\n",
		"Query begin; insert 1\nParse - - rows 9\nBind c -\nExecute c 2\nSync\nExecute c 2\nQuery rollback\n",
		"Query wait\n",
		"Query rows 3 fail 1\nCopyData x\nCopyDone\nCopyFail x\nFunctionCall\n",
		"Query insert 'x\n",
	} {
		in, _, err := compile(script)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(in, byte(200))
		f.Add(in, byte(1))
	}
	f.Fuzz(func(t *testing.T, in []byte, piece byte) {
		if bytes.Contains(in, []byte("panic")) || len(in) > 8<<10 {
			return // the fake does as it is told; and more than the door reads ahead waits for "wait"
		}
		said := feed(t, l, append(greet("awsuser", password, "dev"), in...), int(piece)+1)
		fe := pgproto3.NewFrontend(bytes.NewReader(said), io.Discard)
		for {
			m, err := fe.Receive()
			if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
				return // the client left in the middle of a message
			}
			if err != nil {
				t.Fatalf("%v in %q", err, said)
			}
			if e, ok := m.(*pgproto3.ErrorResponse); ok && e.Message == "internal error" && !bytes.Contains(in, []byte("secret")) {
				t.Fatalf("an internal error for %q", in)
			}
		}
	})
}
