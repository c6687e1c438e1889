// Package wire is the emulator's door for Redshift's wire protocol: version 3 of
// PostgreSQL's, as Redshift speaks it. It serves session.Session and knows
// nothing of SQL but where one statement of a message ends.
//
// What it does not take from PostgreSQL, or not from today's: errors carry no V
// field (Redshift answers S, C, M, D, H, P, F, L, R; the emulator has no source
// file to name in F, L, R), a wrong password is 28000, one result-format code
// stands for all columns, and a Parse straight after PortalSuspended is refused.
// Function calls are refused. COPY over the connection is the session's to
// refuse; a client that sends its data all the same is not answered, as in
// PostgreSQL.
//
// A connection is one goroutine. While it works on a message for longer than
// Config.Watch, a second one reads ahead into the connection's input buffer, to
// notice a client that has gone; it has ended before the next message is read.
// Statements shorter than that cost nothing for it, and a client that sends a
// statement and closes its side at once is served if it is a quick one.
package wire
