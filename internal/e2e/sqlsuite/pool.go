package sqlsuite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"sync"
	"time"

	"github.com/llm-dev-ops/redshift"
)

var contexts = []test{
	{"one that has ended", func(s *suite) {
		ctx, cancel := context.WithCancel(s.ctx)
		cancel()
		_, err := s.db.ExecContext(ctx, SelectOne)
		s.is(err, context.Canceled)
		_, err = s.db.BeginTx(ctx, nil)
		s.is(err, context.Canceled)
		s.is(s.db.PingContext(ctx), context.Canceled)
	}},
	{"a statement under way", func(s *suite) {
		s.usable(1)
		ctx, cancel := context.WithTimeout(s.ctx, 50*time.Millisecond)
		defer cancel()
		began := time.Now()
		_, err := s.db.ExecContext(ctx, s.Slow)
		s.is(err, context.DeadlineExceeded)
		s.is(err, redshift.ErrQueryTimeout)
		if d := time.Since(began); d > 10*time.Second {
			s.Errorf("it took %v", d)
		}
		s.usable(1)
		st, err := s.db.PrepareContext(s.ctx, s.Slow)
		s.none(err)
		ctx, cancel = context.WithTimeout(s.ctx, 50*time.Millisecond)
		defer cancel()
		_, err = st.QueryContext(ctx)
		s.is(err, context.DeadlineExceeded)
		s.none(st.Close())
		s.usable(1)
	}},
	{"between rows", func(s *suite) {
		s.db.SetMaxOpenConns(1)
		for range 3 {
			ctx, cancel := context.WithCancel(s.ctx)
			rows, err := s.db.QueryContext(ctx, s.Many)
			s.none(err)
			n := 0
			for rows.Next() {
				if n++; n == 10 {
					cancel()
				}
			}
			s.is(rows.Err(), context.Canceled)
			_ = rows.Close() // the error is that of the context, or none
			if n == ManyRows {
				s.Error("all rows came")
			}
			s.usable(1)
			cancel()
		}
	}},
	{"rows that are closed early", func(s *suite) {
		s.db.SetMaxOpenConns(1)
		rows, err := s.db.QueryContext(s.ctx, s.Many)
		s.none(err)
		s.equal(rows.Next(), true)
		s.none(rows.Close())
		s.usable(1)
		s.equal(s.number(s.db, s.Many), int64(1))
		s.usable(1)
	}},
	{"a wait for a connection", func(s *suite) {
		s.db.SetMaxOpenConns(1)
		c, err := s.db.Conn(s.ctx)
		s.none(err)
		ctx, cancel := context.WithTimeout(s.ctx, 10*time.Millisecond)
		defer cancel()
		_, err = s.db.ExecContext(ctx, SelectOne)
		s.is(err, context.DeadlineExceeded)
		s.none(c.Close())
		s.usable(1)
	}},
}

var pools = []test{
	{"connections are reused", func(s *suite) {
		c, err := s.db.Conn(s.ctx)
		s.none(err)
		first := s.session(c)
		s.equal(s.number(c, SelectOne), int64(1))
		s.none(c.Close())
		c, err = s.db.Conn(s.ctx)
		s.none(err)
		s.equal(s.session(c), first)
		s.none(c.Close())
		_, err = c.ExecContext(s.ctx, SelectOne)
		s.is(err, sql.ErrConnDone)
		s.usable(1)
	}},
	{"connections that are not wanted are closed", func(s *suite) {
		s.db.SetMaxIdleConns(1)
		var cs []*sql.Conn
		for range 3 {
			c, err := s.db.Conn(s.ctx)
			s.none(err)
			cs = append(cs, c)
		}
		s.equal(s.db.Stats().OpenConnections, 3)
		for _, c := range cs {
			s.none(c.Close())
		}
		s.usable(1)
		s.db.SetMaxIdleConns(-1)
		s.equal(s.number(s.db, SelectOne), int64(1))
		s.equal(s.db.Stats().OpenConnections, 0)
	}},
	{"many goroutines", func(s *suite) {
		s.db.SetMaxOpenConns(4)
		s.db.SetMaxIdleConns(4)
		var wg sync.WaitGroup
		for i := range 16 {
			wg.Go(func() {
				for range 10 {
					var n int64
					if err := s.db.QueryRowContext(s.ctx, SelectSum, 10, 20).Scan(&n); err != nil || n != 30 {
						s.Errorf("%d, %v", n, err)
					}
				}
				tx, err := s.db.BeginTx(s.ctx, nil)
				if err != nil {
					s.Error(err)
					return
				}
				if i%2 == 0 {
					err = tx.Commit()
				} else {
					err = tx.Rollback()
				}
				if err != nil {
					s.Error(err)
				}
			})
		}
		wg.Wait()
		if n := s.db.Stats().OpenConnections; n > 4 {
			s.Errorf("%d connections", n)
		}
	}},
	{"ping", func(s *suite) {
		s.none(s.db.PingContext(s.ctx))
		s.usable(1)
	}},
	{"nothing is left to the next user", func(s *suite) {
		c, err := s.db.Conn(s.ctx)
		s.none(err)
		s.exec(c, SetLeft)
		s.exec(c, CreateTable)
		s.exec(c, InsertTwo)
		s.equal(s.number(c, CountRows), int64(2)) // it lasts while it is ours
		first := s.session(c)
		s.none(c.Close())
		if !s.Server {
			return
		}
		s.equal(s.db.Stats().OpenConnections, 0)
		c, err = s.db.Conn(s.ctx)
		s.none(err)
		if s.session(c) == first {
			s.Error("the session was passed on")
		}
		s.none(c.Close())
	}},
	{"connections that broke while they were idle", func(s *suite) {
		if s.Drop == nil {
			return
		}
		s.db.SetMaxIdleConns(4)
		var cs []*sql.Conn
		for range 4 {
			c, err := s.db.Conn(s.ctx)
			s.none(err)
			cs = append(cs, c)
		}
		for _, c := range cs {
			s.none(c.Close())
		}
		s.equal(s.db.Stats().Idle, 4)
		s.Drop()
		s.equal(s.number(s.db, SelectOne), int64(1))
		s.none(s.db.PingContext(s.ctx))
		tx := s.begin()
		s.none(tx.Commit())
		s.equal(s.number(s.db, SelectOne), int64(1))
	}},
	{"a connection that breaks within a transaction", func(s *suite) {
		if s.Drop == nil {
			return
		}
		tx := s.begin()
		s.equal(s.number(tx, SelectOne), int64(1))
		s.Drop()
		_, err := tx.ExecContext(s.ctx, SelectOne)
		s.is(err, redshift.ErrConnectionFailed)
		s.none(tx.Rollback())
		tx = s.begin()
		s.Drop()
		s.is(tx.Commit(), redshift.ErrConnectionFailed)
		s.usable(1)
	}},
	{"a statement whose connection breaks is not repeated", func(s *suite) {
		if s.Drop == nil {
			return
		}
		c, err := s.db.Conn(s.ctx)
		s.none(err)
		failed := make(chan error, 1)
		go func() {
			_, err := c.ExecContext(s.ctx, s.Slow)
			failed <- err
		}()
		for s.under(failed) {
			s.Drop()
		}
		err = <-failed
		s.is(err, redshift.ErrConnectionFailed)
		if errors.Is(err, redshift.ErrOutcomeUnknown) == errors.Is(err, driver.ErrBadConn) {
			s.Errorf("got %v", err)
		}
		_ = c.Close() // driver.ErrBadConn, or nothing
		s.usable(1)
	}},
}

// under waits a moment and reports that there is no outcome yet.
func (s *suite) under(failed chan error) bool {
	select {
	case err := <-failed:
		failed <- err
		return false
	case <-time.After(20 * time.Millisecond):
		return s.ctx.Err() == nil
	}
}
