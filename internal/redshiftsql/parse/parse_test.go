package parse

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
)

// TestGrammar runs the files of testdata. Commands: parse (a statement, its
// tree), script (several), expr (its tree), bind (an expression in full
// parentheses, one per line). Rewrite with -rewrite and review the diff.
func TestGrammar(t *testing.T) {
	count := 0
	datadriven.Walk(t, "testdata/grammar", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			switch d.Cmd {
			case "parse":
				count++
				stmt, err := Statement(d.Input)
				if err != nil {
					return describe(err)
				}
				checkTree(t, d.Input, stmt)
				return dump(stmt) + "\n"
			case "script":
				var b strings.Builder
				for stmt, err := range Script(d.Input) {
					count++
					if err != nil {
						b.WriteString(describe(err))
						continue
					}
					checkTree(t, d.Input, stmt)
					b.WriteString(dump(stmt) + "\n")
				}
				return b.String()
			case "expr":
				e, err := Expr(d.Input)
				if err != nil {
					return describe(err)
				}
				checkTree(t, d.Input, e)
				return dump(e) + "\n"
			case "bind":
				var b strings.Builder
				for line := range strings.Lines(d.Input) {
					line = strings.TrimSpace(line)
					e, err := Expr(line)
					if err != nil {
						b.WriteString(describe(err))
						continue
					}
					b.WriteString(sexpr(e) + "\n")
				}
				return b.String()
			}
			d.Fatalf(t, "unknown command %s", d.Cmd)
			return ""
		})
	})
	if count < 250 {
		t.Errorf("%d statements in testdata, want at least 250", count)
	}
	t.Logf("%d statements", count)
}

func describe(err error) string {
	var e *Error
	if !errors.As(err, &e) {
		return "error: " + err.Error() + "\n"
	}
	s := fmt.Sprintf("error %s at %d: %s\n", e.SQLState, e.Position, e.Message)
	if e.Hint != "" {
		s += "hint: " + e.Hint + "\n"
	}
	return s
}

// nameTemplates are the places of a name. Every word that is not reserved must
// do in all of them, every reserved one in none.
var nameTemplates = map[string]string{
	"column":       "select %s from t",
	"where":        "select 1 from t where %s = 1 and 2 < %s",
	"qualified":    "select t.a from %s.t",
	"table":        "select 1 from %s",
	"table alias":  "select 1 from t as %s",
	"sort":         "select a from t order by %s desc",
	"group":        "select a from t group by %s, b",
	"create":       "create table %s (%s int not null, b int)",
	"insert":       "insert into %s (%s, b) values (1, 2)",
	"update":       "update %s set %s = 1",
	"argument":     "select f(%s, %s)",
	"infix":        "select a + %s * 2 from t",
	"cte":          "with %s as (select 1) select * from %s",
	"using":        "select 1 from a join b using (%s)",
	"between":      "select %s between %s and %s from t",
	"case":         "select case when %s then %s else %s end from t",
	"in":           "select %s in (%s, 1)",
	"cast":         "select %s::int, cast(%s as int)",
	"drop":         "drop table %s",
	"alter column": "alter table t drop column %s",
	"primary key":  "create table t (a int, primary key (%s))",
}

// needsAs are the words that are not reserved and still no alias without AS,
// with the reason.
var needsAs = map[string]string{
	"start":       "documented with START WITH",
	"connect":     "documented with CONNECT BY",
	"set":         "UPDATE t SET",
	"at":          "FROM t.a AS x AT i",
	"returning":   "gives a hint",
	"tablesample": "gives a hint",
	"lateral":     "gives a hint",
}

func TestNames(t *testing.T) {
	t.Parallel()
	for _, w := range lex.Common() {
		for place, tmpl := range nameTemplates {
			sql := strings.ReplaceAll(tmpl, "%s", w)
			if _, err := Statement(sql); err != nil {
				t.Errorf("%s as %s: %s: %v", w, place, sql, err)
			}
		}
		for _, sql := range []string{"select 1 from t " + w, "select 1 from t as " + w, "select a " + w + " from t"} {
			if _, ok := needsAs[w]; ok && !strings.Contains(sql, " as ") {
				continue
			}
			if _, err := Statement(sql); err != nil {
				t.Errorf("%s as alias: %s: %v", w, sql, err)
			}
		}
	}
	for _, w := range lex.Reserved() {
		for _, tmpl := range []string{"select 1 from %s", "create table %s (a int)", "select 1 from t as %s"} {
			sql := strings.ReplaceAll(tmpl, "%s", w)
			if _, err := Statement(sql); err == nil {
				t.Errorf("%s is reserved and was taken: %s", w, sql)
			}
			quoted := strings.ReplaceAll(tmpl, "%s", `"`+w+`"`)
			if _, err := Statement(quoted); err != nil {
				t.Errorf("%s: %v", quoted, err)
			}
		}
		// Behind AS and behind a dot any word is a name.
		for _, sql := range []string{"select 1 as " + w, "select t." + w + " from t"} {
			if _, err := Statement(sql); err != nil {
				t.Errorf("%s: %v", sql, err)
			}
		}
	}
}

func TestDepth(t *testing.T) {
	t.Parallel()
	const n = 100_000
	rep := strings.Repeat
	for name, sql := range map[string]string{
		"parentheses": "select " + rep("(", n) + "1" + rep(")", n),
		"open":        "select " + rep("(", n),
		"not":         "select " + rep("not ", n) + "true",
		"minus":       "select " + rep("- ", n) + "1",
		"subquery":    rep("select (", n),
		"from":        rep("select * from (", n),
		"tables":      "select * from " + rep("(", n) + "t",
		"set ops":     rep("(", n) + "select 1",
		"case":        "select " + rep("case when ", n),
		"call":        "select " + rep("f(", n),
		"cast":        "select " + rep("cast(", n),
		"trim":        "select " + rep("trim(", n),
		"substring":   "select " + rep("substring(", n),
		"extract":     "select " + rep("extract(day from ", n),
		"exists":      "select " + rep("exists(", n),
		"index":       "select a" + rep("[a", n),
		"equals":      "select 1" + rep("=1", n),
		"groups":      "select 1 group by " + rep("rollup(", n),
		"explain":     rep("explain ", n) + "select 1",
		"prepare":     rep("prepare a as ", n) + "select 1",
		"schema":      rep("create schema a ", n),
		"joins":       "select 1 from a" + rep(" join a", n),
		"with":        rep("with a as (", n),
		"chain":       "select 1" + rep("+1", 2*n),
		"casts":       "select 1" + rep("::int", 2*n),
		"union":       "select 1" + rep(" union select 1", 2*n),
		"crosses":     "select 1 from a" + rep(" cross join a", 2*n),
		"object":      "select " + rep("object_transform(", n),
		"row":         "select " + rep("row(", n),
		"in":          "select " + rep("1 in (", n),
		"convert":     "select " + rep("convert(int, ", n),
		"unpivot":     "select 1 from a" + rep(" unpivot (a for b in (c))", 2*n),
		"window":      "select " + rep("f() over (partition by ", n),
	} {
		_, err := Statement(sql)
		var e *Error
		if !errors.As(err, &e) || e.SQLState != "54001" && name != "open" && name != "prepare" {
			t.Errorf("%s: %v", name, err)
		}
	}
	or := "select 1 from t where a = 0" + rep(" or a = 1", 20_000)
	if _, err := Statement(or); err != nil {
		t.Errorf("a long chain of ORs: %v", err)
	}
	rows := "insert into t values (1+1)" + rep(", (1+1)", 150_000)
	if _, err := Statement(rows); err != nil {
		t.Errorf("many rows: %v", err)
	}
}

func TestCharacterPosition(t *testing.T) {
	t.Parallel()
	_, err := Statement("select 'żółć' from from")
	var e *Error
	if !errors.As(err, &e) || e.Position != 20 || e.Offset != 23 {
		t.Errorf("got %+v", e)
	}
}

// corpus is every input of testdata, for the fuzzers.
func corpus(f *testing.F) {
	files, _ := filepath.Glob("testdata/grammar/*")
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for block := range strings.SplitSeq(string(text), "\n\n") {
			head, _, _ := strings.Cut(block, "\n----")
			if _, sql, ok := strings.Cut(head, "\n"); ok {
				f.Add(sql)
			}
		}
	}
}
