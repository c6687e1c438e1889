package spatial

import (
	"slices"
	"strconv"
	"strings"
)

// H3 is the hierarchy of hexagons: an index has its resolution, a base cell, and a digit of
// three bits for each level below it. What needs the cells' places on the Earth is missing.
var hexagons = map[string]function{
	"h3_isvalid":    func(c *call) (string, bool) { _, ok := c.cell(); return boolean(ok) },
	"h3_resolution": func(c *call) (string, bool) { return whole(c.validCell().resolution()) },
	"h3_toparent": func(c *call) (string, bool) {
		h, to := c.validCell(), c.integer(1)
		if to < 0 || to > h.resolution() {
			c.failf("resolution %d must be between 0 and that of the cell, %d", to, h.resolution())
			return null()
		}
		return strconv.FormatUint(uint64(h.parent(to)), 10), true
	},
	"h3_tochildren": children,
}

// h3Cell is the index of an H3 cell.
type h3Cell uint64

const (
	h3Finest = 15
	h3Unused = 7 // the digit of the levels that an index does not have
)

// pentagons are the base cells of which a direction is missing.
var pentagons = []uint64{4, 14, 24, 38, 49, 58, 63, 72, 83, 97, 107, 117}

func (h h3Cell) resolution() int     { return int(h >> 52 & 15) }
func (h h3Cell) digit(level int) int { return int(h >> (3 * (h3Finest - level)) & 7) }
func (h h3Cell) base() uint64        { return uint64(h >> 45 & 127) }
func (h h3Cell) at(level, digit int) h3Cell {
	shift := 3 * (h3Finest - level)
	return h&^(7<<shift) | h3Cell(digit)<<shift
}

func (h h3Cell) parent(to int) h3Cell {
	for level := h.resolution(); level > to; level-- {
		h = h.at(level, h3Unused)
	}
	return h&^(15<<52) | h3Cell(to)<<52
}

// pentagon tells whether the cell is in the middle of a base cell that is one.
func (h h3Cell) pentagon() bool {
	if !slices.Contains(pentagons, h.base()) {
		return false
	}
	for level := 1; level <= h.resolution(); level++ {
		if h.digit(level) != 0 {
			return false
		}
	}
	return true
}

func (h h3Cell) valid() bool {
	if h>>63 != 0 || h>>59&15 != 1 || h>>56&7 != 0 || h.base() > 121 {
		return false
	}
	middle := slices.Contains(pentagons, h.base())
	for level := 1; level <= h3Finest; level++ {
		d := h.digit(level)
		if (d == h3Unused) != (level > h.resolution()) || middle && d == 1 {
			return false
		}
		middle = middle && d == 0
	}
	return true
}

// cell reads an index: a number, or behind 0x hexadecimal digits.
func (c *call) cell() (h3Cell, bool) {
	s, base := c.text(0), 10
	if digits, ok := strings.CutPrefix(s, "0x"); ok {
		s, base = digits, 16
	}
	n, err := strconv.ParseUint(s, base, 64)
	return h3Cell(n), err == nil && h3Cell(n).valid()
}

func (c *call) validCell() h3Cell {
	h, ok := c.cell()
	if !ok {
		c.failf("invalid H3 index")
	}
	return h
}

// children are the cells of a finer resolution in an array, which must be no larger than
// a SUPER.
func children(c *call) (string, bool) {
	h, to := c.validCell(), c.integer(1)
	if c.err != nil {
		return null()
	}
	from := h.resolution()
	if to < from || to > h3Finest {
		c.failf("resolution %d must be between that of the cell, %d, and %d", to, from, h3Finest)
		return null()
	}
	const most = 7 // levels whose cells fit
	if to-from > most {
		c.fail(failure("54000", "the array of children is larger than a SUPER"))
		return null()
	}
	list := []h3Cell{h}
	for level := from + 1; level <= to; level++ {
		var next []h3Cell
		for _, p := range list {
			for digit := range h3Unused {
				if digit != 1 || !p.pentagon() {
					next = append(next, p.at(level, digit)&^(15<<52)|h3Cell(level)<<52)
				}
			}
		}
		list = next
	}
	out := []byte{'['}
	for i, p := range list {
		if i > 0 {
			out = append(out, ',')
		}
		out = strconv.AppendUint(out, uint64(p), 10)
	}
	return string(append(out, ']')), true
}
