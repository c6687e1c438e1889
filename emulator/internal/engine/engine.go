// Package engine is the emulator's door to DuckDB: a sandboxed database, statements
// with parameters, streamed results and the encoding of their rows for the wire.
// It is the only importer of DuckDB; without cgo every Open answers ErrNoCgo.
package engine

import (
	"errors"
	"strings"
)

// ErrNoCgo is the answer of a binary that was built without cgo.
var ErrNoCgo = errors.New("the emulator needs cgo and a C++ compiler: build with CGO_ENABLED=1")

// ErrClosed is the answer of a connection, result or database after Close.
var ErrClosed = errors.New("engine: closed")

// Config says how a database is opened.
type Config struct {
	// Path is the database file; "" keeps everything in memory.
	Path string
	// MemoryLimit is DuckDB's memory_limit, such as "1GB"; "" is DuckDB's default.
	// Nothing is spilled to disk: a statement that needs more ends in an error.
	MemoryLimit string
	// Threads is the number of worker threads; 0 is DuckDB's default.
	Threads int
	// StagingDir is the one directory that SQL may read and write; "" is none.
	StagingDir string
}

// Validate tells what is wrong with the configuration.
func (c Config) Validate() error {
	if c.Threads < 0 {
		return errors.New("engine: Threads is negative")
	}
	return nil
}

// ErrorKind is the family of a DuckDB error.
type ErrorKind uint8

// The kinds that callers tell apart; everything else is ErrorOther.
const (
	ErrorOther ErrorKind = iota
	ErrorParser
	ErrorBinder
	ErrorCatalog
	ErrorConversion
	ErrorOutOfRange
	ErrorConstraint
	ErrorConflict
	ErrorTransaction
	ErrorInterrupt
	ErrorOutOfMemory
	ErrorPermission
	ErrorInvalidInput
	ErrorNotImplemented
	ErrorIO
	ErrorInternal
)

// Error is a failure that DuckDB reported; Message is without the kind's prefix.
type Error struct {
	Kind    ErrorKind
	Message string
}

// Error is the message.
func (e *Error) Error() string { return e.Message }

var prefixes = []struct {
	text string
	kind ErrorKind
}{
	{"Parser Error: ", ErrorParser},
	{"Syntax Error: ", ErrorParser},
	{"Binder Error: ", ErrorBinder},
	{"Catalog Error: ", ErrorCatalog},
	{"Conversion Error: ", ErrorConversion},
	{"Out of Range Error: ", ErrorOutOfRange},
	{"Constraint Error: ", ErrorConstraint},
	{"TransactionContext Error: ", ErrorTransaction},
	{"INTERRUPT Error: ", ErrorInterrupt},
	{"Interrupt Error: ", ErrorInterrupt},
	{"Out of Memory Error: ", ErrorOutOfMemory},
	{"Permission Error: ", ErrorPermission},
	{"Invalid Input Error: ", ErrorInvalidInput},
	{"Not implemented Error: ", ErrorNotImplemented},
	{"IO Error: ", ErrorIO},
	{"INTERNAL Error: ", ErrorInternal},
}

// wrapped is what DuckDB may put before the reason when a result fails that streams.
const wrapped = "Attempting to execute an unsuccessful or closed pending query result\nError: "

func newError(message string) *Error {
	if _, reason, ok := strings.Cut(message, wrapped); ok {
		message = reason
	}
	e := &Error{Message: message}
	for _, p := range prefixes {
		if rest, ok := strings.CutPrefix(message, p.text); ok {
			e.Kind, e.Message = p.kind, rest
			break
		}
	}
	low := strings.ToLower(e.Message)
	if (e.Kind == ErrorTransaction || e.Kind == ErrorCatalog) && strings.Contains(low, "conflict") {
		e.Kind = ErrorConflict
	}
	return e
}

type valueKind uint8

const (
	valueNull valueKind = iota
	valueBool
	valueInt
	valueFloat
	valueText
	valueBytes
	valueInt128
	valueInterval
)

// Value is a parameter of a statement; the zero Value is NULL.
type Value struct {
	kind  valueKind
	num   int64
	high  int64
	float float64
	text  string
}

// Null is SQL's NULL.
func Null() Value { return Value{} }

// Bool is a BOOLEAN.
func Bool(v bool) Value {
	if v {
		return Value{kind: valueBool, num: 1}
	}
	return Value{kind: valueBool}
}

// Int64 is a BIGINT.
func Int64(v int64) Value { return Value{kind: valueInt, num: v, high: v >> 63} }

// Int128 is a HUGEINT or the unscaled value of a wide DECIMAL; appenders alone take it.
func Int128(high int64, low uint64) Value {
	return Value{kind: valueInt128, num: int64(low), high: high}
}

// Interval is an INTERVAL; appenders alone take it.
func Interval(months, days int32, micros int64) Value {
	return Value{kind: valueInterval, num: micros, high: int64(months)<<32 | int64(uint32(days))}
}

// TimeTZ is a TIME WITH TIME ZONE, the microseconds of the day and the seconds east
// of UTC, at most 16 hours; appenders alone take it.
func TimeTZ(micros int64, offset int) Value {
	const maxOffset = 16*3600 - 1
	return Int64(micros<<24 | int64(maxOffset-offset))
}

// Float64 is a DOUBLE.
func Float64(v float64) Value { return Value{kind: valueFloat, float: v} }

// Text is a VARCHAR.
func Text(v string) Value { return Value{kind: valueText, text: v} }

// Bytes is a BLOB; the bytes are copied.
func Bytes(v []byte) Value { return Value{kind: valueBytes, text: string(v)} }
