package load

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/llm-dev-ops/redshift/emulator/internal/engine"
)

// database opens an engine with an empty connection, or skips the test.
func database(t testing.TB, staging string) *engine.Conn {
	t.Helper()
	db, err := engine.Open(context.Background(), engine.Config{StagingDir: staging, Threads: 1})
	if errors.Is(err, engine.ErrNoCgo) {
		t.Skip("this test needs DuckDB, and so cgo")
	}
	if err != nil {
		t.Fatal(err)
	}
	conn, err := db.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = conn.Close(), db.Close() })
	return conn
}

func exec(t testing.TB, c *engine.Conn, sql string) {
	t.Helper()
	if _, err := c.Exec(context.Background(), sql, nil); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func create(t testing.TB, c *engine.Conn, target Target) {
	t.Helper()
	sql := "CREATE TABLE t ("
	for i, c := range target.Columns {
		if i > 0 {
			sql += ", "
		}
		sql += `"` + c.Name + `" ` + c.Type.DuckDB()
	}
	exec(t, c, sql+")")
}

// BenchmarkLoad loads lines like an order's into DuckDB, or nowhere.
func BenchmarkLoad(b *testing.B) {
	const table = "a bigint; b integer; c char(1); d numeric(12,2); e date; f varchar(15); g varchar(15); h integer; i varchar(79)"
	for _, c := range []struct{ name, format, line string }{
		{"csv", "CSV", "%d,%d,O,%d.%02d,1996-01-%02d,5-LOW,Clerk#%09d,0,nstructions sleep furiously among %d\n"},
		{"quoted", "CSV", `"%d","%d","O","%d.%02d","1996-01-%02d","5-LOW","Clerk#%09d","0","nstructions sleep ""furiously"" among %d"` + "\n"},
		{"escape", "ESCAPE", "%d|%d|O|%d.%02d|1996-01-%02d|5-LOW|Clerk#%09d|0|nstructions sleep furiously \\| among %d\n"},
		{"json", "JSON", `{"a":%d,"b":%d,"c":"O","d":%d.%02d,"e":"1996-01-%02d","f":"5-LOW","g":"Clerk#%09d","h":0,"i":"nstructions sleep furiously among %d"}` + "\n"},
		{"gzip", "CSV GZIP", "%d,%d,O,%d.%02d,1996-01-%02d,5-LOW,Clerk#%09d,0,nstructions sleep furiously among %d\n"},
	} {
		var data bytes.Buffer
		for i := range 300_000 {
			fmt.Fprintf(&data, c.line, i, i*7%15000, i%10000, i%100, 1+i%28, i%1000, i)
		}
		object := data.Bytes()
		if c.name == "gzip" {
			object = compress(b, "gzip", object)
		}
		for _, where := range []string{"nowhere", "duckdb"} {
			b.Run(c.name+"/"+where, func(b *testing.B) {
				store := newStore(b)
				put(b, store, "bkt", "d/a", object)
				r := request(b, "COPY t FROM 's3://bkt/d/' IAM_ROLE default "+c.format, table, store)
				r.Copy.NoLoad = where == "nowhere"
				r.Conn = database(b, "")
				create(b, r.Conn, r.Target)
				b.SetBytes(int64(data.Len()))
				b.ReportAllocs()
				for b.Loop() {
					b.StopTimer()
					exec(b, r.Conn, "BEGIN")
					b.StartTimer()
					if _, _, err := Run(context.Background(), r); err != nil {
						b.Fatal(err)
					}
					b.StopTimer()
					exec(b, r.Conn, "ROLLBACK")
					b.StartTimer()
				}
			})
		}
	}
}
