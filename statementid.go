package redshift

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"strconv"
	"strings"
	"time"
)

// The comment before a statement by which it is found again on the server. It is
// the first thing of the text, because STV_INFLIGHT keeps 100 bytes of a statement,
// STL_QUERYTEXT 200 in its first row, STV_RECENTS 600 and SYS_QUERY_HISTORY 4000. It
// is a block comment, as line comments are taken out of texts by tools that read
// audit logs, and has no colon, which the Data API could take for a parameter's.
// That all views keep a leading comment is assumed: dbt relies on it.
const (
	idBegin  = "/* redshift-id="
	idEnd    = " */"
	maxIDLen = 64 // also the most that the Data API's ClientToken may have
)

// idDigits are 0-9 and letters without i, l, o and u, in the order of bytes.
var idDigits = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// NewID makes an id for Query.ID: 26 digits and small letters, of which the first
// ten are the time in milliseconds, so that later ids sort behind, and the rest is
// random.
func NewID() string {
	var b [16]byte
	// The time fills the first 50 of 130 bits, the last two being padding.
	binary.BigEndian.PutUint64(b[:], uint64(time.Now().UnixMilli())<<16) // positive until the year 10889
	_, _ = rand.Read(b[6:])                                              // it never fails
	return idDigits.EncodeToString(b[:])
}

// checkID is an ErrUsage for what cannot stand in the comment.
func checkID(id string) error {
	if id == "" || len(id) > maxIDLen {
		return usage("the id of a statement has 1 to %d characters, not %d", maxIDLen, len(id))
	}
	for i := range len(id) {
		switch c := id[i]; {
		case c >= '0' && c <= '9', c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '-', c == '.', c == '_':
		default:
			return usage("the id of a statement has letters, digits and - . _ only; character %d is none of them", i+1)
		}
	}
	return nil
}

func idComment(id string) string { return idBegin + id + idEnd }

// identified is sql with the comment of id before it.
func identified(id, sql string) string { return idComment(id) + " " + sql }

// idShift is how many characters identified puts before a text.
func idShift(id string) int {
	if id == "" {
		return 0
	}
	return len(identified(id, ""))
}

// idOf reads the id from a text of the server's views, "" for none.
func idOf(text string) string {
	rest, ok := strings.CutPrefix(text, idBegin)
	if !ok {
		return ""
	}
	id, _, ok := strings.Cut(rest, idEnd)
	if !ok || checkID(id) != nil {
		return ""
	}
	return id
}

// JobState is how far a statement is.
type JobState string

// The states of a statement.
const (
	// JobUnknown: the server does not show it. It may never have come, be older
	// than the views keep (seven days), belong to another user, or not be in the
	// views yet, which are written some seconds late.
	JobUnknown JobState = "unknown"
	// JobSubmitted: the Data API has it.
	JobSubmitted JobState = "submitted"
	// JobQueued: the server is planning it, or it waits in a queue.
	JobQueued JobState = "queued"
	// JobRunning: it runs, or its rows are being returned.
	JobRunning JobState = "running"
	// JobCompleted: it has succeeded. Where it was in a transaction, that may
	// still be rolled back.
	JobCompleted JobState = "completed"
	// JobFailed: it has failed, and nothing of it stays.
	JobFailed JobState = "failed"
	// JobCancelled: it was cancelled, and nothing of it stays.
	JobCancelled JobState = "cancelled"
)

// Ended reports an outcome, which does not change any more.
func (s JobState) Ended() bool { return s == JobCompleted || s == JobFailed || s == JobCancelled }

// Outcome is what the server's views tell of a statement.
type Outcome struct {
	// ID is the statement's own.
	ID    string
	State JobState
	// QueryID is the server's number of the query, PID that of its session and
	// XID that of its transaction; 0 where the view does not tell.
	QueryID int64
	PID     int
	XID     int64
	// Rows is the number of rows returned, -1 where the view does not tell. What a
	// COPY or an INSERT has written is not said here.
	Rows int64
	// Message is that of a failure, cut to 512 bytes.
	Message string
	// Started and Ended are the server's times, in UTC; zero where not said.
	Started, Ended time.Time
	// Source is the view that was believed, "" for JobUnknown.
	Source string
}

// Outcome asks what became of the statement that was sent with Query.ID, by this
// process or by another, of the same user. It needs a session of its own.
//
// What the views prove (the first that shows the statement is believed):
//   - SYS_QUERY_HISTORY, on clusters and workgroups: every state. Success is that
//     of the statement; whether its transaction was committed, only
//     SYS_TRANSACTION_HISTORY tells, which is the superusers'.
//   - STL_QUERY, on clusters: that a statement has ended, and whether it was
//     aborted, which is JobFailed also for one that was cancelled. DDL is not in it.
//   - STV_INFLIGHT and STV_RECENTS, on clusters: that a statement was running a
//     moment ago. STV_RECENTS has no transaction.
//
// None of them proves that a statement never came: see JobUnknown. Where several
// statements have one id, one that has succeeded is told of before one that runs, and
// that before the last of those that have failed.
func (c *Client) Outcome(ctx context.Context, id string) (Outcome, error) {
	return outcomeOf(ctx, c.Execute, id)
}

// outcomeOf is Client.Outcome on a session that run stands for.
func outcomeOf(ctx context.Context, run execute, id string) (Outcome, error) {
	best := Outcome{ID: id, State: JobUnknown, Rows: -1}
	if err := checkID(id); err != nil {
		return best, err
	}
	seen, err := sightings(ctx, run, idFilter{id: id})
	for _, o := range seen { // the last comes first
		if rank[o.State] > rank[best.State] {
			best = o
		}
	}
	return best, err
}

var rank = map[JobState]int{JobCompleted: 3, JobRunning: 2, JobQueued: 2, JobFailed: 1, JobCancelled: 1}

// idFilter says which statements are looked for.
type idFilter struct {
	id    string // "" for every one that has an id
	since time.Time
	limit int // 0 for 100
}

// sightView is a view that shows statements. Its columns are, in this order: text,
// state, query, pid, xid, rows, message, start, end.
type sightView struct{ name, text, start, columns, where string }

var sightViews = []sightView{
	{
		"sys_query_history", "query_text", "start_time",
		"status, query_id, session_id, transaction_id, returned_rows, error_message, start_time, end_time", "",
	},
	{
		"stl_query", "querytxt", "starttime",
		"case when aborted = 0 then 'success' else 'failed' end, query, pid, xid, -1, '', starttime, endtime", "",
	},
	{
		"stv_inflight", "text", "starttime",
		"'running', query, pid, xid, -1, '', starttime, null::timestamp", "",
	},
	{
		"stv_recents", "query", "starttime",
		"'running', 0, pid, 0, -1, '', starttime, null::timestamp", "status = 'Running'",
	},
}

// sightStates are the words of SYS_QUERY_HISTORY.status.
var sightStates = map[string]JobState{
	"planning": JobQueued, "queued": JobQueued, "running": JobRunning, "returning": JobRunning,
	"success": JobCompleted, "failed": JobFailed, "canceled": JobCancelled,
}

// sightings are the statements of a filter in the first view that has any, the last
// first. A view that this user or this server does not have is passed over.
func sightings(ctx context.Context, run execute, f idFilter) ([]Outcome, error) {
	for _, v := range sightViews {
		res, err := run(ctx, SQL(v.query(f)))
		if err != nil && refused(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		var found []Outcome
		for _, row := range res.Rows {
			o, err := scanSighting(row)
			if err != nil {
				return nil, err
			}
			if o.Source = v.name; o.ID != "" {
				found = append(found, o)
			}
		}
		if len(found) > 0 {
			return found, nil
		}
	}
	return nil, nil
}

// query begins with its own word, so it never finds itself.
func (v sightView) query(f idFilter) string {
	begin := idBegin
	if f.id != "" {
		begin = idComment(f.id)
	}
	var b strings.Builder
	b.WriteString("select left(" + v.text + ", 100), " + v.columns + " from " + v.name)
	b.WriteString(" where left(" + v.text + ", " + strconv.Itoa(len(begin)) + ") = '" + begin + "'")
	if v.where != "" {
		b.WriteString(" and " + v.where)
	}
	if !f.since.IsZero() {
		b.WriteString(" and " + v.start + " >= '" + f.since.UTC().Format("2006-01-02 15:04:05.999999") + "'")
	}
	if f.limit == 0 {
		f.limit = 100
	}
	b.WriteString(" order by " + v.start + " desc limit " + strconv.Itoa(f.limit))
	return b.String()
}

func scanSighting(row Row) (Outcome, error) {
	var (
		text, state, message  *string
		query, pid, xid, rows *int64
		start, end            *Timestamp
	)
	if err := row.Scan(&text, &state, &query, &pid, &xid, &rows, &message, &start, &end); err != nil {
		return Outcome{}, err
	}
	o := Outcome{
		ID: idOf(zero(text)), State: sightStates[strings.TrimSpace(zero(state))],
		QueryID: zero(query), PID: int(zero(pid)), XID: zero(xid), Rows: -1,
		Message: strings.TrimSpace(zero(message)), Started: zero(start).Time, Ended: zero(end).Time,
	}
	if o.State == "" {
		o.State = JobRunning // a word that is new to us is no outcome
	}
	if rows != nil && o.State == JobCompleted {
		o.Rows = *rows
	}
	if !o.State.Ended() {
		o.Ended = time.Time{}
	}
	return o, nil
}
