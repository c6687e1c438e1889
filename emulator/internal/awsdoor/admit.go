package awsdoor

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/llm-dev-ops/redshift/emulator/internal/iam"
	"github.com/llm-dev-ops/redshift/emulator/internal/s3door"
)

// admit finds who sent a request and whether they may. The request it gives holds
// the caller; what it asks for is worked out when it is needed.
func (d *door) admit(r *http.Request, name string) (*http.Request, func() called, *refusal) {
	who, err := d.cfg.Directory.Verify(r, name)
	r = iam.With(r, who)
	what := sync.OnceValue(func() called { return identify(r, name) }) // it reads the body of this request
	if err == nil && !d.cfg.Directory.IsOpen() {
		err = d.authorize(r, name, who, what)
	}
	if err != nil {
		e, ok := errors.AsType[*iam.Error](err)
		if !ok {
			e = &iam.Error{Kind: iam.Denied, Message: "Access Denied"}
		}
		return r, what, unauthorizedAt(name, e)
	}
	if name == "s3" {
		r.Body = signedBody{r.Body}
	}
	return r, what, nil
}

// authorize asks whether the caller may.
func (d *door) authorize(r *http.Request, name string, who iam.Identity, what func() called) error {
	if name != "s3" {
		operation := what().operation
		if name == "sts" { // whoever is somebody may ask who; roles say whom they trust
			return nil
		}
		return d.cfg.Directory.Allow(who, name+":"+operation, "*")
	}
	o := s3door.Identify(r)
	resource := o.Bucket
	switch {
	case o.Key != "":
		resource += "/" + o.Key
	case o.Name == "DeleteObjects":
		resource += "/*" // which objects is in the body; all of them must be allowed
	}
	if o.Name == "CopyObject" || o.Name == "UploadPartCopy" {
		source, err := url.PathUnescape(r.Header.Get("X-Amz-Copy-Source"))
		if err != nil {
			return err
		}
		source, _, _ = strings.Cut(strings.TrimPrefix(source, "/"), "?versionId=")
		if err := d.cfg.Directory.Allow(who, "s3:GetObject", source); err != nil {
			return err
		}
	}
	action, ok := s3Actions[o.Name]
	if !ok {
		action = o.Name
	}
	return d.cfg.Directory.Allow(who, "s3:"+action, resource)
}

// s3Actions are the actions of policies that are not called like the operation
// ("Required permissions for Amazon S3 API operations").
var s3Actions = map[string]string{
	"ListBuckets": "ListAllMyBuckets", "ListObjects": "ListBucket", "ListObjectsV2": "ListBucket", "HeadBucket": "ListBucket",
	"ListMultipartUploads": "ListBucketMultipartUploads", "ListParts": "ListMultipartUploadParts", "HeadObject": "GetObject",
	"CopyObject": "PutObject", "UploadPart": "PutObject", "UploadPartCopy": "PutObject", "CreateMultipartUpload": "PutObject",
	"CompleteMultipartUpload": "PutObject", "DeleteObjects": "DeleteObject",
}

// signedBody gives the refusal of a chunk in S3's form.
type signedBody struct{ io.ReadCloser }

func (b signedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if e, ok := errors.AsType[*iam.Error](err); ok {
		f := unauthorizedAt("s3", e)
		err = &s3door.Error{Code: f.code, Message: f.message, Status: f.status}
	}
	return n, err
}
