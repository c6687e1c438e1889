package session

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/llm-dev-ops/redshift/emulator/internal/event"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/fingerprint"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/redact"
)

// run is one execution of a statement in the event record.
type run struct {
	backend *backend
	text    string
	ast     ast.Stmt
	id      int64
	handle  event.Handle[event.Statement]
	end     func()
	over    bool
	// startXID is the transaction in which it began.
	startXID int64
	// table is what the statement writes, for error 1023.
	table int64
	// bytes are of the rows that went to the client.
	bytes int64
}

// knownText is what the record keeps of the last text, so that one that comes again
// is not read twice more.
type knownText struct {
	text, recorded string
	fingerprint    uint64
}

// child notes the CALL that a statement belongs to.
func (r *run) child(caller int64) {
	r.handle.Change(func(s *event.Statement) { s.Caller = caller })
}

// record begins the record of an execution.
func (b *backend) record(s *statement) *run {
	label := b.get("query_group")
	if label == "unset" {
		label = ""
	}
	if b.known.text != s.text || b.known.recorded == "" {
		b.known = knownText{s.text, recorded(s.text), fingerprint.Hash(s.text)}
		if b.known.recorded != s.text {
			b.known.text = "" // it has a secret, or is too long to be kept
		}
	}
	r := &run{backend: b, text: s.text, ast: s.ast, startXID: b.tx.xid}
	r.id, r.handle = b.core.cfg.Log.Begin(event.Statement{
		Session: b.who(), XID: b.tx.xid, Label: label, Text: b.known.recorded,
		Type: queryType(s.ast), Family: family(s.ast), Status: event.Running,
		Planning: s.planning, Fingerprint: b.known.fingerprint, Superuser: b.current(b.snapshot()).Superuser,
	})
	b.last = lastRun{}
	return r
}

func (r *run) xid(xid int64) { r.handle.Change(func(s *event.Statement) { s.XID = xid }) }

func (r *run) waited(d time.Duration) {
	r.handle.Change(func(s *event.Statement) { s.LockWait += d })
}

// succeeded records the outcome.
func (r *run) succeeded(rows int64) {
	if r.over {
		return
	}
	r.over = true
	r.end()
	_ = r.backend.meet(context.Background(), true) // the values were checked
	r.backend.core.cfg.Log.End(r.handle, event.Success, func(s *event.Statement) { s.Rows, s.Bytes = rows, r.bytes })
	r.backend.last.rows = rows
	if family(r.ast) == event.Query {
		r.backend.lastQueryID = r.id
		r.backend.last.query = r.id
	}
}

// failed records the failure, fails the transaction and gives the error as the
// client is told it.
func (r *run) failed(ctx context.Context, err error) error {
	e := asError(ctx, err, r.text, r.id)
	if e.Message == "1023" && e.Detail == violation && r.table != 0 {
		e.Detail = cycleDetail(r.table, []int64{r.backend.tx.xid}, r.backend.pid)
	}
	if r.over {
		return e
	}
	r.over = true
	r.end()
	_ = r.backend.meet(ctx, false) // it sets nothing
	outcome := event.Failed
	if e.State == "57014" {
		outcome = event.Canceled
	}
	r.backend.core.cfg.Log.End(r.handle, outcome, func(s *event.Statement) { s.SQLState, s.Message = e.State, e.Message })
	r.backend.fail(ctx)
	return e
}

// maxText bounds what is kept of a statement's text, in bytes: about what the
// 200-byte chunks of STL_QUERYTEXT hold of one. The record has many statements,
// and one may have 16 MB.
const maxText = 1 << 16

// recorded is a statement's text as the record keeps it.
func recorded(text string) string {
	text = redact.SQL(text)
	if len(text) <= maxText {
		return text
	}
	end := maxText
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return strings.Clone(text[:end])
}
