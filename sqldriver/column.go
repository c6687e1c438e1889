package sqldriver

import (
	"math"
	"reflect"
	"strings"
	"time"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/transport"
)

const bytea = transport.OIDBytea

// ColumnTypeDatabaseTypeName is the type as SQL has it, in capitals and without
// length; "" for one that is not known.
func (r *rows) ColumnTypeDatabaseTypeName(i int) string {
	return strings.ToUpper(redshift.TypeName(r.r.Columns()[i].Type))
}

// ColumnTypeLength is the length of CHAR, VARCHAR and VARBYTE in bytes, where
// the server says it.
func (r *rows) ColumnTypeLength(i int) (length int64, ok bool) {
	c := r.r.Columns()[i]
	if n, ok := c.Length(); ok {
		return int64(n), true
	}
	switch c.Type {
	case redshift.TypeVarchar, redshift.TypeVarbyte, redshift.TypeSuper, redshift.TypeHLLSketch,
		redshift.TypeGeometry, redshift.TypeGeography, transport.OIDText, bytea, transport.OIDGeometryHex:
		return math.MaxInt64, true // varying, and nobody says how far
	}
	return 0, false
}

// ColumnTypeNullable is what the server has said, if it has.
func (r *rows) ColumnTypeNullable(i int) (nullable, ok bool) {
	n := r.r.Columns()[i].Nullable
	return n == transport.Nullable, n != transport.NullUnknown
}

// ColumnTypePrecisionScale is that of a NUMERIC.
func (r *rows) ColumnTypePrecisionScale(i int) (precision, scale int64, ok bool) {
	p, s, ok := r.r.Columns()[i].PrecisionScale()
	return int64(p), int64(s), ok
}

// ColumnTypeScanType is the type of the column's values; NULL needs a pointer
// to it, or sql.Null.
func (r *rows) ColumnTypeScanType(i int) reflect.Type {
	switch r.r.Columns()[i].Type {
	case redshift.TypeBoolean:
		return reflect.TypeFor[bool]()
	case redshift.TypeSmallInt, redshift.TypeInteger, redshift.TypeBigInt, transport.OIDOID:
		return reflect.TypeFor[int64]()
	case redshift.TypeReal, redshift.TypeDouble:
		return reflect.TypeFor[float64]()
	case redshift.TypeDate, redshift.TypeTimestamp, redshift.TypeTimestampTZ:
		return reflect.TypeFor[time.Time]()
	case redshift.TypeSuper, redshift.TypeVarbyte, redshift.TypeGeometry, redshift.TypeGeography, bytea, transport.OIDGeometryHex:
		return reflect.TypeFor[[]byte]()
	}
	return reflect.TypeFor[string]()
}
