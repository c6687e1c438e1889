package bulk

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/llm-dev-ops/redshift"
)

// Text appends a value in text: a string as it is, and for the other types what
// Redshift's text forms are (2006-01-02, t or true, JSON for SUPER,
// hexadecimal for VARBYTE).
func (v *Vector) Text(s string) error {
	switch v.kind {
	case kindString:
		return putString(v, s)
	case kindInt:
		n, err := strconv.ParseInt(strings.TrimPrefix(s, "+"), 10, v.bits)
		if err != nil {
			return v.fail(numberError(err))
		}
		v.putInt(n)
	case kindBool:
		switch strings.ToLower(s) {
		case "t", "true", "y", "yes", "1":
			v.putInt(1)
		case "f", "false", "n", "no", "0":
			v.putInt(0)
		default:
			return v.mismatch("the text")
		}
	case kindFloat:
		f, err := strconv.ParseFloat(s, v.bits)
		if err != nil {
			return v.fail(numberError(err))
		}
		v.putFloat(f)
	case kindDecimal:
		n, err := v.decimal(s)
		if err != nil {
			return v.fail(err)
		}
		v.putInt(n)
	case kindWide:
		n, err := redshift.NumericOf(s, v.digits, v.scale)
		if err != nil {
			return v.fail(err)
		}
		v.null, v.wide = append(v.null, false), append(v.wide, wide(n.Unscaled()))
	case kindDate:
		d, err := redshift.ParseDate(s)
		if err != nil {
			return v.fail(err)
		}
		return v.date(d)
	case kindTime:
		t, err := redshift.ParseTime(s)
		if err != nil {
			return v.fail(err)
		}
		v.putInt(t.Micros)
	case kindTimestamp:
		return v.timestampText(s)
	case kindText:
		return v.other(s)
	}
	return nil
}

func numberError(err error) error {
	if errors.Is(err, strconv.ErrRange) {
		return errRange
	}
	return errors.New("is not a number of this type")
}

// decimal reads a number of at most 18 digits.
func (v *Vector) decimal(s string) (int64, error) {
	body := strings.TrimLeft(s, "+-")
	if len(s)-len(body) > 1 || body == "" {
		return 0, numberError(nil)
	}
	var n int64
	scale, digits := -1, 0
	for i := range len(body) {
		c := body[i]
		switch {
		case c == '.' && scale < 0:
			scale = 0
			continue
		case c < '0' || c > '9':
			return 0, numberError(nil)
		}
		digits++
		if scale >= v.scale {
			if c != '0' {
				return 0, errLossy
			}
			continue
		}
		if scale >= 0 {
			scale++
		}
		if n = 10*n + int64(c-'0'); n >= v.bound {
			return 0, errRange
		}
	}
	if digits == 0 {
		return 0, numberError(nil)
	}
	p := pow10[v.scale-max(scale, 0)]
	if n > (v.bound-1)/p {
		return 0, errRange
	}
	n *= p
	if s[0] == '-' {
		n = -n
	}
	return n, nil
}

// wide is n in two's complement; it has at most 38 digits, which fit.
func wide(n *big.Int) (out [16]byte) {
	if n.Sign() >= 0 {
		n.FillBytes(out[:])
		return out
	}
	new(big.Int).Not(n).FillBytes(out[:])
	for i := range out {
		out[i] = ^out[i]
	}
	return out
}

func (v *Vector) date(d redshift.Date) error {
	if !d.Valid() {
		return v.fail(errRange)
	}
	v.putInt(floorDiv(d.In(time.UTC).Unix(), 86400))
	return nil
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func (v *Vector) timestampText(s string) error {
	if v.column.Type == redshift.TypeTimestamp {
		t, err := redshift.ParseTimestamp(s)
		if err != nil {
			return v.fail(err)
		}
		return v.instant(t.Time, t.Inf)
	}
	t, err := redshift.ParseTimestampTZ(s)
	if err != nil {
		return v.fail(err)
	}
	return v.instant(t.Time, t.Inf)
}

func (v *Vector) instant(t time.Time, inf redshift.Infinity) error {
	if inf != redshift.Finite {
		return v.fail(errInfinite)
	}
	if y := t.Year(); y < -4712 || y > 294275 {
		return v.fail(errRange)
	}
	v.putInt(t.UnixMicro())
	return nil
}

// Time appends a point in time: to a TIMESTAMPTZ the instant, and to a
// TIMESTAMP, DATE or TIME what its calendar and clock show, without its zone. A
// DATE takes midnight alone, and nothing finer than microseconds is taken.
func (v *Vector) Time(t time.Time) error {
	if t.Nanosecond()%1000 != 0 {
		return v.fail(errLossy)
	}
	switch v.column.Type {
	case redshift.TypeTimestampTZ:
		return v.instant(t, redshift.Finite)
	case redshift.TypeTimestamp:
		return v.instant(redshift.TimestampOf(t).Time, redshift.Finite)
	case redshift.TypeDate:
		if h, m, s := t.Clock(); h|m|s|t.Nanosecond() != 0 {
			return v.fail(errLossy)
		}
		return v.date(redshift.DateOf(t))
	case redshift.TypeTime:
		h, m, s := t.Clock()
		v.putInt(int64(h*3600+m*60+s)*1e6 + int64(t.Nanosecond()/1000))
		return nil
	case redshift.TypeSuper:
		return v.Text(`"` + t.Format(time.RFC3339Nano) + `"`)
	}
	return v.mismatch("a point in time")
}

// Bytes appends bytes: to a VARBYTE, GEOMETRY or GEOGRAPHY as they are, to other
// types as their text.
func (v *Vector) Bytes(b []byte) error {
	switch v.column.Type {
	case redshift.TypeVarbyte, redshift.TypeGeometry, redshift.TypeGeography:
		return putString(v, hex.EncodeToString(b))
	}
	if v.kind == kindString {
		return putString(v, b)
	}
	return v.Text(string(b))
}

// other takes the text of a type that only CSV carries.
func (v *Vector) other(s string) error {
	var err error
	switch v.column.Type {
	case redshift.TypeSuper:
		if !json.Valid([]byte(s)) {
			err = errors.New("is not JSON")
		}
	case redshift.TypeVarbyte, redshift.TypeGeometry, redshift.TypeGeography:
		if _, bad := hex.DecodeString(s); bad != nil {
			err = errors.New("is not hexadecimal")
		}
	case redshift.TypeTimeTZ:
		_, err = redshift.ParseTimeTZ(s)
	case redshift.TypeIntervalYM:
		_, err = redshift.ParseIntervalYM(s)
	case redshift.TypeIntervalDS:
		_, err = redshift.ParseIntervalDS(s)
	}
	if err != nil {
		return v.fail(err)
	}
	return putString(v, s)
}

// Append appends a value of any of the types that Row.Values gives or that
// parameters may have, a pointer to one, or nil for NULL. For SUPER anything
// that encoding/json takes will do; a string is then a JSON string, unless it
// is a redshift.Super or a json.RawMessage.
func (v *Vector) Append(value any) error {
	switch x := value.(type) {
	case nil:
		return v.Null()
	case string:
		return v.string(x)
	case int64:
		return v.Int64(x)
	case int:
		return v.Int64(int64(x))
	case int32:
		return v.Int64(int64(x))
	case int16:
		return v.Int64(int64(x))
	case float64:
		return v.Float64(x)
	case float32:
		return v.float32(x)
	case bool:
		return v.Bool(x)
	case time.Time:
		return v.Time(x)
	case []byte:
		if x == nil {
			return v.Null()
		}
		return v.Bytes(x)
	case redshift.Varbyte:
		return v.Append([]byte(x))
	case redshift.Geometry:
		return v.Append([]byte(x))
	case redshift.Geography:
		return v.Append([]byte(x))
	case redshift.Date:
		if v.kind == kindDate {
			return v.date(x)
		}
		if v.column.Type == redshift.TypeTimestamp && x.Valid() {
			return v.instant(x.In(time.UTC), redshift.Finite)
		}
		return v.Text(x.String())
	case redshift.Timestamp:
		if v.column.Type == redshift.TypeTimestamp {
			return v.instant(x.Time, x.Inf)
		}
		return v.Text(x.String())
	case redshift.TimestampTZ:
		if v.column.Type == redshift.TypeTimestampTZ {
			return v.instant(x.Time, x.Inf)
		}
		return v.Text(x.String())
	case redshift.Time:
		if v.kind == kindTime {
			if !x.Valid() {
				return v.fail(errRange)
			}
			v.putInt(x.Micros)
			return nil
		}
		return v.Text(x.String())
	case time.Duration:
		if v.column.Type != redshift.TypeIntervalDS {
			return v.mismatch("a duration")
		}
		if x%time.Microsecond != 0 {
			return v.fail(errLossy)
		}
		return v.Text(redshift.IntervalDS{Micros: x.Microseconds()}.String())
	case redshift.Super:
		return v.Text(string(x))
	case json.RawMessage:
		return v.Text(string(x))
	case redshift.Varchar:
		return v.string(string(x))
	case redshift.Char:
		return v.string(string(x))
	case redshift.HLLSketch:
		return v.Text(string(x))
	case *big.Int:
		if x == nil {
			return v.Null()
		}
		return v.Text(x.String())
	case redshift.Numeric:
		return v.Text(x.String())
	case fmt.Stringer:
		switch x.(type) {
		case redshift.TimeTZ, redshift.IntervalYM, redshift.IntervalDS:
			return v.Text(x.String())
		}
	}
	return v.reflected(value)
}

func (v *Vector) float32(f float32) error {
	if v.kind == kindFloat {
		return v.Float64(float64(f))
	}
	return v.Float64(float64FromShortest(f))
}

// float64FromShortest keeps 0.1 what it looks like.
func float64FromShortest(f float32) float64 {
	d, _ := strconv.ParseFloat(strconv.FormatFloat(float64(f), 'g', -1, 32), 64)
	return d
}

// string appends a Go string: to a SUPER it is a JSON string.
func (v *Vector) string(s string) error {
	if v.kind == kindString {
		return putString(v, s)
	}
	if v.column.Type == redshift.TypeSuper {
		return v.json(s)
	}
	return v.Text(s)
}

func (v *Vector) json(value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return v.fail(err)
	}
	return putString(v, text)
}
