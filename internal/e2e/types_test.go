package e2e

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/llm-dev-ops/redshift"
)

func numeric(t *testing.T, s string) redshift.Numeric {
	t.Helper()
	n, err := redshift.ParseNumeric(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Every type goes in as a parameter and comes back the same, from a table and
// from a bare SELECT, and so does its NULL.
func TestTypes(t *testing.T) {
	t.Parallel()
	_, c := both(t)
	testTypes(t, c)
}

func testTypes(t *testing.T, c *redshift.Client) {
	t.Helper()
	noon := time.Date(2026, 2, 28, 12, 30, 45, 123456000, time.UTC)
	for _, test := range []struct {
		ddl   string
		value any
	}{
		{"BOOLEAN", true},
		{"BOOLEAN", false},
		{"SMALLINT", int16(math.MinInt16)},
		{"INTEGER", int32(math.MaxInt32)},
		{"BIGINT", int64(math.MinInt64)},
		{"REAL", float32(1.5)},
		{"DOUBLE PRECISION", 1.0 / 3},
		{"DOUBLE PRECISION", math.Inf(-1)},
		{"DOUBLE PRECISION", math.SmallestNonzeroFloat64},
		{"NUMERIC(38,0)", numeric(t, "-99999999999999999999999999999999999999")},
		{"NUMERIC(38,37)", numeric(t, "1.2345678901234567890123456789012345678")},
		{"NUMERIC(12,2)", numeric(t, "-0.07")},
		{"CHAR(5)", redshift.Char("ab")},
		{"VARCHAR(60)", "Ünïcode 漢字 😀 'quoted' \\back\\ \"double\"\n\ttab"},
		{"VARCHAR(5)", ""},
		{"DATE", redshift.Date{Year: 2024, Month: 2, Day: 29}},
		{"DATE", redshift.Date{Year: 1, Month: 1, Day: 1}},
		{"DATE", redshift.Date{Year: 9999, Month: 12, Day: 31}},
		{"TIMESTAMP", redshift.TimestampOf(noon)},
		{"TIMESTAMPTZ", redshift.TimestampTZ{Time: noon}},
		{"TIME", redshift.Time{Micros: 86399999999}},
		{"TIMETZ", redshift.TimeTZ{Micros: 3600e6, Offset: -5 * 3600}},
		{"INTERVAL YEAR TO MONTH", redshift.IntervalYM{Months: -14}},
		{"INTERVAL DAY TO SECOND", redshift.IntervalDS{Micros: 90061000001}},
		{"VARBYTE(10)", redshift.Varbyte{0, 1, 0xfe, 0xff}},
		{"VARBYTE(10)", redshift.Varbyte{}},
		{"SUPER", redshift.Super(`{"a":[1,2.5,"x",null,true]}`)},
	} {
		name := fmt.Sprintf("%s %v", test.ddl, test.value)
		read := func(sql string, args ...any) {
			t.Helper()
			row, err := c.QueryRow(t.Context(), redshift.SQL(sql, args...))
			if err != nil {
				t.Errorf("%s: %s: %v", name, sql, err)
				return
			}
			got := reflect.New(reflect.TypeOf(test.value))
			if err := row.Scan(got.Interface()); err != nil {
				t.Errorf("%s: %s: %v", name, sql, err)
				return
			}
			if !same(got.Elem().Interface(), test.value) {
				t.Errorf("%s: %s: %#v came back", name, sql, got.Elem().Interface())
			}
		}
		exec1(t, c, "CREATE TABLE one (v "+test.ddl+")")
		if _, err := c.Execute(t.Context(), redshift.SQL("INSERT INTO one VALUES ($1)", test.value)); err != nil {
			t.Errorf("%s: %v", name, err)
		} else {
			read("SELECT v FROM one")
			read("SELECT v FROM one WHERE v = $1", test.value)
		}
		read("SELECT CAST($1 AS "+test.ddl+")", test.value)
		exec1(t, c, "DELETE FROM one")
		exec1(t, c, "INSERT INTO one VALUES ($1)", nil)
		row, err := c.QueryRow(t.Context(), redshift.SQL("SELECT v, v IS NULL FROM one"))
		if err != nil {
			t.Fatal(err)
		}
		into, isNull := reflect.New(reflect.PointerTo(reflect.TypeOf(test.value))), false
		if err := row.Scan(into.Interface(), &isNull); err != nil || !into.Elem().IsNil() || !isNull {
			t.Errorf("%s: NULL came back as %v, %v", name, into.Elem(), err)
		}
		column := row.Columns()[0]
		if column.Name != "v" || !strings.HasPrefix(strings.ToUpper(test.ddl), strings.ToUpper(strings.SplitN(redshift.TypeName(column.Type), " ", 2)[0])[:3]) {
			t.Logf("%s is described as %s", test.ddl, redshift.TypeName(column.Type))
		}
		exec1(t, c, "DROP TABLE one")
	}
}

// same compares values that are not to be compared with ==.
func same(got, want any) bool {
	switch w := want.(type) {
	case redshift.Numeric:
		g, ok := got.(redshift.Numeric)
		return ok && g.Cmp(w) == 0
	case redshift.Timestamp:
		g, ok := got.(redshift.Timestamp)
		return ok && g.Time.Equal(w.Time)
	case redshift.TimestampTZ:
		g, ok := got.(redshift.TimestampTZ)
		return ok && g.Time.Equal(w.Time)
	case redshift.Char:
		g, ok := got.(redshift.Char)
		return ok && strings.TrimRight(string(g), " ") == string(w)
	case redshift.Varbyte:
		g, ok := got.(redshift.Varbyte)
		return ok && string(g) == string(w)
	}
	return reflect.DeepEqual(got, want)
}

// Bytes for a text would be kept as hexadecimal digits.
func TestPreparedBytes(t *testing.T) {
	t.Parallel()
	_, c := both(t)
	exec1(t, c, "CREATE TABLE b (v VARCHAR(20), y VARBYTE(20))")
	p, err := c.Prepare(t.Context(), "INSERT INTO b VALUES ($1, $2)")
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close(t.Context()) // the server is closed with it
	if _, err := p.Execute(t.Context(), []byte("x"), []byte("x")); !errors.Is(err, redshift.ErrUsage) {
		t.Errorf("%v", err)
	}
	if _, err := p.Execute(t.Context(), "x", []byte("x")); err != nil {
		t.Error(err)
	}
	if got := value[int64](t, c, "SELECT count(*) FROM b WHERE v = 'x' AND y = 'x'::varbyte"); got != 1 {
		t.Errorf("%d rows", got)
	}
}
