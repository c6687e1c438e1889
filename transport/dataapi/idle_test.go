package dataapi

import (
	"slices"
	"testing"
	"time"

	"github.com/llm-dev-ops/redshift/transport"
)

func TestCleanSessionsAreUsedAgain(t *testing.T) {
	bubble(t, nil, func(t *testing.T, s *fakeAWS, tr transport.Transport) {
		for range 3 {
			x := lease(t, tr, true)
			for _, sql := range []string{"BEGIN", one, "COMMIT"} {
				query(t, x, transport.Statement{SQL: sql})
			}
			closeSession(t, x)
		}
		for range 2 {
			x := lease(t, tr, false)
			query(t, x, transport.Statement{SQL: one, QueryGroup: "g"})
			closeSession(t, x)
		}
		// The next lease begins with the default's query group.
		x := lease(t, tr, true)
		query(t, x, transport.Statement{SQL: one})
		closeSession(t, x)
		if len(s.sessions) != 1 {
			t.Errorf("%d sessions", len(s.sessions))
		}
		if got, want := s.done("ExecuteStatement")[9:], []string{"SET query_group TO 'g'", one, one, "RESET query_group", one}; !slices.Equal(got, want) {
			t.Errorf("ran %q", got)
		}
		if st := tr.Stats(); st.Created != 1 || st.Closed != 0 || st.Idle != 1 || st.Open != 1 {
			t.Errorf("stats %+v", st)
		}
	})
}

func TestSessionsThatHoldStateAreNot(t *testing.T) {
	bubble(t, nil, func(t *testing.T, s *fakeAWS, tr transport.Transport) {
		for i, end := range []func(transport.Session){
			func(x transport.Session) { query(t, x, transport.Statement{SQL: "SET x TO 1"}) },
			func(x transport.Session) {
				_ = x.Close(t.Context(), transport.Discard)
			},
			func(x transport.Session) { time.Sleep(10 * time.Minute); closeSession(t, x) },
		} {
			x := lease(t, tr, true)
			query(t, x, transport.Statement{SQL: one})
			end(x)
			closeSession(t, x)
			if len(s.sessions) != i+1 {
				t.Fatalf("%d sessions, want %d", len(s.sessions), i+1)
			}
		}
	})
}

// A session that has expired unseen is replaced without a word, as long as
// the lease has not used it.
func TestIdleSessionThatIsGone(t *testing.T) {
	bubble(t, nil, func(t *testing.T, s *fakeAWS, tr transport.Transport) {
		for _, stmt := range []transport.Statement{{SQL: one}, {SQL: one}, {SQL: one, QueryGroup: "g"}} {
			x := lease(t, tr, true)
			query(t, x, stmt)
			closeSession(t, x)
			s.expire()
		}
		if len(s.sessions) != 3 {
			t.Errorf("%d sessions", len(s.sessions))
		}
		if st := tr.Stats(); st.Created != 3 || st.Closed != 2 {
			t.Errorf("stats %+v", st)
		}
	})
}

func TestLeavesState(t *testing.T) {
	t.Parallel()
	for sql, want := range map[string]bool{
		"select 1": false, "(select 'into')": false, "select a into #t from b": true,
		"with x as (select 1) select * into t from x": true, "select set_config('a', 'b', false)": true,
		"insert into t values (1)": false, "create temp table t (a int)": true, "set a to b": true,
		"call p()": true, "COMMIT": false, "prepare a as select 1": true, "select '": true, "": true,
	} {
		if got := leavesState(sql); got != want {
			t.Errorf("%q: %v", sql, got)
		}
	}
}
