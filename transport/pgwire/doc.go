// Package pgwire is the transport over Redshift's own wire protocol, which is
// that of PostgreSQL 8 with additions: a pool of TCP connections, each a
// session of the server.
//
// A statement is one exchange of Parse, Bind, Describe, Execute and Sync:
// [transport.Session.Start] writes it and does not wait, Wait reads until the
// outcome begins, Result streams. No goroutine belongs to a statement: a
// context that ends moves the read deadline, and what was read so far stays,
// so that a wait that gave up can be resumed.
//
// The message structs are pgproto3's. Framing, login and the message loop are
// this package's own: Redshift has logins and a RowDescription that pgconn does
// not know, pgconn reads the PG* variables of the environment, and a wait of
// its that times out closes the connection. No environment variable has an
// effect here.
package pgwire
