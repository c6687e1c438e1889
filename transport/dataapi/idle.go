package dataapi

import (
	"time"

	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
)

// serverSession is a session of the service's. It cannot be ended, only left
// to expire, and a cluster has room for 500; so those that hold no state but
// settings are used again.
type serverSession struct {
	id       string
	created  time.Time
	lastUsed time.Time
	set      settings // what it was told
	dirty    bool     // it may hold state that nobody knows of
}

// maxLife is when a session is left alone: the service ends it after 24 hours.
const maxLife = 23 * time.Hour

// takeIdle gives a session that will live long enough to begin a statement,
// if possible one with these settings. The zero value means none.
func (s *service) takeIdle(want settings) serverSession {
	s.mu.Lock()
	defer s.mu.Unlock()
	now, best := time.Now(), -1
	live := s.idle[:0]
	for _, x := range s.idle {
		// The margin is for clocks and the way there.
		if now.Sub(x.lastUsed) > s.cfg.KeepAlive*9/10 || now.Sub(x.created) > maxLife {
			s.stats.Closed++
			s.stats.ClosedIdle++
			continue
		}
		if live = append(live, x); best < 0 || x.set == want {
			best = len(live) - 1
		}
	}
	s.idle = live
	if best < 0 {
		return serverSession{}
	}
	x := s.idle[best]
	s.idle = append(s.idle[:best], s.idle[best+1:]...)
	return x
}

// giveBack keeps a session for the next lease.
func (s *service) giveBack(x serverSession) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		s.stats.Closed++
		return
	}
	s.idle = append(s.idle, x)
}

// lose counts a session that was gone when it was to be used again.
func (s *service) lose() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stats.Closed++
}

// stateless are the statements that leave nothing behind in their session.
// Transactions and settings of the transport's own are tracked.
var stateless = map[string]bool{
	"select": true, "with": true, "insert": true, "update": true, "delete": true, "merge": true,
	"copy": true, "unload": true, "truncate": true, "vacuum": true, "analyze": true, "explain": true,
	"show": true, "grant": true, "revoke": true, "comment": true, "refresh": true, "lock": true,
	"begin": true, "start": true, "commit": true, "end": true, "rollback": true, "abort": true,
}

// leavesState reports whether a session may hold more after a statement than
// before: SELECT … INTO #t makes a temporary table, set_config sets.
func leavesState(sql string) bool {
	first := lex.FirstKeyword(sql)
	if !stateless[first] {
		return true
	}
	if first != "select" && first != "with" {
		return false
	}
	for l := lex.New(sql); ; {
		switch tok := l.Next(); tok.Kind {
		case lex.EOF:
			return false
		case lex.Invalid:
			return true
		case lex.Ident:
			switch lex.Fold(sql[tok.Pos:tok.End]) {
			case "into", "set_config":
				return true
			}
		}
	}
}
