package sqlsuite

import (
	"context"
	"database/sql"
	"errors"

	"github.com/llm-dev-ops/redshift"
)

func (s *suite) begin() *sql.Tx {
	s.Helper()
	tx, err := s.db.BeginTx(s.ctx, nil)
	s.none(err)
	return tx
}

var transactions = []test{
	{"commit and rollback", func(s *suite) {
		s.exec(s.db, DropStored)
		s.exec(s.db, CreateStored)
		tx := s.begin()
		s.equal(s.exec(tx, InsertStored), int64(2))
		s.none(tx.Rollback())
		s.equal(s.number(s.db, CountStored), int64(0))
		tx = s.begin()
		s.exec(tx, InsertStored)
		s.none(tx.Commit())
		s.is(tx.Commit(), sql.ErrTxDone)
		s.equal(s.number(s.db, CountStored), int64(2))
		s.exec(s.db, DropStored)
		s.usable(1)
	}},
	{"isolation levels", func(s *suite) {
		for _, level := range []sql.IsolationLevel{sql.LevelDefault, sql.LevelReadUncommitted, sql.LevelReadCommitted, sql.LevelRepeatableRead, sql.LevelSerializable} {
			tx, err := s.db.BeginTx(s.ctx, &sql.TxOptions{Isolation: level})
			if err != nil {
				s.Errorf("%v: %v", level, err)
				continue
			}
			s.equal(s.number(tx, SelectOne), int64(1))
			s.none(tx.Commit())
		}
		for _, level := range []sql.IsolationLevel{sql.LevelWriteCommitted, sql.LevelSnapshot, sql.LevelLinearizable} {
			_, err := s.db.BeginTx(s.ctx, &sql.TxOptions{Isolation: level})
			s.is(err, usage)
		}
		// Whether there are read only ones is for the server to say.
		tx, err := s.db.BeginTx(s.ctx, &sql.TxOptions{ReadOnly: true})
		var said redshift.State
		switch {
		case err == nil:
			s.none(tx.Rollback())
		case !errors.As(err, &said):
			s.Errorf("the server has not said so: %v", err)
		}
		s.usable(1)
	}},
	{"the commit of a failed transaction", func(s *suite) {
		tx := s.begin()
		_, err := tx.ExecContext(s.ctx, SelectDivided)
		s.is(err, redshift.ErrData)
		_, err = tx.ExecContext(s.ctx, SelectOne)
		s.is(err, redshift.ErrTransaction)
		s.is(tx.Commit(), redshift.ErrTransaction)
		s.usable(1)
	}},
	{"rows that were not read", func(s *suite) {
		tx := s.begin()
		s.equal(s.number(tx, s.Many), int64(1))
		s.equal(s.number(tx, SelectOne), int64(1))
		rows, err := tx.QueryContext(s.ctx, s.Many)
		s.none(err)
		s.equal(rows.Next(), true)
		s.none(tx.Commit())
		s.usable(1)
	}},
	{"the end of the context rolls back", func(s *suite) {
		ctx, cancel := context.WithCancel(s.ctx)
		tx, err := s.db.BeginTx(ctx, nil)
		s.none(err)
		s.exec(tx, SelectOne)
		cancel()
		s.is(s.endOf(tx), sql.ErrTxDone)
		s.db.SetMaxOpenConns(1) // so that the next use waits for the end of this one
		s.usable(1)
	}},
	{"one that was begun by hand does not reach the next", func(s *suite) {
		s.exec(s.db, "begin")
		s.equal(s.db.Stats().OpenConnections, 0)
		s.usable(1)
	}},
}

// endOf is what a transaction says whose context has ended.
func (s *suite) endOf(tx *sql.Tx) error {
	err := tx.Commit()
	if err == context.Canceled { // database/sql gives it as it is
		return sql.ErrTxDone
	}
	return err
}
