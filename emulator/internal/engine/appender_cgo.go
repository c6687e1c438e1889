//go:build cgo

package engine

import (
	"errors"
	"fmt"
	"unicode/utf8"

	duck "github.com/duckdb/duckdb-go-bindings"
)

// Appender adds rows to one table in the connection's transaction. It is used by one
// goroutine at a time and beside no other method of its connection.
type Appender struct {
	handle  duck.Appender
	chunk   duck.DataChunk
	types   []duck.LogicalType
	columns []Column
	limits  []huge // what a DECIMAL's unscaled value stays below
	vectors []duck.Vector
	memory  []vector
	strings arena
	rows    int
	closed  bool
}

// Appender opens an appender to a table; it must be ended with Close or Abort.
func (c *Conn) Appender(schema, table string) (*Appender, error) {
	if c.closed {
		return nil, ErrClosed
	}
	if c.result != nil {
		return nil, errors.New("engine: the connection has an open result")
	}
	a := &Appender{}
	if duck.AppenderCreate(c.handle, schema, table, &a.handle) == duck.StateError {
		err := newError(duck.AppenderError(a.handle))
		a.free()
		return nil, err
	}
	n := int(duck.AppenderColumnCount(a.handle))
	for i := range n {
		logical := duck.AppenderColumnType(a.handle, duck.IdxT(i))
		a.types = append(a.types, logical)
		col := columnOf("", logical)
		a.columns = append(a.columns, col)
		limit := huge{low: 1}
		if col.decimal {
			limit = tenTo(int(duck.DecimalWidth(logical)))
		}
		a.limits = append(a.limits, limit)
	}
	a.chunk = duck.CreateDataChunk(a.types)
	a.vectors, a.memory = make([]duck.Vector, n), make([]vector, n)
	a.reset()
	return a, nil
}

func (a *Appender) reset() {
	a.rows = 0
	duck.DataChunkReset(a.chunk)
	for i := range a.vectors {
		v := duck.DataChunkGetVector(a.chunk, duck.IdxT(i))
		duck.VectorEnsureValidityWritable(v)
		a.vectors[i] = v
		a.memory[i] = vector{duck.VectorGetData(v), duck.VectorGetValidity(v)}
	}
}

// AppendRow adds one row, a value for every column of the table. Integers and
// DECIMALs take Int64 or Int128 (a DECIMAL its unscaled value), DATE the days and
// TIME, TIMESTAMP, TIMESTAMPTZ the microseconds since 1970-01-01 as Int64, INTERVAL
// takes Interval and TIMETZ takes TimeTZ. After an error nothing of the row is kept.
func (a *Appender) AppendRow(values []Value) error {
	if a.closed {
		return ErrClosed
	}
	if len(values) != len(a.columns) {
		return fmt.Errorf("engine: %d values for %d columns", len(values), len(a.columns))
	}
	for i, v := range values {
		if err := a.set(i, v); err != nil {
			return err
		}
	}
	if a.rows++; a.rows == int(duck.VectorSize()) {
		return a.send()
	}
	return nil
}

func (a *Appender) set(i int, v Value) error {
	word := at[uint64](a.memory[i].valid, a.rows>>6)
	bit := uint64(1) << (a.rows & 63)
	if v.kind == valueNull {
		*word &^= bit
		return nil
	}
	*word |= bit
	d, row, col := a.memory[i].data, a.rows, a.columns[i]
	switch {
	case v.kind == valueBool && col.store == storeBool:
		*at[bool](d, row) = v.num != 0
		return nil
	case v.kind == valueFloat && col.store == storeFloat:
		*at[float32](d, row) = float32(v.float)
		return nil
	case v.kind == valueFloat && col.store == storeDouble:
		*at[float64](d, row) = v.float
		return nil
	case v.kind == valueText && col.store == storeText:
		if !utf8.ValidString(v.text) {
			return &Error{Kind: ErrorConversion, Message: "invalid byte sequence for encoding UTF8"}
		}
		a.strings.set(d, row, v.text)
		return nil
	case v.kind == valueBytes && col.store == storeBlob:
		a.strings.set(d, row, v.text)
		return nil
	case v.kind == valueInterval && col.store == storeInterval:
		*at[interval](d, row) = interval{int32(v.high >> 32), int32(v.high), v.num}
		return nil
	case v.kind == valueInt || v.kind == valueInt128:
		return a.setInteger(i, huge{uint64(v.num), v.high})
	}
	return fmt.Errorf("engine: a value of column %d has the wrong kind", i+1)
}

func (a *Appender) setInteger(i int, v huge) error {
	d, row, col := a.memory[i].data, a.rows, a.columns[i]
	if col.decimal && !v.within(a.limits[i]) {
		return &Error{Kind: ErrorOutOfRange, Message: "Numeric data overflow (result precision)"}
	}
	store := col.store
	switch store {
	case storeInt16, storeInt32, storeInt64, storeUint32, storeHuge:
	case storeDate:
		store = storeInt32
	case storeTime, storeTimeTZ, storeTimestamp, storeTimestampTZ:
		store = storeInt64
	default:
		return fmt.Errorf("engine: a value of column %d has the wrong kind", i+1)
	}
	if !store.put(d, row, v) {
		return &Error{Kind: ErrorOutOfRange, Message: "value out of range"}
	}
	return nil
}

func (a *Appender) send() error {
	if a.rows == 0 {
		return nil
	}
	duck.DataChunkSetSize(a.chunk, duck.IdxT(a.rows))
	state := duck.AppendDataChunk(a.handle, a.chunk)
	a.reset()
	a.strings.reset() // DuckDB has copied them
	if state == duck.StateError {
		return newError(duck.AppenderError(a.handle))
	}
	return nil
}

// Flush brings the rows into the table.
func (a *Appender) Flush() error {
	if a.closed {
		return ErrClosed
	}
	if err := a.send(); err != nil {
		return err
	}
	if duck.AppenderFlush(a.handle) == duck.StateError {
		return newError(duck.AppenderError(a.handle))
	}
	return nil
}

// Close flushes and ends the appender. It may be repeated.
func (a *Appender) Close() error {
	if a.closed {
		return nil
	}
	err := a.Flush()
	if err != nil {
		duck.AppenderClear(a.handle)
	}
	a.free()
	return err
}

// Abort ends the appender without the rows that were not flushed.
func (a *Appender) Abort() {
	if !a.closed {
		duck.AppenderClear(a.handle)
		a.free()
	}
}

func (a *Appender) free() {
	a.closed = true
	duck.DestroyDataChunk(&a.chunk)
	a.strings.free()
	duck.AppenderDestroy(&a.handle)
	for i := range a.types {
		duck.DestroyLogicalType(&a.types[i])
	}
}
