package scalar

import (
	"errors"
	"strconv"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/sketch"
)

func readSketch(text string) (sketch.Sketch, error) {
	s, err := sketch.Parse(text)
	if err != nil {
		return s, errors.New("22P02: " + err.Error())
	}
	return s, nil
}

func sketchIn(args []string) (string, bool, error) {
	s, err := readSketch(args[0])
	return s.Text(), true, err
}

// sketchHash is a value's hash in eight hexadecimal digits.
func sketchHash(args []string) (string, bool, error) {
	const digits = "0123456789abcdef"
	h := sketch.Hash(args[0])
	var out [8]byte
	for i := range out {
		out[i] = digits[h>>(28-4*i)&15]
	}
	return string(out[:]), true, nil
}

// sketchOf makes a sketch of hashes, one after the other.
func sketchOf(args []string) (string, bool, error) {
	s := args[0]
	list := make([]uint32, 0, len(s)/8)
	for ; len(s) >= 8; s = s[8:] {
		h, err := strconv.ParseUint(s[:8], 16, 32)
		if err != nil {
			return "", false, errors.New("XX000: no hash of a sketch")
		}
		list = append(list, uint32(h))
	}
	return sketch.FromHashes(list).Text(), true, nil
}

func sketchCardinality(args []string) (string, bool, error) {
	s, err := readSketch(args[0])
	return strconv.FormatInt(s.Cardinality(), 10), true, err
}

// sketchUnion is the union of sketches with blanks between them.
func sketchUnion(args []string) (string, bool, error) {
	var out sketch.Sketch
	for _, text := range args {
		for part := range strings.FieldsSeq(text) {
			s, err := readSketch(part)
			if err != nil {
				return "", false, err
			}
			out = sketch.Union(out, s)
		}
	}
	return out.Text(), true, nil
}
