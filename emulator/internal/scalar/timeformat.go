package scalar

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

var errTooLong = errors.New("22023: value too long")

// timeTokens are those of a format by which a text is read (r_FORMAT_strings.md),
// longer ones first; digits is how many digits a number has at most.
var timeTokens = []struct {
	name   string
	digits int
}{
	{"Y,YYY", 0},
	{"MONTH", 0},
	{"A.M.", 0},
	{"P.M.", 0},
	{"A.D.", 0},
	{"B.C.", 0},
	{"HH24", 2},
	{"HH12", 2},
	{"YYYY", 4},
	{"IYYY", 4},
	{"IDDD", 3},
	{"YYY", 3},
	{"IYY", 3},
	{"MON", 0},
	{"DAY", 0},
	{"DDD", 3},
	{"HH", 2},
	{"MI", 2},
	{"SS", 2},
	{"MS", 3},
	{"US", 6},
	{"AM", 0},
	{"PM", 0},
	{"AD", 0},
	{"BC", 0},
	{"YY", 2},
	{"IY", 2},
	{"IW", 2},
	{"ID", 1},
	{"MM", 2},
	{"RM", 0},
	{"DY", 0},
	{"DD", 2},
	{"WW", 2},
	{"CC", 2},
	{"TZ", 0},
	{"OF", 0},
	{"FM", 0},
	{"TH", 0},
	{"Y", 1},
	{"I", 1},
	{"D", 1},
	{"W", 1},
	{"Q", 1},
	{"J", 7},
}

// reading is a text that is read by a format, and the fields that were found.
type reading struct {
	rest   string
	fields map[string]int
}

// readTime is TO_DATE and TO_TIMESTAMP of a text, a format, whether what is out of
// range is an error, and "date" or the other type (r_TO_DATE_function.md,
// r_TO_TIMESTAMP.md). What is behind the format's end is left alone, and a text that
// ends early leaves the other fields at their first value.
func readTime(args []string) (string, bool, error) {
	kind := args[3]
	bad := fmt.Errorf("22007: invalid input syntax for type %s: %q", kind, args[0])
	r := &reading{rest: args[0], fields: make(map[string]int)}
	for format := args[1]; format != ""; {
		token, digits := "", 0
		for _, t := range timeTokens {
			if len(format) >= len(t.name) && strings.EqualFold(format[:len(t.name)], t.name) {
				token, digits = t.name, t.digits
				break
			}
		}
		if token == "" {
			if format[0] == '"' {
				text, tail, _ := strings.Cut(format[1:], `"`)
				r.rest = r.rest[min(len(text), len(r.rest)):]
				format = tail
				continue
			}
			// A sign between fields stands for one sign, or for none.
			if r.rest != "" && (r.rest[0] == format[0] || !alphanumeric(r.rest[0])) {
				r.rest = r.rest[1:]
			}
			format = format[1:]
			continue
		}
		format = format[len(token):]
		if r.rest == "" {
			break
		}
		if err := r.read(token, digits); err != nil {
			if errors.Is(err, errNoField) {
				return "", false, bad
			}
			return "", false, err
		}
	}
	t, err := r.time(args[2] == "true")
	if err != nil {
		return "", false, err
	}
	year, era := t.Year(), ""
	if year <= 0 {
		year, era = 1-year, " (BC)"
	}
	if year > 294276 {
		return "", false, bad
	}
	text := fmt.Sprintf("%04d-%02d-%02d", year, t.Month(), t.Day())
	if kind != "date" {
		text += fmt.Sprintf(" %02d:%02d:%02d.%06d", t.Hour(), t.Minute(), t.Second(), t.Nanosecond()/1000)
	}
	return text + era, true, nil
}

func alphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' || c >= 0x80
}

var errNoField = errors.New("no field")

var months = []string{"JANUARY", "FEBRUARY", "MARCH", "APRIL", "MAY", "JUNE", "JULY", "AUGUST", "SEPTEMBER", "OCTOBER", "NOVEMBER", "DECEMBER"}

var romanMonths = []string{"I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"}

var days = []string{"SUNDAY", "MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY"}

func (r *reading) read(token string, digits int) error {
	if token != "FM" && token != "TH" {
		r.rest = strings.TrimLeft(r.rest, " ")
	}
	if digits > 0 {
		n := 0
		for n < digits && n < len(r.rest) && r.rest[n] >= '0' && r.rest[n] <= '9' {
			n++
		}
		v, err := strconv.Atoi(r.rest[:n])
		if err != nil {
			return errNoField
		}
		switch token { // digits of a fraction
		case "MS", "US":
			for range digits - n {
				v *= 10
			}
		case "YYYY", "YYY", "YY", "Y":
			r.fields["year digits"] = n
			token = "YYYY"
		case "IYYY", "IYY", "IY", "I":
			r.fields["iso digits"] = n
			token = "IYYY"
		case "HH12":
			token = "HH"
		}
		r.fields[token] = v
		r.rest = r.rest[n:]
		return nil
	}
	switch token {
	case "FM":
		return nil
	case "TH":
		if len(r.rest) >= 2 {
			r.rest = r.rest[2:]
		}
		return nil
	case "TZ", "OF":
		return errors.New(`0A000: "TZ"/"tz"/"OF" format patterns are not supported in to_date`) // assumed
	case "Y,YYY":
		thousands, tail, ok := strings.Cut(r.rest, ",")
		n, err := strconv.Atoi(thousands)
		if !ok || err != nil || n < 0 || len(tail) < 3 || len(thousands) > 3 {
			return errNoField
		}
		m, err := strconv.Atoi(tail[:3])
		if err != nil || m < 0 {
			return errNoField
		}
		r.fields["YYYY"], r.fields["year digits"], r.rest = n*1000+m, 4, tail[3:]
		return nil
	case "MONTH", "MON":
		return r.word("MM", months, 1, 3)
	case "RM":
		return r.longest("MM", romanMonths, 1)
	case "DAY", "DY":
		return r.word("weekday", days, 0, 3)
	case "AM", "PM", "A.M.", "P.M.":
		return r.longest("PM", []string{"AM", "PM", "A.M.", "P.M."}, 0)
	default: // AD, BC
		return r.longest("BC", []string{"AD", "BC", "A.D.", "B.C."}, 0)
	}
}

// word reads a name, or its first letters.
func (r *reading) word(field string, names []string, first, short int) error {
	up := strings.ToUpper(r.rest[:min(len(r.rest), 9)])
	for i, name := range names {
		for _, n := range []string{name, name[:short]} {
			if strings.HasPrefix(up, n) {
				r.fields[field] = i + first
				r.rest = r.rest[len(n):]
				return nil
			}
		}
	}
	return errNoField
}

// longest reads the longest of some names.
func (r *reading) longest(field string, names []string, first int) error {
	up, best := strings.ToUpper(r.rest[:min(len(r.rest), 4)]), -1
	for i, n := range names {
		if strings.HasPrefix(up, n) && (best < 0 || len(n) > len(names[best])) {
			best = i
		}
	}
	if best < 0 {
		return errNoField
	}
	r.fields[field] = best + first
	r.rest = r.rest[len(names[best]):]
	return nil
}

// fullYear completes a year of few digits as PostgreSQL does: 70 is 1970, 69 is 2069,
// 520 is 1520, 519 is 2519.
func fullYear(year, digits int) int {
	switch {
	case digits >= 4:
		return year
	case digits == 3 && year >= 520:
		return year + 1000
	case digits == 2 && year >= 70:
		return year + 1900
	}
	return year + 2000
}

func (r *reading) time(strict bool) (time.Time, error) {
	f := r.fields
	get := func(name string, otherwise int) int {
		if v, ok := f[name]; ok {
			return v
		}
		return otherwise
	}
	has := func(name string) bool { _, ok := f[name]; return ok }
	year, month, day := 1, get("MM", 1), get("DD", 1)
	if has("YYYY") {
		year = fullYear(f["YYYY"], f["year digits"])
		if has("CC") && f["year digits"] <= 2 {
			year = (f["CC"]-1)*100 + f["YYYY"]
		}
	} else if has("CC") {
		year = (f["CC"]-1)*100 + 1
	}
	if get("BC", 0)%2 == 1 {
		year = 1 - year
	}
	hour, minute, second := get("HH24", get("HH", 0)), get("MI", 0), get("SS", 0)
	if has("PM") {
		if f["PM"]%2 == 1 && hour < 12 {
			hour += 12
		} else if f["PM"]%2 == 0 && hour == 12 {
			hour = 0
		}
	}
	micro := get("MS", 0)*1000 + get("US", 0)
	if strict { // the tenths of the second are in the guide's example
		if month < 1 || month > 12 || day < 1 || day > time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day() {
			return time.Time{}, fmt.Errorf("22008: date/time field date value out of range: %d-%d-%d", year, month, day)
		}
		if hour > 23 || minute > 59 || second > 59 {
			return time.Time{}, fmt.Errorf("22008: date/time field time value out of range: %d:%d:%d.%d", hour, minute, second, micro/100000)
		}
	}
	if month < 1 || day < 1 {
		return time.Time{}, fmt.Errorf("22008: date/time field value out of range: %d-%d-%d", year, month, day) // assumed
	}
	t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	switch {
	case has("J"):
		t = time.Date(-4713, time.November, 24+f["J"], 0, 0, 0, 0, time.UTC)
	case has("IYYY"):
		// The week that 4 January is in is the first.
		t = time.Date(fullYear(f["IYYY"], f["iso digits"]), time.January, 4, 0, 0, 0, 0, time.UTC)
		t = t.AddDate(0, 0, -(int(t.Weekday())+6)%7)
		if has("IDDD") {
			t = t.AddDate(0, 0, f["IDDD"]-1)
		} else {
			t = t.AddDate(0, 0, (get("IW", 1)-1)*7+get("ID", 1)-1)
		}
	case has("DDD"):
		t = time.Date(year, time.January, f["DDD"], 0, 0, 0, 0, time.UTC)
	case has("WW"):
		t = time.Date(year, time.January, (f["WW"]-1)*7+1, 0, 0, 0, 0, time.UTC)
	case has("W") && !has("DD"):
		t = time.Date(year, time.Month(month), (f["W"]-1)*7+1, 0, 0, 0, 0, time.UTC)
	}
	return t.Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute + time.Duration(second)*time.Second + time.Duration(micro)*time.Microsecond), nil
}
