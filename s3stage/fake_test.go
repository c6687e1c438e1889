package s3stage

import (
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"
)

// fakeS3 is as much of S3 as the package's own tests need: whole objects, path
// style. The emulator's door is tried against the package where that is built.
type fakeS3 struct {
	mu      sync.Mutex
	objects map[string][]byte // by /bucket/key
	fail    func(*http.Request) (status int, code string)
	calls   []string
}

// ServeHTTP answers one request.
func (f *fakeS3) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	f.calls = append(f.calls, r.Method+" "+r.URL.Path)
	f.mu.Unlock()
	w.Header().Set("X-Amz-Request-Id", "REQ1")
	if f.fail != nil { // without the lock: it may wait
		if status, code := f.fail(r); status != 0 {
			answer(w, status, code)
			return
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	q := r.URL.Query()
	switch {
	case r.Method == http.MethodPut:
		data, _ := io.ReadAll(r.Body)
		f.objects[r.URL.Path] = data
		w.Header().Set("Etag", `"abc"`)
	case r.Method == http.MethodPost && q.Has("delete"):
		var doc struct {
			Object []struct{ Key string }
		}
		data, _ := io.ReadAll(r.Body)
		_ = xml.Unmarshal(data, &doc)
		out := ""
		for _, o := range doc.Object {
			if strings.HasSuffix(o.Key, "locked") {
				out += "<Error><Key>" + o.Key + "</Key><Code>AccessDenied</Code><Message>no</Message></Error>"
				continue
			}
			delete(f.objects, strings.TrimSuffix(r.URL.Path, "/")+"/"+o.Key)
		}
		fmt.Fprintf(w, "<DeleteResult>%s</DeleteResult>", out)
	case q.Get("list-type") == "2":
		f.list(w, r)
	default:
		data, ok := f.objects[r.URL.Path]
		if !ok {
			answer(w, http.StatusNotFound, "NoSuchKey")
			return
		}
		_, _ = w.Write(data)
	}
}

func (f *fakeS3) list(w http.ResponseWriter, r *http.Request) {
	bucket := strings.TrimSuffix(r.URL.Path, "/") + "/"
	var keys []string
	for path := range f.objects {
		if key, ok := strings.CutPrefix(path, bucket); ok && strings.HasPrefix(key, r.URL.Query().Get("prefix")) && key > r.URL.Query().Get("continuation-token") {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	out := ""
	if len(keys) > 2 {
		keys = keys[:2]
		out = "<IsTruncated>true</IsTruncated><NextContinuationToken>" + keys[1] + "</NextContinuationToken>"
	}
	for _, k := range keys {
		out += fmt.Sprintf("<Contents><Key>%s</Key><Size>%d</Size></Contents>", k, len(f.objects[bucket+k]))
	}
	fmt.Fprintf(w, "<ListBucketResult>%s</ListBucketResult>", out)
}

func answer(w http.ResponseWriter, status int, code string) {
	w.WriteHeader(status)
	fmt.Fprintf(w, "<Error><Code>%s</Code><Message>because</Message></Error>", code)
}

func newFake(t *testing.T, cfg Config) (*Stage, *fakeS3) {
	t.Helper()
	f := &fakeS3{objects: map[string][]byte{}}
	srv := httptest.NewServer(f)
	t.Cleanup(srv.Close)
	cfg.Endpoint = srv.URL
	if cfg.Credentials == nil {
		cfg.Credentials = credentials.NewStaticCredentialsProvider("AKIAEXAMPLE", "topsecret", "sessiontoken")
	}
	cfg.MaxAttempts = 1
	s, err := New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s, f
}
