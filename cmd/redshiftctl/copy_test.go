package main

import (
	"strings"
	"testing"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/transport"
)

// rejecting is a server whose COPY finds a bad row.
func rejecting() *server {
	text := func(name string) transport.Column { return transport.Column{Name: name, Type: transport.OIDBpchar} }
	number := func(name string) transport.Column { return transport.Column{Name: name, Type: transport.OIDInt8} }
	return (&server{}).
		on("COPY", reply{err: &transport.ServerError{SQLState: "XX000", Message: "Load into table 't' failed.  Check 'stl_load_errors' system table for details."}}).
		on("stl_load_errors", reply{
			cols: []transport.Column{
				number("query"), number("session"), number("tbl"),
				{Name: "starttime", Type: transport.OIDTimestamp},
				text("filename"), number("line_number"),
				text("colname"), text("type"), text("col_length"), number("position"), number("err_code"), text("err_reason"), text("raw_line"), text("raw_field_value"),
			},
			rows: [][]string{{
				"9", "7", "100", "2026-01-02 03:04:05", "s3://bucket/x/00000-a.csv  ", "3", "qty ", "int4 ", "0 ", "2", "1207",
				"Invalid digit, Value 'x', Pos 2, Type: Integer ", "1,12x4 ", "12x4 ",
			}},
			tag: "SELECT",
		})
}

func TestCopyRejected(t *testing.T) {
	t.Parallel()
	got := ctl(t, rejecting(), nil, "", "copy", "t", "s3://bucket/x/", "--role", "default", "--format", "csv")
	const want = "" +
		" file        │ line │ column   │ value │ reason\n" +
		"─────────────┼──────┼──────────┼───────┼───────────────────────────────────────────────────────\n" +
		" 00000-a.csv │    3 │ qty int4 │ 12x4  │ Invalid digit, Value 'x', Pos 2, Type: Integer (1207)\n" +
		"             │      │          │   ^   │\n"
	if got.code != exitRejected || got.stdout != "" || !strings.HasPrefix(got.stderr, "redshiftctl: Load into table 't' failed.") || !strings.Contains(got.stderr, want) {
		t.Errorf("got %d\n%s%s", got.code, got.stdout, got.stderr)
	}
}

func TestCopyPartial(t *testing.T) {
	t.Parallel()
	s := (&server{}).on("COPY", reply{tag: "COPY", says: "Load into table 't' completed, 2 record(s) could not be loaded."}).
		on("pg_last_copy_count", reply{cols: people.cols[:1], rows: [][]string{{"1"}}, tag: "SELECT"})
	got := ctl(t, s, nil, "", "copy", "--sql", "copy t from 's3://bucket/x' iam_role default maxerror 9")
	if got.code != 0 || !strings.HasPrefix(got.stdout, "1 row loaded into t in ") || got.stderr != "2 rows rejected\n" {
		t.Errorf("got %+v", got)
	}
}

func TestCopyUsage(t *testing.T) {
	t.Parallel()
	s := &server{}
	for want, args := range map[string][]string{
		"takes a table and a source":    {"t"},
		"is no source":                  {"t", "file.csv"},
		"a source is s3":                {"t", "ftp://x/y"},
		"--role default":                {"t", "s3://bucket/x"},
		"--format must be":              {"t", "s3://bucket/x", "--format", "xml"},
		"--quote does not go with":      {"t", "s3://bucket/x", "--format", "json", "--quote", "x"},
		"not both":                      {"t", "s3://bucket/x", "--sql", "copy"},
		"Did you mean IGNOREHEADER":     {"--sql", "copy t from 's3://bucket/x' iam_role default ignoreheadr 1"},
		"--manifest goes with":          {"t", "dynamodb://x", "--manifest"},
		"--read-ratio goes with":        {"t", "s3://bucket/x", "--read-ratio", "5"},
		"READRATIO":                     {"t", "dynamodb://movies", "--role", "default"},
		"IGNOREALLERRORS":               {"t", "s3://bucket/x", "--role", "default", "--max-errors", "2", "--ignore-all-errors"},
		"arn:aws:iam::<12 digits>:role": {"t", "s3://bucket/x", "--role", "loader"},
		"COMPUPDATE must be ON, OFF":    {"t", "s3://bucket/x", "--role", "default", "--comp-update", "x"},
		`--format tsv has a tab`:        {"t", "s3://bucket/x", "--format", "tsv", "--delimiter", "x"},
		"see 'redshiftctl copy --help'": {"t", "s3://bucket/x", "more"},
	} {
		if got := ctl(t, s, nil, "", append([]string{"copy"}, args...)...); got.code != exitUsage || !strings.Contains(got.stderr, want) {
			t.Errorf("%q: got %+v", args, got)
		}
	}
	if len(s.log) != 0 {
		t.Errorf("sent %q", s.log)
	}
	// Keys are not shown.
	got := ctl(t, s, nil, "", "copy", "--dry-run", "--sql", "copy t from 's3://bucket/x' access_key_id 'AKIA' secret_access_key 'Hunter22'")
	if got.code != 0 || strings.Contains(got.stdout, "Hunter22") || !strings.HasPrefix(got.stdout, "COPY ") {
		t.Errorf("got %+v", got)
	}
}

func TestUnloadCommand(t *testing.T) {
	t.Parallel()
	s := (&server{}).on("UNLOAD", reply{tag: "UNLOAD", says: "UNLOAD completed, 7 record(s) unloaded successfully."}).
		on("sys_unload_history", reply{
			cols: []transport.Column{{Name: "r", Type: transport.OIDInt8}, {Name: "f", Type: transport.OIDInt8}, {Name: "b", Type: transport.OIDInt8}},
			rows: [][]string{{"7", "1", "5242880"}}, tag: "SELECT",
		})
	got := ctl(t, s, nil, "select 1;\n", "unload", "-", "s3://bucket/out/", "--format", "csv", "--header", "--compression", "gzip",
		"--manifest", "--partition-by", "a,b", "--parallel", "off", "--role", "default", "--max-file-size", "64", "--null-as", "")
	if got.code != 0 || !strings.HasPrefix(got.stdout, "7 rows unloaded to s3://bucket/out/ in ") ||
		!strings.HasSuffix(got.stdout, "(1 file, 5.0 MiB)\nmanifest: s3://bucket/out/manifest\n") {
		t.Errorf("got %+v", got)
	}
	const want = `UNLOAD ('select 1') TO 's3://bucket/out/' IAM_ROLE DEFAULT FORMAT AS CSV PARTITION BY ("a", "b") MANIFEST HEADER GZIP NULL AS '' PARALLEL OFF MAXFILESIZE 64 MB`
	if _, sent, _ := strings.Cut(s.log[0], " */ "); sent != want { // behind the id
		t.Errorf("sent %s, want %s", s.log[0], want)
	}
	got = ctl(t, s, nil, "", "unload", "--sql", "unload ('select 2') to 's3://bucket/x' iam_role default parquet", "--dry-run")
	if got.code != 0 || got.stdout != "UNLOAD ('select 2') TO 's3://bucket/x' IAM_ROLE DEFAULT FORMAT AS PARQUET\n" {
		t.Errorf("got %+v", got)
	}
	for want, args := range map[string][]string{
		"a query and a place":     {"select 1"},
		"not like s3://":          {"select 1", "/tmp/x"},
		"--role default":          {"select 1", "s3://bucket/x"},
		"--header does not go":    {"select 1", "s3://bucket/x", "--format", "parquet", "--header"},
		"CLEANPATH":               {"select 1", "s3://bucket/x", "--role", "default", "--clean-path", "--allow-overwrite"},
		"not both":                {"select 1", "s3://bucket/x", "--sql", "unload"},
		"--parallel must be":      {"select 1", "s3://bucket/x", "--parallel", "x"},
		"--format must be one of": {"select 1", "s3://bucket/x", "--format", "orc"},
	} {
		if got := ctl(t, s, nil, "", append([]string{"unload"}, args...)...); got.code != exitUsage || !strings.Contains(got.stderr, want) {
			t.Errorf("%q: got %+v", args, got)
		}
	}
}

func TestPing(t *testing.T) {
	t.Parallel()
	s := (&server{}).on("version()", reply{
		cols: []transport.Column{{Name: "v", Type: transport.OIDText}, {Name: "d", Type: transport.OIDName}, {Name: "u", Type: transport.OIDName}},
		rows: [][]string{{"PostgreSQL 8.0.2, Redshift 1.0.1", "dev", "ann"}}, tag: "SELECT",
	}).
		on("select 1", reply{cols: people.cols[:1], rows: [][]string{{"1"}}, tag: "SELECT"})
	got := ctl(t, s, nil, "", "ping")
	if got.code != 0 || !strings.HasPrefix(got.stdout, "127.0.0.1:5439/dev as ann: connected in ") || !strings.HasSuffix(got.stdout, "\nPostgreSQL 8.0.2, Redshift 1.0.1\n") {
		t.Errorf("got %+v", got)
	}
	refused := (&server{}).on("version()", reply{err: &transport.ConnectError{
		Addr: "127.0.0.1:5439", Stage: "login", Hint: "check user and password; temporary credentials expire",
		Err: &transport.ServerError{SQLState: "28P01", Message: `password authentication failed for user "ann"`},
	}})
	got = ctl(t, refused, nil, "", "ping")
	if got.code != exitConnect || !strings.Contains(got.stderr, "127.0.0.1:5439 refused the login: password") ||
		!strings.Contains(got.stderr, "(SQLSTATE 28P01)\nhint: check --user, and REDSHIFT_PASSWORD") {
		t.Errorf("got %+v", got)
	}
}

func TestOffending(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 100) + "X" + strings.Repeat("b", 100)
	for _, c := range []struct {
		e    redshift.LoadError
		want string
	}{
		{redshift.LoadError{RawValue: "12x", Message: "Invalid digit, Value 'x', Pos 2, Type: Integer"}, "12x\n  ^"},
		{redshift.LoadError{RawValue: "日x", Message: "Pos 1"}, "日x\n  ^"},
		{redshift.LoadError{RawValue: "x", Message: "Invalid digit, Value 'x', Pos 0"}, "x\n^"},
		{redshift.LoadError{RawValue: "abc", Message: "String length exceeds DDL length", Position: 2}, "abc"},
		{redshift.LoadError{RawValue: "abc", Message: "Pos 99"}, "abc"},
		{redshift.LoadError{RawLine: "a,b\x1b"}, "a,b\uFFFD"},
		{redshift.LoadError{RawLine: "a,b", Position: 2, Message: "Delimiter not found"}, "a,b\n  ^"},
		{redshift.LoadError{RawValue: long, Message: "Pos 100"}, strings.Repeat("a", 20) + "X" + strings.Repeat("b", 19) + "\n" + strings.Repeat(" ", 20) + "^"},
		{redshift.LoadError{RawValue: long}, strings.Repeat("a", 40)},
		{redshift.LoadError{}, ""},
	} {
		if got := offending(c.e); got != c.want {
			t.Errorf("%+v: got %q, want %q", c.e, got, c.want)
		}
	}
}
