package datadoor

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestSessions(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, Limits{})
		defer c.close()
		in := on(object{"Sql": "insert", "SessionKeepAliveSeconds": 60})
		id := c.call("ExecuteStatement", in)["SessionId"].(string)
		synctest.Wait()
		status := func() any {
			return c.call("ListSessions", object{"SessionId": id})["Sessions"].([]any)[0].(object)["Status"]
		}
		if status() != "AVAILABLE" || c.core.sessions() != 1 {
			t.Errorf("%v, %d sessions", status(), c.core.sessions())
		}
		again := object{"Sql": "insert", "SessionId": id}
		time.Sleep(59 * time.Second)
		out := c.call("ExecuteStatement", again)
		if out["SessionId"] != id || out["Database"] != "dev" || out["ClusterIdentifier"] != "emulator" {
			t.Errorf("%v", out)
		}
		if st := c.end(out["Id"].(string)); st["RedshiftPid"] != 1.0 || st["SessionId"] != id {
			t.Errorf("%v", st)
		}
		c.refused("ExecuteStatement", on(again), "ValidationException", "SessionId can't be specified with")
		c.refused("ExecuteStatement", object{"Sql": "insert", "SessionId": "d9b6c0c9-0747-4bf4-b142-e8883122f766"}, "ValidationException", "Session with Id: d9b6c0c9-0747-4bf4-b142-e8883122f766 is invalid")
		c.refused("ExecuteStatement", object{"Sql": "insert", "SessionId": "D"}, "ValidationException", "sessionId")

		hang := c.call("ExecuteStatement", object{"Sql": "hang", "SessionId": id})["Id"].(string)
		synctest.Wait()
		c.refused("ExecuteStatement", again, "ValidationException", "Session is busy")
		if status() != "BUSY" {
			t.Errorf("%v", status())
		}
		time.Sleep(5 * time.Minute) // a busy session does not expire
		c.call("CancelStatement", object{"Id": hang})
		c.end(c.call("ExecuteStatement", again)["Id"].(string))
		time.Sleep(61 * time.Second)
		if status() != "CLOSED" || c.core.sessions() != 0 {
			t.Errorf("%v, %d sessions", status(), c.core.sessions())
		}
		c.refused("ExecuteStatement", again, "ValidationException", textDead)
		if list := c.call("ListSessions", nil)["Sessions"].([]any); len(list) != 0 {
			t.Errorf("%v", list)
		}
		if list := c.call("ListSessions", object{"Status": "CLOSED", "ClusterIdentifier": "emulator"})["Sessions"].([]any); len(list) != 1 {
			t.Errorf("%v", list)
		}
		time.Sleep(24 * time.Hour)
		c.refused("ListSessions", object{"SessionId": id}, "ResourceNotFoundException", "Session")
	})
}

func TestSessionEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, Limits{Sessions: 2})
		defer c.close()
		in := on(object{"Sql": "insert", "SessionKeepAliveSeconds": 86400})
		open := func() string { return c.call("ExecuteStatement", in)["SessionId"].(string) }
		id, other := open(), open()
		c.refused("ExecuteStatement", in, "ActiveSessionsExceededException", "(2)")
		synctest.Wait()
		// A keep-alive of 0 ends a session, and so does a FATAL error.
		c.end(c.call("ExecuteStatement", object{"Sql": "insert", "SessionId": id, "SessionKeepAliveSeconds": 0})["Id"].(string))
		c.end(c.call("ExecuteStatement", object{"Sql": "die", "SessionId": other})["Id"].(string))
		synctest.Wait()
		if n := c.core.sessions(); n != 0 {
			t.Errorf("%d sessions", n)
		}
		c.refused("ExecuteStatement", object{"Sql": "insert", "SessionId": other}, "ValidationException", textDead)
		// "After 24 hours, the session is forced closed and the query is terminated."
		id = open()
		synctest.Wait()
		hang := c.call("ExecuteStatement", object{"Sql": "hang", "SessionId": id})["Id"].(string)
		time.Sleep(24 * time.Hour)
		synctest.Wait()
		if n := c.core.sessions(); n != 0 {
			t.Errorf("%d sessions", n)
		}
		c.refused("ExecuteStatement", object{"Sql": "insert", "SessionId": id}, "ValidationException", "Session")
		c.refused("DescribeStatement", object{"Id": hang}, "ResourceNotFoundException", textNoQuery)
	})
}

// TestTerminated: a kept session that another one ends is closed at once.
func TestTerminated(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, Limits{})
		defer c.close()
		id := c.call("ExecuteStatement", on(object{"Sql": "insert", "SessionKeepAliveSeconds": 60}))["SessionId"].(string)
		synctest.Wait()
		c.core.terminate()
		synctest.Wait()
		if n := c.core.sessions(); n != 0 {
			t.Errorf("%d sessions", n)
		}
		c.refused("ExecuteStatement", object{"Sql": "insert", "SessionId": id}, "ValidationException", textDead)
	})
}

// "The maximum duration of a query is 24 hours."
func TestLongestQuery(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, Limits{})
		defer c.close()
		c.begin("hang")
		time.Sleep(24*time.Hour + time.Minute)
		if n := c.core.sessions(); n != 0 {
			t.Errorf("%d sessions", n)
		}
	})
}

func TestRetention(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, Limits{})
		defer c.close()
		id := c.begin("rows 3")
		time.Sleep(24*time.Hour - time.Second)
		if out := c.call("GetStatementResult", object{"Id": id}); out["TotalNumRows"] != 3.0 {
			t.Errorf("%v", out)
		}
		time.Sleep(time.Second)
		c.refused("DescribeStatement", object{"Id": id}, "ResourceNotFoundException", textNoQuery)
		synctest.Wait()
		if c.door.kept != 0 || len(c.door.statements) != 0 || len(c.door.order) != 0 {
			t.Errorf("%d bytes, %d statements", c.door.kept, len(c.door.statements))
		}
	})
}

func TestLimits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, Limits{ActiveStatements: 2, Result: 2 << 20, Kept: 3 << 20, Rates: map[string]float64{"DescribeStatement": 5}})
		defer c.close()
		first, second := c.begin("hang"), c.begin("hang")
		c.refused("ExecuteStatement", on(object{"Sql": "insert"}), "ActiveStatementsExceededException", "Active statements exceeded the allowed quota (2).")
		synctest.Wait()
		c.call("CancelStatement", object{"Id": first})
		for range 5 {
			c.call("DescribeStatement", object{"Id": second})
		}
		c.refused("DescribeStatement", object{"Id": second}, "ThrottlingException", "Rate exceeded")
		time.Sleep(200 * time.Millisecond)
		c.call("DescribeStatement", object{"Id": second})
		time.Sleep(time.Minute)
		if st := c.end(c.begin("rows 3000")); st["Status"] != "FAILED" {
			t.Errorf("%v", st)
		}
		old := c.begin("rows 1800")
		c.end(old)
		c.call("GetStatementResult", object{"Id": old})
		c.end(c.begin("rows 1800"))
		c.refused("GetStatementResult", object{"Id": old}, "ResourceNotFoundException", textNoResult)
	})
}
