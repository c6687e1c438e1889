package e2e

import (
	"errors"
	"net"
	"strconv"
	"strings"
	"testing"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/credentials"
	"github.com/llm-dev-ops/redshift/emulator"
)

func address(t *testing.T, s *emulator.Server) (string, int) {
	t.Helper()
	host, text, err := net.SplitHostPort(s.WireAddr())
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return host, port
}

// firstFailure opens and runs one statement, and gives what went wrong.
func firstFailure(t *testing.T, cfg redshift.Config) error {
	t.Helper()
	c, err := redshift.Open(t.Context(), cfg)
	if err != nil {
		return err
	}
	defer c.Close(t.Context()) // the statement's error counts
	_, err = c.Execute(t.Context(), redshift.SQL("SELECT 1"))
	return err
}

func TestBadConnections(t *testing.T) {
	t.Parallel()
	s := start(t, emulator.Config{TLS: emulator.TLSOff})
	host, port := address(t, s)
	good := redshift.Config{Host: host, Port: port, Database: "dev", Credentials: credentials.Static("awsuser", "Emulator1"), MinConnections: -1}
	for name, test := range map[string]struct {
		change func(*redshift.Config)
		kind   error
		says   string
	}{
		"wrong password": {func(c *redshift.Config) { c.Credentials = credentials.Static("awsuser", "wrong-secret") }, redshift.ErrAuthenticationFailed, "password authentication failed"},
		"unknown user":   {func(c *redshift.Config) { c.Credentials = credentials.Static("nobody", "wrong-secret") }, redshift.ErrAuthenticationFailed, "password authentication failed"},
		"closed port":    {func(c *redshift.Config) { c.Port = closedPort(t) }, redshift.ErrConnectionFailed, "refused"},
		"TLS refusal":    {func(c *redshift.Config) { c.TLS.Mode = redshift.TLSRequire }, redshift.ErrConnectionFailed, "TLS"},
		"no database":    {func(c *redshift.Config) { c.Database = "nowhere" }, redshift.ErrServer, "nowhere"},
	} {
		cfg := good
		test.change(&cfg)
		err := firstFailure(t, cfg)
		if !errors.Is(err, test.kind) || !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), "wrong-secret") {
			t.Errorf("%s: %v, want %v saying %q", name, err, test.kind, test.says)
		}
	}
	if err := firstFailure(t, good); err != nil {
		t.Errorf("right: %v", err)
	}
}

func closedPort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() // only its port counts
	return l.Addr().(*net.TCPAddr).Port
}

func TestBadStatements(t *testing.T) {
	t.Parallel()
	_, c := both(t)
	exec1(t, c, "CREATE TABLE t (n INT, c VARCHAR(3))")
	exec1(t, c, "INSERT INTO t VALUES (1, 'abc')")
	for sql, want := range map[string]struct {
		kind     error
		state    redshift.State
		position int
	}{
		"SELECT * FROM t WHER n = 1":       {redshift.ErrInvalidSQL, "42601", 22},
		"SELECT * FROM missing":            {redshift.ErrTableNotFound, "42P01", 15},
		"SELECT m FROM t":                  {redshift.ErrColumnNotFound, "42703", 8},
		"SELECT n / 0 FROM t":              {redshift.ErrData, "22012", 0},
		"INSERT INTO t VALUES (2, 'abcd')": {redshift.ErrData, "22001", 0},
		"SELECT nosuch(1)":                 {redshift.ErrInvalidSQL, "42883", 8},
		"CREATE TABLE t (n INT)":           {redshift.ErrInvalidSQL, "42P07", 0},
		"CREATE DATASHARE d":               {redshift.ErrServer, "0A000", 0},
	} {
		_, err := c.Execute(t.Context(), redshift.SQL(sql))
		var e *redshift.Error
		if !errors.As(err, &e) {
			t.Errorf("%s: %v", sql, err)
			continue
		}
		if e.SQLState != want.state || want.position > 0 && e.Position != want.position {
			t.Errorf("%s: %s at %d (%v), want %s at %d", sql, e.SQLState, e.Position, err, want.state, want.position)
		}
		if want.state != "0A000" && want.state != "42P07" && !errors.Is(err, want.kind) {
			t.Errorf("%s: %v is not %v", sql, err, want.kind)
		}
	}
	if got := value[int64](t, c, "SELECT count(*) FROM t"); got != 1 {
		t.Errorf("%d rows", got)
	}
}

// What is wrong with the files of a COPY or the target of an UNLOAD leaves the
// table as it was, and the connection usable.
func TestBadFiles(t *testing.T) {
	t.Parallel()
	s, c := both(t)
	st := stage(t, s)
	exec1(t, c, "CREATE TABLE t (a INT, b VARCHAR(10))")
	exec1(t, c, "INSERT INTO t VALUES (0, 'there')")
	put(t, st, "s3://emulator/broken.csv.gz", zipped(t, strings.Repeat("1,x\n", 5000))[:40])
	put(t, st, "s3://emulator/onebad.csv", "1,x\ntwo,y\n3,z\n")
	put(t, st, "s3://emulator/gone.manifest", `{"entries":[{"url":"s3://emulator/onebad.csv","mandatory":true},{"url":"s3://emulator/not-there.csv","mandatory":true}]}`)
	exec1(t, c, "UNLOAD ('SELECT a, b, 1.5 AS c FROM t') TO 's3://emulator/three/' IAM_ROLE default PARQUET")
	for name, sql := range map[string]string{
		"a missing key":           "COPY t FROM 's3://emulator/nothing/here' IAM_ROLE default CSV",
		"a missing bucket":        "COPY t FROM 's3://no-such-bucket/x' IAM_ROLE default CSV",
		"a broken gzip":           "COPY t FROM 's3://emulator/broken.csv.gz' IAM_ROLE default CSV GZIP",
		"one bad field":           "COPY t FROM 's3://emulator/onebad.csv' IAM_ROLE default CSV",
		"a missing file":          "COPY t FROM 's3://emulator/gone.manifest' IAM_ROLE default CSV MANIFEST",
		"a Parquet with too much": "COPY t FROM 's3://emulator/three/' IAM_ROLE default PARQUET",
		"existing files":          "UNLOAD ('SELECT a FROM t') TO 's3://emulator/three/' IAM_ROLE default PARQUET",
	} {
		_, err := c.Execute(t.Context(), redshift.SQL(sql))
		var e *redshift.Error
		if !errors.As(err, &e) || e.SQLState == "" || e.Message == "" || strings.Contains(e.Message, "duckdb") || strings.Contains(e.Message, "/tmp/") {
			t.Errorf("%s: %v", name, err)
		}
		if got := value[int64](t, c, "SELECT count(*) FROM t"); got != 1 {
			t.Fatalf("%s: the table has %d rows", name, got)
		}
	}
	found, err := c.LoadErrors(t.Context(), redshift.LoadErrorFilter{Table: redshift.TableRef{Name: "t"}})
	if err != nil {
		t.Fatal(err)
	}
	if i := len(found); i == 0 {
		t.Fatal("no load errors")
	}
	for _, e := range found {
		if strings.HasSuffix(e.File, "onebad.csv") {
			if e.Line != 2 || e.Column != "a" || e.Code != 1207 || e.RawValue != "two" {
				t.Errorf("%+v", e)
			}
			return
		}
	}
	t.Errorf("the bad field is not among %v", found)
}
