package redshift

import (
	"encoding/binary"
	"errors"
	"math"
	"math/big"
	"strconv"
	"time"

	"github.com/llm-dev-ops/redshift/transport"
)

var errBinary = errors.New("the server sent a binary value that is not understood")

// epoch is the zero of binary dates and timestamps.
var epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// binaryText turns a binary value into the text of the same value. Text is what
// this client asks for; a server may send binary unasked. The formats are those
// of AWS's drivers (redshift_connector utils/type_utils.py); NUMERIC is a
// two's-complement integer of 8 or 16 bytes with the scale in the modifier.
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
	case TypeVarchar, TypeChar, transport.OIDText, transport.OIDName, transport.OIDUnknown, TypeSuper, TypeVarbyte, TypeGeometry, transport.OIDGeometryHex, TypeHLLSketch:
		return raw, nil // the same bytes in both formats
	case TypeGeography:
		s, size = hexText(raw), len(raw)
	case TypeBoolean:
		s, size = strconv.FormatBool(n != 0), 1
	case TypeSmallInt:
		s, size = strconv.FormatInt(n, 10), 2
	case TypeInteger:
		s, size = strconv.FormatInt(n, 10), 4
	case transport.OIDOID:
		s, size = strconv.FormatUint(uint64(uint32(n)), 10), 4
	case TypeBigInt:
		s, size = strconv.FormatInt(n, 10), 8
	case TypeReal:
		s, size = floatText(float64(math.Float32frombits(uint32(n))), 32), 4
	case TypeDouble:
		s, size = floatText(math.Float64frombits(uint64(n)), 64), 8
	case TypeDate:
		// The server's range is far within what AddDate takes.
		s, size = DateOf(epoch.AddDate(0, 0, int(n))).String(), 4
	case TypeTime:
		s, size = Time{n}.String(), 8
	case TypeTimeTZ:
		if len(raw) == 12 {
			west := int32(binary.BigEndian.Uint32(raw[8:]))
			s, size = TimeTZ{int64(binary.BigEndian.Uint64(raw)), -int(west)}.String(), 12
		}
	case TypeTimestamp, TypeTimestampTZ:
		t := TimestampTZ{Time: time.UnixMicro(0).UTC()}
		switch n {
		case math.MaxInt64:
			t.Inf = PositiveInfinity
		case math.MinInt64:
			t.Inf = NegativeInfinity
		default:
			if n > math.MaxInt64-epoch.UnixMicro() {
				return nil, errBinary
			}
			t.Time = time.UnixMicro(epoch.UnixMicro() + n).UTC()
		}
		s, size = t.String(), 8
		if c.Type == TypeTimestamp {
			s = Timestamp(t).String()
		}
	case TypeIntervalYM:
		s, size = IntervalYM{int32(n)}.String(), 4
	case TypeIntervalDS:
		s, size = IntervalDS{n}.String(), 8
	case TypeNumeric:
		_, scale, ok := c.PrecisionScale()
		if !ok {
			return nil, errBinary
		}
		u := big.NewInt(n)
		if len(raw) == 16 {
			u.SetInt64(int64(binary.BigEndian.Uint64(raw)))
			u.Lsh(u, 64).Or(u, new(big.Int).SetUint64(binary.BigEndian.Uint64(raw[8:])))
		} else if len(raw) != 8 {
			return nil, errBinary
		}
		v, err := NewNumericBig(u, scale)
		if err != nil {
			return nil, errBinary
		}
		s, size = v.String(), len(raw)
	}
	if size != len(raw) {
		return nil, errBinary
	}
	return []byte(s), nil
}
