package e2e

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/llm-dev-ops/redshift"
)

// argument is a value that is hard on its way as a parameter, NULL among them, with
// the type that it is cast to.
func argument(r *rand.Rand) (value any, typ string) {
	pieces := []string{"a", "'", `\`, `"`, "$1", ":p1", ":s1p1", "--", "/*", "*/", "\n", "\r", "\t", "null", "NULL", "''", "ä", "😀", " ", ";", "%", "?", "::", "$$"}
	var b strings.Builder
	for range r.IntN(6) {
		b.WriteString(pieces[r.IntN(len(pieces))])
	}
	text, moment := b.String(), time.UnixMicro(r.Int64N(4e15)-1e15).UTC()
	kinds := []struct {
		value any
		typ   string
	}{
		{text, "varchar"},
		{text, "varchar(200)"},
		{redshift.Char(strings.TrimRight(text, " ")), "varchar(200)"},
		{int16(r.Uint32()), "smallint"},
		{int32(r.Uint32()), "int"},
		{int64(r.Uint64()), "bigint"},
		{r.IntN(2) == 0, "boolean"},
		{float32(r.NormFloat64()), "real"},
		{math.Float64frombits(r.Uint64()&^(1<<62) | 1), "float8"},
		{math.Inf(-1), "float8"},
		{redshift.TimestampOf(moment), "timestamp"},
		{redshift.TimestampTZ{Time: moment}, "timestamptz"},
		{moment, "timestamptz"},
		{redshift.Date{Year: moment.Year(), Month: moment.Month(), Day: moment.Day()}, "date"},
		{redshift.Time{Micros: r.Int64N(86400e6)}, "time"},
		{[]byte(text + "x"), "varbyte(200)"},
		{nil, "varchar"},
		{nil, "numeric(9,2)"},
	}
	k := kinds[r.IntN(len(kinds))]
	return k.value, k.typ
}

// Parameters come back the same over both transports, however hard they are, in each
// place that a statement has for them.
func TestParametersRoundTrip(t *testing.T) {
	t.Parallel()
	s, wire := both(t)
	data := connectData(t, s)
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	shown := func(c *redshift.Client, q redshift.Query) string {
		res, err := c.Execute(t.Context(), q)
		if err != nil {
			return "error " + err.Error()
		}
		out := res.Tag
		for _, row := range res.Rows {
			values, err := row.Values()
			if err != nil {
				return "error " + err.Error()
			}
			out += fmt.Sprintf("\n%#v", values)
		}
		return out
	}
	for range 60 {
		var args []any
		var list []string
		for i := range 1 + random.IntN(5) {
			value, typ := argument(random)
			args = append(args, value)
			list = append(list, fmt.Sprintf("$%d::%s AS c%d, $%[1]d::%[2]s IS NULL AS n%[3]d", i+1, typ, i))
		}
		last := len(args)
		for _, sql := range []string{
			"SELECT " + strings.Join(list, ", "),
			"SELECT '$1' AS \"$1\", /* $1 :p1 */ " + strings.Join(list, ", ") + " -- $1",
			fmt.Sprintf("WITH q AS (SELECT %s) SELECT q.* FROM q WHERE (q.c0 IS NULL) = q.n0 AND 1 < $%d LIMIT $%d", strings.Join(list, ", "), last+1, last+2),
		} {
			q := redshift.SQL(sql, args...)
			if strings.Contains(sql, "LIMIT") {
				q.Args = append(append([]any{}, args...), 2, 7)
			}
			want, got := shown(wire, q), shown(data, q)
			if got != want || strings.HasPrefix(want, "error") {
				t.Errorf("seed %d: %s with %#v\nData API: %s\nwire:     %s", seed, sql, q.Args, got, want)
			}
		}
	}
}
