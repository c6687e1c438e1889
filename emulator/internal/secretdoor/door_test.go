package secretdoor

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// call makes one call and gives the answer's status and text.
func call(t *testing.T, d *Door, operation, body string) (int, string) {
	t.Helper()
	r := httptest.NewRequest("POST", "/", strings.NewReader(body))
	r.Header.Set("X-Amz-Target", "secretsmanager."+operation)
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func TestKept(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "secrets.json")
	d, err := New(Config{Region: "us-east-1", File: file})
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		operation, body string
		status          int
		want            string
	}{
		{"CreateSecret", `{"Name":"a","SecretString":"one"}`, 200, `"Name":"a"`},
		{"CreateSecret", `{"Name":"a","SecretString":"one"}`, 400, "ResourceExistsException"},
		{"CreateSecret", `{"Name":"a b"}`, 400, "ValidationException"},
		{"CreateSecret", `{"Name":"b","SecretBinary":"AAE="}`, 200, `"Name":"b"`},
		{"PutSecretValue", `{"SecretId":"a","SecretString":"two"}`, 200, "AWSCURRENT"},
		{"PutSecretValue", `{"SecretId":"a"}`, 400, "InvalidParameterException"},
		{"GetSecretValue", `{"SecretId":"a"}`, 200, `"SecretString":"two"`},
		{"GetSecretValue", `{"SecretId":"a","VersionStage":"AWSPREVIOUS"}`, 200, `"SecretString":"one"`},
		{"GetSecretValue", `{"SecretId":"b"}`, 200, `"SecretBinary":"AAE="`},
		{"GetSecretValue", `{"SecretId":"c"}`, 400, "ResourceNotFoundException"},
		{"DeleteSecret", `{"SecretId":"b"}`, 200, "DeletionDate"},
		{"GetSecretValue", `{"SecretId":"b"}`, 400, "InvalidRequestException"},
		{"RestoreSecret", `{"SecretId":"b"}`, 200, `"Name":"b"`},
		{"DeleteSecret", `{"SecretId":"b","ForceDeleteWithoutRecovery":true}`, 200, "DeletionDate"},
		{"DescribeSecret", `{"SecretId":"b"}`, 400, "ResourceNotFoundException"},
		{"RotateSecret", `{"SecretId":"a"}`, 400, "not supported by the emulator"},
	} {
		status, got := call(t, d, step.operation, step.body)
		if status != step.status || !strings.Contains(got, step.want) {
			t.Errorf("%s %s: %d %s", step.operation, step.body, status, got)
		}
	}
	if d, err = New(Config{Region: "us-east-1", File: file}); err != nil {
		t.Fatal(err)
	}
	if text, ok := d.Secret("a"); !ok || text != "two" {
		t.Error(text, ok)
	}
	if err := os.WriteFile(file, []byte(`{"a":{"current":{"text":"hunter2`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := New(Config{File: file}); err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Error(err)
	}
}
