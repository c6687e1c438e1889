package datadoor

import (
	"errors"
	"time"

	"github.com/llm-dev-ops/redshift/emulator/internal/awsjson"
	"github.com/llm-dev-ops/redshift/emulator/internal/session"
)

// kept is a session that outlives its statement (SessionKeepAliveSeconds). Its
// fields are guarded by Door.mu; session belongs to the statement that is busy
// with it.
type kept struct {
	id               string
	to               target
	as               login
	created, updated time.Time
	keepAlive        time.Duration
	expires          time.Time // while idle
	busy             *statement
	doomed           bool // it ends with its statement
	closed           bool
	session          session.Session // nil before the first statement and after closing
}

var errExpired = errors.New("the session has expired")

// next is when something happens to the session by itself.
func (k *kept) next(life time.Duration) time.Time {
	end := k.created.Add(life)
	if !k.closed && k.busy == nil && k.expires.Before(end) {
		return k.expires
	}
	return end
}

// newSession makes a session for a first statement. d.mu is held.
func (d *Door) newSession(to target, as login, keepAlive time.Duration, now time.Time) (*kept, error) {
	if d.live >= d.cfg.Limits.Sessions {
		return nil, awsjson.Errorf("ActiveSessionsExceededException", "Active sessions exceeded the allowed quota (%d).", d.cfg.Limits.Sessions)
	}
	k := &kept{id: awsjson.RequestID(), to: to, as: as, created: now, updated: now, keepAlive: keepAlive}
	d.sessions[k.id] = k
	d.live++
	d.wake(k.created.Add(d.cfg.Limits.SessionLife))
	return k, nil
}

// free finds a session that can take a statement; queries in a session do not
// queue. d.mu is held.
func (d *Door) free(id string, now time.Time) (*kept, error) {
	if !idPattern.MatchString(id) {
		return nil, constraint(id, "sessionId", "satisfy regular expression pattern: [a-z0-9]{8}(-[a-z0-9]{4}){3}-[a-z0-9]{12}(:\\d{0,2})?")
	}
	k, ok := d.sessions[id]
	switch {
	case !ok:
		return nil, invalid(textNoSession, id)
	case k.closed, k.doomed, k.busy == nil && !now.Before(k.expires):
		return nil, invalid(textDead)
	case k.busy != nil:
		return nil, invalid("Session is busy: a session runs one statement at a time.")
	}
	return k, nil
}

// endSession closes an idle session; a busy one ends with its statement. d.mu
// is held.
func (d *Door) endSession(k *kept) {
	if k.busy != nil {
		k.doomed = true
		return
	}
	if k.closed {
		return
	}
	k.closed, k.updated = true, time.Now()
	d.live--
	if s := k.session; s != nil {
		k.session = nil
		d.running.Go(s.Close)
	}
}

// terminated ends a kept session that another one has terminated.
func (d *Door) terminated(k *kept) {
	if k == nil {
		return // it ends with its statement, which fails
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.closed {
		d.endSession(k)
	}
}

// EndSession ends a session as if its time had come; one that runs a statement ends
// with it. An id of none is left alone.
func (d *Door) EndSession(id string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if k, ok := d.sessions[id]; ok {
		d.endSession(k)
	}
}

// release gives a session back after a statement. d.mu is held.
func (d *Door) release(k *kept, s session.Session, dead bool) {
	now := time.Now()
	k.busy, k.session, k.updated = nil, s, now
	k.expires = now.Add(k.keepAlive)
	if dead || k.doomed || k.keepAlive == 0 || d.closed {
		d.endSession(k)
		return
	}
	d.wake(k.expires)
}

type listSessionsInput struct {
	target
	SessionId  string
	Status     string
	MaxResults *int
	NextToken  string
}

type sessionData struct {
	SessionId           string
	Status              string
	CreatedAt           float64
	UpdatedAt           float64
	ClusterIdentifier   string `json:",omitempty"`
	WorkgroupName       string `json:",omitempty"`
	Database            string `json:",omitempty"`
	DbUser              string `json:",omitempty"`
	CurrentStatementId  string `json:",omitempty"`
	SessionAliveSeconds int
	SessionTtl          float64 `json:",omitempty"`
}

func (d *Door) data(k *kept) sessionData {
	s := sessionData{
		SessionId: k.id, Status: "AVAILABLE", CreatedAt: epoch(k.created), UpdatedAt: epoch(k.updated),
		ClusterIdentifier: k.to.ClusterIdentifier, WorkgroupName: k.to.WorkgroupName,
		Database: k.to.Database, DbUser: k.to.DbUser, SessionAliveSeconds: int(k.keepAlive / time.Second),
	}
	switch {
	case k.closed:
		s.Status = "CLOSED"
	case k.busy != nil:
		s.Status, s.CurrentStatementId = "BUSY", k.busy.id
	default:
		s.SessionTtl = epoch(k.expires)
	}
	return s
}
