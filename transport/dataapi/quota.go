package dataapi

import (
	"context"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/redshiftdata"
)

// Rates are calls per second. Zero is the account's quota (Service Quotas of the
// Amazon Redshift Data API); negative is no bound.
type Rates struct {
	// Execute is of ExecuteStatement. Defaults to 30.
	Execute float64
	// Batch is of BatchExecuteStatement. Defaults to 20.
	Batch float64
	// Describe is of DescribeStatement. Defaults to 100.
	Describe float64
	// Result is of GetStatementResult, and as much of GetStatementResultV2. Defaults to 20.
	Result float64
	// Cancel is of CancelStatement. Defaults to 3.
	Cancel float64
	// List is of ListStatements. Defaults to 3.
	List float64
}

func (r Rates) withDefaults() Rates {
	for _, d := range []struct {
		field *float64
		value float64
	}{{&r.Execute, 30}, {&r.Batch, 20}, {&r.Describe, 100}, {&r.Result, 20}, {&r.Cancel, 3}, {&r.List, 3}} {
		if *d.field == 0 {
			*d.field = d.value
		}
	}
	return r
}

// quotas are the buckets of an account in a region, which all transports of the
// process share.
type quotas struct{ execute, batch, describe, result, csv, cancel, list bucket }

// account names quotas, cluster a crowd.
type (
	account struct{ id, region, endpoint string }
	cluster struct {
		account
		cluster, workgroup string
	}
)

var shared = struct {
	sync.Mutex
	accounts map[account]*quotas
	crowds   map[cluster]*crowd
}{accounts: map[account]*quotas{}, crowds: map[cluster]*crowd{}}

// quotasOf gives the quotas of an account. The rates are those of whom it was made
// for last: one quota has one rate.
func quotasOf(a account, r Rates) *quotas {
	shared.Lock()
	defer shared.Unlock()
	q := shared.accounts[a]
	if q == nil {
		q = &quotas{}
		shared.accounts[a] = q
	}
	q.execute.set(r.Execute)
	q.batch.set(r.Batch)
	q.describe.set(r.Describe)
	q.result.set(r.Result)
	q.csv.set(r.Result)
	q.cancel.set(r.Cancel)
	q.list.set(r.List)
	return q
}

// of is the bucket that a call draws from.
func (q *quotas) of(in any) *bucket {
	switch in.(type) {
	case *redshiftdata.ExecuteStatementInput:
		return &q.execute
	case *redshiftdata.BatchExecuteStatementInput:
		return &q.batch
	case *redshiftdata.DescribeStatementInput:
		return &q.describe
	case *redshiftdata.GetStatementResultInput:
		return &q.result
	case *redshiftdata.GetStatementResultV2Input:
		return &q.csv
	case *redshiftdata.CancelStatementInput:
		return &q.cancel
	}
	return &q.list
}

// bucket is a token bucket that holds half a second's calls: the service's holds a
// second's, so that calls which the way there has brought closer together still find
// room in it. Who comes when it is empty
// is given a time to come, in the order of arrival.
type bucket struct {
	mu     sync.Mutex
	rate   float64 // not positive for no bound
	tokens float64 // negative: calls that wait
	at     time.Time
}

func (b *bucket) set(rate float64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.at.IsZero() {
		b.tokens, b.at = capacity(rate), time.Now()
	}
	b.rate = rate
}

func capacity(rate float64) float64 { return max(rate/2, 1) }

// take takes a token and tells how long its call has to wait.
func (b *bucket) take(now time.Time) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.rate <= 0 {
		return 0
	}
	b.fill(now)
	b.tokens--
	if b.tokens >= 0 {
		return 0
	}
	return time.Duration(-b.tokens / b.rate * float64(time.Second))
}

func (b *bucket) fill(now time.Time) {
	if d := now.Sub(b.at); d > 0 {
		b.tokens = min(b.tokens+b.rate*d.Seconds(), capacity(b.rate))
	}
	b.at = now
}

// giveBack returns the token of a call that was not made.
func (b *bucket) giveBack() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tokens++
}

// empty notes that the service has throttled a call: others use the account, too.
func (b *bucket) empty(now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.rate > 0 {
		b.fill(now)
		b.tokens = min(b.tokens, 0)
	}
}

// wait waits for a call's turn and tells how long that took.
func (b *bucket) wait(ctx context.Context) (time.Duration, error) {
	d := b.take(time.Now())
	if d > 0 && !pause(ctx, d) {
		b.giveBack()
		return 0, ctx.Err()
	}
	return d, nil
}
