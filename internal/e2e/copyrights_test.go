package e2e

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/emulator"
)

// dynamo calls DynamoDB's door.
func dynamo(t *testing.T, s *emulator.Server, operation, body string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.AWSEndpoint(), strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Amz-Target", "DynamoDB_20120810."+operation)
	r.Header.Set("Content-Type", "application/x-amz-json-1.0")
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIAX/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=00")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(answer.Body)
		t.Fatalf("%s: %d %s", operation, answer.StatusCode, text)
	}
}

// COPY from DynamoDB, by the rules of t_Loading-data-from-dynamodb.
func TestCopyDynamoDB(t *testing.T) {
	t.Parallel()
	s, c := both(t)
	for _, name := range []string{"Orders", "Twice", "Sets"} {
		dynamo(t, s, "CreateTable", `{"TableName":"`+name+`","BillingMode":"PAY_PER_REQUEST","AttributeDefinitions":[{"AttributeName":"ID","AttributeType":"N"}],"KeySchema":[{"AttributeName":"ID","KeyType":"HASH"}]}`)
	}
	for i := range 30 {
		dynamo(t, s, "PutItem", fmt.Sprintf(`{"TableName":"Orders","Item":{"ID":{"N":"%d"},"Name":{"S":"näme %d"},"price":{"N":"1.25"},"extra":{"L":[]}}}`, i, i))
	}
	dynamo(t, s, "PutItem", `{"TableName":"Orders","Item":{"ID":{"N":"30"},"day":{"S":"2026-02-03"}}}`)
	dynamo(t, s, "PutItem", `{"TableName":"Twice","Item":{"ID":{"N":"1"},"a":{"S":"x"},"A":{"S":"y"}}}`)
	dynamo(t, s, "PutItem", `{"TableName":"Sets","Item":{"ID":{"N":"1"},"a":{"SS":["x"]}}}`)

	exec1(t, c, "CREATE TABLE orders (id INT, name VARCHAR(20), price NUMERIC(6,2), day DATE)")
	exec1(t, c, "COPY orders FROM 'dynamodb://Orders' IAM_ROLE default READRATIO 50")
	const sums = "SELECT count(*) || ' ' || sum(id) || ' ' || sum(price) || ' ' || count(day) || ' ' || sum(CASE WHEN name = '' THEN 1 ELSE 0 END) FROM orders"
	if got := value[string](t, c, sums); got != "31 465 37.50 1 1" {
		t.Errorf("%q", got)
	}
	exec1(t, c, "DELETE FROM orders")
	exec1(t, c, "COPY orders (id, name) FROM 'dynamodb://Orders' IAM_ROLE default READRATIO 200 EMPTYASNULL")
	if got := value[string](t, c, "SELECT count(*) || ' ' || count(name) || ' ' || count(day) FROM orders"); got != "31 30 0" {
		t.Errorf("%q", got)
	}
	exec1(t, c, "CREATE TABLE other (a VARCHAR(9))")
	exec1(t, c, "CREATE TABLE narrow (name VARCHAR(3))")
	for sql, want := range map[string]string{
		"COPY other FROM 'dynamodb://Twice' IAM_ROLE default READRATIO 1":              "more than one attribute of an item matches the column a",
		"COPY other FROM 'dynamodb://Sets' IAM_ROLE default READRATIO 1":               "the attribute a has the type SS",
		"COPY other FROM 'dynamodb://None' IAM_ROLE default READRATIO 1":               "ResourceNotFoundException",
		"COPY narrow FROM 'dynamodb://Orders' IAM_ROLE default READRATIO 1 MAXERROR 9": "Load into table 'narrow' failed.",
	} {
		if _, err := c.Execute(t.Context(), redshift.SQL(sql)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", sql, err)
		}
	}
	if got := value[string](t, c, "SELECT max(err_code) || ' ' || max(colname) || ' ' || count(*) FROM stl_load_errors"); !strings.HasPrefix(got, "1204 name") {
		t.Errorf("%q", got)
	}
}

// Roles and keys may do in COPY and UNLOAD what the configuration says.
func TestCopyRights(t *testing.T) {
	t.Parallel()
	const account = "arn:aws:iam::123456789012:role/"
	s := start(t, emulator.Config{Role: account + "reader", IAM: []byte(`{
		"users": [
			{"name": "ann", "access_key": "AKIAANN", "secret_key": "annssecret"},
			{"name": "bob", "access_key": "AKIABOB", "secret_key": "bobssecret", "allow": [{"action": "sts:*"}]}],
		"roles": [
			{"arn": "` + account + `reader", "trust": ["redshift.amazonaws.com"], "allow": [{"action": "s3:Get*", "resource": "emulator/*"}, {"action": "s3:ListBucket", "resource": "emulator"}]},
			{"arn": "` + account + `writer", "trust": ["redshift.amazonaws.com"], "allow": [{"action": "s3:*"}]},
			{"arn": "` + account + `human", "trust": ["ann"], "allow": [{"action": "s3:*"}]}]}`)})
	c := connect(t, s)
	exec1(t, c, "CREATE TABLE t (a INT)")
	exec1(t, c, "INSERT INTO t VALUES (1), (2)")
	role := func(name string) string { return "IAM_ROLE '" + account + name + "'" }
	for _, k := range []struct{ sql, want string }{
		{"UNLOAD ('SELECT * FROM t') TO 's3://emulator/u_' " + role("reader"), "S3ServiceException:Access Denied,Status 403,Error AccessDenied"},
		{"UNLOAD ('SELECT * FROM t') TO 's3://emulator/u_' " + role("nobody"), "Not authorized to get credentials of role " + account + "nobody"},
		{"UNLOAD ('SELECT * FROM t') TO 's3://emulator/u_' " + role("human"), "Not authorized to get credentials of role " + account + "human"},
		{"UNLOAD ('SELECT * FROM t') TO 's3://emulator/u_' " + role("writer"), ""},
		{"COPY t FROM 's3://emulator/u_' " + role("writer"), ""},
		{"COPY t FROM 's3://emulator/u_' IAM_ROLE default", ""},
		{"COPY t FROM 's3://other/u_' IAM_ROLE default", "S3ServiceException:Access Denied,Status 403,Error AccessDenied"},
		{"COPY t FROM 's3://emulator/u_' " + role("nobody"), "Not authorized to get credentials of role " + account + "nobody"},
		{"COPY t FROM 's3://emulator/u_' " + role("reader,"+account+"writer"), "Not authorized to get credentials of role " + account + "writer"},
		{"COPY t FROM 's3://emulator/u_' CREDENTIALS 'aws_iam_role=" + account + "nobody'", "Not authorized to get credentials"},
		{"COPY t FROM 's3://emulator/u_' ACCESS_KEY_ID 'AKIAANN' SECRET_ACCESS_KEY 'annssecret'", ""},
		{"COPY t FROM 's3://emulator/u_' ACCESS_KEY_ID 'AKIAANN' SECRET_ACCESS_KEY 'x'", "Error SignatureDoesNotMatch"},
		{"COPY t FROM 's3://emulator/u_' CREDENTIALS 'aws_access_key_id=AKIANONE;aws_secret_access_key=x'", "Error InvalidAccessKeyId"},
		{"COPY t FROM 's3://emulator/u_' ACCESS_KEY_ID 'AKIABOB' SECRET_ACCESS_KEY 'bobssecret'", "Error AccessDenied"},
		{"COPY t FROM 'dynamodb://xyz' IAM_ROLE default READRATIO 5", "Error AccessDeniedException"},
	} {
		_, err := c.Execute(t.Context(), redshift.SQL(k.sql))
		if (err == nil) != (k.want == "") || err != nil && !strings.Contains(err.Error(), k.want) {
			t.Errorf("%s: %v", k.sql, err)
		}
	}
	if n := value[int64](t, c, "SELECT count(*) FROM t"); n != 8 {
		t.Errorf("%d rows", n)
	}
}
