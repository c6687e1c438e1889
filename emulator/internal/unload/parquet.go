package unload

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/llm-dev-ops/redshift/emulator/internal/engine"
	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
)

var tables atomic.Int64 // numbers the temporary tables of the process

// duckGroup is how many rows a row group of DuckDB has at the most, if it is not told.
const duckGroup = 122_880

// parquet has DuckDB write the query into one file of the staging directory, whose row
// groups become the files of the slices; or, where they are too few for that and with
// PARTITION BY, files of each partition and slice from a temporary table. The returned
// function frees both; it is never nil.
//
// Two things differ from Redshift's files: a TIMESTAMP is INT64 and not INT96, a
// DECIMAL of up to 18 digits is an integer and not FIXED_LEN_BYTE_ARRAY.
func (s *sink) parquet(ctx context.Context, r *Request) (end func(), err error) {
	end = func() {}
	if r.Staging == "" {
		return end, &Error{State: "XX000", Message: "Parquet needs a staging directory"}
	}
	dir, err := os.MkdirTemp(r.Staging, "unload-")
	if err != nil {
		return end, &Error{State: "XX000", Message: "no staging directory", Cause: err}
	}
	table := "temp.main.rs_unload_" + strconv.FormatInt(tables.Add(1), 10)
	end = func() {
		// In a transaction that has failed the table goes with it.
		_, _ = r.Conn.Exec(context.WithoutCancel(ctx), "DROP TABLE IF EXISTS "+table, nil)
		_ = os.RemoveAll(dir)
	}
	if len(s.plan.keys) == 0 {
		return end, s.whole(ctx, r, table, dir)
	}
	if _, err := r.Conn.Exec(ctx, s.tableSQL(table, r.SQL), r.Params); err != nil {
		return end, err
	}
	return end, s.split(ctx, r, table, dir, 0)
}

// whole writes a query without partitions.
func (s *sink) whole(ctx context.Context, r *Request, table, dir string) error {
	path := filepath.Join(dir, "all")
	if err := s.write(ctx, r.Conn, "SELECT "+s.selection()+" FROM "+s.from(r.SQL), r.Params, path, 0); err != nil {
		return err
	}
	all, err := openStaged(path)
	if err != nil {
		return &Error{State: "XX000", Message: "Parquet was not written", Cause: err}
	}
	read := "read_parquet('" + strings.ReplaceAll(path, "'", "''") + "', hive_partitioning=false)"
	rows := s.groupRows(all)
	if rows > 0 {
		again := filepath.Join(dir, "again")
		if err := s.write(ctx, r.Conn, "SELECT * FROM "+read, nil, again, rows); err != nil {
			return err
		}
		if all, err = openStaged(again); err != nil {
			return &Error{State: "XX000", Message: "Parquet was not written", Cause: err}
		}
	}
	if n := len(all.meta.RowGroups); n == 0 || n >= s.plan.slices {
		s.cuts(all, s.folder(nil), -1)
		return nil
	}
	// Few rows, which are to go to all slices.
	names := strings.Join(s.names(), ", ")
	_, err = r.Conn.Exec(ctx, "CREATE TEMP TABLE "+strings.TrimPrefix(table, "temp.main.")+" AS SELECT * FROM "+read+" p("+names+")", nil)
	if err != nil {
		return err
	}
	return s.split(ctx, r, table, dir, rows)
}

// groupRows is how many rows the row groups of a file must have instead, for
// ROWGROUPSIZE, by default 32 MB; 0 leaves them. They are made larger than DuckDB's
// only when ROWGROUPSIZE says so, and have whole vectors of DuckDB's.
func (s *sink) groupRows(all *staged) int64 {
	var size, largest int64
	for i := range all.meta.RowGroups {
		n := groupSize(&all.meta.RowGroups[i])
		size, largest = size+n, max(largest, n)
	}
	want := s.plan.groupSize
	if want == 0 {
		want = rowGroupSize
	}
	if size == 0 || largest <= want && (s.plan.groupSize == 0 || len(all.meta.RowGroups) == 1) {
		return 0
	}
	const vector = 2048
	rows := max(int64(float64(want)*float64(all.meta.NumRows)/float64(size))/vector*vector, vector)
	if largest <= want && rows <= duckGroup {
		return 0
	}
	return rows
}

// split writes the files of each partition and slice from the table; rows are how many
// a row group is to have, 0 for DuckDB's number.
func (s *sink) split(ctx context.Context, r *Request, table, dir string, rows int64) error {
	groups, err := s.groups(ctx, r.Conn, table)
	if err != nil {
		return err
	}
	for i, g := range groups {
		if err := s.group(ctx, r, table, g, filepath.Join(dir, strconv.Itoa(i)), rows); err != nil {
			return err
		}
	}
	return nil
}

// row and part are the number of a row and of its partition in the table. Without
// partitions the rows lie there in the query's order: neither a window nor a sort is
// needed, which would take most of the time.
func (s *sink) row() string {
	if len(s.plan.keys) == 0 {
		return "rowid"
	}
	return "(rs_row - 1)"
}

func (s *sink) part() string {
	if len(s.plan.keys) == 0 {
		return "1"
	}
	return "rs_part"
}

// names are those of the columns where SQL of ours reads them.
func (s *sink) names() []string {
	names := make([]string, len(s.plan.columns))
	for i := range names {
		names[i] = "c" + strconv.Itoa(i)
	}
	return names
}

func (s *sink) from(query string) string {
	return "(" + query + "\n) q(" + strings.Join(s.names(), ", ") + ")"
}

// tableSQL numbers the rows in the query's order and the partitions. It is sorted, so
// that a partition lies together.
func (s *sink) tableSQL(table, query string) string {
	keys := make([]string, len(s.plan.keys))
	for i, k := range s.plan.keys {
		keys[i] = "c" + strconv.Itoa(k)
	}
	return "CREATE TEMP TABLE " + strings.TrimPrefix(table, "temp.main.") + " AS SELECT *, dense_rank() OVER (ORDER BY " + strings.Join(keys, ", ") +
		") AS rs_part FROM (SELECT *, row_number() OVER () AS rs_row FROM " + s.from(query) + ") ORDER BY rs_part, rs_row"
}

// selection makes the columns those of the file.
func (s *sink) selection() string {
	columns := make([]string, len(s.plan.files))
	for i, k := range s.plan.files {
		c := s.plan.columns[k]
		from, to := "c"+strconv.Itoa(k), c.Type.DuckDB()
		switch c.Type.Kind {
		case rstype.TimestampTZ:
			// "only the timestamp values are unloaded"
			from, to = "timezone('UTC', "+from+")", "TIMESTAMP"
		case rstype.TimeTZ:
			from, to = "timezone('UTC', "+from+")", "TIME" // likewise (assumed)
		case rstype.IntervalYM, rstype.IntervalDS:
			to = "VARCHAR" // Parquet's own have no signs (assumed)
		}
		columns[i] = "CAST(" + from + " AS " + to + ") AS " + quoted(c.Name)
	}
	return strings.Join(columns, ", ")
}

func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// group is what becomes the files of one slice in one partition.
type group struct {
	path        string
	part, slice string
}

func (s *sink) groups(ctx context.Context, conn *engine.Conn, table string) (all []group, err error) {
	sql := "SELECT " + s.part() + " AS part, " + s.row() + " % " + strconv.Itoa(s.plan.slices) + " AS rs_slice"
	for _, k := range s.plan.keys {
		sql += ", any_value(c" + strconv.Itoa(k) + ")"
	}
	result, err := conn.Query(ctx, sql+" FROM "+table+" GROUP BY ALL ORDER BY ALL", nil)
	if err != nil {
		return nil, err
	}
	defer func() {
		if failed := result.Close(); err == nil {
			err = failed
		}
	}()
	for {
		c, err := result.Next(ctx)
		if err != nil || c == nil {
			return all, err
		}
		for row := range c.Len() {
			g := group{part: string(c.AppendText(nil, 0, row)), slice: string(c.AppendText(nil, 1, row))}
			var path []byte
			for i, k := range s.plan.keys {
				s.value = c.AppendTextIn(s.value[:0], i+2, row, s.zone)
				path = appendPartition(path, s.plan.columns[k].Name, s.value, c.IsNull(i+2, row))
			}
			g.path = string(path)
			all = append(all, g)
		}
	}
}

// group writes the files of a group; there are several when they reach MAXFILESIZE.
func (s *sink) group(ctx context.Context, r *Request, table string, g group, path string, rows int64) error {
	columns := s.selection()
	if len(s.plan.keys) == 0 {
		// The table is of a file's columns already.
		names := s.names()
		for i, c := range s.plan.columns {
			names[i] += " AS " + quoted(c.Name)
		}
		columns = strings.Join(names, ", ")
	}
	query := fmt.Sprintf("SELECT %s FROM %s WHERE %s = %s AND %s %% %d = %s",
		columns, table, s.part(), g.part, s.row(), s.plan.slices, g.slice)
	if len(s.plan.keys) > 0 {
		query += " ORDER BY rs_row"
	}
	slice, err := strconv.Atoi(g.slice)
	if err != nil {
		return err
	}
	if err := s.write(ctx, r.Conn, query, nil, path, rows); err != nil {
		return err
	}
	all, err := openStaged(path)
	if err != nil {
		return &Error{State: "XX000", Message: "Parquet was not written", Cause: err}
	}
	if again := s.groupRows(all); again > 0 && rows == 0 {
		// Now that the rows' size is known.
		if err := s.write(ctx, r.Conn, query, nil, path, again); err != nil {
			return err
		}
		if all, err = openStaged(path); err != nil {
			return &Error{State: "XX000", Message: "Parquet was not written", Cause: err}
		}
	}
	s.cuts(all, s.folder([]byte(g.path)), slice)
	return nil
}

// write has DuckDB write a file, with so many rows to a row group; 0 is DuckDB's number.
func (s *sink) write(ctx context.Context, conn *engine.Conn, query string, params []engine.Value, path string, rows int64) error {
	options := "FORMAT parquet, COMPRESSION snappy"
	if rows > 0 {
		options += ", ROW_GROUP_SIZE " + strconv.FormatInt(rows, 10)
	}
	_, err := conn.Exec(ctx, "COPY ("+query+") TO '"+strings.ReplaceAll(path, "'", "''")+"' ("+options+")", params)
	return err
}
