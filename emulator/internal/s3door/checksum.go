package s3door

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"hash"
	"hash/crc32"
	"hash/crc64"
	"math/bits"
	"strconv"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/objstore"
)

// The two ways in which a multipart upload's checksum is made.
const (
	fullObject = "FULL_OBJECT"
	composite  = "COMPOSITE"
)

// algorithm is one of S3's checksums ("Checking object integrity in Amazon S3").
type algorithm struct {
	name string
	new  func() hash.Hash
	// poly is a CRC's reversed polynomial, width its size in bits; 0 for digests.
	poly  uint64
	width int
	// types are the multipart types that it can have, the default first.
	types []string
}

// nvme is the reversed polynomial of CRC-64/NVME.
const nvme = 0x9a6c9329ac4bc9b5

var nvmeTable = crc64.MakeTable(nvme)

// defaultAlgorithm is what S3 computes when the client names none.
const defaultAlgorithm = "CRC64NVME"

var algorithms = []*algorithm{
	{name: "CRC32", new: func() hash.Hash { return crc32.NewIEEE() }, poly: crc32.IEEE, width: 32, types: []string{composite, fullObject}},
	{name: "CRC32C", new: func() hash.Hash { return crc32.New(crc32.MakeTable(crc32.Castagnoli)) }, poly: crc32.Castagnoli, width: 32, types: []string{composite, fullObject}},
	{name: "CRC64NVME", new: func() hash.Hash { return crc64.New(nvmeTable) }, poly: nvme, width: 64, types: []string{fullObject}},
	{name: "SHA1", new: sha1.New, types: []string{composite}},
	{name: "SHA256", new: sha256.New, types: []string{composite}},
}

func findAlgorithm(name string) *algorithm {
	for _, a := range algorithms {
		if strings.EqualFold(a.name, name) {
			return a
		}
	}
	return nil
}

// header is the name of the algorithm's header, in canonical form.
func (a *algorithm) header() string {
	return "X-Amz-Checksum-" + a.name[:1] + strings.ToLower(a.name[1:])
}

// byTrailer finds the algorithm of a trailer's name.
func byTrailer(name string) *algorithm {
	rest, ok := strings.CutPrefix(strings.ToLower(strings.TrimSpace(name)), "x-amz-checksum-")
	if !ok {
		return nil
	}
	return findAlgorithm(rest)
}

// valid says whether a value has the form of the algorithm's checksum.
func (a *algorithm) valid(value string) bool {
	b, err := base64.StdEncoding.DecodeString(value)
	return err == nil && len(b) == a.new().Size()
}

// join makes the checksum of an object from those of its parts.
func (a *algorithm) join(kind string, parts []objstore.Part) (objstore.Checksum, bool) {
	c := objstore.Checksum{Algorithm: a.name, Type: kind}
	sum := a.new()
	var crc uint64
	for i, p := range parts {
		raw, err := base64.StdEncoding.DecodeString(p.Checksum.Value)
		if err != nil || p.Checksum.Algorithm != a.name || len(raw) != sum.Size() {
			return objstore.Checksum{}, false
		}
		if kind == composite {
			sum.Write(raw)
			continue
		}
		n := bigEndian(raw)
		if i == 0 {
			crc = n
		} else {
			crc = a.combine(crc, n, p.Size)
		}
	}
	if kind == composite {
		c.Value = base64.StdEncoding.EncodeToString(sum.Sum(nil)) + "-" + strconv.Itoa(len(parts))
		return c, true
	}
	raw := make([]byte, 0, 8)
	for shift := a.width - 8; shift >= 0; shift -= 8 {
		raw = append(raw, byte(crc>>shift))
	}
	c.Value = base64.StdEncoding.EncodeToString(raw)
	return c, true
}

func bigEndian(b []byte) uint64 {
	var n uint64
	for _, x := range b {
		n = n<<8 | uint64(x)
	}
	return n
}

// combine is the CRC of two pieces from theirs: the first is moved by the length
// of the second, which is a multiplication by x^(8·length) modulo the polynomial.
// All values are bit-reversed, as the polynomials are.
func (a *algorithm) combine(first, second uint64, length int64) uint64 {
	// x^8 in reversed form, squared along the bits of the length.
	square := uint64(1) << (a.width - 1 - 8)
	for n := uint64(length); n > 0; n >>= 1 {
		if n&1 == 1 {
			first = a.multiply(first, square)
		}
		square = a.multiply(square, square)
	}
	return first ^ second
}

// multiply multiplies two polynomials modulo the CRC's.
func (a *algorithm) multiply(x, y uint64) uint64 {
	var product uint64
	top := uint64(1) << (a.width - 1)
	for ; y != 0 && x != 0; y &^= top {
		skip := bits.LeadingZeros64(y) - (64 - a.width)
		for range skip {
			x = a.timesX(x)
		}
		y <<= skip
		if a.width == 32 {
			y &= 0xffffffff
		}
		product ^= x
	}
	return product
}

func (a *algorithm) timesX(x uint64) uint64 {
	carry := x & 1
	x >>= 1
	if carry == 1 {
		x ^= a.poly
	}
	return x
}
