package redshift

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/llm-dev-ops/redshift/transport"
)

// What follows is the plain way to scan: a string of every value, of which a
// parser of the standard library makes an any, which is then assigned. It is
// slow and says what Scan means; see FuzzScan.

func refStore(c *transport.Column, f transport.Format, raw []byte, dst any) error {
	if raw == nil {
		return refStoreNull(dst)
	}
	if f == transport.Binary {
		var err error
		if raw, err = binaryText(c, raw); err != nil {
			return err
		}
	}
	switch d := dst.(type) {
	case nil:
		return nil // the column is skipped
	case *string:
		*d = string(raw)
		return nil
	case *json.RawMessage:
		if !json.Valid(raw) {
			return errJSON
		}
		*d = append((*d)[:0:0], raw...)
		return nil
	}
	v, err := refDecode(c.Type, string(raw))
	if err != nil {
		return err
	}
	return refAssign(v, dst)
}

func refStoreNull(dst any) error {
	if dst == nil {
		return nil
	}
	v := reflect.ValueOf(dst)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return errKind
	}
	switch v.Elem().Kind() {
	case reflect.Pointer, reflect.Interface, reflect.Slice:
		v.Elem().SetZero()
		return nil
	}
	return errNull
}

// refAssign stores a decoded value in what dst points to.
func refAssign(v any, dst any) error {
	switch d := dst.(type) {
	case *any:
		*d = v
		return nil
	case *time.Time:
		switch t := v.(type) {
		case Timestamp:
			*d = t.Time
			return finite(t.Inf)
		case TimestampTZ:
			*d = t.Time
			return finite(t.Inf)
		case Date:
			*d = t.In(time.UTC)
			return nil
		}
		return errKind
	case *time.Duration:
		if i, ok := v.(IntervalDS); ok {
			if *d, ok = i.Duration(); !ok {
				return errRange
			}
			return nil
		}
		return errKind
	case **big.Int:
		n, ok := v.(Numeric)
		if !ok {
			return errKind
		}
		q, r := new(big.Int).QuoRem(n.Unscaled(), pow10(n.Scale()), new(big.Int))
		if r.Sign() != 0 {
			return errLossy
		}
		*d = q
		return nil
	}
	p := reflect.ValueOf(dst)
	if p.Kind() != reflect.Pointer || p.IsNil() {
		return errKind
	}
	e, src := p.Elem(), reflect.ValueOf(v)
	if src.Type().AssignableTo(e.Type()) {
		e.Set(src)
		return nil
	}
	switch e.Kind() {
	case reflect.Pointer:
		fresh := reflect.New(e.Type().Elem())
		if err := refAssign(v, fresh.Interface()); err != nil {
			return err
		}
		e.Set(fresh)
		return nil
	case reflect.String:
		return refAssignString(v, e)
	case reflect.Slice:
		if e.Type().Elem().Kind() != reflect.Uint8 {
			return errKind
		}
		switch src.Kind() {
		case reflect.Slice:
			e.SetBytes(src.Bytes())
			return nil
		case reflect.String:
			e.SetBytes([]byte(src.String()))
			return nil
		}
	case reflect.Bool:
		if b, ok := v.(bool); ok {
			e.SetBool(b)
			return nil
		}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return refAssignInt(v, e)
	case reflect.Float32, reflect.Float64:
		return refAssignFloat(v, e)
	}
	if n, ok := v.(int64); ok && e.Type() == reflect.TypeFor[Numeric]() {
		e.Set(reflect.ValueOf(numeric(n, 0)))
		return nil
	}
	if n, ok := integer(v); ok && e.Type() == reflect.TypeFor[Numeric]() {
		e.Set(reflect.ValueOf(numeric(n, 0)))
		return nil
	}
	return errKind
}

func refAssignString(v any, e reflect.Value) error {
	switch s := reflect.ValueOf(v); s.Kind() {
	case reflect.String:
		e.SetString(s.String())
	case reflect.Slice:
		e.SetString(hexText(s.Bytes()))
	default:
		e.SetString(fmt.Sprint(v))
	}
	return nil
}

func refAssignInt(v any, e reflect.Value) error {
	n, ok := integer(v)
	if d, isNumeric := v.(Numeric); isNumeric {
		whole, r := new(big.Int).QuoRem(d.Unscaled(), pow10(d.Scale()), new(big.Int))
		if r.Sign() != 0 {
			return errLossy
		}
		if e.CanUint() && whole.IsUint64() && !e.OverflowUint(whole.Uint64()) {
			e.SetUint(whole.Uint64())
			return nil
		}
		if !whole.IsInt64() {
			return errRange
		}
		n, ok = whole.Int64(), true
	}
	if !ok {
		return errKind
	}
	if e.CanInt() {
		if e.OverflowInt(n) {
			return errRange
		}
		e.SetInt(n)
		return nil
	}
	if n < 0 || e.OverflowUint(uint64(n)) {
		return errRange
	}
	e.SetUint(uint64(n))
	return nil
}

func refAssignFloat(v any, e reflect.Value) error {
	var f float64
	switch n := v.(type) {
	case float32:
		f = float64(n)
	case float64:
		f = n
	case Numeric:
		var exact bool
		if f, exact = n.Float64(); !exact {
			return errLossy
		}
	default:
		i, ok := integer(v)
		if !ok {
			return errKind
		}
		f = float64(i)
		// Above 2^53 not every integer is a float64.
		if i > 1<<53 || i < -1<<53 {
			return errLossy
		}
	}
	if e.Kind() == reflect.Float32 && float64(float32(f)) != f && !math.IsNaN(f) {
		return errLossy
	}
	e.SetFloat(f)
	return nil
}

// refDecode gives the Go value of a text value by its type: bool, int16, int32,
// int64, uint32 (oid), float32, float64, string, or a type of this package.
// Types that are not known come as string.
func refDecode(t Type, s string) (any, error) {
	switch t {
	case TypeBoolean:
		return parseBool(s)
	case TypeSmallInt:
		n, err := refParseInt(s, 16)
		return int16(n), err
	case TypeInteger:
		n, err := refParseInt(s, 32)
		return int32(n), err
	case TypeBigInt:
		return refParseInt(s, 64)
	case transport.OIDOID:
		n, err := strconv.ParseUint(s, 10, 32)
		if err != nil {
			err = errInt
		}
		return uint32(n), err
	case TypeReal:
		f, err := refParseFloat(s, 32)
		return float32(f), err
	case TypeDouble:
		return refParseFloat(s, 64)
	case TypeNumeric:
		return refParseNumeric(s)
	case TypeChar:
		return Char(s), nil
	case TypeDate:
		return refParseDate(s)
	case TypeTime:
		return strip(refParseTime(s))
	case TypeTimeTZ:
		return strip(refParseTimeTZ(s))
	case TypeTimestamp:
		v, inf, err := refParseTimestamp(s, false)
		return Timestamp{v, inf}, err
	case TypeTimestampTZ:
		v, inf, err := refParseTimestamp(s, true)
		return TimestampTZ{v, inf}, err
	case TypeIntervalYM:
		return strip(refParseIntervalYM(s))
	case TypeIntervalDS:
		return strip(refParseIntervalDS(s))
	case TypeSuper:
		if !json.Valid([]byte(s)) {
			return nil, errJSON
		}
		return Super(s), nil
	case TypeVarbyte, transport.OIDBytea:
		b, err := refUnhex(s)
		return Varbyte(b), err
	case TypeGeometry, transport.OIDGeometryHex:
		b, err := refUnhex(s)
		return Geometry(b), err
	case TypeGeography:
		b, err := refUnhex(s)
		return Geography(b), err
	case TypeHLLSketch:
		return HLLSketch(s), nil
	}
	return s, nil
}

func refUnhex(s string) ([]byte, error) {
	b, err := hex.DecodeString(strings.TrimPrefix(s, `\x`))
	if err != nil {
		return nil, errHex
	}
	return b, nil
}

func refParseInt(s string, bits int) (int64, error) {
	n, err := strconv.ParseInt(s, 10, bits)
	if err != nil {
		return 0, errInt
	}
	return n, nil
}

func refParseFloat(s string, bits int) (float64, error) {
	if strings.ContainsAny(s, "xXpP_") {
		return 0, errFloat
	}
	f, err := strconv.ParseFloat(s, bits)
	if err != nil {
		return 0, errFloat
	}
	return f, nil
}

func refParseNumeric(s string) (Numeric, error) {
	body := strings.TrimLeft(s, "+-")
	if len(s)-len(body) > 1 || body == "" || len(body) > 200 {
		return Numeric{}, errNumeric
	}
	whole, frac, point := strings.Cut(body, ".")
	if whole == "" && frac == "" || point && strings.Contains(frac, ".") || len(frac) > maxPrecision {
		return Numeric{}, errNumeric
	}
	all := whole + frac
	for _, c := range []byte(all) {
		if c < '0' || c > '9' {
			return Numeric{}, errNumeric
		}
	}
	if s[0] == '-' {
		all = "-" + all
	}
	b, ok := new(big.Int).SetString(all, 10)
	if !ok || digits(b) > maxPrecision {
		return Numeric{}, errNumeric
	}
	return NewNumericBig(b, len(frac))
}

func refParseDate(s string) (Date, error) {
	body, bc := strings.CutSuffix(s, " BC")
	d, rest, err := refCutDate(body, bc)
	if err == nil && rest != "" {
		err = errDate
	}
	return d, err
}

// refCutDate reads a date from the beginning of s.
func refCutDate(s string, bc bool) (Date, string, error) {
	i := strings.IndexByte(s, '-')
	if i < 4 || i > 6 || len(s) < i+6 || s[i+3] != '-' {
		return Date{}, "", errDate
	}
	y, ok1 := refNumber(s[:i])
	m, ok2 := refNumber(s[i+1 : i+3])
	day, ok3 := refNumber(s[i+4 : i+6])
	if bc {
		y = 1 - y
	}
	d := Date{y, time.Month(m), day}
	if !ok1 || !ok2 || !ok3 || y == 0 && !bc || bc && y > 0 || d.Year < -4712 || d.Year > 294276 || DateOf(d.In(time.UTC)) != d {
		return Date{}, "", errDate
	}
	return d, s[i+6:], nil
}

// refNumber reads digits alone.
func refNumber(s string) (int, bool) {
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return 0, false
		}
	}
	n, err := strconv.Atoi(s)
	return n, err == nil
}

// refCutClock reads HH:MM:SS[.ffffff] from the beginning of s.
func refCutClock(s string) (micros int64, rest string, err error) {
	if len(s) < 8 || s[2] != ':' || s[5] != ':' {
		return 0, "", errTime
	}
	h, ok1 := refNumber(s[:2])
	m, ok2 := refNumber(s[3:5])
	sec, ok3 := refNumber(s[6:8])
	if !ok1 || !ok2 || !ok3 || h > 24 || m > 59 || sec > 59 {
		return 0, "", errTime
	}
	micros = (int64(h)*3600 + int64(m)*60 + int64(sec)) * 1_000_000
	rest = s[8:]
	if strings.HasPrefix(rest, ".") {
		n, scale := 1, int64(100_000)
		for ; n < len(rest) && rest[n] >= '0' && rest[n] <= '9'; n++ {
			if n > 6 {
				return 0, "", errTime
			}
			micros += int64(rest[n]-'0') * scale
			scale /= 10
		}
		if n == 1 {
			return 0, "", errTime
		}
		rest = rest[n:]
	}
	if micros > dayMicros {
		return 0, "", errTime
	}
	return micros, rest, nil
}

// refParseOffset reads +HH, +HH:MM or +HH:MM:SS.
func refParseOffset(s string) (int, error) {
	if len(s) != 3 && len(s) != 6 && len(s) != 9 || s[0] != '+' && s[0] != '-' {
		return 0, errTime
	}
	total := 0
	for i, unit := 1, 3600; i < len(s); i, unit = i+3, unit/60 {
		n, ok := refNumber(s[i : i+2])
		if !ok || unit < 3600 && n > 59 || i > 1 && s[i-1] != ':' {
			return 0, errTime
		}
		total += n * unit
	}
	if total > 18*3600 {
		return 0, errTime
	}
	if s[0] == '-' {
		total = -total
	}
	return total, nil
}

// refParseTime reads 15:04:05 with up to six digits of fraction.
func refParseTime(s string) (Time, error) {
	m, rest, err := refCutClock(s)
	if err != nil || rest != "" {
		return Time{}, usage("%v", errTime)
	}
	return Time{m}, nil
}

// refParseTimeTZ reads a time of day with an offset: 15:04:05.6+02:30.
func refParseTimeTZ(s string) (TimeTZ, error) {
	m, rest, err := refCutClock(s)
	if err == nil {
		var off int
		if off, err = refParseOffset(rest); err == nil {
			return TimeTZ{m, off}, nil
		}
	}
	return TimeTZ{}, usage("%v", err)
}

func refParseTimestamp(s string, zone bool) (time.Time, Infinity, error) {
	switch s {
	case "infinity":
		return time.Time{}, PositiveInfinity, nil
	case "-infinity":
		return time.Time{}, NegativeInfinity, nil
	}
	body, bc := strings.CutSuffix(s, " BC")
	d, rest, err := refCutDate(body, bc)
	if err != nil || !strings.HasPrefix(rest, " ") {
		return time.Time{}, 0, errTimestamp
	}
	micros, rest, err := refCutClock(rest[1:])
	if err != nil || micros == dayMicros {
		return time.Time{}, 0, errTimestamp
	}
	t := d.In(time.UTC).Add(time.Duration(micros) * time.Microsecond)
	if !zone {
		if rest != "" {
			return time.Time{}, 0, errTimestamp
		}
		return t, 0, nil
	}
	off, err := refParseOffset(rest)
	if err != nil {
		return time.Time{}, 0, errTimestamp
	}
	return t.Add(-time.Duration(off) * time.Second), 0, nil
}

// refParseIntervalYM reads 1 years 2 mons in any common spelling, and 1-2.
func refParseIntervalYM(s string) (IntervalYM, error) {
	months, micros, err := refParseInterval(s)
	if err != nil || micros.Sign() != 0 || !months.IsInt64() || int64(int32(months.Int64())) != months.Int64() {
		return IntervalYM{}, usage("%v", errInterval)
	}
	return IntervalYM{int32(months.Int64())}, nil
}

// refParseIntervalDS reads 1 days 2 hours 3 mins 4.5 secs in any common spelling,
// and 1 day 02:03:04.5.
func refParseIntervalDS(s string) (IntervalDS, error) {
	months, micros, err := refParseInterval(s)
	if err != nil || months.Sign() != 0 || !micros.IsInt64() {
		return IntervalDS{}, usage("%v", errInterval)
	}
	return IntervalDS{micros.Int64()}, nil
}

// refParseInterval reads the output of PostgreSQL's and of Redshift's intervals
// (assumed: "1 years 2 mons", "1 days 2 hours 3 mins 4.5 secs").
func refParseInterval(s string) (months, micros *big.Int, err error) {
	months, micros = new(big.Int), new(big.Int)
	fields := strings.Fields(s)
	if len(fields) == 0 || len(fields) > 16 {
		return nil, nil, errInterval
	}
	for i := 0; i < len(fields); i++ {
		f := fields[i]
		body := strings.TrimLeft(f, "+-")
		negative := strings.HasPrefix(f, "-")
		if len(f)-len(body) > 1 || body == "" || len(body) > 24 {
			return nil, nil, errInterval
		}
		if strings.Contains(body, ":") {
			if strings.Index(body, ":") == 1 {
				body = "0" + body
			}
			m, rest, err := refCutClock(body)
			if err != nil || rest != "" {
				return nil, nil, errInterval
			}
			add(micros, big.NewInt(m), negative)
			continue
		}
		if y, m, ok := strings.Cut(body, "-"); ok {
			years, ok1 := refNumber(y)
			mons, ok2 := refNumber(m)
			if !ok1 || !ok2 || mons > 11 || years > 1e9 {
				return nil, nil, errInterval
			}
			add(months, big.NewInt(int64(years)*12+int64(mons)), negative)
			continue
		}
		if i++; i == len(fields) {
			return nil, nil, errInterval
		}
		name := strings.TrimSuffix(strings.ToLower(fields[i]), "s")
		unit, ok := units[name]
		n, perr := refParseNumeric(body)
		if !ok || perr != nil {
			return nil, nil, errInterval
		}
		v := new(big.Int).Mul(n.Unscaled(), big.NewInt(unit))
		v, r := v.QuoRem(v, pow10(n.Scale()), new(big.Int))
		if r.Sign() != 0 {
			return nil, nil, errInterval
		}
		if unit <= 12 {
			add(months, v, negative)
		} else {
			add(micros, v, negative)
		}
	}
	return months, micros, nil
}

// strip takes the dressing of a public parser's error off.
func strip[T any](v T, err error) (any, error) {
	if err != nil {
		return nil, fmt.Errorf("%s", errorMessage(err))
	}
	return v, nil
}
