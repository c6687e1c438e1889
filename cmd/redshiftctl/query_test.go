package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/llm-dev-ops/redshift/transport"
)

var people = reply{
	cols: []transport.Column{
		{Name: "id", Type: transport.OIDInt8},
		{Name: "name", Type: transport.OIDVarchar},
		{Name: "paid", Type: transport.OIDNumeric},
		{Name: "old", Type: transport.OIDBool},
		{Name: "tags", Type: transport.OIDSuper},
		{Name: "id", Type: transport.OIDFloat8},
	},
	rows: [][]string{
		{"9007199254740993", "Ann, \"A\"", "12345678901234567890.10", "t", `{"a": [1]}`, "1.5"},
		{"2", "", "\x00", "f", "\x00", "NaN"},
		{"\x00", "\x1b[31mred\nline", "0.00", "\x00", `"x"`, "\x00"},
	},
	tag: "SELECT",
}

func TestFormats(t *testing.T) {
	t.Parallel()
	s := (&server{}).on("people", people)
	for _, c := range []struct {
		name, want string
		args       []string
	}{
		{"csv", "id,name,paid,old,tags,id\n" +
			`9007199254740993,"Ann, ""A""",12345678901234567890.10,t,"{""a"": [1]}",1.5` + "\n" +
			`2,"",,f,,NaN` + "\n" +
			",\"\x1b[31mred\nline\",0.00,," + `"""x""",` + "\n", nil},
		{"csv with a NULL", `2,"",NA,f,NA,NaN`, []string{"--null", "NA"}},
		{"json", `[{"id":9007199254740993,"name":"Ann, \"A\"","paid":12345678901234567890.10,"old":true,"tags":{"a": [1]},"id_2":1.5},` + "\n" +
			` {"id":2,"name":"","paid":null,"old":false,"tags":null,"id_2":"NaN"},` + "\n" +
			` {"id":null,"name":"\u001b[31mred\nline","paid":0.00,"old":null,"tags":"x","id_2":null}]` + "\n", []string{"--format", "json"}},
		{"jsonl", `"id_2":1.5}` + "\n" + `{"id":2,`, []string{"--format", "jsonl"}},
		{"table", "" +
			"               id │ name     │                    paid │ old  │ tags       │   id\n" +
			"──────────────────┼──────────┼─────────────────────────┼──────┼────────────┼──────\n" +
			" 9007199254740993 │ Ann, \"A\" │ 12345678901234567890.10 │ t    │ {\"a\": [1]} │  1.5\n" +
			"                2 │          │                    NULL │ f    │ NULL       │  NaN\n" +
			"             NULL │ �[31mred │                    0.00 │ NULL │ \"x\"        │ NULL\n" +
			"                  │ line     │                         │      │            │\n" +
			"(3 rows)\n", []string{"--format", "table"}},
	} {
		got := ctl(t, s, nil, "", append([]string{"query", "select * from people"}, c.args...)...)
		if got.code != 0 || !strings.Contains(got.stdout, c.want) || got.stderr != "" {
			t.Errorf("%s: got %d\n%s\n%s, want\n%s", c.name, got.code, got.stdout, got.stderr, c.want)
		}
	}
}

func TestQueryMany(t *testing.T) {
	t.Parallel()
	s := (&server{}).on("people", reply{cols: people.cols[:1], rows: [][]string{{"1"}, {"2"}, {"3"}}, tag: "SELECT"}).
		on("none", reply{cols: people.cols[:1], tag: "SELECT"}).
		on("insert", reply{tag: "INSERT 0 3", says: "careful\x1b[2J"})
	const script = "select * from people; insert into t values (1); select * from none;"
	for format, want := range map[string]string{
		"csv":   "id\n1\n2\n3\n\nid\n",
		"json":  "[{\"id\":1},\n {\"id\":2},\n {\"id\":3}]\n[]\n",
		"jsonl": "{\"id\":1}\n{\"id\":2}\n{\"id\":3}\n",
		"table": " id\n────\n  1\n  2\n(2 rows)\n id\n────\n(0 rows)\n",
	} {
		got := ctl(t, s, nil, script, "query", "-", "--format", format, "--max-rows", "2")
		if got.code != 0 || got.stdout != want {
			t.Errorf("%s: got %d\n%s%s", format, got.code, got.stdout, got.stderr)
		}
		if !strings.Contains(got.stderr, "INFO: careful�[2J\nINSERT 0 3\n") || strings.Contains(got.stderr, "only the first 2 rows") != (format == "table") {
			t.Errorf("%s: said %s", format, got.stderr)
		}
	}
	if got := ctl(t, s, nil, script, "query", "-", "--quiet"); got.stderr != "" {
		t.Errorf("said %s", got.stderr)
	}
}

func TestQueryFailures(t *testing.T) {
	t.Parallel()
	syntax := &transport.ServerError{Severity: "ERROR", SQLState: "42601", Message: `syntax error at or near "form"`, Position: 24}
	s := (&server{}).on("form", reply{err: syntax}).on("1", reply{tag: "SELECT"}).
		on("lost", reply{err: &transport.LostError{Sent: true, Err: os.ErrDeadlineExceeded}}).
		on("missing", reply{err: &transport.ServerError{SQLState: "42P01", Message: `relation "missing" does not exist`}})
	got := ctl(t, s, nil, "", "query", "select 1;\n-- two\nselect ä,\n  b * form t")
	const want = "redshiftctl: statement 2: syntax error at or near \"form\" (SQLSTATE 42601)\n" +
		"line 3:   b * form t\n" +
		"              ^\n"
	if got.code != exitFailed || !strings.HasSuffix(got.stderr, want) {
		t.Errorf("got %d\n%s", got.code, got.stderr)
	}
	if got = ctl(t, s, nil, "", "query", "select lost"); got.code != exitUnknown {
		t.Errorf("got %+v", got)
	}
	if got = ctl(t, s, nil, "", "query", "select missing"); got.code != exitFailed ||
		!strings.Contains(got.stderr, "does not exist (SQLSTATE 42P01)\nhint: name the schema") {
		t.Errorf("got %+v", got)
	}
	// A statement with a secret is not shown.
	if got = ctl(t, s, nil, "", "query", "create user form password 'Hunter22'"); strings.Contains(got.stderr, "Hunter") {
		t.Errorf("got %+v", got)
	}

	down := &server{openErr: &transport.ConnectError{Addr: "127.0.0.1:5439", Stage: "dial", Err: os.ErrNotExist}}
	if got = ctl(t, down, nil, "", "query", "select 1"); got.code == exitDone || got.stdout != "" {
		t.Errorf("got %+v", got)
	}
	for _, args := range [][]string{
		{"query"},
		{"query", "a", "b"},
		{"query", "a", "-f", "x"},
		{"query", "-f", "no such file"},
		{"query", " ; "},
		{"query", "'a"},
		{"query", "1", "--format", "xml"},
		{"query", "1", "--timeout", "-1s"},
		{"query", "1", "--port", "x"},
		{"query", "1", "--port", "70000"},
		{"query", "$1"},
		{"query", "1", "-p", "x=1"},
		{"query", "$2", "-p", "2=1"},
		{"query", "1", "-p", "x"},
		{"query", "1", "--sslmode", "maybe"},
		{"query", "$1", "-p", "1=1", "-p", "1=2"},
		{"query", "1", "--password-file", "no such file"},
	} {
		if got := ctl(t, s, nil, "", args...); got.code != exitUsage || got.stdout != "" || !strings.HasPrefix(got.stderr, "redshiftctl: ") {
			t.Errorf("%q: got %+v", args, got)
		}
	}
	if len(down.log) != 0 {
		t.Errorf("sent %q", down.log)
	}
}

func TestQueryOutput(t *testing.T) {
	t.Parallel()
	s := (&server{}).on("people", reply{cols: people.cols[:1], rows: [][]string{{"1"}}, tag: "SELECT"}).
		on("bad", reply{err: &transport.ServerError{SQLState: "22012", Message: "division by zero"}})
	dir := t.TempDir()
	path := filepath.Join(dir, "out.csv")
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	read := func() string {
		t.Helper()
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		names, err := os.ReadDir(dir)
		if err != nil || len(names) != 1 {
			t.Errorf("left %v, %v", names, err)
		}
		return string(b)
	}
	// A failure leaves what was there.
	if got := ctl(t, s, nil, "", "query", "people; bad", "-o", path); got.code != exitFailed || read() != "old" {
		t.Errorf("got %+v", got)
	}
	if got := ctl(t, s, nil, "", "query", "people", "-o", path); got.code != 0 || got.stdout != "" || read() != "id\n1\n" {
		t.Errorf("got %+v", got)
	}
	if got := ctl(t, s, nil, "", "query", "people", "-o", os.DevNull); got.code != 0 {
		t.Errorf("got %+v", got)
	}
	if got := ctl(t, s, nil, "", "query", "people", "-o", filepath.Join(dir, "no", "dir")); got.code != exitFailed {
		t.Errorf("got %+v", got)
	}
}

func TestParameters(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		sql   string
		flags []string
		want  string
		args  string
	}{
		{"select $2, $1", []string{"1=a", "2=b"}, "select $2, $1", "a b"},
		{"select :day, :day::date, ':day', a::day, x:day", []string{"day=d"}, "select $1, $1::date, ':day', a::day, x$1", "d"},
		{"select $1, :b, :a, :b, :c", []string{"1=x", "a=y", "b=z"}, "select $1, $2, $3, $2, :c", "x z y"},
		{"select /* $9 :a */ :a", []string{"a=1=2"}, "select /* $9 :a */ $1", "1=2"},
		{"select 1", nil, "select 1", ""},
	} {
		p, err := parseParameters(c.flags)
		if err != nil {
			t.Fatal(err)
		}
		got, args, err := p.bind(c.sql)
		var texts []string
		for _, a := range args {
			texts = append(texts, a.(string))
		}
		if err != nil || got != c.want || strings.Join(texts, " ") != c.args || p.unused() != nil {
			t.Errorf("%s: got %s with %q, %v", c.sql, got, args, err)
		}
	}
	for _, bad := range []string{"=x", "0=x", "-1=x", "a b=x", "99999=x", "é=x", "novalue"} {
		if _, err := parseParameters([]string{bad}); err == nil {
			t.Errorf("%s: no error", bad)
		}
	}
}

func FuzzParameters(f *testing.F) {
	f.Add("select :a, $1, ':a', $$:a$$")
	f.Add("select a::a[:a]")
	f.Fuzz(func(t *testing.T, sql string) {
		p, err := parseParameters([]string{"a=1", "1=2"})
		if err != nil {
			t.Fatal(err)
		}
		got, args, err := p.bind(sql)
		if err == nil && len(args) == 0 && got != sql {
			t.Errorf("%q became %q", sql, got)
		}
	})
}
