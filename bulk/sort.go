package bulk

import (
	"bytes"
	"cmp"
	"slices"
)

// sort orders the rows of the block by columns, ascending and NULLs last, as
// Redshift orders them. Rows that are equal stay as they are.
func (b *Batch) sort(by []int) {
	order := make([]int32, b.n)
	for i := range order {
		order[i] = int32(i)
	}
	vectors := make([]*Vector, len(by))
	for i, at := range by {
		vectors[i] = &b.vectors[at]
	}
	slices.SortStableFunc(order, func(x, y int32) int {
		for _, v := range vectors {
			if c := v.compare(int(x), int(y)); c != 0 {
				return c
			}
		}
		return 0
	})
	for i := range b.vectors {
		b.vectors[i].arrange(order)
	}
}

// compare compares two rows.
func (v *Vector) compare(x, y int) int {
	switch {
	case v.null[x] && v.null[y]:
		return 0
	case v.null[x]:
		return 1
	case v.null[y]:
		return -1
	}
	switch v.kind {
	case kindFloat:
		return compareFloats(v.floats[x], v.floats[y])
	case kindWide:
		a, b := &v.wide[x], &v.wide[y]
		if c := cmp.Compare(int8(a[0]), int8(b[0])); c != 0 {
			return c
		}
		return bytes.Compare(a[:], b[:])
	case kindString, kindText:
		return bytes.Compare(v.text(x), v.text(y))
	}
	return cmp.Compare(v.ints[x], v.ints[y])
}

// compareFloats has NaN behind all numbers, which cmp has before them.
func compareFloats(x, y float64) int {
	switch xNaN, yNaN := x != x, y != y; {
	case xNaN && yNaN:
		return 0
	case xNaN:
		return 1
	case yNaN:
		return -1
	}
	return cmp.Compare(x, y)
}

// arrange puts the rows into an order.
func (v *Vector) arrange(order []int32) {
	v.null = arranged(v.null, order)
	switch v.kind {
	case kindFloat:
		v.floats = arranged(v.floats, order)
	case kindWide:
		v.wide = arranged(v.wide, order)
	case kindString, kindText:
		data, ends := make([]byte, 0, len(v.data)), make([]int, len(v.ends))
		for i, at := range order {
			data = append(data, v.text(int(at))...)
			ends[i] = len(data)
		}
		v.data, v.ends = data, ends
	default:
		v.ints = arranged(v.ints, order)
	}
}

func arranged[T any](values []T, order []int32) []T {
	out := make([]T, len(values))
	for i, at := range order {
		out[i] = values[at]
	}
	return out
}
