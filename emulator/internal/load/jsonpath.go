package load

import (
	"bytes"
	"encoding/json"
	"io"
	"strconv"
	"strings"
)

// jsonPath is one element of a jsonpaths file: the way from the root to a value.
type jsonPath []jsonStep

type jsonStep struct {
	key   string
	index int // -1 for a key
}

// find gives the place of the value in a valid JSON text. A key that is not there
// gives none, which is NULL; an index that is not there is not ok.
func (p jsonPath) find(s []byte) (from, to int, ok bool) {
	to = len(s)
	for _, step := range p {
		at, end := 0, 0
		switch {
		case step.index >= 0:
			if s[from] != '[' {
				return 0, 0, false
			}
			scanElements(s, from, 0, func(n, a, b int) {
				if n == step.index {
					at, end = a, b
				}
			})
			if end == 0 {
				return 0, 0, false
			}
		case s[from] == '{':
			scanMembers(s, from, 0, func(key []byte, a, b int) {
				if bytes.IndexByte(key, '\\') >= 0 {
					key = unquote(nil, key)
				} else {
					key = key[1 : len(key)-1]
				}
				if string(key) == step.key {
					at, end = a, b
				}
			})
		}
		if end == 0 {
			return 0, 0, true
		}
		from, to = at, end
	}
	return from, to, true
}

// readPaths reads a jsonpaths file. A file without the key "jsonpaths" gives nil: it
// acts as 'auto' (copy-parameters-data-format).
func readPaths(r io.Reader) ([]jsonPath, error) {
	d := json.NewDecoder(r)
	var file map[string]json.RawMessage
	if err := d.Decode(&file); err != nil {
		return nil, fault("Invalid JSONPaths file: it is not one JSON object")
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fault("Invalid JSONPaths file: there is text behind the JSON object")
	}
	raw, ok := file["jsonpaths"]
	if !ok {
		return nil, nil
	}
	var texts []*string
	if err := json.Unmarshal(raw, &texts); err != nil || texts == nil {
		return nil, fault("Invalid JSONPaths file: jsonpaths is not an array of strings")
	}
	paths := make([]jsonPath, 0, len(texts))
	dots, brackets := false, false
	for _, text := range texts {
		if text == nil || *text == "" {
			return nil, fault("Invalid JSONPaths file: an element is empty or no string")
		}
		p, err := parsePath(*text)
		if err != nil {
			return nil, err
		}
		paths = append(paths, p)
		if strings.HasPrefix(*text, "$[") {
			brackets = true
		} else {
			dots = true
		}
	}
	if dots && brackets {
		return nil, fault("Invalid JSONPath format: bracket and dot notation cannot be mixed in one file")
	}
	return paths, nil
}

// parsePath reads $['a']['b'][0] or $.a.b[0].
func parsePath(text string) (jsonPath, error) {
	bad := fault("Invalid JSONPath format: %q", text)
	s, ok := strings.CutPrefix(text, "$")
	if !ok || s == "" {
		return nil, bad
	}
	bracket := s[0] == '['
	var p jsonPath
	for s != "" {
		switch {
		case s[0] == '.' && !bracket:
			n := strings.IndexAny(s[1:], ".[")
			if n < 0 {
				n = len(s) - 1
			}
			key := s[1 : 1+n]
			if key == "" || key == "*" {
				return nil, bad
			}
			p = append(p, jsonStep{key: key, index: -1})
			s = s[1+n:]
		case len(s) > 2 && s[0] == '[' && (s[1] == '\'' || s[1] == '"'):
			n := strings.Index(s[2:], s[1:2]+"]")
			if n < 1 || !bracket {
				return nil, bad
			}
			p = append(p, jsonStep{key: s[2 : 2+n], index: -1})
			s = s[2+n+2:]
		case s[0] == '[':
			n := strings.IndexByte(s, ']')
			if n < 0 {
				return nil, bad
			}
			index, err := strconv.ParseUint(s[1:n], 10, 31)
			if err != nil {
				return nil, bad
			}
			p = append(p, jsonStep{index: int(index)})
			s = s[n+1:]
		default:
			return nil, bad
		}
	}
	return p, nil
}
