package sqldriver

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"

	"github.com/llm-dev-ops/redshift"
)

// levels are the isolation levels that Redshift takes: all of them give the
// database's own, which is no weaker (r_BEGIN.md).
var levels = map[sql.IsolationLevel]string{
	sql.LevelDefault:         "",
	sql.LevelReadUncommitted: " isolation level read uncommitted",
	sql.LevelReadCommitted:   " isolation level read committed",
	sql.LevelRepeatableRead:  " isolation level repeatable read",
	sql.LevelSerializable:    " isolation level serializable",
}

// BeginTx implements driver.ConnBeginTx.
func (c *Conn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	level := sql.IsolationLevel(opts.Isolation)
	text, ok := levels[level]
	switch {
	case level == sql.LevelSnapshot:
		return nil, &redshift.Error{
			Kind: redshift.ErrUsage, Message: "Redshift's transactions have no isolation level of their own that is Snapshot",
			Hint: "it is the database's: ALTER DATABASE … ISOLATION LEVEL SNAPSHOT",
		}
	case !ok:
		return nil, usage("Redshift has no isolation level %v", level)
	}
	begin := "begin" + text
	if opts.ReadOnly {
		begin += " read only"
	}
	if _, err := c.s.Execute(ctx, redshift.SQL(begin)); err != nil {
		return nil, retryable(err)
	}
	return tx{c}, nil
}

// tx is the transaction that a connection is in.
type tx struct{ c *Conn }

// Commit implements driver.Tx. It is not cancelled with the context of the
// transaction, whose outcome would be lost.
func (t tx) Commit() error {
	res, err := t.c.s.Execute(context.Background(), redshift.SQL("commit"))
	if err == nil && res.Tag == "ROLLBACK" {
		err = &redshift.Error{
			Kind: redshift.ErrTransaction, Message: "COMMIT was answered by a rollback",
			Hint: "a statement of the transaction failed before",
		}
	}
	return err
}

// Rollback implements driver.Tx. What a lost session has left, the server rolls
// back itself.
func (t tx) Rollback() error {
	ctx, cancel := context.WithTimeout(context.Background(), closing)
	defer cancel()
	_, err := t.c.s.Execute(ctx, redshift.SQL("rollback"))
	if errors.Is(err, redshift.ErrConnectionFailed) {
		return nil
	}
	return err
}
