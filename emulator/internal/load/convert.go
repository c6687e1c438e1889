package load

import (
	"bytes"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
	"unsafe"

	"github.com/llm-dev-ops/redshift/emulator/internal/engine"
	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/copycmd"
)

// borrow is b as a string without a copy. It is used for calls that keep nothing.
func borrow(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// conversion turns fields into values under the options of
// copy-parameters-data-conversion. It is used by one goroutine at a time.
type conversion struct {
	null          []byte // nil when the format has no NULL AS
	nulNull       bool   // NULL AS '\0'
	padded        bool   // the format is FIXEDWIDTH with NULL AS
	emptyAsNull   bool
	blanksAsNull  bool
	trimBlanks    bool
	truncate      bool
	round         bool
	anyDate       bool
	replace       bool
	replaced      bool // something was, since the caller has cleared this
	replacement   byte
	json          bool
	date          layout
	timestamp     layout
	timestampZone layout
	zone          *time.Location
	now           time.Time
	scratch       bytes.Buffer
}

func newConversion(c *copycmd.Copy, zone *time.Location) (*conversion, error) {
	v := &conversion{
		emptyAsNull: c.EmptyAsNull, blanksAsNull: c.BlanksAsNull, trimBlanks: c.TrimBlanks,
		padded:   c.Format == copycmd.FormatFixedWidth && c.NullAs != nil && *c.NullAs != "",
		truncate: c.TruncateColumns, round: c.RoundEC, anyDate: c.AcceptAnyDate,
		replace: c.AcceptInvChars, replacement: '?', zone: zone, now: time.Now(), json: c.Format == copycmd.FormatJSON || strings.HasPrefix(c.From.URI, "dynamodb://") || c.Format == copycmd.FormatAvro && c.NullAs == nil,
	}
	if v.zone == nil {
		v.zone = time.UTC
	}
	if c.ReplacementChar != "" {
		v.replacement = c.ReplacementChar[0]
	}
	if !v.json {
		v.null = []byte(`\N`)
		if c.NullAs != nil {
			v.null = []byte(*c.NullAs)
			if *c.NullAs == `\0` || *c.NullAs == `\000` {
				v.null, v.nulNull = []byte{0}, true
			}
		}
	}
	var err error
	if v.date, err = newDateLayout(c.DateFormat); err != nil {
		return nil, err
	}
	if v.timestamp, err = newTimeLayout(c.TimeFormat, false); err != nil {
		return nil, err
	}
	v.timestampZone, err = newTimeLayout(c.TimeFormat, true)
	return v, err
}

// isNull tells whether NULL AS makes the field NULL. In files with ESCAPE the text
// may stand for it as it is or escaped: \N and \\N are both NULL.
func (v *conversion) isNull(f *field) bool {
	switch f.kind {
	case fieldNull:
		return true
	case fieldText:
		if v.null == nil {
			return false
		}
		// Quotes do not keep a field from being NULL, nor do the blanks that fill up a
		// field of fixed width (assumed).
		data := f.data
		if v.padded && len(data) > len(v.null) {
			data = bytes.TrimRight(data, " ")
		}
		return len(data) == len(v.null) && bytes.Equal(data, v.null) ||
			f.raw != nil && bytes.Equal(f.raw, v.null)
	}
	return false
}

// convert makes a field the value of a column. Texts in dst are borrowed from the
// record.
func (v *conversion) convert(dst *engine.Value, f *field, c *Column) *refusal {
	*dst = engine.Value{}
	k := c.Type.Kind
	text := k == rstype.Varchar || k == rstype.Char
	switch {
	case v.isNull(f):
	case v.nulNull && f.kind == fieldText && strayNUL(f.data, text):
		return refuse(codeNUL, "NULL AS '\\0': a field with NUL has more than one byte")
	case f.kind == fieldAbsent && (k != rstype.Varchar || v.emptyAsNull):
	case text && v.emptyAsNull && len(f.data) == 0:
	case text && v.blanksAsNull && len(f.data) > 0 && len(blank(f.data)) == 0:
	case text:
		if k == rstype.Char {
			return v.char(dst, f.data, c.Type)
		}
		return v.varchar(dst, f.data, c.Type)
	default:
		// Blank fields of other types are always NULL.
		s := blank(f.data)
		if len(s) == 0 {
			break
		}
		if r := v.scalar(dst, s, f, c.Type); r != nil {
			if v.anyDate && (r.code == codeDate || r.code == codeTimestamp) {
				break // ACCEPTANYDATE: NULL
			}
			return r
		}
		return nil
	}
	if c.NotNull {
		return refuse(codeNotNull, "Missing data for not-null field")
	}
	return nil
}

// strayNUL tells whether a field that is not NUL alone has NUL where NULL AS '\0' does
// not let it be: a text may end with one.
func strayNUL(s []byte, text bool) bool {
	n := bytes.IndexByte(s, 0)
	return n >= 0 && !(text && n == len(s)-1)
}

// blank takes white space off both ends.
func blank(s []byte) []byte {
	for len(s) > 0 && (s[0] == ' ' || s[0] >= '\t' && s[0] <= '\r') {
		s = s[1:]
	}
	for n := len(s); n > 0 && (s[n-1] == ' ' || s[n-1] >= '\t' && s[n-1] <= '\r'); n-- {
		s = s[:n-1]
	}
	return s
}

func (v *conversion) scalar(dst *engine.Value, s []byte, f *field, t rstype.Type) *refusal {
	switch t.Kind {
	case rstype.Int2, rstype.Int4, rstype.Int8:
		return parseInteger(dst, s, t.Kind)
	case rstype.Numeric:
		return parseNumeric(dst, s, t, v.round, f.kind == fieldJSON)
	case rstype.Float4, rstype.Float8:
		return parseFloat(dst, s, t.Kind)
	case rstype.Bool:
		b, ok := parseBool(s)
		if !ok {
			return refuse(codeBool, "Unknown boolean format")
		}
		*dst = engine.Bool(b)
	case rstype.Date:
		m, r := v.date.parse(s)
		if r != nil {
			return r
		}
		*dst = engine.Int64(m.days)
	case rstype.Timestamp:
		m, r := v.timestamp.parse(s)
		if r != nil {
			return r
		}
		*dst = engine.Int64(m.days*dayMicros + m.micros)
	case rstype.TimestampTZ:
		m, r := v.timestampZone.parse(s)
		if r != nil {
			return r
		}
		*dst = engine.Int64(m.utc(v.zone))
	case rstype.Time:
		m, ok := parseClock(s)
		if !ok {
			return refuse(codeTimestamp, "Error in Time value or format [%H:%M:%S]")
		}
		*dst = engine.Int64(m.micros)
	case rstype.TimeTZ:
		m, ok := parseZonedClock(s)
		if !ok || m.place != nil {
			return refuse(codeTimestamp, "Error in Time value or format [%H:%M:%S%z]")
		}
		if !m.zoned {
			// The session's zone as it is now (assumed).
			_, east := v.now.In(v.zone).Zone()
			m.offset = int64(east)
		}
		*dst = engine.TimeTZ(m.micros, int(m.offset))
	case rstype.IntervalYM, rstype.IntervalDS:
		return interval(dst, s, t.Kind)
	case rstype.Super:
		return v.super(dst, s, f)
	case rstype.Varbyte:
		return varbyte(dst, s, t)
	case rstype.Geometry, rstype.Geography, rstype.HLLSketch:
		return shaped(dst, s, t)
	default:
		return refuse(codeLine, "not supported by the emulator: COPY into a column of type "+t.String())
	}
	return nil
}

// parseBool knows the literals of r_Boolean_type, in any case.
func parseBool(s []byte) (value, ok bool) {
	var low [5]byte
	if len(s) > len(low) {
		return false, false
	}
	for i, c := range s {
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		low[i] = c
	}
	switch string(low[:len(s)]) {
	case "t", "true", "y", "yes", "1":
		return true, true
	case "f", "false", "n", "no", "0":
		return false, true
	}
	return false, false
}

func (v *conversion) varchar(dst *engine.Value, s []byte, t rstype.Type) *refusal {
	if v.trimBlanks {
		for n := len(s); n > 0 && (s[n-1] == ' ' || s[n-1] >= '\t' && s[n-1] <= '\r'); n-- {
			s = s[:n-1]
		}
	}
	if !utf8.Valid(s) && !v.replace {
		at, size, number := invalidUTF8(s)
		return refuse(codeUTF8, fmt.Sprintf("String contains invalid or unsupported UTF-8 codepoints. Bad UTF-8 hex sequence: %x (error %d)", s[at:at+size], number))
	}
	if v.replace {
		s = v.cleaned(s)
	}
	if limit := int(t.Len); limit > 0 && len(s) > limit {
		if !v.truncate {
			return refuse(codeRange, "String length exceeds DDL length")
		}
		for limit > 0 && !utf8.RuneStart(s[limit]) {
			limit--
		}
		s = s[:limit]
	}
	*dst = engine.Text(borrow(s))
	return nil
}

// char stores without trailing blanks, as they do not count (r_Character_types).
func (v *conversion) char(dst *engine.Value, s []byte, t rstype.Type) *refusal {
	s = bytes.TrimRight(s, " ")
	for i, c := range s {
		if c >= utf8.RuneSelf {
			_, n := utf8.DecodeRune(s[i:])
			return refuse(codeUTF8, fmt.Sprintf("Multibyte character not supported for CHAR (Hint: Try using VARCHAR). Invalid char: % x", s[i:i+n]))
		}
	}
	if limit := int(t.Len); limit > 0 && len(s) > limit {
		if !v.truncate {
			return refuse(codeRange, "Char length exceeds DDL length")
		}
		s = bytes.TrimRight(s[:limit], " ")
	}
	*dst = engine.Text(borrow(s))
	return nil
}

// cleaned has the replacement character in place of every byte of what is no
// character: bad UTF-8, and the noncharacters, which only ACCEPTINVCHARS minds
// (multi-byte-character-load-errors).
func (v *conversion) cleaned(s []byte) []byte {
	var out []byte
	for i := 0; i < len(s); {
		if s[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, size := utf8.DecodeRune(s[i:])
		if size > 1 && r&0xfffe != 0xfffe && (r < 0xfdd0 || r > 0xfdef) {
			i += size
			continue
		}
		if size == 1 {
			_, size, _ = invalidUTF8(s[i:])
		}
		if out == nil {
			out = bytes.Clone(s)
			v.replaced = true
		}
		for range size {
			out[i] = v.replacement
			i++
		}
	}
	if out == nil {
		return s
	}
	return out
}

// invalidUTF8 finds the first bad sequence, and its number in
// multi-byte-character-load-errors.
func invalidUTF8(s []byte) (at, size, number int) {
	for at < len(s) {
		r, n := utf8.DecodeRune(s[at:])
		if r != utf8.RuneError || n > 1 {
			at += n
			continue
		}
		c := s[at]
		want := 0
		switch {
		case c >= 0xf8 && c <= 0xfd:
			return at, 1, 1 // longer than four bytes
		case c >= 0xf0 && c < 0xf8:
			want = 4
		case c >= 0xe0:
			want = 3
		case c >= 0xc0:
			want = 2
		}
		if want == 0 || c >= 0xfe {
			return at, 1, 3 // no first byte
		}
		for i := 1; i < want; i++ {
			if at+i == len(s) {
				return at, i, 2 // incomplete
			}
			if s[at+i]&0xc0 != 0x80 {
				return at, i, 4 // bad trailing byte
			}
		}
		switch {
		case c == 0xed:
			return at, 3, 5 // a surrogate
		case want == 4 && (c > 0xf4 || c == 0xf4 && s[at+1] >= 0x90):
			return at, 4, 6 // beyond Unicode
		}
		return at, want, 7 // an overlong form stands for nothing
	}
	return len(s), 0, 0
}

// varbyte reads hexadecimal digits (assumed: two for every byte).
func varbyte(dst *engine.Value, s []byte, t rstype.Type) *refusal {
	if len(s)%2 != 0 {
		return refuse(codeHex, "Invalid hexadecimal string: odd number of digits")
	}
	out := make([]byte, len(s)/2)
	for i, c := range s {
		d := byte(0)
		switch {
		case c >= '0' && c <= '9':
			d = c - '0'
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			d = c | 0x20 - 'a' + 10
		default:
			return refuse(codeHex, fmt.Sprintf("Invalid hexadecimal digit, Value '%c', Pos %d, Type: Varbyte", c, i))
		}
		out[i/2] = out[i/2]<<4 | d
	}
	if t.Len > 0 && len(out) > int(t.Len) {
		return refuse(codeRange, "Varbyte length exceeds DDL length")
	}
	*dst = engine.Bytes(out)
	return nil
}
