package bulk

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"github.com/llm-dev-ops/redshift"
)

// Ranges is what Footers needs of an *s3stage.Stage.
type Ranges interface {
	redshift.Objects
	// ReadRange fills p with the bytes of an object from offset on.
	ReadRange(ctx context.Context, uri string, offset int64, p []byte) error
}

// Footers gives redshift.Client.ValidateCopy the footers of Parquet files, which it
// compares with the table:
//
//	found, err := client.ValidateCopy(ctx, cmd, bulk.Footers(stage))
func Footers(stage Ranges) redshift.Objects { return footers{stage} }

type footers struct{ Ranges }

// maxFooter bounds a footer, in bytes, of which parquet-go makes many times as
// much in memory.
const maxFooter = 32 << 20

// Footer implements redshift.FooterReader.
func (f footers) Footer(ctx context.Context, uri string, size int64) ([]redshift.FileColumn, error) {
	// One request for most footers.
	n := min(size, 64<<10)
	part := &part{from: size - n, data: make([]byte, n)}
	if err := f.ReadRange(ctx, uri, part.from, part.data); err != nil {
		return nil, err
	}
	if need, err := footerSize(part, size); err == nil && need > n {
		part.from, part.data = size-need, make([]byte, need)
		if err := f.ReadRange(ctx, uri, part.from, part.data); err != nil {
			return nil, err
		}
	}
	columns, _, err := ParquetColumns(part, size)
	return columns, err
}

// ParquetColumns reads the columns of a Parquet file of size bytes from its footer,
// which is all that r is asked for, and the number of its rows.
func ParquetColumns(r io.ReaderAt, size int64) (columns []redshift.FileColumn, rows int64, err error) {
	defer func() {
		// parquet-go is not safe from files that are broken.
		if p := recover(); p != nil {
			columns, rows, err = nil, 0, fmt.Errorf("it is broken: %v", p)
		}
	}()
	n, err := footerSize(r, size)
	if err != nil {
		return nil, 0, err
	}
	footer := make([]byte, n-footerEnding)
	if _, err := r.ReadAt(footer, size-n); err != nil && !errors.Is(err, io.EOF) {
		return nil, 0, err
	}
	if err := checkFooter(footer); err != nil {
		return nil, 0, err
	}
	file, err := parquet.OpenFile(r, size, parquet.SkipMagicBytes(true), parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return nil, 0, err
	}
	for _, field := range file.Schema().Fields() {
		c := fileColumn(field)
		c.DDL = columnDDL(field, c)
		columns = append(columns, c)
	}
	return columns, file.NumRows(), nil
}

// footerEnding is the footer's length, and PAR1.
const footerEnding = 8

// footerSize is how many bytes at the end of a file are the footer and its ending.
func footerSize(r io.ReaderAt, size int64) (int64, error) {
	if size < 4+footerEnding {
		return 0, errors.New("it is too short for a Parquet file")
	}
	var ending [footerEnding]byte
	if _, err := r.ReadAt(ending[:], size-footerEnding); err != nil && !errors.Is(err, io.EOF) {
		return 0, err
	}
	if string(ending[4:]) != "PAR1" {
		return 0, errors.New("it does not end as a Parquet file does")
	}
	n := int64(binary.LittleEndian.Uint32(ending[:]))
	if n > maxFooter || n > size-4-footerEnding {
		return 0, fmt.Errorf("its footer is said to have %d bytes", n)
	}
	return n + footerEnding, nil
}

// part is the end of a file.
type part struct {
	from int64
	data []byte
}

// ReadAt implements io.ReaderAt for what is there.
func (p *part) ReadAt(to []byte, at int64) (int, error) {
	if at -= p.from; at < 0 || at > int64(len(p.data)) {
		return 0, fmt.Errorf("only the footer is there: %w", io.ErrUnexpectedEOF)
	}
	n := copy(to, p.data[at:])
	if n < len(to) {
		return n, io.EOF
	}
	return n, nil
}

// fileColumn says what COPY loads a column into: what has the same values. Wider
// integers and floats take narrower ones, SUPER everything but bytes (assumed).
func fileColumn(f parquet.Field) redshift.FileColumn {
	c := redshift.FileColumn{Name: f.Name(), Type: "a group", Loads: []redshift.Type{redshift.TypeSuper}}
	if !f.Leaf() {
		return c
	}
	if f.Repeated() {
		c.Type = "a list"
		return c
	}
	kind := f.Type().Kind()
	c.Type = strings.ToLower(kind.String())
	logical := f.Type().LogicalType()
	if logical != nil && logical.Value != nil {
		c.Type += " (" + logical.String() + ")"
	}
	var value format.LogicalTypeValue
	if logical != nil {
		value = logical.Value
	}
	text := []redshift.Type{redshift.TypeVarchar, redshift.TypeChar}
	switch l := value.(type) {
	case *format.StringType, *format.EnumType, *format.JsonType:
		c.Loads = append(c.Loads, text...)
	case *format.DecimalType:
		c.Loads = append(c.Loads, redshift.TypeNumeric)
	case *format.DateType:
		c.Loads = append(c.Loads, redshift.TypeDate)
	case *format.TimeType:
		c.Loads = append(c.Loads, redshift.TypeTime)
	case *format.TimestampType:
		c.Loads = append(c.Loads, redshift.TypeTimestamp, redshift.TypeTimestampTZ)
	case *format.IntType:
		c.Loads = append(c.Loads, integers(int(l.BitWidth), l.IsSigned)...)
	case nil:
		switch kind {
		case parquet.Boolean:
			c.Loads = append(c.Loads, redshift.TypeBoolean)
		case parquet.Int32:
			c.Loads = append(c.Loads, integers(32, true)...)
		case parquet.Int64:
			c.Loads = append(c.Loads, integers(64, true)...)
		case parquet.Int96:
			c.Loads = append(c.Loads, redshift.TypeTimestamp, redshift.TypeTimestampTZ)
		case parquet.Float:
			c.Loads = append(c.Loads, redshift.TypeReal, redshift.TypeDouble)
		case parquet.Double:
			c.Loads = append(c.Loads, redshift.TypeDouble)
		default:
			c.Loads = append(text, redshift.TypeVarbyte)
		}
	}
	return c
}

// integers are the types that take an integer. A SMALLINT takes an INT32 too, and
// refuses what does not fit.
func integers(bits int, signed bool) []redshift.Type {
	switch {
	case bits < 32 || bits == 32 && signed:
		return []redshift.Type{redshift.TypeSmallInt, redshift.TypeInteger, redshift.TypeBigInt}
	case bits == 32 || signed:
		return []redshift.Type{redshift.TypeBigInt}
	}
	return nil
}

// columnDDL is the type of a table's column that takes all values. A schema says
// nothing of the length of texts.
func columnDDL(f parquet.Field, c redshift.FileColumn) string {
	if !f.Leaf() || f.Repeated() {
		return "SUPER"
	}
	logical := f.Type().LogicalType()
	if logical != nil {
		switch l := logical.Value.(type) {
		case *format.DecimalType:
			if l.Precision > 38 {
				return "SUPER"
			}
			return fmt.Sprintf("NUMERIC(%d,%d)", l.Precision, l.Scale)
		case *format.TimestampType:
			if l.IsAdjustedToUTC {
				return "TIMESTAMPTZ"
			}
		case *format.IntType:
			if l.BitWidth == 32 && l.IsSigned || l.BitWidth == 16 && !l.IsSigned {
				return "INTEGER"
			}
		}
	}
	switch {
	case f.Type().Kind() == parquet.Int32 && logical == nil:
		return "INTEGER"
	case slices.Contains(c.Loads, redshift.TypeVarbyte):
		return "VARBYTE(65535)"
	case slices.Contains(c.Loads, redshift.TypeVarchar):
		return "VARCHAR(65535)"
	case len(c.Loads) < 2:
		return "SUPER"
	}
	return strings.ToUpper(redshift.TypeName(c.Loads[1]))
}
