package redshift

import (
	"errors"
	"strings"
	"testing"
)

// A plan in the form of r_EXPLAIN.
const samplePlan = `XN Limit  (cost=1000000000136.38..1000000000136.40 rows=10 width=27)
  ->  XN Merge  (cost=1000000000136.38..1000000000137.82 rows=576 width=27)
        Merge Key: sum(outer_derived_table.qtysold)
        ->  XN Network  (cost=1000000000136.38..1000000000137.82 rows=576 width=27)
              Send to leader
              ->  XN Hash Join DS_BCAST_INNER  (cost=2.25..120000.00 rows=200000 width=27)
                    Hash Cond: ("outer".catid = "inner".catid)
                    ->  XN Seq Scan on event e  (cost=0.00..87.98 rows=8798 width=21)
                          Filter: (eventid > 1)
                    ->  XN Hash  (cost=2.00..2.00 rows=250000 width=6)
                          ->  XN Seq Scan on public.category  (cost=0.00..2.00 rows=250000 width=6)
----- Tables missing statistics: category -----
----- Update statistics by running the ANALYZE command on these tables -----`

func TestParsePlan(t *testing.T) {
	t.Parallel()
	p, err := ParsePlan(samplePlan)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for n := range p.All {
		names = append(names, n.Operator)
	}
	if got := strings.Join(names, ", "); got != "Limit, Merge, Network, Hash Join, Seq Scan, Hash, Seq Scan" {
		t.Error(got)
	}
	join := p.Root.Children[0].Children[0].Children[0]
	if join.Distribution != "DS_BCAST_INNER" || join.Rows != 200000 || join.Width != 27 || join.StartCost != 2.25 || join.Cost != 120000 ||
		len(join.Details) != 1 || join.Details[0] != (PlanDetail{"Hash Cond", `("outer".catid = "inner".catid)`}) || len(join.Children) != 2 {
		t.Errorf("%+v", join)
	}
	if scan := join.Children[0]; scan.Relation != "event" || scan.Alias != "e" || scan.Details[0].Name != "Filter" {
		t.Errorf("%+v", scan)
	}
	if network := p.Root.Children[0].Children[0]; network.Details[0] != (PlanDetail{"", "Send to leader"}) {
		t.Errorf("%+v", network)
	}
	advice := p.Advice()
	if len(advice) != 2 || advice[0].Node != join || !strings.Contains(advice[0].Message, "250000 rows") || !strings.HasPrefix(advice[1].Message, "ANALYZE category") {
		t.Errorf("%+v", advice)
	}
	if len(p.Warnings) != 2 || p.String() != samplePlan {
		t.Error(p.Warnings)
	}
	for _, bad := range []string{"", "hello", samplePlan + "\nXN Limit  (cost=1.00..1.00 rows=1 width=1)", "XN Limit  (cost=1.0.0..1.00 rows=1 width=1)"} {
		if _, err := ParsePlan(bad); !errors.Is(err, ErrUsage) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func FuzzParsePlan(f *testing.F) {
	f.Add(samplePlan)
	f.Add("LD Seq Scan on pg_class  (cost=0.00..1.00 rows=1 width=1)\n  ->  x")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ParsePlan(text)
		if err != nil {
			return
		}
		n := 0
		for range p.All {
			n++
		}
		if n == 0 || n > strings.Count(text, "\n")+1 {
			t.Errorf("%d operators", n)
		}
		p.Advice()
	})
}
