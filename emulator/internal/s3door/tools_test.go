package s3door

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// tool runs an outside program against a server; a missing program skips the test.
func tool(t *testing.T, srv *httptest.Server, dir, name string, args ...string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("%s is not installed: the outside client is not tested", name)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Dir = dir
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "AWS_ENDPOINT_URL=" + srv.URL, "AWS_REGION=us-east-1", "AWS_DEFAULT_REGION=us-east-1",
		"AWS_ACCESS_KEY_ID=AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY=secret", "AWS_PAGER=", "AWS_EC2_METADATA_DISABLED=true",
		"AWS_CONFIG_FILE=" + filepath.Join(dir, "none"), "PYTHONDONTWRITEBYTECODE=1", "NO_PROXY=*",
	}
	if root := os.Getenv("PYENV_ROOT"); root != "" {
		cmd.Env = append(cmd.Env, "PYENV_ROOT="+root)
	} else if home, err := os.UserHomeDir(); err == nil {
		cmd.Env = append(cmd.Env, "PYENV_ROOT="+filepath.Join(home, ".pyenv"))
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

func writeFile(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestAWSCLI drives the door with the AWS command line.
func TestAWSCLI(t *testing.T) {
	t.Parallel()
	srv := newServer(t, "directory")
	dir := t.TempDir()
	aws := func(args ...string) string {
		t.Helper()
		return tool(t, srv, dir, "aws", args...)
	}
	big := noise(3, 20<<20)
	writeFile(t, filepath.Join(dir, "big"), big)
	for i := range 7 {
		writeFile(t, filepath.Join(dir, "tree", fmt.Sprintf("d%d", i%2), fmt.Sprintf("f %d+é.csv", i)), noise(uint64(i), 1000*i))
	}
	aws("s3", "mb", "s3://cli")
	aws("s3", "cp", "big", "s3://cli/big")                      // multipart
	aws("s3", "cp", "s3://cli/big", "s3://cli/copies/big copy") // multipart copy
	aws("s3", "cp", "s3://cli/copies/big copy", "back")         // parallel ranges
	if got, err := os.ReadFile(filepath.Join(dir, "back")); err != nil || !bytes.Equal(got, big) {
		t.Errorf("big file: other data, %v", err)
	}
	aws("s3", "sync", "tree", "s3://cli/tree") // with an empty file
	if out := aws("s3", "sync", "tree", "s3://cli/tree"); strings.Contains(out, "upload:") {
		t.Errorf("the second sync uploads again: %s", out)
	}
	aws("s3", "sync", "s3://cli/tree", "tree2")
	for i := range 7 {
		name := filepath.Join(fmt.Sprintf("d%d", i%2), fmt.Sprintf("f %d+é.csv", i))
		if got, err := os.ReadFile(filepath.Join(dir, "tree2", name)); err != nil || !bytes.Equal(got, noise(uint64(i), 1000*i)) {
			t.Errorf("%s: other data, %v", name, err)
		}
	}
	if out := aws("s3", "ls", "s3://cli/"); !strings.Contains(out, "PRE copies/") || !strings.Contains(out, "20971520 big") {
		t.Errorf("ls: %s", out)
	}
	if out := aws("s3", "ls"); !strings.Contains(out, " cli") {
		t.Errorf("ls: %s", out)
	}
	var page struct {
		Contents  []struct{ Key string }
		NextToken string
	}
	seen := map[string]bool{}
	for token := ""; ; token = page.NextToken {
		args := []string{"s3api", "list-objects-v2", "--bucket", "cli", "--prefix", "tree/", "--max-items", "2", "--output", "json"}
		if token != "" {
			args = append(args, "--starting-token", token)
		}
		page.NextToken, page.Contents = "", nil
		if err := json.Unmarshal([]byte(aws(args...)), &page); err != nil {
			t.Fatal(err)
		}
		for _, o := range page.Contents {
			seen[o.Key] = true
		}
		if page.NextToken == "" {
			break
		}
	}
	if len(seen) != 7 {
		t.Errorf("pages hold %v", seen)
	}
	aws("s3api", "put-object", "--bucket", "cli", "--key", "sum", "--body", "tree/d1/f 1+é.csv", "--checksum-algorithm", "SHA256", "--metadata", "a=1")
	aws("s3", "mv", "s3://cli/sum", "s3://cli/sum2")
	aws("s3", "rm", "s3://cli/sum2")
	aws("s3", "rm", "--recursive", "s3://cli/tree")
	if out := aws("s3", "ls", "--recursive", "s3://cli/"); strings.Contains(out, "tree/") {
		t.Errorf("ls: %s", out)
	}
	aws("s3", "rb", "--force", "s3://cli")
	if out := aws("s3", "ls"); strings.Contains(out, "cli") {
		t.Errorf("ls: %s", out)
	}
}

const botoProgram = `
import io, sys, boto3
from botocore.exceptions import ClientError
s3 = boto3.client("s3")
s3.create_bucket(Bucket="boto")
data = bytes(i * 7 % 251 for i in range(9 << 20))
s3.upload_fileobj(io.BytesIO(data), "boto", "obj/é +1")
out = io.BytesIO()
s3.download_fileobj("boto", "obj/é +1", out)
assert out.getvalue() == data
s3.put_object(Bucket="boto", Key="small", Body=b"hello", ChecksumAlgorithm="SHA256", Metadata={"k": "v"})
got = s3.get_object(Bucket="boto", Key="small", ChecksumMode="ENABLED")
assert got["Body"].read() == b"hello" and got["Metadata"] == {"k": "v"}, got
assert got["ChecksumSHA256"] == "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=", got
assert s3.get_object(Bucket="boto", Key="small", Range="bytes=-2")["Body"].read() == b"lo"
keys = [o["Key"] for page in s3.get_paginator("list_objects_v2").paginate(Bucket="boto", PaginationConfig={"PageSize": 1}) for o in page["Contents"]]
assert keys == ["obj/é +1", "small"], keys
try:
    s3.get_object(Bucket="boto", Key="none")
    sys.exit("no error")
except ClientError as e:
    assert e.response["Error"]["Code"] == "NoSuchKey", e
try:
    s3.get_bucket_acl(Bucket="boto")
    sys.exit("no error")
except ClientError as e:
    assert e.response["Error"]["Code"] == "NotImplemented", e
boto3.resource("s3").Bucket("boto").objects.all().delete()
s3.delete_bucket(Bucket="boto")
print("done")
`

// TestBoto3 drives the door with boto3.
func TestBoto3(t *testing.T) {
	t.Parallel()
	srv := newServer(t, "memory")
	dir := t.TempDir()
	python := pythonWithBoto3(t)
	if out := tool(t, srv, dir, python, "-c", botoProgram); strings.TrimSpace(out) != "done" {
		t.Error(out)
	}
}

// pythonWithBoto3 finds an interpreter that has boto3: the first python3 of
// PATH may be another one than the system's, which Debian's package serves.
func pythonWithBoto3(t *testing.T) string {
	t.Helper()
	for _, python := range []string{"python3", "/usr/bin/python3"} {
		if exec.CommandContext(t.Context(), python, "-c", "import boto3").Run() == nil {
			return python
		}
	}
	t.Skip("python3 with boto3 is not installed: the outside client is not tested")
	return ""
}
