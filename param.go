package redshift

import (
	"encoding/hex"
	"encoding/json"
	"math"
	"math/big"
	"reflect"
	"strconv"
	"time"

	"github.com/llm-dev-ops/redshift/transport"
)

// params encodes arguments as text. Errors name the argument by its number and
// never show it.
func params(args []any) ([]transport.Param, error) {
	if len(args) == 0 {
		return nil, nil
	}
	ps := make([]transport.Param, len(args))
	for i, a := range args {
		p, err := param(a)
		if err != "" {
			return nil, usage("argument %d ($%d) of type %T: %s", i+1, i+1, a, err)
		}
		ps[i] = p
	}
	return ps, nil
}

func text(t Type, s string) (transport.Param, string) {
	return transport.Param{OID: t, Value: []byte(s)}, ""
}

// param encodes one argument; the string says what is wrong.
func param(a any) (transport.Param, string) {
	switch v := a.(type) {
	case nil:
		return transport.Param{OID: transport.OIDUnknown}, ""
	case null:
		return transport.Param{OID: v.t}, ""
	case bool:
		return text(TypeBoolean, strconv.FormatBool(v))
	case int16:
		return text(TypeSmallInt, strconv.FormatInt(int64(v), 10))
	case int32:
		return text(TypeInteger, strconv.FormatInt(int64(v), 10))
	case float32:
		return text(TypeReal, floatText(float64(v), 32))
	case float64:
		return text(TypeDouble, floatText(v, 64))
	case string:
		return characters(transport.OIDUnknown, v)
	case Varchar:
		return characters(TypeVarchar, string(v))
	case Char:
		return characters(TypeChar, string(v))
	case HLLSketch:
		return characters(TypeHLLSketch, string(v))
	case Super:
		return super(string(v))
	case json.RawMessage:
		if v == nil {
			return transport.Param{OID: TypeSuper}, ""
		}
		return super(string(v))
	case []byte:
		return bytesParam(TypeVarbyte, v)
	case Varbyte:
		return bytesParam(TypeVarbyte, v)
	case Geometry:
		return bytesParam(TypeGeometry, v)
	case Geography:
		return bytesParam(TypeGeography, v)
	case Numeric:
		return text(TypeNumeric, v.String())
	case *big.Int:
		if v == nil {
			return transport.Param{OID: TypeNumeric}, ""
		}
		if digits(v) > maxPrecision {
			return transport.Param{}, "has more than the 38 digits of NUMERIC"
		}
		return text(TypeNumeric, v.String())
	case Date:
		if !v.Valid() {
			return transport.Param{}, "is no day between 4713 BC and 294276 AD"
		}
		return text(TypeDate, v.String())
	case Time:
		if !v.Valid() {
			return transport.Param{}, "is not within a day"
		}
		return text(TypeTime, v.String())
	case TimeTZ:
		if !v.Valid() {
			return transport.Param{}, "is not within a day, or its offset is over 18 hours"
		}
		return text(TypeTimeTZ, v.String())
	case time.Time:
		return instant(TypeTimestampTZ, TimestampTZ{Time: v}.String(), v, Finite)
	case TimestampTZ:
		return instant(TypeTimestampTZ, v.String(), v.Time, v.Inf)
	case Timestamp:
		return instant(TypeTimestamp, v.String(), v.Time, v.Inf)
	case IntervalYM:
		return text(TypeIntervalYM, v.String())
	case IntervalDS:
		return text(TypeIntervalDS, v.String())
	case Identifier:
		return transport.Param{}, "names something, which no parameter of a query can; use Ident"
	}
	return reflected(reflect.ValueOf(a))
}

// reflected encodes pointers and named kinds.
func reflected(v reflect.Value) (transport.Param, string) {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return transport.Param{OID: transport.OIDUnknown}, ""
		}
		return param(v.Elem().Interface())
	case reflect.Bool:
		return param(v.Bool())
	case reflect.Int8, reflect.Int16:
		return param(int16(v.Int()))
	case reflect.Int32:
		return param(int32(v.Int()))
	case reflect.Int, reflect.Int64:
		return text(TypeBigInt, strconv.FormatInt(v.Int(), 10))
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint, reflect.Uint64:
		if v.Uint() > math.MaxInt64 {
			return text(TypeNumeric, strconv.FormatUint(v.Uint(), 10))
		}
		return text(TypeBigInt, strconv.FormatUint(v.Uint(), 10))
	case reflect.Float32:
		return param(float32(v.Float()))
	case reflect.Float64:
		return param(v.Float())
	case reflect.String:
		return param(v.String())
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return param(v.Bytes())
		}
	}
	return transport.Param{}, "cannot be sent; use a basic type, a type of this package, or convert it"
}

func floatText(f float64, bits int) string {
	switch {
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	}
	return strconv.FormatFloat(f, 'g', -1, bits)
}

func characters(t Type, s string) (transport.Param, string) {
	for i := 0; i < len(s); i++ {
		if s[i] == 0 {
			return transport.Param{}, "holds a zero byte, which Redshift's text cannot"
		}
	}
	return text(t, s)
}

func super(s string) (transport.Param, string) {
	if !json.Valid([]byte(s)) {
		return transport.Param{}, "is not JSON"
	}
	return text(TypeSuper, s)
}

// bytesParam sends bytes as hexadecimal text, as Redshift's drivers do.
func bytesParam(t Type, b []byte) (transport.Param, string) {
	if b == nil {
		return transport.Param{OID: t}, ""
	}
	return transport.Param{OID: t, Value: hex.AppendEncode(make([]byte, 0, 2*len(b)), b)}, ""
}

func instant(t Type, s string, v time.Time, inf Infinity) (transport.Param, string) {
	if inf == Finite {
		if v.Nanosecond()%1000 != 0 {
			return transport.Param{}, "has nanoseconds, which Redshift would lose; use Truncate(time.Microsecond)"
		}
		if !DateOf(v).Valid() {
			return transport.Param{}, "is not between 4713 BC and 294276 AD"
		}
	}
	return text(t, s)
}
