package load

import (
	"bytes"
	"errors"
	"io"
)

// maxRow is the longest record in bytes. The quota page says 64 MB; the older text
// of r_COPY says 4 MB.
const maxRow = 64 << 20

// errLong says that a record is longer than the window may become.
var errLong = errors.New("load: the record is too long")

// window shows the unread bytes of a reader, as many as are asked for.
type window struct {
	r          io.Reader
	buf        []byte
	start, end int
	max        int
	eof        bool
	read       int64 // bytes that came from r
}

func newWindow(r io.Reader, max int) *window {
	return &window{r: r, buf: make([]byte, min(256<<10, max+1)), max: max}
}

// bytes are the unread bytes; they are valid until the next call of more.
func (w *window) bytes() []byte { return w.buf[w.start:w.end] }

func (w *window) advance(n int) { w.start += n }

// Read takes the unread bytes.
func (w *window) Read(p []byte) (int, error) {
	if end, err := w.empty(); err != nil {
		return 0, err
	} else if end {
		return 0, io.EOF
	}
	n := copy(p, w.bytes())
	w.advance(n)
	return n, nil
}

// more reads on; false is the end of the input.
func (w *window) more() (bool, error) {
	if w.eof {
		return false, nil
	}
	if w.end == len(w.buf) {
		if n := w.end - w.start; n > w.max {
			return false, errLong
		} else if n > len(w.buf)/2 {
			grown := make([]byte, min(2*len(w.buf), w.max+1+len(w.buf)/2))
			w.end = copy(grown, w.buf[w.start:w.end])
			w.start, w.buf = 0, grown
		} else {
			w.end = copy(w.buf, w.buf[w.start:w.end])
			w.start = 0
		}
	}
	for range 100 {
		n, err := w.r.Read(w.buf[w.end:])
		w.end += n
		w.read += int64(n)
		if err == io.EOF {
			w.eof = true
			return n > 0, nil
		}
		if err != nil {
			return false, err
		}
		if n > 0 {
			return true, nil
		}
	}
	return false, io.ErrNoProgress
}

// newline is the place of the first newline at or behind from, or the number of
// unread bytes when the input ends before; found tells which.
func (w *window) newline(from int) (at int, found bool, err error) {
	for {
		if i := bytes.IndexByte(w.buf[w.start+from:w.end], '\n'); i >= 0 {
			return from + i, true, nil
		}
		from = w.end - w.start
		if ok, err := w.more(); err != nil {
			return from, false, err
		} else if !ok {
			return from, false, nil
		}
	}
}

// empty tells whether the input is at its end.
func (w *window) empty() (bool, error) {
	if w.start < w.end {
		return false, nil
	}
	ok, err := w.more()
	return !ok, err
}

// drop forgets everything to the next newline, however far it is.
func (w *window) drop() error {
	for {
		if i := bytes.IndexByte(w.buf[w.start:w.end], '\n'); i >= 0 {
			w.start += i + 1
			return nil
		}
		w.start, w.end = 0, 0
		if ok, err := w.more(); !ok {
			return err
		}
	}
}

// cut takes a carriage return off the end of a line; COPY reads files with either
// end of line (assumed).
func cut(line []byte) []byte {
	if n := len(line); n > 0 && line[n-1] == '\r' {
		return line[:n-1]
	}
	return line
}
