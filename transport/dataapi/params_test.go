package dataapi

import (
	"testing"

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
