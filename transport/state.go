package transport

import "time"

// SessionState is what a transport knows of a session.
type SessionState uint8

// The states of a session.
const (
	// StateIdle: outside a transaction, ready.
	StateIdle SessionState = iota
	// StateBusy: a statement is under way.
	StateBusy
	// StateInTx: inside a transaction, ready.
	StateInTx
	// StateFailedTx: inside a transaction that only ROLLBACK ends.
	StateFailedTx
	// StateBroken: unusable; it will be closed when its lease ends.
	StateBroken
)

// String names the state.
func (s SessionState) String() string {
	switch s {
	case StateIdle:
		return "idle"
	case StateBusy:
		return "busy"
	case StateInTx:
		return "in transaction"
	case StateFailedTx:
		return "in failed transaction"
	default:
		return "broken"
	}
}

// SessionInfo describes a session.
type SessionInfo struct {
	// ID tells the session from others of the same transport.
	ID string
	// PID is the server's process id of the session, 0 where there is none.
	PID int
	// Created is when the server session began.
	Created time.Time
	// LastUsed is when a statement last ended.
	LastUsed time.Time
	// Parameters are the session parameters that the server reported.
	Parameters map[string]string
}

// Phase is how far a statement is.
type Phase uint8

// The phases of a statement.
const (
	PhaseSubmitted Phase = iota
	PhaseQueued
	PhaseRunning
	PhaseCompleted
	PhaseFailed
	PhaseCancelled
)

// Status is how far a statement is, and its outcome.
type Status struct {
	Phase Phase
	// Progress is a percentage, -1 where the server does not tell.
	Progress int
	// Rows is the number of rows returned or changed, -1 where unknown.
	Rows int64
	// QueryID is the server's number of the query, 0 where unknown.
	QueryID int64
	// Err is the failure of a failed statement.
	Err error
}

// Caps says what a transport can do.
type Caps struct {
	// Name is the transport's name, for errors ("wire", "data-api").
	Name string
	// Session: SET, temporary tables and transactions persist in a session.
	Session bool
	// Transactions: BEGIN and COMMIT work statement by statement.
	Transactions bool
	// Prepare: Session.Prepare works.
	Prepare bool
	// Describe: Prepare asks the server, which refuses what it cannot parse and
	// tells Prepared's Params and Columns. Without it Params are the types that
	// were given, 0 for the others, and Columns is nil.
	Describe bool
	// Batch: several statements in one exchange.
	Batch bool
	// BatchTx: sessions are a TxBatcher.
	BatchTx bool
	// Stream: rows come while the statement runs, in bounded memory.
	Stream bool
	// Cancel: a running statement can be stopped.
	Cancel bool
	// Attach: Run.ID revives a statement in another process.
	Attach bool
	// Status: the server tells how far a statement is.
	Status bool
	// Token: a repeated Start with the same token runs once.
	Token bool
	// Keep: a result can outlive its session.
	Keep bool
	// Find: the Transport is a Finder.
	Find bool
	// QueryID: Statement.WantID is heeded.
	QueryID bool
	// FetchSize: Statement.FetchSize is heeded.
	FetchSize bool
	// BinaryParams: parameters may be sent in binary.
	BinaryParams bool
	// MaxParams is the most parameters of one statement.
	MaxParams int
	// MaxStatement is the longest statement in bytes.
	MaxStatement int
}

// Stats is a snapshot of a transport's sessions.
type Stats struct {
	// Max is the most sessions that may be open at once.
	Max int
	// Open is the number of sessions, Idle those free, InUse those leased,
	// Opening those being made.
	Open, Idle, InUse, Opening int
	// Waiting is the number of callers of Open that wait for a session.
	Waiting int
	// Leases counts Opens that succeeded, Waits those that had to wait,
	// WaitTime how long in all.
	Leases, Waits int64
	WaitTime      time.Duration
	// Created and Closed count server sessions; ClosedIdle and ClosedAge say
	// why some were closed, Failed counts failed attempts to make one.
	Created, Closed, ClosedIdle, ClosedAge, Failed int64
}
