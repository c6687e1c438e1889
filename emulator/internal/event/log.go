package event

import (
	"iter"
	"sync/atomic"
	"time"
)

// Config sizes a Log. The zero value is right.
type Config struct {
	// Statements is how many statements are kept. Defaults to 100,000.
	Statements int
	// Others is how many records of every other kind are kept. Defaults to
	// 20,000.
	Others int
	// Now is the clock. Defaults to time.Now.
	Now func() time.Time
}

func (c Config) withDefaults() Config {
	if c.Statements <= 0 {
		c.Statements = 100_000
	}
	if c.Others <= 0 {
		c.Others = 20_000
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

// Log is the record.
type Log struct {
	now          func() time.Time
	xid          atomic.Int64
	statements   *ring[Statement]
	loads        *ring[Load]
	loadFiles    *ring[LoadFile]
	loadErrors   *ring[LoadError]
	replacements *ring[Replacement]
	unloads      *ring[Unload]
	unloadFiles  *ring[UnloadFile]
	connections  *ring[Connection]
	transactions *ring[Transaction]
	sessions     *ring[SessionRun]
	refreshes    *ring[Refresh]
	messages     *ring[Message]
}

// New makes an empty Log.
func New(cfg Config) *Log {
	cfg = cfg.withDefaults()
	l := &Log{
		now:          cfg.Now,
		statements:   newRing[Statement](cfg.Statements),
		loads:        newRing[Load](cfg.Others),
		loadFiles:    newRing[LoadFile](cfg.Others),
		loadErrors:   newRing[LoadError](cfg.Others),
		replacements: newRing[Replacement](cfg.Others),
		unloads:      newRing[Unload](cfg.Others),
		unloadFiles:  newRing[UnloadFile](cfg.Others),
		connections:  newRing[Connection](cfg.Others),
		transactions: newRing[Transaction](cfg.Others),
		sessions:     newRing[SessionRun](cfg.Others),
		refreshes:    newRing[Refresh](cfg.Others),
		messages:     newRing[Message](cfg.Others),
	}
	l.xid.Store(firstXID)
	return l
}

// firstID is the first statement's number, firstXID the first transaction's.
// Small numbers are left free, as on a cluster, where the system has used them.
const (
	firstID  = 100
	firstXID = 1000
)

// Handle refers to one record that may still change. The zero Handle refers to
// none.
type Handle[T any] struct {
	ring *ring[T]
	seq  int64
}

// Change applies f to the record. It does nothing if the record has been let
// go, so a session need not know. f must not block.
func (h Handle[T]) Change(f func(*T)) {
	if h.ring != nil {
		h.ring.change(h.seq, f)
	}
}

// Begin records a statement that begins now, in status planning unless it has
// another, and numbers it.
func (l *Log) Begin(s Statement) (int64, Handle[Statement]) {
	if s.Start.IsZero() {
		s.Start = l.now()
	}
	if s.Status == "" {
		s.Status = Planning
	}
	seq := l.statements.addNumbered(s, func(s *Statement, seq int64) { s.ID = firstID + seq })
	return firstID + seq, Handle[Statement]{ring: l.statements, seq: seq}
}

// End records the outcome of a statement. Only the first outcome counts.
func (l *Log) End(h Handle[Statement], outcome Status, change func(*Statement)) {
	now := l.now()
	h.Change(func(s *Statement) {
		if s.Status.Done() {
			return
		}
		if change != nil {
			change(s)
		}
		s.Status, s.End = outcome, now
	})
}

// BeginTransaction records a transaction that begins now, and numbers it.
func (l *Log) BeginTransaction(t Transaction) (int64, Handle[Transaction]) {
	t.XID = l.xid.Add(1)
	if t.Start.IsZero() {
		t.Start = l.now()
	}
	return t.XID, Handle[Transaction]{l.transactions, l.transactions.add(t)}
}

// BeginSession records a session that begins now; its end is set with the handle.
func (l *Log) BeginSession(r SessionRun) Handle[SessionRun] {
	if r.Start.IsZero() {
		r.Start = l.now()
	}
	return Handle[SessionRun]{l.sessions, l.sessions.add(r)}
}

// AddMessage records what a procedure says now.
func (l *Log) AddMessage(m Message) {
	m.Time = l.now()
	l.messages.add(m)
}

// Messages gives what procedures said, oldest first.
func (l *Log) Messages() iter.Seq[Message] { return l.messages.all() }

// AddLoad records a COPY; the handle takes its outcome.
func (l *Log) AddLoad(r Load) Handle[Load] { return Handle[Load]{l.loads, l.loads.add(r)} }

// AddLoadFile records a file of a COPY.
func (l *Log) AddLoadFile(r LoadFile) { l.loadFiles.add(r) }

// AddLoadError records a row that a COPY refused.
func (l *Log) AddLoadError(r LoadError) { l.loadErrors.add(r) }

// AddReplacement records a row in which a COPY replaced characters.
func (l *Log) AddReplacement(r Replacement) { l.replacements.add(r) }

// AddUnload records an UNLOAD; the handle takes its outcome.
func (l *Log) AddUnload(r Unload) Handle[Unload] { return Handle[Unload]{l.unloads, l.unloads.add(r)} }

// AddUnloadFile records a file of an UNLOAD.
func (l *Log) AddUnloadFile(r UnloadFile) { l.unloadFiles.add(r) }

// AddConnection records what happened to a connection; the handle takes what is
// known later.
func (l *Log) AddConnection(r Connection) Handle[Connection] {
	return Handle[Connection]{l.connections, l.connections.add(r)}
}

// AddRefresh records a refresh of a materialized view.
func (l *Log) AddRefresh(r Refresh) { l.refreshes.add(r) }

// Statements gives the statements that are kept, oldest first.
func (l *Log) Statements() iter.Seq[Statement] { return l.statements.all() }

// Transactions gives the transactions that are kept, oldest first.
func (l *Log) Transactions() iter.Seq[Transaction] { return l.transactions.all() }

// Sessions gives the sessions that are kept, oldest first.
func (l *Log) Sessions() iter.Seq[SessionRun] { return l.sessions.all() }

// Loads gives the COPYs that are kept, oldest first.
func (l *Log) Loads() iter.Seq[Load] { return l.loads.all() }

// LoadFiles gives the files of COPYs that are kept, oldest first.
func (l *Log) LoadFiles() iter.Seq[LoadFile] { return l.loadFiles.all() }

// LoadErrors gives the refused rows that are kept, oldest first.
func (l *Log) LoadErrors() iter.Seq[LoadError] { return l.loadErrors.all() }

// Replacements gives the rows with replaced characters that are kept, oldest first.
func (l *Log) Replacements() iter.Seq[Replacement] { return l.replacements.all() }

// Unloads gives the UNLOADs that are kept, oldest first.
func (l *Log) Unloads() iter.Seq[Unload] { return l.unloads.all() }

// UnloadFiles gives the files of UNLOADs that are kept, oldest first.
func (l *Log) UnloadFiles() iter.Seq[UnloadFile] { return l.unloadFiles.all() }

// Connections gives what happened to connections, oldest first.
func (l *Log) Connections() iter.Seq[Connection] { return l.connections.all() }

// Refreshes gives the refreshes of materialized views that are kept, oldest first.
func (l *Log) Refreshes() iter.Seq[Refresh] { return l.refreshes.all() }

// Now is the record's clock.
func (l *Log) Now() time.Time { return l.now() }
