package objstore

import (
	"fmt"
	"io"
	"maps"
	"time"
)

// MaxKeyLength is the longest key in bytes, as in S3.
const MaxKeyLength = 1024

// Bucket is one bucket of the store.
type Bucket struct {
	// Name is unique in the store.
	Name string
	// Created is in UTC, to the second.
	Created time.Time
	// Region is what CreateBucketIn was told; empty is the emulator's own.
	Region string
}

// Meta is what a writer says about an object and readers get back unchanged.
type Meta struct {
	// ContentType is empty when none was given.
	ContentType string
	// Headers are other system headers by their canonical name, such as
	// Content-Encoding, Cache-Control and Content-Disposition.
	Headers map[string]string
	// User is the user metadata by lower-case name, without "x-amz-meta-".
	User map[string]string
	// Tags are the object's tags in the form of a URL query, or empty.
	Tags string
}

func (m Meta) clone() Meta {
	m.Headers = maps.Clone(m.Headers)
	m.User = maps.Clone(m.User)
	return m
}

// Checksum is a checksum as S3 knows it beside the ETag. The store keeps it and
// does not compute it.
type Checksum struct {
	// Algorithm is CRC32, CRC32C, CRC64NVME, SHA1 or SHA256; empty is none.
	Algorithm string
	// Value is base64, with "-n" behind it when composed from n parts.
	Value string
	// Type is FULL_OBJECT or COMPOSITE.
	Type string
}

// Object describes one object. Its maps are shared with the store: callers must
// not change them.
type Object struct {
	// Bucket and Key name the object.
	Bucket, Key string
	// Size is in bytes.
	Size int64
	// ETag is the MD5 in hex without quotes, or for a multipart upload the MD5 of
	// the parts' MD5s with "-n" behind it.
	ETag string
	// LastModified is in UTC, to the second.
	LastModified time.Time
	// Checksum is the stored checksum, if there is one.
	Checksum Checksum
	// Parts are the parts of a multipart upload in order; nil otherwise.
	Parts []Part
	Meta
}

// Part is one part of a multipart upload, going on or completed.
type Part struct {
	// Number is between 1 and 10,000.
	Number int
	// Size is in bytes.
	Size int64
	// ETag is the MD5 in hex without quotes.
	ETag string
	// LastModified is in UTC, to the second.
	LastModified time.Time
	// Checksum is the stored checksum, if there is one.
	Checksum Checksum
}

// Reader reads one object as it was when opened, whatever happens to its key
// afterwards. ReadAt may be used from several goroutines; Read and Seek not. The
// caller closes it.
type Reader struct {
	*io.SectionReader
	content content
}

// Close releases the object. Reading afterwards fails for a store in a directory.
func (r *Reader) Close() error { return r.content.Close() }

// Precondition is checked together with the write that it guards.
type Precondition struct {
	// IfMatch demands that the object exists with this ETag; "*" is any.
	IfMatch string
	// IfNoneMatch demands that there is no object with this ETag; "*" is any.
	IfNoneMatch string
}

func (p Precondition) check(bucket, key string, old Object, exists bool) error {
	if p.IfMatch != "" {
		if !exists {
			return failKey(ErrNoSuchKey, bucket, key)
		}
		if p.IfMatch != "*" && p.IfMatch != old.ETag {
			return failKey(ErrPreconditionFailed, bucket, key)
		}
	}
	if p.IfNoneMatch != "" && exists && (p.IfNoneMatch == "*" || p.IfNoneMatch == old.ETag) {
		return failKey(ErrPreconditionFailed, bucket, key)
	}
	return nil
}

// CheckBucketName says whether S3 would accept the name of a new bucket.
func CheckBucketName(name string) error {
	bad := func(why string) error {
		return fmt.Errorf("bucket %q: %w: %s", name, ErrInvalidBucketName, why)
	}
	if len(name) < 3 || len(name) > 63 {
		return bad("it must have 3 to 63 characters")
	}
	for i := range len(name) {
		c := name[i]
		letter := c >= 'a' && c <= 'z' || c >= '0' && c <= '9'
		switch {
		case letter:
		case c != '.' && c != '-':
			return bad("only lower-case letters, digits, dots and hyphens are allowed")
		case i == 0 || i == len(name)-1:
			return bad("it must begin and end with a letter or digit")
		case c == '.' && name[i-1] == '.':
			return bad("two dots must not stand together")
		}
	}
	if isIPv4(name) {
		return bad("it must not look like an IP address")
	}
	return nil
}

func isIPv4(s string) bool {
	dots, digits := 0, 0
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			digits++
		case c == '.':
			dots++
		default:
			return false
		}
	}
	return dots == 3 && digits <= 12
}

func checkKey(bucket, key string) error {
	if key == "" {
		return failKey(ErrInvalidKey, bucket, key)
	}
	if len(key) > MaxKeyLength {
		return fmt.Errorf("bucket %q: a key of %d bytes: %w", bucket, len(key), ErrKeyTooLong)
	}
	return nil
}
