package e2e

import (
	"errors"
	"testing"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/credentials"
	"github.com/llm-dev-ops/redshift/emulator"
)

// Users log in with their own passwords and have what was granted to them, also
// when the server has been started again.
func TestPrivileges(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := start(t, emulator.Config{DataDir: dir})
	admin := connect(t, s)
	for _, sql := range []string{
		"CREATE USER bob PASSWORD 'Abcdefg1'", "CREATE GROUP staff WITH USER bob", "CREATE ROLE reader", "GRANT ROLE reader TO bob",
		"CREATE SCHEMA s", "CREATE TABLE s.t (a INT, b INT)", "INSERT INTO s.t VALUES (1, 2)",
		"GRANT USAGE ON SCHEMA s TO GROUP staff", "GRANT SELECT (a) ON s.t TO ROLE reader",
		"ALTER DEFAULT PRIVILEGES IN SCHEMA s GRANT SELECT ON TABLES TO GROUP staff", "CREATE TABLE s.u (c INT)",
	} {
		exec1(t, admin, sql)
	}
	check := func(s *emulator.Server) {
		t.Helper()
		cfg, err := redshift.ParseURL(s.URL())
		if err != nil {
			t.Fatal(err)
		}
		cfg.Credentials = credentials.Static("bob", "Abcdefg1")
		bob := open(t, cfg)
		if got := value[int32](t, bob, "SELECT a FROM s.t"); got != 1 {
			t.Errorf("a is %d", got)
		}
		if got := value[int64](t, bob, "SELECT count(*) FROM s.u"); got != 0 {
			t.Errorf("u has %d rows", got)
		}
		for _, sql := range []string{"SELECT b FROM s.t", "INSERT INTO s.t VALUES (3, 4)", "DROP TABLE s.u", "GRANT SELECT ON s.t TO PUBLIC", "CREATE USER eve PASSWORD DISABLE"} {
			var refused *redshift.Error
			if _, err := bob.Execute(t.Context(), redshift.SQL(sql)); !errors.As(err, &refused) || refused.SQLState != "42501" {
				t.Errorf("%s: %v", sql, err)
			}
		}
	}
	check(s)
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	check(start(t, emulator.Config{DataDir: dir}))
}
