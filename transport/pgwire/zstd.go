package pgwire

import (
	"encoding/binary"
	"errors"
	"io"

	"github.com/klauspost/compress/zstd"
)

const (
	// zstdWindow is the largest window, as in ODBC's driver (ZSTD_WINDOWLOG_LIMIT).
	zstdWindow = 8 << 20
	// zstdBlock is the most that a block may hold, packed or not (RFC 8878,
	// 3.1.1.2.4).
	zstdBlock = 128 << 10
)

// zstdStream unpacks a frame that is flushed, and need not be ended, with each
// message. The library's decoder cannot go on after it has met the end of what has
// come; it is therefore given whole blocks alone, one at a time.
type zstdStream struct {
	dec     *zstd.Decoder
	in      []byte // has come and was not given to dec
	ready   []byte // is given to dec
	out     []byte
	inFrame bool
	sum     bool // the frame ends with a checksum
}

func (s *zstdStream) feed(body []byte) error {
	s.in = append(s.in, body...)
	return nil
}

// Read gives the decoder what is ready.
func (s *zstdStream) Read(p []byte) (int, error) {
	if len(s.ready) == 0 {
		return 0, io.ErrUnexpectedEOF
	}
	n := copy(p, s.ready)
	s.ready = s.ready[n:]
	return n, nil
}

func (s *zstdStream) next() ([]byte, error) {
	for {
		if !s.inFrame {
			if ok, err := s.header(); !ok || err != nil {
				return nil, err
			}
		}
		block, empty, ok, err := s.block()
		switch {
		case !ok || err != nil:
			return nil, err
		case empty:
			continue
		}
		s.ready = append(s.ready, block...)
		// The decoder gives what one block holds, and looks for the next one only
		// when it is asked again.
		if s.out == nil {
			s.out = make([]byte, zstdBlock+1)
		}
		n, err := s.dec.Read(s.out)
		if n == 0 || n > zstdBlock || err != nil && !errors.Is(err, io.EOF) || len(s.ready) > 0 {
			return nil, errPacked
		}
		return s.out[:n], nil
	}
}

// header begins a frame. It is not ok when the header is not there yet.
func (s *zstdStream) header() (ok bool, err error) {
	if len(s.in) == 0 {
		return false, nil
	}
	var h zstd.Header
	switch err := h.Decode(s.in); {
	case errors.Is(err, io.ErrUnexpectedEOF):
		if len(s.in) > zstd.HeaderMaxSize {
			return false, errPacked
		}
		return false, nil
	case err != nil || h.Skippable || h.HeaderSize > len(s.in) || h.WindowSize > zstdWindow || h.DictionaryID != 0:
		return false, errPacked
	}
	if s.dec == nil {
		// One goroutine, that of who reads, and no buffer ahead of it.
		s.dec, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(zstdWindow))
		if err != nil {
			return false, err
		}
	}
	if err := s.dec.Reset(s); err != nil {
		return false, err
	}
	s.ready = append(s.ready[:0], s.in[:h.HeaderSize]...)
	s.in = s.in[h.HeaderSize:]
	s.inFrame, s.sum = true, h.HasCheckSum
	return true, nil
}

// block takes the next block, with the checksum that may follow the last one. It
// is not ok when it is not there yet.
func (s *zstdStream) block() (block []byte, empty, ok bool, err error) {
	if len(s.in) < 3 {
		return nil, false, false, nil
	}
	const raw, runLength, reserved = 0, 1, 3
	head := binary.LittleEndian.Uint32([]byte{s.in[0], s.in[1], s.in[2], 0})
	last, kind, size := head&1 == 1, head>>1&3, int(head>>3)
	if kind == reserved || size > zstdBlock {
		return nil, false, false, errPacked
	}
	n := 3 + size
	if kind == runLength {
		n = 3 + 1
	}
	if last && s.sum {
		n += 4
	}
	if len(s.in) < n {
		return nil, false, false, nil
	}
	block, s.in = s.in[:n], s.in[n:]
	s.inFrame = !last
	return block, size == 0 && kind != 2, true, nil
}
