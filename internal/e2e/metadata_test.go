package e2e

import (
	"strings"
	"testing"

	"github.com/llm-dev-ops/redshift/emulator"
)

// psql's own commands, as far as its queries for this version of it are legal on
// Redshift: \d of one table, \du and \l are not, for psql 15 knows no server
// older than 9.2.
func TestPSQLDescribes(t *testing.T) {
	t.Parallel()
	s := start(t, emulator.Config{})
	out, err := psql(t, s, `
CREATE SCHEMA sales;
CREATE TABLE sales.bill (id INT PRIMARY KEY, note VARCHAR(20));
CREATE VIEW sales.notes AS SELECT note FROM sales.bill;
CREATE TABLE public.calls (id INT);
SET search_path TO sales, public;
\echo dt
\dt
\echo dv
\dv
\echo dn
\dn
\echo d
\d
\echo dvs
\dv sales.*
\echo di
\di
\echo dts
\dt sales.*
\echo end
`)
	if err != nil {
		t.Fatalf("psql: %v\n%s", err, out)
	}
	section := func(name string) string {
		_, rest, _ := strings.Cut(out, "\n"+name+"\n")
		for _, next := range []string{"dv", "dn", "d", "dvs", "di", "dts", "end"} {
			rest, _, _ = strings.Cut(rest, "\n"+next+"\n")
		}
		return rest
	}
	for name, want := range map[string]string{
		"dt": "public|calls|table|awsuser\nsales|bill|table|awsuser", "dv": "sales|notes|view|awsuser",
		"dn": "public|rdsdb\nsales|awsuser", "d": "public|calls|table|awsuser\nsales|bill|table|awsuser\nsales|notes|view|awsuser",
		"dvs": "sales|notes|view|awsuser", "di": "sales|bill_pkey|index|awsuser|bill", "dts": "sales|bill|table|awsuser",
	} {
		if got := section(name); got != want {
			t.Errorf("\\%s:\n%s\nwant\n%s", name, got, want)
		}
	}
}

// The views of connections and of sessions tell the same story.
func TestConnectionsInViews(t *testing.T) {
	t.Parallel()
	s := start(t, emulator.Config{})
	if out, err := psql(t, s, "SELECT 1"); err != nil {
		t.Fatalf("psql: %v\n%s", err, out)
	}
	// The server hears of the end a little later than psql.
	for ended := ""; strings.TrimSpace(ended) != "1"; {
		var err error
		if ended, err = psql(t, s, "SELECT count(*) FROM stl_connection_log WHERE event LIKE 'disconnecting%' AND pid = (SELECT min(pid) FROM stl_connection_log)"); err != nil {
			t.Fatalf("psql: %v\n%s", err, ended)
		}
	}
	out, err := psql(t, s, `
SELECT trim(l.event), trim(l.username), trim(l.dbname), trim(l.authmethod), trim(l.application_name), l.sslversion <> '' FROM stl_connection_log l WHERE l.pid = (SELECT min(process) FROM stl_sessions) ORDER BY l.recordtime;
SELECT trim(l.event) FROM sys_connection_log l JOIN sys_session_history h ON h.session_id = l.session_id WHERE h.status = 'active' AND h.session_id = pg_backend_pid() ORDER BY l.record_time;
SELECT count(*) FROM (SELECT min(process) AS first FROM stl_sessions) f JOIN stl_connection_log c ON c.pid = f.first JOIN stl_sessions s ON s.process = c.pid AND c.event LIKE 'disconnecting%' AND abs(datediff(second, s.endtime, c.recordtime)) <= 1 AND abs(datediff(microsecond, s.starttime, s.endtime) - c.duration) < 1000000;
`)
	if err != nil {
		t.Fatalf("psql: %v\n%s", err, out)
	}
	want := strings.TrimSpace(`
initiating session|awsuser|dev|password|psql|t
authenticated|awsuser|dev|password|psql|t
disconnecting session|awsuser|dev|password|psql|t
initiating session
authenticated
1`)
	if got := strings.TrimSpace(out); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
