package lex

import "strings"

// StringValue decodes the text of a String, EString or DollarString token:
// quotes off, doubled quotes halved, and backslash escapes as in PostgreSQL
// 8.0: \b \f \n \r \t, one to three octal digits, and any other character for
// itself. What is not such a text comes back as it is.
func StringValue(text string) string {
	if len(text) >= 2 && text[0] == '$' {
		if i := strings.IndexByte(text[1:], '$'); i >= 0 && len(text) >= 2*(i+2) {
			return text[i+2 : len(text)-(i+2)]
		}
		return text
	}
	escapes := backslashEscapes
	if len(text) >= 3 && (text[0] == 'e' || text[0] == 'E') {
		text, escapes = text[1:], true
	}
	if len(text) < 2 || text[0] != '\'' || text[len(text)-1] != '\'' {
		return text
	}
	body := text[1 : len(text)-1]
	if strings.IndexByte(body, '\'') < 0 && (!escapes || strings.IndexByte(body, '\\') < 0) {
		return body
	}
	out := make([]byte, 0, len(body))
	for i := 0; i < len(body); i++ {
		c := body[i]
		switch {
		case c == '\'':
			i++ // the second of a pair
			out = append(out, c)
		case c == '\\' && escapes && i+1 < len(body):
			i++
			switch c := body[i]; c {
			case 'b':
				out = append(out, '\b')
			case 'f':
				out = append(out, '\f')
			case 'n':
				out = append(out, '\n')
			case 'r':
				out = append(out, '\r')
			case 't':
				out = append(out, '\t')
			case '0', '1', '2', '3', '4', '5', '6', '7':
				v := int(c - '0')
				for n := 1; n < 3 && i+1 < len(body) && body[i+1] >= '0' && body[i+1] <= '7'; n++ {
					i++
					v = v<<3 | int(body[i]-'0')
				}
				out = append(out, byte(v))
			default:
				out = append(out, c)
			}
		default:
			out = append(out, c)
		}
	}
	return string(out)
}

// IdentValue is the name that the text of an Ident or QuotedIdent token
// stands for, and whether it was quoted. An unquoted one is folded to lower
// case; ASCII letters alone fold (r_names: "ASCII letters … are folded to
// lowercase").
func IdentValue(text string) (name string, quoted bool) {
	if len(text) >= 2 && text[0] == '"' && text[len(text)-1] == '"' {
		body := text[1 : len(text)-1]
		if strings.IndexByte(body, '"') < 0 {
			return body, true
		}
		return strings.ReplaceAll(body, `""`, `"`), true
	}
	return Fold(text), false
}

// Fold turns ASCII letters into lower case. It allocates only for a word that
// has capitals and is no keyword.
func Fold(word string) string {
	i := 0
	for ; i < len(word); i++ {
		if c := word[i]; c >= 'A' && c <= 'Z' {
			break
		}
	}
	if i == len(word) {
		return word
	}
	if len(word) <= maxKeyword {
		var buf [maxKeyword]byte
		b := buf[:len(word)]
		for i := range b {
			c := word[i]
			if c >= 'A' && c <= 'Z' {
				c += 'a' - 'A'
			}
			b[i] = c
		}
		if k, ok := keywords[string(b)]; ok {
			return k
		}
		return string(b)
	}
	b := []byte(word)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}
