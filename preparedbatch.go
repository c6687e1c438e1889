package redshift

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/llm-dev-ops/redshift/transport"
)

// SetResult is what became of one set of arguments of a batch.
type SetResult struct {
	// RowsAffected is the number of rows that were changed, or returned.
	RowsAffected int64
	// Err is why the set failed, nil for one that did not.
	Err error
}

// BatchResult is what became of a batch.
type BatchResult struct {
	// Sets has an element for each set that was taken from the sequence, in order.
	Sets []SetResult
	// RowsAffected is the sum of the sets'.
	RowsAffected int64
	// Failed is the number of sets that failed.
	Failed int
	// Elapsed is the time that it took.
	Elapsed time.Duration
}

// Err is nil if no set failed; otherwise it names the first of them by its number,
// from 1, and how many there are.
func (r *BatchResult) Err() error {
	for i, s := range r.Sets {
		if s.Err != nil {
			return fmt.Errorf("set %d of %d, the first of %d that failed: %w", i+1, len(r.Sets), r.Failed, s.Err)
		}
	}
	return nil
}

func (r *BatchResult) add(s SetResult) {
	r.Sets = append(r.Sets, s)
	r.RowsAffected += s.RowsAffected
	if s.Err != nil {
		r.Failed++
	}
}

const (
	// batchSets and batchSize bound what is taken from the sequence at once.
	batchSets = 1000
	batchSize = 1 << 20
)

// Batch runs the statement with each set of arguments. The sets are sent one behind
// the other without waiting for answers, and rows that they return are counted and
// not kept. It is faster than as many calls, and much slower than COPY: see package
// bulk for more than a few thousand rows.
//
// Outside a transaction each set is a transaction of its own: one that fails, or whose
// arguments cannot be sent, is passed over, and the others run. In a transaction the
// first that fails is the end: those behind it that were sent already fail because the
// transaction has (25P02), and no more is taken from the sequence.
//
// The error is that of the batch as a whole, a lost connection or the end of ctx, which
// alone bounds it; the sets without an answer then have that error, and may have been
// run. What became of each set is in the result, which is never nil.
func (p *Prepared) Batch(ctx context.Context, sets iter.Seq[[]any]) (*BatchResult, error) {
	began := time.Now()
	res := &BatchResult{}
	defer func() { res.Elapsed = time.Since(began) }()
	if p.done {
		return res, usage("the prepared statement is closed")
	}
	if caps := p.c.t.Caps(); !caps.Batch {
		return res, wrap(&transport.UnsupportedError{Transport: caps.Name, Capability: "Batch", Hint: "use Execute for each set"})
	}
	inTx := p.l.s.State() != transport.StateIdle
	var part batchPart
	for args := range sets {
		ps, err := p.arguments(args)
		if err != nil {
			part.wrong = append(part.wrong, wrongSet{len(part.stmts), err})
		} else {
			part.add(transport.Statement{SQL: p.sql, Prepared: p.p, Params: ps})
		}
		if err != nil && inTx {
			break
		}
		if len(part.stmts)+len(part.wrong) >= batchSets || part.size >= batchSize {
			if err := p.runPart(ctx, &part, res); err != nil || inTx && res.Failed > 0 {
				return res, err
			}
		}
	}
	err := p.runPart(ctx, &part, res)
	return res, err
}

// batchPart are sets that were taken from the sequence and not run.
type batchPart struct {
	stmts []transport.Statement
	wrong []wrongSet // which cannot be run, in order
	size  int
}

// wrongSet stands behind so many statements of its part.
type wrongSet struct {
	behind int
	err    error
}

func (b *batchPart) add(s transport.Statement) {
	b.stmts = append(b.stmts, s)
	for _, p := range s.Params {
		b.size += 16 + len(p.Value)
	}
}

// runPart runs what was taken, and empties it.
func (p *Prepared) runPart(ctx context.Context, part *batchPart, res *BatchResult) error {
	defer func() { *part = batchPart{stmts: part.stmts[:0]} }()
	refuse := func(at int) {
		for len(part.wrong) > 0 && part.wrong[0].behind <= at {
			res.add(SetResult{Err: part.wrong[0].err})
			part.wrong = part.wrong[1:]
		}
	}
	if len(part.stmts) == 0 {
		refuse(0)
		return nil
	}
	b, err := p.l.s.Batch(ctx, part.stmts)
	n := 0
	if err == nil {
		for ; b.Next(ctx); n++ {
			refuse(n)
			res.add(setResult(b.Result()))
		}
		err = errors.Join(b.Err(), b.Close())
	}
	if err != nil {
		err = wrap(err)
		for ; n < len(part.stmts); n++ {
			refuse(n)
			res.add(SetResult{Err: err})
		}
	}
	refuse(n)
	return err
}

// setResult reads one result to its end.
func setResult(r transport.Result) SetResult {
	rows := 0
	for r.Next() {
		rows++
	}
	if err := r.Close(); err != nil {
		return SetResult{Err: wrap(err)}
	}
	return SetResult{RowsAffected: affected(r.Tag(), rows)}
}
