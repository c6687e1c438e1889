package s3door

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/objstore"
)

// span is a piece of an object.
type span struct {
	offset, length int64
	partial        bool
	parts          int // of a multipart object that was asked for by part
}

// contentRange is the header that tells a piece.
func (s span) contentRange(size int64) string {
	return fmt.Sprintf("bytes %d-%d/%d", s.offset, s.offset+s.length-1, size)
}

// parseRange reads a Range header. What is not a single range of bytes is ignored,
// as S3 does; a range behind the end is InvalidRange.
func parseRange(header string, size int64) (span, error) {
	whole := span{length: size}
	spec, ok := strings.CutPrefix(header, "bytes=")
	if !ok {
		return whole, nil
	}
	first, last, ok := strings.Cut(strings.TrimSpace(spec), "-")
	if !ok {
		return whole, nil
	}
	if first == "" {
		n, ok := parseOffset(last)
		if !ok {
			return whole, nil
		}
		if n == 0 || size == 0 {
			return whole, fail(codeInvalidRange, "")
		}
		n = min(n, size)
		return span{offset: size - n, length: n, partial: true}, nil
	}
	from, ok := parseOffset(first)
	if !ok {
		return whole, nil
	}
	to := size - 1
	if last != "" {
		n, ok := parseOffset(last)
		if !ok || n < from {
			return whole, nil
		}
		to = min(to, n)
	}
	if from >= size {
		return whole, fail(codeInvalidRange, "")
	}
	return span{offset: from, length: to - from + 1, partial: true}, nil
}

// parseOffset reads a number without sign; one that is too great is the greatest.
func parseOffset(s string) (int64, bool) {
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 1<<63 - 1, true
	}
	return n, true
}

// partSpan is the piece of an object that came as the nth part.
func partSpan(o objstore.Object, n int) (span, error) {
	if len(o.Parts) == 0 {
		if n != 1 {
			return span{}, fail(codeInvalidPartNumber, "")
		}
		return span{length: o.Size, partial: o.Size > 0}, nil
	}
	s := span{partial: true, parts: len(o.Parts)}
	for i, p := range o.Parts {
		// Parts are counted as they were completed, gaps in their numbers closed.
		if i+1 == n {
			s.length = p.Size
			s.partial = o.Size > 0
			return s, nil
		}
		s.offset += p.Size
	}
	return span{}, fail(codeInvalidPartNumber, "")
}

// sourceRange reads x-amz-copy-source-range, which must be bytes=first-last within
// the source.
func sourceRange(header string, size int64) (span, error) {
	if header == "" {
		return span{length: size}, nil
	}
	bad := fail(codeInvalidArgument, "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy")
	spec, ok := strings.CutPrefix(header, "bytes=")
	if !ok {
		return span{}, bad
	}
	first, last, _ := strings.Cut(spec, "-")
	from, ok1 := parseOffset(first)
	to, ok2 := parseOffset(last)
	if !ok1 || !ok2 || from > to {
		return span{}, bad
	}
	if to >= size {
		return span{}, fail(codeInvalidArgument, fmt.Sprintf("Range specified is not valid for source object of size: %d", size))
	}
	return span{offset: from, length: to - from + 1, partial: true}, nil
}
