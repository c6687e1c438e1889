// Package sketch is the HyperLogLog sketch of Redshift's HLLSKETCH: its texts, sparse as
// JSON and dense in Base64, its union and its estimate.
//
// Redshift's hash is not documented and none of the usual ones gives the sketches of the
// guide's examples, so those made here estimate as well but are not the same. Sketches
// that were unloaded from Redshift combine with each other.
package sketch

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"math"
	"math/bits"
	"slices"
	"strconv"
	"strings"
)

const (
	precision = 15                    // logm, of which Redshift has no other (hyperloglog-functions-limitations.md)
	fine      = 26                    // bits of a sparse index (hyperloglog-overview.md)
	registers = 1 << precision        // of a dense sketch, six bits each
	most      = registers * 6 / 8 / 4 // sparse entries that need no more room than a dense sketch: assumed to be four bytes each
	largest   = 63                    // value of six bits
)

// Sketch is a set's sketch. The zero value is that of the empty set. It is used by one
// goroutine at a time.
type Sketch struct {
	sparse []entry // by index, if dense is nil
	dense  []uint8
}

type entry struct {
	index uint32
	value uint8
}

// Hash is a value's place in a sketch: its sparse index and, in the lowest six bits, how
// far into the rest of its hash the first bit that is set stands.
func Hash(value string) uint32 {
	h := murmur(value)
	rest := bits.LeadingZeros64(h<<fine|1<<(fine-1)) + 1
	return uint32(h>>(64-fine))<<6 | uint32(rest)
}

// murmur is MurmurHash64A with the seed 0.
func murmur(s string) uint64 {
	const m = 0xc6a4a7935bd1e995
	h := uint64(len(s)) * m
	for len(s) >= 8 {
		k := binary.LittleEndian.Uint64([]byte(s[:8])) * m
		k = (k ^ k>>47) * m
		h = (h ^ k) * m
		s = s[8:]
	}
	if len(s) > 0 {
		for i := len(s) - 1; i >= 0; i-- {
			h ^= uint64(s[i]) << (8 * i)
		}
		h *= m
	}
	h = (h ^ h>>47) * m
	return h ^ h>>47
}

// FromHashes is the sketch of values that Hash was asked about.
func FromHashes(hashes []uint32) Sketch {
	list := make([]entry, len(hashes))
	for i, h := range hashes {
		list[i] = entry{h >> 6, uint8(h & largest)}
	}
	return of(list)
}

// of is the sketch of entries in any order.
func of(list []entry) Sketch {
	slices.SortFunc(list, func(a, b entry) int {
		if a.index != b.index {
			return int(a.index) - int(b.index)
		}
		return int(b.value) - int(a.value)
	})
	list = slices.CompactFunc(list, func(a, b entry) bool { return a.index == b.index })
	s := Sketch{sparse: list}
	if len(list) > most {
		s = s.toDense()
	}
	return s
}

// toDense gives up the finer part of the indices.
func (s Sketch) toDense() Sketch {
	if s.dense != nil {
		return s
	}
	out := make([]uint8, registers)
	const spare = fine - precision
	for _, e := range s.sparse {
		value := e.value + spare
		if low := e.index & (1<<spare - 1); low != 0 {
			value = uint8(bits.LeadingZeros32(low<<(32-spare))) + 1
		}
		r := &out[e.index>>spare]
		*r = max(*r, min(value, largest))
	}
	return Sketch{dense: out}
}

// Union is the sketch of both sets together.
func Union(a, b Sketch) Sketch {
	if a.dense == nil && b.dense == nil {
		return of(slices.Concat(a.sparse, b.sparse))
	}
	a, b = a.toDense(), b.toDense()
	out := make([]uint8, registers)
	for i := range out {
		out[i] = max(a.dense[i], b.dense[i])
	}
	return Sketch{dense: out}
}

// Cardinality estimates how many different values the set has: from the sparse indices
// that are taken, and of a dense sketch by Ertl's estimator, which needs no tables. That
// Redshift's estimates are the same is not known.
func (s Sketch) Cardinality() int64 {
	if s.dense == nil {
		const m = 1 << fine
		return int64(math.Round(-m * math.Log1p(-float64(len(s.sparse))/m)))
	}
	const q = 64 - precision
	var count [largest + 1]float64
	for _, v := range s.dense {
		count[v]++
	}
	for i := q + 2; i <= largest; i++ { // more than a hash of 64 bits can give
		count[q+1] += count[i]
	}
	const m = registers
	z := m * tau(1-count[q+1]/m)
	for k := q; k >= 1; k-- {
		z = (z + count[k]) / 2
	}
	z += m * sigma(count[0]/m)
	return int64(math.Round(m * m / (2 * math.Ln2 * z)))
}

func sigma(x float64) float64 {
	if x == 1 {
		return math.Inf(1)
	}
	y, z := 1.0, x
	for before := -1.0; z != before; {
		before = z
		x *= x
		z += x * y
		y += y
	}
	return z
}

func tau(x float64) float64 {
	if x == 0 || x == 1 {
		return 0
	}
	y, z := 1.0, 1-x
	for before := -1.0; z != before; {
		before = z
		x = math.Sqrt(x)
		y /= 2
		z -= (1 - x) * (1 - x) * y
	}
	return z / 3
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

// Text is the sketch as Redshift prints it. A dense one is its registers in Base64, which
// has a letter for each.
func (s Sketch) Text() string {
	var out strings.Builder
	if s.dense != nil {
		for _, v := range s.dense {
			out.WriteByte(alphabet[v])
		}
		return out.String()
	}
	out.WriteString(`{"version":1,"logm":15,"sparse":{"indices":[`)
	list := func(number func(entry) uint32) {
		for i, e := range s.sparse {
			if i > 0 {
				out.WriteByte(',')
			}
			out.WriteString(strconv.Itoa(int(number(e))))
		}
	}
	list(func(e entry) uint32 { return e.index })
	out.WriteString(`],"values":[`)
	list(func(e entry) uint32 { return uint32(e.value) })
	out.WriteString("]}}")
	return out.String()
}

// ErrText is what Parse says of a text that is no sketch.
var ErrText = errors.New("invalid HLLSKETCH: neither a sparse sketch in JSON nor a dense one in Base64, with logm 15")

// Parse reads what Text writes. The version may be left out, as r_HLLSKTECH_type.md has
// it; a dense sketch may stand in double quotes.
func Parse(text string) (Sketch, error) {
	text = strings.TrimSpace(text)
	if !strings.HasPrefix(text, "{") {
		return parseDense(strings.Trim(text, `"`))
	}
	var doc struct {
		Version *int
		Logm    int
		Sparse  *struct {
			Indices, Values []uint32
		}
	}
	if json.Unmarshal([]byte(text), &doc) != nil || doc.Logm != precision || doc.Version != nil && *doc.Version != 1 ||
		doc.Sparse == nil || len(doc.Sparse.Indices) != len(doc.Sparse.Values) {
		return Sketch{}, ErrText
	}
	list := make([]entry, len(doc.Sparse.Indices))
	for i, index := range doc.Sparse.Indices {
		value := doc.Sparse.Values[i]
		if index >= 1<<fine || value < 1 || value > largest {
			return Sketch{}, ErrText
		}
		list[i] = entry{index, uint8(value)}
	}
	return of(list), nil
}

func parseDense(text string) (Sketch, error) {
	if len(text) != registers {
		return Sketch{}, ErrText
	}
	out := make([]uint8, registers)
	for i := range out {
		v := strings.IndexByte(alphabet, text[i])
		if v < 0 {
			return Sketch{}, ErrText
		}
		out[i] = uint8(v)
	}
	return Sketch{dense: out}, nil
}
