//go:build cgo

package engine

import (
	"context"
	"testing"
)

func TestAppender(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	c := open(t, Config{})
	for _, sql := range []string{"CREATE TABLE t (i integer, d decimal(38,2), s varchar, v interval, b decimal(4,1))", "BEGIN"} {
		if _, err := c.Exec(ctx, sql, nil); err != nil {
			t.Fatal(err)
		}
	}
	a, err := c.Appender("main", "t")
	if err != nil {
		t.Fatal(err)
	}
	row := []Value{Int64(-7), Int128(-1, 1), Text("a string longer than twelve"), Interval(-2, -3, 5), Int64(-9999)}
	for range 5000 {
		if err := a.AppendRow(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.AppendRow(make([]Value, 5)); err != nil {
		t.Fatal(err)
	}
	for _, bad := range [][]Value{{Int64(1 << 40), {}, {}, {}, {}}, {{}, {}, {}, {}, Int64(10000)}, {Text("x"), {}, {}, {}, {}}, {{}, {}, Text("\xff"), {}, {}}, {}} {
		if a.AppendRow(bad) == nil {
			t.Errorf("accepted: %v", bad)
		}
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if got := one(t, c, "SELECT count(*) || ' ' || count(i) || ' ' || min(d) || ' ' || min(s) || ' ' || min(b) FROM t"); got != "5001 5000 -184467440737095516.15 a string longer than twelve -999.9" {
		t.Error(got)
	}
	if _, err := c.Exec(ctx, "ROLLBACK", nil); err != nil {
		t.Fatal(err)
	}
	if got := one(t, c, "SELECT count(*) FROM t"); got != "0" {
		t.Errorf("%s rows after ROLLBACK", got)
	}
}

func TestAppenderStrings(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	c := open(t, Config{})
	if _, err := c.Exec(ctx, "CREATE TABLE s (v varchar, b blob)", nil); err != nil {
		t.Fatal(err)
	}
	a, err := c.Appender("main", "s")
	if err != nil {
		t.Fatal(err)
	}
	text := "0123456789ä1234" // DuckDB keeps up to twelve bytes in the vector itself
	for n := range len(text) + 1 {
		if n == 11 {
			continue // half a character
		}
		if err := a.AppendRow([]Value{Text(text[:n]), Bytes([]byte(text[:n]))}); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if got := one(t, c, "SELECT count(*) || ' ' || sum(strlen(v)) FROM s WHERE starts_with('0123456789ä1234', v) AND encode(v) = b"); got != "16 125" {
		t.Error(got)
	}
}
