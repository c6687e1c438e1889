package rstype

// implicit holds the targets of each kind (c_Supported_data_types.md, "Implicit
// conversion types"); a kind always converts to itself.
var implicit = map[Kind][]Kind{
	Bool:        {Char, Varchar, Int2, Int4, Int8},
	Int2:        {Bool, Int4, Int8, Numeric, Float4, Float8, Char, Varchar},
	Int4:        {Bool, Int2, Int8, Numeric, Float4, Float8, Char, Varchar},
	Int8:        {Bool, Int2, Int4, Numeric, Float4, Float8, Char, Varchar},
	Numeric:     {Int2, Int4, Int8, Float4, Float8, Char, Varchar},
	Float4:      {Int2, Int4, Int8, Numeric, Float8, Char, Varchar},
	Float8:      {Int2, Int4, Int8, Numeric, Float4, Char, Varchar},
	Char:        {Varchar, Name},
	Varchar:     {Char, Name},
	Name:        {Char, Varchar},
	Date:        {Char, Varchar, Timestamp, TimestampTZ},
	Time:        {Varchar, TimeTZ},
	TimeTZ:      {Varchar, Time},
	Timestamp:   {Char, Varchar, Date, TimestampTZ, Time},
	TimestampTZ: {Char, Varchar, Date, Timestamp, TimeTZ},
	OID:         {Int8, Int4},
	Geometry:    {Geography},
	Geography:   {Geometry},
}

// CanImplicit tells whether a value of from is converted to the kind of to without
// a written cast. An untyped literal becomes any type; VARBYTE becomes none.
func CanImplicit(from, to Type) bool {
	if from.Kind == to.Kind || from.Kind == Unknown {
		return true
	}
	for _, k := range implicit[from.Kind] {
		if k == to.Kind {
			return true
		}
	}
	return false
}

func rank(k Kind) int {
	switch k {
	case Int2:
		return 1
	case Int4:
		return 2
	case Int8, OID:
		return 3
	case Numeric:
		return 4
	case Float4:
		return 5
	case Float8:
		return 6
	}
	return 0
}

// AsNumeric is the NUMERIC that holds every value of an integer type, and t itself
// if it is NUMERIC; ok is false for other types.
func AsNumeric(t Type) (n Type, ok bool) {
	switch t.Kind {
	case Numeric:
		if t.Precision == 0 {
			t.Precision = 18
		}
		return t, true
	case Int2:
		return Type{Kind: Numeric, Precision: 5}, true
	case Int4:
		return Type{Kind: Numeric, Precision: 10}, true
	case Int8, OID:
		return Type{Kind: Numeric, Precision: 19}, true
	}
	return Type{}, false
}

// Common is the type of CASE, COALESCE and set operations over a and b; ok is false
// when they cannot be matched. Two untyped sides stay Unknown.
func Common(a, b Type) (t Type, ok bool) {
	switch {
	case a == b || b.Kind == Unknown:
		return a, true
	case a.Kind == Unknown:
		return b, true
	}
	if ra, rb := rank(a.Kind), rank(b.Kind); ra > 0 && rb > 0 {
		switch {
		case ra > 4 || rb > 4:
			if ra != rb && min(ra, rb) != 1 {
				return Type{Kind: Float8}, true // assumed: float4 with a wider number
			}
			if ra > rb {
				return a, true
			}
			return b, true
		case ra < 4 && rb < 4:
			if ra >= rb {
				return a, true
			}
			return b, true
		}
		x, _ := AsNumeric(a)
		y, _ := AsNumeric(b)
		scale := max(x.Scale, y.Scale)
		whole := max(x.Precision-x.Scale, y.Precision-y.Scale)
		return capped(whole+scale, scale), true
	}
	text := func(k Kind) bool { return k == Char || k == Varchar || k == Name }
	if text(a.Kind) && text(b.Kind) {
		t = Type{Kind: Varchar}
		if a.Kind == Char && b.Kind == Char {
			t.Kind = Char
		}
		if a.Len > 0 && b.Len > 0 {
			t.Len = max(a.Len, b.Len)
		}
		return t, true
	}
	if a.Kind == b.Kind {
		if a.Len == 0 || b.Len > a.Len && b.Len > 0 {
			return b, true
		}
		return a, true
	}
	pair := func(x, y Kind) bool { return a.Kind == x && b.Kind == y || a.Kind == y && b.Kind == x }
	switch {
	case pair(Date, Timestamp):
		return Type{Kind: Timestamp}, true
	case pair(Date, TimestampTZ), pair(Timestamp, TimestampTZ):
		return Type{Kind: TimestampTZ}, true
	case pair(Time, TimeTZ):
		return Type{Kind: TimeTZ}, true
	case a.Kind == Super && b.Kind != Varbyte && b.Kind < Super, b.Kind == Super && a.Kind != Varbyte && a.Kind < Super:
		return Type{Kind: Super}, true // assumed
	}
	return Type{}, false
}
