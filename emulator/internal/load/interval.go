package load

import (
	"github.com/llm-dev-ops/redshift/emulator/internal/engine"
	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
)

// duration is an INTERVAL.
type duration struct {
	months, days, micros int64
}

const (
	secondMicros = 1_000_000
	minuteMicros = 60 * secondMicros
	hourMicros   = 60 * minuteMicros
)

// units are those of r_interval_data_types and r_interval_literals, with their
// abbreviations; a plural's s is taken off before.
var units = map[string]duration{
	"year": {months: 12}, "yr": {months: 12}, "y": {months: 12},
	"month": {months: 1}, "mon": {months: 1},
	"week": {days: 7}, "w": {days: 7},
	"day": {days: 1}, "d": {days: 1},
	"hour": {micros: hourMicros}, "hr": {micros: hourMicros}, "h": {micros: hourMicros},
	"minute": {micros: minuteMicros}, "min": {micros: minuteMicros}, "m": {micros: minuteMicros},
	"second": {micros: secondMicros}, "sec": {micros: secondMicros}, "": {micros: secondMicros},
}

// parseInterval reads `1 year 2 mons`, `1-2`, `3 days 04:05:06.5`, `1 hour, 5 s`. A
// number alone is months or seconds, by the column's type (assumed).
func parseInterval(s []byte, k rstype.Kind) (d duration, ok bool) {
	for i := 0; i < len(s); {
		if s[i] == ' ' || s[i] == ',' {
			i++
			continue
		}
		sign := int64(1)
		if s[i] == '-' || s[i] == '+' {
			if s[i] == '-' {
				sign = -1
			}
			i++
		}
		n, size := digits(s[i:], 9)
		if size == 0 {
			return d, false
		}
		rest := s[i+size:]
		switch {
		case len(rest) > 1 && rest[0] == '-' && isDigit(rest[1]):
			months, m := digits(rest[1:], 2)
			if months > 11 {
				return d, false
			}
			d.months += sign * (n*12 + months)
			i += size + 1 + m
		case len(rest) > 0 && rest[0] == ':':
			var a auto
			m := a.time(s[i:])
			if m == 0 || a.minute > 59 || a.second > 59 {
				return d, false
			}
			d.micros += sign * (a.hour*hourMicros + a.minute*minuteMicros + a.second*secondMicros + a.micros)
			i += m
		default:
			part, m := fraction(rest)
			rest = rest[m:]
			i += size + m
			for len(rest) > 0 && rest[0] == ' ' {
				rest = rest[1:]
				i++
			}
			w := 0
			for w < len(rest) && isLetter(rest[w]) {
				w++
			}
			unit, known := unitOf(rest[:w], k)
			// A fraction is of seconds alone.
			if !known || part > 0 && unit.micros != secondMicros {
				return d, false
			}
			d.months += sign * n * unit.months
			d.days += sign * n * unit.days
			d.micros += sign * (n*unit.micros + part)
			i += w
		}
		const limit = 1 << 31
		if d.months >= limit || d.months < -limit || d.days >= limit || d.days < -limit || d.micros > 1<<61 || d.micros < -1<<61 {
			return d, false
		}
	}
	return d, len(s) > 0
}

func unitOf(word []byte, k rstype.Kind) (duration, bool) {
	if len(word) == 0 && k == rstype.IntervalYM {
		return duration{months: 1}, true
	}
	if len(word) > 8 {
		return duration{}, false
	}
	name := lower(word)
	if n := len(name); n > 0 && name[n-1] == 's' {
		name = name[:n-1] // "s" alone is seconds, as "" is
	}
	unit, ok := units[name]
	return unit, ok
}

// interval makes the value of a column: what is smaller than YEAR TO MONTH holds is
// dropped, months do not fit DAY TO SECOND (assumed).
func interval(dst *engine.Value, s []byte, k rstype.Kind) *refusal {
	d, ok := parseInterval(s, k)
	if !ok || k == rstype.IntervalDS && d.months != 0 {
		return refuse(codeTimestamp, "Invalid interval value")
	}
	if k == rstype.IntervalYM {
		d.days, d.micros = 0, 0
	}
	*dst = engine.Interval(int32(d.months), int32(d.days), d.micros)
	return nil
}
