package engine

import (
	"unsafe"
)

// storage is how a column's values lie in memory.
type storage uint8

const (
	storeOther storage = iota
	storeNull
	storeBool
	storeInt8
	storeInt16
	storeInt32
	storeInt64
	storeUint8
	storeUint16
	storeUint32
	storeUint64
	storeHuge // two words, low first
	storeFloat
	storeDouble
	storeDate
	storeTime
	storeTimeTZ
	storeTimestamp
	storeTimestampTZ
	storeInterval
	storeText
	storeBlob
)

// Column describes one column of a result.
type Column struct {
	Name string
	// DuckDB type; Decimal tells that values are scaled integers.
	store   storage
	decimal bool
	scale   uint8
}

type vector struct {
	data  unsafe.Pointer
	valid unsafe.Pointer
}

// Chunk is up to 2,048 rows of a result. It belongs to its Result and is valid until
// the next call of Next or Close.
type Chunk struct {
	columns []Column
	vectors []vector
	rows    int
}

// Len is the number of rows.
func (c *Chunk) Len() int { return c.rows }

// IsNull tells whether a value is NULL.
func (c *Chunk) IsNull(col, row int) bool {
	if c.columns[col].store == storeNull {
		return true
	}
	v := c.vectors[col].valid
	return v != nil && *at[uint64](v, row>>6)&(1<<(row&63)) == 0
}

func at[T any](p unsafe.Pointer, i int) *T {
	var zero T
	return (*T)(unsafe.Add(p, uintptr(i)*unsafe.Sizeof(zero)))
}

type interval struct {
	months, days int32
	micros       int64
}

type huge struct {
	low  uint64
	high int64
}

// bytes is a string or blob: 4 bytes of length, then up to 12 bytes in place or a
// prefix of 4 and a pointer.
func (c *Chunk) bytes(col, row int) []byte {
	p := unsafe.Add(c.vectors[col].data, row*16)
	n := *(*uint32)(p)
	if n <= 12 {
		return unsafe.Slice((*byte)(unsafe.Add(p, 4)), n)
	}
	return unsafe.Slice(*(**byte)(unsafe.Add(p, 8)), n)
}

func (c *Chunk) integer(col, row int) huge {
	d := c.vectors[col].data
	var n int64
	switch c.columns[col].store {
	case storeInt8:
		n = int64(*at[int8](d, row))
	case storeInt16:
		n = int64(*at[int16](d, row))
	case storeInt32:
		n = int64(*at[int32](d, row))
	case storeInt64:
		n = *at[int64](d, row)
	case storeUint8:
		n = int64(*at[uint8](d, row))
	case storeUint16:
		n = int64(*at[uint16](d, row))
	case storeUint32:
		n = int64(*at[uint32](d, row))
	case storeUint64:
		return huge{low: *at[uint64](d, row)}
	case storeHuge:
		return *at[huge](d, row)
	}
	return huge{uint64(n), n >> 63}
}
