package datadoor

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/awsjson"
	"github.com/llm-dev-ops/redshift/emulator/internal/session"
)

func invalid(format string, args ...any) *awsjson.Error {
	return awsjson.Errorf("ValidationException", format, args...)
}

// constraint is AWS's general text for a member that its model forbids.
func constraint(value any, member, rule string) *awsjson.Error {
	shown := "null"
	if value != nil {
		shown = fmt.Sprintf("'%v'", value)
	}
	return invalid("1 validation error detected: Value %s at '%s' failed to satisfy constraint: Member must %s", shown, member, rule)
}

// Texts that are known from public reports; their sources stand behind them.
const (
	textNoTarget   = "Either ClusterIdentifier or WorkgroupName needs to be specified." // boto/boto3#3336
	textNoEndpoint = "Redshift endpoint doesn't exist in this region."                  // aws/aws-cdk#30536
	textNoSession  = "Session with Id: %s is invalid"                                   // awslabs/mcp#4587: it never was
	textDead       = "Session is not available"                                         // awslabs/mcp#4587: it is gone
	textNotRunning = "Could not cancel a query that is already in %s state with ID: %s" // aws/aws-sdk-js-v3#3056
	textBadSecret  = "username and password in secret cannot be empty"                  // boto/boto3#2899
	textUnused     = "Parameters list contains unused parameters. Unused parameters: [%s]"
	textNoResult   = "Query does not have result. Please check query status with DescribeStatement."
	textNoQuery    = "Query does not exist."
	textID         = `id must satisfy regex pattern: ^[a-z0-9]{8}(-[a-z0-9]{4}){3}-[a-z0-9]{12}(:\d+)?$`
)

func notFound(text, id string) *awsjson.Error {
	e := awsjson.Errorf("ResourceNotFoundException", "%s", text)
	e.Fields = map[string]any{"ResourceId": id}
	return e
}

func unreachable(text string) *awsjson.Error {
	return &awsjson.Error{Code: "DatabaseConnectionException", Status: http.StatusInternalServerError, Message: text}
}

// told is an error of the session as DescribeStatement tells it: the service
// passes on what its JDBC driver makes of the server's fields
// (aws/aws-sdk-js-v3#3056 shows message and hint).
func told(err error) string {
	e, ok := errors.AsType[*session.Error](err)
	if !ok {
		return "ERROR: internal error"
	}
	severity := e.Severity
	if severity == "" {
		severity = "ERROR"
	}
	var b strings.Builder
	b.WriteString(severity + ": " + e.Message)
	for _, line := range []struct{ name, value string }{{"Detail", e.Detail}, {"Hint", e.Hint}} {
		if line.value != "" {
			b.WriteString("\n  " + line.name + ": " + line.value)
		}
	}
	if e.Position > 0 {
		b.WriteString("\n  Position: " + strconv.Itoa(e.Position))
	}
	return b.String()
}

// fatal: the session is over with this error.
func fatal(err error) bool {
	e, ok := errors.AsType[*session.Error](err)
	return ok && e.Severity == "FATAL"
}
