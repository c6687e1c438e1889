package rstype

import (
	"fmt"
	"strings"
)

// SyntaxError says why a type cannot be written so; Code is its SQLSTATE.
type SyntaxError struct {
	Code, Message string
}

// Error is the message as the server sends it.
func (e *SyntaxError) Error() string { return e.Message }

var names = map[string]Type{
	"bool": {Kind: Bool}, "boolean": {Kind: Bool},
	"smallint": {Kind: Int2}, "int2": {Kind: Int2},
	"integer": {Kind: Int4}, "int": {Kind: Int4}, "int4": {Kind: Int4},
	"bigint": {Kind: Int8}, "int8": {Kind: Int8},
	"real": {Kind: Float4}, "float4": {Kind: Float4},
	"double precision": {Kind: Float8}, "float8": {Kind: Float8}, "float": {Kind: Float8},
	"numeric": {Kind: Numeric, Precision: 18}, "decimal": {Kind: Numeric, Precision: 18}, "dec": {Kind: Numeric, Precision: 18},
	"char": {Kind: Char, Len: 1}, "character": {Kind: Char, Len: 1}, "nchar": {Kind: Char, Len: 1},
	"bpchar":  {Kind: Char, Len: 256},
	"varchar": {Kind: Varchar, Len: 256}, "character varying": {Kind: Varchar, Len: 256},
	"char varying": {Kind: Varchar, Len: 256},
	"nvarchar":     {Kind: Varchar, Len: 256}, "text": {Kind: Varchar, Len: 256},
	"date": {Kind: Date},
	"time": {Kind: Time}, "time without time zone": {Kind: Time},
	"timetz": {Kind: TimeTZ}, "time with time zone": {Kind: TimeTZ},
	"timestamp": {Kind: Timestamp}, "timestamp without time zone": {Kind: Timestamp},
	"datetime":    {Kind: Timestamp}, // r_CREATE_TABLE_NEW.md has it beside TIMESTAMP
	"timestamptz": {Kind: TimestampTZ}, "timestamp with time zone": {Kind: TimestampTZ},
	"interval year to month": {Kind: IntervalYM}, "interval year": {Kind: IntervalYM}, "interval month": {Kind: IntervalYM},
	"interval day to second": {Kind: IntervalDS}, "interval day": {Kind: IntervalDS},
	"intervaly2m": {Kind: IntervalYM}, "intervald2s": {Kind: IntervalDS},
	"super":   {Kind: Super},
	"varbyte": {Kind: Varbyte, Len: 64000}, "varbinary": {Kind: Varbyte, Len: 64000}, "binary varying": {Kind: Varbyte, Len: 64000},
	"hllsketch": {Kind: HLLSketch}, "geometry": {Kind: Geometry}, "geography": {Kind: Geography},
	"name": {Kind: Name}, "oid": {Kind: OID}, "unknown": {Kind: Unknown}, "void": {Kind: Void},
}

// ParseName is the type that a name with its modifiers stands for. The name may be
// any alias of c_Supported_data_types.md in any case, its words parted by blanks;
// a modifier of Max is the MAX keyword. The error is a *SyntaxError.
func ParseName(name string, mods []int) (Type, error) {
	key := strings.Join(strings.Fields(strings.ToLower(name)), " ")
	t, ok := names[key]
	if !ok {
		return Type{}, &SyntaxError{"42704", fmt.Sprintf("type %q does not exist", name)}
	}
	if len(mods) == 0 {
		return t, nil
	}
	bad := func(format string, args ...any) (Type, error) {
		return Type{}, &SyntaxError{"22023", fmt.Sprintf(format, args...)}
	}
	length := func(label string, limit int) (Type, error) {
		n := mods[0]
		switch {
		case len(mods) > 1:
			return bad("invalid type modifier")
		case n == Max:
			n = limit
		case n < 1:
			return bad("length for type %s must be at least 1", label)
		case n > limit:
			return bad("length for type %s cannot exceed %d", label, limit)
		}
		t.Len = int32(n)
		return t, nil
	}
	switch {
	case key == "text" || key == "bpchar":
		return bad("invalid type modifier")
	case t.Kind == Char:
		return length("char", MaxChar)
	case t.Kind == Varchar:
		return length("varchar", MaxVarchar)
	case t.Kind == Varbyte:
		return length("varbyte", MaxVarbyte)
	case t.Kind == Numeric:
		p, s := mods[0], 0
		if len(mods) > 1 {
			s = mods[1]
		}
		switch {
		case len(mods) > 2:
			return bad("invalid NUMERIC type modifier")
		case p < 1 || p > MaxPrecision:
			return bad("NUMERIC precision %d must be between 1 and %d", p, MaxPrecision)
		case s < 0 || s > p || s > MaxScale:
			return bad("NUMERIC scale %d must be between 0 and precision %d", s, p)
		}
		t.Precision, t.Scale = int16(p), int16(s)
		return t, nil
	case key == "float":
		// float(n) as in PostgreSQL: assumed.
		if len(mods) > 1 || mods[0] < 1 || mods[0] > 53 {
			return bad("precision for type float must be between 1 and 53")
		}
		if mods[0] <= 24 {
			t.Kind = Float4
		}
		return t, nil
	case len(mods) == 1 && mods[0] >= 0 && mods[0] <= 6 && t.Kind == IntervalDS:
		// A fraction's precision is accepted and not applied: assumed.
		return t, nil
	}
	return bad("type modifier is not allowed for type %q", name)
}
