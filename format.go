package redshift

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/llm-dev-ops/redshift/internal/redshiftsql/copycmd"
)

// DataFormat is the format of files that COPY reads: Text, CSV, FixedWidth,
// JSON, Avro, Parquet, ORC or Shapefile. nil is Text{}.
type DataFormat interface{ copyFormat(*copycmd.Copy) }

// UnloadFormat is the format of files that UNLOAD writes: Text, CSV,
// FixedWidth, JSON or Parquet. nil is Text{}.
type UnloadFormat interface{ unloadFormat(*copycmd.Unload) }

// Text is delimited text, the default of both commands.
type Text struct {
	// Delimiter between fields: ASCII, one character or several, `\t`, or octal
	// as in `\001`. Defaults to "|".
	Delimiter string
	// Header is the line of column names at the head of every file: COPY skips
	// it, UNLOAD writes it.
	Header bool
	// Escape is the backslash that makes the next character literal.
	Escape bool
	// Quotes around fields: COPY drops them (REMOVEQUOTES), UNLOAD writes them
	// (ADDQUOTES).
	Quotes bool
}

func (f Text) copyFormat(c *copycmd.Copy) {
	c.Delimiter, c.Escape, c.RemoveQuotes = f.Delimiter, f.Escape, f.Quotes
	c.IgnoreHeader = header(c.IgnoreHeader, f.Header)
}

func (f Text) unloadFormat(u *copycmd.Unload) {
	u.Delimiter, u.Escape, u.AddQuotes, u.Header = f.Delimiter, f.Escape, f.Quotes, f.Header
}

// CSV is comma-separated values; a quote within a field is doubled.
type CSV struct {
	// Delimiter between fields. Defaults to ",".
	Delimiter string
	// Quote around fields; UNLOAD has no choice. Defaults to `"`.
	Quote string
	// Escape is what stands before a quote within a field. Redshift knows only
	// the quote itself there: anything else is refused.
	Escape string
	// Header is the line of column names at the head of every file: COPY skips
	// it, UNLOAD writes it.
	Header bool
}

func (f CSV) fault() error {
	quote := cmp.Or(f.Quote, `"`)
	if f.Escape == "" || f.Escape == quote {
		return nil
	}
	return &copycmd.OptionError{
		Option: "CSV", Other: "ESCAPE", Rule: "a quote within a field is doubled, so the escape can only be the quote itself",
		Doc: "copy-parameters-data-format",
	}
}

func (f CSV) copyFormat(c *copycmd.Copy) {
	c.Format, c.Delimiter, c.Quote = copycmd.FormatCSV, f.Delimiter, f.Quote
	c.IgnoreHeader = header(c.IgnoreHeader, f.Header)
}

func (f CSV) unloadFormat(u *copycmd.Unload) {
	u.Format, u.Delimiter, u.Header = copycmd.FormatCSV, f.Delimiter, f.Header
}

// header is the number of lines to skip: at least one where there is a header.
func header(lines int, header bool) int {
	if header && lines == 0 {
		return 1
	}
	return lines
}

// FixedColumn is a column of fixed width.
type FixedColumn struct {
	Label string // any text without colon, comma or outer blanks
	Width int    // in characters
}

// FixedWidth is text whose columns have fixed widths, in the table's or the
// query's order.
type FixedWidth struct{ Columns []FixedColumn }

func (f FixedWidth) copyFormat(c *copycmd.Copy) {
	c.Format, c.FixedWidth = copycmd.FormatFixedWidth, f.columns()
}

func (f FixedWidth) unloadFormat(u *copycmd.Unload) {
	u.Format, u.FixedWidth = copycmd.FormatFixedWidth, f.columns()
}

func (f FixedWidth) columns() []copycmd.FixedColumn {
	var cols []copycmd.FixedColumn
	for _, c := range f.Columns {
		cols = append(cols, copycmd.FixedColumn(c))
	}
	return cols
}

func fixedWidth(cols []copycmd.FixedColumn) (f FixedWidth) {
	for _, c := range cols {
		f.Columns = append(f.Columns, FixedColumn(c))
	}
	return f
}

// JSON is a stream of objects, one row each.
type JSON struct {
	// Paths says which values go where, for COPY alone: "auto" matches keys
	// with column names, "auto ignorecase" whatever their case, "noshred" loads
	// each object whole into a SUPER column, and s3://bucket/key is a jsonpaths
	// file. Defaults to "auto".
	Paths string
}

func (f JSON) copyFormat(c *copycmd.Copy)     { c.Format, c.Paths = copycmd.FormatJSON, auto(f.Paths) }
func (f JSON) unloadFormat(u *copycmd.Unload) { u.Format = copycmd.FormatJSON }

// Avro is read by COPY alone.
type Avro struct {
	// Paths is as in JSON, without "noshred".
	Paths string
}

func (f Avro) copyFormat(c *copycmd.Copy) { c.Format, c.Paths = copycmd.FormatAvro, auto(f.Paths) }

func auto(paths string) string {
	if paths == "auto" {
		return ""
	}
	return paths
}

// Parquet is columnar: COPY maps columns by position, allows few options and no
// rejected row. UNLOAD compresses with Snappy and has no choice.
type Parquet struct {
	// Compression is of the files that UNLOAD writes: ParquetSnappy, the default,
	// is all there is. COPY reads any and does not look at it.
	Compression ParquetCompression
}

// ParquetCompression is how the pages of a Parquet file are compressed.
type ParquetCompression uint8

// The compressions of Parquet files. Redshift writes ParquetSnappy alone, and
// UnloadCommand.Validate refuses the others.
const (
	ParquetSnappy ParquetCompression = iota
	ParquetNone
	ParquetGzip
	ParquetZstd
)

// String is the word of the documents.
func (p ParquetCompression) String() string {
	switch p {
	case ParquetSnappy:
		return "SNAPPY"
	case ParquetNone:
		return "NONE"
	case ParquetGzip:
		return "GZIP"
	case ParquetZstd:
		return "ZSTD"
	}
	return "ParquetCompression(" + strconv.Itoa(int(p)) + ")"
}

func (f Parquet) unloadFault() error {
	if f.Compression == ParquetSnappy {
		return nil
	}
	return &copycmd.OptionError{Option: "PARQUET", Other: f.Compression.String(), Rule: "UNLOAD compresses Parquet with SNAPPY alone", Doc: "r_UNLOAD"}
}

// faultOf is what is wrong with a format that the statement has no place for.
func faultOf(format any, unload bool) error {
	if f, ok := format.(interface{ fault() error }); ok {
		return f.fault()
	}
	if f, ok := format.(interface{ unloadFault() error }); ok && unload {
		return f.unloadFault()
	}
	return nil
}

func (Parquet) copyFormat(c *copycmd.Copy)     { c.Format = copycmd.FormatParquet }
func (Parquet) unloadFormat(u *copycmd.Unload) { u.Format = copycmd.FormatParquet }

// ORC is columnar, as Parquet is, and read by COPY alone.
type ORC struct{}

func (ORC) copyFormat(c *copycmd.Copy) { c.Format = copycmd.FormatORC }

// Shapefile is read by COPY alone.
type Shapefile struct {
	// Simplify makes geometries smaller that are too large to load.
	Simplify bool
	// AutoTolerance finds the tolerance, with Simplify; Tolerance is then the
	// largest.
	AutoTolerance bool
	// Tolerance is in the units of the data; 0 leaves it to the server.
	Tolerance float64
}

func (f Shapefile) copyFormat(c *copycmd.Copy) {
	c.Format = copycmd.FormatShapefile
	if f.Simplify || f.AutoTolerance || f.Tolerance != 0 {
		c.Simplify = &copycmd.Simplify{Auto: f.AutoTolerance, Tolerance: f.Tolerance}
	}
}

// dataFormat is the format of a parsed COPY.
func dataFormat(c copycmd.Copy) DataFormat {
	switch c.Format {
	case copycmd.FormatCSV:
		return CSV{Delimiter: c.Delimiter, Quote: c.Quote}
	case copycmd.FormatFixedWidth:
		return fixedWidth(c.FixedWidth)
	case copycmd.FormatJSON:
		return JSON{c.Paths}
	case copycmd.FormatAvro:
		return Avro{c.Paths}
	case copycmd.FormatParquet:
		return Parquet{}
	case copycmd.FormatORC:
		return ORC{}
	case copycmd.FormatShapefile:
		if s := c.Simplify; s != nil {
			return Shapefile{true, s.Auto, s.Tolerance}
		}
		return Shapefile{}
	default:
		return Text{Delimiter: c.Delimiter, Escape: c.Escape, Quotes: c.RemoveQuotes}
	}
}

// unloadFormat is the format of a parsed UNLOAD.
func unloadFormat(u copycmd.Unload) UnloadFormat {
	switch u.Format {
	case copycmd.FormatCSV:
		return CSV{Delimiter: u.Delimiter, Header: u.Header}
	case copycmd.FormatFixedWidth:
		return fixedWidth(u.FixedWidth)
	case copycmd.FormatJSON:
		return JSON{}
	case copycmd.FormatParquet:
		return Parquet{}
	default:
		return Text{Delimiter: u.Delimiter, Escape: u.Escape, Quotes: u.AddQuotes, Header: u.Header}
	}
}

// Compression is that of files.
type Compression string

// The compressions. UNLOAD has no LZOP.
const (
	CompressionNone Compression = ""
	Gzip            Compression = "GZIP"
	Bzip2           Compression = "BZIP2"
	Lzop            Compression = "LZOP"
	Zstd            Compression = "ZSTD"
)

var compressions = []Compression{CompressionNone, Gzip, Bzip2, Lzop, Zstd}

// number gives the grammar's constant; one that Validate refuses for no known
// compression.
func (c Compression) number() copycmd.Compression {
	if i := slices.Index(compressions, c); i >= 0 {
		return copycmd.Compression(i)
	}
	return 255
}

// Switch is an option that is on, off, or left to the server.
type Switch int8

// The states of a Switch.
const (
	Unset Switch = 0
	On    Switch = 1
	Off   Switch = -1
)

func (s Switch) toggle() copycmd.Toggle {
	switch s {
	case Unset:
		return copycmd.Unset
	case On:
		return copycmd.On
	case Off:
		return copycmd.Off
	default:
		return 255
	}
}

func switchOf(t copycmd.Toggle) Switch {
	switch t {
	case copycmd.On:
		return On
	case copycmd.Off:
		return Off
	default:
		return Unset
	}
}
