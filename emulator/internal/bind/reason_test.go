package bind_test

import (
	"context"
	"errors"
	"testing"

	"github.com/llm-dev-ops/redshift/emulator/internal/bind"
	"github.com/llm-dev-ops/redshift/emulator/internal/engine"
)

// TestReason runs what DuckDB cannot calculate and looks at what the client is told.
func TestReason(t *testing.T) {
	t.Parallel()
	r := newRunner(t)
	for _, c := range []struct{ sql, want string }{
		{"SELECT CAST(big AS INT) FROM (SELECT 10000000000 AS big)", "22003: integer out of range"},
		{"SELECT CAST(big AS SMALLINT) FROM (SELECT 40000 AS big)", "22003: smallint out of range"},
		{"SELECT ('9' || '9999999999')::int", `22003: value "99999999999" is out of range for type integer`},
		{"SELECT CAST(x AS NUMERIC(3,0)) FROM (SELECT 1234.5 AS x)", "22003: Numeric data overflow (result precision)"},
		{"SELECT ('12' || '34')::numeric(3,0)", "22003: Numeric data overflow (result precision)"},
		{"SELECT ('a' || 'b')::numeric(3,0)", `22P02: invalid input syntax for type numeric: "ab"`},
		{"SELECT ('a' || 'b')::float8", `22P02: invalid input syntax for type double precision: "ab"`},
		{"SELECT ('a' || 'b')::int", `22P02: invalid input syntax for integer: "ab"`},
		{"SELECT ('a' || 'b')::bool", `22P02: invalid input syntax for type boolean: "ab"`},
		{"SELECT ('2024-02' || '-30')::date", `22007: invalid input syntax for type date: "2024-02-30"`},
		{"SELECT ('25' || ':00')::time", `22008: date/time field value out of range: "25:00"`},
		{"SELECT 2147483647 + 1", "22003: integer out of range"},
		{"SELECT 9223372036854775807 + 1", "22003: bigint out of range"},
		{"SELECT 9223372036854775807 * 2", "22003: bigint out of range"},
		{"SELECT (SELECT 1 UNION ALL SELECT 2)", "21000: more than one row returned by a subquery used as an expression"},
		{"SELECT sqrt(-1)", "2201F: cannot take square root of a negative number"},
		{"SELECT ln(-1)", "2201E: cannot take logarithm of a negative number"},
		{"SELECT ln(0)", "2201E: cannot take logarithm of zero"},
		{"SELECT convert_timezone('Nowhere/Land', '2024-01-01')", `22023: time zone "Nowhere/Land" not recognized`},
		{"SELECT dateadd(year, 1000000, '2024-01-01')", "22008: timestamp out of range"},
		{"SELECT from_hex('zz')", `22023: invalid hexadecimal digit: "z"`},
		{"SELECT chr(-1)", "22023: requested character not valid for encoding"},
		{"SELECT 1 / 0", "22012: division by zero"},
	} {
		p, err := r.bind(c.sql)
		if err != nil {
			t.Errorf("%s: %v", c.sql, err)
			continue
		}
		_, err = texts(context.Background(), r.conn, p.SQL[0])
		e, ok := errors.AsType[*engine.Error](err)
		if !ok {
			t.Errorf("%s: no error of the engine: %v", c.sql, err)
			continue
		}
		got := e.Message
		if state, message, ok := bind.Reason(e.Message); ok {
			got = state + ": " + message
		}
		if got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.sql, got, c.want)
		}
	}
}
