package redshift

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Date is a calendar day without a zone, in the proleptic Gregorian calendar.
// Years are astronomical: 0 is 1 BC, -1 is 2 BC. Values are comparable.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

var errDate = errors.New("not a date")

// DateOf is the day of t in t's location.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

// ParseDate reads 2006-01-02, with more digits in the year and " BC" allowed.
func ParseDate(s string) (Date, error) {
	d, err := parseDate(s)
	if err != nil {
		return Date{}, usage("%v", err)
	}
	return d, nil
}

func parseDate(s string) (Date, error) {
	if len(s) == 10 {
		if d, ok := plainDate(s); ok {
			return d, nil
		}
	}
	body, bc := strings.CutSuffix(s, " BC")
	d, rest, err := cutDate(body, bc)
	if err == nil && rest != "" {
		err = errDate
	}
	return d, err
}

// plainDate reads 2006-01-02 at the beginning of s: what nearly all dates are.
// What it does not take may still be a date.
func plainDate(s string) (Date, bool) {
	if len(s) < 10 || s[4] != '-' || s[7] != '-' {
		return Date{}, false
	}
	century, year, month, day := pair(s, 0), pair(s, 2), pair(s, 5), pair(s, 8)
	if century > 99 || year > 99 || month < 1 || month > 12 || day < 1 || day > 31 {
		return Date{}, false
	}
	year += 100 * century
	return Date{year, time.Month(month), day}, year > 0 && day <= daysIn(year, month)
}

// daysIn is the number of days of a month from 1 to 12.
func daysIn(year, month int) int {
	if month == 2 {
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 30 + (month+month>>3)&1
}

// unix is the beginning of a day that exists in seconds since 1970, in UTC. The
// years begin in March, so that the leap day is the last (Euclidean affine
// functions: Neri and Schneider, 2022).
func (d Date) unix() int64 {
	y, m := int64(d.Year), int64(d.Month)
	if m < 3 {
		y, m = y-1, m+12
	}
	const shift = 12000 // a multiple of 400 years, so that all divisions are of positive numbers
	y += shift
	days := y*365 + y/4 - y/100 + y/400 + (153*m-457)/5 + int64(d.Day)
	const epoch = (shift*365 + shift/4 - shift/100 + shift/400) + 719469
	return (days - epoch) * 86400
}

// cutDate reads a date from the beginning of s.
func cutDate(s string, bc bool) (Date, string, error) {
	i := strings.IndexByte(s, '-')
	if i < 4 || i > 6 || len(s) < i+6 || s[i+3] != '-' {
		return Date{}, "", errDate
	}
	y, ok1 := number(s[:i])
	m, ok2 := number(s[i+1 : i+3])
	day, ok3 := number(s[i+4 : i+6])
	if bc {
		y = 1 - y
	}
	d := Date{y, time.Month(m), day}
	if !ok1 || !ok2 || !ok3 || y == 0 && !bc || bc && y > 0 || !d.Valid() {
		return Date{}, "", errDate
	}
	return d, s[i+6:], nil
}

// Valid reports whether the day exists and is within Redshift's range, 4713 BC
// to 294276 AD.
func (d Date) Valid() bool {
	return d.Year >= -4712 && d.Year <= 294276 && d.Month >= 1 && d.Month <= 12 && d.Day >= 1 && d.Day <= daysIn(d.Year, int(d.Month))
}

// In is the beginning of the day in a location.
func (d Date) In(loc *time.Location) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, loc)
}

// String writes 2006-01-02, and " BC" behind it before the year 1.
func (d Date) String() string {
	if d.Year <= 0 {
		return fmt.Sprintf("%04d-%02d-%02d BC", 1-d.Year, d.Month, d.Day)
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day)
}

// MarshalText implements encoding.TextMarshaler.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }
