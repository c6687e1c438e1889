package dataapi

import (
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata/types"

	"github.com/llm-dev-ops/redshift/transport"
)

// typeOIDs are the numbers of the names that the service sends. The names of
// Redshift's catalog are documented by example (int4, varchar, bpchar); those
// of the newer types, and the SQL names beside them, are assumed.
var typeOIDs = map[string]transport.OID{
	"bool": transport.OIDBool, "boolean": transport.OIDBool,
	"int2": transport.OIDInt2, "smallint": transport.OIDInt2,
	"int4": transport.OIDInt4, "integer": transport.OIDInt4, "int": transport.OIDInt4,
	"int8": transport.OIDInt8, "bigint": transport.OIDInt8,
	"float4": transport.OIDFloat4, "real": transport.OIDFloat4,
	"float8": transport.OIDFloat8, "double precision": transport.OIDFloat8,
	"numeric": transport.OIDNumeric, "decimal": transport.OIDNumeric,
	"varchar": transport.OIDVarchar, "character varying": transport.OIDVarchar,
	"bpchar": transport.OIDBpchar, "char": transport.OIDBpchar, "character": transport.OIDBpchar,
	"text": transport.OIDText, "name": transport.OIDName, "unknown": transport.OIDUnknown,
	"date": transport.OIDDate, "time": transport.OIDTime, "timetz": transport.OIDTimeTZ,
	"timestamp": transport.OIDTimestamp, "timestamptz": transport.OIDTimestampTZ, "abstime": transport.OIDAbstime,
	"interval": transport.OIDInterval, "intervaly2m": transport.OIDIntervalY2M, "intervald2s": transport.OIDIntervalD2S,
	"oid": transport.OIDOID, "regproc": transport.OIDRegproc, "bytea": transport.OIDBytea,
	"super": transport.OIDSuper, "hllsketch": transport.OIDHLLSketch,
	"varbyte": transport.OIDVarbyte, "varbinary": transport.OIDVarbyte, "binary varying": transport.OIDVarbyte,
	"geometry": transport.OIDGeometry, "geography": transport.OIDGeography, "geometryhex": transport.OIDGeometryHex,
}

func columns(meta []types.ColumnMetadata) []transport.Column {
	cols := make([]transport.Column, len(meta))
	for i, m := range meta {
		cols[i] = column(m)
	}
	return cols
}

func column(m types.ColumnMetadata) transport.Column {
	c := transport.Column{
		Name: aws.ToString(m.Label), TypeMod: -1, Format: transport.Text,
		Schema: aws.ToString(m.SchemaName), Table: aws.ToString(m.TableName),
	}
	if c.Name == "" {
		c.Name = aws.ToString(m.Name)
	}
	if c.Table != "" {
		c.Origin = aws.ToString(m.Name)
	}
	oid, ok := typeOIDs[strings.ToLower(aws.ToString(m.TypeName))]
	if !ok {
		oid = transport.OIDUnknown // its values are text
	}
	c.Type = oid
	switch oid {
	case transport.OIDNumeric:
		if m.Precision > 0 {
			c.TypeMod = (m.Precision<<16 | m.Scale&0xffff) + 4
		}
	case transport.OIDVarchar, transport.OIDBpchar, transport.OIDVarbyte:
		// "The precision value of a decimal number column, or the column
		// length for a non-numeric column"; AWS's samples leave length 0.
		n := m.Precision
		if n <= 0 {
			n = m.Length
		}
		if n > 0 && n < math.MaxInt32-4 {
			c.TypeMod = n + 4
		}
	}
	// JDBC's columnNoNulls, columnNullable, columnNullableUnknown.
	switch m.Nullable {
	case 0:
		c.Nullable = transport.NotNull
	case 1:
		c.Nullable = transport.Nullable
	}
	return c
}

// appendField writes a value in the text format of the wire protocol.
func appendField(dst []byte, f types.Field, oid transport.OID) (_ []byte, null bool, err error) {
	switch v := f.(type) {
	case *types.FieldMemberIsNull:
		return dst, true, nil
	case *types.FieldMemberStringValue:
		return append(dst, v.Value...), false, nil
	case *types.FieldMemberLongValue:
		return strconv.AppendInt(dst, v.Value, 10), false, nil
	case *types.FieldMemberBooleanValue:
		if v.Value {
			return append(dst, 't'), false, nil
		}
		return append(dst, 'f'), false, nil
	case *types.FieldMemberDoubleValue:
		return appendFloat(dst, v.Value, oid), false, nil
	case *types.FieldMemberBlobValue:
		return hex.AppendEncode(dst, v.Value), false, nil
	case nil:
		return dst, true, nil
	}
	return dst, false, fmt.Errorf("the value has an unknown form %T", f)
}

// appendFloat writes the shortest text that reads back as the same value, of
// four bytes for a REAL, laid out as PostgreSQL does.
func appendFloat(dst []byte, v float64, oid transport.OID) []byte {
	size := 64
	if oid == transport.OIDFloat4 {
		size = 32
	}
	switch {
	case math.IsNaN(v):
		return append(dst, "NaN"...)
	case math.IsInf(v, 1):
		return append(dst, "Infinity"...)
	case math.IsInf(v, -1):
		return append(dst, "-Infinity"...)
	}
	format := byte('e')
	if a := math.Abs(v); a == 0 || a >= 1e-4 && a < 1e15 {
		format = 'f'
	}
	return strconv.AppendFloat(dst, v, format, -1, size)
}
