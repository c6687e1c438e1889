package engine

import (
	"encoding/binary"
	"fmt"
	"math"
	"time"

	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
)

// Session holds what a session's settings change in the text of values.
type Session struct {
	// TimeZone is where TIMESTAMPTZ is shown; nil is UTC.
	TimeZone *time.Location
}

// Encoder writes rows as DataRow messages. It is used by one goroutine at a time.
type Encoder struct {
	types   []rstype.Type
	formats []int16
	zone    *time.Location
}

// NewEncoder makes an encoder of rows with these types. Formats are 0 for text and 1
// for binary: none is all text, one stands for every column. Binary is refused for
// the types that have no PostgreSQL form here.
func NewEncoder(types []rstype.Type, formats []int16, s Session) (*Encoder, error) {
	e := &Encoder{types: types, formats: make([]int16, len(types)), zone: s.TimeZone}
	if e.zone == nil {
		e.zone = time.UTC
	}
	if len(formats) > 1 && len(formats) != len(types) {
		return nil, fmt.Errorf("%d result formats for %d columns", len(formats), len(types))
	}
	for i := range types {
		switch len(formats) {
		case 0:
		case 1:
			e.formats[i] = formats[0]
		default:
			e.formats[i] = formats[i]
		}
		switch f := e.formats[i]; {
		case f == 0:
		case f != 1:
			return nil, fmt.Errorf("unsupported format code: %d", f)
		case binaryStores(types[i].Kind) == nil:
			return nil, fmt.Errorf("not supported by the emulator: binary format of type %s", types[i])
		}
	}
	return e, nil
}

func binaryStores(k rstype.Kind) []storage {
	switch k {
	case rstype.Bool:
		return []storage{storeBool}
	case rstype.Int2, rstype.Int4, rstype.Int8, rstype.OID:
		return []storage{storeInt8, storeInt16, storeInt32, storeInt64, storeUint8, storeUint16, storeUint32}
	case rstype.Float4, rstype.Float8:
		return []storage{storeFloat, storeDouble}
	case rstype.Char, rstype.Varchar, rstype.Name, rstype.Unknown, rstype.Super:
		return []storage{storeText}
	case rstype.Date:
		return []storage{storeDate}
	case rstype.Time:
		return []storage{storeTime}
	case rstype.Timestamp:
		return []storage{storeTimestamp}
	case rstype.TimestampTZ:
		return []storage{storeTimestampTZ}
	}
	return nil
}

// Match tells whether the columns of a result can be encoded so. It must be asked
// once before the first row.
func (e *Encoder) Match(columns []Column) error {
	if len(columns) != len(e.types) {
		return fmt.Errorf("engine: %d columns for %d types", len(columns), len(e.types))
	}
next:
	for i, c := range columns {
		if c.store == storeNull {
			continue
		}
		if c.store == storeOther {
			return fmt.Errorf("engine: column %q has a storage that cannot be read", c.Name)
		}
		if e.formats[i] == 0 {
			continue
		}
		for _, s := range binaryStores(e.types[i].Kind) {
			if s == c.store && !c.decimal {
				continue next
			}
		}
		return fmt.Errorf("engine: column %q is not stored as %s", c.Name, e.types[i])
	}
	return nil
}

// AppendDataRow appends one complete DataRow message.
func (e *Encoder) AppendDataRow(dst []byte, chunk *Chunk, row int) []byte {
	start := len(dst)
	dst = append(dst, 'D', 0, 0, 0, 0)
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(e.types)))
	for col := range e.types {
		if chunk.IsNull(col, row) {
			dst = append(dst, 0xff, 0xff, 0xff, 0xff)
			continue
		}
		p := len(dst)
		dst = append(dst, 0, 0, 0, 0)
		if e.formats[col] == 0 {
			dst = chunk.appendText(dst, col, row, e.zone)
		} else {
			dst = e.appendBinary(dst, chunk, col, row)
		}
		if t := e.types[col]; t.Kind == rstype.Char {
			for n := len(dst) - p - 4; n < int(t.Len); n++ {
				dst = append(dst, ' ')
			}
		}
		binary.BigEndian.PutUint32(dst[p:], uint32(len(dst)-p-4))
	}
	binary.BigEndian.PutUint32(dst[start+1:], uint32(len(dst)-start-1))
	return dst
}

func (e *Encoder) appendBinary(dst []byte, c *Chunk, col, row int) []byte {
	const epochDays = 10957 // 2000-01-01
	d := c.vectors[col].data
	store := c.columns[col].store
	switch e.types[col].Kind {
	case rstype.Bool:
		if *at[bool](d, row) {
			return append(dst, 1)
		}
		return append(dst, 0)
	case rstype.Int2:
		return binary.BigEndian.AppendUint16(dst, uint16(c.integer(col, row).low))
	case rstype.Int4, rstype.OID:
		return binary.BigEndian.AppendUint32(dst, uint32(c.integer(col, row).low))
	case rstype.Int8:
		return binary.BigEndian.AppendUint64(dst, c.integer(col, row).low)
	case rstype.Float4, rstype.Float8:
		var f float64
		if store == storeFloat {
			f = float64(*at[float32](d, row))
		} else {
			f = *at[float64](d, row)
		}
		if e.types[col].Kind == rstype.Float4 {
			return binary.BigEndian.AppendUint32(dst, math.Float32bits(float32(f)))
		}
		return binary.BigEndian.AppendUint64(dst, math.Float64bits(f))
	case rstype.Date:
		n := *at[int32](d, row)
		switch n {
		case math.MaxInt32:
		case -math.MaxInt32:
			n = math.MinInt32
		default:
			n -= epochDays
		}
		return binary.BigEndian.AppendUint32(dst, uint32(n))
	case rstype.Time:
		return binary.BigEndian.AppendUint64(dst, uint64(*at[int64](d, row)))
	case rstype.Timestamp, rstype.TimestampTZ:
		n := *at[int64](d, row)
		switch n {
		case math.MaxInt64:
		case -math.MaxInt64:
			n = math.MinInt64
		default:
			n -= epochDays * microsPerDay
		}
		return binary.BigEndian.AppendUint64(dst, uint64(n))
	}
	return append(dst, c.bytes(col, row)...)
}
