package bulk

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// maxRecord bounds a record, whatever a broken file says.
const maxRecord = 64 << 20

var (
	errQuote  = errors.New("bulk: CSV: a quote stands where none may")
	errRecord = errors.New("bulk: CSV: a record is longer than 64 MiB")
)

// records reads CSV as Redshift has it. encoding/csv will not do: it takes the
// carriage returns before line ends out of quoted fields.
type records struct {
	in     *bufio.Reader
	comma  byte
	line   []byte
	fields []span
}

type span struct {
	from, to int
	quoted   bool
}

func newRecords(r io.Reader, comma byte) *records {
	return &records{in: bufio.NewReaderSize(r, 1<<16), comma: comma}
}

// field is valid until the next call of next.
func (r *records) field(i int) []byte { return r.line[r.fields[i].from:r.fields[i].to] }

// next reads a record; an empty line is one of one empty field. The error at the
// end is io.EOF.
func (r *records) next() error {
	r.line, r.fields = r.line[:0], r.fields[:0]
	// A line end within quotes belongs to the record: their number is odd there.
	for quotes := 0; ; {
		part, err := r.in.ReadSlice('\n')
		quotes += bytes.Count(part, []byte{'"'})
		r.line = append(r.line, part...)
		switch {
		case len(r.line) > maxRecord:
			return errRecord
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && len(r.line) == 0:
			return io.EOF
		case errors.Is(err, io.EOF) && quotes%2 == 1:
			return io.ErrUnexpectedEOF
		case err != nil && !errors.Is(err, io.EOF):
			return err
		case quotes%2 == 1:
			continue
		}
		return r.split()
	}
}

// split finds the fields, whose quotes it takes away in place.
func (r *records) split() error {
	line := bytes.TrimSuffix(r.line, []byte{'\n'})
	line = bytes.TrimSuffix(line, []byte{'\r'})
	for at := 0; ; {
		if at < len(line) && line[at] == '"' {
			from, to := at, at
			for at++; ; {
				n := bytes.IndexByte(line[at:], '"')
				if n < 0 {
					return errQuote
				}
				to += copy(line[to:], line[at:at+n])
				at += n + 1
				if at == len(line) || line[at] != '"' {
					break
				}
				line[to] = '"'
				to++
				at++
			}
			r.fields = append(r.fields, span{from, to, true})
			if at < len(line) && line[at] != r.comma {
				return errQuote
			}
		} else {
			n := bytes.IndexByte(line[at:], r.comma)
			if n < 0 {
				n = len(line) - at
			}
			if bytes.IndexByte(line[at:at+n], '"') >= 0 {
				return errQuote
			}
			r.fields = append(r.fields, span{at, at + n, false})
			at += n
		}
		if at == len(line) {
			return nil
		}
		at++
	}
}
