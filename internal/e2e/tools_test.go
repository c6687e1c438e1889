package e2e

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/llm-dev-ops/redshift/emulator"
)

func psql(t *testing.T, s *emulator.Server, script string) (string, error) {
	t.Helper()
	host, port, err := net.SplitHostPort(s.WireAddr())
	if err != nil {
		t.Fatal(err)
	}
	return run(t, s, script, "psql", "-X", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", host, "-p", port, "-U", "awsuser", "dev")
}

// The main job, done with programs that are not ours.
func TestPSQLAndAWS(t *testing.T) {
	t.Parallel()
	s := start(t, emulator.Config{})
	dir := t.TempDir()
	file := filepath.Join(dir, "calls.csv")
	if err := os.WriteFile(file, []byte("1,alpha,0.5\n2,beta,1.25\n3,gamma,\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	bad := filepath.Join(dir, "bad.csv")
	if err := os.WriteFile(bad, []byte("4,delta,0.5\nfive,epsilon,1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"s3", "mb", "s3://loads"}, {"s3", "cp", file, "s3://loads/good/"}, {"s3", "cp", bad, "s3://loads/bad/"},
	} {
		if out, err := run(t, s, "", "aws", args...); err != nil {
			t.Fatalf("aws %v: %v\n%s", args, err, out)
		}
	}
	out, err := psql(t, s, `
CREATE TABLE calls (id INT NOT NULL, name VARCHAR(20), cost NUMERIC(10,4)) DISTKEY (id) SORTKEY (id);
COPY calls FROM 's3://loads/good/' IAM_ROLE default CSV EMPTYASNULL;
SELECT count(*), sum(cost) FROM calls;
BEGIN;
UPDATE calls SET cost = 2 WHERE id = 3;
ROLLBACK;
SELECT id, name, cost FROM calls ORDER BY id DESC LIMIT 1;
UNLOAD ('SELECT * FROM calls') TO 's3://loads/out/' IAM_ROLE default PARQUET;
CREATE TABLE back (LIKE calls);
COPY back FROM 's3://loads/out/' IAM_ROLE default PARQUET;
SELECT count(*) FROM (SELECT * FROM calls MINUS SELECT * FROM back) d;
`)
	if err != nil {
		t.Fatalf("psql: %v\n%s", err, out)
	}
	for _, want := range []string{
		"Load into table 'calls' completed, 3 record(s) loaded successfully.", "3|1.7500", "3|gamma|", "UNLOAD completed, 3 record(s) unloaded successfully.",
		"Load into table 'back' completed, 3 record(s) loaded successfully.",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("psql did not say %q:\n%s", want, out)
		}
	}
	out, err = psql(t, s, "COPY calls FROM 's3://loads/bad/' IAM_ROLE default CSV;\n")
	if err == nil || !strings.Contains(out, "stl_load_errors") {
		t.Errorf("a bad file: %v\n%s", err, out)
	}
	out, err = psql(t, s, "SELECT line_number, trim(colname), err_code, trim(raw_field_value), trim(err_reason) FROM stl_load_errors;\nSELECT count(*) FROM calls;\n")
	if err != nil || !strings.Contains(out, "2|id|1207|five|") || !strings.HasSuffix(strings.TrimSpace(out), "\n3") {
		t.Errorf("%v\n%s", err, out)
	}
	out, err = run(t, s, "", "aws", "s3", "ls", "s3://loads/out/")
	if err != nil || !strings.Contains(out, ".parquet") {
		t.Errorf("aws s3 ls: %v\n%s", err, out)
	}
	if out, err = psql(t, s, "SELECT * FROM nowhere;\n"); err == nil || !strings.Contains(out, `relation "nowhere" does not exist`) {
		t.Errorf("%v\n%s", err, out)
	}
}

// psycopg2 is what Python's data tools come with.
func TestPsycopg2(t *testing.T) {
	t.Parallel()
	s := start(t, emulator.Config{})
	host, port, err := net.SplitHostPort(s.WireAddr())
	if err != nil {
		t.Fatal(err)
	}
	python := pythonWith(t, "psycopg2")
	out, err := run(t, s, `
import psycopg2, decimal, datetime
c = psycopg2.connect(host="`+host+`", port=`+port+`, user="awsuser", password="Emulator1", dbname="dev")
cur = c.cursor()
cur.execute("create table p (a int, b varchar(10), n numeric(10,2), d date, f boolean)")
cur.execute("insert into p values (%s, %s, %s, %s, %s)", (1, "o'neil", decimal.Decimal("1.50"), datetime.date(2026, 1, 2), True))
cur.executemany("insert into p (a) values (%s)", [(2,), (3,)])
assert cur.rowcount == 2, cur.rowcount
c.commit()
cur.execute("select * from p order by a")
rows = cur.fetchall()
assert rows[0] == (1, "o'neil", decimal.Decimal("1.50"), datetime.date(2026, 1, 2), True), rows
try:
    cur.execute("select 1/0")
    assert False
except psycopg2.errors.DivisionByZero:
    c.rollback()
cur.execute("select count(*) from p")
print(cur.fetchone()[0])
`, python, "-")
	if err != nil || strings.TrimSpace(out) != "3" {
		t.Errorf("%v\n%s", err, out)
	}
}
