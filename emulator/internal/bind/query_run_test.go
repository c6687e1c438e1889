package bind_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
	"github.com/llm-dev-ops/redshift/emulator/internal/engine"
	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
)

// TestQueryValues runs the expressions of testdata/query_values: a line is an
// expression, " -> " and the text that Redshift's documents promise, followed by
// " :: " and the type where that matters, or "ERROR" with SQLSTATE and message.
// Columns are apart by " | " and rows by " / "; "(no rows)" is none.
func TestQueryValues(t *testing.T) {
	t.Parallel()
	r := newValues(t)
	paths, err := filepath.Glob("testdata/query_values/*")
	if err != nil || len(paths) == 0 {
		t.Fatal(err, "no files")
	}
	for _, path := range paths {
		for _, c := range readValues(t, path) {
			c.check(t, r)
		}
	}
}

// newValues is a runner with the tables of valuesSetup.
func newValues(t *testing.T) *runner {
	t.Helper()
	r := newRunner(t)
	for _, sql := range strings.Split(valuesSetup, ";\n") {
		if out := one(r, sql); strings.HasPrefix(out, "ERROR") || strings.HasPrefix(out, "FAILED") {
			t.Fatalf("%s\n%s", sql, out)
		}
	}
	return r
}

// valueCase is a line of an expression and what it gives.
type valueCase struct {
	place, heading   string
	expr, want, typ  string
	typed, stateOnly bool
}

// readValues reads a file of lines; one that begins with # is the heading of those
// below it. "ERROR" without a message asks for the SQLSTATE alone.
func readValues(t *testing.T, path string) (cases []valueCase) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	n, heading := 0, ""
	for line := range strings.Lines(string(data)) {
		n++
		line = strings.TrimRight(line, "\n")
		switch {
		case line == "":
			continue
		case line[0] == '#':
			heading = line
			continue
		}
		c := valueCase{place: filepath.Base(path) + ":" + strconv.Itoa(n), heading: heading}
		var ok bool
		if c.expr, c.want, ok = strings.Cut(line, " -> "); !ok {
			t.Errorf("%s: no ->", c.place)
			continue
		}
		c.want, c.typ, c.typed = strings.Cut(c.want, " :: ")
		c.stateOnly = strings.HasPrefix(c.want, "ERROR ") && len(c.want) == len("ERROR 00000")
		cases = append(cases, c)
	}
	return cases
}

// run gives the case's rows and type, or its error.
func (c valueCase) run(r *runner) (rows, typ string) {
	sql := c.expr
	if !strings.HasPrefix(sql, "SELECT ") && !strings.HasPrefix(sql, "WITH ") {
		sql = "SELECT " + sql + " AS x"
	}
	head, rows, found := strings.Cut(strings.TrimSuffix(one(r, sql), "\n"), "\n")
	failed := strings.HasPrefix(head, "ERROR") || strings.HasPrefix(head, "FAILED")
	if !found && !failed {
		return "(no rows)", strings.TrimPrefix(head, "x ")
	}
	if failed {
		if state, _, hasPlace := strings.Cut(head, "@"); hasPlace {
			_, message, _ := strings.Cut(head, ": ")
			head = state + ": " + message
		}
		if c.stateOnly {
			head, _, _ = strings.Cut(head, ": ")
		}
		return head, ""
	}
	return strings.ReplaceAll(rows, "\n", " / "), strings.TrimPrefix(head, "x ")
}

func (c valueCase) check(t *testing.T, r *runner) {
	t.Helper()
	rows, typ := c.run(r)
	if rows != c.want {
		t.Errorf("%s: %s\n got %s\nwant %s", c.place, c.expr, rows, c.want)
	}
	if c.typed && typ != "" && typ != c.typ {
		t.Errorf("%s: %s\n got type %s\nwant %s", c.place, c.expr, typ, c.typ)
	}
}

// one binds and runs a statement and gives its rows below a line of columns.
func one(r *runner, sql string) string {
	p, err := r.bind(sql)
	if err != nil {
		return failure(err)
	}
	out, err := r.exec(p)
	if err != nil {
		return failure(err)
	}
	return out
}

const valuesSetup = `CREATE TABLE t (id INT, name VARCHAR(20), code CHAR(5), price NUMERIC(10,2), qty SMALLINT, big BIGINT, f FLOAT8, d DATE, ts TIMESTAMP, ok BOOLEAN, s SUPER);
INSERT INTO t VALUES (1, 'alice', 'ab', 10.50, 3, 10000000000, 1.5, '2024-01-15', '2024-01-15 10:30:00', true, NULL);
INSERT INTO t VALUES (2, 'bob', 'cd', 20.25, 4, 5, 2.5, '2024-02-20', '2024-02-20 11:00:00', false, NULL);
INSERT INTO t (id, name, code) VALUES (3, 'carol ', 'ef');
CREATE TABLE u (id INT, t_id INT, note VARCHAR(30));
INSERT INTO u VALUES (1, 1, 'x'), (2, 1, 'y'), (3, 2, 'z'), (4, 9, 'w');
CREATE TABLE guide (id INT, s VARCHAR(30), d DATE, ts TIMESTAMP, n INT, f FLOAT8, b BOOLEAN);
INSERT INTO guide VALUES (1, 'Hello World', date '2024-02-29', timestamp '2024-02-29 23:59:59.5', 7, 2.5, true), (2, '', date '1999-12-31', timestamp '1970-01-01 00:00:00', -32768, -0.125, false), (3, 'o''neill', date '2000-01-01', timestamp '2000-12-31 12:00:00', 2147483647, 1e10, null), (4, null, null, null, null, null, true), (5, '  pad  ', date '1970-01-01', timestamp '2023-03-01 06:07:08', 0, 0, false)`

// TestQueryRows runs testdata/query_rows: joins, groups, windows, set operations.
func TestQueryRows(t *testing.T) {
	t.Parallel()
	datadriven.Walk(t, "testdata/query_rows", func(t *testing.T, path string) {
		r := newRunner(t)
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			var out strings.Builder
			for sql := range strings.SplitSeq(d.Input, ";\n") {
				out.WriteString(one(r, strings.TrimSuffix(sql, ";")))
			}
			return out.String()
		})
	})
}

// TestQueryParameters: the client's text of a value becomes the parameter's type.
func TestQueryParameters(t *testing.T) {
	t.Parallel()
	r := newRunner(t)
	for _, c := range []struct {
		sql  string
		args []string
		want string
	}{
		{"SELECT $1 + 1 AS x", []string{"41"}, "x integer\n42\n"},
		{"SELECT $1 AS x", []string{"it's"}, "x character varying\nit's\n"},
		{"SELECT $1::boolean AS x, NOT $2 AS y", []string{"t", "false"}, "x boolean | y boolean\nt | t\n"},
		{"SELECT $1::numeric(10,2) AS x", []string{"12.345"}, "x numeric(10,2)\n12.35\n"},
		{"SELECT $1::date + 1 AS x", []string{"2024-02-28"}, "x date\n2024-02-29\n"},
		{"SELECT $1::timestamp AS x, $2::timestamptz AS y", []string{"2024-01-02 03:04:05.5", "2024-01-02 03:04:05+02"}, "x timestamp without time zone | y timestamp with time zone\n2024-01-02 03:04:05.5 | 2024-01-02 01:04:05+00\n"},
		{"SELECT $1::varbyte::varchar(2) AS x", []string{"6162"}, "x character varying(2)\nab\n"},
		{"SELECT ($1::super).a AS x", []string{`{"a" : [1]}`}, "a super\n[1]\n"},
		{"SELECT $1::varchar(2) AS x, $2::char(2) = 'a' AS y", []string{"abc", "a "}, "x character varying(2) | y boolean\nab | t\n"},
		{"SELECT x FROM (SELECT 1 AS x UNION ALL SELECT 2) WHERE x IN ($1, $2) ORDER BY x LIMIT $3 OFFSET $4", []string{"1", "2", "1", "1"}, "x integer\n2\n"},
		{"SELECT $1::float8 / 2 AS x, $1 AS y", []string{"5"}, "x double precision | y double precision\n2.5 | 5\n"},
		{"SELECT $2::int - $1::int AS x", []string{"1", "5"}, "x integer\n4\n"},
		{"SELECT upper($1) || $2 AS x WHERE $1 = 'a'", []string{"a", "b"}, "x character varying\nAb\n"},
		{"SELECT 10 / $1 AS x", []string{"0"}, "ERROR 22012: division by zero\n"},
	} {
		r.args = nil
		for _, a := range c.args {
			r.args = append(r.args, engine.Text(a))
		}
		want := strings.Replace(c.want, "a super", "x super", 1)
		if got := one(r, c.sql); got != want {
			t.Errorf("%s %q\n got %s\nwant %s", c.sql, c.args, got, want)
		}
	}
}

// TestNumericParameters: a NUMERIC parameter has as many digits as its context.
func TestNumericParameters(t *testing.T) {
	t.Parallel()
	r := newRunner(t)
	const nines = "-99999999999999999999999999999999999999"
	r.args = []engine.Value{engine.Text(nines)}
	for _, declared := range []rstype.Type{{}, {Kind: rstype.Numeric}} {
		r.env.Params = []rstype.Type{declared}
		if got := one(r, "SELECT CAST($1 AS NUMERIC(38,0)) AS x"); got != "x numeric(38,0)\n"+nines+"\n" {
			t.Errorf("%v: %s", declared, got)
		}
		r.args = []engine.Value{engine.Text("0.12345678901234567890")}
		if got := one(r, "SELECT $1::numeric(38,20) AS x"); got != "x numeric(38,20)\n0.12345678901234567890\n" {
			t.Errorf("%v: %s", declared, got)
		}
		r.args = []engine.Value{engine.Text(nines)}
	}
}
