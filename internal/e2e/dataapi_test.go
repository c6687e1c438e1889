package e2e

import (
	"context"
	"errors"
	"fmt"
	"strings"
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

func dataConfig(s *emulator.Server) dataapi.Config {
	return dataapi.Config{
		Cluster: "emulator", Database: "dev", DbUser: "awsuser", Region: "us-east-1", Endpoint: s.AWSEndpoint(),
		AWS:     aws.Config{Credentials: credentials.NewStaticCredentialsProvider("test", "test", "")},
		PollMin: time.Millisecond, PollMax: 20 * time.Millisecond,
	}
}

// The suite of the seam, over HTTP against the emulator.
func TestDataAPIConformance(t *testing.T) {
	t.Parallel()
	s := start(t, emulator.Config{})
	transporttest.Exercise(t, func(t *testing.T) transport.Transport {
		t.Helper()
		tr, err := dataapi.Open(dataConfig(s))
		if err != nil {
			t.Fatal(err)
		}
		return tr
	}, transporttest.Options{Slow: slow})
}

func connectData(t *testing.T, s *emulator.Server) *redshift.Client {
	t.Helper()
	tr, err := dataapi.Open(dataConfig(s))
	if err != nil {
		t.Fatal(err)
	}
	c, err := redshift.New(tr, redshift.Config{})
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
