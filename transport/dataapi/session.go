package dataapi

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata/types"

	"github.com/llm-dev-ops/redshift/transport"
)

// session is a lease. It has a session of the service's only if it must hold
// state: when it was opened pinned, or from the first statement on that wants
// a query group or a time limit, which are settings of a session.
type session struct {
	s      *service
	pinned bool
	name   string
	began  time.Time

	mu            sync.Mutex
	serverSession        // its id is empty until there is one
	group         string // the last query group that the lease asked for
	reused        bool   // the server session is of an earlier lease, and untried
	pid           int
	starting      bool
	batching      bool // a batch is not finished
	cur           *run // the statement that is not finished
	tx            transport.SessionState
	broken        bool
	closed        bool

	setBefore settings // what it was told before the transaction
}

// State implements transport.Session. That a transaction is open is told by
// the statements that were run: the service does not say it.
func (x *session) State() transport.SessionState {
	x.mu.Lock()
	defer x.mu.Unlock()
	switch {
	case x.closed, x.broken:
		return transport.StateBroken
	case x.cur != nil, x.starting, x.batching:
		return transport.StateBusy
	}
	return x.tx
}

// Info implements transport.Session.
func (x *session) Info() transport.SessionInfo {
	x.mu.Lock()
	defer x.mu.Unlock()
	return transport.SessionInfo{ID: x.name, PID: x.pid, Created: x.began, LastUsed: x.lastUsed}
}

// begin reserves the session for one statement.
func (x *session) begin() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	switch {
	case x.closed:
		return transport.ErrClosed
	case x.broken:
		return &transport.LostError{Err: errors.New("the session is broken")}
	case x.cur != nil, x.starting, x.batching:
		return transport.ErrBusy
	}
	x.starting = true
	return nil
}

func (x *session) started(r *run) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.starting = false
	x.cur = r
}

// Start implements transport.Session.
func (x *session) Start(ctx context.Context, stmt transport.Statement) (transport.Run, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := x.begin(); err != nil {
		return nil, err
	}
	r, err := x.start(ctx, stmt)
	x.started(r)
	if err != nil {
		return nil, err
	}
	return r, nil
}

func (x *session) start(ctx context.Context, stmt transport.Statement) (*run, error) {
	sql, args, err := sendable("p", stmt)
	if err != nil {
		return nil, err
	}
	return x.settled(ctx, stmt, func() (*run, error) { return x.submit(ctx, stmt, sql, args, false) })
}

// sendable is the text and the parameters of a statement, within the service's
// bounds.
func sendable(prefix string, stmt transport.Statement) (string, []named, error) {
	sql, args, err := rewrite(prefix, stmt.SQL, stmt.Params)
	switch {
	case err != nil:
		return "", nil, err
	case len(sql) > maxStatement:
		return "", nil, fmt.Errorf("the statement has %d bytes, the Data API takes %d: bring data with COPY from S3 (bulk.Load), or use the wire", len(sql), maxStatement)
	case len(stmt.Label) > maxLabel:
		return "", nil, fmt.Errorf("the label has %d bytes, the Data API takes %d", len(stmt.Label), maxLabel)
	}
	return sql, args, nil
}

// settled submits when the session's settings are the statement's, in another server
// session if that of an earlier lease is gone.
func (x *session) settled(ctx context.Context, stmt transport.Statement, submit func() (*run, error)) (*run, error) {
	for {
		err := x.settle(ctx, settings{stmt.QueryGroup, max(stmt.Timeout, 0)})
		if err == nil {
			var r *run
			if r, err = submit(); err == nil {
				return r, nil
			}
		}
		if !x.renew(err) {
			return nil, err
		}
	}
}

// renew takes another server session if the one of an earlier lease has turned
// out to be gone before anything was done in this one.
func (x *session) renew(err error) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	var lost *transport.LostError
	if !x.reused || !x.broken || !errors.As(err, &lost) || lost.Sent {
		return false
	}
	x.s.lose()
	x.serverSession, x.reused, x.broken = serverSession{}, false, false
	return true
}

// submit sends one statement; own says that it is the transport's.
func (x *session) submit(ctx context.Context, stmt transport.Statement, sql string, args []named, own bool) (*run, error) {
	cfg := x.s.cfg
	in := &redshiftdata.ExecuteStatementInput{
		Sql: &sql, Parameters: parameters(args),
		ClientToken: token(stmt.Token), StatementName: optional(stmt.Label),
	}
	if !own && (cfg.Results == ResultsCSV || cfg.Results == ResultsAuto && stmt.Large) {
		in.ResultFormat = types.ResultFormatStringCsv
	}
	if cfg.WithEvent && !own {
		in.WithEvent = aws.Bool(true)
	}
	if id := x.serverID(); id != "" {
		// The service refuses a session together with what it was made of.
		in.SessionId = &id
	} else {
		in.ClusterIdentifier, in.WorkgroupName = optional(cfg.Cluster), optional(cfg.Workgroup)
		in.Database, in.DbUser, in.SecretArn = &cfg.Database, optional(cfg.DbUser), optional(cfg.SecretARN)
		in.SessionKeepAliveSeconds = x.keepAlive()
	}
	if !own { // those are short, and must not wait
		if err := x.s.crowd.enter(ctx, x.s); err != nil {
			return nil, err
		}
	}
	out, sent, err := submitting(ctx, x.s, x.s.api.ExecuteStatement, in)
	if err != nil {
		if !own {
			x.s.crowd.giveUp()
		}
		return nil, x.failed(err, sent)
	}
	return x.accepted(ctx, &run{
		s: x.s, x: x, id: aws.ToString(out.Id), sql: stmt.SQL, keep: stmt.Keep, own: own, moved: sql != stmt.SQL,
		leaves: !own && leavesState(stmt.SQL), csv: in.ResultFormat == types.ResultFormatStringCsv,
	}, aws.ToString(out.SessionId))
}

// keepAlive is nil for a session that holds nothing.
func (x *session) keepAlive() *int32 {
	x.mu.Lock()
	defer x.mu.Unlock()
	if !x.pinned && x.set == (settings{}) {
		return nil
	}
	return aws.Int32(int32(x.s.cfg.KeepAlive / time.Second)) // at most 86400
}

func (x *session) serverID() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.id
}

// failed gives the error of a statement that was not accepted, and notes what
// it says of the session.
func (x *session) failed(err error, sent bool) error {
	err = x.s.submitError(err, sent)
	var lost *transport.LostError
	if errors.As(err, &lost) && (lost.Sent || !throttled[code(err)]) {
		x.mu.Lock()
		x.broken = x.broken || x.id != ""
		x.mu.Unlock()
	}
	return err
}

// accepted makes r the session's statement. If ctx ended while it was being
// sent, the statement is stopped again, as its caller gets no handle.
func (x *session) accepted(ctx context.Context, r *run, id string) (*run, error) {
	x.mu.Lock()
	if id != "" && x.id == "" && (x.pinned || x.set != (settings{})) {
		x.id, x.created = id, time.Now()
		x.s.mu.Lock()
		x.s.stats.Created++
		x.s.mu.Unlock()
	}
	if !r.own {
		x.s.crowd.add(r)
	}
	x.reused = false
	x.dirty = x.dirty || r.leaves
	x.mu.Unlock()
	if ctx.Err() == nil {
		return r, nil
	}
	done, cancel := x.s.after(ctx)
	defer cancel()
	err := r.Cancel(done)
	if err == nil {
		err = r.Wait(done)
	}
	if r.over() && err != nil {
		return nil, ctx.Err() // it was stopped, or failed by itself
	}
	if !r.over() {
		x.mu.Lock()
		x.broken = true
		x.mu.Unlock()
	}
	return nil, &transport.LostError{Sent: true, Err: ctx.Err()}
}

// finish ends the lease of the session to r.
func (x *session) finish(r *run) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.cur == r {
		x.cur = nil
		x.lastUsed = time.Now()
	}
}

// ended notes what the outcome of r means for the session.
func (x *session) ended(r *run, pid int64, ok bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.lastUsed = time.Now()
	if !ok && x.cur == r {
		x.cur = nil // there is no result to be read
	}
	if x.id == "" {
		return
	}
	x.pid = int(pid)
	was := x.tx
	x.tx = after(was, r.sql, ok)
	switch {
	case was == transport.StateFailedTx && x.tx == transport.StateIdle && ok && !rollsBack(r.sql):
		r.undone.Store(true)
		x.set, x.group = x.setBefore, x.setBefore.group
	case was == transport.StateIdle && x.tx == transport.StateInTx:
		x.setBefore = x.set
	case was != transport.StateIdle && x.tx == transport.StateIdle && (was == transport.StateFailedTx || !ok || rollsBack(r.sql)):
		x.set, x.group = x.setBefore, x.setBefore.group // as in PostgreSQL, SET ends with its transaction: assumed
	}
}

// Close implements transport.Session. A statement that is not finished is
// cancelled, unless it was started with Keep, and an open transaction is
// rolled back, because the service cannot be told to end a session.
func (x *session) Close(ctx context.Context, reuse transport.Reuse) error {
	x.mu.Lock()
	if x.closed {
		x.mu.Unlock()
		return nil
	}
	x.closed = true
	cur := x.cur
	x.mu.Unlock()
	ctx, cancel := x.s.after(ctx)
	defer cancel()
	err := x.windUp(ctx, cur)
	x.release(err == nil && reuse == transport.Keep && (cur == nil || cur.over()))
	return err
}

// windUp ends what the session is in the middle of.
func (x *session) windUp(ctx context.Context, cur *run) error {
	if cur != nil && !cur.keep {
		cur.closed.Store(true)
		if !cur.over() {
			if err := cur.Cancel(ctx); err != nil {
				return err
			}
			if err := cur.await(ctx); err != nil && !cur.over() {
				return err
			}
		}
	}
	free := cur == nil || cur.over()
	x.mu.Lock()
	open := free && !x.broken && x.id != "" && x.tx != transport.StateIdle
	x.mu.Unlock()
	if !open {
		return nil
	}
	r, err := x.submit(ctx, transport.Statement{SQL: "ROLLBACK"}, "ROLLBACK", nil, true)
	if err != nil {
		return err
	}
	return r.await(ctx)
}

// release ends the lease, and keeps the server session if it is clean.
func (x *session) release(clean bool) {
	x.mu.Lock()
	had, server := x.id != "", x.serverSession
	clean = clean && had && !x.broken && !x.dirty && x.tx == transport.StateIdle
	x.mu.Unlock()
	if clean {
		x.s.giveBack(server)
	}
	x.s.release(x, had && !clean)
}

// token is the client token of a statement: the caller's, which must survive
// the service's bound, or a random one, so that a call can be repeated.
func token(t string) *string {
	switch {
	case t == "":
		t = rand.Text()
	case len(t) > maxToken:
		sum := sha256.Sum256([]byte(t))
		t = hex.EncodeToString(sum[:])
	}
	return &t
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func parameters(args []named) []types.SqlParameter {
	if len(args) == 0 {
		return nil
	}
	out := make([]types.SqlParameter, len(args))
	for i := range args {
		out[i] = types.SqlParameter{Name: &args[i].name, Value: &args[i].value}
	}
	return out
}
