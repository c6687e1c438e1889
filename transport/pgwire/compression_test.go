package pgwire

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// packer makes what a server with compression sends. Its LZ4 refers back across
// messages, as liblz4's streams do.
type packer struct {
	out     bytes.Buffer
	history []byte
	packed  bytes.Buffer
	zstd    *zstd.Encoder
}

func packMessage(typ byte, body []byte) []byte {
	m := binary.BigEndian.AppendUint32([]byte{typ}, uint32(4+len(body)))
	return append(m, body...)
}

func (p *packer) plain(typ byte, body string) { p.out.Write(packMessage(typ, []byte(body))) }

func (p *packer) lz4(raw []byte) {
	p.out.Write(packMessage('m', lz4Linked(p.history, raw)))
	p.history = append(p.history, raw...)
	p.history = p.history[max(0, len(p.history)-64<<10):]
}

func (p *packer) zst(t testing.TB, raw []byte) {
	if p.zstd == nil {
		var err error
		if p.zstd, err = zstd.NewWriter(&p.packed, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(1<<20)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := p.zstd.Write(raw); err != nil {
		t.Fatal(err)
	}
	if err := p.zstd.Flush(); err != nil {
		t.Fatal(err)
	}
	p.out.Write(packMessage('m', p.packed.Bytes()))
	p.packed.Reset()
}

// lz4Linked packs a block (LZ4's Block Format Description) with matches in what
// came before it too. It is greedy and slow.
func lz4Linked(history, raw []byte) []byte {
	all := append(slices.Clone(history), raw...)
	seen := map[uint32]int{}
	key := func(i int) uint32 { return binary.LittleEndian.Uint32(all[i:]) }
	for i := 0; i+4 <= len(history); i++ {
		seen[key(i)] = i
	}
	var out []byte
	count := func(n int) {
		for n -= 15; n >= 255; n -= 255 {
			out = append(out, 255)
		}
		out = append(out, byte(n))
	}
	literals := len(history)
	for i := literals; i+12 < len(all); { // the last match begins 12 bytes before the end
		at, ok := seen[key(i)]
		seen[key(i)] = i
		if !ok || i-at > 65535 {
			i++
			continue
		}
		n := 4
		for i+n < len(all)-5 && all[at+n] == all[i+n] { // the last 5 bytes are literals
			n++
		}
		lit := i - literals
		out = append(out, byte(min(lit, 15)<<4|min(n-4, 15)))
		if lit >= 15 {
			count(lit)
		}
		out = append(out, all[literals:i]...)
		out = append(out, byte(i-at), byte((i-at)>>8))
		if n-4 >= 15 {
			count(n - 4)
		}
		i += n
		literals = i
	}
	lit := len(all) - literals
	out = append(out, byte(min(lit, 15)<<4))
	if lit >= 15 {
		count(lit)
	}
	return append(out, all[literals:]...)
}

// splitReader gives a stream in pieces, with a timeout between them.
type splitReader struct {
	data  []byte
	size  func() int
	pause bool
}

func (r *splitReader) Read(p []byte) (int, error) {
	if r.pause = !r.pause; r.pause {
		return 0, os.ErrDeadlineExceeded
	}
	if len(r.data) == 0 {
		return 0, io.EOF
	}
	n := copy(p, r.data[:min(len(r.data), max(1, r.size()))])
	r.data = r.data[n:]
	return n, nil
}

// unpackAll reads a stream to its end, whatever ends it.
func unpackAll(r io.Reader) (all []byte, err error) {
	u := newUnpacker(r)
	u.in.max = maxBody
	buf := make([]byte, 7000)
	for {
		n, err := u.Read(buf)
		all = append(all, buf[:n]...)
		if err != nil && !isTimeout(err) {
			return all, err
		}
	}
}

// rowsOf are DataRow messages of text that repeats itself.
func rowsOf(rng *rand.Rand, n int) []byte {
	words := strings.Fields("amber basalt cobalt dolomite emerald feldspar garnet halite")
	var out []byte
	for range n {
		var b []byte
		for range 1 + rng.IntN(30) {
			b = append(b, words[rng.IntN(len(words))]...)
			b = append(b, byte(rng.IntN(256)))
		}
		out = append(out, packMessage('D', b)...)
	}
	return out
}

// streams are streams of both methods and what they hold.
func streams(t testing.TB, rng *rand.Rand) map[string][2][]byte {
	out := map[string][2][]byte{}
	for _, name := range []string{"lz4", "zstd"} {
		var p packer
		var want []byte
		plain := func(typ byte, body string) {
			p.plain(typ, body)
			want = append(want, packMessage(typ, []byte(body))...)
		}
		p.plain('z', "zstd:1,lz4:1\x00")
		plain('R', "\x00\x00\x00\x00")
		p.plain('k', map[string]string{"zstd": "\x00", "lz4": "\x01"}[name])
		for round := range 6 {
			rows := rowsOf(rng, 200)
			want = append(want, rows...)
			for len(rows) > 0 { // a message may be in several pieces
				n := min(len(rows), 1+rng.IntN(16<<10))
				if name == "lz4" {
					p.lz4(rows[:n])
				} else {
					p.zst(t, rows[:n])
				}
				rows = rows[n:]
			}
			plain('C', "SELECT\x00")
			if round == 3 { // said again, which changes nothing
				p.plain('k', map[string]string{"zstd": "\x00", "lz4": "\x01"}[name])
			}
		}
		if name == "zstd" { // the end of a frame, and another one
			if err := p.zstd.Close(); err != nil {
				t.Fatal(err)
			}
			p.out.Write(packMessage('m', p.packed.Bytes()))
			p.packed.Reset()
			p.zstd.Reset(&p.packed)
			p.zst(t, packMessage('D', bytes.Repeat([]byte("again"), 1000)))
			want = append(want, packMessage('D', bytes.Repeat([]byte("again"), 1000))...)
		}
		plain('Z', "I")
		out[name] = [2][]byte{p.out.Bytes(), want}
	}
	return out
}

// TestUnpackSplit: whatever the pieces that a stream comes in, it is the same.
func TestUnpackSplit(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 1))
	for name, s := range streams(t, rng) {
		for _, most := range []int{1, 2, 7, 300, 70_000} {
			got, err := unpackAll(&splitReader{data: s[0], size: func() int { return 1 + rng.IntN(most) }})
			if !errors.Is(err, io.ErrUnexpectedEOF) || !bytes.Equal(got, s[1]) {
				t.Errorf("%s in pieces of up to %d bytes: %d bytes of %d, %v", name, most, len(got), len(s[1]), err)
			}
		}
		if len(s[0]) > len(s[1])/2 {
			t.Errorf("%s: %d bytes hold %d", name, len(s[0]), len(s[1]))
		}
	}
}

// TestUnpackGolden has a stream byte by byte, of LZ4's and zstd's own documents:
// the second LZ4 block is a match 8 bytes back in what the first one held.
func TestUnpackGolden(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, stream, want string }{
		{
			"lz4",
			"7a 00000009 6c7a343a31" + // z "lz4:1", also without a zero byte behind it
				"6b 00000005 00" + // k 0
				"6d 0000000d 80 44 0000000c 616263" + // m: 8 literals
				"6d 0000000d 04 0800 50 6465666768", // m: no literal, a match of 8 bytes 8 back; 5 literals
			"44 0000000c 616263 44 0000000c 616263 6465666768",
		},
		{
			"zstd",
			"7a 0000000b 7a7374643a3100" + // z "zstd:1"
				"6b 00000005 00" +
				"6d 00000010 28b52ffd 00 58 180000 444400" + // m: a window of 2 MB, a raw block of 3 bytes
				"6d 00000009 22 0000 00 00", // m: a run of 4 zero bytes; and the first byte of a head
			"44 44 00 00000000",
		},
	} {
		got, err := unpackAll(bytes.NewReader(unhex(t, c.stream)))
		if want := unhex(t, c.want); !errors.Is(err, io.ErrUnexpectedEOF) || !bytes.Equal(got, want) {
			t.Errorf("%s: % x, want % x; %v", c.name, got, want, err)
		}
	}
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestUnpackRefused has streams that no server sends.
func TestUnpackRefused(t *testing.T) {
	t.Parallel()
	ack, first := "7a 00000009 6c7a343a31", "6b 00000005 00"
	zack := "7a 0000000a 7a7374643a31"
	for name, stream := range map[string]string{
		"data before a method":      ack + "6d 00000006 1041",
		"a method before the list":  first,
		"a method outside the list": ack + "6b 00000005 01",
		"an unknown method":         "7a 00000009 78787878 78",
		"a match before the start":  ack + first + "6d 00000009 1041 0900 00",
		"a block that ends early":   ack + first + "6d 00000006 f0ff",
		"no frame of zstd":          zack + first + "6d 00000008 01020304",
		"a window of 16 MB":         zack + first + "6d 0000000d 28b52ffd 00 70 000000",
		"a block of a wrong kind":   zack + first + "6d 0000000d 28b52ffd 00 58 070000",
	} {
		var broken *protocolError
		if _, err := unpackAll(bytes.NewReader(unhex(t, stream))); !errors.As(err, &broken) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestUnpackMemory: what a few bytes claim to hold does not fill the memory.
func TestUnpackMemory(t *testing.T) {
	t.Parallel()
	var p packer
	p.plain('z', "zstd:1")
	p.plain('k', "\x00")
	frame := []byte{0x28, 0xb5, 0x2f, 0xfd, 0, 0x58}
	for range 20_000 { // 80 KB, that hold 2.6 GB of zeros
		frame = append(frame, 0x02, 0x00, 0x10, 0)
	}
	p.plain('m', string(frame))
	u := newUnpacker(&p.out)
	u.in.max = maxBody
	n, err := io.CopyN(io.Discard, u, 64<<20)
	if err != nil || n != 64<<20 {
		t.Fatal(n, err)
	}
	z := u.codec.(*zstdStream)
	if held := cap(z.in) + cap(z.out) + cap(z.ready) + cap(u.in.buf); held > 2<<20 {
		t.Errorf("%d bytes are held", held)
	}
}

func FuzzUnpack(f *testing.F) {
	for _, s := range streams(f, rand.New(rand.NewPCG(1, 1))) {
		f.Add(s[0][:min(len(s[0]), 4000)], uint64(1))
	}
	f.Add(unhex(f, "7a 00000009 6c7a343a31 6b 00000005 00 6d 0000000d 80 44 0000000c 616263"), uint64(2))
	f.Fuzz(func(t *testing.T, data []byte, seed uint64) {
		if len(data) > 1<<16 {
			return
		}
		limited := func(r io.Reader) ([]byte, error) {
			u := newUnpacker(r)
			u.in.max = maxBody
			var all []byte
			buf := make([]byte, 5000)
			for len(all) < 4<<20 {
				n, err := u.Read(buf)
				all = append(all, buf[:n]...)
				if err != nil && !isTimeout(err) {
					return all, err
				}
			}
			return all[:4<<20], nil
		}
		rng := rand.New(rand.NewPCG(seed, 2))
		whole, err1 := limited(bytes.NewReader(data))
		split, err2 := limited(&splitReader{data: data, size: func() int { return 1 + rng.IntN(100) }})
		if !bytes.Equal(whole, split) || (err1 == nil) != (err2 == nil) || err1 != nil && err1.Error() != err2.Error() {
			t.Errorf("whole: %d bytes, %v; split: %d bytes, %v", len(whole), err1, len(split), err2)
		}
	})
}

func FuzzUnpackRoundTrip(f *testing.F) {
	f.Add([]byte("amber basalt amber basalt amber basalt"), uint16(7))
	f.Add(bytes.Repeat([]byte{0}, 3000), uint16(1))
	f.Fuzz(func(t *testing.T, data []byte, piece uint16) {
		if len(data) > 1<<18 {
			return
		}
		for _, name := range []string{"lz4", "zstd"} {
			var p packer
			p.plain('z', name+":1\x00")
			p.plain('k', "\x00")
			for rest := data; len(rest) > 0; {
				n := min(len(rest), max(int(piece), len(data)/100+1))
				if name == "lz4" {
					p.lz4(rest[:n])
				} else {
					p.zst(t, rest[:n])
				}
				rest = rest[n:]
			}
			if got, err := unpackAll(&p.out); !errors.Is(err, io.ErrUnexpectedEOF) || !bytes.Equal(got, data) {
				t.Errorf("%s: %d bytes of %d: %v", name, len(got), len(data), err)
			}
		}
	})
}

func TestCompressionList(t *testing.T) {
	t.Parallel()
	for list, want := range map[string]string{
		"": "", "lz4": "lz4:1", "ZSTD": "zstd:1", "zstd:3,lz4": "zstd:3,lz4:1", "lz4:0": "lz4:0", "zstd:-5": "zstd:-5",
	} {
		if got := compressionParameter(list); got != want || !knownMethods(list) {
			t.Errorf("%q: %q, want %q", list, got, want)
		}
	}
	for _, list := range []string{"gzip", "lz4,", "lz4,lz4", "zstd:x", "zstd:99", " lz4"} {
		if knownMethods(list) {
			t.Errorf("%q is taken", list)
		}
	}
}
