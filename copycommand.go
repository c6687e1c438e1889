package redshift

import (
	"errors"
	"reflect"
	"strings"

	"github.com/llm-dev-ops/redshift/credentials"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/copycmd"
)

// TableRef names a table. Names are as they stand in the catalog: unquoted.
type TableRef struct {
	Schema string // "" leaves it to the search path
	Name   string
}

// CopyCommand is a COPY: files, or a DynamoDB table, into a table.
type CopyCommand struct {
	// Table is where rows are appended; it must exist.
	Table TableRef
	// Columns are those that the data has, in its order. Defaults to all of the
	// table.
	Columns []string
	// Source is where the data is.
	Source CopySource
	// Format is that of the data. Defaults to Text{}.
	Format DataFormat
	// Options are the rest.
	Options CopyOptions
}

// CopySource is where COPY reads: S3, S3Objects, DynamoDB, EMR or SSH.
type CopySource interface{ copySource(*copycmd.Source) }

// S3 is the source of objects.
type S3 struct {
	Bucket string
	// Prefix: every object whose key begins so is read. With Manifest it is the
	// key of the one object that lists the files.
	Prefix   string
	Manifest bool
}

func (s S3) copySource(to *copycmd.Source) {
	to.URI, to.Manifest = "s3://"+s.Bucket+"/"+s.Prefix, s.Manifest
}

// DynamoDB is the source of the items of a table.
type DynamoDB struct {
	Table string
	// ReadRatio is the share of the table's throughput to use, in per cent, 1 to
	// 200. It has no default.
	ReadRatio int
}

func (s DynamoDB) copySource(to *copycmd.Source) {
	to.URI, to.ReadRatio = "dynamodb://"+s.Table, s.ReadRatio
}

// EMR is the source of files of a cluster's HDFS.
type EMR struct {
	Cluster string
	Path    string // begins without a slash; * and ? are wildcards
}

func (s EMR) copySource(to *copycmd.Source) { to.URI = "emr://" + s.Cluster + "/" + s.Path }

// SSH is the source of what commands on hosts print; an object of S3 lists
// them.
type SSH struct{ Bucket, Key string }

func (s SSH) copySource(to *copycmd.Source) {
	to.URI, to.SSH = "s3://"+s.Bucket+"/"+s.Key, true
}

func sourceOf(s copycmd.Source) CopySource {
	scheme, rest, _ := strings.Cut(s.URI, "://")
	host, path, _ := strings.Cut(rest, "/")
	switch {
	case s.SSH:
		return SSH{host, path}
	case scheme == "dynamodb":
		return DynamoDB{rest, s.ReadRatio}
	case scheme == "emr":
		return EMR{host, path}
	default:
		return S3{host, path, s.Manifest}
	}
}

// AccessKeys are AWS keys with whose rights S3 is used. A role is better: keys
// stand in the text of the statement.
type AccessKeys struct {
	ID     string
	Secret credentials.Secret
	// SessionToken belongs to temporary keys.
	SessionToken credentials.Secret
	// Credentials is the old form of all in one: "aws_access_key_id=…;…".
	Credentials credentials.Secret
	// MasterSymmetricKey decrypts or encrypts files at the client's side; base64
	// of 32 bytes. It stands beside the others, or a role.
	MasterSymmetricKey credentials.Secret
}

// authorization is the clause of a role and of keys.
func authorization(role string, keys AccessKeys) copycmd.Auth {
	auth := copycmd.Auth{
		AccessKeyID:        keys.ID,
		SecretAccessKey:    copycmd.Secret(keys.Secret.Reveal()),
		SessionToken:       copycmd.Secret(keys.SessionToken.Reveal()),
		Credentials:        copycmd.Secret(keys.Credentials.Reveal()),
		MasterSymmetricKey: copycmd.Secret(keys.MasterSymmetricKey.Reveal()),
	}
	switch {
	case strings.EqualFold(role, "default"):
		auth.Default = true
	case strings.EqualFold(role, "session"):
		auth.Session = true
	case role != "":
		auth.Roles = strings.Split(role, ",")
	}
	return auth
}

func authorizationOf(a copycmd.Auth) (role string, keys AccessKeys) {
	switch {
	case a.Default:
		role = "default"
	case a.Session:
		role = "session"
	default:
		role = strings.Join(a.Roles, ",")
	}
	return role, AccessKeys{
		ID:                 a.AccessKeyID,
		Secret:             credentials.NewSecret(string(a.SecretAccessKey)),
		SessionToken:       credentials.NewSecret(string(a.SessionToken)),
		Credentials:        credentials.NewSecret(string(a.Credentials)),
		MasterSymmetricKey: credentials.NewSecret(string(a.MasterSymmetricKey)),
	}
}

// none reports that nothing but a role can be meant.
func (k AccessKeys) none() bool {
	return k.ID == "" && k.Secret.IsZero() && k.SessionToken.IsZero() && k.Credentials.IsZero()
}

// CopyOptions are the options of a COPY. The zero value of each leaves it to
// the server, but for IAMRole and MaxErrors.
type CopyOptions struct {
	// IAMRole is the ARN of the role that reads the source, several with commas
	// between them for roles that are chained, "default" for the cluster's, or
	// "session". Defaults to Config.DefaultCopyIAMRole if there are no Keys.
	IAMRole string
	// Keys are used instead of a role.
	Keys AccessKeys
	// Region of the bucket or table, if it is not the cluster's.
	Region string
	// Compression of the files.
	Compression Compression
	// Encrypted: the files are encrypted by the client, which needs
	// Keys.MasterSymmetricKey.
	Encrypted bool

	// MaxErrors is the number of rejected rows at which the load fails, at most
	// 100,000; 1 fails on the first. Defaults to Config.MaxCopyErrors where the
	// format and the other options allow it, and then to 1.
	MaxErrors int
	// IgnoreAllErrors rejects any number of rows.
	IgnoreAllErrors bool
	// NoLoad checks the data and loads nothing.
	NoLoad bool

	AcceptAnyDate bool // bad dates become NULL
	// AcceptInvChars replaces invalid UTF-8 in VARCHAR, by ReplacementChar.
	AcceptInvChars bool
	// ReplacementChar is one ASCII character. Defaults to "?".
	ReplacementChar  string
	BlankAsNull      bool   // blank CHAR and VARCHAR become NULL
	EmptyAsNull      bool   // empty CHAR and VARCHAR become NULL
	DateFormat       string // "auto", or such as "DD.MM.YYYY"; the server's default is YYYY-MM-DD
	TimeFormat       string // "auto", "epochsecs", "epochmillisecs", or such as "YYYY-MM-DD HH:MI:SS"
	Encoding         string // UTF8, UTF16, UTF16LE, UTF16BE or ISO88591
	ExplicitIDs      bool   // values for IDENTITY columns come from the data
	FillRecord       bool   // missing trailing columns become NULL
	IgnoreBlankLines bool   // lines without a character are skipped
	IgnoreHeader     int    // lines to skip at the head of every file
	// NullAs is the text that stands for NULL; the server's default is \N.
	NullAs          *string
	RoundDecimals   bool // round where the scale is too large, instead of cutting (ROUNDEC)
	TrimBlanks      bool // trailing whitespace of VARCHAR is dropped
	TruncateColumns bool // CHAR and VARCHAR are cut to the column's width

	// CompUpdate says whether COPY chooses column encodings: "ON", "OFF" or
	// "PRESET".
	CompUpdate string
	// CompRows is the size of the sample for that, in rows.
	CompRows int
	// StatUpdate says whether statistics are refreshed.
	StatUpdate Switch

	// Extra is the way out for options this package does not know: words,
	// numbers and '…' strings, written behind all others.
	Extra string

	// ID names the load; it is a Query.ID, by which Client.Outcome finds it, and
	// what a Ledger keeps. A repetition has the same. Defaults to a NewID where
	// there is no Ledger.
	ID string
	// Ledger makes Client.Copy happen once for an ID, whatever breaks and whoever
	// calls again: the COPY and a row of this table, which CreateLedger makes, are
	// one transaction. Where the ID is there already, for the same table and
	// source, nothing is loaded and the first result is returned. A lost
	// connection or answer is resolved by the ledger. Loads of one ledger run one
	// after the other, so what is to run in parallel needs ledgers of its own.
	Ledger TableRef

	// QueryGroup routes the statement. Defaults to Config.DefaultQueryGroup.
	QueryGroup string
	// Label names the statement for people, where the transport has a place.
	Label string
}

// ParseCopy reads a COPY statement, so that it can be changed, checked and run.
// The error is an ErrUsage, with the Position where the syntax is wrong, and
// shows nothing of the statement, which may hold keys. COPY JOB is not known.
func ParseCopy(sql string) (CopyCommand, error) {
	c, err := copycmd.ParseCopy(sql)
	if err == nil {
		err = c.Validate()
	}
	if err != nil {
		return CopyCommand{}, invalid("COPY", err)
	}
	cmd := CopyCommand{
		Table: TableRef(c.Table), Columns: c.Columns, Source: sourceOf(c.From), Format: dataFormat(c),
		Options: CopyOptions{
			Region: c.From.Region, Compression: compressions[c.Compression], Encrypted: c.Encrypted,
			MaxErrors: c.MaxError, IgnoreAllErrors: c.IgnoreAllErrors, NoLoad: c.NoLoad,
			AcceptAnyDate: c.AcceptAnyDate, AcceptInvChars: c.AcceptInvChars, ReplacementChar: c.ReplacementChar,
			BlankAsNull: c.BlanksAsNull, EmptyAsNull: c.EmptyAsNull, DateFormat: c.DateFormat, TimeFormat: c.TimeFormat,
			Encoding: string(c.Encoding), ExplicitIDs: c.ExplicitIDs, FillRecord: c.FillRecord,
			IgnoreBlankLines: c.IgnoreBlankLines, IgnoreHeader: c.IgnoreHeader, NullAs: c.NullAs,
			RoundDecimals: c.RoundEC, TrimBlanks: c.TrimBlanks, TruncateColumns: c.TruncateColumns,
			CompUpdate: c.CompUpdate.String(), CompRows: c.CompRows, StatUpdate: switchOf(c.StatUpdate), Extra: c.Extra,
		},
	}
	cmd.Options.IAMRole, cmd.Options.Keys = authorizationOf(c.Auth)
	if back, err := cmd.statement(); err != nil || !reflect.DeepEqual(back, c) {
		return CopyCommand{}, usage("the COPY has options that do not go with its format or source")
	}
	return cmd, nil
}

// Validate says offline what is wrong with the command: what is missing, out of
// range, or does not go together. The error is an ErrUsage. A missing role is
// wrong here; Copy takes the Config's.
func (cmd CopyCommand) Validate() error {
	c, err := cmd.statement()
	if err == nil {
		err = c.Validate()
	}
	return invalid("COPY", err)
}

// SQL is the statement, without a Config's defaults. It holds keys in clear. The
// error is that of Validate.
func (cmd CopyCommand) SQL() (string, error) {
	c, err := cmd.statement()
	if err != nil {
		return "", invalid("COPY", err)
	}
	sql, err := c.AppendSQL(nil)
	return string(sql), invalid("COPY", err)
}

// statement is the command in the grammar's terms.
func (cmd CopyCommand) statement() (copycmd.Copy, error) {
	o := cmd.Options
	c := copycmd.Copy{
		Table: copycmd.Table(cmd.Table), Columns: cmd.Columns, Auth: authorization(o.IAMRole, o.Keys),
		Compression: o.Compression.number(), Encrypted: o.Encrypted,
		MaxError: o.MaxErrors, IgnoreAllErrors: o.IgnoreAllErrors, NoLoad: o.NoLoad,
		AcceptAnyDate: o.AcceptAnyDate, AcceptInvChars: o.AcceptInvChars, ReplacementChar: o.ReplacementChar,
		BlanksAsNull: o.BlankAsNull, EmptyAsNull: o.EmptyAsNull, DateFormat: o.DateFormat, TimeFormat: o.TimeFormat,
		Encoding: copycmd.Encoding(strings.ToUpper(o.Encoding)), ExplicitIDs: o.ExplicitIDs, FillRecord: o.FillRecord,
		IgnoreBlankLines: o.IgnoreBlankLines, IgnoreHeader: o.IgnoreHeader, NullAs: o.NullAs,
		RoundEC: o.RoundDecimals, TrimBlanks: o.TrimBlanks, TruncateColumns: o.TruncateColumns,
		CompRows: o.CompRows, StatUpdate: o.StatUpdate.toggle(), Extra: o.Extra,
	}
	if cmd.Source == nil {
		return c, errors.New("a source is required")
	}
	if err := faultOf(cmd.Format, false); err != nil {
		return c, err
	}
	if list, ok := cmd.Source.(S3Objects); ok {
		if err := list.check(); err != nil {
			return c, err
		}
	}
	cmd.Source.copySource(&c.From)
	c.From.Region = o.Region
	switch strings.ToUpper(o.CompUpdate) {
	case "":
	case "ON":
		c.CompUpdate = copycmd.CompUpdateOn
	case "OFF":
		c.CompUpdate = copycmd.CompUpdateOff
	case "PRESET":
		c.CompUpdate = copycmd.CompUpdatePreset
	default:
		return c, errors.New("COMPUPDATE must be ON, OFF or PRESET")
	}
	if cmd.Format != nil {
		cmd.Format.copyFormat(&c)
	}
	return c, nil
}

// invalid makes the caller's error of what the grammar found.
func invalid(command string, err error) error {
	if err == nil {
		return nil
	}
	e := usage("%s: %v", command, err)
	e.cause = err
	var syntax *copycmd.ParseError
	if errors.As(err, &syntax) {
		e.Message, e.Position, e.Hint = syntax.Message, syntax.Position, syntax.Hint
	}
	return e
}
