package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/emulator"
	"github.com/llm-dev-ops/redshift/transport/dataapi"
)

// counting counts the answers by which the service says that there is too much.
type counting struct {
	next           http.RoundTripper
	throttled, all atomic.Int64
}

func (n *counting) RoundTrip(req *http.Request) (*http.Response, error) {
	n.all.Add(1)
	res, err := n.next.RoundTrip(req)
	if err != nil || res.StatusCode != http.StatusBadRequest {
		return res, err
	}
	body, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	if err != nil {
		return nil, err
	}
	for _, code := range []string{"ThrottlingException", "ExceededException"} {
		if bytes.Contains(body, []byte(code)) {
			n.throttled.Add(1)
		}
	}
	res.Body = io.NopCloser(bytes.NewReader(body))
	return res, nil
}

// faultsFired puts rules in force, or asks how often those that are have fired, by
// their names.
func faultsFired(t *testing.T, s *emulator.Server, rules string) map[string]int64 {
	t.Helper()
	method, body := http.MethodGet, io.Reader(nil)
	if rules != "" {
		method, body = http.MethodPost, strings.NewReader(rules)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, s.AWSEndpoint()+"/_emulator/faults", body)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var list struct {
		Rules []struct {
			Name  string
			Fired int64
		}
	}
	if err := json.NewDecoder(res.Body).Decode(&list); err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %v", res.Status, err)
	}
	fired := map[string]int64{}
	for _, r := range list.Rules {
		fired[r.Name] = r.Fired
	}
	return fired
}

// Jobs of one process, while one call in twenty is throttled, one in fifty times out
// (of which a half has been done) and one in a hundred is late: each is run once and
// ends, and the service, whose quotas are the client's to the call, has nothing to
// throttle but what the rules do.
//
// REDSHIFT_TEST_JOB_COUNT sets how many jobs there are. 10,000 of them took 44 s and
// 32,339 calls on two cores that had other work, of which 1,585 were throttled, 324
// lost, 308 silent and 347 late; 400 calls of ExecuteStatement a second allow 25 s.
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
		"ExecuteStatement": execute, "DescribeStatement": describe, "GetStatementResult": result,
	}}})
	network := &counting{next: &http.Transport{MaxIdleConnsPerHost: 200}}
	cfg := dataConfig(s)
	cfg.Rates = dataapi.Rates{Execute: execute, Describe: describe, Result: result}
	cfg.PollMin, cfg.PollMax = 20*time.Millisecond, time.Second
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
	faultsFired(t, s, fmt.Sprintf(`{"seed": %d, "rules": [
		{"name": "late", "service": "redshift-data", "action": "latency", "delay": "50ms", "probability": 0.01},
		{"name": "throttled", "service": "redshift-data", "action": "throttle", "probability": 0.05},
		{"name": "lost", "service": "redshift-data", "action": "lose", "probability": 0.01},
		{"name": "silent", "service": "redshift-data", "action": "timeout", "delay": "50ms", "probability": 0.01}
	]}`, seed))
	began := time.Now()
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
	took := time.Since(began)
	fired := faultsFired(t, s, "")
	if rows, distinct := value[int64](t, wire, "SELECT count(*) FROM chaos"), value[int64](t, wire, "SELECT count(DISTINCT n) FROM chaos"); rows != int64(jobs) || distinct != int64(jobs) {
		t.Errorf("%d jobs have left %d rows, %d different ones", jobs, rows, distinct)
	}
	if fired["throttled"] == 0 || fired["lost"]+fired["silent"] == 0 {
		t.Errorf("there was no trouble: %v", fired)
	}
	if own := network.throttled.Load() - fired["throttled"]; own != 0 {
		t.Errorf("%d calls were beyond the quotas", own)
	}
	t.Logf("%d jobs in %v, %d calls: %v", jobs, took.Round(time.Millisecond), network.all.Load(), fired)
}
