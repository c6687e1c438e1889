package load

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/llm-dev-ops/redshift/emulator/internal/engine"
	"github.com/llm-dev-ops/redshift/emulator/internal/event"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/copycmd"
)

func query(t testing.TB, c *engine.Conn, sql string) string {
	t.Helper()
	r, err := c.Query(context.Background(), sql, nil)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	defer r.Close()
	var out []byte
	for {
		chunk, err := r.Next(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if chunk == nil {
			return string(out)
		}
		for row := range chunk.Len() {
			for col := range r.Columns() {
				if col > 0 {
					out = append(out, '|')
				}
				if chunk.IsNull(col, row) {
					out = append(out, "NULL"...)
				}
				out = chunk.AppendText(out, col, row)
			}
			out = append(out, '\n')
		}
	}
}

func TestParquet(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, table, columns, with string
		file                       string // the SELECT that makes it
		want                       string // the table, or "!" and a part of the error
	}{
		{
			name:  "every type",
			table: "a smallint; b integer; c bigint; d numeric(10,2); e real; f double precision; g boolean; h char(5); i varchar(5); j date; k timestamp; l timestamptz; m super; n varbyte(3)",
			file: `SELECT 1::smallint, 2::integer, 3::bigint, 4.5::decimal(10,2), 1.5::float, 2.5::double, true, 'ab  ', 'äb',
				date '2024-02-29', timestamp '2024-02-29 01:02:03.5', timestamptz '2024-02-29 01:02:03+00', {'x': [1, 2]}, 'ab'::blob`,
			want: "1|2|3|4.50|1.5|2.5|t|ab|äb|2024-02-29|2024-02-29 01:02:03.5|2024-02-29 01:02:03+00|{\"x\":[1,2]}|6162\n",
		},
		{name: "wider", table: "a bigint; b double precision; c varchar(9)", file: "SELECT 1::integer, 2::float, 'x'::blob UNION ALL SELECT NULL, NULL, NULL", want: "1|2|x\nNULL|NULL|NULL\n"},
		{name: "by position", table: "a integer; b varchar(3)", columns: "(b, a)", file: "SELECT 'x' AS q, 5 AS q2", want: "5|x\n"},
		{name: "a default", table: "a bigint; b varchar(3) default d; c varchar(3)", columns: "(a)", file: "SELECT * FROM range(2)", want: "0|d|NULL\n1|d|NULL\n"},
		{name: "identity", table: "id bigint identity; a bigint; b varchar(3) default d", columns: "(a)", file: "SELECT range * 10 FROM range(3)", want: "1|0|d\n2|10|d\n3|20|d\n"},
		{name: "explicit ids", table: "id bigint identity; a bigint", with: "EXPLICIT_IDS", file: "SELECT 7::bigint, 8::bigint", want: "7|8\n"},
		{
			name: "intervals", table: "a interval year to month; b interval day to second; c timetz; d timetz",
			file: "SELECT interval '3 years 2 months 5 days', interval '2 months 5 days 6.5 seconds', time '01:02:03', timetz '01:02:03+00'",
			want: "3 years 2 mons|5 days 00:00:06.5|01:02:03+00|01:02:03+00\n",
		},
		{
			name: "intervals as texts", table: "a interval year to month; b interval day to second",
			file: "SELECT '-3 years -2 months', '-5 days -00:00:06.5' UNION ALL SELECT NULL, '00:00:00'", want: "-3 years -2 mons|-5 days -00:00:06.5\nNULL|00:00:00\n",
		},
		{name: "bad interval", table: "a interval year to month", file: "SELECT 'x' AS q", want: "!Could not convert string 'x' to INTERVAL"},
		{name: "no interval", table: "a interval year to month", file: "SELECT 1", want: "!incompatible Parquet schema"},
		{name: "too few", table: "a integer; b integer", file: "SELECT 1", want: "!Unmatched number of columns between table and file. Table columns: 2, Data columns: 1, File name: s3://bkt/d/a"},
		{name: "too many", table: "a integer", file: "SELECT 1, 2", want: "!Table columns: 1, Data columns: 2"},
		{name: "fillrecord", table: "a integer; b integer", with: "FILLRECORD", file: "SELECT 1", want: "1|NULL\n"},
		{name: "wrong type", table: "a integer", file: "SELECT 'x' AS q", want: "!incompatible Parquet schema for column 's3://bkt/d/a.q'. Column type: INTEGER, Parquet schema:\noptional byte_array q"},
		{name: "too long", table: "a varchar(3)", file: "SELECT 'xyzä'", want: "!The length of the data column a is longer than the length defined in the table. Table: 3, Data: 5"},
		{name: "multibyte", table: "a char(3)", file: "SELECT 'ä'", want: "!Multibyte character not supported for CHAR"},
		{name: "overflow", table: "a smallint", file: "SELECT 70000", want: "!out of range"},
		{name: "decimal overflow", table: "a numeric(3,1)", file: "SELECT 100.0::decimal(10,2)", want: "!out of range"},
		{name: "null", table: "a integer not null", file: "SELECT NULL::integer", want: "!Cannot insert a NULL value into column a"},
		{name: "region", table: "a integer", with: "REGION 'us-east-1'", file: "SELECT 1", want: "!PARQUET is not compatible with REGION"},
		{name: "maxerror", table: "a integer", with: "MAXERROR 3", file: "SELECT 1", want: "!PARQUET is not compatible with MAXERROR"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			staging := t.TempDir()
			conn := database(t, staging)
			store := newStore(t)
			made := filepath.Join(staging, "made.parquet")
			exec(t, conn, "COPY ("+c.file+") TO '"+made+"' (FORMAT parquet)")
			data, err := os.ReadFile(made)
			if err != nil {
				t.Fatal(err)
			}
			put(t, store, "bkt", "d/a", data)
			parsed, err := copycmd.ParseCopy("COPY t " + c.columns + " FROM 's3://bkt/d/' IAM_ROLE 'arn:aws:iam::123456789012:role/r' PARQUET " + c.with)
			if err != nil {
				t.Fatal(err)
			}
			log := event.New(event.Config{})
			r := Request{Copy: &parsed, Target: parseTable(t, c.table), Store: store, Log: log, Conn: conn, Staging: staging}
			create(t, conn, r.Target)
			exec(t, conn, "BEGIN")
			result, _, err := Run(context.Background(), r)
			want, fails := strings.CutPrefix(c.want, "!")
			if fails {
				var e *Error
				if !errors.As(err, &e) || !strings.Contains(e.Message+e.Detail, want) {
					t.Fatalf("%v\nwant %s", e, want)
				}
				exec(t, conn, "ROLLBACK")
				want = ""
			} else if err != nil {
				t.Fatalf("%v %v", err, err.(*Error).Detail)
			} else if n := strings.Count(want, "\n"); result.Rows != int64(n) || result.Files != 1 {
				t.Errorf("%+v", result)
			} else {
				exec(t, conn, "COMMIT")
			}
			if got := query(t, conn, "SELECT * FROM t"); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			if left, err := filepath.Glob(filepath.Join(staging, "copy-*")); err != nil || len(left) > 0 {
				t.Errorf("left in staging: %v", left)
			}
		})
	}
}

func TestParquetFiles(t *testing.T) {
	t.Parallel()
	staging := t.TempDir()
	conn := database(t, staging)
	store := newStore(t)
	made := filepath.Join(staging, "made.parquet")
	exec(t, conn, "COPY (SELECT 1) TO '"+made+"' (FORMAT parquet)")
	data, err := os.ReadFile(made)
	if err != nil {
		t.Fatal(err)
	}
	put(t, store, "bkt", "good", data)
	put(t, store, "bkt", "text", []byte("a,b,c,d\n"))
	put(t, store, "bkt", "short", []byte("P"))
	put(t, store, "bkt", "torn", data[:len(data)-9])
	put(t, store, "bkt", "m1", []byte(`{"entries":[{"url":"s3://bkt/good"}]}`))
	put(t, store, "bkt", "m2", []byte(`{"entries":[{"url":"s3://bkt/good","meta":{"content_length":1}}]}`))
	exec(t, conn, "CREATE TABLE t (a integer)")
	for from, want := range map[string]string{
		"text'": "invalid version number", "short'": "invalid version number", "torn'": "Spectrum Scan Error",
		"m1' MANIFEST": "content_length is required", "m2' MANIFEST": "not the content_length",
	} {
		c, err := copycmd.ParseCopy("COPY t FROM 's3://bkt/" + from + " IAM_ROLE 'arn:aws:iam::123456789012:role/r' PARQUET")
		if err != nil {
			t.Fatal(err)
		}
		exec(t, conn, "BEGIN")
		_, _, err = Run(context.Background(), Request{Copy: &c, Target: parseTable(t, "a integer"), Store: store, Log: event.New(event.Config{}), Conn: conn, Staging: staging})
		var e *Error
		if !errors.As(err, &e) || !strings.Contains(e.Message+e.Detail, want) {
			t.Errorf("%s: %v, want %s", from, err, want)
		}
		exec(t, conn, "ROLLBACK")
	}
}
