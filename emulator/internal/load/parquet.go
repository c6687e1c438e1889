package load

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/llm-dev-ops/redshift/emulator/internal/engine"
	"github.com/llm-dev-ops/redshift/emulator/internal/event"
	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/emulator/internal/s3client"
)

// omitted is the temporary table that holds what columns get that are not in the
// file: their defaults, in one row, or with IDENTITY columns in as many as the file.
const omitted = "rs_copy_omitted"

// parquet loads all files through DuckDB: by position, all or nothing
// (copy-usage_notes-copy-from-columnar).
func (l *loader) parquet(ctx context.Context) error {
	if l.Staging == "" {
		return notYet("COPY with the format PARQUET, without a staging directory")
	}
	for i, f := range l.list {
		if l.Copy.From.Manifest {
			// Required for columnar formats; a length that is not the file's fails
			// (the texts are assumed).
			if f.length < 0 {
				return l.detailed(fault("meta.content_length is required in the manifest for PARQUET"), codeSource, f.uri())
			}
			if f.length != f.size {
				return l.detailed(fault("The size of the file is not the content_length of the manifest"), codeSource, f.uri())
			}
		}
		begun := time.Now()
		rows, err := l.parquetFile(ctx, f)
		l.result.Files++
		l.scanBytes += f.size
		l.result.Bytes += f.size
		l.record = append(l.record, event.LoadFile{
			Session: l.Session, Query: l.Query, Slice: int32(i % max(1, l.Slices)), File: f.uri(),
			Format: l.commitFormat(), Lines: int32(rows), Bytes: f.size, Data: f.size, Start: begun, At: time.Now(),
		})
		if err != nil {
			return err
		}
		l.result.Rows += rows
	}
	return nil
}

// scanError is how a failure in a columnar file reaches the client.
func (l *loader) scanError(format string, args ...any) error {
	return l.detailed(fault("Spectrum Scan Error"), codeSpectrum, fmt.Sprintf(format, args...))
}

func (l *loader) parquetFile(ctx context.Context, f file) (int64, error) {
	path, err := l.stage(ctx, f)
	if err != nil {
		return 0, err
	}
	defer os.Remove(path)
	scan := "read_parquet('" + strings.ReplaceAll(path, "'", "''") + "', hive_partitioning=false)"
	names, types, err := l.describe(ctx, scan)
	if err != nil {
		return 0, l.scanFailure(err, f)
	}
	if len(names) > len(l.columns) || len(names) < len(l.columns) && !l.Copy.FillRecord {
		return 0, l.scanError("Unmatched number of columns between table and file. Table columns: %d, Data columns: %d, File name: %s", len(l.columns), len(names), f.uri())
	}
	aliases := make([]string, len(names))
	for i := range names {
		aliases[i] = "c" + strconv.Itoa(i)
	}
	source := scan + " AS p(" + strings.Join(aliases, ", ") + ")"
	given := make([]string, len(l.Target.Columns))
	var checks []check
	for i, at := range l.columns {
		c := l.Target.Columns[at]
		if i >= len(names) {
			given[at] = "NULL"
			if c.NotNull {
				checks = append(checks, check{sql: "count(*)", column: c, null: true})
			}
			continue
		}
		expression, ok := columnar(c.Type, types[i], aliases[i])
		if !ok {
			return 0, l.scanError("File '%s' has an incompatible Parquet schema for column '%s.%s'. Column type: %s, Parquet schema:\noptional %s %s", f.uri(), f.uri(), names[i], strings.ToUpper(c.Type.String()), physical(types[i]), names[i])
		}
		given[at] = expression
		checks = append(checks, checksOf(c, aliases[i], expression)...)
	}
	if l.missing >= 0 {
		checks = append(checks, check{sql: "count(*)", column: l.Target.Columns[l.missing], null: true})
	}
	rows, err := l.checkParquet(ctx, source, checks, f)
	if err != nil {
		return 0, err
	}
	return l.insertParquet(ctx, source, given, rows, f)
}

// stage copies an object to where DuckDB may read it.
func (l *loader) stage(ctx context.Context, f file) (path string, err error) {
	if err := l.mayDo("s3:GetObject", f.bucket, f.key); err != nil {
		return "", err
	}
	object, _, err := l.s3.Open(ctx, f.bucket, f.key)
	if err != nil {
		return "", l.storeFailure(err, f.uri())
	}
	defer object.Close()
	var magic [4]byte
	if n, err := io.ReadFull(object, magic[:]); err != nil || string(magic[:]) != "PAR1" {
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return "", l.storeFailure(err, f.uri())
		}
		return "", l.scanError("File '%s' has an invalid version number: %q", f.uri(), magic[:n])
	}
	staged, err := os.CreateTemp(l.Staging, "copy-*.parquet")
	if err != nil {
		return "", l.engineFailure(err)
	}
	_, err = io.Copy(staged, io.MultiReader(bytes.NewReader(magic[:]), object))
	if err = errors.Join(err, staged.Close()); err != nil {
		_ = os.Remove(staged.Name())
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		if _, s3 := s3client.Text(err); s3 {
			return "", l.storeFailure(err, f.uri())
		}
		return "", l.engineFailure(err)
	}
	return staged.Name(), nil
}

// scanFailure is what DuckDB says about a file it cannot read.
func (l *loader) scanFailure(err error, f file) error {
	var e *engine.Error
	if !errors.As(err, &e) || e.Kind == engine.ErrorInterrupt {
		return err
	}
	failure := l.detailed(fault("Spectrum Scan Error"), codeSpectrum, "File '"+f.uri()+"': "+e.Message)
	failure.Cause = err
	return failure
}

func (l *loader) describe(ctx context.Context, scan string) (names, types []string, err error) {
	r, err := l.Conn.Query(ctx, "DESCRIBE SELECT * FROM "+scan, nil)
	if err != nil {
		return nil, nil, err
	}
	defer r.Close()
	for {
		chunk, err := r.Next(ctx)
		if err != nil || chunk == nil {
			return names, types, err
		}
		for row := range chunk.Len() {
			names = append(names, string(chunk.AppendText(nil, 0, row)))
			types = append(types, string(chunk.AppendText(nil, 1, row)))
		}
	}
}

// columnar is the expression that makes a file's column a value of a type; ok is
// false when Redshift would call the schema incompatible. Wider integers and floats
// take narrower ones (assumed).
func columnar(t rstype.Type, have, column string) (expression string, ok bool) {
	family, _, _ := strings.Cut(have, "(")
	nested := strings.HasSuffix(have, "]") || family == "STRUCT" || family == "MAP"
	is := func(names ...string) bool {
		for _, n := range names {
			if n == family && !nested {
				return true
			}
		}
		return false
	}
	cast := func() string { return "CAST(" + column + " AS " + t.DuckDB() + ")" }
	switch t.Kind {
	case rstype.Int2, rstype.Int4:
		return cast(), is("TINYINT", "SMALLINT", "INTEGER", "UTINYINT", "USMALLINT")
	case rstype.Int8:
		return cast(), is("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER")
	case rstype.Numeric:
		return cast(), is("DECIMAL")
	case rstype.Float4:
		return column, is("FLOAT")
	case rstype.Float8:
		return cast(), is("DOUBLE", "FLOAT")
	case rstype.Bool:
		return column, is("BOOLEAN")
	case rstype.Char, rstype.Varchar:
		text := column
		if is("BLOB") {
			text = "decode(" + column + ")"
		}
		if t.Kind == rstype.Char {
			text = "rtrim(" + text + ", ' ')"
		}
		return text, is("VARCHAR", "BLOB")
	case rstype.Date:
		return column, is("DATE")
	case rstype.Time:
		return column, is("TIME")
	case rstype.Timestamp:
		if is("TIMESTAMP WITH TIME ZONE") {
			return "(" + column + " AT TIME ZONE 'UTC')", true
		}
		return cast(), is("TIMESTAMP", "TIMESTAMP_NS", "TIMESTAMP_MS", "TIMESTAMP_S")
	case rstype.TimestampTZ:
		if is("TIMESTAMP WITH TIME ZONE") {
			return column, true
		}
		return "(CAST(" + column + " AS TIMESTAMP) AT TIME ZONE 'UTC')", is("TIMESTAMP", "TIMESTAMP_NS", "TIMESTAMP_MS", "TIMESTAMP_S")
	case rstype.TimeTZ:
		// A TIME is UTC, as UNLOAD writes it (assumed).
		return cast(), is("TIME", "TIME WITH TIME ZONE")
	case rstype.IntervalYM, rstype.IntervalDS:
		// A text is what UNLOAD writes (assumed).
		value := "CAST(" + column + " AS INTERVAL)"
		months := "to_months(CAST(date_part('year', " + value + ") * 12 + date_part('month', " + value + ") AS INTEGER))"
		if t.Kind == rstype.IntervalDS {
			months = value + " - " + months
		}
		return "CAST(" + months + " AS INTERVAL)", is("INTERVAL", "VARCHAR")
	case rstype.Varbyte:
		return column, is("BLOB")
	case rstype.Super:
		return "CAST(to_json(" + column + ") AS VARCHAR)", nested || !is("BLOB", "INTERVAL")
	}
	return "", false
}

// physical names the type as Parquet does, as far as DuckDB tells.
func physical(duckdb string) string {
	family, _, _ := strings.Cut(duckdb, "(")
	switch family {
	case "TINYINT", "SMALLINT", "INTEGER", "UTINYINT", "USMALLINT", "UINTEGER", "DATE":
		return "int32"
	case "BIGINT", "UBIGINT", "TIME", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "TIMESTAMP_NS":
		return "int64"
	case "DECIMAL":
		return "fixed_len_byte_array"
	case "VARCHAR", "BLOB":
		return "byte_array"
	case "BOOLEAN", "FLOAT", "DOUBLE":
		return strings.ToLower(family)
	}
	return "group"
}

// check is an aggregate over a file that must be 0, or at most limit.
type check struct {
	sql    string
	column Column
	limit  int64
	length bool // it is a length
	null   bool // it counts NULLs
}

func checksOf(c Column, column, expression string) []check {
	var out []check
	if c.NotNull {
		out = append(out, check{sql: "count(*) - count(" + column + ")", column: c, null: true})
	}
	switch c.Type.Kind {
	case rstype.Int2, rstype.Numeric:
		out = append(out, check{sql: "count(" + column + ") - count(TRY_" + expression + ")", column: c})
	case rstype.Char:
		out = append(out, check{sql: "count(*) FILTER (WHERE strlen(" + expression + ") <> length(" + expression + "))", column: c})
		fallthrough
	case rstype.Varchar:
		if n := int64(c.Type.Len); n > 0 {
			out = append(out, check{sql: "coalesce(max(strlen(" + expression + ")), 0)", column: c, limit: n, length: true})
		}
	case rstype.Varbyte:
		if n := int64(c.Type.Len); n > 0 {
			out = append(out, check{sql: "coalesce(max(octet_length(" + expression + ")), 0)", column: c, limit: n, length: true})
		}
	}
	return out
}

// checkParquet goes through a file before anything of it is loaded, and counts its
// rows.
func (l *loader) checkParquet(ctx context.Context, source string, checks []check, f file) (int64, error) {
	sql := "SELECT count(*)"
	for _, c := range checks {
		sql += ", " + c.sql
	}
	r, err := l.Conn.Query(ctx, sql+" FROM "+source, nil)
	if err != nil {
		return 0, l.scanFailure(err, f)
	}
	defer r.Close()
	chunk, err := r.Next(ctx)
	if err != nil {
		return 0, l.scanFailure(err, f)
	}
	if chunk == nil {
		return 0, l.scanError("File '%s' cannot be read", f.uri())
	}
	number := func(column int) int64 {
		n, err := strconv.ParseInt(string(chunk.AppendText(nil, column, 0)), 10, 64)
		if err != nil {
			return -1
		}
		return n
	}
	for i, c := range checks {
		n := number(i + 1)
		switch {
		case n >= 0 && n <= c.limit:
		case c.null:
			return 0, fault("Cannot insert a NULL value into column %s", c.column.Name)
		case c.length:
			return 0, l.scanError("The length of the data column %s is longer than the length defined in the table. Table: %d, Data: %d, File name: %s", c.column.Name, c.limit, n, f.uri())
		case c.column.Type.Kind == rstype.Char:
			return 0, l.scanError("Multibyte character not supported for CHAR (Hint: Try using VARCHAR). Column: %s, File name: %s", c.column.Name, f.uri())
		default:
			return 0, l.scanError("A value is out of range for column %s of type %s, File name: %s", c.column.Name, c.column.Type, f.uri())
		}
	}
	return number(0), nil
}

func (l *loader) insertParquet(ctx context.Context, source string, given []string, rows int64, f file) (n int64, err error) {
	var names, types []string
	var others []int
	for i, c := range l.Target.Columns {
		if given[i] != "" {
			continue
		}
		if c.Identity == nil && c.Default == (engine.Value{}) {
			given[i] = "NULL"
			continue
		}
		name := "o" + strconv.Itoa(i)
		given[i] = "o." + name
		names, types, others = append(names, name), append(types, name+" "+c.Type.DuckDB()), append(others, i)
	}
	if len(names) > 0 {
		if _, err := l.Conn.Exec(ctx, "CREATE TEMP TABLE "+omitted+" ("+strings.Join(types, ", ")+")", nil); err != nil {
			return 0, l.engineFailure(err)
		}
		count, join := int64(1), " CROSS JOIN "
		if len(l.identities) > 0 {
			count, join = rows, " POSITIONAL JOIN "
		}
		if err := l.fillOmitted(ctx, others, count); err != nil {
			return 0, err
		}
		source += join + omitted + " AS o"
	}
	quoted := func(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
	n, err = l.Conn.Exec(ctx, "INSERT INTO "+quoted(l.Target.Schema)+"."+quoted(l.Target.Name)+" SELECT "+strings.Join(given, ", ")+" FROM "+source, nil)
	if err != nil {
		return 0, l.scanFailure(err, f)
	}
	if len(names) > 0 {
		if _, err := l.Conn.Exec(ctx, "DROP TABLE "+omitted, nil); err != nil {
			return 0, l.engineFailure(err)
		}
	}
	return n, nil
}

func (l *loader) fillOmitted(ctx context.Context, columns []int, count int64) error {
	a, err := l.Conn.Appender("main", omitted)
	if err != nil {
		return l.engineFailure(err)
	}
	defer a.Abort()
	values := make([]engine.Value, len(columns))
	for n := range count {
		if n%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		for i, at := range columns {
			c := l.Target.Columns[at]
			values[i] = c.Default
			if c.Identity != nil {
				values[i] = engine.Int64(c.Identity())
			}
		}
		if err := a.AppendRow(values); err != nil {
			return l.engineFailure(err)
		}
	}
	if err := a.Close(); err != nil {
		return l.engineFailure(err)
	}
	return nil
}
