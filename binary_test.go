package redshift

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/llm-dev-ops/redshift/transport"
)

// binaryOf is a value in the binary form of its type, from the forms' own
// description: the tests' way, which shares nothing with the decoder.
func binaryOf(c *Column, v any) []byte {
	long := func(n int64) []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)) }
	switch v := v.(type) {
	case int64:
		switch c.Type {
		case TypeBigInt:
			return long(v)
		case TypeInteger:
			return long(v)[4:]
		}
		return long(v)[6:]
	case float64:
		return long(int64(math.Float64bits(v)))
	case Numeric:
		u := v.Unscaled()
		if u.IsInt64() {
			return long(u.Int64())
		}
		if u.Sign() < 0 {
			u.Add(u, new(big.Int).Lsh(big.NewInt(1), 128))
		}
		return u.FillBytes(make([]byte, 16))
	case Date:
		return long(int64(v.In(time.UTC).Sub(epoch) / (24 * time.Hour)))[4:]
	case time.Time:
		return long(v.UnixMicro() - epoch.UnixMicro())
	case string:
		return []byte(v)
	}
	panic(fmt.Sprintf("%T", v))
}

func TestBinaryNumericIsExact(t *testing.T) {
	t.Parallel()
	limit := pow10(38)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	check := func(u *big.Int, scale int, wide bool) {
		t.Helper()
		c := &Column{Name: "n", Type: TypeNumeric, TypeMod: 38<<16 | int32(scale) + 4}
		two := new(big.Int).Set(u)
		size := 8
		if wide || !u.IsInt64() {
			size = 16
		}
		if u.Sign() < 0 {
			two.Add(two, new(big.Int).Lsh(big.NewInt(1), uint(8*size)))
		}
		raw := two.FillBytes(make([]byte, size))
		want, wantErr := NewNumericBig(u, scale)
		var got Numeric
		err := store(c, transport.Binary, raw, &got, new(arena))
		if (err == nil) != (wantErr == nil) || got != want {
			t.Fatalf("%v with scale %d in %d bytes: %v, %v", u, scale, size, got, err)
		}
		var text string
		if err == nil && (store(c, transport.Binary, raw, &text, new(arena)) != nil || text != want.String()) {
			t.Fatalf("%v with scale %d as text: %q", u, scale, text)
		}
	}
	for _, edge := range []*big.Int{big.NewInt(0), big.NewInt(math.MaxInt64), big.NewInt(math.MinInt64), limit, new(big.Int).Lsh(big.NewInt(1), 64)} {
		for d := int64(-2); d <= 2; d++ {
			u := new(big.Int).Add(edge, big.NewInt(d))
			for _, scale := range []int{0, 1, 2, 37, 38} {
				check(u, scale, false)
				check(u, scale, true)
				check(new(big.Int).Neg(u), scale, true)
			}
		}
	}
	for range 5000 {
		var b [16]byte
		binary.BigEndian.PutUint64(b[:], r.Uint64()>>r.UintN(70))
		binary.BigEndian.PutUint64(b[8:], r.Uint64())
		u := new(big.Int).SetBytes(b[:])
		if u.BitLen() < 128 {
			check(u, r.IntN(39), r.IntN(2) == 0)
			check(u.Neg(u), r.IntN(39), r.IntN(2) == 0)
		}
	}
}

func TestBinaryTimesAreThoseOfText(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	long := func(n int64) []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)) }
	days := []int64{0, -1, firstDay, firstDay - 1, endDay, endDay - 1, math.MaxInt32, math.MinInt32, -152500, -152384}
	for range 2000 {
		days = append(days, firstDay+r.Int64N(endDay-firstDay))
	}
	for _, n := range days {
		var d Date
		var s string
		err := store(&Column{Type: TypeDate}, transport.Binary, long(n)[4:], &d, new(arena))
		if (n >= firstDay && n < endDay) != (err == nil) {
			t.Fatalf("day %d: %v", n, err)
		}
		if err != nil {
			continue
		}
		want, _ := ParseDate(DateOf(epoch.AddDate(0, 0, int(n))).String())
		if d != want || store(&Column{Type: TypeDate}, transport.Binary, long(n)[4:], &s, new(arena)) != nil || s != want.String() {
			t.Fatalf("day %d is %v, %q; want %v", n, d, s, want)
		}
		micros := n*dayMicros + r.Int64N(dayMicros)
		for _, typ := range []Type{TypeTimestamp, TypeTimestampTZ} {
			var at time.Time
			var text string
			c := &Column{Type: typ}
			if store(c, transport.Binary, long(micros), &at, new(arena)) != nil || at.UnixMicro()-epoch.UnixMicro() != micros || DateOf(at) != want {
				t.Fatalf("microsecond %d is %v", micros, at)
			}
			var again time.Time
			if store(c, transport.Binary, long(micros), &text, new(arena)) != nil || store(c, transport.Text, []byte(text), &again, new(arena)) != nil || !again.Equal(at) {
				t.Fatalf("microsecond %d is %v, as text %q", micros, at, text)
			}
		}
	}
	for _, n := range []int64{firstDay*dayMicros - 1, endDay * dayMicros, math.MaxInt64 - 1, math.MinInt64 + 1} {
		var at any
		if err := store(&Column{Type: TypeTimestamp}, transport.Binary, long(n), &at, new(arena)); err == nil {
			t.Errorf("microsecond %d is %v", n, at)
		}
	}
}

// What comes binary without having been asked for.
func TestRareBinaryForms(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		t         Type
		raw, want string // "" for an error
	}{
		{transport.OIDInterval, "\x00\x00\x00\x00\x00\x0f\x42\x41\x00\x03\x00\x0e", "1 year 2 mons 3 days 00:00:01.000001"},
		{transport.OIDInterval, strings.Repeat("\x00", 12), "00:00:00"},
		{transport.OIDInterval, strings.Repeat("\xff", 12), "-1 mons -1 days -00:00:00.000001"},
		{transport.OIDInterval, "\x80" + strings.Repeat("\x00", 11), "-2562047788:00:54.775808"},
		{transport.OIDInterval, strings.Repeat("\x00", 16), ""}, // PostgreSQL's
		{TypeIntervalYM, "\xff\xff\xff\xf4", "-1 years 0 mons"},
		{TypeIntervalDS, "\x00\x00\x00\x14\x1d\xd7\x60\x00", "1 days 0 hours 0 mins 0.0 secs"},
		{TypeTime, "\x00\x00\x00\x00\x00\x0f\x42\x40", "00:00:01"},
		{TypeTimeTZ, "\x00\x00\x00\x00\x00\x0f\x42\x40\x00\x00\x1c\x20", "00:00:01-02"},
		{transport.OIDAbstime, "\x00\x00\x00\x01", "1970-01-01 00:00:01+00"},
		{transport.OIDOID, "\xff\xff\xff\xff", "4294967295"},
		{transport.OIDRegproc, "\x00\x00\x00\x07", "7"},
		{transport.OIDBytea, "\x00\xff", "00ff"},
		{transport.OIDChar, "r", "r"},
		{TypeSuper, `{"a":1}`, `{"a":1}`},
		{TypeVarbyte, "00ff", "00ff"},
		{TypeGeometry, "0101", "0101"},
		{TypeGeography, "\x01\x01", "0101"},
		{TypeHLLSketch, `{"logm":15}`, `{"logm":15}`},
		{1007, "\x00\x00\x00\x00", ""}, // an array
	} {
		var got string
		err := store(&Column{Type: c.t}, transport.Binary, []byte(c.raw), &got, new(arena))
		if (err == nil) != (c.want != "") || got != c.want {
			t.Errorf("%d %x: %q, %v; want %q", c.t, c.raw, got, err, c.want)
		}
	}
}

// FuzzBinaryScan: a binary value means, in every type of Go, what its text
// means.
func FuzzBinaryScan(f *testing.F) {
	f.Add(uint8(7), uint8(32), []byte("\xff\xff\xff\xff\xff\xff\xff\xfb"))
	f.Add(uint8(10), uint8(62), []byte("\xff\xff\xff\xff"))
	f.Add(uint8(13), uint8(63), []byte("\x00\x00\x00\x00\x00\x0f\x42\x40"))
	f.Fuzz(func(t *testing.T, typ, target uint8, raw []byte) {
		var s scans
		compareScan(t, &s, scanTypes[int(typ)%len(scanTypes)], transport.Binary, raw, scanTargets[int(target)%len(scanTargets)], plannedTargets[len(raw)%len(plannedTargets)])
	})
}

// binaryItems are items in binary.
func binaryItems(tb testing.TB) (cols []Column, rows [2][][]byte) {
	cols, rows = items()
	for i := range cols {
		c := &cols[i]
		if c.Type == TypeNumeric {
			c.TypeMod = 15<<16 | 2 + 4
		}
		for k := range rows {
			var v any
			var err error
			switch c.Type {
			case TypeBigInt, TypeInteger:
				var n int64
				err = store(c, transport.Text, rows[k][i], &n, new(arena))
				v = n
			case TypeTimestamp:
				var at time.Time
				err = store(c, transport.Text, rows[k][i], &at, new(arena))
				v = at
			default:
				err = store(c, transport.Text, rows[k][i], &v, new(arena))
			}
			if err != nil {
				tb.Fatal(err)
			}
			rows[k][i] = binaryOf(c, v)
		}
	}
	return cols, rows
}

func TestBinaryItems(t *testing.T) {
	t.Parallel()
	cols, rows := binaryItems(t)
	_, texts := items()
	var s scans
	formats := make([]transport.Format, len(cols))
	for i := range formats {
		formats[i] = transport.Binary
	}
	for i := range 4 { // the first row makes the plan
		var got, want item
		if err := (Row{cols, formats, rows[i%2], &s}).Scan(got.fields()...); err != nil {
			t.Fatal(err)
		}
		if err := (Row{cols, make([]transport.Format, len(cols)), texts[i%2], nil}).Scan(want.fields()...); err != nil {
			t.Fatal(err)
		}
		if got.Comment == nil || *got.Comment != *want.Comment {
			t.Error("the comments differ")
		}
		got.Comment, want.Comment = nil, nil
		if got != want {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
	}
}

func BenchmarkScanBinary(b *testing.B) {
	cols, rows := binaryItems(b)
	var s scans
	row := Row{cols, make([]transport.Format, len(cols)), nil, &s}
	for i := range row.formats {
		row.formats[i] = transport.Binary
	}
	var v item
	dst := v.fields()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		row.values = rows[i%2]
		if err := row.Scan(dst...); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkFormats is one value of a type in either format.
func BenchmarkFormats(b *testing.B) {
	texts, textRows := items()
	cols, rows := binaryItems(b)
	var v item
	dst := v.fields()
	for i, c := range cols {
		if i == 7 { // a NUMERIC that a long does not hold
			cols[i].TypeMod = 38<<16 | 18 + 4
			textRows[0][i] = []byte("12345678901234567890.123456789012345678")
			n, _ := ParseNumeric(string(textRows[0][i]))
			rows[0][i] = binaryOf(&cols[i], n)
		} else if c.Type == TypeVarchar || i > 0 && cols[i-1].Type == c.Type {
			continue
		}
		run := func(name string, col Column, f transport.Format, raw []byte) {
			b.Run(c.Name+"/"+TypeName(c.Type)+"/"+name, func(b *testing.B) {
				var s scans
				row := Row{[]Column{col}, []transport.Format{f}, [][]byte{raw}, &s}
				for b.Loop() {
					if err := row.Scan(dst[i]); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
		run("text", texts[i], transport.Text, textRows[0][i])
		run("binary", c, transport.Binary, rows[0][i])
	}
}
