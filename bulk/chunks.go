package bulk

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"sync"
)

// chunkBytes is the size of the pieces of a file in memory.
const chunkBytes = 256 << 10

// chunkPool holds pieces that are not in use. A file of them has no room to spare,
// as a growing slice has, and what one file gives back is another's.
var chunkPool = sync.Pool{New: func() any { return new([chunkBytes]byte) }}

// chunks is a file in memory. It is written, then read any number of times, then
// released.
type chunks struct {
	list []*[chunkBytes]byte
	n    int
}

// Len is the number of bytes.
func (c *chunks) Len() int { return c.n }

// Write implements io.Writer; it does not fail.
func (c *chunks) Write(p []byte) (int, error) {
	written := len(p)
	for len(p) > 0 {
		at := c.n % chunkBytes
		if at == 0 && c.n/chunkBytes == len(c.list) {
			c.list = append(c.list, chunkPool.Get().(*[chunkBytes]byte))
		}
		n := copy(c.list[len(c.list)-1][at:], p)
		c.n += n
		p = p[n:]
	}
	return written, nil
}

// release empties it.
func (c *chunks) release() {
	for _, piece := range c.list {
		chunkPool.Put(piece)
	}
	c.list, c.n = c.list[:0], 0
}

// reader reads it from the start. It can be sought, so that nobody needs a copy.
func (c *chunks) reader() io.ReadSeeker { return &chunksReader{c: c} }

type chunksReader struct {
	c  *chunks
	at int
}

// Read implements io.Reader.
func (r *chunksReader) Read(p []byte) (int, error) {
	if r.at == r.c.n {
		return 0, io.EOF
	}
	end := min(r.c.n-r.at/chunkBytes*chunkBytes, chunkBytes)
	n := copy(p, r.c.list[r.at/chunkBytes][r.at%chunkBytes:end])
	r.at += n
	return n, nil
}

// Seek implements io.Seeker.
func (r *chunksReader) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += int64(r.at)
	case io.SeekEnd:
		offset += int64(r.c.n)
	}
	if offset < 0 || offset > int64(r.c.n) {
		return 0, errors.New("bulk: a seek out of the file")
	}
	r.at = int(offset)
	return offset, nil
}

// contentName tells files with other content apart.
func (c *chunks) contentName() string {
	sum := sha256.New()
	for i, piece := range c.list {
		sum.Write(piece[:min(c.n-i*chunkBytes, chunkBytes)])
	}
	return "-" + hex.EncodeToString(sum.Sum(nil)[:16])
}
