package redshiftarrow

import (
	"errors"
	"math"
	"math/big"
	"strconv"
	"time"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/endian"
	"github.com/apache/arrow-go/v18/arrow/extensions"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/bulk"
)

var (
	errFine     = errors.New("is finer than a microsecond")
	errInfinite = errors.New("is infinite, which files cannot carry")
	errBounds   = errors.New("does not fit")
)

// put appends the value of a row of an array to a column.
type put func(row int) error

// feeder is a column that arrays go to.
type feeder struct {
	batch *bulk.Batch
	to    *bulk.Vector
	meta  arrow.Metadata // of the field
}

// fail is an error of the column's value in the current row.
func (f feeder) fail(err error) error {
	e := f.batch.Fail(err)
	var row *bulk.RowError
	if errors.As(e, &row) {
		row.Column = f.to.Info().Name
	}
	return e
}

// putter is nil where the array is of a type that is not supported.
func (f feeder) putter(a arrow.Array) put {
	if a.DataType().ID() == arrow.NULL {
		return func(int) error { return f.to.Null() }
	}
	p := f.values(a)
	if p == nil || a.NullN() == 0 {
		return p
	}
	return func(row int) error {
		if a.IsNull(row) {
			return f.to.Null()
		}
		return p(row)
	}
}

// values is for rows that are not NULL.
func (f feeder) values(a arrow.Array) put {
	v := f.to
	switch a := a.(type) {
	case *array.Dictionary:
		p := f.putter(a.Dictionary())
		if p == nil {
			return nil
		}
		return func(row int) error { return p(a.GetValueIndex(row)) }
	case *array.Boolean:
		return func(row int) error { return v.Bool(a.Value(row)) }
	case *array.Int8:
		return integers(v, a.Int8Values())
	case *array.Int16:
		return integers(v, a.Int16Values())
	case *array.Int32:
		return integers(v, a.Int32Values())
	case *array.Int64:
		return integers(v, a.Int64Values())
	case *array.Uint8:
		return integers(v, a.Uint8Values())
	case *array.Uint16:
		return integers(v, a.Uint16Values())
	case *array.Uint32:
		return integers(v, a.Uint32Values())
	case *array.Uint64:
		return func(row int) error {
			if n := a.Value(row); n > math.MaxInt64 {
				return v.Text(strconv.FormatUint(n, 10))
			}
			return v.Int64(int64(a.Value(row)))
		}
	case *array.Float16:
		return func(row int) error { return v.Float64(float64(a.Value(row).Float32())) }
	case *array.Float32:
		if t := v.Info().Type; t == redshift.TypeReal || t == redshift.TypeDouble {
			return func(row int) error { return v.Float64(float64(a.Value(row))) }
		}
		return func(row int) error { return v.Append(a.Value(row)) }
	case *array.Float64:
		return func(row int) error { return v.Float64(a.Value(row)) }
	case *array.String:
		return f.texts(a.Value)
	case *array.LargeString:
		return f.texts(a.Value)
	case *array.StringView:
		return f.texts(a.Value)
	case *array.Binary:
		return func(row int) error { return v.Bytes(a.Value(row)) }
	case *array.LargeBinary:
		return func(row int) error { return v.Bytes(a.Value(row)) }
	case *array.BinaryView:
		return func(row int) error { return v.Bytes(a.Value(row)) }
	case *array.FixedSizeBinary:
		return func(row int) error { return v.Bytes(a.Value(row)) }
	case *array.Decimal128:
		return f.decimals(a)
	case *array.Decimal32:
		return f.digits(a, func(row int) *big.Int { return big.NewInt(int64(a.Value(row))) })
	case *array.Decimal64:
		return f.digits(a, func(row int) *big.Int { return big.NewInt(int64(a.Value(row))) })
	case *array.Decimal256:
		return f.digits(a, func(row int) *big.Int { return a.Value(row).BigInt() })
	case *extensions.UUIDArray:
		if v.Info().Type != redshift.TypeVarbyte {
			return func(row int) error { return v.Append(a.Value(row).String()) }
		}
	}
	if e, ok := a.(array.ExtensionArray); ok {
		if _, ok := a.DataType().(*extensions.JSONType); ok {
			f.meta = arrow.NewMetadata([]string{KeyType}, []string{"super"})
		}
		return f.values(e.Storage())
	}
	if p := f.times(a); p != nil {
		return p
	}
	if taken(a.DataType(), v.Info().Type) { // what is left has parts, for SUPER
		return func(row int) error { return v.Append(a.GetOneForMarshal(row)) }
	}
	return nil
}

// times is for what a calendar or clock shows.
func (f feeder) times(a arrow.Array) put {
	v := f.to
	switch a := a.(type) {
	case *array.Date32:
		return func(row int) error { return v.Append(redshift.DateOf(a.Value(row).ToTime())) }
	case *array.Date64:
		return func(row int) error { return v.Append(redshift.DateOf(a.Value(row).ToTime())) }
	case *array.Time32:
		unit := a.DataType().(*arrow.Time32Type).Unit
		return f.micros(unit, func(row int) int64 { return int64(a.Value(row)) }, func(n int64) error { return v.Append(redshift.Time{Micros: n}) })
	case *array.Time64:
		unit := a.DataType().(*arrow.Time64Type).Unit
		return f.micros(unit, func(row int) int64 { return int64(a.Value(row)) }, func(n int64) error { return v.Append(redshift.Time{Micros: n}) })
	case *array.Duration:
		unit := a.DataType().(*arrow.DurationType).Unit
		return f.micros(unit, func(row int) int64 { return int64(a.Value(row)) }, func(n int64) error { return v.Append(redshift.IntervalDS{Micros: n}) })
	case *array.DayTimeInterval:
		return func(row int) error {
			d := a.Value(row)
			return v.Append(redshift.IntervalDS{Micros: (int64(d.Days)*86_400_000 + int64(d.Milliseconds)) * 1000})
		}
	case *array.MonthInterval:
		return func(row int) error { return v.Append(redshift.IntervalYM{Months: int32(a.Value(row))}) }
	case *array.Timestamp:
		return f.instants(a)
	case *array.Struct:
		if !isClockTZ(a.DataType()) || v.Info().Type != redshift.TypeTimeTZ {
			return nil
		}
		clock, offset := a.Field(0).(*array.Time64), a.Field(1).(*array.Int32)
		return func(row int) error {
			if clock.IsNull(row) || offset.IsNull(row) {
				return f.fail(errors.New("has a NULL within"))
			}
			return v.Append(redshift.TimeTZ{Micros: int64(clock.Value(row)), Offset: int(offset.Value(row))})
		}
	}
	return nil
}

func integers[T int8 | int16 | int32 | int64 | uint8 | uint16 | uint32](v *bulk.Vector, values []T) put {
	return func(row int) error { return v.Int64(int64(values[row])) }
}

// texts are JSON where the column is SUPER and the field's was too.
func (f feeder) texts(value func(int) string) put {
	if was, ok := f.meta.GetValue(KeyType); f.to.Info().Type == redshift.TypeSuper && !(ok && was == "super") {
		return func(row int) error { return f.to.Append(value(row)) }
	}
	return func(row int) error { return f.to.Text(value(row)) }
}

// decimals reads them where they are, without big numbers, if they are of a scale that
// Redshift has.
func (f feeder) decimals(a *array.Decimal128) put {
	scale := a.DataType().(*arrow.Decimal128Type).Scale
	values := a.Values()
	if endian.IsBigEndian || scale < 0 || scale > 37 || len(values) == 0 {
		return f.digits(a, func(row int) *big.Int { return a.Value(row).BigInt() })
	}
	vec := redshift.Vector{Numerics: unsafe.Slice((*redshift.Int128)(unsafe.Pointer(unsafe.SliceData(values))), len(values)), Scale: int(scale)}
	return func(row int) error { return f.to.Text(vec.Numeric(row).String()) }
}

// digits writes numbers with a scale of any size as text.
func (f feeder) digits(a arrow.Array, value func(int) *big.Int) put {
	scale := int(a.DataType().(arrow.DecimalType).GetScale())
	ten := big.NewInt(10)
	unit := new(big.Int).Exp(ten, big.NewInt(int64(max(scale, -scale))), nil)
	return func(row int) error {
		n := value(row)
		if scale <= 0 {
			return f.to.Text(n.Mul(n, unit).String())
		}
		return f.to.Text(new(big.Rat).SetFrac(n, unit).FloatString(scale))
	}
}

// micros gives microseconds to a column.
func (f feeder) micros(unit arrow.TimeUnit, value func(int) int64, give func(int64) error) put {
	return func(row int) error {
		n := value(row)
		switch unit {
		case arrow.Second, arrow.Millisecond:
			by := int64(1000)
			if unit == arrow.Second {
				by = 1_000_000
			}
			if n > math.MaxInt64/by || n < math.MinInt64/by {
				return f.fail(errBounds)
			}
			n *= by
		case arrow.Nanosecond:
			if n%1000 != 0 {
				return f.fail(errFine)
			}
			n /= 1000
		}
		return give(n)
	}
}

func (f feeder) instants(a *array.Timestamp) put {
	t := a.DataType().(*arrow.TimestampType)
	zone := time.UTC
	if t.TimeZone != "" {
		z, err := t.GetZone()
		if err != nil {
			return func(int) error { return f.fail(err) }
		}
		zone = z
	}
	return f.micros(t.Unit, func(row int) int64 { return int64(a.Value(row)) }, func(n int64) error {
		if t.Unit == arrow.Microsecond && (n == math.MaxInt64 || n == math.MinInt64) {
			return f.fail(errInfinite)
		}
		at := time.UnixMicro(n).In(zone)
		switch f.to.Info().Type {
		case redshift.TypeTimestamp, redshift.TypeTimestampTZ, redshift.TypeDate, redshift.TypeTime, redshift.TypeSuper:
			return f.to.Time(at)
		}
		if t.TimeZone == "" {
			return f.to.Append(redshift.TimestampOf(at))
		}
		return f.to.Append(redshift.TimestampTZ{Time: at})
	})
}
