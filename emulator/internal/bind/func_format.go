package bind

import (
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
)

// token is one token of a date format (r_FORMAT_strings.md): strf is what
// strftime has for it, sql an expression over $1 where strftime has nothing, and bare
// the form behind FM.
type token struct {
	name, strf, sql, bare string
}

const romanMonth = "['I', 'II', 'III', 'IV', 'V', 'VI', 'VII', 'VIII', 'IX', 'X', 'XI', 'XII'][month($1)]"

var tokenList = []token{
	{"HH24", "%H", "", "%-H"},
	{"HH12", "%I", "", "%-I"},
	{"HH", "%I", "", "%-I"},
	{"MI", "%M", "", "%-M"},
	{"SS", "%S", "", "%-S"},
	{"MS", "%g", "", ""},
	{"US", "%f", "", ""},
	{"A.M.", "", "CASE WHEN hour($1) < 12 THEN 'A.M.' ELSE 'P.M.' END", ""},
	{"P.M.", "", "CASE WHEN hour($1) < 12 THEN 'A.M.' ELSE 'P.M.' END", ""},
	{"AM", "%p", "", ""},
	{"PM", "%p", "", ""},
	{"B.C.", "", "CASE WHEN year($1) > 0 THEN 'A.D.' ELSE 'B.C.' END", ""},
	{"A.D.", "", "CASE WHEN year($1) > 0 THEN 'A.D.' ELSE 'B.C.' END", ""},
	{"BC", "", "CASE WHEN year($1) > 0 THEN 'AD' ELSE 'BC' END", ""},
	{"AD", "", "CASE WHEN year($1) > 0 THEN 'AD' ELSE 'BC' END", ""},
	{"Y,YYY", "", "year($1) // 1000 || ',' || lpad(CAST(year($1) % 1000 AS VARCHAR), 3, '0')", ""},
	{"YYYY", "%Y", "", ""},
	{"YYY", "", "lpad(CAST(year($1) % 1000 AS VARCHAR), 3, '0')", ""},
	{"YY", "%y", "", ""},
	{"Y", "", "CAST(year($1) % 10 AS VARCHAR)", ""},
	{"IYYY", "%G", "", ""},
	{"IYY", "", "lpad(CAST(isoyear($1) % 1000 AS VARCHAR), 3, '0')", ""},
	{"IY", "", "lpad(CAST(isoyear($1) % 100 AS VARCHAR), 2, '0')", ""},
	{"IW", "%V", "", ""},
	{"IDDD", "", "lpad(CAST((weekofyear($1) - 1) * 7 + isodow($1) AS VARCHAR), 3, '0')", ""},
	{"ID", "", "CAST(isodow($1) AS VARCHAR)", ""},
	{"I", "", "CAST(isoyear($1) % 10 AS VARCHAR)", ""},
	{"MONTH", "", "rpad(upper(strftime($1, '%B')), 9, ' ')", "upper(strftime($1, '%B'))"},
	{"Month", "", "rpad(strftime($1, '%B'), 9, ' ')", "strftime($1, '%B')"},
	{"month", "", "rpad(lower(strftime($1, '%B')), 9, ' ')", "lower(strftime($1, '%B'))"},
	{"MON", "", "upper(strftime($1, '%b'))", ""},
	{"Mon", "%b", "", ""},
	{"mon", "", "lower(strftime($1, '%b'))", ""},
	{"MM", "%m", "", "%-m"},
	{"RM", "", "rpad(" + romanMonth + ", 4, ' ')", romanMonth},
	{"DAY", "", "rpad(upper(strftime($1, '%A')), 9, ' ')", "upper(strftime($1, '%A'))"},
	{"Day", "", "rpad(strftime($1, '%A'), 9, ' ')", "strftime($1, '%A')"},
	{"day", "", "rpad(lower(strftime($1, '%A')), 9, ' ')", "lower(strftime($1, '%A'))"},
	{"DY", "", "upper(strftime($1, '%a'))", ""},
	{"Dy", "%a", "", ""},
	{"dy", "", "lower(strftime($1, '%a'))", ""},
	{"DDD", "%j", "", "%-j"},
	{"DD", "%d", "", "%-d"},
	{"D", "", "CAST(dayofweek($1) + 1 AS VARCHAR)", ""},
	{"WW", "", "lpad(CAST((dayofyear($1) - 1) // 7 + 1 AS VARCHAR), 2, '0')", "CAST((dayofyear($1) - 1) // 7 + 1 AS VARCHAR)"},
	{"W", "", "CAST((day($1) - 1) // 7 + 1 AS VARCHAR)", ""},
	{"Q", "", "CAST(quarter($1) AS VARCHAR)", ""},
	{"CC", "", "lpad(CAST((year($1) - 1) // 100 + 1 AS VARCHAR), 2, '0')", ""},
	{"J", "", "CAST(CAST(floor(julian(date_trunc('day', $1))) AS BIGINT) AS VARCHAR)", ""},
	{"TZ", "", "'UTC'", ""},
	{"OF", "", "'+00'", ""},
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

// toChar is TO_CHAR of times, with a constant format, and of numbers.
func toChar(b *binder, c *call) (node, error) {
	if err := c.want(2, 2); err != nil {
		return node{}, err
	}
	out := node{typ: typed(rstype.Varchar)}
	if isNumber(c.args[0].typ.Kind) {
		format, err := b.asText(c.args[1], c.offset(1))
		out.sql = rsCall("to_char", "CAST("+asType2(c.args[0])+" AS VARCHAR)", format.sql)
		return out, err
	}
	format, ok := c.constText(1)
	if !ok {
		return node{}, unsupported(c.offset(1), "TO_CHAR of a time with a format that is not a constant")
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

// toDate is TO_DATE and TO_TIMESTAMP, which package scalar reads.
func toDate(b *binder, c *call) (node, error) {
	if err := c.want(2, 3); err != nil {
		return node{}, err
	}
	x, err := b.asText(c.args[0], c.offset(0))
	if err != nil {
		return x, err
	}
	format, err := b.asText(c.args[1], c.offset(1))
	if err != nil {
		return x, err
	}
	strict := "'false'"
	if len(c.args) == 3 {
		n, err := b.fitted(c.args[2], 'b', c.offset(2))
		if err != nil {
			return n, err
		}
		strict = "CAST(" + n.sql + " AS VARCHAR)"
	}
	t, what := typed(rstype.Date), "'date'"
	if c.name == "to_timestamp" {
		t, what = typed(rstype.TimestampTZ), "'timestamp with time zone'"
	}
	sql := rsCall("to_timestamp", x.sql, format.sql, strict, what)
	return node{sql: "CAST(" + sql + " AS " + t.DuckDB() + ")", typ: t, exact: true, constant: x.constant && format.constant}, nil
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
	up := strings.NewReplacer("FM", "", "D", ".", "G", ",", "MI", "", "PL", "", "SG", "", "PR", "", "TH", "", "S", "", "L", "", "$", "").Replace(strings.ToUpper(format))
	whole, fraction, _ := strings.Cut(up, ".")
	if strings.Trim(whole, "90, ") != "" || strings.Trim(fraction, "90 ") != "" {
		return x, unsupported(c.offset(1), "the number format %q", format)
	}
	scale := strings.Count(fraction, "9") + strings.Count(fraction, "0")
	digits := strings.Count(whole, "9") + strings.Count(whole, "0")
	t := rstype.Type{Kind: rstype.Numeric, Precision: int16(min(max(digits+scale, 1), rstype.MaxPrecision)), Scale: int16(min(scale, rstype.MaxScale))}
	sql := once(x.sql, func(v string) string {
		return "CAST(CASE WHEN regexp_matches(" + v + ", '[-<]') THEN '-' ELSE '' END || regexp_replace(" + v + ", '[^0-9.]', '', 'g') AS " + t.DuckDB() + ")"
	})
	return node{sql: sql, typ: t, exact: true}, nil
}
