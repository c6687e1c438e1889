package redshift

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"math"
	"math/bits"
	"strconv"

	"github.com/llm-dev-ops/redshift/transport"
)

// decodeFunc appends a value that is not NULL to a vector. After an error the
// vector may have the value or a part of it (Vector.finish).
type decodeFunc func(v *Vector, raw []byte) error

var (
	errWidth     = errors.New("the server sent a row of another number of columns")
	errHuge      = errors.New("the texts of a batch are 2 GB")
	errFarFuture = errors.New("does not fit in microseconds since 1970; read it by Scan")
	errScale     = errors.New("with the scale of the column's other values has more than 38 digits")
)

// epochDay and epochMicros are the zero of binary dates since 1970.
var (
	epochDay    = epoch.Unix() / 86400
	epochMicros = epoch.UnixMicro()
)

func newVector(c *Column, f transport.Format) Vector {
	v := Vector{col: c}
	text, bin := v.decoders()
	v.decode = text
	if f == transport.Binary {
		v.decode = bin
	}
	return v
}

// decoders sets the kind and gives the decoders of both formats.
func (v *Vector) decoders() (text, bin decodeFunc) {
	switch v.col.Type {
	case TypeBoolean:
		v.Kind = VectorBool
		return boolText, boolBinary
	case TypeSmallInt:
		v.Kind = VectorInt16
		return int16Text, int16Binary
	case TypeInteger:
		v.Kind = VectorInt32
		return int32Text, int32Binary
	case TypeBigInt:
		v.Kind = VectorInt64
		return int64Text, int64Binary
	case transport.OIDOID:
		v.Kind = VectorInt64
		return oidText, oidBinary
	case TypeReal:
		v.Kind = VectorFloat32
		return float32Text, float32Binary
	case TypeDouble:
		v.Kind = VectorFloat64
		return float64Text, float64Binary
	case TypeNumeric:
		v.Kind = VectorNumeric
		if scale := scaleOf(v.col); scale >= 0 && scale <= maxPrecision {
			v.Scale, v.scaled = scale, true
		}
		return numericText, numericBinary
	case TypeDate:
		v.Kind = VectorDate
		return dateText, dateBinary
	case TypeTime:
		v.Kind = VectorTime
		return timeText, timeBinary
	case TypeTimeTZ:
		v.Kind = VectorTimeTZ
		return timeTZText, timeTZBinary
	case TypeTimestamp:
		v.Kind = VectorTimestamp
		return plainTimestampText, timestampBinary
	case TypeTimestampTZ:
		v.Kind = VectorTimestampTZ
		return timestampTZText, timestampBinary
	case TypeIntervalYM:
		v.Kind = VectorIntervalYM
		return intervalYMText, intervalYMBinary
	case TypeIntervalDS:
		v.Kind = VectorIntervalDS
		return intervalDSText, intervalDSBinary
	case TypeVarbyte, TypeGeometry, transport.OIDGeometryHex:
		v.Kind = VectorBytes
		return bytesHex, bytesHex // the same bytes in both formats
	case TypeGeography, transport.OIDBytea:
		v.Kind = VectorBytes
		return bytesHex, stringRaw
	case TypeVarchar, TypeChar, transport.OIDText, transport.OIDName, transport.OIDChar, transport.OIDUnknown, TypeSuper, TypeHLLSketch:
		return stringRaw, stringRaw
	}
	return stringRaw, stringBinary
}

func stringRaw(v *Vector, raw []byte) error {
	v.Data = append(v.Data, raw...)
	if len(v.Data) > math.MaxInt32 {
		return errHuge
	}
	v.Offsets = append(v.Offsets, int32(len(v.Data)))
	return nil
}

// stringBinary is for the types that are rare, and refuses those that are not
// known.
func stringBinary(v *Vector, raw []byte) error {
	text, err := binaryText(v.col, raw)
	if err != nil {
		return err
	}
	return stringRaw(v, text)
}

func bytesHex(v *Vector, raw []byte) (err error) {
	if v.Data, err = hex.AppendDecode(v.Data, bytes.TrimPrefix(raw, []byte(`\x`))); err != nil {
		return errHex
	}
	return stringRaw(v, nil)
}

func boolText(v *Vector, raw []byte) error {
	b, err := parseBool(view(raw))
	v.Bools = append(v.Bools, b)
	return err
}

func boolBinary(v *Vector, raw []byte) error {
	if len(raw) != 1 {
		return errBinary
	}
	v.Bools = append(v.Bools, raw[0] != 0)
	return nil
}

func int16Text(v *Vector, raw []byte) error {
	n, err := parseInt(view(raw), 16)
	v.Int16s = append(v.Int16s, int16(n))
	return err
}

func int16Binary(v *Vector, raw []byte) error {
	if len(raw) != 2 {
		return errBinary
	}
	v.Int16s = append(v.Int16s, int16(binary.BigEndian.Uint16(raw)))
	return nil
}

func int32Text(v *Vector, raw []byte) error {
	n, err := parseInt(view(raw), 32)
	v.Int32s = append(v.Int32s, int32(n))
	return err
}

func int32Binary(v *Vector, raw []byte) error {
	if len(raw) != 4 {
		return errBinary
	}
	v.Int32s = append(v.Int32s, int32(binary.BigEndian.Uint32(raw)))
	return nil
}

func int64Text(v *Vector, raw []byte) error {
	n, err := parseInt(view(raw), 64)
	v.Int64s = append(v.Int64s, n)
	return err
}

func int64Binary(v *Vector, raw []byte) error {
	if len(raw) != 8 {
		return errBinary
	}
	v.Int64s = append(v.Int64s, int64(binary.BigEndian.Uint64(raw)))
	return nil
}

func oidText(v *Vector, raw []byte) error {
	n, err := strconv.ParseUint(view(raw), 10, 32)
	if err != nil {
		return errInt
	}
	v.Int64s = append(v.Int64s, int64(n))
	return nil
}

func oidBinary(v *Vector, raw []byte) error {
	if len(raw) != 4 {
		return errBinary
	}
	v.Int64s = append(v.Int64s, int64(binary.BigEndian.Uint32(raw)))
	return nil
}

func float32Text(v *Vector, raw []byte) error {
	f, err := parseFloat(view(raw), 32)
	v.Float32s = append(v.Float32s, float32(f))
	return err
}

func float32Binary(v *Vector, raw []byte) error {
	if len(raw) != 4 {
		return errBinary
	}
	v.Float32s = append(v.Float32s, math.Float32frombits(binary.BigEndian.Uint32(raw)))
	return nil
}

func float64Text(v *Vector, raw []byte) error {
	f, err := parseFloat(view(raw), 64)
	v.Float64s = append(v.Float64s, f)
	return err
}

func float64Binary(v *Vector, raw []byte) error {
	if len(raw) != 8 {
		return errBinary
	}
	v.Float64s = append(v.Float64s, math.Float64frombits(binary.BigEndian.Uint64(raw)))
	return nil
}

func numericText(v *Vector, raw []byte) error {
	n, err := parseNumeric(view(raw))
	if err != nil {
		return err
	}
	if int(n.scale) != v.Scale {
		if n, err = v.rescale(n); err != nil {
			return err
		}
	}
	v.scaled = true
	v.Numerics = append(v.Numerics, Int128{n.low, n.high})
	return nil
}

func numericBinary(v *Vector, raw []byte) error {
	if !v.scaled {
		return errBinary // whose scale is not told
	}
	n, ok := binaryNumeric(raw, v.Scale)
	if !ok {
		return errBinary
	}
	v.Numerics = append(v.Numerics, Int128{n.low, n.high})
	return nil
}

// rescale brings a number to the vector's scale, or the vector to the number's,
// if that is greater.
func (v *Vector) rescale(n Numeric) (Numeric, error) {
	if !v.scaled {
		v.Scale = int(n.scale) // there are none but NULLs yet
		return n, nil
	}
	if by := v.Scale - int(n.scale); by > 0 {
		n, ok := raise(n, by)
		if !ok {
			return n, errScale
		}
		return n, nil
	}
	by := int(n.scale) - v.Scale
	for i := range v.Numerics {
		if _, ok := raise(v.Numeric(i), by); !ok {
			return n, errScale
		}
	}
	for i := range v.Numerics {
		r, _ := raise(v.Numeric(i), by)
		v.Numerics[i] = Int128{r.low, r.high}
	}
	v.Scale = int(n.scale)
	return n, nil
}

// raise writes a number with more digits behind the point. It fails where that is
// more than 38 digits.
func raise(n Numeric, by int) (Numeric, bool) {
	high, low := n.amount()
	for range by {
		carry, product := bits.Mul64(low, 10)
		// A number of 38 digits times 10 is below 2^131: the product may be cut.
		over, whole := bits.Mul64(high, 10)
		sum, more := bits.Add64(whole, carry, 0)
		if high, low = sum, product; over+more != 0 || !has38(high, low) {
			return n, false
		}
	}
	return numericOf(n.high < 0, high, low, n.scale+uint8(by)), true
}

func dateText(v *Vector, raw []byte) error {
	d, err := parseDate(view(raw))
	if err != nil {
		return err
	}
	v.Int32s = append(v.Int32s, int32(d.unix()/86400))
	return nil
}

func dateBinary(v *Vector, raw []byte) error {
	days, ok := binaryDays(raw)
	if !ok {
		return errBinary
	}
	v.Int32s = append(v.Int32s, int32(days+epochDay))
	return nil
}

func timeText(v *Vector, raw []byte) error {
	t, err := parseTime(view(raw))
	v.Int64s = append(v.Int64s, t.Micros)
	return err
}

func timeBinary(v *Vector, raw []byte) error {
	if len(raw) != 8 {
		return errBinary
	}
	t := Time{int64(binary.BigEndian.Uint64(raw))}
	if !t.Valid() {
		return errBinary
	}
	v.Int64s = append(v.Int64s, t.Micros)
	return nil
}

func timeTZText(v *Vector, raw []byte) error {
	t, err := parseTimeTZ(view(raw))
	v.Int64s, v.Int32s = append(v.Int64s, t.Micros), append(v.Int32s, int32(t.Offset))
	return err
}

func timeTZBinary(v *Vector, raw []byte) error {
	if len(raw) != 12 {
		return errBinary
	}
	west := int32(binary.BigEndian.Uint32(raw[8:]))
	t := TimeTZ{int64(binary.BigEndian.Uint64(raw)), -int(west)}
	if !t.Valid() {
		return errBinary
	}
	v.Int64s, v.Int32s = append(v.Int64s, t.Micros), append(v.Int32s, int32(t.Offset))
	return nil
}

func plainTimestampText(v *Vector, raw []byte) error { return v.timestamp(view(raw), false) }

func timestampTZText(v *Vector, raw []byte) error { return v.timestamp(view(raw), true) }

func (v *Vector) timestamp(s string, zone bool) error {
	// What nearly all timestamps are needs no time.Time, and four digits of a
	// year are within the bounds.
	if d, ok := plainDate(s); ok && len(s) > 10 && s[10] == ' ' {
		micros, rest, err := cutClock(s[11:])
		if err == nil && rest == "" && micros < dayMicros && !zone {
			v.Int64s = append(v.Int64s, d.unix()*1_000_000+micros)
			return nil
		}
	}
	t, inf, err := parseTimestamp(s, zone)
	if err != nil {
		return err
	}
	micros := t.UnixMicro()
	switch {
	case inf == PositiveInfinity:
		micros = math.MaxInt64
	case inf == NegativeInfinity:
		micros = math.MinInt64
	case t.Unix() >= math.MaxInt64/1_000_000: // to the second
		return errFarFuture
	}
	v.Int64s = append(v.Int64s, micros)
	return nil
}

func timestampBinary(v *Vector, raw []byte) error {
	micros, ok := binaryMicros(raw)
	if !ok {
		return errBinary
	}
	if micros != math.MaxInt64 && micros != math.MinInt64 {
		if micros >= math.MaxInt64/1_000_000*1_000_000-epochMicros {
			return errFarFuture
		}
		micros += epochMicros
	}
	v.Int64s = append(v.Int64s, micros)
	return nil
}

func intervalYMText(v *Vector, raw []byte) error {
	i, err := parseIntervalYM(view(raw))
	v.Int32s = append(v.Int32s, i.Months)
	return err
}

func intervalYMBinary(v *Vector, raw []byte) error { return int32Binary(v, raw) }

func intervalDSText(v *Vector, raw []byte) error {
	i, err := parseIntervalDS(view(raw))
	v.Int64s = append(v.Int64s, i.Micros)
	return err
}

func intervalDSBinary(v *Vector, raw []byte) error { return int64Binary(v, raw) }
