package wire_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"

	"github.com/llm-dev-ops/redshift/emulator/internal/wire"
)

// startupOf is a startup message with the methods of compression that a client knows.
func startupOf(t *testing.T, methods string) []byte {
	t.Helper()
	m := pgproto3.StartupMessage{ProtocolVersion: pgproto3.ProtocolVersion30, Parameters: map[string]string{
		"user": "awsuser", "database": "dev", "_pq_.compression": methods,
	}}
	b, err := m.Encode(nil)
	if err != nil {
		t.Fatal(err)
	}
	b, err = (&pgproto3.PasswordMessage{Password: password}).Encode(b)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// sent is one message of the server.
type sent struct {
	typ  byte
	body []byte
}

func messagesOf(t *testing.T, b []byte) (all []sent) {
	t.Helper()
	for len(b) > 0 {
		if len(b) < 5 || int(binary.BigEndian.Uint32(b[1:])) > len(b)-1 {
			t.Fatalf("a message ends early: % x", b)
		}
		n := 1 + int(binary.BigEndian.Uint32(b[1:]))
		all = append(all, sent{b[0], b[5:n]})
		b = b[n:]
	}
	return all
}

// TestCompression: the acknowledgement, the method, and rows that a decoder of the
// method gives back; what is not a long row is sent as it is. LZ4's decoder has what
// came before for a dictionary, and no room for more than 8 KB, as ODBC's driver has.
func TestCompression(t *testing.T) {
	t.Parallel()
	b := start(t, func(c *wire.Config) { c.Auth = wire.Cleartext })
	query := func(sql string) []byte {
		m, err := (&pgproto3.Query{String: sql}).Encode(nil)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	plain := exchange(t, b.address, append(startupOf(t, ""), query("rows 900 wide")...))
	var want []byte
	for _, m := range messagesOf(t, plain) {
		if m.typ == 'D' {
			want = append(want, m.body...)
		}
	}
	if len(want) < 100_000 {
		t.Fatalf("%d bytes of rows", len(want))
	}
	for asked, c := range map[string]struct{ ack, method string }{
		"lz4:1":            {"lz4:1\x00", "lz4"},
		"zstd:3,lz4":       {"zstd:3,lz4:1\x00", "zstd"},
		"snappy,LZ4":       {"lz4:1\x00", "lz4"},
		"snappy":           {"\x00", ""},
		"":                 {"\x00", ""},
		"lz4:fast":         {"\x00", ""},
		"lz4,lz4":          {"\x00", ""},
		"zstd:-7,snappy:1": {"zstd:-7\x00", "zstd"},
	} {
		answer := exchange(t, b.address, append(startupOf(t, asked), query("rows 900 wide")...))
		all := messagesOf(t, answer)
		if all[0].typ != 'z' || string(all[0].body) != c.ack {
			t.Fatalf("%q: the first message is %c %q", asked, all[0].typ, all[0].body)
		}
		if c.method == "" {
			if len(answer)-len(c.ack) != len(plain)-1 { // the secret's bytes differ
				t.Errorf("%q: %d bytes, %d without", asked, len(answer), len(plain))
			}
			continue
		}
		var got []byte
		set := 0
		var frame bytes.Buffer
		for _, m := range all[1:] {
			switch m.typ {
			case 'k':
				if set++; set > 1 || !bytes.Equal(m.body, []byte{0}) {
					t.Errorf("%q: k % x", asked, m.body)
				}
			case 'm':
				if set != 1 || len(m.body) > 262144 {
					t.Fatalf("%q: %d bytes of data", asked, len(m.body))
				}
				if c.method == "zstd" {
					frame.Write(m.body)
					continue
				}
				piece := make([]byte, 8192)
				n, err := lz4.UncompressBlockWithDict(m.body, piece, got)
				if err != nil {
					t.Fatalf("%q: %v", asked, err)
				}
				got = append(got, piece[:n]...)
			case 'D':
				t.Errorf("%q: a row of %d bytes was not compressed", asked, len(m.body))
			}
		}
		if c.method == "zstd" {
			r, err := zstd.NewReader(&frame, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(8<<20))
			if err != nil {
				t.Fatal(err)
			}
			if got, err = io.ReadAll(r); err != nil && err != io.ErrUnexpectedEOF { // the frame is not ended
				t.Fatalf("%q: %v", asked, err)
			}
			r.Close()
		}
		var rows []byte
		for _, m := range messagesOf(t, got) {
			if m.typ != 'D' {
				t.Errorf("%q: a %c was compressed", asked, m.typ)
			}
			rows = append(rows, m.body...)
		}
		if !bytes.Equal(rows, want) {
			t.Errorf("%q: %d bytes of rows, want %d", asked, len(rows), len(want))
		}
		if len(answer) > len(plain)/2 {
			t.Errorf("%q: %d bytes, %d without", asked, len(answer), len(plain))
		}
	}
}
