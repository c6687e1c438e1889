package wire_test

import (
	"bytes"
	"fmt"
	"net"
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"
)

// ask sends bytes and reads up to ReadyForQuery 'I', without looking at the rest.
func ask(b *testing.B, nc net.Conn, in, buf []byte) (n int) {
	if _, err := nc.Write(in); err != nil {
		b.Fatal(err)
	}
	tail := 0
	for {
		k, err := nc.Read(buf[tail:])
		if err != nil {
			b.Fatal(err)
		}
		n += k
		end := tail + k
		if bytes.HasSuffix(buf[:end], []byte("Z\x00\x00\x00\x05I")) {
			return n
		}
		tail = copy(buf, buf[max(0, end-6):end])
	}
}

// BenchmarkRows: a million DataRows of two columns over loopback, to a client
// that only takes them.
func BenchmarkRows(b *testing.B) {
	const rows = 1_000_000
	nc := dialIn(b, start(b, nil))
	defer nc.Close()
	in, buf := encode(&pgproto3.Query{String: fmt.Sprintf("rows %d", rows)}), make([]byte, 256<<10)
	b.ReportAllocs()
	bytes := 0
	for b.Loop() {
		bytes = ask(b, nc, in, buf)
	}
	b.SetBytes(int64(bytes))
	b.ReportMetric(rows*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkRoundTrip: one row, by Query and by a prepared statement.
func BenchmarkRoundTrip(b *testing.B) {
	for _, c := range []struct{ name, script string }{
		{"simple", "Query rows 1\n"},
		{"prepared", "Bind - s\nExecute - 0\nSync\n"},
	} {
		b.Run(c.name, func(b *testing.B) {
			nc := dialIn(b, start(b, nil))
			defer nc.Close()
			buf := make([]byte, 64<<10)
			first, _, _ := compile("Parse s - rows 1\nSync\n")
			ask(b, nc, first, buf)
			in, _, err := compile(c.script)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				ask(b, nc, in, buf)
			}
		})
	}
}
