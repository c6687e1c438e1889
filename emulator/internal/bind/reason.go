package bind

import (
	"regexp"
	"strings"
)

// reason is one of DuckDB's messages for a value that the SQL of this package
// cannot calculate with.
type reason struct {
	pattern *regexp.Regexp
	state   string
	// message has $1, $2 … for the pattern's groups.
	message string
}

var (
	wholeNumber = regexp.MustCompile(`^\s*[+-]?[0-9]+\s*$`)
	number      = regexp.MustCompile(`^\s*[+-]?[0-9]*\.?[0-9]*([eE][+-]?[0-9]+)?\s*$`)
	unreadable  = regexp.MustCompile(`(?s)^Could not convert string ['"](.*)['"] to ([A-Z0-9]+)`)
)

// typesOf are DuckDB's internal names of Redshift's types.
var typesOf = map[string]string{
	"INT16": "smallint", "INT32": "integer", "INT64": "bigint", "DECIMAL": "numeric", "DOUBLE": "double precision",
	"FLOAT": "real", "BOOL": "boolean", "DATE": "date", "TIME": "time", "TIMESTAMP": "timestamp", "HUGEINT": "numeric", "INT128": "numeric",
}

const numericOverflow = "Numeric data overflow (result precision)"

var reasons = []reason{
	{regexp.MustCompile(`^Type [A-Z0-9]+ with value .* can't be cast .* the destination type INT16`), "22003", "smallint out of range"},
	{regexp.MustCompile(`^Type [A-Z0-9]+ with value .* can't be cast .* the destination type INT32`), "22003", "integer out of range"},
	{regexp.MustCompile(`^Type [A-Z0-9]+ with value .* can't be cast .* the destination type INT64`), "22003", "bigint out of range"},
	{regexp.MustCompile(`^Type [A-Z0-9]+ with value .* can't be cast`), "22003", numericOverflow},
	{regexp.MustCompile(`^Casting value ".*" to type DECIMAL`), "22003", numericOverflow},
	{regexp.MustCompile(`^Could not cast value .* to DECIMAL`), "22003", numericOverflow},
	{regexp.MustCompile(`^Overflow in [a-z ]+ of INT16 `), "22003", "smallint out of range"},
	{regexp.MustCompile(`^Overflow in [a-z ]+ of INT32 `), "22003", "integer out of range"},
	{regexp.MustCompile(`^Overflow in [a-z ]+ of INT64 `), "22003", "bigint out of range"},
	{regexp.MustCompile(`^Overflow (?:on abs\(-32768\)|in division of -32768 / -1)`), "22003", "smallint out of range"},
	{regexp.MustCompile(`^Overflow (?:on abs\(-2147483648\)|in division of -2147483648 / -1)`), "22003", "integer out of range"},
	{regexp.MustCompile(`^Overflow (?:on abs\(-9223372036854775808\)|in division of -9223372036854775808 / -1)`), "22003", "bigint out of range"},
	{regexp.MustCompile(`^Overflow in ([a-z]+) of DECIMAL\(38\)`), "22003", "128 bit numeric data overflow ($1)"},
	{regexp.MustCompile(`^Overflow in ([a-z]+) of (DECIMAL|INT128|HUGEINT)`), "22003", "Numeric data overflow ($1)"},
	{regexp.MustCompile(`^Overflow in HUGEINT ([a-z]+)`), "22003", "Numeric data overflow ($1)"},
	{regexp.MustCompile(`^More than one row returned by a subquery`), "21000", "more than one row returned by a subquery used as an expression"},
	{regexp.MustCompile(`^cannot take square root of a negative number`), "2201F", "cannot take square root of a negative number"},
	{regexp.MustCompile(`^cannot take logarithm of (zero|a negative number)`), "2201E", "cannot take logarithm of $1"},
	{regexp.MustCompile(`^Unknown TimeZone '(.*?)'`), "22023", `time zone "$1" not recognized`},
	{regexp.MustCompile(`^(?:date|time|timestamp)(?: with time zone)? field value out of range: "(.*?)"`), "22008", `date/time field value out of range: "$1"`},
	{regexp.MustCompile(`^invalid (date|time|timestamp)(?: with time zone)? field format: "(.*?)"`), "22007", `invalid input syntax for type $1: "$2"`},
	{regexp.MustCompile(`^(?:Date|Timestamp|Date and time|timestamp|date)[a-z ]* (?:is )?(?:out of range|not in timestamp range)`), "22008", "timestamp out of range"},
	{regexp.MustCompile(`^Malformed JSON`), "22P02", "invalid input syntax for JSON"},
	{regexp.MustCompile(`^Invalid input for hex digit: (.)`), "22023", `invalid hexadecimal digit: "$1"`},
	{regexp.MustCompile(`^Invalid UTF8 Codepoint`), "22023", "requested character not valid for encoding"},
	{regexp.MustCompile(`^Failure in decode: could not convert blob`), "22021", "String contains invalid or unsupported UTF8 codepoints"},
}

// Reason translates what DuckDB says about a value at run time into SQLSTATE and
// message as Redshift has them; ok is false for a message that is not about a value.
func Reason(duckdb string) (state, message string, ok bool) {
	line, _, _ := strings.Cut(duckdb, "\n\nLINE ")
	if m := unreadable.FindStringSubmatch(line); m != nil {
		value, name := m[1], typesOf[m[2]]
		switch {
		case name == "":
			return "", "", false
		case strings.HasPrefix(m[2], "INT") && wholeNumber.MatchString(value):
			return "22003", "value \"" + strings.TrimSpace(value) + "\" is out of range for type " + name, true
		case strings.HasPrefix(m[2], "INT"):
			return "22P02", "invalid input syntax for integer: \"" + value + "\"", true
		case name == "numeric" && strings.TrimSpace(value) != "" && number.MatchString(value):
			return "22003", numericOverflow, true
		}
		return "22P02", "invalid input syntax for type " + name + ": \"" + value + "\"", true
	}
	for i := range reasons {
		r := &reasons[i]
		if m := r.pattern.FindStringSubmatchIndex(line); m != nil {
			return r.state, string(r.pattern.ExpandString(nil, r.message, line, m)), true
		}
	}
	return "", "", false
}
