package bulk

import (
	"errors"
	"math"
	"math/big"
	"testing"
	"time"

	"github.com/llm-dev-ops/redshift"
)

func mod(precision, scale int32) int32 { return precision<<16 | scale + 4 }

// field is the CSV of the one value that append gives.
func field(c redshift.Column, value any) (string, error) {
	b := newBatch([]redshift.Column{c}, nil, false)
	if err := b.Column(0).Append(value); err != nil {
		return "", err
	}
	e := csvEncoder{null: "NULL"}
	return string(e.field(nil, b.Column(0), 0)), nil
}

func TestAppend(t *testing.T) {
	t.Parallel()
	var (
		small   = column("c", redshift.TypeSmallInt, -1)
		bigint  = column("c", redshift.TypeBigInt, -1)
		numeric = column("c", redshift.TypeNumeric, mod(10, 2))
		exact   = column("c", redshift.TypeNumeric, mod(18, 18))
		wide    = column("c", redshift.TypeNumeric, mod(38, 2))
		float   = column("c", redshift.TypeDouble, -1)
		float4  = column("c", redshift.TypeReal, -1)
		boolean = column("c", redshift.TypeBoolean, -1)
		char    = column("c", redshift.TypeChar, 4+3)
		varchar = column("c", redshift.TypeVarchar, 4+4)
		date    = column("c", redshift.TypeDate, -1)
		clock   = column("c", redshift.TypeTime, -1)
		stamp   = column("c", redshift.TypeTimestamp, -1)
		zoned   = column("c", redshift.TypeTimestampTZ, -1)
		super   = column("c", redshift.TypeSuper, -1)
		varbyte = column("c", redshift.TypeVarbyte, 4+2)
	)
	type named string
	zone := time.FixedZone("", 7200)
	at := time.Date(2026, 1, 2, 3, 4, 5, 6000, zone)
	seven, text := int64(7), "x"
	for _, test := range []struct {
		column redshift.Column
		value  any
		want   string // "!" is an error
	}{
		{small, 32767, "32767"},
		{small, 32768, "!"},
		{small, int64(-32769), "!"},
		{small, "12", "12"},
		{small, "12a", "!"},
		{small, 1.0, "1"},
		{small, 1.5, "!"},
		{small, nil, "NULL"},
		{small, (*int64)(nil), "NULL"},
		{small, &seven, "7"},
		{small, uint8(9), "9"},
		{small, true, "!"},
		{bigint, uint64(math.MaxUint64), "!"},
		{bigint, math.Inf(1), "!"},
		{bigint, math.NaN(), "!"},
		{bigint, big.NewInt(5), "5"},
		{numeric, "1.5", "1.50"},
		{numeric, "-0.05", "-0.05"},
		{numeric, "1.500", "1.50"},
		{numeric, "1.505", "!"},
		{numeric, "99999999.99", "99999999.99"},
		{numeric, "100000000", "!"},
		{numeric, 100000000, "!"},
		{numeric, math.MaxInt64, "!"},
		{numeric, 0.1, "0.10"},
		{numeric, float32(0.1), "0.10"},
		{numeric, "", "!"},
		{numeric, ".", "!"},
		{numeric, "--1", "!"},
		{numeric, ".5", "0.50"},
		{exact, "-0.999999999999999999", "-0.999999999999999999"},
		{exact, "1", "!"},
		{wide, 12, "12.00"},
		{wide, "-0.01", "-0.01"},
		{wide, "999999999999999999999999999999999999.99", "999999999999999999999999999999999999.99"},
		{wide, "1000000000000000000000000000000000000", "!"},
		{float, 1, "1"},
		{float, int64(1<<53 + 1), "!"},
		{float, "1e3", "1000"},
		{float, "x", "!"},
		{float4, math.MaxFloat64, "!"},
		{float4, math.Inf(-1), "-Inf"},
		{boolean, true, "t"},
		{boolean, "No", "f"},
		{boolean, 1, "!"},
		{char, "ab", `"ab"`},
		{char, "abc  ", `"abc"`},
		{char, "abcd", "!"},
		{char, "é", "!"},
		{varchar, "abcd ", "!"},
		{varchar, `a"b`, `"a""b"`},
		{varchar, "", `""`},
		{varchar, named("n"), `"n"`},
		{varchar, &text, `"x"`},
		{varchar, "\xff", "!"},
		{varchar, "a\x00", "!"},
		{varchar, 12, `"12"`},
		{varchar, 12345, "!"},
		{varchar, []byte("b"), `"b"`},
		{varchar, []byte(nil), "NULL"},
		{varchar, map[string]int{}, "!"},
		{date, "2026-01-02", "2026-01-02"},
		{date, redshift.Date{Year: 0, Month: 2, Day: 29}, "0001-02-29 BC"},
		{date, time.Date(2026, 1, 2, 0, 0, 0, 0, zone), "2026-01-02"},
		{date, at, "!"},
		{date, redshift.Date{Year: 2026, Month: 13, Day: 1}, "!"},
		{clock, "01:02:03.4", "01:02:03.4"},
		{clock, at, "03:04:05.000006"},
		{stamp, at, "2026-01-02 03:04:05.000006"},
		{stamp, at.Add(1), "!"},
		{stamp, redshift.Timestamp{Inf: redshift.PositiveInfinity}, "!"},
		{stamp, redshift.DateOf(at), "2026-01-02 00:00:00"},
		{zoned, at, "2026-01-02 01:04:05.000006+00"},
		{zoned, "2026-01-02 03:04:05-01", "2026-01-02 04:04:05+00"},
		{super, "s", `"""s"""`},
		{super, redshift.Super(`{"a":1}`), `"{""a"":1}"`},
		{super, redshift.Super(`{`), "!"},
		{super, []int{1, 2}, `"[1,2]"`},
		{super, 1.5, `"1.5"`},
		{super, false, `"false"`},
		{super, make(chan int), "!"},
		{varbyte, []byte{1, 0xab}, `"01ab"`},
		{varbyte, []byte{1, 2, 3}, "!"},
		{varbyte, "xy", "!"},
	} {
		got, err := field(test.column, test.value)
		if test.want == "!" {
			var row *RowError
			if !errors.As(err, &row) || !errors.Is(err, redshift.ErrData) || row.Column != "c" || row.Row != 1 {
				t.Errorf("%s of %#v: %q %v", redshift.TypeName(test.column.Type), test.value, got, err)
			}
			continue
		}
		if err != nil || got != test.want {
			t.Errorf("%s of %#v: %q, want %q; %v", redshift.TypeName(test.column.Type), test.value, got, test.want, err)
		}
	}
}

// What the fast reader of decimals says is what Numeric says.
func FuzzDecimal(f *testing.F) {
	for _, s := range []string{"1", "-1.25", "+0.5", "1.500", "00012.3", ".", "", "1e3", "999999999999999.999", "1..2", "-.5"} {
		f.Add(s, uint8(15), uint8(3))
	}
	f.Fuzz(func(t *testing.T, s string, precision, scale uint8) {
		if len(s) > 38 {
			return // Numeric counts zeros that mean nothing
		}
		p := int32(precision%18) + 1
		sc := int32(scale) % (p + 1)
		b := newBatch([]redshift.Column{column("c", redshift.TypeNumeric, mod(p, sc))}, nil, false)
		v := b.Column(0)
		n, err := v.decimal(s)
		want, refused := redshift.NumericOf(s, int(p), int(sc))
		if err != nil || refused != nil {
			if (err == nil) != (refused == nil) {
				t.Fatalf("%q as NUMERIC(%d,%d): %v, but %v", s, p, sc, err, refused)
			}
			return
		}
		if got := string(appendDecimal(nil, n, int(sc))); got != want.String() {
			t.Fatalf("%q as NUMERIC(%d,%d) is %s, want %s", s, p, sc, got, want)
		}
	})
}
