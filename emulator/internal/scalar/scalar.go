// Package scalar computes those of Redshift's functions that DuckDB has nothing for.
//
// The engine hands them over as one function of DuckDB, rs_call(name, arguments …), all
// of whose values are texts. The package knows neither DuckDB nor the binder.
package scalar

import (
	"fmt"

	"github.com/llm-dev-ops/redshift/emulator/internal/spatial"
)

// Name is the DuckDB function through which all of them are called.
const Name = "rs_call"

// Arg is an argument. Text belongs to the caller and is valid during the call alone.
type Arg struct {
	Text string
	Null bool
}

// Func computes one value; ok is false for NULL. Its error's text begins with an
// SQLSTATE, a colon and a blank, as those of DuckDB's error() do here. It runs on many
// goroutines at once.
type Func func(args []Arg) (text string, ok bool, err error)

// functions by the name that the binder calls them by; strict ones are NULL where an
// argument is, and are not called then.
var functions = map[string]Func{
	"soundex":               strict(1, soundex),
	"difference":            strict(2, difference),
	"strtol":                strict(2, strtol),
	"octetindex":            strict(2, octetIndex),
	"crc32":                 strict(1, crc32c),
	"sha2":                  strict(2, sha2),
	"fnv_hash":              strict(2, fnvHash),
	"murmur3_32_hash":       strict(2, murmur3),
	"farmfingerprint64":     strict(1, farmFingerprint),
	"regexp_instr":          strict(6, regexpInstr),
	"getbit":                strict(2, getBit),
	"array_contains":        arrayContains,
	"array_position":        arrayPosition,
	"array_positions":       arrayPositions,
	"array_distinct":        strict(1, arrayDistinct),
	"array_except":          strict(3, arrayExcept),
	"array_intersection":    strict(3, arrayIntersection),
	"array_union":           strict(2, arrayUnion),
	"subarray":              strict(3, subarray),
	"arrays_overlap":        strict(2, arraysOverlap),
	"array_flatten":         strict(1, arrayFlatten),
	"array_sort":            strict(3, arraySort),
	"get_byte":              strict(2, getByte),
	"set_byte":              strict(3, setByte),
	"set_bit":               strict(3, setBit),
	"bits_to_hex":           strict(1, bitsToHex),
	"hex_to_bits":           strict(1, hexToBits),
	"get_number_attributes": strict(1, attributeCount),
	"lower_attribute_names": strict(1, lowerNames),
	"upper_attribute_names": strict(1, upperNames),
	"object_transform":      objectTransform,
	"decimal_precision":     strict(1, decimalPrecision),
	"decimal_scale":         strict(1, decimalScale),
	"to_char":               strict(2, numberText),
	"time_zone":             strict(1, timeZone),
	"to_timestamp":          strict(4, readTime),
	"text_to_int_alt":       strict(1, textToInt),
	"text_to_numeric_alt":   strict(3, textToNumeric),
	"hllsketch_in":          strict(1, sketchIn),
	"hll_hash":              strict(1, sketchHash),
	"hll_create_sketch":     strict(1, sketchOf),
	"hll_cardinality":       strict(1, sketchCardinality),
	"hll_combine":           strict(1, sketchUnion),
	"hll_combine_sketches":  strict(2, sketchUnion),
}

// Lookup finds a function by its name.
func Lookup(name string) (Func, bool) {
	if f, ok := functions[name]; ok || !spatial.Has(name) {
		return f, f != nil
	}
	return func(args []Arg) (string, bool, error) {
		texts, ok := present(args)
		if !ok {
			return "", false, nil
		}
		return spatial.Call(name, texts)
	}, true
}

// present are the texts of arguments none of which is NULL.
func present(args []Arg) ([]string, bool) {
	texts := make([]string, len(args))
	for i, a := range args {
		if a.Null {
			return nil, false
		}
		texts[i] = a.Text
	}
	return texts, true
}

// strict is a function of n arguments that is NULL where one of them is.
func strict(n int, f func(args []string) (string, bool, error)) Func {
	return func(args []Arg) (string, bool, error) {
		if len(args) != n {
			return "", false, fmt.Errorf("XX000: %d arguments where %d are taken", len(args), n)
		}
		texts, ok := present(args)
		if !ok {
			return "", false, nil
		}
		return f(texts)
	}
}

func boolText(b bool) string {
	if b {
		return "true"
	}
	return "false"
}
