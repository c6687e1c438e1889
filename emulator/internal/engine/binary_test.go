//go:build cgo

package engine

import (
	"context"
	"encoding/hex"
	"testing"

	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
)

// TestBinary has the forms as the documents of the protocol lay them out, by the first
// version that has them.
func TestBinary(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	c := open(t, Config{})
	numeric := func(precision, scale int16) rstype.Type {
		return rstype.Type{Kind: rstype.Numeric, Precision: precision, Scale: scale}
	}
	kind := func(k rstype.Kind) rstype.Type { return rstype.Type{Kind: k} }
	for _, k := range []struct {
		sql   string
		typ   rstype.Type
		first int32
		want  string
	}{
		{"true", kind(rstype.Bool), 0, "01"},
		{"false", kind(rstype.Bool), 0, "00"},
		{"(-2)::bigint", kind(rstype.Int2), 0, "fffe"},
		{"(-2147483648)::int", kind(rstype.Int4), 0, "80000000"},
		{"9223372036854775807", kind(rstype.Int8), 0, "7fffffffffffffff"},
		{"4294967295::uinteger", kind(rstype.OID), 0, "ffffffff"},
		{"1.5::float", kind(rstype.Float4), 0, "3fc00000"},
		{"1.5::double", kind(rstype.Float8), 0, "3ff8000000000000"},
		{"'-inf'::double", kind(rstype.Float8), 0, "fff0000000000000"},
		// Days since 2000.
		{"date '2000-01-02'", kind(rstype.Date), 0, "00000001"},
		{"date '1999-12-31'", kind(rstype.Date), 0, "ffffffff"},
		// Microseconds of the day, and since 2000.
		{"time '00:00:01'", kind(rstype.Time), 0, "00000000000f4240"},
		{"timestamp '1999-12-31 23:59:59.999999'", kind(rstype.Timestamp), 0, "ffffffffffffffff"},
		{"timestamptz '2000-01-01 01:00:00+01'", kind(rstype.TimestampTZ), 0, "0000000000000000"},
		// Microseconds and seconds west.
		{"timetz '00:00:01+02'", kind(rstype.TimeTZ), 0, "00000000000f4240" + "ffffe3e0"},
		{"timetz '23:59:59.999999-05:30'", kind(rstype.TimeTZ), 0, "000000141dd75fff" + "00004d58"},
		{"'é'", kind(rstype.Varchar), 0, "c3a9"},
		{"'ab'", rstype.Type{Kind: rstype.Char, Len: 4}, 0, "61622020"},
		{`'{"a":1}'`, kind(rstype.Super), 0, "7b2261223a317d"},
		// The value without its point: 8 bytes up to 19 digits, else 16.
		{"12.34::decimal(4,2)", numeric(4, 2), 2, "00000000000004d2"},
		{"-12.34::decimal(8,2)", numeric(8, 2), 2, "fffffffffffffb2e"},
		{"-0.07::decimal(18,2)", numeric(18, 2), 2, "fffffffffffffff9"},
		{"0::decimal(9,9)", numeric(9, 9), 2, "0000000000000000"},
		{"1::decimal(19,0)", numeric(19, 0), 2, "0000000000000001"},
		{"-9223372036854775808::decimal(19,0)", numeric(19, 0), 2, "8000000000000000"},
		{"9223372036854775808::decimal(19,0)", numeric(19, 0), 2, "00000000000000008000000000000000"},
		{"1.0::decimal(20,1)", numeric(20, 1), 2, "0000000000000000000000000000000a"},
		{"-1::decimal(38,0)", numeric(38, 0), 2, "ffffffffffffffffffffffffffffffff"},
		{"99999999999999999999999999999999999999::decimal(38,0)", numeric(38, 0), 2, "4b3b4ca85a86c47a098a223fffffffff"},
		{"-99999999999999999999999999999999999999::decimal(38,0)", numeric(38, 0), 2, "b4c4b357a5793b85f675ddc000000001"},
		{"7::hugeint", numeric(38, 0), 2, "00000000000000000000000000000007"},
		// Months; microseconds with the days in them.
		{"interval '1 year 2 months'", kind(rstype.IntervalYM), 2, "0000000e"},
		{"-interval '1 month'", kind(rstype.IntervalYM), 2, "ffffffff"},
		{"interval '1 day 00:00:00.000001'", kind(rstype.IntervalDS), 2, "000000141dd76001"},
		{"-interval '1 microsecond'", kind(rstype.IntervalDS), 2, "ffffffffffffffff"},
		{"'01FF'", kind(rstype.Geography), 2, "01ff"},
	} {
		r, err := c.Query(ctx, "SELECT "+k.sql, nil)
		if err != nil {
			t.Fatal(err)
		}
		chunk, err := r.Next(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for protocol := range int32(4) {
			e, err := NewEncoder([]rstype.Type{k.typ}, []int16{1}, Session{Protocol: protocol})
			if protocol < k.first {
				if err == nil || HasBinary(k.typ, protocol) {
					t.Errorf("%s in version %d: %v", k.typ, protocol, err)
				}
				continue
			}
			if err == nil {
				err = e.Match(r.Columns())
			}
			if err != nil || !HasBinary(k.typ, protocol) {
				t.Fatalf("%s in version %d: %v", k.sql, protocol, err)
			}
			if got := hex.EncodeToString(e.AppendDataRow(nil, chunk, 0)[11:]); got != k.want {
				t.Errorf("%s in version %d: %s, want %s", k.sql, protocol, got, k.want)
			}
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// What has no binary form in any version, and what the storage does not allow.
func TestNoBinary(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	c := open(t, Config{})
	for _, k := range []rstype.Kind{rstype.Numeric, rstype.Varbyte, rstype.Geometry, rstype.HLLSketch, rstype.Void} {
		if _, err := NewEncoder([]rstype.Type{{Kind: k}}, []int16{1}, Session{Protocol: 3}); err == nil || HasBinary(rstype.Type{Kind: k}, 3) {
			t.Errorf("binary %s is accepted", k)
		}
	}
	for _, k := range []struct {
		sql string
		typ rstype.Type
	}{
		{"1.5::decimal(4,1)", rstype.Type{Kind: rstype.Numeric, Precision: 4, Scale: 2}},
		{"1.5::decimal(4,1)", rstype.Type{Kind: rstype.Int8}},
		{"1.5::double", rstype.Type{Kind: rstype.Numeric, Precision: 4, Scale: 1}},
		{"1", rstype.Type{Kind: rstype.IntervalDS}},
	} {
		r, err := c.Query(ctx, "SELECT "+k.sql, nil)
		if err != nil {
			t.Fatal(err)
		}
		e, err := NewEncoder([]rstype.Type{k.typ}, []int16{1}, Session{Protocol: 3})
		if err != nil {
			t.Fatal(err)
		}
		if e.Match(r.Columns()) == nil {
			t.Errorf("%s is sent as %s", k.sql, k.typ)
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
