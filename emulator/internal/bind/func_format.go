package bind

import (
	"strconv"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
)

// token is one token of a date format (r_FORMAT_strings.md): strf is what
// strftime and strptime have for it, sql an expression over $1 where strftime has
// nothing, and bare the form behind FM.
type token struct {
	name, strf, sql, bare string
	// parse: strptime reads it.
	parse bool
}

var tokenList = []token{
	{"HH24", "%H", "", "%-H", true},
	{"HH12", "%I", "", "%-I", true},
	{"HH", "%I", "", "%-I", true},
	{"MI", "%M", "", "%-M", true},
	{"SS", "%S", "", "%-S", true},
	{"MS", "%g", "", "", true},
	{"US", "%f", "", "", true},
	{"A.M.", "", "CASE WHEN hour($1) < 12 THEN 'A.M.' ELSE 'P.M.' END", "", false},
	{"P.M.", "", "CASE WHEN hour($1) < 12 THEN 'A.M.' ELSE 'P.M.' END", "", false},
	{"AM", "%p", "", "", true},
	{"PM", "%p", "", "", true},
	{"B.C.", "", "CASE WHEN year($1) > 0 THEN 'A.D.' ELSE 'B.C.' END", "", false},
	{"A.D.", "", "CASE WHEN year($1) > 0 THEN 'A.D.' ELSE 'B.C.' END", "", false},
	{"BC", "", "CASE WHEN year($1) > 0 THEN 'AD' ELSE 'BC' END", "", false},
	{"AD", "", "CASE WHEN year($1) > 0 THEN 'AD' ELSE 'BC' END", "", false},
	{"Y,YYY", "", "year($1) // 1000 || ',' || lpad(CAST(year($1) % 1000 AS VARCHAR), 3, '0')", "", false},
	{"YYYY", "%Y", "", "", true},
	{"YYY", "", "lpad(CAST(year($1) % 1000 AS VARCHAR), 3, '0')", "", false},
	{"YY", "%y", "", "", true},
	{"Y", "", "CAST(year($1) % 10 AS VARCHAR)", "", false},
	{"IYYY", "%G", "", "", false},
	{"IYY", "", "lpad(CAST(isoyear($1) % 1000 AS VARCHAR), 3, '0')", "", false},
	{"IY", "", "lpad(CAST(isoyear($1) % 100 AS VARCHAR), 2, '0')", "", false},
	{"IW", "%V", "", "", false},
	{"IDDD", "", "lpad(CAST((weekofyear($1) - 1) * 7 + isodow($1) AS VARCHAR), 3, '0')", "", false},
	{"ID", "", "CAST(isodow($1) AS VARCHAR)", "", false},
	{"I", "", "CAST(isoyear($1) % 10 AS VARCHAR)", "", false},
	{"MONTH", "", "rpad(upper(strftime($1, '%B')), 9, ' ')", "upper(strftime($1, '%B'))", false},
	{"Month", "", "rpad(strftime($1, '%B'), 9, ' ')", "strftime($1, '%B')", false},
	{"month", "", "rpad(lower(strftime($1, '%B')), 9, ' ')", "lower(strftime($1, '%B'))", false},
	{"MON", "", "upper(strftime($1, '%b'))", "", false},
	{"Mon", "%b", "", "", true},
	{"mon", "", "lower(strftime($1, '%b'))", "", false},
	{"MM", "%m", "", "%-m", true},
	{"RM", "", "rpad(['I', 'II', 'III', 'IV', 'V', 'VI', 'VII', 'VIII', 'IX', 'X', 'XI', 'XII'][month($1)], 4, ' ')", "", false},
	{"DAY", "", "rpad(upper(strftime($1, '%A')), 9, ' ')", "upper(strftime($1, '%A'))", false},
	{"Day", "", "rpad(strftime($1, '%A'), 9, ' ')", "strftime($1, '%A')", false},
	{"day", "", "rpad(lower(strftime($1, '%A')), 9, ' ')", "lower(strftime($1, '%A'))", false},
	{"DY", "", "upper(strftime($1, '%a'))", "", false},
	{"Dy", "%a", "", "", true},
	{"dy", "", "lower(strftime($1, '%a'))", "", false},
	{"DDD", "%j", "", "%-j", true},
	{"DD", "%d", "", "%-d", true},
	{"D", "", "CAST(dayofweek($1) + 1 AS VARCHAR)", "", false},
	{"WW", "", "lpad(CAST((dayofyear($1) - 1) // 7 + 1 AS VARCHAR), 2, '0')", "CAST((dayofyear($1) - 1) // 7 + 1 AS VARCHAR)", false},
	{"W", "", "CAST((day($1) - 1) // 7 + 1 AS VARCHAR)", "", false},
	{"Q", "", "CAST(quarter($1) AS VARCHAR)", "", false},
	{"CC", "", "lpad(CAST((year($1) - 1) // 100 + 1 AS VARCHAR), 2, '0')", "", false},
	{"J", "", "CAST(CAST(floor(julian($1)) AS BIGINT) AS VARCHAR)", "", false},
	{"TZ", "", "'UTC'", "", false},
	{"OF", "", "'+00'", "", false},
}

// cased are the tokens whose letters choose the case of the output.
var cased = map[string]bool{"MONTH": true, "MON": true, "DAY": true, "DY": true}

// nextToken finds the token at the start of a format.
func nextToken(format string) (*token, bool) {
	for i := range tokenList {
		t := &tokenList[i]
		if len(format) < len(t.name) {
			continue
		}
		head := format[:len(t.name)]
		if head == t.name || strings.EqualFold(head, t.name) && !cased[strings.ToUpper(t.name)] {
			return t, true
		}
	}
	// dAY and the like: the capitals' form.
	for i := range tokenList {
		if t := &tokenList[i]; cased[t.name] && len(format) >= len(t.name) && strings.EqualFold(format[:len(t.name)], t.name) {
			return t, true
		}
	}
	return nil, false
}

// toChar is TO_CHAR of times and numbers, with a constant format.
func toChar(b *binder, c *call) (node, error) {
	if err := c.want(2, 2); err != nil {
		return node{}, err
	}
	format, ok := c.constText(1)
	if !ok {
		return node{}, unsupported(c.offset(1), "TO_CHAR with a format that is not a constant")
	}
	out := node{typ: typed(rstype.Varchar)}
	if isNumber(c.args[0].typ.Kind) {
		x := c.args[0]
		sql, err := numberFormat(asType2(x), x.typ, format, c.offset(1))
		out.sql = sql
		return out, err
	}
	x, err := b.moment(c, 0, false)
	if err != nil {
		return x, err
	}
	out.constant = x.constant
	v, zone, offset := b.zoned(x)
	out.sql = timeFormat(v, zone, offset, format)
	return out, nil
}

// zoned is a moment whose TZ and OF are known: those of a timestamp without a zone
// are UTC's (assumed).
func (b *binder) zoned(x node) (string, string, string) {
	if x.typ.Kind != rstype.TimestampTZ {
		return x.sql, "'UTC'", "'+00'"
	}
	offset := "CAST(date_part('timezone', " + x.sql + ") AS INTEGER)"
	zone := b.env.TimeZone
	if zone == "" {
		zone = "UTC"
	}
	return x.sql, text(zone), "(CASE WHEN " + offset + " < 0 THEN '-' ELSE '+' END || lpad(CAST(abs(" + offset + ") // 3600 AS VARCHAR), 2, '0') || " +
		"CASE WHEN " + offset + " % 3600 = 0 THEN '' ELSE ':' || lpad(CAST(abs(" + offset + ") % 3600 // 60 AS VARCHAR), 2, '0') END)"
}

// timeFormat writes a time in a format: runs of what strftime has, joined with
// what it has not.
func timeFormat(x, zone, offset, format string) string {
	var parts []string
	var run strings.Builder
	lower := false
	flush := func() {
		if run.Len() > 0 {
			part := "strftime(" + x + ", " + text(run.String()) + ")"
			if lower {
				part = "lower(" + part + ")"
			}
			parts = append(parts, part)
			run.Reset()
		}
		lower = false
	}
	for i := 0; i < len(format); {
		if format[i] == '"' {
			end := strings.IndexByte(format[i+1:], '"')
			if end < 0 {
				end = len(format) - i - 1
			}
			run.WriteString(strings.ReplaceAll(format[i+1:i+1+end], "%", "%%"))
			i += end + 2
			continue
		}
		bare := len(format) >= i+2 && strings.EqualFold(format[i:i+2], "FM")
		at := i
		if bare {
			at += 2
		}
		t, ok := nextToken(format[at:])
		if !ok {
			if bare {
				i = at
				continue
			}
			if format[i] == '%' {
				run.WriteByte('%')
			}
			run.WriteByte(format[i])
			i++
			continue
		}
		written := format[at : at+len(t.name)]
		i = at + len(t.name)
		ordinal := ""
		if len(format) >= i+2 && strings.EqualFold(format[i:i+2], "TH") && t.strf != "" {
			ordinal = format[i : i+2]
			i += 2
		}
		strf, sql := t.strf, t.sql
		switch t.name {
		case "TZ":
			sql = zone
		case "OF":
			sql = offset
		}
		if bare && t.bare != "" {
			if strings.HasPrefix(t.bare, "%") {
				strf = t.bare
			} else {
				sql = t.bare
			}
		}
		small := written == strings.ToLower(written) && strings.ContainsAny(written, "amp") && (t.name == "AM" || t.name == "PM")
		if sql == "" && ordinal == "" && !small {
			run.WriteString(strf)
			continue
		}
		flush()
		switch {
		case sql != "":
			part := "(" + strings.ReplaceAll(sql, "$1", x) + ")"
			if written == strings.ToLower(written) && !cased[strings.ToUpper(written)] {
				part = "lower" + part
			}
			parts = append(parts, part)
		case small:
			parts = append(parts, "lower(strftime("+x+", '"+strf+"'))")
		default:
			n := "strftime(" + x + ", '" + strf + "')"
			parts = append(parts, n, ordinalSuffix("CAST("+n+" AS INTEGER)", ordinal))
		}
	}
	flush()
	if len(parts) == 0 {
		return "(CASE WHEN " + x + " IS NOT NULL THEN '' END)"
	}
	return "(" + strings.Join(parts, " || ") + ")"
}

func ordinalSuffix(n, written string) string {
	sql := "(CASE WHEN " + n + " % 100 BETWEEN 11 AND 13 THEN 'th' WHEN " + n + " % 10 = 1 THEN 'st' WHEN " + n + " % 10 = 2 THEN 'nd' WHEN " +
		n + " % 10 = 3 THEN 'rd' ELSE 'th' END)"
	if written == "TH" {
		return "upper" + sql
	}
	return sql
}

// numberFormat writes a number: 9 0 . D , G S MI $ L and FM.
func numberFormat(x string, t rstype.Type, format string, offset int) (string, error) {
	up := strings.ToUpper(format)
	fill := strings.Contains(up, "FM")
	up = strings.ReplaceAll(up, "FM", "")
	sign, at := "", 0 // "" in front of the digits, S, MI
	switch {
	case strings.HasPrefix(up, "S") && !strings.HasPrefix(up, "SG"):
		sign, up = "S", up[1:]
	case strings.HasSuffix(up, "S"):
		sign, at, up = "S", 1, up[:len(up)-1]
	case strings.HasPrefix(up, "MI"):
		sign, up = "MI", up[2:]
	case strings.HasSuffix(up, "MI"):
		sign, at, up = "MI", 1, up[:len(up)-2]
	}
	currency := ""
	if strings.HasPrefix(up, "$") || strings.HasPrefix(up, "L") {
		currency, up = "$", up[1:]
	}
	up = strings.NewReplacer("D", ".", "G", ",").Replace(up)
	whole, fraction, point := strings.Cut(up, ".")
	if strings.Trim(whole, "90,") != "" || strings.Trim(fraction, "90") != "" || len(fraction) > 30 {
		return "", unsupported(offset, "the number format %q", format)
	}
	digits := strings.Count(whole, "9") + strings.Count(whole, "0")
	if digits > 30 || digits+len(fraction) > 37 {
		return "", unsupported(offset, "the number format %q", format)
	}
	scale := strconv.Itoa(len(fraction))
	value := "CAST(round(CAST(abs(" + x + ") AS DECIMAL(38," + scale + ")), " + scale + ") AS VARCHAR)"
	if isFloat(t.Kind) || t.Scale <= int16(len(fraction)) {
		value = "CAST(CAST(abs(" + x + ") AS DECIMAL(38," + scale + ")) AS VARCHAR)"
	}
	// v is the number's text; the digits before the point are taken one by one.
	var body strings.Builder
	n := strconv.Itoa(digits)
	seen, zero := 0, false
	body.WriteString("''")
	for _, ch := range whole {
		if ch == ',' {
			body.WriteString(" || CASE WHEN trim(left(p, " + strconv.Itoa(seen) + ")) = '' THEN ' ' ELSE ',' END")
			continue
		}
		seen++
		zero = zero || ch == '0'
		digit := "substring(p, " + strconv.Itoa(seen) + ", 1)"
		if zero {
			digit = "replace(" + digit + ", ' ', '0')"
		}
		body.WriteString(" || " + digit)
	}
	padded := "lpad(split_part(v, '.', 1), " + n + ", ' ')"
	if digits > 0 && !zero && len(fraction) > 0 {
		// 0.5 in 9.9 keeps no zero before the point, as PostgreSQL has it.
		padded = "lpad(CASE WHEN split_part(v, '.', 1) = '0' THEN '' ELSE split_part(v, '.', 1) END, " + n + ", ' ')"
	}
	grouped := "list_transform([" + padded + "], lambda p: " + body.String() + ")[1]"
	overflow := "CASE WHEN length(split_part(v, '.', 1)) > " + n + " AND split_part(v, '.', 1) <> '0' THEN '" + strings.Repeat("#", len(whole)) + "' ELSE " + grouped + " END"
	tail := ""
	if point {
		tail = " || '.'"
		if len(fraction) > 0 {
			tail += " || split_part(v, '.', 2)"
		}
	}
	number := "list_transform([" + value + "], lambda v: " + overflow + tail + ")[1]"
	if fill && strings.HasSuffix(fraction, "9") {
		keep := strings.LastIndexByte(fraction, '0') + 1
		number = "regexp_replace(" + number + ", '0{0," + strconv.Itoa(len(fraction)-keep) + "}$', '')"
	}
	negative := "(" + x + ") < 0"
	minus := "CASE WHEN " + negative + " THEN '-' ELSE ' ' END"
	if sign == "S" {
		minus = "CASE WHEN " + negative + " THEN '-' ELSE '+' END"
	}
	var sql string
	switch {
	case at == 1:
		sql = text(currency) + " || " + number + " || " + minus
	case sign == "MI":
		sql = minus + " || " + text(currency) + " || " + number
	default:
		// The sign stands before the first digit, behind the blanks.
		sql = "regexp_replace(" + number + ", '^( *)(.*)$', '\\1' || " + minus + " || '" + currency + "' || '\\2')"
	}
	if fill {
		sql = "replace(" + sql + ", ' ', '')"
	}
	return "(" + sql + ")", nil
}

// parseFormat turns a date format into strptime's.
func parseFormat(format string, offset int) (string, error) {
	var s strings.Builder
	for i := 0; i < len(format); {
		if format[i] == '"' {
			end := strings.IndexByte(format[i+1:], '"')
			if end < 0 {
				end = len(format) - i - 1
			}
			s.WriteString(strings.ReplaceAll(format[i+1:i+1+end], "%", "%%"))
			i += end + 2
			continue
		}
		if len(format) >= i+2 && strings.EqualFold(format[i:i+2], "FM") {
			i += 2
			continue
		}
		t, ok := nextToken(format[i:])
		if !ok {
			if format[i] == '%' {
				s.WriteByte('%')
			}
			s.WriteByte(format[i])
			i++
			continue
		}
		i += len(t.name)
		switch strings.ToUpper(t.name) {
		case "MONTH":
			s.WriteString("%B")
		case "MON":
			s.WriteString("%b")
		case "DAY":
			s.WriteString("%A")
		case "DY":
			s.WriteString("%a")
		default:
			if !t.parse {
				return "", unsupported(offset, "the token %s in the format of a text to be read", t.name)
			}
			s.WriteString(t.strf)
		}
	}
	return s.String(), nil
}

// toDate is TO_DATE and TO_TIMESTAMP. Days that do not exist are refused even
// where Redshift's non-strict reading rolls them over: assumed.
func toDate(b *binder, c *call) (node, error) {
	if err := c.want(2, 3); err != nil {
		return node{}, err
	}
	x, err := b.asText(c.args[0], c.offset(0))
	if err != nil {
		return x, err
	}
	format, ok := c.constText(1)
	if !ok {
		return x, unsupported(c.offset(1), "%s with a format that is not a constant", strings.ToUpper(c.name))
	}
	pattern, err := parseFormat(format, c.offset(1))
	if err != nil {
		return x, err
	}
	t, what := typed(rstype.Date), "date"
	if c.name == "to_timestamp" {
		t, what = typed(rstype.TimestampTZ), "timestamp with time zone"
	}
	sql := once(x.sql, func(v string) string {
		return "CASE WHEN " + v + " IS NOT NULL THEN coalesce(try_strptime(" + v + ", " + text(pattern) + "), error('22007: invalid input syntax for type " + what + ": \"' || " + v + " || '\"')) END"
	})
	return node{sql: "CAST(" + sql + " AS " + t.DuckDB() + ")", typ: t, exact: true, constant: x.constant}, nil
}

// toNumber is TO_NUMBER: the digits that the format has room for.
func toNumber(b *binder, c *call) (node, error) {
	if err := c.want(2, 2); err != nil {
		return node{}, err
	}
	x, err := b.asText(c.args[0], c.offset(0))
	if err != nil {
		return x, err
	}
	format, ok := c.constText(1)
	if !ok {
		return x, unsupported(c.offset(1), "TO_NUMBER with a format that is not a constant")
	}
	up := strings.NewReplacer("FM", "", "D", ".", "G", ",", "MI", "", "S", "", "L", "", "$", "").Replace(strings.ToUpper(format))
	whole, fraction, _ := strings.Cut(up, ".")
	if strings.Trim(whole, "90, ") != "" || strings.Trim(fraction, "90 ") != "" {
		return x, unsupported(c.offset(1), "the number format %q", format)
	}
	scale := strings.Count(fraction, "9") + strings.Count(fraction, "0")
	digits := strings.Count(whole, "9") + strings.Count(whole, "0")
	t := rstype.Type{Kind: rstype.Numeric, Precision: int16(min(max(digits+scale, 1), rstype.MaxPrecision)), Scale: int16(min(scale, rstype.MaxScale))}
	sql := once(x.sql, func(v string) string {
		return "CAST(CASE WHEN contains(" + v + ", '-') THEN '-' ELSE '' END || regexp_replace(" + v + ", '[^0-9.]', '', 'g') AS " + t.DuckDB() + ")"
	})
	return node{sql: sql, typ: t, exact: true}, nil
}
