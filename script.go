package redshift

import (
	"context"
	"fmt"
	"strings"

	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
)

// ScriptStatement is one statement of a script.
type ScriptStatement struct {
	// Number counts the statements from 1.
	Number int
	// Line is the line of the script on which the statement begins, from 1; comments
	// before it do not count as its beginning.
	Line int
	// SQL is the statement without its semicolon, with the comments before it.
	SQL string
}

// ScriptError is a script that ended at a statement. It unwraps to what was wrong.
type ScriptError struct {
	// ScriptStatement is the one that failed. Its SQL is as it was written, with the
	// secrets that may be in it.
	ScriptStatement
	Err error
}

// Error names the statement by its number, line and first word, and never shows
// the rest of its text.
func (e *ScriptError) Error() string {
	word := lex.FirstKeyword(e.SQL)
	if word != "" {
		word = " (" + strings.ToUpper(word) + ")"
	}
	return fmt.Sprintf("statement %d at line %d%s: %v", e.Number, e.Line, word, e.Err)
}

// Unwrap gives the failure, so that errors.Is and errors.As see it.
func (e *ScriptError) Unwrap() error { return e.Err }

// SplitScript splits a script at the semicolons that are in no string, name, comment
// or body of a procedure: Redshift takes one statement at a time. Statements without
// a token are left out. Text that cannot be split, an unterminated string say, is a
// *ScriptError of kind ErrInvalidSQL. Nothing of SQL but its tokens is looked at.
func SplitScript(script string) ([]ScriptStatement, error) {
	var all []ScriptStatement
	line, counted := 1, 0
	for s, err := range lex.Split(script) {
		first := lex.New(s.Text)
		at := s.Start + first.Next().Pos
		line += strings.Count(script[counted:at], "\n")
		counted = at
		stmt := ScriptStatement{Number: len(all) + 1, Line: line, SQL: s.Text}
		if err != nil {
			return nil, &ScriptError{stmt, &Error{Kind: ErrInvalidSQL, Message: err.Error(), cause: err}}
		}
		all = append(all, stmt)
	}
	return all, nil
}

// ExecuteScript splits a script (see SplitScript) and runs its statements one by one
// in one session, each within Config.DefaultTimeout and the bounds of Execute, up to
// the first that fails, which is a *ScriptError. The results are those of the
// statements before it. What ran stays: a script that is to happen whole or not at
// all says BEGIN and COMMIT, or is run by Tx.ExecuteScript. A transaction that the
// script leaves open is rolled back.
func (c *Client) ExecuteScript(ctx context.Context, script string) ([]*Result, error) {
	conn, err := c.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Release()
	return conn.ExecuteScript(ctx, script)
}

// ExecuteScript is Client.ExecuteScript on this session, in which a transaction that
// the script leaves open stays.
func (conn *Conn) ExecuteScript(ctx context.Context, script string) ([]*Result, error) {
	return executeScript(ctx, conn, script)
}

// ExecuteScript is Client.ExecuteScript within the transaction, which has failed when
// a statement of it has.
func (tx *Tx) ExecuteScript(ctx context.Context, script string) ([]*Result, error) {
	return executeScript(ctx, tx, script)
}

func executeScript(ctx context.Context, q Querier, script string) ([]*Result, error) {
	statements, err := SplitScript(script)
	if err != nil {
		return nil, err
	}
	results := make([]*Result, 0, len(statements))
	for _, s := range statements {
		res, err := q.Execute(ctx, Query{SQL: s.SQL})
		if err != nil {
			return results, &ScriptError{s, err}
		}
		results = append(results, res)
	}
	return results, nil
}
