package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/emulator"
	"github.com/llm-dev-ops/redshift/transport"
)

// everyColumn has a column of each type that has a binary form, and some that
// have none.
const everyColumn = `create table every_column (
	id bigint identity(1, 1) not null, b boolean, i2 smallint, i4 integer not null, i8 bigint, f4 real, f8 double precision,
	n1 numeric(12, 2), n2 numeric(38, 10), d date, t time, tz timetz, ts timestamp, tstz timestamptz,
	ym interval year to month, ds interval day to second, c char(4), v varchar(40), s super, vb varbyte(8))`

// everyRow are its rows: usual values, the ends of the ranges, and NULL.
var everyRow = []string{
	`true, 1, 2, 3, 1.5, 0.1, 12.34, 1234567890.0123456789, '2024-02-29', '12:34:56.789', '12:34:56-08', '2024-02-29 12:34:56.789012', '2024-02-29 12:34:56+02',
	 interval '1-2' year to month, interval '1 02:03:04.5' day to second, 'ab', 'Ünï', json_parse('{"a":[1,null]}'), to_varbyte('00ff', 'hex')`,
	`false, -32768, -2147483648, -9223372036854775808, -1e-30, -1.7976931348623157e308, -9999999999.99, -9999999999999999999999999999.9999999999, '0001-01-01',
	 '00:00:00', '23:59:59.999999+12', '0001-01-01 00:00:00', '1900-01-01 00:00:00+00', interval '-1-2' year to month, interval '-1 00:00:00' day to second,
	 '', '', json_parse('[]'), to_varbyte('', 'hex')`,
	`null, null, 0, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null`,
}

// TestVersions: at every version of the protocol a table is the same, whether
// its values come as text or in binary, and tells what the version tells.
func TestVersions(t *testing.T) {
	t.Parallel()
	s := start(t, emulator.Config{})
	setup := connect(t, s)
	if _, err := setup.Execute(t.Context(), redshift.SQL(everyColumn)); err != nil {
		t.Fatal(err)
	}
	const names = "b, i2, i4, i8, f4, f8, n1, n2, d, t, tz, ts, tstz, ym, ds, c, v, s, vb"
	for _, row := range everyRow {
		if _, err := setup.Execute(t.Context(), redshift.SQL("insert into every_column ("+names+") values ("+row+")")); err != nil {
			t.Fatalf("%s: %v", row, err)
		}
	}
	const query = "select *, i4 + 1 as more from every_column order by id"
	first := ""
	for _, version := range []int{-1, 1, 2, 3} {
		cfg, err := redshift.ParseURL(s.URL())
		if err != nil {
			t.Fatal(err)
		}
		cfg.ProtocolVersion = version
		c := open(t, cfg)
		text, err := c.Execute(t.Context(), redshift.SQL(query))
		if err != nil {
			t.Fatalf("version %d: %v", version, err)
		}
		p, err := c.Prepare(t.Context(), query)
		if err != nil {
			t.Fatalf("version %d: %v", version, err)
		}
		prepared, err := p.Execute(t.Context())
		if err != nil {
			t.Fatalf("version %d: %v", version, err)
		}
		if err := p.Close(t.Context()); err != nil {
			t.Error(err)
		}
		for how, res := range map[string]*redshift.Result{"text": text, "prepared": prepared} {
			got := showValues(t, res)
			if first == "" {
				first = got
			}
			if got != first {
				t.Errorf("version %d, %s:\n%s\nwant\n%s", version, how, got, first)
			}
			checkOrigins(t, version, res.Columns)
		}
		binaries := 0
		for _, col := range prepared.Columns {
			if col.Format == transport.Binary {
				binaries++
			}
		}
		if (binaries >= 10) != (version >= 2) || binaries > 0 != (version >= 2) {
			t.Errorf("version %d: %d columns came in binary", version, binaries)
		}
	}
}

func showValues(t *testing.T, res *redshift.Result) string {
	t.Helper()
	var b strings.Builder
	for _, row := range res.Rows {
		values, err := row.Values()
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range values {
			fmt.Fprintf(&b, "%s %T %v\n", res.Columns[i].Name, v, v)
		}
	}
	return b.String()
}

func checkOrigins(t *testing.T, version int, cols []redshift.Column) {
	t.Helper()
	id, b, more := cols[0], cols[1], cols[len(cols)-1]
	if version < 1 {
		if id.Table != "" || id.Nullable != transport.NullUnknown {
			t.Errorf("version 0 tells %+v", id)
		}
		return
	}
	if id.Catalog != "dev" || id.Schema != "public" || id.Table != "every_column" || id.Origin != "id" || id.Nullable != transport.NotNull || !id.AutoIncrement {
		t.Errorf("version %d: %+v", version, id)
	}
	if b.Origin != "b" || b.Nullable != transport.Nullable || b.AutoIncrement {
		t.Errorf("version %d: %+v", version, b)
	}
	if more.Name != "more" || more.Table != "" || more.Nullable == transport.NotNull {
		t.Errorf("version %d: %+v", version, more)
	}
}
