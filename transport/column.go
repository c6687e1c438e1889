package transport

// OID is the server's number of a type. Redshift's own numbers beside those
// of PostgreSQL are from AWS's drivers (redshift_connector utils/oids.py).
type OID uint32

// The types that Redshift sends.
const (
	OIDBool        OID = 16
	OIDBytea       OID = 17
	OIDChar        OID = 18 // "char", one byte
	OIDName        OID = 19
	OIDInt8        OID = 20
	OIDInt2        OID = 21
	OIDInt4        OID = 23
	OIDRegproc     OID = 24
	OIDText        OID = 25
	OIDOID         OID = 26
	OIDFloat4      OID = 700
	OIDFloat8      OID = 701
	OIDAbstime     OID = 702
	OIDUnknown     OID = 705
	OIDBpchar      OID = 1042
	OIDVarchar     OID = 1043
	OIDDate        OID = 1082
	OIDTime        OID = 1083
	OIDTimestamp   OID = 1114
	OIDTimestampTZ OID = 1184
	OIDInterval    OID = 1186
	OIDIntervalY2M OID = 1188
	OIDIntervalD2S OID = 1190
	OIDTimeTZ      OID = 1266
	OIDNumeric     OID = 1700
	OIDHLLSketch   OID = 2935
	OIDGeometry    OID = 3000
	OIDGeography   OID = 3001
	OIDGeometryHex OID = 3999
	OIDSuper       OID = 4000
	OIDVarbyte     OID = 6551
)

// Nullability is what the server said about NULLs in a column.
type Nullability uint8

// Whether a column may hold NULL.
const (
	// NullUnknown means that the server did not say.
	NullUnknown Nullability = iota
	// Nullable means that NULL may come.
	Nullable
	// NotNull means that the column is declared NOT NULL.
	NotNull
)

// Column describes one column of a result.
type Column struct {
	// Name is the column's label in the result.
	Name string
	// Type is the type's number. The Data API, which sends names, is mapped.
	Type OID
	// TypeMod is the type modifier as PostgreSQL encodes it, -1 for none.
	TypeMod int32
	// Format is the encoding of the column's values.
	Format Format
	// Nullable is what the server said; unknown at protocol version 0.
	Nullable Nullability
	// Catalog, Schema, Table and Origin name the column that this one is read
	// from, where the server said so; empty for expressions.
	Catalog, Schema, Table, Origin string
	// AutoIncrement (an IDENTITY), ReadOnly, Searchable (in a WHERE) and
	// CaseSensitive (in its collation) are what the server said; false where it
	// did not: at protocol version 0, and for CaseSensitive before version 3.
	AutoIncrement, ReadOnly, Searchable, CaseSensitive bool
}

// Length is the declared length of CHAR, VARCHAR and VARBYTE in bytes.
func (c Column) Length() (int, bool) {
	switch c.Type {
	case OIDBpchar, OIDVarchar, OIDVarbyte:
		if c.TypeMod >= 4 {
			return int(c.TypeMod - 4), true
		}
	}
	return 0, false
}

// PrecisionScale is the declared precision and scale of a NUMERIC.
func (c Column) PrecisionScale() (precision, scale int, ok bool) {
	if c.Type != OIDNumeric || c.TypeMod < 4 {
		return 0, 0, false
	}
	m := c.TypeMod - 4
	return int(m >> 16 & 0xffff), int(m & 0xffff), true
}
