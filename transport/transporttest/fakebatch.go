package transporttest

import (
	"context"
	"errors"
	"strings"

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

// BatchTx implements transport.TxBatcher by BEGIN and COMMIT of its own, all at once.
func (s *fakeSession) BatchTx(ctx context.Context, stmts []transport.Statement) (transport.Batch, error) {
	if !s.f.caps.BatchTx || s.tx != transport.StateIdle {
		return nil, s.f.unsupported("BatchTx")
	}
	for _, stmt := range stmts {
		switch strings.ToUpper(stmt.SQL) {
		case "BEGIN", "COMMIT", "ROLLBACK":
			return nil, s.f.unsupported("BatchTx")
		}
	}
	own := func(sql string) error {
		run, err := s.Start(ctx, transport.Statement{SQL: sql})
		if err != nil {
			return err
		}
		res, err := run.Result(ctx)
		if err != nil {
			return err
		}
		for res.Next() { // no rows are due
		}
		return res.Close()
	}
	if err := own("BEGIN"); err != nil {
		return nil, err
	}
	b := &fakeBatch{s: s, rest: stmts}
	whole := &fakeTxBatch{}
	for b.Next(ctx) {
		kept := &keptResult{Result: b.res}
		for b.res.Next() {
			kept.rows = append(kept.rows, b.res.Raw())
		}
		kept.err = b.res.Close()
		whole.results = append(whole.results, kept)
	}
	whole.err = errors.Join(b.Close(), own("COMMIT"))
	return whole, nil
}

// fakeTxBatch is a transaction that is over.
type fakeTxBatch struct {
	results []*keptResult
	at      int
	err     error
	closed  bool
}

func (b *fakeTxBatch) Next(context.Context) bool {
	if b.closed || b.at == len(b.results) {
		return false
	}
	b.at++
	return true
}
func (b *fakeTxBatch) Result() transport.Result { return b.results[b.at-1] }
func (b *fakeTxBatch) Err() error               { return b.err }
func (b *fakeTxBatch) Close() error             { b.closed = true; return b.err }

// keptResult is a result that was read whole.
type keptResult struct {
	transport.Result
	rows [][][]byte
	at   int
	err  error
}

func (r *keptResult) Next() bool {
	if r.at == len(r.rows) {
		return false
	}
	r.at++
	return true
}
func (r *keptResult) Raw() [][]byte { return r.rows[r.at-1] }
func (r *keptResult) Err() error    { return r.err }
func (r *keptResult) Close() error  { r.at = len(r.rows); return r.err }

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
