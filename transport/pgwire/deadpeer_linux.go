package pgwire

import (
	"syscall"
	"time"
)

// tcpUserTimeout is TCP_USER_TIMEOUT (tcp(7)), which package syscall lacks.
const tcpUserTimeout = 18

// giveUpAfter gives a socket's setting: after so long without an answer to what
// was sent the connection is lost. Keep-alive asks only where nothing was sent.
func giveUpAfter(d time.Duration) func(string, string, syscall.RawConn) error {
	return func(_, _ string, c syscall.RawConn) error {
		var failed error
		err := c.Control(func(fd uintptr) {
			failed = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, tcpUserTimeout, int(d.Milliseconds()))
		})
		if err == nil && failed != syscall.ENOPROTOOPT { // a system that lacks it has keep-alive
			err = failed
		}
		return err
	}
}
