package wire_test

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/llm-dev-ops/redshift/emulator/internal/wire"
)

var writeTranscripts = flag.Bool("write-transcripts", false, "write testdata/wire anew")

// cstr is a text that a zero byte ends.
type cstr string

// put makes a message by hand, so that no code of this package or of a library has made
// what the door is compared with. A letter of 0 is none.
func put(letter byte, parts ...any) []byte {
	var body []byte
	for _, p := range parts {
		switch p := p.(type) {
		case cstr:
			body = append(append(body, p...), 0)
		case string:
			body = append(body, p...)
		case int:
			body = binary.BigEndian.AppendUint32(body, uint32(p))
		case int16:
			body = binary.BigEndian.AppendUint16(body, uint16(p))
		default:
			panic(fmt.Sprintf("%T", p))
		}
	}
	var m []byte
	if letter != 0 {
		m = append(m, letter)
	}
	return append(binary.BigEndian.AppendUint32(m, uint32(4+len(body))), body...)
}

// describedAt is the RowDescription of the fake's rows, in a format, as AWS's drivers read
// it at a version of the protocol: behind PostgreSQL's 18 bytes of a column four names and
// the flags from 1 on (redshift_connector's core.py).
func describedAt(version int, format int16) []byte {
	parts := []any{int16(2)}
	for _, c := range []struct {
		name          string
		table         int
		number        int16
		oid           int
		size          int16
		mod           int
		schema, rel   string
		column, db    string
		flags, before int16
	}{
		{"i", 100001, 1, 23, 4, -1, "public", "table", "id", "dev", 0x1011, 0},
		{"t", 0, 0, 1043, -1, 24, "", "", "", "", 0x1100, 0x0002}, // its collation is told from 3 on
	} {
		parts = append(parts, cstr(c.name), c.table, c.number, c.oid, c.size, c.mod, format)
		if version >= 1 {
			flags := c.flags
			if version >= 3 {
				flags |= c.before
			}
			parts = append(parts, cstr(c.schema), cstr(c.rel), cstr(c.column), cstr(c.db), flags)
		}
	}
	return put('T', parts...)
}

// TestTranscripts has a session of each version byte by byte, in testdata/wire: what the
// client sends and what the door answers, raw and as hex.
func TestTranscripts(t *testing.T) {
	t.Parallel()
	b := start(t, func(c *wire.Config) { c.Auth = wire.Cleartext })
	row := func(i int) []byte {
		n := fmt.Sprint(i)
		return put('D', int16(2), len(n), n, 4+len(n), "row "+n)
	}
	for version := range 4 {
		asked := []any{196608, cstr("user"), cstr("awsuser"), cstr("database"), cstr("dev")}
		if version > 0 {
			asked = append(asked, cstr("client_protocol_version"), cstr(fmt.Sprint(version)))
		}
		request := bytes.Join([][]byte{
			put(0, append(asked, "\x00")...),
			put('p', cstr("Emulator1")),
			// A prepared statement, its portal in pieces, and both closed.
			put('P', cstr("s"), cstr("rows 3"), int16(0)), put('D', "S", cstr("s")),
			put('B', cstr("p"), cstr("s"), int16(0), int16(0), int16(1), int16(1)), put('D', "P", cstr("p")),
			put('E', cstr("p"), 2), put('E', cstr("p"), 0), put('C', "P", cstr("p")), put('C', "S", cstr("s")), put('S'),
			// Parameters, one of them NULL; no rows; nothing at all; an error up to Sync.
			put('P', cstr(""), cstr("echo $1 $2"), int16(2), 23, 0), put('D', "S", cstr("")),
			put('B', cstr(""), cstr(""), int16(0), int16(2), 1, "7", -1, int16(0)), put('E', cstr(""), 0), put('S'),
			put('P', cstr(""), cstr("insert 3"), int16(0)), put('B', cstr(""), cstr(""), int16(0), int16(0), int16(0)),
			put('D', "P", cstr("")), put('E', cstr(""), 0), put('S'),
			put('P', cstr(""), cstr("broken"), int16(0)), put('E', cstr(""), 0), put('S'),
			// The simple protocol: a notice, a parameter that changes, an empty text, a transaction.
			put('Q', cstr("notice")), put('Q', cstr("set x y")), put('Q', cstr("")), put('Q', cstr("begin")), put('Q', cstr("fail")), put('Q', cstr("rollback")),
			put('X'),
		}, nil)
		ready := func(status string) []byte { return put('Z', status) }
		done := func(tag string) []byte { return put('C', cstr(tag)) }
		answer := bytes.Join([][]byte{
			put('R', 3), put('R', 0),
			put('S', cstr("server_version"), cstr("8.0.2")), put('S', cstr("padb_version"), cstr("1.0.12345")),
			put('S', cstr("client_encoding"), cstr("UTF8")), put('S', cstr("server_protocol_version"), cstr(fmt.Sprint(version))),
			put('K', 42, "????"), ready("I"),
			put('1'), put('t', int16(0)), describedAt(version, 0), put('2'), describedAt(version, 1),
			row(1), row(2), put('s'), row(3), done("SELECT"), put('3'), put('3'), ready("I"),
		}, nil)
		got := exchange(t, b.address, request)
		if at := bytes.Index(got, []byte("K\x00\x00\x00\x0c")); at >= 0 && len(got) >= at+13 {
			got[at+5+3] = 42
			copy(got[at+9:], "????") // the secret is another one each time
		}
		if !bytes.HasPrefix(got, answer) {
			t.Errorf("version %d:\n%s\nwant it to begin with\n%s", version, hex.Dump(got), hex.Dump(answer))
			continue
		}
		letters := lettersOf(t, got[len(answer):])
		if want := "1tT2DCZ" + "12nCZ" + "EZ" + "NCZ" + "SCZ" + "IZ" + "CZ" + "EZ" + "CZ"; letters != want {
			t.Errorf("version %d: then come %s, want %s", version, letters, want)
		}
		for name, content := range map[string][]byte{"request": request, "answer": got} {
			golden(t, fmt.Sprintf("%s_v%d", name, version), content)
		}
	}
}

func lettersOf(t *testing.T, b []byte) string {
	t.Helper()
	var s strings.Builder
	for _, m := range messagesOf(t, b) {
		s.WriteByte(m.typ)
	}
	return s.String()
}

// golden compares bytes with a file of them, and its dump.
func golden(t *testing.T, name string, content []byte) {
	t.Helper()
	path := filepath.Join("testdata", "wire", name)
	for ext, want := range map[string][]byte{".bin": content, ".hex": []byte(hex.Dump(content))} {
		if *writeTranscripts {
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path+ext, want, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if kept, err := os.ReadFile(path + ext); err != nil || !bytes.Equal(kept, want) {
			t.Errorf("%s%s is not what was exchanged (%v); -write-transcripts writes it", name, ext, err)
		}
	}
}
