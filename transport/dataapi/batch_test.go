package dataapi

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/llm-dev-ops/redshift/transport"
	"github.com/llm-dev-ops/redshift/transport/transporttest"
)

func statements(sqls ...string) []transport.Statement {
	stmts := make([]transport.Statement, len(sqls))
	for i, sql := range sqls {
		stmts[i].SQL = sql
	}
	return stmts
}

// outcomes reads a batch: each statement's first column, or its failure.
func outcomes(t *testing.T, b transport.Batch) []string {
	t.Helper()
	var all []string
	for b.Next(t.Context()) {
		got := []string{}
		for b.Result().Next() {
			got = append(got, string(b.Result().Raw()[0]))
		}
		line := strings.Join(append(got, b.Result().Tag()), " ")
		if server := (*transport.ServerError)(nil); errors.As(b.Result().Close(), &server) {
			line = server.SQLState
		}
		all = append(all, line)
	}
	if err := errors.Join(b.Err(), b.Close()); err != nil {
		t.Errorf("the batch: %v", err)
	}
	return all
}

const (
	insert2 = transporttest.InsertTwo
	insert1 = transporttest.InsertThird
)

// Of statements that stand alone each one runs once, whether the service knows the
// mode, stops at a failure or not.
func TestBatchFailure(t *testing.T) {
	for name, change := range map[string]func(*fakeAWS){
		"goes on": func(*fakeAWS) {}, "stops": func(s *fakeAWS) { s.stops = true }, "one transaction": func(s *fakeAWS) { s.noMode = true },
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, nil, func(t *testing.T, s *fakeAWS, tr transport.Transport) {
				change(s)
				x := lease(t, tr, true)
				defer closeSession(t, x)
				query(t, x, transport.Statement{SQL: transporttest.CreateTable})
				for range 2 {
					b, err := x.Batch(t.Context(), statements(insert2, transporttest.SelectDivision, insert1, one, transporttest.SelectMissing, insert1))
					if err != nil {
						t.Fatal(err)
					}
					want := []string{"INSERT 0 2", "22012", "INSERT 0 1", "1 SELECT", "42P01", "INSERT 0 1"}
					if got := outcomes(t, b); !slices.Equal(got, want) {
						t.Errorf("%q", got)
					}
				}
				if got := query(t, x, transport.Statement{SQL: transporttest.CountRows}); got[0] != "8" {
					t.Errorf("%s rows, want 8", got)
				}
				calls := len(s.done("BatchExecuteStatement"))
				if want := map[string]int{"goes on": 2, "stops": 6, "one transaction": 1}[name]; calls != want {
					t.Errorf("%d calls, want %d", calls, want)
				}
			})
		})
	}
}

// A call takes 40 statements of the same settings, and what one statement may have
// in bytes.
func TestBatchCalls(t *testing.T) {
	bubble(t, nil, func(t *testing.T, s *fakeAWS, tr transport.Transport) {
		x := lease(t, tr, false)
		defer closeSession(t, x)
		count := func(want int, stmts []transport.Statement) {
			t.Helper()
			before := len(s.done("BatchExecuteStatement"))
			b, err := x.Batch(t.Context(), stmts)
			if err != nil {
				t.Fatal(err)
			}
			if got := outcomes(t, b); len(got) != len(stmts) {
				t.Errorf("%d outcomes of %d", len(got), len(stmts))
			}
			if n := len(s.done("BatchExecuteStatement")) - before; n != want {
				t.Errorf("%d calls, want %d", n, want)
			}
		}
		count(3, statements(slices.Repeat([]string{one}, 81)...))
		count(2, statements(slices.Repeat([]string{one + strings.Repeat(" ", 70<<10)}, 4)...))
		count(0, statements("BEGIN", one, "COMMIT"))
		mixed := statements(one, one, one)
		mixed[1].QueryGroup = "etl"
		count(3, mixed)
		if _, err := x.Batch(t.Context(), statements(one, strings.Repeat("x", maxStatement+1))); err == nil || !strings.Contains(err.Error(), "bulk.Load") {
			t.Errorf("a long one: %v", err)
		}
		for _, sqls := range [][]string{slices.Repeat([]string{one}, 41), {one, "ROLLBACK"}} {
			if _, err := x.(transport.TxBatcher).BatchTx(t.Context(), statements(sqls...)); !errors.Is(err, transport.ErrUnsupported) {
				t.Errorf("%d statements: %v", len(sqls), err)
			}
		}
	})
}

// A transaction is one call with the first statement's token and names of its own for
// every statement's parameters.
func TestBatchTx(t *testing.T) {
	bubble(t, nil, func(t *testing.T, s *fakeAWS, tr transport.Transport) {
		x := lease(t, tr, false)
		defer closeSession(t, x)
		stmts := statements(transporttest.SelectText, transporttest.SelectText)
		stmts[0].Params, stmts[1].Params = []transport.Param{{Value: []byte("a")}}, []transport.Param{{Value: []byte("b")}}
		stmts[0].Token, stmts[1].Label = "order-7", "orders"
		s.fail("BatchExecuteStatement", throttle, vanished, internal)
		s.fail("DescribeStatement", internal)
		b, err := x.(transport.TxBatcher).BatchTx(t.Context(), stmts)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := x.Start(t.Context(), transport.Statement{SQL: one}); !errors.Is(err, transport.ErrBusy) {
			t.Errorf("a statement beside a batch: %v", err)
		}
		if got := outcomes(t, b); !slices.Equal(got, []string{"a SELECT", "b SELECT"}) {
			t.Errorf("%q", got)
		}
		in := s.last("BatchExecuteStatement")
		if in.ExecutionMode != "TRANSACTION" || in.ClientToken != "order-7" || in.StatementName != "orders" || in.SessionId != "" || in.WorkgroupName != "w" {
			t.Errorf("sent %+v", in)
		}
		if got := fmt.Sprint(in.Parameters); got != "[{s1p1 a} {s2p1 b}]" {
			t.Errorf("parameters %s", got)
		}
		if len(s.statements) != 1 {
			t.Errorf("it ran %d times", len(s.statements))
		}
	})
}

// The end of the context stops what runs, and what was not sent does not run.
func TestBatchCancelled(t *testing.T) {
	bubble(t, nil, func(t *testing.T, s *fakeAWS, tr transport.Transport) {
		x := lease(t, tr, true)
		defer closeSession(t, x)
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		b, err := x.Batch(ctx, append(statements(one, slow), statements(slices.Repeat([]string{one}, 60)...)...))
		if err != nil {
			t.Fatal(err)
		}
		short, stop := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer stop()
		if b.Next(short) || !errors.Is(b.Err(), context.DeadlineExceeded) {
			t.Errorf("a short wait: %v", b.Err())
		}
		if err := b.Close(); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("close: %v", err)
		}
		if calls := s.done("BatchExecuteStatement"); len(calls) != 1 || len(s.done("CancelStatement")) == 0 {
			t.Errorf("%d calls", len(calls))
		}
		if got := query(t, x, transport.Statement{SQL: one}); !slices.Equal(got, []string{"1"}) {
			t.Errorf("after it: %q", got)
		}
	})
}
