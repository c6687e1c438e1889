//go:build !unix

package pgwire

import "net"

// peeker looks at a connection without reading from it, which it cannot here:
// the server must be asked.
type peeker struct{}

func (*peeker) look(net.Conn) (ok, quiet bool) { return true, false }
