package event

import "time"

// Status is how far a statement is, with the words of
// SYS_QUERY_HISTORY.status.
type Status string

// The statuses of a statement.
const (
	Planning  Status = "planning"
	Queued    Status = "queued"
	Running   Status = "running"
	Returning Status = "returning"
	Failed    Status = "failed"
	Canceled  Status = "canceled"
	Success   Status = "success"
)

// Done says that the status is an outcome.
func (s Status) Done() bool { return s == Failed || s == Canceled || s == Success }

// Family says in which of the STL views a statement shows (facts: "System
// views"): STL_QUERY, STL_DDLTEXT or STL_UTILITYTEXT.
type Family string

// The families, with the words of SVL_STATEMENTTEXT.type.
const (
	Query   Family = "QUERY"
	DDL     Family = "DDL"
	Utility Family = "UTILITY"
)

// Session is who did something.
type Session struct {
	PID      int32
	UserID   int32
	User     string
	Database string
}

// Statement is one statement that a session sent.
type Statement struct {
	Session
	// ID is its number: query in the STL views, query_id in the SYS views. The
	// two are different id spaces on Redshift; here they are one (assumed).
	ID int64
	// XID is the transaction.
	XID int64
	// Label is the session's query_group.
	Label string
	// Text is the statement, redacted.
	Text string
	// Type is the kind of statement in SYS_QUERY_HISTORY's words (SELECT, COPY…).
	Type   string
	Family Family
	Status Status
	Start  time.Time
	// End is zero until the status is an outcome.
	End time.Time
	// LockWait and Planning are parts of the time from Start to End.
	LockWait, Planning time.Duration
	// Rows and Bytes were returned, or changed.
	Rows, Bytes int64
	// SQLState and Message are of the failure.
	SQLState, Message string
	// Superuser: the user was one.
	Superuser bool
	// Procedure: it is a CALL. Caller is the statement of the procedure that it ran
	// in, 0 for none; SessionUser is, for a CALL, who logged in.
	Procedure   bool
	Caller      int64
	SessionUser int32
	// Fingerprint is the hash of the statement's shape.
	Fingerprint uint64
}

// Elapsed is the time that the statement has taken by now.
func (s Statement) Elapsed(now time.Time) time.Duration {
	if !s.End.IsZero() {
		return s.End.Sub(s.Start)
	}
	return now.Sub(s.Start)
}
