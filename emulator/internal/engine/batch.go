package engine

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"
	"strings"
	"time"
	"unicode/utf8"
	"unsafe"
)

const (
	batchRows  = 2048    // DuckDB's vector
	batchBytes = 4 << 20 // of long texts, after which a batch is sent early
	inline     = 12      // the longest text that lies in the vector itself
)

// widths is how many bytes a value takes in a vector, for what a batch can hold.
var widths = map[storage]int{
	storeBool: 1, storeInt16: 2, storeInt32: 4, storeInt64: 8, storeUint32: 4, storeHuge: 16,
	storeFloat: 4, storeDouble: 8, storeDate: 4, storeTime: 8,
	storeTimestamp: 8, storeTimestampTZ: 8, storeText: 16,
}

// batch is up to 2,048 rows laid out as DuckDB's vectors are, so that handing them
// over is one copy for each column. A long text lies in blob, its offset where the
// vector has a pointer.
type batch struct {
	rows  int
	bytes int
	cols  []batchColumn
}

type batchColumn struct {
	Column
	limit huge // what the unscaled value of a DECIMAL stays below
	width int
	data  []uint64
	valid [batchRows / 64]uint64
	nulls bool
	blob  []byte
	long  []int // the rows whose text is in blob
}

func newBatch(columns []Column, precisions []uint8) *batch {
	b := &batch{cols: make([]batchColumn, len(columns))}
	for i, c := range columns {
		w := widths[c.store]
		b.cols[i] = batchColumn{Column: c, width: w, data: make([]uint64, batchRows*w/8)}
		if c.decimal {
			b.cols[i].limit = tenTo(int(precisions[i]))
		}
	}
	return b
}

func (b *batch) reset() {
	b.rows, b.bytes = 0, 0
	for i := range b.cols {
		c := &b.cols[i]
		c.nulls, c.blob, c.long = false, c.blob[:0], c.long[:0]
		for w := range c.valid {
			c.valid[w] = math.MaxUint64
		}
	}
}

func (b *batch) full() bool { return b.rows == batchRows || b.bytes >= batchBytes }

// add adds a row; after an error the batch is of no use.
func (b *batch) add(row []any) error {
	if len(row) != len(b.cols) {
		return fmt.Errorf("a row has %d values for %d columns", len(row), len(b.cols))
	}
	for i, v := range row {
		c := &b.cols[i]
		if v == nil {
			c.nulls = true
			c.valid[b.rows>>6] &^= 1 << (b.rows & 63)
			if c.store == storeText {
				clear(c.data[b.rows*2 : b.rows*2+2])
			}
			continue
		}
		if !c.set(b, v) {
			return fmt.Errorf("column %q cannot hold %T %.40s", c.Name, v, fmt.Sprint(v))
		}
	}
	b.rows++
	return nil
}

func (c *batchColumn) set(b *batch, value any) bool {
	d, row := unsafe.Pointer(unsafe.SliceData(c.data)), b.rows
	switch v := value.(type) {
	case string:
		if c.store != storeText {
			return false
		}
		c.text(b, v)
	case int64:
		return c.integer(d, row, v)
	case float64:
		switch {
		case c.decimal:
			scaled := math.Round(v * math.Pow10(int(c.scale)))
			return math.Abs(scaled) < 1<<63 && c.unscaled(d, row, widen(int64(scaled)))
		case c.store == storeFloat:
			*at[float32](d, row) = float32(v)
		case c.store == storeDouble:
			*at[float64](d, row) = v
		default:
			return false
		}
	case bool:
		if c.store != storeBool {
			return false
		}
		*at[bool](d, row) = v
	case time.Time:
		return c.time(d, row, v)
	default:
		return false
	}
	return true
}

func (c *batchColumn) integer(d unsafe.Pointer, row int, v int64) bool {
	if c.decimal {
		limit := tenTo(int(c.scale))
		abs := uint64(max(v, -v)) // the most negative number is its own
		hi, lo := bits.Mul64(abs, limit.low)
		over, rest := bits.Mul64(abs, uint64(limit.high))
		hi, carry := bits.Add64(hi, rest, 0)
		if over != 0 || carry != 0 || hi > math.MaxInt64 {
			return false
		}
		n := huge{lo, int64(hi)}
		if v < 0 {
			n = n.negated()
		}
		return c.unscaled(d, row, n)
	}
	switch c.store {
	case storeFloat:
		*at[float32](d, row) = float32(v)
		return true
	case storeDouble:
		*at[float64](d, row) = float64(v)
		return true
	case storeInt16, storeInt32, storeInt64, storeUint32:
		return c.store.put(d, row, widen(v))
	}
	return false
}

// unscaled puts the digits of a DECIMAL.
func (c *batchColumn) unscaled(d unsafe.Pointer, row int, n huge) bool {
	return n.within(c.limit) && c.store.put(d, row, n)
}

func (c *batchColumn) time(d unsafe.Pointer, row int, v time.Time) bool {
	micros := v.UnixMicro()
	day, rest := micros/microsPerDay, micros%microsPerDay
	if rest < 0 {
		day, rest = day-1, rest+microsPerDay
	}
	switch c.store {
	case storeDate:
		if day != int64(int32(day)) {
			return false
		}
		*at[int32](d, row) = int32(day)
	case storeTime:
		*at[int64](d, row) = rest
	case storeTimestamp, storeTimestampTZ:
		*at[int64](d, row) = micros
	default:
		return false
	}
	return true
}

func (c *batchColumn) text(b *batch, v string) {
	if !utf8.ValidString(v) {
		v = strings.ToValidUTF8(v, "\uFFFD")
	}
	d := unsafe.Slice((*byte)(unsafe.Pointer(&c.data[b.rows*2])), 16)
	clear(d)
	binary.NativeEndian.PutUint32(d, uint32(len(v)))
	if len(v) <= inline {
		copy(d[4:], v)
		return
	}
	copy(d[4:8], v)
	c.data[b.rows*2+1] = uint64(len(c.blob))
	c.blob, c.long = append(c.blob, v...), append(c.long, b.rows)
	b.bytes += len(v)
}

func widen(n int64) huge { return huge{uint64(n), n >> 63} }

func (v huge) negated() huge {
	low, carry := bits.Add64(^v.low, 1, 0)
	return huge{low, int64(^uint64(v.high) + carry)}
}

// within tells whether the value without its sign is below limit.
func (v huge) within(limit huge) bool {
	if v.high < 0 {
		v = v.negated()
	}
	return v.high >= 0 && (v.high < limit.high || v.high == limit.high && v.low < limit.low)
}

// tenTo is 10 to the power of n, up to 38.
func tenTo(n int) huge {
	v := huge{low: 1}
	for range n {
		hi, lo := bits.Mul64(v.low, 10)
		v = huge{lo, v.high*10 + int64(hi)}
	}
	return v
}

// put writes an integer if it fits.
func (s storage) put(d unsafe.Pointer, row int, v huge) bool {
	n := int64(v.low)
	ok := v.high == n>>63
	switch s {
	case storeInt16:
		ok = ok && int64(int16(n)) == n
		*at[int16](d, row) = int16(n)
	case storeInt32:
		ok = ok && int64(int32(n)) == n
		*at[int32](d, row) = int32(n)
	case storeUint32:
		ok = ok && int64(uint32(n)) == n
		*at[uint32](d, row) = uint32(n)
	case storeInt64:
		*at[int64](d, row) = n
	case storeHuge:
		ok = true
		*at[huge](d, row) = v
	default:
		return false
	}
	return ok
}
