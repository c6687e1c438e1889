package wire_test

import (
	"bytes"
	"errors"
	"io"
	"net"
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

func serve(f *testing.F) *pipes {
	f.Helper()
	b := &bed{t: f, opened: make(chan *fake)}
	srv := wire.New(wire.Config{Open: b.open, Lookup: lookup, Auth: wire.Cleartext, Watch: time.Millisecond, MaxMessage: 1 << 16})
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
	l := serve(f)
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

// FuzzMessages: whatever comes after the login, the server neither hangs nor
// panics, and what it says is well-formed.
func FuzzMessages(f *testing.F) {
	l := serve(f)
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
