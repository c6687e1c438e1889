package scalar

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"math/big"
	"math/bits"
	"strconv"
	"strings"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// crc32c is CRC32, of the polynomial of CRC-32C (crc32-function.md).
func crc32c(args []string) (string, bool, error) {
	return fmt.Sprintf("%08x", crc32.Checksum([]byte(args[0]), castagnoli)), true, nil
}

// sha2 is SHA2 of so many bits; 0 is 256, and other sizes give "" (SHA2.md).
func sha2(args []string) (string, bool, error) {
	data := []byte(args[0])
	switch args[1] {
	case "224":
		sum := sha256.Sum224(data)
		return hex.EncodeToString(sum[:]), true, nil
	case "0", "256":
		sum := sha256.Sum256(data)
		return hex.EncodeToString(sum[:]), true, nil
	case "384":
		sum := sha512.Sum384(data)
		return hex.EncodeToString(sum[:]), true, nil
	case "512":
		sum := sha512.Sum512(data)
		return hex.EncodeToString(sum[:]), true, nil
	}
	return "", true, nil
}

// binaryForm is the value that the hash functions see: a letter for its type, a colon
// and its text. 2, 4 and 8 are integers of so many bytes, f and d floats of 4 and 8,
// b a boolean, x bytes in hexadecimal, n a decimal without its point, t a text.
func binaryForm(s string) ([]byte, error) {
	if len(s) < 2 || s[1] != ':' {
		return nil, errors.New("XX000: a hash of what has no type")
	}
	kind, text := s[0], s[2:]
	switch kind {
	case 't':
		return []byte(text), nil
	case 'x':
		return hex.DecodeString(text)
	case 'b':
		if text == "true" {
			return []byte{1}, nil
		}
		return []byte{0}, nil
	case '2', '4', '8':
		n, err := strconv.ParseInt(text, 10, 64)
		return binary.LittleEndian.AppendUint64(nil, uint64(n))[:kind-'0'], err
	case 'f':
		f, err := strconv.ParseFloat(text, 32)
		return binary.LittleEndian.AppendUint32(nil, math.Float32bits(float32(f))), err
	case 'd':
		f, err := strconv.ParseFloat(text, 64)
		return binary.LittleEndian.AppendUint64(nil, math.Float64bits(f)), err
	}
	return nil, fmt.Errorf("XX000: a hash of type %q", kind)
}

// fnvHash is the 64-bit FNV-1a of a value in its binary form, from a seed on
// (r_FNV_HASH.md). The seed is "" for FNV's own.
func fnvHash(args []string) (string, bool, error) {
	data, err := binaryForm(args[0])
	if err != nil {
		return "", false, err
	}
	h := uint64(14695981039346656037)
	if args[1] != "" {
		seed, err := strconv.ParseInt(args[1], 10, 64)
		if err != nil {
			return "", false, err
		}
		h = uint64(seed)
	}
	for _, c := range data {
		h = (h ^ uint64(c)) * 1099511628211
	}
	return strconv.FormatInt(int64(h), 10), true, nil
}

// icebergForm is binaryForm as Iceberg's specification of hashes has it: integers of
// eight bytes, decimals as the shortest two's complement of their digits.
func icebergForm(s string) ([]byte, error) {
	if len(s) < 2 {
		return binaryForm(s)
	}
	switch s[0] {
	case '2', '4':
		return binaryForm("8" + s[1:])
	case 'b':
		return binaryForm("8:" + map[bool]string{true: "1", false: "0"}[s[2:] == "true"])
	case 'f':
		return binaryForm("d" + s[1:])
	case 'n':
		n, ok := new(big.Int).SetString(strings.Replace(s[2:], ".", "", 1), 10)
		if !ok {
			return nil, errors.New("XX000: a hash of what is no number")
		}
		size := n.BitLen()/8 + 1
		if n.Sign() < 0 {
			size = new(big.Int).Not(n).BitLen()/8 + 1
			n = n.Add(n, new(big.Int).Lsh(big.NewInt(1), uint(size)*8))
		}
		return n.FillBytes(make([]byte, size)), nil
	}
	return binaryForm(s)
}

// murmur3 is the 32-bit Murmur3A of a value in Iceberg's binary form
// (MURMUR3_32_HASH.md).
func murmur3(args []string) (string, bool, error) {
	data, err := icebergForm(args[0])
	if err != nil {
		return "", false, err
	}
	seed, err := strconv.ParseInt(args[1], 10, 64)
	if err != nil {
		return "", false, err
	}
	const c1, c2 = 0xcc9e2d51, 0x1b873593
	h, n := uint32(seed), uint32(len(data))
	for ; len(data) >= 4; data = data[4:] {
		k := binary.LittleEndian.Uint32(data) * c1
		h ^= bits.RotateLeft32(k, 15) * c2
		h = bits.RotateLeft32(h, 13)*5 + 0xe6546b64
	}
	var k uint32
	for i := len(data) - 1; i >= 0; i-- {
		k = k<<8 | uint32(data[i])
	}
	h ^= bits.RotateLeft32(k*c1, 15) * c2
	h ^= n
	h ^= h >> 16
	h *= 0x85ebca6b
	h ^= h >> 13
	h *= 0xc2b2ae35
	h ^= h >> 16
	return strconv.FormatInt(int64(int32(h)), 10), true, nil
}

// getBit is a bit of bytes in hexadecimal, from the rightmost on (r_GETBIT.md).
func getBit(args []string) (string, bool, error) {
	data, err := hex.DecodeString(args[0])
	if err != nil {
		return "", false, err
	}
	n, err := strconv.Atoi(args[1])
	if err != nil || n < 0 || n >= len(data)*8 {
		return "", false, fmt.Errorf("2202E: index %s out of valid range, 0..%d", args[1], len(data)*8-1)
	}
	return strconv.Itoa(int(data[len(data)-1-n/8] >> (n % 8) & 1)), true, nil
}

// bitsToHex reads zeros and ones, with as many zeros in front as make whole bytes.
func bitsToHex(args []string) (string, bool, error) {
	bits := strings.Repeat("0", (8-len(args[0])%8)%8) + args[0]
	out := make([]byte, 0, len(bits)/8)
	for ; bits != ""; bits = bits[8:] {
		n, err := strconv.ParseUint(bits[:8], 2, 8)
		if err != nil {
			return "", false, fmt.Errorf("22P02: invalid input syntax for type varbyte: %q", args[0])
		}
		out = append(out, byte(n))
	}
	return hex.EncodeToString(out), true, nil
}

// hexToBits writes bytes as zeros and ones.
func hexToBits(args []string) (string, bool, error) {
	data, err := hex.DecodeString(args[0])
	if err != nil {
		return "", false, err
	}
	var out strings.Builder
	for _, c := range data {
		fmt.Fprintf(&out, "%08b", c)
	}
	return out.String(), true, nil
}

// place is a number below limit.
func place(text string, limit int) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n >= limit {
		return 0, fmt.Errorf("2202E: index %s out of valid range, 0..%d", text, limit-1)
	}
	return n, nil
}

// escaped writes bytes as PostgreSQL prints a bytea.
func escaped(data []byte) string {
	var out strings.Builder
	for _, c := range data {
		switch {
		case c == '\\':
			out.WriteString(`\\`)
		case c < 0x20 || c > 0x7e:
			fmt.Fprintf(&out, "\\%03o", c)
		default:
			out.WriteByte(c)
		}
	}
	return out.String()
}

// getByte is GET_BYTE of a text's bytes, from 0.
func getByte(args []string) (string, bool, error) {
	n, err := place(args[1], len(args[0]))
	if err != nil {
		return "", false, err
	}
	return strconv.Itoa(int(args[0][n])), true, nil
}

// setByte is SET_BYTE.
func setByte(args []string) (string, bool, error) {
	n, err := place(args[1], len(args[0]))
	if err != nil {
		return "", false, err
	}
	v, err := strconv.Atoi(args[2])
	data := []byte(args[0])
	data[n] = byte(v)
	return escaped(data), true, err
}

// setBit is SET_BIT, whose bits count from the lowest of the first byte.
func setBit(args []string) (string, bool, error) {
	n, err := place(args[1], len(args[0])*8)
	if err != nil {
		return "", false, err
	}
	data := []byte(args[0])
	switch args[2] {
	case "0":
		data[n/8] &^= 1 << (n % 8)
	case "1":
		data[n/8] |= 1 << (n % 8)
	default:
		return "", false, errors.New("22023: new bit must be 0 or 1")
	}
	return escaped(data), true, nil
}
