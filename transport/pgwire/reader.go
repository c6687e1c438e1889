package pgwire

import (
	"encoding/binary"
	"fmt"
	"io"
)

const (
	readBuffer = 64 << 10
	// keepBuffer is the largest read buffer that is kept after a long message.
	keepBuffer = 1 << 20
	// maxBody bounds a message. Redshift's rows are at most 4 MB of values, a
	// SUPER value 16 MB.
	maxBody = 128 << 20
	// maxLoginBody bounds a message before the login: the peer may be anybody.
	maxLoginBody = 64 << 10
)

// frames cuts a stream into messages. A read that fails with a timeout loses
// nothing: the next call goes on with what had come.
type frames struct {
	r    io.Reader
	buf  []byte
	from int // buf[from:to] is read and not consumed
	to   int
	max  int // the longest body
}

func newFrames(r io.Reader) *frames {
	return &frames{r: r, buf: make([]byte, readBuffer), max: maxLoginBody}
}

// next gives the next message's type and body, valid until the next call.
func (f *frames) next() (typ byte, body []byte, err error) {
	if err := f.fill(5); err != nil {
		return 0, nil, err
	}
	n := int(int32(binary.BigEndian.Uint32(f.buf[f.from+1:]))) - 4
	if n < 0 || n > f.max {
		return 0, nil, &protocolError{fmt.Sprintf("a message of type %q says that it has %d bytes", f.buf[f.from], n)}
	}
	if err := f.fill(5 + n); err != nil {
		return 0, nil, err
	}
	at := f.from + 5
	typ, body = f.buf[f.from], f.buf[at:at+n:at+n]
	f.from = at + n
	return typ, body, nil
}

// whole is the message, its head included, whose body next has given just now.
func (f *frames) whole(body []byte) []byte {
	return f.buf[f.from-5-len(body) : f.from : f.from]
}

// buffered is how many bytes were read and not consumed.
func (f *frames) buffered() int {
	n := f.to - f.from
	if u, ok := f.r.(*unpacker); ok {
		n += u.buffered()
	}
	return n
}

// limit bounds the bodies from now on.
func (f *frames) limit(n int) {
	f.max = n
	if u, ok := f.r.(*unpacker); ok {
		u.in.max = n
	}
}

// fill makes at least n bytes available.
func (f *frames) fill(n int) error {
	if f.from == f.to {
		f.from, f.to = 0, 0
		if len(f.buf) > keepBuffer && n <= readBuffer {
			f.buf = make([]byte, readBuffer)
		}
	}
	for f.to-f.from < n {
		if len(f.buf)-f.from < n && (f.from > 0 || f.to == len(f.buf)) {
			f.room(n)
		}
		m, err := f.r.Read(f.buf[f.to:])
		f.to += m
		if err != nil && f.to-f.from < n {
			if err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return err
		}
	}
	return nil
}

// room moves what is unread to the front. A full buffer that is too short for
// n bytes is doubled: what a length claims is allocated as it comes.
func (f *frames) room(n int) {
	buf := f.buf
	if f.to-f.from == len(buf) {
		buf = make([]byte, min(n, 2*len(buf)))
	}
	f.to = copy(buf, f.buf[f.from:f.to])
	f.from, f.buf = 0, buf
}

// protocolError is a stream that is not Redshift's.
type protocolError struct{ what string }

func (e *protocolError) Error() string { return "the server broke the protocol: " + e.what }
