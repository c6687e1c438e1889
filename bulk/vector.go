package bulk

import (
	"errors"
	"math"
	"strconv"
	"unicode/utf8"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/transport"
)

// kind is how a vector holds its values.
type kind uint8

const (
	kindInt       kind = iota // ints
	kindBool                  // ints, 0 or 1
	kindFloat                 // floats; also REAL
	kindDecimal               // ints, times 10^scale: up to 18 digits
	kindWide                  // wide, times 10^scale: up to 38 digits
	kindDate                  // ints, days since 1970
	kindTime                  // ints, µs since midnight
	kindTimestamp             // ints, µs since 1970
	kindString                // texts
	kindText                  // texts, of types that only CSV carries
)

// Vector takes the values of one column, which are converted to the type that
// the table has. What does not fit, or would lose digits, is an error that is a
// *RowError, and no value is ever cut.
type Vector struct {
	batch  *Batch
	column redshift.Column
	kind   kind
	key    bool
	bits   int   // of an integer
	limit  int   // bytes of a string, 0 for none
	chars  bool  // CHAR: single bytes, blanks at the end do not count
	scale  int   // of a decimal
	bound  int64 // 10^precision of a decimal
	digits int   // its precision

	null   []bool
	ints   []int64
	floats []float64
	wide   [][16]byte // two's complement, big end first
	data   []byte
	ends   []int // of each text in data
}

func newVector(b *Batch, c redshift.Column) Vector {
	v := Vector{batch: b, column: c, kind: kindText}
	switch c.Type {
	case redshift.TypeSmallInt:
		v.kind, v.bits = kindInt, 16
	case redshift.TypeInteger:
		v.kind, v.bits = kindInt, 32
	case redshift.TypeBigInt:
		v.kind, v.bits = kindInt, 64
	case redshift.TypeBoolean:
		v.kind = kindBool
	case redshift.TypeReal:
		v.kind, v.bits = kindFloat, 32
	case redshift.TypeDouble:
		v.kind, v.bits = kindFloat, 64
	case redshift.TypeNumeric:
		v.digits, v.scale, _ = c.PrecisionScale()
		if v.digits == 0 {
			v.digits, v.scale = 18, 0 // NUMERIC alone ("Numeric types", DECIMAL)
		}
		v.kind = kindWide
		if v.digits <= 18 {
			v.kind, v.bound = kindDecimal, pow10[v.digits]
		}
	case redshift.TypeDate:
		v.kind = kindDate
	case redshift.TypeTime:
		v.kind = kindTime
	case redshift.TypeTimestamp, redshift.TypeTimestampTZ:
		v.kind = kindTimestamp
	case redshift.TypeChar, redshift.TypeVarchar, transport.OIDText:
		v.kind, v.chars = kindString, c.Type == redshift.TypeChar
	}
	v.limit, _ = c.Length()
	if c.Type == redshift.TypeVarbyte {
		v.limit *= 2 // in hexadecimal digits
	}
	return v
}

var pow10 = func() (p [19]int64) {
	p[0] = 1
	for i := 1; i < len(p); i++ {
		p[i] = 10 * p[i-1]
	}
	return p
}()

// Info is the table's column.
func (v *Vector) Info() redshift.Column { return v.column }

func (v *Vector) reset() {
	v.null, v.ints, v.floats = v.null[:0], v.ints[:0], v.floats[:0]
	v.wide, v.data, v.ends = v.wide[:0], v.data[:0], v.ends[:0]
}

func (v *Vector) fail(err error) error { return v.batch.fail(v.column.Name, err) }

// Null appends NULL.
func (v *Vector) Null() error {
	if v.key {
		return v.fail(errNullKey)
	}
	v.null = append(v.null, true)
	switch v.kind {
	case kindFloat:
		v.floats = append(v.floats, 0)
	case kindWide:
		v.wide = append(v.wide, [16]byte{})
	case kindString, kindText:
		v.ends = append(v.ends, len(v.data))
	default:
		v.ints = append(v.ints, 0)
	}
	return nil
}

func (v *Vector) putInt(n int64) {
	v.null = append(v.null, false)
	v.ints = append(v.ints, n)
}

func (v *Vector) putFloat(f float64) {
	v.null = append(v.null, false)
	v.floats = append(v.floats, f)
}

// text is the text of row i.
func (v *Vector) text(i int) []byte {
	from := 0
	if i > 0 {
		from = v.ends[i-1]
	}
	return v.data[from:v.ends[i]]
}

// Int64 appends an integer.
func (v *Vector) Int64(n int64) error {
	switch v.kind {
	case kindInt:
		if v.bits < 64 && n>>(v.bits-1) != n>>63 {
			return v.fail(errRange)
		}
		v.putInt(n)
		return nil
	case kindFloat:
		f := float64(n)
		if v.bits == 32 {
			f = float64(float32(n))
		}
		if f >= 1<<63 || int64(f) != n {
			return v.fail(errLossy)
		}
		v.putFloat(f)
		return nil
	case kindDecimal:
		p := pow10[v.scale]
		if u := n * p; u/p == n && u > -v.bound && u < v.bound {
			v.putInt(u)
			return nil
		}
		return v.fail(errRange)
	case kindWide:
		return v.Text(strconv.FormatInt(n, 10))
	case kindBool, kindDate, kindTime, kindTimestamp:
		return v.mismatch("an integer")
	}
	if v.kind == kindText && v.column.Type != redshift.TypeSuper {
		return v.mismatch("an integer")
	}
	return v.Text(strconv.FormatInt(n, 10))
}

// Float64 appends a floating-point number. A NUMERIC takes it as the shortest
// decimal that stands for it.
func (v *Vector) Float64(f float64) error {
	switch v.kind {
	case kindFloat:
		if v.bits == 32 && !math.IsInf(f, 0) && math.IsInf(float64(float32(f)), 0) {
			return v.fail(errRange)
		}
		v.putFloat(f)
		return nil
	case kindInt:
		if f != math.Trunc(f) {
			return v.fail(errLossy)
		}
		if f < -1<<63 || f >= 1<<63 {
			return v.fail(errRange)
		}
		return v.Int64(int64(f))
	case kindDecimal, kindWide, kindString:
		return v.Text(strconv.FormatFloat(f, 'f', -1, 64))
	}
	if v.column.Type == redshift.TypeSuper && !math.IsNaN(f) && !math.IsInf(f, 0) {
		return v.Text(strconv.FormatFloat(f, 'g', -1, 64))
	}
	return v.mismatch("a floating-point number")
}

// Bool appends a truth value.
func (v *Vector) Bool(t bool) error {
	switch {
	case v.kind == kindBool && t:
		v.putInt(1)
	case v.kind == kindBool:
		v.putInt(0)
	case v.kind == kindString || v.column.Type == redshift.TypeSuper:
		return v.Text(strconv.FormatBool(t))
	default:
		return v.mismatch("a truth value")
	}
	return nil
}

func (v *Vector) mismatch(what string) error {
	return v.fail(errors.New(what + " is no " + redshift.TypeName(v.column.Type)))
}

// putString appends a value of a CHAR, a VARCHAR or a type in text.
func putString[S string | []byte](v *Vector, s S) error {
	if v.limit > 0 && len(s) > v.limit && (!v.chars || !blankFrom(s, v.limit)) {
		return v.fail(errRange)
	}
	at := len(v.data)
	v.data = append(v.data, s...)
	added := v.data[at:]
	var all byte
	zero := false
	for _, c := range added {
		all |= c
		zero = zero || c == 0
	}
	var err error
	switch {
	case zero:
		err = errZero
	case all >= utf8.RuneSelf && !utf8.Valid(added):
		err = errUTF8
	case all >= utf8.RuneSelf && v.chars:
		err = errors.New("has characters of several bytes, which a CHAR cannot")
	}
	if err != nil {
		v.data = v.data[:at]
		return v.fail(err)
	}
	if v.chars && v.limit > 0 && len(added) > v.limit {
		v.data = v.data[:at+v.limit]
	}
	v.batch.data += len(s)
	v.null = append(v.null, false)
	v.ends = append(v.ends, len(v.data))
	return nil
}

func blankFrom[S string | []byte](s S, at int) bool {
	for i := at; i < len(s); i++ {
		if s[i] != ' ' {
			return false
		}
	}
	return true
}
