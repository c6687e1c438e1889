package redshift

import (
	"encoding/binary"
	"math"
	"time"

	"github.com/llm-dev-ops/redshift/transport"
)

// binaryScanOf is scanFuncOf for a column whose values are binary. A value of
// another size than its type's is left to store, which refuses it.
func binaryScanOf(c *Column, dst any) scanFunc {
	switch c.Type {
	case TypeVarchar, transport.OIDText: // the same bytes in both formats
		switch dst.(type) {
		case *string:
			return scanString
		case **string:
			return scanStringPointer
		}
		return nil
	}
	switch dst.(type) {
	case *int64:
		if c.Type == TypeBigInt {
			return scanBinaryBigInt
		}
	case *int32:
		if c.Type == TypeInteger {
			return scanBinaryInteger
		}
	case *float64:
		if c.Type == TypeDouble {
			return scanBinaryDouble
		}
	case *Numeric:
		if c.Type == TypeNumeric {
			return binaryNumericScan(scaleOf(c))
		}
	case *Date:
		if c.Type == TypeDate {
			return scanBinaryDate
		}
	case *time.Time:
		if c.Type == TypeTimestamp || c.Type == TypeTimestampTZ {
			return scanBinaryTimestamp
		}
	}
	return nil
}

func scanBinaryBigInt(raw []byte, dst any, _ *arena) error {
	d, ok := dst.(*int64)
	if !ok || d == nil || len(raw) != 8 {
		return errOther
	}
	*d = int64(binary.BigEndian.Uint64(raw))
	return nil
}

func scanBinaryInteger(raw []byte, dst any, _ *arena) error {
	d, ok := dst.(*int32)
	if !ok || d == nil || len(raw) != 4 {
		return errOther
	}
	*d = int32(binary.BigEndian.Uint32(raw))
	return nil
}

func scanBinaryDouble(raw []byte, dst any, _ *arena) error {
	d, ok := dst.(*float64)
	if !ok || d == nil || len(raw) != 8 {
		return errOther
	}
	*d = math.Float64frombits(binary.BigEndian.Uint64(raw))
	return nil
}

func binaryNumericScan(scale int) scanFunc {
	return func(raw []byte, dst any, _ *arena) error {
		d, ok := dst.(*Numeric)
		if !ok || d == nil {
			return errOther
		}
		n, ok := binaryNumeric(raw, scale)
		if !ok {
			return errOther
		}
		*d = n
		return nil
	}
}

func scanBinaryDate(raw []byte, dst any, _ *arena) error {
	d, ok := dst.(*Date)
	if !ok || d == nil {
		return errOther
	}
	v, ok := binaryDate(raw)
	if !ok {
		return errOther
	}
	*d = v
	return nil
}

func scanBinaryTimestamp(raw []byte, dst any, _ *arena) error {
	d, ok := dst.(*time.Time)
	if !ok || d == nil {
		return errOther
	}
	v, inf, ok := binaryTimestamp(raw)
	if !ok || inf != Finite {
		return errOther
	}
	*d = v
	return nil
}
