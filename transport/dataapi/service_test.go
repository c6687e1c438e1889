package dataapi

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/llm-dev-ops/redshift/transport"
)

// bubble runs a test in time of its own; the fakeAWS answers without a network.
func bubble(t *testing.T, change func(*Config), test func(*testing.T, *fakeAWS, transport.Transport)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newFakeAWS()
		cfg := Config{
			Workgroup: "w", Database: "dev", Region: "eu-west-1",
			Account: rand.Text(), // what the process shares is of this bubble
			AWS: aws.Config{
				Credentials: credentials.NewStaticCredentialsProvider("AKID", "secret", ""),
				HTTPClient:  &http.Client{Transport: s},
			},
		}
		if change != nil {
			change(&cfg)
		}
		tr, err := Open(cfg)
		if err != nil {
			t.Fatal(err)
		}
		test(t, s, tr)
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := tr.Close(ctx); err != nil {
			t.Errorf("close: %v", err)
		}
	})
}

func lease(t *testing.T, tr transport.Transport, pinned bool) transport.Session {
	t.Helper()
	x, err := tr.Open(t.Context(), transport.OpenOptions{Pinned: pinned})
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func closeSession(t *testing.T, x transport.Session) {
	t.Helper()
	if err := x.Close(context.Background(), transport.Keep); err != nil {
		t.Errorf("close of the session: %v", err)
	}
}

// query runs a statement and gives the first column of its rows.
func query(t *testing.T, x transport.Session, stmt transport.Statement) []string {
	t.Helper()
	run, err := x.Start(t.Context(), stmt)
	if err != nil {
		t.Fatalf("start of %q: %v", stmt.SQL, err)
	}
	res, err := run.Result(t.Context())
	if err != nil {
		t.Fatalf("result of %q: %v", stmt.SQL, err)
	}
	var out []string
	for res.Next() {
		out = append(out, string(res.Raw()[0]))
	}
	if err := res.Close(); err != nil {
		t.Fatalf("rows of %q: %v", stmt.SQL, err)
	}
	return out
}

const one = "select 1 as one"

func TestUnpinnedStatementsStandAlone(t *testing.T) {
	bubble(t, nil, func(t *testing.T, s *fakeAWS, tr transport.Transport) {
		x := lease(t, tr, false)
		defer closeSession(t, x)
		query(t, x, transport.Statement{SQL: one, Label: "nightly", Token: strings.Repeat("t", 65)})
		in := s.last("ExecuteStatement")
		if in.SessionId != "" || in.SessionKeepAliveSeconds != nil || in.WorkgroupName != "w" || in.Database != "dev" {
			t.Errorf("sent %+v", in)
		}
		if in.StatementName != "nightly" || len(in.ClientToken) != 64 {
			t.Errorf("name %q, token %q", in.StatementName, in.ClientToken)
		}
	})
}

func TestPinnedStatementsShareASession(t *testing.T) {
	bubble(t, nil, func(t *testing.T, s *fakeAWS, tr transport.Transport) {
		x := lease(t, tr, true)
		defer closeSession(t, x)
		query(t, x, transport.Statement{SQL: one})
		if in := s.last("ExecuteStatement"); in.SessionKeepAliveSeconds == nil || *in.SessionKeepAliveSeconds != 300 {
			t.Errorf("sent %+v", in)
		}
		query(t, x, transport.Statement{SQL: one})
		if in := s.last("ExecuteStatement"); in.SessionId == "" || in.WorkgroupName != "" {
			t.Errorf("sent %+v", in)
		}
		if info := x.Info(); info.PID != 4711 || info.ID == "" {
			t.Errorf("info %+v", info)
		}
	})
}

// A query group and a time limit are SET in a session, once.
func TestSettings(t *testing.T) {
	bubble(t, nil, func(t *testing.T, s *fakeAWS, tr transport.Transport) {
		x := lease(t, tr, false)
		defer closeSession(t, x)
		for _, stmt := range []transport.Statement{
			{SQL: one, QueryGroup: "it's", Timeout: 90 * time.Second},
			{SQL: one, QueryGroup: "it's", Timeout: 90 * time.Second},
			{SQL: one},
			{SQL: one, QueryGroup: "b"},
		} {
			query(t, x, stmt)
		}
		want := []string{
			"SET query_group TO 'it''s'", "SET statement_timeout TO 90000", one, one,
			"RESET statement_timeout", one, "SET query_group TO 'b'", one,
		}
		if got := s.done("ExecuteStatement"); !slices.Equal(got, want) {
			t.Errorf("ran %q", got)
		}
	})
}

// What was SET in a transaction is forgotten with it.
func TestSettingsEndWithTheirTransaction(t *testing.T) {
	bubble(t, nil, func(t *testing.T, s *fakeAWS, tr transport.Transport) {
		x := lease(t, tr, true)
		defer closeSession(t, x)
		for _, stmt := range []transport.Statement{{SQL: "BEGIN"}, {SQL: one, QueryGroup: "a"}, {SQL: "ROLLBACK"}, {SQL: one, QueryGroup: "a"}} {
			query(t, x, stmt)
		}
		want := []string{"BEGIN", "SET query_group TO 'a'", one, "ROLLBACK", "SET query_group TO 'a'", one}
		if got := s.done("ExecuteStatement"); !slices.Equal(got, want) {
			t.Errorf("ran %q", got)
		}
	})
}

func TestCallsAreRepeated(t *testing.T) {
	bubble(t, nil, func(t *testing.T, s *fakeAWS, tr transport.Transport) {
		s.fail("ExecuteStatement", throttle, fault{code: "ActiveStatementsExceededException", message: "too many"}, internal, vanished)
		s.fail("DescribeStatement", append(many(throttle, 3), internal, vanished)...)
		s.fail("GetStatementResult", throttle, vanished)
		x := lease(t, tr, false)
		defer closeSession(t, x)
		if got := query(t, x, transport.Statement{SQL: one}); !slices.Equal(got, []string{"1"}) {
			t.Errorf("got %q", got)
		}
		if len(s.statements) != 1 {
			t.Errorf("the statement ran %d times", len(s.statements))
		}
	})
}

func TestRetryingEnds(t *testing.T) {
	bubble(t, nil, func(t *testing.T, s *fakeAWS, tr transport.Transport) {
		x := lease(t, tr, true)
		defer closeSession(t, x)
		began := time.Now()
		s.fail("ExecuteStatement", many(throttle, 1000)...)
		_, err := x.Start(t.Context(), transport.Statement{SQL: one})
		var lost *transport.LostError
		if !errors.As(err, &lost) || lost.Sent {
			t.Errorf("got %v", err)
		}
		if d := time.Since(began); d < time.Minute || d > 2*time.Minute {
			t.Errorf("given up after %v", d)
		}
		s.faults["ExecuteStatement"] = nil
		query(t, x, transport.Statement{SQL: one})

		// The same for a call whose outcome is unknown.
		s.fail("ExecuteStatement", many(vanished, 1000)...)
		if _, err = x.Start(t.Context(), transport.Statement{SQL: one}); !errors.As(err, &lost) || !lost.Sent {
			t.Errorf("got %v", err)
		}
		if x.State() != transport.StateBroken {
			t.Errorf("the session is %v", x.State())
		}
	})
}

// That a question stays unanswered says nothing about the statement.
func TestWaitOutlivesAnOutage(t *testing.T) {
	bubble(t, nil, func(t *testing.T, s *fakeAWS, tr transport.Transport) {
		x := lease(t, tr, false)
		defer closeSession(t, x)
		run, err := x.Start(t.Context(), transport.Statement{SQL: one})
		if err != nil {
			t.Fatal(err)
		}
		s.fail("DescribeStatement", many(internal, 1000)...)
		var lost *transport.LostError
		if err := run.Wait(t.Context()); !errors.As(err, &lost) || !lost.Sent {
			t.Errorf("got %v", err)
		}
		if x.State() != transport.StateBusy {
			t.Errorf("the session is %v", x.State())
		}
		s.faults["DescribeStatement"] = nil
		if err := run.Wait(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestPollingSlowsDown(t *testing.T) {
	bubble(t, nil, func(t *testing.T, s *fakeAWS, tr transport.Transport) {
		x := lease(t, tr, false)
		defer closeSession(t, x)
		run, err := x.Start(t.Context(), transport.Statement{SQL: slow})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
		defer cancel()
		if err := run.Wait(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		// 10 minutes at 5 s ± a quarter, and about ten questions before.
		if n := len(s.done("DescribeStatement")); n < 100 || n > 180 {
			t.Errorf("%d questions", n)
		}
		if err := run.Cancel(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// The end of Start's context stops the statement that nobody would get a
// handle of.
func TestStartThatIsGivenUp(t *testing.T) {
	bubble(t, nil, func(t *testing.T, s *fakeAWS, tr transport.Transport) {
		for _, sql := range []string{slow, one} {
			x := lease(t, tr, true)
			ctx, cancel := context.WithCancel(t.Context())
			s.fail("ExecuteStatement", fault{do: cancel})
			_, err := x.Start(ctx, transport.Statement{SQL: sql})
			var lost *transport.LostError
			if !errors.Is(err, context.Canceled) || errors.As(err, &lost) != (sql == one) {
				t.Errorf("%s: got %v", sql, err)
			}
			if st := x.State(); st != transport.StateIdle {
				t.Errorf("%s: the session is %v", sql, st)
			}
			closeSession(t, x)
		}
		for _, st := range s.statements {
			if st.status != "ABORTED" && st.status != "FINISHED" {
				t.Errorf("%s is %s", st.sql, st.status)
			}
		}
	})
}

func TestExpiredSession(t *testing.T) {
	bubble(t, nil, func(t *testing.T, s *fakeAWS, tr transport.Transport) {
		x := lease(t, tr, true)
		defer closeSession(t, x)
		query(t, x, transport.Statement{SQL: one})
		s.expire()
		_, err := x.Start(t.Context(), transport.Statement{SQL: one})
		var lost *transport.LostError
		if !errors.As(err, &lost) || !lost.SafeToRetry() || x.State() != transport.StateBroken {
			t.Errorf("got %v, the session is %v", err, x.State())
		}
	})
}

func TestRefusals(t *testing.T) {
	bubble(t, nil, func(t *testing.T, s *fakeAWS, tr transport.Transport) {
		x := lease(t, tr, false)
		defer closeSession(t, x)
		for code, stage := range map[string]string{
			"AccessDeniedException": "credentials", "ExpiredTokenException": "credentials", "DatabaseConnectionException": "login",
		} {
			s.fail("ExecuteStatement", fault{code: code, message: "no", status: 400})
			_, err := x.Start(t.Context(), transport.Statement{SQL: one})
			var c *transport.ConnectError
			if !errors.As(err, &c) || c.Stage != stage || !strings.Contains(c.Addr, "redshift-data.eu-west-1") {
				t.Errorf("%s: got %v", code, err)
			}
		}
		s.fail("ExecuteStatement", fault{code: "ValidationException", message: "no such thing"})
		_, err := x.Start(t.Context(), transport.Statement{SQL: one})
		var server *transport.ServerError
		if !errors.As(err, &server) || server.Message != "no such thing" {
			t.Errorf("got %v", err)
		}
		for _, stmt := range []transport.Statement{
			{SQL: strings.Repeat("x", maxStatement+1)}, {SQL: one, Label: strings.Repeat("x", maxLabel+1)}, {SQL: "select $1"},
		} {
			if _, err := x.Start(t.Context(), stmt); err == nil {
				t.Errorf("%.20q was sent", stmt.SQL)
			}
		}
		query(t, x, transport.Statement{SQL: one})
	})
}

// Without credentials nothing is sent, and the error says what is missing.
func TestNoCredentials(t *testing.T) {
	none := aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{}, errors.New("no credentials here")
	})
	bubble(t, func(c *Config) { c.AWS.Credentials = none }, func(t *testing.T, s *fakeAWS, tr transport.Transport) {
		x := lease(t, tr, false)
		defer closeSession(t, x)
		_, err := x.Start(t.Context(), transport.Statement{SQL: one})
		var c *transport.ConnectError
		if !errors.As(err, &c) || c.Stage != "credentials" || len(s.calls) != 0 {
			t.Errorf("got %v after %q", err, s.calls)
		}
	})
}

// A kept statement outlives its session, another is cancelled with it.
func TestKeep(t *testing.T) {
	bubble(t, nil, func(t *testing.T, s *fakeAWS, tr transport.Transport) {
		for _, keep := range []bool{true, false} {
			x := lease(t, tr, false)
			run, err := x.Start(t.Context(), transport.Statement{SQL: slow, Keep: keep})
			if err != nil {
				t.Fatal(err)
			}
			closeSession(t, x)
			again, err := tr.Attach(t.Context(), run.ID())
			if err != nil {
				t.Fatal(err)
			}
			st, err := again.Status(t.Context())
			if want := map[bool]transport.Phase{true: transport.PhaseRunning, false: transport.PhaseCancelled}[keep]; err != nil || st.Phase != want {
				t.Errorf("keep %v: %+v, %v", keep, st, err)
			}
			if err := again.Cancel(t.Context()); err != nil {
				t.Error(err)
			}
			err = run.Wait(t.Context())
			var server *transport.ServerError
			if keep && (!errors.As(err, &server) || server.SQLState != "57014") || !keep && !errors.Is(err, transport.ErrClosed) {
				t.Errorf("keep %v: %v", keep, err)
			}
		}
		if _, err := tr.Attach(t.Context(), "nobody"); err == nil || !strings.Contains(err.Error(), "24 hours") {
			t.Errorf("got %v", err)
		}
	})
}

// A session that is given back inside a transaction leaves no locks.
func TestCloseRollsBack(t *testing.T) {
	bubble(t, nil, func(t *testing.T, s *fakeAWS, tr transport.Transport) {
		x := lease(t, tr, true)
		query(t, x, transport.Statement{SQL: "BEGIN"})
		if _, err := x.Start(t.Context(), transport.Statement{SQL: slow}); err != nil {
			t.Fatal(err)
		}
		closeSession(t, x)
		if got := s.done("ExecuteStatement"); got[len(got)-1] != "ROLLBACK" {
			t.Errorf("ran %q", got)
		}
	})
}

func TestCloseOfTheTransportCancels(t *testing.T) {
	bubble(t, nil, func(t *testing.T, s *fakeAWS, tr transport.Transport) {
		x := lease(t, tr, false)
		run, err := x.Start(t.Context(), transport.Statement{SQL: slow})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := tr.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		if st := s.statements[run.ID()]; st.status != "ABORTED" {
			t.Errorf("the statement is %s", st.status)
		}
		if st := tr.Stats(); st.InUse != 0 || st.Open != 0 {
			t.Errorf("stats %+v", st)
		}
	})
}

func TestLeasesAreBounded(t *testing.T) {
	bubble(t, func(c *Config) { c.MaxSessions = 1 }, func(t *testing.T, _ *fakeAWS, tr transport.Transport) {
		x := lease(t, tr, false)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := tr.Open(ctx, transport.OpenOptions{}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		go func() {
			time.Sleep(time.Second)
			closeSession(t, x)
		}()
		closeSession(t, lease(t, tr, false))
		if st := tr.Stats(); st.Max != 1 || st.Waits != 2 || st.WaitTime != 2*time.Second || st.Leases != 2 || st.Waiting != 0 {
			t.Errorf("stats %+v", st)
		}
	})
}

func TestValidate(t *testing.T) {
	t.Parallel()
	ok := Config{
		Cluster: "c", Database: "dev",
		AWS: aws.Config{Region: "eu-west-1", Credentials: credentials.NewStaticCredentialsProvider("a", "b", "")},
	}
	if err := ok.Validate(); err != nil {
		t.Fatal(err)
	}
	for field, change := range map[string]func(*Config){
		"Config.Workgroup":       func(c *Config) { c.Workgroup = "w" },
		"Config.Cluster":         func(c *Config) { c.Cluster = "" },
		"Config.Database":        func(c *Config) { c.Database = "" },
		"Config.DbUser":          func(c *Config) { c.DbUser, c.SecretARN = "u", "arn" },
		"Config.Region":          func(c *Config) { c.AWS.Region = "" },
		"Config.AWS.Credentials": func(c *Config) { c.AWS.Credentials = nil },
		"Config.MaxSessions":     func(c *Config) { c.MaxSessions = -1 },
		"Config.KeepAlive":       func(c *Config) { c.KeepAlive = 25 * time.Hour },
		"Config.PollMax":         func(c *Config) { c.PollMax = time.Millisecond },
		"Config.CallTimeout":     func(c *Config) { c.CallTimeout = -1 },
		"Config.RetryTime":       func(c *Config) { c.RetryTime = -1 },
		"Config.CancelTime":      func(c *Config) { c.CancelTime = -1 },
		"Config.Endpoint":        func(c *Config) { c.Endpoint = "localhost:80" },
	} {
		c := ok
		change(&c)
		if _, err := Open(c); err == nil || !strings.Contains(err.Error(), field) {
			t.Errorf("%s: %v", field, err)
		}
	}
}
