//go:build cgo

package engine

/*
void rs_engine_scalar(void *, void *, void *);
typedef void (*rs_engine_three)(void *, void *, void *);
*/
import "C"

import (
	"errors"
	"fmt"
	"unsafe"

	duck "github.com/duckdb/duckdb-go-bindings"

	"github.com/llm-dev-ops/redshift/emulator/internal/scalar"
)

// registerScalars makes the functions of package scalar one of DuckDB's, which takes
// texts and gives one: rs_call(name, arguments …).
func (c *Conn) registerScalars() error {
	f := duck.CreateScalarFunction()
	defer duck.DestroyScalarFunction(&f)
	text := duck.CreateLogicalType(duck.TypeVarchar)
	defer duck.DestroyLogicalType(&text)
	duck.ScalarFunctionSetName(f, scalar.Name)
	duck.ScalarFunctionSetVarargs(f, text)
	duck.ScalarFunctionSetReturnType(f, text)
	duck.ScalarFunctionSetSpecialHandling(f) // of NULLs
	duck.ScalarFunctionSetFunction(f, unsafe.Pointer(C.rs_engine_three(C.rs_engine_scalar)))
	if duck.RegisterScalarFunction(c.handle, f) == duck.StateError {
		return errors.New("engine: the function " + scalar.Name + " was refused")
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
		args := make([]scalar.Arg, len(columns)-1)
		var f scalar.Func
		name := ""
		for row := range int(duck.DataChunkGetSize(in)) {
			if n := columns[0].arg(row).Text; f == nil || n != name {
				found, ok := scalar.Lookup(n)
				if !ok {
					return fmt.Errorf("XX000: no function %q", n)
				}
				f, name = found, n
			}
			for i := range args {
				args[i] = columns[i+1].arg(row)
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
