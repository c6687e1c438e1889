package load

import (
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth is how deep JSON may be nested.
const maxDepth = 1000

func skipSpace(s []byte, i int) int {
	for i < len(s) && (s[i] == ' ' || s[i] == '\n' || s[i] == '\t' || s[i] == '\r') {
		i++
	}
	return i
}

// scanString finds the end of the string that begins at i; -1 is bad JSON.
func scanString(s []byte, i int) int {
	for i++; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			return i + 1
		case c < ' ':
			return -1
		case c == '\\':
			if i++; i == len(s) {
				return -1
			}
			switch s[i] {
			case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
			case 'u':
				if _, ok := hex4(s[i+1:]); !ok {
					return -1
				}
				i += 4
			default:
				return -1
			}
		}
	}
	return -1
}

func hex4(s []byte) (r rune, ok bool) {
	if len(s) < 4 {
		return 0, false
	}
	for _, c := range s[:4] {
		switch {
		case isDigit(c):
			r = r<<4 | rune(c-'0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			r = r<<4 | rune(c|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	return r, true
}

// scanValue finds the end of the value that begins at i; -1 is bad JSON.
func scanValue(s []byte, i, depth int) int {
	if i >= len(s) || depth > maxDepth {
		return -1
	}
	switch c := s[i]; {
	case c == '"':
		return scanString(s, i)
	case c == '{':
		return scanMembers(s, i, depth, nil)
	case c == '[':
		return scanElements(s, i, depth, nil)
	case c == '-' || isDigit(c):
		return scanNumber(s, i)
	}
	for _, word := range [...]string{"true", "false", "null"} {
		if len(s)-i >= len(word) && string(s[i:i+len(word)]) == word {
			return i + len(word)
		}
	}
	return -1
}

func scanNumber(s []byte, i int) int {
	run := func() bool {
		begin := i
		for i < len(s) && isDigit(s[i]) {
			i++
		}
		return i > begin
	}
	if s[i] == '-' {
		i++
	}
	if i < len(s) && s[i] == '0' {
		i++
	} else if !run() {
		return -1
	}
	if i < len(s) && s[i] == '.' {
		if i++; !run() {
			return -1
		}
	}
	if i < len(s) && s[i]|0x20 == 'e' {
		if i++; i < len(s) && (s[i] == '+' || s[i] == '-') {
			i++
		}
		if !run() {
			return -1
		}
	}
	return i
}

// scanMembers goes through the object at i; visit is told where each key (with its
// quotes) and value are. The end is -1 for bad JSON.
func scanMembers(s []byte, i, depth int, visit func(key []byte, from, to int)) int {
	if i = skipSpace(s, i+1); i < len(s) && s[i] == '}' {
		return i + 1
	}
	for {
		if i >= len(s) || s[i] != '"' {
			return -1
		}
		key := i
		if i = scanString(s, i); i < 0 {
			return -1
		}
		name := s[key:i]
		if i = skipSpace(s, i); i >= len(s) || s[i] != ':' {
			return -1
		}
		from := skipSpace(s, i+1)
		if i = scanValue(s, from, depth+1); i < 0 {
			return -1
		}
		if visit != nil {
			visit(name, from, i)
		}
		if i = skipSpace(s, i); i >= len(s) {
			return -1
		}
		switch s[i] {
		case '}':
			return i + 1
		case ',':
			i = skipSpace(s, i+1)
		default:
			return -1
		}
	}
}

// scanElements goes through the array at i, as scanMembers does.
func scanElements(s []byte, i, depth int, visit func(n, from, to int)) int {
	if i = skipSpace(s, i+1); i < len(s) && s[i] == ']' {
		return i + 1
	}
	for n := 0; ; n++ {
		from := i
		if i = scanValue(s, from, depth+1); i < 0 {
			return -1
		}
		if visit != nil {
			visit(n, from, i)
		}
		if i = skipSpace(s, i); i >= len(s) {
			return -1
		}
		switch s[i] {
		case ']':
			return i + 1
		case ',':
			i = skipSpace(s, i+1)
		default:
			return -1
		}
	}
}

// unquote appends the text of a scanned string. A lone surrogate becomes U+FFFD
// (assumed).
func unquote(dst, s []byte) []byte {
	s = s[1 : len(s)-1]
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			dst = append(dst, s[i])
			continue
		}
		i++
		switch s[i] {
		case 'b':
			dst = append(dst, '\b')
		case 'f':
			dst = append(dst, '\f')
		case 'n':
			dst = append(dst, '\n')
		case 'r':
			dst = append(dst, '\r')
		case 't':
			dst = append(dst, '\t')
		case 'u':
			r, _ := hex4(s[i+1:])
			i += 4
			if utf16.IsSurrogate(r) {
				low := rune(0)
				if i+2 < len(s) && s[i+1] == '\\' && s[i+2] == 'u' {
					low, _ = hex4(s[i+3:])
				}
				if r = utf16.DecodeRune(r, low); r != utf8.RuneError {
					i += 6
				}
			}
			dst = utf8.AppendRune(dst, r)
		default:
			dst = append(dst, s[i])
		}
	}
	return dst
}
