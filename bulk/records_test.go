package bulk

import (
	"encoding/csv"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
)

func recordsOf(text string) (out [][]string, err error) {
	r := newRecords(strings.NewReader(text), ',')
	for {
		if err := r.next(); err != nil {
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return out, err
		}
		row := make([]string, len(r.fields))
		for i := range row {
			row[i] = string(r.field(i))
		}
		out = append(out, row)
	}
}

func TestRecords(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 1<<17)
	for _, test := range []struct {
		text string
		want [][]string // nil is an error
	}{
		{"a,b\nc,\n", [][]string{{"a", "b"}, {"c", ""}}},
		{"a,b\r\n\"c\"\r\n", [][]string{{"a", "b"}, {"c"}}},
		{"\"a\r\nb\",\"\"\"\"\n", [][]string{{"a\r\nb", `"`}}},
		{"\n,", [][]string{{""}, {"", ""}}},
		{long + ",\"" + long + "\n" + long + "\"", [][]string{{long, long + "\n" + long}}},
		{`a"b`, nil},
		{`"a"b`, nil},
		{`"a`, nil},
		{"\"a\nb", nil},
	} {
		got, err := recordsOf(test.text)
		if (err != nil) != (test.want == nil) || test.want != nil && !reflect.DeepEqual(got, test.want) {
			t.Errorf("%.40q: %.80q %v", test.text, got, err)
		}
	}
}

// What encoding/csv reads is read the same, but for carriage returns and empty
// lines.
func FuzzRecords(f *testing.F) {
	for _, s := range []string{"a,b\n", "\"a\"\"\",\n\"\n\"", "\"", "a\"", "\"a\" ,", ",,\n", "\"\",\"\"", "\xff\x00,1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := recordsOf(text)
		if strings.Contains(text, "\r") || strings.Contains("\n"+text, "\n\n") {
			return
		}
		r := csv.NewReader(strings.NewReader(text))
		r.FieldsPerRecord = -1
		want, refused := r.ReadAll()
		if (err != nil) != (refused != nil) {
			t.Fatalf("%q: %v, but encoding/csv: %v", text, err, refused)
		}
		if err == nil && len(got)+len(want) > 0 && !reflect.DeepEqual(got, want) {
			t.Fatalf("%q: %q, want %q", text, got, want)
		}
	})
}
