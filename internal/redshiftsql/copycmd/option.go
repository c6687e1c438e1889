package copycmd

import "fmt"

// Table names a table. Names are as they stand in the catalog: unquoted and, as
// Redshift folds them, in lower case.
type Table struct {
	Schema string // "" leaves it to the search path
	Name   string
}

// Source is where COPY reads.
type Source struct {
	// URI is s3://bucket/prefix (every object whose key begins so),
	// dynamodb://table, or emr://cluster/path with the wildcards * and ?.
	URI string
	// Manifest says that URI is the one object of S3 that lists the files.
	Manifest bool
	// SSH says that URI is the one object of S3 that lists hosts and commands.
	SSH bool
	// ReadRatio is the share of a DynamoDB table's throughput to use, in per
	// cent, 1 to 200; required for DynamoDB.
	ReadRatio int
	// Region of the bucket or DynamoDB table, "eu-central-1"; by default that of
	// the cluster.
	Region string
}

// S3 is the source of all objects of a bucket whose keys begin with prefix.
func S3(bucket, prefix string) Source { return Source{URI: "s3://" + bucket + "/" + prefix} }

// S3Manifest is the source of the files that an object of a bucket lists.
func S3Manifest(bucket, key string) Source {
	return Source{URI: "s3://" + bucket + "/" + key, Manifest: true}
}

// SSH is the source of the hosts and commands that an object of S3 lists.
func SSH(bucket, key string) Source { return Source{URI: "s3://" + bucket + "/" + key, SSH: true} }

// DynamoDB is the source of a table, read with readRatio per cent, 1 to 200, of
// its throughput.
func DynamoDB(table string, readRatio int) Source {
	return Source{URI: "dynamodb://" + table, ReadRatio: readRatio}
}

// EMR is the source of files of a cluster's HDFS; path begins without a slash.
func EMR(cluster, path string) Source { return Source{URI: "emr://" + cluster + "/" + path} }

// Auth says with whose rights S3 and the others are used: exactly one of Default,
// Session, Roles, Credentials, and the keys.
type Auth struct {
	Default bool     // IAM_ROLE default: the cluster's default role
	Session bool     // IAM_ROLE 'SESSION': the federated identity of the session
	Roles   []string // IAM_ROLE '…': an ARN, or up to ten that are chained in order

	AccessKeyID     string // with SecretAccessKey
	SecretAccessKey Secret // with AccessKeyID
	SessionToken    Secret // of temporary keys

	// Credentials is the string of CREDENTIALS: "aws_iam_role=…" or
	// "aws_access_key_id=…;aws_secret_access_key=…[;token=…][;master_symmetric_key=…]".
	Credentials Secret

	// MasterSymmetricKey decrypts or encrypts files at the client's side, with
	// the option Encrypted; base64 of 32 bytes. Not with Credentials.
	MasterSymmetricKey Secret
}

// Secret is a text that is not printed: fmt, log/slog and encoding/json show
// "[redacted]". Convert it to string to get at it.
type Secret string

const redacted = "[redacted]"

// String implements fmt.Stringer and never shows the secret.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return redacted
}

// Format implements fmt.Formatter, for every verb, and never shows the secret.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(s.String())) }

// MarshalText implements encoding.TextMarshaler and never shows the secret.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Format is a data format.
type Format uint8

// The data formats. UNLOAD has no Avro, ORC and Shapefile.
const (
	FormatText Format = iota // delimited text, the default
	FormatCSV
	FormatFixedWidth
	FormatJSON
	FormatAvro
	FormatParquet
	FormatORC
	FormatShapefile
)

var formatNames = [...]string{"", "CSV", "FIXEDWIDTH", "JSON", "AVRO", "PARQUET", "ORC", "SHAPEFILE"}

// String is the keyword, and "" for delimited text.
func (f Format) String() string { return nameOf(formatNames[:], f) }

// FixedColumn is a column of fixed width.
type FixedColumn struct {
	Label string // any text without colon, comma or outer blanks
	Width int    // in characters
}

// Simplify is the option SIMPLIFY of a shapefile.
type Simplify struct {
	Auto      bool    // find the tolerance; Tolerance is then the largest
	Tolerance float64 // in the units of the data; 0 leaves it out
}

// Compression is that of files.
type Compression uint8

// The compressions. UNLOAD has no LZOP.
const (
	CompressionNone Compression = iota
	Gzip
	Bzip2
	Lzop
	Zstd
)

var compressionNames = [...]string{"", "GZIP", "BZIP2", "LZOP", "ZSTD"}

// String is the keyword, and "" for none.
func (c Compression) String() string { return nameOf(compressionNames[:], c) }

// Encoding is the encoding of text files, in upper case; "" means UTF8.
type Encoding string

// The encodings of COPY.
const (
	UTF8     Encoding = "UTF8"
	UTF16    Encoding = "UTF16" // with a byte order mark
	UTF16LE  Encoding = "UTF16LE"
	UTF16BE  Encoding = "UTF16BE"
	ISO88591 Encoding = "ISO88591"
)

// Toggle is an option that is on, off, or not written.
type Toggle uint8

// The states of a Toggle.
const (
	Unset Toggle = iota
	On
	Off
)

var toggleNames = [...]string{"", "ON", "OFF"}

// String is the keyword, and "" for Unset.
func (t Toggle) String() string { return nameOf(toggleNames[:], t) }

// CompUpdate says whether COPY chooses column encodings.
type CompUpdate uint8

// The states of COMPUPDATE.
const (
	CompUpdateUnset  CompUpdate = iota // only for an empty table without encodings
	CompUpdateOn                       // from a sample, for an empty table
	CompUpdateOff                      // never
	CompUpdatePreset                   // by data type, without a sample
)

var compUpdateNames = [...]string{"", "ON", "OFF", "PRESET"}

// String is the keyword, and "" for CompUpdateUnset.
func (c CompUpdate) String() string { return nameOf(compUpdateNames[:], c) }

// Size is a size with its unit, as MAXFILESIZE and ROWGROUPSIZE have it. The zero
// value leaves the option out.
type Size struct {
	N    float64
	Unit SizeUnit
}

// SizeUnit is the unit of a Size.
type SizeUnit uint8

// The units of sizes. Binary multiples are assumed: no document says.
const (
	MB SizeUnit = iota // 1 << 20 bytes, the default
	GB                 // 1 << 30 bytes
)

// String is the keyword.
func (u SizeUnit) String() string { return nameOf([]string{"MB", "GB"}, u) }

// Bytes is the size in bytes, rounded down.
func (s Size) Bytes() int64 {
	if s.Unit == GB {
		return int64(s.N * (1 << 30))
	}
	return int64(s.N * (1 << 20))
}

func nameOf[T ~uint8](names []string, v T) string {
	if int(v) < len(names) {
		return names[v]
	}
	return fmt.Sprintf("invalid(%d)", uint8(v))
}
