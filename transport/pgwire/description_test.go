package pgwire

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/llm-dev-ops/redshift/transport"
	"github.com/llm-dev-ops/redshift/transport/transporttest"
)

// description is a RowDescription of a protocol version, in which all columns
// are those of public.t.
type description struct {
	fields  []pgproto3.FieldDescription
	version int
}

func (*description) Backend()            {}
func (*description) Decode([]byte) error { panic("only sent") }

func (d *description) Encode(dst []byte) ([]byte, error) {
	at := len(dst) + 1
	dst = append(dst, 'T', 0, 0, 0, 0)
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(d.fields)))
	for i, f := range d.fields {
		dst = append(append(dst, f.Name...), 0)
		dst = binary.BigEndian.AppendUint32(dst, f.TableOID)
		dst = binary.BigEndian.AppendUint16(dst, f.TableAttributeNumber)
		dst = binary.BigEndian.AppendUint32(dst, f.DataTypeOID)
		dst = binary.BigEndian.AppendUint16(dst, uint16(f.DataTypeSize))
		dst = binary.BigEndian.AppendUint32(dst, uint32(f.TypeModifier))
		dst = binary.BigEndian.AppendUint16(dst, uint16(f.Format))
		if d.version > 0 {
			dst = append(dst, "public\x00t\x00"...)
			dst = append(append(dst, f.Name...), "\x00dev\x00"...)
			dst = binary.BigEndian.AppendUint16(dst, columnFlags[i%len(columnFlags)])
		}
	}
	binary.BigEndian.PutUint32(dst[at:], uint32(len(dst)-at))
	return dst, nil
}

// columnFlags are those of the first column, of the second and so on.
var columnFlags = []uint16{0x0001, 0x1002, 0x0010, 0x0100, 0}

// formatted gives the columns the formats that Bind has asked for, where the
// server has binary: for integers.
func (b *backend) formatted(cols []pgproto3.FieldDescription, bound bool) []pgproto3.FieldDescription {
	cols = append([]pgproto3.FieldDescription(nil), cols...)
	for i := range cols {
		if bound && b.binary(cols, i) {
			cols[i].Format = 1
		}
	}
	return cols
}

func (b *backend) binary(cols []pgproto3.FieldDescription, i int) bool {
	if cols[i].Format != 0 || cols[i].DataTypeOID != 23 && cols[i].DataTypeOID != 20 {
		return false
	}
	return len(b.result) == 1 && b.result[0] == 1 || i < len(b.result) && b.result[i] == 1
}

// encoded gives values the formats that were asked for.
func (b *backend) encoded(cols []pgproto3.FieldDescription, values [][]byte) [][]byte {
	out := append([][]byte(nil), values...)
	for i, v := range values {
		if v == nil || !b.binary(cols, i) {
			continue
		}
		n, _ := strconv.ParseInt(string(v), 10, 64)
		if cols[i].DataTypeOID == 23 {
			out[i] = binary.BigEndian.AppendUint32(nil, uint32(n))
		} else {
			out[i] = binary.BigEndian.AppendUint64(nil, uint64(n))
		}
	}
	return out
}

func TestVersionIsNegotiated(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ asks, speaks, want int }{
		{0, -1, 0}, {0, 0, 0}, {0, 1, 1}, {0, 2, 2}, {0, 3, 3}, {2, 3, 2}, {1, 3, 1}, {-1, 3, 0}, {3, 1, 1},
	} {
		t.Run(fmt.Sprint(c), func(t *testing.T) {
			t.Parallel()
			s := newServer(t, func(s *server) { s.version = c.speaks })
			cfg := s.config()
			cfg.ProtocolVersion = c.asks
			ses := lease(t, open(t, cfg))
			if ses.c.version != c.want {
				t.Errorf("version %d, want %d", ses.c.version, c.want)
			}
			asked, ok := s.startups[0]["client_protocol_version"]
			if ok != (c.asks >= 0) || ok && asked != strconv.Itoa(cfg.withDefaults().ProtocolVersion) {
				t.Errorf("client_protocol_version %q was sent", asked)
			}
			run, err := ses.Start(t.Context(), transport.Statement{SQL: transporttest.SelectConstants})
			if err != nil {
				t.Fatal(err)
			}
			res, err := run.Result(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer res.Close()
			col := transport.Column{Name: "b", Type: 1043, TypeMod: -1}
			if c.want > 0 {
				col.Schema, col.Table, col.Origin, col.Catalog = "public", "t", "b", "dev"
				col.Nullable, col.Searchable, col.CaseSensitive = transport.Nullable, true, c.want == 3
			}
			if d := cmp.Diff(col, res.Columns()[1]); d != "" {
				t.Error(d)
			}
		})
	}
}

// A version that is not known is refused: nobody could read its columns.
func TestUnknownVersionIsRefused(t *testing.T) {
	t.Parallel()
	for _, v := range []string{"4", "-1", "", "two", strings.Repeat("9", 40)} {
		c := &conn{params: map[string]string{}}
		if err := c.parameter([]byte(serverVersion + "\x00" + v + "\x00")); err == nil || c.version != 0 {
			t.Errorf("%q: %v, version %d", v, err, c.version)
		}
	}
}

func TestFlagsOfColumns(t *testing.T) {
	t.Parallel()
	for flags, want := range map[uint16]transport.Column{
		0:       {Nullable: transport.Nullable},
		1:       {Nullable: transport.NotNull},
		2:       {Nullable: transport.Nullable, CaseSensitive: true},
		1 << 4:  {Nullable: transport.Nullable, AutoIncrement: true},
		1 << 8:  {Nullable: transport.Nullable, ReadOnly: true},
		1 << 12: {Nullable: transport.Nullable, Searchable: true},
		0xffff:  {Nullable: transport.NotNull, CaseSensitive: true, AutoIncrement: true, ReadOnly: true, Searchable: true},
		0xeeec:  {Nullable: transport.Nullable},
	} {
		for version := 1; version <= 3; version++ {
			var got transport.Column
			describe(&got, flags, version)
			if version < 3 {
				want.CaseSensitive = false
			}
			if version == 3 && flags&2 != 0 {
				want.CaseSensitive = true
			}
			if got != want {
				t.Errorf("%#x at version %d: %+v", flags, version, got)
			}
		}
	}
}

// A proxy that knows PostgreSQL alone sends its description on without what
// Redshift has added.
func TestDescriptionThatAProxyHasCut(t *testing.T) {
	t.Parallel()
	fs := []pgproto3.FieldDescription{field("a", 23), field("b", 1043), field("c", 1700)}
	plain, _ := (&description{fs, 0}).Encode(nil)
	for version := range maxVersion + 1 {
		cols, err := columns(plain[5:], version)
		if err != nil || len(cols) != 3 || cols[2].Name != "c" || cols[2].Nullable != transport.NullUnknown {
			t.Errorf("version %d: %+v, %v", version, cols, err)
		}
	}
	full, _ := (&description{fs, 3}).Encode(nil)
	for end := range full[5:] {
		if cols, err := columns(full[5:5+end], 3); err == nil {
			t.Errorf("the first %d bytes are taken for %+v", end, cols)
		}
	}
	if cols, err := columns(append(full[5:], 0, 1, 2), 3); err != nil || len(cols) != 3 {
		t.Errorf("with bytes behind it: %v", err)
	}
}

// The names of tables are said again with each column and kept once.
func TestDescriptionsAreSmall(t *testing.T) {
	cols, _ := lineitem()
	for version, most := range []float64{2, 5, 5, 5} {
		d, _ := (&description{cols, version}).Encode(nil)
		if n := testing.AllocsPerRun(100, func() {
			if _, err := columns(d[5:], version); err != nil {
				t.Fatal(err)
			}
		}); n > most+float64(len(cols)) {
			t.Errorf("version %d: %v allocations for %d columns", version, n, len(cols))
		}
	}
}

// FuzzExtendedColumns: what is read can be written again, and is the same.
func FuzzExtendedColumns(f *testing.F) {
	for version := range maxVersion + 1 {
		d, _ := (&description{[]pgproto3.FieldDescription{field("a", 23), field("", 1700)}, version}).Encode(nil)
		f.Add(d[5:], uint8(version))
	}
	f.Add([]byte{255, 255}, uint8(3))
	f.Fuzz(func(t *testing.T, body []byte, version uint8) {
		v := int(version) % (maxVersion + 1)
		cols, err := columns(body, v)
		if err != nil {
			return
		}
		size := 2
		for _, c := range cols {
			size += len(c.Name) + 19
			if c.Nullable != transport.NullUnknown {
				size += len(c.Schema) + len(c.Table) + len(c.Origin) + len(c.Catalog) + 6
			}
			if v < versionCollation && c.CaseSensitive || v == 0 && c.Nullable != transport.NullUnknown {
				t.Fatalf("version %d tells %+v", v, c)
			}
		}
		if size > len(body) {
			t.Fatalf("%d bytes of columns in %d", size, len(body))
		}
	})
}

func TestResultFormats(t *testing.T) {
	t.Parallel()
	cols := []transport.Column{
		{Type: transport.OIDInt4},
		{Type: transport.OIDVarchar},
		{Type: transport.OIDNumeric, TypeMod: -1},
		{Type: transport.OIDNumeric, TypeMod: 4 + 12<<16 + 2},
		{Type: transport.OIDTimeTZ},
		{Type: transport.OIDSuper},
		{Type: transport.OIDFloat8},
	}
	for version, want := range []string{"[]", "[]", "[1 0 0 1 0 0 1]", "[1 0 0 1 0 0 1]"} {
		if got := fmt.Sprint(resultFormats(cols, version)); got != want {
			t.Errorf("version %d: %s, want %s", version, got, want)
		}
	}
	if got := resultFormats(cols[1:3], 3); got != nil {
		t.Errorf("for text alone: %v", got)
	}
}

// A prepared statement asks for binary, and for text once after what may have
// changed its columns, and after a failure.
func TestPreparedAsksForBinary(t *testing.T) {
	t.Parallel()
	for version, want := range []string{"0 0 0 0", "0 0 0 0", "1 1 0 1 0", "1 1 0 1 0"} {
		s := newServer(t, func(s *server) { s.version, s.forgets = version, true })
		ses := lease(t, open(t, s.config()))
		p, err := ses.Prepare(t.Context(), transporttest.SelectSum, nil)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		run := func() {
			t.Helper()
			run, err := p.Start(t.Context(), []transport.Param{{Value: []byte("20")}, {Value: []byte("22")}})
			if err != nil {
				t.Fatal(err)
			}
			res, err := run.Result(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if !res.Next() {
				t.Fatal(res.Err())
			}
			got = append(got, fmt.Sprint(res.Format(0)))
			if raw := string(res.Raw()[0]); raw != "42" && raw != "\x00\x00\x00\x2a" {
				t.Errorf("got %q", raw)
			}
			if err := res.Close(); err != nil {
				t.Fatal(err)
			}
		}
		run()
		run()
		must(t, ses, "BEGIN", "ROLLBACK")
		run()
		run()
		if version >= versionBinary {
			// Somebody else has changed the table.
			p.(*prepared).n.formats = []transport.Format{1, 1}
			r, err := p.Start(t.Context(), []transport.Param{{}, {}})
			if err != nil {
				t.Fatal(err)
			}
			if err := r.Wait(t.Context()); !hasState(err, "08P01") {
				t.Errorf("got %v", err)
			}
			run()
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("version %d: formats %s, want %s", version, s, want)
		}
	}
}
