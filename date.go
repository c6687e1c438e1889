package redshift

import (
	"errors"
	"fmt"
	"strconv"
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
	body, bc := strings.CutSuffix(s, " BC")
	d, rest, err := cutDate(body, bc)
	if err == nil && rest != "" {
		err = errDate
	}
	return d, err
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

// number reads digits alone.
func number(s string) (int, bool) {
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return 0, false
		}
	}
	n, err := strconv.Atoi(s)
	return n, err == nil
}

// Valid reports whether the day exists and is within Redshift's range, 4713 BC
// to 294276 AD.
func (d Date) Valid() bool {
	return d.Year >= -4712 && d.Year <= 294276 && DateOf(d.In(time.UTC)) == d
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
