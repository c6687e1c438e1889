package redshift

import (
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
func scanValue(c *transport.Column, f transport.Format, raw []byte, dst any) error {
	err := store(c, f, raw, dst)
	if err == nil {
		return nil
	}
	name := TypeName(c.Type)
	if name == "" {
		name = "type " + strconv.FormatUint(uint64(c.Type), 10)
	}
	return &Error{Kind: ErrData, Message: fmt.Sprintf("column %q (%s) into %T: %v", c.Name, name, dst, err), cause: err}
}

func store(c *transport.Column, f transport.Format, raw []byte, dst any) error {
	if raw == nil {
		return storeNull(dst)
	}
	if f == transport.Binary {
		var err error
		if raw, err = binaryText(c, raw); err != nil {
			return err
		}
	}
	// What is most frequent, without a detour through any.
	switch d := dst.(type) {
	case nil:
		return nil // the column is skipped
	case *string:
		*d = string(raw)
		return nil
	case *int64:
		if c.Type == TypeBigInt || c.Type == TypeInteger || c.Type == TypeSmallInt {
			n, err := parseInt(string(raw), 64)
			*d = n
			return err
		}
	case *float64:
		if c.Type == TypeDouble {
			n, err := parseFloat(string(raw), 64)
			*d = n
			return err
		}
	case *json.RawMessage:
		if !json.Valid(raw) {
			return errJSON
		}
		*d = append((*d)[:0:0], raw...)
		return nil
	}
	v, err := decode(c.Type, string(raw))
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
		e.Set(reflect.ValueOf(Numeric{small: n}))
		return nil
	}
	if n, ok := integer(v); ok && e.Type() == reflect.TypeFor[Numeric]() {
		e.Set(reflect.ValueOf(Numeric{small: n}))
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
