package e2e

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/emulator"
	"github.com/llm-dev-ops/redshift/transport/dataapi"
)

// troubled is a network on which one call in twenty is throttled, the answer of one
// in fifty is lost, and that of one in a hundred is late.
type troubled struct {
	next http.RoundTripper

	mu                       sync.Mutex
	rand                     *rand.Rand
	throttled, lost, delayed atomic.Int64
}

func (n *troubled) dice() (throttle, lose, delay bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.rand.IntN(20) == 0, n.rand.IntN(50) == 0, n.rand.IntN(100) == 0
}

func (n *troubled) RoundTrip(req *http.Request) (*http.Response, error) {
	throttle, lose, delay := n.dice()
	if throttle {
		n.throttled.Add(1)
		return &http.Response{
			StatusCode: http.StatusBadRequest, ProtoMajor: 1, ProtoMinor: 1, Request: req,
			Header: http.Header{"Content-Type": {"application/x-amz-json-1.1"}, "X-Amzn-Errortype": {"ThrottlingException"}},
			Body:   io.NopCloser(bytes.NewReader([]byte(`{"__type":"ThrottlingException","message":"Rate exceeded"}`))),
		}, nil
	}
	res, err := n.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	switch {
	case lose: // the service has done it
		n.lost.Add(1)
		_ = res.Body.Close()
		return nil, context.DeadlineExceeded
	case delay:
		n.delayed.Add(1)
		timer := time.NewTimer(50 * time.Millisecond)
		defer timer.Stop()
		<-timer.C
	}
	return res, nil
}

// Jobs of one process over such a network: each is run once and ends, and the
// quotas of the service are kept without its having to throttle.
func TestJobChaos(t *testing.T) {
	t.Parallel()
	jobs := 300
	if n, err := strconv.Atoi(os.Getenv("REDSHIFT_TEST_JOB_COUNT")); err == nil {
		jobs = n
	}
	seed := rand.Uint64()
	defer func() {
		if t.Failed() {
			t.Logf("seed %d", seed)
		}
	}()
	const execute, describe, result = 400, 2000, 1000
	s := start(t, emulator.Config{DataAPI: emulator.DataAPILimits{Rates: map[string]float64{
		// The margin is for calls that have waited for their turn and then for the network.
		"ExecuteStatement": execute * 1.5, "DescribeStatement": describe * 1.5, "GetStatementResult": result * 1.5,
	}}})
	network := &troubled{next: http.DefaultTransport.(*http.Transport).Clone(), rand: rand.New(rand.NewPCG(seed, 0))}
	cfg := dataConfig(s)
	cfg.Rates = dataapi.Rates{Execute: execute, Describe: describe, Result: result}
	cfg.AWS.HTTPClient = &http.Client{Transport: network}
	tr, err := dataapi.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	c, err := redshift.New(tr, redshift.Config{WorkloadConcurrencyLimit: 100})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close(context.Background()) }()
	wire := connect(t, s)
	exec1(t, wire, "CREATE TABLE chaos (n INT)")
	var wg sync.WaitGroup
	for i := range jobs {
		wg.Go(func() {
			j, err := c.Submit(t.Context(), redshift.SQL("INSERT INTO chaos VALUES ($1)", i))
			if err == nil {
				err = j.Wait(t.Context())
			}
			if err != nil {
				t.Errorf("job %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	if rows, distinct := value[int64](t, wire, "SELECT count(*) FROM chaos"), value[int64](t, wire, "SELECT count(DISTINCT n) FROM chaos"); rows != int64(jobs) || distinct != int64(jobs) {
		t.Errorf("%d jobs have left %d rows, %d different ones", jobs, rows, distinct)
	}
	if network.throttled.Load() == 0 || network.lost.Load() == 0 {
		t.Errorf("the network gave no trouble: %d throttled, %d lost", network.throttled.Load(), network.lost.Load())
	}
	t.Logf("%d jobs: %d calls throttled, %d lost, %d late", jobs, network.throttled.Load(), network.lost.Load(), network.delayed.Load())
}
