package deparse

import (
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/parse"
)

// placesApart compares trees without their places.
var placesApart = cmp.Options{
	cmpopts.IgnoreTypes(ast.Span{}),
	cmpopts.EquateEmpty(),
	cmp.FilterPath(func(p cmp.Path) bool {
		f, ok := p.Last().(cmp.StructField)
		return ok && strings.HasSuffix(f.Name(), "Pos")
	}, cmp.Ignore()),
}

// stable parses what is written of a statement and compares the trees and, once
// more, the text.
func stable(t *testing.T, src string, stmt ast.Stmt) {
	t.Helper()
	text := Statement(stmt, src)
	again, err := parse.Statement(text)
	if err != nil {
		t.Errorf("%s\nis written as\n%s\nwhich does not parse: %v", src, text, err)
		return
	}
	if diff := cmp.Diff(stmt, again, placesApart); diff != "" {
		t.Errorf("%s\nis written as\n%s\nwhich is another tree: %s", src, text, diff)
	}
	if twice := Statement(again, text); twice != text {
		t.Errorf("%s\nis written as\n%s\nand then as\n%s", src, text, twice)
	}
}

// TestStable writes every statement of the grammar's own tests.
func TestStable(t *testing.T) {
	t.Parallel()
	count := 0
	datadriven.Walk(t, "../parse/testdata/grammar", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			switch d.Cmd {
			case "parse", "script":
				for stmt, err := range parse.Script(d.Input) {
					if err == nil {
						count++
						stable(t, d.Input, stmt)
					}
				}
			case "expr", "bind":
				for line := range strings.Lines(d.Input) {
					src := "select " + strings.TrimSpace(line)
					if stmt, err := parse.Statement(src); err == nil {
						count++
						stable(t, src, stmt)
					}
				}
			}
			return d.Expected
		})
	})
	if count < 500 {
		t.Errorf("only %d statements", count)
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]string{
		"SELECT a+b*c FROM t AS x WHERE NOT a=1 AND b IN (1,2) OR c IS NULL": "select a + (b * c) from t as x where ((not (a = 1)) and (b in (1, 2))) or (c is null)",
		`SELECT "A b", 'it''s \\', U.x FROM "T" u`:                           `select "A b", 'it''s \\', u.x from "T" as u`,
		"SELECT sum(x) OVER (PARTITION BY a ORDER BY b ROWS 3 PRECEDING)":    "select sum(x) over (partition by a order by b rows 3 preceding)",
		"(SELECT 1) UNION ALL (SELECT 2 UNION SELECT 3) ORDER BY 1 LIMIT 5":  "select 1 union all (select 2 union select 3) order by 1 limit 5",
		"DELETE FROM t USING u WHERE t.a = u.a":                              "delete from t using u where t.a = u.a",
		"GRANT SELECT ON t TO bob":                                           "GRANT SELECT ON t TO bob",
	} {
		stmt, err := parse.Statement(src)
		if err != nil {
			t.Errorf("%s: %v", src, err)
			continue
		}
		if got := Statement(stmt, src); got != want {
			t.Errorf("%s\nis written as\n%s, want\n%s", src, got, want)
		}
	}
}

func TestExpr(t *testing.T) {
	t.Parallel()
	src := "a::int + 1"
	e, err := parse.Expr(src)
	if err != nil {
		t.Fatal(err)
	}
	if got := Expr(e, src); got != "(a::int) + 1" {
		t.Error(got)
	}
}

func FuzzStable(f *testing.F) {
	for _, s := range []string{
		"SELECT a+b*c FROM t AS x WHERE NOT a=1 AND b IN (1,2) OR c IS NULL", "select (1)::int[2].b, -1 ^ 2, - -1, x.y[0].\"Z\" from a.b as c (d), c.e as g at h",
		"with a (b) as (select top 5 1) select distinct on (x) * exclude (y) from a natural left join (b cross join c) as d",
		"merge into t using s on t.a = s.a when matched then update set b = default when not matched then insert (a) values (1)",
		"create table t (a int default -1 identity(1,1) encode zstd, unique (a)) diststyle key distkey (a) sortkey auto",
		"select case a when 1 then 2 else 3 end, trim(leading 'x' from y), extract(epoch from z), interval '1' day to second (3), {}",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		if stmt, err := parse.Statement(src); err == nil {
			stable(t, src, stmt)
		}
	})
}
