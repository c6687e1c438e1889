package e2e

import (
	"errors"
	"testing"

	"github.com/llm-dev-ops/redshift"
)

func TestExplain(t *testing.T) {
	t.Parallel()
	_, c := both(t)
	exec1(t, c, "CREATE TABLE a (id INT, x INT) DISTKEY (id) SORTKEY (id)")
	exec1(t, c, "CREATE TABLE b (id INT, a_id INT) DISTSTYLE EVEN")
	p, err := c.Explain(t.Context(), redshift.SQL("SELECT a.x, count(*) FROM a JOIN b ON a.id = b.a_id WHERE a.x > 1 GROUP BY 1 ORDER BY 2 DESC LIMIT 5"))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for n := range p.All {
		seen[n.Operator]++
		if n.Distribution != "" {
			seen[n.Distribution]++
		}
	}
	if p.Root.Operator != "Limit" || seen["Seq Scan"] != 2 || seen["Hash Join"] != 1 {
		t.Errorf("%v\n%s", seen, p)
	}
	if _, err := c.Explain(t.Context(), redshift.SQL("DROP TABLE a")); !errors.Is(err, redshift.ErrInvalidSQL) {
		t.Errorf("EXPLAIN DROP: %v", err)
	}
}
