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

// parquet runs the query into a temporary table and has DuckDB write the files of each
// partition and slice from it into the staging directory. The returned function frees
// both; it is never nil.
//
// Two things differ from Redshift's files: a TIMESTAMP is INT64 and not INT96, a
// DECIMAL of up to 18 digits is an integer and not FIXED_LEN_BYTE_ARRAY. Row groups are
// DuckDB's, of 122,880 rows, whatever ROWGROUPSIZE says.
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
	if _, err := r.Conn.Exec(ctx, s.tableSQL(table, r.SQL), r.Params); err != nil {
		return end, err
	}
	groups, err := s.groups(ctx, r.Conn, table)
	if err != nil {
		return end, err
	}
	for i, g := range groups {
		if err := s.group(ctx, r, table, g, filepath.Join(dir, strconv.Itoa(i))); err != nil {
			return end, err
		}
	}
	return end, nil
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

// tableSQL numbers the rows in the query's order and the partitions, if there are any.
func (s *sink) tableSQL(table, query string) string {
	names := make([]string, len(s.plan.columns))
	for i := range names {
		names[i] = "c" + strconv.Itoa(i)
	}
	create, from := "CREATE TEMP TABLE "+strings.TrimPrefix(table, "temp.main.")+" AS SELECT *", " FROM ("+query+"\n) q("+strings.Join(names, ", ")+")"
	if len(s.plan.keys) == 0 {
		return create + from
	}
	keys := make([]string, len(s.plan.keys))
	for i, k := range s.plan.keys {
		keys[i] = names[k]
	}
	// Sorted, so that a partition lies together.
	return create + ", dense_rank() OVER (ORDER BY " + strings.Join(keys, ", ") + ") AS rs_part FROM (SELECT *, row_number() OVER () AS rs_row" +
		from + ") ORDER BY rs_part, rs_row"
}

// group is what becomes the files of one slice in one partition.
type group struct {
	path        string
	part, slice string
	rows        int64
}

func (s *sink) groups(ctx context.Context, conn *engine.Conn, table string) (all []group, err error) {
	sql := "SELECT " + s.part() + " AS part, " + s.row() + " % " + strconv.Itoa(s.plan.slices) + " AS rs_slice, count(*)"
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
			if g.rows, err = strconv.ParseInt(string(c.AppendText(nil, 2, row)), 10, 64); err != nil {
				return nil, err
			}
			var path []byte
			for i, k := range s.plan.keys {
				s.value = c.AppendTextIn(s.value[:0], i+3, row, s.zone)
				path = appendPartition(path, s.plan.columns[k].Name, s.value, c.IsNull(i+3, row))
			}
			g.path = string(path)
			all = append(all, g)
		}
	}
}

// group writes the files of a group; there are several when they reach MAXFILESIZE.
func (s *sink) group(ctx context.Context, r *Request, table string, g group, path string) error {
	columns := make([]string, len(s.plan.files))
	for i, k := range s.plan.files {
		c := s.plan.columns[k]
		from := "c" + strconv.Itoa(k)
		to := c.Type.DuckDB()
		if c.Type.Kind == rstype.TimestampTZ {
			// "only the timestamp values are unloaded"
			from, to = "timezone('UTC', "+from+")", "TIMESTAMP"
		}
		columns[i] = "CAST(" + from + " AS " + to + ") AS " + `"` + strings.ReplaceAll(c.Name, `"`, `""`) + `"`
	}
	query := fmt.Sprintf("SELECT %s FROM %s WHERE %s = %s AND %s %% %d = %s",
		strings.Join(columns, ", "), table, s.part(), g.part, s.row(), s.plan.slices, g.slice)
	if len(s.plan.keys) > 0 {
		query += " ORDER BY rs_row"
	}
	slice, err := strconv.Atoi(g.slice)
	if err != nil {
		return err
	}
	size, err := s.write(ctx, r.Conn, query, path+"-0")
	if err != nil {
		return err
	}
	if size <= s.plan.limit {
		s.stage(g, slice, path+"-0", g.rows)
		return nil
	}
	// DuckDB's own FILE_SIZE_BYTES loses the order of the rows. "The actual file size is
	// approximated."
	each := max(int64(float64(g.rows)*float64(s.plan.limit)/float64(size)), 1)
	for from := int64(0); from < g.rows; from += each {
		part := path + "-" + strconv.FormatInt(from, 10)
		if _, err := s.write(ctx, r.Conn, fmt.Sprintf("%s LIMIT %d OFFSET %d", query, each, from), part); err != nil {
			return err
		}
		s.stage(g, slice, part, min(each, g.rows-from))
	}
	return nil
}

// write has DuckDB write a file and tells its size.
func (s *sink) write(ctx context.Context, conn *engine.Conn, query, path string) (int64, error) {
	_, err := conn.Exec(ctx, "COPY ("+query+") TO '"+strings.ReplaceAll(path, "'", "''")+"' (FORMAT parquet, COMPRESSION snappy)", nil)
	if err != nil {
		return 0, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return 0, &Error{State: "XX000", Message: "Parquet was not written", Cause: err}
	}
	return info.Size(), nil
}

func (s *sink) stage(g group, slice int, path string, rows int64) {
	f := s.begin(s.folder([]byte(g.path)), slice)
	f.stage, f.rows, f.lines = path, rows, rows
	s.rows += rows
}
