// Package copycmd writes and reads Redshift's COPY and UNLOAD statements and
// checks offline that their options go together.
//
// The structs are the statements: AppendSQL writes one, ParseCopy and
// ParseUnload read one, and reading what was written gives the same struct.
// All types are plain values; they are safe for concurrent use as long as
// nobody writes to them.
package copycmd

import (
	"strconv"

	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
)

// Copy is a COPY statement (r_COPY). The zero value of every option means that
// the option is not written, so that the server's default holds.
//
// Texts of options are what COPY gets to see: DELIMITER `\t` is a backslash and
// a t, which COPY reads as a tab, and a tab itself may be written just as well.
type Copy struct {
	Table   Table    // where rows are appended; it must exist
	Columns []string // the column list; none means all columns in order
	From    Source   // where the data is
	Auth    Auth     // with whose rights it is read; required

	// Format is that of the data; the default is delimited text.
	Format Format
	// Paths belongs to FormatJSON and FormatAvro: "auto ignorecase",
	// "s3://bucket/jsonpaths", or "noshred" (JSON alone). "" means "auto".
	Paths string
	// FixedWidth belongs to FormatFixedWidth: the columns in table order.
	FixedWidth []FixedColumn
	// Simplify belongs to FormatShapefile.
	Simplify *Simplify
	// Delimiter between fields; default "|", with CSV ",". ASCII, one character
	// or several ("|~|"), `\t`, or octal as in `\001`.
	Delimiter string
	// Quote belongs to FormatCSV; default `"`.
	Quote string
	// Compression of the files; default none.
	Compression Compression
	// Encrypted says that files are encrypted by the client (ENCRYPTED), which
	// needs a master symmetric key. AWS has closed this to everyone since
	// 2026-04-30.
	Encrypted bool

	AcceptAnyDate    bool     // bad dates become NULL
	AcceptInvChars   bool     // invalid UTF-8 in VARCHAR is replaced
	ReplacementChar  string   // with AcceptInvChars: one ASCII character, default "?"
	BlanksAsNull     bool     // blank CHAR and VARCHAR become NULL
	DateFormat       string   // default "YYYY-MM-DD"; or "auto"
	EmptyAsNull      bool     // empty CHAR and VARCHAR become NULL
	Encoding         Encoding // default UTF8
	Escape           bool     // a backslash makes the next character literal
	ExplicitIDs      bool     // values for IDENTITY columns come from the data
	FillRecord       bool     // missing trailing columns become NULL
	IgnoreBlankLines bool     // lines without a character are skipped
	IgnoreHeader     int      // lines to skip at the head of every file
	NullAs           *string  // text that stands for NULL; default `\N`
	RemoveQuotes     bool     // a pair of outer quotes is dropped
	RoundEC          bool     // round where the scale is too large, not truncate
	TimeFormat       string   // default "YYYY-MM-DD HH:MI:SS"; or auto, epochsecs, epochmillisecs
	TrimBlanks       bool     // trailing whitespace of VARCHAR is dropped
	TruncateColumns  bool     // CHAR and VARCHAR are cut to the column's width

	// CompRows is the size of the sample for compression analysis, in rows,
	// 1000 to 2147483647; default 100000 a slice.
	CompRows int
	// CompUpdate says whether COPY chooses column encodings.
	CompUpdate CompUpdate
	// IgnoreAllErrors skips every bad row.
	IgnoreAllErrors bool
	// MaxError is the number of errors at which the load fails, at most 100000;
	// default 0, which like 1 fails on the first.
	MaxError int
	// NoLoad checks the data without loading it.
	NoLoad bool
	// StatUpdate says whether statistics are refreshed; by default only when the
	// table was empty. It takes the table's owner or a superuser.
	StatUpdate Toggle

	// Job makes the statement a COPY JOB CREATE (r_COPY-JOB).
	Job *Job

	// Extra is the way out for options this package does not know yet: words,
	// numbers and '…' strings that are written behind everything else, as they
	// are. Semicolons, comments, parentheses, and anything that is no token are
	// refused. ParseCopy knows no such options and never sets it.
	Extra string
}

// Job is the clause JOB CREATE of a COPY.
type Job struct {
	Name string // letters, digits and underscores; no hyphen
	Auto Toggle // whether new files are loaded by themselves; default on
}

// AppendSQL appends the statement to dst, without a semicolon. It holds the
// secrets of Auth in clear. The error is that of Validate, and dst is then
// returned as it was.
func (c Copy) AppendSQL(dst []byte) ([]byte, error) {
	if err := c.Validate(); err != nil {
		return dst, err
	}
	w := writer{b: dst}
	w.raw("COPY ")
	w.table(c.Table)
	if len(c.Columns) > 0 {
		w.raw(" (")
		w.idents(c.Columns)
		w.raw(")")
	}
	w.raw(" FROM ")
	w.b = lex.AppendLiteral(w.b, c.From.URI)
	w.auth(c.Auth)
	w.flag("MANIFEST", c.From.Manifest)
	w.flag("SSH", c.From.SSH)
	w.num("READRATIO", c.From.ReadRatio)
	w.text("REGION", c.From.Region)
	w.flag("ENCRYPTED", c.Encrypted)
	w.format(c.Format, c.Paths, c.FixedWidth)
	if s := c.Simplify; s != nil {
		w.raw(" SIMPLIFY")
		w.flag("AUTO", s.Auto)
		if s.Tolerance != 0 {
			w.raw(" ")
			w.b = strconv.AppendFloat(w.b, s.Tolerance, 'f', -1, 64)
		}
	}
	w.text("DELIMITER", c.Delimiter)
	w.text("QUOTE", c.Quote)
	w.word(c.Compression.String())
	w.flag("ACCEPTANYDATE", c.AcceptAnyDate)
	w.flag("ACCEPTINVCHARS", c.AcceptInvChars)
	if c.ReplacementChar != "" {
		w.raw(" ")
		w.b = lex.AppendLiteral(w.b, c.ReplacementChar)
	}
	w.flag("BLANKSASNULL", c.BlanksAsNull)
	w.text("DATEFORMAT", c.DateFormat)
	w.flag("EMPTYASNULL", c.EmptyAsNull)
	if c.Encoding != "" {
		w.raw(" ENCODING")
		w.word(string(c.Encoding))
	}
	w.flag("ESCAPE", c.Escape)
	w.flag("EXPLICIT_IDS", c.ExplicitIDs)
	w.flag("FILLRECORD", c.FillRecord)
	w.flag("IGNOREBLANKLINES", c.IgnoreBlankLines)
	w.num("IGNOREHEADER", c.IgnoreHeader)
	w.null(c.NullAs)
	w.flag("REMOVEQUOTES", c.RemoveQuotes)
	w.flag("ROUNDEC", c.RoundEC)
	w.text("TIMEFORMAT", c.TimeFormat)
	w.flag("TRIMBLANKS", c.TrimBlanks)
	w.flag("TRUNCATECOLUMNS", c.TruncateColumns)
	w.num("COMPROWS", c.CompRows)
	if c.CompUpdate != CompUpdateUnset {
		w.raw(" COMPUPDATE")
		w.word(c.CompUpdate.String())
	}
	w.flag("IGNOREALLERRORS", c.IgnoreAllErrors)
	w.num("MAXERROR", c.MaxError)
	w.flag("NOLOAD", c.NoLoad)
	w.toggle("STATUPDATE", c.StatUpdate)
	if c.Job != nil {
		w.raw(" JOB CREATE ")
		w.b = lex.AppendIdent(w.b, c.Job.Name)
		w.toggle("AUTO", c.Job.Auto)
	}
	w.word(c.Extra)
	return w.b, nil
}

// ParseCopy reads a COPY statement; a semicolon may end it. Options come in any
// order and in any of their spellings. It checks the grammar alone, not whether
// options go together: that is Validate. The error is a *ParseError.
func ParseCopy(sql string) (Copy, error) {
	p := newParser(sql, "COPY")
	var c Copy
	err := p.copy(&c)
	if err != nil {
		return Copy{}, err
	}
	return c, nil
}

func (p *parser) copy(c *Copy) error {
	if err := p.expect("COPY"); err != nil {
		return err
	}
	var err error
	if c.Table, err = p.tableName(); err != nil {
		return err
	}
	if p.tok.Kind == lex.LParen {
		if c.Columns, err = p.identList(); err != nil {
			return err
		}
	}
	if err := p.expect("FROM"); err != nil {
		return err
	}
	if c.From.URI, err = p.str(); err != nil {
		return err
	}
	return p.options(copyWords, func(name string) (bool, error) { return p.copyOption(name, c) })
}

// copyWords are the words options of COPY begin with, for hints.
var copyWords = []string{
	"FORMAT", "CSV", "FIXEDWIDTH", "JSON", "AVRO", "PARQUET", "ORC", "SHAPEFILE", "SIMPLIFY",
	"DELIMITER", "QUOTE", "GZIP", "BZIP2", "LZOP", "ZSTD", "MANIFEST", "SSH", "READRATIO", "REGION",
	"ENCRYPTED", "MASTER_SYMMETRIC_KEY", "IAM_ROLE", "CREDENTIALS", "ACCESS_KEY_ID",
	"SECRET_ACCESS_KEY", "SESSION_TOKEN", "ACCEPTANYDATE", "ACCEPTINVCHARS", "BLANKSASNULL",
	"DATEFORMAT", "EMPTYASNULL", "ENCODING", "ESCAPE", "EXPLICIT_IDS", "FILLRECORD",
	"IGNOREBLANKLINES", "IGNOREHEADER", "NULL", "REMOVEQUOTES", "ROUNDEC", "TIMEFORMAT",
	"TRIMBLANKS", "TRUNCATECOLUMNS", "COMPROWS", "COMPUPDATE", "IGNOREALLERRORS", "MAXERROR",
	"NOLOAD", "STATUPDATE", "JOB",
}

// copyOption reads the rest of the option whose first word, name, is read.
func (p *parser) copyOption(name string, c *Copy) (known bool, err error) {
	if known, err := p.authOption(name, &c.Auth); known {
		return true, err
	}
	if known, err := p.formatOption(name, &c.Format, &c.Paths, &c.FixedWidth); known {
		return true, err
	}
	if known, err := p.compression(name, &c.Compression); known {
		return true, err
	}
	switch name {
	case "SIMPLIFY":
		c.Simplify = &Simplify{}
		c.Simplify.Auto = p.accept("AUTO")
		if p.tok.Kind == lex.String || isNumber(p.tok.Kind) {
			c.Simplify.Tolerance, err = p.decimal()
		}
	case "MANIFEST":
		c.From.Manifest = true
	case "SSH":
		c.From.SSH = true
	case "READRATIO":
		c.From.ReadRatio, err = p.asInt()
	case "REGION":
		c.From.Region, err = p.asStr()
	case "ENCRYPTED":
		c.Encrypted = true
	case "DELIMITER", "DELIMITERS":
		c.Delimiter, err = p.asStr()
	case "QUOTE":
		c.Quote, err = p.asStr()
	case "ACCEPTANYDATE":
		c.AcceptAnyDate = true
	case "ACCEPTINVCHARS":
		c.AcceptInvChars = true
		if p.accept("AS") || p.isStr() {
			c.ReplacementChar, err = p.str()
		}
	case "BLANKSASNULL":
		c.BlanksAsNull = true
	case "DATEFORMAT":
		c.DateFormat, err = p.asStr()
	case "EMPTYASNULL":
		c.EmptyAsNull = true
	case "ENCODING":
		c.Encoding, err = p.encoding()
	case "ESCAPE":
		c.Escape = true
	case "EXPLICIT_IDS":
		c.ExplicitIDs = true
	case "FILLRECORD":
		c.FillRecord = true
	case "IGNOREBLANKLINES":
		c.IgnoreBlankLines = true
	case "IGNOREHEADER":
		c.IgnoreHeader, err = p.asInt()
	case "NULL":
		c.NullAs, err = p.nullAs()
	case "REMOVEQUOTES":
		c.RemoveQuotes = true
	case "ROUNDEC":
		c.RoundEC = true
	case "TIMEFORMAT":
		c.TimeFormat, err = p.asStr()
	case "TRIMBLANKS":
		c.TrimBlanks = true
	case "TRUNCATECOLUMNS":
		c.TruncateColumns = true
	case "COMPROWS":
		c.CompRows, err = p.asInt()
	case "COMPUPDATE":
		if p.accept("PRESET") {
			c.CompUpdate = CompUpdatePreset
		} else if p.toggle() == Off {
			c.CompUpdate = CompUpdateOff
		} else {
			c.CompUpdate = CompUpdateOn
		}
	case "IGNOREALLERRORS":
		c.IgnoreAllErrors = true
	case "MAXERROR":
		c.MaxError, err = p.asInt()
	case "NOLOAD":
		c.NoLoad = true
	case "STATUPDATE":
		c.StatUpdate = p.toggle()
	case "JOB":
		c.Job = &Job{}
		if err := p.expect("CREATE"); err != nil {
			return true, err
		}
		if c.Job.Name, err = p.ident(); err == nil && p.accept("AUTO") {
			c.Job.Auto = p.toggle()
		}
	default:
		return false, nil
	}
	return true, err
}
