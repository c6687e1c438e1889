package dataapi

import (
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/redshiftdata"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata/types"

	"github.com/llm-dev-ops/redshift/transport"
)

// The rules of the service's CSV are not documented but for line ends and sizes
// (data-api.md); assumed is what docs/emulator.md says: a line of names at the top,
// NULL as an empty cell, an empty text as "", a boolean as true or false, quotes
// doubled.

var errQuotes = errors.New("the CSV of the result has a quote where none can be")

// pageCSV reads the next page. Where chunks and pages part is of no meaning.
func (r *rows) pageCSV() error {
	in := &redshiftdata.GetStatementResultV2Input{Id: &r.id, NextToken: r.next}
	out, err := retrying(r.ctx, r.s, r.s.api.GetStatementResultV2, in)
	if err != nil {
		return r.unreadable(err)
	}
	first := !r.begun
	r.begin(out.ColumnMetadata, out.NextToken)
	var b strings.Builder
	b.WriteString(r.text)
	for _, c := range out.Records {
		if chunk, ok := c.(*types.QueryRecordsMemberCSVRecords); ok {
			b.WriteString(chunk.Value)
		}
	}
	r.text = b.String()
	if first {
		return r.header()
	}
	return nil
}

// header passes the line of names.
func (r *rows) header() error {
	n, err := r.record()
	if err != nil || n == 0 || len(r.ends) != len(r.cols) {
		return err // there is none, or Next will say what is wrong
	}
	begin := 0
	for i, end := range r.ends {
		name := ""
		if end >= 0 {
			name, begin = string(r.buf[begin:end]), end
		}
		if name != r.cols[i].Name {
			return nil
		}
	}
	r.text = r.text[n:]
	return nil
}

// record reads the next record into buf and ends and tells its length, 0 for an end
// within it.
func (r *rows) record() (n int, err error) {
	r.buf, r.ends, n, err = appendRecord(r.buf[:0], r.ends[:0], r.text, r.next == nil)
	return n, err
}

// nextCSV is Next.
func (r *rows) nextCSV() bool {
	if !r.begun {
		return false // there is no result
	}
	for {
		n := 0
		if n, r.err = r.record(); r.err != nil {
			return false
		}
		if n > 0 {
			r.text = r.text[n:]
			break
		}
		if r.next == nil {
			return false
		}
		if !r.more() {
			return false
		}
	}
	if len(r.ends) != len(r.cols) {
		r.err = r.width(len(r.ends))
		return false
	}
	r.cut()
	for i, v := range r.raw {
		if r.cols[i].Type == transport.OIDBool && len(v) > 1 {
			r.raw[i] = v[:1] // as the wire has it
		}
	}
	return true
}

// appendRecord appends the values of text's first record to dst, and where each of
// them ends to ends, -1 for NULL. n is the record's length with its line end; it is 0
// where the record is not complete, unless the text is the last.
func appendRecord(dst []byte, ends []int, text string, last bool) (_ []byte, _ []int, n int, err error) {
	if text == "" {
		return dst, ends, 0, nil
	}
	for at := 0; ; {
		begin, quoted := len(dst), strings.HasPrefix(text[at:], `"`)
		if quoted {
			at++
			for {
				i := strings.IndexByte(text[at:], '"')
				if i < 0 {
					if last {
						return dst, ends, 0, errQuotes
					}
					return dst, ends, 0, nil
				}
				dst = append(dst, text[at:at+i]...)
				at += i + 1
				if !strings.HasPrefix(text[at:], `"`) {
					break
				}
				dst = append(dst, '"')
				at++
			}
		} else {
			i := strings.IndexAny(text[at:], ",\r\n")
			if i < 0 {
				i = len(text) - at
			}
			dst = append(dst, text[at:at+i]...)
			at += i
		}
		if quoted || len(dst) > begin {
			ends = append(ends, len(dst))
		} else {
			ends = append(ends, -1)
		}
		rest := text[at:]
		switch {
		case strings.HasPrefix(rest, ","):
			at++
		case strings.HasPrefix(rest, "\r\n"):
			return dst, ends, at + 2, nil
		case strings.HasPrefix(rest, "\n"):
			return dst, ends, at + 1, nil
		case rest == "" && last:
			return dst, ends, at, nil
		case rest == "" || rest == "\r" && !last:
			return dst, ends, 0, nil
		default:
			return dst, ends, 0, errQuotes
		}
	}
}
