package redshift

import (
	"cmp"
	"encoding/binary"
	"errors"
	"math/big"
	"math/bits"
)

// maxPrecision is the most digits of Redshift's NUMERIC.
const maxPrecision = 38

// Numeric is an exact decimal number: an unscaled integer of at most 38 digits
// and the number of digits behind the point. The zero value is 0. It is
// immutable; compare with Cmp, not with ==.
type Numeric struct {
	// The unscaled value as a two's complement of 128 bits, which hold 38
	// digits: no number needs memory of its own.
	high  int64
	low   uint64
	scale uint8
}

var errNumeric = errors.New("not a decimal number of at most 38 digits")

// NewNumeric is unscaled / 10^scale. The scale must be between 0 and 38.
func NewNumeric(unscaled int64, scale int) (Numeric, error) {
	if scale < 0 || scale > maxPrecision {
		return Numeric{}, usage("the scale of a Numeric must be between 0 and 38")
	}
	return numeric(unscaled, uint8(scale)), nil
}

func numeric(unscaled int64, scale uint8) Numeric {
	return Numeric{unscaled >> 63, uint64(unscaled), scale}
}

// numericOf is made of the amount of the unscaled value.
func numericOf(negative bool, high, low uint64, scale uint8) Numeric {
	if negative {
		var borrow uint64
		low, borrow = bits.Sub64(0, low, 0)
		high, _ = bits.Sub64(0, high, borrow)
	}
	return Numeric{int64(high), low, scale}
}

// small is the unscaled value where it fits.
func (n Numeric) small() (int64, bool) { return int64(n.low), n.high == int64(n.low)>>63 }

// amount is the unscaled value without its sign.
func (n Numeric) amount() (high, low uint64) {
	if n.high >= 0 {
		return uint64(n.high), n.low
	}
	low, borrow := bits.Sub64(0, n.low, 0)
	high, _ = bits.Sub64(0, uint64(n.high), borrow)
	return high, low
}

// NewNumericBig is unscaled / 10^scale; it copies unscaled.
func NewNumericBig(unscaled *big.Int, scale int) (Numeric, error) {
	if unscaled == nil || scale < 0 || scale > maxPrecision || digits(unscaled) > maxPrecision {
		return Numeric{}, usage("a Numeric has at most 38 digits and a scale between 0 and 38")
	}
	var b [16]byte
	unscaled.FillBytes(b[:]) // the amount
	return numericOf(unscaled.Sign() < 0, binary.BigEndian.Uint64(b[:]), binary.BigEndian.Uint64(b[8:]), uint8(scale)), nil
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
	body := s
	negative := s != "" && s[0] == '-'
	if negative || s != "" && s[0] == '+' {
		body = s[1:]
	}
	if len(body) > 19 {
		return parseLongNumeric(body, negative)
	}
	v, scale, ok := decimal(body)
	if !ok {
		return Numeric{}, errNumeric
	}
	return numericOf(negative, 0, v, uint8(scale)), nil
}

// parseLongNumeric reads what may have more digits than a uint64.
func parseLongNumeric(body string, negative bool) (Numeric, error) {
	if len(body) > 200 {
		return Numeric{}, errNumeric
	}
	var high, low uint64
	digits, point := 0, -1
	for i := range len(body) {
		c := body[i] - '0'
		if c > 9 {
			if body[i] != '.' || point >= 0 {
				return Numeric{}, errNumeric
			}
			point = i
			continue
		}
		if c > 0 || digits > 0 {
			digits++
		}
		if digits > maxPrecision {
			return Numeric{}, errNumeric
		}
		carry, product := bits.Mul64(low, 10)
		var over uint64
		low, over = bits.Add64(product, uint64(c), 0)
		high = high*10 + carry + over
	}
	scale := 0
	if point >= 0 {
		scale = len(body) - 1 - point
	}
	if scale > maxPrecision {
		return Numeric{}, errNumeric
	}
	return numericOf(negative, high, low, uint8(scale)), nil
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
	if v, ok := n.small(); ok {
		return big.NewInt(v)
	}
	high, low := n.amount()
	u := new(big.Int).SetUint64(high)
	u.Lsh(u, 64).Or(u, new(big.Int).SetUint64(low))
	if n.high < 0 {
		u.Neg(u)
	}
	return u
}

// Scale is the number of digits behind the point.
func (n Numeric) Scale() int { return int(n.scale) }

// Sign is -1, 0 or 1.
func (n Numeric) Sign() int {
	if n.high < 0 {
		return -1
	}
	return cmp.Compare(uint64(n.high)|n.low, 0)
}

// Cmp compares by value: 1.0 and 1.00 are equal.
func (n Numeric) Cmp(m Numeric) int {
	if n.scale == m.scale {
		return cmp.Or(cmp.Compare(n.high, m.high), cmp.Compare(n.low, m.low))
	}
	return n.Rat().Cmp(m.Rat())
}

// Rat is the number as a fraction; the caller owns it.
func (n Numeric) Rat() *big.Rat {
	return new(big.Rat).SetFrac(n.Unscaled(), pow10(int(n.scale)))
}

// Float64 is the nearest float64 and whether it is exact.
func (n Numeric) Float64() (float64, bool) {
	// A quotient of two exact numbers is rounded once. 10^s is 5^s·2^s, and 2^s
	// divides any float64 exactly.
	if v, ok := n.small(); ok && v < 1<<53 && v > -1<<53 && n.scale <= 22 {
		return float64(v) / tens[n.scale], v%fives[n.scale] == 0
	}
	return n.Rat().Float64()
}

// Int64 is the number where it is whole and fits.
func (n Numeric) Int64() (int64, bool) {
	if v, ok := n.small(); ok {
		if n.scale > 18 {
			return 0, v == 0
		}
		unit := fives[n.scale] << n.scale
		return v / unit, v%unit == 0
	}
	q, r := new(big.Int).QuoRem(n.Unscaled(), pow10(int(n.scale)), new(big.Int))
	return q.Int64(), r.Sign() == 0 && q.IsInt64()
}

// String writes all digits: 1.50 with a scale of 2.
func (n Numeric) String() string {
	// Of the digits, from the last to the first, there are as many as the scale
	// and one at least.
	var b [42]byte
	at, left := len(b), int(n.scale)
	high, low := n.amount()
	for first := true; first || left >= 0 || high|low != 0; first = false {
		var digit uint64
		if high == 0 {
			low, digit = low/10, low%10
		} else {
			var rest uint64
			high, rest = high/10, high%10
			low, digit = bits.Div64(rest, low, 10)
		}
		at--
		b[at] = '0' + byte(digit)
		if left--; left == 0 {
			at--
			b[at] = '.'
		}
	}
	if n.high < 0 {
		at--
		b[at] = '-'
	}
	return string(b[at:])
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
