// Package rstype describes Redshift's SQL types: names, limits, wire identities,
// storage in DuckDB, implicit casts and the result types of arithmetic.
package rstype

import "strconv"

// Kind tells the family of a type.
type Kind uint8

// The kinds. Name, OID, Void and Unknown appear in catalogs and protocol messages only.
const (
	Unknown Kind = iota // an untyped literal or NULL
	Bool
	Int2
	Int4
	Int8
	Float4
	Float8
	Numeric
	Char
	Varchar
	Date
	Time
	TimeTZ
	Timestamp
	TimestampTZ
	IntervalYM
	IntervalDS
	Super
	Varbyte
	HLLSketch
	Geometry
	Geography
	Name
	OID
	Void
)

// Limits of CREATE TABLE (c_Supported_data_types.md).
const (
	MaxPrecision = 38
	MaxScale     = 37
	MaxChar      = 4096
	MaxVarchar   = 65535
	MaxVarbyte   = 16777216
	// Max is the modifier that stands for the MAX keyword in ParseName.
	Max = -1
)

// Type is one SQL type; it is a comparable value.
type Type struct {
	Kind Kind
	// Len is the limit in bytes of CHAR, VARCHAR and VARBYTE; 0 is no limit known.
	Len int32
	// Precision and Scale belong to NUMERIC; Precision 0 is not known.
	Precision, Scale int16
}

type facts struct {
	oid  uint32
	size int16
	name string
	duck string
}

var table = [...]facts{
	Unknown:     {705, -2, "unknown", "VARCHAR"},
	Bool:        {16, 1, "boolean", "BOOLEAN"},
	Int2:        {21, 2, "smallint", "SMALLINT"},
	Int4:        {23, 4, "integer", "INTEGER"},
	Int8:        {20, 8, "bigint", "BIGINT"},
	Float4:      {700, 4, "real", "FLOAT"},
	Float8:      {701, 8, "double precision", "DOUBLE"},
	Numeric:     {1700, -1, "numeric", "DECIMAL"},
	Char:        {1042, -1, "character", "VARCHAR"},
	Varchar:     {1043, -1, "character varying", "VARCHAR"},
	Date:        {1082, 4, "date", "DATE"},
	Time:        {1083, 8, "time without time zone", "TIME"},
	TimeTZ:      {1266, 12, "time with time zone", "TIMETZ"},
	Timestamp:   {1114, 8, "timestamp without time zone", "TIMESTAMP"},
	TimestampTZ: {1184, 8, "timestamp with time zone", "TIMESTAMPTZ"},
	IntervalYM:  {1188, 4, "interval year to month", "INTERVAL"},
	IntervalDS:  {1190, 8, "interval day to second", "INTERVAL"},
	Super:       {4000, -1, "super", "VARCHAR"},
	Varbyte:     {6551, -1, "binary varying", "BLOB"},
	HLLSketch:   {2935, -1, "hllsketch", "VARCHAR"},
	Geometry:    {3000, -1, "geometry", "VARCHAR"},
	Geography:   {3001, -1, "geography", "VARCHAR"},
	Name:        {19, 64, "name", "VARCHAR"},
	OID:         {26, 4, "oid", "UINTEGER"},
	Void:        {2278, 4, "void", "VARCHAR"},
}

func (k Kind) facts() facts {
	if int(k) >= len(table) {
		k = Unknown
	}
	return table[k]
}

// String is the kind's name without modifiers.
func (k Kind) String() string { return k.facts().name }

// OID is the type's number in RowDescription and pg_type.
func (t Type) OID() uint32 { return t.Kind.facts().oid }

// Size is typlen: bytes of a fixed type, -1 for a variable one, -2 for a C string.
func (t Type) Size() int16 { return t.Kind.facts().size }

// Typmod is the type modifier as RowDescription carries it, -1 for none.
func (t Type) Typmod() int32 {
	switch t.Kind {
	case Char, Varchar, Varbyte:
		if t.Len > 0 {
			return t.Len + 4
		}
	case Numeric:
		if t.Precision > 0 {
			return int32(t.Precision)<<16 | int32(t.Scale) + 4
		}
	}
	return -1
}

// String is the name that format_type answers, such as `character varying(20)`.
func (t Type) String() string {
	name := t.Kind.facts().name
	switch t.Kind {
	case Char, Varchar, Varbyte:
		if t.Len > 0 {
			return name + "(" + strconv.Itoa(int(t.Len)) + ")"
		}
	case Numeric:
		if t.Precision > 0 {
			return name + "(" + strconv.Itoa(int(t.Precision)) + "," + strconv.Itoa(int(t.Scale)) + ")"
		}
	}
	return name
}

// DuckDB is the type that stores the values. SUPER is JSON text, GEOMETRY, GEOGRAPHY and
// HLLSKETCH are what they print as; lengths are not part of it, because DuckDB does not
// enforce them.
func (t Type) DuckDB() string {
	if t.Kind == Numeric {
		p, s := t.Precision, t.Scale
		if p == 0 {
			p, s = 18, 0
		}
		return "DECIMAL(" + strconv.Itoa(int(p)) + "," + strconv.Itoa(int(s)) + ")"
	}
	return t.Kind.facts().duck
}

// FromOID is the inverse of OID and Typmod. An OID that is not known gives Unknown;
// text (25) is VARCHAR and interval (1186) is INTERVAL DAY TO SECOND.
func FromOID(oid uint32, typmod int32) Type {
	var t Type
	switch oid {
	case 25:
		return Type{Kind: Varchar}
	case 1186:
		return Type{Kind: IntervalDS}
	}
	for k, f := range table {
		if f.oid == oid {
			t.Kind = Kind(k)
		}
	}
	if typmod < 4 {
		return t
	}
	switch t.Kind {
	case Char, Varchar, Varbyte:
		t.Len = typmod - 4
	case Numeric:
		m := typmod - 4
		t.Precision, t.Scale = int16(m>>16), int16(m&0xffff)
	}
	return t
}
