package load

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"hash/adler32"
	"hash/crc32"
	"io"

	"github.com/anchore/go-lzo"
)

// The flags of a file of lzop that say what is in it.
const (
	lzopAdlerPlain  = 1 << 0
	lzopAdlerPacked = 1 << 1
	lzopExtra       = 1 << 6
	lzopCRCPlain    = 1 << 8
	lzopCRCPacked   = 1 << 9
	lzopMultipart   = 1 << 10
	lzopFilter      = 1 << 11
	lzopHeaderCRC   = 1 << 12
)

const (
	lzopMagic = "\x89LZO\x00\r\n\x1a\n"
	// lzopBlock is the longest block that lzop makes or reads.
	lzopBlock = 64 << 20
)

// lzopReader reads files of lzop, several behind each other too. Every checksum
// that is there is compared.
type lzopReader struct {
	r      io.Reader
	flags  uint32
	within bool // in a member, behind its header
	packed []byte
	plain  []byte
	rest   []byte
	err    error
}

func (z *lzopReader) Read(p []byte) (int, error) {
	for len(z.rest) == 0 && z.err == nil {
		if z.within {
			z.err = z.block()
		} else {
			z.err = z.header()
		}
	}
	if len(z.rest) == 0 {
		return 0, z.err
	}
	n := copy(p, z.rest)
	z.rest = z.rest[n:]
	return n, nil
}

// lzopHeader reads a header's numbers and keeps its bytes for the checksum.
type lzopHeader struct {
	r     io.Reader
	bytes []byte
	err   error
}

func (h *lzopHeader) take(n int) []byte {
	from := len(h.bytes)
	h.bytes = append(h.bytes, make([]byte, n)...)
	if h.err == nil {
		_, h.err = io.ReadFull(h.r, h.bytes[from:])
	}
	return h.bytes[from:]
}

func (h *lzopHeader) byte() byte     { return h.take(1)[0] }
func (h *lzopHeader) short() uint16  { return binary.BigEndian.Uint16(h.take(2)) }
func (h *lzopHeader) number() uint32 { return binary.BigEndian.Uint32(h.take(4)) }

// header reads what a member begins with; the end of the file may stand in its place.
func (z *lzopReader) header() error {
	var magic [len(lzopMagic)]byte
	if n, err := io.ReadFull(z.r, magic[:]); n == 0 && err == io.EOF {
		return io.EOF
	} else if err != nil || string(magic[:]) != lzopMagic {
		return errors.Join(errors.New("not a file of lzop"), err)
	}
	h := &lzopHeader{r: z.r}
	version := h.short()
	h.short() // of the library
	current := version >= 0x0940
	if current {
		h.short() // needed to extract
	}
	method := h.byte()
	if current {
		h.byte() // level
	}
	z.flags = h.number()
	h.number() // mode
	h.number() // time
	if current {
		h.number()
	}
	h.take(int(h.byte())) // name
	sum := h.sum(z.flags)
	switch {
	case h.err != nil:
		return unexpected(h.err)
	case h.number() != sum:
		return errors.New("the header's checksum is wrong")
	case method < 1 || method > 3:
		return fmt.Errorf("unknown method %d", method)
	case z.flags&(lzopFilter|lzopMultipart) != 0:
		// "don't use the --filter option" (copy-parameters-file-compression).
		return errors.New("filters and multipart archives are not read")
	}
	if z.flags&lzopExtra != 0 {
		extra := &lzopHeader{r: z.r}
		n := extra.number()
		if n > 1<<20 {
			return errors.New("the extra field is too long")
		}
		extra.take(int(n))
		if sum := extra.sum(z.flags); extra.number() != sum || extra.err != nil {
			return errors.Join(errors.New("the extra field is damaged"), unexpected(extra.err))
		}
	}
	z.within = true
	return unexpected(h.err)
}

func (h *lzopHeader) sum(flags uint32) uint32 {
	if flags&lzopHeaderCRC != 0 {
		return crc32.ChecksumIEEE(h.bytes)
	}
	return adler32.Checksum(h.bytes)
}

func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// block reads a block, or the end of a member.
func (z *lzopReader) block() error {
	h := &lzopHeader{r: z.r}
	long := h.number()
	if h.err != nil {
		return unexpected(h.err)
	}
	if long == 0 {
		z.within = false
		return nil
	}
	short := h.number()
	if long > lzopBlock || short > long {
		return errors.New("a block is too long")
	}
	var plain, packed []lzopSum
	add := func(to *[]lzopSum, flag uint32, h32 hash.Hash32) {
		if z.flags&flag != 0 {
			*to = append(*to, lzopSum{h32, h.number()})
		}
	}
	add(&plain, lzopAdlerPlain, adler32.New())
	add(&plain, lzopCRCPlain, crc32.NewIEEE())
	if short < long {
		add(&packed, lzopAdlerPacked, adler32.New())
		add(&packed, lzopCRCPacked, crc32.NewIEEE())
	}
	if h.err != nil {
		return unexpected(h.err)
	}
	// The length is not believed before its bytes are there.
	var err error
	if z.packed, err = readUpTo(z.packed[:0], z.r, int(short)); err != nil {
		return unexpected(err)
	}
	if short == long {
		z.rest = z.packed
	} else {
		if err := verify(packed, z.packed); err != nil {
			return err
		}
		if cap(z.plain) < int(long) {
			z.plain = make([]byte, long)
		}
		n, err := lzo.Decompress(z.packed, z.plain[:long])
		if err != nil {
			return err
		}
		if n != int(long) {
			return errors.New("a block is shorter than it says")
		}
		z.rest = z.plain[:n]
	}
	if err := verify(plain, z.rest); err != nil {
		z.rest = nil
		return err
	}
	return nil
}

type lzopSum struct {
	hash hash.Hash32
	want uint32
}

func verify(sums []lzopSum, data []byte) error {
	for _, s := range sums {
		_, _ = s.hash.Write(data) // never fails
		if s.hash.Sum32() != s.want {
			return errors.New("a block's checksum is wrong")
		}
	}
	return nil
}

// readUpTo appends n bytes of r, growing as they come.
func readUpTo(dst []byte, r io.Reader, n int) ([]byte, error) {
	for n > 0 {
		step := min(n, 1<<20)
		from := len(dst)
		dst = append(dst, make([]byte, step)...)
		if _, err := io.ReadFull(r, dst[from:]); err != nil {
			return dst[:from], err
		}
		n -= step
	}
	return dst, nil
}
