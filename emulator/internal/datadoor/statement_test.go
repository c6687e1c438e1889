package datadoor

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestResultShapes(t *testing.T) {
	t.Parallel()
	c := newClient(t, Limits{})
	defer c.close()
	id := c.begin("types", object{"StatementName": "shapes"})
	st := c.end(id)
	if st["Status"] != "FINISHED" || st["HasResultSet"] != true || st["ResultRows"] != 1.0 || st["RedshiftQueryId"] != 42.0 ||
		st["QueryString"] != "types" || st["ClusterIdentifier"] != "emulator" || st["Database"] != "dev" || st["ResultFormat"] != "JSON" || st["RedshiftPid"] != 1.0 {
		t.Errorf("%v", st)
	}
	out := c.call("GetStatementResult", object{"Id": id})
	records, _ := json.Marshal(out["Records"])
	const want = `[[{"booleanValue":true},{"longValue":-5},{"doubleValue":1.5},{"doubleValue":"NaN"},{"stringValue":"12.30"},{"stringValue":"a\"\n"},{"stringValue":""},{"isNull":true}]]`
	if string(records) != want {
		t.Errorf("%s", records)
	}
	columns, _ := json.Marshal(out["ColumnMetadata"].([]any)[1])
	if got := string(columns); got != `{"isCaseSensitive":false,"isCurrency":false,"isSigned":true,"label":"integer","length":0,"name":"integer","nullable":0,"precision":10,"scale":0,"schemaName":"","tableName":"calls","typeName":"int4"}` {
		t.Error(got)
	}
	numeric := out["ColumnMetadata"].([]any)[4].(object)
	if numeric["precision"] != 10.0 || numeric["scale"] != 2.0 || numeric["typeName"] != "numeric" || numeric["nullable"] != 2.0 {
		t.Errorf("%v", numeric)
	}
	if out["TotalNumRows"] != 1.0 || out["NextToken"] != nil {
		t.Errorf("%v", out)
	}
	c.refused("GetStatementResultV2", object{"Id": id}, "ValidationException", "JSON")
	id = c.begin("types", object{"ResultFormat": "CSV"})
	c.end(id)
	out = c.call("GetStatementResultV2", object{"Id": id})
	csv := out["Records"].([]any)[0].(object)["CSVRecords"]
	if csv != "boolean,integer,double precision,double precision,numeric,character varying,character varying,character varying\r\ntrue,-5,1.5,NaN,12.30,\"a\"\"\n\",\"\",\r\n" {
		t.Errorf("%q", csv)
	}
	if out["ResultFormat"] != "CSV" {
		t.Errorf("%v", out)
	}
	c.refused("GetStatementResult", object{"Id": id}, "ValidationException", "CSV")
}

func TestOutcomes(t *testing.T) {
	t.Parallel()
	c := newClient(t, Limits{})
	defer c.close()
	for _, x := range []struct {
		sql, status, err string
		rows             float64
	}{
		{"insert", "FINISHED", "", 3},
		{"copy", "FINISHED", "", 9},
		{"create", "FINISHED", "", -1},
		{"-- nothing", "FINISHED", "", -1},
		{"fail", "FAILED", "ERROR: division by zero\n  Detail: more\n  Hint: less\n  Position: 6", -1},
		{"selekt 1", "FAILED", "ERROR: syntax error at or near \"selekt\"\n  Position: 1", -1},
		{"echo $1", "FAILED", "ERROR: there is no parameter $1", -1},
		{"die", "FAILED", "FATAL: terminating connection", -1},
	} {
		id := c.begin(x.sql)
		st := c.end(id)
		if text, _ := st["Error"].(string); st["Status"] != x.status || text != x.err || st["ResultRows"] != x.rows || st["HasResultSet"] != false {
			t.Errorf("%s: %v", x.sql, st)
		}
		c.refused("GetStatementResult", object{"Id": id}, "ResourceNotFoundException", textNoResult)
		c.refused("CancelStatement", object{"Id": id}, "ValidationException", "Could not cancel a query that is already in "+x.status+" state with ID: "+id)
	}
	for _, x := range []struct {
		more object
		err  string
	}{
		{object{"Database": "nowhere"}, `FATAL: database "nowhere" does not exist`},
		{object{"DbUser": "nobody"}, `FATAL: password authentication failed for user "nobody"`},
	} {
		if st := c.end(c.begin("insert", x.more)); st["Status"] != "FAILED" || st["Error"] != x.err {
			t.Errorf("%v", st)
		}
	}
	c.end(c.begin("insert", object{"DbUser": "analyst"}))
	c.end(c.begin("insert", object{"SecretArn": "arn:aws:secretsmanager:us-east-1:123456789012:secret:x"}))
	if got := c.core.users[len(c.core.users)-2:]; got[0] != "analyst" || got[1] != "awsuser" {
		t.Errorf("%v", got)
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	c := newClient(t, Limits{})
	defer c.close()
	const n = 18_000 // some 18 MB
	id := c.begin(fmt.Sprintf("rows %d", n))
	if st := c.end(id); st["ResultRows"] != float64(n) || st["ResultSize"].(float64) < 18e6 {
		t.Fatalf("%v", st)
	}
	rows, pages, next := 0, 0, ""
	for {
		in := object{"Id": id}
		if next != "" {
			in["NextToken"] = next
		}
		out := c.call("GetStatementResult", in)
		for _, r := range out["Records"].([]any) {
			rows++
			if v := r.([]any)[0].(object)["longValue"]; v != float64(rows) {
				t.Fatalf("row %d is %v", rows, v)
			}
		}
		pages++
		if next, _ = out["NextToken"].(string); next == "" {
			break
		}
	}
	if rows != n || pages < 16 {
		t.Errorf("%d rows in %d pages", rows, pages)
	}
	other := c.begin("rows 1")
	c.end(other)
	c.refused("GetStatementResult", object{"Id": other, "NextToken": token(id, 1)}, "ValidationException", "NextToken")
	c.refused("GetStatementResult", object{"Id": id, "NextToken": token(id, 100)}, "ValidationException", "NextToken")

	id = c.begin(fmt.Sprintf("rows %d", n), object{"ResultFormat": "CSV"})
	c.end(id)
	lines, pages, next := 0, 0, ""
	for {
		out := c.call("GetStatementResultV2", object{"Id": id, "NextToken": next})
		for _, r := range out["Records"].([]any) {
			lines += strings.Count(r.(object)["CSVRecords"].(string), "\r\n")
		}
		pages++
		if next, _ = out["NextToken"].(string); next == "" {
			break
		}
	}
	if lines != n+1 || pages != 2 {
		t.Errorf("%d lines in %d pages", lines, pages)
	}
	id = c.begin("rows 0", object{"ResultFormat": "CSV"})
	c.end(id)
	if out := c.call("GetStatementResultV2", object{"Id": id}); out["Records"].([]any)[0].(object)["CSVRecords"] != "n,pad\r\n" {
		t.Errorf("%v", out)
	}
}

func TestBatch(t *testing.T) {
	t.Parallel()
	c := newClient(t, Limits{})
	defer c.close()
	batch := func(mode string, sqls ...string) object {
		in := on(object{"Sqls": sqls, "StatementName": "batch"})
		if mode != "" {
			in["ExecutionMode"] = mode
		}
		return c.end(c.call("BatchExecuteStatement", in)["Id"].(string))
	}
	st := batch("", "insert", "rows 2")
	subs := st["SubStatements"].([]any)
	id := st["Id"].(string)
	if st["Status"] != "FINISHED" || st["HasResultSet"] != true || st["ResultRows"] != -1.0 || st["RedshiftQueryId"] != 0.0 || st["ExecutionMode"] != "TRANSACTION" ||
		subs[0].(object)["ResultRows"] != 3.0 || subs[1].(object)["Id"] != id+":2" || subs[1].(object)["QueryString"] != "rows 2" {
		t.Errorf("%v", st)
	}
	if got := c.core.statements(); got != "insert; rows 2; sync" {
		t.Errorf("%s", got)
	}
	if out := c.call("GetStatementResult", object{"Id": id + ":2"}); out["TotalNumRows"] != 2.0 {
		t.Errorf("%v", out)
	}
	if sub := c.call("DescribeStatement", object{"Id": id + ":1"}); sub["Id"] != id+":1" || sub["QueryString"] != "insert" || sub["Status"] != "FINISHED" {
		t.Errorf("%v", sub)
	}
	c.refused("GetStatementResult", object{"Id": id}, "ResourceNotFoundException", textNoResult)
	c.refused("GetStatementResult", object{"Id": id + ":1"}, "ResourceNotFoundException", textNoResult)
	c.refused("DescribeStatement", object{"Id": id + ":3"}, "ResourceNotFoundException", textNoQuery)

	st = batch("", "insert", "fail", "insert")
	states := func(st object) string {
		var s []string
		for _, sub := range st["SubStatements"].([]any) {
			s = append(s, sub.(object)["Status"].(string))
		}
		return strings.Join(s, " ")
	}
	if st["Status"] != "FAILED" || states(st) != "FINISHED FAILED ABORTED" || !strings.HasPrefix(st["Error"].(string), "Query #2 failed with ERROR: division by zero") {
		t.Errorf("%v", st)
	}
	st = batch("AUTO_COMMIT", "insert", "fail", "rows 1")
	if st["Status"] != "FAILED" || states(st) != "FINISHED FAILED FINISHED" || st["ExecutionMode"] != "AUTO_COMMIT" {
		t.Errorf("%v", st)
	}
	if out := c.call("GetStatementResult", object{"Id": st["Id"].(string) + ":3"}); out["TotalNumRows"] != 1.0 {
		t.Errorf("%v", out)
	}
	if got := c.core.statements(); !strings.HasSuffix(got, "insert; sync; fail; sync; rows 1; sync") {
		t.Errorf("%s", got)
	}
	in := on(object{"Sqls": []string{"echo :a", "echo :b"}, "Parameters": []object{{"name": "a", "value": "1"}, {"name": "b", "value": "2"}}})
	if st := c.end(c.call("BatchExecuteStatement", in)["Id"].(string)); st["Status"] != "FINISHED" {
		t.Errorf("%v", st)
	}
	list := c.call("ListStatements", object{"StatementName": "batch", "Status": "ALL"})["Statements"].([]any)
	if len(list) != 3 || list[0].(object)["IsBatchStatement"] != true || len(list[0].(object)["QueryStrings"].([]any)) != 3 {
		t.Errorf("%v", list)
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, Limits{})
		defer c.close()
		id := c.begin("hang")
		synctest.Wait()
		if st := c.call("DescribeStatement", object{"Id": id}); st["Status"] != "STARTED" {
			t.Errorf("%v", st)
		}
		c.refused("GetStatementResult", object{"Id": id}, "ResourceNotFoundException", textNoResult)
		began := time.Now()
		if st := c.call("DescribeStatement", object{"Id": id, "WaitTimeSeconds": 20}); st["Status"] != "STARTED" || time.Since(began) != 20*time.Second {
			t.Errorf("after %v: %v", time.Since(began), st)
		}
		if out := c.call("CancelStatement", object{"Id": id}); out["Status"] != true {
			t.Errorf("%v", out)
		}
		if st := c.call("DescribeStatement", object{"Id": id}); st["Status"] != "ABORTED" || st["Duration"] != 20e9 {
			t.Errorf("%v", st)
		}
		c.refused("CancelStatement", object{"Id": id}, "ValidationException", "already in ABORTED state")
		in := on(object{"Sqls": []string{"insert", "hang", "insert"}})
		batch := c.call("BatchExecuteStatement", in)["Id"].(string)
		synctest.Wait()
		c.refused("CancelStatement", object{"Id": batch + ":2"}, "ValidationException", "sub-statement")
		c.call("CancelStatement", object{"Id": batch})
		if st := c.end(batch); st["Status"] != "ABORTED" || st["SubStatements"].([]any)[2].(object)["Status"] != "ABORTED" || st["SubStatements"].([]any)[0].(object)["Status"] != "FINISHED" {
			t.Errorf("%v", st)
		}
	})
}

func TestTokens(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, Limits{})
		defer c.close()
		in := object{"ClientToken": "once", "SessionKeepAliveSeconds": 10}
		first := c.begin("insert", in)
		if again := c.begin("insert", in); again != first {
			t.Errorf("%s is not %s", again, first)
		}
		if again := c.begin("insert", in, object{"WaitTimeSeconds": 1}); again != first {
			t.Errorf("%s is not %s", again, first)
		}
		c.refused("ExecuteStatement", on(object{"Sql": "copy", "ClientToken": "once"}), "ValidationException", "ClientToken")
		c.end(first)
		if n := strings.Count(c.core.statements(), "insert"); n != 1 {
			t.Errorf("the statement has run %d times", n)
		}
		time.Sleep(8 * time.Hour)
		if again := c.begin("insert", in); again == first {
			t.Error("the token is remembered for more than 8 hours")
		}
	})
}

func TestClose(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, Limits{})
		c.begin("insert", object{"SessionKeepAliveSeconds": 1000})
		hang := c.begin("hang")
		synctest.Wait()
		waited := make(chan object, 1)
		go func() { waited <- c.end(hang) }()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		began := time.Now()
		closed := make(chan error, 1)
		go func() { closed <- c.door.Close(ctx) }()
		synctest.Wait()
		if st := <-waited; st["Status"] != "STARTED" || !time.Now().Equal(began) {
			t.Errorf("who waits is not answered at once: %v", st)
		}
		c.refused("ExecuteStatement", on(object{"Sql": "insert"}), "ServiceUnavailable", "shutting down")
		if err := <-closed; err != nil || time.Since(began) != time.Minute {
			t.Errorf("Close took %v: %v", time.Since(began), err)
		}
		if st := c.call("DescribeStatement", object{"Id": hang}); st["Status"] != "FAILED" {
			t.Errorf("%v", st)
		}
		c.close()
	})
}
