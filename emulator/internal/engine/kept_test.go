//go:build cgo

package engine

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

func texts(t testing.TB, c *Conn, sql string, params ...Value) string {
	t.Helper()
	r, err := c.QueryAgain(context.Background(), sql, params)
	if err != nil {
		reason, _, _ := strings.Cut(err.Error(), "\n")
		return reason
	}
	defer r.Close()
	out := ""
	for {
		chunk, err := r.Next(context.Background())
		if err != nil {
			return out + err.Error()
		}
		if chunk == nil {
			return out
		}
		for row := range chunk.Len() {
			for col := range r.Columns() {
				out += string(chunk.AppendText(nil, col, row)) + " "
			}
		}
	}
}

// TestAgain sees that a statement that is kept answers as a new one would, whatever
// has become of its tables, its parameters and the settings.
func TestAgain(t *testing.T) {
	t.Parallel()
	db := openDB(t)
	c, other := connect(t, db), connect(t, db)
	exec := func(c *Conn, sql string) {
		t.Helper()
		if _, err := c.ExecAgain(context.Background(), sql, nil); err != nil {
			t.Fatal(err)
		}
	}
	want := func(sql, want string, params ...Value) {
		t.Helper()
		for i := range 4 {
			if got := texts(t, c, sql, params...); got != want {
				t.Fatalf("run %d of %s: %q, want %q", i, sql, got, want)
			}
		}
	}
	exec(c, "CREATE TABLE t (a INTEGER)")
	for range 3 {
		exec(c, "INSERT INTO t VALUES (1)")
	}
	want("SELECT count(*) FROM t", "3 ")
	want("SELECT a + CAST($1 AS INTEGER) FROM t LIMIT 1", "42 ", Text("41"))
	want("SELECT a + CAST($1 AS INTEGER) FROM t LIMIT 1", "2 ", Text("1"))
	want("SELECT a + CAST($1 AS INTEGER) FROM t LIMIT 1", " ", Null())
	want("SELECT a / CAST($1 AS INTEGER) FROM t LIMIT 1", `Could not convert string 'x' to INT32`, Text("x"))
	want("SELECT a FROM t ORDER BY a", "1 1 1 ")
	want("SELECT a, count(*) FROM t GROUP BY a", "1 3 ")
	exec(other, "INSERT INTO t VALUES (43720)")
	want("SELECT a FROM t ORDER BY a", "1 1 1 43720 ")
	want("SELECT a, count(*) FROM t GROUP BY a ORDER BY a", "1 3 43720 1 ")
	exec(other, "DELETE FROM t WHERE a = 43720")
	exec(other, "INSERT INTO t VALUES (5)")
	want("SELECT count(*) FROM t", "4 ")
	want("SELECT * FROM t WHERE a = 5", "5 ")
	exec(other, "ALTER TABLE t ADD COLUMN b VARCHAR DEFAULT 'x'")
	want("SELECT * FROM t WHERE a = 5", "5 x ")
	exec(other, "DROP TABLE t")
	exec(other, "CREATE TABLE t (b DATE)")
	exec(other, "INSERT INTO t VALUES ('2026-01-02')")
	want("SELECT count(*) FROM t", "1 ")
	want("SELECT * FROM t", "2026-01-02 ")
	exec(c, "BEGIN TRANSACTION")
	exec(c, "DELETE FROM t")
	want("SELECT count(*) FROM t", "0 ")
	exec(c, "ROLLBACK")
	want("SELECT count(*) FROM t", "1 ")
	const zoned = "SELECT CAST(TIMESTAMPTZ '2026-01-02 00:00:00+00' AS TIMESTAMP)"
	want(zoned, "2026-01-02 00:00:00 ")
	exec(c, "SET TimeZone='America/New_York'")
	c.Forget()
	want(zoned, "2026-01-01 19:00:00 ")
	for i := range 3 * maxKept {
		want(fmt.Sprintf("SELECT %d", i), fmt.Sprintf("%d ", i))
	}
	if n := len(c.kept.statements); n > maxKept {
		t.Fatalf("%d statements are kept", n)
	}
}
