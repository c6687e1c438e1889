package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/llm-dev-ops/redshift"
)

// copyFlags are the flags of a COPY's format and options, which copy and load
// share.
type copyFlags struct {
	format, compression string
	delimiter, quote    string
	header, escape      bool
	removeQuotes        bool
	jsonPaths           string
	columns             []string
	role, region        string
	maxErrors           int
	ignoreAllErrors     bool
	noLoad              bool
	dateFormat          string
	timeFormat          string
	nullAs              string
	blanksAsNull        bool
	emptyAsNull         bool
	acceptInvChars      string
	acceptAnyDate       bool
	fillRecord          bool
	ignoreBlankLines    bool
	ignoreHeader        int
	encoding            string
	explicitIDs         bool
	roundDecimals       bool
	trimBlanks          bool
	truncateColumns     bool
	compUpdate          string
	statUpdate          string
	copyOptions         []string
	dryRun              bool
}

var (
	copyFormats      = []string{"text", "csv", "tsv", "json", "avro", "parquet", "orc", "shapefile"}
	copyCompressions = []string{"none", "gzip", "bzip2", "lzop", "zstd"}
)

func (f *copyFlags) flags(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.StringVar(&f.format, "format", "", "`format`: "+strings.Join(copyFormats, ", "))
	fs.StringVar(&f.compression, "compression", "", "of the files: "+strings.Join(copyCompressions, ", "))
	fs.StringVar(&f.delimiter, "delimiter", "", `between fields (default "|", with CSV ",")`)
	fs.StringVar(&f.quote, "quote", "", `around fields of CSV (default ")`)
	fs.BoolVar(&f.header, "header", false, "the files have a line of names; short for --ignore-header 1")
	fs.IntVar(&f.ignoreHeader, "ignore-header", 0, "lines to skip at the head of every file")
	fs.BoolVar(&f.escape, "escape", false, "a backslash makes the next character literal (text)")
	fs.BoolVar(&f.removeQuotes, "remove-quotes", false, "drop quotes around fields (text)")
	fs.StringVar(&f.jsonPaths, "json-paths", "", "auto, auto ignorecase, noshred, or s3://bucket/key of a jsonpaths file (json, avro)")
	fs.StringSliceVar(&f.columns, "columns", nil, "`names` of columns that the data has, in its order, with commas between them (default all of the table)")
	fs.StringVar(&f.role, "role", "", "`ARN` of the role that reads S3, or \"default\" for the cluster's (REDSHIFT_IAM_ROLE)")
	fs.StringVar(&f.region, "region", "", "region of the bucket, if it is not the cluster's")
	fs.IntVar(&f.maxErrors, "max-errors", 0, "rejected rows at which the load fails (default 1)")
	fs.BoolVar(&f.ignoreAllErrors, "ignore-all-errors", false, "reject any number of rows")
	fs.BoolVar(&f.noLoad, "no-load", false, "check the data and load nothing")
	fs.StringVar(&f.dateFormat, "date-format", "", `"auto", or such as "DD.MM.YYYY"`)
	fs.StringVar(&f.timeFormat, "time-format", "", `"auto", "epochsecs", "epochmillisecs", or such as "YYYY-MM-DD HH:MI:SS"`)
	fs.StringVar(&f.nullAs, "null-as", "", `text that stands for NULL (default \N)`)
	fs.BoolVar(&f.blanksAsNull, "blanks-as-null", false, "blank texts become NULL")
	fs.BoolVar(&f.emptyAsNull, "empty-as-null", false, "empty texts become NULL")
	fs.StringVar(&f.acceptInvChars, "accept-inv-chars", "", "character that replaces invalid UTF-8")
	fs.BoolVar(&f.acceptAnyDate, "accept-any-date", false, "bad dates become NULL")
	fs.BoolVar(&f.fillRecord, "fill-record", false, "missing trailing columns become NULL")
	fs.BoolVar(&f.ignoreBlankLines, "ignore-blank-lines", false, "skip lines without a character")
	fs.StringVar(&f.encoding, "encoding", "", "UTF8, UTF16, UTF16LE, UTF16BE or ISO88591")
	fs.BoolVar(&f.explicitIDs, "explicit-ids", false, "values for IDENTITY columns come from the data")
	fs.BoolVar(&f.roundDecimals, "round-decimals", false, "round where the scale is too large, instead of cutting")
	fs.BoolVar(&f.trimBlanks, "trim-blanks", false, "drop trailing whitespace of VARCHAR")
	fs.BoolVar(&f.truncateColumns, "truncate-columns", false, "cut texts to the column's width")
	fs.StringVar(&f.compUpdate, "comp-update", "", "on, off or preset: whether COPY chooses column encodings")
	fs.StringVar(&f.statUpdate, "stat-update", "", "on or off: whether statistics are refreshed")
	fs.StringArrayVar(&f.copyOptions, "copy-option", nil, "further options of COPY as `SQL`; may come several times")
	fs.BoolVar(&f.dryRun, "dry-run", false, "print the COPY and do nothing")
	values(cmd, "format", copyFormats...)
	values(cmd, "compression", copyCompressions...)
	values(cmd, "comp-update", "on", "off", "preset")
	values(cmd, "stat-update", "on", "off")
}

// dataFormat is what --format and its flags say.
func (f *copyFlags) dataFormat() (redshift.DataFormat, error) {
	var format redshift.DataFormat
	allowed := []string{}
	switch strings.ToLower(f.format) {
	case "", "text":
		format = redshift.Text{Delimiter: f.delimiter, Header: f.header, Escape: f.escape, Quotes: f.removeQuotes}
		allowed = []string{"delimiter", "header", "escape", "remove-quotes"}
	case "csv":
		format = redshift.CSV{Delimiter: f.delimiter, Quote: f.quote, Header: f.header}
		allowed = []string{"delimiter", "header", "quote"}
	case "tsv":
		if f.delimiter != "" {
			return nil, usagef("--format tsv has a tab for its delimiter; use --format csv with --delimiter")
		}
		format = redshift.CSV{Delimiter: `\t`, Quote: f.quote, Header: f.header}
		allowed = []string{"header", "quote"}
	case "json", "jsonl":
		format, allowed = redshift.JSON{Paths: f.jsonPaths}, []string{"json-paths"}
	case "avro":
		format, allowed = redshift.Avro{Paths: f.jsonPaths}, []string{"json-paths"}
	case "parquet":
		format = redshift.Parquet{}
	case "orc":
		format = redshift.ORC{}
	case "shapefile":
		format = redshift.Shapefile{}
	default:
		return nil, usagef("--format must be one of %s", strings.Join(copyFormats, ", "))
	}
	for _, g := range []struct {
		flag  string
		given bool
	}{
		{"delimiter", f.delimiter != "" && !strings.EqualFold(f.format, "tsv")},
		{"quote", f.quote != ""},
		{"header", f.header},
		{"escape", f.escape},
		{"remove-quotes", f.removeQuotes},
		{"json-paths", f.jsonPaths != ""},
	} {
		if g.given && !slices.Contains(allowed, g.flag) {
			return nil, usagef("--%s does not go with --format %s", g.flag, f.format)
		}
	}
	return format, nil
}

// options are the rest of what the flags say. cmd is asked which were given.
func (f *copyFlags) options(cmd *cobra.Command) (redshift.CopyOptions, error) {
	o := redshift.CopyOptions{
		IAMRole: f.role, Region: f.region,
		MaxErrors: f.maxErrors, IgnoreAllErrors: f.ignoreAllErrors, NoLoad: f.noLoad,
		AcceptAnyDate: f.acceptAnyDate, AcceptInvChars: cmd.Flags().Changed("accept-inv-chars"), ReplacementChar: f.acceptInvChars,
		BlankAsNull: f.blanksAsNull, EmptyAsNull: f.emptyAsNull, DateFormat: f.dateFormat, TimeFormat: f.timeFormat,
		Encoding: f.encoding, ExplicitIDs: f.explicitIDs, FillRecord: f.fillRecord,
		IgnoreBlankLines: f.ignoreBlankLines, IgnoreHeader: f.ignoreHeader,
		RoundDecimals: f.roundDecimals, TrimBlanks: f.trimBlanks, TruncateColumns: f.truncateColumns,
		CompUpdate: f.compUpdate, Extra: strings.Join(f.copyOptions, " "),
	}
	if cmd.Flags().Changed("null-as") {
		o.NullAs = &f.nullAs
	}
	var err error
	if o.Compression, err = compression(f.compression); err != nil {
		return o, err
	}
	o.StatUpdate, err = toggle("stat-update", f.statUpdate)
	return o, err
}

func compression(name string) (redshift.Compression, error) {
	switch name = strings.ToLower(name); {
	case name == "" || name == "none":
		return redshift.CompressionNone, nil
	case slices.Contains(copyCompressions, name):
		return redshift.Compression(strings.ToUpper(name)), nil
	default:
		return "", usagef("--compression must be one of %s", strings.Join(copyCompressions, ", "))
	}
}

func toggle(flag, value string) (redshift.Switch, error) {
	switch strings.ToLower(value) {
	case "":
		return redshift.Unset, nil
	case "on", "true":
		return redshift.On, nil
	case "off", "false":
		return redshift.Off, nil
	default:
		return redshift.Unset, usagef("--%s must be on or off", flag)
	}
}
