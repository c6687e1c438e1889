package redshift

import (
	"errors"
	"math/big"
	"strconv"
	"strings"
)

// maxPrecision is the most digits of Redshift's NUMERIC.
const maxPrecision = 38

// Numeric is an exact decimal number: an unscaled integer of at most 38 digits
// and the number of digits behind the point. The zero value is 0. It is
// immutable; compare with Cmp, not with ==.
type Numeric struct {
	small int64    // the unscaled value, where big is nil
	big   *big.Int // never changed, never shared with a caller
	scale uint8
}

var errNumeric = errors.New("not a decimal number of at most 38 digits")

// NewNumeric is unscaled / 10^scale. The scale must be between 0 and 38.
func NewNumeric(unscaled int64, scale int) (Numeric, error) {
	if scale < 0 || scale > maxPrecision {
		return Numeric{}, usage("the scale of a Numeric must be between 0 and 38")
	}
	return Numeric{small: unscaled, scale: uint8(scale)}, nil
}

// NewNumericBig is unscaled / 10^scale; it copies unscaled.
func NewNumericBig(unscaled *big.Int, scale int) (Numeric, error) {
	if unscaled == nil || scale < 0 || scale > maxPrecision || digits(unscaled) > maxPrecision {
		return Numeric{}, usage("a Numeric has at most 38 digits and a scale between 0 and 38")
	}
	if unscaled.IsInt64() {
		return Numeric{small: unscaled.Int64(), scale: uint8(scale)}, nil
	}
	return Numeric{big: new(big.Int).Set(unscaled), scale: uint8(scale)}, nil
}

// ParseNumeric reads a decimal number like -12.340; the scale is what stands
// behind the point. There are no exponents.
func ParseNumeric(s string) (Numeric, error) {
	n, err := parseNumeric(s)
	if err != nil {
		return Numeric{}, usage("%v", err)
	}
	return n, nil
}

// NumericOf reads a number that must fit NUMERIC(precision, scale) exactly; the
// result has that scale.
func NumericOf(value string, precision, scale int) (Numeric, error) {
	if precision < 1 || precision > maxPrecision || scale < 0 || scale > precision {
		return Numeric{}, usage("NUMERIC(%d,%d) is not a type: the precision is 1 to 38, the scale 0 to the precision", precision, scale)
	}
	n, err := parseNumeric(value)
	if err != nil {
		return Numeric{}, usage("%v", err)
	}
	u := n.Unscaled()
	for int(n.scale) > scale {
		q, r := new(big.Int).QuoRem(u, big.NewInt(10), new(big.Int))
		if r.Sign() != 0 {
			return Numeric{}, usage("the number has more than %d digits behind the point", scale)
		}
		u, n.scale = q, n.scale-1
	}
	u.Mul(u, pow10(scale-int(n.scale)))
	if digits(u) > precision {
		return Numeric{}, usage("the number does not fit NUMERIC(%d,%d)", precision, scale)
	}
	return NewNumericBig(u, scale)
}

func parseNumeric(s string) (Numeric, error) {
	body := strings.TrimLeft(s, "+-")
	if len(s)-len(body) > 1 || body == "" || len(body) > 200 {
		return Numeric{}, errNumeric
	}
	whole, frac, point := strings.Cut(body, ".")
	if whole == "" && frac == "" || point && strings.Contains(frac, ".") || len(frac) > maxPrecision {
		return Numeric{}, errNumeric
	}
	all := whole + frac
	for _, c := range []byte(all) {
		if c < '0' || c > '9' {
			return Numeric{}, errNumeric
		}
	}
	if s[0] == '-' {
		all = "-" + all
	}
	n := Numeric{scale: uint8(len(frac))}
	if v, err := strconv.ParseInt(all, 10, 64); err == nil {
		n.small = v
		return n, nil
	}
	b, ok := new(big.Int).SetString(all, 10)
	if !ok || digits(b) > maxPrecision {
		return Numeric{}, errNumeric
	}
	if b.IsInt64() {
		n.small = b.Int64()
	} else {
		n.big = b
	}
	return n, nil
}

func digits(b *big.Int) int {
	if b.Sign() == 0 {
		return 1
	}
	return len(new(big.Int).Abs(b).String())
}

func pow10(n int) *big.Int {
	return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil)
}

// Unscaled is the number times 10^Scale; the caller owns it.
func (n Numeric) Unscaled() *big.Int {
	if n.big != nil {
		return new(big.Int).Set(n.big)
	}
	return big.NewInt(n.small)
}

// Scale is the number of digits behind the point.
func (n Numeric) Scale() int { return int(n.scale) }

// Sign is -1, 0 or 1.
func (n Numeric) Sign() int { return n.Unscaled().Sign() }

// Cmp compares by value: 1.0 and 1.00 are equal.
func (n Numeric) Cmp(m Numeric) int { return n.Rat().Cmp(m.Rat()) }

// Rat is the number as a fraction; the caller owns it.
func (n Numeric) Rat() *big.Rat {
	return new(big.Rat).SetFrac(n.Unscaled(), pow10(int(n.scale)))
}

// Float64 is the nearest float64 and whether it is exact.
func (n Numeric) Float64() (float64, bool) { return n.Rat().Float64() }

// Int64 is the number where it is whole and fits.
func (n Numeric) Int64() (int64, bool) {
	q, r := new(big.Int).QuoRem(n.Unscaled(), pow10(int(n.scale)), new(big.Int))
	return q.Int64(), r.Sign() == 0 && q.IsInt64()
}

// String writes all digits: 1.50 with a scale of 2.
func (n Numeric) String() string {
	s := n.Unscaled().String()
	if n.scale == 0 {
		return s
	}
	sign := ""
	if s[0] == '-' {
		sign, s = "-", s[1:]
	}
	if pad := int(n.scale) + 1 - len(s); pad > 0 {
		s = strings.Repeat("0", pad) + s
	}
	at := len(s) - int(n.scale)
	return sign + s[:at] + "." + s[at:]
}

// MarshalText implements encoding.TextMarshaler.
func (n Numeric) MarshalText() ([]byte, error) { return []byte(n.String()), nil }

// MarshalJSON writes a JSON number with all digits.
func (n Numeric) MarshalJSON() ([]byte, error) { return []byte(n.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (n *Numeric) UnmarshalText(b []byte) (err error) {
	*n, err = ParseNumeric(string(b))
	return err
}
