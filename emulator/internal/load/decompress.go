package load

import (
	"bufio"
	"compress/bzip2"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/llm-dev-ops/redshift/internal/redshiftsql/copycmd"
)

// brokenError says that a file is not compressed as the option says, or is damaged.
type brokenError struct {
	compression copycmd.Compression
	cause       error
}

func (e *brokenError) Error() string {
	return fmt.Sprintf("invalid %s data: %v", e.compression, e.cause)
}

func (e *brokenError) Unwrap() error { return e.cause }

// decompressed reads r's bytes, decompressed; the close function releases what that
// takes. Files of several members are read to their end; an empty file is empty data.
func decompressed(r io.Reader, c copycmd.Compression) (io.Reader, func(), error) {
	if c == copycmd.CompressionNone {
		return r, func() {}, nil
	}
	b := bufio.NewReaderSize(r, 128<<10)
	if _, err := b.Peek(1); err == io.EOF {
		return b, func() {}, nil
	} else if err != nil {
		return nil, nil, err
	}
	source := &marked{r: b}
	out := &unpacker{source: source, compression: c}
	switch c {
	case copycmd.Gzip:
		g, err := gzip.NewReader(source)
		if err != nil {
			return nil, nil, out.failure(err)
		}
		out.r = g
		return out, func() { _ = g.Close() }, nil
	case copycmd.Zstd:
		// The window of `zstd --ultra -22`; more is a bomb or a mistake.
		z, err := zstd.NewReader(source, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(128<<20))
		if err != nil {
			return nil, nil, out.failure(err)
		}
		out.r = z
		return out, z.Close, nil
	case copycmd.Bzip2:
		out.r = bzip2.NewReader(source)
		return out, func() {}, nil
	case copycmd.Lzop:
		out.r = &lzopReader{r: source}
		return out, func() {}, nil
	}
	return nil, nil, notYet(c.String())
}

// marked remembers the error of the file below a decompressor.
type marked struct {
	r   *bufio.Reader
	err error
}

func (m *marked) Read(p []byte) (int, error) {
	n, err := m.r.Read(p)
	if err != nil && err != io.EOF {
		m.err = err
	}
	return n, err
}

// ReadByte spares the decompressors a buffer of their own.
func (m *marked) ReadByte() (byte, error) {
	c, err := m.r.ReadByte()
	if err != nil && err != io.EOF {
		m.err = err
	}
	return c, err
}

// unpacker tells broken data from a file that cannot be read.
type unpacker struct {
	r           io.Reader
	source      *marked
	compression copycmd.Compression
}

func (u *unpacker) Read(p []byte) (int, error) {
	n, err := u.r.Read(p)
	if err != nil && err != io.EOF {
		err = u.failure(err)
	}
	return n, err
}

func (u *unpacker) failure(err error) error {
	if u.source.err != nil {
		return u.source.err
	}
	return &brokenError{u.compression, err}
}
