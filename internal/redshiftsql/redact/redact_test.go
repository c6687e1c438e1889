package redact

import (
	"strings"
	"testing"

	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
)

func TestSQL(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ in, want string }{
		{"select 1", "select 1"},
		{"select password from users", "select password from users"},
		{"select token from t where token = 'abc'", "select token from t where token = 'abc'"},
		{"select password, 'x' from t", "select password, 'x' from t"},
		{"create user bob password 'Secret1'", "create user bob password '***'"},
		{"CREATE USER bob WITH PASSWORD 'it''s \\' x' CREATEDB", "CREATE USER bob WITH PASSWORD '***' CREATEDB"},
		{"alter user bob password $$Secret1$$ valid until '2030-01-01'", "alter user bob password '***' valid until '2030-01-01'"},
		{"alter user bob password disable", "alter user bob password disable"},
		{"alter user bob password Secret1", "alter user bob password '***'"},
		{`alter user bob password "Secret1"`, "alter user bob password '***'"},
		{"alter user bob password 12345", "alter user bob password '***'"},
		{"create user bob password 'Secret1", "create user bob password '***"},
		{"create user 'bob password 'Secret1'", "create user 'bob password '***"},
		{"select 1; create user bob password 'Secret1'; select 2", "select 1; create user bob password '***'; select 2"},
		{"-- create user bob password 'Secret1'\nselect 1", " /* *** */ select 1"},
		{"copy t from 's3://b/k' credentials 'aws_access_key_id=A;aws_secret_access_key=B' csv", "copy t from 's3://b/k' credentials '***' csv"},
		{"copy t from 's3://b/k' with credentials as 'aws_iam_role=arn' csv", "copy t from 's3://b/k' with credentials as '***' csv"},
		{"copy t from 's3://b/k' ACCESS_KEY_ID 'A' SECRET_ACCESS_KEY AS 'B' SESSION_TOKEN 'C'", "copy t from 's3://b/k' ACCESS_KEY_ID '***' SECRET_ACCESS_KEY AS '***' SESSION_TOKEN '***'"},
		{"copy t from 's3://b/k' access_key_id 'A' secret_access_key 'B' token 'C' gzip", "copy t from 's3://b/k' access_key_id '***' secret_access_key '***' token '***' gzip"},
		{"copy t from 's3://b/k' iam_role 'arn:aws:iam::1:role/r'", "copy t from 's3://b/k' iam_role 'arn:aws:iam::1:role/r'"},
		{"copy t from 's3://b/k' master_symmetric_key 'K' encrypted", "copy t from 's3://b/k' master_symmetric_key '***' encrypted"},
		{"copy t from 's3://b/k credentials 'aws_access_key_id=A;aws_secret_access_key=B'", "copy t from 's3://b/k credentials '***"},
		{"unload ('select * from t') to 's3://b/p' credentials 'aws_access_key_id=A;aws_secret_access_key=B'", "unload ('select * from t') to 's3://b/p' credentials '***'"},
		{"prepare p as select 'aws_secret_access_key=B'", "prepare p as select '***'"},
		{"create procedure p() as $$ begin execute 'alter user bob password ''S3cret'''; end $$ language plpgsql", "create procedure p() as $$ begin execute 'alter user bob password ''***'''; end $$ language plpgsql"},
		{`create identity provider p type azure namespace 'n' parameters '{"client_secret":"S"}'`, "create identity provider p type azure namespace 'n' parameters '***'"},
		{"show parameters of function f(int) like 'x'", "show parameters of function f(int) like 'x'"},
		{"update users set password = 'x' where id = 1", "update users set password = '***' where id = 1"},
		{"aws_secret_access_key=B ?", "aws_secret_access_key=*** ?"},
		{"alter user bob password 'one'\n'two' createdb", "alter user bob password '***'\n'***' createdb"},
		{"/* unterminated password 'x'", "/* unterminated password '***"},
		{"", ""},
	} {
		got := SQL(tc.in)
		if got != tc.want {
			t.Errorf("%s\n got %s\nwant %s", tc.in, got, tc.want)
		}
		if again := SQL(got); again != got {
			t.Errorf("%s\nagain %s", got, again)
		}
	}
}

// FuzzSecret: whatever stands around it, a secret in a place for secrets does
// not come through, also when the text ends early.
func FuzzSecret(f *testing.F) {
	for i := range 8 {
		f.Add("", "", "", uint8(i), uint16(0))
	}
	f.Add("select 1;", " gzip", "it's \\", uint8(1), uint16(9))
	f.Add("/* x", " 'a", "x", uint8(2), uint16(200))
	f.Add("'", "'", "'", uint8(3), uint16(0))
	templates := []string{
		"create user bob password %s", "alter user bob with password %s", "copy t from 's3://b/k' credentials %s",
		"copy t from 's3://b/k' access_key_id %s", "copy t from 's3://b/k' access_key_id 'a' secret_access_key %s",
		"unload ('select 1') to 's3://b/k' with credentials as %s", "copy t from 's3://b' master_symmetric_key %s",
		"create identity provider p type x namespace 'n' parameters %s",
	}
	f.Fuzz(func(t *testing.T, before, after, salt string, which uint8, cut uint16) {
		const secret = "zQ7xSecretValue"
		if strings.Contains(salt, "\x00") || strings.Contains(before+after, secret) {
			t.Skip()
		}
		lit, err := lex.QuoteLiteral(salt + secret)
		if err != nil {
			t.Skip()
		}
		// What stands before must be whole statements, or the place is none.
		for _, err := range lex.Split(before) {
			if err != nil {
				before = ""
				break
			}
		}
		sql := before + "\n;" + strings.Replace(templates[int(which)%len(templates)], "%s", lit, 1) + after
		if n := int(cut); n > 0 && n < len(sql) {
			sql = sql[:n]
		}
		if out := SQL(sql); strings.Contains(out, secret) {
			t.Fatalf("%q came through in %q", sql, out)
		}
	})
}

// FuzzSQL: no panic on any text, and no mask in a text without a secret's word.
func FuzzSQL(f *testing.F) {
	for _, s := range []string{
		"password '", "credentials 'a' ; password $$x$$", "/* password", "create user x password y", "'aws_secret_access_key=x'",
		"create user bob password 'x' createdb", "alter user bob password disable valid until 'x'", "select password, token from t",
		"copy t from 's3://b/k' credentials 'aws_access_key_id=A;aws_secret_access_key=B' csv", "select 1",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, sql string) {
		if out := SQL(sql); out != sql && !mentions(sql) {
			t.Fatalf("%q became %q", sql, out)
		}
	})
}
