package dynamodoor

import (
	"strconv"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/awsjson"
)

// number is a Number apart: 0.digits × 10^exponent, digits without zeros at
// either end, none for zero.
type number struct {
	negative bool
	digits   string
	exponent int
}

// The range of a Number (HowItWorks.NamingRulesDataTypes): 38 digits of
// precision, magnitudes of 1E-130 to 9.99…E+125.
const (
	maxDigits   = 38
	maxExponent = 126
	minExponent = -129
)

func invalid(format string, args ...any) *awsjson.Error {
	return awsjson.Errorf("ValidationException", format, args...)
}

func parseNumber(text string) (number, error) {
	wrong := invalid("The parameter cannot be converted to a numeric value: %s", text)
	rest := strings.TrimSpace(text)
	var n number
	if rest != "" && (rest[0] == '-' || rest[0] == '+') {
		n.negative = rest[0] == '-'
		rest = rest[1:]
	}
	if i := strings.IndexAny(rest, "eE"); i >= 0 {
		e, err := strconv.Atoi(rest[i+1:])
		if err != nil || e > 1000 || e < -1000 {
			return number{}, wrong
		}
		n.exponent, rest = e, rest[:i]
	}
	whole, fraction, _ := strings.Cut(rest, ".")
	digits := whole + fraction
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return number{}, wrong
	}
	n.exponent += len(whole)
	trimmed := strings.TrimLeft(digits, "0")
	n.exponent -= len(digits) - len(trimmed)
	n.digits = strings.TrimRight(trimmed, "0")
	switch {
	case n.digits == "":
		return number{}, nil
	case len(n.digits) > maxDigits:
		return number{}, invalid("Attempting to store more than 38 significant digits in a Number")
	case n.exponent > maxExponent:
		return number{}, invalid("Number overflow. Attempting to store a number with magnitude larger than supported range")
	case n.exponent < minExponent:
		return number{}, invalid("Number underflow. Attempting to store a number with magnitude smaller than supported range")
	}
	return n, nil
}

// String is the number in full, without an exponent.
func (n number) String() string {
	if n.digits == "" {
		return "0"
	}
	var text string
	switch {
	case n.exponent <= 0:
		text = "0." + strings.Repeat("0", -n.exponent) + n.digits
	case n.exponent >= len(n.digits):
		text = n.digits + strings.Repeat("0", n.exponent-len(n.digits))
	default:
		text = n.digits[:n.exponent] + "." + n.digits[n.exponent:]
	}
	if n.negative {
		text = "-" + text
	}
	return text
}

func (n number) sign() int {
	switch {
	case n.digits == "":
		return 0
	case n.negative:
		return -1
	}
	return 1
}

// compare orders numbers by value.
func (n number) compare(o number) int {
	s := n.sign()
	if d := s - o.sign(); d != 0 || s == 0 {
		return d
	}
	if d := n.exponent - o.exponent; d != 0 {
		return d * s
	}
	return strings.Compare(n.digits, o.digits) * s
}

// size is what a Number takes in an item's size: half a byte a digit, a byte, and
// one more below zero (CapacityUnitCalculations).
func (n number) size() int {
	size := (len(n.digits)+1)/2 + 1
	if n.negative {
		size++
	}
	return size
}
