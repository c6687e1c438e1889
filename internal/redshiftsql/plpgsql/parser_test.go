package plpgsql_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/llm-dev-ops/redshift/internal/redshiftsql/parse"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/plpgsql"
)

const sample = `
<<outer_block>>
DECLARE
  n integer := 0; name CONSTANT varchar(20) NOT NULL DEFAULT 'a;b';
  r record; t sales%ROWTYPE; c sales.qty%TYPE; cur refcursor;
  bound CURSOR (lo int, hi numeric(5,2)) FOR SELECT * FROM sales WHERE qty BETWEEN lo AND hi;
  arg ALIAS FOR $1;
BEGIN
  n := CASE WHEN n = 0 THEN 1 ELSE 2 END; n = n + 1;
  IF n > 1 AND (SELECT count(*) FROM sales) > 0 THEN NULL; ELSIF n = CASE 1 WHEN 1 THEN 2 END THEN NULL; ELSE RETURN; END IF;
  CASE n WHEN 1, 2 THEN NULL; ELSE NULL; END CASE;
  <<l>> FOR i IN REVERSE 10..1 LOOP EXIT l WHEN i = 3; CONTINUE WHEN i = 4; END LOOP l;
  FOR i IN n..n+2 LOOP NULL; END LOOP;
  FOR i IN 1 .. (select 2) LOOP NULL; END LOOP;
  FOR r IN SELECT * FROM sales LOOP r.qty := 1; END LOOP;
  FOR r IN EXECUTE 'select 1' LOOP NULL; END LOOP;
  FOR r IN bound(1, 2) LOOP NULL; END LOOP;
  WHILE n < 3 LOOP n := n + 1; END LOOP;
  SELECT INTO n count(*) FROM sales; SELECT a, b INTO n, r.x FROM sales;
  PERFORM f(1); EXECUTE 'select ' || n INTO n; GET DIAGNOSTICS n := ROW_COUNT;
  OPEN cur FOR SELECT 1; FETCH cur INTO n; CLOSE cur; OPEN bound (1, 2); OPEN cur FOR EXECUTE 'x';
  RAISE NOTICE 'n is % of 100%%', n; RAISE EXCEPTION 'no'; RAISE;
  INSERT INTO sales VALUES (n); COMMIT;
EXCEPTION WHEN OTHERS THEN
  RAISE INFO '% %', SQLSTATE, SQLERRM;
END outer_block;
`

func TestParse(t *testing.T) {
	t.Parallel()
	b, err := plpgsql.Parse(sample)
	if err != nil {
		t.Fatal(err)
	}
	if len(b.Decls) != 8 || b.Label != "outer_block" || b.Handler == nil {
		t.Fatalf("%d declarations in %q, handler %v", len(b.Decls), b.Label, b.Handler)
	}
	f, ok := b.Body[4].(*plpgsql.ForRange)
	if !ok {
		t.Fatalf("%T, not a FOR over a range", b.Body[4])
	}
	if !f.Reverse || strings.TrimSpace(f.Lower.Text) != "10" || strings.TrimSpace(f.Upper.Text) != "1" || f.Label != "l" {
		t.Errorf("%+v", f)
	}
	for _, s := range b.Body {
		q, ok := s.(*plpgsql.Query)
		if !ok || len(q.Into) == 0 {
			continue
		}
		if strings.Contains(strings.ToLower(q.SQL.Text), "into") || sample[q.SQL.Pos:][:6] != "SELECT" {
			t.Errorf("%q at %d", q.SQL.Text, q.SQL.Pos)
		}
		if i := strings.Index(q.SQL.Text, "FROM"); sample[q.SQL.Pos+i:][:4] != "FROM" {
			t.Errorf("the places in %q are not those of the body", q.SQL.Text)
		}
	}
}

func TestParseErrors(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		"":                                          "42601 1 syntax error at end of input",
		"BEGIN":                                     "42601 6 syntax error at end of input",
		"BEGIN NULL END":                            `42601 12 syntax error at or near "END"`,
		"BEGIN x := ; END":                          `42601 12 syntax error at or near ";"`,
		"BEGIN IF a THEN NULL; END; END":            `42601 26 syntax error at or near ";"`,
		"BEGIN RAISE NOTICE '%'; END":               "42601 20 too few parameters specified for RAISE",
		"BEGIN RAISE NOTICE '%%', 1; END":           "42601 20 too many parameters specified for RAISE",
		"BEGIN RAISE DEBUG 'x'; END":                `42601 13 syntax error at or near "DEBUG"`,
		"BEGIN RETURN 1; END":                       "42804 14 RETURN cannot have a parameter in a procedure; use an OUT argument",
		"BEGIN NULL; EXCEPTION WHEN x THEN END":     `42704 28 unrecognized exception condition "x": OTHERS is the only one`,
		"BEGIN EXECUTE 'x' USING 1; END":            `42601 19 syntax error at or near "USING": Redshift's EXECUTE has none; put values into the text with quote_literal`,
		"<<a>> BEGIN END b":                         `42601 17 end label "b" differs from block's label "a"`,
		"BEGIN FOR a, b IN 1..2 LOOP END LOOP; END": "42601 19 integer FOR loop must have just one target variable",
		"BEGIN MOVE c; END":                         "0A000 7 MOVE is not documented for Redshift's procedures; use FETCH",
		"BEGIN x := 'a; END":                        "42601 12 unterminated quoted string",
		"DECLARE x int BEGIN END":                   `42601 24 syntax error at end of input`,
	} {
		_, err := plpgsql.Parse(body)
		e, ok := errors.AsType[*parse.Error](err)
		if !ok {
			t.Errorf("%q: %v", body, err)
			continue
		}
		if got := e.SQLState + " " + itoa(e.Position) + " " + e.Message; got != want {
			t.Errorf("%q\n got %s\nwant %s", body, got, want)
		}
	}
}

func itoa(n int) string {
	if n >= 10 {
		return itoa(n/10) + itoa(n%10)
	}
	return string(rune('0' + n))
}

func FuzzParse(f *testing.F) {
	f.Add(sample)
	f.Add("BEGIN FOR i IN 1..2 LOOP NULL; END LOOP; END;")
	f.Add("DECLARE c CURSOR FOR SELECT 1; BEGIN CASE WHEN 1=1 THEN NULL; END CASE; END")
	f.Add(strings.Repeat("BEGIN ", 300))
	f.Fuzz(func(t *testing.T, body string) {
		began := time.Now()
		b, err := plpgsql.Parse(body)
		if (b == nil) == (err == nil) {
			t.Fatalf("%v and %v", b, err)
		}
		if err != nil {
			e, ok := errors.AsType[*parse.Error](err)
			if !ok || e.Offset < 0 || e.Offset > len(body) {
				t.Fatalf("%#v", err)
			}
		}
		if took := time.Since(began); len(body) < 1<<16 && took > 5*time.Second {
			t.Fatalf("%d bytes took %v", len(body), took)
		}
	})
}
