package load

import (
	"errors"
	"io"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/engine"
	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/copycmd"
)

// CheckOptions refuses statements whose options do not go together, as COPY does before
// it has begun; query is the statement's number. The error is an *Error.
func CheckOptions(c *copycmd.Copy, query int64) error {
	var option *copycmd.OptionError
	switch err := c.Validate(); {
	case err == nil:
		return nil
	case !errors.As(err, &option):
		return &Error{State: "42601", Message: err.Error(), Cause: err}
	case option.Option == "CREDENTIALS" && option.Other == "":
		// The text is s3serviceexception-error's, as far as it is given.
		return &Error{State: "XX000", Message: "Invalid credentials. Must be of the format: credentials 'aws_iam_role=...' or 'aws_access_key_id=...;aws_secret_access_key=...[;token=...]'", Detail: option.Rule, Cause: err}
	case option.Option == "FROM" && c.From.Manifest && strings.HasPrefix(option.Rule, "the full path"):
		e := fault("COPY with MANIFEST parameter requires full path of an S3 object.")
		e.Detail, e.Cause = detail(e.Message, codeSource, c.From.URI, query), err
		return e
	case option.Other != "":
		// "CSV is not compatible with ESCAPE" is what clusters say.
		rule := strings.Replace(option.Rule, "cannot be used with", "is not compatible with", 1)
		return &Error{State: "42601", Message: rule, Hint: "See " + option.Doc + ".", Cause: err}
	default:
		return &Error{State: "42601", Message: option.Option + ": " + option.Rule, Hint: "See " + option.Doc + ".", Cause: err}
	}
}

// check refuses what CheckOptions does, and what the emulator does not do.
func (l *loader) check() error {
	c := l.Copy
	if err := CheckOptions(c, l.Query); err != nil {
		return err
	}
	switch {
	case c.Job != nil:
		return notYet("COPY JOB")
	case c.From.SSH:
		return notYet("COPY from SSH")
	case strings.HasPrefix(c.From.URI, "dynamodb://") && l.Tables == nil:
		return notYet("COPY from DynamoDB")
	case strings.HasPrefix(c.From.URI, "emr://"):
		return notYet("COPY from Amazon EMR")
	case c.Encrypted:
		return notYet("COPY with ENCRYPTED")
	case c.Format == copycmd.FormatORC, c.Format == copycmd.FormatShapefile:
		return notYet("COPY with the format " + c.Format.String())
	case c.Auth.Session:
		return notYet("IAM_ROLE 'SESSION'")
	case c.Extra != "":
		return notYet("COPY with " + c.Extra)
	case c.Auth.Default && l.DefaultRole == "":
		return fault("No default IAM role is associated with the cluster")
	}
	return nil
}

// choose finds out which columns the fields of a row go to.
func (l *loader) choose() error {
	all := l.Target.Columns
	if len(l.Copy.Columns) == 0 {
		// As if all were listed, but for IDENTITY columns without EXPLICIT_IDS.
		for i, c := range all {
			if c.Identity == nil || c.ByDefault || l.Copy.ExplicitIDs {
				l.columns = append(l.columns, i)
			}
		}
	}
	listed := false
	for _, name := range l.Copy.Columns {
		at := -1
		for i, c := range all {
			if c.Name == name {
				at = i
			}
		}
		if at < 0 {
			return &Error{State: "42703", Message: `column "` + name + `" of relation "` + l.Target.Display + `" does not exist`}
		}
		if all[at].Identity != nil && !all[at].ByDefault {
			listed = true
			if !l.Copy.ExplicitIDs {
				return fault("cannot set an identity column to a value")
			}
		}
		l.columns = append(l.columns, at)
	}
	if l.Copy.ExplicitIDs && len(l.Copy.Columns) > 0 && !listed {
		return fault("EXPLICIT_IDS needs the IDENTITY column in the column list")
	}
	l.missing = -1
	given := make([]bool, len(all))
	for _, i := range l.columns {
		given[i] = true
		if err := textOnly(l.Copy.Format, all[i].Type); err != nil {
			return err
		}
	}
	l.values = make([]engine.Value, len(all))
	for i, c := range all {
		switch {
		case given[i]:
		case c.Identity != nil:
			l.identities = append(l.identities, i)
		default:
			l.values[i] = c.Default
			if c.NotNull && c.Default == (engine.Value{}) && l.missing < 0 {
				l.missing = i
			}
		}
	}
	return nil
}

// character is an option's text as the documents write it: \t and octal \ddd stand
// for a character.
func character(s string) []byte {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			out = append(out, s[i])
			continue
		}
		switch c := s[i+1]; {
		case c == 't':
			out = append(out, '\t')
			i++
		case c >= '0' && c <= '3' && i+3 < len(s) && s[i+2]&^7 == '0' && s[i+3]&^7 == '0':
			out = append(out, (c-'0')<<6|(s[i+2]-'0')<<3|s[i+3]-'0')
			i += 3
		case c == '\\':
			out = append(out, '\\')
			i++
		default:
			out = append(out, '\\')
		}
	}
	return out
}

// prepare checks the options that the reader of records depends on.
func (l *loader) prepare(paths []jsonPath) error {
	c := l.Copy
	l.delimiter = character(c.Delimiter)
	if c.Delimiter == "" {
		l.delimiter = []byte{'|'}
		if c.Format == copycmd.FormatCSV {
			l.delimiter = []byte{','}
		}
	}
	l.quote = '"'
	if q := character(c.Quote); len(q) == 1 {
		l.quote = q[0]
	} else if len(q) > 1 {
		return &Error{State: "42601", Message: "QUOTE must be one character"}
	}
	for _, d := range l.delimiter {
		if d == '\n' || d == '\r' || d == 0 {
			return &Error{State: "42601", Message: "DELIMITER must not end a line"}
		}
	}
	for _, x := range c.FixedWidth {
		l.widths = append(l.widths, x.Width)
	}
	if c.Format == copycmd.FormatFixedWidth && len(l.widths) != len(l.columns) {
		return fault("FIXEDWIDTH has %d columns, the table or column list has %d", len(l.widths), len(l.columns))
	}
	if c.Format == copycmd.FormatJSON || c.Format == copycmd.FormatAvro {
		return l.prepareJSON(paths)
	}
	return nil
}

func (l *loader) prepareJSON(paths []jsonPath) error {
	l.names = map[string]int{}
	for i, at := range l.columns {
		name := l.Target.Columns[at].Name
		if l.Copy.Paths == "auto ignorecase" {
			name = strings.ToLower(name)
		}
		l.names[name] = i
	}
	switch {
	case l.Copy.Paths == "auto ignorecase":
		l.mode = jsonIgnoreCase
	case l.Copy.Paths == "noshred":
		l.mode = jsonNoShred
		if len(l.columns) != 1 || l.Target.Columns[l.columns[0]].Type.Kind != rstype.Super {
			return fault("JSON 'noshred' needs one column, of type SUPER")
		}
	case paths != nil:
		if len(paths) != len(l.columns) {
			return fault("Number of jsonpaths and the number of columns should match. JSONPath size: %d, Number of columns in table or column list: %d", len(paths), len(l.columns))
		}
		l.mode, l.paths = jsonByPath, paths
	}
	return nil
}

// reader takes one file apart, from its plain bytes.
func (l *loader) reader(w *window, line int64) recordReader {
	c := l.Copy
	switch c.Format {
	case copycmd.FormatCSV:
		return &csvReader{w: w, delimiter: l.delimiter, quote: l.quote, ignoreBlank: c.IgnoreBlankLines, line: line}
	case copycmd.FormatFixedWidth:
		return &fixedReader{w: w, widths: l.widths, ignoreBlank: c.IgnoreBlankLines, line: line}
	case copycmd.FormatJSON:
		return &jsonReader{w: w, mode: l.mode, columns: l.names, paths: l.paths, count: len(l.columns), line: line}
	case copycmd.FormatAvro:
		a := &avroReader{in: w, json: &jsonReader{mode: l.mode, columns: l.names, paths: l.paths, count: len(l.columns)}}
		a.text.raw = strings.HasPrefix(c.TimeFormat, "epoch")
		for _, at := range l.columns {
			a.types = append(a.types, l.Target.Columns[at].Type.Kind == rstype.Varbyte)
		}
		return a
	}
	return &delimitedReader{w: w, delimiter: l.delimiter, escape: c.Escape, removeQuotes: c.RemoveQuotes, ignoreBlank: c.IgnoreBlankLines, line: line}
}

// plain opens the way from an object's bytes to UTF-8 text.
func (l *loader) plain(r io.Reader) (io.Reader, func(), error) {
	r, done, err := decompressed(r, l.Copy.Compression)
	if err != nil {
		return nil, nil, err
	}
	return transcoded(r, l.Copy.Encoding), done, nil
}
