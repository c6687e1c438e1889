package redshift

import (
	"math"
	"slices"
	"time"

	"github.com/llm-dev-ops/redshift/transport"
)

// VectorKind says in which slice of a Vector the values are and what they mean.
type VectorKind uint8

// The kinds of vectors. Those of Redshift's types are in brackets.
const (
	// VectorString: Offsets and Data hold text as the server sent it (VARCHAR,
	// CHAR with its blanks, SUPER as JSON that is not checked, HLLSKETCH, and all
	// types that are not known).
	VectorString VectorKind = iota
	// VectorBytes: Offsets and Data hold bytes (VARBYTE, GEOMETRY, GEOGRAPHY).
	VectorBytes
	// VectorBool: Bools (BOOLEAN).
	VectorBool
	// VectorInt16: Int16s (SMALLINT).
	VectorInt16
	// VectorInt32: Int32s (INTEGER).
	VectorInt32
	// VectorInt64: Int64s (BIGINT, and the object numbers of system tables).
	VectorInt64
	// VectorFloat32: Float32s (REAL).
	VectorFloat32
	// VectorFloat64: Float64s (DOUBLE PRECISION).
	VectorFloat64
	// VectorNumeric: Numerics, all with the vector's Scale (NUMERIC).
	VectorNumeric
	// VectorDate: Int32s, days since 1970-01-01 (DATE).
	VectorDate
	// VectorTime: Int64s, microseconds since midnight (TIME).
	VectorTime
	// VectorTimeTZ: Int64s, microseconds since midnight, and Int32s, the offset
	// from UTC in seconds, east positive (TIMETZ).
	VectorTimeTZ
	// VectorTimestamp: Int64s, microseconds since 1970-01-01 00:00 without a zone
	// (TIMESTAMP); the infinities are math.MaxInt64 and math.MinInt64. What is
	// behind 294247-01-10 does not fit and is an error.
	VectorTimestamp
	// VectorTimestampTZ: as VectorTimestamp, in UTC (TIMESTAMPTZ).
	VectorTimestampTZ
	// VectorIntervalYM: Int32s, months (INTERVAL YEAR TO MONTH).
	VectorIntervalYM
	// VectorIntervalDS: Int64s, microseconds (INTERVAL DAY TO SECOND).
	VectorIntervalDS
)

// Int128 is a two's complement of 128 bits, laid out as Arrow's decimals are on
// little-endian machines.
type Int128 struct {
	Low  uint64
	High int64
}

// Vector is the values of a column in a Batch. The slices that its Kind names have
// an element by row, a zero where the value is NULL; the others are nil. Offsets
// has one more: row i is Data[Offsets[i]:Offsets[i+1]]. They are the batch's,
// valid as long as it, and laid out as Arrow's buffers are, but for Bools.
type Vector struct {
	Kind     VectorKind
	Bools    []bool
	Int16s   []int16
	Int32s   []int32
	Int64s   []int64
	Float32s []float32
	Float64s []float64
	Numerics []Int128
	Offsets  []int32
	Data     []byte

	// Scale is the number of digits behind the point of all Numerics: the
	// column's, or if it was not told or values have more, the most so far.
	Scale int
	// Validity has a bit by row, from the lowest on, that is set where the value
	// is not NULL; those behind the last row are 0.
	Validity []byte
	// Nulls is the number of NULLs.
	Nulls int

	col    *Column
	decode decodeFunc
	scaled bool // Scale is known
}

// Null reports whether a row's value is NULL. It panics, like all methods with a
// row, where there is no such row.
func (v *Vector) Null(row int) bool { return v.Validity[row>>3]>>(row&7)&1 == 0 }

// Bytes is a value of a VectorString or VectorBytes, empty for NULL. It is a part
// of Data.
func (v *Vector) Bytes(row int) []byte {
	from, to := v.Offsets[row], v.Offsets[row+1]
	return v.Data[from:to:to]
}

// Text is a copy of a value of a VectorString, empty for NULL.
func (v *Vector) Text(row int) string { return string(v.Bytes(row)) }

// Numeric is a value of a VectorNumeric, 0 for NULL.
func (v *Vector) Numeric(row int) Numeric {
	n := v.Numerics[row]
	return Numeric{n.High, n.Low, uint8(v.Scale)}
}

// Value is a value as Row.Values has it, nil for NULL: what is convenient for
// programs that know no types, and allocates.
func (v *Vector) Value(row int) any {
	if v.Null(row) {
		return nil
	}
	switch v.Kind {
	case VectorBool:
		return v.Bools[row]
	case VectorInt16:
		return v.Int16s[row]
	case VectorInt32:
		return v.Int32s[row]
	case VectorInt64:
		if v.col.Type == transport.OIDOID {
			return uint32(v.Int64s[row])
		}
		return v.Int64s[row]
	case VectorFloat32:
		return v.Float32s[row]
	case VectorFloat64:
		return v.Float64s[row]
	case VectorNumeric:
		return v.Numeric(row)
	case VectorDate:
		return dateOf(int64(v.Int32s[row]) - epochDay)
	case VectorTime:
		return Time{v.Int64s[row]}
	case VectorTimeTZ:
		return TimeTZ{v.Int64s[row], int(v.Int32s[row])}
	case VectorTimestamp:
		t, inf := fromMicros(v.Int64s[row])
		return Timestamp{t, inf}
	case VectorTimestampTZ:
		t, inf := fromMicros(v.Int64s[row])
		return TimestampTZ{t, inf}
	case VectorIntervalYM:
		return IntervalYM{v.Int32s[row]}
	case VectorIntervalDS:
		return IntervalDS{v.Int64s[row]}
	case VectorBytes:
		return v.bytesValue(slices.Clone(v.Bytes(row)))
	}
	switch s := v.Text(row); v.col.Type {
	case TypeChar:
		return Char(s)
	case TypeSuper:
		return Super(s)
	case TypeHLLSketch:
		return HLLSketch(s)
	default:
		return s
	}
}

func (v *Vector) bytesValue(b []byte) any {
	switch v.col.Type {
	case TypeGeometry, transport.OIDGeometryHex:
		return Geometry(b)
	case TypeGeography:
		return Geography(b)
	}
	return Varbyte(b)
}

func fromMicros(micros int64) (time.Time, Infinity) {
	switch micros {
	case math.MaxInt64:
		return time.Time{}, PositiveInfinity
	case math.MinInt64:
		return time.Time{}, NegativeInfinity
	}
	return time.UnixMicro(micros).UTC(), Finite
}

func (v *Vector) clone() Vector {
	c := *v
	c.Bools, c.Int16s, c.Int32s, c.Int64s = slices.Clone(v.Bools), slices.Clone(v.Int16s), slices.Clone(v.Int32s), slices.Clone(v.Int64s)
	c.Float32s, c.Float64s, c.Numerics = slices.Clone(v.Float32s), slices.Clone(v.Float64s), slices.Clone(v.Numerics)
	c.Offsets, c.Data, c.Validity = slices.Clone(v.Offsets), slices.Clone(v.Data), slices.Clone(v.Validity)
	return c
}

// fresh is an empty vector in the memory of spare. What spare has none of has room for a
// little more than v has: the next batch rarely has texts of just the same length.
func (v *Vector) fresh(spare *Vector) Vector {
	c := Vector{Kind: v.Kind, Scale: v.Scale, col: v.col, decode: v.decode, scaled: v.scaled}
	c.Bools, c.Int16s, c.Int32s, c.Int64s = room(spare.Bools, v.Bools), room(spare.Int16s, v.Int16s), room(spare.Int32s, v.Int32s), room(spare.Int64s, v.Int64s)
	c.Float32s, c.Float64s, c.Numerics = room(spare.Float32s, v.Float32s), room(spare.Float64s, v.Float64s), room(spare.Numerics, v.Numerics)
	c.Offsets, c.Data, c.Validity = room(spare.Offsets, v.Offsets), room(spare.Data, v.Data), room(spare.Validity, v.Validity)
	return c
}

func room[S ~[]E, E any](spare, s S) S {
	if spare != nil || s == nil {
		return spare[:0]
	}
	return make(S, 0, len(s)+len(s)/16+1)
}

func (v *Vector) reset() {
	v.cut(0)
	v.Validity, v.Nulls = v.Validity[:0], 0
}

// cut leaves the first rows, at least as many as there are.
func (v *Vector) cut(rows int) {
	switch v.Kind {
	case VectorBool:
		v.Bools = v.Bools[:rows]
	case VectorInt16:
		v.Int16s = v.Int16s[:rows]
	case VectorInt32, VectorDate, VectorIntervalYM:
		v.Int32s = v.Int32s[:rows]
	case VectorInt64, VectorTime, VectorTimestamp, VectorTimestampTZ, VectorIntervalDS:
		v.Int64s = v.Int64s[:rows]
	case VectorTimeTZ:
		v.Int64s, v.Int32s = v.Int64s[:rows], v.Int32s[:rows]
	case VectorFloat32:
		v.Float32s = v.Float32s[:rows]
	case VectorFloat64:
		v.Float64s = v.Float64s[:rows]
	case VectorNumeric:
		v.Numerics = v.Numerics[:rows]
	default:
		if rows == 0 {
			v.Offsets, v.Data = append(v.Offsets[:0], 0), v.Data[:0]
			return
		}
		v.Offsets = v.Offsets[:rows+1]
		v.Data = v.Data[:v.Offsets[rows]]
	}
}

// null appends a NULL in a row. The bitmap is no longer than the last NULL until
// finish: other values need not touch it.
func (v *Vector) null(row int) {
	v.extend(row>>3 + 1)
	v.Validity[row>>3] &^= 1 << (row & 7)
	v.Nulls++
	switch v.Kind {
	case VectorBool:
		v.Bools = append(v.Bools, false)
	case VectorInt16:
		v.Int16s = append(v.Int16s, 0)
	case VectorInt32, VectorDate, VectorIntervalYM:
		v.Int32s = append(v.Int32s, 0)
	case VectorInt64, VectorTime, VectorTimestamp, VectorTimestampTZ, VectorIntervalDS:
		v.Int64s = append(v.Int64s, 0)
	case VectorTimeTZ:
		v.Int64s, v.Int32s = append(v.Int64s, 0), append(v.Int32s, 0)
	case VectorFloat32:
		v.Float32s = append(v.Float32s, 0)
	case VectorFloat64:
		v.Float64s = append(v.Float64s, 0)
	case VectorNumeric:
		v.Numerics = append(v.Numerics, Int128{})
	default:
		v.Offsets = append(v.Offsets, int32(len(v.Data)))
	}
}

func (v *Vector) extend(bytes int) {
	for len(v.Validity) < bytes {
		v.Validity = append(v.Validity, 0xff)
	}
}

// finish makes the bitmap whole and takes away what a row that failed left.
func (v *Vector) finish(rows int) {
	if len(v.Validity) > rows>>3 && v.Null(rows) {
		v.Nulls--
	}
	v.extend((rows + 7) >> 3)
	v.Validity = v.Validity[:(rows+7)>>3]
	if tail := rows & 7; tail > 0 {
		v.Validity[rows>>3] &= 1<<tail - 1
	}
	v.cut(rows)
}
