package load

// parseAuto recognises the forms of automatic-recognition: ISO 8601, Julian days,
// BC, dates in words, without separators, with the day of the year. What it does
// not mention is read as PostgreSQL reads it with DateStyle MDY (assumed).
func parseAuto(s []byte) (m moment, ok bool) {
	a := auto{year: -1, month: -1, day: -1}
	for i := 0; i < len(s); {
		n := a.step(s, i)
		if n <= 0 {
			return m, false
		}
		i += n
	}
	return a.moment()
}

// parseClock reads a TIME: HH:MI[:SS[.ffffff]] with AM or PM; a date before it is
// ignored.
func parseClock(s []byte) (m moment, ok bool) { return clockOf(s, false) }

// parseZonedClock reads a TIMETZ, a time with or without a zone.
func parseZonedClock(s []byte) (m moment, ok bool) { return clockOf(s, true) }

func clockOf(s []byte, zoned bool) (m moment, ok bool) {
	a := auto{year: -1, month: -1, day: -1}
	for i := 0; i < len(s); {
		n := a.step(s, i)
		if n <= 0 {
			return m, false
		}
		i += n
	}
	if !a.timed || a.zone.zoned && !zoned || a.half != 0 && !halfDay(&a.hour, a.half) {
		return m, false
	}
	m = a.zone
	ok = m.clock(a.hour, a.minute, a.second, a.micros)
	return m, ok
}

type auto struct {
	year, month, day             int64
	julian                       int64
	dated, timed, words          bool
	hour, minute, second, micros int64
	half                         byte
	before                       bool // BC
	zone                         moment
}

func (a *auto) moment() (m moment, ok bool) {
	m = a.zone
	if a.half != 0 && !halfDay(&a.hour, a.half) {
		return m, false
	}
	if !m.clock(a.hour, a.minute, a.second, a.micros) {
		return m, false
	}
	if a.julian > 0 {
		m.days += a.julian - 2440588
		y, month, d := civil(m.days)
		return m, validDate(y, month, d)
	}
	if a.before {
		a.year = 1 - a.year
	}
	if !(a.dated || a.words && a.year >= 0 && a.day > 0) || !validDate(a.year, a.month, a.day) {
		return m, false
	}
	m.days += daysOf(a.year, a.month, a.day)
	return m, true
}

func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// step takes the next part of s at i and tells its length, 0 when it is none.
func (a *auto) step(s []byte, i int) int {
	rest := s[i:]
	switch c := rest[0]; {
	case c == ' ' || c == '\t' || c == ',':
		return 1
	case isLetter(c):
		return a.word(rest)
	case c == '+' || c == '-':
		if a.timed && !a.zone.zoned {
			return offsetOf(rest, &a.zone)
		}
		return btoi(a.words && c == '-') // 08-Jan-1999
	case isDigit(c):
		return a.number(rest)
	}
	return 0
}

var weekdays = [7]string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}

func (a *auto) word(s []byte) int {
	n := 0
	for n < len(s) && isLetter(s[n]) {
		n++
	}
	w := s[:n]
	if (equalFold(w, "j") || equalFold(w, "jd")) && n < len(s) && isDigit(s[n]) && !a.dated {
		v, size := digits(s[n:], 8)
		a.julian, a.dated = v, true
		return n + size
	}
	if equalFold(w, "t") && a.dated && !a.timed && n < len(s) && isDigit(s[n]) {
		return 1
	}
	if month := monthOf(w); month > 0 {
		if a.month > 0 || a.dated {
			return 0
		}
		a.month, a.words = month, true
		return n + btoi(n < len(s) && (s[n] == '-' || s[n] == '.'))
	}
	switch {
	case equalFold(w, "am"), equalFold(w, "pm"):
		if !a.timed || a.half != 0 {
			return 0
		}
		a.half = w[0] | 0x20
		return n
	case equalFold(w, "bc"):
		a.before = true
		return n
	case equalFold(w, "ad"):
		return n
	}
	for _, day := range weekdays {
		if n >= 3 && n <= len(day) && equalFold(w, day[:n]) {
			return n
		}
	}
	if a.timed && !a.zone.zoned {
		return offsetOf(s, &a.zone)
	}
	return 0
}

func (a *auto) number(s []byte) int {
	v, n := digits(s, 15)
	next := byte(0)
	if n < len(s) {
		next = s[n]
	}
	switch {
	case next == ':':
		if a.timed {
			return 0
		}
		a.timed = true
		return a.time(s)
	case next == '.' && n == 4 && !a.dated && len(s) >= 8 && isDigit(s[5]) && isDigit(s[6]) && isDigit(s[7]) && (len(s) == 8 || !isDigit(s[8]) && s[8] != '.'):
		day, _ := digits(s[5:], 3)
		return 8 * btoi(a.dayOfYear(v, day))
	case (next == '-' || next == '/' || next == '.') && !a.dated && !a.words:
		return a.separated(s, v, n)
	case n == 8 && !a.dated:
		a.year, a.month, a.day, a.dated = v/10000, v/100%100, v%100, true
	case n == 14 && !a.dated:
		a.year, a.month, a.day, a.dated = v/10_000_000_000, v/100_000_000%100, v/1_000_000%100, true
		a.hour, a.minute, a.second, a.timed = v/10000%100, v/100%100, v%100, true
		f, k := fraction(s[n:])
		a.micros = f
		return n + k
	case n == 6 && !a.dated && !a.words:
		a.year, a.month, a.day, a.dated = fullYear(v/10000), v/100%100, v%100, true
	case n == 6 && !a.timed:
		a.hour, a.minute, a.second, a.timed = v/10000, v/100%100, v%100, true
		f, k := fraction(s[n:])
		a.micros = f
		return n + k
	case n <= 2 && a.day < 0 && !a.dated:
		a.day, a.words = v, true
	case (n == 4 || n == 2) && a.year < 0 && !a.dated:
		if a.year = v; n == 2 {
			a.year = fullYear(v)
		}
		a.words = true
		return n + btoi(next == '-')
	default:
		return 0
	}
	return n
}

func (a *auto) dayOfYear(year, n int64) bool {
	if n < 1 || n > 365+int64(btoi(isLeap(year))) {
		return false
	}
	a.year, a.month, a.day = civil(daysOf(year, 1, 1) + n - 1)
	a.dated = true
	return true
}

// separated reads a date such as 2024-01-31, 1/31/2024, 31.01.2024, 31-Jan-2024.
func (a *auto) separated(s []byte, first int64, n int) int {
	separator := s[n]
	i := n + 1
	var second int64
	k, name := 0, false
	if i < len(s) && isLetter(s[i]) {
		for i+k < len(s) && isLetter(s[i+k]) {
			k++
		}
		if second, name = monthOf(s[i:i+k]), true; second == 0 {
			return 0
		}
	} else if second, k = digits(s[i:], 2); k == 0 {
		return 0
	}
	i += k
	if i >= len(s) || s[i] != separator {
		return 0
	}
	i++
	third, k := digits(s[i:], 6)
	if k == 0 {
		return 0
	}
	year := func(v int64, n int) int64 {
		if n <= 2 {
			return fullYear(v)
		}
		return v
	}
	switch {
	case n > 2:
		a.year, a.month, a.day = first, second, third
	case name || separator == '.':
		a.day, a.month, a.year = first, second, year(third, k)
	default:
		a.month, a.day, a.year = first, second, year(third, k)
	}
	if n > 2 && k > 2 {
		return 0
	}
	a.dated = true
	return i + k
}

// time reads HH:MI[:SS[.ffffff]] and AM or PM right behind it.
func (a *auto) time(s []byte) int {
	var n, k int
	if a.hour, n = digits(s, 2); n == 0 || n >= len(s) || s[n] != ':' {
		return 0
	}
	n++
	if a.minute, k = digits(s[n:], 2); k == 0 {
		return 0
	}
	n += k
	if n+1 < len(s) && s[n] == ':' {
		if a.second, k = digits(s[n+1:], 2); k == 0 {
			return 0
		}
		n += 1 + k
		a.micros, k = fraction(s[n:])
		n += k
	}
	if n < len(s) && isDigit(s[n]) {
		return 0
	}
	return n
}
