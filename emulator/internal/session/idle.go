package session

import "time"

// The limits of a silent client (amazon-redshift-limits).
const (
	idleTransaction       = 6 * time.Hour
	idleSession           = 4 * time.Hour
	idleServerlessSession = time.Hour
)

// Idler is what a Session may be too.
type Idler interface {
	// Idle tells how long the client may be silent as the session is now, and what
	// it is told when it was so for longer; 0 is for ever. The door then closes the
	// session.
	Idle() (time.Duration, *Error)
}

// Idle implements Idler. A user's SESSION TIMEOUT, as it was at the login, comes
// before the cluster's outside of a block. The texts and SQLSTATEs are PostgreSQL's: assumed.
func (b *backend) Idle() (time.Duration, *Error) {
	cfg := &b.core.cfg
	if d := time.Duration(b.user.SessionTimeout) * time.Second; d > 0 && !b.tx.block {
		return d, &Error{Severity: "FATAL", State: "57P05", Message: "terminating connection due to idle-session timeout"}
	}
	if b.tx.block {
		return max(cfg.IdleTransaction, 0), &Error{Severity: "FATAL", State: "25P03", Message: "terminating connection due to idle-in-transaction timeout"}
	}
	return max(cfg.IdleSession, 0), &Error{Severity: "FATAL", State: "57P05", Message: "terminating connection due to idle-session timeout"}
}

// withIdle fills in the limits that are not set.
func (c Config) withIdle() Config {
	if c.IdleTransaction == 0 {
		c.IdleTransaction = idleTransaction
	}
	if c.IdleSession == 0 {
		c.IdleSession = idleSession
		if c.Serverless {
			c.IdleSession = idleServerlessSession
		}
	}
	return c
}
