//go:build cgo

package engine

/*
void rs_engine_scalar(void *, void *, void *);
typedef void (*rs_engine_three)(void *, void *, void *);
*/
import "C"

import (
	"context"
	"errors"
	"fmt"
	"unsafe"

	duck "github.com/duckdb/duckdb-go-bindings"

	"github.com/llm-dev-ops/redshift/emulator/internal/scalar"
)

// registerScalars makes the functions of package scalar one of DuckDB's, which takes
// texts and gives one: rs_call(name, arguments …).
func (c *Conn) registerScalars() error {
	return c.registerScalar(scalar.Name, false, func() scalar.Func {
		var f scalar.Func
		name := ""
		return func(args []scalar.Arg) (string, bool, error) {
			if n := args[0].Text; f == nil || n != name {
				found, ok := scalar.Lookup(n)
				if !ok {
					return "", false, fmt.Errorf("XX000: no function %q", n)
				}
				f, name = found, n
			}
			return f(args[1:])
		}
	})
}

// RegisterFunction makes a function of every connection of f, which takes texts and
// gives one. It is called for each row of each execution, never while a statement is
// planned, and must not use the statement's connection.
func (db *DB) RegisterFunction(name string, f scalar.Func) error {
	conn, err := db.Conn(context.Background())
	if err != nil {
		return err
	}
	return errors.Join(conn.registerScalar(name, true, func() scalar.Func { return f }), conn.Close())
}

// registerScalar registers what start gives for each vector of arguments, of which
// there is one at least.
func (c *Conn) registerScalar(name string, volatile bool, start func() scalar.Func) error {
	f := duck.CreateScalarFunction()
	defer duck.DestroyScalarFunction(&f)
	text := duck.CreateLogicalType(duck.TypeVarchar)
	defer duck.DestroyLogicalType(&text)
	duck.ScalarFunctionSetName(f, name)
	duck.ScalarFunctionSetVarargs(f, text)
	duck.ScalarFunctionSetReturnType(f, text)
	duck.ScalarFunctionSetSpecialHandling(f) // of NULLs
	if volatile {
		duck.ScalarFunctionSetVolatile(f)
	}
	duck.ScalarFunctionSetExtraInfo(f, hold(start), deleter())
	duck.ScalarFunctionSetFunction(f, unsafe.Pointer(C.rs_engine_three(C.rs_engine_scalar)))
	if duck.RegisterScalarFunction(c.handle, f) == duck.StateError {
		return errors.New("engine: the function " + name + " was refused")
	}
	return nil
}

// textVector is a flat vector of texts.
type textVector struct {
	data  unsafe.Pointer
	valid unsafe.Pointer
}

func (v textVector) arg(row int) scalar.Arg {
	if v.valid != nil && *at[uint64](v.valid, row/64)>>(row%64)&1 == 0 {
		return scalar.Arg{Null: true}
	}
	value := unsafe.Add(v.data, row*16)
	n := *(*uint32)(value)
	start := unsafe.Add(value, 4)
	if n > uint32(len(shortString{}.inlined)) {
		start = *(*unsafe.Pointer)(unsafe.Add(value, 8))
	}
	return scalar.Arg{Text: unsafe.String((*byte)(start), n)}
}

//export rs_engine_scalar
func rs_engine_scalar(p, chunk, result unsafe.Pointer) {
	info, in, out := duck.FunctionInfo{Ptr: p}, duck.DataChunk{Ptr: chunk}, duck.Vector{Ptr: result}
	guard(func(s string) { duck.ScalarFunctionSetError(info, s) }, func() error {
		columns := make([]textVector, duck.DataChunkGetColumnCount(in))
		for i := range columns {
			v := duck.DataChunkGetVector(in, duck.IdxT(i))
			columns[i] = textVector{duck.VectorGetData(v), duck.VectorGetValidity(v)}
		}
		if len(columns) == 0 {
			return errors.New("XX000: a call of no function")
		}
		args := make([]scalar.Arg, len(columns))
		f := holding[func() scalar.Func](duck.ScalarFunctionGetExtraInfo(info))()
		for row := range int(duck.DataChunkGetSize(in)) {
			for i := range args {
				args[i] = columns[i].arg(row)
			}
			text, ok, err := f(args)
			if err != nil {
				return err
			}
			if !ok {
				duck.VectorEnsureValidityWritable(out)
				duck.ValiditySetRowInvalid(duck.VectorGetValidity(out), duck.IdxT(row))
				continue
			}
			duck.VectorAssignStringElement(out, duck.IdxT(row), text)
		}
		return nil
	})
}
