package unload

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/llm-dev-ops/redshift/emulator/internal/engine"
	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/copycmd"
)

// encoder appends rows, each with its newline.
type encoder interface {
	header(dst []byte) []byte // nothing without HEADER
	row(dst []byte, c *engine.Chunk, row int) ([]byte, error)
}

func newEncoder(u *copycmd.Unload, p *plan, zone *time.Location) encoder {
	switch u.Format {
	case copycmd.FormatJSON:
		return newJSON(p, zone)
	case copycmd.FormatFixedWidth:
		return newFixed(u, p, zone)
	}
	return newDelimited(u, p, zone)
}

// isText tells of types whose values may hold any character.
func isText(k rstype.Kind) bool {
	switch k {
	case rstype.Char, rstype.Varchar, rstype.Name, rstype.Super, rstype.Unknown, rstype.HLLSketch:
		return true
	}
	return false
}

// marks is a set of bytes.
type marks [256]bool

func markOf(s string) *marks {
	var m marks
	for i := range len(s) {
		m[s[i]] = true
	}
	return &m
}

func (m *marks) in(s []byte) bool {
	for _, c := range s {
		if m[c] {
			return true
		}
	}
	return false
}

// delimited writes text and CSV.
type delimited struct {
	files     []int
	kinds     []rstype.Kind
	names     []string
	zone      *time.Location
	delimiter byte
	null      string
	csv       bool
	quotes    bool // ADDQUOTES
	escape    bool
	head      bool
	special   *marks // CSV: quotes the field; ESCAPE: takes a backslash
	always    bool   // values other than texts may hold the delimiter too
}

func newDelimited(u *copycmd.Unload, p *plan, zone *time.Location) *delimited {
	e := &delimited{
		files: p.files, zone: zone, csv: u.Format == copycmd.FormatCSV,
		quotes: u.AddQuotes, escape: u.Escape, head: u.Header,
	}
	e.delimiter, _ = delimiter(u) // checked by the plan
	if u.NullAs != nil {
		e.null = *u.NullAs
	}
	special := "\n\r" + string(rune(e.delimiter))
	switch {
	case e.csv:
		special += `"`
		e.always = strings.IndexByte("0123456789abcdefABCDEFghijklmnopqrstuvwxyzIN+-.: ", e.delimiter) >= 0
	case e.escape && e.quotes:
		special += `\"'`
	default:
		special += `\`
	}
	e.special = markOf(special)
	for _, i := range p.files {
		e.kinds, e.names = append(e.kinds, p.columns[i].Type.Kind), append(e.names, p.columns[i].Name)
	}
	return e
}

// header has the names with the options of the text (r_UNLOAD.md, "HEADER").
func (e *delimited) header(dst []byte) []byte {
	if !e.head {
		return dst
	}
	for i, name := range e.names {
		if i > 0 {
			dst = append(dst, e.delimiter)
		}
		start := len(dst)
		if e.quotes {
			dst = append(dst, '"')
			start++
		}
		dst = e.finish(append(dst, name...), start, true)
	}
	return append(dst, '\n')
}

func (e *delimited) row(dst []byte, c *engine.Chunk, row int) ([]byte, error) {
	for i, col := range e.files {
		if i > 0 {
			dst = append(dst, e.delimiter)
		}
		if c.IsNull(col, row) {
			if e.kinds[i] == rstype.Super {
				dst = append(dst, "null"...) // unload-super-csv.md: SUPER ignores NULL AS
			} else {
				dst = append(dst, e.null...) // no quotes, also with ADDQUOTES (assumed)
			}
			continue
		}
		start := len(dst)
		if e.quotes {
			dst = append(dst, '"')
			start++
		}
		dst = e.finish(c.AppendTextIn(dst, col, row, e.zone), start, isText(e.kinds[i]))
	}
	return append(dst, '\n'), nil
}

// finish quotes or escapes the field that begins at start, behind its opening quote.
func (e *delimited) finish(dst []byte, start int, text bool) []byte {
	switch {
	case e.csv && (text || e.always) && e.special.in(dst[start:]):
		dst = quoteCSV(dst, start)
	case e.escape && text && e.special.in(dst[start:]):
		// "For CHAR and VARCHAR columns in delimited unload files"; SUPER too (assumed).
		dst = escapeText(dst, start, e.special)
	}
	if e.quotes {
		dst = append(dst, '"')
	}
	return dst
}

// quoteCSV puts quotes around what begins at start and doubles those inside.
func quoteCSV(dst []byte, start int) []byte {
	n := 2 + bytes.Count(dst[start:], []byte{'"'})
	from := len(dst) - 1
	dst = append(dst, make([]byte, n)...)
	to := len(dst) - 1
	dst[to] = '"'
	for to--; from >= start; from-- {
		dst[to] = dst[from]
		to--
		if dst[from] == '"' {
			dst[to] = '"'
			to--
		}
	}
	dst[to] = '"'
	return dst
}

// escapeText puts a backslash before every special byte of what begins at start.
func escapeText(dst []byte, start int, special *marks) []byte {
	n := 0
	for _, c := range dst[start:] {
		if special[c] {
			n++
		}
	}
	from := len(dst) - 1
	dst = append(dst, make([]byte, n)...)
	for to := len(dst) - 1; to > from; from-- {
		c := dst[from]
		dst[to] = c
		to--
		if special[c] {
			dst[to] = '\\'
			to--
		}
	}
	return dst
}

// fixed writes columns of fixed width, in characters and filled with blanks.
type fixed struct {
	columns []fixedColumn
	zone    *time.Location
	null    string
}

type fixedColumn struct {
	col, width int
	name       string
	text       bool
}

func newFixed(u *copycmd.Unload, p *plan, zone *time.Location) *fixed {
	e := &fixed{zone: zone}
	if u.NullAs != nil {
		e.null = *u.NullAs
	}
	for n, i := range p.files {
		e.columns = append(e.columns, fixedColumn{i, u.FixedWidth[n].Width, p.columns[i].Name, isText(p.columns[i].Type.Kind)})
	}
	return e
}

func (e *fixed) header(dst []byte) []byte { return dst }

func (e *fixed) row(dst []byte, c *engine.Chunk, row int) ([]byte, error) {
	for _, k := range e.columns {
		start := len(dst)
		if c.IsNull(k.col, row) {
			// A null string that is too long leaves the field empty but for character
			// columns, where it is an error (r_UNLOAD.md, "NULL AS").
			if k.text || utf8.RuneCountInString(e.null) <= k.width {
				dst = append(dst, e.null...)
			}
		} else {
			dst = c.AppendTextIn(dst, k.col, row, e.zone)
		}
		n := utf8.RuneCount(dst[start:])
		if n > k.width {
			// FIXEDWIDTH does not truncate; the text is assumed.
			return dst, &Error{State: "22001", Message: fmt.Sprintf("value of column %q has %d characters, its FIXEDWIDTH is %d", k.name, n, k.width)}
		}
		for ; n < k.width; n++ {
			dst = append(dst, ' ')
		}
	}
	return append(dst, '\n'), nil
}

// lines writes JSON, one object a line.
type lines struct {
	columns []jsonColumn
	zone    *time.Location
}

type jsonColumn struct {
	col  int
	key  []byte // `{"name":` or `,"name":`
	kind rstype.Kind
}

func newJSON(p *plan, zone *time.Location) *lines {
	e := &lines{zone: zone}
	for _, i := range p.files {
		key := []byte{','}
		if len(e.columns) == 0 {
			key = []byte{'{'}
		}
		key = append(appendJSON(key, p.columns[i].Name), ':')
		e.columns = append(e.columns, jsonColumn{i, key, p.columns[i].Type.Kind})
	}
	return e
}

func (e *lines) header(dst []byte) []byte { return dst }

// row writes numbers as they are, SUPER as the JSON it is and all else as strings:
// "boolean values are unloaded as t or f, and NULL values are unloaded as null".
func (e *lines) row(dst []byte, c *engine.Chunk, row int) ([]byte, error) {
	for _, k := range e.columns {
		dst = append(dst, k.key...)
		if c.IsNull(k.col, row) {
			dst = append(dst, "null"...)
			continue
		}
		start := len(dst)
		switch k.kind {
		case rstype.Int2, rstype.Int4, rstype.Int8, rstype.OID, rstype.Numeric:
			dst = c.AppendTextIn(dst, k.col, row, e.zone)
		case rstype.Float4, rstype.Float8:
			dst = c.AppendTextIn(dst, k.col, row, e.zone)
			if last := dst[len(dst)-1]; last < '0' || last > '9' { // NaN, Infinity: as strings (assumed)
				dst = appendJSON(dst[:start], string(dst[start:]))
			}
		case rstype.Super:
			dst = c.AppendTextIn(dst, k.col, row, e.zone)
			if bytes.ContainsAny(dst[start:], "\n\r") {
				var b bytes.Buffer
				if err := json.Compact(&b, dst[start:]); err != nil {
					return dst, &Error{State: "22P02", Message: "a SUPER value is not JSON", Cause: err}
				}
				dst = append(dst[:start], b.Bytes()...)
			}
		default:
			dst = append(dst, '"')
			dst = c.AppendTextIn(dst, k.col, row, e.zone)
			dst = append(escapeJSON(dst, start+1), '"')
		}
	}
	return append(dst, '}', '\n'), nil
}

func appendJSON(dst []byte, s string) []byte {
	start := len(dst) + 1
	dst = append(append(dst, '"'), s...)
	return append(escapeJSON(dst, start), '"')
}

var jsonSpecial = func() *marks {
	m := markOf(`"\`)
	for c := range 0x20 {
		m[c] = true
	}
	return m
}()

// escapeJSON makes what begins at start fit for the inside of a JSON string.
func escapeJSON(dst []byte, start int) []byte {
	if !jsonSpecial.in(dst[start:]) {
		return dst
	}
	raw := string(dst[start:])
	dst = dst[:start]
	for i := range len(raw) {
		c := raw[i]
		switch {
		case !jsonSpecial[c]:
			dst = append(dst, c)
		case c == '"', c == '\\':
			dst = append(dst, '\\', c)
		case c == '\n':
			dst = append(dst, `\n`...)
		case c == '\r':
			dst = append(dst, `\r`...)
		case c == '\t':
			dst = append(dst, `\t`...)
		default:
			dst = append(dst, `\u00`...)
			dst = append(dst, strconv.FormatUint(uint64(c)|0x100, 16)[1:]...)
		}
	}
	return dst
}
