package dataapi

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/redshiftdata"

	"github.com/llm-dev-ops/redshift/transport"
	"github.com/llm-dev-ops/redshift/transport/transporttest"
)

// However many calls come together, no second has more than the rate, but for the
// first, to which a full bucket adds half.
func TestQuotaRate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var b bucket
		b.set(20)
		var mu sync.Mutex
		seconds := map[time.Duration]int{}
		began := time.Now()
		var wg sync.WaitGroup
		for range 200 {
			wg.Go(func() {
				if _, err := b.wait(t.Context()); err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				seconds[time.Since(began)/time.Second]++
			})
		}
		wg.Wait()
		if took := time.Since(began); took != 9500*time.Millisecond {
			t.Errorf("200 calls at 20/s took %v", took)
		}
		for second, n := range seconds {
			if n > 30 || second > 0 && n > 20 {
				t.Errorf("%d calls in second %d", n, second)
			}
		}
	})
}

// A caller who gives up leaves its turn to others, and a throttled answer empties
// the bucket.
func TestQuotaGivesBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var b bucket
		b.set(1)
		if d, err := b.wait(t.Context()); d != 0 || err != nil {
			t.Errorf("%v, %v", d, err)
		}
		for range 10 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
			if _, err := b.wait(ctx); !errors.Is(err, context.DeadlineExceeded) {
				t.Error(err)
			}
			cancel()
		}
		if d, _ := b.wait(t.Context()); d > time.Second {
			t.Errorf("waited %v for those who gave up", d)
		}
		time.Sleep(time.Minute)
		b.empty(time.Now())
		if d, _ := b.wait(t.Context()); d != time.Second {
			t.Errorf("%v after the service has throttled", d)
		}
		b.set(-1)
		for range 1000 {
			if d, _ := b.wait(t.Context()); d != 0 {
				t.Fatalf("%v without a bound", d)
			}
		}
	})
}

func TestQuotaShared(t *testing.T) {
	t.Parallel()
	rates := Rates{Execute: 7}.withDefaults()
	one := quotasOf(account{"a", "r", "quota-test"}, rates)
	if quotasOf(account{"a", "r", "quota-test"}, rates) != one {
		t.Error("two transports of an account have quotas of their own")
	}
	if quotasOf(account{"b", "r", "quota-test"}, rates) == one || quotasOf(account{"a", "s", "quota-test"}, rates) == one {
		t.Error("accounts or regions share a quota")
	}
	for in, want := range map[any]float64{
		&redshiftdata.ExecuteStatementInput{}: 7, &redshiftdata.DescribeStatementInput{}: 100, &redshiftdata.GetStatementResultInput{}: 20,
		&redshiftdata.CancelStatementInput{}: 3, &redshiftdata.ListStatementsInput{}: 3,
	} {
		if got := one.of(in).rate; got != want {
			t.Errorf("%T: %v/s, not %v", in, got, want)
		}
	}
}

// A cluster that is full of statements is waited for longer than RetryTime.
func TestFullCluster(t *testing.T) {
	bubble(t, nil, func(t *testing.T, s *fakeAWS, tr transport.Transport) {
		s.fail("ExecuteStatement", slices.Repeat([]fault{{code: "ActiveStatementsExceededException", message: "too many"}}, 60)...)
		x := lease(t, tr, false)
		began := time.Now()
		run, err := x.Start(t.Context(), transport.Statement{SQL: transporttest.SelectOne})
		if err == nil {
			err = run.Wait(t.Context())
		}
		if took := time.Since(began); err != nil || took < 5*time.Minute {
			t.Errorf("%v after %v", err, took)
		}
		closeSession(t, x)
	})
}
