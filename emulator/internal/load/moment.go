package load

import "time"

const dayMicros = 24 * 60 * 60 * 1_000_000

// moment is a date, a time of day, and a zone where the text names one.
type moment struct {
	days   int64 // since 1970-01-01
	micros int64 // of the day
	zoned  bool
	offset int64 // seconds east of UTC, when zoned and place is nil
	place  *time.Location
}

// utc is the microsecond since 1970-01-01 in UTC; without a zone of its own the
// moment is in the session's.
func (m moment) utc(session *time.Location) int64 {
	local := m.days*dayMicros + m.micros
	if m.zoned && m.place == nil {
		return local - m.offset*1_000_000
	}
	zone := session
	if m.zoned {
		zone = m.place
	}
	if zone == time.UTC {
		return local
	}
	y, month, d := civil(m.days)
	t := time.Date(int(y), time.Month(month), int(d), 0, 0, 0, 0, time.UTC)
	s := m.micros / 1_000_000
	t = time.Date(t.Year(), t.Month(), t.Day(), int(s/3600), int(s/60%60), int(s%60), 0, zone)
	return t.Unix()*1_000_000 + m.micros%1_000_000
}

// daysOf counts from 1970-01-01 in the proleptic Gregorian calendar; year 0 is 1 BC.
func daysOf(y, m, d int64) int64 {
	if m <= 2 {
		y--
	}
	era := floorDiv(y, 400)
	yoe := y - era*400
	mp := (m + 9) % 12
	doy := (153*mp+2)/5 + d - 1
	return era*146097 + yoe*365 + yoe/4 - yoe/100 + doy - 719468
}

// civil is the inverse of daysOf.
func civil(days int64) (y, m, d int64) {
	days += 719468
	era := floorDiv(days, 146097)
	doe := days - era*146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	d = doy - (153*mp+2)/5 + 1
	if m = mp + 3; m > 12 {
		m -= 12
	}
	y = yoe + era*400
	if m <= 2 {
		y++
	}
	return y, m, d
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func isLeap(y int64) bool { return y%4 == 0 && (y%100 != 0 || y%400 == 0) }

var monthDays = [13]int64{0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}

// validDate checks a date against the range of r_Datetime_types: 4713 BC to 294276.
func validDate(y, m, d int64) bool {
	if y < -4712 || y > 294276 || m < 1 || m > 12 || d < 1 {
		return false
	}
	return d <= monthDays[m] || m == 2 && d == 29 && isLeap(y)
}

// fullYear is a year of two digits: 70 to 99 are of the last century (assumed, as
// in PostgreSQL).
func fullYear(y int64) int64 {
	if y < 70 {
		return y + 2000
	}
	return y + 1900
}

var months = [12]string{"january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"}

// monthOf knows names and their first three letters, in any case; 0 is none.
func monthOf(s []byte) int64 {
	for i, name := range months {
		if (len(s) == 3 || len(s) == len(name)) && equalFold(s, name[:len(s)]) || i == 8 && equalFold(s, "sept") {
			return int64(i + 1)
		}
	}
	return 0
}

// equalFold compares ASCII letters with a lower-case text.
func equalFold(s []byte, low string) bool {
	if len(s) != len(low) {
		return false
	}
	for i, c := range s {
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != low[i] {
			return false
		}
	}
	return true
}

// digits reads up to max decimal digits.
func digits(s []byte, max int) (n int64, size int) {
	for size < len(s) && size < max && s[size] >= '0' && s[size] <= '9' {
		n = n*10 + int64(s[size]-'0')
		size++
	}
	return n, size
}

// fraction reads ".ddd" as microseconds, rounding what is finer.
func fraction(s []byte) (micros int64, size int) {
	if len(s) < 2 || s[0] != '.' || s[1] < '0' || s[1] > '9' {
		return 0, 0
	}
	size = 1
	for scale := int64(100_000); size < len(s) && s[size] >= '0' && s[size] <= '9'; size++ {
		d := int64(s[size] - '0')
		if scale > 0 {
			micros += d * scale
		} else if size == 8-1 && d >= 5 {
			micros++
		}
		scale /= 10
	}
	return micros, size
}

// offsetOf reads a zone: Z, an offset such as +05, -0800, +05:30, or a name.
func offsetOf(s []byte, m *moment) (size int) {
	if len(s) == 0 {
		return 0
	}
	if s[0] == '+' || s[0] == '-' {
		n, k := digits(s[1:], 4)
		size = 1 + k
		var hours, minutes int64
		switch k {
		case 1, 2:
			hours = n
			if size < len(s) && s[size] == ':' {
				var k2 int
				if minutes, k2 = digits(s[size+1:], 2); k2 != 2 {
					return 0
				}
				size += 3
			}
		case 3, 4:
			hours, minutes = n/100, n%100
		default:
			return 0
		}
		if hours > 15 || minutes > 59 {
			return 0
		}
		m.offset = hours*3600 + minutes*60
		if s[0] == '-' {
			m.offset = -m.offset
		}
		m.zoned = true
		return size
	}
	for size < len(s) && (s[size]|0x20 >= 'a' && s[size]|0x20 <= 'z' || s[size] == '/' || s[size] == '_') {
		size++
	}
	if hours, ok := zones[lower(s[:size])]; ok {
		m.zoned, m.offset = true, int64(hours*3600)
		return size
	}
	for i := range size {
		if s[i] != '/' {
			continue
		}
		if place, err := time.LoadLocation(string(s[:size])); err == nil {
			m.zoned, m.place = true, place
			return size
		}
		break
	}
	return 0
}

func lower(s []byte) string {
	var out [8]byte
	if len(s) > len(out) {
		return ""
	}
	for i, c := range s {
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		out[i] = c
	}
	return string(out[:len(s)])
}

// zones are the abbreviations of PostgreSQL's default list that are in use most.
var zones = map[string]float64{
	"z": 0, "zulu": 0, "utc": 0, "gmt": 0, "ut": 0, "wet": 0, "west": 1, "bst": 1, "cet": 1, "cest": 2, "met": 1,
	"eet": 2, "eest": 3, "msk": 3, "jst": 9, "kst": 9, "aest": 10, "aedt": 11, "acst": 9.5, "acdt": 10.5, "awst": 8,
	"nzst": 12, "nzdt": 13, "hst": -10, "akst": -9, "akdt": -8, "pst": -8, "pdt": -7, "mst": -7, "mdt": -6,
	"cst": -6, "cdt": -5, "est": -5, "edt": -4, "ast": -4, "adt": -3, "nst": -3.5, "ndt": -2.5,
}
