package sqlsuite

import (
	"database/sql"
	"sync"

	"github.com/llm-dev-ops/redshift"
)

var prepareds = []test{
	{"again and again", func(s *suite) {
		st, err := s.db.PrepareContext(s.ctx, SelectSum)
		s.none(err)
		for i := range 10 {
			var n int
			s.none(st.QueryRowContext(s.ctx, 10+i, 20-i).Scan(&n))
			s.equal(n, 30)
		}
		if _, err := st.QueryContext(s.ctx, 10); err == nil {
			s.Error("an argument too few")
		}
		s.none(st.Close())
		s.usable(1)
	}},
	{"on several connections", func(s *suite) {
		st, err := s.db.PrepareContext(s.ctx, SelectSum)
		s.none(err)
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for range 10 {
					var n int
					if err := st.QueryRowContext(s.ctx, 10, 20).Scan(&n); err != nil || n != 30 {
						s.Errorf("%d, %v", n, err)
					}
				}
			})
		}
		wg.Wait()
		s.none(st.Close())
	}},
	{"in a transaction", func(s *suite) {
		s.exec(s.db, DropStored)
		s.exec(s.db, CreateStored)
		st, err := s.db.PrepareContext(s.ctx, InsertValue)
		s.none(err)
		for range 2 { // the server forgets statements with a rollback
			tx := s.begin()
			res, err := tx.StmtContext(s.ctx, st).ExecContext(s.ctx, 5)
			s.none(err)
			n, err := res.RowsAffected()
			s.none(err)
			s.equal(n, int64(1))
			s.none(tx.Rollback())
		}
		res, err := st.ExecContext(s.ctx, nil)
		s.none(err)
		n, _ := res.RowsAffected()
		s.equal(n, int64(1))
		s.none(st.Close())
		s.equal(s.number(s.db, CountStored), int64(1))
		s.exec(s.db, DropStored)
	}},
	{"with names", func(s *suite) {
		st, err := s.db.PrepareContext(s.ctx, "select cast(:a as integer) + cast(:a as integer) as v")
		s.none(err)
		var n int
		s.none(st.QueryRowContext(s.ctx, sql.Named("a", 15)).Scan(&n))
		s.equal(n, 30)
		_, err = st.ExecContext(s.ctx, sql.Named("b", 15))
		s.is(err, usage)
		_, err = st.ExecContext(s.ctx, 15)
		s.is(err, usage)
		s.none(st.Close())
		st, err = s.db.PrepareContext(s.ctx, SelectTwice)
		s.none(err)
		_, err = st.ExecContext(s.ctx, sql.Named("a", 15))
		s.is(err, usage)
		s.none(st.Close())
	}},
	{"bytes are what the parameter is", func(s *suite) {
		if !s.Server {
			return
		}
		for query, want := range map[string]any{
			"select cast($1 as varchar(60)) as v": "hex",
			"select cast($1 as varbyte(10)) as v": "\x00\xff",
		} {
			st, err := s.db.PrepareContext(s.ctx, query)
			s.none(err)
			var got string
			s.none(st.QueryRowContext(s.ctx, []byte(want.(string))).Scan(&got))
			s.equal(got, want)
			s.none(st.Close())
		}
	}},
	{"what cannot be prepared", func(s *suite) {
		_, err := s.db.PrepareContext(s.ctx, SelectOne+";"+SelectOne)
		s.is(err, usage)
		_, err = s.db.PrepareContext(s.ctx, "")
		s.is(err, usage)
		_, err = s.db.PrepareContext(s.ctx, "select cast(:a as integer) + $1")
		s.is(err, usage)
		_, err = s.db.PrepareContext(s.ctx, SelectMissing)
		s.is(err, redshift.ErrTableNotFound)
		s.usable(1)
	}},
}
