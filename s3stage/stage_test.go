package s3stage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"
)

func TestStage(t *testing.T) {
	t.Parallel()
	s, _ := newFake(t, Config{})
	ctx := t.Context()
	prefix, err := UniquePrefix("s3://bkt/base")
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []string{"a", "b c+é", "d/e", "f", "g"} {
		o, err := s.Put(ctx, prefix+k, strings.NewReader("data of "+k))
		if err != nil || o.Size != int64(len("data of "+k)) || o.URI != prefix+k || o.ETag != "abc" {
			t.Errorf("%+v, %v", o, err)
		}
	}
	if _, err := s.Put(ctx, "s3://bkt/other", strings.NewReader("")); err != nil {
		t.Error(err)
	}
	r, o, err := s.Open(ctx, prefix+"b c+é")
	if err != nil || o.Size != 14 {
		t.Fatal(o, err)
	}
	if data, err := io.ReadAll(r); err != nil || string(data) != "data of b c+é" {
		t.Errorf("%q, %v", data, err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	var keys []string
	for o, err := range s.List(ctx, prefix) {
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, strings.TrimPrefix(o.URI, prefix))
	}
	if d := cmp.Diff([]string{"a", "b c+é", "d/e", "f", "g"}, keys); d != "" {
		t.Error(d)
	}
	for range s.List(ctx, prefix) {
		break
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if err := s.CleanUp(cancelled, prefix); err != nil {
		t.Error(err)
	}
	n := 0
	for o, err := range s.List(ctx, "s3://bkt") {
		if err != nil || o.URI != "s3://bkt/other" {
			t.Error(o, err)
		}
		n++
	}
	if n != 1 {
		t.Errorf("%d objects left", n)
	}
	for _, p := range []string{"s3://bkt/", "s3://bkt/base/", "s3://bkt/redshift-stage-/", prefix + "more/", strings.TrimSuffix(prefix, "/")} {
		if err := s.CleanUp(ctx, p); err == nil {
			t.Errorf("CleanUp of %s", p)
		}
	}
	if _, err := s.DeleteAll(ctx, "s3://bkt"); err == nil {
		t.Error("DeleteAll of a bucket")
	}
	if _, err := s.Put(ctx, "s3://bkt/dir/locked", strings.NewReader("x")); err != nil {
		t.Error(err)
	}
	if n, err := s.DeleteAll(ctx, "s3://bkt/dir/"); n != 0 || !errors.Is(err, ErrAccessDenied) || !strings.Contains(err.Error(), "s3://bkt/dir/locked") {
		t.Errorf("%d, %v", n, err)
	}
}

func TestFailures(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		status int
		code   string
		kind   error
	}{
		{404, "NoSuchKey", ErrNotFound},
		{404, "NoSuchBucket", ErrNotFound},
		{403, "AccessDenied", ErrAccessDenied},
		{403, "SignatureDoesNotMatch", ErrAccessDenied},
		{400, "ExpiredToken", ErrAccessDenied},
		{301, "PermanentRedirect", ErrWrongRegion},
		{500, "InternalError", nil},
	} {
		s, f := newFake(t, Config{})
		f.fail = func(*http.Request) (int, string) { return tt.status, tt.code }
		_, err := s.Put(t.Context(), "s3://bkt/dir/k", strings.NewReader("x"))
		_, _, err2 := s.Open(t.Context(), "s3://bkt/dir/k")
		_, err3 := s.Stat(t.Context(), "s3://bkt/dir/k")
		var err4 error
		for _, err4 = range s.List(t.Context(), "s3://bkt/dir/k") {
			continue
		}
		for i, err := range []error{err, err2, err3, err4} {
			var e *Error
			if !errors.As(err, &e) || e.URI != "s3://bkt/dir/k" || e.RequestID != "REQ1" || i != 2 && e.Code != tt.code {
				t.Errorf("%s: %#v", tt.code, err)
				continue
			}
			head := i == 2 && tt.status == 400 // a HEAD has no document to tell the code
			if tt.kind != nil && !errors.Is(err, tt.kind) && !head || tt.kind == nil && e.Kind != "" {
				t.Errorf("%s: kind %q", tt.code, e.Kind)
			}
			for _, secret := range []string{"topsecret", "sessiontoken", "Signature="} {
				if strings.Contains(fmt.Sprintf("%v %+v", err, e.Err), secret) {
					t.Errorf("%v holds %q", err, secret)
				}
			}
			if text := err.Error(); !strings.Contains(text, "s3://bkt/dir/k") || strings.Contains(text, "\n") {
				t.Errorf("text %q", text)
			}
		}
	}
	boom := errors.New("boom")
	s, f := newFake(t, Config{})
	if _, err := s.Put(t.Context(), "s3://bkt/k", iotest.ErrReader(boom)); !errors.Is(err, boom) || len(f.calls) != 0 {
		t.Errorf("%v, calls %v", err, f.calls)
	}
	s, _ = newFake(t, Config{Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{}, boom
	})})
	if _, err := s.Put(t.Context(), "s3://bkt/k", strings.NewReader("x")); !errors.Is(err, ErrAccessDenied) || !errors.Is(err, boom) {
		t.Errorf("no credentials: %v", err)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	s, _ = newFake(t, Config{})
	if _, err := s.Put(cancelled, "s3://bkt/k", strings.NewReader("x")); !errors.Is(err, context.Canceled) || errors.Is(err, ErrAccessDenied) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestUpload(t *testing.T) {
	t.Parallel()
	s, f := newFake(t, Config{Files: 3})
	dir := t.TempDir()
	var files []File
	for i := range 9 {
		name := filepath.Join(dir, fmt.Sprint(i))
		if err := os.WriteFile(name, []byte(strings.Repeat("x", i*1000)), 0o600); err != nil {
			t.Fatal(err)
		}
		files = append(files, File{URI: fmt.Sprintf("s3://bkt/up/%d", i), Path: name})
	}
	files = append(files, File{URI: "s3://bkt/up/open", Size: 5, Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("hello")), nil }})
	var last Progress
	objects, err := s.Upload(t.Context(), files, func(p Progress) {
		if p.Sent < last.Sent || p.FilesDone < last.FilesDone {
			t.Errorf("%+v after %+v", p, last)
		}
		last = p
	})
	if err != nil || len(objects) != 10 || objects[3].URI != "s3://bkt/up/3" || objects[3].Size != 3000 {
		t.Errorf("%+v, %v", objects, err)
	}
	if want := (Progress{Sent: 36005, Total: 36005, FilesDone: 10, Files: 10}); last != want {
		t.Errorf("%+v, want %+v", last, want)
	}
	if files[0].Size != 0 {
		t.Error("the caller's files were changed")
	}
	var tries atomic.Int32
	f.fail = func(r *http.Request) (int, string) {
		tries.Add(1)
		if strings.HasSuffix(r.URL.Path, "/2") {
			return 403, "AccessDenied"
		}
		// The others are under way until the failure has ended them.
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
		return 503, "SlowDown"
	}
	if _, err := s.Upload(t.Context(), files, nil); !errors.Is(err, ErrAccessDenied) || !strings.Contains(err.Error(), "s3://bkt/up/2") {
		t.Errorf("got %v", err)
	}
	if n := tries.Load(); n > 3 {
		t.Errorf("%d requests, 3 files at a time: files were begun after the failure", n)
	}
	for _, bad := range []File{{URI: "s3://bkt", Path: dir}, {URI: "s3://bkt/k", Path: filepath.Join(dir, "none")}, {URI: "s3://bkt/k", Path: dir}} {
		if _, err := s.Upload(t.Context(), []File{bad}, nil); err == nil {
			t.Errorf("%+v was uploaded", bad)
		}
	}
	if objects, err := s.Upload(t.Context(), nil, nil); err != nil || len(objects) != 0 {
		t.Error(objects, err)
	}
}

func TestConfig(t *testing.T) {
	for _, c := range []Config{
		{Endpoint: "127.0.0.1:1"}, {Endpoint: "ftp://x"}, {Endpoint: "http://user:pw@x"}, {PartSize: 1}, {Concurrency: -1}, {Files: 999}, {MaxAttempts: -1},
	} {
		err := c.Validate()
		if err == nil {
			t.Errorf("%+v is valid", c)
			continue
		}
		if strings.Contains(err.Error(), "pw") {
			t.Errorf("%v", err)
		}
	}
	t.Setenv("AWS_CONFIG_FILE", filepath.Join(t.TempDir(), "none"))
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(t.TempDir(), "none"))
	for _, name := range []string{"AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_PROFILE"} {
		t.Setenv(name, "")
	}
	if _, err := New(t.Context(), Config{}); err == nil || !strings.Contains(err.Error(), "AWS_REGION") {
		t.Errorf("no region: %v", err)
	}
	t.Setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
	s, err := New(t.Context(), Config{})
	if err != nil {
		t.Fatal(err)
	}
	if o := s.s3.Options(); !o.UsePathStyle || o.Region != "us-east-1" || aws.ToString(o.BaseEndpoint) != "http://127.0.0.1:1" {
		t.Errorf("from the environment: %v %s %s", o.UsePathStyle, o.Region, aws.ToString(o.BaseEndpoint))
	}
	s, err = New(t.Context(), Config{Endpoint: "http://127.0.0.1:2", Region: "eu-west-1", PathStyle: aws.Bool(false)})
	if err != nil {
		t.Fatal(err)
	}
	if o := s.s3.Options(); o.UsePathStyle || o.Region != "eu-west-1" || aws.ToString(o.BaseEndpoint) != "http://127.0.0.1:2" {
		t.Errorf("from Config: %v %s %s", o.UsePathStyle, o.Region, aws.ToString(o.BaseEndpoint))
	}
}
