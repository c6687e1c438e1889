package redshift

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// LoadError is a row that a COPY rejected, as STL_LOAD_ERRORS has it. What only
// that view knows is empty where SYS_LOAD_ERROR_DETAIL answered, as on
// serverless.
type LoadError struct {
	// QueryID is the number of the COPY.
	QueryID int64
	// PID is the server's process id of its session.
	PID int
	// TableID is the OID of the table.
	TableID int64
	// At is when the COPY began, in UTC.
	At time.Time
	// File is the object, s3://bucket/key.
	File string
	// Line is that of the file, from 1; with JSON the last line of the object.
	Line int64
	// Column is the column's name, "" where the row as a whole is wrong.
	Column string
	// Type and Length are the column's, as the server writes them ("int4").
	Type, Length string
	// Position is that of the error in the field, as the server counts.
	Position int
	// Code is from Redshift's load error reference, 1207 for a bad digit.
	Code int
	// Message is the server's, and may quote the value.
	Message string
	// RawLine is the line, cut to 1024 bytes. STL_LOAD_ERRORS alone.
	RawLine string
	// RawValue is the field. STL_LOAD_ERRORS alone.
	RawValue string
}

// String says where and why, in one line, without the data but for what the
// server's message quotes.
func (e LoadError) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s:%d: ", e.File, e.Line)
	if e.Column != "" {
		b.WriteString("column " + e.Column)
		if e.Type != "" {
			b.WriteString(" (" + e.Type + ")")
		}
		b.WriteString(": ")
	}
	fmt.Fprintf(&b, "%s (%d)", e.Message, e.Code)
	return b.String()
}

// LoadErrorFilter says which load errors are wanted. The zero value is the last
// hundred that the user may see.
type LoadErrorFilter struct {
	// QueryID is the number of one COPY, 0 for all.
	QueryID int64
	// PID is that of one session, 0 for all.
	PID int
	// Table is the table that was loaded; without a Schema, one of that name in
	// any schema. No name is all tables.
	Table TableRef
	// Since leaves out what began before. Zero is no bound.
	Since time.Time
	// Limit is the most errors to give. Defaults to 100.
	Limit int
}

const maxLoadErrors = 100

// LoadErrors gives rows that COPY commands have rejected, those of the last
// COPY first and in the order of its files and lines. It reads STL_LOAD_ERRORS,
// and SYS_LOAD_ERROR_DETAIL where that is refused or has none, as on serverless.
// Both show a user's own loads, and keep them for seven days.
func (c *Client) LoadErrors(ctx context.Context, f LoadErrorFilter) ([]LoadError, error) {
	return loadErrors(ctx, c.Execute, f)
}

// execute is Client.Execute, Tx.Execute, or the like on a session in use.
type execute func(context.Context, Query) (*Result, error)

// loadView is a view of load errors with its columns in the order of LoadError.
type loadView struct{ name, query, pid, table, at, columns string }

var loadViews = []loadView{
	{
		"stl_load_errors", "query", "session", "tbl", "starttime",
		"query, session, tbl, starttime, filename, line_number, colname, type, col_length, position, err_code, err_reason, raw_line, raw_field_value",
	},
	{
		"sys_load_error_detail", "query_id", "session_id", "table_id", "start_time",
		"query_id, session_id, table_id, start_time, file_name, line_number, column_name, column_type, column_length, position, error_code, error_message",
	},
}

func loadErrors(ctx context.Context, run execute, f LoadErrorFilter) ([]LoadError, error) {
	if f.Limit < 0 || f.QueryID < 0 || f.PID < 0 {
		return nil, usage("a LoadErrorFilter has no negative numbers")
	}
	var tables []string
	if f.Table.Name != "" {
		var err error
		if tables, err = tableIDs(ctx, run, f.Table); err != nil {
			return nil, err
		}
		if len(tables) == 0 {
			return nil, &Error{Kind: ErrTableNotFound, Message: "no table of that name", Hint: "only tables that exist have load errors"}
		}
	}
	var found []LoadError
	var err error
	for _, v := range loadViews {
		found, err = v.read(ctx, run, f, tables)
		if err == nil && len(found) > 0 || err != nil && !refused(err) {
			break
		}
	}
	return found, err
}

// refused reports that a view is not there for this user.
func refused(err error) bool {
	return errors.Is(err, ErrTableNotFound) || errors.Is(err, ErrPermissionDenied) || errors.Is(err, State("0A000"))
}

// tableIDs asks for OIDs first: the catalog lives on the leader node, and no
// query may use it together with the views.
func tableIDs(ctx context.Context, run execute, t TableRef) ([]string, error) {
	q := SQL("select c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relname = $1", t.Name)
	if t.Schema != "" {
		q.SQL, q.Args = q.SQL+" and n.nspname = $2", append(q.Args, t.Schema)
	}
	res, err := run(ctx, q)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, row := range res.Rows {
		var id int64
		if err := row.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, strconv.FormatInt(id, 10))
	}
	return ids, nil
}

func (v loadView) read(ctx context.Context, run execute, f LoadErrorFilter, tables []string) ([]LoadError, error) {
	var where []string
	if f.QueryID != 0 {
		where = append(where, v.query+" = "+strconv.FormatInt(f.QueryID, 10))
	}
	if f.PID != 0 {
		where = append(where, v.pid+" = "+strconv.Itoa(f.PID))
	}
	if len(tables) > 0 {
		where = append(where, v.table+" in ("+strings.Join(tables, ", ")+")")
	}
	if !f.Since.IsZero() {
		where = append(where, v.at+" >= '"+f.Since.UTC().Format("2006-01-02 15:04:05.999999")+"'")
	}
	sql := "select " + v.columns + " from " + v.name
	if len(where) > 0 {
		sql += " where " + strings.Join(where, " and ")
	}
	if f.Limit == 0 {
		f.Limit = maxLoadErrors
	}
	sql += " order by 1 desc, 5, 6 limit " + strconv.Itoa(f.Limit)
	res, err := run(ctx, SQL(sql))
	if err != nil {
		return nil, err
	}
	found := make([]LoadError, len(res.Rows))
	for i, row := range res.Rows {
		if found[i], err = scanLoadError(row); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// scanLoadError reads a row of either view. All of them may hold NULL, and
// texts are CHAR with their blanks.
func scanLoadError(row Row) (LoadError, error) {
	var (
		query, table, line  *int64
		pid, position, code *int
		at                  *Timestamp
		texts               [7]*string
	)
	dst := []any{
		&query, &pid, &table, &at, &texts[0], &line, &texts[1], &texts[2], &texts[3],
		&position, &code, &texts[4], &texts[5], &texts[6],
	}
	if err := row.Scan(dst[:len(row.values)]...); err != nil {
		return LoadError{}, err
	}
	e := LoadError{
		QueryID: zero(query), PID: zero(pid), TableID: zero(table), At: zero(at).Time, Line: zero(line),
		Position: zero(position), Code: zero(code),
	}
	for i, to := range []*string{&e.File, &e.Column, &e.Type, &e.Length, &e.Message, &e.RawLine, &e.RawValue} {
		*to = strings.TrimRight(zero(texts[i]), " ")
	}
	return e, nil
}

// zero is what p points to, or the zero value.
func zero[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}
