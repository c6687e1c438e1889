//go:build unix

package pgwire

import (
	"crypto/tls"
	"net"
	"syscall"
)

// peek looks at a connection without reading from it: ok says that it is open,
// quiet that nothing has come.
func peek(nc net.Conn) (ok, quiet bool) {
	if t, is := nc.(*tls.Conn); is {
		nc = t.NetConn()
	}
	sc, is := nc.(syscall.Conn)
	if !is {
		return true, false
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return false, false
	}
	err = raw.Read(func(fd uintptr) bool {
		var b [1]byte
		n, _, err := syscall.Recvfrom(int(fd), b[:], syscall.MSG_PEEK)
		ok = err == syscall.EAGAIN || err == syscall.EINTR || err == nil && n > 0
		quiet = err == syscall.EAGAIN
		return true
	})
	return ok && err == nil, quiet
}
