package load

import "bytes"

// csvReader reads the format CSV (copy-parameters-data-format): quoted fields may
// hold delimiters and newlines, a quote in them is doubled, blanks around the
// quotes are ignored.
type csvReader struct {
	w           *window
	delimiter   []byte
	quote       byte
	ignoreBlank bool
	line        int64
	scratch     []byte // what was in quotes
}

func (c *csvReader) lines() int64 { return c.line }

func (c *csvReader) next(rec *record) (bool, *refusal, error) {
	for {
		end, found, err := c.w.newline(0)
		if err == errLong {
			return c.long(rec)
		}
		if err != nil || end == 0 && !found {
			return false, nil, err
		}
		c.line++
		rec.line, rec.fields = c.line, rec.fields[:0]
		line := c.w.bytes()[:end]
		if bytes.IndexByte(line, c.quote) >= 0 {
			return c.quoted(rec, end, found)
		}
		c.w.advance(end + btoi(found))
		line = cut(line)
		if len(line) == 0 && c.ignoreBlank {
			continue
		}
		rec.raw = line
		rec.fields = split(rec.fields, line, c.delimiter)
		return true, nil, nil
	}
}

func (c *csvReader) long(rec *record) (bool, *refusal, error) {
	c.line++
	rec.line, rec.fields = c.line, rec.fields[:0]
	rec.raw = bytes.Clone(c.w.bytes()[:1024])
	return true, refuse(codeLine, "Input line is too long"), c.w.drop()
}

// split cuts a line that has neither quotes nor escapes.
func split(fields []field, line, delimiter []byte) []field {
	offset := 0
	if len(delimiter) == 1 {
		d := delimiter[0]
		for {
			i := bytes.IndexByte(line[offset:], d)
			if i < 0 {
				return append(fields, field{data: line[offset:], offset: offset})
			}
			fields = append(fields, field{data: line[offset : offset+i], offset: offset})
			offset += i + 1
		}
	}
	for {
		i := bytes.Index(line[offset:], delimiter)
		if i < 0 {
			return append(fields, field{data: line[offset:], offset: offset})
		}
		fields = append(fields, field{data: line[offset : offset+i], offset: offset})
		offset += i + len(delimiter)
	}
}

// quoted reads a record that has quotes and so may go on behind its first line,
// which ends at end.
func (c *csvReader) quoted(rec *record, end int, found bool) (bool, *refusal, error) {
	line := c.w.bytes()[:end]
	if c.scratch == nil {
		c.scratch = make([]byte, 0, 256)
	}
	c.scratch = c.scratch[:0]
	var bad *refusal
	i := 0
	for {
		offset := i
		// Blanks before a quote do not count, unless they delimit.
		for i < len(line) && (line[i] == ' ' || line[i] == '\t') && !bytes.HasPrefix(line[i:], c.delimiter) {
			i++
		}
		if i == len(line) || line[i] != c.quote {
			i = offset
			n := bytes.Index(line[i:], c.delimiter)
			last := n < 0
			if last {
				n = len(line) - i
			}
			data := line[i : i+n]
			if last {
				data = cut(data)
			}
			if q := bytes.IndexByte(data, c.quote); q >= 0 {
				if bad == nil {
					bad = badQuote(len(rec.fields))
				}
				data = data[:q]
			}
			rec.fields = append(rec.fields, field{data: data, offset: offset})
			if last {
				break
			}
			i += n + len(c.delimiter)
			continue
		}
		i++
		begin := len(c.scratch)
		for {
			n := bytes.IndexByte(line[i:], c.quote)
			if n >= 0 {
				c.scratch = append(c.scratch, line[i:i+n]...)
				i += n + 1
				if i < len(line) && line[i] == c.quote {
					c.scratch = append(c.scratch, c.quote)
					i++
					continue
				}
				break
			}
			// The field goes on in the next line.
			c.scratch = append(c.scratch, line[i:]...)
			if !found {
				c.finish(rec, end, found)
				return true, badQuote(len(rec.fields)), nil
			}
			c.scratch = append(c.scratch, '\n')
			i = end + 1
			var err error
			end, found, err = c.w.newline(i)
			if err == errLong {
				return c.long(rec)
			}
			if err != nil {
				return false, nil, err
			}
			c.line++
			line = c.w.bytes()[:end]
			if i >= end && !found {
				c.line-- // the file ended with the newline
				i = end
			}
		}
		rec.fields = append(rec.fields, field{offset: offset, raw: c.scratch[begin:len(c.scratch):len(c.scratch)]})
		for i < len(line) && (line[i] == ' ' || line[i] == '\t') && !bytes.HasPrefix(line[i:], c.delimiter) {
			i++
		}
		if i == len(line) || i == len(line)-1 && line[i] == '\r' {
			break
		}
		if !bytes.HasPrefix(line[i:], c.delimiter) {
			if bad == nil {
				bad = badQuote(len(rec.fields) - 1)
			}
			n := bytes.Index(line[i:], c.delimiter)
			if n < 0 {
				break
			}
			i += n
		}
		i += len(c.delimiter)
	}
	c.finish(rec, end, found)
	return true, bad, nil
}

// badQuote has the code and text that clusters have been seen to give.
func badQuote(column int) *refusal {
	return &refusal{code: codeNoDelimiter, reason: "Invalid quote formatting for CSV", column: column}
}

// finish places the record's slices, now that the window does not move any more.
func (c *csvReader) finish(rec *record, end int, found bool) {
	all := c.w.bytes()[:end]
	rec.raw = cut(all)
	c.w.advance(end + btoi(found))
	for i := range rec.fields {
		if f := &rec.fields[i]; f.raw == nil {
			f.data = all[f.offset : f.offset+len(f.data)]
		} else {
			f.data, f.raw = f.raw, nil
		}
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}
