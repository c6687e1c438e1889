// Package sqlsuite is what programs expect of a driver of database/sql, as
// tests over a sql.DB: of sqldriver over a fake, and over the emulator.
package sqlsuite

import (
	"context"
	"database/sql"
	"errors"
	"testing"
	"time"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/sqldriver"
)

// Options says what the suite runs on.
type Options struct {
	// Open makes a sql.DB for one test, which the suite closes.
	Open func(t *testing.T) *sql.DB
	// Slow is a statement that runs for minutes and that ends when it is
	// cancelled.
	Slow string
	// Many is a statement of ManyRows rows of one integer, from 1.
	Many string
	// Server says that a server answers and no script: it knows what was left in
	// a session, and the types of parameters.
	Server bool
	// Drop breaks all connections of the DB that was opened last. nil leaves
	// its tests out.
	Drop func()
}

// ManyRows is the number of rows of Options.Many.
const ManyRows = 100_000

// The statements of the suite, which a scripted server must know beside BEGIN,
// COMMIT, ROLLBACK, those of the Types and those of Options.
const (
	SelectOne     = "select 1 as one"
	SelectPing    = "select 1"
	SelectSum     = "select cast($1 as integer) + cast($2 as integer) as v" // both given, 10 and 20
	SelectTwice   = "select cast($1 as integer) + cast($1 as integer) as v" // 15
	SelectIsNull  = "select cast($1 as integer) is null as v"
	SelectTwoRows = "select 1 as n, 'a' as s union all select 2, 'b' order by 1"
	SelectNoRows  = "select 1 as n where 1 = 0"
	SelectColumns = "select cast('x' as varchar(20)) as s, cast(1.5 as numeric(12,2)) as n, cast(1 as integer) as i"
	SelectMissing = "select * from missing_table" // 42P01 at character 15
	SelectDivided = "select 1 / 0 as v"           // 22012
	SetLeft       = "set query_group to 'left'"
	CreateTable   = "create temp table suite (n integer)"
	CreateStored  = "create table suite_stored (n integer)"
	InsertTwo     = "insert into suite values (1), (2)"
	InsertStored  = "insert into suite_stored values (1), (2)"
	InsertValue   = "insert into suite_stored values ($1)"
	CountRows     = "select count(*) as n from suite"
	CountStored   = "select count(*) as n from suite_stored"
	DropStored    = "drop table if exists suite_stored"
)

// patience bounds each test.
const patience = 30 * time.Second

// suite is one test under way.
type suite struct {
	*testing.T
	Options
	ctx context.Context // of the test
	db  *sql.DB
}

// Exercise runs the suite.
func Exercise(t *testing.T, o Options) {
	t.Helper()
	for _, topic := range []struct {
		name  string
		tests []test
	}{
		{"values", values},
		{"texts", texts},
		{"tx", transactions},
		{"prepared", prepareds},
		{"contexts", contexts},
		{"pool", pools},
	} {
		for _, test := range topic.tests {
			t.Run(topic.name+"/"+test.name, func(t *testing.T) {
				s := &suite{T: t, Options: o, db: o.Open(t)}
				var cancel context.CancelFunc
				s.ctx, cancel = context.WithTimeout(t.Context(), patience)
				defer cancel()
				defer func() {
					if n := s.db.Stats().InUse; n != 0 {
						t.Errorf("%d connections are still in use", n)
					}
					if err := s.db.Close(); err != nil {
						t.Errorf("closing: %v", err)
					}
				}()
				test.run(s)
			})
		}
	}
}

type test struct {
	name string
	run  func(*suite)
}

func (s *suite) exec(db execer, text string, args ...any) int64 {
	s.Helper()
	res, err := db.ExecContext(s.ctx, text, args...)
	if err != nil {
		s.Fatalf("%s: %v", text, err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		s.Error(err)
	}
	return n
}

type execer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// number is the one number of a query.
func (s *suite) number(db querier, text string, args ...any) (n int64) {
	s.Helper()
	if err := db.QueryRowContext(s.ctx, text, args...).Scan(&n); err != nil {
		s.Fatalf("%s: %v", text, err)
	}
	return n
}

func (s *suite) equal(got, want any) {
	s.Helper()
	if got != want {
		s.Errorf("got %v, want %v", got, want)
	}
}

func (s *suite) is(err, want error) {
	s.Helper()
	if !errors.Is(err, want) {
		s.Errorf("got %v, want %v", err, want)
	}
}

func (s *suite) none(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// session is the session of a connection.
func (s *suite) session(c *sql.Conn) (id string) {
	s.Helper()
	s.none(c.Raw(func(dc any) error {
		id = dc.(*sqldriver.Conn).Session().Info().ID
		return nil
	}))
	return id
}

// usable checks that the pool has not lost or doubled anything.
func (s *suite) usable(open int) {
	s.Helper()
	s.equal(s.number(s.db, SelectOne), int64(1))
	s.equal(s.db.Stats().OpenConnections, open)
}

var usage = redshift.ErrUsage
