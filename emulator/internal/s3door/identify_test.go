package s3door

import (
	"net/http/httptest"
	"strings"
	"testing"
)

func TestIdentify(t *testing.T) {
	t.Parallel()
	for request, want := range map[string]string{
		"GET /": "ListBuckets b= k=", "GET /b": "ListObjects b=b k=", "GET /b?list-type=2": "ListObjectsV2 b=b k=", "GET /b/?uploads": "ListMultipartUploads b=b k=",
		"GET /b?location": "GetBucketLocation b=b k=", "HEAD /b": "HeadBucket b=b k=", "PUT /b": "CreateBucket b=b k=", "DELETE /b": "DeleteBucket b=b k=",
		"POST /b?delete": "DeleteObjects b=b k=", "POST /b": " b=b k=", "GET /b/a%2Fb/c": "GetObject b=b k=a/b/c", "GET /b/k?uploadId=1": "ListParts b=b k=k",
		"GET /b/k?attributes": "GetObjectAttributes b=b k=k", "HEAD /b/k": "HeadObject b=b k=k", "PUT /b/k": "PutObject b=b k=k", "PUT /b/k?uploadId=1&partNumber=1": "UploadPart b=b k=k",
		"PUT /b/k copy": "CopyObject b=b k=k", "PUT /b/k?uploadId=1&partNumber=1 copy": "UploadPartCopy b=b k=k", "DELETE /b/k": "DeleteObject b=b k=k",
		"DELETE /b/k?uploadId=1": "AbortMultipartUpload b=b k=k", "POST /b/k?uploads": "CreateMultipartUpload b=b k=k", "POST /b/k?uploadId=1": "CompleteMultipartUpload b=b k=k",
		"PATCH /b/k": " b=b k=k",
	} {
		parts := strings.Fields(request)
		r := httptest.NewRequest(parts[0], "http://127.0.0.1"+parts[1], nil)
		if len(parts) > 2 {
			r.Header.Set("X-Amz-Copy-Source", "a/b")
		}
		o := Identify(r)
		if got := o.Name + " b=" + o.Bucket + " k=" + o.Key; got != want {
			t.Errorf("%s: %s", request, got)
		}
	}
	if o := Identify(httptest.NewRequest("GET", "http://b.s3.localhost:4566/k", nil)); o != (Operation{"GetObject", "b", "k"}) {
		t.Error(o)
	}
}
