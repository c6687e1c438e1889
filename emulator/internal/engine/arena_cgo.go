//go:build cgo

package engine

import (
	"runtime"
	"unsafe"
)

// shortString and longString are duckdb_string_t (duckdb.h): up to twelve bytes stand
// in it, zeros behind them, longer strings outside.
type shortString struct {
	length  uint32
	inlined [12]byte
}

type longString struct {
	length uint32
	prefix [4]byte
	// pointer is no Go pointer to the garbage collector, as it lies in DuckDB's
	// memory; the arena keeps what it points at, pinned.
	pointer uintptr
}

// arena holds the strings of the rows of one chunk: writing them here and not with a
// call into C for each saves most of an appender's time.
type arena struct {
	blocks [][]byte
	pins   runtime.Pinner
}

const arenaBlock = 256 << 10

// set writes a string into a row of a vector's data.
func (a *arena) set(data unsafe.Pointer, row int, text string) {
	if len(text) <= len(shortString{}.inlined) {
		s := shortString{length: uint32(len(text))}
		copy(s.inlined[:], text)
		*at[shortString](data, row) = s
		return
	}
	n := len(a.blocks) - 1
	if n < 0 || len(a.blocks[n])+len(text) > cap(a.blocks[n]) {
		block := make([]byte, 0, max(arenaBlock, len(text)))
		a.pins.Pin(unsafe.SliceData(block))
		a.blocks = append(a.blocks, block)
		n++
	}
	block := append(a.blocks[n], text...)
	a.blocks[n] = block
	s := longString{length: uint32(len(text)), pointer: uintptr(unsafe.Pointer(&block[len(block)-len(text)]))}
	copy(s.prefix[:], text)
	*at[longString](data, row) = s
}

// reset forgets the strings, and all blocks but one of the usual size.
func (a *arena) reset() {
	if len(a.blocks) == 1 && cap(a.blocks[0]) == arenaBlock {
		a.blocks[0] = a.blocks[0][:0]
		return
	}
	a.free()
}

func (a *arena) free() {
	a.pins.Unpin()
	a.blocks = nil
}
