package e2e

import (
	"errors"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata/types"
	"github.com/aws/smithy-go"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/emulator"
)

func setFaults(t *testing.T, s *emulator.Server, rules string) {
	t.Helper()
	if err := s.SetFaults([]byte(`{"rules":[` + rules + `]}`)); err != nil {
		t.Fatal(err)
	}
}

// dataAPI is the SDK's own client, without retries.
func dataAPI(s *emulator.Server) *redshiftdata.Client {
	return redshiftdata.New(redshiftdata.Options{
		BaseEndpoint: aws.String(s.AWSEndpoint()), Region: "us-east-1", RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
}

// finished waits for a statement that succeeds.
func finished(t *testing.T, c *redshiftdata.Client, id *string) {
	t.Helper()
	for {
		d, err := c.DescribeStatement(t.Context(), &redshiftdata.DescribeStatementInput{Id: id})
		switch {
		case err != nil:
			t.Fatal(err)
		case d.Status == types.StatusStringFinished:
			return
		case d.Status == types.StatusStringFailed, d.Status == types.StatusStringAborted:
			t.Fatal(aws.ToString(d.Error))
		}
		runtime.Gosched()
	}
}

// A test of users' code can ask for a throttled Describe and a dead session.
func TestFaultsOfTheDataAPI(t *testing.T) {
	t.Parallel()
	s := start(t, emulator.Config{Faults: []byte(`{"rules":[{"service":"redshift-data","operation":"DescribeStatement","action":"throttle","count":1}]}`)})
	c := dataAPI(s)
	target := redshiftdata.ExecuteStatementInput{ClusterIdentifier: aws.String("emulator"), Database: aws.String("dev"), SessionKeepAliveSeconds: aws.Int32(60), Sql: aws.String("SELECT 1")}
	first, err := c.ExecuteStatement(t.Context(), &target)
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.DescribeStatement(t.Context(), &redshiftdata.DescribeStatementInput{Id: first.Id})
	if e, ok := errors.AsType[smithy.APIError](err); !ok || e.ErrorCode() != "ThrottlingException" {
		t.Errorf("the first Describe: %v", err)
	}
	finished(t, c, first.Id)
	setFaults(t, s, `{"service":"redshift-data","operation":"ExecuteStatement","resource":"`+*first.SessionId+`","action":"kill","after":1}`)
	next := redshiftdata.ExecuteStatementInput{SessionId: first.SessionId, Sql: aws.String("SELECT 2")}
	second, err := c.ExecuteStatement(t.Context(), &next)
	if err != nil {
		t.Fatal(err)
	}
	finished(t, c, second.Id)
	next.ClientToken = nil // the SDK has put one there
	_, err = c.ExecuteStatement(t.Context(), &next)
	if e, ok := errors.AsType[smithy.APIError](err); !ok || e.ErrorCode() != "ValidationException" || !strings.Contains(e.ErrorMessage(), "ession") {
		t.Errorf("a dead session: %v", err)
	}
	// What was submitted and not answered has run once when it is submitted again
	// with its token.
	setFaults(t, s, `{"service":"redshift-data","operation":"ExecuteStatement","action":"lose","count":1}`)
	target.SessionKeepAliveSeconds, target.ClientToken, target.Sql = nil, aws.String("once"), aws.String("CREATE TABLE once (a int)")
	if _, err := c.ExecuteStatement(t.Context(), &target); err == nil {
		t.Error("a lost answer came")
	}
	again, err := c.ExecuteStatement(t.Context(), &target)
	if err != nil {
		t.Fatal(err)
	}
	finished(t, c, again.Id)
	res, err := http.Get(s.AWSEndpoint() + "/_emulator/faults")
	if err != nil || res.Body.Close() != nil || res.StatusCode != http.StatusOK {
		t.Error(res, err)
	}
}

func TestFaultsOfTheWire(t *testing.T) {
	t.Parallel()
	s := start(t, emulator.Config{})
	url := strings.Replace(s.URL(), "redshift:", "postgres:", 1) + "?sslmode=disable&default_query_exec_mode=simple_protocol"
	state := func(err error) string {
		if e, ok := errors.AsType[*pgconn.PgError](err); ok {
			return e.Severity + " " + e.Code
		}
		return "none"
	}
	connect := func() *pgx.Conn {
		c, err := pgx.Connect(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close(t.Context()) })
		return c
	}
	for rule, want := range map[string]string{
		`"action":"drop"`:                                    "none",
		`"action":"timeout","delay":"1ms"`:                   "none",
		`"action":"error","code":"53300","message":"enough"`: "FATAL 53300",
		`"action":"kill"`:                                    "FATAL 57P01",
		`"action":"kill","resource":"awsuser"`:               "FATAL 57P01",
	} {
		setFaults(t, s, `{"service":"wire","operation":"Login","count":1,`+rule+`}`)
		if _, err := pgx.Connect(t.Context(), url); err == nil || state(err) != want {
			t.Errorf("%s: %v", rule, err)
		}
		if err := connect().Ping(t.Context()); err != nil {
			t.Errorf("after %s: %v", rule, err)
		}
	}
	// A statement's failure is one like any other: it ends its transaction.
	c := connect()
	if _, err := c.Exec(t.Context(), "BEGIN"); err != nil {
		t.Fatal(err)
	}
	setFaults(t, s, `{"service":"wire","operation":"Query","count":1,"action":"error","code":"XX000","message":"1023"}`)
	if _, err := c.Exec(t.Context(), "SELECT 1"); state(err) != "ERROR XX000" {
		t.Error(err)
	}
	if _, err := c.Exec(t.Context(), "SELECT 1"); state(err) != "ERROR 25P02" {
		t.Error(err)
	}
	if _, err := c.Exec(t.Context(), "ROLLBACK"); err != nil {
		t.Error(err)
	}
	// In the extended protocol the answer is behind the pipeline's Sync.
	for _, operation := range []string{"Parse", "Bind", "Execute"} {
		setFaults(t, s, `{"service":"wire","operation":"`+operation+`","count":1,"action":"error","code":"57014"}`)
		for _, want := range []string{"ERROR 57014", "none"} {
			err := c.QueryRow(t.Context(), "SELECT $1::int", pgx.QueryExecModeExec, 1).Scan(new(int))
			if state(err) != want || (err == nil) != (want == "none") {
				t.Errorf("%s: %v", operation, err)
			}
		}
	}
	setFaults(t, s, `{"service":"wire","operation":"Query","after":1,"action":"kill"}`)
	if _, err := c.Exec(t.Context(), "SELECT 1"); err != nil {
		t.Error(err)
	}
	if _, err := c.Exec(t.Context(), "SELECT 1"); state(err) != "FATAL 57P01" || !c.IsClosed() {
		t.Error(err)
	}
}

// The rules reach what COPY and UNLOAD do in S3: what passes is not noticed, what does
// not leaves the table and the bucket as they were.
func TestFaultsOfLoads(t *testing.T) {
	t.Parallel()
	s, c := both(t)
	put(t, stage(t, s), "s3://emulator/in/a.csv", "1\n2\n3\n4\n")
	exec1(t, c, "CREATE TABLE t (a INT)")
	load := redshift.SQL("COPY t FROM 's3://emulator/in/' IAM_ROLE default CSV MAXERROR 100")
	unload := redshift.SQL("UNLOAD ('SELECT a FROM t') TO 's3://emulator/out/' IAM_ROLE default PARQUET ALLOWOVERWRITE")
	for _, k := range []struct {
		rule, want string
		rows       int64
	}{
		{`"operation":"GetObject","action":"error","code":"AccessDenied"`, "S3ServiceException:Access Denied,Status 403,Error AccessDenied", 0},
		{`"operation":"GetObject","action":"lose"`, "S3CurlException: transfer closed", 0},
		{`"operation":"*","action":"throttle"`, "S3ServiceException:Please reduce your request rate.,Status 503,Error SlowDown", 0},
		{`"operation":"GetObject","action":"lose","count":2`, "", 4},
		{`"operation":"ListObjectsV2","action":"drop","count":3`, "", 8},
	} {
		setFaults(t, s, `{"service":"s3","resource":"redshift",`+k.rule+`}`)
		_, err := c.Execute(t.Context(), load)
		if (err == nil) != (k.want == "") || err != nil && !strings.Contains(err.Error(), k.want) {
			t.Errorf("%s: %v", k.rule, err)
		}
		if n := value[int64](t, c, "SELECT count(*) FROM t"); n != k.rows {
			t.Errorf("%s: %d rows", k.rule, n)
		}
	}
	setFaults(t, s, `{"service":"s3","operation":"PutObject","resource":"emulator/out/*","action":"throttle"}`)
	if _, err := c.Execute(t.Context(), unload); err == nil || !strings.Contains(err.Error(), "Error SlowDown") {
		t.Error(err)
	}
	setFaults(t, s, `{"service":"s3","operation":"PutObject","action":"throttle","count":9}`)
	if _, err := c.Execute(t.Context(), unload); err != nil {
		t.Error(err)
	}
}
