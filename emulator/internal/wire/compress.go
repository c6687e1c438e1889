package wire

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

// compressionOption is the protocol extension with which a client asks for compressed
// rows. What is known of it is what AWS's drivers do: ODBC's (fe-connect.c,
// zpq_stream.c) and JDBC's (CompressedInputStream).
const compressionOption = protocolOption + "compression"

// The messages of compression.
const (
	compressedData   = 'm'
	setCompression   = 'k'
	compressionAgree = 'z'
)

const (
	// compressFrom is the shortest message that is compressed (ZPQ_COMPRESS_THRESHOLD).
	compressFrom = 60
	// lz4Piece is how much is in one block of LZ4: ODBC's driver has room for no more
	// (MESSAGE_MAX_BYTES).
	lz4Piece = 8192
	// zstdPiece is how much is flushed at once of zstd.
	zstdPiece = 128 << 10
	// zstdWindow is a window that the driver's decoder takes (ZSTD_WINDOWLOG_LIMIT).
	zstdWindow = 1 << 20
)

// compressor packs the rows of one connection.
type compressor struct {
	names  []string // of the methods that the client knows, in its order; the first is used
	levels []int
	set    bool // the client was told
	lz4    lz4.Compressor
	zstd   *zstd.Encoder
	packed bytes.Buffer
}

// agree reads what a client knows, like "lz4:1,zstd:3". Other methods are passed
// over; nil is a list that cannot be read or has none of ours.
func agree(list string) *compressor {
	var c compressor
	for item := range strings.SplitSeq(list, ",") {
		name, digits, found := strings.Cut(item, ":")
		level := 1
		if found {
			var err error
			if level, err = strconv.Atoi(digits); err != nil {
				return nil
			}
		}
		switch name = strings.ToLower(name); name {
		case "lz4", "zstd":
			for _, known := range c.names {
				if known == name {
					return nil
				}
			}
			c.names, c.levels = append(c.names, name), append(c.levels, level)
		}
	}
	if len(c.names) == 0 {
		return nil
	}
	return &c
}

// acknowledgement is what the client is told: what will be used of its list. It ends
// with a zero byte, which ODBC's driver needs.
func (c *compressor) acknowledgement() string {
	var b strings.Builder
	if c != nil {
		for i, name := range c.names {
			if i > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(&b, "%s:%d", name, c.levels[i])
		}
	}
	b.WriteByte(0)
	return b.String()
}

// pack appends whole messages to dst, the rows among them compressed.
func (c *compressor) pack(dst, messages []byte) ([]byte, error) {
	for len(messages) > 0 {
		n, rows := run(messages)
		if !rows {
			dst = append(dst, messages[:n]...)
		} else {
			var err error
			if dst, err = c.packRows(dst, messages[:n]); err != nil {
				return nil, err
			}
		}
		messages = messages[n:]
	}
	return dst, nil
}

// run is the length of the messages at the front that are compressed, or of those that
// are not.
func run(messages []byte) (n int, rows bool) {
	for len(messages)-n >= 5 {
		size := int(binary.BigEndian.Uint32(messages[n+1:]))
		is := messages[n] == 'D' && size >= compressFrom
		if n == 0 {
			rows = is
		} else if is != rows {
			break
		}
		n += 1 + size
	}
	return n, rows
}

func (c *compressor) packRows(dst, rows []byte) ([]byte, error) {
	if !c.set {
		c.set = true
		dst = append(dst, setCompression, 0, 0, 0, 5, 0)
	}
	piece := zstdPiece
	if c.names[0] == "lz4" {
		piece = lz4Piece
	}
	for len(rows) > 0 {
		n := min(len(rows), piece)
		at := len(dst)
		dst = append(dst, compressedData, 0, 0, 0, 0)
		var err error
		if c.names[0] == "lz4" {
			dst, err = c.packLZ4(dst, rows[:n])
		} else {
			dst, err = c.packZstd(dst, rows[:n])
		}
		if err != nil {
			return nil, err
		}
		binary.BigEndian.PutUint32(dst[at+1:], uint32(len(dst)-at-1))
		rows = rows[n:]
	}
	return dst, nil
}

// packLZ4 appends a block. It refers to nothing before it, which a block of a stream
// may but need not: the library has no such compressor.
func (c *compressor) packLZ4(dst, rows []byte) ([]byte, error) {
	bound := lz4.CompressBlockBound(len(rows))
	at := len(dst)
	for cap(dst)-at < bound {
		dst = append(dst[:cap(dst)], 0)
	}
	n, err := c.lz4.CompressBlock(rows, dst[at:at+bound])
	return dst[:at+n], err
}

// packZstd appends what more of the one frame there is.
func (c *compressor) packZstd(dst, rows []byte) ([]byte, error) {
	if c.zstd == nil {
		var err error
		c.zstd, err = zstd.NewWriter(&c.packed, zstd.WithEncoderConcurrency(1), zstd.WithEncoderCRC(false),
			zstd.WithWindowSize(zstdWindow), zstd.WithLowerEncoderMem(true), zstd.WithEncoderLevel(zstd.EncoderLevelFromZstd(c.levels[0])))
		if err != nil {
			return nil, err
		}
	}
	c.packed.Reset()
	if _, err := c.zstd.Write(rows); err != nil {
		return nil, err
	}
	if err := c.zstd.Flush(); err != nil {
		return nil, err
	}
	return append(dst, c.packed.Bytes()...), nil
}
