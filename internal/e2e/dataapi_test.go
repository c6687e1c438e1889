package e2e

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/emulator"
	"github.com/llm-dev-ops/redshift/transport"
	"github.com/llm-dev-ops/redshift/transport/dataapi"
	"github.com/llm-dev-ops/redshift/transport/transporttest"
)

func dataConfig(s *emulator.Server) dataapi.Config { return dataConfigAt(s.AWSEndpoint()) }

// noRates leaves it to the emulator to throttle.
var noRates = dataapi.Rates{Execute: -1, Batch: -1, Describe: -1, Result: -1, Cancel: -1, List: -1}

func dataConfigAt(endpoint string) dataapi.Config {
	return dataapi.Config{
		Cluster: "emulator", Database: "dev", DbUser: "awsuser", Region: "us-east-1", Endpoint: endpoint,
		AWS:     aws.Config{Credentials: credentials.NewStaticCredentialsProvider("test", "test", "")},
		PollMin: time.Millisecond, PollMax: 20 * time.Millisecond, Rates: noRates,
	}
}

// The suite of the seam, over HTTP against the emulator.
func TestDataAPIConformance(t *testing.T) {
	t.Parallel()
	s := start(t, emulator.Config{})
	workgroup := dataConfig(s)
	workgroup.Cluster, workgroup.DbUser = "", ""
	workgroup.Workgroup, workgroup.SecretARN = "emulator", "emulator/awsuser"
	csv := dataConfig(s)
	csv.Results = dataapi.ResultsCSV
	for name, cfg := range map[string]dataapi.Config{"cluster": dataConfig(s), "workgroup": workgroup, "csv": csv} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			transporttest.Exercise(t, func(t *testing.T) transport.Transport {
				t.Helper()
				tr, err := dataapi.Open(cfg)
				if err != nil {
					t.Fatal(err)
				}
				return tr
			}, transporttest.Options{Slow: slow})
		})
	}
}

func connectData(t *testing.T, s *emulator.Server) *redshift.Client {
	t.Helper()
	return openData(t, s.AWSEndpoint())
}

func openData(t *testing.T, endpoint string) *redshift.Client {
	t.Helper()
	return openDataAs(t, dataConfigAt(endpoint))
}

func openDataAs(t *testing.T, cfg dataapi.Config) *redshift.Client {
	t.Helper()
	tr, err := dataapi.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	c, err := redshift.New(tr, redshift.Config{DefaultCopyIAMRole: "default", DefaultUnloadIAMRole: "default"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := c.Close(ctx); err != nil {
			t.Errorf("closing the client: %v", err)
		}
	})
	return c
}

// What TestTypes asks of the wire holds for the Data API.
func TestTypesDataAPI(t *testing.T) {
	t.Parallel()
	testTypes(t, connectData(t, start(t, emulator.Config{})))
}

// Both transports tell the same of a statement: columns, rows, tags, errors.
func TestDataAPIAgrees(t *testing.T) {
	t.Parallel()
	s, wire := both(t)
	data := connectData(t, s)
	exec1(t, wire, `CREATE TABLE calls (id INT NOT NULL, name VARCHAR(20), fixed CHAR(4), cost NUMERIC(10,4), at TIMESTAMP, day DATE,
		ok BOOLEAN, small SMALLINT, big BIGINT, r REAL, d DOUBLE PRECISION, extra SUPER, bin VARBYTE(8), tz TIMESTAMPTZ)`)
	exec1(t, wire, `INSERT INTO calls VALUES (1, 'a', 'b', 1.5, '2026-01-02 03:04:05.678', '2026-01-02', true, -3, 9000000000000000000, 1.1, 0.1,
		JSON_PARSE('{"a":[1]}'), FROM_HEX('00ff'), '2026-01-02 03:04:05+02')`)
	exec1(t, wire, "INSERT INTO calls (id, r, d, name) VALUES (2, 1e30, 1e-7, ''), (3, 'NaN', '-Infinity', '漢 \"x\"')")
	for _, q := range []string{
		"SELECT * FROM calls ORDER BY id",
		"SELECT count(*), sum(cost), avg(d), max(name), id / 2 AS half FROM calls WHERE d < 1 GROUP BY id ORDER BY id",
		"SELECT 1 AS a, 'x' AS b, NULL AS c, current_date - DATE '2026-01-01' AS d WHERE 1 = 0",
		"SELECT INTERVAL '1 day' AS i, TIME '01:02:03' AS t, 'x'::char(3) AS c, 12345678901234567890.5 AS n",
		"SHOW search_path",
		"INSERT INTO calls (id) VALUES (4), (5)",
		"UPDATE calls SET name = 'z' WHERE id > 3",
		"DELETE FROM calls WHERE id > 1000",
		"CREATE TABLE IF NOT EXISTS other (n INT)",
		"TRUNCATE calls2",
		"SELECT 1 / 0",
		"SELECT nowhere FROM calls",
		"SELECT * FROM calls WHERE",
		"INSERT INTO calls (id) VALUES (NULL)",
	} {
		want, got := told(t, wire, q), told(t, data, q)
		if got != want {
			t.Errorf("%s\nData API: %s\nwire:     %s", q, got, want)
		}
	}
}

// told is what a client tells of a query, as text.
func told(t *testing.T, c *redshift.Client, q string) string {
	t.Helper()
	rows, err := c.Query(t.Context(), redshift.SQL(q))
	if err != nil {
		var e *redshift.Error
		if !errors.As(err, &e) {
			return fmt.Sprintf("%T %v", err, err)
		}
		return fmt.Sprintf("error %q state %s position %d detail %q hint %q", e.Message, e.SQLState, e.Position, e.Detail, e.Hint)
	}
	defer rows.Close()
	var b strings.Builder
	for _, c := range rows.Columns() {
		fmt.Fprintf(&b, "%s %s, ", c.Name, redshift.TypeName(c.Type))
	}
	for rows.Next() {
		values := make([]any, len(rows.Columns()))
		into := make([]any, len(values))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Errorf("%s: %v", q, err)
		}
		fmt.Fprintf(&b, "\n%v", values)
	}
	if err := rows.Err(); err != nil {
		return b.String() + err.Error()
	}
	return b.String() + "\n" + rows.Tag()
}

// A client keeps going when the account's quotas are reached.
func TestDataAPIThrottled(t *testing.T) {
	t.Parallel()
	s := start(t, emulator.Config{DataAPI: emulator.DataAPILimits{
		ActiveStatements: 3, Rates: map[string]float64{"ExecuteStatement": 40, "DescribeStatement": 60, "GetStatementResult": 60},
	}})
	c := connectData(t, s)
	exec1(t, c, "CREATE TABLE jobs (n INT)")
	var wg sync.WaitGroup
	for i := range 60 {
		wg.Go(func() {
			if _, err := c.Execute(t.Context(), redshift.SQL("INSERT INTO jobs VALUES ($1)", i)); err != nil {
				t.Errorf("job %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	if n := value[int64](t, c, "SELECT count(DISTINCT n) * 1000 + count(*) FROM jobs"); n != 60_060 {
		t.Errorf("%d: a job is lost or has run twice", n)
	}
}

// A session that has expired is a lost connection to who holds it.
func TestDataAPISessionExpires(t *testing.T) {
	t.Parallel()
	s := start(t, emulator.Config{DataAPI: emulator.DataAPILimits{SessionLife: time.Second}})
	c := connectData(t, s)
	conn, err := c.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	exec1(t, conn, "CREATE TEMP TABLE mine (n INT)")
	for err == nil {
		_, err = conn.Execute(t.Context(), redshift.SQL("SELECT * FROM mine"))
	}
	// The statement that ran at that time was terminated.
	if _, again := conn.Execute(t.Context(), redshift.SQL("SELECT * FROM mine")); !errors.Is(again, redshift.ErrConnectionFailed) {
		t.Errorf("%v, and then %v", err, again)
	}
	exec1(t, c, "SELECT 1")
}

// COPY and UNLOAD go over the Data API as they do over the wire.
func TestDataAPICopy(t *testing.T) {
	t.Parallel()
	s := start(t, emulator.Config{})
	c := connectData(t, s)
	put(t, stage(t, s), "s3://emulator/in/a.csv", "1,one\n2,two\n")
	put(t, stage(t, s), "s3://emulator/bad/a.csv", "x,one\n")
	exec1(t, c, "CREATE TABLE loads (id INT, name VARCHAR(10))")
	r, err := c.Copy(t.Context(), redshift.CopyCommand{Table: redshift.TableRef{Name: "loads"}, Source: redshift.S3{Bucket: "emulator", Prefix: "in/"}, Format: redshift.CSV{}})
	if err != nil {
		t.Fatal(err)
	}
	if r.RowsLoaded != 2 || r.FilesScanned != 1 {
		t.Errorf("%+v", r)
	}
	_, err = c.Copy(t.Context(), redshift.CopyCommand{Table: redshift.TableRef{Name: "loads"}, Source: redshift.S3{Bucket: "emulator", Prefix: "bad/"}, Format: redshift.CSV{}})
	if err == nil || !strings.Contains(err.Error(), "stl_load_errors") {
		t.Errorf("a bad file: %v", err)
	}
	u, err := c.Unload(t.Context(), redshift.UnloadCommand{Query: "SELECT * FROM loads", Destination: redshift.S3Destination{Bucket: "emulator", Prefix: "out/"}})
	if err != nil {
		t.Fatal(err)
	}
	if u.RowsUnloaded != 2 {
		t.Errorf("%+v", u)
	}
}
