package engine

import (
	"context"
	"errors"
	"strings"
	"testing"
)

// TestScalars: texts short and long, NULLs in and out, constants and columns, errors.
func TestScalars(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db, err := Open(ctx, Config{Threads: 2})
	if errors.Is(err, ErrNoCgo) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := errors.Join(conn.Close(), db.Close()); err != nil {
			t.Error(err)
		}
	}()
	value := func(sql string) string {
		r, err := conn.Query(ctx, sql, nil)
		if err != nil {
			return err.Error()
		}
		defer r.Close()
		c, err := r.Next(ctx)
		if err != nil {
			return err.Error()
		}
		if c.IsNull(0, 0) {
			return "NULL"
		}
		return string(c.AppendText(nil, 0, 0))
	}
	for _, c := range [][2]string{
		{"SELECT rs_call('soundex', 'Amazon')", "A525"},
		{"SELECT rs_call('soundex', NULL)", "NULL"},
		{"SELECT rs_call('sha2', repeat('x', 100), '512') = rs_call('sha2', repeat('x', 100), '512')", "t"},
		{"SELECT string_agg(coalesce(rs_call('octetindex', CASE WHEN i = 2 THEN NULL ELSE 'c' END, repeat('b', CAST(i AS INTEGER) * 10) || 'c'), 'null'), ' ' ORDER BY i) FROM range(4) t(i)", "1 11 null 31"},
		{"SELECT sum(CAST(rs_call('strtol', CAST(i AS VARCHAR), '10') AS BIGINT)) FROM range(10000) t(i)", "49995000"},
		{"SELECT count(*) FROM range(5000) t(i) WHERE rs_call('soundex', CASE WHEN i % 2 = 0 THEN 'Amazon' END) IS NULL", "2500"},
	} {
		if got := value(c[0]); got != c[1] {
			t.Errorf("%s\n got %s\nwant %s", c[0], got, c[1])
		}
	}
	for sql, want := range map[string]string{
		"SELECT rs_call('strtol', 'z', '10')":  "22P02: The input z is not valid to be converted to base 10",
		"SELECT rs_call('nosuch')":             `XX000: no function "nosuch"`,
		"SELECT rs_call()":                     "XX000: a call of no function",
		"SELECT rs_call('soundex', 'a', 'b')":  "XX000: 2 arguments where 1 are taken",
		"SELECT rs_call('fnv_hash', 'x', '1')": "XX000: a hash of what has no type",
	} {
		if got := value(sql); !strings.Contains(got, want) {
			t.Errorf("%s\n got %s\nwant %s", sql, got, want)
		}
	}
}
