package redshift

import (
	"errors"
	"strings"
	"time"
)

// Infinity marks a timestamp before or after all others.
type Infinity int8

// The infinities.
const (
	Finite           Infinity = 0
	PositiveInfinity Infinity = 1
	NegativeInfinity Infinity = -1
)

// Timestamp is a TIMESTAMP: a date and a time of day without a zone, in
// microseconds. Time holds it as if in UTC; it is ignored where Inf is set.
type Timestamp struct {
	Time time.Time
	Inf  Infinity
}

// TimestampTZ is a TIMESTAMPTZ: an instant, in microseconds.
type TimestampTZ struct {
	Time time.Time
	Inf  Infinity
}

var errTimestamp = errors.New("not a timestamp")

// TimestampOf takes the date and the clock that t shows and drops its zone.
func TimestampOf(t time.Time) Timestamp {
	y, m, d := t.Date()
	return Timestamp{Time: time.Date(y, m, d, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)}
}

// ParseTimestamp reads 2006-01-02 15:04:05.6, BC dates and infinities.
func ParseTimestamp(s string) (Timestamp, error) {
	t, inf, err := parseTimestamp(s, false)
	if err != nil {
		return Timestamp{}, usage("%v", err)
	}
	return Timestamp{t, inf}, nil
}

// ParseTimestampTZ reads 2006-01-02 15:04:05.6+02, BC dates and infinities.
func ParseTimestampTZ(s string) (TimestampTZ, error) {
	t, inf, err := parseTimestamp(s, true)
	if err != nil {
		return TimestampTZ{}, usage("%v", err)
	}
	return TimestampTZ{t, inf}, nil
}

func parseTimestamp(s string, zone bool) (time.Time, Infinity, error) {
	if d, ok := plainDate(s); ok && len(s) > 10 && s[10] == ' ' {
		micros, rest, err := cutClock(s[11:])
		if err == nil && micros < dayMicros {
			seconds, nanos := d.unix()+micros/1_000_000, micros%1_000_000*1000
			if !zone && rest == "" {
				return time.Unix(seconds, nanos).UTC(), 0, nil
			}
			if off, err := parseOffset(rest); zone && err == nil {
				return time.Unix(seconds-int64(off), nanos).UTC(), 0, nil
			}
		}
	}
	switch s {
	case "infinity":
		return time.Time{}, PositiveInfinity, nil
	case "-infinity":
		return time.Time{}, NegativeInfinity, nil
	}
	body, bc := strings.CutSuffix(s, " BC")
	d, rest, err := cutDate(body, bc)
	if err != nil || !strings.HasPrefix(rest, " ") {
		return time.Time{}, 0, errTimestamp
	}
	micros, rest, err := cutClock(rest[1:])
	if err != nil || micros == dayMicros {
		return time.Time{}, 0, errTimestamp
	}
	t := d.In(time.UTC).Add(time.Duration(micros) * time.Microsecond)
	if !zone {
		if rest != "" {
			return time.Time{}, 0, errTimestamp
		}
		return t, 0, nil
	}
	off, err := parseOffset(rest)
	if err != nil {
		return time.Time{}, 0, errTimestamp
	}
	return t.Add(-time.Duration(off) * time.Second), 0, nil
}

func timestampText(t time.Time, inf Infinity, zone string) string {
	switch inf {
	case PositiveInfinity:
		return "infinity"
	case NegativeInfinity:
		return "-infinity"
	}
	day, era := strings.CutSuffix(DateOf(t).String(), " BC")
	h, m, s := t.Clock()
	text := day + " " + clock((int64(h)*3600+int64(m)*60+int64(s))*1_000_000+int64(t.Nanosecond()/1000)) + zone
	if era {
		text += " BC"
	}
	return text
}

// String writes 2006-01-02 15:04:05.6, cut to microseconds.
func (t Timestamp) String() string { return timestampText(t.Time, t.Inf, "") }

// MarshalText implements encoding.TextMarshaler.
func (t Timestamp) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// String writes the instant in UTC: 2006-01-02 15:04:05.6+00.
func (t TimestampTZ) String() string { return timestampText(t.Time.UTC(), t.Inf, "+00") }

// MarshalText implements encoding.TextMarshaler.
func (t TimestampTZ) MarshalText() ([]byte, error) { return []byte(t.String()), nil }
