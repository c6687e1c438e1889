package engine

import (
	"math"
	"strconv"
	"time"
)

// DateStyle is how dates and time stamps are shown (r_datestyle.md): one of the styles,
// with DayFirst for the order DMY. YMD counts in input alone, as in PostgreSQL. The zero
// value is ISO.
type DateStyle uint8

// The styles. The guide names them; their forms are PostgreSQL's.
const (
	StyleISO DateStyle = iota
	StyleSQL
	StylePostgres
	StyleGerman
	// DayFirst is added to a style.
	DayFirst DateStyle = 4
)

const styles = DayFirst - 1

// day writes the numbers of a date and tells whether it is BC.
func (s DateStyle) day(dst []byte, days int64) ([]byte, bool) {
	y, m, d := civil(days)
	bc := y <= 0
	if bc {
		y = 1 - y
	}
	sep := [...]byte{StyleSQL: '/', StylePostgres: '-', StyleGerman: '.'}[s&styles]
	if s&styles == StyleGerman || s&DayFirst != 0 {
		m, d = d, m
	}
	dst = append(append2(dst, m), sep)
	dst = append(append2(dst, d), sep)
	return appendYear(dst, y), bc
}

func appendYear(dst []byte, y int64) []byte {
	for w := int64(1000); w > y && w > 1; w /= 10 {
		dst = append(dst, '0')
	}
	return strconv.AppendInt(dst, y, 10)
}

func (s DateStyle) appendDate(dst []byte, days int32) []byte {
	if s&styles == StyleISO || days == math.MaxInt32 || days == -math.MaxInt32 {
		return appendDate(dst, days)
	}
	dst, bc := s.day(dst, int64(days))
	if bc {
		dst = append(dst, " BC"...)
	}
	return dst
}

// appendTimestamp is appendTimestamp in a style. The zone is shown by its short name
// where it has one.
func (s DateStyle) appendTimestamp(dst []byte, micros int64, zone *time.Location) []byte {
	if s&styles == StyleISO || micros == math.MaxInt64 || micros == -math.MaxInt64 {
		return appendTimestamp(dst, micros, zone)
	}
	name, offset := "", 0
	if zone != nil {
		name, offset = time.UnixMicro(micros).In(zone).Zone()
		micros += int64(offset) * 1000000
	}
	days, rest := micros/microsPerDay, micros%microsPerDay
	if rest < 0 {
		days, rest = days-1, rest+microsPerDay
	}
	bc := false
	if s&styles == StylePostgres {
		y, m, d := civil(days)
		if bc = y <= 0; bc {
			y = 1 - y
		}
		week := ((days+4)%7 + 7) % 7 // 1970-01-01 was a Thursday
		dst = append(append(dst, time.Weekday(week).String()[:3]...), ' ')
		month := time.Month(m).String()[:3]
		if s&DayFirst != 0 {
			dst = append(append(append2(dst, d), ' '), month...)
		} else {
			dst = append2(append(append(dst, month...), ' '), d)
		}
		dst = append(appendClock(append(dst, ' '), rest), ' ')
		dst = appendYear(dst, y)
	} else {
		dst, bc = s.day(dst, days)
		dst = appendClock(append(dst, ' '), rest)
	}
	switch {
	case zone == nil:
	case name != "" && name[0] != '+' && name[0] != '-':
		dst = append(append(dst, ' '), name...)
	case s&styles == StylePostgres:
		dst = appendZone(append(dst, ' '), offset)
	default:
		dst = appendZone(dst, offset)
	}
	if bc {
		dst = append(dst, " BC"...)
	}
	return dst
}
