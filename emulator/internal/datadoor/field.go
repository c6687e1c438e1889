package datadoor

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"

	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
)

// appendRecords writes the rows of a page as the model's SqlRecords.
func appendRecords(dst []byte, p page, columns []columnMetadata) ([]byte, error) {
	dst = append(dst, '[')
	err := eachRow(p, len(columns), func(i int, row [][]byte) error {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, '[')
		for j, v := range row {
			if j > 0 {
				dst = append(dst, ',')
			}
			var err error
			if dst, err = appendField(dst, v, columns[j].kind); err != nil {
				return fmt.Errorf("datadoor: column %d: %w", j+1, err)
			}
		}
		dst = append(dst, ']')
		return nil
	})
	return append(dst, ']'), err
}

// eachRow goes through the rows of a page; f must not keep what it gets.
func eachRow(p page, columns int, f func(i int, row [][]byte) error) error {
	var row [][]byte
	for i, rest := 0, p.data; len(rest) > 0; i++ {
		n := message(rest)
		if n == 0 {
			return fmt.Errorf("datadoor: row %d is broken", i)
		}
		var ok bool
		if row, ok = values(rest[:n], row[:0]); !ok || len(row) != columns {
			return fmt.Errorf("datadoor: row %d is broken", i)
		}
		if err := f(i, row); err != nil {
			return err
		}
		rest = rest[n:]
	}
	return nil
}

// appendField writes a value in text form as one member of the union Field
// (data-api.md: SMALLINT to BIGINT are longs, REAL and DOUBLE PRECISION
// doubles, BOOLEAN a boolean, all others strings).
func appendField(dst, v []byte, kind rstype.Kind) ([]byte, error) {
	if v == nil {
		return append(dst, `{"isNull":true}`...), nil
	}
	switch kind {
	case rstype.Bool:
		dst = append(dst, `{"booleanValue":`...)
		dst = strconv.AppendBool(dst, isTrue(v))
	case rstype.Int2, rstype.Int4, rstype.Int8, rstype.OID:
		n, err := strconv.ParseInt(string(v), 10, 64)
		if err != nil {
			return dst, err
		}
		dst = strconv.AppendInt(append(dst, `{"longValue":`...), n, 10)
	case rstype.Float4, rstype.Float8:
		f, err := strconv.ParseFloat(string(v), 64)
		if err != nil {
			return dst, err
		}
		dst = append(dst, `{"doubleValue":`...)
		switch {
		case math.IsNaN(f):
			dst = append(dst, `"NaN"`...) // the JSON protocols have these as strings
		case math.IsInf(f, 1):
			dst = append(dst, `"Infinity"`...)
		case math.IsInf(f, -1):
			dst = append(dst, `"-Infinity"`...)
		default:
			dst = strconv.AppendFloat(dst, f, 'g', -1, 64)
		}
	default:
		dst = appendString(append(dst, `{"stringValue":`...), v)
	}
	return append(dst, '}'), nil
}

// isTrue reads a boolean in text form, which is "t" on the wire and "true" in
// some of the session's own rows.
func isTrue(v []byte) bool { return len(v) > 0 && v[0] == 't' }

// appendString writes a JSON string.
func appendString(dst, v []byte) []byte {
	for _, c := range v {
		if c < ' ' || c == '"' || c == '\\' || c >= 0x7f {
			text, err := json.Marshal(string(v))
			if err != nil {
				return append(dst, `""`...)
			}
			return append(dst, text...)
		}
	}
	dst = append(dst, '"')
	dst = append(dst, v...)
	return append(dst, '"')
}

// appendHeader writes the names of the columns as a line of CSV.
func appendHeader(dst []byte, columns []columnMetadata) []byte {
	for i, c := range columns {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendCell(dst, []byte(c.Label))
	}
	return append(dst, '\r', '\n')
}

// appendCSV writes the rows of a page as CSV (data-api.md shows the line ends).
// That NULL is an empty cell, an empty text "" and a boolean true or false is
// assumed.
func appendCSV(dst []byte, p page, columns []columnMetadata) ([]byte, error) {
	err := eachRow(p, len(columns), func(_ int, row [][]byte) error {
		for j, v := range row {
			if j > 0 {
				dst = append(dst, ',')
			}
			switch {
			case v == nil:
			case columns[j].kind == rstype.Bool:
				dst = strconv.AppendBool(dst, isTrue(v))
			default:
				dst = appendCell(dst, v)
			}
		}
		dst = append(dst, '\r', '\n')
		return nil
	})
	return dst, err
}

// appendCell writes a text as RFC 4180 has it.
func appendCell(dst, v []byte) []byte {
	plain := len(v) > 0
	for _, c := range v {
		if c == '"' || c == ',' || c == '\r' || c == '\n' {
			plain = false
			break
		}
	}
	if plain {
		return append(dst, v...)
	}
	dst = append(dst, '"')
	for _, c := range v {
		if c == '"' {
			dst = append(dst, '"')
		}
		dst = append(dst, c)
	}
	return append(dst, '"')
}
