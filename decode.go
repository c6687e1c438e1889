package redshift

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strconv"

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

func unhex(text []byte) ([]byte, error) {
	text = bytes.TrimPrefix(text, []byte(`\x`))
	b := make([]byte, hex.DecodedLen(len(text)))
	if _, err := hex.Decode(b, text); err != nil {
		return nil, errHex
	}
	return b, nil
}

// decode gives the Go value of a text value by its type: bool, int16, int32,
// int64, uint32 (oid), float32, float64, string, or a type of this package.
// Types that are not known come as string. The value keeps nothing of raw.
func decode(t Type, raw []byte) (any, error) {
	s := view(raw)
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
		return Char(raw), nil
	case TypeDate:
		return parseDate(s)
	case TypeTime:
		return parseTime(s)
	case TypeTimeTZ:
		return parseTimeTZ(s)
	case TypeTimestamp:
		v, inf, err := parseTimestamp(s, false)
		return Timestamp{v, inf}, err
	case TypeTimestampTZ:
		v, inf, err := parseTimestamp(s, true)
		return TimestampTZ{v, inf}, err
	case TypeIntervalYM:
		return parseIntervalYM(s)
	case TypeIntervalDS:
		return parseIntervalDS(s)
	case TypeSuper:
		if !json.Valid(raw) {
			return nil, errJSON
		}
		return Super(raw), nil
	case TypeVarbyte, transport.OIDBytea:
		b, err := unhex(raw)
		return Varbyte(b), err
	case TypeGeometry, transport.OIDGeometryHex:
		b, err := unhex(raw)
		return Geometry(b), err
	case TypeGeography:
		b, err := unhex(raw)
		return Geography(b), err
	case TypeHLLSketch:
		return HLLSketch(raw), nil
	}
	return string(raw), nil
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
