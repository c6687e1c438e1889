package transport

import "context"

// Rechecker is a Session that can be asked, in the middle of its lease, what
// its transport asks between two leases. It is for pools above the seam that
// keep a lease while they pass it on, as database/sql does. A Session that is
// none is judged by its State.
type Rechecker interface {
	// Reusable reports whether Close with [Keep] would keep the session: it is
	// idle, works, and nothing was left in it. It does no I/O.
	Reusable() bool
	// Recheck makes the session what Open gives, but for its prepared
	// statements, which stay. It fails where Open would have made another
	// session: this one cannot be reused, is too old, or is dead. Nothing of any
	// statement is sent, and the error says so (SafeToRetry).
	Recheck(ctx context.Context) error
}
