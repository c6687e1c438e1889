package bind_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/llm-dev-ops/redshift/emulator/internal/bind"
	"github.com/llm-dev-ops/redshift/emulator/internal/engine"
)

// TestMatrix binds every function, operator and cast over columns and constants of
// every type. What the binder lets through DuckDB must know, and the result must
// have the type that was described.
func TestMatrix(t *testing.T) {
	t.Parallel()
	r := newRunner(t)
	for _, sql := range []string{
		"CREATE TABLE m (id INT, qty SMALLINT, big BIGINT, price NUMERIC(10,2), wide NUMERIC(38,6), r REAL, f FLOAT8, name VARCHAR(20), code CHAR(5), d DATE, tm TIME, ts TIMESTAMP, tz TIMESTAMPTZ, ok BOOLEAN, s SUPER, vb VARBYTE)",
		"INSERT INTO m (id, qty, big, price, wide, r, f, name, code, d, tm, ts, tz, ok, s) VALUES (1, 2, 3, 4.5, 6.7, 0.5, 0.25, '12', '7', '2024-02-29', '10:20:30', '2024-02-29 10:20:30', '2024-02-29 10:20:30+02', true, json_parse('{\"a\":[1,2]}'))",
		"INSERT INTO m (id) VALUES (5)",
	} {
		if out := one(r, sql); !strings.HasPrefix(out, "CREATE") && !strings.HasPrefix(out, "INSERT") {
			t.Fatal(sql, out)
		}
	}
	columns := strings.Fields("id qty big price wide r f name code d tm ts tz ok s vb")
	operands := append(slices.Clone(columns), "1", "2.5", "1e1", "'3'", "'2024-01-31'", "NULL", "true", "date '2024-01-31'", "interval '1 day'", "10000000000")
	var exprs []string
	exprs = append(exprs, bind.SampleCalls()...)
	calls := len(exprs)
	for _, l := range operands {
		for _, op := range strings.Fields("+ - * / % || = < <> ^ & << ~ LIKE") {
			for _, o := range operands {
				exprs = append(exprs, l+" "+op+" "+o)
			}
		}
		for _, o := range operands {
			exprs = append(exprs, "coalesce("+l+", "+o+")", "nullif("+l+", "+o+")", "CASE WHEN ok THEN "+l+" ELSE "+o+" END",
				l+" IN ("+o+", NULL)", "decode(id, 1, "+l+", "+o+")", "greatest("+l+", "+o+")")
		}
		for _, typ := range []string{"int", "smallint", "bigint", "numeric(12,3)", "numeric(38,10)", "real", "float8", "varchar", "varchar(3)", "char(4)", "date", "time", "timestamp", "timestamptz", "bool", "super", "varbyte"} {
			exprs = append(exprs, "CAST("+l+" AS "+typ+")", "TRY_CAST("+l+" AS "+typ+")")
		}
		for _, part := range strings.Fields("year month week day hour second ms dow epoch") {
			exprs = append(exprs, "date_part('"+part+"', "+l+")", "extract("+part+" FROM "+l+")", "dateadd("+part+", 1, "+l+")",
				"datediff("+part+", "+l+", ts)", "date_trunc('"+part+"', "+l+")")
		}
		for _, agg := range bind.AggregateNames() {
			exprs = append(exprs, agg+"("+l+")", agg+"(DISTINCT "+l+")", agg+"("+l+") OVER (PARTITION BY id)")
		}
		exprs = append(exprs, "-"+l, "NOT "+l, l+" IS NULL", l+" IS TRUE", "to_char("+l+", 'YYYY-MM-DD')", "to_char("+l+", '9,999.99')",
			"trunc("+l+")", "round("+l+", 1)", "last_day("+l+")", "add_months("+l+", 1)", "months_between("+l+", d)", l+" AT TIME ZONE 'UTC'",
			"convert_timezone('EST', "+l+")", "concat("+l+", 'x')", "len("+l+")", "substring("+l+", 1, 2)", "percentile_cont(0.5) WITHIN GROUP (ORDER BY "+l+")",
			"listagg("+l+", ',') WITHIN GROUP (ORDER BY "+l+")", "lag("+l+") OVER (ORDER BY id)", "array("+l+")", "object('k', "+l+")",
			"fnv_hash("+l+")", "fnv_hash("+l+", big)", "murmur3_32_hash("+l+")", "farmfingerprint64("+l+")", "array_contains(array(1), "+l+")", "array_position("+l+", 1)",
			"soundex("+l+")", "strtol("+l+", 16)", "text_to_numeric_alt("+l+", 10, 2)", "interval_cmp("+l+", '1 day')", "collate("+l+", 'ci') = name", "isfinite("+l+")",
			"object_transform("+l+" KEEP '\"a\"' SET '\"b\"', "+l+")", "to_date("+l+", 'YYYY')", "to_timestamp("+l+", name, ok)", "to_number("+l+", '99')", "to_char("+l+", name)", "sha2("+l+", id)", "regexp_instr("+l+", '1', 1, 1, 0, 'e')", "mod("+l+", 2)", l+" BETWEEN "+l+" AND "+l)
	}
	// Many expressions go into one statement, so that DuckDB plans it once; where
	// one of them fails, each is tried alone.
	ctx := context.Background()
	bound, failed := 0, 0
	check := func(list []string, limit string) bool {
		sql := "SELECT " + strings.Join(list, ", ") + " FROM m" + limit
		p, err := r.bind(sql)
		if err == nil {
			err = matrixRun(ctx, r.conn, p)
		}
		if err != nil && len(list) == 1 {
			if failed++; failed > 40 {
				t.Fatal("too many")
			}
			t.Errorf("%s: %v\n  %s", list[0], err, p.SQL[0])
		}
		return err == nil
	}
	batches := map[bool][]string{}
	flush := func(aggregated bool) {
		list := batches[aggregated]
		if len(list) > 0 && !check(list, " LIMIT 0") {
			for _, x := range list {
				check([]string{x}, " LIMIT 0")
			}
		}
		batches[aggregated] = nil
	}
	for i, x := range exprs {
		_, err := r.bind("SELECT " + x + " FROM m")
		if err != nil {
			if e, ok := errors.AsType[*bind.Error](err); ok && (len(e.State) != 5 || e.State == "XX000") {
				t.Errorf("%s: %v", x, err)
			}
			continue
		}
		bound++
		if i < calls { // functions see real rows
			check([]string{x}, "")
			continue
		}
		_, err = r.bind("SELECT id, " + x + " FROM m")
		aggregated := err != nil
		if batches[aggregated] = append(batches[aggregated], x); len(batches[aggregated]) == 50 {
			flush(aggregated)
		}
	}
	flush(true)
	flush(false)
	t.Logf("%d of %d expressions are bound", bound, len(exprs))
	if bound < 4000 {
		t.Errorf("only %d of %d expressions are bound", bound, len(exprs))
	}
}

// matrixRun asks DuckDB for the types of a plan's columns, which must be those that
// were described, and runs it; values that do not convert are errors of the data.
func matrixRun(ctx context.Context, conn *engine.Conn, p *bind.Plan) error {
	types, err := texts(ctx, conn, "SELECT column_type FROM (DESCRIBE "+p.SQL[0]+")")
	if err != nil {
		return dataError(err)
	}
	for i, c := range p.Columns {
		want := c.Type.DuckDB()
		switch want {
		case "TIMESTAMPTZ":
			want = "TIMESTAMP WITH TIME ZONE"
		case "TIMETZ":
			want = "TIME WITH TIME ZONE"
		}
		if i >= len(types) || types[i] != want {
			return fmt.Errorf("column %d is %s in DuckDB and not %s", i+1, types[i], want)
		}
	}
	_, err = texts(ctx, conn, p.SQL[0])
	return dataError(err)
}

// texts runs a query and gives its first column.
func texts(ctx context.Context, conn *engine.Conn, sql string) (out []string, err error) {
	res, err := conn.Query(ctx, sql, nil)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, res.Close()) }()
	for {
		chunk, err := res.Next(ctx)
		if err != nil || chunk == nil {
			return out, err
		}
		for row := range chunk.Len() {
			out = append(out, string(chunk.AppendText(nil, 0, row)))
		}
	}
}

func dataError(err error) error {
	if err == nil {
		return nil
	}
	e, ok := errors.AsType[*engine.Error](err)
	if !ok {
		return err
	}
	switch e.Kind {
	case engine.ErrorBinder, engine.ErrorParser, engine.ErrorCatalog, engine.ErrorInternal, engine.ErrorNotImplemented:
		return err
	}
	return nil
}
