package e2e

import (
	"encoding/binary"
	"io"
	"net"
	"sync"
	"testing"
)

// cutter is a proxy for the wire that counts the messages of all its connections
// in both directions, and cuts a connection instead of passing on the ones that
// cut names: the peer has then seen all messages before, and never this one.
type cutter struct {
	ln     net.Listener
	server string
	wg     sync.WaitGroup

	mu    sync.Mutex
	n     int
	cuts  int
	cut   func(n int) bool
	conns map[net.Conn]bool
}

// newCutter stands before the server at the address until the test ends.
func newCutter(t *testing.T, server string) *cutter {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &cutter{ln: ln, server: server, conns: map[net.Conn]bool{}, cut: func(int) bool { return false }}
	p.wg.Go(p.accept)
	t.Cleanup(func() {
		_ = ln.Close()
		p.mu.Lock()
		for c := range p.conns {
			_ = c.Close()
		}
		p.mu.Unlock()
		p.wg.Wait()
	})
	return p
}

func (p *cutter) port() int { return p.ln.Addr().(*net.TCPAddr).Port }

// arm begins to count anew, and gives how many messages and cuts there were.
func (p *cutter) arm(cut func(n int) bool) (messages, cuts int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	messages, cuts = p.n, p.cuts
	p.n, p.cuts, p.cut = 0, 0, cut
	return messages, cuts
}

// pass counts a message and says whether it is passed on.
func (p *cutter) pass() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.n++
	if p.cut(p.n) {
		p.cuts++
		return false
	}
	return true
}

func (p *cutter) track(c net.Conn, open bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if open {
		p.conns[c] = true
	} else {
		delete(p.conns, c)
	}
}

func (p *cutter) accept() {
	for {
		client, err := p.ln.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", p.server)
		if err != nil {
			_ = client.Close()
			continue
		}
		p.track(client, true)
		p.track(server, true)
		both := func() {
			_, _ = client.Close(), server.Close()
			p.track(client, false)
			p.track(server, false)
		}
		p.wg.Go(func() { defer both(); p.pump(server, client, true) })
		p.wg.Go(func() { defer both(); p.pump(client, server, false) })
	}
}

// pump passes messages until one is cut. The first of a client has no type, and
// TLS is off.
func (p *cutter) pump(to io.Writer, from io.Reader, untyped bool) {
	for {
		head := make([]byte, 5)
		if untyped {
			head = head[:4]
		}
		if _, err := io.ReadFull(from, head); err != nil {
			return
		}
		size := int(binary.BigEndian.Uint32(head[len(head)-4:]))
		if size < 4 || size > 1<<20 {
			return
		}
		message := append(head, make([]byte, size-4)...)
		if _, err := io.ReadFull(from, message[len(head):]); err != nil {
			return
		}
		untyped = false
		if !p.pass() {
			return
		}
		if _, err := to.Write(message); err != nil {
			return
		}
	}
}
