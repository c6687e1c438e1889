package redshift

import (
	"errors"
	"time"

	"github.com/llm-dev-ops/redshift/transport"
)

// scanFunc scans values of one type of column into one type of destination,
// which are the most frequent pairs. It gives errOther for another destination.
type scanFunc func(raw []byte, dst any, a *arena) error

var errOther = errors.New("another destination")

// plan has a scanFunc by column, nil where there is none.
type plan []scanFunc

func newPlan(cols []Column, formats []transport.Format, dst []any) plan {
	p := make(plan, len(cols))
	for i := range cols {
		if formats[i] == transport.Binary {
			p[i] = binaryScanOf(&cols[i], dst[i])
		} else {
			p[i] = scanFuncOf(cols[i].Type, dst[i])
		}
	}
	return p
}

func scanFuncOf(t Type, dst any) scanFunc {
	switch dst.(type) {
	case *string:
		return scanString
	case **string:
		if t == TypeVarchar || t == transport.OIDText {
			return scanStringPointer
		}
	case *int64:
		if t == TypeBigInt {
			return scanBigInt
		}
	case *int32:
		if t == TypeInteger {
			return scanInteger
		}
	case *float64:
		if t == TypeDouble {
			return scanDouble
		}
	case *Numeric:
		if t == TypeNumeric {
			return scanNumeric
		}
	case *Date:
		if t == TypeDate {
			return scanDate
		}
	case *time.Time:
		if t == TypeTimestamp {
			return scanTimestamp
		}
	}
	return nil
}

func scanString(raw []byte, dst any, a *arena) error {
	d, ok := dst.(*string)
	if !ok {
		return errOther
	}
	return a.setString(d, raw)
}

func scanStringPointer(raw []byte, dst any, a *arena) error {
	d, ok := dst.(**string)
	if !ok {
		return errOther
	}
	return a.strings.point(d, a.string(raw))
}

func scanBigInt(raw []byte, dst any, _ *arena) error {
	d, ok := dst.(*int64)
	if !ok || d == nil {
		return errOther
	}
	n, err := parseInt(view(raw), 64)
	if err != nil {
		return err
	}
	*d = n
	return nil
}

func scanInteger(raw []byte, dst any, _ *arena) error {
	d, ok := dst.(*int32)
	if !ok || d == nil {
		return errOther
	}
	n, err := parseInt(view(raw), 32)
	if err != nil {
		return err
	}
	*d = int32(n)
	return nil
}

func scanDouble(raw []byte, dst any, _ *arena) error {
	d, ok := dst.(*float64)
	if !ok || d == nil {
		return errOther
	}
	f, err := parseFloat(view(raw), 64)
	if err != nil {
		return err
	}
	*d = f
	return nil
}

func scanNumeric(raw []byte, dst any, _ *arena) error {
	d, ok := dst.(*Numeric)
	if !ok || d == nil {
		return errOther
	}
	n, err := parseNumeric(view(raw))
	if err != nil {
		return err
	}
	*d = n
	return nil
}

func scanDate(raw []byte, dst any, _ *arena) error {
	d, ok := dst.(*Date)
	if !ok || d == nil {
		return errOther
	}
	v, err := parseDate(view(raw))
	if err != nil {
		return err
	}
	*d = v
	return nil
}

func scanTimestamp(raw []byte, dst any, _ *arena) error {
	d, ok := dst.(*time.Time)
	if !ok || d == nil {
		return errOther
	}
	v, inf, err := parseTimestamp(view(raw), false)
	if err != nil {
		return err
	}
	*d = v
	return finite(inf)
}
