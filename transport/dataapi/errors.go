package dataapi

import (
	"strconv"
	"strings"

	"github.com/llm-dev-ops/redshift/transport"
)

// texts gives the SQLSTATE of messages. The Data API sends the text of an
// error and no code. A row matches where the message begins with prefix and
// holds part. The samples in errors_test.go are golden; that the service
// sends the wire's wording after "ERROR: " is assumed.
var texts = []struct{ prefix, part, state string }{
	{`relation "`, `" does not exist`, "42P01"},
	{`column "`, `" does not exist`, "42703"},
	{`schema "`, `" does not exist`, "3F000"},
	{`function `, ` does not exist`, "42883"},
	{`relation "`, `" already exists`, "42P07"},
	{`database "`, `" does not exist`, "3D000"},
	{`current transaction is aborted`, ``, "25P02"},
	{`division by zero`, ``, "22012"},
	{`Divide by zero`, ``, "22012"},
	{`invalid input syntax for`, ``, "22P02"},
	{`value too long for`, ``, "22001"},
	{`syntax error at or near`, ``, "42601"},
	{`syntax error at end of input`, ``, "42601"},
	{`Cannot insert a NULL value into column`, ``, "23502"},
	{`password authentication failed for user`, ``, "28000"},
	{`permission denied`, ``, "42501"},
	{`terminating connection`, ``, "57P01"},
}

// serverError turns DescribeStatement's Error into the seam's. SQLState stays
// empty where the text does not tell.
func serverError(text string) *transport.ServerError {
	e := &transport.ServerError{Severity: "ERROR"}
	if rest, ok := strings.CutPrefix(text, "FATAL:"); ok {
		e.Severity, text = "FATAL", rest // the service could not connect, or the session was ended
	}
	text = split(e, strings.TrimSpace(strings.TrimPrefix(text, "ERROR:")))
	e.Message = text
	if rest, ok := strings.CutPrefix(e.Message, "1023"); ok && (rest == "" || rest[0] < '0' || rest[0] > '9') {
		e.Code = 1023
		return e
	}
	for _, t := range texts {
		if strings.HasPrefix(e.Message, t.prefix) && strings.Contains(e.Message, t.part) {
			e.SQLState = t.state
			break
		}
	}
	return e
}

// split takes the lines off that say more than the message. Their names are
// those of Redshift's JDBC driver, whose texts the service is assumed to pass on.
func split(e *transport.ServerError, text string) string {
	message, rest, _ := strings.Cut(text, "\n")
	field := (*string)(nil)
	for line := range strings.Lines(rest) {
		line = strings.TrimRight(line, "\r\n")
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		value = strings.TrimLeft(value, " ")
		switch name {
		case "Detail":
			field, e.Detail = &e.Detail, value
		case "Hint":
			field, e.Hint = &e.Hint, value
		case "Where":
			field, e.Where = &e.Where, value
		case "Position":
			if n, err := strconv.Atoi(value); err == nil && n > 0 {
				e.Position = n
			}
		default: // goes on with what was before
			if field == nil {
				message += "\n" + line
			} else {
				*field += "\n" + line
			}
		}
	}
	return strings.TrimSpace(message)
}
