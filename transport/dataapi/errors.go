package dataapi

import (
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
	{`permission denied`, ``, "42501"},
}

// serverError turns DescribeStatement's Error into the seam's. SQLState stays
// empty where the text does not tell.
func serverError(text string) *transport.ServerError {
	e := &transport.ServerError{Severity: "ERROR"}
	e.Message = strings.TrimSpace(strings.TrimPrefix(text, "ERROR:"))
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
