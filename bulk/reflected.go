package bulk

import (
	"fmt"
	"math"
	"math/big"
	"reflect"

	"github.com/llm-dev-ops/redshift"
)

// reflected appends what Append's switch does not know: pointers, named types,
// and for SUPER anything.
func (v *Vector) reflected(value any) error {
	r := reflect.ValueOf(value)
	for r.Kind() == reflect.Pointer {
		if r.IsNil() {
			return v.Null()
		}
		r = r.Elem()
		if _, ok := r.Interface().(*big.Int); ok || r.Kind() != reflect.Pointer {
			return v.Append(r.Interface())
		}
	}
	switch r.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return v.Int64(r.Int())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		if n := r.Uint(); n <= math.MaxInt64 {
			return v.Int64(int64(n))
		}
		return v.Text(fmt.Sprint(r.Uint()))
	case reflect.Float32:
		return v.float32(float32(r.Float()))
	case reflect.Float64:
		return v.Float64(r.Float())
	case reflect.Bool:
		return v.Bool(r.Bool())
	case reflect.String:
		return v.string(r.String())
	case reflect.Slice:
		if r.Type().Elem().Kind() == reflect.Uint8 && v.column.Type != redshift.TypeSuper {
			return v.Append(r.Bytes())
		}
	}
	if v.column.Type == redshift.TypeSuper {
		return v.json(value)
	}
	return v.mismatch(fmt.Sprintf("a %T", value))
}
