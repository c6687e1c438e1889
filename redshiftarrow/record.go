package redshiftarrow

import (
	"fmt"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/bitutil"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/endian"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/llm-dev-ops/redshift"
)

// record makes arrays of a batch's slices, which must be the record's own from now on.
func record(schema *arrow.Schema, b *redshift.Batch) (arrow.RecordBatch, error) {
	arrays := make([]arrow.Array, schema.NumFields())
	defer func() {
		for _, a := range arrays {
			if a != nil {
				a.Release()
			}
		}
	}()
	for i := range arrays {
		data, err := column(schema.Field(i), &b.Columns()[i], b.Vector(i), b.Len())
		if err != nil {
			return nil, err
		}
		arrays[i] = array.MakeFromData(data)
		data.Release()
	}
	return array.NewRecordBatch(schema, arrays, int64(b.Len())), nil
}

func column(f arrow.Field, c *redshift.Column, v *redshift.Vector, rows int) (*array.Data, error) {
	if v.Nulls > 0 && !f.Nullable {
		return nil, broken(c, "the server called it NOT NULL and sent a NULL; Config.NotNull must be false for this query")
	}
	var validity *memory.Buffer // none where all values are valid
	if v.Nulls > 0 {
		validity = memory.NewBufferBytes(v.Validity)
	}
	buffers := []*memory.Buffer{validity, nil}
	var children []arrow.ArrayData
	kind := v.Kind
	if f.Type.ID() == arrow.STRING && kind != redshift.VectorString {
		buffers = append(buffers[:1], texts(v, rows)...)
		return array.NewData(f.Type, rows, buffers, nil, v.Nulls, 0), nil
	}
	switch kind {
	case redshift.VectorString, redshift.VectorBytes:
		buffers = []*memory.Buffer{validity, view(v.Offsets), view(v.Data)}
	case redshift.VectorBool:
		buffers[1] = memory.NewBufferBytes(bitmap(v.Bools))
	case redshift.VectorInt16:
		buffers[1] = view(v.Int16s)
	case redshift.VectorInt32, redshift.VectorDate, redshift.VectorIntervalYM:
		buffers[1] = view(v.Int32s)
	case redshift.VectorFloat32:
		buffers[1] = view(v.Float32s)
	case redshift.VectorFloat64:
		buffers[1] = view(v.Float64s)
	case redshift.VectorNumeric:
		if want := int(f.Type.(*arrow.Decimal128Type).Scale); v.Scale != want {
			return nil, broken(c, "has a value with %d digits behind the point", v.Scale)
		}
		buffers[1] = decimals(v.Numerics)
	case redshift.VectorTimeTZ:
		// The struct has the bitmap of NULLs; what is below it then does not count.
		children = []arrow.ArrayData{
			array.NewData(arrow.FixedWidthTypes.Time64us, rows, []*memory.Buffer{nil, view(v.Int64s)}, nil, 0, 0),
			array.NewData(arrow.PrimitiveTypes.Int32, rows, []*memory.Buffer{nil, view(v.Int32s)}, nil, 0, 0),
		}
		defer func() {
			for _, c := range children {
				c.Release()
			}
		}()
		buffers = buffers[:1]
	default: // all that Int64s hold
		buffers[1] = view(v.Int64s)
	}
	return array.NewData(f.Type, rows, buffers, children, v.Nulls, 0), nil
}

// view is a buffer of a slice's own memory.
func view[T int16 | int32 | int64 | float32 | float64 | byte | redshift.Int128](s []T) *memory.Buffer {
	var size T
	return memory.NewBufferBytes(unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(s))), len(s)*int(unsafe.Sizeof(size))))
}

// decimals are those of Arrow, whose halves stand as Int128's do unless the machine is
// big-endian.
func decimals(s []redshift.Int128) *memory.Buffer {
	if !endian.IsBigEndian {
		return view(s)
	}
	turned := make([]decimal128.Num, len(s))
	for i, n := range s {
		turned[i] = decimal128.New(n.High, n.Low)
	}
	return memory.NewBufferBytes(arrow.Decimal128Traits.CastToBytes(turned))
}

func bitmap(bools []bool) []byte {
	bits := make([]byte, bitutil.BytesForBits(int64(len(bools))))
	for i, b := range bools {
		if b {
			bits[i>>3] |= 1 << (i & 7)
		}
	}
	return bits
}

// texts are the offsets and bytes of values that Arrow gets as text: NUMERIC, TIMETZ
// and intervals.
func texts(v *redshift.Vector, rows int) []*memory.Buffer {
	offsets, data := make([]int32, 1, rows+1), []byte(nil)
	for i := range rows {
		if !v.Null(i) {
			data = append(data, v.Value(i).(fmt.Stringer).String()...)
		}
		offsets = append(offsets, int32(len(data))) // of short texts: no 2 GB by far
	}
	return []*memory.Buffer{view(offsets), view(data)}
}
