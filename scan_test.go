package redshift

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/llm-dev-ops/redshift/transport"
)

type (
	namedInt    int32
	namedText   string
	namedBytes  []byte
	namedFloat  float32
	namedBool   bool
	namedPoint  *int
	namedStruct struct{ A int }
)

var scanTypes = []Type{
	TypeBoolean, TypeSmallInt, TypeInteger, TypeBigInt, transport.OIDOID, TypeReal, TypeDouble, TypeNumeric,
	TypeChar, TypeVarchar, TypeDate, TypeTime, TypeTimeTZ, TypeTimestamp, TypeTimestampTZ, TypeIntervalYM,
	TypeIntervalDS, TypeSuper, TypeVarbyte, TypeGeometry, TypeGeography, TypeHLLSketch, transport.OIDBytea, 99999,
}

// scanTargets are what is scanned into; pointers to them are, too.
var scanTargets = func() (all []reflect.Type) {
	for _, t := range []reflect.Type{
		reflect.TypeFor[any](), reflect.TypeFor[string](), reflect.TypeFor[[]byte](), reflect.TypeFor[bool](),
		reflect.TypeFor[int](), reflect.TypeFor[int8](), reflect.TypeFor[int16](), reflect.TypeFor[int32](), reflect.TypeFor[int64](),
		reflect.TypeFor[uint](), reflect.TypeFor[uint8](), reflect.TypeFor[uint16](), reflect.TypeFor[uint32](), reflect.TypeFor[uint64](),
		reflect.TypeFor[float32](), reflect.TypeFor[float64](), reflect.TypeFor[Numeric](), reflect.TypeFor[Date](),
		reflect.TypeFor[Time](), reflect.TypeFor[TimeTZ](), reflect.TypeFor[Timestamp](), reflect.TypeFor[TimestampTZ](),
		reflect.TypeFor[IntervalYM](), reflect.TypeFor[IntervalDS](), reflect.TypeFor[Char](), reflect.TypeFor[Varchar](),
		reflect.TypeFor[Super](), reflect.TypeFor[Varbyte](), reflect.TypeFor[Geometry](), reflect.TypeFor[HLLSketch](),
		reflect.TypeFor[json.RawMessage](), reflect.TypeFor[time.Time](), reflect.TypeFor[time.Duration](), reflect.TypeFor[big.Int](),
		reflect.TypeFor[namedInt](), reflect.TypeFor[namedText](), reflect.TypeFor[namedBytes](), reflect.TypeFor[namedFloat](),
		reflect.TypeFor[namedBool](), reflect.TypeFor[namedPoint](), reflect.TypeFor[namedStruct](), reflect.TypeFor[[]string](),
		reflect.TypeFor[fmt.Stringer](), reflect.TypeFor[uintptr](),
	} {
		all = append(all, t, reflect.PointerTo(t))
	}
	return append(all, reflect.TypeFor[**int64](), reflect.TypeFor[**big.Int]())
}()

// plannedTargets have scanFuncs of their own.
var plannedTargets = []reflect.Type{
	reflect.TypeFor[string](), reflect.TypeFor[*string](), reflect.TypeFor[int64](), reflect.TypeFor[int32](),
	reflect.TypeFor[float64](), reflect.TypeFor[Numeric](), reflect.TypeFor[Date](), reflect.TypeFor[time.Time](),
}

// compareScan scans a value in all ways into fresh values of a type: plainly,
// without a plan, and with a plan that is for the type, or for another.
func compareScan(t *testing.T, s *scans, typ Type, f transport.Format, raw []byte, target, planned reflect.Type) {
	t.Helper()
	row := Row{[]Column{{Name: "c", Type: typ, TypeMod: 38<<16 | 2 + 4}}, []transport.Format{f}, [][]byte{raw}, s}
	c, want := &row.cols[0], reflect.New(target)
	wantErr := refStore(c, f, raw, want.Interface())
	compareTo(t, row, want, wantErr, "no plan", func(dst any) error { return store(c, f, raw, dst, &s.arena) })
	for _, p := range []reflect.Type{target, planned} {
		s.plan = newPlan(row.cols, row.formats, []any{reflect.New(p).Interface()})
		compareTo(t, row, want, wantErr, p.String(), func(dst any) error {
			var e *Error
			if err := row.Scan(dst); errors.As(err, &e) {
				return e.cause
			}
			return nil
		})
	}
}

func compareTo(t *testing.T, row Row, want reflect.Value, wantErr error, plan string, scan func(dst any) error) {
	t.Helper()
	raw, target := row.values[0], want.Type().Elem()
	got := reflect.New(target)
	before := string(raw)
	gotErr := scan(got.Interface())
	fail := func(got, want any) {
		t.Helper()
		t.Fatalf("%s %q into %v, planned for %s: %#v, want %#v", TypeName(row.cols[0].Type), before, target, plan, got, want)
	}
	if wantErr != gotErr && fmt.Sprint(wantErr) != fmt.Sprint(gotErr) { // the very errors
		fail(gotErr, wantErr)
	}
	// Nothing is kept of the transport's memory.
	for i := range raw {
		raw[i] ^= 0xff
	}
	if wantErr == nil && !alike(got.Elem(), want.Elem()) {
		fail(got.Elem(), want.Elem())
	}
	copy(raw, before)
}

// alike is reflect.DeepEqual for which NaN is NaN.
func alike(a, b reflect.Value) bool {
	for (a.Kind() == reflect.Pointer || a.Kind() == reflect.Interface) && !a.IsNil() && !b.IsNil() && a.Elem().Type() == b.Elem().Type() {
		a, b = a.Elem(), b.Elem()
	}
	return reflect.DeepEqual(a.Interface(), b.Interface()) || a.CanFloat() && a.Float() != a.Float() && b.Float() != b.Float()
}

// scanTexts are values, at the limits and beyond, and what is none.
var scanTexts = strings.Split(`|t|f|true|false|0|-0|+0|7|-7|+7|007|32767|32768|-32768|-32769|65535|65536|2147483647|2147483648|-2147483648|-2147483649|4294967295|4294967296`+
	`|999999999999999999|1000000000000000000|9223372036854775807|9223372036854775808|-9223372036854775808|-9223372036854775809|18446744073709551615|18446744073709551616`+
	`|9007199254740992|9007199254740993|16777217|1_000|0x10|0X1p4|1p4|+-5|-|+|.|5.|.5|-.5|1.2.3|..|0.1|0.5|-0.5|1.50|12345.67|1234567890123456.78|99999999999999999.99`+
	`|99999999999999999999999999999999999999|100000000000000000000000000000000000000|-0.00000000000000000000000000000000000001|0.000000000000000000000000000000000000001`+
	`|170141183460469231731687303715884105727|12345678901234567890.123456789012345678|0000000000000000000000000000000000000000000001.50|18446744073709551616.000`+
	`|1e5|1E400|1e-400|NaN|nan|inf|-Infinity|Infinity|infinity|-infinity|3.4028235e38|0.30000000000000004|1.7976931348623157e308| 1|1 |x|é|\x00ff|00ff|00F|zz`+
	`|2024-02-29|2023-02-29|1900-02-29|2000-02-29|0001-01-01|0000-01-01|0000-01-01 BC|0001-12-31 BC|4713-01-01 BC|4714-01-01 BC|294276-12-31|294277-01-01|12024-01-02|2024-13-01|2024-00-10|2024-01-32|2024-04-31|2024-1-02|20240102|2024-01-02x`+
	`|00:00:00|24:00:00|24:00:01|23:59:59.999999|23:59:60|01:02:03.1234567|01:02:03.|01:02:03.5|1:02:03|01:02:03+02|01:02:03.5-02:30|01:02:03+18:00:01|01:02:03+02:60|01:02:03+02:30:15`+
	`|2024-01-02 03:04:05|2024-01-02 03:04:05.678901|2024-01-02 24:00:00|2024-01-02T03:04:05|2024-01-02 03:04:05+00|2024-01-02 03:04:05.6-08:30|2024-01-02 03:04:05 BC|2024-01-02 03:04:05+01 BC|1969-12-31 23:59:59.999999|294276-12-31 23:59:59.999999|2024-01-02 |2024-01-02 03:04:05+`+
	`|1 years 2 mons|1-2|1 days 2 hours 3 mins 4.5 secs|1 day -02:00:00|1 hours|-1 days -2 hours -3 mins -4.567891 secs|1.5 days|9999999 days|10000000 secs|9999999.999999 secs|99999999 days|106751991 days 9999999 hours|-1 years|-2147483648 mons|9999999 years|1 years 2 mons 3 days|0.1234567 secs|5. secs|.5 sec|. secs|+1 day|1  day|1 day |1 day 2|1 s|1 DAY|1 days 2 hours 3 mins 4 secs 5 secs 6 secs 7 secs 8 secs 9 secs|{"a":[1,null]}|[1]|"x"|{`, "|")

// TestScanAgrees scans every text from every type into every type, also texts
// that are made of pieces of others.
func TestScanAgrees(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	texts := scanTexts
	for range 40 {
		b := []byte(scanTexts[r.IntN(len(scanTexts))] + scanTexts[r.IntN(len(scanTexts))])
		if len(b) > 1 {
			b[r.IntN(len(b))] = "0123456789-+.: "[r.IntN(15)]
		}
		texts = append(texts, string(b[r.IntN(len(b)+1)/2:]))
	}
	for _, typ := range scanTypes {
		var s scans
		for i, target := range scanTargets {
			planned := plannedTargets[i%len(plannedTargets)]
			compareScan(t, &s, typ, transport.Text, nil, target, planned)
			for _, text := range texts {
				compareScan(t, &s, typ, transport.Text, []byte(text), target, planned)
				planned = plannedTargets[r.IntN(len(plannedTargets))]
			}
			for size := range 17 {
				raw := make([]byte, size)
				for i := range raw {
					raw[i] = byte(r.IntN(256))
				}
				compareScan(t, &s, typ, transport.Binary, raw, target, planned)
			}
		}
	}
}

// FuzzScan: the scanning by types means what the plain one means.
func FuzzScan(f *testing.F) {
	for i, s := range scanTexts {
		f.Add(uint8(i), uint8(i*7), s)
	}
	f.Fuzz(func(t *testing.T, typ, target uint8, s string) {
		var all scans
		compareScan(t, &all, scanTypes[int(typ)%len(scanTypes)], transport.Text, []byte(s), scanTargets[int(target)%len(scanTargets)], plannedTargets[len(s)%len(plannedTargets)])
	})
}

// TestDays: all days of Redshift's range have the number that package time
// gives them.
func TestDays(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	first := Date{-4712, 1, 1}.In(time.UTC)
	check := func(v time.Time) {
		if d := DateOf(v); d.unix() != v.Unix() || !d.Valid() {
			t.Fatalf("%v is day %d, valid %v, want %d", d, d.unix()/86400, d.Valid(), v.Unix()/86400)
		}
	}
	for i := range 400_000 {
		check(first.AddDate(0, 0, i*273)) // coprime to the weeks, the years and the cycles
	}
	for range 1000 {
		check(first.AddDate(0, 0, r.IntN(109_000_000)))
		d := Date{r.IntN(3000) - 500, time.Month(r.IntN(16) - 1), r.IntN(40) - 2}
		if want := DateOf(d.In(time.UTC)) == d; d.Valid() != want {
			t.Fatalf("%v: valid %v", d, !want)
		}
	}
	check(Date{294276, 12, 31}.In(time.UTC))
}

// TestFloats: short and long decimals are the float64 that strconv makes of
// them, to the last bit.
func TestFloats(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	for range 200_000 {
		v := r.Uint64() >> r.IntN(64)
		if r.IntN(4) == 0 {
			// Near the middle of two doubles, and exactly there.
			v = (r.Uint64()>>11<<1|1)<<r.IntN(10) + uint64(r.IntN(3)) - 1
		}
		s := strconv.FormatUint(v, 10)
		at := r.IntN(len(s) + 1)
		s = []string{"", "-", "+"}[r.IntN(3)] + s[:at] + "." + strings.Repeat("0", r.IntN(4)) + s[at:]
		for _, bits := range []int{32, 64} {
			want, _ := strconv.ParseFloat(s, bits)
			if got, err := parseFloat(s, bits); err != nil || math.Float64bits(got) != math.Float64bits(want) {
				t.Fatalf("%s: %v, %v, want %v", s, got, err, want)
			}
		}
	}
	if f, err := parseFloat("-0.00", 64); f != 0 || !math.Signbit(f) || err != nil {
		t.Error(f, err)
	}
}

// FuzzFloat: what is read without strconv is what strconv reads, to the last bit.
func FuzzFloat(f *testing.F) {
	for _, v := range []string{"0.12345678901234567", "9007199254740993", "-1234567890123456789", ".5", "5.", ".", "-", "1e-5", "0.9999999999999999999", "18446744073709551615", "-0.000", "NaN", "-Infinity", "1_0", "0x1p4", "1e999"} {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, bits := range []int{32, 64} {
			got, err := parseFloat(s, bits)
			if strings.ContainsAny(s, "_xX") { // Go's own
				if err == nil {
					t.Errorf("%q is read as %v", s, got)
				}
				continue
			}
			want, refused := strconv.ParseFloat(s, bits)
			if (err != nil) != (refused != nil) || err == nil && math.Float64bits(got) != math.Float64bits(want) {
				t.Errorf("%q is %v, %v; strconv says %v, %v", s, got, err, want, refused)
			}
		}
	})
}

// FuzzNumeric: a Numeric is what package big makes of the same text.
func FuzzNumeric(f *testing.F) {
	for i, s := range scanTexts {
		f.Add(s, scanTexts[(i*31+7)%len(scanTexts)])
	}
	f.Fuzz(func(t *testing.T, s, other string) {
		n, err := parseNumeric(s)
		want, wantErr := refParseNumeric(s)
		if err != wantErr || n != want { // the very error
			t.Fatalf("%q: %#v, %v, want %#v, %v", s, n, err, want, wantErr)
		}
		if err != nil {
			return
		}
		whole, frac, _ := strings.Cut(strings.TrimLeft(s, "+-"), ".")
		u, ok := new(big.Int).SetString("0"+whole+frac, 10)
		if strings.HasPrefix(s, "-") {
			u.Neg(u)
		}
		if !ok || n.Unscaled().Cmp(u) != 0 || n.Scale() != len(frac) || n.Sign() != u.Sign() {
			t.Fatalf("%q: %v of scale %d", s, n.Unscaled(), n.Scale())
		}
		rat := new(big.Rat).SetFrac(u, pow10(len(frac)))
		if n.Rat().Cmp(rat) != 0 || n.String() != rat.FloatString(len(frac)) {
			t.Fatalf("%q: %v, %s, want %s", s, n.Rat(), n, rat.FloatString(len(frac)))
		}
		got, exact := n.Float64()
		if f, e := rat.Float64(); f != got || e != exact {
			t.Fatalf("%q: %v, %v, want %v, %v", s, got, exact, f, e)
		}
		i, ok := n.Int64()
		if q := new(big.Int).Quo(u, pow10(len(frac))); ok != (rat.IsInt() && q.IsInt64()) || q.IsInt64() && q.Int64() != i {
			t.Fatalf("%q: %d, %v", s, i, ok)
		}
		if m, err := parseNumeric(other); err == nil && n.Cmp(m) != rat.Cmp(m.Rat()) {
			t.Fatalf("%s to %s: %d", n, m, n.Cmp(m))
		}
	})
}
