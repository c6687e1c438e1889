package rstype

// capped keeps precision within 38 digits, giving up digits of the scale but not
// below the scale that the rules ask for, as quotients do (Computations with numeric
// values).
func capped(precision, scale int16) Type {
	if over := precision - MaxPrecision; over > 0 {
		precision = MaxPrecision
		scale = max(scale-over, min(scale, 4))
	}
	return Type{Kind: Numeric, Precision: precision, Scale: min(scale, MaxScale)}
}

// kept keeps precision within 38 digits and the scale as it is. The documents give
// up digits of a quotient's scale alone; a product that does not fit is "128 bit
// numeric data overflow (multiplication)" (assumed for sums, too).
func kept(precision, scale int16) Type {
	return Type{Kind: Numeric, Precision: min(precision, MaxPrecision), Scale: min(scale, MaxScale)}
}

// Arith is the type of `a op b` for op one of + - * / %. Two integers give the wider
// integer, an integer beside a NUMERIC counts as NUMERIC, a float makes the result
// DOUBLE PRECISION (two REALs stay REAL). ok is false when either is not a number.
// The digits of a NUMERIC follow "Computations with numeric values".
func Arith(op byte, a, b Type) (t Type, ok bool) {
	ra, rb := rank(a.Kind), rank(b.Kind)
	switch {
	case ra == 0 || rb == 0:
		return Type{}, false
	case ra > 4 || rb > 4:
		if a.Kind == Float4 && b.Kind == Float4 {
			return a, true
		}
		return Type{Kind: Float8}, true
	case ra < 4 && rb < 4:
		if ra >= rb {
			return a, true
		}
		return b, true
	}
	x, _ := AsNumeric(a)
	y, _ := AsNumeric(b)
	p1, s1, p2, s2 := x.Precision, x.Scale, y.Precision, y.Scale
	switch op {
	case '+', '-':
		scale := max(s1, s2)
		return kept(max(p1-s1, p2-s2)+scale+1, scale), true
	case '*':
		return kept(p1+p2+1, s1+s2), true
	case '/':
		scale := max(4, s1+p2-s2+1)
		return capped(p1-s1+s2+scale, scale), true
	case '%':
		scale := max(s1, s2) // assumed: a remainder fits the wider operand
		return kept(max(p1-s1, p2-s2)+scale, scale), true
	}
	return Type{}, false
}
