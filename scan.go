package redshift

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"reflect"
	"strconv"
	"time"

	"github.com/llm-dev-ops/redshift/transport"
)

var (
	errNull     = errors.New("is NULL; scan into a pointer to a pointer")
	errRange    = errors.New("does not fit")
	errLossy    = errors.New("would lose digits; scan into a redshift.Numeric or cast in SQL")
	errInfinite = errors.New("is infinite; scan into a redshift.Timestamp or TimestampTZ")
	errKind     = errors.New("cannot be converted")
)

// scanValue stores a value in what dst points to. The error names the column
// and the types, and never shows the value.
func scanValue(c *transport.Column, f transport.Format, raw []byte, dst any, a *arena) error {
	if err := store(c, f, raw, dst, a); err != nil {
		return scanError(c, dst, err)
	}
	return nil
}

func scanError(c *transport.Column, dst any, err error) error {
	return &Error{Kind: ErrData, Message: fmt.Sprintf("column %q (%s) into %T: %v", c.Name, typeWords(c.Type), dst, err), cause: err}
}

// typeWords is the name of a type, or its number.
func typeWords(t Type) string {
	if name := TypeName(t); name != "" {
		return name
	}
	return "type " + strconv.FormatUint(uint64(t), 10)
}

// store goes straight from the bytes to the usual types of Go. All others, and
// the conversions that are rare, go by decode and assign, which would do for
// all; both ways mean the same (FuzzScan).
func store(c *transport.Column, f transport.Format, raw []byte, dst any, a *arena) error {
	if raw == nil {
		return storeNull(dst)
	}
	if f == transport.Binary {
		return storeBinary(c, raw, dst, a)
	}
	return storeText(c, raw, dst, a)
}

// storeText is store for a value in text.
func storeText(c *transport.Column, raw []byte, dst any, a *arena) error {
	switch d := dst.(type) {
	case nil:
		return nil // the column is skipped
	case *string:
		return a.setString(d, raw)
	case *json.RawMessage:
		if !json.Valid(raw) {
			return errJSON
		}
		return put(d, bytes.Clone(raw))
	}
	switch c.Type {
	case TypeBigInt:
		return storeInt(c.Type, 64, raw, dst, a)
	case TypeInteger:
		return storeInt(c.Type, 32, raw, dst, a)
	case TypeSmallInt:
		return storeInt(c.Type, 16, raw, dst, a)
	case TypeNumeric:
		return storeNumeric(raw, dst, a)
	case TypeDate:
		return storeDate(raw, dst, a)
	case TypeTimestamp, TypeTimestampTZ:
		return storeTimestamp(c.Type, raw, dst, a)
	case TypeReal, TypeDouble:
		return storeFloat(c.Type, raw, dst, a)
	case TypeBoolean:
		return storeBool(raw, dst, a)
	case TypeVarchar, transport.OIDText, transport.OIDUnknown:
		return storeString(raw, dst, a)
	}
	v, err := decode(c.Type, raw)
	if err != nil {
		return err
	}
	return assign(v, dst)
}

func storeNull(dst any) error {
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

func put[T any](d *T, v T) error {
	if d == nil {
		return errKind
	}
	*d = v
	return nil
}

func putInt[T int | int8 | int16 | int32](d *T, n int64) error {
	if d == nil {
		return errKind
	}
	if int64(T(n)) != n {
		return errRange
	}
	*d = T(n)
	return nil
}

func putUint[T uint | uint8 | uint16 | uint32 | uint64](d *T, n int64) error {
	if d == nil {
		return errKind
	}
	if n < 0 || uint64(T(n)) != uint64(n) {
		return errRange
	}
	*d = T(n)
	return nil
}

func storeInt(t Type, bits int, raw []byte, dst any, a *arena) error {
	n, err := parseInt(view(raw), bits)
	if err != nil {
		return err
	}
	return putInteger(t, n, dst, a)
}

func putInteger(t Type, n int64, dst any, a *arena) error {
	switch d := dst.(type) {
	case *int64:
		return put(d, n)
	case *int32:
		return putInt(d, n)
	case *int:
		return putInt(d, n)
	case *int16:
		return putInt(d, n)
	case *int8:
		return putInt(d, n)
	case *uint64:
		return putUint(d, n)
	case *uint32:
		return putUint(d, n)
	case *uint:
		return putUint(d, n)
	case *uint16:
		return putUint(d, n)
	case *uint8:
		return putUint(d, n)
	case *Numeric:
		return put(d, numeric(n, 0))
	case *time.Duration:
		return errKind // of which unit?
	case **int64:
		return a.longs.point(d, n)
	case **int:
		return a.words.point(d, int(n))
	case **int32:
		if n == int64(int32(n)) {
			return a.ints.point(d, int32(n))
		}
	case **int16:
		if n == int64(int16(n)) {
			return a.shorts.point(d, int16(n))
		}
	}
	if e, ok := target(dst); ok {
		switch e.Kind() {
		case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
			reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
			return setInt(n, e)
		}
	}
	switch t {
	case TypeSmallInt:
		return assign(int16(n), dst)
	case TypeInteger:
		return assign(int32(n), dst)
	}
	return assign(n, dst)
}

// target is what dst points to.
func target(dst any) (reflect.Value, bool) {
	p := reflect.ValueOf(dst)
	if p.Kind() != reflect.Pointer || p.IsNil() {
		return reflect.Value{}, false
	}
	return p.Elem(), true
}

func storeNumeric(raw []byte, dst any, a *arena) error {
	n, err := parseNumeric(view(raw))
	if err != nil {
		return err
	}
	return putNumeric(n, dst, a)
}

func putNumeric(n Numeric, dst any, a *arena) error {
	switch d := dst.(type) {
	case *Numeric:
		return put(d, n)
	case **Numeric:
		return a.numerics.point(d, n)
	case *float64:
		f, exact := n.Float64()
		if !exact && d != nil {
			return errLossy
		}
		return put(d, f)
	case *int64:
		if i, ok := n.Int64(); ok {
			return put(d, i)
		}
	}
	return assign(n, dst)
}

func storeFloat(t Type, raw []byte, dst any, a *arena) error {
	if t == TypeReal {
		f, err := parseFloat(view(raw), 32)
		if err != nil {
			return err
		}
		return putFloat(t, f, dst, a)
	}
	f, err := parseFloat(view(raw), 64)
	if err != nil {
		return err
	}
	return putFloat(t, f, dst, a)
}

func putFloat(t Type, f float64, dst any, a *arena) error {
	if t == TypeReal {
		switch d := dst.(type) {
		case *float32:
			return put(d, float32(f))
		case *float64:
			return put(d, f)
		case **float32:
			return a.reals.point(d, float32(f))
		case **float64:
			return a.doubles.point(d, f)
		}
		return assign(float32(f), dst)
	}
	switch d := dst.(type) {
	case *float64:
		return put(d, f)
	case **float64:
		return a.doubles.point(d, f)
	}
	return assign(f, dst)
}

func storeBool(raw []byte, dst any, a *arena) error {
	b, err := parseBool(view(raw))
	if err != nil {
		return err
	}
	return putBool(b, dst, a)
}

func putBool(b bool, dst any, a *arena) error {
	switch d := dst.(type) {
	case *bool:
		return put(d, b)
	case **bool:
		return a.bools.point(d, b)
	}
	return assign(b, dst)
}

func storeDate(raw []byte, dst any, a *arena) error {
	v, err := parseDate(view(raw))
	if err != nil {
		return err
	}
	return putDate(v, dst, a)
}

func putDate(v Date, dst any, a *arena) error {
	switch d := dst.(type) {
	case *Date:
		return put(d, v)
	case *time.Time:
		return put(d, time.Unix(v.unix(), 0).UTC())
	case **Date:
		return a.dates.point(d, v)
	case **time.Time:
		return a.times.point(d, time.Unix(v.unix(), 0).UTC())
	}
	return assign(v, dst)
}

func storeTimestamp(t Type, raw []byte, dst any, a *arena) error {
	v, inf, err := parseTimestamp(view(raw), t == TypeTimestampTZ)
	if err != nil {
		return err
	}
	return putTimestamp(t, v, inf, dst, a)
}

func putTimestamp(t Type, v time.Time, inf Infinity, dst any, a *arena) error {
	if t == TypeTimestampTZ {
		switch d := dst.(type) {
		case *TimestampTZ:
			return put(d, TimestampTZ{v, inf})
		case **TimestampTZ:
			return a.instants.point(d, TimestampTZ{v, inf})
		}
	} else {
		switch d := dst.(type) {
		case *Timestamp:
			return put(d, Timestamp{v, inf})
		case **Timestamp:
			return a.stamps.point(d, Timestamp{v, inf})
		}
	}
	if inf == Finite {
		switch d := dst.(type) {
		case *time.Time:
			return put(d, v)
		case **time.Time:
			return a.times.point(d, v)
		}
	}
	if t == TypeTimestampTZ {
		return assign(TimestampTZ{v, inf}, dst)
	}
	return assign(Timestamp{v, inf}, dst)
}

func storeString(raw []byte, dst any, a *arena) error {
	switch d := dst.(type) {
	case **string:
		return a.strings.point(d, a.string(raw))
	case *[]byte:
		return put(d, bytes.Clone(raw))
	case *any:
		return put(d, any(a.string(raw)))
	}
	if e, ok := target(dst); ok && e.Kind() == reflect.String {
		e.SetString(a.string(raw))
		return nil
	}
	return assign(string(raw), dst)
}

// assign stores a decoded value in what dst points to.
func assign(v any, dst any) error {
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
		if err := assign(v, fresh.Interface()); err != nil {
			return err
		}
		e.Set(fresh)
		return nil
	case reflect.String:
		return assignString(v, e)
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
		return assignInt(v, e)
	case reflect.Float32, reflect.Float64:
		return assignFloat(v, e)
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

func finite(inf Infinity) error {
	if inf != Finite {
		return errInfinite
	}
	return nil
}

func assignString(v any, e reflect.Value) error {
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

// integer gives the value of the integer types.
func integer(v any) (int64, bool) {
	switch n := v.(type) {
	case int16:
		return int64(n), true
	case int32:
		return int64(n), true
	case int64:
		return n, true
	case uint32:
		return int64(n), true
	}
	return 0, false
}

func assignInt(v any, e reflect.Value) error {
	n, ok := integer(v)
	if d, isNumeric := v.(Numeric); isNumeric {
		if n, ok = d.Int64(); !ok {
			whole, r := new(big.Int).QuoRem(d.Unscaled(), pow10(d.Scale()), new(big.Int))
			if r.Sign() != 0 {
				return errLossy
			}
			if !e.CanUint() || !whole.IsUint64() || e.OverflowUint(whole.Uint64()) {
				return errRange
			}
			e.SetUint(whole.Uint64())
			return nil
		}
	}
	if !ok {
		return errKind
	}
	return setInt(n, e)
}

func setInt(n int64, e reflect.Value) error {
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

func assignFloat(v any, e reflect.Value) error {
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
