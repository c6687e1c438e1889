//go:build unix

package pgwire

import (
	"crypto/tls"
	"net"
	"syscall"
)

// peeker looks at a connection without reading from it.
type peeker struct {
	raw       syscall.RawConn
	ok, quiet bool
	read      func(fd uintptr) bool
}

// look looks: ok says that the connection is open, quiet that nothing has come.
func (p *peeker) look(nc net.Conn) (ok, quiet bool) {
	if p.raw == nil {
		if t, is := nc.(*tls.Conn); is {
			nc = t.NetConn()
		}
		sc, is := nc.(syscall.Conn)
		if !is {
			return true, false
		}
		var err error
		if p.raw, err = sc.SyscallConn(); err != nil {
			return false, false
		}
		p.read = p.peek
	}
	err := p.raw.Read(p.read)
	return p.ok && err == nil, p.quiet
}

func (p *peeker) peek(fd uintptr) bool {
	var b [1]byte
	n, _, err := syscall.Recvfrom(int(fd), b[:], syscall.MSG_PEEK)
	p.ok = err == syscall.EAGAIN || err == syscall.EINTR || err == nil && n > 0
	p.quiet = err == syscall.EAGAIN
	return true
}
