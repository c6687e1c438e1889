package awsdoor

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/llm-dev-ops/redshift/emulator/internal/faults"
)

// Every service says no in its own form, and everything else reaches it whole.
func TestFaults(t *testing.T) {
	t.Parallel()
	var reached atomic.Int64
	echo := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		reached.Add(1)
		_, _ = io.Copy(w, r.Body)
	})
	rules, ended := faults.New(), make(chan string, 1)
	h := New(Config{
		S3: echo, Faults: rules, EndSession: func(id string) { ended <- id },
		Services: map[string]http.Handler{"redshift-data": echo, "redshift": echo, "dynamodb": echo, "glue": echo, "secretsmanager": echo, "redshift-serverless": echo},
	})
	srv := httptest.NewServer(h)
	defer srv.Close()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 10 * time.Second}
	do := func(method, path, target, body string) (int, string, error) {
		r, err := http.NewRequestWithContext(t.Context(), method, srv.URL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if target != "" {
			r.Header.Set("X-Amz-Target", target)
		} else if method == "POST" && path == "/" {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		res, err := client.Do(r)
		if err != nil {
			return 0, "", err
		}
		defer res.Body.Close()
		text, err := io.ReadAll(res.Body)
		return res.StatusCode, string(text), err
	}
	const throttle = `{"rules":[{"service":"*","action":"throttle","count":1}]}`
	for _, c := range []struct {
		rule, method, path, target, body string
		status                           int
		want                             string
	}{
		{throttle, "POST", "/", "RedshiftData.DescribeStatement", `{"Id":"7"}`, 400, `"__type":"ThrottlingException"`},
		{throttle, "POST", "/", "AWSGlue.GetTable", `{}`, 400, `"__type":"ThrottlingException"`},
		{throttle, "POST", "/", "RedshiftServerless.GetWorkgroup", `{}`, 400, `"__type":"ThrottlingException"`},
		{throttle, "POST", "/", "secretsmanager.GetSecretValue", `{}`, 400, `"__type":"ThrottlingException"`},
		{throttle, "POST", "/", "DynamoDB_20120810.Scan", `{}`, 400, "ProvisionedThroughputExceededException"},
		{throttle, "POST", "/", "", "Action=DescribeClusters&Version=2012-12-01", 400, "<Code>Throttling</Code>"},
		{throttle, "POST", "/", "", "Action=AssumeRole&Version=2011-06-15", 400, "<Code>Throttling</Code>"},
		{throttle, "GET", "/b/k", "", "", 503, "<Code>SlowDown</Code>"},
		{`{"rules":[{"service":"redshift-data","operation":"Describe*","resource":"7","action":"error","code":"InternalServerException","status":500}]}`, "POST", "/", "RedshiftData.DescribeStatement", `{"Id":"7"}`, 500, "InternalServerException"},
		{`{"rules":[{"service":"s3","resource":"b/k*","action":"error","code":"AccessDenied"}]}`, "PUT", "/b/key", "", "x", 403, "<Message>Access Denied</Message>"},
		{`{"rules":[{"service":"glue","resource":"d.t","action":"error","code":"X"}]}`, "POST", "/", "AWSGlue.GetPartitions", `{"DatabaseName":"d","TableName":"t"}`, 400, `"X"`},
		{`{"rules":[{"service":"dynamodb","resource":"t","action":"error","code":"X"}]}`, "POST", "/", "DynamoDB_20120810.BatchGetItem", `{"RequestItems":{"t":{}}}`, 400, `"X"`},
		{`{"rules":[{"service":"redshift","resource":"c","action":"error","code":"X"}]}`, "POST", "/", "", "Action=DescribeClusters&Version=2012-12-01&ClusterIdentifier=c", 400, "<Code>X</Code>"},
		{`{"rules":[{"service":"*","resource":"other","action":"drop"}]}`, "PUT", "/b/k", "", "all of it", 200, "all of it"},
		{`{"rules":[{"service":"redshift-data","action":"kill"},{"service":"*","action":"latency","delay":"1ms"}]}`, "POST", "/", "RedshiftData.ExecuteStatement", `{"SessionId":"s"}`, 200, `{"SessionId":"s"}`},
	} {
		if status, got, err := do("POST", FaultsPath, "", c.rule); err != nil || status != 200 {
			t.Fatal(status, got, err)
		}
		status, got, err := do(c.method, c.path, c.target, c.body)
		if err != nil || status != c.status || !strings.Contains(got, c.want) {
			t.Errorf("%s: %s %s: %d %s, %v", c.rule, c.method, c.target, status, got, err)
		}
	}
	if id := <-ended; id != "s" {
		t.Errorf("the session %q was ended", id)
	}
	for action, done := range map[string]int64{"drop": 0, "timeout": 0, "lose": 1} {
		delay := ""
		if action == "timeout" {
			delay = `,"delay":"10ms"`
		}
		if err := rules.Replace([]byte(`{"rules":[{"service":"s3","action":"` + action + `"` + delay + `}]}`)); err != nil {
			t.Fatal(err)
		}
		reached.Store(0)
		if status, got, err := do("PUT", "/b/k", "", "x"); !errors.Is(err, io.EOF) || reached.Load() != done {
			t.Errorf("%s: %d %s, %v; the service was reached %d times", action, status, got, err, reached.Load())
		}
	}
	if status, got, err := do("DELETE", FaultsPath, "", ""); err != nil || status != 200 || !strings.Contains(got, `"rules":[]`) {
		t.Error(status, got, err)
	}
}
