// Package s3door serves the REST API of S3 over an object store.
//
// It speaks path style and virtual-host style, multipart uploads, ranges,
// listings with paging, conditional requests, every checksum of S3 in header and
// trailer, and S3's error documents. What it does not do (versioning, ACLs,
// lifecycle and the like) it answers with S3's own NotImplemented. Any access key
// is accepted unless Config.Authorize says otherwise. Decision 0003 says why this
// is own code.
package s3door
