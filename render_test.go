package redshift

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/parse"
)

func TestRender(t *testing.T) {
	t.Parallel()
	exact, err := ParseNumeric("12.340")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		sql  string
		args []any
		want string // or, from "!" on, a part of the error
	}{
		{"create schema $1", []any{Identifier{"Sales"}}, `create schema "Sales"`},
		{"drop table $1", []any{Identifier{"a", `b"c`}}, `drop table "a"."b""c"`},
		{"create view v as select $1", []any{"it's \\ $1"}, `create view v as select 'it''s \\ $1'`},
		{"create view v as select $2,$1,$2", []any{1, "a"}, `create view v as select 'a',1,'a'`},
		{"create view v as select x-$1", []any{-5}, `create view v as select x- -5`},
		{"create view v as select $1::bigint", []any{int64(math.MinInt64)}, `create view v as select (-9223372036854775808) ::bigint`},
		{"create view v as select $1from t", []any{5}, `create view v as select 5 from t`},
		{"create view v as select '$1', \"$1\", $$ $1 $$ -- $1\n/* $1 */, $1", []any{true}, "create view v as select '$1', \"$1\", $$ $1 $$ -- $1\n/* $1 */, TRUE"},
		{"alter table t add column c int default $1", []any{nil}, "alter table t add column c int default NULL"},
		{"create view v as select $1, $2, $3", []any{1.5, exact, float32(0.1)}, "create view v as select 1.5, 12.340, 0.1"},
		{"create view v as select $1, $2", []any{[]byte{0, 255}, json.RawMessage(`{"a":"'"}`)}, `create view v as select FROM_HEX('00ff'), JSON_PARSE('{"a":"''"}')`},
		{"create view v as select $1, $2", []any{Date{Year: 2024, Month: 2, Day: 29}, time.Date(2024, 2, 29, 1, 2, 3, 0, time.UTC)}, "create view v as select DATE '2024-02-29', TIMESTAMPTZ '2024-02-29 01:02:03+00'"},
		{"copy t from $1 iam_role $2 maxerror $3", []any{"s3://b/p", "arn:aws:iam::1:role/r", 10}, "copy t from 's3://b/p' iam_role 'arn:aws:iam::1:role/r' maxerror 10"},
		{"unload ('select * from t where a = $1 and b > $2') to $3 iam_role default", []any{"it's", 7, "s3://b/p"}, `unload ('select * from t where a = ''it''''s'' and b > 7') to 's3://b/p' iam_role default`},
		{"UNLOAD ($$select '$1', $1$$) to 's3://$2/'", []any{`a\b`}, `UNLOAD ('select ''$1'', ''a\\\\b''') to 's3://$2/'`},
		{"set query_group to $1", []any{"etl"}, "set query_group to 'etl'"},
		{"create view v as select $1'x'", []any{"a"}, "!beside a string"},
		{"create view v as select 'x'\n$1", []any{"a"}, "!beside a string"},
		{"create view v as select $2", []any{"a"}, "!the statement has $2, and 1 arguments"},
		{"create view v as select 1", []any{"a"}, "!argument 1 has no place"},
		{"create view v as select '$1'", []any{"secret"}, "!argument 1 has no place"},
		{"create view v as select $1", []any{"a\x00"}, "!zero byte"},
		{"create view v as select $1", []any{math.NaN()}, "!no number"},
		{"create view v as select $1", []any{math.Inf(-1)}, "!no number"},
		{"create view v as select $1", []any{Geometry{1}}, "!give a string"},
		{"create view v as select $1", []any{Identifier{}}, "!is no name"},
		{"create view v as select $1", []any{struct{}{}}, "!cannot be sent"},
	} {
		got, err := render(c.sql, c.args)
		if part, bad := strings.CutPrefix(c.want, "!"); bad {
			if !errors.Is(err, ErrUsage) || !strings.Contains(err.Error(), part) || strings.Contains(err.Error(), "secret") {
				t.Errorf("%s: %q, %v; want an error of %q", c.sql, got, err, part)
			}
			continue
		}
		if err != nil || got != c.want {
			t.Errorf("%s:\n%s, %v\nwant\n%s", c.sql, got, err, c.want)
		}
	}
	for sql, takes := range map[string]bool{
		"select $1": true, "with a as (select 1) select $1": true, "insert into t values ($1)": true, "update t set a = $1": true,
		"delete from t where a = $1": true, "merge into t using s on true when matched then delete": true, "call p($1)": true,
		"explain select $1": true, "(select $1)": true, "declare c cursor for select $1": true, "": true,
		"/* select */ CREATE table t as select $1": false, "COPY t from $1": false, "unload ($1) to $2": false, "grant select on t to $1": false,
	} {
		if takesParameters(sql) != takes {
			t.Errorf("%q: taken to be %v", sql, !takes)
		}
	}
}

// literalsOf are the nodes of a statement by their types, and its constants.
func literalsOf(t testing.TB, sql string) (nodes, constants []string) {
	t.Helper()
	stmt, err := parse.Statement(sql)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	ast.Inspect(stmt, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Literal:
			constants = append(constants, fmt.Sprint(n.Kind, " ", n.Text))
		case *ast.TypedLiteral:
			constants = append(constants, n.Value)
		}
		nodes = append(nodes, fmt.Sprintf("%T", n))
		return true
	})
	return nodes, constants
}

// FuzzRender: whatever the value and wherever it stands, the parser reads the
// statement that it reads with a harmless value, and the value as it was given.
func FuzzRender(f *testing.F) {
	for _, s := range []string{"", "'", "\\", "\\'", "$1", "'; drop table t; --", "a\nb", "$$", "é", "*/", "x'y\\\\''"} {
		f.Add(s, int64(-len(s)), 1.5)
	}
	places := []string{
		"create view v as select $1 as a, x-$1, -$1, $1+1, (x)*$1, $1<$1, f($1,$1), $1 from t where y=$1",
		"create table t as select $1 union all select a-$1from s -- $1",
		"alter table t add column c varchar default $1",
		"create view v as select case when $1 then $1 else $1 end",
	}
	f.Fuzz(func(t *testing.T, s string, n int64, x float64) {
		check := func(place string, value, harmless any, want string) {
			got, err := render(place, []any{value})
			if err != nil {
				if v, ok := value.(string); ok && strings.Contains(v, "\x00") {
					return
				}
				t.Fatalf("%s with %v: %v", place, value, err)
			}
			same, err := render(place, []any{harmless})
			if err != nil {
				t.Fatal(err)
			}
			nodes, constants := literalsOf(t, got)
			wantNodes, wantConstants := literalsOf(t, same)
			for i := range wantConstants {
				if wantConstants[i] == "5 harmless" || wantConstants[i] == "2 77" || wantConstants[i] == "3 77.5" || wantConstants[i] == "4 77.5" {
					wantConstants[i] = want
				}
			}
			if !slices.Equal(nodes, wantNodes) || !slices.Equal(constants, wantConstants) {
				t.Errorf("%s\nis read as %q %v\nwant       %q %v", got, constants, nodes, wantConstants, wantNodes)
			}
		}
		for _, place := range places {
			check(place, s, "harmless", "5 "+s)
			if strings.Contains(place, "default") && n < 0 {
				n = -(n + 1)
			}
			sign, digits := int64(77), strings.TrimPrefix(fmt.Sprint(n), "-")
			if n < 0 {
				sign = -77
			}
			check(place, n, sign, "2 "+digits)
		}
		query := "select * from t where a = $1 and b-$1"
		got, err := render("unload ('"+query+"') to 's3://b/'", []any{s})
		if strings.Contains(s, "\x00") {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		stmt, err := parse.Statement(got)
		if err != nil {
			t.Fatalf("%s: %v", got, err)
		}
		inner := stmt.(*ast.Unload).Query
		if _, constants := literalsOf(t, inner); !slices.Equal(constants, []string{"5 " + s, "5 " + s}) {
			t.Errorf("%s: %q", inner, constants)
		}
	})
}
