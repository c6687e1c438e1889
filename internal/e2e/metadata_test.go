package e2e

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/llm-dev-ops/redshift/emulator"
)

// What psql 15 says to its own commands, which it asks in forms for servers from
// version 9.2 on: Redshift refuses some of them, the emulator does not.
func TestPSQLDescribes(t *testing.T) {
	t.Parallel()
	s := start(t, emulator.Config{})
	host, port, err := net.SplitHostPort(s.WireAddr())
	if err != nil {
		t.Fatal(err)
	}
	script, err := os.ReadFile(filepath.Join("testdata", "describe", "psql.sql"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := run(t, s, string(script), "psql", "-X", "-q", "-a", "-h", host, "-p", port, "-U", "awsuser", "dev")
	if err != nil {
		t.Fatalf("%v\n%s", err, got)
	}
	sameText(t, filepath.Join("testdata", "describe", "psql.out"), got)
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
