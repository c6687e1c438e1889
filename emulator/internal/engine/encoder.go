package engine

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
)

// Session holds what a session's settings change in the text of values.
type Session struct {
	// TimeZone is where TIMESTAMPTZ is shown; nil is UTC.
	TimeZone *time.Location
	// DateStyle is how dates and time stamps are shown.
	DateStyle DateStyle
	// Protocol is the client_protocol_version that was agreed, which says what is
	// sent in binary.
	Protocol int32
}

// Encoder writes rows as DataRow messages. It is used by one goroutine at a time.
type Encoder struct {
	types   []rstype.Type
	formats []int16
	zone    *time.Location
	style   DateStyle
}

// NewEncoder makes an encoder of rows with these types. Formats are 0 for text and 1
// for binary: none is all text, one stands for every column. Binary is refused for
// the types that have no such form in the session's version of the protocol.
func NewEncoder(types []rstype.Type, formats []int16, s Session) (*Encoder, error) {
	e := &Encoder{types: types, formats: make([]int16, len(types)), zone: s.TimeZone, style: s.DateStyle}
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
		case !HasBinary(types[i], s.Protocol):
			return nil, fmt.Errorf("not supported by the emulator: binary format of type %s", types[i])
		}
	}
	return e, nil
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
		if numeric := e.types[i].Kind == rstype.Numeric; numeric && c.scale != uint8(e.types[i].Scale) || c.decimal && !numeric {
			return fmt.Errorf("engine: column %q is not stored as %s", c.Name, e.types[i])
		}
		for _, s := range binaryStores(e.types[i].Kind) {
			if s == c.store {
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
			dst = chunk.appendText(dst, col, row, e.zone, e.style)
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
