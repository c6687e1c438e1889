package dataapi

import (
	"fmt"
	"strings"
	"testing"

	"github.com/llm-dev-ops/redshift/internal/redshiftsql/parse"
	"github.com/llm-dev-ops/redshift/transport"
)

func TestRewrite(t *testing.T) {
	t.Parallel()
	v := func(s string) transport.Param { return transport.Param{OID: transport.OIDVarchar, Value: []byte(s)} }
	for _, c := range []struct {
		sql    string
		params []transport.Param
		want   string
		args   int
	}{
		{"select $1, '$1' -- $1", []transport.Param{v("a")}, "select  :p1 , '$1' -- $1", 1},
		{"select $2+$1+$2", []transport.Param{v("a"), v("b")}, "select  :p2 + :p1 + :p2 ", 2},
		{"select $1", []transport.Param{{OID: transport.OIDInt4}}, "select  CAST(NULL AS integer) ", 0},
		{"select $1", []transport.Param{v("")}, "select  CAST('' AS varchar) ", 0},
		{"select $1", []transport.Param{{OID: transport.OIDInt8, Value: []byte("5")}}, "select  CAST(:p1 AS bigint) ", 1},
		{"select $1", []transport.Param{{OID: transport.OIDNumeric, Value: []byte("-1.50")}}, "select  CAST(:p1 AS numeric(38,2)) ", 1},
		{"select $1", []transport.Param{{OID: transport.OIDNumeric}}, "select  CAST(NULL AS numeric(38,0)) ", 0},
		{"select $1", []transport.Param{{OID: transport.OIDSuper, Value: []byte("[1]")}}, "select  JSON_PARSE(:p1) ", 1},
		{"select $1", []transport.Param{{OID: transport.OIDSuper}}, "select  CAST(NULL AS super) ", 0},
		{"select $1", []transport.Param{{OID: transport.OIDVarbyte, Value: []byte("00ff")}}, "select  FROM_HEX(:p1) ", 1},
		{"select $1", []transport.Param{{OID: transport.OIDVarbyte, Value: []byte("")}}, "select  FROM_HEX('') ", 0},
		{"select 1 limit $1", []transport.Param{{OID: transport.OIDInt8, Value: []byte("5")}}, "select 1 limit  :p1 ", 1},
		{"select $1", []transport.Param{{}}, "select  NULL ", 0},
		{"select 1::int", nil, "select 1::int", 0},
	} {
		got, args, err := rewrite("p", c.sql, c.params)
		if err != nil || got != c.want || len(args) != c.args {
			t.Errorf("%q: %q %v %v", c.sql, got, args, err)
		}
	}
	for _, sql := range []string{"select 1", "select $2", "select :x, $1", "select $0", "select '"} {
		if got, _, err := rewrite("p", sql, []transport.Param{v("a")}); err == nil {
			t.Errorf("%q was taken: %q", sql, got)
		}
	}
}

// FuzzRewrite: without placeholders a statement stays as it is, and no value is
// sent twice.
func FuzzRewrite(f *testing.F) {
	for _, s := range []string{"select $1", "'$1' $1", "a::$1x", "$$ $1 $$ $2", "/* $1 */ :p1"} {
		f.Add(s, "v")
	}
	f.Fuzz(func(t *testing.T, sql, value string) {
		if got, _, err := rewrite("p", sql, nil); err == nil && got != sql {
			t.Fatalf("%q became %q", sql, got)
		}
		got, args, err := rewrite("p", sql, []transport.Param{{Value: []byte(value)}})
		if err == nil && len(args) > 1 {
			t.Fatalf("%q: %q has %d arguments", sql, got, len(args))
		}
	})
}

// FuzzRewriteParses: a statement that parses with its placeholders parses with what
// they become, for values of every type, and has the same placeholders of its own.
func FuzzRewriteParses(f *testing.F) {
	for _, sql := range []string{
		"select $1, $2 from t where a = $1", "insert into t values ($1, $2)", "select 1 limit $1 offset $2", "select f($1)[$2]",
		"update t set a = $1 where b in ($2, 3)", "select a::int, $1::varchar || $2", "select case when $1 then $2 end", "select interval '1' day + $1, $2",
	} {
		f.Add(sql, "v", uint8(0), uint8(3))
		f.Add(sql, "", uint8(7), uint8(1))
	}
	oids := []transport.OID{
		0, transport.OIDVarchar, transport.OIDInt4, transport.OIDNumeric, transport.OIDSuper, transport.OIDVarbyte,
		transport.OIDTimestampTZ, transport.OIDBool, transport.OIDIntervalD2S, transport.OIDFloat8,
	}
	f.Fuzz(func(t *testing.T, sql, value string, a, b uint8) {
		params := []transport.Param{{OID: oids[int(a)%len(oids)], Value: []byte(value)}, {OID: oids[int(b)%len(oids)]}}
		if b > 127 {
			params[1].Value = []byte(value)
		}
		if _, err := parse.Statement(sql); err != nil {
			return
		}
		got, args, err := rewrite("p", sql, params)
		if err != nil {
			return
		}
		// The service gives the names numbers again.
		numbered := got
		for i, arg := range args {
			if arg.value == "" {
				t.Fatalf("%q: %s is empty", got, arg.name)
			}
			numbered = strings.ReplaceAll(numbered, " :"+arg.name+" ", fmt.Sprintf(" $%d ", i+1))
			numbered = strings.ReplaceAll(numbered, "(:"+arg.name, fmt.Sprintf("($%d", i+1))
		}
		if _, err := parse.Statement(numbered); err != nil {
			t.Fatalf("%q became %q, which does not parse: %v", sql, got, err)
		}
	})
}
