package pgwire

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/llm-dev-ops/redshift/transport"
	"github.com/llm-dev-ops/redshift/transport/transporttest"
)

// answers scripts the server by the statement's text.
func answers(m map[string]*reply) func(*server) {
	return func(s *server) {
		s.answer = func(_ *backend, sql string) any {
			if r := m[sql]; r != nil {
				return r
			}
			return nil
		}
	}
}

func TestCommitThatFailsAtSync(t *testing.T) {
	t.Parallel()
	conflict := &pgproto3.ErrorResponse{Severity: "ERROR", Code: "XX000", Message: "1023", Detail: "Serializable isolation violation on table"}
	s := newServer(t, answers(map[string]*reply{
		"insert": {tag: "INSERT 0 1", atSync: conflict},
		"COMMIT": {tag: "COMMIT", atSync: conflict},
	}))
	ses := lease(t, open(t, s.config()))
	for _, sqls := range [][]string{{"insert"}, {"BEGIN", "COMMIT"}} {
		must(t, ses, sqls[:len(sqls)-1]...)
		_, err := exec(t, ses, transport.Statement{SQL: sqls[len(sqls)-1]})
		var server *transport.ServerError
		if !errors.As(err, &server) || server.Code != 1023 || server.SQLState != "XX000" {
			t.Errorf("%v: got %v", sqls, err)
		}
		if ses.State() != transport.StateIdle {
			t.Errorf("the session is %v", ses.State())
		}
		must(t, ses, transporttest.SelectOne)
	}
}

func TestFailureBehindRows(t *testing.T) {
	t.Parallel()
	s := newServer(t, answers(map[string]*reply{
		"q": {cols: integers("n"), rows: oneRow([]byte("1")), late: failure("22003", "overflow")},
	}))
	ses := lease(t, open(t, s.config()))
	got, err := exec(t, ses, transport.Statement{SQL: "q"})
	var server *transport.ServerError
	if got != "[1]" || !errors.As(err, &server) || server.SQLState != "22003" {
		t.Errorf("got %s, %v", got, err)
	}
	// Closing early meets it too.
	run, _ := ses.Start(t.Context(), transport.Statement{SQL: "q"})
	res, err := run.Result(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := res.Close(); !errors.As(err, &server) {
		t.Errorf("got %v", err)
	}
	must(t, ses, transporttest.SelectOne)
}

func TestNoticesAndErrorFields(t *testing.T) {
	t.Parallel()
	s := newServer(t, answers(map[string]*reply{
		"q": {cols: integers("n"), notice: "Load into table completed"},
		"e": {parseErr: &pgproto3.ErrorResponse{
			Severity: "ERROR", Code: "42703", Message: "column does not exist", Detail: "d", Hint: "h", Position: 8, Where: "w",
			SchemaName: "s", TableName: "t", ColumnName: "c", File: "f.cpp", Line: 12, Routine: "pg_throw",
		}},
	}))
	ses := lease(t, open(t, s.config()))
	run, _ := ses.Start(t.Context(), transport.Statement{SQL: "q"})
	res, err := run.Result(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if n := res.Notices(); len(n) != 1 || n[0].Message != "Load into table completed" || n[0].Severity != "INFO" {
		t.Errorf("notices %v", n)
	}
	_ = res.Close()
	_, err = exec(t, ses, transport.Statement{SQL: "e"})
	want := transport.ServerError{
		Severity: "ERROR", SQLState: "42703", Message: "column does not exist", Detail: "d", Hint: "h", Position: 8, Where: "w",
		Schema: "s", Table: "t", Column: "c", File: "f.cpp", Line: 12, Routine: "pg_throw",
	}
	var got *transport.ServerError
	if !errors.As(err, &got) || *got != want {
		t.Errorf("got %+v", got)
	}
}

func TestLeadingNumber(t *testing.T) {
	t.Parallel()
	for message, want := range map[string]int{
		"1023": 1023, "1023 DETAIL": 1023, "1023: x": 1023, "": 0, "12": 0, "1023abc": 0, "x 1023": 0, "99999999999999999999": 0,
		"8001 - out of memory": 8001,
	} {
		if got := leadingNumber(message); got != want {
			t.Errorf("%q: got %d, want %d", message, got, want)
		}
	}
}

// What happens to the connection in the middle of a statement.
func TestLostConnections(t *testing.T) {
	t.Parallel()
	fatalAt := &pgproto3.ErrorResponse{Severity: "FATAL", Code: "57P01", Message: "terminating connection"}
	for name, c := range map[string]struct {
		reply *reply
		state string // of a ServerError, "" for a LostError alone
		lost  bool
	}{
		"hangs up before the answer":         {reply: &reply{hangUp: true}, lost: true},
		"hangs up between rows":              {reply: &reply{cols: integers("n"), raw: []byte{'D', 0, 0, 0, 11, 0, 1, 0, 0, 0, 1, '1', 'D', 0}, hangUp: true}, lost: true},
		"FATAL before the answer":            {reply: &reply{err: fatalAt}, state: "57P01"},
		"FATAL behind CommandComplete":       {reply: &reply{tag: "INSERT 0 1", atSync: fatalAt}, state: "57P01", lost: true},
		"a row of too many columns":          {reply: &reply{cols: integers("n"), raw: []byte{'D', 0, 0, 0, 14, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0}}, lost: true},
		"a row without a description":        {reply: &reply{tag: "INSERT 0 1", raw: []byte{'D', 0, 0, 0, 6, 0, 0}}, lost: true},
		"a value longer than its row":        {reply: &reply{cols: integers("n"), raw: []byte{'D', 0, 0, 0, 11, 0, 1, 0, 0, 0, 9, '1'}}, lost: true},
		"a message of no type":               {reply: &reply{cols: integers("n"), raw: []byte{'!', 0, 0, 0, 4}}, lost: true},
		"a message of negative length":       {reply: &reply{cols: integers("n"), raw: []byte{'D', 255, 255, 255, 255}}, lost: true},
		"a message of enormous length":       {reply: &reply{cols: integers("n"), raw: []byte{'D', 127, 255, 255, 255}}, lost: true},
		"a state of the transaction unknown": {reply: &reply{cols: integers("n"), raw: []byte{'Z', 0, 0, 0, 5, 'X'}}, lost: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, answers(map[string]*reply{"q": c.reply}))
			tr := open(t, s.config())
			ses := lease(t, tr)
			_, err := exec(t, ses, transport.Statement{SQL: "q"})
			var (
				server *transport.ServerError
				lost   *transport.LostError
			)
			if errors.As(err, &lost) != c.lost || c.lost && (!lost.Sent || lost.SafeToRetry()) {
				t.Errorf("got %v", err)
			}
			if errors.As(err, &server) != (c.state != "") || c.state != "" && server.SQLState != c.state {
				t.Errorf("got %v", err)
			}
			if ses.State() != transport.StateBroken {
				t.Errorf("the session is %v", ses.State())
			}
			// Nothing of the next statement is sent.
			_, err = ses.Start(t.Context(), transport.Statement{SQL: "x"})
			if !errors.As(err, &lost) || lost.Sent {
				t.Errorf("got %v", err)
			}
			if err := ses.Close(t.Context(), transport.Keep); err != nil {
				t.Error(err)
			}
			must(t, lease(t, tr), transporttest.SelectOne)
		})
	}
}

func TestWhatCannotBeSent(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	ses := lease(t, open(t, s.config()))
	for want, stmt := range map[error]transport.Statement{
		errZero:      {SQL: "select 1\x00; drop table t"},
		errTooLong:   {SQL: strings.Repeat("x", caps.MaxStatement+1)},
		errTooMany:   {SQL: "x", Params: make([]transport.Param, 32768)},
		errNoColumns: {SQL: "x", Formats: make([]transport.Format, 32768)},
	} {
		if _, err := ses.Start(t.Context(), stmt); !errors.Is(err, want) {
			t.Errorf("got %v, want %v", err, want)
		}
		if _, err := ses.Batch(t.Context(), []transport.Statement{{SQL: "x"}, stmt}); !errors.Is(err, want) {
			t.Errorf("batch: got %v, want %v", err, want)
		}
	}
	if _, err := ses.Prepare(t.Context(), "\x00", nil); !errors.Is(err, errZero) {
		t.Errorf("got %v", err)
	}
	if ses.State() != transport.StateIdle {
		t.Errorf("the session is %v", ses.State())
	}
	must(t, ses, transporttest.SelectOne, "")
	wantLog(t, s, transporttest.SelectOne, "")
}

func TestCopyFromStdinIsRefused(t *testing.T) {
	t.Parallel()
	s := newServer(t, answers(map[string]*reply{
		"copy out": {tag: "COPY", raw: []byte{'H', 0, 0, 0, 7, 0, 0, 0, 'd', 0, 0, 0, 5, 'x', 'c', 0, 0, 0, 4}},
	}))
	ses := lease(t, open(t, s.config()))
	if _, err := exec(t, ses, transport.Statement{SQL: "copy out"}); !errors.Is(err, transport.ErrUnsupported) {
		t.Errorf("got %v", err)
	}
	must(t, ses, transporttest.SelectOne)
}

// A connection that has died in the pool is replaced and nothing is noticed.
func TestDeadIdleConnectionsAreReplaced(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	tr := open(t, s.config())
	for range 3 {
		ses := lease(t, tr)
		must(t, ses, transporttest.SelectOne)
		if err := ses.Close(t.Context(), transport.Keep); err != nil {
			t.Fatal(err)
		}
		s.hangUp()
		waitFor(t, func() bool { s.mu.Lock(); defer s.mu.Unlock(); return len(s.conns) == 0 })
	}
	if st := tr.Stats(); st.Created != 3 || st.Leases != 3 {
		t.Errorf("stats %+v", st)
	}
}

// waitFor polls for what another goroutine is about to do.
func waitFor(t *testing.T, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for range 5000 {
		if ok() {
			return
		}
		<-tick.C
	}
	t.Fatal("it does not happen")
}

func TestPreparedStatementsThatTheServerForgets(t *testing.T) {
	t.Parallel()
	s := newServer(t, func(s *server) { s.forgets = true })
	cfg := s.config()
	cfg.PreparedStatements = -1
	ses := lease(t, open(t, cfg))
	p, err := ses.Prepare(t.Context(), transporttest.SelectSum, []transport.OID{0})
	if err != nil {
		t.Fatal(err)
	}
	if got := p.Params(); len(got) != 2 || got[0] != transport.OIDUnknown {
		t.Errorf("parameters %v", got)
	}
	run := func() {
		t.Helper()
		r, err := p.Start(t.Context(), []transport.Param{{Value: []byte("1")}, {Value: []byte("2")}})
		if err != nil {
			t.Fatal(err)
		}
		res, err := r.Result(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if !res.Next() || string(res.Raw()[0]) != "3" {
			t.Errorf("no row, or %q", res.Raw())
		}
		if err := res.Close(); err != nil {
			t.Error(err)
		}
	}
	run()
	must(t, ses, "BEGIN", "ROLLBACK")
	run()
	run()
	wantLog(t, s, transporttest.SelectSum, "BEGIN", "ROLLBACK", transporttest.SelectSum)
	// While another statement is under way, closing waits for the next one.
	r, err := ses.Start(t.Context(), transport.Statement{SQL: generate(3)})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Close(t.Context()); err != nil {
		t.Error(err)
	}
	res, err := r.Result(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Close()
	must(t, ses, transporttest.SelectOne)
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.backends[1].stmts); n > 1 {
		t.Errorf("%d statements are left", n)
	}
}

func TestResultFormatsAndDescriptions(t *testing.T) {
	t.Parallel()
	cols := []pgproto3.FieldDescription{field("n", 1700), field("b", 20)}
	cols[0].TypeModifier = 4 + 12<<16 + 2
	cols[1].Format = 1
	s := newServer(t, answers(map[string]*reply{"q": {cols: cols, rows: oneRow([]byte("1.50"), []byte{0, 0, 0, 0, 0, 0, 0, 7})}}))
	ses := lease(t, open(t, s.config()))
	run, err := ses.Start(t.Context(), transport.Statement{SQL: "q", Formats: []transport.Format{transport.Binary}})
	if err != nil {
		t.Fatal(err)
	}
	res, err := run.Result(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	// The server decides: it has answered one column in text.
	if res.Format(0) != transport.Text || res.Format(1) != transport.Binary {
		t.Error("the formats are not the server's")
	}
	if p, sc, ok := res.Columns()[0].PrecisionScale(); p != 12 || sc != 2 || !ok {
		t.Errorf("numeric(%d,%d)", p, sc)
	}
	if !res.Next() || fmt.Sprintf("%q", res.Raw()) != `["1.50" "\x00\x00\x00\x00\x00\x00\x00\a"]` {
		t.Errorf("got %q", res.Raw())
	}
	_ = res.Close()
}
