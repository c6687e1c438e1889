package redshift

import (
	"encoding/json"

	"github.com/llm-dev-ops/redshift/transport"
)

// Type is the number of one of Redshift's types.
type Type = transport.OID

// The types of parameters, for Null and Prepare.
const (
	TypeBoolean     = transport.OIDBool
	TypeSmallInt    = transport.OIDInt2
	TypeInteger     = transport.OIDInt4
	TypeBigInt      = transport.OIDInt8
	TypeReal        = transport.OIDFloat4
	TypeDouble      = transport.OIDFloat8
	TypeNumeric     = transport.OIDNumeric
	TypeChar        = transport.OIDBpchar
	TypeVarchar     = transport.OIDVarchar
	TypeDate        = transport.OIDDate
	TypeTime        = transport.OIDTime
	TypeTimeTZ      = transport.OIDTimeTZ
	TypeTimestamp   = transport.OIDTimestamp
	TypeTimestampTZ = transport.OIDTimestampTZ
	TypeIntervalYM  = transport.OIDIntervalY2M
	TypeIntervalDS  = transport.OIDIntervalD2S
	TypeSuper       = transport.OIDSuper
	TypeVarbyte     = transport.OIDVarbyte
	TypeGeometry    = transport.OIDGeometry
	TypeGeography   = transport.OIDGeography
	TypeHLLSketch   = transport.OIDHLLSketch
)

// Char is a CHAR. As a result it keeps the blanks that pad it.
type Char string

// Varchar is a VARCHAR that is sent as one; a plain string is sent untyped, so
// that the server finds its type.
type Varchar string

// Super is a SUPER value as JSON text.
type Super string

// MarshalJSON gives the JSON itself.
func (s Super) MarshalJSON() ([]byte, error) { return []byte(s), nil }

// Decode unmarshals the JSON into v.
func (s Super) Decode(v any) error { return json.Unmarshal([]byte(s), v) }

// Varbyte is a VARBYTE.
type Varbyte []byte

// Geometry is a GEOMETRY as EWKB.
type Geometry []byte

// Geography is a GEOGRAPHY as EWKB.
type Geography []byte

// HLLSketch is an HLLSKETCH in the text in which Redshift sends it.
type HLLSketch string

// Null is a NULL of a type, as an argument of a statement; a plain nil is
// untyped.
func Null(t Type) any { return null{t} }

type null struct{ t Type }

// typeNames are the names of types as SQL has them.
var typeNames = map[Type]string{
	TypeBoolean: "boolean", TypeSmallInt: "smallint", TypeInteger: "integer", TypeBigInt: "bigint",
	TypeReal: "real", TypeDouble: "double precision", TypeNumeric: "numeric", TypeChar: "char",
	TypeVarchar: "varchar", transport.OIDText: "text", transport.OIDName: "name", transport.OIDUnknown: "unknown",
	TypeDate: "date", TypeTime: "time", TypeTimeTZ: "timetz", TypeTimestamp: "timestamp",
	TypeTimestampTZ: "timestamptz", TypeIntervalYM: "interval year to month",
	TypeIntervalDS: "interval day to second", transport.OIDInterval: "interval", TypeSuper: "super",
	TypeVarbyte: "varbyte", TypeGeometry: "geometry", transport.OIDGeometryHex: "geometry",
	TypeGeography: "geography", TypeHLLSketch: "hllsketch", transport.OIDOID: "oid",
	transport.OIDBytea: "bytea", transport.OIDRegproc: "regproc", transport.OIDAbstime: "abstime",
}

// TypeName is the name of a type as SQL has it, "" for one that is not known.
func TypeName(t Type) string { return typeNames[t] }
