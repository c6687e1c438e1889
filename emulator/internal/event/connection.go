package event

import "time"

// Connection is something that happened to a connection: STL_CONNECTION_LOG.
type Connection struct {
	Session
	// Event has the view's words: "initiating session ", "authenticated",
	// "disconnecting session", "authentication failure".
	Event           string
	At              time.Time
	Host, Port      string
	AuthMethod      string
	Duration        time.Duration // of a session that has ended
	TLSVersion      string        // empty for plaintext
	TLSCipher       string
	Application     string
	OSVersion       string
	DriverVersion   string
	PluginName      string
	ProtocolVersion int32
}

// SessionRun is one session from its login to its end: SYS_SESSION_HISTORY,
// STV_SESSIONS, STL_SESSIONS.
type SessionRun struct {
	Session
	Start time.Time
	// End is zero while the session is open.
	End time.Time
	// Timeout is the user's SESSION TIMEOUT in seconds, 0 for none.
	Timeout int32
}

// Transaction is one transaction: SYS_TRANSACTION_HISTORY.
type Transaction struct {
	Session
	XID       int64
	Isolation string // "Serializable" or "Snapshot Isolation"
	// Status is "in progress" (assumed), "committed" or "rolledback".
	Status      string
	Start       time.Time
	CommitStart time.Time
	End         time.Time
}
