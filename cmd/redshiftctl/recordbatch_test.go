package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/transport"
)

func TestRecordBatches(t *testing.T) {
	t.Parallel()
	s := (&server{}).on("people", people).
		on("none", reply{cols: people.cols[:1], tag: "SELECT"}).
		on("spans", reply{
			cols: []transport.Column{{Name: "ym", Type: redshift.TypeIntervalYM}, {Name: "n", Type: transport.OIDNumeric, TypeMod: 10<<16 | 2 + 4}},
			rows: [][]string{{"1 years 2 mons", "1.50"}}, tag: "SELECT",
		}).
		on("broken", reply{cols: people.cols[:1], rows: [][]string{{"1"}, {"x"}}, tag: "SELECT"})

	got := ctl(t, s, nil, "", "query", "people", "--format", "arrow")
	r, err := ipc.NewReader(strings.NewReader(got.stdout))
	if err != nil || got.code != 0 {
		t.Fatalf("%v, %+v", err, got)
	}
	defer r.Release()
	if !r.Next() {
		t.Fatal(r.Err())
	}
	b := r.RecordBatch()
	for i, want := range []string{"9007199254740993", "Ann, \"A\"", "12345678901234567890.10", "true", `{"a":[1]}`, "1.5"} {
		if got := b.Column(i).ValueStr(0); strings.ReplaceAll(got, ": ", ":") != want {
			t.Errorf("column %d: %s, want %s", i, got, want)
		}
	}
	if b.NumRows() != 3 || !b.Column(0).IsNull(2) || r.Next() || r.Err() != nil {
		t.Errorf("%d rows, then %v", b.NumRows(), r.Err())
	}

	if short := ctl(t, s, nil, "", "query", "people", "-o", "arrow"); short != got {
		t.Errorf("-o arrow is not --format arrow: %+v", short)
	}
	if short := ctl(t, s, nil, "", "query", "people", "-o", "parquet"); short.code != 0 || !strings.HasPrefix(short.stdout, "PAR1") {
		t.Errorf("%+v", short)
	}
	for _, name := range []string{"people", "none", "spans"} {
		path := filepath.Join(t.TempDir(), "out.parquet")
		if got := ctl(t, s, nil, "", "query", name, "--format", "parquet", "-o", path); got.code != 0 || got.stdout != "" {
			t.Fatalf("%+v", got)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		table := readParquet(t, data)
		defer table.Release()
		first := func(i int) string { return table.Column(i).Data().Chunk(0).ValueStr(0) }
		switch {
		case name == "people" && (table.NumRows() != 3 || first(2) != "12345678901234567890.10"),
			name == "none" && table.NumRows() != 0,
			name == "spans" && (first(0) != "1 years 2 mons" || first(1) != "1.5" || table.Schema().Field(1).Type.String() != "decimal(10, 2)"):
			t.Errorf("%s: %v", name, table)
		}
	}

	for _, format := range batchFormats {
		path := filepath.Join(t.TempDir(), "out")
		for sql, words := range map[string]string{"people; none": "holds those of one", "broken": "row 2"} {
			got := ctl(t, s, nil, "", "query", sql, "--format", format, "-o", path)
			if _, err := os.Stat(path); got.code != exitFailed || !strings.Contains(got.stderr, words) || err == nil {
				t.Errorf("%s, %s: %+v, %v", format, sql, got, err)
			}
		}
	}
}

func readParquet(t *testing.T, data []byte) arrow.Table {
	t.Helper()
	f, err := file.NewParquetReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	r, err := pqarrow.NewFileReader(f, pqarrow.ArrowReadProperties{}, memory.DefaultAllocator)
	if err != nil {
		t.Fatal(err)
	}
	table, err := r.ReadTable(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return table
}
