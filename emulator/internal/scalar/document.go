package scalar

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math/big"
	"slices"
	"strings"
)

// document is a SUPER value. Its attributes keep their order.
type document struct {
	kind  kind
	text  string // of a scalar, as JSON
	items []*document
	names []string // of an object's items
}

// kind is in the order in which ARRAY_SORT has them.
type kind uint8

const (
	kindNull kind = iota
	kindBool
	kindNumber
	kindString
	kindArray
	kindObject
)

// maxDepth is how deep SUPER values may be nested (limitations-super.md).
const maxDepth = 1000

// parseDocument reads a SUPER, which is JSON text here.
func parseDocument(text string) (*document, error) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	doc, err := readDocument(d, 0)
	if err == nil {
		if _, more := d.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("trailing text")
		}
	}
	if err != nil {
		return nil, errors.New("22P02: invalid SUPER value")
	}
	return doc, nil
}

func readDocument(d *json.Decoder, depth int) (*document, error) {
	if depth > maxDepth {
		return nil, errors.New("nested too deeply")
	}
	t, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch t := t.(type) {
	case json.Delim:
		doc := &document{kind: kindArray}
		if t == '{' {
			doc.kind = kindObject
		} else if t != '[' {
			return nil, errors.New("no value")
		}
		for d.More() {
			if doc.kind == kindObject {
				name, err := d.Token()
				if err != nil {
					return nil, err
				}
				s, ok := name.(string)
				if !ok {
					return nil, errors.New("no name")
				}
				doc.names = append(doc.names, s)
			}
			item, err := readDocument(d, depth+1)
			if err != nil {
				return nil, err
			}
			doc.items = append(doc.items, item)
		}
		_, err := d.Token()
		return doc, err
	case string:
		return &document{kind: kindString, text: quoted(t)}, nil
	case json.Number:
		return &document{kind: kindNumber, text: t.String()}, nil
	case bool:
		return &document{kind: kindBool, text: boolText(t)}, nil
	}
	return &document{text: "null"}, nil
}

// quoted is a JSON string, with nothing escaped that need not be.
func quoted(s string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(s) != nil {
		return `""`
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// String is the document's JSON without blanks.
func (d *document) String() string {
	var b strings.Builder
	d.write(&b)
	return b.String()
}

func (d *document) write(b *strings.Builder) {
	switch d.kind {
	case kindArray, kindObject:
		ends := "[]"
		if d.kind == kindObject {
			ends = "{}"
		}
		b.WriteByte(ends[0])
		for i, item := range d.items {
			if i > 0 {
				b.WriteByte(',')
			}
			if d.kind == kindObject {
				b.WriteString(quoted(d.names[i]))
				b.WriteByte(':')
			}
			item.write(b)
		}
		b.WriteByte(ends[1])
	default:
		b.WriteString(d.text)
	}
}

func array(items []*document) string { return (&document{kind: kindArray, items: items}).String() }

// key is equal for equal values: numbers by their value, objects whatever the order
// of their attributes.
func (d *document) key() string {
	switch d.kind {
	case kindNumber:
		// What has a huge exponent is compared as it is written.
		if len(d.text) < 100 && !strings.ContainsAny(d.text, "eE") {
			if r, ok := new(big.Rat).SetString(d.text); ok {
				return "#" + r.RatString()
			}
		}
		return "#" + d.text
	case kindArray, kindObject:
		parts := make([]string, len(d.items))
		for i, item := range d.items {
			parts[i] = item.key()
			if d.kind == kindObject {
				parts[i] = quoted(d.names[i]) + ":" + parts[i]
			}
		}
		if d.kind == kindObject {
			slices.Sort(parts)
			return "{" + strings.Join(parts, ",") + "}"
		}
		return "[" + strings.Join(parts, ",") + "]"
	}
	return d.text
}

// elements are those of an array; ok is false for what is none.
func elements(text string) (items []*document, ok bool, err error) {
	d, err := parseDocument(text)
	if err != nil {
		return nil, false, err
	}
	return d.items, d.kind == kindArray, nil
}
