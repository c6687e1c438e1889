package transporttest

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/llm-dev-ops/redshift/transport"
)

// Answer is what a Fake gives to one execution of a statement.
type Answer struct {
	// Columns is nil for a statement without rows.
	Columns []transport.Column
	// Rows are the rows' values; nil is NULL. They are not copied.
	Rows [][][]byte
	// Tag is the command tag. Defaults to "SELECT" where there are columns.
	Tag     string
	Notices []transport.Notice
	// Delay is how long the statement runs before its outcome. It ends early,
	// with SQLSTATE 57014, when the statement is cancelled.
	Delay time.Duration
	// Err is the statement's failure; Late comes after the rows.
	Err, Late error
}

// Fake is a transport in memory whose statements are answered by script: by
// their exact text. BEGIN, COMMIT and ROLLBACK it understands itself. It is
// safe for concurrent use; On and OnFunc may be called at any time.
type Fake struct {
	caps  transport.Caps
	slots chan struct{}
	done  chan struct{} // closed by Close
	force chan struct{} // closed when Close has lost patience

	mu      sync.Mutex
	script  map[string]func(transport.Statement) Answer
	stats   transport.Stats
	closed  bool
	forced  bool
	log     []string
	session int
}

var _ transport.Transport = (*Fake)(nil)

// NewFake makes a Fake of at most max sessions, without a script.
func NewFake(max int) *Fake {
	return &Fake{
		caps: transport.Caps{
			Name: "fake", Session: true, Transactions: true, Prepare: true, Describe: true, Batch: true, BatchTx: true, Stream: true,
			Cancel: true, BinaryParams: true, MaxParams: 32767, MaxStatement: 16 << 20,
		},
		slots: make(chan struct{}, max), done: make(chan struct{}), force: make(chan struct{}),
		script: map[string]func(transport.Statement) Answer{}, stats: transport.Stats{Max: max},
	}
}

// SetCaps replaces what the Fake says and does of what it can. It must not be
// called while sessions are open.
func (f *Fake) SetCaps(c transport.Caps) { f.caps = c }

// On answers the statement with the given answers in turn; the last of them
// repeats. The comment that holds a statement's id is not compared.
func (f *Fake) On(sql string, answers ...Answer) {
	var n atomic.Int64
	f.OnFunc(sql, func(transport.Statement) Answer {
		return answers[min(int(n.Add(1)), len(answers))-1]
	})
}

// OnFunc answers the statement by a function, which may be called concurrently.
func (f *Fake) OnFunc(sql string, answer func(transport.Statement) Answer) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.script[sql] = answer
}

// Log gives the texts of the statements that were started, in order.
func (f *Fake) Log() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.log...)
}

func (f *Fake) answer(stmt transport.Statement) Answer {
	f.mu.Lock()
	answer := f.script[stmt.SQL]
	if answer == nil && strings.HasPrefix(stmt.SQL, "/* redshift-id=") {
		_, sql, _ := strings.Cut(stmt.SQL, " */ ")
		answer = f.script[sql]
	}
	f.log = append(f.log, stmt.SQL)
	f.mu.Unlock()
	if answer != nil {
		return answer(stmt)
	}
	return Answer{Err: &transport.ServerError{Severity: "ERROR", SQLState: "42601", Message: "the fake has no answer to this statement"}}
}

// Open implements transport.Transport.
func (f *Fake) Open(ctx context.Context, _ transport.OpenOptions) (transport.Session, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	f.mu.Lock()
	f.stats.Waiting++
	f.mu.Unlock()
	err := error(nil)
	select {
	case f.slots <- struct{}{}:
	case <-ctx.Done():
		err = ctx.Err()
	case <-f.done:
		err = transport.ErrClosed
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.stats.Waiting--
	if err == nil && f.closed {
		<-f.slots
		err = transport.ErrClosed
	}
	if err != nil {
		return nil, err
	}
	f.stats.InUse++
	f.stats.Open++
	f.stats.Leases++
	f.stats.Created++
	f.session++
	return &fakeSession{f: f, id: strconv.Itoa(f.session), began: time.Now()}, nil
}

// Attach implements transport.Transport; it is not supported.
func (f *Fake) Attach(context.Context, string) (transport.Run, error) {
	return nil, f.unsupported("Attach")
}

func (f *Fake) unsupported(capability string) error {
	return &transport.UnsupportedError{Transport: f.caps.Name, Capability: capability}
}

// Caps implements transport.Transport.
func (f *Fake) Caps() transport.Caps { return f.caps }

// Stats implements transport.Transport.
func (f *Fake) Stats() transport.Stats {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.stats
}

// Close implements transport.Transport.
func (f *Fake) Close(ctx context.Context) error {
	f.mu.Lock()
	if !f.closed {
		f.closed = true
		close(f.done)
	}
	forced := f.forced
	f.mu.Unlock()
	if forced {
		return nil
	}
	for i := range cap(f.slots) { // a slot that we hold is one that nobody leases
		select {
		case f.slots <- struct{}{}:
		case <-ctx.Done():
			f.abandon(i)
			return ctx.Err()
		}
	}
	f.abandon(cap(f.slots))
	return nil
}

// abandon takes what is leased from its holders, and the slots that Close held.
func (f *Fake) abandon(held int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for range held {
		<-f.slots
	}
	if !f.forced {
		f.forced = true
		f.stats.Closed += int64(f.stats.Open)
		f.stats.Open, f.stats.InUse = 0, 0
		close(f.force)
	}
}

type fakeSession struct {
	f        *Fake
	id       string
	began    time.Time
	last     time.Time
	tx       transport.SessionState // idle, in a transaction, failed
	run      *fakeRun               // under way, else nil
	prepared []*fakePrepared
	closed   bool
}

func (s *fakeSession) usable(ctx context.Context) error {
	select {
	case <-s.f.force:
		return transport.ErrClosed
	default:
	}
	switch {
	case s.closed:
		return transport.ErrClosed
	case s.run != nil:
		return transport.ErrBusy
	default:
		return ctx.Err()
	}
}

// Start implements transport.Session.
func (s *fakeSession) Start(ctx context.Context, stmt transport.Statement) (transport.Run, error) {
	if err := s.usable(ctx); err != nil {
		return nil, err
	}
	for _, p := range stmt.Params {
		if p.Format == transport.Binary && !s.f.caps.BinaryParams {
			return nil, s.f.unsupported("BinaryParams")
		}
	}
	a, err := s.answer(stmt)
	if err != nil {
		return nil, err
	}
	s.run = &fakeRun{s: s, a: a, began: time.Now(), stop: make(chan struct{})}
	return s.run, nil
}

// answer plays the server's part in transactions and asks the script for the
// rest.
func (s *fakeSession) answer(stmt transport.Statement) (fakeAnswer, error) {
	word, _, _ := strings.Cut(strings.ToUpper(strings.TrimSpace(stmt.SQL)), " ")
	a := fakeAnswer{Answer: Answer{Tag: word}, tx: s.tx}
	control := word == "BEGIN" || word == "COMMIT" || word == "ROLLBACK"
	switch {
	case control && !s.f.caps.Transactions:
		return a, s.f.unsupported("Transactions")
	case word == "BEGIN" && s.tx == transport.StateIdle:
		a.tx = transport.StateInTx
	case word == "COMMIT" && s.tx == transport.StateFailedTx:
		a.Tag, a.tx = "ROLLBACK", transport.StateIdle
	case word == "COMMIT", word == "ROLLBACK":
		a.tx = transport.StateIdle
	case s.tx == transport.StateFailedTx:
		a.Err = &transport.ServerError{Severity: "ERROR", SQLState: failedTx, Message: "current transaction is aborted, commands ignored until end of transaction block"}
	case !control:
		a.Answer = s.f.answer(stmt)
	}
	if a.Tag == "" && a.Columns != nil {
		a.Tag = "SELECT"
	}
	return a, nil
}

// Prepare implements transport.Session: it asks the script once, with the
// columns of which the statement is described. The parameters are counted by
// their placeholders.
func (s *fakeSession) Prepare(ctx context.Context, sql string, types []transport.OID) (transport.Prepared, error) {
	if !s.f.caps.Prepare {
		return nil, s.f.unsupported("Prepare")
	}
	if err := s.usable(ctx); err != nil {
		return nil, err
	}
	n := 0
	for strings.Contains(sql, "$"+strconv.Itoa(n+1)) {
		n++
	}
	p := &fakePrepared{s: s, sql: sql, params: make([]transport.OID, n)}
	copy(p.params, types)
	a := s.f.answer(transport.Statement{SQL: sql, Params: make([]transport.Param, n)})
	if a.Err != nil {
		if s.tx == transport.StateInTx {
			s.tx = transport.StateFailedTx
		}
		return nil, a.Err
	}
	p.columns = a.Columns
	s.prepared = append(s.prepared, p)
	return p, nil
}

// State implements transport.Session.
func (s *fakeSession) State() transport.SessionState {
	if s.run != nil {
		return transport.StateBusy
	}
	return s.tx
}

// Info implements transport.Session.
func (s *fakeSession) Info() transport.SessionInfo {
	return transport.SessionInfo{ID: s.id, Created: s.began, LastUsed: s.last}
}

// Close implements transport.Session.
func (s *fakeSession) Close(context.Context, transport.Reuse) error {
	if s.closed {
		return nil
	}
	s.closed = true
	if s.run != nil {
		s.run.cancel()
		s.run = nil
	}
	s.f.mu.Lock()
	defer s.f.mu.Unlock()
	if !s.f.forced {
		s.f.stats.InUse--
		s.f.stats.Open--
		s.f.stats.Closed++
	}
	<-s.f.slots
	return nil
}

type fakePrepared struct {
	s       *fakeSession
	sql     string
	params  []transport.OID
	columns []transport.Column
	closed  bool
}

func (p *fakePrepared) Params() []transport.OID     { return p.params }
func (p *fakePrepared) Columns() []transport.Column { return p.columns }
func (p *fakePrepared) Close(context.Context) error { p.closed = true; return nil }
func (p *fakePrepared) Start(ctx context.Context, params []transport.Param) (transport.Run, error) {
	if p.closed {
		return nil, transport.ErrClosed
	}
	return p.s.Start(ctx, transport.Statement{SQL: p.sql, Params: params})
}
