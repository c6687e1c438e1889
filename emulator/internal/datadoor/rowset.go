package datadoor

import (
	"context"
	"encoding/binary"
	"errors"

	"github.com/llm-dev-ops/redshift/emulator/internal/session"
)

// pageSize is about how many bytes of rows one page of a result holds, and one
// chunk of a CSV result ("1 MB").
const pageSize = 1 << 20

var errTooLarge = errors.New("the result is too large")

// rowset are the rows of a statement as DataRow messages. It never changes
// after collect.
type rowset struct {
	pages []page
	count int64
	bytes int64 // of the values
	size  int64 // in memory
}

type page struct {
	data []byte // whole DataRow messages
	rows int
}

// collect reads an execution to its end.
func collect(ctx context.Context, portal session.Portal, limit int64) (*rowset, error) {
	set := &rowset{}
	var (
		buf []byte
		cur page
	)
	for {
		out, _, done, err := portal.AppendRows(ctx, buf[:0], 256)
		if err != nil {
			return nil, err
		}
		for rest := out; len(rest) > 0; {
			n := message(rest)
			if n == 0 {
				return nil, errors.New("datadoor: the session gave a broken row")
			}
			if len(cur.data) > 0 && len(cur.data)+n > pageSize {
				set.add(cur)
				cur = page{}
			}
			cur.data = append(cur.data, rest[:n]...)
			cur.rows++
			set.bytes += valueBytes(rest[:n])
			rest = rest[n:]
		}
		if set.size+int64(len(cur.data)) > limit {
			return nil, errTooLarge
		}
		if done {
			break
		}
		buf = out
	}
	if cur.rows > 0 {
		set.add(cur)
	}
	return set, nil
}

func (s *rowset) add(p page) {
	if cap(p.data) > len(p.data)+len(p.data)/8 {
		p.data = append(make([]byte, 0, len(p.data)), p.data...)
	}
	s.pages = append(s.pages, p)
	s.count += int64(p.rows)
	s.size += int64(len(p.data))
}

// message is the length of the DataRow message that b begins with, 0 if it
// does not.
func message(b []byte) int {
	if len(b) < 7 || b[0] != 'D' {
		return 0
	}
	n := int64(binary.BigEndian.Uint32(b[1:])) + 1
	if n < 7 || n > int64(len(b)) {
		return 0
	}
	return int(n)
}

// values cuts a DataRow message into its values; nil is NULL. The result is
// false for what is none.
func values(row []byte, dst [][]byte) ([][]byte, bool) {
	if len(row) == 0 || message(row) != len(row) {
		return dst, false
	}
	n, rest := int(binary.BigEndian.Uint16(row[5:])), row[7:]
	for range n {
		if len(rest) < 4 {
			return dst, false
		}
		size := int32(binary.BigEndian.Uint32(rest))
		rest = rest[4:]
		if size == -1 {
			dst = append(dst, nil)
			continue
		}
		if size < 0 || int(size) > len(rest) {
			return dst, false
		}
		dst = append(dst, rest[:size:size])
		rest = rest[size:]
	}
	return dst, len(rest) == 0
}

// valueBytes are the bytes of a row's values.
func valueBytes(row []byte) int64 {
	return int64(len(row) - 7 - 4*int(binary.BigEndian.Uint16(row[5:])))
}
