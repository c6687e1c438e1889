package s3door

import (
	"net/http"
	"strings"
)

type operation func(*call) error

// unsupported are the subresources that S3 has and the door has not; without the
// list `PUT /bucket?acl` would be taken for CreateBucket.
var unsupported = []string{
	"accelerate", "acl", "analytics", "cors", "encryption", "intelligent-tiering", "inventory", "legal-hold",
	"lifecycle", "logging", "metadataConfiguration", "metadataTable", "metrics", "notification", "object-lock",
	"ownershipControls", "policy", "policyStatus", "publicAccessBlock", "renameObject", "replication",
	"requestPayment", "restore", "retention", "select", "session", "torrent", "versions", "website", "abac",
	"metadataInventoryTable", "metadataJournalTable",
}

// refusedHeaders ask for what the door does not do; ignoring them would pretend.
var refusedHeaders = []string{
	"X-Amz-Object-Lock-Mode", "X-Amz-Object-Lock-Retain-Until-Date", "X-Amz-Object-Lock-Legal-Hold",
	"X-Amz-Bucket-Object-Lock-Enabled", "X-Amz-Website-Redirect-Location", "X-Amz-Write-Offset-Bytes",
	"X-Amz-Server-Side-Encryption-Customer-Algorithm", "X-Amz-Mfa",
	"X-Amz-Copy-Source-Server-Side-Encryption-Customer-Algorithm",
}

func notImplemented(what string) error {
	return fail(codeNotImplemented, "A header or query you provided implies functionality that is not implemented: "+what)
}

// operation finds what a request asks for.
func (c *call) operation() (operation, error) {
	for _, name := range unsupported {
		if c.q.Has(name) {
			return nil, notImplemented(name)
		}
	}
	for _, name := range refusedHeaders {
		if v := c.r.Header.Get(name); v != "" && !strings.EqualFold(v, "false") {
			return nil, notImplemented(strings.ToLower(name))
		}
	}
	if err := c.checkACL(); err != nil {
		return nil, err
	}
	if v := c.q.Get("versionId"); v != "" && v != "null" {
		return nil, fail(codeNoSuchVersion, "")
	}
	var op operation
	switch {
	case c.bucket == "" && c.key == "":
		op = c.serviceOperation()
	case c.bucket == "":
		op = nil
	case c.key == "":
		op = c.bucketOperation()
	default:
		op = c.objectOperation()
	}
	if op == nil {
		return nil, fail(codeMethodNotAllowed, "")
	}
	return op, nil
}

func (c *call) serviceOperation() operation {
	if c.r.Method == http.MethodGet {
		return (*call).listBuckets
	}
	return nil
}

func (c *call) bucketOperation() operation {
	switch c.r.Method {
	case http.MethodGet:
		switch {
		case c.q.Has("location"):
			return (*call).bucketLocation
		case c.q.Has("uploads"):
			return (*call).listUploads
		case c.q.Has("versioning"):
			return (*call).bucketVersioning
		case c.q.Has("tagging"):
			return refuse("bucket tagging")
		case c.q.Get("list-type") == "2":
			return (*call).listObjectsV2
		}
		return (*call).listObjects
	case http.MethodHead:
		return (*call).headBucket
	case http.MethodPut:
		if c.q.Has("versioning") || c.q.Has("tagging") {
			return refuse("bucket versioning and tagging")
		}
		return (*call).createBucket
	case http.MethodDelete:
		if c.q.Has("tagging") {
			return refuse("bucket tagging")
		}
		return (*call).deleteBucket
	case http.MethodPost:
		if c.q.Has("delete") {
			return (*call).deleteObjects
		}
		return refuse("browser uploads by POST")
	}
	return nil
}

func (c *call) objectOperation() operation {
	upload := c.q.Has("uploadId")
	switch c.r.Method {
	case http.MethodGet:
		switch {
		case upload:
			return (*call).listParts
		case c.q.Has("tagging"):
			return (*call).objectTagging
		case c.q.Has("attributes"):
			return (*call).objectAttributes
		}
		return (*call).getObject
	case http.MethodHead:
		return (*call).headObject
	case http.MethodPut:
		copying := c.r.Header.Get("X-Amz-Copy-Source") != ""
		switch {
		case upload && copying:
			return (*call).uploadPartCopy
		case upload:
			return (*call).uploadPart
		case c.q.Has("partNumber"):
			return nil
		case c.q.Has("tagging"):
			return refuse("changing the tags of an object")
		case copying:
			return (*call).copyObject
		}
		return (*call).putObject
	case http.MethodDelete:
		switch {
		case upload:
			return (*call).abortUpload
		case c.q.Has("tagging"):
			return refuse("changing the tags of an object")
		}
		return (*call).deleteObject
	case http.MethodPost:
		switch {
		case c.q.Has("uploads"):
			return (*call).createUpload
		case upload:
			return (*call).completeUpload
		}
	}
	return nil
}

func refuse(what string) operation {
	return func(*call) error { return notImplemented(what) }
}

// checkACL does as a bucket with ACLs disabled, which is the default: only what
// says nothing new is taken.
func (c *call) checkACL() error {
	switch c.r.Header.Get("X-Amz-Acl") {
	case "", "private", "bucket-owner-full-control":
	default:
		return fail(codeACLNotSupported, "")
	}
	for name := range c.r.Header {
		if strings.HasPrefix(name, "X-Amz-Grant-") {
			return fail(codeACLNotSupported, "")
		}
	}
	return nil
}
