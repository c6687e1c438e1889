package bind

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

func FuzzMatchLike(f *testing.F) {
	for _, c := range [][2]string{{"", ""}, {"%", ""}, {"a%b_c", "axxbyc"}, {`50\%`, "50%"}, {`a\_b`, "a_b"}, {"%a%a%a%", "aaaa"}, {"_", "é"}, {"A", "a"}, {`\\`, `\`}} {
		f.Add(c[0], c[1])
	}
	f.Fuzz(func(t *testing.T, pattern, s string) {
		if !utf8.ValidString(pattern) || !utf8.ValidString(s) || len(pattern) > 100 {
			return
		}
		var re strings.Builder
		escaped := false
		for _, c := range pattern {
			switch {
			case !escaped && c == '\\':
				escaped = true
				continue
			case !escaped && c == '%':
				re.WriteString("(?s:.*)")
			case !escaped && c == '_':
				re.WriteString("(?s:.)")
			default:
				re.WriteString(regexp.QuoteMeta(string(c)))
			}
			escaped = false
		}
		if want := regexp.MustCompile(`\A` + re.String() + `\z`).MatchString(s); matchLike(pattern, s) != want {
			t.Errorf("%q LIKE %q is %v", s, pattern, !want)
		}
	})
}
