package dataapi

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata/types"

	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
	"github.com/llm-dev-ops/redshift/transport"
)

// batch is statements that go to the service in calls of at most 40. The next call
// is made when the results of the one before have been passed.
//
// Outside a transaction a call is one of BatchExecuteStatement in its mode
// AUTO_COMMIT, so that each statement stands alone; inside, and where statements
// begin or end a transaction, every statement is a call of its own. What became of
// each is in the sub-statements of DescribeStatement.
type batch struct {
	x      *session
	ctx    context.Context // of Batch; it bounds Close, which has none
	rest   []transport.Statement
	serial bool
	tx     bool // one transaction

	run    *run                  // the call under way, or whose results are given
	part   []transport.Statement // its statements
	subs   []sub
	at     int // the next of subs
	cur    transport.Result
	err    error
	waited bool // err is of a wait that gave up
	closed bool
}

// sub is what became of one statement.
type sub struct {
	id   string
	tag  string
	rows bool
	err  error
}

var _ transport.TxBatcher = (*session)(nil)

const (
	autoCommit  = "AUTO_COMMIT"
	transaction = "TRANSACTION"
)

// Batch implements transport.Session.
func (x *session) Batch(ctx context.Context, stmts []transport.Statement) (transport.Batch, error) {
	return x.batch(ctx, stmts, false)
}

// BatchTx implements transport.TxBatcher.
func (x *session) BatchTx(ctx context.Context, stmts []transport.Statement) (transport.Batch, error) {
	if len(stmts) > maxBatch {
		return nil, unsupported(fmt.Sprintf("BatchTx of %d statements", len(stmts)), "give it 40 at most, or begin a transaction in a session")
	}
	for _, stmt := range stmts[min(1, len(stmts)):] {
		if stmt.QueryGroup != stmts[0].QueryGroup || stmt.Timeout != stmts[0].Timeout {
			return nil, unsupported("BatchTx of statements with different query groups or time limits", "give all of them the same, or begin a transaction in a session")
		}
	}
	if slices.ContainsFunc(stmts, controls) {
		return nil, unsupported("BatchTx of statements that begin or end a transaction", "leave BEGIN, COMMIT and ROLLBACK out")
	}
	return x.batch(ctx, stmts, true)
}

func (x *session) batch(ctx context.Context, stmts []transport.Statement, tx bool) (transport.Batch, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	rest := slices.Clone(stmts)
	for i, stmt := range rest {
		p, ok := stmt.Prepared.(*prepared)
		if ok && (p.closed || p.x != x) {
			return nil, transport.ErrClosed
		}
		if ok {
			rest[i].Params = p.typed(stmt.Params)
		}
		if _, _, err := sendable("p", rest[i]); err != nil {
			return nil, err
		}
	}
	if err := x.begin(); err != nil {
		return nil, err
	}
	x.mu.Lock()
	x.starting, x.batching = false, true
	inTx := x.tx != transport.StateIdle
	x.mu.Unlock()
	b := &batch{x: x, ctx: ctx, rest: rest, tx: tx}
	if tx && inTx {
		b.end()
		return nil, unsupported("BatchTx in a transaction", "end it first")
	}
	x.s.mu.Lock()
	b.serial = !tx && (inTx || x.s.oneTx || slices.ContainsFunc(stmts, controls))
	x.s.mu.Unlock()
	if len(rest) == 0 {
		b.end()
		return b, nil
	}
	if err := b.send(ctx); err != nil {
		b.end()
		return nil, err
	}
	return b, nil
}

// controls reports a statement that begins or ends a transaction.
func controls(stmt transport.Statement) bool {
	switch lex.FirstKeyword(stmt.SQL) {
	case "begin", "start", "commit", "end", "rollback", "abort":
		return true
	}
	return false
}

// send makes the next call.
func (b *batch) send(ctx context.Context) error {
	n := b.chunk()
	b.part, b.subs, b.at = b.rest[:n], nil, 0
	var err error
	if b.serial {
		b.run, err = b.x.start(ctx, b.part[0])
	} else {
		b.run, err = b.x.submitBatch(ctx, b.part, b.tx)
	}
	if err != nil {
		b.run = nil
		return err
	}
	b.rest = b.rest[n:]
	b.x.mu.Lock()
	defer b.x.mu.Unlock()
	if b.x.cur = b.run; b.x.closed {
		return transport.ErrClosed
	}
	return nil
}

// chunk is how many statements the next call takes: of the same settings, and not
// more bytes together than one statement may have, as it is not said of which of
// them the bound is.
func (b *batch) chunk() int {
	if b.serial {
		return 1
	}
	first, size := b.rest[0], 0
	for i, stmt := range b.rest {
		size += len(stmt.SQL)
		for _, p := range stmt.Params {
			size += len(p.Value) + 40 // the cast
		}
		if !b.tx && i > 0 && (i == maxBatch || size > maxStatement || stmt.QueryGroup != first.QueryGroup || stmt.Timeout != first.Timeout) {
			return i
		}
	}
	return len(b.rest)
}

// submitBatch sends several statements in one call.
func (x *session) submitBatch(ctx context.Context, stmts []transport.Statement, tx bool) (*run, error) {
	once, leaves := "", false
	if tx {
		once = stmts[0].Token
	}
	in := &redshiftdata.BatchExecuteStatementInput{ClientToken: token(once)}
	for i, stmt := range stmts {
		sql, args, err := sendable("s"+strconv.Itoa(i+1)+"p", stmt)
		if err != nil {
			return nil, err
		}
		in.Sqls = append(in.Sqls, sql)
		in.Parameters = append(in.Parameters, parameters(args)...)
		leaves = leaves || leavesState(stmt.SQL)
		if in.StatementName == nil {
			in.StatementName = optional(stmt.Label)
		}
	}
	cfg, mode := x.s.cfg, autoCommit
	if tx {
		mode = transaction
	}
	if cfg.WithEvent {
		in.WithEvent = aws.Bool(true)
	}
	op := with(x.s.api.BatchExecuteStatement, member("ExecutionMode", mode))
	return x.settled(ctx, stmts[0], func() (*run, error) {
		in.SessionId, in.SessionKeepAliveSeconds = optional(x.serverID()), nil
		in.ClusterIdentifier, in.WorkgroupName, in.Database, in.DbUser, in.SecretArn = nil, nil, nil, nil, nil
		if in.SessionId == nil {
			in.ClusterIdentifier, in.WorkgroupName = optional(cfg.Cluster), optional(cfg.Workgroup)
			in.Database, in.DbUser, in.SecretArn = &cfg.Database, optional(cfg.DbUser), optional(cfg.SecretARN)
			in.SessionKeepAliveSeconds = x.keepAlive()
		}
		if err := x.s.crowd.enter(ctx, x.s); err != nil {
			return nil, err
		}
		out, sent, err := submitting(ctx, x.s, op, in)
		if err != nil {
			x.s.crowd.giveUp()
			return nil, x.failed(err, sent)
		}
		r := &run{s: x.s, x: x, id: aws.ToString(out.Id), batch: true, leaves: leaves}
		return x.accepted(ctx, r, aws.ToString(out.SessionId))
	})
}

// Next implements transport.Batch.
func (b *batch) Next(ctx context.Context) bool {
	if b.closed || b.err != nil {
		return false
	}
	if b.cur != nil {
		_ = b.cur.Close()
		b.cur = nil
	}
	if !b.ready(ctx) {
		return false
	}
	s := b.subs[b.at]
	b.at++
	if s.err == nil && s.rows {
		res := &rows{ctx: ctx, s: b.x.s, id: s.id, tag: s.tag, csv: b.run.csv}
		if err := res.page(); err != nil {
			res.err = err
		}
		b.cur = res
		return true
	}
	b.cur = &rows{ctx: ctx, s: b.x.s, id: s.id, tag: s.tag, err: s.err}
	return true
}

// ready makes calls until there is an outcome to give.
func (b *batch) ready(ctx context.Context) bool {
	for b.at == len(b.subs) {
		if b.subs != nil || b.run == nil {
			if len(b.rest) == 0 {
				b.end()
				return false
			}
			if err := b.send(ctx); err != nil {
				b.err = err
				b.end()
				return false
			}
		}
		err := b.run.await(ctx)
		if !b.run.over() {
			b.err, b.waited = err, ctx.Err() != nil
			if !b.waited {
				b.spoil()
			}
			return false
		}
		b.x.finish(b.run)
		b.settle(err)
	}
	return true
}

// spoil ends the batch in the middle of a call whose outcome is not known.
func (b *batch) spoil() {
	b.x.mu.Lock()
	b.x.broken = b.x.broken || b.x.id != ""
	b.x.mu.Unlock()
	b.x.finish(b.run)
	b.end()
}

// settle notes what became of the statements of a call that is over; failed is its
// failure.
func (b *batch) settle(failed error) {
	out := b.run.outcome()
	if b.serial {
		tag := commandTag(b.part[0].SQL, aws.ToBool(out.HasResultSet), out.ResultRows)
		if b.run.undone.Load() {
			tag = "ROLLBACK"
		}
		b.subs = []sub{{b.run.id, tag, aws.ToBool(out.HasResultSet), failed}}
		return
	}
	whole := withoutNumber(failed)
	if len(out.SubStatements) == 0 { // none of them has begun
		for range b.part {
			b.subs = append(b.subs, sub{err: whole})
		}
		return
	}
	b.subs = []sub{}
	for i, st := range out.SubStatements[:min(len(out.SubStatements), len(b.part))] {
		stmt := b.part[i]
		s := sub{id: aws.ToString(st.Id), rows: aws.ToBool(st.HasResultSet)}
		s.tag = commandTag(stmt.SQL, s.rows, st.ResultRows)
		switch {
		case st.Status == types.StatementStatusStringFailed:
			s.err = subError(aws.ToString(st.Error), stmt)
		case st.Status != types.StatementStatusStringFinished:
			s.err = whole
		case b.tx && failed != nil:
			s.rows = false // rolled back
		}
		b.subs = append(b.subs, s)
	}
	if failed == nil || out.Status == types.StatusStringAborted || fatal(whole) {
		return
	}
	first := slices.IndexFunc(b.subs, func(s sub) bool { return s.err != nil })
	switch {
	case b.tx && first < 0: // the commit has failed
		b.subs[len(b.subs)-1].err = whole
	case b.tx:
		for i := range b.subs[first+1:] {
			b.subs[first+1+i].err = &transport.ServerError{
				Severity: "ERROR", SQLState: "25P02",
				Message: "current transaction is aborted, commands ignored until end of transaction block",
			}
		}
	case b.run.mode != autoCommit:
		// One that does not know the mode has made one transaction of the
		// statements, of which nothing is left. They are run again, alone.
		b.x.s.mu.Lock()
		b.x.s.oneTx = true
		b.x.s.mu.Unlock()
		b.serial, b.rest, b.subs = true, slices.Concat(b.part, b.rest), []sub{}
	default:
		// That a failure ends the call is not said: what has not begun is sent
		// again.
		if n := slices.IndexFunc(out.SubStatements, func(st types.SubStatementData) bool {
			return st.Status == types.StatementStatusStringAborted || st.Status == types.StatementStatusStringSubmitted || st.Status == types.StatementStatusStringPicked
		}); n > 0 && n < len(b.subs) {
			b.rest, b.subs = slices.Concat(b.part[n:], b.rest), b.subs[:n]
		}
	}
}

func fatal(err error) bool {
	var server *transport.ServerError
	return errors.As(err, &server) && server.Severity == "FATAL"
}

// subError is the failure of one statement.
func subError(text string, stmt transport.Statement) error {
	e := serverError(text)
	if len(stmt.Params) > 0 {
		e.Position = 0 // what was sent has other positions
	}
	return e
}

// withoutNumber is the failure of a batch without the words before it that say which
// statement has failed (that they are so is assumed).
func withoutNumber(err error) error {
	var server *transport.ServerError
	if !errors.As(err, &server) || !strings.HasPrefix(server.Message, "Query #") {
		return err
	}
	number, text, ok := strings.Cut(strings.TrimPrefix(server.Message, "Query #"), " failed with ")
	if _, err := strconv.Atoi(number); err != nil || !ok {
		return server
	}
	e := serverError(text)
	e.Detail, e.Hint, e.Where = server.Detail, server.Hint, server.Where
	return e
}

// end frees the session.
func (b *batch) end() {
	b.x.mu.Lock()
	defer b.x.mu.Unlock()
	b.x.batching = false
}

// Result implements transport.Batch.
func (b *batch) Result() transport.Result { return b.cur }

// Err implements transport.Batch.
func (b *batch) Err() error { return b.err }

// Close implements transport.Batch. It runs what is left until Batch's context
// ends, and cancels the call that is under way then.
func (b *batch) Close() error {
	if b.closed {
		return b.err
	}
	if b.cur != nil {
		_ = b.cur.Close()
	}
	if b.waited {
		b.err, b.waited = nil, false // the statements go on
	}
	for b.err == nil && b.ready(b.ctx) {
		b.at = len(b.subs) // nobody reads them
	}
	if b.waited {
		b.stop()
	}
	b.closed = true
	b.end()
	return b.err
}

// stop cancels the call under way.
func (b *batch) stop() {
	ctx, cancel := b.x.s.after(b.ctx)
	defer cancel()
	err := b.run.Cancel(ctx)
	if err == nil {
		err = b.run.await(ctx)
	}
	switch {
	case !b.run.over():
		b.err = &transport.LostError{Sent: true, Err: errors.Join(b.err, err)}
		b.spoil()
	case err == nil: // it was too late
		b.err = &transport.LostError{Sent: true, Err: b.err}
	}
	b.x.finish(b.run)
}
