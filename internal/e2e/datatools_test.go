package e2e

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/llm-dev-ops/redshift/emulator"
)

// awsJSON runs the AWS CLI and reads what it prints.
func awsJSON(t *testing.T, s *emulator.Server, args ...string) map[string]any {
	t.Helper()
	out, err := run(t, s, "", "aws", append(args, "--output", "json")...)
	if err != nil {
		t.Fatalf("aws %v: %v\n%s", args, err, out)
	}
	var v map[string]any
	if strings.TrimSpace(out) == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(out), &v); err != nil {
		t.Fatalf("aws %v: %v\n%s", args, err, out)
	}
	return v
}

// The AWS CLI drives the Data API, and asks who it is.
func TestAWSDataAPI(t *testing.T) {
	t.Parallel()
	s := start(t, emulator.Config{})
	cluster := []string{"--cluster-identifier", "emulator", "--database", "dev"}
	data := func(op string, args ...string) map[string]any {
		t.Helper()
		return awsJSON(t, s, append([]string{"redshift-data", op}, args...)...)
	}
	// wait describes a statement until it is over.
	wait := func(id any) map[string]any {
		t.Helper()
		for deadline := time.Now().Add(time.Minute); ; {
			st := data("describe-statement", "--id", id.(string))
			switch st["Status"] {
			case "FINISHED", "FAILED", "ABORTED":
				return st
			}
			if time.Now().After(deadline) {
				t.Fatalf("%v", st)
			}
		}
	}
	st := wait(data("batch-execute-statement", append(cluster, "--db-user", "awsuser", "--sqls",
		"create table calls (id int not null, name varchar(20), cost numeric(10,2), at timestamp)",
		"insert into calls values (1, 'alpha', 1.50, '2026-01-02 03:04:05'), (2, null, null, null)",
		"select count(*) from calls")...)["Id"])
	subs, _ := st["SubStatements"].([]any)
	if st["Status"] != "FINISHED" || len(subs) != 3 || subs[1].(map[string]any)["ResultRows"] != 2.0 {
		t.Fatalf("%v", st)
	}
	if out := data("get-statement-result", "--id", st["Id"].(string)+":3"); out["Records"].([]any)[0].([]any)[0].(map[string]any)["longValue"] != 2.0 {
		t.Errorf("%v", out)
	}
	id := data("execute-statement", append(cluster, "--statement-name", "one", "--sql", "select * from calls where id >= :low order by id", "--parameters", "name=low,value=1")...)["Id"].(string)
	if st = wait(id); st["Status"] != "FINISHED" || st["ResultRows"] != 2.0 || st["HasResultSet"] != true || st["RedshiftQueryId"].(float64) <= 0 {
		t.Errorf("%v", st)
	}
	result := data("get-statement-result", "--id", id)
	records, _ := json.Marshal(result["Records"])
	if got := string(records); got != `[[{"longValue":1},{"stringValue":"alpha"},{"stringValue":"1.50"},{"stringValue":"2026-01-02 03:04:05"}],[{"longValue":2},{"isNull":true},{"isNull":true},{"isNull":true}]]` {
		t.Error(got)
	}
	columns := result["ColumnMetadata"].([]any)
	if c := columns[0].(map[string]any); c["nullable"] != 0.0 || c["tableName"] != "calls" || c["typeName"] != "int4" {
		t.Errorf("%v", c)
	}
	if c := columns[2].(map[string]any); c["precision"] != 10.0 || c["scale"] != 2.0 || c["typeName"] != "numeric" || c["nullable"] != 1.0 {
		t.Errorf("%v", c)
	}
	if out := data("list-statements", "--statement-name", "one"); len(out["Statements"].([]any)) != 1 {
		t.Errorf("%v", out)
	}
	if out := data("list-databases", cluster...); out["Databases"].([]any)[0] != "dev" {
		t.Errorf("%v", out)
	}
	if out := data("list-schemas", append(cluster, "--schema-pattern", "pub%")...); len(out["Schemas"].([]any)) != 1 {
		t.Errorf("%v", out)
	}
	if out := data("list-tables", append(cluster, "--table-pattern", "cal%")...); out["Tables"].([]any)[0].(map[string]any)["name"] != "calls" {
		t.Errorf("%v", out)
	}
	if out := data("describe-table", append(cluster, "--schema", "public", "--table", "calls")...); len(out["ColumnList"].([]any)) != 4 {
		t.Errorf("%v", out)
	}
	long := data("execute-statement", append(cluster, "--sql", slow)...)["Id"].(string)
	for data("describe-statement", "--id", long)["Status"] != "STARTED" {
	}
	if out := data("cancel-statement", "--id", long); out["Status"] != true {
		t.Errorf("%v", out)
	}
	if st = wait(long); st["Status"] != "ABORTED" {
		t.Errorf("%v", st)
	}
	bad := wait(data("execute-statement", append(cluster, "--sql", "select * from nowhere")...)["Id"])
	if text, _ := bad["Error"].(string); bad["Status"] != "FAILED" || !strings.HasPrefix(text, `ERROR: relation "nowhere" does not exist`) {
		t.Errorf("%v", bad)
	}
	if out, err := run(t, s, "", "aws", "redshift-data", "execute-statement", "--cluster-identifier", "other", "--database", "dev", "--sql", "select 1"); err == nil ||
		!strings.Contains(out, "(ValidationException) when calling the ExecuteStatement operation: Redshift endpoint doesn't exist in this region.") {
		t.Errorf("%v\n%s", err, out)
	}
	if out := awsJSON(t, s, "sts", "assume-role", "--role-arn", "arn:aws:iam::123456789012:role/Redshift", "--role-session-name", "me"); out["AssumedRoleUser"].(map[string]any)["Arn"] != "arn:aws:sts::123456789012:assumed-role/Redshift/me" {
		t.Errorf("%v", out)
	}
}

// boto3 is what most programs come to the Data API with; here with a session,
// a load and a paginator.
func TestBoto3DataAPI(t *testing.T) {
	t.Parallel()
	s := start(t, emulator.Config{})
	python := pythonWith(t, "boto3")
	out, err := run(t, s, `
import boto3, time
boto3.client("s3").put_object(Bucket="emulator", Key="in/a.csv", Body=b"1,a\n2,b\n3,c\n")
d = boto3.client("redshift-data")
def run(sql, **more):
    if "SessionId" not in more:
        more = dict(ClusterIdentifier="emulator", Database="dev", DbUser="awsuser", **more)
    r = d.execute_statement(Sql=sql, **more)
    while True:
        s = d.describe_statement(Id=r["Id"])
        if s["Status"] in ("FINISHED", "FAILED", "ABORTED"):
            assert s["Status"] == "FINISHED", s
            return r, s
r, s = run("create temp table t (id int, name varchar(10))", SessionKeepAliveSeconds=60)
session = r["SessionId"]
assert s["SessionId"] == session and s["RedshiftPid"] > 0 and s["CreatedAt"].year >= 2020, s
r, s = run("copy t from 's3://emulator/in/' iam_role default csv", SessionId=session)
assert s["ResultRows"] == 3, s
run("begin", SessionId=session)
r, s = run("delete from t where id > 1", SessionId=session)
assert s["ResultRows"] == 2 and not s["HasResultSet"], s
run("rollback", SessionId=session)
r, s = run("select id, name, id / 2.0 as half, true as yes, 1e300::float8 as big, null as nothing from t order by id", SessionId=session)
rows = [row for page in d.get_paginator("get_statement_result").paginate(Id=r["Id"]) for row in page["Records"]]
assert len(rows) == 3 and rows[0][0] == {"longValue": 1} and rows[0][3] == {"booleanValue": True} and rows[0][4] == {"doubleValue": 1e300} and rows[0][5] == {"isNull": True}, rows
try:
    run("select 1", SessionId="d9b6c0c9-0747-4bf4-b142-e8883122f766")
    assert False
except d.exceptions.ValidationException as e:
    assert "is invalid" in str(e), e
try:
    d.describe_statement(Id="d9b6c0c9-0747-4bf4-b142-e8883122f766")
    assert False
except d.exceptions.ResourceNotFoundException as e:
    assert e.response["ResourceId"], e.response
r, s = run("select id, name from t order by id desc", SessionId=session, ResultFormat="CSV")
csv = d.get_statement_result_v2(Id=r["Id"])
assert csv["Records"] == [{"CSVRecords": "id,name\r\n3,c\r\n2,b\r\n1,a\r\n"}] and csv["ResultFormat"] == "CSV", csv
r = d.execute_statement(Sql="select * from nowhere", WorkgroupName="emulator", Database="dev")
while (s := d.describe_statement(Id=r["Id"]))["Status"] != "FAILED": pass
assert s["Error"].startswith('ERROR: relation "nowhere" does not exist') and s["WorkgroupName"] == "emulator", s
try:
    d.get_statement_result(Id=r["Id"])
    assert False
except d.exceptions.ResourceNotFoundException: pass
run("create user bob password 'Secret123'")
arn = boto3.client("secretsmanager").create_secret(Name="bob", SecretString='{"username": "bob", "password": "Secret123"}')["ARN"]
r = d.execute_statement(Sql="select current_user", ClusterIdentifier="emulator", Database="dev", SecretArn=arn)
while (s := d.describe_statement(Id=r["Id"]))["Status"] != "FINISHED": assert "Error" not in s, s
assert d.get_statement_result(Id=r["Id"])["Records"] == [[{"stringValue": "bob"}]]
me = boto3.client("sts").get_caller_identity()
assert me["Account"] == "123456789012" and me["Arn"] == "arn:aws:iam::123456789012:user/test", me
for client, op in (("kms", "list_keys"), ("iam", "list_roles"), ("ssm", "describe_parameters")):
    try:
        getattr(boto3.client(client), op)()
        assert False
    except Exception as e:
        assert "not supported by the emulator: " + client in str(e), e
r, s = run("select :a || :b || :a as v", Parameters=[{"name": "a", "value": "it's"}, {"name": "b", "value": " :a "}])
print(d.get_statement_result(Id=r["Id"])["Records"][0][0]["stringValue"])
`, python, "-")
	if err != nil || strings.TrimSpace(out) != "it's :a it's" {
		t.Errorf("%v\n%s", err, out)
	}
}
