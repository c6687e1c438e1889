package s3door

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
)

// chunkedReader decodes the body of an "aws-chunked" request ("Signature
// calculations for the Authorization header: transferring payload in multiple
// chunks" in the S3 API Reference):
//
//	hex-size[;chunk-signature=…]\r\n bytes \r\n … 0[;…]\r\n [name:value\r\n …] \r\n
//
// Signatures are not looked at here.
type chunkedReader struct {
	r       *bufio.Reader
	left    int64
	state   chunkState
	err     error
	trailer map[string]string // by lower-case name, complete at io.EOF
}

type chunkState int

const (
	chunkHeader chunkState = iota
	chunkBody
	chunkEnd
)

const (
	maxChunkLine = 1024
	maxTrailers  = 16
	maxChunkSize = 1 << 40
)

func newChunkedReader(r io.Reader) *chunkedReader {
	return &chunkedReader{r: bufio.NewReaderSize(r, 64<<10), trailer: map[string]string{}}
}

// Read returns the bytes of the chunks. Its errors are *Error.
func (c *chunkedReader) Read(p []byte) (int, error) {
	if c.err != nil {
		return 0, c.err
	}
	if len(p) == 0 {
		return 0, nil
	}
	n, err := c.read(p)
	c.err = err
	return n, err
}

func (c *chunkedReader) read(p []byte) (int, error) {
	for {
		switch c.state {
		case chunkHeader:
			size, err := c.header()
			if err != nil {
				return 0, err
			}
			if size == 0 {
				return 0, c.trailers()
			}
			c.left, c.state = size, chunkBody
		case chunkBody:
			if int64(len(p)) > c.left {
				p = p[:c.left]
			}
			n, err := c.r.Read(p)
			c.left -= int64(n)
			if c.left == 0 {
				c.state = chunkEnd
			}
			if n > 0 {
				return n, nil
			}
			if err != nil {
				return 0, cutShort(err)
			}
		case chunkEnd:
			line, err := c.line()
			if err != nil {
				return 0, cutShort(err)
			}
			if line != "" {
				return 0, fail(codeInvalidRequest, "A chunk is longer than it says.")
			}
			c.state = chunkHeader
		}
	}
}

func (c *chunkedReader) header() (int64, error) {
	line, err := c.line()
	if err != nil {
		return 0, cutShort(err)
	}
	digits, ext, _ := strings.Cut(line, ";")
	if ext != "" && !strings.HasPrefix(ext, "chunk-signature=") {
		return 0, fail(codeInvalidRequest, "A chunk has an unknown extension.")
	}
	size, ok := parseHex(digits)
	if !ok || size > maxChunkSize {
		return 0, fail(codeInvalidRequest, "A chunk's size is not a hexadecimal number.")
	}
	return size, nil
}

func parseHex(s string) (int64, bool) {
	if s == "" || len(s) > 15 {
		return 0, false
	}
	var n int64
	for i := range len(s) {
		d := strings.IndexByte("0123456789abcdef", s[i]|0x20)
		if d < 0 || s[i] < '0' {
			return 0, false
		}
		n = n<<4 | int64(d)
	}
	return n, true
}

// trailers reads up to the empty line or the end of the body and returns io.EOF
// when all is well.
func (c *chunkedReader) trailers() error {
	for {
		line, err := c.line()
		if errors.Is(err, io.EOF) {
			return io.EOF
		}
		if err != nil {
			return cutShort(err)
		}
		if line == "" {
			// A signed trailer may come behind an empty line.
			if _, err := c.r.Peek(1); err != nil {
				return io.EOF
			}
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok || len(c.trailer) == maxTrailers {
			return fail(codeMalformedTrailer, "")
		}
		c.trailer[strings.ToLower(strings.TrimSpace(name))] = strings.TrimSpace(value)
	}
}

// line reads to the next line feed and drops a carriage return before it. It
// returns io.EOF only when nothing is left.
func (c *chunkedReader) line() (string, error) {
	var line []byte
	for {
		part, err := c.r.ReadSlice('\n')
		line = append(line, part...)
		if len(line) > maxChunkLine {
			return "", fail(codeInvalidRequest, "A line between chunks is too long.")
		}
		switch {
		case err == nil:
			return string(bytes.TrimSuffix(line[:len(line)-1], []byte("\r"))), nil
		case errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF) && len(line) > 0:
			return "", io.ErrUnexpectedEOF
		default:
			return "", err
		}
	}
}

// cutShort is the answer to a body that ends early or cannot be read.
func cutShort(err error) error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return fail(codeIncompleteBody, "")
}
