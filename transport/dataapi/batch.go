package dataapi

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata/types"

	"github.com/llm-dev-ops/redshift/transport"
)

// batch is one BatchExecuteStatement. The service runs its statements one
// after another in one transaction: after a failure nothing has taken effect.
type batch struct {
	run    *run // nil for a batch of nothing
	stmts  []transport.Statement
	subs   []types.SubStatementData
	loaded bool
	at     int // the next statement
	cur    *rows
	err    error
	closed bool
}

// Batch implements transport.Session. The statements share the label, token,
// group and time limit of the first.
func (x *session) Batch(ctx context.Context, stmts []transport.Statement) (transport.Batch, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := x.begin(); err != nil {
		return nil, err
	}
	if len(stmts) == 0 {
		x.started(nil)
		return &batch{loaded: true}, nil
	}
	r, err := x.startBatch(ctx, stmts)
	x.started(r)
	if err != nil {
		return nil, err
	}
	return &batch{run: r, stmts: stmts}, nil
}

func (x *session) startBatch(ctx context.Context, stmts []transport.Statement) (*run, error) {
	if len(stmts) > maxBatch {
		return nil, fmt.Errorf("the batch has %d statements, the Data API takes %d", len(stmts), maxBatch)
	}
	first := stmts[0]
	in := &redshiftdata.BatchExecuteStatementInput{
		ClientToken: token(first.Token), StatementName: optional(first.Label),
	}
	if len(first.Label) > maxLabel {
		return nil, fmt.Errorf("the label has %d bytes, the Data API takes %d", len(first.Label), maxLabel)
	}
	size := 0
	for i, stmt := range stmts {
		if stmt.QueryGroup != first.QueryGroup || stmt.Timeout != first.Timeout {
			return nil, fmt.Errorf("statement %d of the batch has another query group or time limit than the first", i+1)
		}
		// All statements share one set of names.
		sql, args, err := rewriteAs(fmt.Sprintf("s%dp", i+1), stmt.SQL, stmt.Params)
		if err != nil {
			return nil, fmt.Errorf("statement %d of the batch: %w", i+1, err)
		}
		size += len(sql)
		in.Sqls = append(in.Sqls, sql)
		in.Parameters = append(in.Parameters, parameters(args)...)
	}
	// That the bound is for all together is assumed.
	if size > maxStatement {
		return nil, fmt.Errorf("the batch has %d bytes, the Data API takes %d", size, maxStatement)
	}
	if err := x.settle(ctx, settings{first.QueryGroup, first.Timeout}); err != nil {
		return nil, err
	}
	cfg := x.s.cfg
	if id := x.serverSession(); id != "" {
		in.SessionId = &id
	} else {
		in.ClusterIdentifier, in.WorkgroupName = optional(cfg.Cluster), optional(cfg.Workgroup)
		in.Database, in.DbUser, in.SecretArn = &cfg.Database, optional(cfg.DbUser), optional(cfg.SecretARN)
		in.SessionKeepAliveSeconds = x.keepAlive()
	}
	out, sent, err := submitting(ctx, x.s, x.s.api.BatchExecuteStatement, in)
	if err != nil {
		return nil, x.failed(err, sent)
	}
	return x.accepted(ctx, &run{s: x.s, x: x, id: aws.ToString(out.Id), keep: first.Keep}, aws.ToString(out.SessionId))
}

// Next implements transport.Batch.
func (b *batch) Next(ctx context.Context) bool {
	if b.closed || b.err != nil {
		return false
	}
	if b.cur != nil {
		_ = b.cur.Close()
		failed := b.cur.err != nil
		b.cur = nil
		if failed {
			return false // those behind a failed statement did not run
		}
	}
	if !b.load(ctx) || b.at >= len(b.subs) || b.at >= len(b.stmts) {
		return false
	}
	sub := b.subs[b.at]
	status := types.StatusString(sub.Status)
	switch status {
	case types.StatusStringFinished:
		b.cur = &rows{
			ctx: ctx, s: b.run.s, id: aws.ToString(sub.Id),
			tag: commandTag(b.stmts[b.at].SQL, aws.ToBool(sub.HasResultSet), sub.ResultRows),
		}
		if aws.ToBool(sub.HasResultSet) {
			b.cur.err = b.cur.page()
		}
	case types.StatusStringFailed:
		b.cur = &rows{ctx: ctx, s: b.run.s, err: failure(status, aws.ToString(sub.Error))}
	default: // it was not reached
		b.err = b.whole()
		return false
	}
	b.at++
	return true
}

// load waits for the outcome of the batch.
func (b *batch) load(ctx context.Context) bool {
	if b.loaded {
		return true
	}
	err := b.run.Wait(ctx)
	if !b.run.over() {
		b.err = err
		return false
	}
	b.loaded = true
	b.subs = b.run.outcome().SubStatements
	for _, sub := range b.subs {
		if sub.Status == types.StatementStatusStringFailed {
			return true // the failure is that statement's
		}
	}
	if err != nil && len(b.subs) == 0 {
		b.err = err
		return false
	}
	return true
}

// whole is the failure of the batch as a whole.
func (b *batch) whole() error {
	out := b.run.outcome()
	return failure(out.Status, aws.ToString(out.Error))
}

// Result implements transport.Batch.
func (b *batch) Result() transport.Result {
	if b.cur == nil {
		return nil
	}
	return b.cur
}

// Err implements transport.Batch.
func (b *batch) Err() error { return b.err }

// Close implements transport.Batch. A batch whose outcome was never asked for
// is waited for; one that could not be waited for is cancelled.
func (b *batch) Close() error {
	if b.closed {
		return b.err
	}
	b.closed = true
	if b.cur != nil {
		_ = b.cur.Close()
	}
	if b.run == nil {
		return b.err
	}
	if b.err != nil && !b.run.over() {
		ctx, cancel := b.run.s.after(context.Background())
		defer cancel()
		_ = b.run.Cancel(ctx)
		_ = b.run.await(ctx)
	} else if !b.loaded {
		if err := b.run.await(context.Background()); !b.run.over() {
			b.err = err
		}
	}
	if b.run.over() {
		b.run.x.finish(b.run)
	}
	return b.err
}
