package load

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/llm-dev-ops/redshift/emulator/internal/event"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/copycmd"
)

// awkwardTexts are hard on formats of text.
var awkwardTexts = []string{
	"", "plain", " blanks ", `"`, `""`, `a"b`, `"quoted"`, "'", ",", "|", "a,b|c\td", "line\nline", "line\r\nline", "\n", `\`, `\N`, `\\n`,
	"ä", "€", "😀", "NULL", "null", "-", "\x01", "x\u2028y", strings.Repeat("long ", 300), strings.Repeat(`"`, 7),
}

// loadTexts runs a COPY of files and gives the texts of its two columns' second.
func loadTexts(t *testing.T, with string, files ...[]byte) []string {
	t.Helper()
	store := newStore(t)
	for i, data := range files {
		put(t, store, "bkt", "d/"+strconv.Itoa(i), data)
	}
	r := request(t, "COPY t FROM 's3://bkt/d/' IAM_ROLE default "+with, "id integer; s varchar(65535)", store)
	out := &rows{columns: r.Target.Columns}
	if _, _, err := run(context.Background(), r, func() (sink, error) { return out, nil }); err != nil {
		for e := range r.Log.LoadErrors() {
			t.Errorf("line %d: %s: %q", e.Line, e.Reason, e.Raw)
		}
		t.Fatalf("%s: %v", with, err)
	}
	texts := make([]string, len(out.kept))
	for i, line := range out.kept {
		id, quoted, _ := strings.Cut(line, " | ")
		text, err := strconv.Unquote(quoted)
		if err != nil || id != strconv.Itoa(i) {
			t.Fatalf("%s: row %d is %s", with, i, line)
		}
		texts[i] = text
	}
	return texts
}

func sameTexts(t *testing.T, what string, got []string) {
	t.Helper()
	if len(got) != len(awkwardTexts) {
		t.Fatalf("%s: %d rows", what, len(got))
	}
	for i, s := range got {
		if s != awkwardTexts[i] {
			t.Errorf("%s: row %d: %q, want %q", what, i, s, awkwardTexts[i])
		}
	}
}

// What Python's csv module writes, in all its dialects and quotings, loads as it was.
func TestPythonCSV(t *testing.T) {
	t.Parallel()
	const program = `
import csv, json, sys
out = open(1, "w", newline="", encoding=sys.argv[1])
given = json.loads(sys.stdin.buffer.read())
csv.writer(out, **json.loads(sys.argv[2])).writerows([i, s] for i, s in enumerate(given))
`
	// "\N" in CSV is NULL, quoted or not.
	texts, err := json.Marshal(awkwardTexts)
	if err != nil {
		t.Fatal(err)
	}
	for options, with := range map[string]string{
		`{}`:                            "CSV NULL AS '@N@'",
		`{"dialect":"unix"}`:            "CSV NULL AS '@N@'",
		`{"dialect":"excel-tab"}`:       `CSV DELIMITER '\t' NULL AS '@N@'`,
		`{"quoting":1}`:                 "CSV NULL AS '@N@'",
		`{"quoting":2,"quotechar":"'"}`: "CSV QUOTE '''' NULL AS '@N@'",
		`{"delimiter":"|","lineterminator":"\n"}`: "CSV DELIMITER '|' NULL AS '@N@'",
		`{"delimiter":"\u0001","quoting":1}`:      `CSV DELIMITER '\001' NULL AS '@N@'`,
		`{"delimiter":";","quotechar":"%"}`:       "CSV DELIMITER ';' QUOTE '%' NULL AS '@N@'",
	} {
		for encoding, more := range map[string]string{"utf-8": "", "utf-16-le": " ENCODING UTF16LE", "utf-16-be": " ENCODING UTF16BE"} {
			if more != "" && options != `{}` {
				continue // one dialect in every encoding
			}
			written := tool(t, texts, "python3", "-c", program, encoding, options)
			sameTexts(t, options+more, loadTexts(t, with+more, written))
			if encoding == "utf-16-le" {
				sameTexts(t, options+" with a mark", loadTexts(t, with+" ENCODING UTF16", append([]byte("\xff\xfe"), written...)))
			}
		}
	}
}

// What DuckDB writes loads as it was: CSV, JSON by lines, and Parquet in every codec that
// both know.
func TestDuckDBFiles(t *testing.T) {
	t.Parallel()
	staging := t.TempDir()
	conn := database(t, staging)
	var values []string
	for i, s := range awkwardTexts {
		values = append(values, "("+strconv.Itoa(i)+"::INTEGER, decode(unhex('"+strings.ToUpper(hexOf(s))+"')))")
	}
	exec(t, conn, "CREATE TABLE src (id INTEGER, s VARCHAR)")
	exec(t, conn, "INSERT INTO src VALUES "+strings.Join(values, ", "))
	made := func(options string) []byte {
		path := filepath.Join(staging, "made")
		exec(t, conn, "COPY src TO '"+path+"' ("+options+")")
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	for options, with := range map[string]string{
		"FORMAT csv, HEADER false, NULLSTR '@N@'":                                   "CSV NULL AS '@N@'",
		"FORMAT csv, HEADER true, FORCE_QUOTE (s)":                                  "CSV IGNOREHEADER 1 NULL AS '@N@'",
		"FORMAT csv, HEADER false, DELIMITER '|', QUOTE '%', ESCAPE '%'":            "CSV DELIMITER '|' QUOTE '%' NULL AS '@N@'",
		"FORMAT csv, HEADER false, COMPRESSION gzip, NULLSTR '@N@'":                 "CSV GZIP NULL AS '@N@'",
		"FORMAT csv, HEADER false, COMPRESSION zstd, DELIMITER '\t', FORCE_QUOTE *": `CSV ZSTD DELIMITER '\t' NULL AS '@N@'`,
		"FORMAT json":                   "JSON 'auto'",
		"FORMAT json, COMPRESSION gzip": "JSON 'auto ignorecase' GZIP",
	} {
		sameTexts(t, options, loadTexts(t, with, made(options)))
	}
	for _, options := range []string{
		"COMPRESSION snappy", "COMPRESSION zstd", "COMPRESSION gzip", "COMPRESSION uncompressed", "COMPRESSION lz4",
		"COMPRESSION snappy, ROW_GROUP_SIZE 2048, PARQUET_VERSION v2",
	} {
		store := newStore(t)
		put(t, store, "bkt", "d/a", made("FORMAT parquet, "+options))
		c, err := copycmd.ParseCopy("COPY t FROM 's3://bkt/d/' IAM_ROLE 'arn:aws:iam::123456789012:role/r' PARQUET")
		if err != nil {
			t.Fatal(err)
		}
		exec(t, conn, "DROP TABLE IF EXISTS t")
		exec(t, conn, "CREATE TABLE t (id INTEGER, s VARCHAR)")
		exec(t, conn, "BEGIN")
		_, _, err = Run(context.Background(), Request{
			Copy: &c, Target: parseTable(t, "id integer; s varchar(65535)"), Store: store, Log: event.New(event.Config{}), Conn: conn, Staging: staging,
		})
		exec(t, conn, "COMMIT")
		if err != nil {
			t.Errorf("%s: %v", options, err)
		} else if got := query(t, conn, "SELECT count(*) FROM t JOIN src USING (id, s)"); got != strconv.Itoa(len(awkwardTexts))+"\n" {
			t.Errorf("%s: %s rows came as they were", options, got)
		}
	}
}

func hexOf(s string) string {
	const digits = "0123456789abcdef"
	out := make([]byte, 0, 2*len(s))
	for i := range len(s) {
		out = append(out, digits[s[i]>>4], digits[s[i]&15])
	}
	return string(out)
}
