package sqldriver

import (
	"database/sql/driver"
	"encoding/json"
	"time"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/transport"
)

// slot is where the values of a column are scanned to, row after row.
type slot struct {
	dst   any
	value func() driver.Value // what was scanned
}

func newSlot(t redshift.Type) slot {
	switch t {
	case redshift.TypeBoolean:
		return of[bool]()
	case redshift.TypeSmallInt, redshift.TypeInteger, redshift.TypeBigInt, transport.OIDOID:
		return of[int64]()
	case redshift.TypeReal, redshift.TypeDouble:
		return of[float64]()
	case redshift.TypeDate:
		return of[time.Time]()
	case redshift.TypeTimestamp:
		v := new(redshift.Timestamp)
		return slot{v, func() driver.Value { return instant(v.Time, v.Inf, v.String) }}
	case redshift.TypeTimestampTZ:
		v := new(redshift.TimestampTZ)
		return slot{v, func() driver.Value { return instant(v.Time, v.Inf, v.String) }}
	case redshift.TypeSuper:
		v := new(json.RawMessage)
		return slot{v, func() driver.Value { return []byte(*v) }}
	case redshift.TypeVarbyte, redshift.TypeGeometry, redshift.TypeGeography, bytea, transport.OIDGeometryHex:
		return of[[]byte]()
	}
	// NUMERIC, TIME and the intervals too: their text is exact.
	return of[string]()
}

func of[T any]() slot {
	v := new(T)
	return slot{v, func() driver.Value { return *v }}
}

// instant is a time.Time, unless that has no word for it.
func instant(t time.Time, inf redshift.Infinity, text func() string) driver.Value {
	if inf != redshift.Finite {
		return text()
	}
	return t
}
