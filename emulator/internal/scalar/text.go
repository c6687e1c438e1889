package scalar

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

// letterCodes are those of the American Soundex: 0 for vowels, which part equal
// codes, and h and w as '-', which do not.
const letterCodes = "01230120022455012623010202"

// soundex is the American Soundex of the English letters of a text, "" where it has
// none (SOUNDEX.md).
func soundex(args []string) (string, bool, error) { return soundexOf(args[0]), true, nil }

func soundexOf(s string) string {
	out := make([]byte, 0, 4)
	last := byte('0')
	for i := 0; i < len(s) && len(out) < 4; i++ {
		c := s[i] | 0x20
		if c < 'a' || c > 'z' || s[i] < 'A' {
			continue
		}
		code := letterCodes[c-'a']
		switch {
		case len(out) == 0:
			out = append(out, c-0x20)
			last = code
		case c == 'h' || c == 'w':
		case code == '0':
			last = code
		case code != last:
			out = append(out, code)
			last = code
		}
	}
	for len(out) > 0 && len(out) < 4 {
		out = append(out, '0')
	}
	return string(out)
}

// difference counts the places in which two Soundex codes agree (DIFFERENCE.md):
// none where one text has no letters, and 1 where both have none.
func difference(args []string) (string, bool, error) {
	a, b := soundexOf(args[0]), soundexOf(args[1])
	n := 0
	switch {
	case a == "" && b == "":
		n = 1
	case a != "" && b != "":
		for i := range a {
			if a[i] == b[i] {
				n++
			}
		}
	}
	return strconv.Itoa(n), true, nil
}

// strtol reads a number of a base from 2 to 36 (r_STRTOL.md). The texts of its errors
// are assumed.
func strtol(args []string) (string, bool, error) {
	base, err := strconv.Atoi(args[1])
	if err != nil || base < 2 || base > 36 {
		return "", false, errors.New("22023: base must be between 2 and 36")
	}
	s := strings.TrimLeft(args[0], " \t\n\v\f\r")
	digits, sign := s, ""
	if digits != "" && (digits[0] == '+' || digits[0] == '-') {
		sign, digits = digits[:1], digits[1:]
	}
	if base == 16 && len(digits) > 1 && (digits[:2] == "0x" || digits[:2] == "0X") {
		digits = digits[2:]
	}
	if s == "" || s == `\0` {
		return "0", true, nil
	}
	if digits == "" || digits[0] == '+' || digits[0] == '-' || strings.ContainsRune(digits, '_') {
		return "", false, fmt.Errorf("22P02: The input %s is not valid to be converted to base %d", args[0], base)
	}
	n, err := strconv.ParseInt(sign+digits, base, 64)
	switch {
	case errors.Is(err, strconv.ErrRange):
		return "", false, fmt.Errorf("22003: The input %s is out of the range of bigint", args[0])
	case err != nil:
		return "", false, fmt.Errorf("22P02: The input %s is not valid to be converted to base %d", args[0], base)
	}
	return strconv.FormatInt(n, 10), true, nil
}

// octetIndex is the place of a text in another, in bytes from 1 (OCTETINDEX).
func octetIndex(args []string) (string, bool, error) {
	return strconv.Itoa(strings.Index(args[1], args[0]) + 1), true, nil
}

// patterns are compiled once; there are no more than the statements' constants, and
// what columns give.
var patterns sync.Map

const maxPatterns = 1000

var patternCount struct {
	sync.Mutex
	n int
}

func pattern(text string) (*regexp.Regexp, error) {
	if re, ok := patterns.Load(text); ok {
		return re.(*regexp.Regexp), nil
	}
	re, err := regexp.Compile(text)
	if err != nil {
		return nil, fmt.Errorf("2201B: invalid regular expression: %w", err)
	}
	patternCount.Lock()
	defer patternCount.Unlock()
	if patternCount.n++; patternCount.n > maxPatterns {
		patterns.Clear()
		patternCount.n = 1
	}
	patterns.Store(strings.Clone(text), re)
	return re, nil
}

// regexpInstr is REGEXP_INSTR of source, pattern, position, occurrence, option and
// whether the first group is meant (REGEXP_INSTR.md).
func regexpInstr(args []string) (string, bool, error) {
	var numbers [3]int
	for i := range numbers {
		n, err := strconv.Atoi(args[i+2])
		if err != nil {
			return "", false, fmt.Errorf("22003: %w", err)
		}
		numbers[i] = n
	}
	position, occurrence, option := numbers[0], numbers[1], numbers[2]
	re, err := pattern(args[1])
	if err != nil {
		return "", false, err
	}
	source, start := args[0], 0
	for skip := position - 1; skip > 0; skip-- {
		if start >= len(source) {
			return "0", true, nil
		}
		_, n := utf8.DecodeRuneInString(source[start:])
		start += n
	}
	if occurrence < 1 || occurrence > utf8.RuneCountInString(source) {
		return "0", true, nil
	}
	found := re.FindAllStringSubmatchIndex(source[start:], occurrence)
	if len(found) < occurrence {
		return "0", true, nil
	}
	m := found[occurrence-1]
	at, end := m[0], m[1]
	if args[5] == "true" && len(m) > 3 {
		if at, end = m[2], m[3]; at < 0 {
			return "0", true, nil
		}
	}
	if option != 0 {
		at = end
	}
	return strconv.Itoa(utf8.RuneCountInString(source[:start+at]) + 1), true, nil
}
