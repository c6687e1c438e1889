package redshift

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"github.com/llm-dev-ops/redshift/transport"
)

var (
	errBool  = errors.New("not a boolean")
	errHex   = errors.New("not hexadecimal text")
	errJSON  = errors.New("not JSON")
	errFloat = errors.New("not a floating-point number")
	errInt   = errors.New("not an integer of the type")
)

func hexText(b []byte) string { return hex.EncodeToString(b) }

func unhex(s string) ([]byte, error) {
	b, err := hex.DecodeString(strings.TrimPrefix(s, `\x`))
	if err != nil {
		return nil, errHex
	}
	return b, nil
}

// decode gives the Go value of a text value by its type: bool, int16, int32,
// int64, uint32 (oid), float32, float64, string, or a type of this package.
// Types that are not known come as string.
func decode(t Type, s string) (any, error) {
	switch t {
	case TypeBoolean:
		return parseBool(s)
	case TypeSmallInt:
		n, err := parseInt(s, 16)
		return int16(n), err
	case TypeInteger:
		n, err := parseInt(s, 32)
		return int32(n), err
	case TypeBigInt:
		return parseInt(s, 64)
	case transport.OIDOID:
		n, err := strconv.ParseUint(s, 10, 32)
		if err != nil {
			err = errInt
		}
		return uint32(n), err
	case TypeReal:
		f, err := parseFloat(s, 32)
		return float32(f), err
	case TypeDouble:
		return parseFloat(s, 64)
	case TypeNumeric:
		return parseNumeric(s)
	case TypeChar:
		return Char(s), nil
	case TypeDate:
		return parseDate(s)
	case TypeTime:
		return strip(ParseTime(s))
	case TypeTimeTZ:
		return strip(ParseTimeTZ(s))
	case TypeTimestamp:
		v, inf, err := parseTimestamp(s, false)
		return Timestamp{v, inf}, err
	case TypeTimestampTZ:
		v, inf, err := parseTimestamp(s, true)
		return TimestampTZ{v, inf}, err
	case TypeIntervalYM:
		return strip(ParseIntervalYM(s))
	case TypeIntervalDS:
		return strip(ParseIntervalDS(s))
	case TypeSuper:
		if !json.Valid([]byte(s)) {
			return nil, errJSON
		}
		return Super(s), nil
	case TypeVarbyte, transport.OIDBytea:
		b, err := unhex(s)
		return Varbyte(b), err
	case TypeGeometry, transport.OIDGeometryHex:
		b, err := unhex(s)
		return Geometry(b), err
	case TypeGeography:
		b, err := unhex(s)
		return Geography(b), err
	case TypeHLLSketch:
		return HLLSketch(s), nil
	}
	return s, nil
}

// strip takes the dressing of a public parser's error off.
func strip[T any](v T, err error) (any, error) {
	if err != nil {
		return nil, errors.New(errorMessage(err))
	}
	return v, nil
}

func parseBool(s string) (bool, error) {
	switch s {
	case "t", "true":
		return true, nil
	case "f", "false":
		return false, nil
	}
	return false, errBool
}

func parseInt(s string, bits int) (int64, error) {
	n, err := strconv.ParseInt(s, 10, bits)
	if err != nil {
		return 0, errInt
	}
	return n, nil
}

func parseFloat(s string, bits int) (float64, error) {
	if strings.ContainsAny(s, "xXpP_") {
		return 0, errFloat
	}
	f, err := strconv.ParseFloat(s, bits)
	if err != nil {
		return 0, errFloat
	}
	return f, nil
}
