package load

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/hamba/avro/v2/ocf"
)

func avroFile(t testing.TB, schema string, codec ocf.CodecName, values ...any) []byte {
	t.Helper()
	var out bytes.Buffer
	e, err := ocf.NewEncoder(schema, &out, ocf.WithCodec(codec), ocf.WithBlockLength(2))
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range values {
		if err := e.Encode(v); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

const everything = `{"type":"record","name":"r","fields":[
	{"name":"b","type":"boolean"},{"name":"i","type":"int"},{"name":"l","type":["null","long"]},
	{"name":"f","type":"float"},{"name":"d","type":"double"},{"name":"s","type":["string","null"]},
	{"name":"y","type":"bytes"},{"name":"x","type":{"type":"fixed","name":"fx","size":2}},
	{"name":"e","type":{"type":"enum","name":"en","symbols":["UP","DOWN"]}},
	{"name":"n","type":{"type":"bytes","logicalType":"decimal","precision":20,"scale":3}},
	{"name":"day","type":{"type":"int","logicalType":"date"}},
	{"name":"ms","type":{"type":"long","logicalType":"timestamp-millis"}},
	{"name":"us","type":{"type":"long","logicalType":"timestamp-micros"}},
	{"name":"clock","type":{"type":"long","logicalType":"time-micros"}},
	{"name":"deep","type":{"type":"array","items":{"type":"record","name":"in","fields":[{"name":"Key","type":{"type":"map","values":"int"}}]}}}]}`

func everythingOf(n int) map[string]any {
	v := map[string]any{
		"b": true, "i": n, "l": nil, "f": float32(1.5), "d": math.NaN(), "s": map[string]any{"string": "a \"quoted\"\\\n\x01ö😀"},
		"y": []byte{0, 0xff, 'a'}, "x": [2]byte{1, 0xfe}, "e": "DOWN", "n": big.NewRat(-12345, 1000),
		"day": time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC), "ms": time.UnixMilli(-1).UTC(), "us": time.UnixMicro(1709168523000001).UTC(),
		"clock": 3*time.Hour + 4*time.Microsecond, "deep": []any{map[string]any{"Key": map[string]any{"k": 1}}, map[string]any{"Key": map[string]any{}}},
	}
	if n > 0 {
		v["l"], v["s"] = map[string]any{"long": int64(math.MinInt64)}, nil
	}
	return v
}

func loadAvro(t *testing.T, data []byte, table, with string) (string, error) {
	t.Helper()
	store := newStore(t)
	put(t, store, "bkt", "d/a", data)
	put(t, store, "bkt", "paths", []byte(`{"jsonpaths":["$.deep[0].Key.k","$.i","$.deep[1]"]}`))
	r := request(t, "COPY t FROM 's3://bkt/d/' IAM_ROLE default "+with, table, store)
	out := &rows{columns: r.Target.Columns}
	_, _, err := run(context.Background(), r, func() (sink, error) { return out, nil })
	for e := range r.Log.LoadErrors() {
		out.kept = append(out.kept, fmt.Sprintf("%d line %d %s", e.Code, e.Line, e.Reason))
	}
	return strings.Join(out.kept, "\n"), err
}

func TestAvro(t *testing.T) {
	t.Parallel()
	const table = "b boolean; i integer; l bigint; f real; d double precision; s varchar(99); y varbyte(9); x varbyte(9); e varchar(9); n numeric(10,2); day date; ms timestamp; us timestamptz; clock time; deep super; nope integer"
	const first = `true | 0 | NULL | 1.5 | NaN | "a \"quoted\"\\\n\x01ö😀" | 00ff61 | 01fe | "DOWN" | -12.34 | 2024-02-29 | 1969-12-31 23:59:59.999 | 2024-02-29 01:02:03.000001Z | 03:00:00.000004 | "[{\"Key\":{\"k\":1}},{\"Key\":{}}]" | NULL`
	second := strings.NewReplacer("true | 0 | NULL", "true | 1 | -9223372036854775808", `"a \"quoted\"\\\n\x01ö😀"`, "NULL").Replace(first)
	for _, codec := range []ocf.CodecName{ocf.Null, ocf.Deflate, ocf.Snappy} {
		data := avroFile(t, everything, codec, everythingOf(0), everythingOf(1), everythingOf(1))
		if got, err := loadAvro(t, data, table, "FORMAT AS AVRO 'auto'"); err != nil || got != first+"\n"+second+"\n"+second {
			t.Errorf("%s: %v\n%s\n%s", codec, err, got, first+"\n"+second)
		}
		// Damage is an error, whatever was read before it; records are never made up.
		for n := 0; n < len(data); n += 3 {
			if n > 4 {
				if got, err := loadAvro(t, data[:n], table, "FORMAT AVRO 'auto'"); err == nil && !strings.HasPrefix(first+"\n"+second+"\n"+second, got) {
					t.Fatalf("%s: %d bytes of %d: %q", codec, n, len(data), got)
				}
			}
			if n%17 == 0 {
				damaged := bytes.Clone(data)
				damaged[n] ^= 0x55
				_, _ = loadAvro(t, damaged, table, "FORMAT AVRO 'auto'")
			}
		}
	}
	data := avroFile(t, everything, ocf.Null, everythingOf(0))
	for _, k := range []struct{ table, with, want, fails string }{
		{"I integer; E varchar(5)", "AVRO 'auto ignorecase'", `0 | "DOWN"`, ""},
		{"a integer; b varchar(3); c super", "AVRO 's3://bkt/paths'", `1 | "0" | "{\"Key\":{}}"`, ""},
		{"ms timestamp; i bigint", "AVRO TIMEFORMAT 'epochmillisecs'", "1969-12-31 23:59:59.999 | 0", ""},
		{"ms bigint; day bigint", "AVRO TIMEFORMAT 'epochsecs'", "-1 | 19782", ""},
		{"y varchar(9)", "AVRO ACCEPTINVCHARS AS '^'", "\"\\x00^a\"", ""},
		{"e integer", "AVRO MAXERROR 5", "1207 line 1 Invalid digit, Value 'D', Pos 0, Type: Integer", ""},
		{"e integer", "AVRO", "", "Load into table 't' failed.  Check 'stl_load_errors' system table for details."},
		{"deep varchar(99); deep2 integer", "AVRO", `"[{\"Key\":{\"k\":1}},{\"Key\":{}}]" | NULL`, ""},
	} {
		got, err := loadAvro(t, data, k.table, k.with)
		if (err == nil) != (k.fails == "") || err != nil && err.Error() != k.fails || err == nil && got != k.want {
			t.Errorf("%s: %q %v", k.with, got, err)
		}
	}
}

// TestAvroRefused: what is no file of records, in the limits of the documents.
func TestAvroRefused(t *testing.T) {
	t.Parallel()
	const text = `{"type":"record","name":"r","fields":[{"name":"s","type":"string"}]}`
	big := strings.Repeat("x", 5<<20)
	for want, data := range map[string][]byte{
		"It does not begin as one.":                           []byte("1|2|3\n4"),
		"Unexpected end of AVRO file.":                        []byte("Obj"),
		"The type of the schema must be record, and is array": avroFile(t, `{"type":"array","items":"int"}`, ocf.Null, []int{1}),
		"The codec \"zstandard\" is not null, deflate or":     avroFile(t, text, ocf.ZStandard, map[string]any{"s": "x"}),
		"A block is larger than 4 MB.":                        avroFile(t, text, ocf.Null, map[string]any{"s": big}),
		"The header is larger than 1 MB.":                     avroFile(t, strings.Replace(text, `"name":"s"`, `"name":"`+big[:2<<20]+`"`, 1), ocf.Null, map[string]any{big[:2<<20]: "x"}),
	} {
		_, err := loadAvro(t, data, "s varchar(65535)", "AVRO")
		var e *Error
		if !errors.As(err, &e) || e.State != "XX000" || !strings.HasPrefix(e.Message, "Invalid AVRO file found. "+want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

func FuzzAvro(f *testing.F) {
	for _, codec := range []ocf.CodecName{ocf.Null, ocf.Deflate, ocf.Snappy} {
		f.Add(avroFile(f, everything, codec, everythingOf(0), everythingOf(1)))
	}
	f.Add(avroFile(f, `{"type":"record","name":"r","fields":[{"name":"a","type":["null","r"]}]}`, ocf.Null, map[string]any{"a": nil}))
	f.Fuzz(func(t *testing.T, data []byte) {
		a := &avroReader{in: bytes.NewReader(data), json: &jsonReader{columns: map[string]int{"i": 0}, count: 1}, types: []bool{true}}
		var rec record
		for size := 0; size < 1<<20; size += 1000 + len(rec.raw) {
			if ok, _, err := a.next(&rec); err != nil || !ok {
				return
			}
		}
	})
}
