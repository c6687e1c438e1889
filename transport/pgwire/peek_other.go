//go:build !unix

package pgwire

import "net"

// peek cannot look without reading here: the server must be asked.
func peek(net.Conn) (ok, quiet bool) { return true, false }
