package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/credentials/awsauth"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/redact"
	"github.com/llm-dev-ops/redshift/transport"
)

// The exit codes; root's help explains them.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2
	exitConnect     = 3
	exitRejected    = 4
	exitUnknown     = 5
	exitInterrupted = 130
)

// usageError is a command line that makes no sense, as against a command that
// failed.
type usageError struct{ err error }

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// hinted is an error with what to do about it.
type hinted struct {
	err  error
	hint string
}

func (e hinted) Error() string { return e.err.Error() }
func (e hinted) Unwrap() error { return e.err }

// inStatement is a failure of a statement that the user wrote.
type inStatement struct {
	err error
	sql string
	at  string // which one of several, or ""
}

func (e inStatement) Error() string { return e.err.Error() }
func (e inStatement) Unwrap() error { return e.err }

// exitCode is the code of a command that ended with err.
func exitCode(ctx context.Context, err error) int {
	var usage usageError
	var copied *redshift.CopyError
	var login *awsauth.Error
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &usage):
		return exitUsage
	case errors.Is(err, redshift.ErrOutcomeUnknown):
		return exitUnknown
	case ctx.Err() != nil:
		return exitInterrupted
	case errors.Is(err, redshift.ErrUsage):
		return exitUsage
	case errors.Is(err, redshift.ErrConnectionFailed), errors.Is(err, redshift.ErrAuthenticationFailed), errors.As(err, &login):
		return exitConnect
	case errors.As(err, &copied) && len(copied.LoadErrors) > 0:
		return exitRejected
	default:
		return exitFailed
	}
}

// report prints the error of a command for people.
func report(w io.Writer, ctx context.Context, command string, err error) {
	var usage usageError
	var hint string
	var h hinted
	if errors.As(err, &h) {
		hint = h.hint
	}
	message := printable(err.Error())
	var e *redshift.Error
	if errors.As(err, &e) {
		message, hint = describe(e), cmp.Or(hint, e.Hint)
	}
	var connect *transport.ConnectError
	if errors.As(err, &connect) {
		message, hint = unconnected(connect), connect.Hint
	}
	if ctx.Err() != nil && !errors.As(err, &usage) && !errors.Is(err, redshift.ErrOutcomeUnknown) {
		message, hint = "interrupted", ""
	}
	var in inStatement
	if errors.As(err, &in) && in.at != "" {
		message = in.at + ": " + message
	}
	fmt.Fprintf(w, "redshiftctl: %s\n", message)
	if e != nil && e.Position > 0 && in.sql != "" {
		fmt.Fprint(w, caret(in.sql, e.Position))
	}
	var copied *redshift.CopyError
	if errors.As(err, &copied) && len(copied.LoadErrors) > 0 {
		writeLoadErrors(w, copied.LoadErrors)
		hint = h.hint // the server's tells where they can be seen
	}
	if hint != "" {
		fmt.Fprintf(w, "hint: %s\n", printable(inFlags.Replace(hint)))
	}
	if errors.As(err, &usage) && hint == "" {
		fmt.Fprintf(w, "Run '%s --help' for usage.\n", command)
	}
}

// describe is the server's or the client's message with its SQLSTATE.
func describe(e *redshift.Error) string {
	s := e.Message
	if s == "" && e.Kind != nil {
		s = e.Kind.Error()
	}
	text := printable(s)
	if e.SQLState != "" {
		text += " (SQLSTATE " + string(e.SQLState) + ")"
	}
	// Redshift frames details in dashes and repeats the message in them.
	for line := range strings.Lines(e.Detail) {
		line = printable(strings.TrimSpace(line))
		if strings.Trim(line, "-") != "" && !strings.Contains(line, s) {
			text += "\n  " + line
		}
	}
	return text
}

// inFlags says in this program's words what hints say in the client's.
var inFlags = strings.NewReplacer(
	"Config.Host", "--host", "Config.Port", "--port", "Config.Database", "--database",
	"Query.Timeout or Config.DefaultTimeout", "--timeout", "Query.Timeout", "--timeout",
	"Config.TLS.Mode", "--sslmode", "Config.TLS.CACert", "--sslrootcert",
	"check user and password", "check --user, and REDSHIFT_PASSWORD or --password-file",
)

// unconnected says why there is no connection.
func unconnected(e *transport.ConnectError) string {
	var server *transport.ServerError
	if errors.As(e.Err, &server) {
		return fmt.Sprintf("%s refused the login: %s (SQLSTATE %s)", printable(e.Addr), printable(server.Message), printable(server.SQLState))
	}
	return fmt.Sprintf("cannot connect to %s: %s", printable(e.Addr), printable(e.Err.Error()))
}

// caret shows the line of a statement at a position, in characters from 1, and
// points to it. A statement with secrets is not shown.
func caret(sql string, position int) string {
	if redact.SQL(sql) != sql {
		return ""
	}
	at := 0
	for range position - 1 {
		if at >= len(sql) {
			break
		}
		_, n := utf8.DecodeRuneInString(sql[at:])
		at += n
	}
	start := strings.LastIndexByte(sql[:at], '\n') + 1
	end := len(sql)
	if i := strings.IndexByte(sql[at:], '\n'); i >= 0 {
		end = at + i
	}
	before, after := []rune(printable(sql[start:at])), []rune(printable(sql[at:end]))
	const most = 60 // on either side
	if len(before) > most {
		before = append([]rune("…"), before[len(before)-most:]...)
	}
	if len(after) > most {
		after = append(after[:most:most], '…')
	}
	label := fmt.Sprintf("line %d: ", strings.Count(sql[:start], "\n")+1)
	return label + string(before) + string(after) + "\n" + strings.Repeat(" ", len(label)+width(string(before))) + "^\n"
}
