package dataapi

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata/types"
)

// shown are the values of a record, NULL as <null>.
func shown(buf []byte, ends []int) []string {
	var out []string
	begin := 0
	for _, end := range ends {
		if end < 0 {
			out = append(out, "<null>")
			continue
		}
		out = append(out, string(buf[begin:end]))
		begin = end
	}
	return out
}

func TestCSVRecord(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text, want string
		n          int
	}{
		{"a,b\r\nc", `["a" "b"]`, 5},
		{",\"\",x\n", `["<null>" "" "x"]`, 6},
		{"\r\nx", `["<null>"]`, 2},
		{"\"a\"\"b\",\"c\r\nd\"\r\n", `["a\"b" "c\r\nd"]`, 15},
		{" a , b\"\r\n", `[" a " " b\""]`, 9},
		{"a,", `["a" "<null>"]`, 2},
		{"\"a\"", `["a"]`, 3},
		{"", `[]`, 0},
	} {
		buf, ends, n, err := appendRecord(nil, nil, c.text, true)
		if got := fmt.Sprintf("%q", shown(buf, ends)); err != nil || n != c.n || got != c.want {
			t.Errorf("%q: %s, %d bytes, %v", c.text, got, n, err)
		}
	}
	for _, text := range []string{`"a`, `"a"b`, "a\rb", `"a""`} {
		if _, _, n, err := appendRecord(nil, nil, text, true); err == nil {
			t.Errorf("%q was taken: %d bytes", text, n)
		}
	}
}

// FuzzCSV: what was written is read, wherever the text is cut, and any text is read
// to its end or refused.
func FuzzCSV(f *testing.F) {
	f.Add("a", "", true, 3)
	f.Add("x,\"y\"\r\n", "\"", false, 5)
	f.Fuzz(func(t *testing.T, a, b string, null bool, cut int) {
		cell := func(v string) string { return `"` + strings.ReplaceAll(v, `"`, `""`) + `"` }
		text, want := cell(a)+","+cell(b)+"\r\n", []string{a, b}
		if null {
			text, want = cell(a)+",\r\n", []string{a, "<null>"}
		}
		cut = min(max(cut, 0), len(text))
		_, _, n, err := appendRecord(nil, nil, text[:cut], false)
		if err != nil || n != 0 && cut < len(text) {
			t.Fatalf("%q cut at %d: %d bytes, %v", text, cut, n, err)
		}
		buf, ends, n, err := appendRecord(nil, nil, text, false)
		if err != nil || n != len(text) || fmt.Sprintf("%q", shown(buf, ends)) != fmt.Sprintf("%q", want) {
			t.Fatalf("%q: %q, %d bytes, %v", text, shown(buf, ends), n, err)
		}
		for text = a; text != ""; text = text[n:] {
			if _, _, n, err = appendRecord(nil, nil, text, true); err != nil {
				return
			}
			if n == 0 {
				t.Fatalf("%q has no end", text)
			}
		}
	})
}

// A line of names is passed where there is one.
func TestCSVHeader(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"a,b\r\n1,2\r\n": "1,2\r\n", "1,2\r\n": "1,2\r\n", "": "", "a\r\n": "a\r\n"} {
		r := &rows{text: text, cols: columns(meta("a", "b"))}
		if err := r.header(); err != nil || r.text != want {
			t.Errorf("%q: %q, %v", text, r.text, err)
		}
	}
	r := &rows{text: "a,b\r\n1", cols: columns(meta("a", "b")), begun: true, next: aws.String("x")}
	r.raw = make([][]byte, 2)
	if err := r.header(); err != nil || r.text != "1" {
		t.Errorf("%q, %v", r.text, err)
	}
}

func meta(names ...string) []types.ColumnMetadata {
	var all []types.ColumnMetadata
	for _, n := range names {
		all = append(all, types.ColumnMetadata{Label: aws.String(n), Name: aws.String(n), TypeName: aws.String("varchar")})
	}
	return all
}
