package copycmd

import (
	"errors"
	"reflect"
	"testing"
	"unicode/utf8"
)

func FuzzParseCopy(f *testing.F) {
	f.Add("copy s.t (a, b) from 's3://bucket/k' iam_role default format as json 'auto' gzip, null as '\\N';")
	f.Add("copy t from 'dynamodb://tab' credentials 'aws_access_key_id=a;aws_secret_access_key=b' readratio 5")
	f.Add("copy t from $$s3://bucket/k$$ iam_role 'x' fixedwidth 'a:1,b:2' job create j auto off")
	f.Fuzz(func(t *testing.T, sql string) {
		c, err := ParseCopy(sql)
		if err != nil {
			checkParseError(t, sql, err)
			return
		}
		out, err := c.AppendSQL(nil)
		if err != nil {
			return
		}
		again, err := ParseCopy(string(out))
		if err != nil || !reflect.DeepEqual(again, c) {
			t.Fatalf("%q\n%s\n got %+v, %v\nwant %+v", sql, out, again, err, c)
		}
	})
}

func FuzzParseUnload(f *testing.F) {
	f.Add("unload ('select ''x''') to 's3://bucket/p' iam_role default csv header partition by (a, \"b\") include")
	f.Add("unload ($q$select 1$q$) to 's3://bucket/p' iam_role 'SESSION' maxfilesize 6.2 gb manifest verbose encrypted auto")
	f.Fuzz(func(t *testing.T, sql string) {
		u, err := ParseUnload(sql)
		if err != nil {
			checkParseError(t, sql, err)
			return
		}
		out, err := u.AppendSQL(nil)
		if err != nil {
			return
		}
		again, err := ParseUnload(string(out))
		again.QueryPos = u.QueryPos
		if err != nil || !reflect.DeepEqual(again, u) {
			t.Fatalf("%q\n%s\n got %+v, %v\nwant %+v", sql, out, again, err, u)
		}
	})
}

func checkParseError(t *testing.T, sql string, err error) {
	t.Helper()
	var pe *ParseError
	if !errors.As(err, &pe) || pe.Position < 1 || pe.Position > utf8.RuneCountInString(sql)+1 {
		t.Fatalf("%q: %#v", sql, err)
	}
}
