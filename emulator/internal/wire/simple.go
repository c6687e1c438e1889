package wire

import (
	"context"
	"errors"

	"github.com/llm-dev-ops/redshift/emulator/internal/session"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/parse"
)

// query serves a Query message: every statement in it, up to the first error,
// and a Sync.
func (c *conn) query(ctx context.Context, sql string) error {
	c.dropPortal("")
	c.dropStatement("")
	if err := c.script(ctx, sql); err != nil {
		return c.unsynced(ctx, err)
	}
	return c.sync(ctx)
}

// script runs the statements of a message. Text that cannot be cut into tokens
// or has an error of syntax is refused as a whole, before anything of it runs, as
// PostgreSQL does. What ran before another error is rolled back unless it committed.
func (c *conn) script(ctx context.Context, sql string) error {
	var statements []lex.Statement
	for s, err := range lex.Split(sql) {
		if err != nil {
			return lexical(s, sql, err)
		}
		statements = append(statements, s)
	}
	if len(statements) == 0 {
		c.out.bare(emptyQuery)
		return nil
	}
	if checker, ok := c.sess.(session.Checker); ok && len(statements) > 1 {
		for _, s := range statements {
			if err := checker.Check(s.Text); err != nil {
				return positioned(err, sql, s.Start)
			}
		}
	}
	for i, s := range statements {
		if err := c.statement(ctx, s.Text, i == len(statements)-1); err != nil {
			return positioned(err, sql, s.Start)
		}
		if err := c.out.relieve(); err != nil {
			return err
		}
	}
	return nil
}

// lexical is the server's message for a statement that cannot be cut into tokens.
func lexical(s lex.Statement, sql string, err error) error {
	e := refused("42601", "syntax error")
	if _, bad := parse.Statement(s.Text); bad != nil {
		err = bad
	}
	if known, ok := errors.AsType[*parse.Error](err); ok {
		e.told.State, e.told.Message, e.told.Hint, e.told.Position = known.SQLState, known.Message, known.Hint, known.Position
	}
	return positioned(e, sql, s.Start)
}

func (c *conn) statement(ctx context.Context, sql string, last bool) error {
	stmt, err := c.sess.Prepare(ctx, sql, nil)
	if err != nil {
		return err
	}
	defer stmt.Close()
	if stmt.Empty() {
		c.out.bare(emptyQuery)
		return nil
	}
	if len(stmt.Params()) > 0 {
		return refused("42P02", "there is no parameter $1")
	}
	run, err := stmt.Start(ctx, session.Call{Last: last})
	if err != nil {
		return err
	}
	defer run.Close()
	if columns := stmt.Columns(); columns != nil {
		c.out.rowDescription(columns, nil)
	}
	if _, _, err := c.rows(ctx, run, 0); err != nil {
		return err
	}
	return c.complete(run)
}

// rows sends up to limit rows, all of them when limit is 0. done means that
// there are no more.
func (c *conn) rows(ctx context.Context, run session.Portal, limit int) (n int, done bool, err error) {
	for {
		want := 0
		if limit > 0 {
			want = limit - n
		}
		before := c.out.lend()
		after, k, done, err := run.AppendRows(ctx, before, want)
		if len(after) < len(before) {
			after = before
		}
		c.out.giveBack(after)
		n += k
		if err != nil {
			return n, done, err
		}
		if err := c.out.relieve(); err != nil {
			return n, done, err
		}
		if done || limit > 0 && n >= limit {
			return n, done, nil
		}
		if err := ctx.Err(); err != nil {
			return n, done, err
		}
	}
}

// complete ends an execution whose rows have all been sent.
func (c *conn) complete(run session.Portal) error {
	tag := run.Tag()
	if err := run.Close(); err != nil {
		return err
	}
	c.out.commandComplete(clean(tag))
	return nil
}

// sync ends what one message or pipeline began.
func (c *conn) sync(ctx context.Context) error {
	c.skipping, c.inPipeline, c.suspended = false, false, nil
	// A portal does not outlive its transaction; the one that is to be committed
	// must not be read from meanwhile.
	if c.sess.TxStatus() != 'T' {
		c.closePortals()
	}
	if err := c.sess.Sync(ctx); err != nil {
		if err := c.fail(ctx, err); err != nil {
			return err
		}
	}
	status := c.sess.TxStatus()
	if status != 'T' {
		c.closePortals()
	}
	c.out.readyForQuery(status)
	return c.out.flush()
}
