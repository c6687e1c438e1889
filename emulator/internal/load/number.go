package load

import (
	"bytes"
	"fmt"
	"math"
	"math/bits"
	"strconv"

	"github.com/llm-dev-ops/redshift/emulator/internal/engine"
	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
)

// The names that err_reason gives to types; Integer is in the documents, the others
// are made after it (assumed).
func reasonType(k rstype.Kind) string {
	switch k {
	case rstype.Int2:
		return "Short"
	case rstype.Int4:
		return "Integer"
	case rstype.Int8:
		return "Long"
	case rstype.Float4:
		return "Float"
	case rstype.Float8:
		return "Double"
	default:
		return "Decimal"
	}
}

// badDigit has the text of SYS_LOAD_ERROR_DETAIL's example.
func badDigit(code int32, s []byte, at int, k rstype.Kind) *refusal {
	value := ""
	if at < len(s) {
		value = string(s[at : at+1])
	}
	return refuse(code, fmt.Sprintf("Invalid digit, Value '%s', Pos %d, Type: %s", value, at, reasonType(k)))
}

func overflow(code int32, k rstype.Kind) *refusal {
	return refuse(code, "Overflow, Column type: "+reasonType(k))
}

// parseInteger reads a SMALLINT, INTEGER or BIGINT without blanks around it.
func parseInteger(dst *engine.Value, s []byte, k rstype.Kind) *refusal {
	low, high := int64(math.MinInt64), int64(math.MaxInt64)
	switch k {
	case rstype.Int2:
		low, high = math.MinInt16, math.MaxInt16
	case rstype.Int4:
		low, high = math.MinInt32, math.MaxInt32
	}
	i, negative := 0, false
	if len(s) > 0 && (s[0] == '-' || s[0] == '+') {
		negative, i = s[0] == '-', 1
	}
	if i == len(s) {
		return badDigit(codeDigit, s, i, k)
	}
	var n int64 // counts downwards: the lowest has no positive
	over := false
	for ; i < len(s); i++ {
		d := int64(s[i]) - '0'
		if d < 0 || d > 9 {
			return badDigit(codeDigit, s, i, k)
		}
		if n < (math.MinInt64+d)/10 {
			over = true
			continue
		}
		n = n*10 - d
	}
	if !negative {
		if n == math.MinInt64 {
			over = true
		}
		n = -n
	}
	if over || n < low || n > high {
		return overflow(codeOverflow, k)
	}
	*dst = engine.Int64(n)
	return nil
}

// uint128 is the unscaled value of a NUMERIC without its sign.
type uint128 struct{ high, low uint64 }

// shift is 10v+d.
func (v uint128) shift(d uint64) uint128 {
	high, low := bits.Mul64(v.low, 10)
	low, carry := bits.Add64(low, d, 0)
	return uint128{v.high*10 + high + carry, low}
}

func (v uint128) less(o uint128) bool {
	return v.high < o.high || v.high == o.high && v.low < o.low
}

// powers are those of ten up to 10^38, which a signed 128-bit integer still holds.
var powers = func() (p [rstype.MaxPrecision + 1]uint128) {
	p[0] = uint128{low: 1}
	for i := 1; i < len(p); i++ {
		p[i] = p[i-1].shift(0)
	}
	return p
}()

// parseNumeric reads a NUMERIC exactly. Digits behind the scale are cut off or, with
// ROUNDEC, rounded half up. An exponent is read in numbers of JSON alone.
func parseNumeric(dst *engine.Value, s []byte, t rstype.Type, round, exponent bool) *refusal {
	precision, scale := int(t.Precision), int(t.Scale)
	if precision == 0 {
		precision, scale = 18, 0
	}
	i, negative := 0, false
	if len(s) > 0 && (s[0] == '-' || s[0] == '+') {
		negative, i = s[0] == '-', 1
	}
	begin := i
	point, end := -1, len(s)
	power := 0
	for ; i < len(s); i++ {
		if c := s[i]; c >= '0' && c <= '9' {
			continue
		} else if c == '.' && point < 0 {
			point = i
		} else if exponent && (c == 'e' || c == 'E') {
			n, err := strconv.Atoi(string(s[i+1:]))
			if err != nil || len(s)-i > 6 {
				return badDigit(codeDecimal, s, i, t.Kind)
			}
			power, end = n, i
			break
		} else {
			return badDigit(codeDigit, s, i, t.Kind)
		}
	}
	whole, fraction := s[begin:end], []byte(nil)
	if point >= 0 {
		whole, fraction = s[begin:point], s[point+1:end]
	}
	if len(whole)+len(fraction) == 0 {
		return refuse(codeDecimal, "Invalid DECIMAL value")
	}
	// digit gives the digit of weight 10^w.
	digit := func(w int) uint64 {
		w -= power
		switch {
		case w >= 0 && w < len(whole):
			return uint64(whole[len(whole)-1-w] - '0')
		case w < 0 && -w <= len(fraction):
			return uint64(fraction[-w-1] - '0')
		}
		return 0
	}
	var v uint128
	if power == 0 && len(whole) <= 18-scale && scale <= 18 {
		var n uint64
		for _, c := range whole {
			n = n*10 + uint64(c-'0')
		}
		for w := range scale {
			n *= 10
			if w < len(fraction) {
				n += uint64(fraction[w] - '0')
			}
		}
		v.low = n
	} else {
		top := len(whole) + power - 1
		for top >= precision-scale && digit(top) == 0 {
			top--
		}
		if top >= precision-scale {
			return overflow(codeRange, t.Kind)
		}
		for w := min(top, precision-scale-1); w >= -scale; w-- {
			v = v.shift(digit(w))
		}
	}
	if round && digit(-scale-1) >= 5 {
		var carry uint64
		v.low, carry = bits.Add64(v.low, 1, 0)
		v.high += carry
	}
	if !v.less(powers[precision]) {
		return overflow(codeRange, t.Kind)
	}
	high, low := v.high, v.low
	if negative {
		var borrow uint64
		low, borrow = bits.Sub64(0, low, 0)
		high, _ = bits.Sub64(0, high, borrow)
	}
	*dst = engine.Int128(int64(high), low)
	return nil
}

// parseFloat reads a REAL or DOUBLE PRECISION, NaN and Infinity with them.
func parseFloat(dst *engine.Value, s []byte, k rstype.Kind) *refusal {
	for i, c := range s {
		if c >= '0' && c <= '9' || c == '.' || c == '-' || c == '+' || (c == 'e' || c == 'E') && i > 0 {
			continue
		}
		word := bytes.ToLower(bytes.TrimLeft(s, "+-"))
		if string(word) == "nan" || string(word) == "inf" || string(word) == "infinity" {
			break
		}
		return badDigit(codeFloat, s, i, k)
	}
	size := 64
	if k == rstype.Float4 {
		size = 32
	}
	v, err := strconv.ParseFloat(borrow(s), size)
	if err != nil {
		if math.IsInf(v, 0) {
			return overflow(codeRange, k)
		}
		return refuse(codeFloat, "Invalid "+reasonType(k)+" value")
	}
	*dst = engine.Float64(v)
	return nil
}
