package e2e

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/bulk"
)

func TestBulkRead(t *testing.T) {
	t.Parallel()
	s, c := both(t)
	st := stage(t, s)
	exec1(t, c, `CREATE TABLE r (id int, i2 smallint, i8 bigint, n numeric(12,3), w numeric(38,5), f4 real, f8 float, b boolean,
		ch char(4), v varchar(100), d date, ti time, ts timestamp, tz timestamptz)`)
	for _, row := range []string{
		"-1, 2, 3, -12.34, -123456789012345678901234567890123.00001, 1.5, 2.25, true, 'ab', 'pl,ain', '2026-01-02', '01:02:03.4', '2026-01-02 03:04:05.678901', '2026-01-02 03:04:05+02'",
		"32767, 1, 9223372036854775807, 999999999.999, 0.00001, 0, 1e300, false, '', '', '9999-12-31', '23:59:59.999999', '9999-12-31 23:59:59.999999', '1970-01-01 00:00:00Z'",
		"NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL",
		`-5, -32768, -9223372036854775808, 0, -0.00001, -1, -1e-300, NULL, 'x', 'a"b' || chr(13) || chr(10) || 'NULL\\N 🦆', '0001-01-01', '00:00:00', '1969-12-31 23:59:59', '2000-01-01 00:00:00Z'`,
	} {
		exec1(t, c, "INSERT INTO r VALUES ("+row+")")
	}
	exec1(t, c, "CREATE TABLE o (id int, doc super, vb varbyte(20), tt timetz, ym interval year to month, ds interval day to second, v varchar(9), ch char(3))")
	exec1(t, c, `INSERT INTO o SELECT 1, json_parse('{"k":[1,"a\\"b"]}'), to_varbyte('00ff','hex'), '01:02:03+02'::timetz, interval '1 year 1 month' year to month, interval '1 day 2 second' day to second, '', 'c'`)
	exec1(t, c, "INSERT INTO o (id) VALUES (2)")
	for i, query := range []string{
		"SELECT * FROM r ORDER BY id",
		"SELECT * FROM r ORDER BY id -- zstd",
		"SELECT * FROM r ORDER BY id -- gzip",
		"SELECT * FROM r WHERE id = 12345",
		"SELECT id, id + 1 AS more, count(*) AS n, sum(n) AS s, 'x' AS t FROM r GROUP BY id ORDER BY id; ",
		"SELECT * FROM o ORDER BY id -- all",
		"SELECT id, id AS id FROM r ORDER BY id",
	} {
		want, err := c.Execute(t.Context(), redshift.SQL(query))
		if err != nil {
			t.Fatal(err)
		}
		rows, err := bulk.Read(t.Context(), c, bulk.ReadPlan{
			Query: redshift.SQL(query), Via: bulk.ViaUnload, Stage: st, Prefix: "s3://emulator/bulk", Ordered: true,
			Format: []bulk.Format{bulk.Auto, bulk.CSVZstd, bulk.CSVGzip}[i%3],
		})
		if err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		n := 0
		for row, err := range rows.All() {
			if err != nil {
				t.Fatalf("%s: %v", query, err)
			}
			got, err := row.Values()
			if err != nil {
				t.Fatalf("%s: %v", query, err)
			}
			if n >= len(want.Rows) {
				t.Fatalf("%s: too many rows", query)
			}
			expected, _ := want.Rows[n].Values()
			for i := range got {
				if fmt.Sprintf("%T %v", got[i], got[i]) != fmt.Sprintf("%T %v", expected[i], expected[i]) {
					t.Errorf("%s: row %d, %s: %T %v, want %T %v", query, n, row.Columns()[i].Name, got[i], got[i], expected[i], expected[i])
				}
			}
			n++
		}
		if n != len(want.Rows) {
			t.Errorf("%s: %d rows of %d", query, n, len(want.Rows))
		}
	}
	for query, want := range map[string]error{
		"SELECT * FROM r LIMIT 3": redshift.ErrUsage, "SELECT TOP 3 * FROM r": redshift.ErrUsage, "SELECT * FROM nowhere": redshift.ErrTableNotFound,
		"DELETE FROM r": redshift.ErrUsage, "SELECT 1/0 AS x FROM r": redshift.ErrData,
	} {
		_, err := bulk.Read(t.Context(), c, bulk.ReadPlan{Query: redshift.SQL(query), Via: bulk.ViaUnload, Stage: st, Prefix: "s3://emulator/bulk"})
		if !errors.Is(err, want) {
			t.Errorf("%s: %v", query, err)
		}
	}
	if n := staged(t, st); n != 0 {
		t.Errorf("%d objects are left", n)
	}
}

func TestBulkReadMany(t *testing.T) {
	t.Parallel()
	s, c := both(t)
	st := stage(t, s)
	const n = 50_000
	exec1(t, c, "CREATE TABLE p (id bigint, name varchar(20), weight float)")
	if _, err := bulk.Load(t.Context(), c, bulk.LoadPlan{
		Table: redshift.TableRef{Name: "p"}, Source: bulk.Structs(people(n)), Stage: st, Prefix: "s3://emulator/bulk",
	}); err != nil {
		t.Fatal(err)
	}
	exec1(t, c, "ANALYZE p")
	for _, plan := range []bulk.ReadPlan{
		{Via: bulk.ViaWire},
		{Via: bulk.ViaUnload},
		{Via: bulk.ViaUnload, Ordered: true, Files: 1},
		{UnloadRows: 1},
		{},
	} {
		plan.Query, plan.Stage, plan.Prefix = redshift.SQL("SELECT id, name, weight FROM p ORDER BY id"), st, "s3://emulator/bulk"
		rows, err := bulk.Read(t.Context(), c, plan)
		if err != nil {
			t.Fatal(err)
		}
		sum, last := int64(0), int64(-1)
		got, err := redshift.Collect(rows, redshift.ByPos[struct {
			ID     int64
			Name   string
			Weight float64
		}])
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range got {
			sum += p.ID
			if p.Name != fmt.Sprintf("name %d", p.ID) || p.Weight != float64(p.ID)/2 || plan.Ordered && p.ID != last+1 {
				t.Fatalf("%+v", p)
			}
			last = p.ID
		}
		if len(got) != n || sum != n*(n-1)/2 {
			t.Errorf("%+v: %d rows", plan.Via, len(got))
		}
	}
	// Left in the middle, and cancelled in the middle.
	plan := bulk.ReadPlan{Query: redshift.SQL("SELECT * FROM p"), Via: bulk.ViaUnload, Stage: st, Prefix: "s3://emulator/bulk"}
	rows, err := bulk.Read(t.Context(), c, plan)
	if err != nil {
		t.Fatal(err)
	}
	for range rows.All() {
		break
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	if rows, err = bulk.Read(ctx, c, plan); err != nil {
		t.Fatal(err)
	}
	read := 0
	for rows.Next() {
		if read++; read == 10 {
			cancel()
		}
	}
	if err := rows.Close(); read == n || !errors.Is(err, context.Canceled) {
		t.Errorf("%d rows, %v", read, err)
	}
	if n := staged(t, st); n != 0 {
		t.Errorf("%d objects are left", n)
	}
}

func TestBulkFiles(t *testing.T) {
	t.Parallel()
	s, c := both(t)
	st := stage(t, s)
	exec1(t, c, "CREATE TABLE f (id int, name varchar(10), at timestamp)")
	dir := t.TempDir()
	for name, text := range map[string]string{
		"a.csv":    "id,name,at\r\n1,\"x\r\ny\",2026-01-02 03:04:05\r\n2,\"\",\r\n3,,\r\n",
		"b.csv.gz": zipped(t, "id,name,at\n4,d,\n"),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	plan := bulk.LoadPlan{
		Table: redshift.TableRef{Name: "f"}, Source: bulk.Files(bulk.CSVOptions{Header: true}, dir), Stage: st, Prefix: "s3://emulator/bulk",
	}
	res, err := bulk.Load(t.Context(), c, plan)
	if err != nil || res.Inserted != 4 {
		t.Fatalf("%+v %v", res, err)
	}
	if n := value[int64](t, c, "SELECT count(*) FROM f WHERE name = 'x' || chr(13) || chr(10) || 'y' OR id = 2 AND name = '' OR id = 3 AND name IS NULL OR id = 4 AND at IS NULL"); n != 4 {
		t.Errorf("%d rows", n)
	}
	if err := os.WriteFile(filepath.Join(dir, "c.txt"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := bulk.Load(t.Context(), c, plan); !errors.Is(err, redshift.ErrUsage) {
		t.Error(err)
	}
}

// Nothing goes on after a load or a read, however they end.
func TestBulkLeaks(t *testing.T) {
	s, c := both(t)
	st := stage(t, s)
	exec1(t, c, "CREATE TABLE p (id bigint, name varchar(20), weight float)")
	plan := bulk.LoadPlan{
		Table: redshift.TableRef{Name: "p"}, Source: bulk.Structs(people(10_000)), Stage: st, Prefix: "s3://emulator/bulk", PartSize: 1000,
	}
	if _, err := bulk.Load(t.Context(), c, plan); err != nil {
		t.Fatal(err)
	}
	before := goleak.IgnoreCurrent()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	plan.Source = bulk.Structs(people(math.MaxInt32))
	if _, err := bulk.Load(ctx, c, plan); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	rows, err := bulk.Read(t.Context(), c, bulk.ReadPlan{Query: redshift.SQL("SELECT * FROM p"), Via: bulk.ViaUnload, Stage: st, Prefix: "s3://emulator/bulk"})
	if err != nil {
		t.Fatal(err)
	}
	for range rows.All() {
		break
	}
	goleak.VerifyNone(t, before,
		goleak.IgnoreTopFunction("net/http.(*persistConn).readLoop"), goleak.IgnoreTopFunction("net/http.(*persistConn).writeLoop"),
		goleak.IgnoreTopFunction("internal/poll.runtime_pollWait"), goleak.IgnoreAnyFunction("net/http.(*conn).serve"))
	if n := staged(t, st); n != 0 {
		t.Errorf("%d objects are left", n)
	}
}
