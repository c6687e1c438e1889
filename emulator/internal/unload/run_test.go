package unload

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go/format"
	"go.uber.org/goleak"

	"github.com/llm-dev-ops/redshift/emulator/internal/engine"
	"github.com/llm-dev-ops/redshift/emulator/internal/event"
	"github.com/llm-dev-ops/redshift/emulator/internal/objstore"
	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
)

func (w *world) run(statement, cols string) Result {
	w.t.Helper()
	res, infos, err := Run(w.t.Context(), w.request(statement, cols))
	if err != nil {
		w.t.Fatalf("%s: %v", statement, err)
	}
	if want := fmt.Sprintf("UNLOAD completed, %d record(s) unloaded successfully.", res.Rows); !slices.Equal(infos, []string{want}) {
		w.t.Errorf("INFO %q", infos)
	}
	return res
}

func (w *world) clear() {
	w.t.Helper()
	for _, key := range w.keys("b") {
		if err := w.store.Delete(context.Background(), bucketName("b"), key); err != nil {
			w.t.Fatal(err)
		}
	}
}

// staged are the files that are left in the staging directory.
func (w *world) staged() (left []string) {
	_ = filepath.WalkDir(w.staging, func(path string, d fs.DirEntry, err error) error {
		if err == nil && path != w.staging {
			left = append(left, path)
		}
		return err
	})
	return left
}

// rowsView gives ints from 0 on and calls at before each; below 0 it never ends.
func (w *world) rowsView(name string, n int, at func(i int)) {
	w.t.Helper()
	err := w.db.RegisterView(name, 0, func([]string) (engine.View, error) {
		return engine.View{
			Columns: []engine.ViewColumn{{Name: "n", Type: rstype.Type{Kind: rstype.Int8}}},
			Rows: func([]int) iter.Seq[[]any] {
				return func(yield func([]any) bool) {
					for i := 0; n < 0 || i < n; i++ {
						at(i)
						if !yield([]any{int64(i)}) {
							return
						}
					}
				}
			},
		}, nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func TestMaxFileSize(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const rows = 60_000
	source := fmt.Sprintf("CREATE TABLE src AS SELECT i, md5((i * 8)::varchar) || md5((i * 8 + 1)::varchar) || md5((i * 8 + 2)::varchar) || md5((i * 8 + 3)::varchar) || md5((i * 8 + 4)::varchar) || md5((i * 8 + 5)::varchar) AS s FROM range(%d) t(i)", rows)
	if _, err := w.conn.Exec(t.Context(), source, nil); err != nil {
		t.Fatal(err)
	}
	for _, k := range []struct{ options, suffix string }{
		{"CSV MAXFILESIZE 5", ""}, {"JSON MAXFILESIZE 5 MB", ""}, {"GZIP MAXFILESIZE 5", ".gz"}, {"ZSTD MAXFILESIZE 5", ".zst"}, {"BZIP2 MAXFILESIZE 5", ".bz2"},
	} {
		for _, parallel := range []string{"ON", "OFF"} {
			if k.suffix != "" && parallel == "ON" {
				continue // what is compressed is too small for two files each
			}
			w.clear()
			res := w.run(fmt.Sprintf("UNLOAD ('SELECT * FROM src ORDER BY i') TO 's3://bucket-b/m' IAM %s PARALLEL %s", k.options, parallel), "i/int8 s/varchar/999")
			keys := w.keys("b")
			if res.Rows != rows || res.Files != len(keys) || len(keys) < 2 {
				t.Fatalf("%s %s: %+v %v", k.options, parallel, res, keys)
			}
			var total, lines int64
			last := -1
			for i, key := range keys {
				if want := fmt.Sprintf("m%03d%s", i, k.suffix); parallel == "OFF" && key != want {
					t.Errorf("%s is not %s", key, want)
				}
				o, err := w.store.Stat(t.Context(), bucketName("b"), key)
				if err != nil || o.Size > 5<<20 {
					t.Errorf("%s has %d bytes: %v", key, o.Size, err)
				}
				total += o.Size
				text := w.show("b", key)
				for _, how := range []string{"(gzip)\n", "(zstd)\n", "(bzip2)\n"} {
					text = strings.TrimPrefix(text, how)
				}
				if !strings.HasSuffix(text, "\n") {
					t.Errorf("%s ends within a row", key)
				}
				for line := range strings.Lines(text) {
					lines++
					n, _, _ := strings.Cut(strings.NewReplacer(`{"i":`, "", ",", "|").Replace(line), "|")
					at, err := strconv.Atoi(n)
					if err != nil || parallel == "OFF" && at != last+1 {
						t.Fatalf("%s: row %d follows %d", key, at, last)
					}
					last = at
				}
			}
			if total != res.Bytes || lines != rows {
				t.Errorf("%s: %d bytes, %d lines: %+v", k.options, total, lines, res)
			}
		}
	}
}

func TestParquetRoundTrip(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const rows = 100_000
	if _, err := w.conn.Exec(t.Context(), "BEGIN", nil); err != nil {
		t.Fatal(err)
	}
	// The rows are those of the open transaction.
	source := fmt.Sprintf("CREATE TABLE src AS SELECT i AS id, 'name ' || i AS name, CASE WHEN i %% 7 = 0 THEN NULL ELSE i * 1.25::decimal(18,4) END AS price, date '2024-01-01' + (i %% 3)::integer AS day FROM range(%d) t(i)", rows)
	if _, err := w.conn.Exec(t.Context(), source, nil); err != nil {
		t.Fatal(err)
	}
	const cols = "id/int8 name/varchar/99 price/numeric/18/4 day/date"
	res := w.run("UNLOAD ('SELECT * FROM src') TO 's3://bucket-b/q/' IAM PARQUET PARTITION BY (day) MANIFEST", cols)
	if _, err := w.conn.Exec(t.Context(), "COMMIT", nil); err != nil {
		t.Fatal(err)
	}
	var m struct {
		Entries []struct {
			URL  string `json:"url"`
			Meta struct {
				Length int64 `json:"content_length"`
			} `json:"meta"`
		} `json:"entries"`
	}
	if err := json.Unmarshal(w.content("b", "q/manifest"), &m); err != nil || len(m.Entries) != 6 || res.Files != 6 || res.Rows != rows {
		t.Fatalf("%+v %+v %v", m, res, err)
	}
	dir := filepath.Join(w.staging, "back")
	for _, e := range m.Entries {
		key := strings.TrimPrefix(e.URL, "s3://bucket-b/")
		body := w.content("b", key)
		if int64(len(body)) != e.Meta.Length {
			t.Errorf("%s has %d bytes, the manifest says %d", key, len(body), e.Meta.Length)
		}
		path := filepath.Join(dir, key)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, body, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	back := "read_parquet('" + dir + "/q/*/*.parquet', hive_partitioning=true)"
	for _, pair := range []string{
		"(SELECT id, name, price, day FROM " + back + ") EXCEPT ALL SELECT * FROM src",
		"SELECT * FROM src EXCEPT ALL (SELECT id, name, price, day FROM " + back + ")",
	} {
		if got := w.query("SELECT count(*) FROM (" + pair + ")"); got[0] != "0" {
			t.Errorf("%s rows differ: %s", got[0], pair)
		}
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if left := w.staged(); len(left) > 0 {
		t.Errorf("left in the staging directory: %v", left)
	}
}

func TestParquetMaxFileSize(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	res := w.run("UNLOAD ('SELECT i, md5((i*3)::varchar) || md5((i*3+1)::varchar) || md5((i*3+2)::varchar) FROM range(500000) t(i)') TO 's3://bucket-b/q' IAM PARQUET PARALLEL OFF MAXFILESIZE 5 MB", "i/int8 s/varchar/99")
	if keys := w.keys("b"); res.Rows != 500_000 || len(keys) < 2 || keys[0] != "q000.parquet" || keys[1] != "q001.parquet" {
		t.Errorf("%+v %v", res, keys)
	}
	// PARALLEL OFF: the files follow each other, and the rows in them.
	var rows int64
	for i, key := range w.keys("b") {
		path := filepath.Join(w.staging, "part.parquet")
		if err := os.WriteFile(path, w.content("b", key), 0o600); err != nil {
			t.Fatal(err)
		}
		got := w.query("SELECT min(i), max(i), count(*), bool_and(i = " + strconv.FormatInt(rows, 10) + " + file_row_number) FROM read_parquet('" + path + "', file_row_number=true)")
		if !strings.HasPrefix(got[0], strconv.FormatInt(rows, 10)+"|") || !strings.HasSuffix(got[0], "|t") {
			t.Errorf("file %d after %d rows: %s", i, rows, got[0])
		}
		n, err := strconv.ParseInt(strings.Split(got[0], "|")[2], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		rows += n
	}
	if rows != res.Rows {
		t.Errorf("the files have %d rows", rows)
	}
}

// TestNothingLeft: a cancelled statement and one that fails late leave no object, no
// file, no goroutine, and a connection that works.
func TestNothingLeft(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	w := newWorld(t)
	dir := t.TempDir()
	store, err := objstore.Open(objstore.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	if err := store.CreateBucket(t.Context(), bucketName("b")); err != nil {
		t.Fatal(err)
	}
	w.store = store
	before := tree(t, dir)
	var cancel context.CancelFunc
	w.rowsView("endless", -1, func(i int) {
		if i == 60_000 {
			cancel()
		}
	})
	w.rowsView("late", 100_000, func(i int) {
		if i == 90_000 {
			panic("no luck")
		}
	})
	for _, format := range []string{"", "CSV", "GZIP", "ZSTD", "JSON", "PARQUET", "CSV PARTITION BY (p)", "PARQUET PARTITION BY (p)"} {
		for _, from := range []string{"endless", "late"} {
			r := w.request("UNLOAD ('SELECT n, ''some text'', n % 5 FROM "+from+"()') TO 's3://bucket-b/x' IAM MANIFEST "+format, "n/int8 s/varchar/9 p/int8")
			var ctx context.Context
			ctx, cancel = context.WithCancel(t.Context())
			_, _, err := Run(ctx, r)
			var failure *engine.Error
			switch {
			case from == "endless" && !errors.Is(err, context.Canceled):
				t.Errorf("%s of %s: %v", format, from, err)
			case from == "late" && (!errors.As(err, &failure) || failure.Kind == engine.ErrorInterrupt):
				t.Errorf("%s of %s: %v", format, from, err)
			}
			cancel()
			if got := w.query("SELECT 1"); got[0] != "1" {
				t.Error("the connection is of no use")
			}
			if after := tree(t, dir); !slices.Equal(before, after) {
				t.Errorf("%s of %s leaves %v, there was %v", format, from, after, before)
			}
			if left := w.staged(); len(left) > 0 {
				t.Errorf("%s of %s leaves %v in the staging directory", format, from, left)
			}
		}
	}
	if got := w.query("SELECT count(*) FROM duckdb_tables() WHERE temporary"); got[0] != "0" {
		t.Errorf("%s temporary tables are left", got[0])
	}
	i := 0
	for u := range w.log.Unloads() {
		want := []event.Status{event.Canceled, event.Failed}[i%2]
		if u.Status != want || u.End.IsZero() || u.Message == "" {
			t.Errorf("%d: %+v", i, u)
		}
		i++
	}
	if i != 16 {
		t.Errorf("%d unloads are recorded", i)
	}
}

func tree(t *testing.T, dir string) (all []string) {
	t.Helper()
	if err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		all = append(all, path)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return all
}

// TestRace: what another session writes meanwhile is not overwritten, and what this
// run had committed is taken back.
func TestRace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.rowsView("v", 10, func(i int) {
		if i == 5 {
			if _, err := w.store.Put(context.Background(), bucketName("b"), "x0001_part_00", objstore.Meta{}, strings.NewReader("theirs")); err != nil {
				t.Error(err)
			}
		}
	})
	_, _, err := Run(t.Context(), w.request("UNLOAD ('SELECT n FROM v()') TO 's3://bucket-b/x' IAM MANIFEST", "n/int8"))
	var e *Error
	if !errors.As(err, &e) || !strings.HasPrefix(e.Message, "Specified unload destination on S3 is not empty.") {
		t.Error(err)
	}
	if keys := w.keys("b"); !slices.Equal(keys, []string{"x0001_part_00"}) || string(w.content("b", keys[0])) != "theirs" {
		t.Error(keys)
	}
}

func TestManyPartitions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	res := w.run("UNLOAD ('SELECT i, i % 2000 FROM range(20000) t(i)') TO 's3://bucket-b/p' IAM GZIP PARTITION BY (p)", "i/int8 p/int8")
	if keys := w.keys("b"); res.Rows != 20_000 || res.Files != len(keys) || len(keys) != 2000 {
		t.Errorf("%+v %d", res, len(keys))
	}
	if got := w.show("b", "p/p=1999/0001_part_00.gz"); !strings.HasPrefix(got, "(gzip)\n1999\n3999\n") || strings.Count(got, "\n") != 11 {
		t.Errorf("%.99q", got)
	}
}

func TestEncryptionHeaders(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run("UNLOAD ('SELECT 1') TO 's3://bucket-b/k' IAM ENCRYPTED KMS_KEY_ID 'key-1' MANIFEST", "a/int4")
	for _, key := range w.keys("b") {
		o, err := w.store.Stat(t.Context(), bucketName("b"), key)
		if err != nil || o.Headers["X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id"] != "key-1" || o.Headers["X-Amz-Server-Side-Encryption"] != "aws:kms" {
			t.Errorf("%s: %+v %v", key, o.Headers, err)
		}
	}
}

func TestParameters(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, format := range []string{"CSV", "PARQUET"} {
		w.clear()
		r := w.request("UNLOAD ('SELECT $1::integer, $2::varchar') TO 's3://bucket-b/k' IAM PARALLEL OFF FORMAT "+format, "a/int4 b/varchar/9")
		r.Params = []engine.Value{engine.Int64(7), engine.Text("it's")}
		if _, _, err := Run(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		if got := w.show("b", w.keys("b")[0]); !strings.HasSuffix(strings.ReplaceAll(got, "|", ","), "7,it's\n") {
			t.Errorf("%s: %q", format, got)
		}
	}
}

func BenchmarkUnload(b *testing.B) {
	w := newWorld(b)
	if _, err := w.conn.Exec(b.Context(), "CREATE TABLE src AS SELECT i AS id, i % 1000 AS k, 'customer ' || i AS name, (i * 1.5)::decimal(12,2) AS price, timestamp '2024-01-01 00:00:00' + to_seconds(i) AS ts, 'a comment of some length, with a comma' AS comment FROM range(500000) t(i)", nil); err != nil {
		b.Fatal(err)
	}
	for _, options := range []string{"CSV", "ESCAPE", "JSON", "GZIP", "ZSTD", "PARQUET", "CSV PARTITION BY (k)"} {
		b.Run(strings.ReplaceAll(options, " ", "_"), func(b *testing.B) {
			for b.Loop() {
				w.clear()
				res := w.run("UNLOAD ('SELECT * FROM src') TO 's3://bucket-b/x' IAM "+options, "id/int8 k/int8 name/varchar/99 price/numeric/12/2 ts/timestamp comment/varchar/99")
				n := res.Bytes
				if options == "GZIP" || options == "ZSTD" {
					n = 0
					for _, key := range w.keys("b") {
						n += int64(len(w.show("b", key)))
					}
				}
				b.SetBytes(n)
			}
		})
	}
}

// parquetGroups are the rows and bytes of an object's row groups.
func (w *world) parquetGroups(key string) (rows, bytes []int64) {
	w.t.Helper()
	path := filepath.Join(w.t.TempDir(), "groups.parquet")
	if err := os.WriteFile(path, w.content("b", key), 0o600); err != nil {
		w.t.Fatal(err)
	}
	all, err := openStaged(path)
	if err != nil {
		w.t.Fatal(err)
	}
	for i := range all.meta.RowGroups {
		rows, bytes = append(rows, all.meta.RowGroups[i].NumRows), append(bytes, groupSize(&all.meta.RowGroups[i]))
	}
	return rows, bytes
}

// What DuckDB wrote is cut at its row groups: nothing is lost, in order, with all of a
// column's types and encodings.
func TestParquetCut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const rows = 300_000
	sql := fmt.Sprintf("CREATE TABLE src AS SELECT i, i %% 7 AS k, 'x' || i %% 1000 AS s, CASE WHEN i %% 3 = 0 THEN i / 100.0 END::DECIMAL(12,2) AS n, DATE '2024-01-01' + (i %% 365)::INTEGER AS d FROM range(%d) t(i)", rows)
	if _, err := w.conn.Exec(t.Context(), sql, nil); err != nil {
		t.Fatal(err)
	}
	for _, k := range []struct {
		options string
		files   int
	}{{"PARALLEL OFF", 1}, {"", 2}} {
		w.clear()
		res := w.run("UNLOAD ('SELECT * FROM src') TO 's3://bucket-b/c_' IAM PARQUET "+k.options, "i/int8 k/int8 s/varchar/99 n/numeric/12/2 d/date")
		keys := w.keys("b")
		if res.Rows != rows || len(keys) != k.files {
			t.Fatalf("%s: %+v %v", k.options, res, keys)
		}
		dir, groups := filepath.Join(w.staging, "cut"), 0
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		for i, key := range keys {
			n, _ := w.parquetGroups(key)
			groups += len(n)
			if err := os.WriteFile(filepath.Join(dir, strconv.Itoa(i)), w.content("b", key), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if groups != 3 {
			t.Errorf("%s: %d row groups", k.options, groups)
		}
		read := "(SELECT i, k, s, n, d FROM read_parquet('" + dir + "/*'))"
		for sql, want := range map[string]string{
			"SELECT count(*) FROM (FROM " + read + " EXCEPT ALL FROM src)":                         "0",
			"SELECT count(*) FROM " + read:                                                         strconv.Itoa(rows),
			"SELECT count(*) FROM " + read + " WHERE s = 'x77' AND n IS NULL AND d > '2024-06-01'": w.query("SELECT count(*) FROM src WHERE s = 'x77' AND n IS NULL AND d > '2024-06-01'")[0],
			"SELECT string_agg(typeof(COLUMNS(*)), ',') FROM (FROM " + read + " LIMIT 1)":          "BIGINT|BIGINT|VARCHAR|DECIMAL(12,2)|DATE",
		} {
			if got := w.query(sql); len(got) != 1 || got[0] != want {
				t.Errorf("%s: %s: %v, want %s", k.options, sql, got, want)
			}
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
	}
}

// A row group has about as many bytes as ROWGROUPSIZE says, and 32 MB at most without;
// files have whole ones.
func TestRowGroupSize(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	// 70 MB of numbers that do not compress.
	const columns = 70
	list, types := make([]string, columns), make([]string, columns)
	for i := range list {
		list[i], types[i] = fmt.Sprintf("(hash(i * %d + %d) >> 1)::BIGINT AS c%d", columns, i, i), fmt.Sprintf("c%d/int8", i)
	}
	query := "SELECT " + strings.Join(list, ", ") + " FROM range(125000) t(i)"
	// Each file can have one group of 48 MB.
	res := w.run("UNLOAD ('"+query+"') TO 's3://bucket-b/g' IAM PARQUET PARALLEL OFF ROWGROUPSIZE 48 MAXFILESIZE 70", strings.Join(types, " "))
	if res.Rows != 125_000 || res.Files != 2 {
		t.Errorf("%+v", res)
	}
	for i, key := range w.keys("b") {
		if _, sizes := w.parquetGroups(key); len(sizes) != 1 || i == 0 && (sizes[0] < 45<<20 || sizes[0] > 50<<20) {
			t.Errorf("%s: row groups of %v bytes", key, sizes)
		}
	}
}

func TestGroupRows(t *testing.T) {
	t.Parallel()
	for _, k := range []struct {
		groups, bytes, rows int64 // of each
		size                int64 // ROWGROUPSIZE
		want                int64
	}{
		{2, 10 << 20, 122_880, 0, 0},                 // DuckDB's are small enough
		{1, 10 << 20, 1000, 64 << 20, 0},             // there is no more
		{9, 8 << 20, 122_880, 32 << 20, 4 * 122_880}, // larger
		{3, 64 << 20, 100_000, 0, 49_152},            // smaller, in whole vectors
		{1, 40 << 20, 3, 0, 2048},
		{0, 0, 0, 32 << 20, 0},
	} {
		all := &staged{}
		for range k.groups {
			g := format.RowGroup{NumRows: k.rows, Columns: []format.ColumnChunk{{}}}
			g.Columns[0].MetaData.TotalCompressedSize = k.bytes
			all.meta.RowGroups = append(all.meta.RowGroups, g)
			all.meta.NumRows += k.rows
		}
		s := &sink{plan: &plan{groupSize: k.size}}
		if got := s.groupRows(all); got != k.want {
			t.Errorf("%+v: %d", k, got)
		}
	}
}

func FuzzStaged(f *testing.F) {
	f.Add([]byte("PAR1PAR1"))
	f.Add([]byte("PAR1\x15\x02\x00\x02\x00\x00\x00PAR1"))
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "f")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		_, _ = openStaged(path)
	})
}
