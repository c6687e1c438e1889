package e2e

import (
	"errors"
	"net"
	"strings"
	"testing"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/emulator"
)

// etl is a procedure of the kind that loads a warehouse: it merges what was staged,
// writes down what it did, and says so.
const etl = `
CREATE TABLE sales (day DATE, shop INT, total NUMERIC(12,2)) DISTKEY (shop) SORTKEY (day);
CREATE TABLE staged (day DATE, shop INT, total NUMERIC(12,2));
CREATE TABLE loads (at TIMESTAMP DEFAULT sysdate, shop INT, what VARCHAR(20), rows_changed BIGINT);
INSERT INTO sales VALUES ('2026-01-01', 1, 10), ('2026-01-01', 2, 20);
INSERT INTO staged VALUES ('2026-01-01', 2, 25.5), ('2026-01-02', 2, 7), ('2026-01-02', 3, 1);
CREATE FUNCTION f_net(NUMERIC(12,2), NUMERIC(4,3)) RETURNS NUMERIC(12,2) IMMUTABLE AS $$
  SELECT $1 / (1 + $2)
$$ LANGUAGE sql;
CREATE OR REPLACE PROCEDURE merge_sales(first_day IN DATE, changed INOUT BIGINT, message OUT VARCHAR(200)) AS $$
DECLARE
  rec RECORD;
  n BIGINT;
  target VARCHAR(64) := 'sales';
BEGIN
  changed := COALESCE(changed, 0);
  FOR rec IN SELECT shop, count(*) AS days, sum(total) AS total FROM staged WHERE day >= first_day GROUP BY shop ORDER BY shop LOOP
    EXECUTE 'DELETE FROM ' || quote_ident(target) || ' USING staged WHERE staged.shop = ' || rec.shop
      || ' AND ' || quote_ident(target) || '.shop = staged.shop AND ' || quote_ident(target) || '.day = staged.day';
    GET DIAGNOSTICS n := ROW_COUNT;
    INSERT INTO loads (shop, what, rows_changed) VALUES (rec.shop, 'deleted', n);
    INSERT INTO sales SELECT day, shop, total FROM staged s WHERE s.shop = rec.shop AND s.day >= first_day;
    GET DIAGNOSTICS n := ROW_COUNT;
    changed := changed + n;
    RAISE INFO 'shop %: % days, %', rec.shop, rec.days, f_net(rec.total, 0.19);
  END LOOP;
  IF changed = 0 THEN
    RAISE EXCEPTION 'nothing since %', first_day;
  END IF;
  message := 'merged ' || changed || ' rows';
EXCEPTION WHEN OTHERS THEN
  INSERT INTO loads (shop, what, rows_changed) VALUES (NULL, left(SQLERRM, 20), -1);
END;
$$ LANGUAGE plpgsql;
`

func TestProcedurePSQL(t *testing.T) {
	t.Parallel()
	s := start(t, emulator.Config{})
	out, err := psql(t, s, etl+`
CALL merge_sales('2026-01-01', 5);
SELECT day, shop, total FROM sales ORDER BY 1, 2;
SELECT shop, what, rows_changed FROM loads ORDER BY 1;
SELECT trim(message) FROM svl_stored_proc_messages ORDER BY recordtime;
`)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{
		"INFO:  shop 2: 2 days, 27.31", "INFO:  shop 3: 1 days, 0.84", "8|merged 8 rows",
		"2026-01-01|1|10.00\n2026-01-01|2|25.50\n2026-01-02|2|7.00\n2026-01-02|3|1.00", "2|deleted|1\n3|deleted|0", "shop 2: 2 days, 27.31\nshop 3",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("psql did not say %q:\n%s", want, out)
		}
	}
	out, err = psql(t, s, "CALL merge_sales('2027-01-01', NULL);\n")
	if err == nil || !strings.Contains(out, "ERROR:  nothing since 2027-01-01") {
		t.Errorf("%v\n%s", err, out)
	}
	out, err = psql(t, s, "SELECT what FROM loads WHERE rows_changed = -1;\n")
	if err != nil || strings.TrimSpace(out) != "nothing since 2027-0" {
		t.Errorf("the handler's row: %v\n%s", err, out)
	}
}

func TestProcedurePsycopg2(t *testing.T) {
	t.Parallel()
	s := start(t, emulator.Config{})
	host, port, err := net.SplitHostPort(s.WireAddr())
	if err != nil {
		t.Fatal(err)
	}
	out, err := run(t, s, `
import psycopg2
c = psycopg2.connect(host="`+host+`", port=`+port+`, user="awsuser", password="Emulator1", dbname="dev")
cur = c.cursor()
cur.execute("""`+etl+`""")
c.commit()
cur.execute("call merge_sales(%s, %s)", ("2026-01-02", 0))
assert cur.fetchone() == (2, "merged 2 rows")
assert [n.strip() for n in c.notices] == ["INFO:  shop 2: 1 days, 5.88", "INFO:  shop 3: 1 days, 0.84"], c.notices
c.commit()
cur.execute("create procedure open_sales(rs inout refcursor) as $$ begin open rs for select day, total from sales where shop = 2 order by day; end $$ language plpgsql")
cur.execute("call open_sales('rows')")
assert cur.fetchone() == ("rows",)
cur.execute("fetch all from rows")
print(len(cur.fetchall()))
c.commit()
try:
    cur.execute("call merge_sales('2027-01-01', 0)")
    assert False
except psycopg2.errors.RaiseException as e:
    assert "nothing since" in str(e), e
`, pythonWith(t, "psycopg2"), "-")
	if err != nil || strings.TrimSpace(out) != "1" {
		t.Errorf("%v\n%s", err, out)
	}
}

// CALL through the client: parameters are typed by the procedure, its outputs are rows.
func TestProcedureClient(t *testing.T) {
	t.Parallel()
	s := start(t, emulator.Config{})
	if out, err := psql(t, s, etl); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	c := connect(t, s)
	var changed int64
	var message string
	row, err := c.QueryRow(t.Context(), redshift.SQL("CALL merge_sales($1, $2)", "2026-01-02", 3))
	if err != nil {
		t.Fatal(err)
	}
	if err := row.Scan(&changed, &message); err != nil {
		t.Fatal(err)
	}
	if changed != 5 || message != "merged 5 rows" {
		t.Errorf("%d, %q", changed, message)
	}
	_, err = c.Execute(t.Context(), redshift.SQL("CALL merge_sales($1, $2)", "2027-01-02", nil))
	var e *redshift.Error
	if !errors.As(err, &e) || e.SQLState != "P0001" {
		t.Errorf("%v", err)
	}
}
