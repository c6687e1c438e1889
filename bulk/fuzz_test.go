package bulk

import (
	"bytes"
	"errors"
	"testing"

	"github.com/llm-dev-ops/redshift"
)

var everyType = []redshift.Column{
	column("c", redshift.TypeSmallInt, -1), column("c", redshift.TypeBigInt, -1), column("c", redshift.TypeNumeric, mod(9, 3)),
	column("c", redshift.TypeNumeric, mod(38, 9)), column("c", redshift.TypeReal, -1), column("c", redshift.TypeDouble, -1),
	column("c", redshift.TypeBoolean, -1), column("c", redshift.TypeChar, 4+5), column("c", redshift.TypeVarchar, 4+50),
	column("c", redshift.TypeDate, -1), column("c", redshift.TypeTime, -1), column("c", redshift.TypeTimestamp, -1),
	column("c", redshift.TypeTimestampTZ, -1), column("c", redshift.TypeTimeTZ, -1), column("c", redshift.TypeIntervalYM, -1),
	column("c", redshift.TypeIntervalDS, -1), column("c", redshift.TypeSuper, -1), column("c", redshift.TypeVarbyte, 4+20),
}

// A text that a type takes comes out of the file as a text that means the same:
// it is taken again, and comes out alike.
func FuzzText(f *testing.F) {
	for i, s := range []string{
		"1", "-9223372036854775808", "1.5", "-0.000000001", "1e3", "NaN", "true", "ab   ", "a\"b,\n", "2026-01-02", "24:00:00",
		"2026-01-02 03:04:05.6", "0044-03-15 12:00:00+00 BC", "01:02:03+02", "1 years 2 mons", "1 days 2 secs", `{"a":[1]}`, "00ff",
	} {
		f.Add(uint8(i), s)
	}
	f.Fuzz(func(t *testing.T, which uint8, s string) {
		c := everyType[int(which)%len(everyType)]
		out := func(s string) (string, bool) {
			b := newBatch([]redshift.Column{c}, nil, false)
			if err := b.Column(0).Text(s); err != nil {
				if !errors.Is(err, redshift.ErrData) {
					t.Fatalf("%q: %v", s, err)
				}
				return "", false
			}
			e := csvEncoder{}
			r := newRecords(bytes.NewReader(append(e.field(nil, b.Column(0), 0), '\n')), ',')
			if err := r.next(); err != nil || len(r.fields) != 1 {
				t.Fatalf("%q: %v", s, err)
			}
			return string(r.field(0)), true
		}
		first, ok := out(s)
		if !ok {
			return
		}
		if second, ok := out(first); !ok || second != first {
			t.Fatalf("%s: %q gives %q, and that gives %q", redshift.TypeName(c.Type), s, first, second)
		}
	})
}
