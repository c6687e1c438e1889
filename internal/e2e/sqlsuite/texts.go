package sqlsuite

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"github.com/llm-dev-ops/redshift"
)

// sets reads all result sets of a text: the numbers of their first columns.
func (s *suite) sets(text string, args ...any) (all [][]int64, err error) {
	s.Helper()
	rows, err := s.db.QueryContext(s.ctx, text, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for {
		set := []int64{}
		cols, err := rows.Columns()
		s.none(err)
		for rows.Next() {
			var n int64
			dst := []any{&n, new(any)}[:len(cols)]
			s.none(rows.Scan(dst...))
			set = append(set, n)
		}
		all = append(all, set)
		if !rows.NextResultSet() {
			return all, rows.Err()
		}
	}
}

var texts = []test{
	{"one statement", func(s *suite) {
		rows, err := s.db.QueryContext(s.ctx, SelectTwoRows)
		s.none(err)
		cols, err := rows.Columns()
		s.none(err)
		s.equal(strings.Join(cols, " "), "n s")
		n := 0
		for rows.Next() {
			n++
		}
		s.none(rows.Err())
		s.equal(n, 2)
		s.is(s.db.QueryRowContext(s.ctx, SelectNoRows).Scan(&n), sql.ErrNoRows)
		s.equal(s.exec(s.db, SelectTwoRows+" ; "), int64(2))
		s.equal(s.number(s.db, SelectOne+";"), int64(1))
	}},
	{"no statement", func(s *suite) {
		s.equal(s.exec(s.db, " -- nothing\n ;; "), int64(0))
		sets, err := s.sets("")
		s.none(err)
		s.equal(len(sets), 1)
		_, err = s.db.ExecContext(s.ctx, "", 1)
		s.is(err, usage)
	}},
	{"placeholders", func(s *suite) {
		s.equal(s.number(s.db, SelectSum, 10, 20), int64(30))
		_, err := s.db.ExecContext(s.ctx, SelectSum+"; "+SelectSum, 10, 20)
		s.is(err, usage)
	}},
	{"named parameters", func(s *suite) {
		sum := "select cast(:a as integer) + cast(:b as integer) as v"
		s.equal(s.number(s.db, sum, sql.Named("b", 20), sql.Named("a", 10)), int64(30))
		twice := "select cast(:a as integer) + cast(:a as integer) as v"
		s.equal(s.number(s.db, twice, sql.Named("a", 15)), int64(30))
		sets, err := s.sets(sum+";\n"+SelectOne+";"+twice, sql.Named("a", 15), sql.Named("b", 5))
		s.none(err)
		s.equal(len(sets), 3)
		for _, args := range [][]any{
			{sql.Named("a", 10)},
			{sql.Named("a", 10), 20},
			{sql.Named("a", 10), sql.Named("b", 20), sql.Named("c", 30)},
			{sql.Named("a", 10), sql.Named("b", 20), sql.Named("b", 30)},
		} {
			_, err := s.db.ExecContext(s.ctx, sum, args...)
			s.is(err, usage)
		}
		_, err = s.db.ExecContext(s.ctx, "select cast(:a as integer) + $1", sql.Named("a", 10))
		s.is(err, usage)
		_, err = s.db.ExecContext(s.ctx, SelectOne, sql.Named("a", 10))
		s.is(err, usage)
	}},
	{"several statements", func(s *suite) {
		s.db.SetMaxOpenConns(1)
		c, err := s.db.Conn(s.ctx)
		s.none(err)
		s.equal(s.exec(c, CreateTable+"; "+InsertTwo+"; -- end\n"), int64(2))
		s.equal(s.number(c, CountRows), int64(2))
		s.none(c.Close())
	}},
	{"result sets", func(s *suite) {
		sets, err := s.sets(SetLeft + ";" + SelectTwoRows + "; " + SelectNoRows + ";" + SetLeft + ";" + SelectOne + ";" + SetLeft)
		s.none(err)
		if len(sets) != 3 || len(sets[0]) != 2 || len(sets[1]) != 0 || len(sets[2]) != 1 {
			s.Errorf("the sets are %v", sets)
		}
		// One that is not read to its end does not disturb the next.
		rows, err := s.db.QueryContext(s.ctx, s.Many+";"+SelectOne)
		s.none(err)
		s.equal(rows.Next(), true)
		s.equal(rows.NextResultSet(), true)
		s.equal(rows.Next(), true)
		var n int
		s.none(rows.Scan(&n))
		s.equal(n, 1)
		s.equal(rows.NextResultSet(), false)
		s.none(rows.Err())
	}},
	{"the statement that fails is named", func(s *suite) {
		_, err := s.db.ExecContext(s.ctx, SelectOne+";\n"+SelectMissing+"; "+SelectDivided)
		s.is(err, redshift.ErrTableNotFound)
		var e *redshift.Error
		if !errors.As(err, &e) || !strings.Contains(err.Error(), "statement 2 of 3") {
			s.Fatalf("got %v", err)
		}
		if e.Position != 0 {
			s.equal(e.Position, len(SelectOne)+2+len("select * from ")+1)
		}
		rows, err := s.db.QueryContext(s.ctx, SelectOne+";"+SelectMissing)
		s.none(err)
		s.equal(rows.Next(), true)
		s.equal(rows.NextResultSet(), false)
		s.is(rows.Err(), redshift.ErrTableNotFound)
		s.none(rows.Close())
		// Nothing runs of what cannot be cut.
		_, err = s.db.ExecContext(s.ctx, SelectOne+"; select 'open")
		s.is(err, usage)
		s.usable(1)
	}},
	{"errors are the client's", func(s *suite) {
		_, err := s.db.ExecContext(s.ctx, SelectMissing)
		s.is(err, redshift.ErrTableNotFound)
		s.is(err, redshift.State("42P01"))
		err = s.db.QueryRowContext(s.ctx, SelectDivided).Scan(new(int))
		s.is(err, redshift.ErrData)
		res, err := s.db.ExecContext(context.WithoutCancel(s.ctx), SelectOne)
		s.none(err)
		_, err = res.LastInsertId()
		s.is(err, usage)
		s.usable(1)
	}},
}
