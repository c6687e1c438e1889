package sqldriver

import (
	"database/sql/driver"
	"encoding/json"
	"time"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/transport"
)

// slot is where the values of a column are scanned to, row after row: a pointer
// to what keeps them exactly.
type slot struct{ dst any }

func newSlot(t redshift.Type) slot {
	switch t {
	case redshift.TypeBoolean:
		return slot{new(bool)}
	case redshift.TypeSmallInt, redshift.TypeInteger, redshift.TypeBigInt, transport.OIDOID:
		return slot{new(int64)}
	case redshift.TypeReal, redshift.TypeDouble:
		return slot{new(float64)}
	case redshift.TypeDate:
		return slot{new(time.Time)}
	case redshift.TypeTimestamp:
		return slot{new(redshift.Timestamp)}
	case redshift.TypeTimestampTZ:
		return slot{new(redshift.TimestampTZ)}
	case redshift.TypeSuper:
		return slot{new(json.RawMessage)}
	case redshift.TypeVarbyte, redshift.TypeGeometry, redshift.TypeGeography, bytea, transport.OIDGeometryHex:
		return slot{new([]byte)}
	}
	// NUMERIC, TIME and the intervals too: their text is exact.
	return slot{new(string)}
}

// value is what was scanned.
func (s slot) value() driver.Value {
	switch v := s.dst.(type) {
	case *bool:
		return *v
	case *int64:
		return *v
	case *float64:
		return *v
	case *time.Time:
		return *v
	case *redshift.Timestamp:
		return instant(v.Time, v.Inf, v.String)
	case *redshift.TimestampTZ:
		return instant(v.Time, v.Inf, v.String)
	case *json.RawMessage:
		return []byte(*v)
	case *[]byte:
		return *v
	case *string:
		return *v
	}
	return nil
}

// instant is a time.Time, unless that has no word for it.
func instant(t time.Time, inf redshift.Infinity, text func() string) driver.Value {
	if inf != redshift.Finite {
		return text()
	}
	return t
}
