package copycmd

import (
	"reflect"
	"testing"

	"pgregory.net/rapid"
)

func maybe[T any](t *rapid.T, name string, g *rapid.Generator[T], p *T) {
	if rapid.Bool().Draw(t, "has "+name) {
		*p = g.Draw(t, name)
	}
}

var (
	anyName  = rapid.StringMatching(`[a-zA-Z0-9_ "'\\;ä#-]{1,20}`)
	anyText  = rapid.StringMatching(`[a-zA-Z0-9 '"\\;,$/*ä-]{1,20}`)
	anyASCII = rapid.StringMatching(`[!-~]`)
	anyKey   = rapid.StringMatching(`[a-z0-9/'"\\ ;$ä.-]{1,20}`)
	anyBkt   = rapid.StringMatching(`[a-z0-9]{3,10}`)
	anyBool  = rapid.Bool()
	anySecr  = rapid.Custom(func(t *rapid.T) Secret { return Secret(anyText.Draw(t, "secret")) })
)

func drawAuth(t *rapid.T) (a Auth) {
	arn := rapid.StringMatching(`arn:aws:iam::[0-9]{12}:role/[A-Za-z0-9+=.@_/-]{1,20}`)
	switch rapid.IntRange(0, 4).Draw(t, "auth") {
	case 0:
		a.Default = true
	case 1:
		a.Session = true
	case 2:
		a.Roles = rapid.SliceOfN(arn, 1, 10).Draw(t, "roles")
	case 3:
		a.AccessKeyID = anyText.Draw(t, "key")
		a.SecretAccessKey = anySecr.Draw(t, "secret key")
		maybe(t, "token", anySecr, &a.SessionToken)
	case 4:
		a.Credentials = Secret("aws_iam_role=" + arn.Draw(t, "role"))
	}
	return a
}

func drawColumns(t *rapid.T) []FixedColumn {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) FixedColumn {
		return FixedColumn{
			Label: rapid.StringMatching(`[a-z'"\\;ä]{1,8}`).Draw(t, "label"),
			Width: rapid.IntRange(1, 1<<31-1).Draw(t, "width"),
		}
	}), 1, 5).Draw(t, "columns")
}

func drawCopy(t *rapid.T) Copy {
	c := Copy{Auth: drawAuth(t)}
	c.Table.Name = anyName.Draw(t, "table")
	maybe(t, "schema", anyName, &c.Table.Schema)
	if anyBool.Draw(t, "has columns") {
		c.Columns = rapid.SliceOfNDistinct(anyName, 1, 4, rapid.ID[string]).Draw(t, "columns")
	}
	switch rapid.IntRange(0, 4).Draw(t, "source") {
	case 0:
		c.From = DynamoDB("my.table-1", rapid.IntRange(1, 200).Draw(t, "ratio"))
	case 1:
		c.From = EMR("j-1", anyKey.Draw(t, "path"))
	case 2:
		c.From = SSH(anyBkt.Draw(t, "bucket"), anyKey.Draw(t, "key"))
	case 3:
		c.From = S3Manifest(anyBkt.Draw(t, "bucket"), anyKey.Draw(t, "key"))
	default:
		c.From = S3(anyBkt.Draw(t, "bucket"), anyKey.Draw(t, "key"))
	}
	maybe(t, "region", rapid.SampledFrom([]string{"us-east-1", "us-gov-west-1"}), &c.From.Region)
	c.Format = rapid.Custom(func(t *rapid.T) Format { return Format(rapid.IntRange(0, 7).Draw(t, "n")) }).Draw(t, "format")
	switch c.Format {
	case FormatFixedWidth:
		c.FixedWidth = drawColumns(t)
	case FormatJSON, FormatAvro:
		maybe(t, "paths", rapid.SampledFrom([]string{"auto ignorecase", "s3://bucket/it's"}), &c.Paths)
	case FormatShapefile:
		maybe(t, "simplify", rapid.Custom(func(t *rapid.T) *Simplify {
			return &Simplify{Auto: anyBool.Draw(t, "auto"), Tolerance: rapid.Float64Range(0, 1e6).Draw(t, "tolerance")}
		}), &c.Simplify)
	case FormatCSV:
		maybe(t, "quote", anyASCII, &c.Quote)
	}
	maybe(t, "delimiter", rapid.OneOf(anyASCII, rapid.SampledFrom([]string{`\t`, `\001`, "|~|", "\t"})), &c.Delimiter)
	maybe(t, "compression", rapid.SampledFrom([]Compression{Gzip, Bzip2, Lzop, Zstd}), &c.Compression)
	if maybe(t, "key", anySecr, &c.Auth.MasterSymmetricKey); c.Auth.MasterSymmetricKey != "" {
		c.Encrypted = true
	}
	if maybe(t, "invalid chars", anyBool, &c.AcceptInvChars); c.AcceptInvChars {
		maybe(t, "replacement", anyASCII, &c.ReplacementChar)
	}
	for i, p := range []*bool{
		&c.AcceptAnyDate, &c.BlanksAsNull, &c.EmptyAsNull, &c.Escape, &c.ExplicitIDs, &c.FillRecord,
		&c.IgnoreBlankLines, &c.RemoveQuotes, &c.RoundEC, &c.TrimBlanks, &c.TruncateColumns,
		&c.IgnoreAllErrors, &c.NoLoad,
	} {
		*p = rapid.IntRange(0, 3).Draw(t, "flag "+string(rune('a'+i))) == 0
	}
	maybe(t, "dateformat", anyText, &c.DateFormat)
	maybe(t, "timeformat", anyText, &c.TimeFormat)
	maybe(t, "encoding", rapid.SampledFrom(encodings), &c.Encoding)
	maybe(t, "ignoreheader", rapid.IntRange(0, 1<<31-1), &c.IgnoreHeader)
	maybe(t, "null", rapid.Ptr(anyText, false), &c.NullAs)
	maybe(t, "comprows", rapid.IntRange(1000, 1<<31-1), &c.CompRows)
	maybe(t, "maxerror", rapid.IntRange(0, 100000), &c.MaxError)
	c.CompUpdate = CompUpdate(rapid.IntRange(0, 3).Draw(t, "compupdate"))
	c.StatUpdate = Toggle(rapid.IntRange(0, 2).Draw(t, "statupdate"))
	if rapid.IntRange(0, 9).Draw(t, "job") == 0 {
		c.Job = &Job{Name: "job_1", Auto: Toggle(rapid.IntRange(0, 2).Draw(t, "auto"))}
	}
	return c
}

// repair drops what Validate names until the rest is valid: the generator need
// not know the rules.
func repair[T interface{ Validate() error }](t *rapid.T, v *T, drop func(*T, string) bool) {
	for range 60 {
		err := (*v).Validate()
		if err == nil {
			return
		}
		oe := err.(*OptionError)
		if !(oe.Other != "" && drop(v, oe.Other)) && !drop(v, oe.Option) {
			t.Skipf("not repaired: %v", err)
		}
	}
	t.Skip("not repaired")
}

func dropAuth(a *Auth, name string) bool {
	switch name {
	case "MASTER_SYMMETRIC_KEY":
		a.MasterSymmetricKey = ""
	case "SESSION_TOKEN":
		a.SessionToken = ""
	case "ACCESS_KEY_ID", "CREDENTIALS", "IAM_ROLE", "IAM_ROLE DEFAULT", "IAM_ROLE 'SESSION'":
		*a = Auth{Roles: []string{"arn:aws:iam::123456789012:role/r"}, MasterSymmetricKey: a.MasterSymmetricKey}
	default:
		return false
	}
	return true
}

func dropCopy(c *Copy, name string) bool {
	if dropAuth(&c.Auth, name) {
		return true
	}
	switch name {
	case "ENCRYPTED":
		c.Encrypted, c.Auth.MasterSymmetricKey = false, ""
	case "CSV", "FIXEDWIDTH", "JSON", "AVRO", "PARQUET", "ORC", "SHAPEFILE", "FROM":
		c.Format, c.FixedWidth, c.Paths, c.Simplify, c.Quote = FormatText, nil, "", nil, ""
	case "SIMPLIFY":
		c.Simplify = nil
	case "DELIMITER":
		c.Delimiter = ""
	case "QUOTE":
		c.Quote = ""
	case "GZIP", "BZIP2", "LZOP", "ZSTD":
		c.Compression = CompressionNone
	case "REGION":
		c.From.Region = ""
	case "READRATIO", "MANIFEST", "SSH", fromDynamoDB, fromEMR:
		c.From = S3("bucket", "key")
	case "ACCEPTINVCHARS":
		c.AcceptInvChars, c.ReplacementChar = false, ""
	case "ESCAPE":
		c.Escape = false
	case "EXPLICIT_IDS":
		c.ExplicitIDs = false
	case "FILLRECORD":
		c.FillRecord = false
	case "IGNOREBLANKLINES":
		c.IgnoreBlankLines = false
	case "IGNOREHEADER":
		c.IgnoreHeader = 0
	case "NULL AS":
		c.NullAs = nil
	case "REMOVEQUOTES":
		c.RemoveQuotes = false
	case "ENCODING":
		c.Encoding = ""
	case "MAXERROR":
		c.MaxError = 0
	case "IGNOREALLERRORS":
		c.IgnoreAllErrors = false
	case "ACCEPTANYDATE":
		c.AcceptAnyDate = false
	case "BLANKSASNULL":
		c.BlanksAsNull = false
	case "DATEFORMAT":
		c.DateFormat = ""
	case "EMPTYASNULL":
		c.EmptyAsNull = false
	case "ROUNDEC":
		c.RoundEC = false
	case "TIMEFORMAT":
		c.TimeFormat = ""
	case "TRIMBLANKS":
		c.TrimBlanks = false
	case "TRUNCATECOLUMNS":
		c.TruncateColumns = false
	case "COMPROWS":
		c.CompRows = 0
	case "COMPUPDATE":
		c.CompUpdate = 0
	case "NOLOAD":
		c.NoLoad = false
	case "JOB CREATE":
		c.Job = nil
	default:
		return false
	}
	return true
}

func TestCopyRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := drawCopy(t)
		repair(t, &c, dropCopy)
		sql, err := c.AppendSQL(nil)
		if err != nil {
			t.Fatal(err)
		}
		got, err := ParseCopy(string(sql))
		if err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		if !reflect.DeepEqual(got, c) {
			t.Fatalf("%s:\n got %+v\nwant %+v", sql, got, c)
		}
	})
}

func drawUnload(t *rapid.T) Unload {
	u := Unload{Auth: drawAuth(t), To: "s3://" + anyBkt.Draw(t, "bucket") + "/" + anyKey.Draw(t, "key")}
	u.Query = "select" + anyText.Draw(t, "query")
	u.Format = rapid.SampledFrom([]Format{FormatText, FormatCSV, FormatFixedWidth, FormatJSON, FormatParquet}).Draw(t, "format")
	if u.Format == FormatFixedWidth {
		u.FixedWidth = drawColumns(t)
	}
	maybe(t, "region", rapid.Just("eu-central-1"), &u.Region)
	maybe(t, "delimiter", anyASCII, &u.Delimiter)
	if anyBool.Draw(t, "partition") {
		u.PartitionBy = rapid.SliceOfNDistinct(anyName, 1, 4, rapid.ID[string]).Draw(t, "columns")
		u.PartitionInclude = anyBool.Draw(t, "include")
	}
	if u.Manifest = anyBool.Draw(t, "manifest"); u.Manifest {
		u.ManifestVerbose = anyBool.Draw(t, "verbose")
	}
	u.Header = anyBool.Draw(t, "header")
	u.AddQuotes = anyBool.Draw(t, "addquotes")
	u.Escape = anyBool.Draw(t, "escape")
	u.AllowOverwrite = anyBool.Draw(t, "allowoverwrite")
	u.CleanPath = anyBool.Draw(t, "cleanpath")
	maybe(t, "null", rapid.Ptr(rapid.OneOf(anyText, rapid.Just("")), false), &u.NullAs)
	maybe(t, "compression", rapid.SampledFrom([]Compression{Gzip, Bzip2, Zstd}), &u.Compression)
	maybe(t, "extension", anyText, &u.Extension)
	switch rapid.IntRange(0, 3).Draw(t, "encryption") {
	case 1:
		u.Encrypted, u.EncryptedAuto = true, true
	case 2:
		u.Encrypted, u.KMSKeyID = true, anyText.Draw(t, "kms")
	case 3:
		u.Encrypted, u.Auth.MasterSymmetricKey = true, anySecr.Draw(t, "key")
	}
	u.Parallel = Toggle(rapid.IntRange(0, 2).Draw(t, "parallel"))
	maybe(t, "size", rapid.OneOf(
		rapid.Custom(func(t *rapid.T) Size { return Size{N: rapid.Float64Range(5, 6000).Draw(t, "MB")} }),
		rapid.Custom(func(t *rapid.T) Size { return Size{rapid.Float64Range(0.1, 6.2).Draw(t, "GB"), GB} }),
	), &u.MaxFileSize)
	maybe(t, "row group", rapid.Custom(func(t *rapid.T) Size {
		return Size{N: float64(rapid.IntRange(32, 128).Draw(t, "MB"))}
	}), &u.RowGroupSize)
	return u
}

func dropUnload(u *Unload, name string) bool {
	if name == "MASTER_SYMMETRIC_KEY" {
		u.Encrypted = u.KMSKeyID != ""
	}
	if dropAuth(&u.Auth, name) {
		return true
	}
	switch name {
	case "DELIMITER":
		u.Delimiter = ""
	case "HEADER":
		u.Header = false
	case "ADDQUOTES":
		u.AddQuotes = false
	case "ESCAPE":
		u.Escape = false
	case "NULL AS":
		u.NullAs = nil
	case "GZIP", "BZIP2", "ZSTD":
		u.Compression = CompressionNone
	case "CLEANPATH":
		u.CleanPath = false
	case "PARQUET", "ROWGROUPSIZE":
		u.RowGroupSize = Size{}
	default:
		return false
	}
	return true
}

func TestUnloadRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		u := drawUnload(t)
		repair(t, &u, dropUnload)
		sql, err := u.AppendSQL(nil)
		if err != nil {
			t.Fatal(err)
		}
		got, err := ParseUnload(string(sql))
		if err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		if got.QueryPos != len("UNLOAD ('")+1 {
			t.Fatalf("%s: QueryPos %d", sql, got.QueryPos)
		}
		got.QueryPos = 0
		if !reflect.DeepEqual(got, u) {
			t.Fatalf("%s:\n got %+v\nwant %+v", sql, got, u)
		}
	})
}
