package scalar

import (
	"math/big"
	"strings"
)

// numberText is TO_CHAR of a number: the number's text and the format
// (r_Numeric_formating.md).
func numberText(args []string) (string, bool, error) {
	text := args[0]
	if len(text) > 400 {
		return "", false, errTooLong
	}
	r, ok := new(big.Rat).SetString(text)
	if !ok { // NaN and Infinity
		return text, true, nil
	}
	return parseNumberFormat(args[1]).write(r), true, nil
}

// numberFormat is a parsed format. items are its tokens: 9 and 0, a point, a comma,
// the signs in their places, and everything else as itself.
type numberFormat struct {
	items []string
	// whole and fraction count the digits, zero is the place of the first 0 among
	// those of the whole, -1 for none, and keep is behind the last 0 of the fraction.
	whole, fraction, zero, keep int
	fill, bracket, lead, trail  bool
	roman                       string
	// own: a sign has a place of its own.
	own bool
}

// numberTokens are the tokens of more than one letter, and those of one that have
// another name.
var numberTokens = []string{"FM", "PR", "MI", "PL", "SG", "RN", "TH", "S", "L", "D", "G", ".", ",", "9", "0"}

func parseNumberFormat(format string) *numberFormat {
	f := &numberFormat{zero: -1}
	point := false
	for rest := format; rest != ""; {
		token := ""
		for _, t := range numberTokens {
			if len(rest) >= len(t) && strings.EqualFold(rest[:len(t)], t) {
				token = t
				break
			}
		}
		n := max(len(token), 1)
		written := rest[:n]
		rest = rest[n:]
		if token == "" && written == `"` {
			text, tail, _ := strings.Cut(rest, `"`)
			f.items = append(f.items, "'"+text)
			rest = tail
			continue
		}
		switch token {
		case "FM":
			f.fill = true
		case "PR":
			f.bracket = true
		case "RN":
			f.roman = written
		case "S":
			if f.whole+f.fraction == 0 {
				f.lead = true
			} else {
				f.trail = true
			}
		case "MI", "SG":
			f.own = true
			f.items = append(f.items, token)
		case "PL":
			f.items = append(f.items, token)
		case "TH":
			f.items = append(f.items, written)
		case "L":
			f.items = append(f.items, "'$")
		case "D", ".":
			if !point {
				point = true
				f.items = append(f.items, ".")
			}
		case "G", ",":
			f.items = append(f.items, ",")
		case "9", "0":
			if point {
				if f.fraction++; token == "0" {
					f.keep = f.fraction
				}
			} else {
				if token == "0" && f.zero < 0 {
					f.zero = f.whole
				}
				f.whole++
			}
			f.items = append(f.items, token)
		default:
			f.items = append(f.items, "'"+written)
		}
	}
	return f
}

// rounded is a number with so many digits behind the point, halves away from zero:
// its digits before and behind it.
func rounded(r *big.Rat, scale int) (whole, fraction string) {
	abs := new(big.Rat).Abs(r)
	abs.Mul(abs, new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil)))
	abs.Add(abs, big.NewRat(1, 2))
	digits := new(big.Int).Quo(abs.Num(), abs.Denom()).String()
	if len(digits) <= scale {
		digits = strings.Repeat("0", scale-len(digits)+1) + digits
	}
	return digits[:len(digits)-scale], digits[len(digits)-scale:]
}

func (f *numberFormat) write(r *big.Rat) string {
	negative := r.Sign() < 0
	if f.roman != "" {
		return f.romanText(r)
	}
	whole, fraction := rounded(r, f.fraction)
	if strings.Trim(whole+fraction, "0") == "" {
		negative = false
	}
	digits := whole
	if whole == "0" && f.fraction > 0 && f.zero < 0 {
		whole = "" // as PostgreSQL has it
	}
	over := len(whole) > f.whole
	kept := len(fraction)
	if f.fill {
		kept = max(f.keep, len(strings.TrimRight(fraction, "0")))
	}
	var out strings.Builder
	place, behind, started, point := 0, 0, false, false
	begin := func() {
		if !started {
			started = true
			out.WriteString(f.sign(negative))
		}
	}
	for _, item := range f.items {
		switch item {
		case "9", "0":
			switch i := place - (f.whole - len(whole)); {
			case point:
				if behind++; over {
					out.WriteByte('#')
				} else if behind <= kept {
					out.WriteByte(fraction[behind-1])
				}
				continue
			case over:
				begin()
				out.WriteByte('#')
			case i >= 0:
				begin()
				out.WriteByte(whole[i])
			case f.zero >= 0 && place >= f.zero:
				begin()
				out.WriteByte('0')
			case !f.fill:
				out.WriteByte(' ')
			}
			place++
		case ",":
			if started {
				out.WriteByte(',')
			} else if !f.fill {
				out.WriteByte(' ')
			}
		case ".":
			begin()
			point = true
			out.WriteByte('.')
		case "MI":
			out.WriteString(f.mark(negative, "-", " "))
		case "PL":
			out.WriteString(f.mark(!negative, "+", " "))
		case "SG":
			out.WriteString(map[bool]string{true: "-", false: "+"}[negative])
		default:
			switch {
			case item[0] == '\'':
				out.WriteString(item[1:])
			case !negative && f.fraction == 0: // TH
				out.WriteString(ordinal(digits, item))
			}
		}
	}
	if f.trail {
		out.WriteString(map[bool]string{true: "-", false: "+"}[negative])
	}
	if f.bracket {
		out.WriteString(f.mark(negative, ">", " "))
	}
	return out.String()
}

// mark is a sign that stands where it is written.
func (f *numberFormat) mark(shown bool, sign, none string) string {
	switch {
	case shown:
		return sign
	case f.fill:
		return ""
	}
	return none
}

// sign is what stands before the first digit.
func (f *numberFormat) sign(negative bool) string {
	switch {
	case f.bracket:
		return f.mark(negative, "<", " ")
	case f.lead:
		return map[bool]string{true: "-", false: "+"}[negative]
	case f.trail || f.own:
		return ""
	}
	return f.mark(negative, "-", " ")
}

// ordinal is the ending of an English ordinal, in the case of TH.
func ordinal(digits, written string) string {
	ending := "th"
	if len(digits) < 2 || digits[len(digits)-2] != '1' {
		switch digits[len(digits)-1] {
		case '1':
			ending = "st"
		case '2':
			ending = "nd"
		case '3':
			ending = "rd"
		}
	}
	if written[0] == 'T' {
		return strings.ToUpper(ending)
	}
	return ending
}

// romanText is the number of RN in fifteen places, for numbers from 1 to 3999.
func (f *numberFormat) romanText(r *big.Rat) string {
	whole, _ := rounded(r, 0)
	text := ""
	if n := len(whole); r.Sign() <= 0 || n > 4 || n == 4 && whole[0] > '3' || whole == "0" {
		text = strings.Repeat("#", 15)
	} else {
		for i := range n {
			text += romanDigit(whole[i], n-1-i)
		}
	}
	if f.roman[0] == 'r' {
		text = strings.ToLower(text)
	}
	if f.fill {
		return text
	}
	return strings.Repeat(" ", max(15-len(text), 0)) + text
}

func romanDigit(digit byte, power int) string {
	const letters = "IVXLCDM"
	one := letters[2*power : 2*power+1]
	if power == 3 {
		return strings.Repeat(one, int(digit-'0'))
	}
	five, ten := letters[2*power+1:2*power+2], letters[2*power+2:2*power+3]
	switch digit {
	case '4':
		return one + five
	case '9':
		return one + ten
	}
	if digit >= '5' {
		return five + strings.Repeat(one, int(digit-'5'))
	}
	return strings.Repeat(one, int(digit-'0'))
}
