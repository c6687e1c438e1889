package pgwire

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
	"github.com/llm-dev-ops/redshift/transport"
)

// stageSetUp is the time between login and lease.
const stageSetUp = "set-up"

// setUp sets Config.SessionParameters, in the order of their names, in one exchange.
// What is set then is what a lease begins with: one that has changed something is
// closed behind its user, and the next one is set up anew.
func (c *conn) setUp(ctx context.Context, parameters map[string]string) error {
	if len(parameters) == 0 {
		return nil
	}
	var statements []string
	for _, name := range slices.Sorted(maps.Keys(parameters)) {
		statements = append(statements, setting(name, parameters[name]))
	}
	if err := c.perform(ctx, statements...); err != nil {
		return fmt.Errorf("Config.SessionParameters: %w", err)
	}
	c.baseline, c.touched = maps.Clone(c.params), false
	return nil
}

// setting is the statement that sets a parameter. The value of search_path is a list of
// names, not a text.
func setting(name, value string) string {
	if name == "search_path" {
		return "SET search_path TO " + value
	}
	return "SET " + name + " TO " + string(lex.AppendLiteral(nil, value))
}

// knownParameter reports what may be the name of a parameter, and a value that can be
// sent. search_path is a list of names and nothing else.
func knownParameter(name, value string) bool {
	if name == "" || strings.ContainsRune(value, 0) {
		return false
	}
	for _, r := range name {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '_' && r != '.' {
			return false
		}
	}
	if name != "search_path" {
		return true
	}
	l := lex.New(value)
	for {
		switch t := l.Next(); {
		case t.Kind != lex.Ident && t.Kind != lex.QuotedIdent && !(t.Kind == lex.String):
			return false
		}
		switch l.Next().Kind {
		case lex.EOF:
			return true
		case lex.Comma:
		default:
			return false
		}
	}
}

// perform runs statements of our own on a connection that nobody has leased, as one
// transaction.
func (c *conn) perform(ctx context.Context, statements ...string) error {
	release := bound(ctx, c.nc)
	defer release()
	for _, sql := range statements {
		c.sendCommand(sql)
	}
	c.send(msgSync)
	if _, err := c.flush(); err != nil {
		return ended(ctx, err)
	}
	var failed error
	for {
		typ, body, err := c.in.next()
		if err != nil {
			return ended(ctx, err)
		}
		switch typ {
		case '1', '2', 'C', 'I', 'n', 'T', 'D', 'N', 'A', 's':
		case 'S':
			if err := c.parameter(body); err != nil {
				return err
			}
		case 'E':
			e, err := serverError(body)
			if err != nil {
				return err
			}
			if failed == nil {
				failed = e
			}
			if fatal(e) {
				return failed
			}
		case 'Z':
			if len(body) != 1 || body[0] != 'I' {
				return errors.Join(failed, &protocolError{"an idle session is in a transaction"})
			}
			return failed
		default:
			return &protocolError{fmt.Sprintf("a message of type %q as the answer to a setting", typ)}
		}
	}
}

// stopElsewhere stops a statement that no request to cancel has stopped, by a session
// of its own: CANCEL, or the end of its session.
func (t *Transport) stopElsewhere(ctx context.Context, pid uint32, end bool) error {
	if pid == 0 {
		return errNoKey
	}
	c, err := t.attempt(ctx)
	if err != nil {
		return err
	}
	defer c.close()
	sql := fmt.Sprintf("CANCEL %d", pid)
	if end {
		sql = fmt.Sprintf("SELECT pg_terminate_backend(%d)", pid)
	}
	err = c.perform(ctx, sql)
	var server *transport.ServerError
	if errors.As(err, &server) && end {
		return nil // it has ended by itself
	}
	return err
}
