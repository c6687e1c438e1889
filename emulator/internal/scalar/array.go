package scalar

import (
	"cmp"
	"errors"
	"math/big"
	"slices"
	"strconv"
	"strings"
)

// search finds the places of a value in an array: arguments are the array, the value
// and whether NULLs are looked for and at. known is false where the answer is NULL:
// without an array (assumed), and where NULLs could be what is looked for.
func search(args []Arg) (places []int, known bool, err error) {
	if len(args) != 3 || args[0].Null || args[2].Null {
		return nil, false, nil
	}
	items, ok, err := elements(args[0].Text)
	if err != nil || !ok {
		return nil, false, err
	}
	value := &document{text: "null"}
	if !args[1].Null {
		if value, err = parseDocument(args[1].Text); err != nil {
			return nil, false, err
		}
	}
	match := args[2].Text == "true"
	if value.kind == kindNull && !match {
		return nil, false, nil
	}
	key, nulls := value.key(), false
	for i, item := range items {
		nulls = nulls || item.kind == kindNull
		if item.kind == value.kind && item.key() == key {
			places = append(places, i)
		}
	}
	return places, len(places) > 0 || match || !nulls, nil
}

// arrayContains is ARRAY_CONTAINS.
func arrayContains(args []Arg) (string, bool, error) {
	places, known, err := search(args)
	return boolText(len(places) > 0), known, err
}

// arrayPosition is ARRAY_POSITION: from 0, and -1 where there is none.
func arrayPosition(args []Arg) (string, bool, error) {
	places, known, err := search(args)
	if len(places) == 0 {
		return "-1", known, err
	}
	return strconv.Itoa(places[0]), known, err
}

// arrayPositions is ARRAY_POSITIONS.
func arrayPositions(args []Arg) (string, bool, error) {
	places, known, err := search(args)
	out := make([]string, len(places))
	for i, p := range places {
		out[i] = strconv.Itoa(p)
	}
	return "[" + strings.Join(out, ",") + "]", known, err
}

// two are two arrays; what is none makes the answer NULL (assumed).
func two(args []string) (a, b []*document, ok bool, err error) {
	a, ok, err = elements(args[0])
	if err != nil || !ok {
		return nil, nil, false, err
	}
	b, ok, err = elements(args[1])
	return a, b, ok, err
}

func distinct(items []*document) []*document {
	seen := make(map[string]bool, len(items))
	out := make([]*document, 0, len(items))
	for _, item := range items {
		if k := item.key(); !seen[k] {
			seen[k] = true
			out = append(out, item)
		}
	}
	return out
}

func count(items []*document) map[string]int {
	n := make(map[string]int, len(items))
	for _, item := range items {
		n[item.key()]++
	}
	return n
}

// arrayDistinct is ARRAY_DISTINCT; the order of its answer is nobody's promise.
func arrayDistinct(args []string) (string, bool, error) {
	items, ok, err := elements(args[0])
	return array(distinct(items)), ok, err
}

// arrayUnion is ARRAY_UNION, which has no value twice.
func arrayUnion(args []string) (string, bool, error) {
	a, b, ok, err := two(args)
	return array(distinct(append(a, b...))), ok, err
}

// arrayExcept is ARRAY_EXCEPT: each value as often as the first array has it more, or
// with the third argument once, if the second has none.
func arrayExcept(args []string) (string, bool, error) {
	a, b, ok, err := two(args)
	if err != nil || !ok {
		return "", false, err
	}
	n, set := count(b), args[2] == "true"
	var out []*document
	for _, item := range a {
		if k := item.key(); n[k] > 0 {
			if !set {
				n[k]--
			}
			continue
		}
		out = append(out, item)
	}
	if set {
		out = distinct(out)
	}
	return array(out), true, nil
}

// arrayIntersection is ARRAY_INTERSECTION: each value as often as both arrays have
// it, or with the third argument once.
func arrayIntersection(args []string) (string, bool, error) {
	a, b, ok, err := two(args)
	if err != nil || !ok {
		return "", false, err
	}
	n := count(b)
	var out []*document
	for _, item := range a {
		if k := item.key(); n[k] > 0 {
			n[k]--
			out = append(out, item)
		}
	}
	if args[2] == "true" {
		out = distinct(out)
	}
	return array(out), true, nil
}

// arraysOverlap is ARRAYS_OVERLAP.
func arraysOverlap(args []string) (string, bool, error) {
	a, b, ok, err := two(args)
	n := count(b)
	return boolText(slices.ContainsFunc(a, func(d *document) bool { return n[d.key()] > 0 })), ok, err
}

// arrayFlatten is ARRAY_FLATTEN: the arrays in an array give their elements.
func arrayFlatten(args []string) (string, bool, error) {
	items, ok, err := elements(args[0])
	var out []*document
	for _, item := range items {
		if item.kind == kindArray {
			out = append(out, item.items...)
		} else {
			out = append(out, item)
		}
	}
	return array(out), ok, err
}

// subarray is SUBARRAY of an array, from a place on, which counts from the end when
// it is negative, so many elements (r_subarray.md).
func subarray(args []string) (string, bool, error) {
	items, ok, err := elements(args[0])
	if err != nil || !ok {
		return "", false, err
	}
	start, err1 := strconv.Atoi(args[1])
	length, err2 := strconv.Atoi(args[2])
	if err1 != nil || err2 != nil {
		return "", false, errors.New("XX000: SUBARRAY")
	}
	if start < 0 {
		start += len(items)
	}
	start = min(max(start, 0), len(items))
	end := start + min(max(length, 0), len(items)-start)
	return array(items[start:end]), true, nil
}

// arraySort is ARRAY_SORT of an array, whether it ascends and whether NULLs come
// first: booleans before numbers, strings, arrays and objects.
func arraySort(args []string) (string, bool, error) {
	items, ok, err := elements(args[0])
	up, nullsFirst := args[1] == "true", args[2] == "true"
	slices.SortStableFunc(items, func(a, b *document) int {
		if (a.kind == kindNull) != (b.kind == kindNull) {
			if (a.kind == kindNull) == nullsFirst {
				return -1
			}
			return 1
		}
		if up {
			return compareDocuments(a, b)
		}
		return compareDocuments(b, a)
	})
	return array(items), ok, err
}

func compareDocuments(a, b *document) int {
	if a.kind != b.kind {
		return cmp.Compare(a.kind, b.kind)
	}
	switch a.kind {
	case kindNumber:
		x, _, err1 := big.ParseFloat(a.text, 10, 200, big.ToNearestEven)
		y, _, err2 := big.ParseFloat(b.text, 10, 200, big.ToNearestEven)
		if err1 == nil && err2 == nil {
			return x.Cmp(y)
		}
	case kindArray:
		return slices.CompareFunc(a.items, b.items, compareDocuments)
	}
	return strings.Compare(a.key(), b.key())
}
