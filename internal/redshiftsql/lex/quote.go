package lex

import (
	"errors"
	"strings"
)

// ErrNUL is returned for a text with a zero byte, which no value and no name
// of Redshift can hold.
var ErrNUL = errors.New("text holds a zero byte")

// ErrEmptyIdent is returned for an empty name.
var ErrEmptyIdent = errors.New("empty identifier")

// QuoteIdent makes "name" of a name. Any name is safe, reserved words too. A
// zero byte is ErrNUL, an empty name ErrEmptyIdent.
func QuoteIdent(name string) (string, error) {
	if name == "" {
		return "", ErrEmptyIdent
	}
	if strings.IndexByte(name, 0) >= 0 {
		return "", ErrNUL
	}
	return string(AppendIdent(make([]byte, 0, len(name)+2), name)), nil
}

// QuoteLiteral makes 'value' of a value. A zero byte is ErrNUL.
//
// Quotes and backslashes are doubled. A server that takes a backslash for an
// escape, as Redshift is assumed to, reads exactly the value. One that does not
// reads each backslash twice, but cannot be led out of the string either: a
// quote is never preceded by an odd backslash that could swallow it. E'…' would
// say which reading is meant, but Redshift's documentation does not have it.
func QuoteLiteral(value string) (string, error) {
	if strings.IndexByte(value, 0) >= 0 {
		return "", ErrNUL
	}
	return string(AppendLiteral(make([]byte, 0, len(value)+2), value)), nil
}

// AppendIdent appends what QuoteIdent makes. It cannot fail: a zero byte
// becomes U+FFFD, and an empty name gives "", which the server refuses.
func AppendIdent(dst []byte, name string) []byte {
	dst = append(dst, '"')
	for i := range len(name) {
		switch c := name[i]; c {
		case '"':
			dst = append(dst, '"', '"')
		case 0:
			dst = append(dst, "\ufffd"...)
		default:
			dst = append(dst, c)
		}
	}
	return append(dst, '"')
}

// AppendLiteral appends what QuoteLiteral makes. It cannot fail: a zero byte
// becomes U+FFFD.
func AppendLiteral(dst []byte, value string) []byte {
	dst = append(dst, '\'')
	for i := range len(value) {
		switch c := value[i]; c {
		case '\'', '\\':
			dst = append(dst, c, c)
		case 0:
			dst = append(dst, "\ufffd"...)
		default:
			dst = append(dst, c)
		}
	}
	return append(dst, '\'')
}
