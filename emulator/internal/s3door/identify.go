package s3door

import (
	"net/http"
	"net/url"
)

// Operation is what a request asks of S3, by the names of its API.
type Operation struct {
	Name        string // "GetObject"; "" is no operation of S3
	Bucket, Key string
}

// Identify tells what a request asks for, without the host names of
// Config.Domains.
func Identify(r *http.Request) Operation {
	var o Operation
	o.Bucket, o.Key = newHostParser(nil).target(r.Host, r.URL.Path)
	q := r.URL.Query()
	switch {
	case o.Bucket == "" && r.Method == http.MethodGet:
		o.Name = "ListBuckets"
	case o.Key == "":
		o.Name = bucketName(r.Method, q)
	default:
		o.Name = objectName(r, q)
	}
	return o
}

func bucketName(method string, q url.Values) string {
	switch method {
	case http.MethodGet:
		for _, sub := range []struct{ query, name string }{
			{"location", "GetBucketLocation"},
			{"uploads", "ListMultipartUploads"},
			{"versioning", "GetBucketVersioning"},
			{"tagging", "GetBucketTagging"},
		} {
			if q.Has(sub.query) {
				return sub.name
			}
		}
		if q.Get("list-type") == "2" {
			return "ListObjectsV2"
		}
		return "ListObjects"
	case http.MethodHead:
		return "HeadBucket"
	case http.MethodPut:
		return "CreateBucket"
	case http.MethodDelete:
		return "DeleteBucket"
	case http.MethodPost:
		if q.Has("delete") {
			return "DeleteObjects"
		}
	}
	return ""
}

func objectName(r *http.Request, q url.Values) string {
	upload, copying := q.Has("uploadId"), r.Header.Get("X-Amz-Copy-Source") != ""
	choose := func(names ...string) string {
		i := 0
		if upload {
			i = 1
		}
		if copying && len(names) > 2 {
			i += 2
		}
		return names[i]
	}
	switch r.Method {
	case http.MethodGet:
		switch {
		case q.Has("tagging"):
			return "GetObjectTagging"
		case q.Has("attributes"):
			return "GetObjectAttributes"
		}
		return choose("GetObject", "ListParts")
	case http.MethodHead:
		return "HeadObject"
	case http.MethodPut:
		return choose("PutObject", "UploadPart", "CopyObject", "UploadPartCopy")
	case http.MethodDelete:
		return choose("DeleteObject", "AbortMultipartUpload")
	case http.MethodPost:
		if q.Has("uploads") {
			return "CreateMultipartUpload"
		}
		return choose("", "CompleteMultipartUpload")
	}
	return ""
}

// Refuse answers a request with e instead of serving it.
func (e *Error) Refuse(w http.ResponseWriter, r *http.Request) {
	d := &door{Config: Config{Authorize: func(*http.Request) error { return e }}.withDefaults()}
	d.ServeHTTP(w, r)
}
