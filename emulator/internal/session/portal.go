package session

import (
	"context"
	"encoding/binary"
	"fmt"

	"github.com/llm-dev-ops/redshift/emulator/internal/engine"
)

// defaultBatch is how many rows AppendRows gives where its caller leaves it to
// the session.
const defaultBatch = 1024

// maxSpool bounds what is kept of a result that another statement interrupts.
const maxSpool = 256 << 20

var errSpool = &Error{State: "53200", Message: "not supported by the emulator: another statement while more than 256 MB of a result have not been read"}

// rowPortal streams an engine's result. While it is open the session's engine
// connection is taken; when another statement needs it the rest of the rows is
// kept in memory.
type rowPortal struct {
	statement *statement
	run       *run
	ctx       context.Context // Start's, which covers the portal's life
	result    *engine.Result
	encoder   *engine.Encoder
	chunk     *engine.Chunk
	row       int
	rows      int64
	spooled   [][]byte
	// forms are of a cursor, whose rows are fetched in formats that are not known when
	// they are kept: as text, and in binary where that is possible. A kept row is then
	// both, one behind the other, and formats are those that are asked for.
	forms   *[2]*engine.Encoder
	formats []int16
	done    bool
	err     error
	last    bool
	closed  bool
}

// AppendRows implements Portal.
func (p *rowPortal) AppendRows(_ context.Context, dst []byte, max int) ([]byte, int, bool, error) {
	if max <= 0 {
		max = defaultBatch
	}
	before := len(dst)
	dst, n, done, err := p.next(dst, max)
	p.run.bytes += int64(len(dst) - before)
	if err != nil || !done {
		return dst, n, err != nil, err
	}
	if err := p.complete(); err != nil {
		return dst, n, true, err
	}
	return dst, n, true, nil
}

// next is AppendRows without an end for the statement.
func (p *rowPortal) next(dst []byte, max int) ([]byte, int, bool, error) {
	if p.err != nil {
		return dst, 0, true, p.err
	}
	n := 0
	for n < max && len(p.spooled) > 0 {
		dst = p.kept(dst, p.spooled[0])
		p.spooled = p.spooled[1:]
		n++
	}
	for n < max && !p.done && p.result != nil {
		more, err := p.fill()
		if err != nil {
			return dst, n, true, p.fail(err)
		}
		if !more {
			break
		}
		for ; n < max && p.row < p.chunk.Len(); n++ {
			dst = p.encoder.AppendDataRow(dst, p.chunk, p.row)
			p.row++
			p.rows++
		}
	}
	return dst, n, len(p.spooled) == 0 && p.done, nil
}

// fill makes sure that there is a row to write.
func (p *rowPortal) fill() (bool, error) {
	for p.chunk == nil || p.row >= p.chunk.Len() {
		chunk, err := p.result.Next(p.ctx)
		if err != nil {
			return false, err
		}
		if chunk == nil {
			p.release()
			p.done = true
			return false, nil
		}
		p.chunk, p.row = chunk, 0
	}
	return true, nil
}

// spool takes the rest of the rows out of the engine.
func (p *rowPortal) spool() error {
	size := 0
	for !p.done && p.result != nil {
		more, err := p.fill()
		if err != nil {
			return p.fail(err)
		}
		if !more {
			break
		}
		row := p.keep()
		p.row++
		p.rows++
		if size += len(row); size > maxSpool {
			return p.fail(errSpool)
		}
		p.spooled = append(p.spooled, row)
	}
	return nil
}

// keep is the current row as it is kept.
func (p *rowPortal) keep() []byte {
	if p.forms == nil {
		return p.encoder.AppendDataRow(nil, p.chunk, p.row)
	}
	return p.forms[1].AppendDataRow(p.forms[0].AppendDataRow(nil, p.chunk, p.row), p.chunk, p.row)
}

// kept appends a row that was kept.
func (p *rowPortal) kept(dst, row []byte) []byte {
	if p.forms == nil {
		return append(dst, row...)
	}
	size := rowSize(row)
	return mixRows(dst, row[:size], row[size:], p.formats)
}

// rowSize is the length of the DataRow that rows begin with.
func rowSize(rows []byte) int { return 1 + int(binary.BigEndian.Uint32(rows[1:])) }

// mixRows appends a DataRow with the columns of one or of the other by their formats.
func mixRows(dst, text, other []byte, formats []int16) []byte {
	const header = 7
	start := len(dst)
	dst = append(dst, text[:header]...)
	text, other = text[header:], other[header:]
	for i := 0; len(text) > 0; i++ {
		a, b := cellSize(text), cellSize(other)
		switch {
		case len(formats) == 1 && formats[0] == 1, len(formats) > 1 && formats[i] == 1:
			dst = append(dst, other[:b]...)
		default:
			dst = append(dst, text[:a]...)
		}
		text, other = text[a:], other[b:]
	}
	binary.BigEndian.PutUint32(dst[start+1:], uint32(len(dst)-start-1))
	return dst
}

// cellSize is the length of the value that cells begin with, with its own length.
func cellSize(cells []byte) int {
	return 4 + max(0, int(int32(binary.BigEndian.Uint32(cells))))
}

// release gives the engine's connection back.
func (p *rowPortal) release() {
	if p.result != nil {
		_ = p.result.Close()
		p.result, p.chunk = nil, nil
	}
	if p.statement.backend.portal == p {
		p.statement.backend.portal = nil
	}
}

func (p *rowPortal) fail(err error) error {
	p.release()
	p.done = true
	p.err = p.run.failed(p.ctx, err)
	return p.err
}

func (p *rowPortal) complete() error {
	if p.closed {
		return nil
	}
	p.closed = true
	p.run.succeeded(p.rows)
	if p.last {
		if err := p.statement.backend.Sync(p.ctx); err != nil {
			p.err = err
			return err
		}
	}
	return nil
}

// Tag implements Portal.
func (p *rowPortal) Tag() string { return p.statement.tag() }

// Close implements Portal.
func (p *rowPortal) Close() error {
	p.release()
	p.spooled, p.done = nil, true
	if !p.closed && p.err == nil {
		p.closed = true
		p.run.succeeded(p.rows)
	}
	return nil
}

// donePortal is the portal of what has run already: a statement without rows,
// or with a few that are text.
type donePortal struct {
	tag  string
	rows [][]string
}

// AppendRows implements Portal.
func (p *donePortal) AppendRows(_ context.Context, dst []byte, max int) ([]byte, int, bool, error) {
	n := len(p.rows)
	if max > 0 {
		n = min(n, max)
	}
	for _, row := range p.rows[:n] {
		dst = appendTextRow(dst, row)
	}
	p.rows = p.rows[n:]
	return dst, n, len(p.rows) == 0, nil
}

func appendTextRow(dst []byte, row []string) []byte {
	size := 6
	for _, v := range row {
		size += 4 + len(v)
	}
	dst = append(dst, 'D')
	dst = binary.BigEndian.AppendUint32(dst, uint32(size))
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(row)))
	for _, v := range row {
		dst = binary.BigEndian.AppendUint32(dst, uint32(len(v)))
		dst = append(dst, v...)
	}
	return dst
}

// Tag implements Portal.
func (p *donePortal) Tag() string { return p.tag }

// Close implements Portal.
func (p *donePortal) Close() error { return nil }

// countTag is a tag with the number of rows behind it.
func countTag(tag string, n int64) string {
	if tag == "INSERT" {
		return fmt.Sprintf("INSERT 0 %d", n)
	}
	return fmt.Sprintf("%s %d", tag, n)
}
