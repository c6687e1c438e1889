package pgwire

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/llm-dev-ops/redshift/credentials"
	"github.com/llm-dev-ops/redshift/transport"
)

var update = flag.Bool("update", false, "write testdata anew")

// The transcripts are the messages as AWS's drivers read and write them, put
// together by hand below, so that neither pgproto3 nor this package's own code
// has made what it is tested with. Each lies in testdata/wire as bytes (.bin)
// and as a hex dump (.hex), with what it is read as (.txt).

// z is a string that a zero byte ends.
type z string

// message puts a message together. A type of 0 is none, as of the first message.
func message(typ byte, parts ...any) []byte {
	var body []byte
	for _, p := range parts {
		switch p := p.(type) {
		case int8:
			body = append(body, byte(p))
		case int16:
			body = binary.BigEndian.AppendUint16(body, uint16(p))
		case int32:
			body = binary.BigEndian.AppendUint32(body, uint32(p))
		case int64:
			body = binary.BigEndian.AppendUint64(body, uint64(p))
		case z:
			body = append(append(body, p...), 0)
		case string:
			body = append(body, p...)
		case []byte:
			body = append(body, p...)
		default:
			panic(fmt.Sprintf("%T", p))
		}
	}
	var out []byte
	if typ != 0 {
		out = append(out, typ)
	}
	return append(binary.BigEndian.AppendUint32(out, uint32(len(body)+4)), body...)
}

func join(messages ...[]byte) []byte { return bytes.Join(messages, nil) }

// kind is a column of every type: its number, size and modifier, and a value in
// text and in binary, which is nil where the type has no form of its own.
type kind struct {
	name         string
	oid          int32
	size         int16
	mod          int32
	text, binary string
	flags        int16
}

var kinds = []kind{
	{"b", 16, 1, -1, "t", "\x01", 0x1000},
	{"i2", 21, 2, -1, "-2", "\xff\xfe", 0x1000},
	{"i4", 23, 4, -1, "7", "\x00\x00\x00\x07", 0x1011}, // an IDENTITY, NOT NULL
	{"i8", 20, 8, -1, "-1", "\xff\xff\xff\xff\xff\xff\xff\xff", 0x1001},
	{"f4", 700, 4, -1, "1.5", "\x3f\xc0\x00\x00", 0x1000},
	{"f8", 701, 8, -1, "-0.1", "\xbf\xb9\x99\x99\x99\x99\x99\x9a", 0x1000},
	{"n8", 1700, 8, 4 + 12<<16 + 2, "-1.50", "\xff\xff\xff\xff\xff\xff\xff\x6a", 0x1000},
	{"n16", 1700, 16, 4 + 38<<16 + 1, "-1844674407370955161.7", "\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff\xff\xff\xff\xff\xff", 0x1000},
	{"d", 1082, 4, -1, "1999-12-31", "\xff\xff\xff\xff", 0x1000},
	{"t", 1083, 8, -1, "00:00:01", "\x00\x00\x00\x00\x00\x0f\x42\x40", 0x1000},
	{"tz", 1266, 12, -1, "00:00:01-02", "\x00\x00\x00\x00\x00\x0f\x42\x40\x00\x00\x1c\x20", 0x1000},
	{"ts", 1114, 8, -1, "2000-01-01 00:00:01", "\x00\x00\x00\x00\x00\x0f\x42\x40", 0x1000},
	{"tstz", 1184, 8, -1, "1999-12-31 23:59:59+00", "\xff\xff\xff\xff\xff\xf0\xbd\xc0", 0x1000},
	{"ym", 1188, 4, -1, "1 years 2 mons", "\x00\x00\x00\x0e", 0x1000},
	{"ds", 1190, 8, -1, "0 days 0 hours 0 mins 1.0 secs", "\x00\x00\x00\x00\x00\x0f\x42\x40", 0x1000},
	{"iv", 1186, 12, -1, "1 mon 1 day 00:00:01", "\x00\x00\x00\x00\x00\x0f\x42\x40\x00\x01\x00\x01", 0},
	{"c", 1042, -1, 4 + 3, "a  ", "", 0x1002}, // case sensitive
	{"v", 1043, -1, 4 + 256, "héé", "", 0x1002},
	{"vb", 6551, -1, 4 + 8, "00ff", "", 0x1000},
	{"s", 4000, -1, -1, `{"a":[1,null]}`, "", 0x1000},
	{"g", 3000, -1, -1, "0101000000", "", 0x1100}, // read-only
	{"gg", 3001, -1, -1, "0101000000", "\x01\x01\x00\x00\x00", 0x1000},
	{"h", 2935, -1, -1, `{"logm":15,"sparse":{"idx":[1],"val":[2]}}`, "", 0},
}

// described is a RowDescription at a version. Expressions have no origin.
func described(version int, binaries bool) []byte {
	parts := []any{int16(len(kinds))}
	for i, k := range kinds {
		format := int16(0)
		if binaries && k.binary != "" {
			format = 1
		}
		parts = append(parts, z(k.name), int32(16384), int16(i+1), k.oid, k.size, k.mod, format)
		if version >= 1 {
			schema, table, column, catalog := z("sales"), z("facts"), z("col_"+k.name), z("dev")
			if k.flags == 0 {
				schema, table, column, catalog = "", "", "", ""
			}
			parts = append(parts, schema, table, column, catalog, k.flags)
		}
	}
	return message('T', parts...)
}

func valuesRow(binaries bool) []byte {
	parts := []any{int16(len(kinds))}
	for _, k := range kinds {
		v := k.text
		if binaries && k.binary != "" {
			v = k.binary
		}
		parts = append(parts, int32(len(v)), v)
	}
	return message('D', parts...)
}

func nullRow() []byte {
	parts := []any{int16(len(kinds))}
	for range kinds {
		parts = append(parts, int32(-1))
	}
	return message('D', parts...)
}

var (
	ready   = message('Z', int8('I'))
	failed  = message('E', int8('S'), z("ERROR"), int8('C'), z("XX000"), int8('M'), z("1023"), int8('D'), z("Serializable isolation violation on table - 100123"), int8('F'), z("/home/ec2-user/padb/src/sys/xen_execute.cpp"), int8('L'), z("9797"), int8('R'), z("pg_throw"), int8(0))
	noticed = message('N', int8('S'), z("INFO"), int8('C'), z("00000"), int8('M'), z("Load into table 't' completed, 3 record(s) loaded successfully."), int8(0))
	keyed   = message('K', int32(30123), int32(0x01020304))
)

func parameter(name, value string) []byte { return message('S', z(name), z(value)) }

// A transcript is what comes from the server, or goes to it, and how it is read.
type transcript struct {
	name  string
	bytes []byte
	read  func(t *testing.T, r io.Reader) string
}

func transcripts() (all []transcript) {
	add := func(name string, b []byte, read func(*testing.T, io.Reader) string) {
		all = append(all, transcript{name, b, read})
	}
	for v := range maxVersion + 1 {
		version := v
		add(fmt.Sprintf("login_v%d", v), join(message('R', int32(0)), parameter("server_version", "8.0.2"), parameter("padb_version", "1.0.112345"),
			parameter("client_encoding", "UNICODE"), parameter("DateStyle", "ISO, MDY"), parameter("integer_datetimes", "on"),
			parameter("server_protocol_version", fmt.Sprint(v)), parameter("datashare_enabled", "on"), keyed, ready), readLogin)
		answer := func(binaries bool) []byte {
			return join(message('1'), message('2'), described(v, binaries), valuesRow(binaries), nullRow(), message('C', z("SELECT")), ready)
		}
		add(fmt.Sprintf("select_text_v%d", v), answer(false), readAnswer(version))
		add(fmt.Sprintf("prepare_v%d", v), join(message('1'), message('t', int16(2), int32(23), int32(1043)), described(v, false), ready), readPrepare(version))
		if v >= versionBinary {
			add(fmt.Sprintf("select_binary_v%d", v), answer(true), readAnswer(version))
		}
	}
	add("login_md5", join(message('R', int32(5), "\x01\x02\x03\x04"), message('R', int32(0)), keyed, ready), readLogin)
	add("login_cleartext", join(message('R', int32(3)), message('R', int32(0)), keyed, ready), readLogin)
	add("login_token", join(message('R', int32(14)), message('R', int32(0)), parameter("server_protocol_version", "3"), keyed, ready), readLogin)
	add("login_digest", join(message('R', int32(13), int32(0), int32(4), "salt", int32(5), "nonce"), message('R', int32(0)), keyed, ready), readLogin)
	add("login_scrypt", message('R', int32(13), int32(1), int32(4), "salt", int32(5), "nonce"), readLogin)
	add("login_sasl", message('R', int32(10), z("SCRAM-SHA-256"), int8(0)), readLogin)
	add("login_refused", message('E', int8('S'), z("FATAL"), int8('C'), z("28000"), int8('M'), z(`password authentication failed for user "ann"`), int8(0)), readLogin)
	add("login_version_4", join(message('R', int32(0)), parameter("server_protocol_version", "4")), readLogin)
	add("login_negotiated", join(message('v', int32(3<<16), int32(1), z("_pq_.compression")), noticed, message('R', int32(0)), keyed, ready), readLogin)
	add("error", join(message('1'), message('2'), message('n'), failed, ready), readAnswer(3))
	add("notice", join(message('1'), message('2'), message('n'), noticed, message('C', z("COPY")), ready), readAnswer(3))
	add("empty", join(message('1'), message('2'), message('n'), message('I'), ready), readAnswer(3))
	add("insert", join(message('1'), message('2'), message('n'), message('C', z("INSERT 0 3")), message('Z', int8('T'))), readAnswer(3))
	add("suspended", join(message('1'), message('2'), described(1, false), valuesRow(false), message('s'), ready), readAnswer(1))
	add("status", join(message('1'), message('2'), message('n'), parameter("TimeZone", "UTC"), message('A', int32(7), z("x"), z("y")), message('C', z("SET")), ready), readAnswer(3))
	add("cut_by_a_proxy", join(message('1'), message('2'), described(0, false), valuesRow(false), message('C', z("SELECT")), ready), readAnswer(3))
	return all
}

// scripted is a connection on which everything that comes is known.
func scripted(r io.Reader) (*conn, *recorder) {
	w := &recorder{}
	return &conn{nc: w, in: newFrames(r), params: map[string]string{}, tx: 'I'}, w
}

// recorder keeps what is written.
type recorder struct {
	silent
	sent bytes.Buffer
}

func (r *recorder) Write(p []byte) (int, error) { return r.sent.Write(p) }

var whoLogsIn = credentials.Credentials{User: "ann", Password: credentials.NewSecret("secret"), Token: credentials.NewSecret("token")}

func readLogin(t *testing.T, r io.Reader) string {
	c, w := scripted(r)
	err := c.login(t.Context(), Config{Host: "h"}.withDefaults(), whoLogsIn, true)
	var b strings.Builder
	f := newFrames(bytes.NewReader(w.sent.Bytes()[int(binary.BigEndian.Uint32(w.sent.Bytes())):]))
	for {
		typ, body, err := f.next()
		if err != nil {
			break
		}
		if typ == 'd' { // the client's nonce is random
			body = fmt.Appendf(nil, "%d bytes", len(body))
		}
		fmt.Fprintf(&b, "sent %c %q\n", typ, body)
	}
	if err != nil {
		fmt.Fprintf(&b, "error %v\n", err)
		return b.String()
	}
	fmt.Fprintf(&b, "version %d, process %d, key %x, transaction %c\n", c.version, c.pid, c.key, c.tx)
	for _, name := range slices.Sorted(maps.Keys(c.params)) {
		fmt.Fprintf(&b, "%s = %s\n", name, c.params[name])
	}
	return b.String()
}

func showColumns(b *strings.Builder, cols []transport.Column) {
	for _, c := range cols {
		fmt.Fprintf(b, "%s type %d mod %d format %d from %q.%q.%q.%q null %d", c.Name, c.Type, c.TypeMod, c.Format, c.Catalog, c.Schema, c.Table, c.Origin, c.Nullable)
		for _, f := range []struct {
			on   bool
			name string
		}{{c.AutoIncrement, "autoincrement"}, {c.ReadOnly, "readonly"}, {c.Searchable, "searchable"}, {c.CaseSensitive, "casesensitive"}} {
			if f.on {
				b.WriteString(" " + f.name)
			}
		}
		b.WriteByte('\n')
	}
}

func readAnswer(version int) func(*testing.T, io.Reader) string {
	return func(t *testing.T, r io.Reader) string {
		c, _ := scripted(r)
		c.version, c.in.max = version, maxBody
		s := &session{t: &Transport{}, c: c}
		run := s.newRun("q")
		s.active = run
		var b strings.Builder
		res, err := run.Result(t.Context())
		if err == nil {
			showColumns(&b, res.Columns())
			for res.Next() {
				b.WriteString("row")
				for i, v := range res.Raw() {
					switch {
					case v == nil:
						b.WriteString(" NULL")
					case res.Format(i) == transport.Binary:
						fmt.Fprintf(&b, " %x", v)
					default:
						fmt.Fprintf(&b, " %q", v)
					}
				}
				b.WriteByte('\n')
			}
			err = res.Close()
		}
		for _, n := range run.notices {
			fmt.Fprintf(&b, "notice %+v\n", n)
		}
		var server *transport.ServerError
		if errors.As(err, &server) {
			fmt.Fprintf(&b, "error %+v\n", *server)
		} else if err != nil {
			fmt.Fprintf(&b, "error %v\n", err)
		}
		fmt.Fprintf(&b, "tag %q, transaction %c\n", run.tag, c.tx)
		for _, name := range slices.Sorted(maps.Keys(c.params)) {
			fmt.Fprintf(&b, "%s = %s\n", name, c.params[name])
		}
		return b.String()
	}
}

func readPrepare(version int) func(*testing.T, io.Reader) string {
	return func(t *testing.T, r io.Reader) string {
		c, w := scripted(r)
		c.version, c.in.max = version, maxBody
		s := &session{t: &Transport{}, c: c}
		p, err := s.Prepare(t.Context(), "select 1", nil)
		if err != nil {
			return fmt.Sprintf("error %v\n", err)
		}
		var b strings.Builder
		fmt.Fprintf(&b, "parameters %v\n", p.Params())
		showColumns(&b, p.Columns())
		w.sent.Reset()
		if _, err := p.Start(t.Context(), []transport.Param{{Value: []byte("1")}, {}}); err != nil {
			return fmt.Sprintf("error %v\n", err)
		}
		_, body, _ := newFrames(&w.sent).next()
		fmt.Fprintf(&b, "bind %x\n", body)
		return b.String()
	}
}

func TestTranscripts(t *testing.T) {
	t.Parallel()
	for _, c := range transcripts() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := c.read(t, bytes.NewReader(c.bytes))
			for how, r := range map[string]io.Reader{
				"byte by byte": iotest.OneByteReader(bytes.NewReader(c.bytes)), "in halves": iotest.HalfReader(bytes.NewReader(c.bytes)),
			} {
				if d := cmp.Diff(got, c.read(t, r)); d != "" {
					t.Errorf("%s it is read otherwise: %s", how, d)
				}
			}
			golden(t, c.name, c.bytes)
			compare(t, c.name+".txt", []byte(got))
		})
	}
}

// TestRequests are the messages to the server.
func TestRequests(t *testing.T) {
	t.Parallel()
	cfg := Config{Host: "h", ApplicationName: "app"}
	who := credentials.Credentials{User: "ann"}
	token := credentials.Credentials{Identity: credentials.Identity{Type: "AwsIdc", TokenType: "ACCESS_TOKEN", Client: "app"}}
	login := func(version int, cred credentials.Credentials) []byte {
		cfg := cfg
		cfg.ProtocolVersion = version
		p := startup(cfg.withDefaults(), cred)
		p["driver_version"], p["os_version"] = "Redshift Go Driver", "linux amd64"
		return appendStartup(nil, p)
	}
	startupOf := func(more ...any) []byte {
		parts := append([]any{int32(3 << 16), z("DateStyle"), z("ISO"), z("application_name"), z("app"), z("client_encoding"), z("UTF8")}, more...)
		return message(0, append(parts, int8(0))...)
	}
	rest := []any{z("database"), z("dev"), z("driver_version"), z("Redshift Go Driver"), z("extra_float_digits"), z("2")}
	version := func(v string) []any { return append([]any{z("client_protocol_version"), z(v)}, rest...) }
	from := []any{z("os_version"), z("linux amd64"), z("user"), z("ann")}
	statement := func(name, sql string, formats ...transport.Format) []byte {
		c, _ := scripted(nil)
		c.sendStatement(name, sql, []transport.Param{{OID: 23, Value: []byte("7")}, {}, {OID: 701, Format: transport.Binary, Value: make([]byte, 8)}}, formats, portal{})
		return c.out
	}
	bind := func(name string, formats ...any) []byte {
		return message('B', append([]any{z(""), z(name), int16(3), int16(0), int16(0), int16(1), int16(3), int32(1), "7", int32(-1), int32(8), make([]byte, 8), int16(len(formats))}, formats...)...)
	}
	tail := join(message('D', int8('P'), z("")), message('E', z(""), int32(0)), message('S'))
	tokenAnswer, _ := scripted(nil)
	_, _ = tokenAnswer.authenticate([]byte{0, 0, 0, authIdP}, whoLogsIn, true)
	for _, c := range []struct {
		name      string
		got, want []byte
	}{
		{"startup_v0", login(-1, who), startupOf(append(slices.Clone(rest), from...)...)},
		{"startup_v1", login(1, who), startupOf(append(version("1"), from...)...)},
		{"startup_v2", login(2, who), startupOf(append(version("2"), from...)...)},
		{"startup_v3", login(3, who), startupOf(append(version("3"), from...)...)},
		{"startup_token", login(3, token), startupOf(append(version("3"), z("idc_client_display_name"), z("app"), z("idp_type"), z("AwsIdc"), z("os_version"), z("linux amd64"), z("token_type"), z("ACCESS_TOKEN"))...)},
		{"answer_token", tokenAnswer.out, message('i', z("token"))},
		{"statement", statement("", "select $1"), join(message('P', z(""), z("select $1"), int16(3), int32(23), int32(705), int32(701)), bind(""), tail)},
		{"statement_prepared", statement("p1", "", transport.Text, transport.Binary), join(bind("p1", int16(0), int16(1)), tail)},
		{"cancel", (&conn{pid: 30123, key: []byte{1, 2, 3, 4}}).cancelRequest(), message(0, int32(80877102), int32(30123), int32(0x01020304))},
	} {
		if !bytes.Equal(c.got, c.want) {
			t.Errorf("%s:\n%s\nwant\n%s", c.name, hex.Dump(c.got), hex.Dump(c.want))
		}
		golden(t, "to_"+c.name, c.want)
	}
}

// golden compares a transcript with its file in both of its forms.
func golden(t *testing.T, name string, b []byte) {
	t.Helper()
	compare(t, name+".bin", b)
	compare(t, name+".hex", []byte(hex.Dump(b)))
}

func compare(t *testing.T, file string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", "wire", file)
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), string(got)); d != "" {
		t.Errorf("%s (-update writes it anew): %s", file, d)
	}
}

// FuzzTranscripts: whatever comes, it is read the same whole and cut into
// single bytes, and neither panics nor hangs.
func FuzzTranscripts(f *testing.F) {
	for i, c := range transcripts() {
		f.Add(c.bytes, uint8(i))
	}
	f.Fuzz(func(t *testing.T, in []byte, how uint8) {
		read := readLogin
		switch v := int(how) / 3 % (maxVersion + 1); how % 3 {
		case 0:
			read = readAnswer(v)
		case 1:
			read = readPrepare(v)
		}
		whole := read(t, bytes.NewReader(in))
		if d := cmp.Diff(whole, read(t, iotest.OneByteReader(bytes.NewReader(in)))); d != "" {
			t.Fatal(d)
		}
	})
}
