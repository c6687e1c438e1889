package datadoor

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestRefusals(t *testing.T) {
	t.Parallel()
	c := newClient(t, Limits{})
	defer c.close()
	long := strings.Repeat("x", 200<<10+1)
	param := func(kv ...string) []object {
		var list []object
		for i := 0; i < len(kv); i += 2 {
			list = append(list, object{"name": kv[i], "value": kv[i+1]})
		}
		return list
	}
	for _, x := range []struct {
		in      object
		message string
	}{
		{object{"Sql": "insert"}, "Either ClusterIdentifier or WorkgroupName needs to be specified."},
		{object{"Sql": "insert", "ClusterIdentifier": "emulator"}, "Database"},
		{object{"Sql": "insert", "ClusterIdentifier": "other", "Database": "dev"}, "Redshift endpoint doesn't exist in this region."},
		{object{"Sql": "insert", "WorkgroupName": "other", "Database": "dev"}, "Redshift endpoint doesn't exist in this region."},
		{on(object{"Sql": "insert", "WorkgroupName": "emulator"}), "WorkgroupName"},
		{object{"Sql": "insert", "WorkgroupName": "emulator", "Database": "dev", "DbUser": "awsuser"}, "DbUser"},
		{on(object{"Sql": "insert", "DbUser": "awsuser", "SecretArn": "x"}), "SecretArn"},
		{on(object{"Sql": "insert", "ClusterIdentifier": "Other"}), "clusterIdentifier"},
		{on(object{}), "Value null at 'sql'"},
		{on(object{"Sql": " "}), "SQL statement cannot be empty."},
		{on(object{"Sql": "a\x00b"}), "sql"},
		{on(object{"Sql": long}), "200 kB"},
		{on(object{"Sql": "insert", "ClientToken": strings.Repeat("t", 65)}), "clientToken"},
		{on(object{"Sql": "insert", "ClientToken": ""}), "clientToken"},
		{on(object{"Sql": "insert", "StatementName": strings.Repeat("n", 2049)}), "statementName"},
		{on(object{"Sql": "insert", "SessionKeepAliveSeconds": 86401}), "sessionKeepAliveSeconds"},
		{on(object{"Sql": "insert", "WaitTimeSeconds": 31}), "waitTimeSeconds"},
		{on(object{"Sql": "insert", "ResultFormat": "XML"}), "resultFormat"},
		{on(object{"Sql": "echo :a", "Parameters": param("a", "1", "id", "2")}), "Parameters list contains unused parameters. Unused parameters: [id]"},
		{on(object{"Sql": "unload (':a')", "Parameters": param("a", "1")}), "Unused parameters: [a]"},
		{on(object{"Sql": "echo :a", "Parameters": param("a", "")}), "parameters.1.member.value"},
		{on(object{"Sql": "echo :a", "Parameters": param(":a", "1")}), "parameters.1.member.name"},
		{on(object{"Sql": "echo :a", "Parameters": param("a", "1", "a", "2")}), "duplicate"},
	} {
		c.refused("ExecuteStatement", x.in, "ValidationException", x.message)
	}
	c.refused("BatchExecuteStatement", on(object{"Sqls": []string{}}), "ValidationException", "sqls")
	c.refused("BatchExecuteStatement", on(object{"Sqls": make([]string, 41)}), "ValidationException", "sqls")
	c.refused("BatchExecuteStatement", on(object{"Sqls": []string{"insert"}, "ExecutionMode": "X"}), "ValidationException", "executionMode")
	for _, op := range []string{"DescribeStatement", "GetStatementResult", "GetStatementResultV2", "CancelStatement"} {
		c.refused(op, object{"Id": "no"}, "ValidationException", textID)
		c.refused(op, object{"Id": "d9b6c0c9-0747-4bf4-b142-e8883122f766"}, "ResourceNotFoundException", textNoQuery)
	}
	if n := len(c.core.statements()); n != 0 {
		t.Errorf("what was refused has run: %s", c.core.statements())
	}
	st := c.end(c.call("ExecuteStatement", object{"Sql": "insert", "WorkgroupName": "emulator", "Database": "dev"})["Id"].(string))
	if st["WorkgroupName"] != "emulator" || st["ClusterIdentifier"] != nil || st["Status"] != "FINISHED" {
		t.Errorf("%v", st)
	}
	out := c.call("ExecuteStatement", on(object{"Sql": "rows 1", "WaitTimeSeconds": 30}))
	if out["Status"] != "FINISHED" || out["HasResultSet"] != true || out["RedshiftPid"] == nil {
		t.Errorf("%v", out)
	}
}

func TestNumber(t *testing.T) {
	t.Parallel()
	a, b := parameter{"a", "1"}, parameter{"b", "2"}
	for _, x := range []struct {
		sql, text string
		params    []parameter
		used      string
	}{
		{"select :a", "select  $1 ", []parameter{a}, "a"},
		{"select :b,:a+:b", "select  $1 , $2 + $1 ", []parameter{a, b}, "b a"},
		{"select :a::int", "select  $1 ::int", []parameter{a}, "a"},
		{"select ':a', \":a\", :ab -- :a\n/* :a */, x::a", "select ':a', \":a\", :ab -- :a\n/* :a */, x::a", []parameter{a}, ""},
		{"select :a", "select :a", nil, ""},
		{"select :1", "select  $1 ", []parameter{{"1", "x"}}, "1"},
		{"select :1a.b", "select  $1 .b", []parameter{{"1a", "x"}}, "1a"},
		{"x:a'b'", "x $1 'b'", []parameter{a}, "a"},
		{"select ':a", "select ':a", []parameter{a}, ""},
	} {
		n := number(x.sql, x.params)
		if n.text != x.text || strings.Join(n.used, " ") != x.used {
			t.Errorf("%q: %q with %v", x.sql, n.text, n.used)
		}
	}
	n := number("sélect :a, :b from nowhere", []parameter{a, b})
	if at := n.original(strings.Index(n.text, "nowhere")); at != len("sélect :a, :b from ")-1+1 {
		t.Errorf("nowhere is at %d", at)
	}
	if got := n.values([]parameter{b, a}); string(got[0]) != "1" || string(got[1]) != "2" {
		t.Errorf("%q", got)
	}
	if !number("select $1, :a", []parameter{a}).foreign {
		t.Error("a number of the statement's own is not noticed")
	}
}

func TestLike(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		pattern, name string
		want          bool
	}{
		{"", "any", true},
		{"%", "", true},
		{"sales", "sales", true},
		{"sales", "sales_2026", false},
		{"sales%", "sales_2026", true},
		{"%2026", "sales_2026", true},
		{"%a%e%", "sales", true},
		{"s_les", "sáles", true},
		{"s_les", "sles", false},
		{`sales\_2026`, "sales_2026", true},
		{`sales\_2026`, "salesx2026", false},
		{"%%x", "abc", false},
		{"a%b%c", "aXbXbXc", true},
	} {
		if got := like(x.pattern, x.name); got != x.want {
			t.Errorf("%q like %q is %v", x.name, x.pattern, got)
		}
	}
}

func TestCatalog(t *testing.T) {
	t.Parallel()
	c := newClient(t, Limits{})
	defer c.close()
	text := func(v any) string {
		var b strings.Builder
		for _, x := range v.([]any) {
			if m, ok := x.(object); ok {
				b.WriteString(m["schema"].(string) + "." + m["name"].(string) + ":" + m["type"].(string) + " ")
				continue
			}
			b.WriteString(x.(string) + " ")
		}
		return strings.TrimSpace(b.String())
	}
	for _, x := range []struct {
		op, member string
		in         object
		want       string
	}{
		{"ListDatabases", "Databases", nil, "dev prod"},
		{"ListSchemas", "Schemas", nil, "public sales_2026"},
		{"ListSchemas", "Schemas", object{"SchemaPattern": "s%"}, "sales_2026"},
		{"ListSchemas", "Schemas", object{"Database": "prod", "ConnectedDatabase": "dev"}, "other"},
		{"ListTables", "Tables", object{"SchemaPattern": "pg_catalog", "TablePattern": "st__recents"}, "pg_catalog.stv_recents:SYSTEM TABLE"},
		{"ListTables", "Tables", object{"SchemaPattern": "information%", "TablePattern": "tables"}, "information_schema.tables:SYSTEM VIEW"},
		{"ListTables", "Tables", object{"TablePattern": "c_lls"}, "public.calls:TABLE"},
		{"ListTables", "Tables", object{"SchemaPattern": "%_2026", "TablePattern": "ord%"}, "sales_2026.orders:VIEW"},
		{"ListTables", "Tables", object{"TablePattern": "nothing"}, ""},
	} {
		in := on(nil)
		for k, v := range x.in {
			in[k] = v
		}
		if got := text(c.call(x.op, in)[x.member]); got != x.want {
			t.Errorf("%s %v: %s", x.op, x.in, got)
		}
	}
	out := c.call("ListTables", on(object{"MaxResults": 1, "TablePattern": "%s"}))
	if text(out["Tables"]) != "information_schema.columns:SYSTEM VIEW" {
		t.Errorf("%v", out)
	}
	out = c.call("ListTables", on(object{"MaxResults": 1000, "TablePattern": "%s", "NextToken": out["NextToken"]}))
	if got := text(out["Tables"]); !strings.HasSuffix(got, " public.calls:TABLE sales_2026.orders:VIEW") || strings.Contains(got, "information_schema.columns:") || out["NextToken"] != nil {
		t.Errorf("%v", out)
	}
	out = c.call("DescribeTable", on(object{"Table": "calls"}))
	id := out["ColumnList"].([]any)[0].(object)
	if out["TableName"] != "calls" || len(out["ColumnList"].([]any)) != 2 || id["name"] != "id" || id["nullable"] != 0.0 || id["columnDefault"] != "7" || id["schemaName"] != "public" || id["typeName"] != "int4" {
		t.Errorf("%v", out)
	}
	if out = c.call("DescribeTable", on(object{"Schema": "sales_2026"})); len(out["ColumnList"].([]any)) != 1 {
		t.Errorf("%v", out)
	}
	c.refused("ListTables", object{"ClusterIdentifier": "emulator"}, "ValidationException", "database")
	c.refused("ListTables", on(object{"MaxResults": 1001}), "ValidationException", "maxResults")
	c.refused("ListTables", on(object{"NextToken": "x"}), "ValidationException", "NextToken")
	c.refused("ListTables", on(object{"Database": "nowhere"}), "DatabaseConnectionException", `database "nowhere" does not exist`)
	c.refused("ListTables", on(object{"DbUser": "nobody"}), "DatabaseConnectionException", "nobody")
}

func TestListStatements(t *testing.T) {
	t.Parallel()
	c := newClient(t, Limits{})
	defer c.close()
	var ids []string
	for _, name := range []string{"aa", "ab", "b", "ac"} {
		id := c.begin("insert", object{"StatementName": name})
		c.end(id)
		ids = append(ids, id)
	}
	c.end(c.begin("fail", object{"StatementName": "ad"}))
	list := func(in object) (names, next string) {
		out := c.call("ListStatements", in)
		for _, s := range out["Statements"].([]any) {
			names += s.(object)["StatementName"].(string) + " "
		}
		next, _ = out["NextToken"].(string)
		return strings.TrimSpace(names), next
	}
	for want, in := range map[string]object{
		"ac b ab aa":    nil,
		"ac ab aa":      {"StatementName": "a", "ClusterIdentifier": "emulator", "Database": "dev"},
		"ad":            {"Status": "FAILED"},
		"ad ac b ab aa": {"Status": "ALL", "RoleLevel": false},
		"":              {"WorkgroupName": "emulator"},
	} {
		if got, _ := list(in); got != want {
			t.Errorf("%v: %q, not %q", in, got, want)
		}
	}
	got, next := list(object{"MaxResults": 2})
	c.end(c.begin("insert", object{"StatementName": "new"})) // does not move the pages
	more, end := list(object{"MaxResults": 2, "NextToken": next})
	if got != "ac b" || more != "ab aa" || end != "" {
		t.Errorf("%q, %q, %q", got, more, end)
	}
	c.refused("ListStatements", object{"NextToken": "x"}, "ValidationException", "NextToken")
	c.refused("ListStatements", object{"MaxResults": 101}, "ValidationException", "maxResults")
	c.refused("ListStatements", object{"Status": "DONE"}, "ValidationException", "status")
	if len(ids) != 4 {
		t.Error(ids)
	}
}

// Whatever is sent, no operation fails internally and none hangs.
func FuzzRequest(f *testing.F) {
	f.Add("ExecuteStatement", `{"Sql":"rows 3","ClusterIdentifier":"emulator","Database":"dev","Parameters":[{"name":"a","value":"b"}]}`)
	f.Add("BatchExecuteStatement", `{"Sqls":["insert","fail"],"WorkgroupName":"emulator","Database":"dev","ClientToken":"t"}`)
	f.Add("GetStatementResult", `{"Id":"d9b6c0c9-0747-4bf4-b142-e8883122f766:2","NextToken":"eC8x"}`)
	f.Add("ListTables", `{"ClusterIdentifier":"emulator","Database":"dev","TablePattern":"%\\_%"}`)
	f.Add("ListSessions", `{"Status":"CLOSED","NextToken":"c2Vzc2lvbnMvMQ"}`)
	f.Fuzz(func(t *testing.T, op, body string) {
		if strings.Contains(body, "WaitTimeSeconds") || strings.Contains(body, "hang") || strings.Contains(body, "rows") && len(body) > 200 {
			t.Skip()
		}
		c := newClient(t, Limits{})
		defer c.close()
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(body))
		r.Header["X-Amz-Target"] = []string{"RedshiftData." + op}
		w := httptest.NewRecorder()
		c.door.ServeHTTP(w, r)
		if w.Code >= 500 && !strings.Contains(w.Body.String(), "DatabaseConnectionException") {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	})
}

// A statement keeps its meaning: what is no parameter stays as it is.
func FuzzNumber(f *testing.F) {
	for _, sql := range []string{"select :a, ':a', \"x:a\" -- :a\n", "x:a:a::a", "$1 :a", "'\\':a'", ":\xff:a"} {
		f.Add(sql)
	}
	f.Fuzz(func(t *testing.T, sql string) {
		n := number(sql, []parameter{{"a", "1"}})
		if len(n.used) == 0 && n.text != sql {
			t.Errorf("%q became %q", sql, n.text)
		}
		if back := strings.ReplaceAll(n.text, " $1 ", ":a"); !n.foreign && !strings.Contains(sql, " $1 ") && back != sql {
			t.Errorf("%q became %q", sql, n.text)
		}
		for i := range len(n.text) + 2 {
			if at := n.original(i); at < 0 {
				t.Errorf("position %d of %q is %d of %q", i, n.text, at, sql)
			}
		}
	})
}

func FuzzValues(f *testing.F) {
	f.Add([]byte{})
	f.Add(dataRow("a", nil, ""))
	f.Add([]byte("D\x00\x00\x00\x06\x00\x01"))
	f.Fuzz(func(t *testing.T, row []byte) {
		cut, ok := values(row, nil)
		if !ok {
			return
		}
		again := make([]any, len(cut))
		for i, v := range cut {
			if v != nil {
				again[i] = string(v)
			}
		}
		if !bytes.Equal(dataRow(again...), row) {
			t.Errorf("%q became %q", row, cut)
		}
	})
}
