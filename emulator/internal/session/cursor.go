package session

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/llm-dev-ops/redshift/emulator/internal/engine"
	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

// singleNodeFetch is how many rows one FETCH of a single-node cluster takes
// (fetch.md).
const singleNodeFetch = 1000

// errOutsideBlock is what Redshift says of a cursor outside of a transaction block;
// awslabs/amazon-redshift-utils#545 shows text and SQLSTATE.
var errOutsideBlock = &Error{State: "XX000", Message: "cursors can only be used within the transaction that created them."}

// cursor is the session's open cursor (declare.md): there is one at most, and it ends
// with the transaction. Its rows are those of the moment of DECLARE. As long as
// nothing else runs they are read from the engine as they are fetched; when another
// statement comes the rest is kept in memory.
type cursor struct {
	name    string
	columns []Column
	rows    *rowPortal
	// formats are those in which the rows are encoded.
	formats []int16
	// current is the row that was fetched last, as FORWARD 0 gives it again.
	current []byte
	// stale: current is in other formats.
	stale bool
	// fetching is a FETCH whose rows have not all been taken.
	fetching *fetchPortal
}

func (b *backend) noCursor(name string) *Error {
	return &Error{State: "34000", Message: fmt.Sprintf("cursor %q does not exist", name)}
}

// openCursor finds the cursor that a FETCH or CLOSE names.
func (b *backend) openCursor(name string) (*cursor, error) {
	if b.tx.cursor == nil || b.tx.cursor.name != name {
		if !b.tx.block {
			return nil, errOutsideBlock
		}
		return nil, b.noCursor(name)
	}
	return b.tx.cursor, nil
}

// closeCursor ends the open cursor, if there is one.
func (b *backend) closeCursor() {
	if c := b.tx.cursor; c != nil {
		b.tx.cursor = nil
		_ = c.rows.Close()
	}
}

// checkDeclare tells why a cursor cannot be declared now.
func (b *backend) checkDeclare(d *ast.DeclareCursor) error {
	switch open := b.tx.cursor; {
	case !b.tx.block:
		return errOutsideBlock
	case open != nil && open.name == b.fold(d.Name):
		return &Error{State: "42P03", Message: fmt.Sprintf("cursor %q already exists", open.name)}
	case open != nil:
		// That there is one at most is documented, how it is said is assumed.
		return &Error{State: "0A000", Message: "only one cursor can be open in a session", Detail: fmt.Sprintf("Cursor %q is open.", open.name)}
	}
	return nil
}

// declare opens a cursor over the statement's query.
func (s *statement) declare(ctx context.Context, d *ast.DeclareCursor, args []engine.Value, r *run) error {
	b := s.backend
	forms, err := s.cursorForms()
	if err != nil {
		return err
	}
	result, err := b.query(ctx, s.plan.SQL[0], args, false, nil)
	if err != nil {
		return err
	}
	if err := errors.Join(forms[0].Match(result.Columns()), forms[1].Match(result.Columns())); err != nil {
		_ = result.Close()
		return fmt.Errorf("%w (in %s)", err, s.plan.SQL[0])
	}
	c := &cursor{name: b.fold(d.Name), columns: planColumns(s.plan.Columns)}
	b.originate(c.columns, b.tx.snapshot)
	c.rows = &rowPortal{statement: s, run: r, ctx: ctx, result: result, encoder: forms[0], forms: forms}
	b.tx.cursor, b.portal = c, c.rows
	return nil
}

// cursorForms are the encoders of rows that are kept.
func (s *statement) cursorForms() (*[2]*engine.Encoder, error) {
	types, formats := make([]rstype.Type, len(s.plan.Columns)), make([]int16, len(s.plan.Columns))
	zone := s.backend.shown()
	zone.Protocol = 0
	for i, c := range s.plan.Columns {
		types[i] = c.Type
		if _, err := engine.NewEncoder(types[i:i+1], []int16{1}, zone); err == nil {
			formats[i] = 1
		}
	}
	text, err := engine.NewEncoder(types, nil, zone)
	if err != nil {
		return nil, &Error{State: "0A000", Message: "not supported by the emulator: " + err.Error(), Cause: err}
	}
	if len(types) == 0 {
		return &[2]*engine.Encoder{text, text}, nil
	}
	both, err := engine.NewEncoder(types, formats, zone)
	if err != nil {
		return nil, &Error{State: "0A000", Message: "not supported by the emulator: " + err.Error(), Cause: err}
	}
	return &[2]*engine.Encoder{text, both}, nil
}

// checkFetch tells why a FETCH is refused, and how many rows it takes, -1 for all.
func (b *backend) checkFetch(f *ast.Fetch) (int64, error) {
	switch {
	case f.Kind == ast.FetchNext:
		return 1, nil
	case f.Kind == ast.FetchAll:
		if b.core.cfg.SingleNode {
			return 0, &Error{State: "0A000", Message: "FETCH ALL is not supported for a single node configuration", Hint: fmt.Sprintf("Fetch at most %d rows at once.", singleNodeFetch)}
		}
		return -1, nil
	case f.Count < 0:
		return 0, &Error{State: "0A000", Message: "cursor can only scan forward", Position: 0}
	case f.Count > singleNodeFetch && b.core.cfg.SingleNode:
		// microsoft/vscode-postgresql#91 shows the text.
		return 0, &Error{State: "XX000", Message: fmt.Sprintf("Fetch size %d exceeds the limit of %d for a single node configuration. Reduce the client fetch/cache size or upgrade to a multi node installation.", f.Count, singleNodeFetch)}
	}
	return f.Count, nil
}

// fetch is FETCH (fetch.md).
func (s *statement) fetch(ctx context.Context, f *ast.Fetch, call Call, r *run) (Portal, error) {
	b := s.backend
	c, err := b.openCursor(b.fold(f.Cursor))
	if err != nil {
		return nil, err
	}
	n, err := b.checkFetch(f)
	if err != nil {
		return nil, err
	}
	if !sameColumns(s.columns, c.columns) {
		return nil, &Error{State: "0A000", Message: "cached plan must not change result type", Hint: "Prepare the statement again."}
	}
	if c.fetching != nil {
		if err := c.fetching.spool(); err != nil {
			return nil, err
		}
	}
	if err := c.encode(call.Formats, b); err != nil {
		return nil, err
	}
	p := &fetchPortal{cursor: c, run: r, ctx: ctx, left: n}
	if n == 0 && c.stale {
		return nil, &Error{State: "0A000", Message: "not supported by the emulator: FETCH FORWARD 0 in another format than before"}
	}
	if n == 0 && c.current != nil {
		p.spooled, p.kept, p.rows = c.current, 1, 1
	}
	c.fetching = p
	return p, nil
}

// encode gives the rows to come their formats.
func (c *cursor) encode(formats []int16, b *backend) error {
	if slices.Equal(formats, c.formats) || !slices.Contains(formats, 1) && !slices.Contains(c.formats, 1) {
		return nil
	}
	types := make([]rstype.Type, len(c.columns))
	for i, col := range c.columns {
		types[i] = col.Type
	}
	encoder, err := engine.NewEncoder(types, formats, b.shown())
	if err != nil {
		return &Error{State: "0A000", Message: "not supported by the emulator: " + err.Error(), Cause: err}
	}
	if c.rows.result != nil {
		if err := encoder.Match(c.rows.result.Columns()); err != nil {
			return err
		}
	}
	c.formats = slices.Clone(formats)
	c.rows.encoder, c.rows.formats, c.stale = encoder, c.formats, c.current != nil
	return nil
}

// fetchPortal gives the rows of one FETCH.
type fetchPortal struct {
	cursor *cursor
	run    *run
	ctx    context.Context // Start's, which covers the portal's life
	// left is how many rows are still to come from the cursor, -1 for all.
	left int64
	rows int64
	// spooled holds rows, kept of them, that were taken from the cursor for this FETCH
	// when another statement came.
	spooled []byte
	kept    int
	over    bool
	err     error
}

// take reads rows from the cursor.
func (p *fetchPortal) take(dst []byte, limit int) (out []byte, n int, err error) {
	c := p.cursor
	for n < limit && p.left != 0 {
		if c.rows.closed {
			return dst, n, p.run.backend.noCursor(c.name)
		}
		c.rows.ctx = p.ctx
		want := limit - n
		if p.left > 0 {
			want = int(min(int64(want), p.left))
		}
		start := len(dst)
		var got int
		var done bool
		if dst, got, done, err = c.rows.next(dst, want); err != nil {
			return dst, n, err
		}
		if got > 0 {
			c.current, c.stale = lastRow(c.current, dst[start:]), false
		}
		n += got
		p.rows += int64(got)
		if p.left > 0 {
			p.left -= int64(got)
		}
		if done {
			p.left = 0
		}
	}
	return dst, n, nil
}

// lastRow copies the last of the DataRows in rows to dst's memory.
func lastRow(dst, rows []byte) []byte {
	for {
		size := rowSize(rows)
		if size >= len(rows) {
			return append(dst[:0], rows...)
		}
		rows = rows[size:]
	}
}

// AppendRows implements Portal.
func (p *fetchPortal) AppendRows(_ context.Context, dst []byte, max int) ([]byte, int, bool, error) {
	if p.err != nil {
		return dst, 0, true, p.err
	}
	if max <= 0 {
		max = defaultBatch
	}
	n := 0
	for n < max && p.kept > 0 {
		size := rowSize(p.spooled)
		dst = append(dst, p.spooled[:size]...)
		p.spooled = p.spooled[size:]
		p.kept--
		n++
	}
	dst, got, err := p.take(dst, max-n)
	n += got
	if err != nil {
		p.err = p.run.failed(p.ctx, err)
		return dst, n, true, p.err
	}
	if p.left != 0 || p.kept > 0 {
		return dst, n, false, nil
	}
	p.end()
	return dst, n, true, nil
}

// spool takes the rows that are left before another statement moves the cursor.
func (p *fetchPortal) spool() error {
	p.cursor.fetching = nil
	for p.left != 0 {
		var n int
		var err error
		if p.spooled, n, err = p.take(p.spooled, defaultBatch); err != nil {
			return err
		}
		p.kept += n
		if len(p.spooled) > maxSpool {
			return errSpool
		}
	}
	return nil
}

func (p *fetchPortal) end() {
	if p.over {
		return
	}
	p.over = true
	if p.cursor.fetching == p {
		p.cursor.fetching = nil
	}
	if p.err == nil {
		p.run.succeeded(p.rows)
	}
}

// Tag implements Portal. The count is PostgreSQL's: assumed.
func (p *fetchPortal) Tag() string { return fmt.Sprintf("FETCH %d", p.rows) }

// Close implements Portal.
func (p *fetchPortal) Close() error {
	p.left, p.kept, p.spooled = 0, 0, nil
	p.end()
	return nil
}
