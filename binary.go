package redshift

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/llm-dev-ops/redshift/transport"
)

var errBinary = errors.New("the server sent a binary value that is not understood")

// epoch is the zero of binary dates and timestamps.
var epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// The days and microseconds since epoch of the first and behind the last day
// that Redshift has (Date.Valid).
var (
	firstDay = Date{-4712, 1, 1}.unix()/86400 - epoch.Unix()/86400
	endDay   = Date{294276, 12, 31}.unix()/86400 - epoch.Unix()/86400 + 1
)

// storeBinary is store for a binary value. The types that come often go
// straight to Go's, all others by their text.
func storeBinary(c *transport.Column, raw []byte, dst any, a *arena) error {
	switch dst.(type) {
	case nil, *string, *json.RawMessage: // which take the text
	default:
		switch c.Type {
		case TypeBigInt, TypeInteger, TypeSmallInt:
			if n, ok := binaryInt(c.Type, raw); ok {
				return putInteger(c.Type, n, dst, a)
			}
		case TypeNumeric:
			if n, ok := binaryNumeric(raw, scaleOf(c)); ok {
				return putNumeric(n, dst, a)
			}
		case TypeDate:
			if d, ok := binaryDate(raw); ok {
				return putDate(d, dst, a)
			}
		case TypeTimestamp, TypeTimestampTZ:
			if t, inf, ok := binaryTimestamp(raw); ok {
				return putTimestamp(c.Type, t, inf, dst, a)
			}
		case TypeReal:
			if len(raw) == 4 {
				return putFloat(c.Type, float64(math.Float32frombits(binary.BigEndian.Uint32(raw))), dst, a)
			}
		case TypeDouble:
			if len(raw) == 8 {
				return putFloat(c.Type, math.Float64frombits(binary.BigEndian.Uint64(raw)), dst, a)
			}
		case TypeBoolean:
			if len(raw) == 1 {
				return putBool(raw[0] != 0, dst, a)
			}
		}
	}
	text, err := binaryText(c, raw)
	if err != nil {
		return err
	}
	return storeText(c, text, dst, a)
}

// binaryInt reads an integer of its type's size.
func binaryInt(t Type, raw []byte) (int64, bool) {
	switch {
	case t == TypeBigInt && len(raw) == 8:
		return int64(binary.BigEndian.Uint64(raw)), true
	case t == TypeInteger && len(raw) == 4:
		return int64(int32(binary.BigEndian.Uint32(raw))), true
	case t == TypeSmallInt && len(raw) == 2:
		return int64(int16(binary.BigEndian.Uint16(raw))), true
	}
	return 0, false
}

// scaleOf is the scale of a NUMERIC column, -1 where it was not told: a binary
// value does not tell it.
func scaleOf(c *transport.Column) int {
	if _, scale, ok := c.PrecisionScale(); ok {
		return scale
	}
	return -1
}

// binaryNumeric reads a two's complement of 8 or 16 bytes, which is not
// PostgreSQL's form (redshift_connector utils/type_utils.py).
func binaryNumeric(raw []byte, scale int) (Numeric, bool) {
	if scale < 0 || scale > maxPrecision {
		return Numeric{}, false
	}
	switch len(raw) {
	case 8:
		return numeric(int64(binary.BigEndian.Uint64(raw)), uint8(scale)), true
	case 16:
		n := Numeric{int64(binary.BigEndian.Uint64(raw)), binary.BigEndian.Uint64(raw[8:]), uint8(scale)}
		high, low := n.amount()
		return n, has38(high, low)
	}
	return Numeric{}, false
}

// has38 reports whether a number has at most 38 digits. 10^38 is the first that
// has more.
func has38(high, low uint64) bool {
	return high < 0x4b3b4ca85a86c47a || high == 0x4b3b4ca85a86c47a && low < 0x098a224000000000
}

// binaryDate reads days since epoch. The calendar is taken for the proleptic
// Gregorian one, as in the text (assumed: redshift_connector moves dates before
// 1582 by the days of the Julian one).
func binaryDate(raw []byte) (Date, bool) {
	days, ok := binaryDays(raw)
	if !ok {
		return Date{}, false
	}
	return dateOf(days), true
}

func binaryDays(raw []byte) (int64, bool) {
	if len(raw) != 4 {
		return 0, false
	}
	days := int64(int32(binary.BigEndian.Uint32(raw)))
	return days, days >= firstDay && days < endDay
}

// dateOf is the day so many days after epoch, which is within Redshift's range
// (Euclidean affine functions: Neri and Schneider, 2022; the years begin in
// March).
func dateOf(days int64) Date {
	// Shifted by a multiple of 400 years, so that all numbers are positive.
	const shift = 12000
	n := uint32(days + 10957 + 719468 + shift/400*146097)
	n1 := 4*n + 3
	century := n1 / 146097
	n2 := n1%146097 | 3
	p := 2939745 * uint64(n2)
	dayOfYear := uint32(p) / 2939745 / 4
	n3 := 2141*dayOfYear + 197913
	d := Date{int(100*century+uint32(p>>32)) - shift, time.Month(n3 >> 16), int(n3&0xffff/2141) + 1}
	if dayOfYear >= 306 {
		d.Year, d.Month = d.Year+1, d.Month-12
	}
	return d
}

// binaryTimestamp reads microseconds since epoch.
func binaryTimestamp(raw []byte) (time.Time, Infinity, bool) {
	n, ok := binaryMicros(raw)
	switch {
	case !ok:
		return time.Time{}, 0, false
	case n == math.MaxInt64:
		return time.Time{}, PositiveInfinity, true
	case n == math.MinInt64:
		return time.Time{}, NegativeInfinity, true
	}
	seconds, micros := n/1_000_000, n%1_000_000
	return time.Unix(epoch.Unix()+seconds, micros*1000).UTC(), 0, true
}

// binaryMicros is a timestamp's microseconds, the greatest and the least of all
// where it is infinite.
func binaryMicros(raw []byte) (int64, bool) {
	if len(raw) != 8 {
		return 0, false
	}
	n := int64(binary.BigEndian.Uint64(raw))
	infinite := n == math.MaxInt64 || n == math.MinInt64
	return n, infinite || n >= firstDay*dayMicros && n < endDay*dayMicros
}

// binaryText turns a binary value into the text of the same value. The formats
// are those of AWS's drivers (redshift_connector utils/type_utils.py).
func binaryText(c *transport.Column, raw []byte) ([]byte, error) {
	var n int64
	switch len(raw) {
	case 1:
		n = int64(int8(raw[0]))
	case 2:
		n = int64(int16(binary.BigEndian.Uint16(raw)))
	case 4:
		n = int64(int32(binary.BigEndian.Uint32(raw)))
	case 8:
		n = int64(binary.BigEndian.Uint64(raw))
	}
	size, s := -1, ""
	switch c.Type {
	case TypeVarchar, TypeChar, transport.OIDText, transport.OIDName, transport.OIDChar, transport.OIDUnknown, TypeSuper, TypeVarbyte, TypeGeometry, transport.OIDGeometryHex, TypeHLLSketch:
		return raw, nil // the same bytes in both formats
	case TypeGeography, transport.OIDBytea:
		s, size = hexText(raw), len(raw)
	case TypeBoolean:
		s, size = strconv.FormatBool(n != 0), 1
	case TypeSmallInt:
		s, size = strconv.FormatInt(n, 10), 2
	case TypeInteger:
		s, size = strconv.FormatInt(n, 10), 4
	case transport.OIDOID, transport.OIDRegproc:
		s, size = strconv.FormatUint(uint64(uint32(n)), 10), 4
	case TypeBigInt:
		s, size = strconv.FormatInt(n, 10), 8
	case TypeReal:
		s, size = floatText(float64(math.Float32frombits(uint32(n))), 32), 4
	case TypeDouble:
		s, size = floatText(math.Float64frombits(uint64(n)), 64), 8
	case TypeDate:
		d, ok := binaryDate(raw)
		if !ok {
			return nil, errBinary
		}
		s, size = d.String(), 4
	case TypeTime:
		s, size = Time{n}.String(), 8
	case TypeTimeTZ:
		if len(raw) == 12 {
			west := int32(binary.BigEndian.Uint32(raw[8:]))
			s, size = TimeTZ{int64(binary.BigEndian.Uint64(raw)), -int(west)}.String(), 12
		}
	case TypeTimestamp, TypeTimestampTZ:
		t, inf, ok := binaryTimestamp(raw)
		if !ok {
			return nil, errBinary
		}
		s, size = TimestampTZ{t, inf}.String(), 8
		if c.Type == TypeTimestamp {
			s = Timestamp{t, inf}.String()
		}
	case transport.OIDAbstime:
		s, size = TimestampTZ{Time: time.Unix(n, 0)}.String(), 4
	case TypeIntervalYM:
		s, size = IntervalYM{int32(n)}.String(), 4
	case TypeIntervalDS:
		s, size = IntervalDS{n}.String(), 8
	case transport.OIDInterval:
		// Not PostgreSQL's 16 bytes.
		if len(raw) == 12 {
			s = intervalText(int16(binary.BigEndian.Uint16(raw[10:])), int16(binary.BigEndian.Uint16(raw[8:])), int64(binary.BigEndian.Uint64(raw)))
			size = 12
		}
	case TypeNumeric:
		v, ok := binaryNumeric(raw, scaleOf(c))
		if !ok {
			return nil, errBinary
		}
		s, size = v.String(), len(raw)
	}
	if size != len(raw) {
		return nil, errBinary
	}
	return []byte(s), nil
}

// intervalText writes an INTERVAL of PostgreSQL's kind as the server does:
// 1 year 2 mons 3 days 04:05:06.
func intervalText(months, days int16, micros int64) string {
	var parts []string
	add := func(n int64, unit string) {
		if n != 0 {
			if n != 1 {
				unit += "s"
			}
			parts = append(parts, fmt.Sprintf("%d %s", n, unit))
		}
	}
	add(int64(months/12), "year")
	add(int64(months%12), "mon")
	add(int64(days), "day")
	if micros != 0 || len(parts) == 0 {
		sign, amount := "", uint64(micros)
		if micros < 0 {
			sign, amount = "-", -amount
		}
		text := fmt.Sprintf("%s%02d:%02d:%02d", sign, amount/3_600_000_000, amount/60_000_000%60, amount/1_000_000%60)
		if f := amount % 1_000_000; f != 0 {
			text += strings.TrimRight(fmt.Sprintf(".%06d", f), "0")
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, " ")
}
