package bulk

import (
	"bytes"
	"crypto/rand"
	"io"
	"math/big"
	"strconv"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/llm-dev-ops/redshift"
)

// csvEncoder writes CSV compressed with ZSTD.
type csvEncoder struct {
	z    *zstd.Encoder
	null string // unlike any value
	buf  []byte
	bad  string // the column in which null is a value
}

func newCSVEncoder(null string) *csvEncoder { return &csvEncoder{null: null} }

// newMarker is a text for NULL that no value is, but by a chance of 1 in 2^80.
func newMarker() string { return "~" + rand.Text()[:16] }

func (c *csvEncoder) begin(w io.Writer, _ int64) (err error) {
	if c.z == nil {
		c.z, err = zstd.NewWriter(w, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1))
		return err
	}
	c.z.Reset(w)
	return nil
}

func (c *csvEncoder) write(b *Batch) error {
	c.buf = c.buf[:0]
	for row := range b.n {
		for i := range b.vectors {
			if i > 0 {
				c.buf = append(c.buf, ',')
			}
			c.buf = c.field(c.buf, &b.vectors[i], row)
		}
		c.buf = append(c.buf, '\n')
	}
	if c.bad != "" {
		return usage("bulk: a value of column %q is the text that stands for NULL in this load; give it another ID", c.bad)
	}
	_, err := c.z.Write(c.buf)
	return err
}

func (c *csvEncoder) end() error { return c.z.Close() }

func (c *csvEncoder) field(out []byte, v *Vector, i int) []byte {
	if v.null[i] {
		return append(out, c.null...)
	}
	switch v.kind {
	case kindInt:
		return strconv.AppendInt(out, v.ints[i], 10)
	case kindBool:
		return append(out, "ft"[v.ints[i]])
	case kindFloat:
		return strconv.AppendFloat(out, v.floats[i], 'g', -1, v.bits)
	case kindDecimal:
		return appendDecimal(out, v.ints[i], v.scale)
	case kindWide:
		return append(out, decimalText(v.wide[i], v.scale)...)
	case kindDate:
		return appendDate(out, time.Unix(v.ints[i]*86400, 0).UTC(), "2006-01-02")
	case kindTime:
		return time.UnixMicro(v.ints[i]).UTC().AppendFormat(out, "15:04:05.999999")
	case kindTimestamp:
		// A TIMESTAMPTZ's zone is the session's where none is given.
		layout := "2006-01-02 15:04:05.999999"
		if v.column.Type != redshift.TypeTimestamp {
			layout += "+00"
		}
		return appendDate(out, time.UnixMicro(v.ints[i]).UTC(), layout)
	}
	text := v.text(i)
	if len(text) == len(c.null) && string(text) == c.null {
		c.bad = v.column.Name
	}
	out = append(out, '"')
	for {
		at := bytes.IndexByte(text, '"')
		if at < 0 {
			return append(append(out, text...), '"')
		}
		out = append(append(out, text[:at+1]...), '"')
		text = text[at+1:]
	}
}

// appendDate writes years before 1 as Redshift does. The layout begins with the
// year.
func appendDate(out []byte, t time.Time, layout string) []byte {
	year := t.Year()
	if year > 0 && year < 10000 {
		return t.AppendFormat(out, layout)
	}
	shown := year
	if year <= 0 {
		shown = 1 - year
	}
	for p := 1000; p > shown; p /= 10 {
		out = append(out, '0')
	}
	out = strconv.AppendInt(out, int64(shown), 10)
	out = t.AppendFormat(out, layout[len("2006"):])
	if year <= 0 {
		out = append(out, " BC"...)
	}
	return out
}

func appendDecimal(out []byte, n int64, scale int) []byte {
	if n < 0 {
		out, n = append(out, '-'), -n
	}
	p := pow10[scale]
	out = strconv.AppendInt(out, n/p, 10)
	if scale == 0 {
		return out
	}
	out = append(out, '.')
	for rest := n % p; scale > 0; scale-- {
		p /= 10
		out = append(out, byte('0'+rest/p))
		rest %= p
	}
	return out
}

func decimalText(w [16]byte, scale int) string {
	n := new(big.Int).SetBytes(w[:])
	if w[0]&0x80 != 0 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), 128))
	}
	s := new(big.Int).Abs(n).String()
	for len(s) <= scale {
		s = "0" + s
	}
	if scale > 0 {
		s = s[:len(s)-scale] + "." + s[len(s)-scale:]
	}
	if n.Sign() < 0 {
		s = "-" + s
	}
	return s
}
