package dataapi

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/llm-dev-ops/redshift/transport"
)

// A statement that has not begun cannot be cancelled yet, so it is asked again.
func TestCancelOfAStatementThatHasNotBegun(t *testing.T) {
	bubble(t, nil, func(t *testing.T, s *fakeAWS, tr transport.Transport) {
		s.polls = 4
		x := lease(t, tr, false)
		defer closeSession(t, x)
		run, err := x.Start(t.Context(), transport.Statement{SQL: slow})
		if err != nil {
			t.Fatal(err)
		}
		if err := run.Cancel(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := len(s.done("CancelStatement")); n < 2 {
			t.Errorf("asked %d times", n)
		}
		var server *transport.ServerError
		if err := run.Wait(t.Context()); !errors.As(err, &server) || server.SQLState != "57014" {
			t.Errorf("got %v", err)
		}
	})
}

// The service refuses to cancel what is over; that is no failure.
func TestCancelOfAStatementThatIsOver(t *testing.T) {
	bubble(t, nil, func(t *testing.T, s *fakeAWS, tr transport.Transport) {
		x := lease(t, tr, false)
		defer closeSession(t, x)
		run, err := x.Start(t.Context(), transport.Statement{SQL: one, Keep: true})
		if err != nil {
			t.Fatal(err)
		}
		s.statements[run.ID()].status = "FINISHED"
		if err := run.Cancel(t.Context()); err != nil {
			t.Error(err)
		}
		if err := run.Wait(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestCancelThatFails(t *testing.T) {
	bubble(t, nil, func(t *testing.T, s *fakeAWS, tr transport.Transport) {
		x := lease(t, tr, false)
		run, err := x.Start(t.Context(), transport.Statement{SQL: slow})
		if err != nil {
			t.Fatal(err)
		}
		s.fail("CancelStatement", fault{code: "AccessDeniedException", message: "no"})
		if err := run.Cancel(t.Context()); code(err) != "AccessDeniedException" {
			t.Errorf("got %v", err)
		}
		// The end of the context ends the asking.
		s.fail("CancelStatement", many(fault{code: "ValidationException", message: "not running"}, 1000)...)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := run.Cancel(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		s.faults["CancelStatement"] = nil
		closeSession(t, x)
	})
}

// A page that cannot be read leaves the outcome as it is, and may be asked for
// again.
func TestResultThatCannotBeRead(t *testing.T) {
	bubble(t, nil, func(t *testing.T, s *fakeAWS, tr transport.Transport) {
		x := lease(t, tr, false)
		defer closeSession(t, x)
		run, err := x.Start(t.Context(), transport.Statement{SQL: "rows 2500"})
		if err != nil {
			t.Fatal(err)
		}
		s.fail("GetStatementResult", fault{code: "AccessDeniedException", message: "no"})
		var lost *transport.LostError
		if _, err := run.Result(t.Context()); !errors.As(err, &lost) {
			t.Errorf("got %v", err)
		}
		res, err := run.Result(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		s.fail("GetStatementResult", fault{code: "AccessDeniedException", message: "no"})
		n := 0
		for res.Next() {
			n++
		}
		if err := res.Close(); n != 1000 || !errors.As(err, &lost) || res.Raw() != nil || res.Notices() != nil {
			t.Errorf("%d rows, %v", n, err)
		}
		if _, err := run.Result(t.Context()); !errors.Is(err, transport.ErrClosed) {
			t.Errorf("got %v", err)
		}
	})
}

// An attached statement knows its text, and can be read again and again.
func TestAttachReadsAgain(t *testing.T) {
	bubble(t, nil, func(t *testing.T, s *fakeAWS, tr transport.Transport) {
		x := lease(t, tr, false)
		run, err := x.Start(t.Context(), transport.Statement{SQL: one, Keep: true})
		if err != nil {
			t.Fatal(err)
		}
		closeSession(t, x)
		again, err := tr.Attach(t.Context(), run.ID())
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			res, err := again.Result(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for res.Next() {
				got = append(got, string(res.Raw()[0]))
			}
			if err := res.Close(); err != nil || !slices.Equal(got, []string{"1"}) || res.Tag() != "SELECT" {
				t.Errorf("%q, %q, %v", got, res.Tag(), err)
			}
		}
		if st, err := again.Status(t.Context()); err != nil || st.QueryID != 99 || st.Rows != 1 || st.Progress != 100 {
			t.Errorf("status %+v, %v", st, err)
		}
	})
}
