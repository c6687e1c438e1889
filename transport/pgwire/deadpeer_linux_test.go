package pgwire

import (
	"net"
	"syscall"
	"testing"
	"time"
)

func TestDeadPeersAreNoticed(t *testing.T) {
	t.Parallel()
	const idle, interval, count = 4, 5, 6 // TCP_KEEPIDLE, _KEEPINTVL, _KEEPCNT
	for _, c := range []struct {
		keepAlive, dead time.Duration
		want            map[int]int
	}{
		{0, 0, map[int]int{tcpUserTimeout: 60000, idle: 30, interval: 15, count: 4}},
		{time.Minute, 2 * time.Second, map[int]int{tcpUserTimeout: 2000, idle: 60, interval: 1, count: 4}},
		{-1, 10 * time.Second, map[int]int{tcpUserTimeout: 10000}},
	} {
		s := newServer(t)
		cfg := s.config()
		cfg.KeepAlive, cfg.DeadPeerTimeout = c.keepAlive, c.dead
		ses := lease(t, open(t, cfg))
		raw, err := ses.c.nc.(*net.TCPConn).SyscallConn()
		if err != nil {
			t.Fatal(err)
		}
		if err := raw.Control(func(fd uintptr) {
			for opt, want := range c.want {
				if got, err := syscall.GetsockoptInt(int(fd), syscall.IPPROTO_TCP, opt); err != nil || got != want {
					t.Errorf("keep-alive %v, timeout %v: option %d is %d, %v; want %d", c.keepAlive, c.dead, opt, got, err, want)
				}
			}
			if on, err := syscall.GetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_KEEPALIVE); err != nil || (on != 0) != (c.keepAlive >= 0) {
				t.Errorf("keep-alive %v: SO_KEEPALIVE is %d, %v", c.keepAlive, on, err)
			}
		}); err != nil {
			t.Fatal(err)
		}
	}
}
