package engine

import (
	"encoding/binary"
	"encoding/hex"
	"math"

	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
)

// BinaryProtocol is the first version of the protocol that has Redshift's own binary
// forms (JDBC's ConnectionFactoryImpl: BINARY_PROTOCOL_VERSION).
const BinaryProtocol = 2

// HasBinary tells whether a type has a binary form in a version of the protocol.
// Strings and SUPER, which are the same bytes in both forms, have one. NUMERIC has
// none without digits, for nobody could tell where the point is; VARBYTE and GEOMETRY
// are hexadecimal text in every version (redshift_connector's type_utils.py). That
// intervals and GEOGRAPHY have none before BinaryProtocol is assumed.
func HasBinary(t rstype.Type, protocol int32) bool {
	switch t.Kind {
	case rstype.Numeric:
		return protocol >= BinaryProtocol && t.Precision > 0
	case rstype.IntervalYM, rstype.IntervalDS, rstype.Geography:
		return protocol >= BinaryProtocol
	}
	return binaryStores(t.Kind) != nil
}

// binaryStores are the storages that a kind's binary form is made from.
func binaryStores(k rstype.Kind) []storage {
	switch k {
	case rstype.Bool:
		return []storage{storeBool}
	case rstype.Int2, rstype.Int4, rstype.Int8, rstype.OID:
		return []storage{storeInt8, storeInt16, storeInt32, storeInt64, storeUint8, storeUint16, storeUint32}
	case rstype.Float4, rstype.Float8:
		return []storage{storeFloat, storeDouble}
	case rstype.Numeric:
		return []storage{
			storeInt8, storeInt16, storeInt32, storeInt64, storeHuge,
			storeUint8, storeUint16, storeUint32, storeUint64,
		}
	case rstype.Char, rstype.Varchar, rstype.Name, rstype.Unknown, rstype.Super:
		return []storage{storeText}
	case rstype.Date:
		return []storage{storeDate}
	case rstype.Time:
		return []storage{storeTime}
	case rstype.TimeTZ:
		return []storage{storeTimeTZ}
	case rstype.Timestamp:
		return []storage{storeTimestamp}
	case rstype.TimestampTZ:
		return []storage{storeTimestampTZ}
	case rstype.IntervalYM, rstype.IntervalDS:
		return []storage{storeInterval}
	case rstype.Geography:
		return []storage{storeText}
	}
	return nil
}

// appendBinary appends a value in the layout that AWS's drivers read
// (redshift_connector's type_utils.py, the JDBC driver's ByteConverter).
func (e *Encoder) appendBinary(dst []byte, c *Chunk, col, row int) []byte {
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
	case rstype.Numeric:
		return appendNumeric(dst, c.integer(col, row), e.types[col].Precision)
	case rstype.Date:
		return binary.BigEndian.AppendUint32(dst, uint32(daysSince2000(*at[int32](d, row))))
	case rstype.Time:
		return binary.BigEndian.AppendUint64(dst, uint64(*at[int64](d, row)))
	case rstype.TimeTZ:
		v := *at[uint64](d, row)
		dst = binary.BigEndian.AppendUint64(dst, v>>24)
		return binary.BigEndian.AppendUint32(dst, uint32(-zoneOf(v))) // west is positive
	case rstype.Timestamp, rstype.TimestampTZ:
		return binary.BigEndian.AppendUint64(dst, uint64(microsSince2000(*at[int64](d, row))))
	case rstype.IntervalYM:
		return binary.BigEndian.AppendUint32(dst, uint32(at[interval](d, row).months))
	case rstype.IntervalDS:
		v := at[interval](d, row)
		return binary.BigEndian.AppendUint64(dst, uint64(int64(v.days)*microsPerDay+v.micros))
	case rstype.Geography: // stored as its digits
		dst, _ = hex.AppendDecode(dst, c.bytes(col, row))
		return dst
	}
	return append(dst, c.bytes(col, row)...)
}

// appendNumeric appends a NUMERIC's value without its point: 8 bytes for a column of
// up to 19 digits, as Redshift stores it (r_Numeric_types201.md), else 16, each in two's
// complement, the most significant byte first. A value of 19 digits that is too large
// for 8 bytes, which Redshift would not take, has 16.
func appendNumeric(dst []byte, v huge, precision int16) []byte {
	const narrow = 19
	if precision > narrow || v.high != int64(v.low)>>63 {
		dst = binary.BigEndian.AppendUint64(dst, uint64(v.high))
	}
	return binary.BigEndian.AppendUint64(dst, v.low)
}

const epochDays = 10957 // of 2000-01-01 since 1970-01-01

// daysSince2000 counts a date from the protocol's epoch; infinity has no day.
func daysSince2000(n int32) int32 {
	switch n {
	case math.MaxInt32:
		return n
	case -math.MaxInt32:
		return math.MinInt32
	}
	return n - epochDays
}

func microsSince2000(n int64) int64 {
	switch n {
	case math.MaxInt64:
		return n
	case -math.MaxInt64:
		return math.MinInt64
	}
	return n - epochDays*microsPerDay
}
