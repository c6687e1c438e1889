package sysview

import (
	"iter"
	"math"
	"strconv"

	"github.com/llm-dev-ops/redshift/emulator/internal/event"
	"github.com/llm-dev-ops/redshift/emulator/internal/lock"
)

func sessionUser(s *event.SessionRun) int32 { return s.UserID }
func isOpen(s *event.SessionRun) bool       { return s.End.IsZero() }
func hasEnded(s *event.SessionRun) bool     { return !s.End.IsZero() }

var stvSessions = cells[event.SessionRun]{
	"starttime":   func(s *event.SessionRun, _ Facts) any { return timestamp(s.Start) },
	"process":     func(s *event.SessionRun, _ Facts) any { return int64(s.PID) },
	"user_name":   func(s *event.SessionRun, _ Facts) any { return s.User },
	"db_name":     func(s *event.SessionRun, _ Facts) any { return s.Database },
	"timeout_sec": func(s *event.SessionRun, _ Facts) any { return int64(s.Timeout) },
}

var stlSessions = cells[event.SessionRun]{
	"userid":      func(s *event.SessionRun, _ Facts) any { return int64(s.UserID) },
	"starttime":   stvSessions["starttime"],
	"endtime":     func(s *event.SessionRun, _ Facts) any { return timestamp(s.End) },
	"process":     stvSessions["process"],
	"user_name":   stvSessions["user_name"],
	"db_name":     stvSessions["db_name"],
	"timeout_sec": stvSessions["timeout_sec"],
	"timed_out":   constant[event.SessionRun](int64(2)), // the client has closed it
}

var sysSessionHistory = cells[event.SessionRun]{
	// The guide has this one as text.
	"user_id":       func(s *event.SessionRun, _ Facts) any { return strconv.Itoa(int(s.UserID)) },
	"session_id":    stvSessions["process"],
	"database_name": stvSessions["db_name"],
	"status": func(s *event.SessionRun, _ Facts) any {
		if s.End.IsZero() {
			return "active"
		}
		return "closed"
	},
	"session_timeout": stvSessions["timeout_sec"],
	"start_time":      stvSessions["starttime"],
	"end_time":        stlSessions["endtime"],
}

// held is a lock of a transaction that is under way: on a table, or, with Table
// 0, the one that every transaction has on its own id.
type held struct {
	event.Transaction
	lock.Held
}

func lockUser(h *held) int32 { return h.UserID }

// heldLocks are the locks of the transactions under way, by transaction. What a
// lock on a name or a schema stands for is no table and is left out.
func heldLocks(log *event.Log, f Facts) iter.Seq[held] {
	return func(yield func(held) bool) {
		byOwner := make(map[int64][]lock.Held)
		if f.Locks != nil {
			for _, h := range f.Locks() {
				if h.Table > 0 && h.Table <= math.MaxInt32 {
					byOwner[h.Owner] = append(byOwner[h.Owner], h)
				}
			}
		}
		for t := range log.Transactions() {
			if !t.End.IsZero() {
				continue
			}
			for _, h := range byOwner[t.XID] {
				if !yield(held{t, h}) {
					return
				}
			}
			if !yield(held{Transaction: t}) {
				return
			}
		}
	}
}

func (h *held) onTable() bool { return h.Table != 0 }

// isWriteLock: STV_LOCKS shows updates of tables (r_STV_LOCKS.md).
func isWriteLock(h *held) bool { return h.onTable() && h.Mode != lock.AccessShare }

var svvTransactions = cells[held]{
	"txn_owner": func(h *held, _ Facts) any { return h.User },
	"txn_db":    func(h *held, _ Facts) any { return h.Database },
	"xid":       func(h *held, _ Facts) any { return h.XID },
	"pid":       func(h *held, _ Facts) any { return int64(h.PID) },
	"txn_start": func(h *held, _ Facts) any { return timestamp(h.Start) },
	"lock_mode": func(h *held, _ Facts) any {
		if !h.onTable() {
			return "ExclusiveLock"
		}
		return h.Mode.String()
	},
	"lockable_object_type": func(h *held, _ Facts) any {
		if !h.onTable() {
			return "transactionid"
		}
		return "relation"
	},
	"relation": func(h *held, _ Facts) any {
		if !h.onTable() {
			return nil
		}
		return h.Table
	},
	"granted": func(h *held, _ Facts) any { return !h.onTable() || h.Granted },
}

// The words of lock_status are assumed.
var stvLocks = cells[held]{
	"table_id":            func(h *held, _ Facts) any { return h.Table },
	"last_commit":         null[held],
	"last_update":         null[held],
	"lock_owner":          svvTransactions["xid"],
	"lock_owner_pid":      svvTransactions["pid"],
	"lock_owner_start_ts": svvTransactions["txn_start"],
	"lock_owner_end_ts":   null[held], // it is under way
	"lock_status": func(h *held, _ Facts) any {
		if h.Granted {
			return "Holding write lock"
		}
		return "Waiting for write lock"
	},
}

// sliceNumbers are the numbers of the cluster's slices; it has one node.
func sliceNumbers(_ *event.Log, f Facts) iter.Seq[int64] {
	return func(yield func(int64) bool) {
		for i := range int64(f.Slices) {
			if !yield(i) {
				return
			}
		}
	}
}

var stvSlices = cells[int64]{
	"node":       constant[int64](int64(0)),
	"slice":      func(n *int64, _ Facts) any { return *n },
	"localslice": func(n *int64, _ Facts) any { return *n },
	"type":       constant[int64]("D"),
}

// activity is a session with the last of its statements.
type activity struct {
	event.SessionRun
	last event.Statement // the zero Statement for none
}

func activityUser(a *activity) int32 { return a.UserID }

// activities are the open sessions.
func activities(log *event.Log) iter.Seq[activity] {
	return func(yield func(activity) bool) {
		last := make(map[int32]event.Statement)
		for s := range log.Statements() {
			last[s.PID] = s
		}
		for s := range log.Sessions() {
			if s.End.IsZero() && !yield(activity{s, last[s.PID]}) {
				return
			}
		}
	}
}

var pgStatActivity = cells[activity]{
	"datid":    null[activity],
	"datname":  func(a *activity, _ Facts) any { return a.Database },
	"procpid":  func(a *activity, _ Facts) any { return int64(a.PID) },
	"usesysid": func(a *activity, _ Facts) any { return int64(a.UserID) },
	"usename":  func(a *activity, _ Facts) any { return a.User },
	"current_query": func(a *activity, _ Facts) any {
		if a.last.ID == 0 || a.last.Status.Done() {
			return "<IDLE>"
		}
		return a.last.Text
	},
	"query_start": func(a *activity, _ Facts) any { return timestamp(a.last.Start) },
}
