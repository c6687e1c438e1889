package pgwire

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"
)

// stream is a stream of messages of the given body lengths.
func stream(lengths ...int) ([]byte, [][]byte) {
	var out []byte
	var bodies [][]byte
	for i, n := range lengths {
		body := bytes.Repeat([]byte{byte(i + 1)}, n)
		bodies = append(bodies, body)
		out = append(out, byte('a'+i%26))
		out = binary.BigEndian.AppendUint32(out, uint32(n+4))
		out = append(out, body...)
	}
	return out, bodies
}

// hiccup times out between all pieces.
type hiccup struct {
	r   io.Reader
	due bool
}

func (h *hiccup) Read(p []byte) (int, error) {
	if h.due = !h.due; h.due {
		return 0, os.ErrDeadlineExceeded
	}
	return h.r.Read(p)
}

func TestFramesAreCutRight(t *testing.T) {
	t.Parallel()
	lengths := []int{0, 1, 5, readBuffer - 5, readBuffer, readBuffer + 1, 3, 3 * readBuffer, 0, 7, keepBuffer + 100, 2, readBuffer - 12, 9, 9}
	in, bodies := stream(lengths...)
	for name, r := range map[string]io.Reader{
		"whole":           bytes.NewReader(in),
		"byte by byte":    iotest.OneByteReader(bytes.NewReader(in)),
		"halves":          iotest.HalfReader(bytes.NewReader(in)),
		"error with data": iotest.DataErrReader(bytes.NewReader(in)),
		"with timeouts":   &hiccup{r: iotest.HalfReader(bytes.NewReader(in))},
	} {
		f := newFrames(r)
		f.max = maxBody
		for i := 0; i < len(bodies); {
			typ, body, err := f.next()
			if errors.Is(err, os.ErrDeadlineExceeded) {
				continue
			}
			if err != nil || typ != byte('a'+i%26) || !bytes.Equal(body, bodies[i]) {
				t.Fatalf("%s: message %d: type %c, %d bytes, %v", name, i, typ, len(body), err)
			}
			i++
		}
		if _, _, err := f.next(); err != io.ErrUnexpectedEOF && !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%s: at the end: %v", name, err)
		}
		if len(f.buf) > keepBuffer {
			t.Errorf("%s: %d bytes of buffer are kept", name, len(f.buf))
		}
	}
}

// What a length claims is not believed with memory.
func TestFramesAllocateWhatComes(t *testing.T) {
	t.Parallel()
	f := newFrames(bytes.NewReader([]byte{'D', 0x07, 0xff, 0xff, 0xff, 1, 2, 3}))
	f.max = maxBody
	if _, _, err := f.next(); err != io.ErrUnexpectedEOF {
		t.Error(err)
	}
	if len(f.buf) > 2*readBuffer {
		t.Errorf("%d bytes were allocated for 3", len(f.buf))
	}
}

func FuzzFrames(f *testing.F) {
	in, _ := stream(0, 3, 100)
	f.Add(in, uint8(1))
	f.Add([]byte{'D', 255, 255, 255, 255}, uint8(3))
	f.Add([]byte{'D', 0, 0, 0, 3}, uint8(3))
	f.Fuzz(func(t *testing.T, in []byte, step uint8) {
		whole, pieces := newFrames(bytes.NewReader(in)), newFrames(&chopped{in, int(step)%7 + 1})
		for {
			t1, b1, e1 := whole.next()
			t2, b2, e2 := pieces.next()
			if t1 != t2 || !bytes.Equal(b1, b2) || (e1 == nil) != (e2 == nil) {
				t.Fatalf("%c %x %v, in pieces %c %x %v", t1, b1, e1, t2, b2, e2)
			}
			if e1 != nil {
				return
			}
		}
	})
}

type chopped struct {
	b []byte
	n int
}

func (c *chopped) Read(p []byte) (int, error) {
	if len(c.b) == 0 {
		return 0, io.EOF
	}
	n := copy(p, c.b[:min(c.n, len(c.b))])
	c.b = c.b[n:]
	return n, nil
}

// The decoder of rows agrees with pgproto3's.
func FuzzDataRow(f *testing.F) {
	row, _ := (&pgproto3.DataRow{Values: [][]byte{[]byte("1"), nil, {}, []byte("abc")}}).Encode(nil)
	f.Add(row[5:])
	f.Add([]byte{0, 1, 0, 0, 0, 9, 1})
	f.Add([]byte{0, 1, 255, 255, 255, 254})
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, body []byte) {
		n := 0
		if len(body) >= 2 {
			n = int(binary.BigEndian.Uint16(body))
		}
		values := make([][]byte, n)
		err := dataRow(values, body)
		var want pgproto3.DataRow
		if wantErr := want.Decode(body); (err == nil) != (wantErr == nil) {
			t.Fatalf("got %v, pgproto3 %v", err, wantErr)
		}
		if err == nil && !slices.EqualFunc(values, want.Values, func(a, b []byte) bool { return (a == nil) == (b == nil) && bytes.Equal(a, b) }) {
			t.Fatalf("got %q, pgproto3 %q", values, want.Values)
		}
	})
}

// The decoder of descriptions agrees with pgproto3's.
func FuzzColumns(f *testing.F) {
	d, _ := (&pgproto3.RowDescription{Fields: []pgproto3.FieldDescription{field("a", 23), field("", 1700)}}).Encode(nil)
	f.Add(d[5:])
	f.Add([]byte{255, 255})
	f.Add([]byte{0, 1, 'a'})
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := columns(body, 0)
		var want pgproto3.RowDescription
		if wantErr := want.Decode(body); (err == nil) != (wantErr == nil) {
			t.Fatalf("got %v, pgproto3 %v", err, wantErr)
		}
		if err != nil {
			return
		}
		for i, f := range want.Fields {
			if c := got[i]; c.Name != string(f.Name) || uint32(c.Type) != f.DataTypeOID || c.TypeMod != f.TypeModifier || int16(c.Format) != f.Format {
				t.Fatalf("got %+v, pgproto3 %+v", c, f)
			}
		}
	})
}

// Whatever a server says, the session answers with an error or a result, and
// neither panics nor hangs.
func FuzzAnswers(f *testing.F) {
	var out []byte
	for _, m := range []pgproto3.BackendMessage{
		&pgproto3.ParseComplete{}, &pgproto3.BindComplete{}, &pgproto3.RowDescription{Fields: integers("n")},
		&pgproto3.DataRow{Values: [][]byte{[]byte("1")}}, &pgproto3.NoticeResponse{Message: "m"},
		&pgproto3.ParameterStatus{Name: "a", Value: "b"}, &pgproto3.ParameterDescription{ParameterOIDs: []uint32{1}},
		failure("22012", "x"), &pgproto3.CommandComplete{CommandTag: []byte("SELECT")}, &pgproto3.ReadyForQuery{TxStatus: 'I'},
	} {
		out, _ = m.Encode(out)
	}
	f.Add(out)
	f.Add([]byte("G\x00\x00\x00\x07\x00\x00\x00Z\x00\x00\x00\x05T"))
	f.Fuzz(func(t *testing.T, in []byte) {
		c := &conn{nc: &silent{}, in: newFrames(bytes.NewReader(in)), params: map[string]string{}, tx: 'I'}
		s := &session{t: &Transport{}, c: c}
		r := s.newRun("q")
		s.active = r
		res, err := r.Result(t.Context())
		if err != nil {
			return
		}
		for res.Next() {
			if len(res.Raw()) != len(res.Columns()) {
				t.Fatal("a row of other columns")
			}
		}
		_ = res.Close()
	})
}

func FuzzLogin(f *testing.F) {
	f.Add([]byte("R\x00\x00\x00\x08\x00\x00\x00\x00K\x00\x00\x00\x0c\x00\x00\x00\x01abcdZ\x00\x00\x00\x05I"))
	f.Add([]byte("R\x00\x00\x00\x0c\x00\x00\x00\x05abcdE\x00\x00\x00\x0dSFATAL\x00\x00"))
	f.Add([]byte("R\x00\x00\x00\x1d\x00\x00\x00\x0d\x00\x00\x00\x00\x00\x00\x00\x04salt\x00\x00\x00\x05nonce"))
	f.Add([]byte("v\x00\x00\x00\x04N\x00\x00\x00\x05\x00S\x00\x00\x00\x08a\x00b\x00"))
	f.Fuzz(func(t *testing.T, in []byte) {
		c := &conn{nc: &silent{}, in: newFrames(bytes.NewReader(in)), params: map[string]string{}}
		cfg := Config{Credentials: &provider{}}.withDefaults()
		cred, _ := cfg.Credentials.Retrieve(t.Context())
		if err := c.login(t.Context(), cfg, cred, true); err == nil && c.tx != 'I' {
			t.Fatal("a login without a state")
		}
	})
}

// silent takes everything and says nothing.
type silent struct{ net.Conn }

func (*silent) Write(p []byte) (int, error)       { return len(p), nil }
func (*silent) Close() error                      { return nil }
func (*silent) SetReadDeadline(_ time.Time) error { return nil }
func (*silent) SetDeadline(_ time.Time) error     { return nil }

func TestDigestAnswer(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"", "\x00\x00\x00\x00", "\x00\x00\x00\x00\x00\x00\x00\x09salt", "\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff\xff\xff"} {
		if _, err := digestAnswer([]byte(body), "p"); err == nil {
			t.Errorf("%q is accepted", body)
		}
	}
	_, err := digestAnswer([]byte("\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00"), "p")
	if err == nil || !strings.Contains(err.Error(), "SHA-256") {
		t.Errorf("got %v", err)
	}
}
