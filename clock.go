package redshift

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Time is a time of day in microseconds since midnight, from 00:00:00 to
// 24:00:00 inclusive.
type Time struct{ Micros int64 }

// TimeTZ is a time of day with an offset from UTC in seconds, east positive.
type TimeTZ struct {
	Micros int64
	Offset int
}

const dayMicros = 24 * 3600 * 1_000_000

var errTime = errors.New("not a time of day")

// ParseTime reads 15:04:05 with up to six digits of fraction.
func ParseTime(s string) (Time, error) {
	t, err := parseTime(s)
	if err != nil {
		return Time{}, usage("%v", err)
	}
	return t, nil
}

func parseTime(s string) (Time, error) {
	m, rest, err := cutClock(s)
	if err != nil || rest != "" {
		return Time{}, errTime
	}
	return Time{m}, nil
}

// ParseTimeTZ reads a time of day with an offset: 15:04:05.6+02:30.
func ParseTimeTZ(s string) (TimeTZ, error) {
	t, err := parseTimeTZ(s)
	if err != nil {
		return TimeTZ{}, usage("%v", err)
	}
	return t, nil
}

func parseTimeTZ(s string) (TimeTZ, error) {
	m, rest, err := cutClock(s)
	if err != nil {
		return TimeTZ{}, err
	}
	off, err := parseOffset(rest)
	if err != nil {
		return TimeTZ{}, err
	}
	return TimeTZ{m, off}, nil
}

// cutClock reads HH:MM:SS[.ffffff] from the beginning of s.
func cutClock(s string) (micros int64, rest string, err error) {
	if len(s) < 8 || s[2] != ':' || s[5] != ':' {
		return 0, "", errTime
	}
	h, m, sec := pair(s, 0), pair(s, 3), pair(s, 6)
	if h > 24 || m > 59 || sec > 59 {
		return 0, "", errTime
	}
	micros = (int64(h)*3600 + int64(m)*60 + int64(sec)) * 1_000_000
	rest = s[8:]
	if rest != "" && rest[0] == '.' {
		n, scale := 1, int64(100_000)
		for ; n < len(rest) && rest[n] >= '0' && rest[n] <= '9'; n++ {
			if n > 6 {
				return 0, "", errTime
			}
			micros += int64(rest[n]-'0') * scale
			scale /= 10
		}
		if n == 1 {
			return 0, "", errTime
		}
		rest = rest[n:]
	}
	if micros > dayMicros {
		return 0, "", errTime
	}
	return micros, rest, nil
}

// parseOffset reads +HH, +HH:MM or +HH:MM:SS.
func parseOffset(s string) (int, error) {
	if len(s) != 3 && len(s) != 6 && len(s) != 9 || s[0] != '+' && s[0] != '-' {
		return 0, errTime
	}
	total := 0
	for i, unit := 1, 3600; i < len(s); i, unit = i+3, unit/60 {
		n := pair(s, i)
		if n > 99 || unit < 3600 && n > 59 || i > 1 && s[i-1] != ':' {
			return 0, errTime
		}
		total += n * unit
	}
	if total > 18*3600 {
		return 0, errTime
	}
	if s[0] == '-' {
		total = -total
	}
	return total, nil
}

func clock(micros int64) string {
	s, f := micros/1_000_000, micros%1_000_000
	t := fmt.Sprintf("%02d:%02d:%02d", s/3600, s/60%60, s%60)
	if f != 0 {
		t += strings.TrimRight(fmt.Sprintf(".%06d", f), "0")
	}
	return t
}

func offset(sec int) string {
	sign := '+'
	if sec < 0 {
		sign, sec = '-', -sec
	}
	s := fmt.Sprintf("%c%02d", sign, sec/3600)
	if sec%3600 != 0 {
		s += fmt.Sprintf(":%02d", sec/60%60)
	}
	if sec%60 != 0 {
		s += fmt.Sprintf(":%02d", sec%60)
	}
	return s
}

// Valid reports whether the time is within a day.
func (t Time) Valid() bool { return t.Micros >= 0 && t.Micros <= dayMicros }

// Duration is the time since midnight.
func (t Time) Duration() time.Duration { return time.Duration(t.Micros) * time.Microsecond }

// String writes 15:04:05.6.
func (t Time) String() string { return clock(t.Micros) }

// MarshalText implements encoding.TextMarshaler.
func (t Time) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// Valid reports whether time and offset are possible.
func (t TimeTZ) Valid() bool {
	return Time{t.Micros}.Valid() && t.Offset >= -18*3600 && t.Offset <= 18*3600
}

// String writes 15:04:05.6+02:30.
func (t TimeTZ) String() string { return clock(t.Micros) + offset(t.Offset) }

// MarshalText implements encoding.TextMarshaler.
func (t TimeTZ) MarshalText() ([]byte, error) { return []byte(t.String()), nil }
