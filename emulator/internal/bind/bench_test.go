package bind

import (
	"strings"
	"testing"

	"github.com/llm-dev-ops/redshift/internal/redshiftsql/parse"
)

// BenchmarkTranslate parses and binds: a simple select is to take 20 µs at most, an
// analytical one of 100 lines 1 ms.
func BenchmarkTranslate(b *testing.B) {
	analytical := "WITH x0 AS (SELECT id, name, id * 2 AS twice FROM t WHERE id > 1)" + strings.Repeat(`,
x AS (
SELECT id,
CASE WHEN id % 2 = 0 THEN 'even' WHEN id % 3 = 0 THEN 'third' ELSE 'odd' END AS kind,
SUM(id) OVER (PARTITION BY name ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS running,
NVL(name, 'none') AS named,
COUNT(*) OVER (PARTITION BY id % 10) AS n
FROM t
WHERE id BETWEEN 1 AND 1000 AND name LIKE 'a%' AND id NOT IN (4, 5, 6)
)`, 1) + "\nSELECT x.kind, x.named, COUNT(*), SUM(x.running), AVG(x.n)" + strings.Repeat("\n, SUM(CASE WHEN x.kind = 'even' AND x.id > 10 THEN x.running ELSE 0 END)", 80) +
		"\nFROM x JOIN x0 ON x.id = x0.id\nWHERE x.id > 0\nGROUP BY 1, 2\nHAVING COUNT(*) > 1\nORDER BY 3 DESC\nLIMIT 10"
	for _, q := range []struct{ name, sql string }{
		{"simple", "SELECT id, name FROM t WHERE id = 1 ORDER BY name LIMIT 10"},
		{"analytical", analytical},
	} {
		b.Run(q.name, func(b *testing.B) {
			env := sampleEnv(q.sql)
			b.ReportAllocs()
			for b.Loop() {
				stmt, err := parse.Statement(q.sql)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := Statement(stmt, env); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
