package sqldriver

import (
	"context"
	"database/sql/driver"
	"io"

	"github.com/llm-dev-ops/redshift"
)

// rows are the result sets of a text, one at a time.
type rows struct {
	conn   *Conn
	ctx    context.Context // of the caller, by which all its result sets are bound
	script *script         // nil for a prepared statement
	at     int             // the statement whose rows these are

	r     *redshift.Rows // nil where no statement has given columns
	slots []slot
	dst   []any
}

var (
	_ driver.RowsNextResultSet              = (*rows)(nil)
	_ driver.RowsColumnTypeDatabaseTypeName = (*rows)(nil)
	_ driver.RowsColumnTypeLength           = (*rows)(nil)
	_ driver.RowsColumnTypeNullable         = (*rows)(nil)
	_ driver.RowsColumnTypePrecisionScale   = (*rows)(nil)
	_ driver.RowsColumnTypeScanType         = (*rows)(nil)
)

// advance runs statements until one has columns, or all have run.
func (r *rows) advance() error {
	for r.HasNextResultSet() {
		r.at++
		p := r.script.parts[r.at]
		rs, err := r.conn.s.Query(r.ctx, redshift.SQL(p.sql, p.args...))
		if err != nil {
			return r.script.fail(r.at, err)
		}
		if rs.Columns() != nil {
			r.stand(rs)
			return nil
		}
		if _, err := affected(rs, nil); err != nil {
			return r.script.fail(r.at, err)
		}
	}
	return nil
}

// stand makes rs the current result set.
func (r *rows) stand(rs *redshift.Rows) {
	cols := rs.Columns()
	r.r, r.slots, r.dst = rs, make([]slot, len(cols)), make([]any, len(cols))
	for i, c := range cols {
		r.slots[i] = newSlot(c.Type)
	}
}

// Columns implements driver.Rows.
func (r *rows) Columns() []string {
	names := make([]string, len(r.slots))
	for i := range names {
		names[i] = r.r.Columns()[i].Name
	}
	return names
}

// Next implements driver.Rows.
func (r *rows) Next(dest []driver.Value) error {
	if r.r == nil {
		return io.EOF
	}
	if !r.r.Next() {
		if err := r.r.Close(); err != nil {
			return r.fail(err)
		}
		return io.EOF
	}
	row := r.r.Row()
	raw := row.Raw()
	for i := range r.dst {
		r.dst[i] = nil
		if raw[i] != nil {
			r.dst[i] = r.slots[i].dst
		}
	}
	if err := row.Scan(r.dst...); err != nil {
		return err
	}
	for i := range dest {
		dest[i] = nil
		if raw[i] != nil {
			dest[i] = r.slots[i].value()
		}
	}
	return nil
}

// fail names the statement of an error that came with its rows. It is never one
// to try again on: the statement was sent.
func (r *rows) fail(err error) error {
	if r.script == nil {
		return err
	}
	err = r.script.fail(r.at, err)
	if b, ok := err.(badConn); ok {
		return b.error
	}
	return err
}

// HasNextResultSet implements driver.RowsNextResultSet: a statement is left,
// which may turn out to have no columns.
func (r *rows) HasNextResultSet() bool {
	return r.script != nil && r.at+1 < len(r.script.parts)
}

// NextResultSet implements driver.RowsNextResultSet. Rows that were not read
// are cancelled on the server, within a transaction they are read.
func (r *rows) NextResultSet() error {
	if r.r != nil {
		if err := r.r.Close(); err != nil {
			return r.fail(err)
		}
	}
	r.r, r.slots, r.dst = nil, nil, nil
	if err := r.advance(); err != nil {
		return err
	}
	if r.r == nil {
		return io.EOF
	}
	return nil
}

// Close implements driver.Rows. Statements that were not reached do not run.
func (r *rows) Close() error {
	r.script = nil
	if r.r == nil {
		return nil
	}
	return r.r.Close()
}
