//go:build !linux

package pgwire

import (
	"syscall"
	"time"
)

// giveUpAfter has no portable setting: keep-alive alone notices a dead peer, and
// the system's own bound on what it sends again.
func giveUpAfter(time.Duration) func(string, string, syscall.RawConn) error { return nil }
