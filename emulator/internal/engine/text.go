package engine

import (
	"encoding/hex"
	"math"
	"math/bits"
	"strconv"
	"time"
)

const (
	microsPerDay = 86400 * 1000000
	tenTo19      = 10000000000000000000
)

// appendDecimal writes a scaled integer with exactly scale digits after the point.
func appendDecimal(dst []byte, v huge, scale int) []byte {
	if v.high < 0 {
		dst = append(dst, '-')
		var carry uint64
		v.low, carry = bits.Add64(^v.low, 1, 0)
		v.high = int64(^uint64(v.high) + carry)
	}
	var scratch [64]byte
	digits := scratch[:0]
	hi := uint64(v.high)
	if hi == 0 {
		digits = strconv.AppendUint(digits, v.low, 10)
	} else {
		q, r := bits.Div64(hi, v.low, tenTo19)
		digits = strconv.AppendUint(digits, q, 10)
		var low [20]byte
		part := strconv.AppendUint(low[:0], r, 10)
		for n := len(part); n < 19; n++ {
			digits = append(digits, '0')
		}
		digits = append(digits, part...)
	}
	if scale == 0 {
		return append(dst, digits...)
	}
	if len(digits) <= scale {
		dst = append(dst, '0', '.')
		for n := len(digits); n < scale; n++ {
			dst = append(dst, '0')
		}
		return append(dst, digits...)
	}
	dst = append(dst, digits[:len(digits)-scale]...)
	dst = append(dst, '.')
	return append(dst, digits[len(digits)-scale:]...)
}

// appendFloat writes the shortest digits that read back as the same value; the
// exponent form begins where %.15g and %.6g have it (assumed).
func appendFloat(dst []byte, v float64, size int) []byte {
	switch {
	case math.IsNaN(v):
		return append(dst, "NaN"...)
	case math.IsInf(v, 1):
		return append(dst, "Infinity"...)
	case math.IsInf(v, -1):
		return append(dst, "-Infinity"...)
	}
	limit := 1e15
	if size == 32 {
		limit = 1e6
	}
	if a := math.Abs(v); a != 0 && (a < 1e-4 || a >= limit) {
		return strconv.AppendFloat(dst, v, 'e', -1, size)
	}
	return strconv.AppendFloat(dst, v, 'f', -1, size)
}

func append2(dst []byte, n int) []byte { return append(dst, byte('0'+n/10), byte('0'+n%10)) }

// civil is the proleptic Gregorian date of days since 1970-01-01.
func civil(days int64) (year int64, month, day int) {
	z := days + 719468
	era := z / 146097
	if z < 0 {
		era = (z - 146096) / 146097
	}
	doe := z - era*146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	day = int(doy - (153*mp+2)/5 + 1)
	month = int(mp + 3)
	if month > 12 {
		month -= 12
	}
	year = yoe + era*400
	if month <= 2 {
		year++
	}
	return year, month, day
}

// appendDay writes YYYY-MM-DD of the year as it is counted and tells whether it is BC.
func appendDay(dst []byte, days int64) ([]byte, bool) {
	y, m, d := civil(days)
	bc := y <= 0
	if bc {
		y = 1 - y
	}
	for w := int64(1000); w > y && w > 1; w /= 10 {
		dst = append(dst, '0')
	}
	dst = append(strconv.AppendInt(dst, y, 10), '-')
	dst = append(append2(dst, m), '-')
	return append2(dst, d), bc
}

func appendDate(dst []byte, days int32) []byte {
	switch days {
	case math.MaxInt32:
		return append(dst, "infinity"...)
	case -math.MaxInt32:
		return append(dst, "-infinity"...)
	}
	dst, bc := appendDay(dst, int64(days))
	if bc {
		dst = append(dst, " BC"...)
	}
	return dst
}

// appendClock writes HH:MM:SS and the fraction without its trailing zeros.
func appendClock(dst []byte, micros int64) []byte {
	s := micros / 1000000
	if h := s / 3600; h < 100 {
		dst = append2(dst, int(h))
	} else {
		dst = strconv.AppendInt(dst, h, 10)
	}
	dst = append2(append(dst, ':'), int(s/60%60))
	dst = append2(append(dst, ':'), int(s%60))
	f := int(micros % 1000000)
	if f == 0 {
		return dst
	}
	dst = append(dst, '.')
	for w := 100000; f > 0; w /= 10 {
		dst = append(dst, byte('0'+f/w))
		f %= w
	}
	return dst
}

func appendZone(dst []byte, seconds int) []byte {
	sign := byte('+')
	if seconds < 0 {
		sign, seconds = '-', -seconds
	}
	dst = append2(append(dst, sign), seconds/3600)
	if rest := seconds % 3600; rest != 0 {
		dst = append2(append(dst, ':'), rest/60)
		if rest%60 != 0 {
			dst = append2(append(dst, ':'), rest%60)
		}
	}
	return dst
}

// appendTimestamp writes a time stamp; a zone other than nil shifts it and is shown.
func appendTimestamp(dst []byte, micros int64, zone *time.Location) []byte {
	switch micros {
	case math.MaxInt64:
		return append(dst, "infinity"...)
	case -math.MaxInt64:
		return append(dst, "-infinity"...)
	}
	offset := 0
	if zone != nil && zone != time.UTC {
		_, offset = time.UnixMicro(micros).In(zone).Zone()
		micros += int64(offset) * 1000000
	}
	days, rest := micros/microsPerDay, micros%microsPerDay
	if rest < 0 {
		days, rest = days-1, rest+microsPerDay
	}
	dst, bc := appendDay(dst, days)
	dst = appendClock(append(dst, ' '), rest)
	if zone != nil {
		dst = appendZone(dst, offset)
	}
	if bc {
		dst = append(dst, " BC"...)
	}
	return dst
}

func appendTimeTZ(dst []byte, v uint64) []byte {
	return appendZone(appendClock(dst, int64(v>>24)), zoneOf(v))
}

// zoneOf is how many seconds east of UTC a TIMETZ is.
func zoneOf(v uint64) int {
	const maxOffset = 16*3600 - 1
	return maxOffset - int(v&0xffffff)
}

// appendInterval writes an interval as PostgreSQL's style does: `1 year 2 mons
// 3 days 04:05:06.5`; nothing at all is `00:00:00` (assumed for YEAR TO MONTH).
func appendInterval(dst []byte, v interval) []byte {
	start := len(dst)
	unit := func(n int64, name string) {
		if n == 0 {
			return
		}
		if len(dst) > start {
			dst = append(dst, ' ')
		}
		dst = append(append(strconv.AppendInt(dst, n, 10), ' '), name...)
		if n != 1 {
			dst = append(dst, 's')
		}
	}
	unit(int64(v.months/12), "year")
	unit(int64(v.months%12), "mon")
	unit(int64(v.days)+v.micros/microsPerDay, "day")
	rest := v.micros % microsPerDay
	if rest == 0 && len(dst) > start {
		return dst
	}
	if len(dst) > start {
		dst = append(dst, ' ')
	}
	if rest < 0 {
		dst, rest = append(dst, '-'), -rest
	}
	return appendClock(dst, rest)
}

// AppendText appends a value as Redshift prints it, a TIMESTAMPTZ in UTC; NULL
// appends nothing.
func (c *Chunk) AppendText(dst []byte, col, row int) []byte {
	if c.IsNull(col, row) {
		return dst
	}
	return c.appendText(dst, col, row, time.UTC, StyleISO)
}

// AppendTextIn is AppendText with TIMESTAMPTZ in a time zone; nil is UTC.
func (c *Chunk) AppendTextIn(dst []byte, col, row int, zone *time.Location) []byte {
	if c.IsNull(col, row) {
		return dst
	}
	if zone == nil {
		zone = time.UTC
	}
	return c.appendText(dst, col, row, zone, StyleISO)
}

func (c *Chunk) appendText(dst []byte, col, row int, zone *time.Location, style DateStyle) []byte {
	d := c.vectors[col].data
	k := c.columns[col]
	switch k.store {
	case storeBool:
		if *at[bool](d, row) {
			return append(dst, 't')
		}
		return append(dst, 'f')
	case storeFloat:
		return appendFloat(dst, float64(*at[float32](d, row)), 32)
	case storeDouble:
		return appendFloat(dst, *at[float64](d, row), 64)
	case storeDate:
		return style.appendDate(dst, *at[int32](d, row))
	case storeTime:
		return appendClock(dst, *at[int64](d, row))
	case storeTimeTZ:
		return appendTimeTZ(dst, *at[uint64](d, row))
	case storeTimestamp:
		return style.appendTimestamp(dst, *at[int64](d, row), nil)
	case storeTimestampTZ:
		return style.appendTimestamp(dst, *at[int64](d, row), zone)
	case storeInterval:
		return appendInterval(dst, *at[interval](d, row))
	case storeText:
		return append(dst, c.bytes(col, row)...)
	case storeBlob:
		return hex.AppendEncode(dst, c.bytes(col, row))
	}
	if v := c.integer(col, row); k.decimal || k.store == storeHuge || k.store == storeUint64 {
		return appendDecimal(dst, v, int(k.scale))
	} else {
		return strconv.AppendInt(dst, int64(v.low), 10)
	}
}
