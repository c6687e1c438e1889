package scalar

import (
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
)

// attributeCount is GET_NUMBER_ATTRIBUTES, NULL for what is no object (assumed).
func attributeCount(args []string) (string, bool, error) {
	d, err := parseDocument(args[0])
	if err != nil {
		return "", false, err
	}
	return strconv.Itoa(len(d.items)), d.kind == kindObject, nil
}

func lowerNames(args []string) (string, bool, error) { return renamed(args[0], strings.ToLower) }

func upperNames(args []string) (string, bool, error) { return renamed(args[0], strings.ToUpper) }

// renamed changes the names of all attributes; no two may become the same
// (r_lower_attribute_names.md).
func renamed(text string, f func(string) string) (string, bool, error) {
	d, err := parseDocument(text)
	if err != nil {
		return "", false, err
	}
	if err := d.rename(f); err != nil {
		return "", false, err
	}
	return d.String(), true, nil
}

func (d *document) rename(f func(string) string) error {
	for i := range d.names {
		name := f(d.names[i])
		if slices.Contains(d.names[:i], name) {
			return errors.New("XX000: Invalid input: SUPER value has duplicate attributes after case conversion")
		}
		d.names[i] = name
	}
	for _, item := range d.items {
		if err := item.rename(f); err != nil {
			return err
		}
	}
	return nil
}

// objectTransform is OBJECT_TRANSFORM of an object, the number of KEEP's paths, those
// paths, and SET's paths each with its value (r_object_transform_function.md). Without
// KEEP nothing is kept beside what is set (assumed).
func objectTransform(args []Arg) (string, bool, error) {
	if len(args) < 2 || args[0].Null {
		return "", false, nil
	}
	d, err := parseDocument(args[0].Text)
	if err != nil {
		return "", false, err
	}
	keep, err := strconv.Atoi(args[1].Text)
	if err != nil || keep < 0 || keep > len(args)-2 {
		return "", false, errors.New("XX000: OBJECT_TRANSFORM")
	}
	if d.kind != kindObject || len(args) == 2 {
		return d.String(), true, nil
	}
	var kept [][]string
	for _, a := range args[2 : 2+keep] {
		path, err := splitPath(a.Text)
		if err != nil {
			return "", false, err
		}
		kept = append(kept, path)
	}
	d = d.keep(kept)
	for set := args[2+keep:]; len(set) > 1; set = set[2:] {
		path, err := splitPath(set[0].Text)
		if err != nil {
			return "", false, err
		}
		value := &document{text: "null"}
		if !set[1].Null {
			if value, err = parseDocument(set[1].Text); err != nil {
				return "", false, err
			}
		}
		d.set(path, value)
	}
	return d.String(), true, nil
}

// splitPath reads "a"."b"; the texts of its errors are assumed.
func splitPath(text string) ([]string, error) {
	var path []string
	for rest := text; ; {
		if rest == "" || rest[0] != '"' {
			return nil, fmt.Errorf("22023: invalid path %s", text)
		}
		end := strings.IndexByte(rest[1:], '"')
		if end < 0 {
			return nil, fmt.Errorf("22023: invalid path %s", text)
		}
		path, rest = append(path, rest[1:end+1]), rest[end+2:]
		if rest == "" {
			return path, nil
		}
		if rest[0] != '.' {
			return nil, fmt.Errorf("22023: invalid path %s", text)
		}
		rest = rest[1:]
	}
}

// keep is the object with nothing but what the paths lead to.
func (d *document) keep(paths [][]string) *document {
	out := &document{kind: kindObject}
	for i, name := range d.names {
		item, whole := d.items[i], false
		var below [][]string
		for _, p := range paths {
			if p[0] != name {
				continue
			}
			whole = whole || len(p) == 1
			below = append(below, p[1:])
		}
		switch {
		case whole:
		case len(below) > 0 && item.kind == kindObject:
			if item = item.keep(below); len(item.items) == 0 {
				continue
			}
		default:
			continue
		}
		out.names, out.items = append(out.names, name), append(out.items, item)
	}
	return out
}

// set puts a value where a path leads, and makes the objects on its way.
func (d *document) set(path []string, value *document) {
	i := slices.Index(d.names, path[0])
	if i < 0 {
		i = len(d.items)
		d.names, d.items = append(d.names, path[0]), append(d.items, nil)
	}
	if len(path) == 1 {
		d.items[i] = value
		return
	}
	if d.items[i] == nil || d.items[i].kind != kindObject {
		d.items[i] = &document{kind: kindObject}
	}
	d.items[i].set(path[1:], value)
}

// digits are those of a SUPER that is a decimal number: its precision and its scale.
func digits(text string) (precision, scale int, ok bool, err error) {
	d, err := parseDocument(text)
	if err != nil || d.kind != kindNumber || strings.ContainsAny(d.text, "eE") {
		return 0, 0, false, err
	}
	whole, fraction, _ := strings.Cut(strings.TrimPrefix(d.text, "-"), ".")
	whole = strings.TrimLeft(whole, "0")
	return max(len(whole)+len(fraction), 1), len(fraction), true, nil
}

// decimalPrecision is DECIMAL_PRECISION.
func decimalPrecision(args []string) (string, bool, error) {
	p, _, ok, err := digits(args[0])
	return strconv.Itoa(p), ok, err
}

// decimalScale is DECIMAL_SCALE.
func decimalScale(args []string) (string, bool, error) {
	_, s, ok, err := digits(args[0])
	return strconv.Itoa(s), ok, err
}

// alternative reads a number as TEXT_TO_INT_ALT and TEXT_TO_NUMERIC_ALT do without a
// format: blanks around it and / , : % in it are ignored, the sign may stand behind it,
// and it may have an exponent. The text of its error is assumed.
func alternative(text string) (*big.Rat, error) {
	s := strings.NewReplacer("/", "", ",", "", ":", "", "%", "", " ", "").Replace(text)
	if s == "" {
		return new(big.Rat), nil
	}
	body, exponent, _ := strings.Cut(strings.ToUpper(s), "E")
	if n := len(body); n > 1 && (body[n-1] == '-' || body[n-1] == '+') {
		body = body[n-1:] + body[:n-1]
	}
	power := 0
	var err error
	if exponent != "" {
		power, err = strconv.Atoi(exponent)
	}
	r, ok := new(big.Rat).SetString(body)
	if !ok || err != nil || power > 400 || power < -400 || strings.ContainsAny(body, "_XBOP") {
		return nil, fmt.Errorf("22P02: invalid input syntax for a number: %q", text)
	}
	scale := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(power, -power))), nil))
	if power < 0 {
		scale.Inv(scale)
	}
	return r.Mul(r, scale), nil
}

// textToInt is TEXT_TO_INT_ALT: the fraction is cut off.
func textToInt(args []string) (string, bool, error) {
	r, err := alternative(args[0])
	if err != nil {
		return "", false, err
	}
	n := new(big.Int).Quo(r.Num(), r.Denom())
	if !n.IsInt64() || n.Int64() != int64(int32(n.Int64())) {
		return "", false, fmt.Errorf("22003: %q is out of range for type integer", args[0])
	}
	return n.String(), true, nil
}

// textToNumeric is TEXT_TO_NUMERIC_ALT of a text, a precision and a scale: ties go to
// the even digit.
func textToNumeric(args []string) (string, bool, error) {
	precision, err1 := strconv.Atoi(args[1])
	scale, err2 := strconv.Atoi(args[2])
	if err1 != nil || err2 != nil {
		return "", false, errors.New("XX000: TEXT_TO_NUMERIC_ALT")
	}
	r, err := alternative(args[0])
	if err != nil {
		return "", false, err
	}
	r.Mul(r, new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil)))
	q, rest := new(big.Int).QuoRem(r.Num(), r.Denom(), new(big.Int))
	twice := new(big.Int).Abs(rest.Lsh(rest, 1))
	if c := twice.Cmp(r.Denom()); c > 0 || c == 0 && q.Bit(0) == 1 {
		q.Add(q, big.NewInt(int64(r.Sign())))
	}
	digits := new(big.Int).Abs(q).String()
	if len(digits) > precision {
		return "", false, errors.New("22003: Numeric data overflow (result precision)")
	}
	for len(digits) <= scale {
		digits = "0" + digits
	}
	if scale > 0 {
		digits = digits[:len(digits)-scale] + "." + digits[len(digits)-scale:]
	}
	if q.Sign() < 0 {
		digits = "-" + digits
	}
	return digits, true, nil
}
