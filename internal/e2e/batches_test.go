package e2e

import (
	"testing"

	"github.com/llm-dev-ops/redshift"
)

// batchTable has 2,500 rows of every type with values that differ by row and
// NULLs in every seventh.
const batchTable = `CREATE TABLE wide AS
SELECT n AS i8, n::integer AS i4, (n % 30000)::smallint AS i2, n % 3 = 0 AS b,
	(n / 3.0)::double precision AS f8, (n / 4.0)::real AS f4, (n / 7.0)::numeric(12,4) AS n12, (n * 1000000007)::numeric(38,10) AS n38,
	'row ' || n AS s, ('c' || n % 10)::char(4) AS c,
	dateadd(day, n::integer, '1999-12-25'::date)::date AS d, dateadd(second, n::integer * 1001, '1969-12-31 23:00:00.25'::timestamp) AS t,
	'2024-02-29 12:30:45.123456+02'::timestamptz AS z, '23:59:59.5'::time AS ti, json_parse('{"n":[1,null]}') AS su, 'ab'::varbyte AS vb
FROM (SELECT CASE WHEN k % 7 = 3 THEN NULL ELSE k END AS n FROM (SELECT row_number() OVER () - 5 AS k FROM digits a, digits b, digits c, digits d) LIMIT 2500)`

// Batches give what rows give, in text and in binary, as prepared statements have
// it.
func TestBatches(t *testing.T) {
	t.Parallel()
	_, c := both(t)
	exec1(t, c, "CREATE TABLE digits (x INTEGER)")
	exec1(t, c, "INSERT INTO digits VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)")
	exec1(t, c, batchTable)
	exec1(t, c, everyColumn)
	const names = "b, i2, i4, i8, f4, f8, n1, n2, d, t, tz, ts, tstz, ym, ds, c, v, s, vb"
	for _, row := range everyRow {
		exec1(t, c, "INSERT INTO every_column ("+names+") VALUES ("+row+")")
	}
	for sql, count := range map[string]int{
		"SELECT * FROM wide ORDER BY i8, d":                      2500,
		"SELECT *, n1 * 3 AS more FROM every_column ORDER BY id": len(everyRow),
		"SELECT 1 AS x WHERE false":                              0,
	} {
		p, err := c.Prepare(t.Context(), sql)
		if err != nil {
			t.Fatal(err)
		}
		for name, query := range map[string]func() (*redshift.Rows, error){
			"text":     func() (*redshift.Rows, error) { return c.Query(t.Context(), redshift.SQL(sql)) },
			"prepared": func() (*redshift.Rows, error) { return p.Query(t.Context()) },
		} {
			binaries := sameBatches(t, name+": "+sql, query, count)
			if (binaries > 0) != (name == "prepared") {
				t.Errorf("%s: %s: %d columns are binary", name, sql, binaries)
			}
		}
		if err := p.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if n := c.PoolStats().InUse; n > 0 {
		t.Errorf("%d sessions are in use", n)
	}
}

func sameBatches(t *testing.T, name string, query func() (*redshift.Rows, error), count int) (binaries int) {
	t.Helper()
	rows, err := query()
	if err != nil {
		t.Fatal(name, err)
	}
	var all [][]any
	for row, err := range rows.All() {
		if err != nil {
			t.Fatal(name, err)
		}
		values, err := row.Values()
		if err != nil {
			t.Fatal(name, err)
		}
		all = append(all, values)
	}
	if rows, err = query(); err != nil {
		t.Fatal(name, err)
	}
	for _, c := range rows.Columns() {
		binaries += int(c.Format) // 1 for binary
	}
	at, nulls := 0, 0
	for b, err := range rows.Batches(300) {
		if err != nil {
			t.Fatal(name, err)
		}
		for i := range b.Len() {
			for col, want := range all[at] {
				got := b.Vector(col).Value(i)
				if got == nil {
					nulls++
				}
				if _, char := want.(redshift.Char); !same(got, want) && (!char || got != want) {
					t.Fatalf("%s: column %s, row %d: %#v, want %#v", name, b.Columns()[col].Name, at, got, want)
				}
			}
			at++
		}
	}
	if at != count || nulls < count/2 {
		t.Errorf("%s: %d rows, %d NULLs", name, at, nulls)
	}
	return binaries
}

// A loop over batches that is left gives the session back as it was, even a
// prepared statement's, while the server has much more to send.
func TestBatchesLeftEarly(t *testing.T) {
	t.Parallel()
	_, c := both(t)
	exec1(t, c, "CREATE TABLE digits (x INTEGER)")
	exec1(t, c, "INSERT INTO digits VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)")
	session, err := c.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer session.Release() // closed with the client
	exec1(t, session, "SET query_group TO 'batches'")
	for range 3 {
		rows, err := session.Query(t.Context(), redshift.SQL("SELECT a.x, repeat('long ', 20) AS s FROM digits a, digits b, digits c, digits d, digits e, digits f"))
		if err != nil {
			t.Fatal(err)
		}
		for b, err := range rows.Batches(100) {
			if err != nil || b.Len() != 100 {
				t.Fatalf("%v", err)
			}
			break
		}
		res := exec1(t, session, "SHOW query_group")
		var group string
		if err := res.Rows[0].Scan(&group); err != nil || group != "batches" {
			t.Errorf("another session: %q, %v", group, err)
		}
	}
}
