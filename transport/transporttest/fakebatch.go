package transporttest

import (
	"context"

	"github.com/llm-dev-ops/redshift/transport"
)

// Batch implements transport.Session: the statements are started one by one,
// each when the one before is read.
func (s *fakeSession) Batch(ctx context.Context, stmts []transport.Statement) (transport.Batch, error) {
	if !s.f.caps.Batch {
		return nil, s.f.unsupported("Batch")
	}
	if err := s.usable(ctx); err != nil {
		return nil, err
	}
	return &fakeBatch{s: s, rest: stmts}, nil
}

type fakeBatch struct {
	s      *fakeSession
	rest   []transport.Statement
	res    transport.Result
	err    error
	closed bool
}

func (b *fakeBatch) Next(ctx context.Context) bool {
	if b.res != nil {
		_ = b.res.Close()
		b.res = nil
	}
	if b.closed || b.err != nil || len(b.rest) == 0 {
		return false
	}
	stmt := b.rest[0]
	b.rest = b.rest[1:]
	run, err := b.s.Start(ctx, stmt)
	if err != nil {
		b.err = err
		return false
	}
	if b.res, err = run.Result(ctx); err != nil {
		b.res = &failedResult{err: err}
	}
	return true
}

func (b *fakeBatch) Result() transport.Result { return b.res }
func (b *fakeBatch) Err() error               { return b.err }

func (b *fakeBatch) Close() error {
	for !b.closed && b.Next(context.Background()) { // Next closes what it passes
	}
	b.closed = true
	return b.err
}

// failedResult is the result of a statement of a batch that has failed.
type failedResult struct{ err error }

func (r *failedResult) Columns() []transport.Column { return nil }
func (r *failedResult) Next() bool                  { return false }
func (r *failedResult) Raw() [][]byte               { return nil }
func (r *failedResult) Format(int) transport.Format { return transport.Text }
func (r *failedResult) Tag() string                 { return "" }
func (r *failedResult) Notices() []transport.Notice { return nil }
func (r *failedResult) Err() error                  { return r.err }
func (r *failedResult) Close() error                { return r.err }
