// Package s3client reaches the emulator's own store as a cluster reaches S3: what the
// rules of faults do to its calls is retried, and told in Redshift's words when that
// does not help.
package s3client
