package bulk

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/s3stage"
	"github.com/llm-dev-ops/redshift/transport"
)

// readTimeout bounds a read as a whole; the caller's context is the real bound.
const readTimeout = 24 * time.Hour

// readRows is how many rows a block has.
const readRows = 1024

// binaryIn reports whether values of the type are given in the wire's binary
// form, which is nearer to Parquet's than text.
func binaryIn(t redshift.Type) bool {
	switch t {
	case redshift.TypeChar, redshift.TypeVarchar, transport.OIDText:
		return false
	}
	return true
}

// unpacked is the text of a file, without its compression.
func (f *files) unpacked(body io.Reader) (io.Reader, func(), error) {
	if f.gzip {
		z, err := gzip.NewReader(body)
		return z, func() {}, err
	}
	z, err := zstd.NewReader(body, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(256<<20))
	if err != nil {
		return nil, nil, err
	}
	return z, z.Close, nil
}

// readCSV reads a file of CSV.
func (f *files) readCSV(body io.Reader, each func(*block) error) error {
	text, end, err := f.unpacked(body)
	if errors.Is(err, io.EOF) {
		return nil // gzip's empty file
	}
	if err != nil {
		return err
	}
	defer end()
	in := newRecords(text, ',')
	b, size := f.newBlock(), 0
	for {
		err := in.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if len(in.fields) != len(f.columns) {
			return fmt.Errorf("bulk: an unloaded record has %d fields for %d columns", len(in.fields), len(f.columns))
		}
		for i := range in.fields {
			c := &b.columns[i]
			field, text := &f.columns[i], in.field(i)
			null := string(text) == f.null || field.Type == redshift.TypeSuper && string(text) == "null"
			if !null {
				c.data = append(c.data, text...)
				size += len(text)
				if field.Type == redshift.TypeChar {
					c.pad(field)
				}
			}
			c.end(null)
		}
		if b.n++; b.n == readRows || size > batchBytes {
			if err := each(b); err != nil {
				return err
			}
			b, size = f.newBlock(), 0
		}
	}
	if b.n == 0 {
		return nil
	}
	return each(b)
}

// pad fills a CHAR with blanks, as the wire gives it.
func (c *blockColumn) pad(column *redshift.Column) {
	from := 0
	if n := len(c.ends); n > 0 {
		from = c.ends[n-1]
	}
	width, _ := column.Length()
	for len(c.data)-from < width {
		c.data = append(c.data, ' ')
	}
}

// readParquet copies a file to where it can be read at any place.
func (f *files) readParquet(body io.Reader, object s3stage.Object, each func(*block) error) (err error) {
	local, err := os.CreateTemp("", "redshift-bulk-*.parquet")
	if err != nil {
		return err
	}
	defer func() {
		if failed := errors.Join(local.Close(), os.Remove(local.Name())); err == nil {
			err = failed
		}
	}()
	defer func() {
		// parquet-go is not safe from files that are broken. How much memory one
		// can make it take is not bounded here: they are the server's own.
		if p := recover(); p != nil {
			err = fmt.Errorf("bulk: %s is broken: %v", object.URI, p)
		}
	}()
	size, err := io.Copy(local, body)
	if err != nil {
		return err
	}
	file, err := parquet.OpenFile(local, size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return fmt.Errorf("bulk: %s: %w", object.URI, err)
	}
	for _, group := range file.RowGroups() {
		if err := f.readGroup(group, each); err != nil {
			return fmt.Errorf("bulk: %s: %w", object.URI, err)
		}
	}
	return nil
}

func (f *files) readGroup(group parquet.RowGroup, each func(*block) error) (err error) {
	chunks := group.ColumnChunks()
	if len(chunks) != len(f.columns) {
		return fmt.Errorf("it has %d columns of %d", len(chunks), len(f.columns))
	}
	readers := make([]parquet.ColumnChunkValueReader, len(chunks))
	appends := make([]appender, len(chunks))
	for i, chunk := range chunks {
		if appends[i], err = newAppender(f.columns[i], chunk.Type()); err != nil {
			return err
		}
		readers[i] = parquet.NewColumnChunkValueReader(chunk)
		defer readers[i].Close()
	}
	values := make([]parquet.Value, readRows)
	for rest := int(group.NumRows()); rest > 0; {
		b := f.newBlock()
		b.n = min(rest, readRows)
		rest -= b.n
		for i, r := range readers {
			c := &b.columns[i]
			for len(c.ends) < b.n {
				n, err := r.ReadValues(values[:b.n-len(c.ends)])
				for _, v := range values[:n] {
					null := v.IsNull()
					if !null {
						if err := appends[i](c, v); err != nil {
							return err
						}
					}
					c.end(null)
				}
				if n == 0 {
					if err == nil {
						err = io.ErrNoProgress
					}
					return fmt.Errorf("column %q: %w", f.columns[i].Name, noEOF(err))
				}
			}
		}
		if err := each(b); err != nil {
			return err
		}
	}
	return nil
}

func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// appender appends a value that is not NULL, as the wire would give it.
type appender func(c *blockColumn, v parquet.Value) error

func newAppender(column redshift.Column, t parquet.Type) (appender, error) {
	kind := t.Kind()
	whole := kind == parquet.Int32 || kind == parquet.Int64
	integer := func(v parquet.Value) int64 {
		if kind == parquet.Int32 {
			return int64(v.Int32())
		}
		return v.Int64()
	}
	be := binary.BigEndian
	switch {
	case column.Type == redshift.TypeSmallInt && whole:
		return func(c *blockColumn, v parquet.Value) error {
			c.data = be.AppendUint16(c.data, uint16(integer(v)))
			return nil
		}, nil
	case column.Type == redshift.TypeInteger && whole:
		return func(c *blockColumn, v parquet.Value) error {
			c.data = be.AppendUint32(c.data, uint32(integer(v)))
			return nil
		}, nil
	case column.Type == redshift.TypeBigInt && whole:
		return func(c *blockColumn, v parquet.Value) error {
			c.data = be.AppendUint64(c.data, uint64(integer(v)))
			return nil
		}, nil
	case column.Type == redshift.TypeBoolean && kind == parquet.Boolean:
		return func(c *blockColumn, v parquet.Value) error {
			var b byte
			if v.Boolean() {
				b = 1
			}
			c.data = append(c.data, b)
			return nil
		}, nil
	case column.Type == redshift.TypeReal && kind == parquet.Float:
		return func(c *blockColumn, v parquet.Value) error {
			c.data = be.AppendUint32(c.data, math.Float32bits(v.Float()))
			return nil
		}, nil
	case column.Type == redshift.TypeDouble && kind == parquet.Double:
		return func(c *blockColumn, v parquet.Value) error {
			c.data = be.AppendUint64(c.data, math.Float64bits(v.Double()))
			return nil
		}, nil
	case column.Type == redshift.TypeDate && kind == parquet.Int32:
		return func(c *blockColumn, v parquet.Value) error {
			c.data = be.AppendUint32(c.data, uint32(v.Int32()-10957)) // days from 1970 to 2000
			return nil
		}, nil
	case column.Type == redshift.TypeTime && whole:
		return moments(t, 0, integer)
	case (column.Type == redshift.TypeTimestamp || column.Type == redshift.TypeTimestampTZ) && kind == parquet.Int96:
		return int96, nil
	case (column.Type == redshift.TypeTimestamp || column.Type == redshift.TypeTimestampTZ) && kind == parquet.Int64:
		return moments(t, epochMicros, integer)
	case column.Type == redshift.TypeNumeric:
		return decimals(column, t, integer)
	case (column.Type == redshift.TypeVarchar || column.Type == transport.OIDText || column.Type == redshift.TypeChar) && kind == parquet.ByteArray:
		char := column.Type == redshift.TypeChar
		return func(c *blockColumn, v parquet.Value) error {
			c.data = append(c.data, v.ByteArray()...)
			if char {
				c.pad(&column)
			}
			return nil
		}, nil
	}
	return nil, fmt.Errorf("column %q (%s) is %v in Parquet", column.Name, redshift.TypeName(column.Type), t)
}

// epochMicros is the beginning of 2000, the zero of binary timestamps.
const epochMicros = 946684800e6

// moments appends microseconds since zero.
func moments(t parquet.Type, zero int64, integer func(parquet.Value) int64) (appender, error) {
	unit := time.Microsecond
	if logical := t.LogicalType(); logical != nil {
		switch l := logical.Value.(type) {
		case *format.TimestampType:
			unit = l.Unit.Value.Duration()
		case *format.TimeType:
			unit = l.Unit.Value.Duration()
		}
	}
	return func(c *blockColumn, v parquet.Value) error {
		n := integer(v)
		switch unit {
		case time.Millisecond:
			n *= 1000
		case time.Nanosecond:
			n = floorDiv(n, 1000)
		}
		c.data = binary.BigEndian.AppendUint64(c.data, uint64(n-zero))
		return nil
	}, nil
}

// int96 is a timestamp as Redshift writes it: nanoseconds of the day and the
// Julian day.
func int96(c *blockColumn, v parquet.Value) error {
	x := v.Int96()
	nanos := int64(uint64(x[1])<<32 | uint64(x[0]))
	micros := (int64(x[2])-2440588)*86400e6 + nanos/1000
	c.data = binary.BigEndian.AppendUint64(c.data, uint64(micros-epochMicros))
	return nil
}

// decimals appends 16 bytes in two's complement, in the column's scale.
func decimals(column redshift.Column, t parquet.Type, integer func(parquet.Value) int64) (appender, error) {
	_, scale, _ := column.PrecisionScale()
	if logical := t.LogicalType(); logical != nil {
		if d, ok := logical.Value.(*format.DecimalType); ok && int(d.Scale) == scale {
			switch t.Kind() {
			case parquet.Int32, parquet.Int64:
				return func(c *blockColumn, v parquet.Value) error {
					c.data = binary.BigEndian.AppendUint64(c.data, uint64(integer(v)))
					return nil
				}, nil
			case parquet.FixedLenByteArray, parquet.ByteArray:
				return func(c *blockColumn, v parquet.Value) error {
					b := v.ByteArray()
					if len(b) == 0 || len(b) > 16 {
						return fmt.Errorf("a decimal of %d bytes", len(b))
					}
					sign := byte(int8(b[0]) >> 7)
					for range 16 - len(b) {
						c.data = append(c.data, sign)
					}
					c.data = append(c.data, b...)
					return nil
				}, nil
			}
		}
	}
	return nil, fmt.Errorf("column %q (scale %d) is %v in Parquet", column.Name, scale, t)
}
