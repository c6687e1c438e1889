package sqldriver

import (
	"database/sql"
	"database/sql/driver"
	"math/big"
	"reflect"
	"time"

	"github.com/llm-dev-ops/redshift"
)

// CheckNamedValue implements driver.NamedValueChecker: it makes of an argument
// what the client sends. What the client cannot send it says itself, with the
// number of the argument.
func (c *Conn) CheckNamedValue(nv *driver.NamedValue) (err error) {
	nv.Value, err = argument(nv.Value)
	return err
}

func argument(v any) (any, error) {
	switch a := v.(type) {
	case nil, bool, int64, float64, string, []byte, redshift.Numeric:
		return v, nil
	case time.Time:
		return a.Truncate(time.Microsecond), nil
	case *big.Int:
		return v, nil
	case *big.Rat:
		if a == nil {
			return redshift.Null(redshift.TypeNumeric), nil
		}
		return rational(a)
	case *big.Float:
		if a == nil {
			return redshift.Null(redshift.TypeNumeric), nil
		}
		if a.IsInf() {
			return nil, usage("NUMERIC has no infinity")
		}
		if e := a.MantExp(nil); e > 128 || e < -256 {
			return nil, errDigits // before its digits are made
		}
		r, _ := a.Rat(nil)
		return rational(r)
	case sql.Out:
		return nil, usage("sql.Out: Redshift has no output parameters; a procedure's come as a row")
	case driver.Valuer:
		return valuer(a)
	}
	p := reflect.ValueOf(v)
	if p.Kind() != reflect.Pointer {
		return v, nil
	}
	if p.IsNil() {
		return nil, nil
	}
	return argument(p.Elem().Interface())
}

// valuer asks for the value. A nil pointer whose type has Value by the way of
// what it points to is NULL, as everywhere in database/sql.
func valuer(a driver.Valuer) (any, error) {
	p := reflect.ValueOf(a)
	if p.Kind() == reflect.Pointer && p.IsNil() && p.Type().Elem().Implements(reflect.TypeFor[driver.Valuer]()) {
		return nil, nil
	}
	v, err := a.Value()
	if err != nil {
		return nil, err
	}
	if _, again := v.(driver.Valuer); again {
		return nil, usage("the Value of a %T is another driver.Valuer", a)
	}
	return argument(v)
}

var errDigits = usage("the number is no decimal of at most 38 digits; round it first")

// rational is a number as a NUMERIC, if it is one.
func rational(r *big.Rat) (any, error) {
	// The denominator of a decimal of 38 digits has at most 127 bits.
	if r.Denom().BitLen() > 128 || r.Num().BitLen() > 256 {
		return nil, errDigits
	}
	scale, exact := r.FloatPrec()
	if !exact || scale > 38 {
		return nil, errDigits
	}
	n, err := redshift.ParseNumeric(r.FloatString(scale))
	if err != nil {
		return nil, errDigits
	}
	return n, nil
}
