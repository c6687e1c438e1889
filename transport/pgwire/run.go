package pgwire

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/llm-dev-ops/redshift/transport"
)

// cancelled is the SQLSTATE of a cancelled statement (query_canceled).
const cancelled = "57014"

// failedTx is the SQLSTATE of statements in a failed transaction
// (in_failed_sql_transaction).
const failedTx = "25P02"

// maxNotices bounds the messages that are kept of one statement.
const maxNotices = 1000

// run is one exchange: a statement, or the making or closing of a prepared one.
type run struct {
	c   *conn
	s   *session
	sql string // of the caller's statement; "" for exchanges of our own
	own bool   // an exchange of our own: what it does to the session is known

	leads int      // ReadyForQuery that come before the statement's answers
	set   bool     // the last of them is the settings'
	want  settings // which these are
	odd   error    // why the settings could not be made

	cols     []transport.Column
	types    []transport.OID // of a description
	values   [][]byte
	row      bool // a row is in values and was not given yet
	tag      string
	complete bool // CommandComplete has come
	notices  []transport.Notice
	count    int64
	sent     bool
	inTx     bool // it began in a transaction
	partOf   *batch
	learns   *named // has its formats from this run's columns if it has none
	portal   portal // that is read in pieces
	paused   bool   // its piece has ended, and ReadyForQuery not come
	closing  bool   // the rows that are left are not wanted
	wantID   bool
	idAsked  bool   // the question has been sent
	idNext   bool   // what comes answers the question for the query's number
	queryID  int64  // 0 for none
	repeat   func() // appends the requests anew; nil where that is not possible

	err      error         // the failure; written before finished is set
	finished atomic.Bool   // the last answer was read, or the connection is lost
	cancelMu sync.Mutex    // held while a cancel is under way
	asked    atomic.Bool   // a cancel was sent
	pause    time.Duration // until it is repeated
}

// event is what a message means to the reader of a run.
type event uint8

const (
	nothing event = iota
	gotRow
	gotEnd
)

// step reads one message. A timeout is returned as it is and can be gone on
// from; every other error has ended the run and the connection.
func (r *run) step() (event, error) {
	typ, body, err := r.c.in.next()
	if err != nil {
		if isTimeout(err) && r.c.broken == nil {
			return nothing, err
		}
		return gotEnd, r.lose(err)
	}
	if typ == 'D' && r.leads == 0 && r.cols != nil && !r.idNext {
		if err := dataRow(r.values, body); err != nil {
			return gotEnd, r.lose(err)
		}
		r.count++
		return gotRow, nil
	}
	ev, err := r.message(typ, body)
	if err != nil {
		return gotEnd, r.lose(err)
	}
	return ev, nil
}

// message takes in what is no row.
func (r *run) message(typ byte, body []byte) (event, error) {
	c := r.c
	if r.idNext {
		if ev, ok := r.idMessage(typ, body); ok {
			return ev, nil
		}
	}
	switch typ {
	case '1', '2', '3', 'A', 'd', 'c': // complete: Parse, Bind, Close; a notification; COPY's data
	case 'T', 'n', 't', 'C', 'I', 's':
		if r.leads > 0 {
			break
		}
		return nothing, r.description(typ, body)
	case 'N':
		n, err := notice(body)
		if err != nil {
			return nothing, err
		}
		if len(r.notices) < maxNotices {
			r.notices = append(r.notices, n)
		}
	case 'S':
		return nothing, c.parameter(body)
	case 'E':
		e, err := serverError(body)
		if err != nil {
			return nothing, err
		}
		return r.failure(e), nil
	case 'G', 'W': // COPY FROM STDIN, which Redshift does not have
		c.send(&pgproto3.CopyFail{Message: "not supported by the client"})
		c.send(msgSync)
		_, err := c.flush()
		return nothing, err
	case 'H':
		r.err = &transport.UnsupportedError{Transport: caps.Name, Capability: "COPY TO STDOUT", Hint: "use UNLOAD"}
	case 'Z':
		if len(body) != 1 || body[0] != 'I' && body[0] != 'T' && body[0] != 'E' {
			return nothing, &protocolError{"the transaction's state is none"}
		}
		return r.ready(body[0]), nil
	default:
		return nothing, &protocolError{"a message of type " + strconv.QuoteRune(rune(typ)) + " as the answer to a statement"}
	}
	return nothing, nil
}

// description takes in what a statement says of itself.
func (r *run) description(typ byte, body []byte) (err error) {
	switch typ {
	case 'T':
		if r.cols, err = columns(body, r.c.version); err == nil {
			r.values = make([][]byte, len(r.cols))
			if p := r.learns; p != nil && p.formats == nil {
				p.formats = resultFormats(r.cols, r.c.version)
			}
		}
	case 't':
		r.types, err = parameterTypes(body)
	case 'C':
		r.tag, r.complete = cString(body), true
	case 's':
		r.paused = r.portal.name != ""
		r.complete = !r.paused // no limit was asked for
	case 'I':
		r.complete = true
	}
	return err
}

// failure takes in an ErrorResponse. One behind CommandComplete is of the
// statement too: its transaction could not be committed.
func (r *run) failure(e *transport.ServerError) event {
	switch {
	case fatal(e):
		// Behind CommandComplete nobody knows whether it was committed.
		r.err = e
		if r.complete {
			r.err = &transport.LostError{Sent: true, Err: e}
		}
		r.c.lose(e)
		r.finish()
		return gotEnd
	case r.leads > 0:
		if r.set && r.leads == 1 {
			r.odd = e
		}
		if e.SQLState == cancelled && r.asked.Load() {
			// The cancel met what goes before the statement.
			ctx, cancel := context.WithTimeout(context.Background(), r.c.patient)
			defer cancel()
			_ = r.Cancel(ctx)
		}
	case r.err == nil:
		r.err = e
		if r.learns != nil {
			r.learns.formats = nil // which may be of columns that have gone
			if outdated(e) {
				r.learns.generation = unparsed
			}
		}
	}
	return nothing
}

// ready takes in a ReadyForQuery.
func (r *run) ready(status byte) event {
	c := r.c
	if r.leads > 0 {
		if r.set && r.leads == 1 {
			if r.odd == nil {
				c.set = r.want
			} else if status == 'I' && len(r.notices) < maxNotices {
				r.notices = append(r.notices, transport.Notice{
					Severity: "WARNING", Message: "query group and timeout could not be set for the statement", Detail: r.odd.Error(),
				})
			}
		}
		c.tx = status
		r.leads--
		return nothing
	}
	if r.paused && r.err == nil {
		return r.more(status)
	}
	if r.odd != nil && hasState(r.err, failedTx) {
		r.err = r.odd // which is why the transaction has failed
	}
	c.ready(status, r.tag)
	if r.repeat != nil && !r.inTx && status == 'I' && !r.complete && r.count == 0 && outdated(r.err) {
		// Once. What failed was a transaction of its own, so that nothing has
		// happened.
		repeat := r.repeat
		r.repeat, r.err, r.cols, r.values = nil, nil, nil, nil
		repeat()
		if _, err := c.flush(); err != nil {
			_ = r.lose(err)
			return gotEnd
		}
		return nothing
	}
	if !r.own && (r.err == nil || r.complete) {
		c.done(r.sql, r.tag)
	}
	if r.portal.name != "" && r.complete {
		c.closes = append(c.closes, closing{'P', r.portal.name})
	}
	if r.idAsked || r.wantID && r.err == nil && r.askID() {
		r.idNext = true
		return nothing
	}
	r.finish()
	return gotEnd
}

// finish frees the session, when a cancel that is under way has ended: it must
// not meet the next statement.
func (r *run) finish() {
	r.c.end()
	r.finished.Store(true)
	r.cancelMu.Lock()
	asked := r.asked.Load()
	r.cancelMu.Unlock()
	if asked {
		r.c.absorb = true
		r.c.readUntil(time.Time{})
	}
	r.c.last = time.Now()
	if r.s.active == r {
		r.s.active = nil
		r.s.running.Store(false)
	}
}

// lose ends the run with its connection.
func (r *run) lose(err error) error {
	r.c.lose(err)
	if r.s.over.Load() {
		err = errors.Join(transport.ErrClosed, err)
	}
	r.err = &transport.LostError{Sent: r.sent, Err: err}
	r.finish()
	return r.err
}

func hasState(err error, state string) bool {
	var server *transport.ServerError
	return errors.As(err, &server) && server.SQLState == state
}

// isTimeout reports that a deadline has passed, which a connection outlives. The
// system's own timeout (ETIMEDOUT) is another: the peer is gone.
func isTimeout(err error) bool { return errors.Is(err, os.ErrDeadlineExceeded) }

// ID implements transport.Run. A statement of the wire dies with its session.
func (r *run) ID() string { return "" }

// Status implements transport.Run, from what is known here.
func (r *run) Status(context.Context) (transport.Status, error) {
	st := transport.Status{Phase: transport.PhaseRunning, Progress: -1, Rows: -1}
	if !r.finished.Load() {
		return st, nil
	}
	st.Phase, st.Err = transport.PhaseCompleted, r.err
	switch {
	case r.err == nil:
		st.Rows, st.QueryID = r.count, r.queryID
		if n, ok := tagCount(r.tag); ok {
			st.Rows = n
		}
	case hasState(r.err, cancelled):
		st.Phase = transport.PhaseCancelled
	default:
		st.Phase = transport.PhaseFailed
	}
	return st, nil
}

// tagCount is the number at the end of a tag. Redshift's SELECT has none.
func tagCount(tag string) (int64, bool) {
	at := len(tag)
	for at > 0 && tag[at-1] >= '0' && tag[at-1] <= '9' {
		at--
	}
	n, err := strconv.ParseInt(tag[at:], 10, 64)
	return n, err == nil
}

// Wait implements transport.Run: it reads up to the first row, or to the end
// of a statement that has none, the commit included.
func (r *run) Wait(ctx context.Context) error {
	err := r.wait(ctx)
	r.c.endOf(r)
	return err
}

// wait is Wait, and goes on watching ctx for the caller.
func (r *run) wait(ctx context.Context) error {
	if r.row || r.finished.Load() {
		return r.failed()
	}
	if r.stale() {
		return transport.ErrClosed
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	r.c.begin(ctx)
	if r.asked.Load() {
		r.c.readUntil(time.Now().Add(r.c.pause))
	}
	for {
		ev, err := r.step()
		switch {
		case err != nil && isTimeout(err) && !r.finished.Load():
			if r.c.watch.fired.Load() {
				return ctx.Err()
			}
			r.again(ctx)
		case ev == gotRow:
			r.row = true
			return nil
		case ev == gotEnd:
			return r.failed()
		}
	}
}

// failed is the outcome of a run that has one.
func (r *run) failed() error {
	if !r.finished.Load() {
		return nil
	}
	return r.err
}

// stale reports that the session was given back while the run was under way.
func (r *run) stale() bool { return r.s.over.Load() && !r.finished.Load() }

// endOf ends the watch, unless the connection is another's by now.
func (c *conn) endOf(r *run) {
	if !r.s.over.Load() {
		c.end()
	}
}

// Result implements transport.Run.
func (r *run) Result(ctx context.Context) (transport.Result, error) {
	if err := r.wait(ctx); err != nil {
		r.c.endOf(r)
		return nil, err
	}
	if !r.finished.Load() && r.c.watch.stop == nil {
		r.c.begin(ctx) // an earlier Wait had a context of its own
	}
	return &result{r: r, ctx: ctx}, nil
}

// String names the run without its text.
func (r *run) String() string { return fmt.Sprintf("statement of %d bytes", len(r.sql)) }
