package copycmd

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
)

var encodings = []Encoding{UTF8, UTF16, UTF16LE, UTF16BE, ISO88591}

var (
	// roleARN is of every partition: aws, aws-cn, aws-us-gov.
	roleARN    = regexp.MustCompile(`^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]{1,600}$`)
	bucketName = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)
	regionName = regexp.MustCompile(`^[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}$`)
	jobName    = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,126}$`)
	tableName  = regexp.MustCompile(`^[A-Za-z0-9_.-]{3,255}$`)
)

// Validate checks offline that the statement is whole, that values are in range
// and that options go together. The error is an *OptionError.
func (c Copy) Validate() error {
	var v validator
	v.name("table", c.Table.Name, docCopy)
	if c.Table.Schema != "" {
		v.name("schema", c.Table.Schema, docCopy)
	}
	v.names("column list", c.Columns, docCopy)
	s := c.present()
	v.source(c.From)
	v.auth(c.Auth, s)
	v.encrypted(c.Encrypted, c.Auth, docS3)
	v.err(s.check(copyConflicts))
	v.must(c.Format <= FormatShapefile, "FORMAT", "", "unknown format", docFormat)
	v.must(c.Compression <= Zstd, "COMPRESSION", "", "unknown compression", docCompression)
	if c.Format == FormatParquet || c.Format == FormatORC {
		v.columnar(c, s)
	}
	v.paths(c.Format, c.Paths)
	v.fixedWidth(c.Format, c.FixedWidth, docFormat)
	v.must(c.Simplify == nil || c.Format == FormatShapefile, "SIMPLIFY", "SHAPEFILE", "SIMPLIFY needs SHAPEFILE", docFormat)
	v.must(c.Simplify == nil || c.Simplify.Tolerance >= 0 && c.Simplify.Tolerance < 1e18, "SIMPLIFY", "", "the tolerance must be a positive number", docFormat)
	v.delimiter(c.Delimiter, docFormat)
	v.must(c.Quote == "" || c.Format == FormatCSV, "QUOTE", "CSV", "QUOTE needs CSV", docFormat)
	v.must(c.Quote == "" || oneASCII(c.Quote), "QUOTE", "", "must be one ASCII character", docFormat)
	v.must(c.Quote == "" || c.Quote != c.Delimiter, "QUOTE", "DELIMITER", "QUOTE and DELIMITER must differ", docFormat)
	v.must(c.ReplacementChar == "" || c.AcceptInvChars, "ACCEPTINVCHARS", "", "a replacement needs AcceptInvChars", docConversion)
	v.must(c.ReplacementChar == "" || oneASCII(c.ReplacementChar), "ACCEPTINVCHARS", "", "the replacement must be one ASCII character other than NUL", docConversion)
	v.must(c.Encoding == "" || slices.Contains(encodings, c.Encoding), "ENCODING", "", "must be UTF8, UTF16, UTF16LE, UTF16BE or ISO88591", docConversion)
	v.must(c.Encoding == "" || c.Encoding == UTF8 || c.Format != FormatFixedWidth, "FIXEDWIDTH", "ENCODING", "FIXEDWIDTH needs UTF8", docFormat)
	v.null(c.NullAs, docConversion)
	v.text("DATEFORMAT", c.DateFormat, docConversion)
	v.text("TIMEFORMAT", c.TimeFormat, docConversion)
	v.between("IGNOREHEADER", c.IgnoreHeader, 0, 1<<31-1, "must not be negative", docConversion)
	v.between("MAXERROR", c.MaxError, 0, 100000, "must be 0 to 100000", docLoad)
	v.must(c.CompRows == 0 || c.CompRows >= 1000 && c.CompRows <= 1<<31-1, "COMPROWS", "", "must be 1000 to 2147483647", docLoad)
	v.must(c.CompUpdate <= CompUpdatePreset, "COMPUPDATE", "", "must be ON, OFF or PRESET", docLoad)
	v.toggle("STATUPDATE", c.StatUpdate, docLoad)
	if c.Job != nil {
		v.must(jobName.MatchString(c.Job.Name), "JOB CREATE", "", "the name must be letters, digits and underscores", docJob)
		v.toggle("AUTO", c.Job.Auto, docJob)
		_, keys := c.Auth.parts()["aws_access_key_id"]
		v.must(!keys, "JOB CREATE", "CREDENTIALS", "JOB CREATE cannot be used with access keys", docJob)
	}
	v.extra(c.Extra, docCopy)
	return v.first
}

// Validate checks offline that the statement is whole, that values are in range
// and that options go together. It does not parse the query. The error is an
// *OptionError.
func (u Unload) Validate() error {
	var v validator
	v.must(strings.TrimSpace(u.Query) != "", "query", "", "a query is required", docUnload)
	v.text("query", u.Query, docUnload)
	v.must(u.To != "", "TO", "", "a place in S3 is required", docUnload)
	v.s3("TO", u.To, false, docUnload)
	s := u.present()
	v.auth(u.Auth, s)
	v.region(u.Region, docUnload)
	v.err(s.check(unloadConflicts))
	v.must(unloadFormat(u.Format), "FORMAT", "", "UNLOAD writes text, CSV, FIXEDWIDTH, JSON and PARQUET", docUnload)
	v.fixedWidth(u.Format, u.FixedWidth, docUnload)
	v.delimiter(u.Delimiter, docUnload)
	v.names("PARTITION BY", u.PartitionBy, docUnload)
	v.must(!u.PartitionInclude || len(u.PartitionBy) > 0, "INCLUDE", "PARTITION BY", "INCLUDE needs PARTITION BY", docUnload)
	v.must(!u.ManifestVerbose || u.Manifest, "VERBOSE", "MANIFEST", "VERBOSE needs MANIFEST", docUnload)
	v.null(u.NullAs, docUnload)
	v.must(u.Compression <= Zstd && u.Compression != Lzop, "COMPRESSION", "", "UNLOAD has GZIP, BZIP2 and ZSTD", docUnload)
	v.text("EXTENSION", u.Extension, docUnload)
	v.text("KMS_KEY_ID", u.KMSKeyID, docUnload)
	v.must(!u.EncryptedAuto || u.Encrypted, "AUTO", "ENCRYPTED", "AUTO needs ENCRYPTED", docUnload)
	v.must(u.KMSKeyID == "" || u.Encrypted, "KMS_KEY_ID", "ENCRYPTED", "KMS_KEY_ID needs ENCRYPTED", docUnload)
	if u.KMSKeyID == "" && !u.EncryptedAuto {
		v.encrypted(u.Encrypted, u.Auth, docUnload)
	}
	v.toggle("PARALLEL", u.Parallel, docUnload)
	v.must(u.MaxFileSize.Unit <= GB && u.RowGroupSize.Unit <= GB, "MAXFILESIZE", "", "the unit must be MB or GB", docUnload)
	if u.MaxFileSize.N != 0 {
		n := u.MaxFileSize.megabytes()
		v.must(n >= 5 && n <= 6.2*1024, "MAXFILESIZE", "", "must be 5 MB to 6.2 GB", docUnload)
	}
	if u.RowGroupSize.N != 0 {
		n := u.RowGroupSize.megabytes()
		v.must(n >= 32 && n <= 128 && n == float64(int(n)), "ROWGROUPSIZE", "", "must be a whole number of 32 MB to 128 MB", docUnload)
		v.must(u.Format == FormatParquet, "ROWGROUPSIZE", "PARQUET", "ROWGROUPSIZE needs PARQUET", docUnload)
	}
	v.extra(u.Extra, docUnload)
	return v.first
}

func (s Size) megabytes() float64 {
	if s.Unit == GB {
		return s.N * 1024
	}
	return s.N
}

// validator keeps the first fault.
type validator struct{ first error }

func (v *validator) err(err error) {
	if v.first == nil {
		v.first = err
	}
}

func (v *validator) must(ok bool, option, other, rule, doc string) {
	if !ok && v.first == nil {
		v.first = &OptionError{Option: option, Other: other, Rule: rule, Doc: doc}
	}
}

// text refuses what no literal can hold.
func (v *validator) text(option, s, doc string) {
	v.must(utf8.ValidString(s) && !strings.Contains(s, "\x00"), option, "", "must be valid UTF-8 without a zero byte", doc)
}

func (v *validator) name(what, s, doc string) {
	v.must(s != "", what, "", "a name is required", doc)
	v.must(len(s) <= 127, what, "", "a name has at most 127 bytes", "r_names")
	v.text(what, s, doc)
}

func (v *validator) names(what string, names []string, doc string) {
	seen := map[string]bool{}
	for _, n := range names {
		v.name(what, n, doc)
		v.must(!seen[n], what, "", "a column is named twice", doc)
		seen[n] = true
	}
}

func (v *validator) between(option string, n, low, high int, rule, doc string) {
	v.must(n >= low && n <= high, option, "", rule, doc)
}

func (v *validator) toggle(option string, t Toggle, doc string) {
	v.must(t <= Off, option, "", "must be ON or OFF", doc)
}

func (v *validator) region(region, doc string) {
	v.must(region == "" || regionName.MatchString(region), "REGION", "", "must be a region such as us-east-1", doc)
}

func (v *validator) null(s *string, doc string) {
	if s == nil {
		return
	}
	v.text("NULL AS", *s, doc)
	v.must(!strings.ContainsAny(*s, "\n") && *s != `\n`, "NULL AS", "", "must not be a newline", doc)
}

func (v *validator) delimiter(d, doc string) {
	for _, r := range d {
		v.must(r > 0 && r < utf8.RuneSelf, "DELIMITER", "", "must be ASCII", doc)
		v.must(r != '\n' && r != '\r', "DELIMITER", "", "must not end a line", doc)
	}
	v.must(d != `\n` && d != `\r`, "DELIMITER", "", "must not end a line", doc)
}

func oneASCII(s string) bool {
	return len(s) == 1 && s[0] > 0 && s[0] < utf8.RuneSelf
}

func hasScheme(uri, scheme string) bool { return strings.HasPrefix(uri, scheme+"://") }

func (v *validator) source(f Source) {
	v.must(f.URI != "", "FROM", "", "a source is required", docCopy)
	switch {
	case hasScheme(f.URI, "dynamodb"):
		v.must(tableName.MatchString(f.URI[len("dynamodb://"):]), "FROM dynamodb", "", "the table's name must be 3 to 255 letters, digits, _, - and .", docDynamoDB)
		v.must(f.ReadRatio != 0, "READRATIO", "", "DynamoDB needs READRATIO", docDynamoDB)
	case hasScheme(f.URI, "emr"):
		cluster, path, _ := strings.Cut(f.URI[len("emr://"):], "/")
		v.must(cluster != "" && path != "", fromEMR, "", "must be emr://cluster/path", docEMR)
		v.text("FROM", f.URI, docEMR)
	default:
		v.s3("FROM", f.URI, f.Manifest || f.SSH, docS3)
		v.must(f.ReadRatio == 0, "READRATIO", "FROM s3", "READRATIO is for DynamoDB alone", docDynamoDB)
	}
	v.must(f.ReadRatio >= 0 && f.ReadRatio <= 200, "READRATIO", "", "must be 1 to 200", docDynamoDB)
	v.region(f.Region, docS3)
}

// s3 checks s3://bucket/key; object says that the key cannot be empty.
func (v *validator) s3(option, uri string, object bool, doc string) {
	v.must(hasScheme(uri, "s3"), option, "", "must begin with s3://", doc)
	bucket, key, _ := strings.Cut(strings.TrimPrefix(uri, "s3://"), "/")
	v.must(bucketName.MatchString(bucket) && !strings.Contains(bucket, ".."), option, "", "the bucket's name is not valid", doc)
	v.must(!object || key != "", option, "", "the full path of an object is required", doc)
	v.must(len(key) <= 1024, option, "", "the key has more than 1024 bytes", doc)
	v.text(option, key, doc)
}

func (v *validator) auth(a Auth, s *present) {
	v.must(s.has("IAM_ROLE") || s.has("CREDENTIALS") || s.has("ACCESS_KEY_ID") || s.has("SECRET_ACCESS_KEY"),
		"IAM_ROLE", "", "an authorization is required", docAuth)
	v.must(!(a.Default && a.Session), "IAM_ROLE DEFAULT", "IAM_ROLE 'SESSION'", "one role clause is allowed", docAuth)
	v.must(len(a.Roles) == 0 || !a.Default, "IAM_ROLE DEFAULT", "IAM_ROLE", "one role clause is allowed", docAuth)
	v.must(len(a.Roles) == 0 || !a.Session, "IAM_ROLE 'SESSION'", "IAM_ROLE", "one role clause is allowed", docAuth)
	v.must(len(a.Roles) <= 10, "IAM_ROLE", "", "at most ten roles can be chained", docAuth)
	for _, r := range a.Roles {
		v.must(roleARN.MatchString(r) && !strings.Contains(r, ","), "IAM_ROLE", "", "must be arn:aws:iam::<12 digits>:role/<name>", docAuth)
	}
	// Where a conflict is the better message, leave it to that.
	if !s.has("IAM_ROLE") && !s.has("CREDENTIALS") {
		v.must(a.AccessKeyID == "" || a.SecretAccessKey != "", "ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "ACCESS_KEY_ID needs SECRET_ACCESS_KEY", docAuth)
		v.must(a.SecretAccessKey == "" || a.AccessKeyID != "", "SECRET_ACCESS_KEY", "ACCESS_KEY_ID", "SECRET_ACCESS_KEY needs ACCESS_KEY_ID", docAuth)
	}
	v.text("ACCESS_KEY_ID", a.AccessKeyID, docAuth)
	v.text("SECRET_ACCESS_KEY", string(a.SecretAccessKey), docAuth)
	v.text("SESSION_TOKEN", string(a.SessionToken), docAuth)
	v.text("MASTER_SYMMETRIC_KEY", string(a.MasterSymmetricKey), docAuth)
	if a.Credentials != "" {
		v.credentials(string(a.Credentials))
	}
}

// parts takes the string of CREDENTIALS apart: case-sensitive names, no spaces.
func (a Auth) parts() map[string]string {
	m := map[string]string{}
	for part := range strings.SplitSeq(string(a.Credentials), ";") {
		name, value, _ := strings.Cut(part, "=")
		m[name] = value
	}
	return m
}

func (v *validator) credentials(s string) {
	const rule = "must be aws_iam_role=… or aws_access_key_id=…;aws_secret_access_key=…[;token=…][;master_symmetric_key=…]"
	v.text("CREDENTIALS", s, docAuth)
	v.must(!strings.ContainsAny(s, " \t\r\n"), "CREDENTIALS", "", "no spaces are allowed", docAuth)
	m := Auth{Credentials: Secret(s)}.parts()
	for name, value := range m {
		switch name {
		case "aws_iam_role", "aws_access_key_id", "aws_secret_access_key", "token", "master_symmetric_key":
			v.must(value != "", "CREDENTIALS", "", rule, docAuth)
		default:
			v.must(false, "CREDENTIALS", "", rule, docAuth)
		}
	}
	keys := m["aws_access_key_id"] != "" && m["aws_secret_access_key"] != ""
	noKeys := m["aws_access_key_id"] == "" && m["aws_secret_access_key"] == "" && m["token"] == ""
	role := m["aws_iam_role"]
	v.must(role != "" && noKeys || role == "" && keys, "CREDENTIALS", "", rule, docAuth)
	if role != "" {
		for r := range strings.SplitSeq(role, ",") {
			v.must(roleARN.MatchString(r), "CREDENTIALS", "", "the role must be arn:aws:iam::<12 digits>:role/<name>", docAuth)
		}
	}
}

// encrypted checks that ENCRYPTED and the master symmetric key come together.
func (v *validator) encrypted(on bool, a Auth, doc string) {
	_, inString := a.parts()["master_symmetric_key"]
	key := a.MasterSymmetricKey != "" || inString
	v.must(!on || key, "ENCRYPTED", "MASTER_SYMMETRIC_KEY", "ENCRYPTED needs a master symmetric key", doc)
	v.must(on || !key, "MASTER_SYMMETRIC_KEY", "ENCRYPTED", "a master symmetric key needs ENCRYPTED", doc)
}

func (v *validator) columnar(c Copy, s *present) {
	v.must(hasScheme(c.From.URI, "s3"), c.Format.String(), "FROM", c.Format.String()+" is read from S3 alone", docColumnar)
	for _, name := range s.names {
		if !slices.Contains(columnarOptions, name) && !strings.HasPrefix(name, "IAM_ROLE") {
			v.err(excludes(c.Format.String(), name, docColumnar))
		}
	}
}

func (v *validator) paths(f Format, paths string) {
	if paths == "" {
		return
	}
	v.must(f == FormatJSON || f == FormatAvro, "jsonpaths", "JSON", "paths need JSON or AVRO", docFormat)
	switch {
	case paths == "auto" || paths == "auto ignorecase":
	case paths == "noshred":
		v.must(f == FormatJSON, "AVRO", "", "'noshred' is for JSON alone", docFormat)
	case hasScheme(paths, "s3"):
		v.s3(f.String(), paths, true, docFormat)
	default:
		v.must(false, f.String(), "", "must be 'auto', 'auto ignorecase', 'noshred' or the s3:// path of a jsonpaths file", docFormat)
	}
}

func (v *validator) fixedWidth(f Format, cols []FixedColumn, doc string) {
	v.must(len(cols) == 0 || f == FormatFixedWidth, "FIXEDWIDTH", f.String(), "widths need the format FIXEDWIDTH", doc)
	v.must(len(cols) > 0 || f != FormatFixedWidth, "FIXEDWIDTH", "", "needs label:width for every column", doc)
	for _, c := range cols {
		v.text("FIXEDWIDTH", c.Label, doc)
		v.must(c.Label != "" && !strings.ContainsAny(c.Label, ":,") && strings.TrimSpace(c.Label) == c.Label,
			"FIXEDWIDTH", "", "a label has no colon, comma and outer blanks", doc)
		v.must(c.Width >= 1 && c.Width <= 1<<31-1, "FIXEDWIDTH", "", "a width must be at least 1", doc)
	}
}

// extra lets through words, numbers, strings and commas with nothing but blanks
// between them, so that the text can neither end the statement nor hide a part.
func (v *validator) extra(s, doc string) {
	v.text("Extra", s, doc)
	// A server that takes no escapes would end the string there.
	v.must(!strings.Contains(s, `\'`), "Extra", "", `no backslash before a quote`, doc)
	lx := lex.New(s)
	end := 0
	for {
		t := lx.Next()
		at, stop := t.Pos, t.Kind == lex.EOF
		if stop {
			at = len(s)
		}
		v.must(strings.TrimLeft(s[end:at], " \t\r\n\f") == "", "Extra", "", "comments are not allowed", doc)
		if stop {
			return
		}
		end = t.End
		switch t.Kind {
		case lex.Ident, lex.QuotedIdent, lex.String, lex.Int, lex.Decimal, lex.Float, lex.Comma:
		default:
			v.must(false, "Extra", "", "only words, numbers, '…' strings and commas are allowed", doc)
			return
		}
	}
}
