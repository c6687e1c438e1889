package emulator

import (
	"sync"

	"github.com/llm-dev-ops/redshift/emulator/internal/event"
	"github.com/llm-dev-ops/redshift/emulator/internal/wire"
)

// connections records what happens at the wire's door. That a session is being
// initiated is told before it has a process id; queries find sessions that are
// still open by the id (r_STL_CONNECTION_LOG.md), so the record gets it afterwards.
type connections struct {
	log   *event.Log
	mu    sync.Mutex
	begun map[string]event.Handle[event.Connection] // by the peer's address
}

func (c *connections) record(e wire.ConnectionEvent) {
	r := event.Connection{
		Session: event.Session{PID: e.PID, User: e.User, Database: e.Database},
		Event:   e.Kind.String(), At: e.At, Host: e.Host, Port: e.Port,
		AuthMethod: "password", Duration: e.Duration, TLSVersion: e.TLSVersion, TLSCipher: e.TLSCipher,
		Application: e.Application, OSVersion: e.OSVersion, DriverVersion: e.DriverVersion,
		PluginName: e.PluginName, ProtocolVersion: e.ProtocolVersion,
	}
	handle := c.log.AddConnection(r)
	peer := e.Host + " " + e.Port
	c.mu.Lock()
	defer c.mu.Unlock()
	if e.Kind == wire.Initiating {
		c.begun[peer] = handle
		return
	}
	if first, ok := c.begun[peer]; ok {
		delete(c.begun, peer)
		first.Change(func(r *event.Connection) { r.PID = e.PID })
	}
}
