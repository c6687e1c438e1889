package pgwire

import (
	"errors"
	"slices"

	"github.com/pierrec/lz4/v4"
)

const (
	// lz4Window is how far back a block may refer.
	lz4Window = 64 << 10
	// lz4Piece is what is unpacked from a block at first; the drivers' blocks
	// hold 8 KB, or 16 at most.
	lz4Piece = 64 << 10
	// lz4Most is the most that a block may hold.
	lz4Most = 4 << 20
)

var errPacked = &protocolError{"compressed data cannot be unpacked"}

// lz4Stream unpacks blocks without a frame, each of which may refer to what those
// before it held.
type lz4Stream struct {
	buf  []byte // what was unpacked; its end is the window
	body []byte
}

func (s *lz4Stream) feed(body []byte) error {
	s.body = body
	return nil
}

func (s *lz4Stream) next() ([]byte, error) {
	if len(s.body) == 0 {
		return nil, nil
	}
	body := s.body
	s.body = nil
	out, err := s.unpack(body, lz4Piece)
	if errors.Is(err, lz4.ErrInvalidSourceShortBuffer) { // which may mean anything
		if most := min(255*len(body), lz4Most); most > lz4Piece {
			out, err = s.unpack(body, most)
		}
	}
	if err != nil {
		return nil, errPacked
	}
	return out, nil
}

// unpack unpacks at most size bytes behind the window.
func (s *lz4Stream) unpack(body []byte, size int) ([]byte, error) {
	if cap(s.buf)-len(s.buf) < size {
		window := s.buf[max(0, len(s.buf)-lz4Window):]
		if need := lz4Window + size; cap(s.buf) < need || cap(s.buf) > 2*(lz4Window+lz4Piece) {
			s.buf = append(make([]byte, 0, max(need, 2*(lz4Window+lz4Piece))), window...)
		} else {
			s.buf = s.buf[:copy(s.buf[:lz4Window], window)]
		}
	}
	at := len(s.buf)
	n, err := lz4.UncompressBlockWithDict(body, s.buf[at:at+size:at+size], s.buf[max(0, at-lz4Window):at:at])
	if err != nil {
		return nil, err
	}
	s.buf = s.buf[:at+n]
	return slices.Clip(s.buf[at:]), nil
}
