package load

import "bytes"

// jsonMode says how objects become rows (copy-parameters-data-format, JSON).
type jsonMode uint8

const (
	jsonAuto       jsonMode = iota // keys are column names
	jsonIgnoreCase                 // in any case
	jsonByPath                     // jsonpaths, one for every column
	jsonNoShred                    // the whole object into one SUPER
)

// jsonReader reads a stream of objects or arrays that white space alone parts.
type jsonReader struct {
	w       *window
	mode    jsonMode
	columns map[string]int // of auto
	paths   []jsonPath
	count   int // of fields
	line    int64
	scratch []byte
	key     []byte
}

func (j *jsonReader) lines() int64 { return j.line }

func (j *jsonReader) next(rec *record) (bool, *refusal, error) {
	rec.fields = rec.fields[:0]
	rec.raw = nil
	for {
		s := j.w.bytes()
		i := skipSpace(s, 0)
		j.line += int64(bytes.Count(s[:i], []byte{'\n'}))
		j.w.advance(i)
		if i < len(s) {
			break
		}
		if end, err := j.w.empty(); end || err != nil {
			return false, nil, err
		}
	}
	// Nearly always the whole of it is in the window.
	s := j.w.bytes()
	n, bad := j.shred(rec, s)
	if n < 0 {
		whole, ok, err := j.extent()
		if err == errLong {
			rec.line = j.line + 1
			rec.raw = bytes.Clone(j.w.bytes()[:1024])
			j.line++
			return true, refuse(codeLine, "JSON object is too long"), j.w.drop()
		}
		if err != nil {
			return false, nil, err
		}
		s = j.w.bytes()[:whole]
		if n, bad = j.shred(rec, s); !ok || n != whole {
			n, bad = whole, refuse(codeLine, "Invalid value.")
		}
	}
	rec.raw = s[:n]
	j.w.advance(n)
	// The line of an error is the object's last (copy-parameters-data-format).
	newlines := int64(bytes.Count(rec.raw, []byte{'\n'}))
	rec.line = j.line + newlines + 1
	j.line += newlines
	return true, bad, nil
}

// extent is the length of the object or array, counting brackets. It is not ok when
// there is none, or it breaks off; what is then skipped ends where the next may begin.
func (j *jsonReader) extent() (n int, ok bool, err error) {
	s := j.w.bytes()
	if s[0] != '{' && s[0] != '[' {
		for i := 0; ; {
			for ; i < len(s); i++ {
				if s[i] == '{' || s[i] == '[' || s[i] == '\n' {
					return i, false, nil
				}
			}
			if more, err := j.w.more(); err != nil {
				return 0, false, err
			} else if !more {
				return len(s), false, nil
			}
			s = j.w.bytes()
		}
	}
	depth, text, escaped := 0, false, false
	for i := 0; ; {
		for ; i < len(s); i++ {
			c := s[i]
			if text {
				switch {
				case escaped:
					escaped = false
				case c == '\\':
					escaped = true
				case c == '"':
					text = false
				case c == '\n':
					return i, false, nil // no string goes over lines
				}
				continue
			}
			switch c {
			case '"':
				text = true
			case '{', '[':
				depth++
			case '}', ']':
				if depth--; depth == 0 {
					return i + 1, true, nil
				}
			}
		}
		if more, err := j.w.more(); err != nil {
			return 0, false, err
		} else if !more {
			return len(s), false, nil
		}
		s = j.w.bytes()
	}
}

// shred makes the fields of the object or array that s begins with, and tells its
// length, -1 when it is none.
func (j *jsonReader) shred(rec *record, s []byte) (int, *refusal) {
	j.scratch = j.scratch[:0]
	rec.fields = rec.fields[:0]
	for range j.count {
		rec.fields = append(rec.fields, field{kind: fieldNull})
	}
	if s[0] != '{' && s[0] != '[' {
		return -1, nil
	}
	if s[0] == '{' && j.mode != jsonByPath && j.mode != jsonNoShred {
		return scanMembers(s, 0, 0, func(key []byte, from, to int) {
			if bytes.IndexByte(key, '\\') >= 0 {
				j.key = unquote(j.key[:0], key)
				key = j.key
			} else {
				key = key[1 : len(key)-1]
			}
			if j.mode == jsonIgnoreCase {
				key = bytes.ToLower(key)
			}
			if i, ok := j.columns[string(key)]; ok {
				rec.fields[i] = j.field(s, from, to)
			}
		}), nil
	}
	n := scanValue(s, 0, 0)
	if n < 0 {
		return n, nil
	}
	switch s = s[:n]; j.mode {
	case jsonNoShred:
		rec.fields[0] = field{data: s, kind: fieldJSON}
	case jsonByPath:
		for i, p := range j.paths {
			from, to, ok := p.find(s)
			if !ok {
				return n, &refusal{code: codeLine, reason: "Invalid JSONPath format: Not an array or index out of range.", column: i}
			}
			if to > 0 {
				rec.fields[i] = j.field(s, from, to)
			}
		}
	default:
		return n, refuse(codeLine, "Invalid JSON format: an array needs a jsonpaths file")
	}
	return n, nil
}

func (j *jsonReader) field(s []byte, from, to int) field {
	v := s[from:to]
	f := field{data: v, offset: from, kind: fieldJSON}
	switch v[0] {
	case 'n':
		f.kind = fieldNull
	case '"':
		f.kind, f.raw = fieldString, v
		if f.data = v[1 : len(v)-1]; bytes.IndexByte(f.data, '\\') >= 0 {
			begin := len(j.scratch)
			j.scratch = unquote(j.scratch, v)
			f.data = j.scratch[begin:len(j.scratch):len(j.scratch)]
		}
	}
	return f
}
