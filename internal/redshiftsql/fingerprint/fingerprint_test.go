package fingerprint

import (
	"strings"
	"testing"
)

func TestShape(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ in, want string }{
		{"", ""},
		{" ; ; ", ""},
		{"SELECT  1 ;", "select ?"},
		{"select a,b from T where x='y' -- c\n and /* d */ z = $1", "select a, b from t where x = ? and z = ?"},
		{"select * from t where a in (1, 2,3) and b not in ('x')", "select * from t where a in (?) and b not in (?)"},
		{"select * from t where a in (1, b) or c in (select 1)", "select * from t where a in (?, b) or c in (select ?)"},
		{"select -1, a - 1, a-1, (-2), 3 - -4, +5, - 6.5e1 from t where a = -1 and b > -1", "select ?, a - ?, a - ?, (?), ? - ?, ?, ? from t where a = ? and b > ?"},
		{"insert into t values (1, 'a'), (2, 'b'), ($1, $2)", "insert into t values (?, ?)"},
		{"insert into t (a) values (1), (null), (f(2)), (f(3)), (4)", "insert into t(a) values (?), (null), (f(?)), (?)"},
		{"insert into t values (a in (1,2)), (a in (3)); select 1", "insert into t values (a in (?)); select ?"},
		{`select "a", "A", "select", "x y" from "s"."t"`, `select a, "A", "select", "x y" from s.t`},
		{"select count(*), f ( a ) from t", "select count(*), f(a) from t"},
		{"select a::int, b . c [ 0 ] from t", "select a::int, b.c[?] from t"},
		{"select true, null, date '2024-01-01', interval '1' day", "select true, null, date ?, interval ? day"},
		{"copy t from 's3://b/k' iam_role 'arn' csv", "copy t from ? iam_role ? csv"},
		{"select 'unterminated", "select ?"},
		{"select /* unterminated", "select ?"},
		{"select ? from t where a in (?, ?)", "select ? from t where a in (?)"},
		{"select a from t limit 10 offset 20", "select a from t limit ? offset ?"},
		{"select case when a then 1 else -1 end - 1", "select case when a then ? else ? end - ?"},
		{"select current_date - 1, sysdate-7", "select current_date - ?, sysdate - ?"},
		{"call p(1,'x')", "call p(?, ?)"},
		{"(select 1) union (select 2)", "(select ?) union (select ?)"},
	} {
		got := Shape(tc.in)
		if got != tc.want {
			t.Errorf("%s\n got %s\nwant %s", tc.in, got, tc.want)
		}
		if again := Shape(got); again != got {
			t.Errorf("%s\nagain %s", got, again)
		}
	}
}

func TestHash(t *testing.T) {
	t.Parallel()
	if a, b := Hash("select * from t where a = 1"), Hash("SELECT *\nFROM t WHERE a='x' --"); a != b {
		t.Errorf("%x and %x", a, b)
	}
	if a, b := Hash("select a from t"), Hash("select b from t"); a == b {
		t.Errorf("%x for both", a)
	}
	// The hash may be stored: it does not change.
	if got := Hash("select 1"); got != 0x02fb7a5a1a5a9a58 {
		t.Errorf("%#x", got)
	}
}

// FuzzShape: no literal comes through, and a shape's shape is itself.
func FuzzShape(f *testing.F) {
	for _, s := range []string{
		"select 1", "insert into t values (1),(2),((3)),((4))", "a in (1,2", "'x", "in (-1, - 2)", "values (a in (1,2)),(a in (3))",
		"- - 1", `"a""b"`, "$$x$$ $1", "a#b #c", "?,?", "x'1'", "n'1'", "in(in(1,2),in(3))",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, sql string) {
		shape := Shape(sql)
		if again := Shape(shape); again != shape {
			t.Fatalf("%q\nonce  %q\ntwice %q", sql, shape, again)
		}
		if strings.Contains(shape, "'") && !strings.Contains(shape, `"`) {
			t.Fatalf("%q: a string in %q", sql, shape)
		}
	})
}
