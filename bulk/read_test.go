package bulk

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/transport"
	"github.com/llm-dev-ops/redshift/transport/transporttest"
)

// ViaAuto takes the wire where there is no reason not to.
func TestReadAuto(t *testing.T) {
	t.Parallel()
	one := transporttest.Answer{Columns: []transport.Column{column("id", redshift.TypeInteger, -1)}, Rows: [][][]byte{{[]byte("7")}}}
	plan := func(rows string) transporttest.Answer {
		return transporttest.Answer{Columns: []transport.Column{column("QUERY PLAN", redshift.TypeVarchar, -1)}, Rows: [][][]byte{
			{[]byte("XN Seq Scan on t  (cost=0.00..9.00 rows=" + rows + " width=4)")},
		}}
	}
	for name, test := range map[string]struct {
		rows   string
		query  redshift.Query
		staged bool
		want   int // statements
	}{
		"no stage": {"9999999", redshift.SQL("SELECT id FROM t"), false, 1},
		"few":      {"999999", redshift.SQL("SELECT id FROM t"), true, 2},
		"limit":    {"9999999", redshift.SQL("SELECT id FROM t LIMIT 3"), true, 1},
	} {
		c, f := client(t)
		f.On(test.query.SQL, one)
		f.On("EXPLAIN "+test.query.SQL, plan(test.rows))
		p := ReadPlan{Query: test.query}
		if test.staged {
			p.Stage, p.Prefix = newMemory(), "s3://bucket/p"
		}
		rows, err := Read(t.Context(), c, p)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got, err := redshift.Collect(rows, redshift.ByPos[int])
		if err != nil || len(got) != 1 || got[0] != 7 || len(f.Log()) != test.want {
			t.Errorf("%s: %v %v %q", name, got, err, f.Log())
		}
	}
	// Many rows: the columns are asked for, and the UNLOAD is tried.
	c, f := client(t)
	f.On("EXPLAIN SELECT id FROM t", plan("1000000"))
	f.On("SELECT * FROM (\nSELECT id FROM t\n) bulk_rows LIMIT 0", one)
	m := newMemory()
	if _, err := Read(t.Context(), c, ReadPlan{Query: redshift.SQL("SELECT id FROM t;"), Stage: m, Prefix: "s3://bucket/p"}); !errors.Is(err, redshift.ErrUnload) || m.last == nil {
		t.Errorf("%v", err)
	}
}

// The rows of files are what went into them, in the order of the files, and the
// end of a file that is broken is an error.
func TestFilesRows(t *testing.T) {
	t.Parallel()
	m := newMemory()
	cols := []redshift.Column{column("id", redshift.TypeInteger, -1), column("ch", redshift.TypeChar, 4+4)}
	f := &files{columns: cols, stage: m, count: 2, cleanUp: func() error { return m.CleanUp(t.Context(), "s3://bucket/") }}
	const each, count = 3000, 5
	for i := range count {
		b := newBatch(cols, nil, false)
		e := newParquet(b)
		r, w := io.Pipe()
		go func() {
			_ = e.begin(w, 16<<20)
			b.flush = e.write
			for j := range each {
				_ = errors.Join(b.Column(0).Int64(int64(i*each+j)), b.Column(1).Text(""), b.EndRow())
			}
			_ = w.CloseWithError(errors.Join(b.pass(), e.end()))
		}()
		uri := fmt.Sprintf("s3://bucket/%d.parquet", i)
		if _, err := m.Put(t.Context(), uri, r); err != nil {
			t.Fatal(err)
		}
		f.uris = append(f.uris, uri)
	}
	rows, err := f.rows(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for row, err := range rows.All() {
		var id int
		var ch string
		if err == nil {
			err = row.Scan(&id, &ch)
		}
		if err != nil {
			t.Fatal(err)
		}
		if id != n || ch != "    " {
			t.Fatalf("row %d is %d, %q", n, id, ch)
		}
		n++
	}
	if n != each*count {
		t.Errorf("%d rows", n)
	}
	if m.len() != 0 {
		t.Error("files are left")
	}
	m.objects["s3://bucket/0.parquet"] = m.last["s3://bucket/0.parquet"]
	m.objects["s3://bucket/1.parquet"] = m.last["s3://bucket/1.parquet"][:1000]
	for n := range 3 { // broken, and missing
		f.uris = f.uris[:n]
		rows, err := f.rows(t.Context())
		if err == nil {
			_, err = redshift.Collect(rows, func(redshift.Row) (int, error) { return 0, nil })
		}
		if (err != nil) != (n == 2) {
			t.Errorf("%d files: %v", n, err)
		}
		f.uris = []string{"s3://bucket/0.parquet", "s3://bucket/1.parquet", "s3://bucket/2.parquet"}
		m.objects["s3://bucket/0.parquet"] = m.last["s3://bucket/0.parquet"]
		m.objects["s3://bucket/1.parquet"] = m.last["s3://bucket/0.parquet"][:1000]
	}
}

func TestInt96(t *testing.T) {
	t.Parallel()
	for _, at := range []time.Time{
		time.Date(2026, 1, 2, 3, 4, 5, 678901000, time.UTC), time.Date(1969, 12, 31, 23, 59, 59, 999999000, time.UTC), time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC),
	} {
		days := floorDiv(at.Unix(), 86400)
		nanos := uint64(at.Sub(time.Unix(days*86400, 0)))
		if at.Year() < 1700 { // beyond a Duration
			nanos = 0
		}
		var c blockColumn
		if err := int96(&c, parquet.Int96Value(deprecated.Int96{uint32(nanos), uint32(nanos >> 32), uint32(days + 2440588)})); err != nil {
			t.Fatal(err)
		}
		got := time.UnixMicro(int64(binary.BigEndian.Uint64(c.data)) + epochMicros).UTC()
		if !got.Equal(at) {
			t.Errorf("%v, want %v", got, at)
		}
	}
}
