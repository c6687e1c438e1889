package copycmd

// conflict says that an option cannot be used with any of others.
type conflict struct {
	option string
	others []string
	doc    string
}

// Names of what is no keyword, in conflicts and errors.
const (
	fromDynamoDB = "FROM dynamodb"
	fromEMR      = "FROM emr"
)

// columnarOptions are all that COPY from PARQUET and ORC has; the document lists
// them so, and names others that fail.
var columnarOptions = []string{
	"ACCEPTINVCHARS", "FILLRECORD", "IAM_ROLE", "CREDENTIALS", "STATUPDATE", "MANIFEST",
	"EXPLICIT_IDS", "PARQUET", "ORC", "JOB CREATE",
}

var copyConflicts = []conflict{
	{"IAM_ROLE", []string{"ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN", "CREDENTIALS"}, docAuth},
	{"CREDENTIALS", []string{"ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN", "MASTER_SYMMETRIC_KEY"}, docAuth},
	{"SSH", []string{"READRATIO", "MANIFEST", "ENCRYPTED"}, docSSH},
	{"READRATIO", []string{"MANIFEST", "ENCRYPTED"}, docDynamoDB},
	{fromEMR, []string{"ENCRYPTED", "MANIFEST", "REGION", "READRATIO", "SSH"}, docEMR},
	{fromDynamoDB, []string{
		"CSV", "FIXEDWIDTH", "JSON", "AVRO", "PARQUET", "ORC", "SHAPEFILE", "DELIMITER", "QUOTE",
		"GZIP", "BZIP2", "LZOP", "ZSTD", "ESCAPE", "FILLRECORD", "IGNOREBLANKLINES", "IGNOREHEADER",
		"NULL AS", "REMOVEQUOTES", "ACCEPTINVCHARS", "MANIFEST", "ENCRYPTED", "SSH",
		"ENCODING", "EXPLICIT_IDS",
	}, docDynamoDB},
	{"CSV", []string{"REMOVEQUOTES", "ESCAPE"}, docFormat},
	{"FIXEDWIDTH", []string{"DELIMITER", "ESCAPE"}, docFormat},
	{"JSON", []string{
		"DELIMITER", "ESCAPE", "FILLRECORD", "IGNOREBLANKLINES", "NULL AS", "READRATIO", "REMOVEQUOTES",
	}, docFormat},
	{"SHAPEFILE", []string{"REMOVEQUOTES", "ESCAPE"}, docFormat},
	{"ZSTD", []string{fromEMR, "SSH"}, docCompression},
	{"MAXERROR", []string{"IGNOREALLERRORS"}, docLoad},
	{"JOB CREATE", []string{
		"MANIFEST", "MAXERROR", "IGNOREALLERRORS", "ACCESS_KEY_ID", "IAM_ROLE DEFAULT",
		"IAM_ROLE 'SESSION'", fromDynamoDB, fromEMR, "SSH",
	}, docJob},
}

var unloadConflicts = []conflict{
	{"IAM_ROLE", []string{"ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN", "CREDENTIALS"}, docAuth},
	{"CREDENTIALS", []string{"ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN", "MASTER_SYMMETRIC_KEY"}, docAuth},
	{"CSV", []string{"ADDQUOTES", "ESCAPE"}, docUnload},
	{"FIXEDWIDTH", []string{"DELIMITER", "HEADER", "ESCAPE"}, docUnload},
	{"PARQUET", []string{
		"DELIMITER", "HEADER", "ADDQUOTES", "ESCAPE", "NULL AS", "GZIP", "BZIP2", "ZSTD",
		"MASTER_SYMMETRIC_KEY",
	}, docUnload},
	{"JSON", []string{"DELIMITER", "HEADER", "ADDQUOTES", "ESCAPE", "NULL AS"}, docUnload},
	{"ALLOWOVERWRITE", []string{"CLEANPATH"}, docUnload},
	{"ENCRYPTED AUTO", []string{"KMS_KEY_ID", "MASTER_SYMMETRIC_KEY"}, docUnload},
	{"KMS_KEY_ID", []string{"MASTER_SYMMETRIC_KEY"}, docUnload},
}

// present collects the names of options that are given, in a fixed order.
type present struct{ names []string }

func (s *present) add(name string, on bool) {
	if on && name != "" {
		s.names = append(s.names, name)
	}
}

func (s *present) has(name string) bool {
	for _, n := range s.names {
		if n == name {
			return true
		}
	}
	return false
}

// check finds the first pair that a conflict forbids.
func (s *present) check(conflicts []conflict) error {
	for _, c := range conflicts {
		if !s.has(c.option) {
			continue
		}
		for _, other := range c.others {
			if s.has(other) {
				return excludes(c.option, other, c.doc)
			}
		}
	}
	return nil
}

func excludes(option, other, doc string) error {
	return &OptionError{
		Option: option, Other: other, Doc: doc,
		Rule: option + " cannot be used with " + other,
	}
}

func (s *present) auth(a Auth) {
	s.add("IAM_ROLE", a.Default || a.Session || len(a.Roles) > 0)
	s.add("IAM_ROLE DEFAULT", a.Default)
	s.add("IAM_ROLE 'SESSION'", a.Session)
	s.add("ACCESS_KEY_ID", a.AccessKeyID != "")
	s.add("SECRET_ACCESS_KEY", a.SecretAccessKey != "")
	s.add("SESSION_TOKEN", a.SessionToken != "")
	s.add("CREDENTIALS", a.Credentials != "")
	s.add("MASTER_SYMMETRIC_KEY", a.MasterSymmetricKey != "")
}

func (c *Copy) present() *present {
	s := &present{}
	s.add(fromDynamoDB, hasScheme(c.From.URI, "dynamodb"))
	s.add(fromEMR, hasScheme(c.From.URI, "emr"))
	s.auth(c.Auth)
	s.add("MANIFEST", c.From.Manifest)
	s.add("SSH", c.From.SSH)
	s.add("READRATIO", c.From.ReadRatio != 0)
	s.add("REGION", c.From.Region != "")
	s.add("ENCRYPTED", c.Encrypted)
	s.add(c.Format.String(), true)
	s.add("SIMPLIFY", c.Simplify != nil)
	s.add("DELIMITER", c.Delimiter != "")
	s.add("QUOTE", c.Quote != "")
	s.add(c.Compression.String(), true)
	s.add("ACCEPTANYDATE", c.AcceptAnyDate)
	s.add("ACCEPTINVCHARS", c.AcceptInvChars)
	s.add("BLANKSASNULL", c.BlanksAsNull)
	s.add("DATEFORMAT", c.DateFormat != "")
	s.add("EMPTYASNULL", c.EmptyAsNull)
	s.add("ENCODING", c.Encoding != "")
	s.add("ESCAPE", c.Escape)
	s.add("EXPLICIT_IDS", c.ExplicitIDs)
	s.add("FILLRECORD", c.FillRecord)
	s.add("IGNOREBLANKLINES", c.IgnoreBlankLines)
	s.add("IGNOREHEADER", c.IgnoreHeader != 0)
	s.add("NULL AS", c.NullAs != nil)
	s.add("REMOVEQUOTES", c.RemoveQuotes)
	s.add("ROUNDEC", c.RoundEC)
	s.add("TIMEFORMAT", c.TimeFormat != "")
	s.add("TRIMBLANKS", c.TrimBlanks)
	s.add("TRUNCATECOLUMNS", c.TruncateColumns)
	s.add("COMPROWS", c.CompRows != 0)
	s.add("COMPUPDATE", c.CompUpdate != CompUpdateUnset)
	s.add("IGNOREALLERRORS", c.IgnoreAllErrors)
	s.add("MAXERROR", c.MaxError != 0)
	s.add("NOLOAD", c.NoLoad)
	s.add("STATUPDATE", c.StatUpdate != Unset)
	s.add("JOB CREATE", c.Job != nil)
	return s
}

func (u *Unload) present() *present {
	s := &present{}
	s.auth(u.Auth)
	s.add("REGION", u.Region != "")
	s.add(u.Format.String(), true)
	s.add("DELIMITER", u.Delimiter != "")
	s.add("HEADER", u.Header)
	s.add("ADDQUOTES", u.AddQuotes)
	s.add("ESCAPE", u.Escape)
	s.add("NULL AS", u.NullAs != nil)
	s.add(u.Compression.String(), true)
	s.add("ENCRYPTED", u.Encrypted)
	s.add("ENCRYPTED AUTO", u.EncryptedAuto)
	s.add("KMS_KEY_ID", u.KMSKeyID != "")
	s.add("ALLOWOVERWRITE", u.AllowOverwrite)
	s.add("CLEANPATH", u.CleanPath)
	return s
}
