package rstype

import "testing"

func TestParseName(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		mods []int
		want string // a type, or "!" and the message
		duck string
	}{
		{"VARCHAR", nil, "character varying(256)", "VARCHAR"},
		{"varchar", []int{Max}, "character varying(65535)", "VARCHAR"},
		{"varchar", []int{65536}, "!length for type varchar cannot exceed 65535", ""},
		{"Character  Varying", []int{20}, "character varying(20)", "VARCHAR"},
		{"char", []int{Max}, "character(4096)", "VARCHAR"},
		{"char", []int{0}, "!length for type char must be at least 1", ""},
		{"bpchar", nil, "character(256)", "VARCHAR"},
		{"text", nil, "character varying(256)", "VARCHAR"},
		{"decimal", nil, "numeric(18,0)", "DECIMAL(18,0)"},
		{"numeric", []int{38, 37}, "numeric(38,37)", "DECIMAL(38,37)"},
		{"numeric", []int{39, 0}, "!NUMERIC precision 39 must be between 1 and 38", ""},
		{"numeric", []int{5, 6}, "!NUMERIC scale 6 must be between 0 and precision 5", ""},
		{"varbyte", nil, "binary varying(64000)", "BLOB"},
		{"float", []int{10}, "real", "FLOAT"},
		{"float", nil, "double precision", "DOUBLE"},
		{"int", []int{3}, `!type modifier is not allowed for type "int"`, ""},
		{"timestamp with time zone", nil, "timestamp with time zone", "TIMESTAMPTZ"},
		{"interval day to second", []int{3}, "interval day to second", "INTERVAL"},
		{"super", nil, "super", "VARCHAR"},
		{"json", nil, `!type "json" does not exist`, ""},
	} {
		got, err := ParseName(c.name, c.mods)
		if err != nil {
			if "!"+err.Error() != c.want {
				t.Errorf("%s%v: %v, want %s", c.name, c.mods, err, c.want)
			}
			continue
		}
		if got.String() != c.want || got.DuckDB() != c.duck {
			t.Errorf("%s%v: %s %s", c.name, c.mods, got, got.DuckDB())
		}
		if back := FromOID(got.OID(), got.Typmod()); back != got {
			t.Errorf("%s: FromOID gives %v", got, back)
		}
	}
}

func num(p, s int16) Type { return Type{Kind: Numeric, Precision: p, Scale: s} }

func TestArith(t *testing.T) {
	t.Parallel()
	i2, i4, i8 := Type{Kind: Int2}, Type{Kind: Int4}, Type{Kind: Int8}
	for _, c := range []struct {
		op         byte
		a, b, want Type
	}{
		{'/', i4, i4, i4},
		{'+', i2, i8, i8},
		{'+', num(10, 2), num(8, 4), num(13, 4)},
		{'*', num(10, 2), num(8, 4), num(19, 6)},
		{'/', num(10, 2), num(8, 4), num(19, 7)},
		{'*', num(38, 10), num(38, 10), num(38, 20)},
		{'*', num(26, 4), num(13, 2), num(38, 6)},
		{'+', num(38, 6), num(38, 6), num(38, 6)},
		{'/', num(38, 10), num(38, 2), num(38, 8)},
		{'+', num(38, 0), num(38, 0), num(38, 0)},
		{'+', num(18, 2), Type{Kind: Float4}, Type{Kind: Float8}},
		{'+', i4, num(18, 2), num(19, 2)},
	} {
		if got, ok := Arith(c.op, c.a, c.b); !ok || got != c.want {
			t.Errorf("%v %c %v = %v, want %v", c.a, c.op, c.b, got, c.want)
		}
	}
	if _, ok := Arith('+', i4, Type{Kind: Varchar}); ok {
		t.Error("integer + varchar has a type")
	}
}

func TestCommonAndImplicit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b, want Type
		ok         bool
	}{
		{Type{Kind: Int4}, Type{Kind: Int8}, Type{Kind: Int8}, true},
		{Type{Kind: Int4}, num(5, 2), num(12, 2), true},
		{Type{Kind: Char, Len: 3}, Type{Kind: Varchar, Len: 9}, Type{Kind: Varchar, Len: 9}, true},
		{Type{Kind: Unknown}, Type{Kind: Date}, Type{Kind: Date}, true},
		{Type{Kind: Date}, Type{Kind: TimestampTZ}, Type{Kind: TimestampTZ}, true},
		{Type{Kind: Bool}, Type{Kind: Date}, Type{}, false},
		{Type{Kind: Varbyte, Len: 4}, Type{Kind: Varchar, Len: 4}, Type{}, false},
	} {
		for _, p := range [][2]Type{{c.a, c.b}, {c.b, c.a}} {
			if got, ok := Common(p[0], p[1]); ok != c.ok || got != c.want {
				t.Errorf("Common(%v, %v) = %v %v", p[0], p[1], got, ok)
			}
		}
	}
	if CanImplicit(num(18, 0), Type{Kind: Bool}) || CanImplicit(Type{Kind: Varbyte}, Type{Kind: Varchar}) {
		t.Error("a cast that Redshift refuses")
	}
	if !CanImplicit(Type{Kind: Timestamp}, Type{Kind: Date}) {
		t.Error("timestamp does not become date")
	}
}
