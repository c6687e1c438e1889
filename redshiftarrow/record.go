package redshiftarrow

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/bitutil"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/endian"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/llm-dev-ops/redshift"
)

// record makes arrays of a batch's slices, which must be the record's own from now on.
// The lease ends with the last of their buffers.
func record(schema *arrow.Schema, b *redshift.Batch, l *lease) (arrow.RecordBatch, error) {
	l.held.Store(1) // until all are made
	defer l.Free(nil)
	arrays := make([]arrow.Array, schema.NumFields())
	defer func() {
		for _, a := range arrays {
			if a != nil {
				a.Release()
			}
		}
	}()
	for i := range arrays {
		data, err := column(schema.Field(i), &b.Columns()[i], b.Vector(i), b.Len(), l)
		if err != nil {
			return nil, err
		}
		arrays[i] = array.MakeFromData(data)
		data.Release()
	}
	return array.NewRecordBatch(schema, arrays, int64(b.Len())), nil
}

func column(f arrow.Field, c *redshift.Column, v *redshift.Vector, rows int, l *lease) (*array.Data, error) {
	if v.Nulls > 0 && !f.Nullable {
		return nil, broken(c, "the server called it NOT NULL and sent a NULL; Config.NotNull must be false for this query")
	}
	var validity *memory.Buffer // none where all values are valid
	if v.Nulls > 0 {
		validity = lent(l, v.Validity)
	}
	buffers := []*memory.Buffer{validity, nil}
	var children []arrow.ArrayData
	kind := v.Kind
	if f.Type.ID() == arrow.STRING && kind != redshift.VectorString {
		buffers = append(buffers[:1], texts(v, rows)...)
		return made(f.Type, rows, buffers, nil, v.Nulls), nil
	}
	switch kind {
	case redshift.VectorString, redshift.VectorBytes:
		buffers = []*memory.Buffer{validity, lent(l, v.Offsets), lent(l, v.Data)}
	case redshift.VectorBool:
		buffers[1] = memory.NewBufferBytes(bitmap(v.Bools))
	case redshift.VectorInt16:
		buffers[1] = lent(l, v.Int16s)
	case redshift.VectorInt32, redshift.VectorDate, redshift.VectorIntervalYM:
		buffers[1] = lent(l, v.Int32s)
	case redshift.VectorFloat32:
		buffers[1] = lent(l, v.Float32s)
	case redshift.VectorFloat64:
		buffers[1] = lent(l, v.Float64s)
	case redshift.VectorNumeric:
		if want := int(f.Type.(*arrow.Decimal128Type).Scale); v.Scale != want {
			return nil, broken(c, "has a value with %d digits behind the point", v.Scale)
		}
		buffers[1] = decimals(l, v.Numerics)
	case redshift.VectorTimeTZ:
		// The struct has the bitmap of NULLs; what is below it then does not count.
		children = []arrow.ArrayData{
			made(arrow.FixedWidthTypes.Time64us, rows, []*memory.Buffer{nil, lent(l, v.Int64s)}, nil, 0),
			made(arrow.PrimitiveTypes.Int32, rows, []*memory.Buffer{nil, lent(l, v.Int32s)}, nil, 0),
		}
		defer func() {
			for _, c := range children {
				c.Release()
			}
		}()
		buffers = buffers[:1]
	default: // all that Int64s hold
		buffers[1] = lent(l, v.Int64s)
	}
	return made(f.Type, rows, buffers, children, v.Nulls), nil
}

// made is the data, which holds the buffers alone.
func made(t arrow.DataType, rows int, buffers []*memory.Buffer, children []arrow.ArrayData, nulls int) *array.Data {
	d := array.NewData(t, rows, buffers, children, nulls, 0)
	for _, b := range buffers {
		if b != nil {
			b.Release()
		}
	}
	return d
}

// decimals are those of Arrow, whose halves stand as Int128's do unless the machine is
// big-endian.
func decimals(l *lease, s []redshift.Int128) *memory.Buffer {
	if !endian.IsBigEndian {
		return lent(l, s)
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
	return []*memory.Buffer{memory.NewBufferBytes(bytesOf(offsets)), memory.NewBufferBytes(data)}
}
