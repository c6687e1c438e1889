package load

import (
	"strings"
)

// layout reads the dates and times of one DATEFORMAT or TIMEFORMAT string.
type layout struct {
	kind    layoutKind
	tokens  []token
	date    bool   // of a DATE: what follows is ignored
	iso     bool   // a DATE as YYYY-MM-DD
	tail    int    // tokens that may be missing at the end, none when 0
	pattern string // as err_reason shows it
}

type layoutKind uint8

const (
	byPattern layoutKind = iota
	byAuto
	byEpochSeconds
	byEpochMillis
)

type token struct {
	part    string // YYYY, YY, MON, MM, DD, HH24, HH12, MI, SS, AM, OF; "" is a literal
	literal byte
	fixed   bool // followed by digits, so that all of its own are there
}

// parts are the format's keywords, those first that others begin like. HH is of 24
// hours in COPY (r_DATEFORMAT_and_TIMEFORMAT_strings); OF is of the default alone.
var parts = []struct{ name, strftime string }{
	{"YYYY", "%Y"},
	{"YY", "%y"},
	{"MON", "%b"},
	{"MM", "%m"},
	{"MI", "%M"},
	{"DD", "%d"},
	{"HH24", "%H"},
	{"HH12", "%I"},
	{"HH", "%H"},
	{"SS", "%S"},
	{"AM", "%p"},
	{"PM", "%p"},
	{"OF", "%z"},
}

func newDateLayout(format string) (layout, error) {
	switch format {
	case "auto":
		return layout{kind: byAuto, date: true, pattern: "auto"}, nil
	case "":
		format = "YYYY-MM-DD"
	}
	l, err := compile(format, "DATEFORMAT")
	l.date, l.iso = true, format == "YYYY-MM-DD"
	return l, err
}

func newTimeLayout(format string, zoned bool) (layout, error) {
	switch format {
	case "auto":
		return layout{kind: byAuto, pattern: "auto"}, nil
	case "epochsecs":
		return layout{kind: byEpochSeconds, pattern: format}, nil
	case "epochmillisecs":
		return layout{kind: byEpochMillis, pattern: format}, nil
	case "", "YYYY-MM-DD HH:MI:SS", "YYYY-MM-DD HH:MI:SSOF":
		// A date alone is midnight, and without OF it is the session's zone.
		l, err := compile("YYYY-MM-DD HH:MI:SS", "TIMEFORMAT")
		l.tail = 6 // from the blank on
		if zoned {
			l.tokens = append(l.tokens, token{part: "OF"})
			l.pattern += "%z"
			l.tail = 7
		}
		return l, err
	}
	return compile(format, "TIMEFORMAT")
}

func compile(format, option string) (layout, error) {
	var l layout
	var shown strings.Builder
	seen := map[string]bool{}
next:
	for rest := format; rest != ""; {
		for _, p := range parts {
			if !strings.HasPrefix(rest, p.name) || p.name == "OF" {
				continue
			}
			name := p.name
			switch name {
			case "HH":
				name = "HH24"
			case "PM":
				name = "AM"
			}
			if seen[name] {
				return l, &Error{State: "22007", Message: "Invalid " + option + ": " + name + " appears twice"}
			}
			seen[name] = true
			if n := len(l.tokens); n > 0 && name != "MON" && name != "AM" {
				l.tokens[n-1].fixed = true
			}
			l.tokens = append(l.tokens, token{part: name})
			shown.WriteString(p.strftime)
			if rest = rest[len(p.name):]; name == "SS" {
				// A fraction is read with or without being asked for: SS.SSS.
				if fine := strings.TrimLeft(strings.TrimPrefix(rest, "."), "S"); strings.HasPrefix(rest, ".S") {
					rest = fine
				}
			}
			continue next
		}
		l.tokens = append(l.tokens, token{literal: rest[0]})
		shown.WriteByte(rest[0])
		rest = rest[1:]
	}
	if strings.Contains(format, "OF") || strings.Contains(format, "TZ") {
		return l, &Error{State: "22007", Message: "Invalid " + option + " string: '" + format + "'", Hint: "A time zone is read with 'auto' alone."}
	}
	if len(seen) == 0 {
		return l, &Error{State: "22007", Message: "Invalid " + option + " string: '" + format + "'"}
	}
	l.pattern = shown.String()
	return l, nil
}

func (l *layout) refusal(s []byte) *refusal {
	if !l.date {
		return refuse(codeTimestamp, "Error in Timestamp value or format ["+l.pattern+"]")
	}
	if len(s) < 10 && l.pattern == "%Y-%m-%d" {
		return refuse(codeDate, "Invalid Date Format - length must be 10 or more")
	}
	return refuse(codeDate, "Error in Date value or format ["+l.pattern+"]")
}

// parse reads a text without blanks around it.
func (l *layout) parse(s []byte) (moment, *refusal) {
	var m moment
	ok := false
	if l.iso {
		if days, ok := isoDate(s); ok {
			return moment{days: days}, nil
		}
	}
	switch l.kind {
	case byAuto:
		m, ok = parseAuto(s)
	case byEpochSeconds:
		m, ok = parseEpoch(s, 1_000_000)
	case byEpochMillis:
		m, ok = parseEpoch(s, 1000)
	default:
		m, ok = l.match(s)
	}
	if !ok {
		return m, l.refusal(s)
	}
	return m, nil
}

func parseEpoch(s []byte, unit int64) (m moment, ok bool) {
	negative := len(s) > 0 && s[0] == '-'
	if negative {
		s = s[1:]
	}
	n, size := digits(s, 15)
	if size == 0 {
		return m, false
	}
	var rest int64
	if unit == 1_000_000 {
		f, k := fraction(s[size:])
		rest, size = f, size+k
	}
	if size != len(s) || n > 9_000_000_000_000_000/unit*1000 {
		return m, false
	}
	n = n*unit + rest
	if negative {
		n = -n
	}
	m.days = floorDiv(n, dayMicros)
	m.micros = n - m.days*dayMicros
	m.zoned = true
	y, month, d := civil(m.days)
	return m, validDate(y, month, d)
}

func (l *layout) match(s []byte) (m moment, ok bool) {
	year, month, day := int64(1970), int64(1), int64(1)
	var hour, minute, second, micros int64
	half, clock12 := byte(0), false
	i := 0
	for k, t := range l.tokens {
		if i == len(s) && l.tail > 0 && k >= len(l.tokens)-l.tail && (k == len(l.tokens)-l.tail || t.part == "OF") {
			break
		}
		switch t.part {
		case "":
			if i == len(s) || s[i] != t.literal {
				return m, false
			}
			i++
			continue
		case "MON":
			n := 0
			for i+n < len(s) && s[i+n]|0x20 >= 'a' && s[i+n]|0x20 <= 'z' {
				n++
			}
			if month = monthOf(s[i : i+n]); month == 0 && n > 3 {
				// A name that letters follow, such as T before a time.
				n = 3
				month = monthOf(s[i : i+n])
			}
			if month == 0 {
				return m, false
			}
			i += n
			continue
		case "AM":
			if i+2 > len(s) || s[i+1]|0x20 != 'm' {
				return m, false
			}
			if half = s[i] | 0x20; half != 'a' && half != 'p' {
				return m, false
			}
			i += 2
			continue
		case "OF":
			n := offsetOf(s[i:], &m)
			if n == 0 {
				return m, false
			}
			i += n
			continue
		}
		width := 2
		if t.part == "YYYY" {
			width = 4
		}
		n, size := digits(s[i:], width)
		if size == 0 || size < width && (t.fixed || width == 4 || t.part == "YY") {
			return m, false
		}
		i += size
		switch t.part {
		case "YYYY":
			year = n
		case "YY":
			year = fullYear(n)
		case "MM":
			month = n
		case "DD":
			day = n
		case "HH24":
			hour = n
		case "HH12":
			hour, clock12 = n, true
		case "MI":
			minute = n
		case "SS":
			second = n
			f, size := fraction(s[i:])
			micros = f
			i += size
		}
	}
	if i < len(s) && !l.date {
		return m, false
	}
	if i < len(s) && s[i] >= '0' && s[i] <= '9' {
		return m, false
	}
	if clock12 && (hour < 1 || hour > 12) {
		return m, false
	}
	if clock12 || half != 0 {
		if !halfDay(&hour, half) {
			return m, false
		}
	}
	if l.date {
		m.days = daysOf(year, month, day)
		return m, validDate(year, month, day)
	}
	if !validDate(year, month, day) || !m.clock(hour, minute, second, micros) {
		return m, false
	}
	m.days += daysOf(year, month, day)
	return m, true
}

// isoDate reads YYYY-MM-DD, the form of nearly all dates.
func isoDate(s []byte) (days int64, ok bool) {
	if len(s) != 10 || s[4] != '-' || s[7] != '-' {
		return 0, false
	}
	y, n := digits(s, 4)
	m, k := digits(s[5:], 2)
	d, l := digits(s[8:], 2)
	if n+k+l != 8 || !validDate(y, m, d) {
		return 0, false
	}
	return daysOf(y, m, d), true
}

// halfDay applies AM or PM.
func halfDay(hour *int64, half byte) bool {
	if *hour > 12 {
		return half == 'p' // 14:00 PM is 14:00 (assumed)
	}
	if half == 'p' && *hour < 12 {
		*hour += 12
	} else if half == 'a' && *hour == 12 {
		*hour = 0
	}
	return true
}

// clock sets the time of day; 24:00:00 and a leap second belong to the next day or
// minute.
func (m *moment) clock(hour, minute, second, micros int64) bool {
	if hour > 24 || minute > 59 || second > 60 || hour == 24 && minute+second+micros > 0 {
		return false
	}
	m.micros = ((hour*60+minute)*60+second)*1_000_000 + micros
	if m.micros >= dayMicros {
		m.days++
		m.micros -= dayMicros
	}
	return true
}
