package wire

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"time"
)

const inputSize = 16 << 10

// longAgo is a deadline that interrupts a read at once.
var longAgo = time.Unix(1, 0)

// input is what comes from the client. It gives pgproto3.Backend one message at
// a time, so that the bytes behind it stay here, where they can be looked at and
// more can be read behind them while a statement runs.
//
// It belongs to the connection's goroutine, but for the time between arm and
// disarm, when it belongs to the watcher.
type input struct {
	nc   net.Conn
	buf  []byte
	r, w int   // buf[r:w] has been read from nc and not been given out
	left int   // bytes of the current message that have not been given out
	err  error // what ended nc

	timer *time.Timer
	armed bool
	done  chan struct{} // one value for every time the watcher has run
	gone  func()        // the watcher calls it when nc has ended
	after time.Duration
}

func newInput(nc net.Conn, after time.Duration, gone func()) *input {
	return &input{nc: nc, buf: make([]byte, inputSize), done: make(chan struct{}, 1), gone: gone, after: after}
}

// peek gives the next n bytes and leaves them where they are. n is at most
// inputSize.
func (in *input) peek(n int) ([]byte, error) {
	if len(in.buf)-in.r < n {
		in.w = copy(in.buf, in.buf[in.r:in.w])
		in.r = 0
	}
	for in.w-in.r < n {
		if in.err != nil {
			if in.w > in.r && errors.Is(in.err, io.EOF) {
				return nil, io.ErrUnexpectedEOF
			}
			return nil, in.err
		}
		k, err := in.nc.Read(in.buf[in.w:])
		in.w += k
		in.err = err
	}
	return in.buf[in.r : in.r+n], nil
}

// take gives out the next n bytes, at most inputSize, valid until the next call.
func (in *input) take(n int) ([]byte, error) {
	b, err := in.peek(n)
	if err == nil {
		in.r += n
	}
	return b, err
}

// header waits for a message and gives its type and the length of its body,
// which may be negative in a message that is none. Read then gives the message,
// header and all.
func (in *input) header() (typ byte, body int, err error) {
	b, err := in.peek(5)
	if err != nil {
		return 0, 0, err
	}
	body = int(int32(binary.BigEndian.Uint32(b[1:]))) - 4
	in.left = 5 + max(body, 0)
	return b[0], body, nil
}

// Read gives bytes of the message that header has announced, and io.EOF behind
// it.
func (in *input) Read(p []byte) (int, error) {
	if in.left == 0 {
		return 0, io.EOF
	}
	if len(p) > in.left {
		p = p[:in.left]
	}
	var n int
	if in.r < in.w {
		n = copy(p, in.buf[in.r:in.w])
		in.r += n
	} else {
		if in.err != nil {
			return 0, in.err
		}
		var err error
		n, err = in.nc.Read(p)
		in.err = err
		if n == 0 && err != nil {
			return 0, err
		}
	}
	in.left -= n
	return n, nil
}

// follows says whether a message of the type has already come behind the current
// one.
func (in *input) follows(typ byte) bool {
	return in.left == 0 && in.w-in.r >= 5 && in.buf[in.r] == typ
}

// waiting says whether something has come that has not been given out.
func (in *input) waiting() bool { return in.r < in.w }

// arm has the connection watched from a while later until disarm.
func (in *input) arm() {
	in.armed = true
	if in.timer == nil {
		in.timer = time.AfterFunc(in.after, in.watch)
		return
	}
	in.timer.Reset(in.after)
}

// disarm ends the watch and waits for its goroutine. It may take away a read
// deadline.
func (in *input) disarm() {
	if !in.armed {
		return
	}
	in.armed = false
	if in.timer.Stop() {
		return
	}
	_ = in.nc.SetReadDeadline(longAgo)
	<-in.done
	_ = in.nc.SetReadDeadline(time.Time{})
}

// watch reads ahead until the buffer is full, the connection has ended, or
// disarm interrupts it.
func (in *input) watch() {
	defer func() { in.done <- struct{}{} }()
	if in.r > 0 {
		in.w = copy(in.buf, in.buf[in.r:in.w])
		in.r = 0
	}
	for in.err == nil && in.w < len(in.buf) {
		n, err := in.nc.Read(in.buf[in.w:])
		in.w += n
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return
		}
		in.err = err
	}
	if in.err != nil {
		in.gone()
	}
}
