package bind

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/parse"
)

// sample is a catalog with two tables, two views and a second schema.
func sample() *catalog.Snapshot {
	columns := func(list string) []catalog.Column {
		var out []catalog.Column
		for part := range strings.SplitSeq(list, ", ") {
			name, typ, _ := strings.Cut(part, " ")
			t, err := parse.Type(typ)
			if err != nil {
				panic(err)
			}
			k, err := bindType(t)
			if err != nil {
				panic(err)
			}
			out = append(out, catalog.Column{Name: name, Type: k})
		}
		return out
	}
	table := func(id int32, schema, name, list string) catalog.Change {
		return catalog.Change{Relation: &catalog.Relation{
			ID: id, Database: "dev", Schema: schema, Name: name, Kind: catalog.Table, Columns: columns(list),
			StoreSchema: "dev/" + schema, StoreName: name,
		}}
	}
	view := func(id int32, name, query, list string) catalog.Change {
		return catalog.Change{Relation: &catalog.Relation{
			ID: id, Database: "dev", Schema: "public", Name: name, Kind: catalog.View, Definition: query,
			SearchPath: []string{"public"}, DefDatabase: "dev", Columns: columns(list),
		}}
	}
	return catalog.NewSnapshot(
		catalog.Change{Database: &catalog.Database{ID: 1, Name: "dev"}},
		catalog.Change{User: &catalog.User{ID: 100, Name: "awsuser", Superuser: true}},
		catalog.Change{Schema: &catalog.Schema{ID: 2, Database: "dev", Name: "public", Store: "dev/public"}},
		catalog.Change{Schema: &catalog.Schema{ID: 3, Database: "dev", Name: "other", Store: "dev/other"}},
		table(10, "public", "t", "id int, name varchar(20), code char(5), price numeric(10,2), qty smallint, big bigint, f float8, d date, ts timestamp, tz timestamptz, ok boolean, s super, vb varbyte"),
		table(11, "public", "u", "id int, t_id int, note varchar(30)"),
		table(12, "other", "o", "x int"),
		view(13, "v", "SELECT id, name FROM t WHERE ok", "key int, label varchar(20)"),
		view(14, "loop", "SELECT * FROM loop", "a int"),
	)
}

func sampleEnv(sql string) Env {
	return Env{Text: sql, Catalog: sampleCatalog, Database: "dev", SearchPath: []string{"awsuser", "public"}, UserID: 100, User: "awsuser", Superuser: true, PID: 7, Account: "123456789012"}
}

var sampleCatalog = sample()

// TestQueryDescribe tells what Parse and Describe would, without an engine: the
// columns, the parameters and the locks, or the error with its place.
func TestQueryDescribe(t *testing.T) {
	t.Parallel()
	datadriven.Walk(t, "testdata/query_describe", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			var out strings.Builder
			for sql := range strings.SplitSeq(d.Input, "\n") {
				out.WriteString(describe(sql, d.Cmd == "sql"))
			}
			return out.String()
		})
	})
}

func describe(sql string, show bool) string {
	stmt, err := parse.Statement(sql)
	if err != nil {
		return "parse: " + err.Error() + "\n"
	}
	p, err := Statement(stmt, sampleEnv(sql))
	if err != nil {
		e := asError(err)
		near := ""
		if e.Offset >= 0 && e.Offset <= len(sql) {
			near = " at " + sql[e.Offset:min(len(sql), e.Offset+12)]
		}
		return e.State + " " + e.Message + near + "\n"
	}
	if show {
		return p.SQL[0] + "\n"
	}
	var parts []string
	for _, c := range p.Columns {
		s := c.Name + " " + c.Type.String()
		if c.TableID != 0 {
			s += fmt.Sprintf(" (%d.%d)", c.TableID, c.Number)
		}
		parts = append(parts, s)
	}
	out := strings.Join(parts, ", ")
	if len(p.Params) > 0 {
		out += fmt.Sprintf(" params %v", p.Params)
	}
	if len(p.Locks) > 0 {
		out += fmt.Sprintf(" locks %v", p.Locks)
	}
	return out + "\n"
}

// TestDeepNesting: what is nested too deeply is refused, not a crash.
func TestDeepNesting(t *testing.T) {
	t.Parallel()
	for _, sql := range []string{
		"SELECT " + strings.Repeat("(SELECT ", 150) + "1" + strings.Repeat(")", 150),
		"SELECT * FROM " + strings.Repeat("(SELECT * FROM ", 150) + "t" + strings.Repeat(")", 150),
		"SELECT 'a' AS a0" + doubling(60),
		"SELECT " + strings.Repeat("abs(", 3000) + "1" + strings.Repeat(")", 3000),
		"SELECT 1 " + strings.Repeat("UNION ALL SELECT 1 ", 2000),
		"SELECT 1" + strings.Repeat("+1", 3000),
		"SELECT true" + strings.Repeat(" AND true", 3000),
	} {
		stmt, err := parse.Statement(sql)
		if err != nil {
			continue
		}
		if _, err := Statement(stmt, sampleEnv(sql)); err != nil && asError(err).State != "54001" {
			t.Errorf("%.40s…: %v", sql, err)
		}
	}
}

// doubling makes each alias twice the one before.
func doubling(n int) string {
	var s strings.Builder
	for i := 1; i <= n; i++ {
		fmt.Fprintf(&s, ", a%d || a%d AS a%d", i-1, i-1, i)
	}
	return s.String()
}

// TestKnown: what is bound here is in the list of documented functions or has an
// alias's name, and both tables have no name twice.
func TestKnown(t *testing.T) {
	t.Parallel()
	for name := range specials {
		if _, twice := functions[name]; twice {
			t.Errorf("%s is both a special and a table function", name)
		}
		if _, twice := aggregates[name]; twice {
			t.Errorf("%s is an aggregate too", name)
		}
	}
	for name, list := range functions {
		for _, o := range list {
			for _, c := range o.args {
				if c != 'a' && c != 'n' && letterType(byte(c)).Kind == rstype.Unknown {
					t.Errorf("%s: argument letter %c", name, c)
				}
			}
		}
	}
}

// FuzzStatement binds whatever parses; it must neither panic nor take for ever.
func FuzzStatement(f *testing.F) {
	for _, sql := range fuzzSeeds {
		f.Add(sql)
	}
	f.Fuzz(func(t *testing.T, sql string) {
		stmt, err := parse.Statement(sql)
		if err != nil {
			return
		}
		p, err := Statement(stmt, sampleEnv(sql))
		if err != nil {
			if e := asError(err); len(e.State) != 5 || e.Offset > len(sql) {
				t.Errorf("%q: %+v", sql, e)
			}
			return
		}
		for _, c := range p.Columns {
			if c.Type.Kind == rstype.Unknown {
				t.Errorf("%q: column %s has no type", sql, c.Name)
			}
		}
		for i, typ := range p.Params {
			if typ.Kind == rstype.Unknown {
				t.Errorf("%q: parameter %d has no type", sql, i+1)
			}
		}
	})
}

var fuzzSeeds = []string{
	"SELECT id, name || 'x' AS n, n || code FROM t WHERE d > '2024-01-01' AND ok ORDER BY 2 DESC LIMIT 3",
	"SELECT t.name, count(*), sum(price) FROM t LEFT JOIN u ON t.id = u.t_id GROUP BY 1 HAVING count(*) > 1",
	"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5) SELECT * FROM n",
	"SELECT row_number() OVER (PARTITION BY ok ORDER BY id) FROM t AS x QUALIFY 1 = rank() OVER (ORDER BY d)",
	"SELECT s.a.b[0], x.y FROM t, t.s.arr AS x AT i",
	"SELECT id FROM t WHERE id IN (SELECT t_id FROM u) UNION SELECT 1.5 EXCEPT SELECT $1",
	"SELECT dateadd(month, $1, d), datediff(day, d, ts), to_char(ts, 'YYYY-MM'), to_char(price, '9,999.99') FROM t",
	"SELECT CASE WHEN id = 1 THEN 'a' ELSE name END, decode(id, 1, 'x', null), nvl2(qty, 1, 2), '12'::int, id::varchar(3) FROM t",
	"SELECT listagg(name, ',') WITHIN GROUP (ORDER BY id), median(price), approximate count(distinct id) FROM t",
	"SELECT * FROM t NATURAL JOIN u", "SELECT * EXCLUDE (id) FROM t JOIN u USING (id)", "SELECT * FROM v",
	"SELECT interval '1 day 2 hours', d + interval '1 month', extract(epoch from ts), ts AT TIME ZONE 'UTC' FROM t",
	"SELECT ok, count(*) FROM t GROUP BY GROUPING SETS ((ok), ())", "SELECT 1 / 0, 7 % 2, -5, 'a' LIKE 'b%' ESCAPE '!'",
	"SELECT * FROM t PIVOT (sum(price) AS s, count(*) FOR code IN ('a', NULL AS n)) AS p", "SELECT * FROM u UNPIVOT INCLUDE NULLS (v FOR k IN (id, t_id AS 'x'))",
	"SELECT k FROM t, UNPIVOT t.s AS v AT k", "SELECT t.id FROM t, u WHERE t.id = u.t_id(+) AND u.id(+) > 3",
	"SELECT id, level FROM u WHERE level < 3 START WITH id = 1 CONNECT BY NOCYCLE PRIOR id = t_id",
	"MERGE INTO t USING u ON t.id = u.t_id WHEN MATCHED THEN UPDATE SET name = u.note WHEN NOT MATCHED THEN INSERT (id) VALUES (u.id)",
	"INSERT INTO u VALUES (1, 2, 'x')", "UPDATE t SET name = upper(name) WHERE id = $1", "SELECT json_parse('{}'), array(1, 'a'), object('a', 1)",
}

func BenchmarkSimpleSelect(b *testing.B) {
	const sql = "SELECT id, name, price FROM t WHERE id = 5 AND d >= '2024-01-01' ORDER BY id LIMIT 10"
	stmt, err := parse.Statement(sql)
	if err != nil {
		b.Fatal(err)
	}
	env := sampleEnv(sql)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Statement(stmt, env); err != nil {
			b.Fatal(err)
		}
	}
}
