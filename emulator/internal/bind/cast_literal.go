package bind

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

// literalAs reads a constant text as a type, so that mistakes are told before
// anything runs.
func literalAs(value string, to rstype.Type, order string, offset int) (node, error) {
	out := node{typ: to, exact: true, constant: true}
	syntax := func(what string) error {
		return errorAt(offset, "22P02", "invalid input syntax for %s: \"%s\"", what, value)
	}
	trimmed := strings.Trim(value, " \t\n\r\f\v")
	switch k := to.Kind; {
	case isText(k):
		v := value
		if k == rstype.Char {
			v = strings.TrimRight(v, " ")
		}
		if to.Len > 0 && len(v) > int(to.Len) {
			v = cutBytes(v, int(to.Len))
		}
		out.sql, out.trimmed = text(v), !strings.HasSuffix(v, " ")
		if out.typ.Len == 0 {
			out.typ.Len = int32(min(max(len(v), 1), rstype.MaxVarchar))
		}
	case k == rstype.Bool:
		switch strings.ToLower(trimmed) {
		case "t", "true", "y", "yes", "1":
			out.sql = "TRUE"
		case "f", "false", "n", "no", "0":
			out.sql = "FALSE"
		default:
			return out, syntax("type boolean")
		}
	case isInt(k):
		v, err := strconv.ParseInt(trimmed, 10, 64)
		limit := int64(math.MaxInt64)
		switch k {
		case rstype.Int2:
			limit = math.MaxInt16
		case rstype.Int4:
			limit = math.MaxInt32
		}
		if e, ok := err.(*strconv.NumError); ok && e.Err == strconv.ErrRange || err == nil && (v > limit || v < -limit-1) {
			return out, errorAt(offset, "22003", "value \"%s\" is out of range for type %s", trimmed, k)
		}
		if err != nil {
			return out, syntax("integer")
		}
		out.sql = "CAST('" + strconv.FormatInt(v, 10) + "' AS " + to.DuckDB() + ")"
		if k == rstype.Int4 && v >= 0 {
			out.sql = strconv.FormatInt(v, 10)
		}
	case k == rstype.Numeric:
		return numericLiteral(trimmed, to, offset, syntax)
	case isFloat(k):
		f, err := strconv.ParseFloat(trimmed, 64)
		if strings.ContainsAny(trimmed, "xX_") {
			err = strconv.ErrSyntax
		}
		if e, ok := err.(*strconv.NumError); ok && e.Err == strconv.ErrRange && math.IsInf(f, 0) {
			return out, errorAt(offset, "22003", "\"%s\" is out of range for type %s", trimmed, k)
		} else if err != nil && !(ok && e.Err == strconv.ErrRange) {
			return out, syntax("type " + k.String())
		}
		out.sql = "CAST('" + trimmed + "' AS " + to.DuckDB() + ")"
	case isMoment(k) || k == rstype.Time || k == rstype.TimeTZ:
		return momentLiteral(trimmed, to, order, offset)
	case isInterval(k):
		fields := ast.IntervalFields{Precision: -1}
		n, err := intervalLiteral(&ast.IntervalLiteral{Span: ast.Span{From: offset}, Value: value, Fields: fields})
		n.typ = to
		return n, err
	case k == rstype.Super:
		out.sql = "CAST(to_json(" + text(value) + ") AS VARCHAR)"
	case k == rstype.Varbyte:
		out.sql = "encode(" + text(value) + ")"
	case k == rstype.Geometry, k == rstype.Geography, k == rstype.HLLSketch:
		return shapeLiteral(value, to, offset)
	default:
		return out, unsupported(offset, "constants of type %s", k)
	}
	return out, nil
}

// cutBytes cuts a text to at most n bytes, whole characters only.
func cutBytes(s string, n int) string {
	for n > 0 && s[n]&0xc0 == 0x80 {
		n--
	}
	return s[:n]
}

func numericLiteral(value string, to rstype.Type, offset int, syntax func(string) error) (node, error) {
	digits := strings.TrimPrefix(value, "+")
	mantissa, exponent, hasExp := strings.Cut(strings.ToLower(digits), "e")
	body := strings.TrimPrefix(mantissa, "-")
	whole, fraction, _ := strings.Cut(body, ".")
	for _, c := range whole + fraction {
		if c < '0' || c > '9' {
			return node{}, syntax("type numeric")
		}
	}
	if whole+fraction == "" {
		return node{}, syntax("type numeric")
	}
	if hasExp {
		e, err := strconv.Atoi(exponent)
		if err != nil || e < -1000 || e > 1000 {
			return node{}, syntax("type numeric")
		}
		switch {
		case e > 0:
			fraction += strings.Repeat("0", max(0, e-len(fraction)))
			whole, fraction = whole+fraction[:e], fraction[e:]
		case e < 0:
			whole = strings.Repeat("0", max(0, -e-len(whole))) + whole
			whole, fraction = whole[:len(whole)+e], whole[len(whole)+e:]+fraction
		}
	}
	whole = strings.TrimLeft(whole, "0")
	t := to
	if to.Precision == 0 {
		t.Scale = int16(min(len(fraction), rstype.MaxScale))
		t.Precision = int16(max(len(whole)+int(t.Scale), 1))
	}
	if len(whole)+int(t.Scale) > int(t.Precision) || t.Precision > rstype.MaxPrecision {
		return node{}, errorAt(offset, "22003", "Numeric data overflow (result precision)")
	}
	sign := ""
	if strings.HasPrefix(mantissa, "-") {
		sign = "-"
	}
	if whole == "" {
		whole = "0"
	}
	if fraction != "" {
		whole += "." + fraction
	}
	return node{sql: "CAST('" + sign + whole + "' AS " + t.DuckDB() + ")", typ: t, exact: true, constant: true}, nil
}

// dateLayouts are the forms in which a date may be written (Automatic
// recognition; c_Supported_data_types.md), in Go's layouts.
var dateLayouts = []string{
	"2006-1-2", "20060102", "060102", "2006/1/2", "2006.1.2", "2.1.2006", "2006-Jan-2",
	"Jan 2, 2006", "Jan 2 2006", "January 2, 2006", "January 2 2006", "2 Jan 2006", "2-Jan-2006", "2 January 2006", "2006.002",
}

// dateOrders are those of numbers whose order the session's DateStyle gives.
var dateOrders = map[string][]string{
	"":    {"1/2/2006", "1-2-2006", "1/2/06"},
	"MDY": {"1/2/2006", "1-2-2006", "1/2/06"},
	"DMY": {"2/1/2006", "2-1-2006", "2/1/06", "2-1-06"},
	"YMD": {"06/1/2", "06-1-2", "06.1.2"},
}

// clockLast puts the time of day of the style Postgres, Wed Dec 17 07:37:16 1997, behind
// the date.
func clockLast(s string) string {
	f := strings.Fields(s)
	if len(f) == 5 && len(f[0]) == 3 && strings.Contains(f[3], ":") {
		f = f[1:] // the day of the week says nothing
	}
	if len(f) != 4 || !strings.Contains(f[2], ":") {
		return s
	}
	return f[0] + " " + f[1] + " " + f[3] + " " + f[2]
}

// clockLayouts are those of a time of day.
var clockLayouts = []string{"", "15:4:5.999999", "15:4:5", "15:4", "150405", "3:4:5 PM", "3:4 PM", "3:4:5PM", "3:4PM", "15"}

// momentLiteral reads a date, a time or a timestamp.
func momentLiteral(value string, to rstype.Type, order string, offset int) (node, error) {
	out := node{typ: to, exact: true, constant: true}
	syntax := func() error {
		return errorAt(offset, "22007", "invalid input syntax for type %s: \"%s\"", to.Kind, value)
	}
	k := to.Kind
	if k == rstype.Time || k == rstype.TimeTZ {
		body, zone := splitZone(value)
		t, ok := parseClock(body)
		if !ok {
			return out, syntax()
		}
		out.sql = "TIME '" + t.Format("15:04:05.999999") + "'"
		if k == rstype.TimeTZ {
			if zone == "" {
				zone = "+00"
			}
			out.sql = "TIMETZ '" + t.Format("15:04:05.999999") + zone + "'"
		}
		return out, nil
	}
	switch strings.ToLower(value) {
	case "now":
		out.sql, out.constant = "CAST(now() AS "+to.DuckDB()+")", false
		return out, nil
	case "today", "tomorrow", "yesterday":
		day := map[string]string{"today": "", "tomorrow": " + 1", "yesterday": " - 1"}[strings.ToLower(value)]
		out.sql, out.constant = "CAST((current_date"+day+") AS "+to.DuckDB()+")", false
		return out, nil
	case "epoch":
		value = "1970-01-01 00:00:00"
	case "infinity", "-infinity":
		out.sql = "CAST('" + strings.ToLower(value) + "' AS " + to.DuckDB() + ")"
		return out, nil
	}
	body, zone := splitZone(value)
	t, ok, ranged := parseMoment(clockLast(body), order)
	if !ok {
		if ranged {
			return out, errorAt(offset, "22008", "date/time field value out of range: \"%s\"", value)
		}
		return out, syntax()
	}
	switch k {
	case rstype.Date:
		out.sql = "DATE '" + t.Format("2006-01-02") + "'"
	case rstype.Timestamp:
		out.sql = "TIMESTAMP '" + t.Format("2006-01-02 15:04:05.999999") + "'"
	default:
		out.sql = "TIMESTAMPTZ '" + t.Format("2006-01-02 15:04:05.999999") + zone + "'"
	}
	return out, nil
}

// splitZone cuts the zone off a timestamp: Z, UTC, +02, -05:30, or a name behind
// a blank. The zone comes back as DuckDB reads it.
func splitZone(value string) (body, zone string) {
	if n := len(value); n > 1 && (value[n-1] == 'Z' || value[n-1] == 'z') && value[n-2] >= '0' && value[n-2] <= '9' {
		return value[:n-1], "+00"
	}
	if i := strings.LastIndexAny(value, "+-"); i > 0 && strings.Contains(value[:i], ":") {
		z := value[i:]
		ok := len(z) > 1
		for _, c := range z[1:] {
			ok = ok && (c >= '0' && c <= '9' || c == ':')
		}
		if ok {
			digits := strings.ReplaceAll(z[1:], ":", "")
			switch len(digits) {
			case 1:
				return strings.TrimSpace(value[:i]), z[:1] + "0" + digits
			case 2:
				return strings.TrimSpace(value[:i]), z[:1] + digits
			case 3:
				return strings.TrimSpace(value[:i]), z[:1] + "0" + digits[:1] + ":" + digits[1:]
			case 4:
				return strings.TrimSpace(value[:i]), z[:1] + digits[:2] + ":" + digits[2:]
			}
		}
	}
	if i := strings.LastIndexByte(value, ' '); i > 0 && strings.Contains(value[:i], ":") {
		z := value[i+1:]
		if up := strings.ToUpper(z); up != "AM" && up != "PM" && up != "BC" && up != "AD" && z != "" && (z[0] >= 'A' && z[0] <= 'Z' || z[0] >= 'a' && z[0] <= 'z') {
			for _, c := range z {
				if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '/' || c == '_') {
					return value, ""
				}
			}
			if abbreviated, ok := zoneAbbreviations[up]; ok {
				return strings.TrimSpace(value[:i]), abbreviated
			}
			return strings.TrimSpace(value[:i]), " " + z
		}
	}
	return value, ""
}

// zoneAbbreviations are those with a fixed offset that texts usually have.
var zoneAbbreviations = map[string]string{
	"UTC": "+00", "GMT": "+00", "EST": "-05", "EDT": "-04", "CST": "-06", "CDT": "-05", "MST": "-07", "MDT": "-06",
	"PST": "-08", "PDT": "-07", "CET": "+01", "CEST": "+02", "JST": "+09",
}

func parseClock(s string) (time.Time, bool) {
	s = strings.TrimSpace(s)
	for _, l := range clockLayouts[1:] {
		if t, err := time.Parse(l, strings.ToUpper(s)); err == nil {
			return t.Round(time.Microsecond), true
		}
	}
	return time.Time{}, false
}

// parseMoment reads a date with or without a time of day; ranged says that it
// looks like one, but there is no such day or time.
func parseMoment(s, order string) (t time.Time, ok, ranged bool) {
	s = strings.TrimSpace(s)
	cut := len(s)
	for _, sep := range []byte{'T', ' '} {
		if i := strings.LastIndexByte(s, ':'); i >= 0 {
			if j := strings.LastIndexByte(s[:strings.IndexByte(s, ':')], sep); j > 0 {
				cut = j
				break
			}
		}
	}
	day, clock := strings.TrimSpace(s[:cut]), ""
	if cut < len(s) {
		clock = strings.TrimSpace(s[cut+1:])
	} else if d, c, found := strings.Cut(s, " "); found && (len(d) == 8 || len(d) == 10) && len(c) == 6 {
		day, clock = d, c
	}
	for _, l := range slices.Concat(dateLayouts, dateOrders[order]) {
		d, err := time.Parse(l, day)
		if err != nil {
			if e, bad := err.(*time.ParseError); bad && strings.Contains(e.Message, "out of range") {
				ranged = true
			}
			continue
		}
		if clock == "" {
			return d, true, false
		}
		c, good := parseClock(clock)
		if !good {
			return t, false, ranged || looksLikeClock(clock)
		}
		// A clock is on the first day of year 0, or rounded up to the second.
		return d.Add(c.Sub(time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC))), true, false
	}
	return t, false, ranged
}

func looksLikeClock(s string) bool {
	for _, c := range s {
		if c != ':' && c != '.' && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}

var intervalUnits = map[string]struct{ months, days, micros int64 }{
	"millennium": {12000, 0, 0}, "millennia": {12000, 0, 0}, "century": {1200, 0, 0}, "centuries": {1200, 0, 0}, "decade": {120, 0, 0}, "decades": {120, 0, 0},
	"year": {12, 0, 0}, "years": {12, 0, 0}, "y": {12, 0, 0}, "yr": {12, 0, 0}, "yrs": {12, 0, 0},
	"quarter": {3, 0, 0}, "quarters": {3, 0, 0}, "qtr": {3, 0, 0}, "qtrs": {3, 0, 0},
	"month": {1, 0, 0}, "months": {1, 0, 0}, "mon": {1, 0, 0}, "mons": {1, 0, 0},
	"week": {0, 7, 0}, "weeks": {0, 7, 0}, "w": {0, 7, 0}, "day": {0, 1, 0}, "days": {0, 1, 0}, "d": {0, 1, 0},
	"hour": {0, 0, 3600e6}, "hours": {0, 0, 3600e6}, "h": {0, 0, 3600e6}, "hr": {0, 0, 3600e6}, "hrs": {0, 0, 3600e6},
	"minute": {0, 0, 60e6}, "minutes": {0, 0, 60e6}, "m": {0, 0, 60e6}, "min": {0, 0, 60e6}, "mins": {0, 0, 60e6},
	"second": {0, 0, 1e6}, "seconds": {0, 0, 1e6}, "s": {0, 0, 1e6}, "sec": {0, 0, 1e6}, "secs": {0, 0, 1e6},
	"millisecond": {0, 0, 1e3}, "milliseconds": {0, 0, 1e3}, "ms": {0, 0, 1e3}, "msec": {0, 0, 1e3}, "msecs": {0, 0, 1e3},
	"microsecond": {0, 0, 1}, "microseconds": {0, 0, 1}, "us": {0, 0, 1}, "usec": {0, 0, 1}, "usecs": {0, 0, 1},
}

// intervalLiteral reads INTERVAL '…' with or without fields
// (r_interval_data_types.md, r_interval_literals.md).
func intervalLiteral(e *ast.IntervalLiteral) (node, error) {
	months, days, micros, ok := parseInterval(e.Value, e.Fields)
	if !ok {
		return node{}, errorAt(e.Pos(), "22007", "invalid input syntax for type interval: \"%s\"", e.Value)
	}
	t := typed(rstype.IntervalDS)
	if e.Fields.First == ast.FieldYear || e.Fields.First == ast.FieldMonth {
		t = typed(rstype.IntervalYM)
	}
	var parts []string
	add := func(n int64, f string) {
		if n != 0 {
			parts = append(parts, f+"("+strconv.FormatInt(n, 10)+")")
		}
	}
	add(months, "to_months")
	add(days, "to_days")
	add(micros, "to_microseconds")
	if len(parts) == 0 {
		parts = append(parts, "to_days(0)")
	}
	return node{sql: "(" + strings.Join(parts, " + ") + ")", typ: t, exact: true, constant: true}, nil
}

func parseInterval(s string, f ast.IntervalFields) (months, days, micros int64, ok bool) {
	words := strings.Fields(strings.NewReplacer(",", " ", "@", " ").Replace(strings.ToLower(s)))
	ago := len(words) > 1 && words[len(words)-1] == "ago"
	if ago {
		words = words[:len(words)-1]
	}
	// A bare number has the unit of the last field, or seconds.
	unit := "second"
	last := f.To
	if last == ast.FieldNone {
		last = f.First
	}
	if last != ast.FieldNone {
		unit = last.String()
	}
	seen := false
	for i := 0; i < len(words); i++ {
		w := words[i]
		if strings.Contains(w, ":") {
			v, good := clockMicros(w)
			if !good {
				return 0, 0, 0, false
			}
			micros += v
			seen = true
			continue
		}
		if j := strings.LastIndexByte(w, '-'); j > 0 && (f.First == ast.FieldYear || f.First == ast.FieldNone) {
			y, err1 := strconv.ParseInt(w[:j], 10, 32)
			m, err2 := strconv.ParseInt(w[j+1:], 10, 32)
			if err1 != nil || err2 != nil {
				return 0, 0, 0, false
			}
			if y < 0 || w[0] == '-' {
				m = -m
			}
			months += 12*y + m
			seen = true
			continue
		}
		j := 0
		for j < len(w) && (w[j] >= '0' && w[j] <= '9' || w[j] == '.' || w[j] == '-' || w[j] == '+') {
			j++
		}
		v, err := strconv.ParseFloat(w[:j], 64)
		if err != nil || math.Abs(v) > 1e12 {
			return 0, 0, 0, false
		}
		name := w[j:]
		if name == "" {
			name = unit
			if f.First == ast.FieldDay && f.To > ast.FieldDay && i == 0 {
				name = "day" // '1 02:00' day to minute
			}
			if i+1 < len(words) {
				if _, known := intervalUnits[words[i+1]]; known {
					name = words[i+1]
					i++
				}
			}
		}
		u, known := intervalUnits[name]
		if !known {
			return 0, 0, 0, false
		}
		switch {
		case u.months > 0:
			m := v * float64(u.months)
			months += int64(m)
			days += int64((m - math.Trunc(m)) * 30)
		case u.days > 0:
			d := v * float64(u.days)
			days += int64(d)
			micros += int64(math.Round((d - math.Trunc(d)) * 86400e6))
		default:
			micros += int64(math.Round(v * float64(u.micros)))
		}
		seen = true
	}
	if ago {
		months, days, micros = -months, -days, -micros
	}
	return months, days, micros, seen && months == int64(int32(months)) && days == int64(int32(days))
}

func clockMicros(s string) (int64, bool) {
	sign := int64(1)
	if strings.HasPrefix(s, "-") {
		sign, s = -1, s[1:]
	}
	parts := strings.Split(s, ":")
	if len(parts) > 3 {
		return 0, false
	}
	scale := []float64{3600e6, 60e6, 1e6}
	total := 0.0
	for i, p := range parts {
		v, err := strconv.ParseFloat(p, 64)
		if err != nil || v < 0 || v > 1e9 {
			return 0, false
		}
		total += v * scale[i]
	}
	return sign * int64(math.Round(total)), true
}
