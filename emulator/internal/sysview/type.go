package sysview

import "github.com/llm-dev-ops/redshift/emulator/internal/rstype"

// SQLType is the column's type.
func (c Column) SQLType() rstype.Type {
	switch c.Type {
	case "bool":
		return rstype.Type{Kind: rstype.Bool}
	case "int2":
		return rstype.Type{Kind: rstype.Int2}
	case "int4":
		return rstype.Type{Kind: rstype.Int4}
	case "int8":
		return rstype.Type{Kind: rstype.Int8}
	case "oid":
		return rstype.Type{Kind: rstype.OID}
	case "float8":
		return rstype.Type{Kind: rstype.Float8}
	case "numeric":
		return rstype.Type{Kind: rstype.Numeric, Precision: int16(c.Precision), Scale: int16(c.Scale)}
	case "timestamp":
		return rstype.Type{Kind: rstype.Timestamp}
	case "char":
		return rstype.Type{Kind: rstype.Char, Len: int32(c.Length)}
	case "name":
		return rstype.Type{Kind: rstype.Name}
	case "varchar":
		return rstype.Type{Kind: rstype.Varchar, Len: int32(c.Length)}
	default: // text
		return rstype.Type{Kind: rstype.Varchar}
	}
}
