package load

import (
	"bytes"
	"unicode/utf8"
)

// delimitedReader reads COPY's default format: a line is a record.
type delimitedReader struct {
	w            *window
	delimiter    []byte
	escape       bool // a backslash makes the next character literal
	removeQuotes bool
	ignoreBlank  bool
	line         int64
	scratch      []byte // what has been unescaped
}

func (d *delimitedReader) lines() int64 { return d.line }

func (d *delimitedReader) next(rec *record) (bool, *refusal, error) {
	for {
		end, found, err := d.w.newline(0)
		if err == nil && d.escape {
			end, found, err = d.unescapedEnd(end, found)
		}
		if err == errLong {
			d.line++
			rec.line, rec.fields = d.line, rec.fields[:0]
			rec.raw = bytes.Clone(d.w.bytes()[:1024])
			return true, refuse(codeLine, "Input line is too long"), d.w.drop()
		}
		if err != nil || end == 0 && !found {
			return false, nil, err
		}
		line := d.w.bytes()[:end]
		rec.line, rec.fields = d.line+1, rec.fields[:0]
		d.line += 1 + int64(bytes.Count(line, []byte{'\n'}))
		d.w.advance(end + btoi(found))
		line = cut(line)
		if d.escape {
			// NUL ends the record (copy-parameters-data-conversion, ESCAPE).
			if n := bytes.IndexByte(line, 0); n >= 0 {
				line = line[:n]
			}
		}
		if len(line) == 0 && d.ignoreBlank {
			continue
		}
		rec.raw = line
		if !d.removeQuotes && (!d.escape || bytes.IndexByte(line, '\\') < 0) {
			rec.fields = split(rec.fields, line, d.delimiter)
			return true, nil, nil
		}
		return true, d.split(rec), nil
	}
}

// unescapedEnd finds the first newline without a backslash before it; end is the
// first newline.
func (d *delimitedReader) unescapedEnd(end int, found bool) (int, bool, error) {
	for found {
		line := d.w.bytes()[:end]
		n := 0
		for n < len(line) && line[len(line)-1-n] == '\\' {
			n++
		}
		if n%2 == 0 {
			break
		}
		next, more, err := d.w.newline(end + 1)
		if err != nil {
			return end, found, err
		}
		end, found = next, more
	}
	return end, found, nil
}

// split cuts rec.raw into fields under ESCAPE and REMOVEQUOTES.
func (d *delimitedReader) split(rec *record) *refusal {
	line := rec.raw
	d.scratch = d.scratch[:0]
	var bad *refusal
	for i := 0; ; {
		offset := i
		var quote byte
		if d.removeQuotes && i < len(line) && (line[i] == '"' || line[i] == '\'') {
			quote = line[i]
		}
		n, ok := d.extent(line[i:], quote)
		raw := line[i : i+n]
		i += n
		inner := raw
		switch {
		case quote != 0 && ok:
			inner = raw[1 : len(raw)-1]
		case quote != 0 && bad == nil:
			bad = &refusal{code: codeNoDelimiter, reason: "Delimited value missing end quote", column: len(rec.fields)}
		}
		f := field{data: inner, offset: offset}
		if d.escape && bytes.IndexByte(inner, '\\') >= 0 {
			begin := len(d.scratch)
			for j := 0; j < len(inner); j++ {
				if inner[j] == '\\' && j+1 < len(inner) {
					j++
				}
				d.scratch = append(d.scratch, inner[j])
			}
			f.data, f.raw = d.scratch[begin:len(d.scratch):len(d.scratch)], inner
		}
		rec.fields = append(rec.fields, f)
		if i == len(line) {
			return bad
		}
		i += len(d.delimiter)
	}
}

// extent is the length of the field that s begins with. With a quote, ok tells that
// it ends with the same one; everything between them belongs to it.
func (d *delimitedReader) extent(s []byte, quote byte) (n int, ok bool) {
	if quote == 0 {
		if n = bytes.Index(s, d.delimiter); n < 0 {
			n = len(s)
		}
		if !d.escape || bytes.IndexByte(s[:n], '\\') < 0 {
			return n, false
		}
	}
	for i := btoi(quote != 0); i < len(s); i++ {
		switch {
		case d.escape && s[i] == '\\':
			i++
		case quote != 0:
			if s[i] == quote && (i+1 == len(s) || bytes.HasPrefix(s[i+1:], d.delimiter)) {
				return i + 1, true
			}
		case s[i] == d.delimiter[0] && bytes.HasPrefix(s[i:], d.delimiter):
			return i, false
		}
	}
	return len(s), false
}

// fixedReader reads FIXEDWIDTH: a line is a record, widths are in characters.
type fixedReader struct {
	w           *window
	widths      []int
	ignoreBlank bool
	line        int64
}

func (x *fixedReader) lines() int64 { return x.line }

func (x *fixedReader) next(rec *record) (bool, *refusal, error) {
	for {
		end, found, err := x.w.newline(0)
		if err == errLong {
			x.line++
			rec.line, rec.fields = x.line, rec.fields[:0]
			rec.raw = bytes.Clone(x.w.bytes()[:1024])
			return true, refuse(codeLine, "Input line is too long"), x.w.drop()
		}
		if err != nil || end == 0 && !found {
			return false, nil, err
		}
		line := cut(x.w.bytes()[:end])
		x.w.advance(end + btoi(found))
		x.line++
		rec.line, rec.fields = x.line, rec.fields[:0]
		if len(line) == 0 && x.ignoreBlank {
			continue
		}
		rec.raw = line
		offset := 0
		for _, width := range x.widths {
			if offset == len(line) {
				return true, nil, nil
			}
			n := 0
			for range width {
				_, size := utf8.DecodeRune(line[offset+n:])
				n += size
				if size == 0 {
					break
				}
			}
			rec.fields = append(rec.fields, field{data: line[offset : offset+n], offset: offset})
			offset += n
		}
		// Blanks behind the last field are no further field (assumed).
		if rest := bytes.TrimRight(line[offset:], " "); len(rest) > 0 {
			rec.fields = append(rec.fields, field{data: rest, offset: offset})
		}
		return true, nil, nil
	}
}
