package redshiftarrow

import (
	"strconv"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/extensions"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/transport"
)

// Keys of a field's metadata. Those of the origin are there where the server told it.
const (
	// KeyType is the column's type as Redshift calls it: "numeric(15,2)".
	KeyType = "redshift.type"
	// KeyNullable is "yes" or "no", as the server said.
	KeyNullable = "redshift.nullable"
	// KeyCatalog, KeySchema, KeyTable and KeyColumn are where the column is read from.
	KeyCatalog = "redshift.catalog"
	KeySchema  = "redshift.schema"
	KeyTable   = "redshift.table"
	KeyColumn  = "redshift.column"
)

var (
	clockTZ = arrow.StructOf(
		arrow.Field{Name: "time", Type: arrow.FixedWidthTypes.Time64us},
		arrow.Field{Name: "offset_seconds", Type: arrow.PrimitiveTypes.Int32},
	)
	stamp   = &arrow.TimestampType{Unit: arrow.Microsecond}
	stampTZ = &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}
	jsons   = func() arrow.DataType {
		t, err := extensions.NewJSONType(arrow.BinaryTypes.String)
		if err != nil {
			panic(err) // a string is the storage that its specification names first
		}
		return t
	}()
)

// Schema is that of the batches that Reader makes of a result with these columns.
//
// BOOLEAN, the integers, REAL and DOUBLE PRECISION, DATE (date32), TIME (time64 in µs)
// and TIMESTAMP (in µs, without a zone) have their Arrow types; TIMESTAMPTZ is in µs
// with the zone UTC, and the infinities of both are the greatest and the least value.
// A NUMERIC is a decimal128, or a string where the server did not tell its scale.
// VARBYTE, GEOMETRY and GEOGRAPHY (EWKB) are binary. INTERVAL YEAR TO MONTH is an
// interval of months, DAY TO SECOND a duration in µs, and TIMETZ a struct of its time
// and its offset east of UTC; see Config.Plain. SUPER is arrow.json, and everything
// else a string.
func Schema(cols []redshift.Column, cfg Config) *arrow.Schema {
	fields := make([]arrow.Field, len(cols))
	for i := range cols {
		c := &cols[i]
		fields[i] = arrow.Field{
			Name: c.Name, Type: typeOf(c, cfg), Metadata: metadata(c),
			Nullable: !cfg.NotNull || c.Nullable != transport.NotNull,
		}
	}
	return arrow.NewSchema(fields, nil)
}

func typeOf(c *redshift.Column, cfg Config) arrow.DataType {
	switch c.Type {
	case redshift.TypeBoolean:
		return arrow.FixedWidthTypes.Boolean
	case redshift.TypeSmallInt:
		return arrow.PrimitiveTypes.Int16
	case redshift.TypeInteger:
		return arrow.PrimitiveTypes.Int32
	case redshift.TypeBigInt, transport.OIDOID:
		return arrow.PrimitiveTypes.Int64
	case redshift.TypeReal:
		return arrow.PrimitiveTypes.Float32
	case redshift.TypeDouble:
		return arrow.PrimitiveTypes.Float64
	case redshift.TypeNumeric:
		if precision, scale, ok := c.PrecisionScale(); ok && precision <= 38 && scale >= 0 && scale <= precision {
			return &arrow.Decimal128Type{Precision: int32(precision), Scale: int32(scale)}
		}
		return arrow.BinaryTypes.String
	case redshift.TypeDate:
		return arrow.FixedWidthTypes.Date32
	case redshift.TypeTime:
		return arrow.FixedWidthTypes.Time64us
	case redshift.TypeTimestamp:
		return stamp
	case redshift.TypeTimestampTZ:
		return stampTZ
	case redshift.TypeVarbyte, redshift.TypeGeometry, redshift.TypeGeography, transport.OIDGeometryHex, transport.OIDBytea:
		return arrow.BinaryTypes.Binary
	case redshift.TypeSuper:
		if !cfg.SuperAsString {
			return jsons
		}
	}
	if cfg.Plain {
		return arrow.BinaryTypes.String
	}
	switch c.Type {
	case redshift.TypeTimeTZ:
		return clockTZ
	case redshift.TypeIntervalYM:
		return arrow.FixedWidthTypes.MonthInterval
	case redshift.TypeIntervalDS:
		return arrow.FixedWidthTypes.Duration_us
	}
	return arrow.BinaryTypes.String
}

func metadata(c *redshift.Column) arrow.Metadata {
	var keys, values []string
	add := func(k, v string) {
		if v != "" {
			keys, values = append(keys, k), append(values, v)
		}
	}
	name := redshift.TypeName(c.Type)
	if name == "" {
		name = strconv.FormatUint(uint64(c.Type), 10)
	}
	if precision, scale, ok := c.PrecisionScale(); ok && c.Type == redshift.TypeNumeric {
		name += "(" + strconv.Itoa(precision) + "," + strconv.Itoa(scale) + ")"
	} else if n, ok := c.Length(); ok {
		name += "(" + strconv.Itoa(n) + ")"
	}
	add(KeyType, name)
	switch c.Nullable {
	case transport.NotNull:
		add(KeyNullable, "no")
	case transport.Nullable:
		add(KeyNullable, "yes")
	}
	add(KeyCatalog, c.Catalog)
	add(KeySchema, c.Schema)
	add(KeyTable, c.Table)
	add(KeyColumn, c.Origin)
	return arrow.NewMetadata(keys, values)
}
