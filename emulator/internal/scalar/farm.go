package scalar

import (
	"encoding/binary"
	"encoding/hex"
	"math/bits"
	"strconv"
)

// The constants of FarmHash.
const (
	farmK0 = 0xc3a5c85c97cb3127
	farmK1 = 0xb492b66fbe98f273
	farmK2 = 0x9ae16a3b2f90404f
)

// farmFingerprint is FarmHash's Fingerprint64, signed (FARMFINGERPRINT64.md); the
// value is a text behind t: or bytes in hexadecimal behind x:.
func farmFingerprint(args []string) (string, bool, error) {
	data := []byte(args[0][2:])
	if args[0][0] == 'x' {
		var err error
		if data, err = hex.DecodeString(args[0][2:]); err != nil {
			return "", false, err
		}
	}
	return strconv.FormatInt(int64(farm64(data)), 10), true, nil
}

func fetch64(s []byte) uint64 { return binary.LittleEndian.Uint64(s) }
func fetch32(s []byte) uint64 { return uint64(binary.LittleEndian.Uint32(s)) }
func ror(x uint64, n int) uint64 {
	return bits.RotateLeft64(x, -n)
}
func shiftMix(x uint64) uint64 { return x ^ x>>47 }

func farmLen16(u, v, mul uint64) uint64 {
	a := (u ^ v) * mul
	a ^= a >> 47
	b := (v ^ a) * mul
	b ^= b >> 47
	return b * mul
}

func farm64(s []byte) uint64 {
	n := uint64(len(s))
	mul := farmK2 + n*2
	switch {
	case n == 0:
		return farmK2
	case n < 4:
		y := uint64(s[0]) + uint64(s[n>>1])<<8
		z := n + uint64(s[n-1])<<2
		return shiftMix(y*farmK2^z*farmK0) * farmK2
	case n < 8:
		return farmLen16(n+fetch32(s)<<3, fetch32(s[n-4:]), mul)
	case n <= 16:
		a := fetch64(s) + farmK2
		b := fetch64(s[n-8:])
		c := ror(b, 37)*mul + a
		d := (ror(a, 25) + b) * mul
		return farmLen16(c, d, mul)
	case n <= 32:
		a := fetch64(s) * farmK1
		b := fetch64(s[8:])
		c := fetch64(s[n-8:]) * mul
		d := fetch64(s[n-16:]) * farmK2
		return farmLen16(ror(a+b, 43)+ror(c, 30)+d, a+ror(b+farmK2, 18)+c, mul)
	case n <= 64:
		a := fetch64(s) * farmK2
		b := fetch64(s[8:])
		c := fetch64(s[n-8:]) * mul
		d := fetch64(s[n-16:]) * farmK2
		y := ror(a+b, 43) + ror(c, 30) + d
		z := farmLen16(y, a+ror(b+farmK2, 18)+c, mul)
		e := fetch64(s[16:]) * mul
		f := fetch64(s[24:])
		g := (y + fetch64(s[n-32:])) * mul
		h := (z + fetch64(s[n-24:])) * mul
		return farmLen16(ror(e+f, 43)+ror(g, 30)+h, e+ror(f+a, 18)+g, mul)
	}
	return farmLong(s)
}

type pair struct{ a, b uint64 }

func farmWeak(s []byte, a, b uint64) pair {
	w, x, y, z := fetch64(s), fetch64(s[8:]), fetch64(s[16:]), fetch64(s[24:])
	a += w
	b = ror(b+a+z, 21)
	c := a
	a += x + y
	b += ror(a, 44)
	return pair{a + z, b + c}
}

func farmLong(s []byte) uint64 {
	n, seed := len(s), uint64(81)
	x, y := seed, seed*farmK1+113
	z := shiftMix(y*farmK2+113) * farmK2
	var v, w pair
	x = x*farmK2 + fetch64(s)
	tail := s[n-64:]
	for len(s) > 64 {
		x = ror(x+y+v.a+fetch64(s[8:]), 37) * farmK1
		y = ror(y+v.b+fetch64(s[48:]), 42) * farmK1
		x ^= w.b
		y += v.a + fetch64(s[40:])
		z = ror(z+w.a, 33) * farmK1
		v = farmWeak(s, v.b*farmK1, x+w.a)
		w = farmWeak(s[32:], z+w.b, y+fetch64(s[16:]))
		x, z = z, x
		s = s[64:]
	}
	mul := farmK1 + z&0xff<<1
	s = tail
	w.a += uint64(n-1) & 63
	v.a += w.a
	w.a += v.a
	x = ror(x+y+v.a+fetch64(s[8:]), 37) * mul
	y = ror(y+v.b+fetch64(s[48:]), 42) * mul
	x ^= w.b * 9
	y += v.a*9 + fetch64(s[40:])
	z = ror(z+w.a, 33) * mul
	v = farmWeak(s, v.b*mul, x+w.a)
	w = farmWeak(s[32:], z+w.b, y+fetch64(s[16:]))
	x, z = z, x
	return farmLen16(farmLen16(v.a, w.a, mul)+shiftMix(y)*farmK0+z, farmLen16(v.b, w.b, mul)+x, mul)
}
