package unload

import (
	"encoding/csv"
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/llm-dev-ops/redshift/internal/redshiftsql/copycmd"
)

// FuzzFields: what is quoted or escaped reads back, by the standard library's readers
// where it has one.
func FuzzFields(f *testing.F) {
	for _, s := range []string{"", "a", `"`, `a"b""`, "a,b", "x\ny", "\\", `\"'`, "a|b", "Köln/=%", "\x00\x1f\x7f", "a=b/c%2F"} {
		f.Add(s, byte(','))
	}
	f.Fuzz(func(t *testing.T, s string, separator byte) {
		if !utf8.ValidString(s) {
			return
		}
		if got := unescape(string(escapeText([]byte("head"), 4, markOf("head"))[4:])); got != "" {
			t.Errorf("nothing became %q", got)
		}
		if d, err := delimiter(&copycmd.Unload{Delimiter: s}); err == nil && (d == 0 || d == '\n' || d == '\r' || d >= utf8.RuneSelf) && d != s[0] {
			t.Errorf("DELIMITER: %q became %q", s, d)
		}
		special := markOf("\n\r\\\"'" + string(rune(separator%128)))
		if got := string(escapeText([]byte("head"+s), 4, special)); got[:4] != "head" || unescape(got[4:]) != s {
			t.Errorf("ESCAPE: %q became %q", s, got)
		}
		quoted := string(quoteCSV([]byte("x,"+s), 2))
		if !strings.Contains(s, "\r") { // the reader drops it before a line end
			row, err := csv.NewReader(strings.NewReader(quoted + "\n")).Read()
			if err != nil || len(row) != 2 || row[1] != s {
				t.Errorf("CSV: %q became %q: %q %v", s, quoted, row, err)
			}
		}
		var back string
		if err := json.Unmarshal(appendJSON(nil, s), &back); err != nil || back != s {
			t.Errorf("JSON: %q became %s: %v", s, appendJSON(nil, s), err)
		}
		path := string(appendPartition(nil, "c", []byte(s), false))
		name, value, ok := strings.Cut(strings.TrimSuffix(path, "/"), "=")
		value, err := url.PathUnescape(value)
		if s == "" {
			s = hiveDefault
		}
		if !ok || err != nil || name != "c" || value != s || strings.Count(path, "/") != 1 {
			t.Errorf("partition: %q became %q: %v", s, path, err)
		}
	})
}

func unescape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
