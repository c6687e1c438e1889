//go:build !cgo

package engine

import (
	"context"

	"github.com/llm-dev-ops/redshift/emulator/internal/scalar"
)

// DB is an open database; there is none without cgo.
type DB struct{}

// Open answers ErrNoCgo.
func Open(context.Context, Config) (*DB, error) { return nil, ErrNoCgo }

// Close does nothing.
func (*DB) Close() error { return nil }

// Conn answers ErrNoCgo.
func (*DB) Conn(context.Context) (*Conn, error) { return nil, ErrNoCgo }

// Conn is a connection; there is none without cgo.
type Conn struct{}

// Interrupt does nothing.
func (*Conn) Interrupt() {}

// Close does nothing.
func (*Conn) Close() error { return nil }

// Exec answers ErrNoCgo.
func (*Conn) Exec(context.Context, string, []Value) (int64, error) { return 0, ErrNoCgo }

// Query answers ErrNoCgo.
func (*Conn) Query(context.Context, string, []Value) (*Result, error) { return nil, ErrNoCgo }

// ExecAgain answers ErrNoCgo.
func (*Conn) ExecAgain(context.Context, string, []Value) (int64, error) { return 0, ErrNoCgo }

// QueryAgain answers ErrNoCgo.
func (*Conn) QueryAgain(context.Context, string, []Value) (*Result, error) { return nil, ErrNoCgo }

// QueryAlone answers ErrNoCgo.
func (*Conn) QueryAlone(context.Context, string, []Value, bool, func()) (*Result, error) {
	return nil, ErrNoCgo
}

// Forget does nothing.
func (*Conn) Forget() {}

// Result is a stream of rows; there is none without cgo.
type Result struct{ current Chunk }

// Columns answers none.
func (r *Result) Columns() []Column { return r.current.columns }

// Next answers ErrNoCgo.
func (*Result) Next(context.Context) (*Chunk, error) { return nil, ErrNoCgo }

// Close does nothing.
func (*Result) Close() error { return nil }

// Appender adds rows to a table; there is none without cgo.
type Appender struct{}

// Appender answers ErrNoCgo.
func (*Conn) Appender(string, string) (*Appender, error) { return nil, ErrNoCgo }

// AppendRow answers ErrNoCgo.
func (*Appender) AppendRow([]Value) error { return ErrNoCgo }

// Flush answers ErrNoCgo.
func (*Appender) Flush() error { return ErrNoCgo }

// Close does nothing.
func (*Appender) Close() error { return nil }

// Abort does nothing.
func (*Appender) Abort() {}

// RegisterView answers ErrNoCgo.
func (*DB) RegisterView(string, int, ViewFunc) error { return ErrNoCgo }

// RegisterFunction answers ErrNoCgo.
func (*DB) RegisterFunction(string, scalar.Func) error { return ErrNoCgo }
