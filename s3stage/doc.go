// Package s3stage is the object store that COPY reads from and UNLOAD writes to:
// it uploads files below a staging prefix of its own, lists, reads and deletes
// them, and reads and writes the manifests of both commands.
//
//	stage, err := s3stage.New(ctx, s3stage.Config{})
//	prefix, err := s3stage.UniquePrefix("s3://bucket/staging")
//	defer stage.CleanUp(ctx, prefix)
//	objects, err := stage.Upload(ctx, []s3stage.File{{URI: prefix + "a.csv.gz", Path: "a.csv.gz"}}, nil)
//
// It stands on the AWS SDK, whose retries and checksums it uses. With an empty
// Config everything comes from the SDK's standard chain (environment, shared
// files, roles), AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_S3 included.
package s3stage
