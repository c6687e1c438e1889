package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/s3stage"
	"github.com/llm-dev-ops/redshift/transport"
)

const done = "Load into table 't' completed, 7 record(s) loaded successfully."

func loader() *server {
	return (&server{}).on("limit 0", reply{cols: people.cols[:1], tag: "SELECT"}).
		on("COPY", reply{tag: "COPY", says: done}).
		on("sys_load_history", reply{
			cols: []transport.Column{{Name: "r", Type: transport.OIDInt8}, {Name: "f", Type: transport.OIDInt8}, {Name: "b", Type: transport.OIDInt8}},
			rows: [][]string{{"7", "2", "2048"}}, tag: "SELECT",
		})
}

func gz(text string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = io.WriteString(z, text)
	_ = z.Close()
	return b.String()
}

func zs(text string) string {
	z, _ := zstd.NewWriter(nil)
	return string(z.EncodeAll([]byte(text), nil))
}

func gunzip(t *testing.T, packed string) string {
	t.Helper()
	z, err := gzip.NewReader(strings.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// dirWith makes files.
func dirWith(t *testing.T, files map[string]string) func(...string) []string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return func(names ...string) []string {
		for i, n := range names {
			names[i] = filepath.Join(dir, n)
		}
		return names
	}
}

func load(t *testing.T, s *server, st *store, files []string, more ...string) ran {
	t.Helper()
	args := append([]string{"load", "--stage", "s3://bucket/tmp", "--role", "default"}, files...)
	return ctl(t, s, st, "from stdin", append(args, more...)...)
}

func TestLoad(t *testing.T) {
	t.Parallel()
	in := dirWith(t, map[string]string{"a.csv": "1", "b b.csv": "2", "a.csv.gz": gz("1"), "a.tsv": "1\t2", "x.parquet": "PAR1", "a.jsonl": `{"a":1}`})
	for _, c := range []struct {
		files []string
		more  []string
		want  string // of the COPY, behind the role
		keys  string
	}{
		{in("a.csv", "b b.csv"), []string{"T", "--header"}, "FORMAT AS CSV IGNOREHEADER 1", "00000-a.csv 00001-b_b.csv"},
		{in("a.csv.gz"), []string{`"T".t`, "--delimiter", ";", "--max-errors", "4", "--columns", "a,b"}, "FORMAT AS CSV DELIMITER ';' GZIP MAXERROR 4", "00000-a.csv.gz"},
		{in("a.tsv"), []string{"t"}, `FORMAT AS CSV DELIMITER '\\t'`, "00000-a.tsv"},
		{in("x.parquet"), []string{"t"}, "FORMAT AS PARQUET", "00000-x.parquet"},
		{in("a.jsonl"), []string{"t", "--time-format", "epochsecs", "--copy-option", "TRUNCATECOLUMNS"}, "FORMAT AS JSON 'auto ignorecase' TIMEFORMAT 'epochsecs' TRUNCATECOLUMNS", "00000-a.jsonl"},
		{[]string{"-"}, []string{"t", "--format", "csv", "--null-as", "", "--region", "eu-central-1", "--s3-endpoint", "http://127.0.0.1:1"}, "REGION 'eu-central-1' FORMAT AS CSV NULL AS ''", "00000-stdin"},
	} {
		s, st := loader(), &store{objects: map[string]string{}}
		got := load(t, s, st, c.files, c.more...)
		if got.code != 0 || !strings.HasPrefix(got.stdout, "7 rows loaded into ") || !strings.HasSuffix(got.stdout, "(2 files, 2.0 KiB)\n") || got.stderr != "" {
			t.Errorf("%q: got %+v", c.files, got)
			continue
		}
		var keys []string
		for uri := range maps.Keys(st.objects) {
			keys = append(keys, base(uri))
		}
		slices.Sort(keys)
		if got := strings.Join(keys, " "); got != c.keys {
			t.Errorf("uploaded %s, want %s", got, c.keys)
		}
		if len(st.cleaned) != 1 || !strings.Contains(s.log[1], "FROM '"+st.cleaned[0]+"' IAM_ROLE DEFAULT ") || !strings.Contains(s.log[1], c.want) {
			t.Errorf("sent %s and cleaned %q, want %s", s.log[1], st.cleaned, c.want)
		}
		for uri := range st.objects {
			if !strings.HasPrefix(uri, st.cleaned[0]) {
				t.Errorf("%s is left", uri)
			}
		}
	}
}

func TestLoadArrays(t *testing.T) {
	t.Parallel()
	in := dirWith(t, map[string]string{
		"a.json": "\ufeff [\n {\"a\": 1,\n  \"b\": \"]\"}, {\"a\":2}\n]\n", "b.json": `{"a":3} {"a":4}`, "c.json.gz": gz(`[{"a":5}]`), "d.json.zst": zs(`[]`),
		"open.json": `[{"a":1}`, "more.json": `[{"a":1}] x`, "numbers.json": `[1,2]`, "broken.json": `[{"a":]`,
	})
	for _, c := range []struct {
		files []string
		want  []string
	}{
		{in("a.json", "b.json"), []string{"{\"a\":1,\"b\":\"]\"}\n{\"a\":2}\n", "{\"a\":3}\n{\"a\":4}\n"}},
		{in("c.json.gz"), []string{"{\"a\":5}\n"}},
		{in("d.json.zst"), []string{""}},
	} {
		s, st := loader(), &store{objects: map[string]string{}}
		if got := load(t, s, st, c.files, "t"); got.code != 0 || !strings.Contains(s.log[1], "JSON 'auto ignorecase' GZIP") {
			t.Fatalf("got %+v after %q", got, s.log)
		}
		keys := slices.Sorted(maps.Keys(st.objects))
		for i, k := range keys {
			if text := gunzip(t, st.objects[k]); text != c.want[i] {
				t.Errorf("%s is %q, want %q", k, text, c.want[i])
			}
		}
	}
	for _, name := range []string{"open.json", "more.json", "numbers.json", "broken.json"} {
		s, st := loader(), &store{objects: map[string]string{}}
		if got := load(t, s, st, in(name), "t"); got.code != exitFailed || !strings.Contains(got.stderr, name) || len(st.cleaned) != 1 || len(s.log) != 1 {
			t.Errorf("%s: got %+v after %q", name, got, s.log)
		}
	}
	// With paths of one's own an array is a row.
	s, st := loader(), &store{objects: map[string]string{}}
	if got := load(t, s, st, in("numbers.json"), "t", "--json-paths", "s3://bucket/paths.json"); got.code != 0 {
		t.Errorf("got %+v", got)
	}
}

func TestLoadRefused(t *testing.T) {
	t.Parallel()
	in := dirWith(t, map[string]string{"a.csv": "1", "b.json": "{}", "c.csv.gz": "x", "d.dat": "1", "e.parquet": "x"})
	for name, args := range map[string][]string{
		"cannot be guessed":     append(in("d.dat"), "t"),
		"one after another":     append(in("a.csv", "b.json"), "t"),
		"not compressed":        append(in("a.csv", "c.csv.gz"), "t"),
		"no such file":          append(in("nosuch.csv"), "t"),
		"is no file":            append(in(""), "t", "--format", "csv"),
		"no name of a table":    append(in("a.csv"), "a.b.c"),
		"together with files":   append(in("a.csv"), "-", "t"),
		"does not go with":      append(in("b.json"), "t", "--header"),
		"MAXERROR":              append(in("e.parquet"), "t", "--max-errors", "3"),
		"--stat-update must be": append(in("a.csv"), "t", "--stat-update", "x"),
		"--compression must be": append(in("a.csv"), "t", "--compression", "rar"),
		"one or more files":     {"t"},
	} {
		s, st := loader(), &store{}
		got := load(t, s, st, args)
		if got.code != exitUsage || !strings.Contains(got.stderr, name) || len(s.log) != 0 || len(st.cleaned) != 0 {
			t.Errorf("%s: got %+v after %q", name, got, s.log)
		}
	}
	got := ctl(t, loader(), &store{}, "", "load", in("a.csv")[0], "t", "--stage", "file:///tmp")
	if got.code != exitUsage || !strings.Contains(got.stderr, "--stage") {
		t.Errorf("got %+v", got)
	}
	got = ctl(t, loader(), &store{}, "", append([]string{"load", "--stage", "s3://bucket"}, append(in("a.csv"), "t")...)...)
	if got.code != exitUsage || !strings.Contains(got.stderr, "--role default") {
		t.Errorf("got %+v", got)
	}
}

func TestLoadFails(t *testing.T) {
	t.Parallel()
	in := dirWith(t, map[string]string{"a.csv": "1"})
	// A wrong name is found before anything is uploaded.
	s, st := (&server{}).on("limit 0", reply{err: &transport.ServerError{SQLState: "42P01", Message: "no"}}), &store{objects: map[string]string{}}
	if got := load(t, s, st, in("a.csv"), "t"); got.code != exitFailed || len(st.objects) != 0 {
		t.Errorf("got %+v", got)
	}
	// S3 fails.
	s, st = loader(), &store{err: &s3stage.Error{Op: "put", Kind: s3stage.ErrAccessDenied, Err: errors.New("no")}}
	if got := load(t, s, st, in("a.csv"), "t"); got.code != exitFailed || !strings.Contains(got.stderr, "hint: check the AWS credentials") || len(st.cleaned) != 1 {
		t.Errorf("got %+v", got)
	}
	// Rows are rejected.
	s, st = rejecting().on("limit 0", reply{tag: "SELECT"}), &store{objects: map[string]string{}}
	if got := load(t, s, st, in("a.csv"), "t"); got.code != exitRejected || len(st.cleaned) != 1 {
		t.Errorf("got %+v", got)
	}
	// It is interrupted.
	ctx, cancel := context.WithCancel(t.Context())
	st = &store{objects: map[string]string{}}
	p := program{open: loader().open, stdin: strings.NewReader(""), stage: func(context.Context, s3stage.Config) (stager, error) {
		cancel()
		return st, nil
	}}
	var out, stderr bytes.Buffer
	code := p.run(ctx, append([]string{"load", "--url", "redshift://ann@127.0.0.1", "--stage", "s3://bucket", "--role", "default"}, append(in("a.csv"), "t")...), &out, &stderr)
	if code != exitInterrupted || len(st.cleaned) != 1 || stderr.String() != "redshiftctl: interrupted\n" {
		t.Errorf("got %d, %s, cleaned %q", code, stderr.String(), st.cleaned)
	}
}

func TestParseTable(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]redshift.TableRef{
		"T": {Name: "t"}, "S.T": {Schema: "s", Name: "t"}, `"S s"."T""t"`: {Schema: "S s", Name: `T"t`}, "#temp": {Name: "#temp"},
	} {
		if got, err := parseTable(in); err != nil || got != want {
			t.Errorf("%s: got %v, %v", in, got, err)
		}
	}
	for _, in := range []string{"", "a.", ".a", "a b", "a.b.c", "'a'", "a;drop", "1"} {
		if _, err := parseTable(in); err == nil {
			t.Errorf("%s: no error", in)
		}
	}
}

func FuzzWriteLines(f *testing.F) {
	for _, s := range []string{`[{"a":1},{"b":[{}]}]`, `{"a":1}{}`, `[`, `[{}]x`, "\ufeff[]", `[1]`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var out, again bytes.Buffer
		if writeLines(&out, strings.NewReader(text)) != nil {
			return
		}
		if err := writeLines(&again, bytes.NewReader(out.Bytes())); err != nil || again.String() != out.String() {
			t.Errorf("%q gave %q, and that %q, %v", text, out.String(), again.String(), err)
		}
	})
}
