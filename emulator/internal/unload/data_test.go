package unload

import (
	"bytes"
	"compress/bzip2"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/llm-dev-ops/redshift/emulator/internal/engine"
	"github.com/llm-dev-ops/redshift/emulator/internal/event"
	"github.com/llm-dev-ops/redshift/emulator/internal/faults"
	"github.com/llm-dev-ops/redshift/emulator/internal/objstore"
	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/copycmd"
)

// world is a database, a store and a log for one test.
type world struct {
	t       testing.TB
	db      *engine.DB
	conn    *engine.Conn
	store   *objstore.Store
	log     *event.Log
	staging string
	queries int64
	faults  *faults.Set
}

func newWorld(t testing.TB) *world {
	t.Helper()
	staging := t.TempDir()
	db, err := engine.Open(context.Background(), engine.Config{StagingDir: staging})
	if errors.Is(err, engine.ErrNoCgo) {
		t.Skip("needs DuckDB: ", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	conn, err := db.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	store, err := objstore.Open(objstore.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	for _, b := range []string{"b", "far"} {
		region := ""
		if b == "far" {
			region = "eu-west-1"
		}
		if err := store.CreateBucketIn(context.Background(), bucketName(b), region); err != nil {
			t.Fatal(err)
		}
	}
	return &world{t: t, db: db, conn: conn, store: store, log: event.New(event.Config{}), staging: staging}
}

// bucketName makes names that S3 accepts out of short ones.
func bucketName(s string) string { return "bucket-" + s }

// columns parses `id/int4 name/varchar/20 price/numeric/10/2`.
func columns(t testing.TB, text string) []Column {
	t.Helper()
	var all []Column
	for _, field := range strings.Fields(text) {
		parts := strings.Split(field, "/")
		var mods []int
		for _, p := range parts[2:] {
			n, err := strconv.Atoi(p)
			if err != nil {
				t.Fatal(err)
			}
			mods = append(mods, n)
		}
		typ, err := rstype.ParseName(strings.ReplaceAll(parts[1], "_", " "), mods)
		if err != nil {
			t.Fatalf("%s: %v", field, err)
		}
		all = append(all, Column{strings.ReplaceAll(parts[0], "_", " "), typ})
	}
	return all
}

var iam = regexp.MustCompile(`\bIAM\b`)

// request is a statement whose query is DuckDB's already.
func (w *world) request(statement, cols string) Request {
	w.t.Helper()
	u, err := copycmd.ParseUnload(iam.ReplaceAllString(statement, "IAM_ROLE 'arn:aws:iam::123456789012:role/R'"))
	if err != nil {
		w.t.Fatalf("%s: %v", statement, err)
	}
	w.queries++
	return Request{
		Unload: &u, SQL: u.Query, Columns: columns(w.t, cols),
		Conn: w.conn, Store: w.store, Faults: w.faults, Staging: w.staging, Log: w.log,
		Session: event.Session{PID: 7, UserID: 100, User: "awsuser", Database: "dev"}, Query: w.queries, XID: 9,
		Region: "us-east-1",
	}
}

// keys lists a bucket.
func (w *world) keys(bucket string) []string {
	w.t.Helper()
	found, _, err := w.store.List(context.Background(), bucketName(bucket), "", "", 10000)
	if err != nil {
		w.t.Fatal(err)
	}
	var all []string
	for _, o := range found {
		all = append(all, o.Key)
	}
	return all
}

func (w *world) content(bucket, key string) []byte {
	w.t.Helper()
	r, _, err := w.store.Open(context.Background(), bucketName(bucket), key)
	if err != nil {
		w.t.Fatal(err)
	}
	defer r.Close()
	body, err := io.ReadAll(r)
	if err != nil {
		w.t.Fatal(err)
	}
	return body
}

// show is an object as a person reads it.
func (w *world) show(bucket, key string) string {
	w.t.Helper()
	body := w.content(bucket, key)
	switch {
	case bytes.HasPrefix(body, []byte("PAR1")):
		return w.showParquet(body)
	case bytes.HasPrefix(body, []byte{0x1f, 0x8b}):
		z, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			w.t.Fatal(err)
		}
		if body, err = io.ReadAll(z); err != nil {
			w.t.Fatal(err)
		}
		return "(gzip)\n" + string(body)
	case bytes.HasPrefix(body, []byte("BZh")):
		body, err := io.ReadAll(bzip2.NewReader(bytes.NewReader(body)))
		if err != nil {
			w.t.Fatal(err)
		}
		return "(bzip2)\n" + string(body)
	case bytes.HasPrefix(body, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		z, err := zstd.NewReader(bytes.NewReader(body))
		if err != nil {
			w.t.Fatal(err)
		}
		defer z.Close()
		if body, err = io.ReadAll(z); err != nil {
			w.t.Fatal(err)
		}
		return "(zstd)\n" + string(body)
	}
	return string(body)
}

func (w *world) showParquet(body []byte) string {
	path := filepath.Join(w.staging, "show.parquet")
	if err := os.WriteFile(path, body, 0o600); err != nil {
		w.t.Fatal(err)
	}
	defer os.Remove(path)
	out := "(parquet)\n"
	for _, sql := range []string{
		"SELECT string_agg(column_name || ' ' || column_type, ', ') FROM (DESCRIBE SELECT * FROM read_parquet('" + path + "', hive_partitioning=false))",
		"SELECT DISTINCT compression FROM parquet_metadata('" + path + "')",
		"SELECT * FROM read_parquet('" + path + "', hive_partitioning=false)",
	} {
		for _, line := range w.query(sql) {
			out += line + "\n"
		}
	}
	return out
}

// query reads a result as text.
func (w *world) query(sql string) []string {
	w.t.Helper()
	r, err := w.conn.Query(context.Background(), sql, nil)
	if err != nil {
		w.t.Fatalf("%s: %v", sql, err)
	}
	defer r.Close()
	var all []string
	for {
		c, err := r.Next(context.Background())
		if err != nil {
			w.t.Fatal(err)
		}
		if c == nil {
			return all
		}
		for row := range c.Len() {
			var line []string
			for col := range r.Columns() {
				if c.IsNull(col, row) {
					line = append(line, "NULL")
				} else {
					line = append(line, string(c.AppendText(nil, col, row)))
				}
			}
			all = append(all, strings.Join(line, "|"))
		}
	}
}

// TestStatements runs the statements of testdata. `unload` has the columns on its
// first line and the statement behind, with IAM for an authorization; `put` writes an
// object; `sql` runs DuckDB's SQL; `faults` sets rules for S3.
func TestStatements(t *testing.T) {
	t.Parallel()
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		w := newWorld(t)
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			w.t = t
			switch d.Cmd {
			case "sql":
				if _, err := w.conn.Exec(t.Context(), d.Input, nil); err != nil {
					return err.Error() + "\n"
				}
				return "ok\n"
			case "put":
				if _, err := w.store.Put(t.Context(), bucketName("b"), d.Input, objstore.Meta{}, strings.NewReader("old")); err != nil {
					t.Fatal(err)
				}
				return "ok\n"
			case "unload":
				return w.unload(d)
			case "history":
				return w.history()
			case "faults":
				w.faults = faults.New()
				if err := w.faults.Replace([]byte(`{"rules":[` + d.Input + `]}`)); err != nil {
					t.Fatal(err)
				}
				return "ok\n"
			}
			t.Fatalf("unknown command %s", d.Cmd)
			return ""
		})
	})
}

func (w *world) unload(d *datadriven.TestData) string {
	cols, statement, _ := strings.Cut(d.Input, "\n")
	r := w.request(strings.ReplaceAll(statement, "s3://", "s3://bucket-"), cols)
	keep := false
	for _, a := range d.CmdArgs {
		switch a.Key {
		case "slices":
			r.Slices, _ = strconv.Atoi(a.Vals[0])
		case "zone":
			zone, err := time.LoadLocation(a.Vals[0])
			if err != nil {
				w.t.Fatal(err)
			}
			r.TimeZone = zone
		case "keep":
			keep = true
		}
	}
	var out strings.Builder
	_, infos, err := Run(w.t.Context(), r)
	if err != nil {
		fmt.Fprintf(&out, "%v\n", err)
		var e *Error
		if errors.As(err, &e) {
			fmt.Fprintf(&out, "state %s\n", e.State)
			for line := range strings.Lines(e.Detail) {
				if line = strings.TrimSpace(line); line != "" {
					fmt.Fprintf(&out, "  %s\n", line)
				}
			}
		}
	} else {
		fmt.Fprintf(&out, "INFO: %s\n", strings.Join(infos, "; "))
	}
	for _, key := range w.keys("b") {
		text := w.show("b", key)
		fmt.Fprintf(&out, "== %s\n%s", key, strings.ReplaceAll(text, "\r", "<CR>"))
		if !strings.HasSuffix(text, "\n") && text != "" {
			out.WriteString("<no newline>\n")
		}
		if !keep {
			if err := w.store.Delete(context.Background(), bucketName("b"), key); err != nil {
				w.t.Fatal(err)
			}
		}
	}
	return strings.ReplaceAll(out.String(), "\n\n", "\n<empty line>\n")
}

func (w *world) history() string {
	var out strings.Builder
	for u := range w.log.Unloads() {
		fmt.Fprintf(&out, "%d %s %s %q %s rows=%d files=%d bytes=%d %s\n", u.Query, u.Destination, u.Format, u.Compression, u.Status, u.Rows, u.Files, u.Bytes, u.Message)
	}
	for f := range w.log.UnloadFiles() {
		fmt.Fprintf(&out, "%d slice=%d %s %s lines=%d bytes=%d ended=%t\n", f.Query, f.Slice, f.Path, f.Format, f.Rows, f.Bytes, !f.End.Before(f.Start))
	}
	return out.String()
}
