package copycmd

import (
	"strconv"

	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
)

// Unload is an UNLOAD statement (r_UNLOAD). The zero value of every option means
// that the option is not written, so that the server's default holds.
type Unload struct {
	// Query is the SELECT, not quoted. Its outermost level may have no LIMIT.
	Query string
	// QueryPos is the character, from 1, of the statement at which the text of
	// the query begins, behind the quote. ParseUnload sets it; AppendSQL does
	// not look at it.
	QueryPos int

	To     string // s3://bucket/prefix
	Auth   Auth   // with whose rights it is written; required
	Region string // of the bucket; by default that of the cluster

	// Format is FormatText (the default), FormatCSV, FormatFixedWidth,
	// FormatJSON or FormatParquet.
	Format Format
	// FixedWidth belongs to FormatFixedWidth: the columns in the query's order.
	FixedWidth []FixedColumn
	// Delimiter between fields; default "|", with CSV ",". See Copy.Delimiter.
	Delimiter string

	// PartitionBy are the columns whose values make folders col=value/.
	PartitionBy []string
	// PartitionInclude keeps those columns in the files (INCLUDE).
	PartitionInclude bool

	Manifest        bool // write prefix + "manifest", which lists the files
	ManifestVerbose bool // with Manifest: sizes, row counts and columns as well
	Header          bool // a line of column names at the head of every file
	AddQuotes       bool // quotes around every field; text alone
	Escape          bool // a backslash before delimiter, newline and backslash; text alone
	// NullAs is the text that stands for NULL; default "" for text, blanks for
	// fixed width.
	NullAs *string
	// Compression of the files: Gzip, Bzip2 or Zstd; default none.
	Compression Compression
	// Extension is put behind the names of files, as it is.
	Extension string

	// Encrypted asks for SSE-KMS with KMSKeyID, or for client-side encryption
	// with Auth.MasterSymmetricKey; by default S3 encrypts with its own keys.
	Encrypted     bool
	EncryptedAuto bool   // with Encrypted: the bucket's default KMS key
	KMSKeyID      string // with Encrypted

	AllowOverwrite bool // replace objects that are there
	CleanPath      bool // first delete what lies under the path

	// Parallel says whether every slice writes files of its own; default on.
	Parallel Toggle
	// MaxFileSize is 5 MB to 6.2 GB; default 6.2 GB.
	MaxFileSize Size
	// RowGroupSize is 32 MB to 128 MB, whole; default 32 MB; Parquet alone.
	RowGroupSize Size

	// Extra is the way out for options this package does not know yet; see
	// Copy.Extra.
	Extra string
}

// AppendSQL appends the statement to dst, without a semicolon. It holds the
// secrets of Auth in clear. The error is that of Validate, and dst is then
// returned as it was.
func (u Unload) AppendSQL(dst []byte) ([]byte, error) {
	if err := u.Validate(); err != nil {
		return dst, err
	}
	w := writer{b: dst}
	w.raw("UNLOAD (")
	w.b = lex.AppendLiteral(w.b, u.Query)
	w.raw(") TO ")
	w.b = lex.AppendLiteral(w.b, u.To)
	w.auth(u.Auth)
	w.format(u.Format, "", u.FixedWidth)
	if len(u.PartitionBy) > 0 {
		w.raw(" PARTITION BY (")
		w.idents(u.PartitionBy)
		w.raw(")")
		w.flag("INCLUDE", u.PartitionInclude)
	}
	w.flag("MANIFEST", u.Manifest)
	w.flag("VERBOSE", u.ManifestVerbose)
	w.flag("HEADER", u.Header)
	w.text("DELIMITER", u.Delimiter)
	w.flag("ENCRYPTED", u.Encrypted)
	w.flag("AUTO", u.EncryptedAuto)
	w.text("KMS_KEY_ID", u.KMSKeyID)
	w.word(u.Compression.String())
	w.flag("ADDQUOTES", u.AddQuotes)
	w.null(u.NullAs)
	w.flag("ESCAPE", u.Escape)
	w.flag("ALLOWOVERWRITE", u.AllowOverwrite)
	w.flag("CLEANPATH", u.CleanPath)
	w.toggle("PARALLEL", u.Parallel)
	w.size("MAXFILESIZE", u.MaxFileSize)
	w.size("ROWGROUPSIZE", u.RowGroupSize)
	w.text("REGION", u.Region)
	w.text("EXTENSION", u.Extension)
	w.word(u.Extra)
	return w.b, nil
}

func (w *writer) size(name string, s Size) {
	if s == (Size{}) {
		return
	}
	w.raw(" " + name + " ")
	w.b = strconv.AppendFloat(w.b, s.N, 'f', -1, 64)
	w.word(s.Unit.String())
}

// ParseUnload reads an UNLOAD statement; a semicolon may end it. Options come in
// any order and in any of their spellings. It checks the grammar alone, neither
// the query nor whether options go together: that is Validate. The error is a
// *ParseError.
func ParseUnload(sql string) (Unload, error) {
	p := newParser(sql, "UNLOAD")
	var u Unload
	if err := p.unload(&u); err != nil {
		return Unload{}, err
	}
	return u, nil
}

func (p *parser) unload(u *Unload) error {
	if err := p.expect("UNLOAD"); err != nil {
		return err
	}
	if p.tok.Kind != lex.LParen {
		return p.fail("expected ( behind UNLOAD")
	}
	p.next()
	if !p.isStr() {
		return p.fail("expected the query as a string")
	}
	// The query is read as the server reads a literal, escapes and all; option
	// texts are not, see optionText.
	text := p.tok.Text(p.src)
	start := p.tok.Pos + 1
	if p.tok.Kind == lex.DollarString {
		start = p.tok.Pos + dollarTag(text)
	}
	u.Query, u.QueryPos = lex.StringValue(text), p.char(start)
	p.next()
	if p.tok.Kind != lex.RParen {
		return p.fail("expected ) behind the query")
	}
	p.next()
	if err := p.expect("TO"); err != nil {
		return err
	}
	var err error
	if u.To, err = p.str(); err != nil {
		return err
	}
	return p.options(unloadWords, func(name string) (bool, error) { return p.unloadOption(name, u) })
}

// dollarTag is the length of the opening $$ or $tag$.
func dollarTag(text string) int {
	for i := 1; i < len(text); i++ {
		if text[i] == '$' {
			return i + 1
		}
	}
	return 1
}

// unloadWords are the words options of UNLOAD begin with, for hints.
var unloadWords = []string{
	"FORMAT", "CSV", "FIXEDWIDTH", "JSON", "PARQUET", "PARTITION", "MANIFEST", "HEADER", "DELIMITER",
	"ENCRYPTED", "KMS_KEY_ID", "MASTER_SYMMETRIC_KEY", "GZIP", "BZIP2", "ZSTD", "ADDQUOTES", "NULL",
	"ESCAPE", "ALLOWOVERWRITE", "CLEANPATH", "PARALLEL", "MAXFILESIZE", "ROWGROUPSIZE", "REGION",
	"EXTENSION", "IAM_ROLE", "CREDENTIALS", "ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN",
}

func (p *parser) unloadOption(name string, u *Unload) (known bool, err error) {
	switch name {
	case "AVRO", "ORC", "SHAPEFILE", "LZOP":
		return false, nil
	}
	if known, err := p.authOption(name, &u.Auth); known {
		return true, err
	}
	if known, err := p.formatOption(name, &u.Format, nil, &u.FixedWidth); known {
		return true, err
	}
	if known, err := p.compression(name, &u.Compression); known {
		return true, err
	}
	switch name {
	case "PARTITION":
		if err := p.expect("BY"); err != nil {
			return true, err
		}
		if u.PartitionBy, err = p.identList(); err == nil {
			u.PartitionInclude = p.accept("INCLUDE")
		}
	case "MANIFEST":
		u.Manifest = true
		u.ManifestVerbose = p.accept("VERBOSE")
	case "HEADER":
		u.Header = true
	case "DELIMITER", "DELIMITERS":
		u.Delimiter, err = p.asStr()
	case "ENCRYPTED":
		u.Encrypted = true
		u.EncryptedAuto = p.accept("AUTO")
	case "KMS_KEY_ID":
		u.KMSKeyID, err = p.asStr()
	case "ADDQUOTES":
		u.AddQuotes = true
	case "NULL":
		u.NullAs, err = p.nullAs()
	case "ESCAPE":
		u.Escape = true
	case "ALLOWOVERWRITE":
		u.AllowOverwrite = true
	case "CLEANPATH":
		u.CleanPath = true
	case "PARALLEL":
		u.Parallel = p.toggle()
	case "MAXFILESIZE":
		u.MaxFileSize, err = p.size()
	case "ROWGROUPSIZE":
		u.RowGroupSize, err = p.size()
	case "REGION":
		u.Region, err = p.asStr()
	case "EXTENSION":
		u.Extension, err = p.asStr()
	default:
		return false, nil
	}
	return true, err
}

func (p *parser) size() (s Size, err error) {
	p.accept("AS")
	if s.N, err = p.decimal(); err != nil {
		return s, err
	}
	if p.accept("GB") {
		s.Unit = GB
	} else {
		p.accept("MB")
	}
	return s, nil
}
