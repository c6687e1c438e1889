package bind

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

const cmp = "(CASE WHEN $1 < $2 THEN -1 WHEN $1 > $2 THEN 1 WHEN $1 = $2 THEN 0 END)"

// Dates and times (Date_functions_header.md). The time of GETDATE is that of the
// transaction's begin, as DuckDB's now() has it: assumed.
var timeFunctions = []overload{
	{"getdate", "", "s", "date_trunc('second', CAST(now() AS TIMESTAMP))"},
	{"sysdate", "", "s", "CAST(now() AS TIMESTAMP)"},
	{"current_date", "", "d", "CAST(now() AS DATE)"},
	{"timeofday", "", "t", "strftime(CAST(now() AS TIMESTAMP), '%a %b %d %H:%M:%S.%f %Y UTC')"},
	{"last_day", "m", "d", "last_day($1)"},
	{"date_part_year", "d", "i", "year($1)"},
	{"date_cmp", "dd", "i", cmp},
	{"date_cmp_timestamp", "ds", "i", cmp},
	{"date_cmp_timestamptz", "dz", "i", cmp},
	{"timestamp_cmp", "ss", "i", cmp},
	{"timestamp_cmp_date", "sd", "i", cmp},
	{"timestamp_cmp_timestamptz", "sz", "i", cmp},
	{"timestamptz_cmp", "zz", "i", cmp},
	{"timestamptz_cmp_date", "zd", "i", cmp},
	{"timestamptz_cmp_timestamp", "zs", "i", cmp},
}

var timeSpecials = map[string]special{
	"current_timestamp now localtimestamp current_time localtime": leaderClock,
	"dateadd date_add":   dateAdd,
	"datediff date_diff": dateDiff,
	"date_part pgdate_part": func(b *binder, c *call) (node, error) {
		if err := c.want(2, 2); err != nil {
			return node{}, err
		}
		part, ok := c.constText(0)
		if !ok {
			return node{}, c.mismatch()
		}
		return b.extract(strings.ToLower(part), c.offset(0), c.args[1], c.offset(1), false)
	},
	"date_trunc":       dateTrunc,
	"add_months":       addMonths,
	"months_between":   monthsBetween,
	"next_day":         nextDay,
	"convert_timezone": convertTimezone,
	"timezone": func(b *binder, c *call) (node, error) {
		if err := c.want(2, 2); err != nil {
			return node{}, err
		}
		return b.zone(c.args[1], c.args[0], c.offset(1), c.offset(0))
	},
	"to_char":      toChar,
	"to_date":      toDate,
	"to_timestamp": toDate,
	"to_number":    toNumber,
}

// partNames are the date parts and their other names
// (r_Dateparts_for_datetime_functions.md).
var partNames = map[string]string{}

func init() {
	for part, names := range map[string]string{
		"millennium": "millennia mil mils", "century": "centuries c cent cents", "decade": "decades dec decs",
		"epoch": "", "year": "years y yr yrs", "quarter": "quarters qtr qtrs", "month": "months mon mons", "week": "weeks w",
		"dow": "dayofweek dw weekday", "doy": "dayofyear dy yearday", "day": "days d", "hour": "hours h hr hrs",
		"minute": "minutes m min mins", "second": "seconds s sec secs",
		"millisecond": "milliseconds ms msec msecs msecond mseconds millisec millisecs millisecon",
		"microsecond": "microseconds microsec microsecs usecond useconds us usec usecs",
		"timezone":    "", "timezone_hour": "", "timezone_minute": "",
	} {
		partNames[part] = part
		for n := range strings.FieldsSeq(names) {
			partNames[n] = part
		}
	}
}

// datePart is the first argument of DATEADD and its kin.
func (c *call) datePart() (string, error) {
	written, ok := c.constText(0)
	if !ok {
		return "", c.mismatch()
	}
	part, ok := partNames[strings.ToLower(written)]
	if !ok || part == "epoch" || part == "dow" || part == "doy" || strings.HasPrefix(part, "timezone") {
		return "", errorAt(c.offset(0), "22023", "invalid datepart %q for %s", written, c.name)
	}
	return part, nil
}

func leaderClock(b *binder, c *call) (node, error) {
	if err := c.want(0, 0); err != nil {
		return node{}, err
	}
	b.leaderOnly(c, c.name+"()")
	t := map[string]rstype.Kind{
		"current_timestamp": rstype.TimestampTZ, "now": rstype.TimestampTZ, "localtimestamp": rstype.Timestamp,
		"current_time": rstype.TimeTZ, "localtime": rstype.Time,
	}[c.name]
	now := "now()"
	if t == rstype.Time {
		now = "CAST(now() AS TIMESTAMP)"
	}
	return node{sql: "CAST(" + now + " AS " + typed(t).DuckDB() + ")", typ: typed(t), exact: true}, nil
}

// moment brings an argument to a date or time; a text becomes a timestamp.
func (b *binder) moment(c *call, i int, clocks bool) (node, error) {
	n := c.args[i]
	k := n.typ.Kind
	switch {
	case n.unknown():
		return b.coerce(n, typed(rstype.Timestamp), c.offset(i))
	case isMoment(k), clocks && (k == rstype.Time || k == rstype.TimeTZ):
		n.sql = asType2(n)
		return n, nil
	case isText(k):
		return b.convert(n, typed(rstype.Timestamp), implicitCast, c.offset(i))
	}
	return n, c.mismatch()
}

var partMonths = map[string]int{"millennium": 12000, "century": 1200, "decade": 120, "year": 12, "quarter": 3, "month": 1}

var partMicros = map[string]string{
	"hour": "3600000000", "minute": "60000000", "second": "1000000", "millisecond": "1000", "microsecond": "1",
}

// dateAdd is DATEADD: a month later is at most the last day, but a year after
// February 29th is March 1st (r_DATEADD_function.md).
func dateAdd(b *binder, c *call) (node, error) {
	if err := c.want(3, 3); err != nil {
		return node{}, err
	}
	part, err := c.datePart()
	if err != nil {
		return node{}, err
	}
	n := c.args[1]
	if isFloat(n.typ.Kind) || n.typ.Kind == rstype.Numeric || isInt(n.typ.Kind) || n.unknown() {
		n, err = b.coerce(n, typed(rstype.Int8), c.offset(1))
	} else {
		err = c.mismatch()
	}
	if err != nil {
		return node{}, err
	}
	x, err := b.moment(c, 2, true)
	if err != nil {
		return x, err
	}
	t := x.typ
	if t.Kind == rstype.Date {
		t.Kind = rstype.Timestamp
	}
	out := node{typ: t, exact: true, constant: n.constant && x.constant}
	if months, ok := partMonths[part]; ok {
		if t.Kind == rstype.Time || t.Kind == rstype.TimeTZ {
			return node{}, errorAt(c.offset(0), "22023", "invalid datepart %q for %s of a time", part, c.name)
		}
		step := "to_months(CAST(" + n.sql + " * " + strconv.Itoa(months) + " AS INTEGER))"
		out.sql = "(" + x.sql + " + " + step + ")"
		if months >= 12 && !literalDay(x) {
			out.sql = once(x.sql, func(v string) string {
				return v + " + " + step + " + to_days(CASE WHEN month(" + v + ") = 2 AND day(" + v + ") = 29 AND day(" + v + " + " + step + ") = 28 THEN 1 ELSE 0 END)"
			})
		}
		return out, nil
	}
	switch part {
	case "week":
		out.sql = "(" + x.sql + " + to_days(CAST(" + n.sql + " * 7 AS INTEGER)))"
	case "day":
		out.sql = "(" + x.sql + " + to_days(CAST(" + n.sql + " AS INTEGER)))"
	default:
		out.sql = "(" + x.sql + " + to_microseconds(CAST(" + n.sql + " * " + partMicros[part] + " AS BIGINT)))"
	}
	if t.Kind == rstype.Time && (part == "week" || part == "day") {
		return node{}, errorAt(c.offset(0), "22023", "invalid datepart %q for %s of a time", part, c.name)
	}
	return out, nil
}

// literalDay: a constant that is not February 29th.
func literalDay(x node) bool {
	return x.constant && strings.Contains(x.sql, "'") && !strings.Contains(x.sql, "-02-29")
}

// dateDiff counts the boundaries between two times (r_DATEDIFF_function.md);
// weeks begin on Monday: assumed.
func dateDiff(b *binder, c *call) (node, error) {
	if err := c.want(3, 3); err != nil {
		return node{}, err
	}
	part, err := c.datePart()
	if err != nil {
		return node{}, err
	}
	var ends [2]string
	var kinds [2]rstype.Kind
	for i := range ends {
		x, err := b.moment(c, i+1, true)
		if err != nil {
			return x, err
		}
		ends[i], kinds[i] = x.sql, x.typ.Kind
	}
	_, fine := partMicros[part]
	for i := range ends {
		switch {
		case kinds[i] == rstype.TimeTZ:
			ends[i] = "CAST(" + ends[i] + " AS TIME)"
		case kinds[i] == rstype.Date && (fine || kinds[1-i] != rstype.Date):
			ends[i] = "CAST(" + ends[i] + " AS TIMESTAMP)"
		}
		if kinds[i] == rstype.TimestampTZ && kinds[1-i] != rstype.TimestampTZ {
			ends[i] = "CAST(" + ends[i] + " AS TIMESTAMP)"
		}
	}
	clock := func(k rstype.Kind) bool { return k == rstype.Time || k == rstype.TimeTZ }
	if clock(kinds[0]) != clock(kinds[1]) || clock(kinds[0]) && !fine {
		return node{}, c.mismatch()
	}
	return node{sql: "date_diff('" + part + "', " + ends[0] + ", " + ends[1] + ")", typ: typed(rstype.Int8), exact: true}, nil
}

// extract is EXTRACT (whole: integers) and DATE_PART (double precision, seconds
// with their fraction).
func (b *binder) extract(field string, fieldPos int, x node, offset int, whole bool) (node, error) {
	part, ok := partNames[field]
	if !ok {
		return node{}, errorAt(fieldPos, "22023", "timestamp units \"%s\" not recognized", field)
	}
	var err error
	k := x.typ.Kind
	switch {
	case x.unknown():
		x, err = b.coerce(x, typed(rstype.Timestamp), offset)
	case isText(k):
		x, err = b.convert(x, typed(rstype.Timestamp), implicitCast, offset)
	case isMoment(k) || isInterval(k) || k == rstype.Time || k == rstype.TimeTZ:
	default:
		err = errorAt(offset, "42883", "function pg_catalog.date_part(unknown, %s) does not exist", k)
	}
	if err != nil {
		return x, err
	}
	clock := k == rstype.Time || k == rstype.TimeTZ
	if _, fine := partMicros[part]; clock && !fine && part != "epoch" && !strings.HasPrefix(part, "timezone") {
		return x, errorAt(fieldPos, "22023", "\"time\" units \"%s\" not recognized", field)
	}
	if isInterval(k) && (part == "week" || part == "dow" || part == "doy" || strings.HasPrefix(part, "timezone")) {
		return x, errorAt(fieldPos, "22023", "interval units \"%s\" not recognized", field)
	}
	t := typed(rstype.Int4)
	get := func(p string) string { return "date_part('" + p + "', " + x.sql + ")" }
	sql := get(part)
	switch part {
	case "epoch":
		t = typed(rstype.Int8) // documented as integer, but that ends in 2038
		if whole {
			sql = "CAST(floor(" + sql + ") AS BIGINT)"
		}
	case "decade":
		sql = "(" + get("year") + " // 10 + 1)"
	case "microsecond":
		sql = "(" + sql + " % 1000000)"
	case "millisecond":
		sql = "(" + get("microsecond") + " % 1000000 // 1000)"
	case "second":
		if !whole {
			sql = "(" + get("microsecond") + " / 1000000.0)"
		}
	}
	if strings.HasPrefix(part, "timezone") && k != rstype.TimestampTZ && k != rstype.TimeTZ {
		return x, errorAt(fieldPos, "22023", "timestamp units \"%s\" not recognized", field)
	}
	if !whole || k == rstype.TimestampTZ {
		t = typed(rstype.Float8)
	}
	return node{sql: "CAST(" + sql + " AS " + t.DuckDB() + ")", typ: t, exact: true, constant: x.constant}, nil
}

func dateTrunc(b *binder, c *call) (node, error) {
	if err := c.want(2, 2); err != nil {
		return node{}, err
	}
	part, err := c.datePart()
	if err != nil {
		return node{}, err
	}
	x, err := b.moment(c, 1, false)
	if err != nil {
		return x, err
	}
	t := x.typ
	if t.Kind == rstype.Date {
		t.Kind = rstype.Timestamp
	}
	sql := "date_trunc('" + part + "', " + x.sql + ")"
	if years := map[string]string{"century": "100", "millennium": "1000"}[part]; years != "" {
		sql = "make_timestamp((year(" + x.sql + ") - 1) // " + years + " * " + years + " + 1, 1, 1, 0, 0, 0)"
	}
	return node{sql: "CAST(" + sql + " AS " + t.DuckDB() + ")", typ: t, exact: true, constant: x.constant}, nil
}

// addMonths keeps the last day of a month the last one (r_ADD_MONTHS.md).
func addMonths(b *binder, c *call) (node, error) {
	if err := c.want(2, 2); err != nil {
		return node{}, err
	}
	x, err := b.moment(c, 0, false)
	if err != nil {
		return x, err
	}
	n := c.args[1]
	if !n.unknown() && !isNumber(n.typ.Kind) {
		return n, c.mismatch()
	}
	if n, err = b.coerce(n, typed(rstype.Int4), c.offset(1)); err != nil {
		return n, err
	}
	x.sql = "CAST(" + x.sql + " AS TIMESTAMP)"
	sql := once(x.sql, func(v string) string {
		to := "(" + v + " + to_months(" + n.sql + "))"
		return "CASE WHEN CAST(" + v + " AS DATE) = last_day(" + v + ") THEN last_day" + to + " + (" + v + " - date_trunc('day', " + v + ")) ELSE " + to + " END"
	})
	return node{sql: sql, typ: typed(rstype.Timestamp)}, nil
}

// monthsBetween counts whole months between equal or last days, and parts of 31
// days elsewhere (r_MONTHS_BETWEEN_function.md).
func monthsBetween(b *binder, c *call) (node, error) {
	if err := c.want(2, 2); err != nil {
		return node{}, err
	}
	var x [2]string
	for i := range x {
		n, err := b.moment(c, i, false)
		if err != nil {
			return n, err
		}
		x[i] = "CAST(" + n.sql + " AS TIMESTAMP)"
	}
	f := strings.NewReplacer("$1", x[0], "$2", x[1])
	return node{sql: f.Replace("((year($1) - year($2)) * 12 + month($1) - month($2) + CASE WHEN day($1) = day($2) OR CAST($1 AS DATE) = last_day($1) AND CAST($2 AS DATE) = last_day($2) THEN 0.0::DOUBLE " +
		"ELSE (epoch($1 - date_trunc('month', $1)) - epoch($2 - date_trunc('month', $2))) / 2678400 END)"), typ: typed(rstype.Float8), exact: true}, nil
}

func nextDay(b *binder, c *call) (node, error) {
	if err := c.want(2, 2); err != nil {
		return node{}, err
	}
	x, err := b.moment(c, 0, false)
	if err != nil {
		return x, err
	}
	name, ok := c.constText(1)
	if !ok {
		return x, unsupported(c.offset(1), "NEXT_DAY with a day that is not a constant")
	}
	low := strings.ToLower(name)
	target := -1
	for i, day := range []string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"} {
		if len(low) >= 2 && strings.HasPrefix(day, low) || len(low) == 1 && low == map[int]string{1: "m", 3: "w", 5: "f"}[i] {
			target = i
		}
	}
	if target < 0 {
		return x, errorAt(c.offset(1), "22023", "Invalid day name: %s", name)
	}
	d := "CAST(" + x.sql + " AS DATE)"
	sql := "(" + d + " + CAST((" + strconv.Itoa(target+6) + " - dayofweek(" + d + ")) % 7 + 1 AS INTEGER))"
	return node{sql: sql, typ: typed(rstype.Date), exact: true}, nil
}

var posixZone = regexp.MustCompile(`^(?i:gmt|utc)([+-])(\d{1,2})$`)

// zoneName is a time zone as DuckDB's icu reads it. GMT+2 is west of Greenwich,
// as in POSIX (r_CONVERT_TIMEZONE.md).
func zoneName(name string) string {
	if m := posixZone.FindStringSubmatch(name); m != nil {
		return "Etc/GMT" + m[1] + strings.TrimLeft(m[2], "0")
	}
	return name
}

func (b *binder) zoneArgument(z node, offset int) (string, error) {
	if z.lit != nil && z.lit.Kind == ast.StringLiteral {
		return text(zoneName(z.lit.Text)), nil
	}
	n, err := b.asText(z, offset)
	return n.sql, err
}

func (b *binder) atTimeZone(e *ast.AtTimeZone, s *scope) (node, error) {
	x, err := b.expr(e.X, s)
	if err != nil {
		return x, err
	}
	z, err := b.expr(e.Zone, s)
	if err != nil {
		return z, err
	}
	return b.zone(x, z, e.X.Pos(), e.Zone.Pos())
}

// zone is x AT TIME ZONE z: it turns a TIMESTAMP into a TIMESTAMPTZ and back.
func (b *binder) zone(x, z node, xo, zo int) (node, error) {
	zone, err := b.zoneArgument(z, zo)
	if err != nil {
		return z, err
	}
	switch k := x.typ.Kind; {
	case x.unknown(), k == rstype.Date, isText(k):
		if x, err = b.convert(x, typed(rstype.Timestamp), implicitCast, xo); err != nil {
			return x, err
		}
	case k == rstype.Timestamp || k == rstype.TimestampTZ:
	default:
		return x, errorAt(xo, "42883", "function pg_catalog.timezone(unknown, %s) does not exist", k)
	}
	t := typed(rstype.TimestampTZ)
	if x.typ.Kind == rstype.TimestampTZ {
		t.Kind = rstype.Timestamp
	}
	return node{sql: "timezone(" + zone + ", " + x.sql + ")", typ: t, exact: true, constant: x.constant}, nil
}

func convertTimezone(b *binder, c *call) (node, error) {
	if err := c.want(2, 3); err != nil {
		return node{}, err
	}
	last := len(c.args) - 1
	x, err := b.moment(c, last, false)
	if err != nil {
		return x, err
	}
	source := "'UTC'"
	if len(c.args) == 3 {
		if source, err = b.zoneArgument(c.args[0], c.offset(0)); err != nil {
			return x, err
		}
	}
	target, err := b.zoneArgument(c.args[last-1], c.offset(last-1))
	if err != nil {
		return x, err
	}
	sql := x.sql
	if x.typ.Kind != rstype.TimestampTZ {
		sql = "timezone(" + source + ", CAST(" + sql + " AS TIMESTAMP))"
	}
	return node{sql: "timezone(" + target + ", " + sql + ")", typ: typed(rstype.Timestamp), exact: true}, nil
}
