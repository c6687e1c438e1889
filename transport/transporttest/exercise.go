// Package transporttest is the conformance suite of the seam: [Exercise] asks
// any transport.Transport to behave as package transport says, and [Fake] is a
// small transport in memory that passes it.
//
// The statements of the suite are few and plain, so that Redshift, the
// emulator, PostgreSQL and a scripted server can answer them. What a transport
// cannot do, as its Caps say, must be refused with transport.ErrUnsupported;
// the suite asserts that in place of the behaviour.
package transporttest

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/llm-dev-ops/redshift/transport"
)

// Options says what the suite may ask of the server.
type Options struct {
	// Rows gives a statement that returns the integers 1 to n in ascending
	// order in one column n. Defaults to a cross join of digits, which every
	// SQL server understands.
	Rows func(n int) string
	// Slow is a statement that returns its first row after a minute or more and
	// that ends soon when it is cancelled. It must be given if the transport
	// can cancel.
	Slow string
	// Patience bounds each test. Defaults to 30 s.
	Patience time.Duration
}

// Statements of the suite that a scripted server must know, beside BEGIN,
// COMMIT, ROLLBACK and those of Options.
const (
	SelectConstants = "select 1 as a, 'x' as b, null as c, '' as d"
	SelectNone      = "select 1 as a where 1 = 0"
	SelectOne       = "select 1 as one"
	SelectText      = "select $1::varchar(20) as v"
	SelectSum       = "select $1::integer + $2::integer as v"
	SelectDivision  = "select 1 / 0 as v"        // fails with 22012
	SelectMissing   = "select * from tt_missing" // fails with 42P01
	SelectSyntax    = "selekt 1"                 // fails with 42601
	CreateTable     = "create temp table tt_suite (n integer)"
	InsertTwo       = "insert into tt_suite values (1), (2)"
	InsertThird     = "insert into tt_suite values (3)"
	CountRows       = "select count(*) as n from tt_suite"
)

// GenerateRows is the default of Options.Rows.
func GenerateRows(n int) string {
	const digits = "(select 0 as d union all select 1 union all select 2 union all select 3 union all select 4 union all select 5 union all select 6 union all select 7 union all select 8 union all select 9)"
	from, sum, scale := "", "", 1
	for i := 0; scale < n || i == 0; i++ {
		if i > 0 {
			from, sum = from+", ", sum+" + "
		}
		from += fmt.Sprintf("%s as d%d", digits, i)
		sum += fmt.Sprintf("d%d.d * %d", i, scale)
		scale *= 10
	}
	return fmt.Sprintf("select n from (select %s + 1 as n from %s) as t where n <= %d order by n", sum, from, n)
}

// The sizes that the suite asks Options.Rows for.
const (
	FewRows  = 5
	SomeRows = 3000
	ManyRows = 100_000
)

// Exercise runs the suite. open makes a fresh transport for each test, which
// the suite closes; transports that open gives may share one server.
func Exercise(t *testing.T, open func(t *testing.T) transport.Transport, opts Options) {
	t.Helper()
	if opts.Rows == nil {
		opts.Rows = GenerateRows
	}
	if opts.Patience == 0 {
		opts.Patience = 30 * time.Second
	}
	for _, topic := range []struct {
		name  string
		tests []test
	}{
		{"lifecycle", lifecycle},
		{"rows", rows},
		{"params", params},
		{"errors", failures},
		{"contexts", contexts},
		{"cancel", cancels},
		{"tx", transactions},
		{"prepare", prepares},
		{"batch", batches},
		{"jobs", jobs},
	} {
		t.Run(topic.name, func(t *testing.T) {
			for _, test := range topic.tests {
				t.Run(test.name, func(t *testing.T) {
					e := &env{T: t, opts: opts}
					var cancel context.CancelFunc
					e.ctx, cancel = context.WithTimeout(t.Context(), opts.Patience)
					t.Cleanup(cancel)
					e.tr = open(t)
					e.caps = e.tr.Caps()
					t.Cleanup(func() {
						ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), opts.Patience)
						defer cancel()
						if err := e.tr.Close(ctx); err != nil {
							t.Errorf("close of the transport: %v", err)
						}
						if s := e.tr.Stats(); s.InUse != 0 || s.Open != 0 {
							t.Errorf("after Close %d sessions are open, %d in use", s.Open, s.InUse)
						}
					})
					test.run(e)
				})
			}
		})
	}
}

type test struct {
	name string
	run  func(*env)
}

// env is what one test of the suite works with.
type env struct {
	*testing.T
	ctx  context.Context // of the test, which outlives none of its calls
	tr   transport.Transport
	caps transport.Caps
	opts Options
}

// session leases a session until the end of the test.
func (e *env) session() transport.Session {
	e.Helper()
	s, err := e.tr.Open(e.ctx, transport.OpenOptions{Pinned: true})
	if err != nil {
		e.Fatalf("Open: %v", err)
	}
	e.Cleanup(func() {
		if err := s.Close(context.WithoutCancel(e.ctx), transport.Keep); err != nil {
			e.Errorf("close of the session: %v", err)
		}
	})
	return s
}

func (e *env) start(s transport.Session, sql string, params ...transport.Param) transport.Run {
	e.Helper()
	run, err := s.Start(e.ctx, transport.Statement{SQL: sql, Params: params})
	if err != nil {
		e.Fatalf("Start of %q: %v", sql, err)
	}
	return run
}

func (e *env) result(s transport.Session, sql string, params ...transport.Param) transport.Result {
	e.Helper()
	res, err := e.start(s, sql, params...).Result(e.ctx)
	if err != nil {
		e.Fatalf("Result of %q: %v", sql, err)
	}
	return res
}

// query runs a statement and reads all of it.
func (e *env) query(s transport.Session, sql string, params ...transport.Param) ([][]string, string) {
	e.Helper()
	rows, tag, err := read(e.result(s, sql, params...))
	if err != nil {
		e.Fatalf("%q: %v", sql, err)
	}
	return rows, tag
}

// expect runs a statement and compares its rows, of one column each.
func (e *env) expect(s transport.Session, sql string, want ...string) {
	e.Helper()
	got, _ := e.query(s, sql)
	flat := slices.Concat(got...)
	if !slices.Equal(flat, want) {
		e.Fatalf("%q gave %q, want %q", sql, flat, want)
	}
}

// fail runs a statement that must fail and gives the server's error.
func (e *env) fail(s transport.Session, sql, state string) {
	e.Helper()
	run, err := s.Start(e.ctx, transport.Statement{SQL: sql})
	if err == nil {
		err = run.Wait(e.ctx)
	}
	e.wantState(err, state)
}

func (e *env) wantState(err error, state string) {
	e.Helper()
	var server *transport.ServerError
	if !errors.As(err, &server) {
		e.Fatalf("got %v, want a ServerError with SQLSTATE %s", err, state)
	}
	if server.SQLState != state || server.Message == "" {
		e.Errorf("got SQLSTATE %q, message %q, want %s", server.SQLState, server.Message, state)
	}
}

func (e *env) wantIs(err, want error) {
	e.Helper()
	if !errors.Is(err, want) {
		e.Errorf("got %v, want %v", err, want)
	}
}

// wantUnsupported asserts a refusal, which Start may leave to Wait.
func (e *env) wantUnsupported(capability string, err error) {
	e.Helper()
	if !errors.Is(err, transport.ErrUnsupported) {
		e.Errorf("without Caps.%s: got %v, want transport.ErrUnsupported", capability, err)
	}
}

func (e *env) wantSession(s transport.Session, want transport.SessionState) {
	e.Helper()
	if got := s.State(); got != want {
		e.Errorf("the session is %v, want %v", got, want)
	}
}

// usable asserts that the session answers.
func (e *env) usable(s transport.Session) {
	e.Helper()
	e.expect(s, SelectOne, "1")
}

// Null is how read shows NULL.
const null = "<null>"

// read reads a result whole and closes it.
func read(res transport.Result) (rows [][]string, tag string, err error) {
	for res.Next() {
		row := make([]string, len(res.Columns()))
		for i, raw := range res.Raw() {
			row[i] = show(res.Columns()[i], res.Format(i), raw)
		}
		rows = append(rows, row)
	}
	err = res.Close()
	return rows, res.Tag(), err
}

// show decodes what the suite's statements return.
func show(c transport.Column, f transport.Format, raw []byte) string {
	switch {
	case raw == nil:
		return null
	case f == transport.Binary && c.Type == transport.OIDInt2 && len(raw) == 2:
		return strconv.Itoa(int(int16(binary.BigEndian.Uint16(raw))))
	case f == transport.Binary && c.Type == transport.OIDInt4 && len(raw) == 4:
		return strconv.Itoa(int(int32(binary.BigEndian.Uint32(raw))))
	case f == transport.Binary && c.Type == transport.OIDInt8 && len(raw) == 8:
		return strconv.Itoa(int(binary.BigEndian.Uint64(raw)))
	default:
		return string(raw)
	}
}
