//go:build cgo

package engine

/*
void rs_engine_view_bind(void *);
void rs_engine_view_init(void *);
void rs_engine_view_rows(void *, void *);
void rs_engine_view_delete(void *);
typedef void (*rs_engine_one)(void *);
typedef void (*rs_engine_two)(void *, void *);
*/
import "C"

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/cgo"
	"unsafe"

	duck "github.com/duckdb/duckdb-go-bindings"
)

// held is what DuckDB keeps for us between callbacks: it has the address of a handle,
// which stays where it is until DuckDB deletes it.
type held struct {
	value any
	pin   runtime.Pinner
}

func hold(v any) unsafe.Pointer {
	h := &held{value: v}
	p := new(cgo.Handle)
	*p = cgo.NewHandle(h)
	h.pin.Pin(p)
	return unsafe.Pointer(p)
}

func holding[T any](p unsafe.Pointer) T {
	return (*(*cgo.Handle)(p)).Value().(*held).value.(T)
}

//export rs_engine_view_delete
func rs_engine_view_delete(p unsafe.Pointer) {
	handle := *(*cgo.Handle)(p)
	h := handle.Value().(*held)
	if s, ok := h.value.(*scan); ok {
		s.stop()
	}
	handle.Delete()
	h.pin.Unpin()
}

func deleter() unsafe.Pointer { return unsafe.Pointer(C.rs_engine_one(C.rs_engine_view_delete)) }

// viewFunction is registered; boundView is one mention in a statement.
type viewFunction struct {
	params int
	answer ViewFunc
}

type boundView struct {
	View
	columns    []Column
	precisions []uint8
}

// RegisterView makes a table function of every connection, served by f: `SELECT … FROM
// name('…', '…')` with so many VARCHAR constants. It may be called at any time before
// Close; a name cannot be registered twice.
func (db *DB) RegisterView(name string, params int, f ViewFunc) error {
	if name == "" || params < 0 || f == nil {
		return errors.New("engine: a view needs a name, parameters and a function")
	}
	conn, err := db.Conn(context.Background())
	if err != nil {
		return err
	}
	defer conn.Close()
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.views[name] { // DuckDB would replace it
		return fmt.Errorf("engine: the view %q is registered already", name)
	}
	t := duck.CreateTableFunction()
	defer duck.DestroyTableFunction(&t)
	duck.TableFunctionSetName(t, name)
	text := duck.CreateLogicalType(duck.TypeVarchar)
	defer duck.DestroyLogicalType(&text)
	for range params {
		duck.TableFunctionAddParameter(t, text)
	}
	duck.TableFunctionSetExtraInfo(t, hold(&viewFunction{params, f}), deleter())
	duck.TableFunctionSupportsProjectionPushdown(t, true)
	duck.TableFunctionSetBind(t, unsafe.Pointer(C.rs_engine_one(C.rs_engine_view_bind)))
	duck.TableFunctionSetInit(t, unsafe.Pointer(C.rs_engine_one(C.rs_engine_view_init)))
	duck.TableFunctionSetFunction(t, unsafe.Pointer(C.rs_engine_two(C.rs_engine_view_rows)))
	if duck.RegisterTableFunction(conn.handle, t) == duck.StateError {
		return fmt.Errorf("engine: the view %q was refused", name)
	}
	if db.views == nil {
		db.views = make(map[string]bool)
	}
	db.views[name] = true
	return nil
}

// guard turns an error or a panic of f into DuckDB's: nothing may unwind into C.
func guard(fail func(string), f func() error) {
	defer func() {
		if r := recover(); r != nil {
			fail(fmt.Sprintf("panic: %v", r))
		}
	}()
	if err := f(); err != nil {
		fail(err.Error())
	}
}

//export rs_engine_view_bind
func rs_engine_view_bind(p unsafe.Pointer) {
	info := duck.BindInfo{Ptr: p}
	guard(func(s string) { duck.BindSetError(info, s) }, func() error {
		f := holding[*viewFunction](duck.BindGetExtraInfo(info))
		args := make([]string, f.params)
		for i := range args {
			v := duck.BindGetParameter(info, duck.IdxT(i))
			null := duck.IsNullValue(v)
			if !null {
				args[i] = duck.GetVarchar(v)
			}
			duck.DestroyValue(&v)
			if null {
				return fmt.Errorf("argument %d is NULL", i+1)
			}
		}
		view, err := f.answer(args)
		if err != nil {
			return err
		}
		if len(view.Columns) == 0 || view.Rows == nil {
			return errors.New("a view without columns or rows")
		}
		b := &boundView{View: view}
		for _, c := range view.Columns {
			if err := b.add(info, c); err != nil {
				return err
			}
		}
		if view.Estimate > 0 {
			duck.BindSetCardinality(info, duck.IdxT(view.Estimate), false)
		}
		duck.BindSetBindData(info, hold(b), deleter())
		return nil
	})
}

var viewTypes = map[string]duck.Type{
	"BOOLEAN": duck.TypeBoolean, "SMALLINT": duck.TypeSmallInt, "INTEGER": duck.TypeInteger, "BIGINT": duck.TypeBigInt,
	"UINTEGER": duck.TypeUInteger, "FLOAT": duck.TypeFloat, "DOUBLE": duck.TypeDouble, "VARCHAR": duck.TypeVarchar,
	"DATE": duck.TypeDate, "TIME": duck.TypeTime, "TIMESTAMP": duck.TypeTimestamp, "TIMESTAMPTZ": duck.TypeTimestampTZ,
	"TIMESTAMP WITH TIME ZONE": duck.TypeTimestampTZ,
}

func (b *boundView) add(info duck.BindInfo, c ViewColumn) error {
	var logical duck.LogicalType
	var width, scale int
	name := c.Type.DuckDB()
	if n, _ := fmt.Sscanf(name, "DECIMAL(%d,%d)", &width, &scale); n == 2 {
		logical = duck.CreateDecimalType(uint8(width), uint8(scale))
	} else if id, ok := viewTypes[name]; ok {
		logical = duck.CreateLogicalType(id)
	} else {
		return fmt.Errorf("column %q of a view has type %s", c.Name, c.Type)
	}
	defer duck.DestroyLogicalType(&logical)
	duck.BindAddResultColumn(info, c.Name, logical)
	b.columns = append(b.columns, columnOf(c.Name, logical))
	b.precisions = append(b.precisions, uint8(width))
	return nil
}

//export rs_engine_view_init
func rs_engine_view_init(p unsafe.Pointer) {
	info := duck.InitInfo{Ptr: p}
	guard(func(s string) { duck.InitSetError(info, s) }, func() error {
		b := holding[*boundView](duck.InitGetBindData(info))
		asked := make([]uint64, duck.InitGetColumnCount(info))
		for i := range asked {
			asked[i] = uint64(duck.InitGetColumnIndex(info, duck.IdxT(i)))
		}
		duck.InitSetMaxThreads(info, 1)
		duck.InitSetInitData(info, hold(newScan(b.View, b.columns, b.precisions, asked)), deleter())
		return nil
	})
}

//export rs_engine_view_rows
func rs_engine_view_rows(p, chunk unsafe.Pointer) {
	info, out := duck.FunctionInfo{Ptr: p}, duck.DataChunk{Ptr: chunk}
	guard(func(s string) { duck.FunctionSetError(info, s) }, func() error {
		s := holding[*scan](duck.FunctionGetInitData(info))
		b, err := s.next()
		if b == nil || err != nil {
			duck.DataChunkSetSize(out, 0)
			return err
		}
		defer s.release(b)
		for _, place := range s.none {
			v := duck.DataChunkGetVector(out, duck.IdxT(place))
			duck.VectorEnsureValidityWritable(v)
			clear(unsafe.Slice((*uint64)(duck.VectorGetValidity(v)), batchRows/64))
		}
		for i, place := range s.slot {
			b.cols[i].copyTo(duck.DataChunkGetVector(out, duck.IdxT(place)), b.rows)
		}
		duck.DataChunkSetSize(out, duck.IdxT(b.rows))
		return nil
	})
}

// copyTo hands a column over. All its long texts go to the vector's heap in one
// string, and the values point into it.
func (c *batchColumn) copyTo(v duck.Vector, rows int) {
	var heap uintptr
	if len(c.blob) > 0 {
		duck.UnsafeVectorAssignStringElementLen(v, 0, c.blob)
		heap = *(*uintptr)(unsafe.Add(duck.VectorGetData(v), 8))
	}
	data := duck.VectorGetData(v)
	n := rows * c.width
	copy(unsafe.Slice((*byte)(data), n), unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(c.data))), n))
	for _, row := range c.long {
		*at[uintptr](data, row*2+1) = heap + uintptr(c.data[row*2+1])
	}
	if c.nulls {
		duck.VectorEnsureValidityWritable(v)
		copy(unsafe.Slice((*uint64)(duck.VectorGetValidity(v)), batchRows/64), c.valid[:])
	}
}
