package bind_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/llm-dev-ops/redshift/emulator/internal/bind"
	"pgregory.net/rapid"
)

// maker writes random queries over t and u of valuesSetup that are mostly right.
type maker struct{ *rapid.T }

func (m maker) n(n int) int { return rapid.IntRange(0, n-1).Draw(m.T, "n") }

func (m maker) pick(list ...string) string { return list[m.n(len(list))] }

func (m maker) number(depth int) string {
	if depth <= 0 {
		return m.pick("a.id", "a.qty", "a.price", "a.big", "a.f", "1", "2.5", "NULL", "-3", "1e1", "'7'")
	}
	switch m.n(7) {
	case 0:
		return fmt.Sprintf("(%s %s %s)", m.number(depth-1), m.pick("+", "-", "*"), m.number(depth-1))
	case 1:
		return fmt.Sprintf("CASE WHEN %s THEN %s ELSE %s END", m.boolean(depth-1), m.number(depth-1), m.number(depth-1))
	case 2:
		return fmt.Sprintf("coalesce(%s, %s)", m.number(depth-1), m.number(depth-1))
	case 3:
		return fmt.Sprintf("len(%s)", m.text(depth-1))
	case 4:
		return fmt.Sprintf("datediff(day, %s, a.ts)", m.moment(depth-1))
	case 5:
		return fmt.Sprintf("(SELECT %s(b.id) FROM u b WHERE b.t_id = a.id)", m.pick("max", "count", "sum"))
	}
	return m.number(0)
}

func (m maker) text(depth int) string {
	if depth <= 0 {
		return m.pick("a.name", "a.code", "'x'", "'Al '", "NULL")
	}
	switch m.n(4) {
	case 0:
		return fmt.Sprintf("(%s || %s)", m.text(depth-1), m.text(depth-1))
	case 1:
		return fmt.Sprintf("%s(%s)", m.pick("upper", "lower", "trim", "reverse"), m.text(depth-1))
	case 2:
		return fmt.Sprintf("nullif(%s, %s)", m.text(depth-1), m.text(depth-1))
	}
	return fmt.Sprintf("CAST(%s AS VARCHAR(%d))", m.number(depth-1), 1+m.n(9))
}

func (m maker) moment(depth int) string {
	if depth <= 0 {
		return m.pick("a.d", "a.ts", "date '2024-02-29'", "getdate()")
	}
	return fmt.Sprintf("dateadd(%s, %s, %s)", m.pick("day", "month", "year", "hour"), m.pick("a.id", "1", "a.qty"), m.moment(depth-1))
}

func (m maker) boolean(depth int) string {
	switch m.n(6) {
	case 0:
		return fmt.Sprintf("%s %s %s", m.number(depth-1), m.pick("=", "<", ">=", "<>"), m.number(depth-1))
	case 1:
		return fmt.Sprintf("%s %s %s", m.text(depth-1), m.pick("=", "<", "LIKE", "NOT LIKE"), m.text(depth-1))
	case 2:
		return fmt.Sprintf("%s BETWEEN %s AND %s", m.moment(depth-1), m.moment(0), m.moment(0))
	case 3:
		return fmt.Sprintf("%s IN (%s, %s)", m.number(depth-1), m.number(0), m.number(0))
	case 4:
		return fmt.Sprintf("EXISTS (SELECT 1 FROM u b WHERE b.t_id = a.id AND %s IS NOT NULL)", m.text(depth-1))
	}
	return "a.ok"
}

func (m maker) scalar(depth int) string {
	switch m.n(4) {
	case 0:
		return m.text(depth)
	case 1:
		return m.moment(depth)
	case 2:
		return "(" + m.boolean(depth) + ")"
	}
	return m.number(depth)
}

func (m maker) from() string {
	return m.pick("t a", "(SELECT * FROM t) a", "t a JOIN u ON a.id = u.t_id", "u RIGHT JOIN t a ON a.id = u.t_id", "t a FULL JOIN u ON a.id = u.t_id",
		"(SELECT DISTINCT * FROM t) a CROSS JOIN u", "t a, (SELECT count(*) AS c FROM u) z")
}

func (m maker) query(depth int) string {
	if depth > 0 && m.n(5) == 0 {
		return fmt.Sprintf("SELECT %s AS x FROM %s %s SELECT %s FROM %s ORDER BY 1", m.number(1), m.from(), m.pick("UNION", "UNION ALL", "INTERSECT", "EXCEPT"), m.number(1), m.from())
	}
	where := ""
	if m.n(2) == 0 {
		where = " WHERE " + m.boolean(2)
	}
	switch m.n(4) {
	case 0:
		key := m.scalar(1)
		agg := fmt.Sprintf("%s(%s)", m.pick("sum", "min", "max", "count", "avg", "stddev"), m.number(1))
		return fmt.Sprintf("SELECT %s AS k, %s AS v, count(*) FROM %s%s GROUP BY %s HAVING count(*) > 0 ORDER BY %s", key, agg, m.from(), where, m.pick("1", "k"), m.pick("1", "2 DESC", "count(*)", "v, k"))
	case 1:
		return fmt.Sprintf("SELECT a.id, %s OVER (PARTITION BY %s ORDER BY %s) AS w, sum(a.id) OVER (ORDER BY a.id ROWS UNBOUNDED PRECEDING) FROM %s%s ORDER BY w, 1",
			m.pick("row_number()", "rank()", "lag(a.name)", "ntile(2)"), m.scalar(1), m.pick("a.id", "a.name DESC", "a.d"), m.from(), where)
	case 2:
		return fmt.Sprintf("WITH c AS (SELECT a.id AS i, %s AS x FROM %s%s) SELECT x, i FROM c WHERE i IN (SELECT t_id FROM u) ORDER BY 2 LIMIT 3", m.scalar(2), m.from(), where)
	}
	return fmt.Sprintf("SELECT %sa.id AS i, %s AS x, %s AS y FROM %s%s ORDER BY %s", m.pick("", "DISTINCT "), m.scalar(2), m.scalar(2), m.from(), where, m.pick("1", "x", "i, y DESC", "2, 3"))
}

// TestRandomQueries: DuckDB takes what the binder writes, and gives the types that
// the binder described.
func TestRandomQueries(t *testing.T) {
	t.Parallel()
	r := newRunner(t)
	for _, sql := range strings.Split(valuesSetup, ";\n") {
		if out := one(r, sql); strings.HasPrefix(out, "ERROR") {
			t.Fatal(out)
		}
	}
	ctx := context.Background()
	bound := 0
	rapid.Check(t, func(t *rapid.T) {
		sql := maker{t}.query(2)
		p, err := r.bind(sql)
		if err != nil {
			if e, ok := errors.AsType[*bind.Error](err); !ok || len(e.State) != 5 || e.State == "XX000" {
				t.Fatalf("%s\n%v", sql, err)
			}
			return
		}
		bound++
		if err := matrixRun(ctx, r.conn, p); err != nil {
			t.Fatalf("%s\n%v\n%s", sql, err, p.SQL[0])
		}
	})
	t.Logf("%d queries were bound", bound)
}
