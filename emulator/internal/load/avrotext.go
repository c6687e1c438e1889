package load

import (
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/hamba/avro/v2"
)

// avroText writes values of Avro as JSON: unions as the value that they have, enums as
// their names, bytes as the characters of their numbers, logical types as the text of a
// date, time or number.
type avroText struct {
	out   []byte
	blobs map[int]bool // where strings begin that are bytes
	limit int          // of a string: what the block has
	raw   bool         // times are the numbers that they are stored as
	err   error
}

func (t *avroText) start() {
	t.out = t.out[:0]
	clear(t.blobs)
	t.err = nil
}

// ok tells whether to go on. A record that says to have more elements than bytes would
// never end.
func (t *avroText) ok(r *avro.Reader) bool {
	if len(t.out) > maxRow && t.err == nil {
		t.err = errAvro("A record is too long.")
	}
	return t.err == nil && r.Error == nil
}

func (t *avroText) value(r *avro.Reader, schema avro.Schema, depth int) {
	if depth > maxDepth {
		t.err = errAvro("A record is nested too deeply.")
	}
	if !t.ok(r) {
		return
	}
	switch s := schema.(type) {
	case *avro.RefSchema:
		t.value(r, s.Schema(), depth+1)
	case *avro.RecordSchema:
		for i, f := range s.Fields() {
			t.key(f.Name(), i == 0)
			t.value(r, f.Type(), depth+1)
		}
		t.close('{', '}', len(s.Fields()) == 0)
	case *avro.UnionSchema:
		n := r.ReadLong()
		if n < 0 || n >= int64(len(s.Types())) {
			t.err = errAvro("A union has no type %d.", n)
			return
		}
		t.value(r, s.Types()[n], depth+1)
	case *avro.EnumSchema:
		n := int(r.ReadInt())
		if n < 0 || n >= len(s.Symbols()) {
			t.err = errAvro("An enum has no symbol %d.", n)
			return
		}
		t.text(s.Symbols()[n])
	case *avro.ArraySchema:
		empty := t.each(r, func(first bool) {
			t.out = append(t.out, separator('[', first))
			t.value(r, s.Items(), depth+1)
		})
		t.close('[', ']', empty)
	case *avro.MapSchema:
		empty := t.each(r, func(first bool) {
			t.key(r.ReadString(), first)
			t.value(r, s.Values(), depth+1)
		})
		t.close('{', '}', empty)
	case *avro.FixedSchema:
		if s.Size() > t.limit {
			t.err = errAvro("A value is longer than its block.")
			return
		}
		data := make([]byte, s.Size())
		r.Read(data)
		t.bytes(data, s.Logical())
	case *avro.NullSchema:
		t.out = append(t.out, "null"...)
	default:
		t.primitive(r, schema)
	}
}

func separator(open byte, first bool) byte {
	if first {
		return open
	}
	return ','
}

func (t *avroText) key(name string, first bool) {
	t.out = append(t.out, separator('{', first))
	t.text(name)
	t.out = append(t.out, ':')
}

func (t *avroText) close(opened, closed byte, empty bool) {
	if empty {
		t.out = append(t.out, opened)
	}
	t.out = append(t.out, closed)
}

// each goes through the blocks of an array or map.
func (t *avroText) each(r *avro.Reader, item func(first bool)) (empty bool) {
	empty = true
	for t.ok(r) {
		n, _ := r.ReadBlockHeader()
		if n == 0 {
			break
		}
		if n < 0 || n > int64(t.limit) {
			// Even without bytes of their own there are not so many (assumed).
			t.err = errAvro("An array has %d elements.", n)
		}
		for ; n > 0 && t.ok(r); n-- {
			item(empty)
			empty = false
		}
	}
	return empty
}

func (t *avroText) primitive(r *avro.Reader, schema avro.Schema) {
	var logical avro.LogicalSchema
	if s, ok := schema.(*avro.PrimitiveSchema); ok {
		logical = s.Logical()
	}
	switch schema.Type() {
	case avro.Boolean:
		t.out = strconv.AppendBool(t.out, r.ReadBool())
	case avro.Int:
		t.number(int64(r.ReadInt()), logical)
	case avro.Long:
		t.number(r.ReadLong(), logical)
	case avro.Float:
		t.float(float64(r.ReadFloat()), 32)
	case avro.Double:
		t.float(r.ReadDouble(), 64)
	case avro.String:
		t.text(r.ReadString())
	case avro.Bytes:
		t.bytes(r.ReadBytes(), logical)
	default:
		t.err = errAvro("The type %s is unknown.", schema.Type())
	}
}

func (t *avroText) float(v float64, size int) {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		t.text(strings.TrimPrefix(strconv.FormatFloat(v, 'g', -1, size), "+"))
		return
	}
	t.out = strconv.AppendFloat(t.out, v, 'g', -1, size)
}

// number writes dates and times as text, in UTC. The documents say nothing of logical
// types (assumed); with TIMEFORMAT epochsecs or epochmillisecs they stay numbers.
func (t *avroText) number(v int64, logical avro.LogicalSchema) {
	layout, unit := "", time.Microsecond
	if logical != nil && !t.raw {
		switch logical.Type() {
		case avro.Date:
			layout, v, unit = "2006-01-02", v*24*60*60*1000, time.Millisecond
		case avro.TimeMillis:
			layout, unit = "15:04:05.999999", time.Millisecond
		case avro.TimeMicros:
			layout = "15:04:05.999999"
		case avro.TimestampMillis, avro.LocalTimestampMillis:
			layout, unit = "2006-01-02 15:04:05.999999", time.Millisecond
		case avro.TimestampMicros, avro.LocalTimestampMicros:
			layout = "2006-01-02 15:04:05.999999"
		}
	}
	if layout == "" {
		t.out = strconv.AppendInt(t.out, v, 10)
		return
	}
	at := time.UnixMicro(v)
	if unit == time.Millisecond {
		at = time.UnixMilli(v)
	}
	t.out = append(t.out, '"')
	t.out = at.UTC().AppendFormat(t.out, layout)
	t.out = append(t.out, '"')
}

func (t *avroText) bytes(data []byte, logical avro.LogicalSchema) {
	if d, ok := logical.(*avro.DecimalLogicalSchema); ok {
		v := new(big.Int).SetBytes(data)
		if len(data) > 0 && data[0] >= 0x80 {
			v.Sub(v, new(big.Int).Lsh(big.NewInt(1), uint(len(data))*8))
		}
		if len(data) > 64 || d.Scale() > 1000 {
			t.err = errAvro("A decimal is too long.")
			return
		}
		t.out = append(t.out, decimal(v, d.Scale())...)
		return
	}
	if t.blobs == nil {
		t.blobs = map[int]bool{}
	}
	t.blobs[len(t.out)] = true
	latin := make([]byte, 0, len(data))
	for _, c := range data {
		latin = utf8.AppendRune(latin, rune(c))
	}
	t.text(string(latin))
}

// decimal writes an unscaled number.
func decimal(v *big.Int, scale int) string {
	digits := new(big.Int).Abs(v).String()
	if n := scale + 1 - len(digits); n > 0 {
		digits = strings.Repeat("0", n) + digits
	}
	if scale > 0 {
		digits = digits[:len(digits)-scale] + "." + digits[len(digits)-scale:]
	}
	if v.Sign() < 0 {
		digits = "-" + digits
	}
	return digits
}

// text writes a string of JSON; what is no UTF-8 stays as it is, for COPY to refuse or
// replace.
func (t *avroText) text(s string) {
	const hex = "0123456789abcdef"
	t.out = append(t.out, '"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			t.out = append(t.out, '\\', c)
		case c < ' ':
			t.out = append(t.out, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		default:
			t.out = append(t.out, c)
		}
	}
	t.out = append(t.out, '"')
}
