package redshift

import (
	"math"
	"math/bits"
	"strconv"
	"strings"
	"unsafe"
)

// view is b as a string without a copy. It lives as long as b is not changed:
// a parser may read it, no result may keep it.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// pair is the number in the two digits at s[i:], above 99 where they are none.
func pair(s string, i int) int {
	a, b := s[i]-'0', s[i+1]-'0'
	if a > 9 || b > 9 {
		return math.MaxInt
	}
	return int(a)*10 + int(b)
}

// number reads digits alone.
func number(s string) (int, bool) {
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return 0, false
		}
	}
	n, err := strconv.Atoi(s)
	return n, err == nil
}

// parseInt reads an integer of so many bits.
func parseInt(s string, bits int) (int64, error) {
	digits, negative := s, false
	if s != "" && (s[0] == '-' || s[0] == '+') {
		digits, negative = s[1:], s[0] == '-'
	}
	// 18 digits are always an int64.
	if len(digits) == 0 || len(digits) > 18 {
		n, err := strconv.ParseInt(s, 10, bits)
		if err != nil {
			return 0, errInt
		}
		return n, nil
	}
	var n int64
	for i := range len(digits) {
		c := digits[i] - '0'
		if c > 9 {
			return 0, errInt
		}
		n = n*10 + int64(c)
	}
	if negative {
		n = -n
	}
	if shift := 64 - bits; n<<shift>>shift != n {
		return 0, errInt
	}
	return n, nil
}

// parseFloat reads decimal floating point and the names of what is not finite,
// but not the hexadecimal numbers and the underscores of Go.
func parseFloat(s string, size int) (float64, error) {
	body := s
	if s != "" && (s[0] == '-' || s[0] == '+') {
		body = s[1:]
	}
	if len(body) > 1 && body[1]|0x20 == 'x' || strings.IndexByte(s, '_') >= 0 {
		return 0, errFloat
	}
	// 19 digits are a uint64, and a 20th byte is the point.
	if size == 64 && len(body) <= 20 {
		v, scale, ok := decimal(body)
		if ok && scale <= 18 && (scale > 0 || len(body) < 20) {
			f := quotient(v, scale)
			if s[0] == '-' {
				f = -f
			}
			return f, nil
		}
	}
	f, err := strconv.ParseFloat(s, size)
	if err != nil {
		return 0, errFloat
	}
	return f, nil
}

// quotient is v/10^scale, rounded once; the scale is up to 18.
func quotient(v uint64, scale int) float64 {
	if v < 1<<53 {
		return float64(v) / tens[scale] // both are exact
	}
	divisor := uint64(fives[scale]) << scale
	left, leftOf := bits.LeadingZeros64(v), bits.LeadingZeros64(divisor)
	v, divisor = v<<left, divisor<<leftOf
	// Of the quotient times 2^63, which has 63 bits at least, 53 remain; a
	// remainder counts in the last of the others.
	q, r := bits.Div64(v>>1, v<<63, divisor)
	if r != 0 {
		q |= 1
	}
	power := leftOf - left - 63
	return float64(q) * math.Float64frombits(uint64(1023+power)<<52)
}

// tens and fives are the powers that a float64 and an int64 hold.
var tens, fives = func() (t [23]float64, f [23]int64) {
	t[0], f[0] = 1, 1
	for i := 1; i < len(t); i++ {
		t[i], f[i] = t[i-1]*10, f[i-1]*5
	}
	return t, f
}()

// decimal reads digits with at most one point, which alone is no number. 19
// digits hold no more than a uint64 does; of more, v is not the value.
func decimal(s string) (v uint64, scale int, ok bool) {
	point := -1
	for i := range len(s) {
		c := s[i] - '0'
		if c <= 9 {
			v = v*10 + uint64(c)
			continue
		}
		if s[i] != '.' || point >= 0 {
			return 0, 0, false
		}
		point = i
	}
	if point >= 0 {
		scale = len(s) - 1 - point
		return v, scale, len(s) > 1
	}
	return v, 0, s != ""
}
