package copycmd

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

const testRole = "arn:aws:iam::123456789012:role/r"

// clauses spell the options that conflicts name.
var clauses = map[string]string{
	"IAM_ROLE": "iam_role '" + testRole + "'", "IAM_ROLE DEFAULT": "iam_role default",
	"IAM_ROLE 'SESSION'": "iam_role 'SESSION'", "ACCESS_KEY_ID": "access_key_id 'a'",
	"SECRET_ACCESS_KEY": "secret_access_key 's'", "SESSION_TOKEN": "session_token 't'",
	"CREDENTIALS":          "credentials 'aws_iam_role=" + testRole + "'",
	"MASTER_SYMMETRIC_KEY": "master_symmetric_key 'k'", "READRATIO": "readratio 5",
	"REGION": "region 'us-east-1'", "FIXEDWIDTH": "fixedwidth 'a:1'", "DELIMITER": "delimiter ','",
	"QUOTE": "quote '%'", "IGNOREHEADER": "ignoreheader 1", "NULL AS": "null as ''",
	"ENCODING": "encoding utf8", "MAXERROR": "maxerror 9", "JOB CREATE": "job create j",
	"KMS_KEY_ID": "kms_key_id 'k'",
}

func TestConflicts(t *testing.T) {
	t.Parallel()
	for _, statement := range []string{"copy", "unload"} {
		table := copyConflicts
		if statement == "unload" {
			table = unloadConflicts
		}
		for _, c := range table {
			for _, other := range c.others {
				t.Run(statement+" "+c.option+" "+other, func(t *testing.T) {
					t.Parallel()
					err := validateBoth(statement, c.option, other)
					var oe *OptionError
					if !errors.As(err, &oe) {
						t.Fatalf("got %v", err)
					}
					if oe.Rule == "" || oe.Doc == "" {
						t.Errorf("no rule or document: %+v", oe)
					}
					named := oe.Option + " " + oe.Other
					if !strings.Contains(named, c.option) && !strings.Contains(named, other) {
						t.Errorf("%v names neither", oe)
					}
					// The table itself names both.
					s := present{names: []string{c.option, other}}
					if !errors.As(s.check(table), &oe) || !slices.Contains([]string{c.option, other}, oe.Other) {
						t.Errorf("check: %+v", oe)
					}
				})
			}
		}
	}
}

func validateBoth(statement, option, other string) error {
	source, text := "s3://bucket/key", ""
	auth := true
	for _, o := range []string{option, other} {
		switch o {
		case fromDynamoDB:
			source, text = "dynamodb://table", text+" readratio 5"
			continue
		case fromEMR:
			source = "emr://cluster/path"
			continue
		}
		if strings.HasPrefix(o, "IAM_ROLE") || o == "CREDENTIALS" || strings.HasSuffix(o, "ACCESS_KEY") || o == "ACCESS_KEY_ID" {
			auth = false
		}
		if clause, ok := clauses[o]; ok {
			o = clause
		}
		text += " " + o
	}
	if auth {
		text += " iam_role '" + testRole + "'"
	}
	if statement == "copy" {
		c, err := ParseCopy("copy t from '" + source + "'" + text)
		if err != nil {
			return err
		}
		return c.Validate()
	}
	u, err := ParseUnload("unload ('select 1') to '" + source + "'" + text)
	if err != nil {
		return err
	}
	return u.Validate()
}

func validCopy() Copy {
	return Copy{Table: Table{Name: "t"}, From: S3("bucket", "key"), Auth: Auth{Roles: []string{testRole}}}
}

func TestCopyRules(t *testing.T) {
	t.Parallel()
	nul := "\x00"
	for rule, change := range map[string]func(*Copy){
		"table/a name is required":    func(c *Copy) { c.Table.Name = "" },
		"table/at most 127":           func(c *Copy) { c.Table.Name = strings.Repeat("x", 128) },
		"schema/zero byte":            func(c *Copy) { c.Table.Schema = nul },
		"column list/twice":           func(c *Copy) { c.Columns = []string{"a", "a"} },
		"FROM/a source is required":   func(c *Copy) { c.From.URI = "" },
		"FROM/1024":                   func(c *Copy) { c.From = S3("bucket", strings.Repeat("x", 1025)) },
		"FROM/bucket":                 func(c *Copy) { c.From = S3("a..b", "k") },
		"FROM dynamodb/3 to 255":      func(c *Copy) { c.From = DynamoDB("x", 5) },
		"READRATIO/DynamoDB alone":    func(c *Copy) { c.From.ReadRatio = 5 },
		"IAM_ROLE/at most ten":        func(c *Copy) { c.Auth.Roles = slices.Repeat([]string{testRole}, 11) },
		"IAM_ROLE DEFAULT/one role":   func(c *Copy) { c.Auth.Default = true },
		"IAM_ROLE 'SESSION'/one role": func(c *Copy) { c.Auth.Session = true },
		"SECRET_ACCESS_KEY/needs":     func(c *Copy) { c.Auth = Auth{SecretAccessKey: "s"} },
		"FORMAT/unknown":              func(c *Copy) { c.Format = 99 },
		"COMPRESSION/unknown":         func(c *Copy) { c.Compression = 99 },
		"PARQUET/S3 alone":            func(c *Copy) { c.Format, c.From = FormatParquet, EMR("c", "p") },
		"jsonpaths/need JSON":         func(c *Copy) { c.Paths = "auto" },
		"FIXEDWIDTH/widths need":      func(c *Copy) { c.FixedWidth = []FixedColumn{{"a", 1}} },
		"FIXEDWIDTH/for every column": func(c *Copy) { c.Format = FormatFixedWidth },
		"FIXEDWIDTH/no colon":         func(c *Copy) { c.Format, c.FixedWidth = FormatFixedWidth, []FixedColumn{{"a,b", 1}} },
		"SIMPLIFY/positive":           func(c *Copy) { c.Format, c.Simplify = FormatShapefile, &Simplify{Tolerance: -1} },
		"DELIMITER/end a line":        func(c *Copy) { c.Delimiter = "\n" },
		"QUOTE/one ASCII":             func(c *Copy) { c.Format, c.Quote = FormatCSV, "ab" },
		"QUOTE/differ":                func(c *Copy) { c.Format, c.Quote, c.Delimiter = FormatCSV, "|", "|" },
		"ACCEPTINVCHARS/needs":        func(c *Copy) { c.ReplacementChar = "?" },
		"ACCEPTINVCHARS/one ASCII":    func(c *Copy) { c.AcceptInvChars, c.ReplacementChar = true, nul },
		"ENCODING/UTF8":               func(c *Copy) { c.Encoding = "latin1" },
		"FIXEDWIDTH/needs UTF8":       func(c *Copy) { c.Format, c.FixedWidth, c.Encoding = FormatFixedWidth, []FixedColumn{{"a", 1}}, UTF16 },
		"NULL AS/zero byte":           func(c *Copy) { c.NullAs = &nul },
		"DATEFORMAT/zero byte":        func(c *Copy) { c.DateFormat = nul },
		"TIMEFORMAT/UTF-8":            func(c *Copy) { c.TimeFormat = "\xff" },
		"IGNOREHEADER/negative":       func(c *Copy) { c.IgnoreHeader = -1 },
		"MAXERROR/0 to 100000":        func(c *Copy) { c.MaxError = -1 },
		"COMPROWS/1000":               func(c *Copy) { c.CompRows = -1 },
		"COMPUPDATE/PRESET":           func(c *Copy) { c.CompUpdate = 9 },
		"STATUPDATE/ON or OFF":        func(c *Copy) { c.StatUpdate = 9 },
		"AUTO/ON or OFF":              func(c *Copy) { c.Job = &Job{"j", 9} },
		"JOB CREATE/access keys": func(c *Copy) {
			c.Job, c.Auth = &Job{Name: "j"}, Auth{Credentials: "aws_access_key_id=a;aws_secret_access_key=s"}
		},
		"Extra/only words":          func(c *Copy) { c.Extra = "NEW; DROP TABLE t" },
		"Extra/comments":            func(c *Copy) { c.Extra = "NEW -- x" },
		"Extra/comments are":        func(c *Copy) { c.Extra = "NEW /* x */ 1" },
		"Extra/no backslash":        func(c *Copy) { c.Extra = `NEW 'a\'; DROP TABLE t --'` },
		"Extra/only words, numbers": func(c *Copy) { c.Extra = "NEW 'unterminated" },
		"Extra/and commas are":      func(c *Copy) { c.Extra = "NEW $$x$$" },
	} {
		c := validCopy()
		change(&c)
		checkRule(t, rule, c.Validate())
		if sql, err := c.AppendSQL([]byte("x")); err == nil || string(sql) != "x" {
			t.Errorf("%s: AppendSQL gave %q, %v", rule, sql, err)
		}
	}
	c := validCopy()
	c.Extra = "NEWOPTION AS 'x;y', OTHER 1.5"
	if sql, err := c.AppendSQL(nil); err != nil || !strings.HasSuffix(string(sql), " "+c.Extra) {
		t.Errorf("Extra: %s, %v", sql, err)
	}
}

func checkRule(t *testing.T, rule string, err error) {
	t.Helper()
	option, part, _ := strings.Cut(rule, "/")
	var oe *OptionError
	if !errors.As(err, &oe) || oe.Option != option || !strings.Contains(oe.Rule, part) {
		t.Errorf("%s: got %v", rule, err)
	}
}

func TestUnloadRules(t *testing.T) {
	t.Parallel()
	for rule, change := range map[string]func(*Unload){
		"query/zero byte":          func(u *Unload) { u.Query = "\x00" },
		"TO/required":              func(u *Unload) { u.To = "" },
		"FORMAT/UNLOAD writes":     func(u *Unload) { u.Format = FormatAvro },
		"COMPRESSION/GZIP":         func(u *Unload) { u.Compression = Lzop },
		"INCLUDE/needs":            func(u *Unload) { u.PartitionInclude = true },
		"VERBOSE/needs":            func(u *Unload) { u.ManifestVerbose = true },
		"AUTO/needs ENCRYPTED":     func(u *Unload) { u.EncryptedAuto = true },
		"PARALLEL/ON or OFF":       func(u *Unload) { u.Parallel = 9 },
		"MAXFILESIZE/unit":         func(u *Unload) { u.MaxFileSize = Size{5, 9} },
		"MAXFILESIZE/5 MB":         func(u *Unload) { u.MaxFileSize = Size{-5, MB} },
		"ROWGROUPSIZE/32 MB":       func(u *Unload) { u.RowGroupSize = Size{33.5, MB} },
		"EXTENSION/zero byte":      func(u *Unload) { u.Extension = "\x00" },
		"KMS_KEY_ID/zero byte":     func(u *Unload) { u.KMSKeyID = "\x00" },
		"MASTER_SYMMETRIC_KEY/key": func(u *Unload) { u.Auth.MasterSymmetricKey = "k" },
		"REGION/region":            func(u *Unload) { u.Region = "x" },
		"Extra/only":               func(u *Unload) { u.Extra = ";" },
	} {
		u := Unload{Query: "select 1", To: "s3://bucket/p", Auth: Auth{Roles: []string{testRole}}}
		change(&u)
		checkRule(t, rule, u.Validate())
	}
}

func TestSecretsAreNotShown(t *testing.T) {
	t.Parallel()
	a := Auth{AccessKeyID: "id", SecretAccessKey: "HUSH", SessionToken: "HUSH", Credentials: "HUSH", MasterSymmetricKey: "HUSH"}
	js, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	c := validCopy()
	c.Auth = a
	for _, s := range []string{
		string(js), fmt.Sprintf("%v %+v %#v", a, a, a), fmt.Sprintf("%x %q %v", a.SecretAccessKey, a.SecretAccessKey, a.SecretAccessKey),
		c.Validate().Error(),
	} {
		if strings.Contains(s, "HUSH") || strings.Contains(s, "48555348") {
			t.Errorf("shown: %s", s)
		}
	}
}

func TestQueryPos(t *testing.T) {
	t.Parallel()
	for _, sql := range []string{
		"/* ä */ unload ('Xselect') to 's3://bucket/p' iam_role default",
		"unload ( $$Xselect$$ ) to 's3://bucket/p' iam_role default",
		"unload ($tag$Xselect$tag$) to 's3://bucket/p' iam_role default",
	} {
		u, err := ParseUnload(sql)
		if err != nil || u.Query != "Xselect" {
			t.Fatalf("%s: %q, %v", sql, u.Query, err)
		}
		if r := []rune(sql)[u.QueryPos-1]; r != 'X' {
			t.Errorf("%s: position %d is %c", sql, u.QueryPos, r)
		}
	}
}
