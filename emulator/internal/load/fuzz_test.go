package load

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"

	"github.com/llm-dev-ops/redshift/emulator/internal/engine"
	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
)

// narrow is a window that moves and grows all the time.
func narrow(r io.Reader) *window {
	return &window{r: iotest.OneByteReader(r), buf: make([]byte, 3), max: 1 << 20}
}

// readAll renders every record, so that two ways of reading can be compared.
func readAll(t testing.TB, reader recordReader) []string {
	t.Helper()
	var out []string
	var rec record
	last := int64(0)
	for {
		ok, bad, err := reader.next(&rec)
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			return out
		}
		if rec.line < last {
			t.Fatalf("line %d behind line %d", rec.line, last)
		}
		last = rec.line
		s := fmt.Sprintf("%d %q", rec.line, rec.raw)
		for _, f := range rec.fields {
			s += fmt.Sprintf(" %d:%q/%q@%d", f.kind, f.data, f.raw, f.offset)
			if f.offset > len(rec.raw) {
				t.Fatalf("a field begins at %d of %q", f.offset, rec.raw)
			}
		}
		if bad != nil {
			s += " " + bad.reason
		}
		out = append(out, s)
	}
}

// sameHoweverRead reads with a wide and with a narrow window.
func sameHoweverRead(t *testing.T, data []byte, open func(*window) recordReader) {
	t.Helper()
	wide := readAll(t, open(newWindow(bytes.NewReader(data), 1<<20)))
	if got := readAll(t, open(narrow(bytes.NewReader(data)))); !slices.Equal(got, wide) {
		t.Errorf("%q\nwide   %q\nnarrow %q", data, wide, got)
	}
}

func FuzzCSV(f *testing.F) {
	for _, s := range []string{"a,b\n", "\"a\"\"b\n\", x ,\"\"\r\n", " \"a\" \t,b\n\n", "\"", "a\"b,\n\"x\"y,z", "\"a\r\n", "\r\n\r"} {
		f.Add([]byte(s), ",")
		f.Add([]byte(s), "\"b")
	}
	f.Fuzz(func(t *testing.T, data []byte, delimiter string) {
		if delimiter == "" || strings.ContainsAny(delimiter, "\r\n") {
			return
		}
		sameHoweverRead(t, data, func(w *window) recordReader {
			return &csvReader{w: w, delimiter: []byte(delimiter), quote: '"'}
		})
	})
}

func FuzzDelimited(f *testing.F) {
	for _, s := range []string{"a|b\n", "a\\|b\\\nc|\\N\n", "'a|b'|\"c\n", "'a'b'|''|'\n", "\\", "'\\'|'", "\r\n\\\r\n"} {
		f.Add([]byte(s), "|", true, true)
		f.Add([]byte(s), "|'", false, true)
		f.Add([]byte(s), "|", true, false)
	}
	f.Fuzz(func(t *testing.T, data []byte, delimiter string, escape, remove bool) {
		if delimiter == "" || strings.ContainsAny(delimiter, "\r\n") {
			return
		}
		sameHoweverRead(t, data, func(w *window) recordReader {
			return &delimitedReader{w: w, delimiter: []byte(delimiter), escape: escape, removeQuotes: remove}
		})
		sameHoweverRead(t, data, func(w *window) recordReader {
			return &fixedReader{w: w, widths: []int{1, len(delimiter)}}
		})
	})
}

func FuzzJSON(f *testing.F) {
	for _, s := range []string{
		`{"a":1,"b":"x\u00e4\ud83d\ude00"}`, `[1,[2],{"a":null}] {"a":-0.5e+3}`, `{"a":"`, `{"a":1} x {`, "{\n\"a\":\n1}\n", `{"a":01}`, `{"\u0061":true}`, `{"a":{"a":[false]}}`, `{"a":"\x"}`, "{\"a\":\"\n\"}",
	} {
		f.Add([]byte(s))
	}
	paths := []jsonPath{{{key: "a", index: -1}}, {{key: "a", index: -1}, {index: 0}}, {{index: 1}, {key: "b", index: -1}}}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, mode := range []jsonMode{jsonAuto, jsonIgnoreCase, jsonByPath, jsonNoShred} {
			open := func(w *window) recordReader {
				return &jsonReader{w: w, mode: mode, columns: map[string]int{"a": 0, "b": 1}, paths: paths, count: 3}
			}
			sameHoweverRead(t, data, open)
			reader := open(newWindow(bytes.NewReader(data), 1<<20))
			var rec record
			for {
				ok, bad, err := reader.next(&rec)
				if err != nil {
					t.Fatal(err)
				}
				if !ok {
					break
				}
				valid := json.Valid(rec.raw)
				if bad == nil && !valid {
					t.Errorf("accepted %q", rec.raw)
				}
				if bad != nil && valid && mode == jsonNoShred && rec.raw[0] == '{' {
					t.Errorf("refused %q: %s", rec.raw, bad.reason)
				}
				if mode == jsonAuto && bad == nil {
					compareJSON(t, &rec)
				}
			}
		}
	})
}

// compareJSON checks the field "a" against encoding/json.
func compareJSON(t *testing.T, rec *record) {
	t.Helper()
	var want struct {
		A json.RawMessage `json:"a"`
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(rec.raw, &all); err != nil {
		return
	}
	want.A = all["a"]
	got := rec.fields[0]
	var text string
	if len(want.A) > 0 && want.A[0] == '"' && json.Unmarshal(want.A, &text) == nil {
		if strings.ToValidUTF8(string(got.data), "�") != text && !strings.Contains(text, "�") {
			t.Errorf("%q: %q, want %q", rec.raw, got.data, text)
		}
	} else if got.kind == fieldJSON && !bytes.Equal(got.data, want.A) {
		t.Errorf("%q: %q, want %q", rec.raw, got.data, want.A)
	}
}

func FuzzPaths(f *testing.F) {
	for _, s := range []string{`{"jsonpaths":["$['a'][0]"]}`, `{"jsonpaths":["$.a.b[1]"]}`, `{}`, `{"jsonpaths":[null]}`, `{"jsonpaths":["$['a"]}`} {
		f.Add([]byte(s), []byte(`{"a":[1]}`))
	}
	f.Fuzz(func(t *testing.T, file, data []byte) {
		paths, err := readPaths(bytes.NewReader(file))
		if err != nil || !json.Valid(data) {
			return
		}
		data = bytes.TrimSpace(data)
		for _, p := range paths {
			if from, to, ok := p.find(data); ok && to > 0 && !json.Valid(data[from:to]) {
				t.Errorf("%v in %q is %q", p, data, data[from:to])
			}
		}
	})
}

func FuzzDates(f *testing.F) {
	for _, s := range []string{"2024-02-29 01:02:03.5 PST", "J2451187", "0044-03-15 BC", "Jan 8 1999", "1996.008", "20240102T030405Z", "12/17/97 07:37 PM", "08-Jan-1999 +05:30", "2024-01-01 10:00 Europe/Berlin"} {
		f.Add([]byte(s), "YYYY-MM-DD HH:MI:SS")
		f.Add([]byte(s), "DD MON YY HH12:MI AM")
	}
	f.Fuzz(func(t *testing.T, data []byte, format string) {
		check := func(m moment, ok bool) {
			if y, month, d := civil(m.days); ok && (m.micros < 0 || m.micros >= dayMicros || y < -4713 || y > 294277 || daysOf(y, month, d) != m.days) {
				t.Errorf("%q is %+v", data, m)
			}
		}
		_, _ = parseInterval(data, rstype.IntervalYM)
		check(parseAuto(data))
		check(parseClock(data))
		check(parseEpoch(data, 1000))
		if l, err := compile(format, "TIMEFORMAT"); err == nil {
			check(l.match(data))
		}
		if l, err := newTimeLayout("", true); err == nil {
			check(l.match(data))
		}
	})
}

// FuzzNumeric compares with exact arithmetic.
func FuzzNumeric(f *testing.F) {
	for _, s := range []string{"0", "-1.005", "99.995", "1e2", ".5", "123456789012345678901234567890", "00000000000000000000001.5", "1.5e-3"} {
		f.Add(s, uint8(5), uint8(2), true)
		f.Add(s, uint8(38), uint8(10), false)
	}
	f.Fuzz(func(t *testing.T, s string, p, scale uint8, round bool) {
		precision := 1 + int16(p)%38
		typ := rstype.Type{Kind: rstype.Numeric, Precision: precision, Scale: int16(scale) % (precision + 1)}
		var v engine.Value
		bad := parseNumeric(&v, []byte(s), typ, round, true)
		want, ok := new(big.Rat).SetString(s)
		if !ok || len(s) > 60 || strings.ContainsAny(s, "_xXoObBpP/") {
			return
		}
		if i := strings.IndexAny(s, "eE"); i >= 0 && len(s)-i > 4 {
			return
		}
		scaled := new(big.Rat).Mul(want, new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(typ.Scale)), nil)))
		half := new(big.Rat)
		if round {
			half.SetFrac64(int64(scaled.Sign()), 2)
		}
		scaled.Add(scaled, half)
		n := new(big.Int).Quo(scaled.Num(), scaled.Denom())
		limit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(precision)), nil)
		if fits := new(big.Int).Abs(n).Cmp(limit) < 0; fits != (bad == nil) {
			t.Fatalf("%s as %s: %v", s, typ, bad)
		}
		if bad == nil {
			exact := new(big.Rat).SetFrac(n, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(typ.Scale)), nil)).FloatString(int(typ.Scale))
			if got := show(v, typ); v != (engine.Value{}) && got != exact {
				t.Errorf("%s as %s: %s, want %s", s, typ, got, exact)
			}
		}
	})
}

// TestRoundTrip writes rows in every text format and reads them back.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		width := rapid.IntRange(1, 4).Draw(t, "width")
		text := rapid.StringOf(rapid.RuneFrom([]rune("ab ä\"'\\|,\n\r\t{}[]:😀")))
		table := rapid.SliceOf(rapid.SliceOfN(text, width, width)).Draw(t, "table")
		check := func(name string, data string, reader recordReader) {
			var rec record
			for _, row := range table {
				ok, bad, err := reader.next(&rec)
				if err != nil || !ok || bad != nil || len(rec.fields) != width {
					t.Fatalf("%s %q: %v %v %v %d fields", name, data, ok, bad, err, len(rec.fields))
				}
				for i, want := range row {
					if string(rec.fields[i].data) != want {
						t.Fatalf("%s %q: %q, want %q", name, data, rec.fields[i].data, want)
					}
				}
			}
			if ok, _, err := reader.next(&rec); ok || err != nil {
				t.Fatalf("%s %q: more than was written, %v", name, data, err)
			}
		}
		var csv, escaped, objects strings.Builder
		columns := map[string]int{}
		for _, row := range table {
			object := map[string]string{}
			for i, s := range row {
				name := fmt.Sprint("c", i)
				columns[name], object[name] = i, s
				if i > 0 {
					csv.WriteByte(',')
					escaped.WriteByte('|')
				}
				if strings.ContainsAny(s, "\",\n\r \t") || rapid.Bool().Draw(t, "quote") {
					s = `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
				}
				csv.WriteString(s)
				for _, r := range row[i] {
					// A carriage return at the end of a line would belong to that.
					if strings.ContainsRune("\\|\n", r) {
						escaped.WriteByte('\\')
					}
					escaped.WriteRune(r)
				}
			}
			csv.WriteByte('\n')
			escaped.WriteString("\r\n")
			line, err := json.Marshal(object)
			if err != nil {
				t.Fatal(err)
			}
			objects.Write(line)
			objects.WriteByte('\n')
		}
		check("csv", csv.String(), &csvReader{w: narrow(strings.NewReader(csv.String())), delimiter: []byte{','}, quote: '"'})
		check("escape", escaped.String(), &delimitedReader{w: narrow(strings.NewReader(escaped.String())), delimiter: []byte{'|'}, escape: true})
		check("json", objects.String(), &jsonReader{w: narrow(strings.NewReader(objects.String())), columns: columns, count: width})
	})
}
