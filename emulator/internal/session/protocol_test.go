package session

import (
	"context"
	"encoding/hex"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/llm-dev-ops/redshift/emulator/internal/sysview"
)

// openAt opens a session that speaks a version of the protocol.
func openAt(t *testing.T, core *Core, version int32) *client {
	t.Helper()
	c := &client{}
	s, err := core.Open(context.Background(), Startup{
		User: "awsuser", Database: "dev", ProtocolVersion: version,
		Notice: func(n Notice) { c.print("%s: %s", n.Severity, n.Message) },
	})
	if err != nil {
		t.Fatal(err)
	}
	c.Session = s
	t.Cleanup(c.Close)
	return c
}

// ask runs a statement as the wire door does for Bind and Execute, and gives the formats
// that are described and the first row in hex.
func (c *client) ask(sql string, asked ...int16) (formats []int16, row string, err error) {
	ctx := context.Background()
	defer func() {
		if e := c.Sync(ctx); err == nil {
			err = e
		}
	}()
	stmt, err := c.Prepare(ctx, sql, nil)
	if err != nil {
		return nil, "", err
	}
	defer stmt.Close()
	formats = stmt.(Formatter).Formats(asked)
	p, err := stmt.Start(ctx, Call{Formats: formats})
	if err != nil {
		return formats, "", err
	}
	out, _, _, err := p.AppendRows(ctx, nil, 1)
	if e := p.Close(); err == nil {
		err = e
	}
	if len(out) < 7 {
		return formats, "", err
	}
	return formats, hex.EncodeToString(out[7:]), err
}

// TestFormats: what is described is what comes.
func TestFormats(t *testing.T) {
	t.Parallel()
	core := newCore(t)
	ctx := context.Background()
	var at [4]*client
	for v := range at {
		at[v] = openAt(t, core, int32(v))
	}
	at[0].script(ctx, "CREATE TABLE t (n NUMERIC(4,1), i INT, b VARBYTE(4)); INSERT INTO t VALUES (1.5, 7, 'a'::VARBYTE)")
	hexText := func(s string) string { return fmt.Sprintf("%08x%x", len(s), s) }
	for _, c := range []struct {
		sql     string
		asked   []int16
		from    int // the first version
		formats []int16
		row     string // or the error's SQLSTATE
	}{
		{"SELECT n, i, b FROM t", nil, 0, nil, hexText("1.5") + hexText("7") + hexText("61")},
		{"SELECT n, i, b FROM t", []int16{0}, 0, []int16{0}, hexText("1.5") + hexText("7") + hexText("61")},
		{"SELECT i FROM t", []int16{1}, 0, []int16{1}, "0000000400000007"},
		{"SELECT n, i, b FROM t", []int16{1}, 2, []int16{1, 1, 0}, "00000008000000000000000f" + "0000000400000007" + hexText("61")},
		{"SELECT n, i, b FROM t", []int16{1, 0, 1}, 2, []int16{1, 0, 0}, "00000008000000000000000f" + hexText("7") + hexText("61")},
		{"SELECT INTERVAL '1-2' YEAR TO MONTH, INTERVAL '1 00:00:01' DAY TO SECOND", []int16{1}, 2, []int16{1, 1}, "000000040000000e" + "00000008000000141de6a240"},
		{"SHOW client_encoding", []int16{1}, 0, nil, hexText("UTF8")},
	} {
		for v := c.from; v < len(at); v++ {
			if formats, row, err := at[v].ask(c.sql, c.asked...); err != nil || !slices.Equal(formats, c.formats) || row != c.row {
				t.Errorf("version %d, %s in %v: %v %s %v, want %v %s", v, c.sql, c.asked, formats, row, err, c.formats, c.row)
			}
		}
		for v := range c.from {
			_, _, err := at[v].ask(c.sql, c.asked...)
			if err == nil || !strings.Contains(err.Error(), "0A000") {
				t.Errorf("version %d, %s in %v: %v", v, c.sql, c.asked, err)
			}
		}
	}
	if formats, row, err := at[0].ask("EXPLAIN SELECT n FROM t", 1); err != nil || formats != nil || !strings.Contains(row, hex.EncodeToString([]byte("XN Seq Scan on t"))) {
		t.Errorf("EXPLAIN: %v %s %v", formats, row, err)
	}
	// A cursor's rows come as FETCH asks.
	c := at[3]
	c.script(ctx, "BEGIN; DECLARE c CURSOR FOR SELECT n FROM t")
	if formats, row, err := c.ask("FETCH NEXT FROM c", 1); err != nil || !slices.Equal(formats, []int16{1}) || row != "00000008000000000000000f" {
		t.Errorf("FETCH: %v %s %v; %s", formats, row, err, c.taken())
	}
	c.script(ctx, "ROLLBACK")
}

// TestOrigins: where the columns of a description come from.
func TestOrigins(t *testing.T) {
	t.Parallel()
	core := newCore(t)
	ctx := context.Background()
	c := openAt(t, core, 1)
	c.script(ctx, `CREATE SCHEMA s; CREATE TABLE s.t (id BIGINT IDENTITY(1,1), v VARCHAR(5) NOT NULL, w INT);
		CREATE VIEW w AS SELECT id, v AS word, w + 1 AS more FROM s.t; CREATE TEMP TABLE x (a INT)`)
	for _, test := range []struct{ sql, want string }{
		{"SELECT id, v AS other, w, w + 1, 'c' FROM s.t", "dev.s.t.id identity not null, dev.s.t.v not null, dev.s.t.w, -, -"},
		{"SELECT a.v FROM (SELECT v FROM s.t) AS a LEFT JOIN s.t AS b ON a.v = b.v", "dev.s.t.v not null"},
		{"SELECT * FROM w", "dev.public.w.id, dev.public.w.word, dev.public.w.more"},
		{"SELECT a FROM x", fmt.Sprintf("dev.pg_temp_%d.x.a", c.PID())},
		{"SELECT usename FROM pg_user", "-"},
		{"SHOW client_encoding", "-"},
		{"EXPLAIN SELECT v FROM s.t", "-"},
	} {
		stmt, err := c.Prepare(ctx, test.sql, nil)
		if err != nil {
			t.Errorf("%s: %v", test.sql, err)
			continue
		}
		var all []string
		for _, col := range stmt.Columns() {
			o := col.Origin
			text := strings.Join([]string{o.Database, o.Schema, o.Table, o.Column}, ".")
			if o == (Origin{}) {
				text = "-"
			}
			if o.Identity {
				text += " identity"
			}
			if o.NotNull {
				text += " not null"
			}
			if col.ReadOnly() != (text == "-") {
				t.Errorf("%s: %s is read-only: %v", test.sql, text, col.ReadOnly())
			}
			all = append(all, text)
		}
		if got := strings.Join(all, ", "); got != test.want {
			t.Errorf("%s: %s, want %s", test.sql, got, test.want)
		}
		stmt.Close()
	}
	// A client of version 0 is not told.
	stmt, err := openAt(t, core, 0).Prepare(ctx, "SELECT v FROM s.t", nil)
	if err != nil || stmt.Columns()[0].Origin != (Origin{}) {
		t.Errorf("%+v, %v", stmt.Columns(), err)
	}
}

// TestFunctionsInBinary: what the documented functions, the operators and the system views
// give can be sent in binary as well as in text.
func TestFunctionsInBinary(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../bind/testdata/functions.txt")
	if err != nil {
		t.Fatal(err)
	}
	core := newCore(t)
	c := openAt(t, core, 3)
	c.script(context.Background(), `CREATE TABLE t (id INT, name VARCHAR(20), code CHAR(5), price NUMERIC(10,2), qty SMALLINT, big BIGINT, f FLOAT8, d DATE, ts TIMESTAMP, tz TIMESTAMPTZ, ok BOOLEAN, s SUPER, vb VARBYTE);
		CREATE TABLE u (id INT, t_id INT); INSERT INTO t VALUES (1, 'a', 'b', 4.5, 2, 3, 0.5, '2024-02-29', '2024-02-29 10:20:30', '2024-02-29 10:20:30+02', true, JSON_PARSE('[1]'), 'a'::VARBYTE)`)
	n, binaries := 0, 0
	for line := range strings.Lines(string(text)) {
		fields := strings.Split(strings.TrimSpace(line), " | ")
		if len(fields) < 3 || fields[1] != "works" {
			continue
		}
		sql := "SELECT " + fields[2] + " FROM t"
		if _, _, err := c.ask(sql); err != nil {
			if sql = "SELECT " + fields[2]; !strings.Contains(err.Error(), "0A000") {
				continue // it needs other rows
			}
			if _, _, err := c.ask(sql); err != nil {
				continue // or a place of its own
			}
		}
		n++
		formats, _, err := c.ask(sql, 1)
		if err != nil {
			t.Errorf("%s in binary: %v", sql, err)
		}
		if slices.Contains(formats, 1) {
			binaries++
		}
	}
	for _, name := range sysview.Names() {
		if _, _, err := c.ask("SELECT * FROM "+name, 1); err != nil {
			t.Errorf("%s in binary: %v", name, err)
		}
	}
	operands := []string{"id", "big", "price", "price::numeric(19,4)", "price::numeric(38,10)", "f", "1.50"}
	for _, a := range operands {
		for _, b := range operands {
			for _, op := range []string{"+", "-", "*", "/", "%"} {
				sql := "SELECT " + a + op + b + ", coalesce(" + a + ", " + b + ") FROM t"
				if _, _, err := c.ask(sql); err != nil {
					continue
				}
				if _, _, err := c.ask(sql, 1); err != nil {
					t.Errorf("%s in binary: %v", sql, err)
				}
			}
		}
	}
	if n < 150 || binaries < 150 {
		t.Errorf("%d functions were asked, %d came in binary", n, binaries)
	}
}
