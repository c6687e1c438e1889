package load

import (
	"errors"
	"io"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/llm-dev-ops/redshift/internal/redshiftsql/copycmd"
)

// errEncoding says that a file is not in the encoding that ENCODING names: the
// file is skipped with error 1221 (copy-parameters-data-conversion).
var errEncoding = errors.New("load: the file is in another encoding")

// transcoded reads a file as UTF-8.
func transcoded(r io.Reader, e copycmd.Encoding) io.Reader {
	switch e {
	case copycmd.UTF16, copycmd.UTF16LE, copycmd.UTF16BE:
		return &utf16Reader{r: r, order: e, in: make([]byte, 0, 64<<10)}
	case copycmd.ISO88591:
		return &latinReader{r: r}
	}
	return r
}

type latinReader struct {
	r    io.Reader
	in   [16 << 10]byte
	out  []byte
	rest []byte
	err  error
}

func (l *latinReader) Read(p []byte) (int, error) {
	for len(l.rest) == 0 {
		if l.err != nil {
			return 0, l.err
		}
		var n int
		n, l.err = l.r.Read(l.in[:])
		l.out = l.out[:0]
		for _, c := range l.in[:n] {
			l.out = utf8.AppendRune(l.out, rune(c))
		}
		l.rest = l.out
	}
	n := copy(p, l.rest)
	l.rest = l.rest[n:]
	return n, nil
}

// utf16Reader needs a byte order mark with UTF16; with the others one is skipped
// and must not contradict. A lone surrogate becomes U+FFFD (assumed).
type utf16Reader struct {
	r       io.Reader
	order   copycmd.Encoding
	started bool
	big     bool
	in      []byte
	out     []byte
	rest    []byte
	err     error
}

func (u *utf16Reader) Read(p []byte) (int, error) {
	for len(u.rest) == 0 {
		if u.err != nil {
			return 0, u.err
		}
		u.fill()
	}
	n := copy(p, u.rest)
	u.rest = u.rest[n:]
	return n, nil
}

func (u *utf16Reader) unit(i int) uint16 {
	if u.big {
		return uint16(u.in[i])<<8 | uint16(u.in[i+1])
	}
	return uint16(u.in[i+1])<<8 | uint16(u.in[i])
}

func (u *utf16Reader) fill() {
	n, err := u.r.Read(u.in[len(u.in):cap(u.in)])
	u.in, u.err = u.in[:len(u.in)+n], err
	i := 0
	if !u.started {
		if len(u.in) < 2 && err == nil {
			return
		}
		i, u.err = u.start(err)
		if u.err != nil {
			return
		}
		u.err = err
	}
	u.out = u.out[:0]
	for i+1 < len(u.in) {
		a := rune(u.unit(i))
		if !utf16.IsSurrogate(a) {
			u.out = utf8.AppendRune(u.out, a)
			i += 2
			continue
		}
		if i+3 >= len(u.in) && err == nil {
			break
		}
		r := utf8.RuneError
		if i+3 < len(u.in) {
			if r = utf16.DecodeRune(a, rune(u.unit(i+2))); r != utf8.RuneError {
				i += 2
			}
		}
		u.out = utf8.AppendRune(u.out, r)
		i += 2
	}
	u.in = u.in[:copy(u.in[:cap(u.in)], u.in[i:])]
	if err == io.EOF && len(u.in) > 0 {
		u.err = errEncoding // half a character
	}
	u.rest = u.out
}

// start looks at the byte order mark and tells how long it is.
func (u *utf16Reader) start(err error) (int, error) {
	u.started = true
	u.big = u.order == copycmd.UTF16BE
	if len(u.in) < 2 {
		if err != io.EOF || len(u.in) == 0 {
			return 0, err // of the file, not of its encoding
		}
		return 0, errEncoding
	}
	little := u.in[0] == 0xff && u.in[1] == 0xfe
	big := u.in[0] == 0xfe && u.in[1] == 0xff
	switch {
	case u.order == copycmd.UTF16 && !little && !big,
		u.order == copycmd.UTF16LE && big, u.order == copycmd.UTF16BE && little:
		return 0, errEncoding
	case little, big:
		u.big = big
		return 2, nil
	}
	return 0, nil
}
