package redshift

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/llm-dev-ops/redshift/transport"
)

// inTx answers like a server that is in a transaction.
func inTx(f func(transport.Statement) answer) func(*scriptedSession, transport.Statement) answer {
	return func(_ *scriptedSession, s transport.Statement) answer {
		switch s.SQL {
		case "BEGIN", "BEGIN READ ONLY":
			return answer{tag: "BEGIN", state: transport.StateInTx}
		case "ROLLBACK":
			return answer{tag: "ROLLBACK"}
		}
		a := f(s)
		if s.SQL != "COMMIT" && a.state == transport.StateIdle {
			a.state = transport.StateInTx
		}
		return a
	}
}

func TestTx(t *testing.T) {
	t.Parallel()
	c, tr := newClient(t, Config{}, inTx(func(transport.Statement) answer { return answer{tag: "COMMIT"} }))
	tx, err := c.Begin(t.Context(), TxOptions{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Execute(t.Context(), SQL("insert")); err != nil || tx.State() != TxActive {
		t.Error(err)
	}
	if err := tx.Commit(t.Context()); err != nil || tx.State() != TxCommitted || tr.discarded != 0 {
		t.Error(err)
	}
	if err := tx.Commit(t.Context()); !errors.Is(err, ErrTransaction) {
		t.Errorf("a second Commit: %v", err)
	}
	if err := tx.Rollback(t.Context()); err != nil || tx.State() != TxCommitted {
		t.Error("Rollback after Commit", err)
	}
}

func TestCommitAnsweredByRollback(t *testing.T) {
	t.Parallel()
	c, _ := newClient(t, Config{}, inTx(func(transport.Statement) answer { return answer{tag: "ROLLBACK"} }))
	err := c.InTx(t.Context(), TxOptions{}, func(*Tx) error { return nil })
	if !errors.Is(err, ErrTransaction) {
		t.Errorf("got %v", err)
	}
}

func TestLostCommit(t *testing.T) {
	t.Parallel()
	c, tr := newClient(t, Config{}, inTx(func(transport.Statement) answer {
		return answer{fail: &transport.LostError{Sent: true, Err: errors.New("reset")}, state: transport.StateBroken}
	}))
	err := c.InTx(t.Context(), TxOptions{}, func(*Tx) error { return nil })
	if !errors.Is(err, ErrOutcomeUnknown) || tr.discarded != 1 {
		t.Errorf("got %v", err)
	}
}

func TestInTxRepeats(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		conflict := &transport.ServerError{SQLState: "XX000", Code: 1023, Message: "1023", Detail: "Serializable isolation violation on table - 1"}
		n := 0
		c, tr := newClient(t, Config{}, inTx(func(s transport.Statement) answer {
			if s.SQL == "COMMIT" {
				return answer{tag: "COMMIT"}
			}
			if n++; n < 3 {
				return answer{fail: conflict, state: transport.StateFailedTx}
			}
			return answer{tag: "UPDATE 1"}
		}))
		work := func(tx *Tx) error {
			_, err := tx.Execute(t.Context(), SQL("update"))
			return err
		}
		if err := c.InTx(t.Context(), TxOptions{}, work); err != nil {
			t.Error(err)
		}
		if got := strings.Join(tr.log, " "); got != "BEGIN update ROLLBACK BEGIN update ROLLBACK BEGIN update COMMIT" {
			t.Error(got)
		}
		n = -100
		if err := c.InTx(t.Context(), TxOptions{}, work); !errors.Is(err, ErrSerializationFailure) || n != -96 {
			t.Errorf("got %v after %d attempts", err, n+100)
		}
		func() {
			defer func() { _ = recover() }()
			_ = c.InTx(t.Context(), TxOptions{}, func(*Tx) error { panic("x") })
		}()
	})
}

func TestTxOptions(t *testing.T) {
	t.Parallel()
	c, tr := newClient(t, Config{}, func(s *scriptedSession, stmt transport.Statement) answer {
		if stmt.SQL == isolationSQL {
			return answer{
				cols: []Column{{Name: "database_isolation_level", Type: transport.OIDVarchar}},
				rows: [][]string{{"Snapshot Isolation"}}, tag: "SELECT", state: s.State(),
			}
		}
		switch {
		case strings.HasPrefix(stmt.SQL, "BEGIN"), strings.HasPrefix(stmt.SQL, "LOCK"):
			return answer{tag: "BEGIN", state: transport.StateInTx}
		}
		return answer{tag: "ROLLBACK"}
	})
	for _, test := range []struct {
		opts TxOptions
		log  string
		want error
	}{
		{TxOptions{ReadOnly: true, Isolation: Snapshot}, isolationSQL + " BEGIN READ ONLY ROLLBACK", nil},
		{TxOptions{Isolation: Serializable}, isolationSQL, ErrTransaction},
		{TxOptions{Isolation: "read committed"}, "", ErrUsage},
		{TxOptions{Lock: []Identifier{{"public", "a"}, {`b"c`}}}, `BEGIN LOCK TABLE "public"."a", "b""c" ROLLBACK`, nil},
		{TxOptions{Lock: []Identifier{{}}}, "", ErrUsage},
	} {
		tr.log = nil
		tx, err := c.Begin(t.Context(), test.opts)
		if !errors.Is(err, test.want) || err == nil != (test.want == nil) {
			t.Errorf("%+v: %v", test.opts, err)
		}
		if tx != nil {
			if err := tx.Rollback(t.Context()); err != nil {
				t.Error(err)
			}
		}
		if got := strings.Join(tr.log, " "); got != test.log {
			t.Errorf("%+v sent %s", test.opts, got)
		}
	}
}

// TestConflictsAreRepeated: what a repeated transaction may get past is a
// serialization failure, whatever its SQLSTATE.
func TestConflictsAreRepeated(t *testing.T) {
	t.Parallel()
	for _, e := range []transport.ServerError{
		{SQLState: "40001", Message: "could not serialize access"},
		{SQLState: "XX000", Code: 1023, Message: "1023"},
		{SQLState: "XX000", Message: "1018", Detail: "Relation does not exist: could not open relation with OID 5"},
		{SQLState: "XX000", Message: "deleted row: conflict with concurrent transaction"},
	} {
		if err := wrap(&e); !errors.Is(err, ErrSerializationFailure) {
			t.Errorf("%+v is %v", e, err)
		}
	}
}

// TestWhoCancelled: a cancelled statement tells by whom.
func TestWhoCancelled(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		e    transport.ServerError
		want error
	}{
		{transport.ServerError{SQLState: "57014", Message: "Query (168) cancelled on user's request"}, ErrQueryCancelled},
		{transport.ServerError{SQLState: "57014", Message: "Query cancelled on user's request", Detail: "statement timeout"}, ErrQueryTimeout},
		{transport.ServerError{SQLState: "57014", Message: "Query (9) cancelled by WLM abort action of Query Monitoring Rule \"short\""}, ErrWLMAborted},
		{transport.ServerError{SQLState: "57P01", Message: "terminating connection due to administrator command"}, ErrConnectionFailed},
	} {
		err := wrap(&test.e)
		if !errors.Is(err, test.want) {
			t.Errorf("%s is %v, want %v", test.e.Message, err, test.want)
		}
		if cancelled := errors.Is(err, ErrQueryCancelled); cancelled != (test.want == ErrQueryCancelled || test.want == ErrWLMAborted) {
			t.Errorf("%s: cancelled is %v", test.e.Message, cancelled)
		}
	}
}

func TestErrorOfRedshiftsOwn(t *testing.T) {
	t.Parallel()
	err := wrap(&transport.ServerError{SQLState: "XX000", Message: "The specified S3 prefix 'x/' does not exist", Detail: `
  -----------------------------------------------
  error:  The specified S3 prefix 'x/' does not exist
  code:      8001
  context:   s3://b/x/
  query:     159
  location:  s3_utility.cpp:660
  -----------------------------------------------
`})
	const want = "redshift: server error: The specified S3 prefix 'x/' does not exist: code 8001, context s3://b/x/, query 159, location s3_utility.cpp:660 (SQLSTATE XX000)"
	if err.Error() != want {
		t.Errorf("got  %s\nwant %s", err, want)
	}
}
