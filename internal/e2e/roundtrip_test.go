package e2e

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/llm-dev-ops/redshift"
)

// kind is a column of the table that goes out and comes back, with the values that are
// hard on formats, and how a value is made.
type kind struct {
	name, typ string
	awkward   []string
	random    func(*rand.Rand) string
	not       string // the formats that do not take it
}

func literal(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `''`).Replace(s) + "'"
}

func roundTripKinds() []kind {
	text := func(r *rand.Rand) string {
		pieces := []string{"a", "Z", " ", `"`, "'", `\`, "|", ",", "\t", "\n", "\r\n", "ä", "😀", "{", "]", "@", "N", "\x01", "null"}
		var b strings.Builder
		for range r.IntN(12) {
			b.WriteString(pieces[r.IntN(len(pieces))])
		}
		return literal("x" + b.String() + "x")
	}
	moment := func(layout string) func(*rand.Rand) string {
		return func(r *rand.Rand) string {
			return literal(time.UnixMicro(r.Int64N(4e15) - 1e15).UTC().Format(layout))
		}
	}
	number := func(n int64) func(*rand.Rand) string {
		return func(r *rand.Rand) string { return fmt.Sprint(r.Int64N(2*n) - n) }
	}
	return []kind{
		{"s", "SMALLINT", []string{"-32768", "32767", "0"}, number(32767), ""},
		{"i", "INTEGER", []string{"-2147483648", "2147483647"}, number(1 << 31), ""},
		{"l", "BIGINT", []string{"-9223372036854775808", "9223372036854775807"}, number(1 << 60), ""},
		{"n", "NUMERIC(38,10)", []string{"-9999999999999999999999999999.9999999999", "0.0000000001"}, number(1 << 40), ""},
		{"m", "NUMERIC(9,2)", []string{"-9999999.99", "0.05"}, number(1 << 20), ""},
		{"f", "REAL", []string{"'NaN'::real", "'Infinity'::real", "'3.4028235e38'::real", "1.5"}, number(1 << 20), ""},
		{"d", "DOUBLE PRECISION", []string{"'NaN'::float8", "'-Infinity'::float8", "'1.7976931348623157e308'::float8", "0.1", "'5e-324'::float8"}, number(1 << 50), ""},
		{"b", "BOOLEAN", []string{"true", "false"}, func(r *rand.Rand) string { return fmt.Sprint(r.IntN(2) == 0) }, ""},
		{"c", "CHAR(12)", []string{"''", `'a"b|c,d\\'`, "'  x'"}, number(1 << 20), " fixed"},
		{"v", "VARCHAR(65535)", []string{"''", "' '", `'\\N'`, "'\"'", "'\"\"'", `'\\'`, "'a\nb'", "'\n'", "'\r\n'", "'😀ö'", "'null'", "'NULL'", "repeat('y', 65535)", "repeat('|', 999)"}, text, " fixed"},
		{"day", "DATE", []string{"'0001-01-01'", "'9999-12-31'", "'2000-02-29'"}, moment("2006-01-02"), ""},
		{"at", "TIMESTAMP", []string{"'0001-01-01 00:00:00'", "'9999-12-31 23:59:59.999999'"}, moment("2006-01-02 15:04:05.999999"), ""},
		{"tz", "TIMESTAMPTZ", []string{"'1969-12-31 23:59:59.999999+00'", "'2262-01-01 00:00:00+00'"}, moment("2006-01-02 15:04:05.999999+00"), ""},
		{"ti", "TIME", []string{"'00:00:00'", "'23:59:59.999999'"}, moment("15:04:05.999999"), ""},
		{"tt", "TIMETZ", []string{"'00:00:00+00'", "'23:59:59.999999-08'"}, moment("15:04:05.999999+09"), " parquet"},
		{"ym", "INTERVAL YEAR TO MONTH", []string{"INTERVAL '-3' MONTH", "INTERVAL '99-11' YEAR TO MONTH"}, func(r *rand.Rand) string { return fmt.Sprintf("INTERVAL '%d' MONTH", r.IntN(999)) }, " json"},
		{"ds", "INTERVAL DAY TO SECOND", []string{"INTERVAL '-1 day'", "INTERVAL '5 days 23 hours 59 seconds'"}, func(r *rand.Rand) string { return fmt.Sprintf("INTERVAL '%d days'", r.IntN(999)) }, " json"},
		// In Parquet a SUPER is its JSON's text, which COPY takes for a string.
		{"su", "SUPER", []string{`json_parse('{"a":[1,2.50,"x|y,z"],"B":{"c":null,"d":"q\\"uote"}}')`, "json_parse('[]')", "json_parse('\"text\"')", "json_parse('12345678901234567890')", "json_parse('true')"}, func(r *rand.Rand) string {
			return fmt.Sprintf(`json_parse('[%d, {"k": "ä\\n%d"}]')`, r.Int32(), r.Int32())
		}, " parquet fixed"},
		// An empty field is NULL for all but texts, so that an empty VARBYTE does not
		// come back (copy-parameters-data-conversion, EMPTYASNULL).
		{"y", "VARBYTE(99)", []string{"from_hex('00ff0a7c2c22')"}, func(r *rand.Rand) string { return fmt.Sprintf("to_varbyte('%016x', 'hex')", r.Uint64()) }, " parquet json fixed"},
	}
}

// What UNLOAD writes COPY reads back, in every format and compression, with values that
// are hard on them.
func TestRoundTripMatrix(t *testing.T) {
	t.Parallel()
	_, c := both(t)
	kinds := roundTripKinds()
	seed := uint64(time.Now().UnixNano())
	random := rand.New(rand.NewPCG(seed, 0))
	t.Logf("seed %d", seed)
	var definition []string
	for _, k := range kinds {
		definition = append(definition, k.name+" "+k.typ)
	}
	exec1(t, c, "CREATE TABLE origin (id INT, "+strings.Join(definition, ", ")+")")
	const rows = 40
	for id := 0; id < rows; id += 20 {
		sql := "INSERT INTO origin VALUES "
		for row := id; row < id+20; row++ {
			if row > id {
				sql += ", "
			}
			sql += fmt.Sprint("(", row)
			for _, k := range kinds {
				switch {
				case row < len(k.awkward):
					sql += ", " + k.awkward[row]
				case random.IntN(5) == 0:
					sql += ", NULL"
				default:
					sql += ", " + k.random(random)
				}
			}
			sql += ")"
		}
		exec1(t, c, sql)
	}
	run := 0
	check := func(format, unload, load string) {
		t.Helper()
		run++
		columns := []string{"id"}
		for _, k := range kinds {
			if !strings.Contains(k.not+" ", " "+format+" ") {
				columns = append(columns, k.name)
			}
		}
		list := strings.Join(columns, ", ")
		if format == "fixed" {
			var widths []string
			for _, name := range columns {
				widths = append(widths, name+":60")
			}
			spec := " FIXEDWIDTH '" + strings.Join(widths, ",") + "'"
			unload, load = unload+spec, load+spec
		}
		prefix := fmt.Sprintf("s3://emulator/rt%d/", run)
		if _, err := c.Execute(t.Context(), redshift.SQL("UNLOAD ('SELECT "+list+" FROM origin') TO '"+prefix+"' IAM_ROLE default "+unload)); err != nil {
			t.Errorf("seed %d: UNLOAD %s: %v", seed, unload, err)
			return
		}
		exec1(t, c, "DROP TABLE IF EXISTS back")
		exec1(t, c, "CREATE TABLE back (LIKE origin)")
		from := prefix
		if strings.Contains(load, "MANIFEST") {
			from += "manifest"
		}
		if _, err := c.Execute(t.Context(), redshift.SQL("COPY back ("+list+") FROM '"+from+"' IAM_ROLE default "+load)); err != nil {
			why := value[string](t, c, "SELECT nvl(max(trim(colname) || ': ' || trim(err_reason) || ': ' || trim(raw_field_value)), '') FROM stl_load_errors")
			t.Errorf("seed %d: COPY %s: %v %.300s", seed, load, err, why)
			return
		}
		if n := value[int64](t, c, "SELECT count(*) FROM back"); n != rows {
			t.Errorf("seed %d: %s: %d rows", seed, unload, n)
		}
		for _, name := range columns[1:] {
			pairs := fmt.Sprintf("FROM origin o JOIN back b ON o.id = b.id WHERE (o.%[1]s IS NULL) <> (b.%[1]s IS NULL) OR o.%[1]s <> b.%[1]s", name)
			if n := value[int64](t, c, "SELECT count(*) "+pairs); n != 0 {
				ids := value[string](t, c, "SELECT listagg(o.id::varchar, ' ') "+pairs)
				t.Errorf("seed %d: UNLOAD %s: %d values of %s came back as others: rows %s", seed, unload, n, name, ids)
			}
		}
	}
	for _, z := range []string{"", " GZIP", " BZIP2", " ZSTD"} {
		check("csv", "CSV NULL AS '@N@'"+z, "CSV NULL AS '@N@'"+z)
		check("text", "ESCAPE NULL AS '@N@'"+z, "ESCAPE NULL AS '@N@'"+z)
		check("json", "JSON"+z, "JSON 'auto'"+z)
	}
	check("csv", "CSV HEADER DELIMITER '|' NULL AS '@N@' PARALLEL OFF", "CSV IGNOREHEADER 1 DELIMITER '|' NULL AS '@N@'")
	check("text", "DELIMITER '\\t' ADDQUOTES ESCAPE NULL AS '@N@'", "DELIMITER '\\t' REMOVEQUOTES ESCAPE NULL AS '@N@'")
	check("fixed", "", "")
	// Options of the one side, and of the other, crossed.
	check("csv", "CSV NULL AS '@N@' BZIP2 MAXFILESIZE 5 EXTENSION 'csv.bz2' MANIFEST VERBOSE", "CSV NULL AS '@N@' BZIP2 MANIFEST")
	check("csv", "FORMAT AS CSV DELIMITER AS '\\001' HEADER NULL AS '@' PARALLEL ON MANIFEST", "CSV DELIMITER '\\001' IGNOREHEADER AS 1 NULL AS '@' MANIFEST MAXERROR 0 COMPUPDATE PRESET STATUPDATE ON")
	check("text", "ADDQUOTES ESCAPE GZIP HEADER NULL AS '@N@' DELIMITER ';'", "REMOVEQUOTES ESCAPE GZIP IGNOREHEADER 1 NULL AS '@N@' DELIMITER ';' FILLRECORD ACCEPTINVCHARS")
	check("text", "ESCAPE NULL AS '@N@' CLEANPATH ENCRYPTED KMS_KEY_ID 'key' ZSTD", "ESCAPE NULL AS '@N@' ZSTD ROUNDEC TRUNCATECOLUMNS DATEFORMAT 'auto' TIMEFORMAT 'auto'")
	check("json", "JSON GZIP PARALLEL OFF MANIFEST", "JSON 'auto ignorecase' GZIP MANIFEST TIMEFORMAT 'auto' IGNOREALLERRORS")
	check("fixed", "ZSTD NULL AS '@N@'", "NULL AS '@N@' ZSTD")
	check("parquet", "PARQUET MANIFEST VERBOSE ALLOWOVERWRITE ROWGROUPSIZE 64", "PARQUET MANIFEST")
	check("parquet", "PARQUET", "PARQUET")
	check("parquet", "PARQUET PARALLEL OFF MAXFILESIZE 32", "PARQUET")
}
