package unload

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/objstore"
	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/emulator/internal/s3client"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/copycmd"
)

const rowGroupSize = 32 << 20

// plan is an UNLOAD whose options have been checked against the query's columns.
type plan struct {
	bucket, prefix string
	columns        []Column
	files          []int // the columns that files have, in order
	keys           []int // the partition columns, in the order of PARTITION BY
	slices         int
	serial         bool // PARALLEL OFF
	limit          int64
	groupSize      int64 // ROWGROUPSIZE, 0 without
	extension      string
	meta           objstore.Meta
	query          int64 // its number, for messages
}

func newPlan(r *Request) (*plan, error) {
	u := r.Unload
	if err := u.Validate(); err != nil {
		return nil, &Error{State: "42601", Message: err.Error(), Cause: err}
	}
	switch {
	case u.Extra != "":
		return nil, notYet("unknown options of UNLOAD")
	case u.Encrypted && u.KMSKeyID == "" && !u.EncryptedAuto:
		// r_UNLOAD.md: "After April 30, 2026, you won't be able to use client-side
		// encryption for COPY and UNLOAD".
		return nil, notYet("client-side encryption, which Redshift has closed")
	case u.Auth.Default && r.DefaultRole == "":
		return nil, &Error{State: "XX000", Message: "Default IAM role is not set for the cluster"} // assumed
	}
	p := &plan{query: r.Query, columns: r.Columns, slices: r.Slices, serial: u.Parallel == copycmd.Off, limit: size(6.2)}
	p.bucket, p.prefix, _ = strings.Cut(strings.TrimPrefix(u.To, "s3://"), "/")
	if p.slices <= 0 {
		p.slices = 2
	}
	if p.serial {
		p.slices = 1
	}
	if n := u.MaxFileSize.Bytes(); n > 0 {
		p.limit = n
	}
	if u.Format == copycmd.FormatParquet {
		// "automatically rounded down to the nearest multiple of 32 MB"; less than that
		// is one row group (assumed).
		p.limit = max(p.limit/rowGroupSize*rowGroupSize, rowGroupSize)
	}
	p.groupSize = u.RowGroupSize.Bytes()
	p.extension = extension(u)
	if u.KMSKeyID != "" {
		p.meta.Headers = map[string]string{
			"X-Amz-Server-Side-Encryption":                "aws:kms",
			"X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id": u.KMSKeyID,
		}
	}
	if err := p.partition(u); err != nil {
		return nil, err
	}
	return p, p.check(u)
}

func size(gb float64) int64 { return copycmd.Size{N: gb, Unit: copycmd.GB}.Bytes() }

// extension is what names end with. With EXTENSION it stands in place of the
// compression's (r_UNLOAD.md, "EXTENSION"); the dot before it is assumed.
func extension(u *copycmd.Unload) string {
	switch {
	case u.Extension != "":
		return "." + strings.TrimPrefix(u.Extension, ".")
	case u.Format == copycmd.FormatParquet:
		return ".parquet"
	case u.Compression == copycmd.Gzip:
		return ".gz"
	case u.Compression == copycmd.Bzip2:
		return ".bz2"
	case u.Compression == copycmd.Zstd:
		return ".zst"
	}
	return ""
}

// partitionKinds are r_UNLOAD.md's, "PARTITION BY clause".
var partitionKinds = []rstype.Kind{
	rstype.Int2, rstype.Int4, rstype.Int8, rstype.Numeric, rstype.Float4, rstype.Bool,
	rstype.Char, rstype.Varchar, rstype.Date, rstype.Timestamp,
}

func (p *plan) partition(u *copycmd.Unload) error {
	for _, name := range u.PartitionBy {
		i := slices.IndexFunc(p.columns, func(c Column) bool { return c.Name == name })
		if i < 0 {
			i = slices.IndexFunc(p.columns, func(c Column) bool { return strings.EqualFold(c.Name, name) })
		}
		if i < 0 {
			return &Error{State: "42703", Message: "column " + strconv.Quote(name) + " of PARTITION BY is not in the query"}
		}
		if k := p.columns[i].Type.Kind; !slices.Contains(partitionKinds, k) {
			return &Error{State: "0A000", Message: "PARTITION BY does not support columns of type " + k.String()}
		}
		if slices.Contains(p.keys, i) {
			return &Error{State: "42701", Message: "column " + strconv.Quote(name) + " is in PARTITION BY twice"}
		}
		p.keys = append(p.keys, i)
	}
	for i := range p.columns {
		if u.PartitionInclude || !slices.Contains(p.keys, i) {
			p.files = append(p.files, i)
		}
	}
	if len(p.keys) > 0 {
		if len(p.keys) >= len(p.columns) {
			return &Error{State: "0A000", Message: "UNLOAD needs at least one column that is not in PARTITION BY"}
		}
		if p.prefix != "" && !strings.HasSuffix(p.prefix, "/") {
			p.prefix += "/"
		}
	}
	return nil
}

// check refuses the types and widths that the format does not take.
func (p *plan) check(u *copycmd.Unload) error {
	if u.Format == copycmd.FormatFixedWidth && len(u.FixedWidth) != len(p.files) {
		return &Error{State: "42601", Message: fmt.Sprintf("FIXEDWIDTH has %d columns, the query has %d", len(u.FixedWidth), len(p.files))}
	}
	if _, err := delimiter(u); err != nil {
		return err
	}
	seen := make(map[string]bool)
	for _, i := range p.files {
		c := p.columns[i]
		switch k := c.Type.Kind; {
		case k == rstype.Varbyte || k == rstype.Geometry || k == rstype.Geography || k == rstype.HLLSketch:
			if u.Format != copycmd.FormatText && u.Format != copycmd.FormatCSV {
				return &Error{State: "0A000", Message: "columns of type " + k.String() + " are unloaded to text or CSV alone"}
			}
		}
		if u.Format == copycmd.FormatJSON || u.Format == copycmd.FormatParquet {
			// r_UNLOAD.md for JSON; assumed for Parquet.
			if seen[c.Name] {
				return &Error{State: "42701", Message: "column name " + strconv.Quote(c.Name) + " is not unique in the query"}
			}
			seen[c.Name] = true
		}
	}
	return nil
}

// delimiter is the one byte between fields; `\t` and `\007` stand for a byte.
func delimiter(u *copycmd.Unload) (byte, error) {
	d := u.Delimiter
	switch {
	case d == "" && u.Format == copycmd.FormatCSV:
		return ',', nil
	case d == "":
		return '|', nil
	case len(d) == 1:
		return d[0], nil
	case d == `\t`:
		return '\t', nil
	case len(d) == 4 && d[0] == '\\':
		if n, err := strconv.ParseUint(d[1:], 8, 7); err == nil && n != 0 && n != '\n' && n != '\r' {
			return byte(n), nil
		}
	}
	// "a single ASCII character that is used to separate fields"
	return 0, &Error{State: "42601", Message: "DELIMITER must be a single ASCII character"}
}

// failed makes the store's failures Redshift's; others stay what they are.
func (p *plan) failed(key string, err error) error {
	code, status := "", 0
	if text, ok := s3client.Text(err); ok {
		return p.s3Failure(text, key, err)
	}
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.Is(err, objstore.ErrKeyTooLong):
		code, status = "KeyTooLongError", 400
	case errors.Is(err, objstore.ErrPreconditionFailed):
		return errNotEmpty(err)
	default:
		return &Error{State: "XX000", Message: "writing s3://" + p.bucket + "/" + key + " failed: " + err.Error(), Cause: err}
	}
	return p.s3Error(status, code, key, err)
}

var s3Texts = map[string]string{
	"KeyTooLongError":   "Your key is too long",
	"PermanentRedirect": "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.",
}

// s3Error is what S3 answers, as Redshift shows it; the request's ids are left out.
func (p *plan) s3Error(status int, code, key string, cause error) *Error {
	return p.s3Failure(fmt.Sprintf("S3ServiceException:%s,Status %d,Error %s", s3Texts[code], status, code), key, cause)
}

func (p *plan) s3Failure(message, key string, cause error) *Error {
	path := "s3://" + p.bucket + "/" + key
	rule := strings.Repeat("-", 47)
	return &Error{
		State:   "XX000",
		Message: message,
		Detail: fmt.Sprintf("\n  %s\n  error:  %s\n  code:      8001\n  context:   Failed to initialize S3 output stream. S3 path: %s\n  query:     %d\n  %s\n",
			rule, message, path, p.query, rule),
		Cause: cause,
	}
}

func errNotEmpty(cause error) *Error {
	return &Error{
		State:   "XX000",
		Message: "Specified unload destination on S3 is not empty. Consider using a different bucket / prefix, manually removing the target files in S3, or using the ALLOWOVERWRITE option.",
		Cause:   cause,
	}
}
